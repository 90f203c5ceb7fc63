package signer

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"

	"github.com/stellar/go-stellar-sdk/network"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Bounds of a Stellar transaction, in stroops.
const (
	maxEnvelope = 64 << 10
	// maxFeePerOperation is 0.1 XLM.
	maxFeePerOperation = 1_000_000
	// minReclaimSeconds is the least time that a destination has to claim.
	minReclaimSeconds = 24 * 60 * 60
	// swapUnit is what StellarSwap.Least counts by.
	swapUnit = 10_000
	// maxOpening is the most that a new account is opened with: 25 XLM.
	maxOpening = 250_000_000
)

// judgeStellar refuses an envelope that does more than pay the orders from
// the named sources, or, without orders, open accounts and trustlines.
func (p Policy) judgeStellar(r settlement.SignRequest, owed debts, held func(address string) bool) error {
	if p.StellarPassphrase == "" {
		return refuse("no Stellar network is named in its policy")
	}
	if len(r.Transaction) > maxEnvelope {
		return refuse("the envelope has %d bytes", len(r.Transaction))
	}
	var e xdr.TransactionEnvelope
	if err := xdr.SafeUnmarshalBase64(string(r.Transaction), &e); err != nil {
		return remit.Wrap(err, remit.KindForbidden, remit.ReasonForbidden, "the signer refuses: the envelope is not readable")
	}
	if again, err := e.MarshalBinary(); err != nil || base64.StdEncoding.EncodeToString(again) != string(r.Transaction) {
		return refuse("the envelope has more than one reading")
	}
	hash, err := network.HashTransactionInEnvelope(e, p.StellarPassphrase)
	if err != nil {
		return remit.Wrap(err, remit.KindForbidden, remit.ReasonForbidden, "the signer refuses: the envelope has no hash")
	}
	if !bytes.Equal(hash[:], r.Payload) {
		return refuse("what is to be signed is not the transaction shown, on the configured network")
	}
	operations := e.Operations()
	if err := p.fee(r, e); err != nil {
		return err
	}
	if e.TimeBounds() == nil || e.TimeBounds().MaxTime == 0 {
		return refuse("the transaction never expires")
	}
	left := claimable(r.Batch)
	for i, op := range operations {
		err := p.housekeeping(i, op, held)
		if len(r.Batch.Orders) > 0 {
			err = p.operation(i, op, r.Batch, owed, left, held)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fee refuses an envelope that bids too much. In a fee bump the fee must come
// from an account that the transaction inside it uses anyway, or that the policy
// names; the rest of the policy judges that transaction as if it were alone.
func (p Policy) fee(r settlement.SignRequest, e xdr.TransactionEnvelope) error {
	operations := e.Operations()
	most := maxFeePerOperation * int64(len(operations)+1)
	if int64(e.Fee()) > most {
		return refuse("it bids %d stroops for %d operations", e.Fee(), len(operations))
	}
	switch e.Type {
	case xdr.EnvelopeTypeEnvelopeTypeTx:
		return nil
	case xdr.EnvelopeTypeEnvelopeTypeTxFeeBump:
	default:
		return refuse("the envelope is of type %s", e.Type)
	}
	payer := e.FeeBumpAccount().ToAccountId()
	source := e.SourceAccount().ToAccountId()
	allowed := append([]string{source.Address()}, p.StellarFeeSources...)
	for _, op := range operations {
		if op.SourceAccount != nil {
			own := op.SourceAccount.ToAccountId()
			allowed = append(allowed, own.Address())
		}
	}
	switch {
	case e.FeeBumpFee() > most:
		return refuse("the fee bump bids %d stroops for %d operations", e.FeeBumpFee(), len(operations))
	case len(r.Batch.Orders) == 0:
		return refuse("it is a fee bump, and there is no order")
	case payer.Address() != r.Key:
		return refuse("the fee bump is paid by %s, which is not who signs it", payer.Address())
	case !slices.Contains(allowed, r.Key):
		return refuse("the fee bump is paid by %s, which has no part in the transaction", r.Key)
	default:
		return nil
	}
}

// operation refuses what does not pay an order, or take back what one left to claim.
func (p Policy) operation(i int, op xdr.Operation, batch settlement.Batch, owed, left debts, held func(address string) bool) error {
	if back, ok := op.Body.GetClaimClaimableBalanceOp(); ok {
		return takeBack(i, op.SourceAccount, back, batch, owed, held)
	}
	if claim, ok := op.Body.GetCreateClaimableBalanceOp(); ok {
		return p.claim(i, op.SourceAccount, claim, owed, left)
	}
	if swap, ok := op.Body.GetPathPaymentStrictSendOp(); ok {
		return p.swap(i, swap, owed)
	}
	payment, ok := op.Body.GetPaymentOp()
	if !ok {
		return refuse("operation %d is %s, not a payment", i, op.Body.Type)
	}
	asset, ok := p.stellarAsset(payment.Asset)
	if !ok {
		return refuse("operation %d pays in another asset", i)
	}
	return owed.pay(payment.Destination.Address(), remit.NewMoney(asset, int64(payment.Amount)))
}

// swap refuses a path payment unless it sends what is ordered, and what must
// arrive is what the policy names for its destination, and as much.
func (p Policy) swap(i int, op xdr.PathPaymentStrictSendOp, owed debts) error {
	asset, ok := p.stellarAsset(op.SendAsset)
	if !ok {
		return refuse("operation %d sends another asset", i)
	}
	destination := op.Destination.Address()
	allowed, ok := p.StellarSwaps[destination]
	if !ok || allowed.Asset == "" || creditName(op.DestAsset) != allowed.Asset {
		return refuse("operation %d pays %s in an asset that it is not known to take", i, destination)
	}
	least := new(big.Int).Mul(big.NewInt(int64(op.SendAmount)), big.NewInt(allowed.Least))
	if got := new(big.Int).Mul(big.NewInt(int64(op.DestMin)), big.NewInt(swapUnit)); allowed.Least < 1 || got.Cmp(least) < 0 {
		return refuse("operation %d lets %d arrive for %d, and at least %d for %d must", i, op.DestMin, op.SendAmount, allowed.Least, swapUnit)
	}
	return owed.pay(destination, remit.NewMoney(asset, int64(op.SendAmount)))
}

// claim refuses a claimable balance unless an order allows one and its destination
// may claim it at any time, and nobody else but who pays it, after a day at the
// earliest.
func (p Policy) claim(i int, payer *xdr.MuxedAccount, op xdr.CreateClaimableBalanceOp, owed, left debts) error {
	asset, ok := p.stellarAsset(op.Asset)
	if !ok {
		return refuse("operation %d leaves another asset", i)
	}
	if payer == nil || len(op.Claimants) != 2 || op.Claimants[0].V0 == nil || op.Claimants[1].V0 == nil {
		return refuse("operation %d has other claimants than its destination and who pays it", i)
	}
	to, back, source := op.Claimants[0].V0, op.Claimants[1].V0, payer.ToAccountId()
	if back.Destination.Address() != source.Address() {
		return refuse("operation %d can be claimed by %s, who does not pay it", i, back.Destination.Address())
	}
	if to.Predicate.Type != xdr.ClaimPredicateTypeClaimPredicateUnconditional {
		return refuse("operation %d cannot be claimed by its destination at any time", i)
	}
	not := back.Predicate.NotPredicate
	if back.Predicate.Type != xdr.ClaimPredicateTypeClaimPredicateNot || not == nil || *not == nil ||
		(*not).Type != xdr.ClaimPredicateTypeClaimPredicateBeforeRelativeTime || int64(*(*not).RelBefore) < cmp.Or(p.StellarReclaim, minReclaimSeconds) {
		return refuse("operation %d can be taken back within %d seconds", i, cmp.Or(p.StellarReclaim, minReclaimSeconds))
	}
	destination, amount := to.Destination.Address(), remit.NewMoney(asset, int64(op.Amount))
	if err := left.pay(destination, amount); err != nil {
		return refuse("operation %d leaves %s for %s to claim, which no order allows", i, amount, destination)
	}
	return owed.pay(destination, amount)
}

// takeBack refuses to claim anything but what the order names, for anybody whose
// key is not held.
func takeBack(i int, payee *xdr.MuxedAccount, op xdr.ClaimClaimableBalanceOp, batch settlement.Batch, owed debts, held func(address string) bool) error {
	id, err := xdr.MarshalHex(op.BalanceId)
	if err != nil {
		return refuse("operation %d claims what has no id", i)
	}
	if payee == nil {
		return refuse("operation %d does not say for whom it claims", i)
	}
	if to := payee.ToAccountId(); !held(to.Address()) {
		return refuse("operation %d claims for %s, somebody else", i, to.Address())
	}
	for _, o := range batch.Orders {
		if o.Reclaims != "" && o.Claim.ID == id {
			return owed.pay(takenBack(id), o.Amount)
		}
	}
	return refuse("operation %d claims %s, which no order takes back", i, id)
}

// claimable counts the payments that may be left for their destination to claim.
func claimable(b settlement.Batch) debts {
	left := make(debts)
	payments, err := b.Payments()
	if err != nil {
		return left
	}
	for _, p := range payments {
		if !slices.ContainsFunc(p.Orders, func(o settlement.Order) bool { return !o.Claimable }) {
			left[debt{p.Destination, p.Amount}]++
		}
	}
	return left
}

// housekeeping refuses what, without any order, does not open an account or a
// trustline or top up an account whose key is held.
func (p Policy) housekeeping(i int, op xdr.Operation, held func(address string) bool) error {
	if opening, ok := op.Body.GetCreateAccountOp(); ok && int64(opening.StartingBalance) <= maxOpening {
		return nil
	}
	if line, ok := op.Body.GetChangeTrustOp(); ok && line.Limit > 0 {
		return nil
	}
	if payment, ok := op.Body.GetPaymentOp(); ok {
		switch {
		case payment.Asset.Type != xdr.AssetTypeAssetTypeNative:
			return refuse("operation %d is a payment, and there is no order", i)
		case int64(payment.Amount) > maxOpening:
			return refuse("operation %d tops up by %d stroops", i, payment.Amount)
		case !held(payment.Destination.Address()):
			return refuse("operation %d tops up an account of somebody else", i)
		}
		return nil
	}
	return refuse("operation %d is %s, and there is no order", i, op.Body.Type)
}

func (p Policy) stellarAsset(a xdr.Asset) (remit.Asset, bool) {
	name := creditName(a)
	if name == "" {
		return remit.Asset{}, false
	}
	return named(p.StellarAssets, name)
}

// shortCode is the most letters of a code in the short form.
const shortCode = 4

// creditName is a credit asset as CODE:ISSUER, "" for any other. A code of more
// than four letters is filled up with zeros in XDR, and one that need not be in
// that form names no asset.
func creditName(a xdr.Asset) string {
	switch code := strings.TrimRight(a.GetCode(), "\x00"); a.Type {
	case xdr.AssetTypeAssetTypeCreditAlphanum4:
		return code + ":" + a.GetIssuer()
	case xdr.AssetTypeAssetTypeCreditAlphanum12:
		if len(code) > shortCode {
			return code + ":" + a.GetIssuer()
		}
	}
	return ""
}
