package list

import (
	"strings"
)

// Names of the lists of OFAC.
const (
	sdn          = "ofac-sdn"
	consolidated = "ofac-consolidated"
)

// readOFAC reads the tables of OFAC that lie in one folder. Aliases, addresses
// and comments go to the entries that they speak of.
func (r *reading) readOFAC(where string, parts []orphan) error {
	var lists []*version
	for _, part := range parts {
		if part.file.format != ofacEntries {
			continue
		}
		v := &version{builder: newBuilder("", r.limits), where: where, files: []*file{part.file}}
		if err := readEntries(part.file, v.builder); err != nil {
			return err
		}
		for _, had := range lists {
			if had.list == v.list {
				return part.file.errorf(0, "%s is also in %s, and which of the other files belong to which cannot be told", v.list, had.files[0].path)
			}
		}
		lists = append(lists, v)
	}
	for _, kind := range []format{ofacComments, ofacAliases, ofacAddresses} {
		for _, part := range parts {
			if part.file.format != kind {
				continue
			}
			if err := r.readPart(part, lists); err != nil {
				return err
			}
		}
	}
	for _, v := range lists {
		if err := r.checkMarks(v); err != nil {
			return err
		}
		if err := v.finishOFAC(); err != nil {
			return err
		}
		r.found = append(r.found, v)
	}
	return nil
}

// checkMarks refuses a file without the Control-Z that others of its list end with:
// OFAC ends all its files so, and what was cut at the end of a line can be told by
// nothing else. A list of which no file has one was not written by OFAC, or was
// edited since; it is read with a warning. So is a mixed one if the reading is Partial.
func (r *reading) checkMarks(v *version) error {
	var with, without *file
	for _, f := range v.files {
		switch {
		case f.marked && with == nil:
			with = f
		case !f.marked && without == nil:
			without = f
		}
	}
	if with != nil && without != nil && r.partial {
		v.warnings = append(v.warnings, Passed{without.path, "it has no mark (Control-Z) at its end, as " + with.path + " has: it is cut, or somebody wrote it anew"})
		return nil
	}
	if with != nil && without != nil {
		return without.errorf(0, "it has no mark (Control-Z) at its end, as %s and all files of OFAC have; the file is truncated, or somebody wrote it anew without", with.path)
	}
	if without != nil {
		v.warnings = append(v.warnings, Passed{without.path, "no file of " + v.list +
			" has OFAC's mark (Control-Z) at its end: whether they are whole cannot be told"})
	}
	return nil
}

// readPart reads a table into the list whose entries it speaks of.
func (r *reading) readPart(part orphan, lists []*version) error {
	var owner *version
	most := 0
	for _, v := range lists {
		n := v.knows(part.ids)
		named := strings.Contains(part.file.path, "cons") == (v.list == consolidated)
		if n > most || n == most && n > 0 && named {
			owner, most = v, n
		}
	}
	if owner == nil && len(lists) == 1 {
		owner = lists[0]
	}
	if owner == nil {
		r.orphans = append(r.orphans, part)
		return nil
	}
	for _, had := range owner.files {
		if had.format == part.file.format {
			return part.file.errorf(0, "it is the same table of %s as %s", owner.list, had.path)
		}
	}
	owner.files = append(owner.files, part.file)
	switch part.file.format {
	case ofacAliases:
		return readAliases(part.file, owner.builder)
	case ofacAddresses:
		return readAddresses(part.file, owner.builder)
	default:
		return readComments(part.file, owner.builder)
	}
}

// null is how OFAC writes that there is nothing.
const null = "-0-"

func (r *row) at(i int) string {
	if s := strings.TrimSpace(r.col[i]); s != null {
		return s
	}
	return ""
}

// readEntries reads sdn.csv or cons_prim.csv: number, name, kind, programmes,
// title, call sign, vessel type, tonnage, gross tonnage, flag, owner, remarks.
func readEntries(f *file, b *builder) error {
	others := 0
	err := f.rows(csvForm{comma: ',', latin1: true, columns: 12}, func(r *row) error {
		if !digits(r.at(0)) || r.at(1) == "" {
			return r.errorf("an entry needs a number and a name")
		}
		p, reason := b.add(r.at(0))
		if reason != "" {
			return r.errorf("%s", reason)
		}
		kind, ok := ofacKinds[strings.ToLower(r.at(2))]
		if !ok {
			return r.errorf("%q is not a kind of entry", clip(r.at(2)))
		}
		p.Kind = kind
		p.says("entry", r.col...)
		if reason := p.name(ofacName(kind, r.at(1), Full)); reason != "" {
			return r.errorf("%s", reason)
		}
		if len(p.Names) == 0 {
			return r.errorf("%q is no name", clip(r.at(1)))
		}
		for program := range strings.SplitSeq(r.at(3), "] [") {
			p.program(strings.Trim(program, "[] "))
		}
		if ofOtherList(p.Programs) {
			others++
		}
		p.remark("Title", r.at(4))
		p.document("call_sign", r.at(5), "")
		p.remark("Vessel type", r.at(6))
		p.remark("Tonnage", r.at(7))
		p.remark("Gross tonnage", r.at(8))
		p.country(r.at(9))
		p.remark("Flag", r.at(9))
		p.remark("Owner", r.at(10))
		// What readFacts takes apart, with the comments that go on with it.
		p.remarks = append([]string{strings.Clone(r.at(11))}, p.remarks...)
		return nil
	})
	b.list = ofacList(others, len(b.parties))
	return err
}

