package corridors

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/openremit/remit"
)

// maxAccountFields bounds how many fields of an account are looked at.
const maxAccountFields = 32

// validate checks normalised parties, by the names that the schema gives them,
// and an account. It returns all that is wrong by field, one line a field. No
// message quotes what was given: it is personal data.
func (s *schema) validate(parties map[string]remit.Party, account map[string]string) ([]remit.FieldError, error) {
	if len(account) > maxAccountFields {
		return []remit.FieldError{fieldError("account", remit.ReasonFieldInvalid, "account has more than %d fields", maxAccountFields)}, nil
	}
	instance := make(map[string]any)
	for name, party := range parties {
		text, err := json.Marshal(party)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		var value map[string]any
		if err := json.Unmarshal(text, &value); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		instance[name] = value
	}
	if s.hasAccount() {
		value := make(map[string]any, len(account))
		for name, text := range account {
			value[name] = text
		}
		instance["account"] = value
	}
	found := findings{schema: s, byField: make(map[string]remit.FieldError)}
	if err := s.compiled.Validate(instance); err != nil {
		var e *jsonschema.ValidationError
		if !errors.As(err, &e) {
			return nil, fmt.Errorf("validate: %w", err)
		}
		found.gather(e)
	}
	found.together(account)
	return found.list(), nil
}

func (s *schema) hasAccount() bool {
	_, ok := s.compiled.Properties["account"]
	return ok
}

// findings gathers what is wrong, one line a field.
type findings struct {
	schema  *schema
	byField map[string]remit.FieldError
}

// add keeps the first finding of a field; a check beyond the pattern gives way
// to the pattern, which says more.
func (f *findings) add(e remit.FieldError, weak bool) {
	if _, known := f.byField[e.Field]; !known || !weak {
		f.byField[e.Field] = e
	}
}

func (f *findings) list() []remit.FieldError {
	var list []remit.FieldError
	for _, e := range f.byField {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b remit.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return list
}

// gather turns the schema's tree of errors into findings.
func (f *findings) gather(e *jsonschema.ValidationError) {
	path := strings.Join(e.InstanceLocation, ".")
	under := func(name string) string { return strings.TrimPrefix(path+"."+clip(name), ".") }
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			f.missing(under(name), name)
		}
	case *kind.DependentRequired:
		for _, name := range k.Missing {
			f.missing(under(name), name)
		}
	case *kind.AnyOf: // The only one there is: some name of a person with a single one.
		f.missing(under("family_name"), "family_name")
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			f.add(fieldError(under(name), remit.ReasonFieldUnknown, "%s is not asked for here; leave it out. %s", clip(name), f.known(path)), false)
		}
	case *kind.FalseSchema:
		f.add(fieldError(path, remit.ReasonFieldInvalid, "a company has none; leave it out, or leave company_name out for a person"), false)
	case *kind.Format:
		field := f.field(path)
		f.add(fieldError(path, remit.ReasonFieldInvalid, "%s %v; it must be %s%s", field.Title, k.Err, field.Description, field.example()), true)
	case *kind.Pattern, *kind.Enum, *kind.MinLength, *kind.MaxLength, *kind.Type:
		field := f.field(path)
		f.add(fieldError(path, remit.ReasonFieldInvalid, "%s must be %s%s", field.Title, field.Description, field.example()), false)
	default:
		if len(e.Causes) == 0 { // A keyword that no schema here uses: refuse, never pass.
			f.add(fieldError(path, remit.ReasonFieldInvalid, "is not right"), true)
		}
		for _, cause := range e.Causes {
			f.gather(cause)
		}
	}
}

func (f *findings) missing(path, name string) {
	field := f.field(path)
	f.add(fieldError(path, remit.ReasonFieldRequired, "%s is missing; write %s%s", clip(name), field.Description, field.example()), false)
}

// field returns what is known of the field at a path, for the message.
func (f *findings) field(path string) Field {
	parent, name, _ := strings.Cut(path, ".")
	fields := partyFields
	if parent == "account" {
		fields = f.schema.account
	}
	if i := slices.IndexFunc(fields, func(field Field) bool { return field.Name == name }); i >= 0 {
		return fields[i]
	}
	return Field{Title: name, Description: "as the schema of required fields says"}
}

// known lists the fields that may stand at a path.
func (f *findings) known(path string) string {
	if path == "account" && len(f.schema.account) == 0 {
		return "This payout asks for no account fields"
	}
	var names []string
	for _, field := range f.schema.account {
		names = append(names, field.Name)
	}
	return "The fields are " + strings.Join(names, ", ")
}

func (f Field) example() string {
	switch {
	case len(f.Values) > 0:
		return ": " + strings.Join(f.Values, ", ")
	case f.Example != "":
		return ", such as " + f.Example
	}
	return ""
}

// together checks what no schema can say: fields that must fit each other. A
// field that is wrong by itself is not checked again.
func (f *findings) together(account map[string]string) {
	good := func(name string) (string, bool) {
		_, wrong := f.byField["account."+name]
		known := slices.ContainsFunc(f.schema.account, func(field Field) bool { return field.Name == name })
		return account[name], known && !wrong && account[name] != ""
	}
	number, ok1 := good("account_number")
	bank, ok2 := good("bank_code")
	if nuban := slices.ContainsFunc(f.schema.account, func(field Field) bool { return field.Format == "nuban" }); nuban && ok1 && ok2 {
		if err := checkNUBAN(bank, number); err != nil {
			f.add(fieldError("account.account_number", remit.ReasonFieldInvalid, "Account number %v", err), false)
		}
	}
	address, ok1 := good("address")
	network, ok2 := good("network")
	if ok1 && ok2 {
		if err := checkWallet(network, address); err != nil {
			f.add(fieldError("account.address", remit.ReasonFieldInvalid, "Wallet address %v", err), false)
		}
		if _, given := good("memo"); given {
			if err := checkWalletMemo(network, address); err != nil {
				f.add(fieldError("account.memo", remit.ReasonFieldInvalid, "Memo %v", err), false)
			}
		}
	}
}
