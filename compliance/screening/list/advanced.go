package list

import (
	"strconv"
	"strings"
)

// advanced reads OFAC's lists in the Advanced Sanctions Data Model, which
// holds values by number: reference sets come first, then places and documents,
// then parties, then the entries that say on which list a party is.
type advanced struct {
	file *file
	*builder
	// sets maps "Country 11067" to what the reference set of that name says.
	sets map[string]reference
	// places are locations by their id.
	places map[string]place
	// documents are by the id of the identity that they identify.
	documents map[string][]*node
	others    int
	listed    map[string]bool
}

type reference struct {
	text, parent, iso string
}

type place struct {
	text    string
	country string
}

// readAdvanced reads sdn_advanced.xml or cons_advanced.xml.
func readAdvanced(f *file, b *builder) error {
	a := &advanced{file: f, builder: b, sets: map[string]reference{}, places: map[string]place{}, documents: map[string][]*node{}, listed: map[string]bool{}}
	record := func(name string) bool {
		switch name {
		case "DateOfIssue", "ReferenceValueSets", "Location", "IDRegDocument", "DistinctParty", "SanctionsEntry", "ProfileRelationship":
			return true
		default:
			return false
		}
	}
	root, err := f.rootOf()
	if err != nil {
		return err
	}
	err = f.elements(root, record, func(*node) error { return nil }, a.take)
	if err != nil {
		return err
	}
	b.list = ofacList(a.others, len(b.parties))
	return nil
}

// rootOf returns which of its two root elements a file has.
func (f *file) rootOf() (string, error) {
	in, err := f.open()
	if err != nil {
		return "", err
	}
	defer in.close()
	head, err := in.Peek(2000)
	if len(head) == 0 && err != nil {
		return "", f.wrap(0, "read", err)
	}
	if strings.Contains(string(head), "<SanctionsData") {
		return "SanctionsData", nil
	}
	return "Sanctions", nil
}

func (a *advanced) take(n *node) error {
	switch n.name {
	case "DateOfIssue":
		a.dated, _ = exactDate(n.get("Year"), n.get("Month"), n.get("Day"))
	case "ReferenceValueSets":
		a.readSets(n)
	case "Location":
		a.readPlace(n)
	case "IDRegDocument":
		id := n.attr("IdentityID")
		a.documents[id] = append(a.documents[id], n)
	case "DistinctParty":
		return a.readParty(n)
	case "SanctionsEntry":
		return a.readListing(n)
	}
	return nil
}

func (a *advanced) readSets(n *node) {
	for _, set := range n.kids {
		for _, one := range set.kids {
			a.sets[one.name+" "+one.attr("ID")] = reference{text: one.text, parent: one.attr("PartyTypeID"), iso: one.attr("ISO2")}
		}
	}
}

func (a *advanced) set(name, id string) string { return a.sets[name+" "+id].text }

// countryBy returns a country by its number, as a code or a name.
func (a *advanced) countryBy(id string) string {
	if r := a.sets["Country "+id]; r.iso != "" {
		return r.iso
	}
	return a.set("Country", id)
}

func (a *advanced) readPlace(n *node) {
	var parts []string
	country := ""
	for _, part := range n.all("LocationPart", "LocationPartValue") {
		if text := part.get("Value"); text != "" {
			parts = append(parts, text)
		}
	}
	if one := n.find("LocationCountry"); one != nil {
		country = a.countryBy(one.attr("CountryID"))
		parts = append(parts, a.set("Country", one.attr("CountryID")))
	} else if one := n.find("LocationAreaCode"); one != nil {
		country = a.set("AreaCode", one.attr("AreaCodeID"))
		parts = append(parts, country)
	}
	a.places[n.attr("ID")] = place{strings.Join(parts, ", "), country}
}

func (a *advanced) readParty(n *node) error {
	for _, profile := range n.all("Profile") {
		p, reason := a.add(profile.attr("ID"))
		if reason != "" {
			return a.file.errorf(profile.line, "%s", reason)
		}
		p.says("party", n.fields(nil)...)
		kind := a.sets["PartySubType "+profile.attr("PartySubTypeID")]
		switch {
		case kind.text == "Vessel":
			p.Kind = Vessel
		case kind.text == "Aircraft":
			p.Kind = Aircraft
		case a.set("PartyType", kind.parent) == "Individual":
			p.Kind = Person
		case a.set("PartyType", kind.parent) == "Entity":
			p.Kind = Company
		}
		for _, identity := range profile.all("Identity") {
			if reason := a.readIdentity(p, identity); reason != "" {
				return a.file.errorf(identity.line, "%s", reason)
			}
		}
		for _, feature := range append(profile.all("Feature"), n.all("Feature")...) {
			a.readFeature(p, feature)
		}
	}
	return nil
}

