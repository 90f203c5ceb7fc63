package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
)

// TestErrorMapping ranges over all kinds: each has its own code, a status, a
// title and advice, and comes back whole on the other side.
func TestErrorMapping(t *testing.T) {
	t.Parallel()
	seen := make(map[codes.Code]remit.Kind)
	for _, kind := range remit.Kinds() {
		m, ok := kindMappings[kind]
		if !ok || m.title == "" || m.status < http.StatusBadRequest || (m.whatToDo != doRetry && m.whatToDo != doFix && m.whatToDo != doContact) {
			t.Errorf("kind %s has no whole mapping: %+v", kind, m)
		}
		if other, twice := seen[m.code]; twice {
			t.Errorf("kinds %s and %s share the code %s", kind, other, m.code)
		}
		seen[m.code] = kind
		in := &remit.Error{Kind: kind, Reason: "A_REASON", Message: "a message", RetryAfter: 2 * time.Second, Err: errors.New("secret"),
			Fields: []remit.FieldError{{Field: "a.b", Reason: "WHY", Message: "this is why"}}}
		err := toStatus(fmt.Errorf("doing something secret: %w", in), "req_1")
		if got := status.Code(err); got != m.code {
			t.Errorf("kind %s: got code %s, want %s", kind, got, m.code)
		}
		out, requestID := fromStatus(err)
		if kind == remit.KindInternal {
			if out.Reason != remit.ReasonInternal || len(out.Fields) != 0 {
				t.Errorf("internal error shows %+v", out)
			}
			continue
		}
		if requestID != "req_1" || out.Kind != kind || out.Reason != in.Reason || out.Message != in.Message ||
			out.RetryAfter != in.RetryAfter || len(out.Fields) != 1 || out.Fields[0] != in.Fields[0] {
			t.Errorf("kind %s came back as %+v, request %s", kind, out, requestID)
		}
	}
	if len(kindMappings) != len(remit.Kinds()) {
		t.Errorf("%d mappings for %d kinds", len(kindMappings), len(remit.Kinds()))
	}
}

func TestForeignErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want int
	}{
		{errors.New("no kind"), 500},
		{&remit.Error{Message: "no kind either"}, 500},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), 503},
		{context.Canceled, 503},
		{remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "x"), 422},
		{remit.Errorf(remit.KindInvalid, remit.ReasonBodyTooLarge, "x"), 413},
	} {
		e, _ := fromStatus(toStatus(c.err, "req_1"))
		if p := problemOf(e, "req_1"); int(p.GetStatus()) != c.want {
			t.Errorf("%v: got %d, want %d", c.err, p.GetStatus(), c.want)
		}
	}
	for code, want := range map[codes.Code]int{
		codes.Unavailable: 503, codes.Unimplemented: 404, codes.ResourceExhausted: 413, codes.Unknown: 500, codes.InvalidArgument: 400,
		codes.Canceled: 503, codes.DeadlineExceeded: 503, codes.PermissionDenied: 500, codes.Unauthenticated: 500,
	} {
		e, _ := fromStatus(status.Error(code, "made elsewhere"))
		if p := problemOf(e, ""); int(p.GetStatus()) != want || p.GetReason() == "" {
			t.Errorf("%s: got %d %s, want %d", code, p.GetStatus(), p.GetReason(), want)
		}
	}
}
