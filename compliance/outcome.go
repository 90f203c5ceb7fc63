package compliance

import "github.com/openremit/remit"

// Reasons that only a gate gives, beside those of the root package.
const (
	// ReasonCountryEmbargoed: a country of the remittance or of a party may not
	// be dealt with at all.
	ReasonCountryEmbargoed remit.Reason = "COUNTRY_EMBARGOED"
	// ReasonCountryHighRisk: a country of the remittance or of a party needs a
	// person's look each time.
	ReasonCountryHighRisk remit.Reason = "COUNTRY_HIGH_RISK"
	// ReasonLimitsUnknown: the policy has no limits for this currency or tier.
	ReasonLimitsUnknown remit.Reason = "KYC_LIMITS_UNKNOWN"
)

// Outcomes lists the outcomes from mild to severe. It is the one place that
// orders them: the policy is given this order as data.
func Outcomes() []Outcome {
	return []Outcome{OutcomeAllow, OutcomeRFI, OutcomeReview, OutcomeReject, OutcomeBlock}
}

// Valid reports whether o is one of the outcomes.
func (o Outcome) Valid() bool {
	switch o {
	case OutcomeAllow, OutcomeRFI, OutcomeReview, OutcomeReject, OutcomeBlock:
		return true
	default:
		return false
	}
}

// Severity is the place of o in Outcomes; what is not an outcome, the zero
// value included, is as severe as review.
func (o Outcome) Severity() int {
	place := 0
	for i, one := range Outcomes() {
		if one == o {
			return i
		}
		if one == OutcomeReview {
			place = i
		}
	}
	return place
}

// AtLeast returns the more severe of o and floor. What is not an outcome
// becomes review first.
func (o Outcome) AtLeast(floor Outcome) Outcome {
	if !o.Valid() {
		o = OutcomeReview
	}
	if floor.Severity() > o.Severity() {
		return floor
	}
	return o
}
