package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// The names of headers, the same in gRPC metadata and HTTP.
const (
	headerRequestID      = "x-request-id"
	headerAuthorization  = "authorization"
	headerIdempotencyKey = "idempotency-key"
	headerDevice         = "x-device"
	headerReplayed       = "idempotency-replayed"
	headerLimit          = "ratelimit-limit"
	headerRemaining      = "ratelimit-remaining"
	headerReset          = "ratelimit-reset"
	headerRetryAfter     = "retry-after"
	headerDisposition    = "content-disposition"
)

// maxRequestID bounds the request ids that are taken over from callers.
const maxRequestID = 64

// call is what is known of one call, for its log line and its errors.
type call struct {
	requestID string
	caller    Key
	// session is set when a person who signed in makes the call.
	session *compliance.Session
}

type callContextKey struct{}

// callOf returns what is known of the call that ctx belongs to.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callContextKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// observeUnary gives a call its request id, bounds its time, recovers panics,
// maps its error and logs and counts how it ended.
func (s *Server) observeUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	c := &call{requestID: s.requestID(ctx)}
	ctx = context.WithValue(ctx, callContextKey{}, c)
	if err := grpc.SetHeader(ctx, metadata.Pairs(headerRequestID, c.requestID)); err != nil {
		return nil, fmt.Errorf("set request id: %w", err)
	}
	if timeout := rules[info.FullMethod].timeout; timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	started := s.clock.Now()
	defer func() { err = s.observed(ctx, info.FullMethod, c, started, recover(), err) }()
	return handler(ctx, req)
}

// observeStream is observeUnary for streams, which end when the caller or the
// server wants them to.
func (s *Server) observeStream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	c := &call{requestID: s.requestID(ss.Context())}
	ctx := context.WithValue(ss.Context(), callContextKey{}, c)
	if err := ss.SetHeader(metadata.Pairs(headerRequestID, c.requestID)); err != nil {
		return fmt.Errorf("set request id: %w", err)
	}
	started := s.clock.Now()
	defer func() { err = s.observed(ctx, info.FullMethod, c, started, recover(), err) }()
	return handler(srv, &streamWith{ServerStream: ss, ctx: ctx})
}

// streamWith is a stream with another context.
type streamWith struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // grpc.ServerStream hands its context out by a method.
}

// Context returns the context that carries the call.
func (s *streamWith) Context() context.Context { return s.ctx }

// observed ends a call: it logs what is ours to mend, counts, and returns the
// status for the caller.
func (s *Server) observed(ctx context.Context, method string, c *call, started time.Time, panicked any, err error) error {
	if panicked != nil {
		s.log.ErrorContext(ctx, "panic", "request_id", c.requestID, "method", method,
			"panic", fmt.Sprint(panicked), "stack", string(debug.Stack()))
		err = fmt.Errorf("panic in %s", method)
	}
	if _, ours := status.FromError(err); err != nil && !ours || panicked != nil {
		switch kind := remit.KindOf(err); {
		case errors.Is(err, context.Canceled): // The caller hung up.
		case kind == remit.KindInternal:
			s.log.ErrorContext(ctx, "call failed", "request_id", c.requestID, "method", method, "error", err.Error())
		case kind == remit.KindUnavailable:
			s.log.WarnContext(ctx, "call not possible now", "request_id", c.requestID, "method", method, "error", err.Error())
		}
		err = toStatus(err, c.requestID)
	}
	took := s.clock.Now().Sub(started)
	code := status.Code(err)
	s.metrics.called(method, code, took)
	level := slog.LevelInfo
	if code == codes.OK {
		level = slog.LevelDebug
	}
	s.log.LogAttrs(ctx, level, "call", slog.String("request_id", c.requestID), slog.String("method", method),
		slog.String("code", code.String()), slog.String("tenant_id", string(c.caller.TenantID)),
		slog.String("actor_id", actorOf(c.caller).ID), slog.Duration("took", took))
	return err
}

// requestID returns the caller's request id where it is a decent one, and a
// fresh one otherwise.
func (s *Server) requestID(ctx context.Context) string {
	if given := firstHeader(ctx, headerRequestID); decentRequestID(given) {
		return given
	}
	return s.newRequestID()
}

func (s *Server) newRequestID() string { return remit.NewID[string]("req", s.clock.Now()) }

func decentRequestID(id string) bool {
	if len(id) < 8 || len(id) > maxRequestID {
		return false
	}
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return true
}

// firstHeader returns the first value of a header of the call, or nothing.
func firstHeader(ctx context.Context, name string) string {
	if values := metadata.ValueFromIncomingContext(ctx, name); len(values) > 0 {
		return values[0]
	}
	return ""
}
