package stellar

import (
	"context"
	"unicode/utf8"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"golang.org/x/sync/errgroup"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// maxTextMemo is the protocol's limit of a text memo, in bytes.
	maxTextMemo = 28
	// checksAtOnce is how many destinations are read at the same time.
	checksAtOnce = 8
)

// sift parts the orders that can be paid from those that never can, by their
// form and by their destination's state. Netted orders share one fate. It errs
// when that cannot be known now.
func (r *Rail) sift(ctx context.Context, batch settlement.Batch) (settlement.Batch, map[remit.OrderID]remit.Reason, error) {
	rejected := make(map[remit.OrderID]remit.Reason)
	good := make(map[string]*bool)
	for _, o := range batch.Orders {
		if reason := r.badForm(o); reason != "" {
			rejected[o.ID] = reason
			continue
		}
		account, _ := baseAddress(o.Destination)
		good[account] = new(bool)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(checksAtOnce)
	for account, ok := range good {
		group.Go(func() (err error) {
			*ok, err = r.canReceive(groupCtx, account)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return settlement.Batch{}, nil, err
	}
	payable := settlement.Batch{Mode: batch.Mode}
	for _, o := range batch.Orders {
		if rejected[o.ID] != "" {
			continue
		}
		if account, _ := baseAddress(o.Destination); !*good[account] {
			rejected[o.ID] = remit.ReasonDestinationInvalid
			continue
		}
		payable.Orders = append(payable.Orders, o)
	}
	return payable, rejected, nil
}

// badForm answers why an order can never be paid whatever the chain's state, or
// nothing. A muxed destination (M…) is paid as it stands: the number in it says
// for whom the payment is, in a batch too.
func (r *Rail) badForm(o settlement.Order) remit.Reason {
	account, ok := baseAddress(o.Destination)
	switch {
	case o.Amount.Asset != remit.USDCStellar || o.Amount.Minor < 1:
		return remit.ReasonAmountMalformed
	case !ok || account == r.Treasury:
		return remit.ReasonDestinationInvalid
	case len(o.Memo) > maxTextMemo || !utf8.ValidString(o.Memo):
		return remit.ReasonFieldInvalid
	default:
		return ""
	}
}

// canReceive reports whether an account can hold the asset now.
func (r *Rail) canReceive(ctx context.Context, address string) (bool, error) {
	now := r.Clock.Now()
	if r.believed(address, now) {
		return true, nil
	}
	account, _, err := r.account(ctx, address)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, unavailable(err, "read destination")
	}
	line, ok := r.line(account)
	if address != r.Issuer && (!ok || !authorized(line)) {
		return false, nil
	}
	r.believe(address, now)
	return true, nil
}

// checkTreasury errs when the treasury's account cannot pay at all, however
// much it holds.
func (r *Rail) checkTreasury(account protocol.Account) error {
	refuse := func(format string, args ...any) error {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonRailUnavailable, "the treasury cannot pay: "+format, args...)
	}
	if r.Treasury != r.Issuer {
		line, ok := r.line(account)
		if !ok {
			return refuse("it has no trustline to %s", r.AssetCode)
		}
		if !authorized(line) {
			return refuse("the issuer does not authorise its trustline")
		}
	}
	if weight := weightOf(account, r.Treasury); weight < max(1, int32(account.Thresholds.MedThreshold)) {
		return refuse("its key weighs %d of %d", weight, account.Thresholds.MedThreshold)
	}
	return nil
}

// line finds the account's trustline to the settlement asset.
func (r *Rail) line(account protocol.Account) (protocol.Balance, bool) {
	for _, b := range account.Balances {
		if b.Asset.Code == r.AssetCode && b.Asset.Issuer == r.Issuer {
			return b, true
		}
	}
	return protocol.Balance{}, false
}

func authorized(line protocol.Balance) bool { return line.IsAuthorized == nil || *line.IsAuthorized }

// weightOf is how much a key's signature counts on an account.
func weightOf(account protocol.Account, key string) int32 {
	for _, s := range account.Signers {
		if s.Key == key {
			return s.Weight
		}
	}
	return 0
}
