package api

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// openAPI is the part of the generated OpenAPI 2 document that the docs page shows.
type openAPI struct {
	Info struct {
		Title, Version, Description string
	} `json:"info"`
	Tags []struct {
		Name, Description string
	} `json:"tags"`
	Paths       map[string]map[string]operation `json:"paths"`
	Definitions map[string]schema               `json:"definitions"`
}

type operation struct {
	Summary     string
	Description string
	OperationID string `json:"operationId"`
	Parameters  []parameter
	Responses   map[string]struct{ Schema schema }
	Tags        []string
}

type parameter struct {
	Name, In, Description, Type, Format string
	Required                            bool
	Schema                              *schema
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type, Format         string
	Title, Description   string
	Properties           orderedProperties
	Required             []string
	Items                *schema
	AdditionalProperties *schema
}

// orderedProperties keeps the contract's order of fields.
type orderedProperties []property

type property struct {
	name   string
	schema schema
}

// UnmarshalJSON reads the properties in the order in which they are written.
func (p *orderedProperties) UnmarshalJSON(text []byte) error {
	byName := make(map[string]schema)
	if err := json.Unmarshal(text, &byName); err != nil {
		return err
	}
	at := make(map[string]int)
	for name := range byName {
		quoted, err := json.Marshal(name)
		if err != nil {
			return err
		}
		at[name] = topLevelKey(text, string(quoted))
	}
	for name, s := range byName {
		*p = append(*p, property{name, s})
	}
	slices.SortFunc(*p, func(a, b property) int { return cmp.Compare(at[a.name], at[b.name]) })
	return nil
}

// topLevelKey finds where a quoted key stands in an object, not counting those
// of objects within.
func topLevelKey(text []byte, quoted string) int {
	depth, inText := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			if !inText && depth == 1 && strings.HasPrefix(string(text[i:min(len(text), i+len(quoted))]), quoted) {
				return i
			}
			inText = !inText
		case !inText && (c == '{' || c == '['):
			depth++
		case !inText && (c == '}' || c == ']'):
			depth--
		}
	}
	return len(text)
}

// docGroup is one service on the page.
type docGroup struct {
	Name, Text string
	Calls      []docCall
	order      int
}

// docCall is one call on the page.
type docCall struct {
	ID, Name, Verb, Path, Text, Scopes string
	Params                             []docField
	Body, Answer                       *docType
	order                              int
}

// docType is a message on the page.
type docType struct {
	Name, Text string
	Fields     []docField
}

// docField is a field or parameter on the page.
type docField struct {
	Name, In, Type, Ref, Text string
	List, Required            bool
}

// serviceOrder is the order in which a newcomer meets the services.
var serviceOrder = []string{"Corridor", "Quote", "Customer", "Beneficiary", "Remittance", "Case", "Treasury", "Ledger", "Lists"}

// serviceTexts say what a service is for.
var serviceTexts = map[string]string{
	"Corridor": "What may be sent from where to where, and what is needed for it.", "Quote": "Firm, priced, expiring offers.",
	"Customer": "The originators that you know.", "Beneficiary": "Who receives, and where.",
	"Remittance": "Send money and follow it.", "Case": "What waits for a person's decision.",
	"Treasury": "Where the money is.", "Ledger": "The proof of the books.", "Lists": "The screening lists.",
}

// groups are the calls by service.
func (d *openAPI) groups() []docGroup {
	byName := make(map[string]*docGroup)
	for path, operations := range d.Paths {
		for verb, op := range operations {
			service, method, _ := strings.Cut(op.OperationID, "_")
			name := strings.TrimSuffix(service, "Service")
			if byName[name] == nil {
				byName[name] = &docGroup{Name: name, Text: serviceTexts[name], order: slices.Index(serviceOrder, name)}
			}
			byName[name].Calls = append(byName[name].Calls, d.call(method, verb, path, op))
		}
	}
	var groups []docGroup
	for _, g := range byName {
		slices.SortFunc(g.Calls, func(a, b docCall) int { return cmp.Compare(a.order, b.order) })
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b docGroup) int { return cmp.Compare(a.order, b.order) })
	return groups
}

func (d *openAPI) call(method, verb, path string, op operation) docCall {
	c := docCall{
		ID: "call-" + method, Name: method, Verb: strings.ToUpper(verb), Path: path,
		Text: oneLine(op.Summary + " " + op.Description), Scopes: scopesOf(op.OperationID),
	}
	// The document sorts its paths; the contract has them in the order of use.
	service, _, _ := strings.Cut(op.OperationID, "_")
	if d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName("remit.v1." + service + "." + method)); err == nil {
		c.order = d.Index()
	}
	for _, p := range op.Parameters {
		if p.In == "body" {
			c.Body = d.typeOf(p.Schema)
			continue
		}
		c.Params = append(c.Params, docField{
			Name: p.Name, In: p.In, Type: typeName(p.Type, p.Format), Text: oneLine(p.Description), Required: p.Required,
		})
	}
	answer := op.Responses["200"].Schema
	c.Answer = d.typeOf(&answer)
	return c
}

// types are the messages that others refer to.
func (d *openAPI) types() []docType {
	used := make(map[string]bool)
	for _, s := range d.Definitions {
		for _, p := range s.Properties {
			if f := fieldOf(p, nil); f.Ref != "" {
				used[f.Ref] = true
			}
		}
	}
	var list []docType
	for name := range used {
		list = append(list, *d.typeOf(&schema{Ref: "#/definitions/" + name}))
	}
	slices.SortFunc(list, func(a, b docType) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// typeOf resolves a schema to a message; nil where it refers to none.
func (d *openAPI) typeOf(s *schema) *docType {
	if s == nil || s.Ref == "" {
		return nil
	}
	name := refName(s.Ref)
	def := d.Definitions[name]
	t := &docType{Name: name, Text: oneLine(def.Title + " " + def.Description)}
	for _, p := range def.Properties {
		t.Fields = append(t.Fields, fieldOf(p, def.Required))
	}
	return t
}

func fieldOf(p property, required []string) docField {
	s := p.schema
	f := docField{
		Name: p.name, Type: typeName(s.Type, s.Format), Text: oneLine(s.Title + " " + s.Description),
		Ref: refName(s.Ref), Required: slices.Contains(required, p.name),
	}
	switch {
	case s.Type == "array" && s.Items != nil:
		f.List, f.Ref, f.Type = true, refName(s.Items.Ref), typeName(s.Items.Type, s.Items.Format)
	case s.Type == "object" && s.AdditionalProperties != nil:
		f.Type = "object of text"
	}
	return f
}

func refName(ref string) string { return strings.TrimPrefix(ref, "#/definitions/") }

// typeName is a JSON type in words.
func typeName(kind, format string) string {
	switch {
	case format == "date-time":
		return "time"
	case format == "int64":
		return "number in text"
	case kind == "string":
		return "text"
	case kind == "integer":
		return "number"
	case kind == "boolean":
		return "true or false"
	default:
		return kind
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// routes are the paths of the API with their methods.
func (d *openAPI) routes() []route {
	var list []route
	for path, operations := range d.Paths {
		r := route{segments: strings.Split(strings.Trim(path, "/"), "/")}
		for verb := range operations {
			r.methods = append(r.methods, strings.ToUpper(verb))
		}
		slices.Sort(r.methods)
		list = append(list, r)
	}
	return list
}
