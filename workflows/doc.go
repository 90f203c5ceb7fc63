// Package workflows tells the story of a remittance as a Temporal workflow.
//
// [Remittance] in story.go is the story and reads top to bottom: intake gate,
// funding, release gate, settlement, payout, done. Every step is one local
// activity of [Steps], which commits its whole effect (state, event, ledger
// entry, orders) in one transaction of the [Book] and may be repeated after a
// crash without a second effect. Between steps the workflow waits for a
// [remit.Notice]; a notice is a hint that something is known, the truth is read
// from the Book, so a lost, doubled or late notice changes nothing.
//
// Histories carry ids and statuses, never personal data, and are encrypted by
// [NewCodec] besides.
//
// The point of no return is the settlement's finality. Before it a failure
// undoes: holds are voided, postings reversed, the pay-in refunded. After it a
// refund is a new movement of value.
package workflows
