package counter

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// Identity is what a teller reads on a beneficiary's document. It is personal
// data: it is stored sealed only.
type Identity struct {
	// Type is the kind of document, such as passport; see Documents.
	Type   string        `json:"type"`
	Number string        `json:"number"`
	Issuer remit.Country `json:"issuer"`
	// Expires and BirthDate are days, such as 2030-01-31; Expires is empty where
	// the document has none.
	Expires   string `json:"expires,omitempty"`
	BirthDate string `json:"birth_date"`
	// Name is the whole name as the document writes it.
	Name string `json:"name"`
}

// Document is a kind of document that a country's counters accept.
type Document struct {
	Type string `json:"type"`
	// Issuer is "any", or "same" for the country of the counter only.
	Issuer string `json:"issuer"`
	// Number is the form of the number without spaces, any if empty.
	Number string `json:"number,omitempty"`
	// NoExpiry says that it may be without an expiry date.
	NoExpiry bool `json:"no_expiry,omitempty"`

	number *regexp.Regexp
}

// countryRule is what a country's counters ask for.
type countryRule struct {
	MinimumAge int        `json:"minimum_age"`
	Documents  []Document `json:"documents"`
	// Photo says when a photo of the document is needed; optional when empty.
	// PhotoAbove are the amounts by currency, such as {"COP": "1000000"}, above
	// which PhotoAbove asks for one.
	Photo      PhotoRule         `json:"photo,omitempty"`
	PhotoAbove map[string]string `json:"photo_above,omitempty"`
	// Proofs are how a beneficiary may confirm to have the cash, one of which is
	// needed; none is needed when empty.
	Proofs []Proof `json:"proofs,omitempty"`
	// ExpiryDays is for how many days cash waits, ExpiryDaysFrom the same for
	// what was sent from a country; DefaultExpiry when zero.
	ExpiryDays     int                   `json:"expiry_days,omitempty"`
	ExpiryDaysFrom map[remit.Country]int `json:"expiry_days_from,omitempty"`

	photoAbove map[string]int64
}

// anyCountry is the row of countries without one of their own.
const anyCountry = "*"

//go:embed data/identity.json
var identityData []byte

// IdentityRules say what the counters of each country ask for: documents and
// photos of them, signatures, and for how long cash waits.
type IdentityRules struct {
	byCountry map[remit.Country]countryRule
	// source are the rules as they are written, for With.
	source ruleSource
}

// LoadIdentityRules reads the rules that ship with the gateway.
func LoadIdentityRules() (*IdentityRules, error) { return ParseIdentityRules(identityData) }

// Documents lists what the counters of a country accept.
func (r *IdentityRules) Documents(country remit.Country) []Document {
	return slices.Clone(r.of(country).Documents)
}

func (r *IdentityRules) of(country remit.Country) countryRule {
	if rule, ok := r.byCountry[country]; ok {
		return rule
	}
	return r.byCountry[anyCountry]
}

// Bounds of what is written on a document.
const (
	maxDocumentNumber = 40
	maxDocumentName   = 140
	maxAge            = 120
)

// Check returns all that is wrong with a document at a counter of a country on
// a day, such as 2026-11-21. born is the birth date that is known of the
// beneficiary, empty for none.
func (r *IdentityRules) Check(country remit.Country, id Identity, today, born string) []remit.FieldError {
	var out []remit.FieldError
	add := func(field string, reason remit.Reason, format string, args ...any) {
		out = append(out, remit.FieldError{Field: "identity." + field, Reason: reason, Message: fmt.Sprintf(format, args...)})
	}
	rule := r.of(country)
	var types []string
	var found *Document
	for i, d := range rule.Documents {
		types = append(types, d.Type)
		if d.Type == id.Type {
			found = &rule.Documents[i]
		}
	}
	number := strings.ReplaceAll(strings.ToUpper(id.Number), " ", "")
	switch {
	case found == nil:
		add("type", remit.ReasonDocumentRefused, "counters in %s do not accept this document; they accept %s", country, strings.Join(types, ", "))
	case found.Issuer == "same" && id.Issuer != country:
		add("issuer", remit.ReasonDocumentRefused, "a %s is accepted here only when %s issued it; ask for a passport", plain(id.Type), country)
	case found.number != nil && !found.number.MatchString(number):
		add("number", remit.ReasonFieldInvalid, "this is not the number of a %s of %s; read it again", plain(id.Type), country)
	}
	if number == "" || len(number) > maxDocumentNumber {
		add("number", remit.ReasonFieldRequired, "write the document's number, at most %d characters", maxDocumentNumber)
	}
	if !id.Issuer.Valid() {
		add("issuer", remit.ReasonUnknownCountry, "write which country issued the document, such as PH")
	}
	if name := strings.TrimSpace(id.Name); name == "" || len(name) > maxDocumentName {
		add("name", remit.ReasonFieldRequired, "write the whole name as it is on the document")
	}
	switch _, err := time.Parse(dateForm, id.Expires); {
	case id.Expires == "" && found != nil && found.NoExpiry:
	case err != nil:
		add("expires", remit.ReasonFieldInvalid, "write until when the document is valid, as 2030-01-31")
	case id.Expires < today:
		add("expires", remit.ReasonDocumentExpired, "the document expired on %s; ask for a valid one", id.Expires)
	}
	if wrong := checkBirthDate(id.BirthDate, today, born, rule.MinimumAge); wrong != "" {
		add("birth_date", remit.ReasonBirthDateInvalid, "%s", wrong)
	}
	return out
}

// checkBirthDate returns what is wrong with a birth date.
func checkBirthDate(text, today, known string, least int) string {
	date, err := time.Parse(dateForm, text)
	if err != nil {
		return "write the birth date as 1990-04-05"
	}
	day, err := time.Parse(dateForm, today)
	if err != nil {
		return "today is not known"
	}
	switch {
	case date.After(day):
		return "the birth date is in the future; read it again"
	case date.AddDate(maxAge, 0, 0).Before(day):
		return "nobody is that old; read the birth date again"
	case date.AddDate(least, 0, 0).After(day):
		return fmt.Sprintf("the person is younger than %d; minors are not served", least)
	case known != "" && known != text:
		return "the birth date is not the one on file; read it again, or call the support line"
	}
	return ""
}

func plain(documentType string) string { return strings.ReplaceAll(documentType, "_", " ") }
