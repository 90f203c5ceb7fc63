package api

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// forwarded lists the headers that go through to the services, and returned
// those that come back. All others stay at the border.
var (
	forwarded = []string{headerAuthorization, headerIdempotencyKey, headerRequestID, headerDevice}
	returned  = []string{headerRequestID, headerReplayed, headerLimit, headerRemaining, headerReset, headerRetryAfter, headerDisposition}
)

// newHandler makes everything that is answered over HTTP.
func (s *Server) newHandler(o Options) (http.Handler, error) {
	gateway, err := s.newGateway()
	if err != nil {
		return nil, err
	}
	docs, err := newDocs(o)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", s.restBorder(gateway, docs.allowed))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { s.writeText(w, r, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /openapi.json", docs.serveOpenAPI)
	mux.HandleFunc("GET /docs", docs.servePage)
	mux.HandleFunc("GET /docs/"+docs.styleName, docs.serveStyle)
	mux.Handle("GET /{$}", http.RedirectHandler("/docs", http.StatusSeeOther))
	if o.Callbacks != nil {
		mux.Handle("/callbacks/", http.MaxBytesHandler(o.Callbacks, MaxBodyBytes))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.writeProblem(w, r, remit.Errorf(remit.KindNotFound, reasonPathUnknown,
			"there is nothing at %s; the calls are listed at /docs", clip(r.URL.Path)), "")
	})
	return s.border(mux), nil
}

// setQueryParser gives the gateway library its query parser, which is its one
// setting for the whole process: once, since a second server must not write it
// while the first one reads. Ours keeps no state.
var setQueryParser = sync.OnceFunc(func() {
	runtime.NewServeMux(runtime.SetQueryParameterParser(&strictQuery{}))
})

// newGateway is the generated REST gateway over the connection in memory.
func (s *Server) newGateway() (http.Handler, error) {
	matcher := func(allowed []string) runtime.HeaderMatcherFunc {
		return func(name string) (string, bool) {
			lower := strings.ToLower(name)
			return lower, slices.Contains(allowed, lower)
		}
	}
	setQueryParser()
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newStrictJSON()),
		runtime.WithIncomingHeaderMatcher(matcher(forwarded)),
		runtime.WithOutgoingHeaderMatcher(matcher(returned)),
		runtime.WithErrorHandler(s.restError),
		runtime.WithRoutingErrorHandler(s.restRoutingError),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithWriteContentLength(),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		v1.RegisterCorridorServiceHandler, v1.RegisterQuoteServiceHandler, v1.RegisterCustomerServiceHandler,
		v1.RegisterBeneficiaryServiceHandler, v1.RegisterRemittanceServiceHandler, v1.RegisterCaseServiceHandler, v1.RegisterStaffServiceHandler, v1.RegisterAuditServiceHandler,
		v1.RegisterAgentServiceHandler, v1.RegisterCounterServiceHandler, v1.RegisterPeopleServiceHandler, v1.RegisterStatementServiceHandler, v1.RegisterNetworkServiceHandler, v1.RegisterCashInServiceHandler, v1.RegisterSuspicionServiceHandler,
		v1.RegisterTreasuryServiceHandler, v1.RegisterLedgerServiceHandler, v1.RegisterListsServiceHandler, v1.RegisterPolicyServiceHandler,
	} {
		if err := register(context.Background(), mux, s.conn); err != nil {
			return nil, fmt.Errorf("register REST gateway: %w", err)
		}
	}
	return mux, nil
}

// border gives every HTTP request its request id, the security headers and a
// recovered panic.
func (s *Server) border(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(headerRequestID)
		if !decentRequestID(id) {
			id = s.newRequestID()
			r.Header.Set(headerRequestID, id)
		}
		h := w.Header()
		h.Set(headerRequestID, id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("Cache-Control", "no-store")
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // The way to break off an answer that has begun.
			}
			s.log.ErrorContext(r.Context(), "panic", "request_id", id, "panic", fmt.Sprint(p))
			s.writeProblem(w, r, public(errors.New("panic")), id)
		}()
		next.ServeHTTP(w, r)
	})
}

