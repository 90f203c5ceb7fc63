package agent

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"google.golang.org/protobuf/types/known/structpb"
)

// ask is one field that a schema of required fields asks for, in the reader's
// language and with what was typed.
type ask struct {
	// Name is the field's path in the schema, such as account.bank_code; ID is
	// the same for the page.
	Name, ID    string
	Label, Hint string
	// Type is the input's, or select; Mode is the keyboard that it brings up.
	Type, Mode   string
	Value, Wrong string
	Required     bool
	Max          int
	Options      []option
	// Plain is for what is written in Latin letters and digits whatever the language.
	Plain bool
}

// option is one of the values that a field may have.
type option struct {
	Value, Text string
	Chosen      bool
}

// proper are values that are names of their own, the same in every language.
var proper = map[string]string{
	"gcash": "GCash", "maya": "Maya", "grabpay": "GrabPay", "shopeepay": "ShopeePay", "coinsph": "Coins.ph",
	"mtn": "MTN MoMo", "telecel": "Telecel Cash", "airteltigo": "AT Money", "mpesa": "M-PESA", "airtel_money": "Airtel Money",
	"easypaisa": "Easypaisa", "jazzcash": "JazzCash", "gopay": "GoPay", "ovo": "OVO", "dana": "DANA", "linkaja": "LinkAja",
	"momo": "MoMo", "zalopay": "ZaloPay", "viettel_money": "Viettel Money", "nequi": "Nequi", "daviplata": "DaviPlata",
	"ecocash": "EcoCash", "innbucks": "InnBucks", "onemoney": "OneMoney", "stellar": "Stellar", "solana": "Solana",
	"cebuana": "Cebuana Lhuillier", "mlhuillier": "M Lhuillier", "palawan": "Palawan Express", "lbc": "LBC",
	"oxxo": "OXXO", "elektra": "Elektra", "coppel": "Coppel", "bansefi": "Bansefi",
}

// schemaPart is the schema of a party or an account.
type schemaPart struct {
	order    []string
	required map[string]bool
	fields   map[string]*structpb.Struct
}

// partOf reads a part of a schema of required fields: originator, beneficiary,
// party or account. Of a party it reads what a person needs.
func partOf(schema *structpb.Struct, name string) schemaPart {
	whole := sub(sub(schema, "properties"), name)
	p := schemaPart{order: texts(whole, "x-order"), required: make(map[string]bool), fields: make(map[string]*structpb.Struct)}
	for _, list := range [][]string{texts(whole, "required"), texts(sub(whole, "else"), "required")} {
		for _, field := range list {
			p.required[field] = true
		}
	}
	for field, value := range sub(whole, "properties").GetFields() {
		p.fields[field] = value.GetStructValue()
		if !slices.Contains(p.order, field) {
			p.order = append(p.order, field)
		}
	}
	return p
}

func sub(s *structpb.Struct, name string) *structpb.Struct {
	return s.GetFields()[name].GetStructValue()
}

func texts(s *structpb.Struct, name string) []string {
	var out []string
	for _, value := range s.GetFields()[name].GetListValue().GetValues() {
		out = append(out, value.GetStringValue())
	}
	return out
}

// digitsOnly reads how many digits a pattern asks for.
var digitsOnly = regexp.MustCompile(`^\^\[0-9\]\{([0-9]+)(?:,([0-9]+))?\}\$$`)

