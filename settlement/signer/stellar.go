package signer

import (
	"bytes"
	"encoding/base64"
	"slices"

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
	for i, op := range operations {
		err := p.housekeeping(i, op, held)
		if len(r.Batch.Orders) > 0 {
			err = p.operation(i, op, owed)
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

// operation refuses what does not pay an order.
func (p Policy) operation(i int, op xdr.Operation, owed debts) error {
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
	if a.Type == xdr.AssetTypeAssetTypeNative {
		return remit.Asset{}, false
	}
	return named(p.StellarAssets, a.GetCode()+":"+a.GetIssuer())
}
