package list

import (
	"strings"
)

// readFSFXML reads the Financial Sanctions Files of the European Union as XML.
func readFSFXML(f *file, b *builder) error {
	b.list = "eu"
	record := func(name string) bool { return name == "sanctionEntity" }
	start := func(n *node) error {
		if n.name == "export" {
			b.dated, _ = parseDate(n.attr("generationDate"))
		}
		return nil
	}
	return f.elements("export", record, start, func(n *node) error {
		p, reason := b.add(b.fsfID(n.attr("euReferenceNumber"), n.attr("logicalId")))
		if reason == "" {
			reason = p.readFSFEntity(n)
		}
		if reason != "" {
			return f.errorf(n.line, "%s", reason)
		}
		return nil
	})
}

// fsfID is the EU's reference, or the number that it keeps the entity by: where
// there is no reference, or where another entity has the same.
func (b *builder) fsfID(reference, logical string) string {
	switch {
	case reference == "":
		return logical
	case b.byID[reference] != nil && logical != "" && !b.logical[logical]:
		reference += "#" + logical
	}
	b.logical[logical] = true
	return reference
}

func (p *party) readFSFEntity(n *node) string {
	p.says("entity", n.fields(nil)...)
	if subject := n.find("subjectType"); subject != nil {
		p.Kind = fsfKind(subject.attr("classificationCode"), subject.attr("code"))
	}
	for _, one := range n.all("nameAlias") {
		how := Full
		if one.attr("strong") == "false" {
			how = Weak
		}
		name := fsfName(one.attr("wholeName"), one.attr("firstName"), one.attr("middleName"), one.attr("lastName"))
		name.Kind = how
		if reason := p.name(name); reason != "" {
			return reason
		}
		p.gender(one.attr("gender"))
		p.remark("Function", one.attr("function"))
	}
	for _, one := range n.all("citizenship") {
		p.country(one.attr("countryIso2Code"))
	}
	for _, one := range n.all("address") {
		p.country(one.attr("countryIso2Code"))
		p.remark("Address", fsfPlace(one.attr))
	}
	for _, one := range n.all("birthdate") {
		p.birth(fsfBirth(one.attr("birthdate"), one.attr("year"), one.attr("monthOfYear"), one.attr("dayOfMonth"),
			one.attr("yearRangeFrom"), one.attr("yearRangeTo"), one.attr("circa"), one.attr("calendarType")))
		p.bornIn(one.attr("countryIso2Code"))
		p.remark("POB", fsfPlace(one.attr))
	}
	for _, one := range n.all("identification") {
		number := one.attr("number")
		if number == "" {
			number = one.attr("latinNumber")
		}
		p.fsfDocument(one.attr("identificationTypeCode"), number, one.attr("countryIso2Code"))
	}
	for _, one := range n.all("regulation") {
		p.program(one.attr("programme"))
		p.remark("Regulation", one.attr("numberTitle"))
	}
	for _, one := range n.all("remark") {
		p.remark("", one.text)
	}
	p.remark("UN id", n.attr("unitedNationId"))
	return ""
}

