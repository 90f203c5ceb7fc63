package corridors

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/openremit/remit"
)

// asked says what a schema asks for. It is comparable: the key of the cache.
type asked struct {
	// country is where the money is paid out and method how; both are empty for
	// a schema of an originator alone.
	country remit.Country
	method  remit.PayoutMethod
	// sender is the sending country whose threshold applies, and tier which of
	// its thresholds, counting from 1; 0 is below all.
	sender remit.Country
	tier   int
	// single is the one party to be checked, "originator" or "beneficiary",
	// under the name "party"; empty asks for both parties and the account.
	single string
}

// schema is a JSON Schema as text and compiled.
type schema struct {
	text     []byte
	compiled *jsonschema.Schema
	// account is the fields of the account, for messages.
	account []Field
}

// schemaCache keeps compiled schemas, made when first asked for; there are a few
// per corridor.
type schemaCache struct {
	mu    sync.Mutex
	known map[asked]*schema
}

// schema returns the schema of what is asked.
func (c *Catalogue) schema(a asked) (*schema, error) {
	c.schemas.mu.Lock()
	defer c.schemas.mu.Unlock()
	if s, ok := c.schemas.known[a]; ok {
		return s, nil
	}
	s, err := c.compile(a)
	if err != nil {
		return nil, err
	}
	if c.schemas.known == nil {
		c.schemas.known = make(map[asked]*schema)
	}
	c.schemas.known[a] = s
	return s, nil
}

func (c *Catalogue) compile(a asked) (*schema, error) {
	document, account := c.document(a)
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	// The compiler gets the very text that callers are given.
	var parsed any
	if err := json.Unmarshal(text, &parsed); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for _, name := range formatsIn(account) {
		check, ok := format(name)
		if !ok {
			return nil, fmt.Errorf("schema has the unknown format %q", name)
		}
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return check(s)
			}
			return nil
		}})
	}
	const location = "urn:remit:required-fields"
	if err := compiler.AddResource(location, parsed); err != nil {
		return nil, fmt.Errorf("add schema: %w", err)
	}
	compiled, err := compiler.Compile(location)
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	return &schema{text: text, compiled: compiled, account: account}, nil
}

func formatsIn(account []Field) []string {
	var names []string
	for _, f := range slices.Concat(partyFields, account) {
		if f.Format != "" && !slices.Contains(names, f.Format) {
			names = append(names, f.Format)
		}
	}
	return names
}

// document builds a schema as a JSON value.
func (c *Catalogue) document(a asked) (map[string]any, []Field) {
	var threshold Threshold
	if a.tier > 0 {
		threshold = c.countries[a.sender].Thresholds[a.tier-1]
	}
	country := c.countries[a.country]
	rule, _ := country.Payout(a.method)
	originator := partySchema("Originator", append([]string{"country", "date_of_birth"}, threshold.Originator...), c.countries[a.sender].Mononyms)
	beneficiary := partySchema("Beneficiary", append(slices.Clone(rule.Beneficiary), threshold.Beneficiary...), country.Mononyms)
	account := objectSchema("Account", rule.Account, requiredOf(rule.Account))
	properties := map[string]any{}
	title := "What must be known of an originator"
	switch a.single {
	case "originator":
		properties["party"] = originator
	case "beneficiary":
		properties["party"], properties["account"] = beneficiary, account
		title = fmt.Sprintf("What must be known of a beneficiary in %s, %s", country.Name, a.method)
	default:
		properties["originator"], properties["beneficiary"], properties["account"] = originator, beneficiary, account
		title = fmt.Sprintf("What must be known for %s, %s", remit.NewCorridorID(a.sender, a.country), a.method)
		if a.tier > 0 {
			title += ", from " + threshold.From.String()
		}
	}
	required := make([]string, 0, len(properties))
	for name := range properties {
		required = append(required, name)
	}
	slices.Sort(required)
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "type": "object",
		"properties": properties, "required": required, "additionalProperties": false,
	}, rule.Account
}

// partySchema is the schema of a person or company. A person needs both names,
// or either where single names are common; a company has none of a person's fields.
func partySchema(title string, required []string, mononyms bool) map[string]any {
	s := objectSchema(title, partyFields, nil)
	var always, person []string
	for _, name := range required {
		switch {
		case slices.Contains(always, name) || slices.Contains(person, name):
		case isPersonOnly(name):
			person = append(person, name)
		default:
			always = append(always, name)
		}
	}
	ofPerson := map[string]any{}
	if mononyms {
		ofPerson["anyOf"] = []any{map[string]any{"required": []string{"family_name"}}, map[string]any{"required": []string{"given_name"}}}
	} else {
		person = append([]string{"given_name", "family_name"}, person...)
	}
	if len(person) > 0 {
		ofPerson["required"] = person
	}
	none := map[string]any{}
	for _, name := range personOnly {
		none[name] = false
	}
	if len(always) > 0 {
		s["required"] = always
	}
	s["if"] = map[string]any{"required": []string{"company_name"}}
	s["then"] = map[string]any{"properties": none}
	s["else"] = ofPerson
	s["dependentRequired"] = map[string]any{"document_type": []string{"document_number"}, "document_number": []string{"document_type"}}
	return s
}

func objectSchema(title string, fields []Field, required []string) map[string]any {
	properties := make(map[string]any, len(fields))
	order := make([]string, 0, len(fields))
	for _, f := range fields {
		properties[f.Name] = f.schema()
		order = append(order, f.Name)
	}
	s := map[string]any{"title": title, "type": "object", "properties": properties, "additionalProperties": false, "x-order": order}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func (f Field) schema() map[string]any {
	s := map[string]any{"type": "string", "title": f.Title, "description": f.Description, "minLength": f.MinLength, "maxLength": f.MaxLength}
	if f.Pattern != "" {
		s["pattern"] = f.Pattern
	}
	if len(f.Values) > 0 {
		s["enum"] = f.Values
	}
	if f.Format != "" {
		s["format"] = f.Format
	}
	if f.Example != "" {
		s["examples"] = []string{f.Example}
	}
	return s
}

func requiredOf(fields []Field) []string {
	var names []string
	for _, f := range fields {
		if !f.Optional {
			names = append(names, f.Name)
		}
	}
	return names
}