// ofacKinds are the kinds as the legacy CSV and XML write them; a company has none in the CSV.
var ofacKinds = map[string]Kind{"": Company, "entity": Company, "individual": Person, "vessel": Vessel, "aircraft": Aircraft}

// ofOtherList reports whether an entry is of OFAC's lists other than the SDN
// list: the Palestinian Legislative Council, sectoral sanctions, Chinese
// military-industrial companies, correspondent accounts, menu-based sanctions.
func ofOtherList(programs []string) bool {
	for _, program := range programs {
		switch program {
		case "NS-PLC", "UKRAINE-EO13662", "CMIC-EO13959", "CCMC-EO13959", "561-Related", "NS-MBS", "FSE-IR", "FSE-SY", "FSE-WMD":
			return true
		}
	}
	return false
}

// ofacList tells OFAC's two lists apart, which are written alike: in the
// consolidated one most entries are of the programmes of ofOtherList.
func ofacList(others, all int) string {
	if others*2 > all {
		return consolidated
	}
	return sdn
}

// ofacName takes apart a person's name, which is written "LAST, First Middle".
func ofacName(kind Kind, text string, how NameKind) Name {
	n := Name{Text: text, Kind: how}
	if family, given, ok := strings.Cut(text, ", "); ok && kind == Person {
		n.Family, n.Given = family, given
	}
	return n
}

// of returns the entry that a row speaks of.
func (b *builder) of(r *row) (*party, error) {
	p := b.byID[r.at(0)]
	if p == nil {
		return nil, r.errorf("there is no entry %q", clip(r.at(0)))
	}
	return p, nil
}

// readAliases reads alt.csv or cons_alt.csv: entry, number, kind, name, remarks.
func readAliases(f *file, b *builder) error {
	return f.rows(csvForm{comma: ',', latin1: true, columns: 5}, func(r *row) error {
		p, err := b.of(r)
		if err != nil {
			return err
		}
		how := Full
		switch strings.ToLower(r.at(2)) {
		case "aka", "nka":
		case "fka":
			how = Former
		default:
			return r.errorf("%q is not a kind of alias", clip(r.at(2)))
		}
		if r.at(3) == "" {
			return r.errorf("an alias needs a name")
		}
		p.says("alias", r.col...)
		if reason := p.name(ofacName(p.Kind, r.at(3), how)); reason != "" {
			return r.errorf("%s", reason)
		}
		p.remark("Alias", r.at(4))
		return nil
	})
}

// readAddresses reads add.csv or cons_add.csv: entry, number, address, city, country, remarks.
func readAddresses(f *file, b *builder) error {
	return f.rows(csvForm{comma: ',', latin1: true, columns: 6}, func(r *row) error {
		p, err := b.of(r)
		if err != nil {
			return err
		}
		p.says("address", r.col...)
		p.country(r.at(4))
		var parts []string
		for i := 2; i < 6; i++ {
			if r.at(i) != "" {
				parts = append(parts, r.at(i))
			}
		}
		p.remark("Address", strings.Join(parts, ", "))
		return nil
	})
}

// readComments reads sdn_comments.csv or cons_comments.csv: entry, and what the
// remarks of 1,000 letters had no room for.
func readComments(f *file, b *builder) error {
	return f.rows(csvForm{comma: ',', latin1: true, columns: 2}, func(r *row) error {
		p, err := b.of(r)
		if err != nil {
			return err
		}
		p.says("comment", r.col...)
		p.remarks[0] += strings.Trim(r.col[1], "\r\n")
		return nil
	})
}

// finishOFAC takes the remarks apart and tells what parts are missing.
func (v *version) finishOFAC() error {
	for _, p := range v.parties {
		if reason := p.readFacts(p.remarks[0]); reason != "" {
			return v.files[0].errorf(0, "entry %s: %s", p.ID, reason)
		}
		if p.remarks[0] == "" {
			p.remarks = p.remarks[1:]
		}
	}
	has := map[format]bool{}
	for _, f := range v.files {
		has[f.format] = true
	}
	for _, part := range []struct {
		format format
		what   string
	}{{ofacAliases, "the table of aliases (alt.csv)"}, {ofacAddresses, "the table of addresses (add.csv)"}} {
		if !has[part.format] {
			v.missing = append(v.missing, part.what)
		}
	}
	return nil
}
