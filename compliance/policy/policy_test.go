package policy_test

import (
	"testing"

	"github.com/openremit/remit/compliance/policy"
)

func TestShippedPolicyPassesItsChecks(t *testing.T) {
	t.Parallel()
	if err := policy.Check(t.Context(), policy.Shipped()); err != nil {
		t.Fatal(err)
	}
}
