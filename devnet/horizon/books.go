package horizon

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/stellar/go-stellar-sdk/amount"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// Payment is one movement of money that the chain holds: a payment, a path payment, an account created or merged. It
// names what arrived, which for a path payment is not what was sent.
type Payment struct {
	Hash      string    `json:"hash"`
	Operation int       `json:"operation"`
	Type      string    `json:"type"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	Asset     string    `json:"asset"` // "native" or CODE:ISSUER
	Amount    string    `json:"amount"`
	Stroops   int64     `json:"stroops"`
	MemoType  string    `json:"memo_type"`
	Memo      string    `json:"memo"`
	Ledger    uint32    `json:"ledger"`
	ClosedAt  time.Time `json:"closed_at"`
}

// Books lists every payment of every successful transaction, oldest first.
func (s *Server) Books() []Payment {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.history.payments)
}

// Balance is what an account holds of an asset ("native" or CODE:ISSUER), in stroops; ok is false where the account or
// its trustline does not exist.
func (s *Server) Balance(id, asset string) (stroops int64, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.state.account(id)
	if a == nil {
		return 0, false
	}
	if asset == "native" {
		return a.balance, true
	}
	line := a.trust[asset]
	if line == nil {
		return 0, false
	}
	return line.balance, true
}

func paymentsOf(rec *record, tx *transaction, v verdict) []Payment {
	var out []Payment
	results := v.ops
	if v.inner != nil {
		results = v.inner.ops
	}
	kind, memo := memoText(tx.env.Memo())
	for i, op := range tx.env.Operations() {
		to, asset, stroops, ok := arrival(op, results[i])
		if !ok {
			continue
		}
		out = append(out, Payment{Hash: rec.hash, Operation: i, Type: typeName(op), From: tx.opSource(op), To: to,
			Asset: asset, Amount: amount.StringFromInt64(stroops), Stroops: stroops, MemoType: kind, Memo: memo,
			Ledger: rec.ledger, ClosedAt: time.Unix(rec.time, 0).UTC()})
	}
	return out
}

// arrival is who got what by an operation that succeeded.
func arrival(op xdr.Operation, r xdr.OperationResult) (to, asset string, stroops int64, ok bool) {
	b := op.Body
	switch b.Type {
	case xdr.OperationTypeCreateAccount:
		o := b.CreateAccountOp
		return o.Destination.Address(), "native", int64(o.StartingBalance), true
	case xdr.OperationTypePayment:
		o := b.PaymentOp
		return address(o.Destination), o.Asset.StringCanonical(), int64(o.Amount), true
	case xdr.OperationTypePathPaymentStrictReceive:
		o := b.PathPaymentStrictReceiveOp
		return address(o.Destination), o.DestAsset.StringCanonical(), int64(o.DestAmount), true
	case xdr.OperationTypePathPaymentStrictSend:
		last := r.Tr.PathPaymentStrictSendResult.Success.Last
		return last.Destination.Address(), last.Asset.StringCanonical(), int64(last.Amount), true
	case xdr.OperationTypeAccountMerge:
		return address(b.MustDestination()), "native", int64(*r.Tr.AccountMergeResult.SourceAccountBalance), true
	default:
		return "", "", 0, false
	}
}

// memoText is a memo's type and its text: hashes in hex, so that they can be compared by eye.
func memoText(m xdr.Memo) (kind, text string) {
	switch m.Type {
	case xdr.MemoTypeMemoText:
		return "text", *m.Text
	case xdr.MemoTypeMemoId:
		return "id", strconv.FormatUint(uint64(*m.Id), 10)
	case xdr.MemoTypeMemoHash:
		return "hash", hex.EncodeToString(m.Hash[:])
	case xdr.MemoTypeMemoReturn:
		return "return", hex.EncodeToString(m.RetHash[:])
	default:
		return "none", ""
	}
}
