package list

import (
	"slices"
	"strings"

	"github.com/openremit/remit"
)

// readFacts takes birth dates, countries, documents, weak aliases and wallet
// addresses out of an entry's remarks. What it does not know it leaves alone:
// remarks are prose, and a list is not refused for them. It returns the reason
// when an alias cannot be taken.
func (p *party) readFacts(remarks string) string {
	for fact := range strings.SplitSeq(remarks, ";") {
		fact = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(fact), "alt. "), ".")
		word, rest, _ := strings.Cut(fact, " ")
		switch word {
		case "DOB":
			p.birth(parseBirth(rest))
		case "nationality", "citizen":
			p.country(rest)
		case "POB":
			p.bornAt(rest)
		case "Gender":
			p.gender(rest)
		case "a.k.a.", "n.k.a.", "f.k.a.":
			if reason := p.quoted(word, rest); reason != "" {
				return reason
			}
		case "Digital":
			if rest, ok := strings.CutPrefix(rest, "Currency Address - "); ok {
				_, address, _ := strings.Cut(rest, " ")
				if !strings.Contains(address, " ") {
					p.wallet(address)
				}
			}
		default:
			p.readDocument(fact)
		}
	}
	return ""
}

// bornAt adds the country that a place of birth ends in.
func (p *party) bornAt(place string) {
	parts := countriesIn(place)
	if len(parts) > 0 {
		p.bornIn(parts[len(parts)-1])
	}
}

// quoted adds an alias that stands in the remarks because it is weak.
func (p *party) quoted(word, text string) string {
	inner, ok := strings.CutPrefix(text, "'")
	if !ok {
		return ""
	}
	end := strings.LastIndexByte(inner, '\'')
	if end < 1 {
		return ""
	}
	how := Weak
	if word == "f.k.a." {
		how = Former
	}
	return p.name(ofacName(p.Kind, inner[:end], how))
}

// readDocument reads "Passport A0163654 (Iran) issued 12 Jan 2000".
func (p *party) readDocument(fact string) {
	label, kind := documentLabel(fact)
	if kind == "" {
		return
	}
	rest := strings.TrimSpace(fact[len(label):])
	rest = strings.TrimSpace(strings.TrimPrefix(rest, "#"))
	var country remit.Country
	for _, group := range groups(rest) {
		if code, ok := countryOf(group); ok {
			country = code
		}
	}
	for _, mark := range []string{" (", " issued ", " expires ", " from "} {
		rest, _, _ = strings.Cut(rest, mark)
	}
	if imo, ok := strings.CutPrefix(rest, "IMO "); ok {
		kind, rest = "imo", imo
	}
	if strings.HasPrefix(rest, "(") || numbered[kind] && !strings.ContainsAny(rest, "0123456789") {
		return
	}
	p.document(kind, rest, country)
	if kind == "registration" {
		p.country(string(country))
	}
}

// numbered are the documents that have digits in their numbers; what has none
// is prose that begins like a label.
var numbered = map[string]bool{"passport": true, "national_id": true, "tax_id": true, "registration": true, "imo": true, "mmsi": true}

// groups returns what stands in brackets.
func groups(text string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "(")
		if !ok {
			return out
		}
		group, after, ok := strings.Cut(rest, ")")
		if !ok {
			return out
		}
		out = append(out, group)
		text = after
	}
}

// documentLabel returns the label that a fact begins with and the type of
// document that it stands for; empty ones when it is no document.
func documentLabel(fact string) (label, kind string) {
	word, _, _ := strings.Cut(fact, " ")
	for _, known := range documentLabels[word] {
		if strings.HasPrefix(fact, known.label) && (len(fact) == len(known.label) || fact[len(known.label)] == ' ') {
			return known.label, known.kind
		}
	}
	return "", ""
}

type labelled struct{ label, kind string }

