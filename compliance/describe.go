package compliance

import "github.com/openremit/remit"

// PolicyDescription tells the policy in force.
type PolicyDescription struct {
	// Hash is what decisions record.
	Hash  string
	Files []PolicyFile
	// Rules are those that can find something.
	Rules []PolicyRule
	Tests []PolicyTest
}

// PolicyFile is a file of the policy.
type PolicyFile struct{ Path, Text string }

// PolicyRule is a rule by what is written over it.
type PolicyRule struct {
	Package, Title, Description string
	Outcome                     Outcome
	Reason                      remit.Reason
}

// PolicyTest is one test of the policy, run on what is in force.
type PolicyTest struct {
	Name   string
	Passed bool
}
