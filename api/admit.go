package api

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// maxSecret bounds the secrets that are hashed.
const maxSecret = 256

// admitUnary lets a call pass whose key may make it and is within its rate.
func (s *Server) admitUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	setHeader := func(md metadata.MD) error { return grpc.SetHeader(ctx, md) }
	if err := s.admit(ctx, info.FullMethod, setHeader); err != nil {
		s.auditRefused(ctx, info.FullMethod, req, err)
		return nil, err
	}
	if m, ok := req.(proto.Message); ok && !withFile(info.FullMethod) && proto.Size(m) > MaxBodyBytes {
		return nil, remit.Errorf(remit.KindInvalid, remit.ReasonBodyTooLarge, "the request is larger than %d bytes; send less", MaxBodyBytes)
	}
	return handler(ctx, req)
}

// withFile reports whether a call brings a document or photo, whose own bounds
// are told by who reads it.
func withFile(method string) bool {
	return method == v1.CaseService_AddCaseAttachment_FullMethodName || method == v1.CounterService_ReservePickup_FullMethodName
}

// admitStream is admitUnary for streams.
func (s *Server) admitStream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := s.admit(ss.Context(), info.FullMethod, ss.SetHeader); err != nil {
		return err
	}
	return handler(srv, ss)
}

// admit finds the caller's key, checks its scopes against the call's rule and
// counts the call against its rate. Errors: unauthenticated, forbidden, limited.
func (s *Server) admit(ctx context.Context, method string, setHeader func(metadata.MD) error) error {
	r, known := rules[method]
	if !known {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "no key may make this call")
	}
	if r.public {
		return nil
	}
	key, err := s.authenticate(ctx)
	if err != nil {
		return err
	}
	callOf(ctx).caller = key
	// Counted first: a refusal costs a record in the audit trail, so nobody may
	// make refusals without end.
	if err := s.limits.take(actorOf(key).ID, s.clock.Now(), setHeader); err != nil {
		return err
	}
	return mayCall(callOf(ctx).session, key, r)
}

// mayCall refuses a caller who has none of the scopes that a call needs. Errors:
// forbidden.
func mayCall(session *compliance.Session, key Key, r rule) error {
	if session != nil && session.Staff.MustChangePassword && !slices.Contains(r.anyOf, ScopeSession) {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "change the password first; until then the session can do nothing else")
	}
	if !slices.ContainsFunc(r.anyOf, func(scope Scope) bool { return slices.Contains(key.Scopes, scope) }) {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden,
			"this caller lacks the scope that the call needs: %s; use a key, or ask a person, that has it", joinScopes(r.anyOf))
	}
	return nil
}

// stillAdmitted refuses a caller whose session ended, whose key was revoked or
// who lost the scope since a call that lasts began. It is no call of its own: it
// is not counted and keeps no session awake. Errors: unauthenticated, forbidden.
func (s *Server) stillAdmitted(ctx context.Context, method string) error {
	key, session, err := s.identify(ctx)
	if err != nil {
		return err
	}
	return mayCall(session, key, rules[method])
}

// authenticate finds who calls, and notes the call on their session. Errors:
// unauthenticated.
func (s *Server) authenticate(ctx context.Context) (Key, error) {
	key, session, err := s.identify(ctx)
	if err != nil {
		return Key{}, err
	}
	if callOf(ctx).session = session; session != nil {
		s.touch(ctx, session)
	}
	return key, nil
}

// identify returns the key whose secret the call carries, or the person
// whose session's token it is. The secret is
// looked up by its hash, so comparing takes the same time whatever it is.
func (s *Server) identify(ctx context.Context) (Key, *compliance.Session, error) {
	refuse := func(why string) (Key, *compliance.Session, error) {
		return Key{}, nil, remit.Errorf(remit.KindUnauthenticated, remit.ReasonUnauthenticated,
			"%s; send the header Authorization: Bearer <API key>", why)
	}
	header := firstHeader(ctx, headerAuthorization)
	if header == "" {
		return refuse("there is no API key")
	}
	scheme, secret, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") || secret == "" || len(secret) > maxSecret {
		return refuse("the Authorization header is not a bearer key")
	}
	if strings.HasPrefix(secret, sessionPrefix) {
		return s.identifySession(ctx, secret)
	}
	key, err := s.store.KeyBySecretHash(ctx, sha256.Sum256([]byte(secret)))
	switch {
	case remit.KindOf(err) == remit.KindNotFound:
		return refuse("the API key is not known")
	case err != nil:
		return Key{}, nil, fmt.Errorf("find API key: %w", err)
	case !key.RevokedAt.IsZero():
		return refuse("the API key was revoked")
	case !key.ExpiresAt.IsZero() && !s.clock.Now().Before(key.ExpiresAt):
		return refuse("the API key has expired")
	}
	return key, nil, nil
}

func joinScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, " or ")
}

// Limits of the rate of calls.
const (
	// DefaultRate is how many calls a second a key may make on average.
	DefaultRate = 100
	// DefaultBurst is how many calls a key may make at once.
	DefaultBurst = 200
	// maxLimiters bounds the keys whose rates are remembered at a time.
	maxLimiters = 10_000
)

// limiters counts the calls of each key and person.
type limiters struct {
	rate  rate.Limit
	burst int
	mu    sync.Mutex
	byKey map[string]*rate.Limiter
}

func newLimiters(perSecond, burst int) *limiters {
	return &limiters{rate: rate.Limit(perSecond), burst: burst, byKey: make(map[string]*rate.Limiter)}
}

// take counts one call and sets the rate headers. Errors: limited.
func (l *limiters) take(key string, now time.Time, setHeader func(metadata.MD) error) error {
	limiter := l.of(key)
	allowed := limiter.AllowN(now, 1)
	left := max(0, int(limiter.TokensAt(now)))
	wait := time.Duration(float64(time.Second) / float64(l.rate))
	refill := time.Duration(float64(l.burst-left) / float64(l.rate) * float64(time.Second))
	headers := metadata.Pairs(
		headerLimit, strconv.Itoa(l.burst),
		headerRemaining, strconv.Itoa(left),
		headerReset, strconv.FormatInt(retrySeconds(refill), 10),
	)
	var refused *remit.Error
	if !allowed {
		headers.Set(headerRetryAfter, strconv.FormatInt(retrySeconds(wait), 10))
		refused = remit.Errorf(remit.KindLimited, remit.ReasonRateLimited,
			"this key may make %d calls a second; wait %d s and send the same request again", int(l.rate), retrySeconds(wait))
		refused.RetryAfter = time.Duration(retrySeconds(wait)) * time.Second
	}
	if err := setHeader(headers); err != nil {
		return fmt.Errorf("set rate headers: %w", err)
	}
	if refused != nil {
		return refused
	}
	return nil
}

// of returns the limiter of a key. When too many keys are remembered all are
// forgotten at once, which gives each one burst more.
func (l *limiters) of(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limiter, ok := l.byKey[key]; ok {
		return limiter
	}
	if len(l.byKey) >= maxLimiters {
		clear(l.byKey)
	}
	limiter := rate.NewLimiter(l.rate, l.burst)
	l.byKey[key] = limiter
	return limiter
}
