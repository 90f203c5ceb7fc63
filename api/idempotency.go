package api

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit"
)

// maxIdempotencyKey bounds the keys that callers make.
const maxIdempotencyKey = 255

// finishTimeout bounds the storing of an answer after the caller hung up.
const finishTimeout = 5 * time.Second

// seed is what the ids of a write are derived from: the same request with the
// same key, sent again at whatever time, makes the same ids.
type seed struct {
	at   time.Time
	text string
}

type seedContextKey struct{}

// derivedID is the id of what the write makes.
func derivedID[T ~string](ctx context.Context, prefix string) (T, time.Time, error) {
	sd, ok := ctx.Value(seedContextKey{}).(seed)
	if !ok {
		return "", time.Time{}, fmt.Errorf("derive %s id: the call has no idempotency key", prefix)
	}
	return remit.DeriveID[T](prefix, sd.at, sd.text), sd.at, nil
}

// idempotent makes each write happen once for its key: a repeated request gets
// the stored answer, another request with the same key is refused.
func (s *Server) idempotent(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	r := rules[info.FullMethod]
	if r.answer == nil {
		return handler(ctx, req)
	}
	key, err := idempotencyKey(ctx)
	if err != nil {
		return nil, err
	}
	if person := callOf(ctx).caller.StaffID; person != "" {
		// Each person's keys are their own: a second person's agreement must never
		// be answered with the first one's.
		key = string(person) + "/" + key
	} else if agent := agentOf(callOf(ctx).caller); agent != "" {
		// So are those of each agent's program: no other takes them before it.
		key = agent + "/" + key
	}
	hash, err := requestHash(key, info.FullMethod, req)
	if err != nil {
		return nil, err
	}
	tenant := callOf(ctx).caller.TenantID
	record, err := s.store.BeginIdempotent(ctx, tenant, key, info.FullMethod, hash)
	if err != nil {
		return nil, fmt.Errorf("claim idempotency key: %w", err)
	}
	if record.Done {
		return replay(ctx, r, record)
	}
	sd := seed{at: record.FirstSeen, text: string(tenant) + "\x00" + info.FullMethod + "\x00" + key}
	resp, err := handler(context.WithValue(ctx, seedContextKey{}, sd), req)
	// The answer is kept even when the caller has hung up meanwhile.
	keepCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	if err != nil {
		s.giveUp(keepCtx, tenant, key, err)
		return nil, err
	}
	s.keep(keepCtx, tenant, key, resp)
	return resp, nil
}

// agentOf is the scope that binds a key to an agent, empty for none.
func agentOf(caller Key) string {
	for _, scope := range caller.Scopes {
		if strings.HasPrefix(string(scope), scopeAgentPrefix) {
			return string(scope)
		}
	}
	return ""
}

// giveUp releases the claim of a refused request. After an error that is no
// refusal it is not known how far the request came: the write may have taken
// effect with its answer lost. Then the time first seen, from which ids are
// derived, stays, and the same request may come again at once.
func (s *Server) giveUp(ctx context.Context, tenant remit.TenantID, key string, cause error) {
	give := s.store.ReleaseIdempotent
	if kind := remit.KindOf(cause); kind == remit.KindInternal || kind == remit.KindUnavailable {
		give = s.store.LapseIdempotent
	}
	if err := give(ctx, tenant, key); err != nil {
		s.log.ErrorContext(ctx, "release idempotency key", "request_id", callOf(ctx).requestID, "error", err.Error())
	}
}

// keep stores the answer. The write has taken effect, so trouble here is logged
// and not answered: the same request again makes the same things and stores it then.
func (s *Server) keep(ctx context.Context, tenant remit.TenantID, key string, resp any) {
	message, ok := resp.(proto.Message)
	var stored []byte
	err := fmt.Errorf("the answer is a %T", resp)
	if ok {
		stored, err = proto.Marshal(message)
	}
	if err == nil {
		err = s.store.FinishIdempotent(ctx, tenant, key, stored)
	}
	if err != nil {
		s.log.ErrorContext(ctx, "store idempotent answer", "request_id", callOf(ctx).requestID, "error", err.Error())
	}
}

// replay answers a repeated request as the first time.
func replay(ctx context.Context, r rule, record IdempotencyRecord) (any, error) {
	if err := grpc.SetHeader(ctx, metadata.Pairs(headerReplayed, "true")); err != nil {
		return nil, fmt.Errorf("set replay header: %w", err)
	}
	answer := r.answer()
	if err := proto.Unmarshal(record.Response, answer); err != nil {
		return nil, fmt.Errorf("read stored answer: %w", err)
	}
	return answer, nil
}

// idempotencyKey reads and checks the caller's key. Errors: invalid.
func idempotencyKey(ctx context.Context) (string, error) {
	key := firstHeader(ctx, headerIdempotencyKey)
	if key == "" {
		return "", remit.Invalid("Idempotency-Key", remit.ReasonIdempotencyMissing,
			"this call writes; send a header Idempotency-Key that you made and kept, such as a UUID")
	}
	if err := checkIdempotencyKey(key); err != nil {
		return "", err
	}
	return key, nil
}

// checkIdempotencyKey refuses what is no key. Errors: invalid.
func checkIdempotencyKey(key string) error {
	good := len(key) <= maxIdempotencyKey
	for i := 0; good && i < len(key); i++ {
		good = key[i] >= ' ' && key[i] <= '~'
	}
	if !good {
		return remit.Invalid("Idempotency-Key", remit.ReasonIdempotencyMalformed,
			"an idempotency key is 1 to %d printable ASCII characters", maxIdempotencyKey)
	}
	return nil
}

// requestHash tells requests apart. The key is part of it, so that equal
// requests of personal data do not show as equal hashes.
func requestHash(key, method string, req any) ([32]byte, error) {
	message, ok := req.(proto.Message)
	if !ok {
		return [32]byte{}, fmt.Errorf("hash request: it is a %T", req)
	}
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return [32]byte{}, fmt.Errorf("hash request: %w", err)
	}
	return sha256.Sum256(append([]byte(method+"\x00"+key+"\x00"), body...)), nil
}