// readIdentity reads names, the primary one first, and documents.
func (a *advanced) readIdentity(p *party, n *node) string {
	types := map[string]string{}
	for _, group := range n.all("NamePartGroups", "MasterNamePartGroup", "NamePartGroup") {
		types[group.attr("ID")] = a.set("NamePartType", group.attr("NamePartTypeID"))
	}
	for _, primary := range []bool{true, false} {
		for _, alias := range n.all("Alias") {
			if (alias.attr("Primary") == "true") != primary {
				continue
			}
			how := Full
			switch {
			case strings.HasPrefix(a.set("AliasType", alias.attr("AliasTypeID")), "F"):
				how = Former
			case alias.attr("LowQuality") == "true":
				how = Weak
			}
			for _, named := range alias.all("DocumentedName") {
				if reason := p.name(advancedName(named, types, p.Kind, how)); reason != "" {
					return reason
				}
			}
		}
	}
	for _, document := range a.documents[n.attr("ID")] {
		p.says("document", document.fields(nil)...)
		issuer := document.attr("IssuedBy-CountryID")
		if by := document.find("IssuedBy"); by != nil && issuer == "" {
			issuer = by.attr("CountryID")
		}
		p.readID(a.set("IDRegDocType", document.attr("IDRegDocTypeID")), document.get("IDRegistrationNo"), a.countryBy(issuer))
	}
	return ""
}

// advancedName writes a name as the other files do: "LAST, First Middle".
func advancedName(n *node, types map[string]string, kind Kind, how NameKind) Name {
	var family, given []string
	for _, part := range n.all("DocumentedNamePart", "NamePartValue") {
		if part.text == "" {
			continue
		}
		if types[part.attr("NamePartGroupID")] == "Last Name" || kind != Person {
			family = append(family, part.text)
		} else {
			given = append(given, part.text)
		}
	}
	name := Name{Kind: how}
	switch {
	case len(family) == 0 || len(given) == 0:
		name.Text = strings.Join(append(family, given...), " ")
	default:
		name.Family, name.Given = strings.Join(family, " "), strings.Join(given, " ")
		name.Text = name.Family + ", " + name.Given
	}
	return name
}

func (a *advanced) readFeature(p *party, n *node) {
	kind := a.set("FeatureType", n.attr("FeatureTypeID"))
	for _, version := range n.all("FeatureVersion") {
		text := version.get("VersionDetail")
		if detail := version.find("VersionDetail"); detail != nil && text == "" {
			text = a.set("DetailReference", detail.attr("DetailReferenceID"))
		}
		at := place{}
		if location := version.find("VersionLocation"); location != nil {
			at = a.places[location.attr("LocationID")]
		}
		switch {
		case kind == "Birthdate":
			for _, period := range version.all("DatePeriod") {
				p.birth(advancedBirth(period))
			}
		case kind == "Place of Birth":
			p.bornIn(at.country)
			p.bornAt(text)
			p.remark("POB", or(text, at.text))
		case kind == "Nationality Country", kind == "Citizenship Country", kind == "Location", kind == "Vessel Flag", kind == "Nationality of Registration":
			p.country(or(at.country, text))
			p.remark(kind, or(at.text, text))
		case strings.HasPrefix(kind, "Gender"):
			p.gender(text)
		case kind == "MMSI" || kind == "Vessel Call Sign" || strings.HasPrefix(kind, "Digital Currency Address"):
			p.readID(kind, text, "")
		default:
			p.readID(or(kind, "Feature"), or(text, at.text), "")
		}
	}
}

// advancedBirth reads a period: it starts within one span and ends within another.
func advancedBirth(n *node) (Birth, bool) {
	start, end := n.find("Start"), n.find("End")
	if start == nil {
		return Birth{}, false
	}
	from, ok := advancedDate(start.find("From"))
	if !ok {
		return Birth{}, false
	}
	b := Birth{From: from, To: from, Circa: start.attr("Approximate") == "true"}
	if end != nil {
		b.Circa = b.Circa || end.attr("Approximate") == "true"
		if to, ok := advancedDate(end.find("To")); ok && !to.before(from) {
			b.To = to
		}
	}
	return b.whole(), true
}

func advancedDate(n *node) (Date, bool) {
	if n == nil {
		return Date{}, false
	}
	return exactDate(n.get("Year"), n.get("Month"), n.get("Day"))
}

// whole writes a span that is one year or one month as that year or month.
func (b Birth) whole() Birth {
	f, t := b.From, b.To
	if f.Day != 1 || t.Day != daysIn(t.Year, max(t.Month, 1)) {
		return b
	}
	switch {
	case f.Month == 1 && t.Month == 12:
		return Birth{Date{Year: f.Year}, Date{Year: t.Year}, b.Circa}
	case f.Year == t.Year && f.Month == t.Month:
		month := Date{Year: f.Year, Month: f.Month}
		return Birth{month, month, b.Circa}
	default:
		return b
	}
}

// readListing reads on which list and for which programmes a party is.
func (a *advanced) readListing(n *node) error {
	p := a.byID[n.attr("ProfileID")]
	if p == nil {
		return a.file.errorf(n.line, "there is no party %s", strconv.Quote(clip(n.attr("ProfileID"))))
	}
	p.says("listing", n.fields(nil)...)
	if !a.listed[p.ID] && !strings.HasPrefix(a.set("List", n.attr("ListID")), "SDN") {
		a.others++
	}
	a.listed[p.ID] = true
	for _, measure := range n.all("SanctionsMeasure") {
		if a.set("SanctionsType", measure.attr("SanctionsTypeID")) == "Program" {
			p.program(measure.get("Comment"))
		}
	}
	return nil
}
