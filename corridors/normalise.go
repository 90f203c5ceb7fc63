package corridors

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/openremit/remit"
)

// maxRawLength bounds what is looked at in order to write it in one form; a
// longer text is left as it is and refused for its length.
const maxRawLength = 4 * maxFieldLength

// NormaliseBeneficiary writes a beneficiary and account in the one form that is
// stored and checked: phone numbers in E.164, reading national ones as of the
// country; account numbers without spaces and hyphens; codes in capitals;
// spaces trimmed; empty account fields left out. What it cannot read it leaves
// for ValidateBeneficiary to refuse. Doing it twice changes nothing.
func (c *Catalogue) NormaliseBeneficiary(country remit.Country, method remit.PayoutMethod, party remit.Party, account map[string]string) (remit.Party, map[string]string) {
	rule, _ := c.countries[country].Payout(method)
	out := make(map[string]string, len(account))
	for name, text := range account {
		for _, f := range rule.Account {
			if f.Name == name {
				text = f.normalise(text, country)
				break
			}
		}
		if text != "" {
			out[name] = text
		}
	}
	if party.Country != "" {
		country = party.Country
	}
	return normaliseParty(party, country), out
}

// NormaliseOriginator writes a customer's particulars in the one form that is
// stored and checked; see NormaliseBeneficiary.
func (c *Catalogue) NormaliseOriginator(party remit.Party) remit.Party {
	return normaliseParty(party, party.Country)
}

func normaliseParty(p remit.Party, region remit.Country) remit.Party {
	for _, text := range []*string{&p.GivenName, &p.FamilyName, &p.CompanyName, &p.AddressLine, &p.City, &p.PostalCode, &p.DocumentNumber, &p.DateOfBirth, &p.Email} {
		if len(*text) <= maxRawLength {
			*text = strings.Join(strings.Fields(*text), " ")
		}
	}
	p.Country = remit.Country(upper(string(p.Country)))
	p.Nationality = remit.Country(upper(string(p.Nationality)))
	p.DocumentType = strings.ToLower(strings.TrimSpace(p.DocumentType))
	p.Phone = e164(p.Phone, remit.Country(upper(string(region))))
	return p
}

func (f Field) normalise(text string, country remit.Country) string {
	if len(text) > maxRawLength {
		return text
	}
	text = strings.TrimSpace(text)
	switch {
	case f.Format == "phone" || strings.HasPrefix(f.Format, mobilePrefix):
		return e164(text, country)
	case len(f.Values) > 0:
		return strings.ToLower(text)
	case strings.ContainsFunc(f.Pattern, isSmallLetter):
		return text // Case matters: another case of a wallet's address is another wallet.
	}
	return upper(strings.NewReplacer(" ", "", "-", "").Replace(text))
}

func isSmallLetter(r rune) bool { return r >= 'a' && r <= 'z' }

func upper(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// e164 writes a phone number with its country code, reading a national one as
// of the region. What is no number stays as it is.
func e164(text string, region remit.Country) string {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxRawLength {
		return text
	}
	number, err := phonenumbers.Parse(text, string(region))
	if err != nil || number.GetExtension() != "" || !phonenumbers.IsValidNumber(number) {
		return text // Digits that are no number do not keep their meaning when rewritten.
	}
	return phonenumbers.Format(number, phonenumbers.E164)
}
