package ledger

import (
	"fmt"
	"math"
	"slices"

	"github.com/openremit/remit"
)

// AccountAsset names one balance: an account holds every asset separately.
type AccountAsset struct {
	Account Account
	Asset   remit.Asset
}

// Compare orders balances by account, then asset: the order in which their
// rows are locked.
func (k AccountAsset) Compare(other AccountAsset) int { return compareKeys(k, other) }

// Effect is what postings do to one balance, on the account's normal side.
type Effect struct {
	AccountAsset
	// Delta is in minor units; never zero.
	Delta int64
}

// Effects returns the net effect of postings on each guarded balance, in lock
// order. Balances whose effects cancel out are left out. Errors: ErrOverflow.
func Effects(postings []Posting) ([]Effect, error) {
	return effects(postings, Account.Guarded)
}

// AllEffects is Effects over guarded and other accounts alike.
func AllEffects(postings []Posting) ([]Effect, error) {
	return effects(postings, func(Account) bool { return true })
}

func effects(postings []Posting, wanted func(Account) bool) ([]Effect, error) {
	out := make([]Effect, 0, 2*len(postings))
	add := func(account Account, p Posting, side Side) error {
		if !wanted(account) {
			return nil
		}
		delta := p.Amount.Minor
		if normal := account.Normal(); normal != side && !(normal == SideEither && side == SideCredit) {
			delta = -delta
		}
		key := AccountAsset{Account: account, Asset: p.Amount.Asset}
		i := slices.IndexFunc(out, func(e Effect) bool { return e.AccountAsset == key })
		if i < 0 {
			out = append(out, Effect{AccountAsset: key, Delta: delta})
			return nil
		}
		sum, ok := addInt64(out[i].Delta, delta)
		if !ok {
			return fmt.Errorf("net effect on %s: %w", account, remit.ErrOverflow)
		}
		out[i].Delta = sum
		return nil
	}
	for _, p := range postings {
		if err := add(p.Debit, p, SideDebit); err != nil {
			return nil, err
		}
		if err := add(p.Credit, p, SideCredit); err != nil {
			return nil, err
		}
	}
	out = slices.DeleteFunc(out, func(e Effect) bool { return e.Delta == 0 })
	slices.SortFunc(out, func(a, b Effect) int { return compareKeys(a.AccountAsset, b.AccountAsset) })
	return out, nil
}

// Guard is the balance of a guarded account in minor units: posted, and of that
// held by open holds. Its floor: 0 ≤ held ≤ posted.
type Guard struct {
	Posted int64
	Held   int64
}

// After returns the guard after an entry of the action with an effect. A hold
// reserves what it would take and gives nothing before it is settled. Errors:
// precondition with ReasonInsufficientFunds when the floor would be broken;
// internal when it does not fit or a hold ends that was not there.
func (g Guard) After(action Action, e Effect) (Guard, error) {
	next, ok := g, true
	taken := max(-e.Delta, 0)
	switch action {
	case ActionPost, ActionReverse:
		next.Posted, ok = addInt64(g.Posted, e.Delta)
	case ActionHold:
		next.Held, ok = addInt64(g.Held, taken)
	case ActionSettleHold:
		next.Posted, ok = addInt64(g.Posted, e.Delta)
		next.Held -= taken
	case ActionVoidHold:
		next.Held -= taken
	default:
		return g, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "ledger action %q is unknown", string(action))
	}
	if e.Delta == math.MinInt64 || !ok {
		return g, remit.Wrap(remit.ErrOverflow, remit.KindInternal, remit.ReasonInternal, "balance of %s", e.Account)
	}
	if next.Held < 0 {
		return g, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "account %s: a hold ends of which nothing is held", e.Account)
	}
	if next.Posted < next.Held {
		return g, remit.Errorf(remit.KindPrecondition, remit.ReasonInsufficientFunds, "account %s has %s free and the entry takes %s",
			e.Account, remit.NewMoney(e.Asset, g.Posted-g.Held), remit.NewMoney(e.Asset, taken))
	}
	return next, nil
}

func addInt64(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}
