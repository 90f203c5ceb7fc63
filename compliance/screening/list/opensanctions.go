package list

import (
	"strings"
)

// readOpenSanctions reads targets.simple.csv: one row for each target, with
// several values in a field joined by semicolons.
func readOpenSanctions(f *file, b *builder) error {
	b.list = "opensanctions"
	form := csvForm{comma: ',', heading: []string{"id", "schema", "name", "aliases", "birth_date"}}
	return f.rows(form, func(r *row) error {
		p, reason := b.add(r.get("id"))
		if reason != "" {
			return r.errorf("%s", reason)
		}
		switch r.get("schema") {
		case "Person":
			p.Kind = Person
		case "Company", "Organization", "PublicBody":
			p.Kind = Company
		case "Vessel":
			p.Kind = Vessel
		case "Airplane":
			p.Kind = Aircraft
		}
		// When the row was last seen is the date of the file, and no news of the entry.
		if seen, ok := parseDate(r.get("last_seen")); ok && b.dated.before(seen) {
			b.dated = seen
		}
		if i, ok := r.head["last_seen"]; ok {
			r.col[i] = ""
		}
		p.says("row", r.col...)
		for _, name := range append([]string{r.get("name")}, split(r.get("aliases"), ";")...) {
			if reason := p.name(Name{Text: name}); reason != "" {
				return r.errorf("%s", reason)
			}
		}
		for _, one := range split(r.get("birth_date"), ";") {
			p.birth(parseBirth(one))
		}
		for _, one := range split(r.get("countries"), ";") {
			p.country(one)
		}
		for _, one := range split(r.get("identifiers"), ";") {
			p.openIdentifier(one)
		}
		programs := r.get("program_ids")
		if programs == "" {
			programs = r.get("dataset")
		}
		for _, one := range split(programs, ";") {
			p.program(one)
		}
		p.remark("Sanctions", r.get("sanctions"))
		p.remark("Address", r.get("addresses"))
		p.remark("Dataset", r.get("dataset"))
		return nil
	})
}

// openIdentifier sorts an identifier as far as its form tells; wallets stand
// among them in some data sets.
func (p *party) openIdentifier(text string) {
	if imo, ok := strings.CutPrefix(text, "IMO"); ok && digits(imo) && len(imo) == 7 {
		p.document("imo", imo, "")
		return
	}
	if strings.HasPrefix(text, "0x") && len(text) == 42 || strings.HasPrefix(text, "bc1") && len(text) > 40 {
		p.wallet(text)
		return
	}
	p.document("other", text, "")
}
