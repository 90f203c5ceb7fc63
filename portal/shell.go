package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/openremit/remit"
)

// CSP lets a page load its own stylesheet, script and pictures, send its forms
// to its own server, and nothing else.
const CSP = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Bounds of a request to a page.
const (
	// ReadTimeout bounds what a page takes to be read, and WriteTimeout an act.
	ReadTimeout  = 10 * time.Second
	WriteTimeout = 30 * time.Second
	// LongTimeout bounds acts that walk or fetch a lot, such as reading the lists anew.
	LongTimeout = 2 * time.Minute
	// MaxFormBytes bounds a form without a file.
	MaxFormBytes = 64 << 10
)

type requestIDKey struct{}

// RequestID returns the number by which a request is found in the logs.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Refuse answers a request that goes no further with a page that says why.
type Refuse func(w http.ResponseWriter, r *http.Request, p Problem)

// Shell is what stands around every page.
type Shell struct {
	Clock  remit.Clock
	Logger *slog.Logger
	// Refuse writes the page of a request from another site, or of a panic.
	Refuse Refuse
}

// Wrap gives each request its id, the security headers and the time it took,
// refuses forms that another site sent, and recovers panics.
func (s Shell) Wrap(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Refuse(w, r, Problem{
			Status: http.StatusForbidden, Title: "This came from another site", Reason: "CROSS_ORIGIN",
			Detail:    "A form of this desk was sent by a page that is not part of it. Nothing was done. Open the page here and try again.",
			RequestID: RequestID(r.Context()),
		})
	}))
	guarded := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.Clock.Now()
		id := remit.NewID[string]("req", started)
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Content-Security-Policy", CSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		h.Set("Cache-Control", "no-store")
		timed := &timedWriter{ResponseWriter: w, took: func() time.Duration { return s.Clock.Now().Sub(started) }}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // The way to break off an answer that has begun.
			}
			s.Logger.ErrorContext(r.Context(), "panic in a page", "request_id", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.Refuse(timed, r, Broken(id))
		}()
		guarded.ServeHTTP(timed, r)
	})
}

// timedWriter says in a header how long the server took until the answer began.
type timedWriter struct {
	http.ResponseWriter
	took  func() time.Duration
	begun bool
}

// WriteHeader begins the answer.
func (w *timedWriter) WriteHeader(status int) {
	if !w.begun {
		w.begun = true
		w.Header().Set("Server-Timing", fmt.Sprintf("page;dur=%d.%03d", w.took().Milliseconds(), w.took().Microseconds()%1000))
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write begins the answer where nothing did yet.
func (w *timedWriter) Write(text []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(text)
}

// Secured reports whether cookies of a request may be sent over TLS only: all
// but those of plain HTTP on this very machine.
func Secured(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(host)
	return r.TLS != nil || host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// ClientAddress returns where a request comes from, as this server sees it.
func ClientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
