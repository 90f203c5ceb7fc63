package ledger

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/openremit/remit"
)

// MaxFindings bounds the findings of one verification: after that many the
// journal is broken beyond a list.
const MaxFindings = 100

// Verify walks a journal from its first record and recomputes everything:
// numbers and hash chain, input hashes, keys used once, holds ended once,
// reversals, the floor of every guarded account after every step, postings
// summing to zero per asset, and remittance/<id> at zero for each ended
// remittance. It errs only when the journal cannot be read; what is wrong is
// in the report.
func Verify(journal iter.Seq2[Record, error], ended iter.Seq2[remit.RemittanceID, error]) (Report, error) {
	v := NewVerifier()
	for r, err := range journal {
		if err != nil {
			return Report{}, fmt.Errorf("read the journal: %w", err)
		}
		v.Add(r)
	}
	for id, err := range ended {
		if err != nil {
			return Report{}, fmt.Errorf("read the ended remittances: %w", err)
		}
		v.Ended(id)
	}
	return v.Report(), nil
}

// Verifier is Verify step by step, for who has more to compare with.
type Verifier struct {
	report   Report
	seq      int64
	head     Hash
	balances map[AccountAsset]Guard
	keys     map[string]keyState
	holds    map[remit.HoldID]holdState
	// open is made once, when the first ended remittance is asked for.
	open map[Account]bool
}

type keyState struct {
	postings Hash
	action   Action
	reversed bool
}

type holdState struct {
	postings Hash
	ended    bool
}

// NewVerifier returns a verifier that stands before the first record.
func NewVerifier() *Verifier {
	return &Verifier{
		balances: make(map[AccountAsset]Guard),
		keys:     make(map[string]keyState),
		holds:    make(map[remit.HoldID]holdState),
	}
}

// Add takes the next record of the journal.
func (v *Verifier) Add(r Record) {
	v.seq++
	v.report.Entries++
	v.report.Postings += int64(len(r.Entry.Postings))
	if r.Seq != v.seq {
		v.Finding("record %d stands where %d belongs", r.Seq, v.seq)
		v.seq = r.Seq
	}
	if r.Prev != v.head {
		v.Finding("record %d does not follow the record before it: the chain is broken", r.Seq)
	}
	if r.ComputeHash() != r.Hash {
		v.Finding("record %d (entry %s) was changed: its hash does not fit", r.Seq, r.Entry.ID)
	}
	v.head = r.Hash
	asked := r.Asked()
	if Hash(asked.InputHash()) != r.Input {
		v.Finding("record %d (entry %s): its input hash does not fit", r.Seq, r.Entry.ID)
	}
	if err := asked.Validate(); err != nil {
		v.Finding("record %d is malformed: %v", r.Seq, err)
		return
	}
	if _, used := v.keys[r.Entry.Key]; used {
		v.Finding("record %d uses the key %q again", r.Seq, r.Entry.Key)
	}
	postings := hashPostings(r.Entry.Postings)
	v.keys[r.Entry.Key] = keyState{postings: postings, action: r.Entry.Action}
	v.follow(r, postings)
	v.move(r)
}

// follow checks a record against the earlier one that it refers to.
func (v *Verifier) follow(r Record, postings Hash) {
	e := r.Entry
	switch e.Action {
	case ActionHold:
		if _, used := v.holds[e.Hold]; used {
			v.Finding("record %d makes the hold %s again", r.Seq, e.Hold)
		}
		v.holds[e.Hold] = holdState{postings: postings}
	case ActionSettleHold, ActionVoidHold:
		hold, made := v.holds[e.Hold]
		switch {
		case !made:
			v.Finding("record %d ends the hold %s that was never made", r.Seq, e.Hold)
		case hold.ended:
			v.Finding("record %d ends the hold %s a second time", r.Seq, e.Hold)
		case hold.postings != postings:
			v.Finding("record %d ends the hold %s with other postings", r.Seq, e.Hold)
		}
		v.holds[e.Hold] = holdState{postings: hold.postings, ended: true}
	case ActionReverse:
		target, known := v.keys[e.Reverses]
		switch {
		case !known || !target.action.Reversible():
			v.Finding("record %d reverses %q, which is no earlier entry that can be", r.Seq, e.Reverses)
		case target.reversed:
			v.Finding("record %d reverses %q a second time", r.Seq, e.Reverses)
		case hashPostings(Opposite(e.Postings)) != target.postings:
			v.Finding("record %d is not the opposite of %q", r.Seq, e.Reverses)
		}
		target.reversed = true
		v.keys[e.Reverses] = target
	case ActionPost:
	default:
	}
}

