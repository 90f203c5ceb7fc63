package list

import (
	"fmt"
	"strings"
)

// readUK reads the UK sanctions list as it is published: a line with the date
// of the report, a heading, and a row for each name and address of an entry.
func readUK(f *file, b *builder) error {
	b.list = "uk"
	form := csvForm{comma: ',', heading: []string{"Unique ID", "Name 6", "Name type"}}
	form.preamble = func(col []string) {
		if date, ok := strings.CutPrefix(strings.TrimSpace(col[0]), "Report Date:"); ok {
			b.dated, _ = parseDate(date)
		}
	}
	return f.rows(form, func(r *row) error {
		id := r.get("Unique ID")
		if id == "" {
			if strings.Join(r.col, "") == "" {
				return nil
			}
			return r.errorf("an entry needs a Unique ID")
		}
		p := b.byID[id]
		if p == nil {
			var reason string
			if p, reason = b.add(id); reason != "" {
				return r.errorf("%s", reason)
			}
			// The second is how earlier editions name the column.
			what := or(r.get("Designation Type"), r.get("Individual, Entity, Ship"))
			kind, ok := ukKinds[strings.ToLower(what)]
			if !ok {
				return r.errorf("%q is not a kind of entry", clip(what))
			}
			p.Kind = kind
		}
		p.says("row", r.col...)
		if reason := p.readUKRow(r); reason != "" {
			return r.errorf("%s", reason)
		}
		return nil
	})
}

var ukKinds = map[string]Kind{"individual": Person, "entity": Company, "ship": Vessel, "vessel": Vessel, "aircraft": Aircraft, "": ""}

func (p *party) readUKRow(r *row) string {
	name := ukName(p.Kind, r.get("Name 6"), r.get("Name 1"), r.get("Name 2"), r.get("Name 3"), r.get("Name 4"), r.get("Name 5"))
	if strings.HasPrefix(strings.ToLower(r.get("Alias strength")), "low") {
		name.Kind = Weak
	}
	if reason := p.name(name); reason != "" {
		return reason
	}
	if reason := p.name(Name{Text: r.get("Name non-latin script")}); reason != "" {
		return reason
	}
	p.gender(r.get("Gender"))
	for _, one := range several(r.get("D.O.B")) {
		p.birth(parseBirth(one))
	}
	for _, one := range several(r.get("Nationality(/ies)")) {
		for _, country := range countriesIn(one) {
			p.country(country)
		}
	}
	for _, one := range several(r.get("Country of birth")) {
		p.bornIn(one)
	}
	p.country(r.get("Address Country"))
	p.country(r.get("Current believed flag of ship"))
	for _, one := range several(r.get("Passport number")) {
		p.document("passport", one, "")
	}
	for _, one := range several(r.get("National Identifier number")) {
		p.document("national_id", one, "")
	}
	for _, one := range several(r.get("Business registration number (s)")) {
		p.document("registration", one, "")
	}
	for _, one := range several(r.get("IMO number")) {
		p.document("imo", strings.TrimSpace(strings.TrimPrefix(one, "IMO")), "")
	}
	p.program(r.get("Regime Name"))
	p.remark("Title", r.get("Title"))
	p.remark("Position", r.get("Position"))
	p.remark("Address", r.place("Address Line 1", "Address Line 2", "Address Line 3", "Address Line 4", "Address Line 5", "Address Line 6", "Address Postal Code", "Address Country"))
	p.remark("POB", r.place("Town of birth", "Country of birth"))
	p.remark("Passport", r.get("Passport additional information"))
	p.remark("National id", r.get("National Identifier additional information"))
	for _, label := range []string{
		"UN Reference Number", "Date Designated", "Type of entity", "Subsidiaries", "Parent company", "Current owner/operator (s)",
		"Current believed flag of ship", "Type of ship", "Other Information", "UK Statement of Reasons",
	} {
		p.remark(label, r.get(label))
	}
	return ""
}

// ukName writes a name with its first names first; name 6 is the family's or,
// of what is no person, the whole.
func ukName(kind Kind, six string, rest ...string) Name {
	given := squeeze(strings.Join(rest, " "))
	n := Name{Text: squeeze(given + " " + six)}
	if kind == Person && six != "" && given != "" {
		n.Family, n.Given = six, given
	}
	return n
}

