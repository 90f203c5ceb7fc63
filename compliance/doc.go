// Package compliance decides at the gates of a remittance: may this money be
// taken, and may it leave?
//
// A gate looks at a Subject: the remittance, its people, what the customer sent
// before. The people are compared with the sanctions lists (a Screener, see
// compliance/screening), the facts are put to a policy (a Policy, see
// compliance/policy), and the answer is a Decision with its reasons, its hits
// and all that is needed to decide it again: the hash of the policy, the
// versions of the lists and the hash of the input.
//
// Invariants kept here:
//
//   - The zero Outcome, an unknown one, and no answer at all are review.
//   - "Could not screen" is never "no hit": the outcome is at least review,
//     whatever the policy says.
//   - The policy's input holds integers, codes and keys, never a name, a date
//     of birth or an account number.
//   - The same subject, lists and policy give the same decision with the same id.
//
// NewGate joins a screener and a policy; both are ready when they have loaded
// their files:
//
//	lists, err := screening.Sample()
//	rules, err := policy.Default(ctx)
//	gate := compliance.NewGate(screening.NewLists(lists), rules, remit.SystemClock{}, slog.Default())
//	decision, err := gate.Decide(ctx, subject)
package compliance
