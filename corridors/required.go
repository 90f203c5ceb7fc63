package corridors

import (
	"fmt"
	"slices"

	"github.com/openremit/remit"
)

// RequiredFields returns the JSON Schema (draft 2020-12) of the originator, the
// beneficiary and the account that a remittance of an amount asks for. The
// amount is what the originator pays, in the corridor's source currency; no
// money at all asks for what is needed below every threshold. The schema's
// formats (clabe, iban, mobile-ph and so on) are asserted by this gateway and
// may be taken as annotations by others. Errors: not_found with
// ReasonUnknownCorridor; invalid for the fields payout and amount.
func (c *Catalogue) RequiredFields(id remit.CorridorID, method remit.PayoutMethod, amount remit.Money) ([]byte, error) {
	s, err := c.remittanceSchema(id, method, amount)
	if err != nil {
		return nil, err
	}
	return slices.Clone(s.text), nil
}

// ValidateRemittance checks both parties and the account of a remittance by the
// schema that RequiredFields serves, and returns all that is wrong, with paths
// such as originator.address_line and account.clabe. The error is one of
// RequiredFields' own.
func (c *Catalogue) ValidateRemittance(id remit.CorridorID, method remit.PayoutMethod, amount remit.Money,
	originator, beneficiary remit.Party, account map[string]string) ([]remit.FieldError, error) {
	s, err := c.remittanceSchema(id, method, amount)
	if err != nil {
		return nil, err
	}
	corridor := c.corridors[id]
	beneficiary, account = c.NormaliseBeneficiary(corridor.To, method, beneficiary, account)
	return s.validate(map[string]remit.Party{"originator": c.NormaliseOriginator(originator), "beneficiary": beneficiary}, account)
}

func (c *Catalogue) remittanceSchema(id remit.CorridorID, method remit.PayoutMethod, amount remit.Money) (*schema, error) {
	corridor, ok := c.corridors[id]
	if !ok {
		_, err := c.Corridor(id)
		return nil, err
	}
	methods := corridor.allPayoutMethods()
	if !slices.Contains(methods, method) {
		return nil, remit.InvalidFields([]remit.FieldError{notOffered("payout", method, methods, corridor.ID)})
	}
	if !amount.Asset.IsZero() && amount.Asset != corridor.Source {
		return nil, remit.Invalid("amount", remit.ReasonUnknownCurrency,
			"%s is not in %s, in which the originator of %s pays", amount, corridor.Source.Code, id)
	}
	tier := 0
	for i, t := range c.countries[corridor.From].Thresholds {
		if amount.Minor >= t.From.Minor {
			tier = i + 1
		}
	}
	return c.schema(asked{country: corridor.To, method: method, sender: corridor.From, tier: tier})
}

// allPayoutMethods lists each payout method once, in any currency.
func (c Corridor) allPayoutMethods() []remit.PayoutMethod {
	var list []remit.PayoutMethod
	for _, o := range c.Payouts {
		if !slices.Contains(list, o.Method) {
			list = append(list, o.Method)
		}
	}
	return list
}

// ValidateBeneficiary checks who receives and where, for payouts by a method in
// a country, whatever the corridor and amount, and returns all that is wrong,
// with the paths party.… and account.…; nothing when all is right. What is
// given is normalised first, as NormaliseBeneficiary does.
func (c *Catalogue) ValidateBeneficiary(country remit.Country, method remit.PayoutMethod, party remit.Party, account map[string]string) []remit.FieldError {
	place, ok := c.countries[country]
	if !ok {
		return []remit.FieldError{fieldError("party.country", remit.ReasonUnknownCountry,
			"%q is not a country this gateway pays out in; write a two-letter code such as PH", clip(string(country)))}
	}
	if _, ok := place.Payout(method); !ok {
		return []remit.FieldError{notOffered("method", method, methodsOf(place.Payouts), remit.CorridorID(place.Name))}
	}
	s, err := c.schema(asked{country: country, method: method, single: "beneficiary"})
	if err != nil {
		return internalField("method", err)
	}
	party, account = c.NormaliseBeneficiary(country, method, party, account)
	fields, err := s.validate(map[string]remit.Party{"party": party}, account)
	if err != nil {
		return internalField("method", err)
	}
	return fields
}

// ValidateOriginator checks a customer's particulars, whatever they send, and
// returns all that is wrong, with the paths party.…. Residence is anywhere that
// is a country: which of them may send is the corridors' business.
func (c *Catalogue) ValidateOriginator(party remit.Party) []remit.FieldError {
	party = c.NormaliseOriginator(party)
	a := asked{single: "originator"}
	if c.countries[party.Country].Mononyms || c.countries[party.Nationality].Mononyms {
		a.sender = party.Country
		if !c.countries[party.Country].Mononyms {
			a.sender = party.Nationality
		}
	}
	s, err := c.schema(a)
	if err != nil {
		return internalField("party", err)
	}
	fields, err := s.validate(map[string]remit.Party{"party": party}, nil)
	if err != nil {
		return internalField("party", err)
	}
	return fields
}

// internalField refuses what could not be checked: nothing passes unchecked.
func internalField(field string, err error) []remit.FieldError {
	return []remit.FieldError{fieldError(field, remit.ReasonInternal, "could not be checked: %v", fmt.Errorf("required fields: %w", err))}
}
