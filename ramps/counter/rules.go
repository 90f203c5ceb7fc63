package counter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/openremit/remit"
)

// maxExpiryDays bounds for how long cash may wait.
const maxExpiryDays = 3650

// ruleSource are rules as they are written: by country and by name.
type ruleSource map[string]map[string]json.RawMessage

// ParseIdentityRules reads rules: a JSON object from country to its rule, "*"
// for all others. Its error names every mistake.
func ParseIdentityRules(text []byte) (*IdentityRules, error) {
	source, err := readSource(text)
	if err != nil {
		return nil, err
	}
	if source[anyCountry] == nil {
		return nil, fmt.Errorf("rules of identity documents have no row %q", anyCountry)
	}
	return source.rules()
}

// With returns the rules with those of a text over them. A country's rule there
// replaces what it names and leaves the rest as it was: that of the country, or
// of "*" for a country without one. What "*" names there is not told to
// countries that have a rule. Its error names every mistake.
func (r *IdentityRules) With(text []byte) (*IdentityRules, error) {
	over, err := readSource(text)
	if err != nil {
		return nil, err
	}
	all := make(ruleSource, len(r.source))
	for country, rule := range r.source {
		all[country] = maps.Clone(rule)
	}
	if rule, there := over[anyCountry]; there {
		maps.Copy(all[anyCountry], rule)
	}
	for country, rule := range over {
		if all[country] == nil {
			all[country] = maps.Clone(all[anyCountry])
		}
		maps.Copy(all[country], rule)
	}
	return all.rules()
}

func readSource(text []byte) (ruleSource, error) {
	var s ruleSource
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("read rules of the counters: %w", err)
	}
	if d.More() {
		return nil, errors.New("read rules of the counters: there is something behind them")
	}
	return s, nil
}

// rules reads and checks every country's rule.
func (s ruleSource) rules() (*IdentityRules, error) {
	r := &IdentityRules{byCountry: make(map[remit.Country]countryRule, len(s)), source: s}
	var wrong []error
	for _, country := range slices.Sorted(maps.Keys(s)) {
		text, err := json.Marshal(s[country])
		if err != nil {
			return nil, fmt.Errorf("rules of the counters in %q: %w", country, err)
		}
		var rule countryRule
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&rule); err != nil {
			wrong = append(wrong, fmt.Errorf("rules of the counters in %q: %w", country, err))
			continue
		}
		for _, err := range rule.settle(remit.Country(country)) {
			wrong = append(wrong, fmt.Errorf("rules of the counters in %q: %w", country, err))
		}
		r.byCountry[remit.Country(country)] = rule
	}
	return r, errors.Join(wrong...)
}

// settle checks a rule and reads what is in it. It returns every mistake.
func (rule *countryRule) settle(country remit.Country) (wrong []error) {
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if country != anyCountry && !country.Valid() {
		add("this is not a country; write two capitals, or \"*\" for all others")
	}
	if rule.MinimumAge < 0 || rule.MinimumAge > maxAge {
		add("minimum_age is %d; write 0 to %d", rule.MinimumAge, maxAge)
	}
	if len(rule.Documents) == 0 {
		add("documents has none; nobody could be paid")
	}
	for i, d := range rule.Documents {
		if d.Type == "" || (d.Issuer != "any" && d.Issuer != "same") {
			add("documents[%d] needs a type, and an issuer that is any or same", i)
		}
		if d.Number == "" {
			continue
		}
		form, err := regexp.Compile(d.Number)
		if err != nil {
			add("documents[%d].number: %w", i, err)
		}
		rule.Documents[i].number = form
	}
	return append(append(wrong, rule.settlePhoto()...), rule.settleRest()...)
}

func (rule *countryRule) settlePhoto() (wrong []error) {
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	switch rule.Photo {
	case "", PhotoOptional, PhotoAlways:
	case PhotoAbove:
		if len(rule.PhotoAbove) == 0 {
			add("photo is above, and photo_above names no amount")
		}
	default:
		add("photo is %q; write optional, above or always", rule.Photo)
	}
	rule.photoAbove = make(map[string]int64, len(rule.PhotoAbove))
	for _, code := range slices.Sorted(maps.Keys(rule.PhotoAbove)) {
		asset, err := remit.Fiat(code)
		if err != nil {
			add("photo_above: %q is not a currency", code)
			continue
		}
		amount, err := remit.ParseMoney(asset, rule.PhotoAbove[code])
		if err != nil {
			add("photo_above.%s: %w", code, err)
		}
		rule.photoAbove[code] = amount.Minor
	}
	return wrong
}

func (rule *countryRule) settleRest() (wrong []error) {
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for _, p := range rule.Proofs {
		if !p.Valid() {
			add("proofs has %q; write drawn or paper", p)
		}
	}
	if rule.ExpiryDays < 0 || rule.ExpiryDays > maxExpiryDays {
		add("expiry_days is %d; write 1 to %d days, or leave it out", rule.ExpiryDays, maxExpiryDays)
	}
	for _, from := range slices.Sorted(maps.Keys(rule.ExpiryDaysFrom)) {
		if days := rule.ExpiryDaysFrom[from]; !from.Valid() || days < 1 || days > maxExpiryDays {
			add("expiry_days_from.%s is %d; write countries, each with 1 to %d days", from, days, maxExpiryDays)
		}
	}
	return wrong
}

// Expiry is for how long cash waits in a country that was sent from another.
func (r *IdentityRules) Expiry(from, to remit.Country) time.Duration {
	rule := r.of(to)
	days := rule.ExpiryDaysFrom[from]
	if days == 0 {
		days = rule.ExpiryDays
	}
	if days == 0 {
		return DefaultExpiry
	}
	return time.Duration(days) * 24 * time.Hour
}

// PhotoNeeded reports whether an amount is paid in a country only with a photo
// of the document. A currency without an amount of its own needs one always.
func (r *IdentityRules) PhotoNeeded(country remit.Country, amount remit.Money) bool {
	rule := r.of(country)
	switch rule.Photo {
	case PhotoAlways:
		return true
	case PhotoAbove:
		above, there := rule.photoAbove[amount.Asset.Code]
		return !there || amount.Minor > above
	default:
		return false
	}
}

// Proofs are how a beneficiary may confirm to have the cash in a country, at an
// agent that may have its own; none is needed when there are none.
func (r *IdentityRules) Proofs(country remit.Country, a Agent) []Proof {
	if len(a.Proofs) > 0 {
		return slices.Clone(a.Proofs)
	}
	return slices.Clone(r.of(country).Proofs)
}
