package api

import (
	"context"
	"strconv"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/openremit/remit"
)

// refuseUnreadable goes before every call of the REST gateway and of pages: what
// an address, a parameter or a form holds may be any bytes, and gRPC fails on
// text that is no UTF-8, and on an idempotency key that is no ASCII, with an
// error that names neither. Errors: invalid.
func refuseUnreadable(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	c := &check{}
	if m, ok := req.(proto.Message); ok {
		c.readable("", m.ProtoReflect())
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	if keys := md.Get(headerIdempotencyKey); len(keys) > 0 {
		if err := checkIdempotencyKey(keys[0]); err != nil {
			c.fields = append(c.fields, fieldsOf(err)...)
		}
	}
	if err := c.err(); err != nil {
		requestID := ""
		if ids := md.Get(headerRequestID); len(ids) > 0 {
			requestID = ids[0]
		}
		return toStatus(err, requestID)
	}
	return invoke(ctx, method, req, reply, conn, opts...)
}

// readable refuses every text of a message that is no UTF-8.
func (c *check) readable(path string, m protoreflect.Message) {
	text := func(field, text string) {
		if !utf8.ValidString(text) {
			c.unreadable(field)
		}
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		field := path + string(fd.Name())
		switch {
		case fd.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				text(field, k.String())
				if fd.MapValue().Kind() == protoreflect.StringKind {
					text(field, v.String())
				}
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				at := field + "." + strconv.Itoa(i)
				switch fd.Kind() {
				case protoreflect.StringKind:
					text(at, v.List().Get(i).String())
				case protoreflect.MessageKind:
					c.readable(at+".", v.List().Get(i).Message())
				default:
				}
			}
		case fd.Kind() == protoreflect.StringKind:
			text(field, v.String())
		case fd.Kind() == protoreflect.MessageKind:
			c.readable(field+".", v.Message())
		}
		return true
	})
}

// unreadable notes that a field's bytes are no text.
func (c *check) unreadable(field string) {
	c.add(field, remit.ReasonFieldInvalid, "%s has bytes that are no text; send it in UTF-8", field)
}