func fsfPlace(get func(string) string) string {
	var parts []string
	for _, name := range []string{"street", "poBox", "zipCode", "city", "region", "place", "countryDescription"} {
		if text := get(name); text != "" && text != "UNKNOWN" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// fsfKind reads P and E, or person and enterprise; the CSV has the two columns swapped.
func fsfKind(codes ...string) Kind {
	for _, code := range codes {
		switch strings.ToLower(code) {
		case "p", "person":
			return Person
		case "v", "vessel", "ship":
			return Vessel
		case "e", "enterprise", "entity":
			return Company
		}
	}
	return ""
}

func fsfName(whole, first, middle, last string) Name {
	given := squeeze(first + " " + middle)
	if whole == "" {
		whole = squeeze(given + " " + last)
	}
	n := Name{Text: whole}
	if last != "" && given != "" {
		n.Family, n.Given = last, given
	}
	return n
}

func fsfBirth(whole, year, month, day, from, to, circa, calendar string) (Birth, bool) {
	var b Birth
	var ok bool
	switch {
	case calendar != "" && !strings.EqualFold(calendar, "GREGORIAN"):
		return Birth{}, false
	case whole != "":
		b, ok = parseBirth(whole)
	case year != "":
		b.From, ok = exactDate(year, month, day)
		b.To = b.From
	case from != "" || to != "":
		b, ok = yearSpan(from, to)
	}
	b.Circa = ok && (b.Circa || strings.EqualFold(circa, "true"))
	return b, ok
}

// fsfDocument sorts the EU's types of identification.
func (p *party) fsfDocument(code, number, country string) {
	kind := "other"
	switch strings.ToLower(code) {
	case "passport", "diplomaticpassport", "servicepassport", "otherpassport", "stlesspassport", "traveldoc", "traveldocument":
		kind = "passport"
	case "id", "ssn", "residentperm", "birthcert", "drivinglicence", "electoralid":
		kind = "national_id"
	case "fiscalcode", "tax", "vat":
		kind = "tax_id"
	case "regnumber", "tradelic", "companynumber":
		kind = "registration"
	case "imo", "imo_number":
		kind, number = "imo", strings.TrimSpace(strings.TrimPrefix(number, "IMO"))
	}
	issuer, _ := countryOf(country)
	p.document(kind, number, issuer)
	if kind == "registration" {
		p.country(country)
	}
}

// readFSFCSV reads the Financial Sanctions Files of the European Union as CSV:
// a row for each name, address, date of birth, document or citizenship, with
// what concerns the whole entity repeated in each.
func readFSFCSV(f *file, b *builder) error {
	b.list = "eu"
	logical := map[string]*party{}
	form := csvForm{comma: ';', quotes: true, heading: []string{"Entity_LogicalId", "NameAlias_WholeName"}}
	return f.rows(form, func(r *row) error {
		key := r.get("Entity_LogicalId")
		if key == "" {
			if strings.Join(r.col, "") == "" {
				return nil
			}
			return r.errorf("an entry needs an id")
		}
		p := logical[key]
		if p == nil {
			var reason string
			if p, reason = b.add(b.fsfID(r.get("Entity_EU_ReferenceNumber"), key)); reason != "" {
				return r.errorf("%s", reason)
			}
			logical[strings.Clone(key)] = p
			p.Kind = fsfKind(r.get("Entity_SubjectType"), r.get("Entity_SubjectType_ClassificationCode"))
			p.remark("UN id", r.get("Entity_UnitedNationId"))
		}
		if b.dated == (Date{}) {
			b.dated, _ = parseDate(r.get("fileGenerationDate"))
		}
		if i, ok := r.head["fileGenerationDate"]; ok {
			r.col[i] = "" // It changes daily and says nothing of the entry.
		}
		p.says("row", r.col...)
		if reason := p.readFSFRow(r); reason != "" {
			return r.errorf("%s", reason)
		}
		return nil
	})
}

func (p *party) readFSFRow(r *row) string {
	name := fsfName(r.get("NameAlias_WholeName"), r.get("NameAlias_FirstName"), r.get("NameAlias_MiddleName"), r.get("NameAlias_LastName"))
	if r.get("NameAlias_Strong") == "false" {
		name.Kind = Weak
	}
	if reason := p.name(name); reason != "" {
		return reason
	}
	p.gender(r.get("NameAlias_Gender"))
	p.remark("Function", r.get("NameAlias_Function"))
	p.country(r.get("Citizenship_CountryIso2Code"))
	p.country(r.get("Address_CountryIso2Code"))
	p.remark("Address", r.place("Address_Street", "Address_PoBox", "Address_ZipCode", "Address_City", "Address_Region", "Address_Place", "Address_CountryDescription"))
	p.birth(fsfBirth(r.get("BirthDate_BirthDate"), r.get("BirthDate_Year"), r.get("BirthDate_Month"), r.get("BirthDate_Day"),
		r.get("BirthDate_YearRangeFrom"), r.get("BirthDate_YearRangeTo"), r.get("BirthDate_Circa"), r.get("BirthDate_CalendarType")))
	p.bornIn(r.get("BirthDate_CountryIso2Code"))
	p.remark("POB", r.place("BirthDate_City", "BirthDate_Region", "BirthDate_Place", "BirthDate_CountryDescription"))
	number := r.get("Identification_Number")
	if number == "" {
		number = r.get("Identification_LatinNumber")
	}
	p.fsfDocument(r.get("Identification_TypeCode"), number, r.get("Identification_CountryIso2Code"))
	p.program(r.get("Entity_Regulation_Programme"))
	p.remark("Regulation", r.get("Entity_Regulation_NumberTitle"))
	p.remark("", r.get("Entity_Remark"))
	return ""
}

// place joins the fields of an address.
func (r *row) place(names ...string) string {
	var parts []string
	for _, name := range names {
		if text := r.get(name); text != "" && text != "UNKNOWN" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
