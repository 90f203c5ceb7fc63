package api

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"buf.build/go/protovalidate"
	"golang.org/x/text/language"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// check gathers all that is wrong with a request, one thing per field.
type check struct {
	fields []remit.FieldError
}

// check starts with what the contract itself says: required fields, lengths,
// closed values, and no control characters in any text.
func (s *Server) check(req proto.Message) *check {
	c := &check{}
	var violations *protovalidate.ValidationError
	if err := s.validator.Validate(req); errors.As(err, &violations) {
		for _, v := range violations.Violations {
			c.violation(v)
		}
	} else if err != nil {
		c.add("", remit.ReasonBodyMalformed, "the request cannot be checked against the contract")
	}
	c.text("", req.ProtoReflect())
	return c
}

// violation adds one thing that the contract forbids.
func (c *check) violation(v *protovalidate.Violation) {
	field := protovalidate.FieldPathString(v.Proto.GetField())
	field = strings.NewReplacer(`["`, ".", `"]`, "").Replace(field)
	if v.Proto.GetRuleId() == "required" {
		c.missing(field)
		return
	}
	message := strings.TrimSuffix(v.Proto.GetMessage(), ".")
	c.add(field, remit.ReasonFieldInvalid, "%s is wrong: %s", field, message)
}

// prose are the endings of the names of fields that may have several lines.
var prose = []string{"note", "text", "question", "answer"}

// invisible reports whether a character shows nothing: it makes a name look like
// another that it is not.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r == '\u3164' || r == '\u115f' || r == '\u1160'
}

// joining are the scripts whose spelling needs characters that nobody sees: علی‌رضا
// has one between its parts, and a last letter of Malayalam may end with one.
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil,
	unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Mongolian,
}

// unseen returns the first character of a text that shows nothing and that its
// script has no need of, after Unicode Standard Annex 31, section 2.3.
func unseen(text string) (rune, bool) {
	const nonJoiner, joiner = '\u200c', '\u200d'
	spelt := func(r rune) bool { return unicode.In(r, joining...) && (unicode.IsLetter(r) || unicode.IsMark(r)) }
	runes := []rune(text)
	for i, r := range runes {
		after := i > 0 && spelt(runes[i-1])
		before := i+1 < len(runes) && spelt(runes[i+1])
		if invisible(r) && !(r == joiner && after || r == nonJoiner && after && before) {
			return r, true
		}
	}
	return 0, false
}

// text refuses control characters; only what people write may have several lines.
func (c *check) text(path string, m protoreflect.Message) {
	bad := func(field, text string) {
		lines := slices.ContainsFunc(prose, func(end string) bool { return strings.HasSuffix(field, end) })
		switch {
		case lines && strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }):
			c.add(field, remit.ReasonFieldInvalid, "%s has a control character; write plain text", field)
		case !lines && strings.ContainsFunc(text, unicode.IsControl):
			c.add(field, remit.ReasonFieldInvalid, "%s has a control character; write plain text on one line", field)
		}
		if r, found := unseen(text); found && strings.Contains(field, "party.") {
			c.add(field, remit.ReasonFieldInvalid, "%s has a character that nobody sees (%U); write it by hand instead of pasting it", field, r)
		}
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		field := path + string(fd.Name())
		switch {
		case fd.IsMap() && fd.MapValue().Kind() == protoreflect.StringKind:
			v.Map().Range(func(k protoreflect.MapKey, text protoreflect.Value) bool {
				bad(field, k.String())
				bad(field+"."+k.String(), text.String())
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				at := field + "." + strconv.Itoa(i)
				switch fd.Kind() {
				case protoreflect.StringKind:
					bad(at, v.List().Get(i).String())
				case protoreflect.MessageKind:
					c.text(at+".", v.List().Get(i).Message())
				default:
				}
			}
		case fd.IsMap():
		case fd.Kind() == protoreflect.StringKind:
			bad(field, v.String())
		case fd.Kind() == protoreflect.MessageKind:
			c.text(field+".", v.Message())
		}
		return true
	})
}

// add notes what is wrong with a field, unless something is noted already.
func (c *check) add(field string, reason remit.Reason, format string, args ...any) {
	if c.has(field) {
		return
	}
	c.fields = append(c.fields, remit.FieldError{Field: field, Reason: reason, Message: fmt.Sprintf(format, args...)})
}

func (c *check) missing(field string) {
	c.add(field, remit.ReasonFieldRequired, "%s is missing", field)
}

func (c *check) has(field string) bool {
	return slices.ContainsFunc(c.fields, func(f remit.FieldError) bool { return f.Field == field })
}

// merge notes the fields of another room's invalid error under other names, and
// returns any other error.
func (c *check) merge(err error, rename func(string) string) error {
	var e *remit.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e) || e.Kind != remit.KindInvalid || len(e.Fields) == 0:
		return err
	}
	for _, f := range e.Fields {
		c.add(rename(f.Field), f.Reason, "%s", f.Message)
	}
	return nil
}

// err is the one error of all that is wrong, or nil.
func (c *check) err() error { return remit.InvalidFields(c.fields) }

// checkID reads an id; an empty one is left to the contract's own rules.
func checkID[T ~string](c *check, prefix, field, text string) T {
	if text == "" {
		return ""
	}
	id, err := remit.ParseID[T](prefix, field, text)
	if err != nil && !c.has(field) {
		c.fields = append(c.fields, fieldsOf(err)...)
	}
	return id
}

func fieldsOf(err error) []remit.FieldError {
	var e *remit.Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

// country checks that a code is one of ISO 3166-1.
func (c *check) country(field, code string) remit.Country {
	if code == "" {
		return ""
	}
	region, err := language.ParseRegion(code)
	if country := remit.Country(code); err != nil || !country.Valid() || !region.IsCountry() || region.String() != code {
		c.add(field, remit.ReasonUnknownCountry, "%q is not a country; write an ISO 3166-1 alpha-2 code in capitals, such as US", clip(code))
	}
	return remit.Country(code)
}

// money reads an amount that must be more than nothing.
func (c *check) money(field string, m *v1.Money) remit.Money {
	if m == nil || m.GetCurrency() == "" || m.GetAmount() == "" {
		return remit.Money{}
	}
	asset, err := remit.Fiat(m.GetCurrency())
	if err != nil {
		c.add(field+".currency", remit.ReasonUnknownCurrency, "%s", messageOf(err))
		return remit.Money{}
	}
	amount, err := remit.ParseMoney(asset, m.GetAmount())
	switch {
	case err != nil:
		c.add(field+".amount", remit.ReasonOf(err), "%s", messageOf(err))
	case !amount.IsPositive():
		c.add(field+".amount", remit.ReasonAmountNotPositive, "%s is not more than nothing; write a positive amount", amount)
	}
	return amount
}

func messageOf(err error) string {
	var e *remit.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}

// Limits of pages.
const (
	defaultPageSize = 20
	defaultEvents   = 100
)

// page reads a page's size and start.
func page[T ~string](c *check, prefix string, size int32, token string) Page {
	p := Page{Size: int(size), After: string(checkID[T](c, prefix, "page_token", token))}
	if p.Size == 0 {
		p.Size = defaultPageSize
	}
	return p
}

// nextToken is the page token of the next page: empty after one that is not full.
func nextToken[T any, I ~string](list []T, p Page, id func(T) I) string {
	if len(list) < p.Size {
		return ""
	}
	return string(id(list[len(list)-1]))
}

// clip shortens text from outside before it is quoted in a message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