// several cuts apart a field that holds more than one: "A|B" or "(1) A (2) B".
func several(text string) []string {
	if strings.HasPrefix(text, "(1)") {
		for n := 1; strings.Contains(text, fmt.Sprintf("(%d)", n)); n++ {
			text = strings.Replace(text, fmt.Sprintf("(%d)", n), "|", 1)
		}
	}
	return split(text, "|")
}

// ukParts are the tables that some publish the UK list as.
var ukParts = []struct {
	format format
	what   string
	id     string
}{
	{ukSubjects, "the table of subjects", ""},
	{ukNames, "the table of names", "name_id"},
	{ukBirths, "the table of dates of birth", "dob_id"},
	{ukIdentifiers, "the table of identifiers", "id"},
	{ukCountries, "the table of countries", "id"},
}

// readUKTables reads the UK list from joined tables: subjects and, by their
// unique_id, names, dates of birth, identifiers and countries. Rows repeat in
// them but for their number, and count once.
func (r *reading) readUKTables(where string, tables map[format]*file) error {
	if len(tables) == 0 {
		return nil
	}
	subjects := tables[ukSubjects]
	if subjects == nil {
		for _, part := range ukParts {
			if f := tables[part.format]; f != nil {
				return f.errorf(0, "the table of subjects that it belongs to is missing")
			}
		}
	}
	v := &version{builder: newBuilder("uk", r.limits), where: where}
	for _, part := range ukParts {
		f := tables[part.format]
		if f == nil {
			v.missing = append(v.missing, part.what)
			continue
		}
		v.files = append(v.files, f)
		if err := v.readUKTable(f, part.what, part.id); err != nil {
			return err
		}
	}
	if tables[ukNames] != nil {
		if err := v.check(subjects); err != nil {
			return err
		}
	}
	r.found = append(r.found, v)
	return nil
}

func (b *builder) readUKTable(f *file, what, number string) error {
	seen := map[string]bool{}
	return f.rows(csvForm{comma: ',', heading: []string{"unique_id"}}, func(r *row) error {
		id := r.get("unique_id")
		if f.format == ukSubjects {
			return b.readUKSubject(r, id)
		}
		p := b.byID[id]
		if p == nil {
			return r.errorf("there is no subject %q", clip(id))
		}
		if i, ok := r.head[number]; ok {
			r.col[i] = ""
		}
		key := strings.Join(r.col, "\x00")
		if seen[key] {
			return nil
		}
		seen[key] = true
		p.says(what, r.col...)
		if reason := p.readUKPart(f.format, r); reason != "" {
			return r.errorf("%s", reason)
		}
		return nil
	})
}

// readUKPart reads a row of a table other than that of the subjects.
func (p *party) readUKPart(table format, r *row) string {
	switch table {
	case ukNames:
		name := ukName(p.Kind, r.get("name_6"), r.get("name_1"), r.get("name_2"), r.get("name_3"), r.get("name_4"), r.get("name_5"))
		name.Text = r.get("full_name")
		if strings.HasPrefix(r.get("alias_strength"), "low") {
			name.Kind = Weak
		}
		return p.name(name)
	case ukBirths:
		from, ok := exactDate(r.get("year"), r.get("month"), r.get("day"))
		p.birth(Birth{From: from, To: from}, ok)
	case ukIdentifiers:
		p.ukIdentifier(r)
	default:
		country := or(r.get("iso"), r.get("raw_value"))
		if r.get("country_type") == "birth" {
			p.bornIn(country)
		} else {
			p.country(country)
		}
	}
	return ""
}

func (b *builder) readUKSubject(r *row, id string) error {
	p, reason := b.add(id)
	if reason != "" {
		return r.errorf("%s", reason)
	}
	kind, ok := ukKinds[r.get("subject_type")]
	if !ok {
		return r.errorf("%q is not a kind of subject", clip(r.get("subject_type")))
	}
	p.Kind = kind
	p.says("subject", r.col...)
	p.remark("UN Reference Number", r.get("un_reference_number"))
	p.remark("Date Designated", r.get("date_designated"))
	return nil
}

func (p *party) ukIdentifier(r *row) {
	number := r.get("raw_value")
	switch r.get("identifier_type") {
	case "passport":
		p.document("passport", number, "")
	case "national":
		p.document("national_id", number, "")
	case "business_registration_numbers":
		p.document("registration", number, "")
	case "imo":
		p.document("imo", strings.TrimSpace(strings.TrimPrefix(number, "IMO")), "")
	default:
		p.document("other", number, "")
	}
	p.remark("Identifier", r.get("additional_info"))
}
