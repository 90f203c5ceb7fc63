package screening

import "fmt"

// Thresholds say from which score on a match alerts, in basis points. A list or
// a corridor may be stricter or laxer than the default; where both say
// something, the stricter holds.
type Thresholds struct {
	// Default holds where nothing else is said.
	Default int `json:"default_basis_points"`
	// Lists are those of lists, by their names.
	Lists map[string]int `json:"lists,omitempty"`
	// Corridors are those of corridors, by their ids, such as US-PH.
	Corridors map[string]int `json:"corridors,omitempty"`
}

// DefaultThresholds are those of the shipped policy. At 8,500 about one in a
// hundred ordinary names alerts without a date of birth, see docs/screening.md.
func DefaultThresholds() Thresholds { return Thresholds{Default: defaultThreshold} }

const defaultThreshold = 8_500

// Validate checks that all thresholds lie within LeastScore and 10,000: below
// the one no match is told, and above the other none alerts.
func (t Thresholds) Validate() error {
	check := func(what string, threshold int) error {
		if threshold < LeastScore || threshold > most {
			return fmt.Errorf("the threshold of %s is %d, want %d to %d", what, threshold, LeastScore, most)
		}
		return nil
	}
	if err := check("all lists", t.Default); err != nil {
		return err
	}
	for _, group := range []map[string]int{t.Lists, t.Corridors} {
		for what, threshold := range group {
			if err := check(what, threshold); err != nil {
				return err
			}
		}
	}
	return nil
}

// Alert returns the threshold for a list in a corridor.
func (t Thresholds) Alert(list, corridor string) int {
	one, ofList := t.Lists[list]
	other, ofCorridor := t.Corridors[corridor]
	switch {
	case ofList && ofCorridor:
		return min(one, other)
	case ofList:
		return one
	case ofCorridor:
		return other
	default:
		return t.Default
	}
}
