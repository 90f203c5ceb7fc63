package list

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ownEntry is an entry of a list of one's own, as JSON writes it. In CSV the
// fields have the same names, and "|" stands between several values.
type ownEntry struct {
	List string `json:"list"`
	ID   string `json:"id"`
	// Kind is person, company, vessel, aircraft or empty.
	Kind         string   `json:"kind"`
	Name         string   `json:"name"`
	Aliases      []string `json:"aliases"`
	WeakAliases  []string `json:"weak_aliases"`
	FormerNames  []string `json:"former_names"`
	Births       []string `json:"births"`
	Countries    []string `json:"countries"`
	BirthCountry []string `json:"birth_countries"`
	// Documents are written "passport:A1234567" or "passport:A1234567:IR".
	Documents []string `json:"documents"`
	Gender    string   `json:"gender"`
	Wallets   []string `json:"wallets"`
	Programs  []string `json:"programs"`
	Remarks   string   `json:"remarks"`
	// From and Until are days, "2026-01-31"; From is needed.
	From  string `json:"from"`
	Until string `json:"until"`
	// Owner answers for the entry and ApprovedBy is someone else who agreed.
	Owner      string `json:"owner"`
	ApprovedBy string `json:"approved_by"`
}

// ownFile is a file of a list of one's own in JSON. What it says of list, owner
// and approver holds for entries that say nothing else.
type ownFile struct {
	List       string     `json:"list"`
	Owner      string     `json:"owner"`
	ApprovedBy string     `json:"approved_by"`
	Entries    []ownEntry `json:"entries"`
}

// readOwn reads a file of lists of one's own; one file may hold several.
func (r *reading) readOwn(where string, f *file) error {
	lists := map[string]*version{}
	take := func(e *ownEntry) string {
		if !listName(e.List) {
			return "the list needs a name of a to z, 0 to 9 and -"
		}
		name := "own-" + e.List
		v := lists[name]
		if v == nil {
			v = &version{builder: newBuilder(name, r.limits), where: where, files: []*file{f}}
			lists[name] = v
			r.found = append(r.found, v)
		}
		return v.addOwn(e)
	}
	if f.format == ownCSV {
		return f.readOwnCSV(take)
	}
	return f.readOwnJSON(take)
}

func listName(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

var ownHeadings = []string{
	"list", "id", "kind", "name", "aliases", "weak_aliases", "former_names", "births", "countries", "birth_countries",
	"documents", "gender", "wallets", "programs", "remarks", "from", "until", "owner", "approved_by",
}

func (f *file) readOwnCSV(take func(*ownEntry) string) error {
	form := csvForm{comma: ',', heading: []string{"list", "id", "name", "from", "owner", "approved_by"}}
	checked := false
	return f.rows(form, func(r *row) error {
		if !checked {
			checked = true
			known := headings(ownHeadings)
			for name := range r.head {
				if _, ok := known[name]; !ok {
					return f.errorf(1, "there is no field %q", clip(name))
				}
			}
		}
		many := func(name string) []string { return split(r.get(name), "|") }
		reason := take(&ownEntry{
			List: r.get("list"), ID: r.get("id"), Kind: r.get("kind"), Name: r.get("name"),
			Aliases: many("aliases"), WeakAliases: many("weak_aliases"), FormerNames: many("former_names"), Births: many("births"),
			Countries: many("countries"), BirthCountry: many("birth_countries"), Documents: many("documents"), Gender: r.get("gender"),
			Wallets: many("wallets"), Programs: many("programs"), Remarks: r.get("remarks"), From: r.get("from"), Until: r.get("until"),
			Owner: r.get("owner"), ApprovedBy: r.get("approved_by"),
		})
		if reason != "" {
			return r.errorf("%s", reason)
		}
		return nil
	})
}

// ownBytes bounds a JSON file, which is read whole.
const ownBytes = 64 << 20

func (f *file) readOwnJSON(take func(*ownEntry) string) error {
	in, err := f.open()
	if err != nil {
		return err
	}
	defer in.close()
	text, err := io.ReadAll(io.LimitReader(in, ownBytes+1))
	if err != nil {
		return f.wrap(0, "read", err)
	}
	if len(text) > ownBytes {
		return f.errorf(0, "it has over %d bytes", ownBytes)
	}
	var content ownFile
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&content); err != nil {
		line := 1 + bytes.Count(text[:min(int(decoder.InputOffset()), len(text))], []byte("\n"))
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line = 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		}
		return f.wrap(line, "it is no proper list in JSON", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return f.errorf(0, "there is more after the end of the list")
	}
	if len(content.Entries) == 0 {
		return f.errorf(0, "it holds no entries")
	}
	for i := range content.Entries {
		e := &content.Entries[i]
		e.List = or(e.List, content.List)
		e.Owner = or(e.Owner, content.Owner)
		e.ApprovedBy = or(e.ApprovedBy, content.ApprovedBy)
		if reason := take(e); reason != "" {
			return f.errorf(0, "entry %d: %s", i+1, reason)
		}
	}
	return in.done()
}