// ask makes the form's field of a schema's. prefix is where the field is, such
// as account; value and wrong are what was typed and what is wrong with it.
func (v *visit) ask(part schemaPart, prefix, name, value, wrong string) ask {
	s := part.fields[name]
	text := func(key string) string { return s.GetFields()[key].GetStringValue() }
	a := ask{
		Name: prefix + "." + name, ID: fieldID(prefix + "." + name), Type: "text", Value: value, Wrong: wrong,
		Required: part.required[name], Max: int(s.GetFields()["maxLength"].GetNumberValue()),
	}
	a.Label = text("title")
	if key := "field." + name; v.words.Has(key) {
		a.Label = v.words.T(key)
	}
	pattern, format := text("pattern"), text("format")
	example := ""
	if all := texts(s, "examples"); len(all) > 0 {
		example = all[0]
	}
	values := texts(s, "enum")
	switch {
	case len(values) > 0:
		a.Type = "select"
		for _, one := range values {
			a.Options = append(a.Options, option{Value: one, Text: v.valueWord(one), Chosen: one == value})
		}
	case format == "birth-date":
		a.Type, a.Plain = "date", true
	case format == "phone" || strings.HasPrefix(format, "mobile-"):
		a.Type, a.Mode, a.Plain, a.Hint = "tel", "tel", true, v.words.T("field.such", "example", example)
	case name == "email":
		a.Type, a.Mode, a.Plain = "email", "email", true
	case digitsOnly.MatchString(pattern):
		a.Mode, a.Plain, a.Hint = "numeric", true, v.digitsHint(pattern)
	case format == "country":
		a.Plain, a.Hint = true, v.words.T("doc.issuerhint", "example", v.stand.GetOutlet().GetCountry())
	case !strings.Contains(pattern, `\p{L}`) && pattern != "":
		a.Plain, a.Hint = true, v.words.T("field.such", "example", example)
	}
	if a.Plain && a.Max > 0 {
		a.Max += 16 // People type spaces and hyphens, which do not count.
	}
	return a
}

// digitsHint says how many digits a field has.
func (v *visit) digitsHint(pattern string) string {
	found := digitsOnly.FindStringSubmatch(pattern)
	least, most := v.words.Digits(found[1]), v.words.Digits(found[2])
	if most == "" {
		return v.words.T("field.digits", "count", least)
	}
	return v.words.T("field.digitrange", "least", least, "most", most)
}

// valueWord is what a value is called.
func (v *visit) valueWord(value string) string {
	if name := proper[value]; name != "" {
		return name
	}
	for _, key := range []string{"value." + value, "doc." + value} {
		if v.words.Has(key) {
			return v.words.T(key)
		}
	}
	return value
}

// CountryName is a country's name in the reader's language, and its code where
// there is none.
func (w *Words) CountryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	names := display.Regions(language.MustParse(w.Code))
	if names == nil {
		return code
	}
	if name := names.Name(region); name != "" {
		return name
	}
	return code
}

// fieldID is the id of a form's field in its page.
func fieldID(name string) string { return strings.NewReplacer(".", "-", "_", "-").Replace(name) }

// fault is one line of the summary above a form: what is wrong, and the field.
type fault struct{ ID, Label, Message string }

// fixed are the labels of fields that no schema names.
var fixed = map[string]string{
	"q.to": "send.to", "q.amount": "send.amount", "s.find.phone": "field.phone", "s.find.number": "field.document_number", "s.find.name": "sender.name",
	"s.find.born": "field.date_of_birth", "s.doc.type": "doc.kind", "s.doc.number": "doc.number", "s.doc.issuer": "doc.issuer", "s.doc.expires": "doc.expires",
	"s.doc.birth_date": "doc.born", "s.doc.name": "doc.name", "c.agreed": "check.agreed", "r.where": "where.label",
}

// faults lists what is wrong with a form, in the order of the fields' names.
func (v *visit) faults(data sendData) []fault {
	var list []fault
	for name, message := range data.Wrong {
		one := fault{ID: fieldID(name), Message: message}
		switch {
		case fixed[name] != "":
			one.Label = v.words.T(fixed[name])
		case strings.HasPrefix(name, "c.answer."):
			for _, q := range data.Terms.GetWarning().GetQuestions() {
				if "c.answer."+q.GetId() == name {
					one.Label, one.ID = q.GetText(), one.ID+"-yes"
				}
			}
		default:
			if key := "field." + name[strings.LastIndexByte(name, '.')+1:]; v.words.Has(key) {
				one.Label = v.words.T(key)
			}
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b fault) int { return strings.Compare(a.ID, b.ID) })
	return list
}
