package api

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/openremit/remit"
)

// partial is a request that replaces a thing, or only the fields that it names.
type partial interface {
	proto.Message
	GetUpdateMask() []string
}

// keepOthers returns a request with every field that its update_mask does not
// name as it is stored; without a mask it is the request itself. stored reads
// the thing, whose fields have the same names. Errors: invalid with
// ReasonFieldInvalid for a name that is no field to change; those of stored.
func keepOthers[T partial](req T, stored func() (proto.Message, error)) (T, error) {
	mask := req.GetUpdateMask()
	if len(mask) == 0 {
		return req, nil
	}
	var writable []string
	fields := req.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); name != "id" && name != "update_mask" {
			writable = append(writable, name)
		}
	}
	for _, name := range mask {
		if !slices.Contains(writable, name) {
			return req, remit.Invalid("update_mask", remit.ReasonFieldInvalid, "update_mask names %q; write some of %s", name, strings.Join(writable, ", "))
		}
	}
	before, err := stored()
	if err != nil {
		return req, err
	}
	whole, is := proto.Clone(req).(T)
	if !is {
		return req, fmt.Errorf("copy %T", req)
	}
	from, to := before.ProtoReflect(), whole.ProtoReflect()
	for i := range fields.Len() {
		field := fields.Get(i)
		if !slices.Contains(writable, string(field.Name())) || slices.Contains(mask, string(field.Name())) {
			continue
		}
		same := from.Descriptor().Fields().ByName(field.Name())
		if same == nil || same.Kind() != field.Kind() || same.Cardinality() != field.Cardinality() {
			return req, fmt.Errorf("%s has no field %s like that of %s", from.Descriptor().Name(), field.Name(), to.Descriptor().Name())
		}
		if !from.Has(same) {
			to.Clear(field)
			continue
		}
		to.Set(field, sameValue(field, from.Get(same), to))
	}
	return whole, nil
}

// sameValue is a value for the same field of another message.
func sameValue(field protoreflect.FieldDescriptor, value protoreflect.Value, to protoreflect.Message) protoreflect.Value {
	if !field.IsList() {
		return value
	}
	list := to.NewField(field)
	for i := range value.List().Len() {
		list.List().Append(value.List().Get(i))
	}
	return list
}
