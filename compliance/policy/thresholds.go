package policy

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/openremit/remit/compliance"
)

// sanctionsFile holds the rules that look thresholds up.
const sanctionsFile = "remit/sanctions.rego"

// Thresholds reads from which score on hits alert out of a policy's data, as Read
// returns it. Errors: there are none, one is absurd, or one is spelt in a way that
// would leave it without effect.
func Thresholds(data map[string]any) (compliance.Thresholds, error) {
	var facts struct {
		Facts struct {
			Screening map[string]json.RawMessage `json:"screening"`
		} `json:"facts"`
	}
	text, err := json.Marshal(data)
	if err == nil {
		err = json.Unmarshal(text, &facts)
	}
	if err != nil {
		return compliance.Thresholds{}, fmt.Errorf("read thresholds: %w", err)
	}
	// By name, as the decoder takes names in any case and the rules do not.
	for _, table := range []string{"threshold_basis_points", "lists", "corridors", "lists_in_corridors"} {
		if _, ok := facts.Facts.Screening[table]; !ok {
			return compliance.Thresholds{}, fmt.Errorf("read thresholds: there is no screening.%s in %s", table, factsFile)
		}
	}
	text, err = json.Marshal(facts.Facts.Screening)
	if err != nil {
		return compliance.Thresholds{}, fmt.Errorf("read thresholds: %w", err)
	}
	var out compliance.Thresholds
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&out); err != nil {
		return compliance.Thresholds{}, fmt.Errorf("read thresholds at screening in %s: %w", factsFile, err)
	}
	if err := out.Validate(); err != nil {
		return compliance.Thresholds{}, fmt.Errorf("read thresholds at screening in %s: %w", factsFile, err)
	}
	return out, nil
}

// checkThresholds refuses rules that look thresholds up without usable ones.
func checkThresholds(modules map[string]string, data map[string]any) error {
	if _, ok := modules[sanctionsFile]; !ok {
		return nil
	}
	_, err := Thresholds(data)
	return err
}