// documentLabels are the labels of documents as OFAC writes them, by their
// first word, the longer ones first.
var documentLabels = func() map[string][]labelled {
	m := map[string][]labelled{}
	for line := range strings.SplitSeq(strings.TrimSpace(documentTable), "\n") {
		kind, labels, _ := strings.Cut(line, ": ")
		for label := range strings.SplitSeq(labels, "|") {
			word, _, _ := strings.Cut(label, " ")
			m[word] = append(m[word], labelled{label, kind})
		}
	}
	for _, known := range m {
		slices.SortFunc(known, func(a, b labelled) int { return len(b.label) - len(a.label) })
	}
	return m
}()

const documentTable = `
passport: Passport|Diplomatic Passport|British National Overseas Passport|Stateless Person Passport|Refugee ID Card|VisaNumberID|Travel Document Number|Stateless Person ID Card
national_id: National ID No.|National Foreign ID Number|Cedula No.|Cedula de Ciudadania|Cedula de Residencia|Cedula de Extranjeria|C.U.R.P.|CURP|D.N.I.|Personal ID Card|Identification Number|Numero de Identidad|Citizen's Card Number|Turkish Identification Number|SSN|Social Security Number|Birth Certificate Number|Electoral Registry No.|Kenyan ID No.|Bosnian Personal ID No.|Afghan National ID|Tazkira National ID Card|Tazkira No.|I.F.E.|N.I.E.|Residency Number|Moroccan Personal ID No.|Seafarer's Identification Document|UAE Identification|Philippine Identification Number|Iranian National ID No.|LE Number|Cartilla de Servicio Militar Nacional|Driver's License No.|Military Registration Number|Serial No.|Tarjeta de Identidad|Paraguayan Identification Number|National ID Number|Credencial electoral|C.U.I.P.|CNP (Personal Numerical Code)|Romanian Permanent Resident CAN|Immigration No.|Pilot License Number
tax_id: Tax ID No.|R.F.C.|RFC|NIT #|NIT|RUC #|RUC|RIF #|RIF|RTN|V.A.T. Number|VAT Number|Italian Fiscal Code|C.U.I.T.|CUIT|Fiscal Code|Romanian Tax Registration|C.U.I.|C.I.F.|N.I.F.|Numero de Identificacion Tributaria|US FEIN|FEIN|Romanian C.R.|UK Tax ID|Paraguayan tax identification number|Numero Unico de Identificacao Tributaria (NUIT)|Italian Fiscal Code:
registration: Registration Number|Registration ID|Registered Charity No.|Business Registration Number|Business Registration Document #|Business Number|Company Number|Commercial Registry Number|Commercial Registry No.|C.R. No.|Chamber of Commerce Number|Istanbul Chamber of Comm. No.|Central Registration System Number|Enterprise Number|Public Registration Number|Trade License No.|License|License Number|Tourism License No.|Unified Social Credit Code (USCC)|Economic Register Number (CBLS)|Folio Mercantil No.|Matricula Mercantil No|Government Gazette Number|Legal Entity Number|Certificate of Incorporation Number|Organization Code|Dubai Chamber of Commerce Membership No.|File Number|Registro Mercantil|Tax Registration Number|D-U-N-S Number|Industry Number|Permit Number|C.N.P.J.|Commercial Register|UAE Trade License|Fiscal Number|Chinese Commercial Code|Global Intermediary Identification Number|UK Company Number|Branch Unit Number|United Social Credit Code Certificate (USCCC)|SRE Permit No.|Afghan Money Service Provider License Number|MSB Registration Number|C.I.N.|Registration Certificate Number (Dubai)|Russian State Individual Business Registration Number Pattern (OGRNIP)
imo: Vessel Registration Identification|Vessel Registration Identification IMO|IMO
mmsi: MMSI
call_sign: Vessel Call Sign|Other Vessel Call Sign
tail_number: Aircraft Tail Number|Previous Aircraft Tail Number
other: SWIFT/BIC|BIK (RU)|ISIN|Aircraft Manufacturer's Serial Number (MSN)|Aircraft Construction Number (also called L/N or S/N or F/N)|Aircraft Serial Identification|Vessel Other Identification|Other ID
`
