package ledger

import "github.com/openremit/remit"

// Balance is what an account holds of one asset, on the account's normal side.
type Balance struct {
	Account Account
	// Posted counts posted postings; Held is reserved by open holds against it.
	Posted remit.Money
	Held   remit.Money
}

// Report is what a verification of the journal found.
type Report struct {
	// Entries and Postings were walked; Head is the hash of the last entry.
	Entries  int64
	Postings int64
	Head     string
	// Balances are recomputed from the postings alone.
	Balances []Balance
	// Findings lists what is wrong, in words; empty means clean.
	Findings []string
}

// Clean reports whether nothing is wrong.
func (r Report) Clean() bool { return len(r.Findings) == 0 }
