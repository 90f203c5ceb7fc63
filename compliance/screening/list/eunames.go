package list

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// readEUNames reads a table of names made of the EU's list: Name, Alias (all
// names joined by ", "), Nationality, Designation. It has no ids; an entry's id
// is made of its name, so that it stays while other entries come and go.
func readEUNames(f *file, b *builder) error {
	b.list = "eu"
	form := csvForm{comma: ',', heading: []string{"Name", "Alias", "Nationality", "Designation"}}
	return f.rows(form, func(r *row) error {
		if r.get("Name") == "" && r.get("Alias") == "" {
			return r.errorf("an entry needs a name")
		}
		sum := sha256.Sum256([]byte(r.get("Name") + "\x00" + r.get("Designation")))
		base := "name-" + hex.EncodeToString(sum[:6])
		id := base
		for n := 2; b.byID[id] != nil; n++ {
			id = base + "-" + strconv.Itoa(n)
		}
		p, reason := b.add(id)
		if reason != "" {
			return r.errorf("%s", reason)
		}
		p.Kind = fsfKind(r.get("Designation"))
		p.says("row", r.col...)
		for _, name := range append([]string{r.get("Name")}, commaNames(r.get("Alias"))...) {
			if reason := p.name(Name{Text: name}); reason != "" {
				return r.errorf("%s", reason)
			}
		}
		for _, country := range countriesIn(r.get("Nationality")) {
			p.country(country)
		}
		if strings.EqualFold(r.get("Sanction Type"), "repealing") {
			p.remark("Sanction type", r.get("Sanction Type"))
		}
		return nil
	})
}

// commaNames cuts names apart at commas, but not before a company's form
// ("Foo Trading Co., Ltd").
func commaNames(text string) []string {
	var out []string
	for _, part := range split(text, ",") {
		if len(out) > 0 && companyForms[strings.ToLower(strings.Trim(part, ". "))] {
			out[len(out)-1] += ", " + part
			continue
		}
		out = append(out, part)
	}
	return out
}

var companyForms = map[string]bool{
	"ltd": true, "limited": true, "llc": true, "l.l.c": true, "inc": true, "s.a": true, "sa": true, "s.a.s": true, "gmbh": true,
	"co": true, "co. ltd": true, "corp": true, "plc": true, "jsc": true, "pjsc": true, "ojsc": true, "ooo": true, "oao": true, "pte": true, "s.l": true, "fze": true, "fzco": true,
}
