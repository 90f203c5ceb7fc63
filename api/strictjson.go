package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/openremit/remit"
)

// strictJSON reads and writes the JSON of the REST API: names as in the
// contract, nothing unknown, and every error with the field that it is about.
type strictJSON struct{ runtime.JSONPb }

func newStrictJSON() *strictJSON {
	return &strictJSON{JSONPb: runtime.JSONPb{
		MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true},
	}}
}

// ContentType is JSON's, or what a file says of itself.
func (m *strictJSON) ContentType(v any) string {
	if file, is := v.(*httpbody.HttpBody); is {
		return file.GetContentType()
	}
	return m.JSONPb.ContentType(v)
}

// Marshal writes an answer; a file as it is.
func (m *strictJSON) Marshal(v any) ([]byte, error) {
	if file, is := v.(*httpbody.HttpBody); is {
		return file.GetData(), nil
	}
	return m.JSONPb.Marshal(v)
}

// NewDecoder reads one request.
func (m *strictJSON) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		body, err := io.ReadAll(r)
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			return requestError{remit.Errorf(remit.KindInvalid, remit.ReasonBodyTooLarge,
				"the body is larger than %d bytes; send less", tooLarge.Limit)}
		case err != nil:
			return requestError{remit.Errorf(remit.KindInvalid, remit.ReasonBodyMalformed, "the body broke off before its end")}
		case len(bytes.TrimSpace(body)) == 0:
			return io.EOF
		}
		message, ok := v.(proto.Message)
		if !ok {
			return m.Unmarshal(body, v)
		}
		return readStrict(body, message)
	})
}

// readStrict fills a message from JSON, or says everything that is wrong with
// the JSON's shape.
func readStrict(body []byte, message proto.Message) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return requestError{brokenJSON(body, err)}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return requestError{remit.Errorf(remit.KindInvalid, remit.ReasonBodyMalformed, "there is something after the end of the JSON; send one object")}
	}
	var c check
	c.object("", value, message.ProtoReflect().Descriptor())
	if err := c.err(); err != nil {
		var e *remit.Error
		errors.As(err, &e)
		return requestError{e}
	}
	if err := (protojson.UnmarshalOptions{}).Unmarshal(body, message); err != nil {
		// Only what the walk does not see is left: a name given twice, text that is no UTF-8.
		detail := strings.TrimSpace(strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\u00a0", " "), "proto:"))
		return requestError{remit.Errorf(remit.KindInvalid, remit.ReasonBodyMalformed, "the body cannot be read: %s", detail)}
	}
	return nil
}

// brokenJSON says where JSON breaks.
func brokenJSON(body []byte, err error) *remit.Error {
	where := len(body)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		where = int(syntax.Offset)
	}
	line := 1 + bytes.Count(body[:min(where, len(body))], []byte("\n"))
	why := strings.TrimPrefix(err.Error(), "json: ")
	if errors.Is(err, io.ErrUnexpectedEOF) {
		why = "it ends in the middle"
	}
	return remit.Errorf(remit.KindInvalid, remit.ReasonBodyMalformed, "the body is not JSON: %s (line %d, byte %d)", why, line, where)
}

// object checks a JSON value against a message of the contract.
func (c *check) object(path string, value any, d protoreflect.MessageDescriptor) {
	if value == nil {
		return
	}
	members, ok := value.(map[string]any)
	if !ok {
		c.shape(path, value, "an object")
		return
	}
	for _, name := range sortedNames(members) {
		field := d.Fields().ByTextName(name)
		if field == nil {
			c.add(join(path, clip(name)), remit.ReasonFieldUnknown, "there is no field %q; %s", clip(name), suggest(name, d))
			continue
		}
		c.member(join(path, name), members[name], field)
	}
}

// member checks one value against one field of the contract. null is nothing.
func (c *check) member(path string, value any, f protoreflect.FieldDescriptor) {
	switch {
	case value == nil:
	case f.IsMap():
		members, ok := value.(map[string]any)
		if !ok {
			c.shape(path, value, "an object")
			return
		}
		for _, name := range sortedNames(members) {
			if strings.ContainsRune(name, utf8.RuneError) {
				c.unreadable(path)
			}
			c.scalar(join(path, clip(name)), members[name], f.MapValue())
		}
	case f.IsList():
		list, ok := value.([]any)
		if !ok {
			c.shape(path, value, "a list")
			return
		}
		for i, element := range list {
			c.scalar(path+"."+strconv.Itoa(i), element, f)
		}
	default:
		c.scalar(path, value, f)
	}
}

// timestampName is the one message that is written as text.
const timestampName = "google.protobuf.Timestamp"

// scalar checks one value that is not a list or map.
func (c *check) scalar(path string, value any, f protoreflect.FieldDescriptor) {
	if value == nil { // Of a list or map: elsewhere null is nothing.
		c.shape(path, value, "something, or leave it out")
		return
	}
	switch f.Kind() {
	case protoreflect.MessageKind:
		if f.Message().FullName() != timestampName {
			c.object(path, value, f.Message())
			return
		}
		text, _ := value.(string)
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			c.add(path, remit.ReasonFieldInvalid, "%s is no moment; write one such as 2026-11-20T17:00:00Z", path)
		}
	case protoreflect.StringKind:
		text, ok := value.(string)
		switch {
		case !ok:
			c.shape(path, value, `text in quotes, such as "200.05"`)
		case strings.ContainsRune(text, utf8.RuneError): // So is read what is no UTF-8, and half of a surrogate pair.
			c.unreadable(path)
		}
	case protoreflect.BytesKind:
		if text, ok := value.(string); !ok || !isBase64(text) {
			c.shape(path, value, "the bytes in base64")
		}
	case protoreflect.DoubleKind:
		text, _ := value.(string)
		if number, ok := value.(json.Number); ok {
			text = number.String()
		}
		if n, err := strconv.ParseFloat(text, 64); err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			c.shape(path, value, "a number, such as 14.598")
		}
	case protoreflect.BoolKind:
		if _, ok := value.(bool); !ok {
			c.shape(path, value, "true or false")
		}
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		bits := 32
		if f.Kind() == protoreflect.Int64Kind {
			bits = 64
		}
		text, _ := value.(string)
		if number, ok := value.(json.Number); ok {
			text = number.String()
		}
		if _, err := strconv.ParseInt(text, 10, bits); err != nil {
			c.shape(path, value, "a whole number")
		}
	default:
		// The contract has no other kinds in requests; protojson checks them.
	}
}

// isBase64 reports whether text is base64 in either alphabet, padded or not.
func isBase64(text string) bool {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	_, err := base64.RawStdEncoding.DecodeString(text)
	return err == nil
}

// shape notes a value of the wrong JSON type.
func (c *check) shape(path string, value any, want string) {
	if path == "" {
		path = "body"
	}
	c.add(path, remit.ReasonFieldInvalid, "%s is %s; write %s", path, jsonType(value), want)
}

func jsonType(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

// suggest names the fields that there are, the nearest one first.
func suggest(name string, d protoreflect.MessageDescriptor) string {
	var names []string
	for i := range d.Fields().Len() {
		known := string(d.Fields().Get(i).Name())
		if strings.EqualFold(strings.ReplaceAll(known, "_", ""), strings.ReplaceAll(name, "_", "")) {
			return "write " + known
		}
		names = append(names, known)
	}
	if len(names) == 0 {
		return "this request has no fields"
	}
	return "the fields are " + strings.Join(names, ", ")
}

func sortedNames(members map[string]any) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