// move carries the record's effects into the balances and checks the floors.
func (v *Verifier) move(r Record) {
	for i, p := range r.Entry.Postings {
		if !p.Debit.Valid() || !p.Credit.Valid() || !p.Amount.IsPositive() {
			v.Finding("record %d: posting %d is malformed", r.Seq, i+1)
			return
		}
	}
	all, err := AllEffects(r.Entry.Postings)
	if err != nil {
		v.Finding("record %d: %v", r.Seq, err)
		return
	}
	for _, e := range all {
		if !e.Account.Guarded() {
			if r.Entry.Action.Moves() {
				g := v.balances[e.AccountAsset]
				sum, ok := addInt64(g.Posted, e.Delta)
				if !ok {
					v.Finding("record %d: the balance of %s does not fit", r.Seq, e.Account)
				}
				v.balances[e.AccountAsset] = Guard{Posted: sum}
			}
			continue
		}
		before := v.balances[e.AccountAsset]
		after, err := before.After(r.Entry.Action, e)
		if err != nil {
			v.Finding("record %d: %v", r.Seq, err)
			after = Guard{Posted: before.Posted + e.Delta, Held: before.Held}
		}
		if after == (Guard{}) && e.Account.Owner() == ownerRemittance {
			delete(v.balances, e.AccountAsset) // Bounds memory by the open remittances.
			continue
		}
		v.balances[e.AccountAsset] = after
	}
}

// Ended checks that nothing is left in the name of a remittance that ended.
func (v *Verifier) Ended(id remit.RemittanceID) {
	if v.report.Entries == 0 {
		return
	}
	if v.open == nil {
		v.open = make(map[Account]bool)
		for key, g := range v.balances {
			if key.Account.Owner() == ownerRemittance && g != (Guard{}) {
				v.open[key.Account] = true
			}
		}
	}
	if v.open[Remittance(id)] {
		v.Finding("remittance %s has ended and its account is not zero", id)
	}
}

// Finding adds a finding of the caller's own, such as a stored balance that is
// not the recomputed one.
func (v *Verifier) Finding(format string, args ...any) {
	switch n := len(v.report.Findings); {
	case n < MaxFindings:
		v.report.Findings = append(v.report.Findings, fmt.Sprintf(format, args...))
	case n == MaxFindings:
		v.report.Findings = append(v.report.Findings, "there are more findings than are listed")
	}
}

// Balance returns the recomputed balance of one account and asset.
func (v *Verifier) Balance(key AccountAsset) Guard { return v.balances[key] }

// Head returns the number and hash of the last record, zero for none.
func (v *Verifier) Head() (int64, Hash) { return v.seq, v.head }

// Report sums up. Accounts of remittances at zero are left out of its balances.
func (v *Verifier) Report() Report {
	r := v.report
	r.Findings = slices.Clone(r.Findings)
	if v.head != (Hash{}) {
		r.Head = v.head.String()
	}
	sums := make(map[remit.Asset]int64)
	for key, g := range v.balances {
		r.Balances = append(r.Balances, Balance{
			Account: key.Account, Posted: remit.NewMoney(key.Asset, g.Posted), Held: remit.NewMoney(key.Asset, g.Held),
		})
		if key.Account.Normal() == SideDebit {
			sums[key.Asset] += g.Posted
		} else {
			sums[key.Asset] -= g.Posted
		}
	}
	slices.SortFunc(r.Balances, func(a, b Balance) int {
		return compareKeys(AccountAsset{a.Account, a.Posted.Asset}, AccountAsset{b.Account, b.Posted.Asset})
	})
	assets := make([]remit.Asset, 0, len(sums))
	for asset, sum := range sums {
		if sum != 0 {
			assets = append(assets, asset)
		}
	}
	slices.SortFunc(assets, func(a, b remit.Asset) int { return cmp.Compare(a.String(), b.String()) })
	for _, asset := range assets {
		r.Findings = append(r.Findings, fmt.Sprintf("postings in %s do not sum to zero: %s is left over", asset, remit.NewMoney(asset, sums[asset])))
	}
	return r
}

// hashPostings identifies a list of postings, so that the verifier need not
// keep the lists themselves.
func hashPostings(postings []Posting) Hash {
	return Hash(Entry{Action: ActionPost, Postings: postings}.InputHash())
}
