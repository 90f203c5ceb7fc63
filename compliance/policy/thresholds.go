package policy

import (
	"bytes"
	"encoding/json"
	"errors"
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
			Screening json.RawMessage `json:"screening"`
		} `json:"facts"`
	}
	text, err := json.Marshal(data)
	if err == nil {
		err = json.Unmarshal(text, &facts)
	}
	if err != nil {
		return compliance.Thresholds{}, fmt.Errorf("read thresholds: %w", err)
	}
	var screening struct {
		Thresholds *compliance.Thresholds `json:"thresholds"`
	}
	decoder := json.NewDecoder(bytes.NewReader(facts.Facts.Screening))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&screening); err != nil {
		return compliance.Thresholds{}, fmt.Errorf("read thresholds at screening in %s: %w", factsFile, err)
	}
	if screening.Thresholds == nil {
		return compliance.Thresholds{}, errors.New("there are no screening.thresholds in " + factsFile)
	}
	if err := screening.Thresholds.Validate(); err != nil {
		return compliance.Thresholds{}, fmt.Errorf("read thresholds in %s: %w", factsFile, err)
	}
	return *screening.Thresholds, nil
}

// checkThresholds refuses rules that look thresholds up without usable ones.
func checkThresholds(modules map[string]string, data map[string]any) error {
	if _, ok := modules[sanctionsFile]; !ok {
		return nil
	}
	_, err := Thresholds(data)
	return err
}
