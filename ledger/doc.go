// Package ledger holds the rules of double entry: accounts, entries of
// postings, holds, reversals, the hash-chained journal and its verification.
// It is pure: it reads no clock and no database.
//
// An [Entry] is one atomic business event. Its postings each move a positive
// [remit.Money] from a debit to a credit account, so an entry balances per
// asset by construction; a change of asset is two postings through a position
// account ([FX]). Entries are never changed: a wrong one is reversed.
//
// Invariants kept here and checked again by [Verify]:
//
//   - Guarded accounts (see [Account.Guarded]) never stand below zero on their
//     normal side after what open holds reserve, at any step, in any asset.
//   - A hold ends once, settled or voided; an entry is reversed once.
//   - An idempotency key names one entry; [Entry.InputHash] tells a repetition
//     from a clash.
//   - Each journal [Record]'s hash covers the hash before it and the whole
//     record, so a change of any record changes the head.
//
// For example, the moves of a remittance's settlement:
//
//	hold := ledger.Entry{
//		ID: id, Key: "rem_01h…/treasury-hold/1", Action: ledger.ActionHold, Hold: holdID,
//		Postings: []ledger.Posting{{
//			Debit: ledger.InTransit(remit.RailStellar), Credit: ledger.Treasury(remit.RailStellar), Amount: amount,
//		}},
//	}
//	err := hold.Validate()
package ledger
