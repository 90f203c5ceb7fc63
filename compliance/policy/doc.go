// Package policy rules on remittances by Rego files, with an embedded Open
// Policy Agent.
//
// The rules stand in rego/remit, one file per subject, with the tables they
// look things up in (tiers and limits, countries, thresholds) in
// rego/facts.json. Each rule says in its METADATA what it states and, where it
// is a finding, with which outcome and reason. The package path of a file is its
// path below rego. Operators may bring their own files: Read takes a folder of
// the same shape, Check tells whether it may be used, New makes it a policy.
//
// What the shipped tables allow, per source currency, with fees (the corridor
// may be stricter):
//
//	tier 0 (none)      nothing
//	tier 1 (basic)     USD 500 a remittance, 1,000 in 30 days; 10 in 24 hours unreviewed
//	tier 2 (verified)  USD 10,000 and 20,000; 25 in 24 hours
//	tier 3 (enhanced)  USD 50,000 and 100,000; 50 in 24 hours
//
// and about as much in the other currencies. They are a cautious start and no
// legal advice.
//
// Invariants: a policy that gives no answer, an unknown one, an error or none in
// time rules review; the query is prepared once per policy; a policy is replaced
// whole or not at all; its hash covers every module and every fact.
package policy