func or(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// addOwn adds an entry of a list of one's own. It takes nothing that it does
// not understand whole, as there is someone who can put it right.
func (b *builder) addOwn(e *ownEntry) string {
	if e.Owner == "" || e.ApprovedBy == "" || strings.EqualFold(e.Owner, e.ApprovedBy) {
		return "an entry needs an owner and the approval of someone else"
	}
	p, reason := b.add(e.ID)
	if reason != "" {
		return reason
	}
	p.Kind = Kind(e.Kind)
	switch p.Kind {
	case "", Person, Company, Vessel, Aircraft:
	default:
		return "kind is none of person, company, vessel, aircraft"
	}
	if reason := p.ownNames(e); reason != "" {
		return reason
	}
	if reason := p.ownFacts(e); reason != "" {
		return reason
	}
	if reason := p.ownTerm(e); reason != "" {
		return reason
	}
	for _, one := range e.Wallets {
		p.wallet(one)
	}
	for _, one := range e.Programs {
		p.program(one)
	}
	p.remark("", e.Remarks)
	p.remark("Owner", e.Owner)
	p.remark("Approved by", e.ApprovedBy)
	p.says("entry", e.fields()...)
	return ""
}

func (p *party) ownNames(e *ownEntry) string {
	for _, group := range []struct {
		kind  NameKind
		names []string
	}{{Full, append([]string{e.Name}, e.Aliases...)}, {Weak, e.WeakAliases}, {Former, e.FormerNames}} {
		for _, text := range group.names {
			if reason := p.name(Name{Text: text, Kind: group.kind}); reason != "" {
				return reason
			}
		}
	}
	if len(p.Names) == 0 || !hasLetter(e.Name) {
		return "an entry needs a name"
	}
	return ""
}

func (p *party) ownFacts(e *ownEntry) string {
	for _, one := range e.Births {
		b, ok := parseBirth(one)
		if !ok {
			return "a date of birth cannot be read"
		}
		p.birth(b, true)
	}
	for _, one := range append(append([]string{}, e.Countries...), e.BirthCountry...) {
		if _, ok := countryOf(one); !ok {
			return "a country is not known"
		}
	}
	for _, one := range e.Countries {
		p.country(one)
	}
	for _, one := range e.BirthCountry {
		p.bornIn(one)
	}
	p.gender(e.Gender)
	if e.Gender != "" && p.Gender == "" {
		return "gender is neither male nor female"
	}
	for _, one := range e.Documents {
		kind, rest, _ := strings.Cut(one, ":")
		number, issuer, _ := strings.Cut(rest, ":")
		country, ok := countryOf(issuer)
		if !documentTypes[kind] || number == "" || issuer != "" && !ok {
			return "a document is not written TYPE:NUMBER or TYPE:NUMBER:COUNTRY"
		}
		p.document(kind, number, country)
	}
	return ""
}

var documentTypes = map[string]bool{
	"passport": true, "national_id": true, "tax_id": true, "registration": true,
	"imo": true, "mmsi": true, "call_sign": true, "tail_number": true, "other": true,
}

// ownTerm reads from when until when an entry is in force.
func (p *party) ownTerm(e *ownEntry) string {
	var ok bool
	if p.From, ok = parseDate(e.From); !ok || p.From.Day == 0 {
		return "an entry needs the day from which it is in force (2026-01-31)"
	}
	if e.Until == "" {
		return ""
	}
	if p.Until, ok = parseDate(e.Until); !ok || p.Until.Day == 0 || p.Until.before(p.From) {
		return "the last day is no day, or before the first"
	}
	return ""
}

func (e *ownEntry) fields() []string {
	out := []string{e.ID, e.Kind, e.Name, e.Gender, e.Remarks, e.From, e.Until, e.Owner, e.ApprovedBy}
	for _, many := range [][]string{e.Aliases, e.WeakAliases, e.FormerNames, e.Births, e.Countries, e.BirthCountry, e.Documents, e.Wallets, e.Programs} {
		out = append(append(out, fmt.Sprint(len(many))), many...)
	}
	return out
}
