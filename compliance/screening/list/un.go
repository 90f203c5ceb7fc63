package list

import (
	"strings"
	"unicode"
)

// readUN reads the consolidated list of the Security Council.
func readUN(f *file, b *builder) error {
	b.list = "un"
	record := func(name string) bool { return name == "INDIVIDUAL" || name == "ENTITY" }
	start := func(n *node) error {
		if n.name == "CONSOLIDATED_LIST" {
			b.dated, _ = parseDate(n.attr("dateGenerated"))
		}
		return nil
	}
	return f.elements("CONSOLIDATED_LIST", record, start, func(n *node) error {
		id := n.get("REFERENCE_NUMBER")
		if id == "" {
			id = n.get("DATAID")
		}
		p, reason := b.add(id)
		if reason == "" {
			reason = p.readUNEntry(n)
		}
		if reason != "" {
			return f.errorf(n.line, "%s", reason)
		}
		return nil
	})
}

func (p *party) readUNEntry(n *node) string {
	p.says("entry", n.fields(nil)...)
	p.Kind = Company
	if n.name == "INDIVIDUAL" {
		p.Kind = Person
	}
	var parts []string
	for _, part := range []string{"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"} {
		if text := n.get(part); text != "" {
			parts = append(parts, text)
		}
	}
	if reason := p.name(Name{Text: strings.Join(parts, " ")}); reason != "" {
		return reason
	}
	for _, text := range unNames(n.get("NAME_ORIGINAL_SCRIPT")) {
		if reason := p.name(Name{Text: text}); reason != "" {
			return reason
		}
	}
	if reason := p.readUNAliases(n); reason != "" {
		return reason
	}
	p.program(n.get("UN_LIST_TYPE"))
	p.gender(n.get("GENDER"))
	for _, one := range n.all("NATIONALITY", "VALUE") {
		p.country(one.text)
	}
	for _, one := range n.all("INDIVIDUAL_DATE_OF_BIRTH") {
		p.birth(unBirth(one))
	}
	for _, one := range n.all("INDIVIDUAL_PLACE_OF_BIRTH") {
		p.bornIn(one.get("COUNTRY"))
		p.remark("POB", joined(one, "CITY", "STATE_PROVINCE", "COUNTRY", "NOTE"))
	}
	for _, one := range n.all("INDIVIDUAL_DOCUMENT") {
		p.unDocument(one)
	}
	for _, kind := range []string{"INDIVIDUAL_ADDRESS", "ENTITY_ADDRESS"} {
		for _, one := range n.all(kind) {
			p.country(one.get("COUNTRY"))
			p.remark("Address", joined(one, "STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY", "NOTE"))
		}
	}
	for _, one := range append(n.all("TITLE", "VALUE"), n.all("DESIGNATION", "VALUE")...) {
		p.remark("Title", one.text)
	}
	p.remark("Listed on", n.get("LISTED_ON"))
	p.remark("", n.get("COMMENTS1"))
	return ""
}

func (p *party) readUNAliases(n *node) string {
	for _, kind := range []string{"INDIVIDUAL_ALIAS", "ENTITY_ALIAS"} {
		for _, one := range n.all(kind) {
			how := Full
			switch strings.ToLower(one.get("QUALITY")) {
			case "low":
				how = Weak
			case "f.k.a.":
				how = Former
			}
			for _, text := range unNames(one.get("ALIAS_NAME")) {
				if reason := p.name(Name{Text: text, Kind: how}); reason != "" {
					return reason
				}
			}
			if text := one.get("DATE_OF_BIRTH"); text != "" {
				p.birth(parseBirth(text))
			}
			p.bornIn(one.get("COUNTRY_OF_BIRTH"))
			p.remark("Alias", one.get("NOTE"))
		}
	}
	return ""
}