// restBorder checks what the gateway does not: the size and type of the body,
// the method, and the form of the idempotency key.
// allowed lists the methods of a path, for the Allow header.
func (s *Server) restBorder(next http.Handler, allowed func(path string) []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if methods := allowed(r.URL.Path); len(methods) > 0 && !slices.Contains(methods, r.Method) {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			s.writeProblem(w, r, methodNotAllowed(r), "")
			return
		}
		most := bodyLimit(r)
		if r.ContentLength > most {
			s.writeProblem(w, r, remit.Errorf(remit.KindInvalid, remit.ReasonBodyTooLarge,
				"the body is larger than %d bytes; send less", most), "")
			return
		}
		if r.Method != http.MethodGet && r.ContentLength != 0 {
			mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			if err != nil || mediaType != "application/json" {
				s.writeProblem(w, r, remit.Errorf(remit.KindInvalid, reasonMediaType,
					"the body is sent as %q; send JSON with the header Content-Type: application/json", clip(r.Header.Get("Content-Type"))), "")
				return
			}
		}
		// Metadata carries ASCII only: the gateway would drop a malformed key silently.
		if err := checkIdempotencyKey(r.Header.Get(headerIdempotencyKey)); err != nil {
			s.writeProblem(w, r, public(err), "")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}

// bodyLimit bounds the body of a request: documents of cases and photos of
// documents may be larger.
func bodyLimit(r *http.Request) int64 {
	attaches := strings.HasPrefix(r.URL.Path, "/v1/cases/") && strings.HasSuffix(r.URL.Path, "/attachments")
	photographs := strings.HasPrefix(r.URL.Path, "/v1/counter/pickups/") && strings.HasSuffix(r.URL.Path, ":reserve")
	if r.Method == http.MethodPost && (attaches || photographs) {
		return maxAttachmentBody
	}
	return MaxBodyBytes
}

func methodNotAllowed(r *http.Request) *remit.Error {
	return remit.Errorf(remit.KindInvalid, reasonMethodNotAllowed, "%s does not take %s; the calls are listed at /docs", clip(r.URL.Path), clip(r.Method))
}

// restError answers with the problem of an error that came from the services
// or from reading the request.
func (s *Server) restError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if md, ok := runtime.ServerMetadataFromContext(ctx); ok {
		for _, name := range returned {
			for _, value := range md.HeaderMD.Get(name) {
				w.Header().Set(textproto.CanonicalMIMEHeaderKey(name), value)
			}
		}
	}
	var routing *runtime.HTTPStatusError
	if errors.As(err, &routing) {
		s.restRoutingError(ctx, nil, nil, w, r, routing.HTTPStatus)
		return
	}
	if e, found := parseRequestError(status.Convert(err).Message()); found {
		s.writeProblem(w, r, e, "")
		return
	}
	e, requestID := fromStatus(err)
	s.writeProblem(w, r, e, requestID)
}

// restRoutingError answers when no call fits the path and method.
func (s *Server) restRoutingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, httpStatus int) {
	switch httpStatus {
	case http.StatusMethodNotAllowed:
		s.writeProblem(w, r, methodNotAllowed(r), "")
	case http.StatusBadRequest:
		s.writeProblem(w, r, remit.Errorf(remit.KindInvalid, remit.ReasonBodyMalformed, "the path %q cannot be read", clip(r.URL.Path)), "")
	default:
		s.writeProblem(w, r, remit.Errorf(remit.KindNotFound, reasonPathUnknown,
			"there is nothing at %s; the calls are listed at /docs", clip(r.URL.Path)), "")
	}
}

// serveReady says whether the process can do its work.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	if s.closing.Err() != nil {
		s.writeText(w, r, http.StatusServiceUnavailable, "stopping\n")
		return
	}
	if s.ready != nil {
		ctx, cancel := context.WithTimeout(r.Context(), unaryTimeout)
		defer cancel()
		if err := s.ready(ctx); err != nil {
			s.log.WarnContext(r.Context(), "not ready", "error", err.Error())
			s.writeText(w, r, http.StatusServiceUnavailable, "not ready\n")
			return
		}
	}
	s.writeText(w, r, http.StatusOK, "ready "+s.build.Version+"\n")
}

func (s *Server) writeText(w http.ResponseWriter, r *http.Request, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	if _, err := w.Write([]byte(text)); err != nil {
		s.log.DebugContext(r.Context(), "caller hung up", "error", err.Error())
	}
}
