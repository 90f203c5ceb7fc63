package portal

import (
	"context"
	"crypto/rand"

	"google.golang.org/grpc/metadata"
)

// Caller is on whose behalf a page calls the API.
type Caller struct {
	// Token is the session's; empty before signing in.
	Token string
	// RequestID goes with every call, so that a page's number finds all of them.
	RequestID string
	// Device is the secret of the device in hand; empty where none is kept.
	Device string
}

// Context carries the caller, and for an act its idempotency key.
func (c Caller) Context(ctx context.Context, idempotencyKey string) context.Context {
	md := metadata.MD{}
	if c.Token != "" {
		md.Set("authorization", "Bearer "+c.Token)
	}
	if c.RequestID != "" {
		md.Set("x-request-id", c.RequestID)
	}
	if c.Device != "" {
		md.Set("x-device", c.Device)
	}
	if idempotencyKey != "" {
		md.Set("idempotency-key", idempotencyKey)
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// NewFormKey makes the idempotency key that a form carries.
func NewFormKey() string { return "form-" + rand.Text() }
