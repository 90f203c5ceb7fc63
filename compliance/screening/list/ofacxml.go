package list

import (
	"strings"
)

// readOFACXML reads OFAC's list as sdn.xml or consolidated.xml has it.
func readOFACXML(f *file, b *builder) error {
	others := 0
	record := func(name string) bool { return name == "sdnEntry" || name == "publshInformation" }
	start := func(*node) error { return nil }
	err := f.elements("sdnList", record, start, func(n *node) error {
		if n.name == "publshInformation" {
			b.dated = usDate(n.get("Publish_Date"))
			return nil
		}
		p, reason := b.add(n.get("uid"))
		if reason != "" {
			return f.errorf(n.line, "%s", reason)
		}
		if reason := p.readSDNEntry(n); reason != "" {
			return f.errorf(n.line, "%s", reason)
		}
		if ofOtherList(p.Programs) {
			others++
		}
		return nil
	})
	b.list = ofacList(others, len(b.parties))
	return err
}

// usDate reads 03/28/2025.
func usDate(text string) Date {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return Date{}
	}
	d, ok := exactDate(parts[2], parts[0], parts[1])
	if !ok || d.Day == 0 {
		return Date{}
	}
	return d
}

func (p *party) readSDNEntry(n *node) string {
	p.says("entry", n.fields(nil)...)
	kind, ok := ofacKinds[strings.ToLower(n.get("sdnType"))]
	if !ok {
		return "an entry's kind is not known: " + clip(n.get("sdnType"))
	}
	p.Kind = kind
	if reason := p.name(xmlName(n, kind, Full)); reason != "" {
		return reason
	}
	for _, one := range n.all("programList", "program") {
		p.program(one.text)
	}
	p.remark("", n.get("remarks"))
	p.remark("Title", n.get("title"))
	for _, one := range n.all("akaList", "aka") {
		how := Full
		switch {
		case strings.HasPrefix(one.get("type"), "f"):
			how = Former
		case one.get("category") == "weak":
			how = Weak
		}
		if reason := p.name(xmlName(one, kind, how)); reason != "" {
			return reason
		}
	}
	for _, one := range n.all("dateOfBirthList", "dateOfBirthItem") {
		p.birth(parseBirth(one.get("dateOfBirth")))
	}
	for _, one := range n.all("placeOfBirthList", "placeOfBirthItem") {
		p.bornAt(one.get("placeOfBirth"))
		p.remark("POB", one.get("placeOfBirth"))
	}
	for _, list := range []string{"nationality", "citizenship"} {
		for _, one := range n.all(list+"List", list) {
			p.country(one.get("country"))
		}
	}
	for _, one := range n.all("idList", "id") {
		p.readID(one.get("idType"), one.get("idNumber"), one.get("idCountry"))
	}
	p.readXMLAddresses(n)
	if v := n.find("vesselInfo"); v != nil {
		p.document("call_sign", v.get("callSign"), "")
		p.country(v.get("vesselFlag"))
		p.remark("Vessel type", v.get("vesselType"))
		p.remark("Flag", v.get("vesselFlag"))
		p.remark("Owner", v.get("vesselOwner"))
		p.remark("Tonnage", v.get("tonnage"))
		p.remark("Gross tonnage", v.get("grossRegisteredTonnage"))
	}
	return ""
}

// xmlName writes a name as the CSV files do: "LAST, First Middle".
func xmlName(n *node, kind Kind, how NameKind) Name {
	family, given := n.get("lastName"), n.get("firstName")
	if given == "" {
		return ofacName(kind, family, how)
	}
	if family == "" {
		return Name{Text: given, Kind: how}
	}
	return Name{Text: family + ", " + given, Family: family, Given: given, Kind: how}
}

func (p *party) readXMLAddresses(n *node) {
	for _, one := range n.all("addressList", "address") {
		p.country(one.get("country"))
		var parts []string
		for _, name := range []string{"address1", "address2", "address3", "city", "stateOrProvince", "postalCode", "country"} {
			if text := one.get(name); text != "" {
				parts = append(parts, text)
			}
		}
		p.remark("Address", strings.Join(parts, ", "))
	}
}

// readID reads what OFAC's XML lists under an id's type: documents, and much else.
func (p *party) readID(kind, number, country string) {
	switch {
	case kind == "Gender":
		p.gender(number)
		return
	case strings.HasPrefix(kind, "Digital Currency Address"):
		p.wallet(number)
		return
	}
	label, known := documentLabel(kind)
	if known == "" || label != kind {
		p.remark(strings.TrimSuffix(kind, ":"), number)
		return
	}
	if imo, ok := strings.CutPrefix(number, "IMO "); ok {
		known, number = "imo", imo
	}
	issuer, _ := countryOf(country)
	p.document(known, number, issuer)
	if known == "registration" {
		p.country(country)
	}
}
