package stellar

import (
	"context"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// maxTextMemo is the protocol's limit of a text memo, in bytes.
const maxTextMemo = 28

// sift parts the orders that can be paid from those that cannot, by their form
// and by their destination's state, and picks of the first those that may share
// a transaction. What is in neither waits for the next one. Netted orders share
// one fate. It errs when that cannot be known now.
func (r *Rail) sift(ctx context.Context, batch settlement.Batch) (settlement.Batch, ways, map[remit.OrderID]remit.Reason, error) {
	rejected, how := make(map[remit.OrderID]remit.Reason), make(ways)
	batch, reclaims := r.reclaiming(batch)
	if reclaims {
		first := batch.Orders[0]
		if why := r.badReclaim(first); why != nil {
			r.reject(rejected, why, first)
			return settlement.Batch{}, nil, rejected, nil
		}
		how[first.ID] = way{reclaim: true}
		return batch, how, rejected, nil
	}
	formed := settlement.Batch{Mode: batch.Mode}
	for _, o := range batch.Orders {
		if why := r.badForm(o); why != nil {
			r.reject(rejected, why, o)
			continue
		}
		formed.Orders = append(formed.Orders, o)
	}
	payments, err := formed.Payments()
	if err != nil {
		for _, o := range formed.Orders {
			r.reject(rejected, refused(remit.ReasonSettlementFailed, "%s", err), o)
		}
		return settlement.Batch{}, nil, rejected, nil
	}
	payees, err := r.readPayees(ctx, r.sums(payments))
	if err != nil {
		return settlement.Batch{}, nil, nil, err
	}
	payable := settlement.Batch{Mode: batch.Mode}
	var alone []remit.OrderID
	for _, p := range payments {
		account, _ := baseAddress(p.Destination)
		coin, _ := r.coin(p.Amount.Asset)
		to := payees[account]
		w, why, err := r.wayOf(ctx, to, account, coin, p)
		if err != nil {
			return settlement.Batch{}, nil, nil, err
		}
		if why != nil {
			r.reject(rejected, why, p.Orders...)
			continue
		}
		how[p.Orders[0].ID] = w
		if l, ok := to.lines[coin]; ok {
			l.room -= p.Amount.Minor // What this batch pays it before.
			to.lines = withLine(to.lines, coin, l)
			payees[account] = to
		}
		if batch.Mode != settlement.ModeNetted && to.wantsMemo && !w.claim && account == p.Destination {
			alone = append(alone, p.Orders[0].ID)
		}
		payable.Orders = append(payable.Orders, p.Orders...)
	}
	return apart(payable, alone), how, rejected, nil
}

// wayOf is how a payment can be made by the chain's state, or why it cannot.
func (r *Rail) wayOf(ctx context.Context, to payee, account string, coin Coin, p settlement.Payment) (way, *refusal, error) {
	if s, ok := r.Swaps[p.Destination]; ok && r.arriving(s) != coin && account != coin.Issuer {
		if why := to.lacksMemo(account, p); why != nil {
			return way{}, why, nil
		}
		w, why, err := r.swap(ctx, to, coin, p, s)
		return way{swap: w}, why, err
	}
	why := r.cannotPay(to, account, coin, p)
	if why != nil && account != coin.Issuer && claimable(p) && to.cannotTake(coin, p.Amount.Minor) != nil {
		return way{claim: true}, nil, nil
	}
	return way{}, why, nil
}

// withLine is lines with one of them changed; what is remembered stays as it is.
func withLine(lines map[Coin]lineState, coin Coin, l lineState) map[Coin]lineState {
	out := maps.Clone(lines)
	out[coin] = l
	return out
}

// apart picks the orders that may share a transaction, which has one memo: an
// order whose payee tells payments by their memo travels alone, with its own.
// The first order always goes, so that each gets its turn.
func apart(batch settlement.Batch, alone []remit.OrderID) settlement.Batch {
	if len(alone) == 0 || len(batch.Orders) == 1 {
		return batch
	}
	if slices.Contains(alone, batch.Orders[0].ID) {
		return settlement.Batch{Mode: batch.Mode, Orders: batch.Orders[:1]}
	}
	together := settlement.Batch{Mode: batch.Mode}
	for _, o := range batch.Orders {
		if !slices.Contains(alone, o.ID) {
			together.Orders = append(together.Orders, o)
		}
	}
	return together
}

// sums adds up what each account is to be paid. Issuers have no trustline to
// their own coin, so they are not read for it.
func (r *Rail) sums(payments []settlement.Payment) map[string]map[Coin]int64 {
	out := make(map[string]map[Coin]int64)
	for _, p := range payments {
		account, _ := baseAddress(p.Destination)
		coin, _ := r.coin(p.Amount.Asset)
		if out[account] == nil {
			out[account] = make(map[Coin]int64)
		}
		if _, swaps := r.Swaps[p.Destination]; swaps || account == coin.Issuer {
			continue // What arrives is judged when the market has been asked.
		}
		// More than any trustline takes is enough; the payments are judged one by one.
		out[account][coin] += min(p.Amount.Minor, math.MaxInt64-out[account][coin])
	}
	return out
}

// badForm answers why an order can never be paid whatever the chain's state, or
// nil. A muxed destination (M…) is paid as it stands: the number in it says for
// whom the payment is, in a batch too.
func (r *Rail) badForm(o settlement.Order) *refusal {
	const bad = remit.ReasonDestinationInvalid
	account, ok := baseAddress(o.Destination)
	_, pays := r.coin(o.Amount.Asset)
	switch {
	case !pays:
		return refused(remit.ReasonAmountMalformed, "the rail pays no %s", o.Amount.Asset)
	case o.Amount.Minor < 1:
		return refused(remit.ReasonAmountMalformed, "the amount is not positive")
	case !ok:
		return refused(bad, "the destination is no address of an account")
	case account == r.Treasury:
		return refused(bad, "the destination is the treasury itself")
	case slices.Contains(r.channels(), account):
		return refused(bad, "the destination is a channel account of the rail")
	case len(o.Memo) > maxTextMemo:
		return refused(remit.ReasonFieldInvalid, "the memo has %d bytes, more than %d", len(o.Memo), maxTextMemo)
	case !utf8.ValidString(o.Memo):
		return refused(remit.ReasonFieldInvalid, "the memo is not UTF-8 text")
	default:
		return nil
	}
}

// cannotPay answers why a payment cannot be made by the chain's state, or nil.
func (r *Rail) cannotPay(to payee, account string, coin Coin, p settlement.Payment) *refusal {
	if account == coin.Issuer {
		switch {
		case !coin.Redeems:
			return refused(remit.ReasonDestinationInvalid, "a payment to the issuer of %s destroys it, and the issuer redeems nothing so", coin.Code)
		case !to.exists:
			return to.cannotTake(coin, p.Amount.Minor)
		}
	} else if why := to.cannotTake(coin, p.Amount.Minor); why != nil {
		return why
	}
	return to.lacksMemo(account, p)
}

// lacksMemo answers that a payee wants a memo and a payment has none, or nil.
func (p payee) lacksMemo(account string, of settlement.Payment) *refusal {
	memo, root := (settlement.Batch{Orders: of.Orders}).Memo()
	if p.wantsMemo && root == nil && memo == "" && account == of.Destination {
		return refused(remit.ReasonFieldInvalid, "the destination requires a memo (SEP-29) and the order has none")
	}
	return nil
}

// reject notes that orders are not paid, and why.
func (r *Rail) reject(rejected map[remit.OrderID]remit.Reason, why *refusal, orders ...settlement.Order) {
	for _, o := range orders {
		rejected[o.ID] = why.reason
		r.Logger.Info("settlement order refused", "order", o.ID, "remittance_id", o.RemittanceID, "reason", why.reason, "why", why.text)
	}
}

// siftTreasury rejects the orders in coins that the treasury cannot pay just
// now, so that they can go another way, and errs when it can pay none.
func (r *Rail) siftTreasury(account protocol.Account, batch settlement.Batch, rejected map[remit.OrderID]remit.Reason) (settlement.Batch, error) {
	if err := r.checkKey(account); err != nil {
		return batch, err
	}
	payable, short := settlement.Batch{Mode: batch.Mode}, make(map[remit.OrderID]*refusal)
	var first error
	for _, o := range batch.Orders {
		coin, _ := r.coin(o.Amount.Asset)
		if err := r.checkCoin(account, coin); err != nil {
			if first == nil {
				first = err
			}
			short[o.ID] = refused(remit.ReasonRailUnavailable, "%s", err)
			continue
		}
		payable.Orders = append(payable.Orders, o)
	}
	if len(payable.Orders) == 0 && first != nil {
		return batch, first
	}
	for _, o := range batch.Orders {
		if why := short[o.ID]; why != nil {
			r.reject(rejected, why, o)
		}
	}
	return payable, nil
}

// checkTreasury errs when the treasury's account cannot pay at all, however
// much it holds.
func (r *Rail) checkTreasury(account protocol.Account) error {
	for _, coin := range r.Coins {
		if err := r.checkCoin(account, coin); err != nil {
			return err
		}
	}
	return r.checkKey(account)
}

// checkCoin errs when the treasury cannot pay in a coin.
func (r *Rail) checkCoin(treasury protocol.Account, coin Coin) error {
	if r.Treasury == coin.Issuer {
		return nil
	}
	l, ok := line(treasury, coin)
	if !ok {
		return precondition("the treasury cannot pay: it has no trustline to %s", coin.Code)
	}
	if !authorized(l) {
		return precondition("the treasury cannot pay: the issuer does not authorise its trustline to %s", coin.Code)
	}
	return nil
}

// checkKey errs when the treasury's own key is not enough to pay.
func (r *Rail) checkKey(treasury protocol.Account) error {
	if weight := weightOf(treasury, r.Treasury); weight < max(1, int32(treasury.Thresholds.MedThreshold)) {
		return precondition("the treasury cannot pay: its key weighs %d of %d", weight, treasury.Thresholds.MedThreshold)
	}
	return nil
}

// weightOf is how much a key's signature counts on an account.
func weightOf(account protocol.Account, key string) int32 {
	for _, s := range account.Signers {
		if s.Key == key {
			return s.Weight
		}
	}
	return 0
}