func joined(n *node, names ...string) string {
	var parts []string
	for _, name := range names {
		if text := n.get(name); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// unNames takes apart an element that holds several names: with semicolons
// between them, counted with letters ("a) X b) Y"), or one in brackets behind
// the same in another script ("حسن غول (Hassan Ghul; Hassan Gul)").
func unNames(text string) []string {
	text = squeeze(text)
	if open := strings.IndexByte(text, '('); open > 0 && strings.HasSuffix(text, ")") && foreign(text[:open]) && !foreign(text[open:]) {
		return append(unNames(text[:open]), unNames(text[open+1:len(text)-1])...)
	}
	var out []string
	for _, part := range split(text, ";") {
		for _, mark := range []string{" b) ", " c) ", " d) ", " e) ", " f) "} {
			if !strings.Contains(part, mark) {
				break
			}
			first, rest, _ := strings.Cut(part, mark)
			out = append(out, bare(first))
			part = rest
		}
		out = append(out, bare(part))
	}
	return out
}

// bare drops the letter that counts a name.
func bare(name string) string {
	name = strings.TrimSpace(name)
	if len(name) > 3 && name[0] >= 'a' && name[0] <= 'z' && name[1] == ')' {
		name = strings.TrimSpace(name[2:])
	}
	return name
}

// foreign reports whether text has letters of a script other than Latin.
func foreign(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
			return true
		}
	}
	return false
}

// unBirth reads DATE, YEAR, FROM_YEAR and TO_YEAR, or a date in the NOTE.
func unBirth(n *node) (Birth, bool) {
	note := strings.ToLower(n.get("NOTE"))
	circa := n.get("TYPE_OF_DATE") == "APPROXIMATELY" || strings.HasPrefix(note, "approx")
	var b Birth
	ok := false
	switch {
	case n.get("DATE") != "":
		b, ok = parseBirth(n.get("DATE"))
	case n.get("FROM_YEAR") != "" || n.get("TO_YEAR") != "":
		b, ok = yearSpan(n.get("FROM_YEAR"), n.get("TO_YEAR"))
	case n.get("YEAR") != "":
		if b, ok = parseBirth(strings.TrimSpace(n.get("NOTE")) + " " + n.get("YEAR")); !ok || b.From.Month == 0 {
			b, ok = parseBirth(n.get("YEAR"))
		}
	case n.get("NOTE") != "" && !strings.Contains(note, "hijri"):
		b, ok = parseBirth(n.get("NOTE"))
	}
	b.Circa = b.Circa || circa && ok
	return b, ok
}

// yearSpan reads a span of years; one that is missing is taken to be the other.
func yearSpan(from, to string) (Birth, bool) {
	if from == "" {
		from = to
	}
	if to == "" {
		to = from
	}
	return parseBirth(from + " to " + to)
}

func (p *party) unDocument(n *node) {
	kind := "other"
	what := strings.ToLower(n.get("TYPE_OF_DOCUMENT") + " " + n.get("TYPE_OF_DOCUMENT2"))
	switch {
	case strings.Contains(what, "passeport"), strings.Contains(what, "passport"), strings.Contains(what, "pasaporte"):
		kind = "passport"
	case strings.Contains(what, "national"), strings.Contains(what, "identi"):
		kind = "national_id"
	}
	country, ok := countryOf(n.get("ISSUING_COUNTRY"))
	if !ok {
		country, _ = countryOf(n.get("COUNTRY_OF_ISSUE"))
	}
	p.document(kind, unNumber(n.get("NUMBER")), country)
	p.remark("Document", joined(n, "TYPE_OF_DOCUMENT", "TYPE_OF_DOCUMENT2", "NUMBER", "ISSUING_COUNTRY", "COUNTRY_OF_ISSUE", "DATE_OF_ISSUE", "NOTE"))
}

// unNumber leaves out what stands before a number in prose: "French national
// identity card number 050456101445".
func unNumber(text string) string {
	for _, mark := range []string{" number ", " no. ", " No. "} {
		if i := strings.LastIndex(text, mark); i >= 0 && strings.ContainsAny(text[i:], "0123456789") {
			return text[i+len(mark):]
		}
	}
	return text
}
