package compliance

import (
	"fmt"
	"regexp"
)

// LeastScore is what a hit must have to be told, in basis points. Policies alert
// from a threshold at or above it; what lies between is a near miss on record.
const LeastScore = 8_000

// mostScore is the score of a perfect match.
const mostScore = 10_000

// Thresholds say from which score on a hit alerts, in basis points. A policy
// keeps them among its facts.
type Thresholds struct {
	// Default holds where nothing else is said.
	Default int `json:"threshold_basis_points"`
	// Lists are those of lists, by their names, such as ofac-sdn.
	Lists map[string]int `json:"lists"`
	// Corridors are those of corridors, by their ids, such as US-PH.
	Corridors map[string]int `json:"corridors"`
	// ListsInCorridors are those of lists in one corridor: by its id, then by their names.
	ListsInCorridors map[string]map[string]int `json:"lists_in_corridors"`
}

var (
	corridorID = regexp.MustCompile(`^[A-Z]{2}-[A-Z]{2}$`)
	listName   = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]*$`)
)

// Validate checks that all thresholds lie from LeastScore to 10,000, as below the
// one no hit is told and above the other none alerts, and that corridors and
// lists are named as they are elsewhere. The error names the first that does not.
func (t Thresholds) Validate() error {
	if err := validThreshold("all lists", t.Default); err != nil {
		return err
	}
	if err := validLists("", t.Lists); err != nil {
		return err
	}
	for corridor, threshold := range t.Corridors {
		if err := validThreshold("corridor "+corridor, threshold); err != nil {
			return err
		}
		if !corridorID.MatchString(corridor) {
			return fmt.Errorf("%q is no corridor such as US-PH", corridor)
		}
	}
	for corridor, lists := range t.ListsInCorridors {
		if !corridorID.MatchString(corridor) {
			return fmt.Errorf("%q is no corridor such as US-PH", corridor)
		}
		if err := validLists(" in "+corridor, lists); err != nil {
			return err
		}
	}
	return nil
}

func validLists(where string, lists map[string]int) error {
	for list, threshold := range lists {
		if err := validThreshold("list "+list+where, threshold); err != nil {
			return err
		}
		if !listName.MatchString(list) {
			return fmt.Errorf("%q is no name of a list such as ofac-sdn", list)
		}
	}
	return nil
}

func validThreshold(what string, threshold int) error {
	if threshold < LeastScore || threshold > mostScore {
		return fmt.Errorf("the threshold of %s is %d, want %d to %d", what, threshold, LeastScore, mostScore)
	}
	return nil
}

// Of returns the threshold for a list in a corridor. The most specific holds:
// that of the list in the corridor; else that of either, and where both say
// something the stricter; else the default.
func (t Thresholds) Of(list, corridor string) int {
	if threshold, ok := t.ListsInCorridors[corridor][list]; ok {
		return threshold
	}
	ofList, hasList := t.Lists[list]
	ofCorridor, hasCorridor := t.Corridors[corridor]
	switch {
	case hasList && hasCorridor:
		return min(ofList, ofCorridor)
	case hasList:
		return ofList
	case hasCorridor:
		return ofCorridor
	default:
		return t.Default
	}
}
