package api

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/openremit/remit"
)

// strictQuery reads the parameters behind the question mark and refuses
// unknown, repeated and malformed ones, where the gateway's own reader drops them.
type strictQuery struct{ runtime.DefaultQueryParser }

// Parse fills the message from the parameters. Fields in filter come from the path.
func (q *strictQuery) Parse(message proto.Message, values url.Values, filter *utilities.DoubleArray) error {
	d := message.ProtoReflect().Descriptor()
	var c check
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		field := d.Fields().ByTextName(name)
		switch {
		case field != nil && isTime(field) && len(values[name]) == 1:
			if _, err := time.Parse(time.RFC3339Nano, values.Get(name)); err != nil {
				c.add(name, remit.ReasonFieldInvalid, "%s is no moment; write one such as 2026-11-20T17:00:00Z", name)
			}
		case field == nil || field.Kind() == protoreflect.MessageKind && !isTime(field) || filter.HasCommonPrefix([]string{name}):
			c.add(clip(name), remit.ReasonFieldUnknown, "there is no parameter %q; %s", clip(name), suggest(name, d))
		case len(values[name]) != 1:
			c.add(name, remit.ReasonFieldInvalid, "%s is given %d times; write it once", name, len(values[name]))
		case field.Kind() == protoreflect.BoolKind:
			if text := values.Get(name); text != "true" && text != "false" {
				c.add(name, remit.ReasonFieldInvalid, "%s is %q; write true or false", name, clip(text))
			}
		case field.Kind() == protoreflect.DoubleKind:
			if n, err := strconv.ParseFloat(values.Get(name), 64); err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
				c.add(name, remit.ReasonFieldInvalid, "%s is %q; write a number, such as 14.598", name, clip(values.Get(name)))
			}
		default:
			c.scalar(name, values.Get(name), field)
		}
	}
	if len(c.fields) > 0 {
		e := remit.Errorf(remit.KindInvalid, c.fields[0].Reason, "%s", c.fields[0].Message)
		e.Fields = c.fields
		return requestError{e}
	}
	return q.DefaultQueryParser.Parse(message, values, filter)
}

// isTime reports whether a field is a moment, the one message that a parameter
// may be.
func isTime(field protoreflect.FieldDescriptor) bool {
	return field.Kind() == protoreflect.MessageKind && field.Message().FullName() == "google.protobuf.Timestamp" && !field.IsList()
}
