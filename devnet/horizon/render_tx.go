package horizon

import (
	"encoding/base64"
	"strconv"
	"time"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/support/render/hal"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// What is listed as changed by every transaction: nothing. The values are valid, so that clients can decode them.
var (
	emptyMeta    = encode(xdr.TransactionMeta{V: 2, V2: &xdr.TransactionMetaV2{}})
	emptyFeeMeta = encode(xdr.LedgerEntryChanges{})
)

func unixTime(t int64) time.Time { return time.Unix(t, 0).UTC() }

// decodeEnvelope reads back what the server took before, so it cannot fail.
func decodeEnvelope(envelope string) xdr.TransactionEnvelope {
	var env xdr.TransactionEnvelope
	if err := xdr.SafeUnmarshalBase64(envelope, &env); err != nil {
		panic("horizon: decode own envelope: " + err.Error())
	}
	return env
}

// renderTransaction shows a transaction under the hash it was asked for, which of a fee bump is one of two.
func (s *Server) renderTransaction(lb *hal.LinkBuilder, rec *record, asked string) protocol.Transaction {
	env := decodeEnvelope(rec.envelope)
	t := protocol.Transaction{ID: asked, Hash: asked, PT: decimal(rec.id), Successful: rec.successful, Ledger: int32(rec.ledger),
		LedgerCloseTime: unixTime(rec.time), AccountSequence: env.SeqNum(), FeeCharged: rec.fee, MaxFee: rec.bid,
		OperationCount: int32(rec.ops), EnvelopeXdr: rec.envelope, ResultXdr: rec.result, ResultMetaXdr: emptyMeta,
		FeeMetaXdr: emptyFeeMeta, Signatures: signatures(env.Signatures()), Preconditions: preconditions(env)}
	t.Account, t.AccountMuxed, t.AccountMuxedID = muxed(env.SourceAccount())
	t.FeeAccount, t.FeeAccountMuxed, t.FeeAccountMuxedID = t.Account, t.AccountMuxed, t.AccountMuxedID
	if env.IsFeeBump() {
		t.FeeAccount, t.FeeAccountMuxed, t.FeeAccountMuxedID = muxed(env.FeeBumpAccount())
		outer := signatures(env.FeeBumpSignatures())
		t.FeeBumpTransaction = &protocol.FeeBumpTransaction{Hash: rec.hash, Signatures: outer}
		t.InnerTransaction = &protocol.InnerTransaction{Hash: rec.inner, Signatures: t.Signatures, MaxFee: int64(env.Fee())}
		if asked == rec.hash {
			t.Signatures = outer
		}
	}
	t.MemoType, t.Memo = memoText(env.Memo())
	switch m := env.Memo(); m.Type {
	case xdr.MemoTypeMemoText:
		t.MemoBytes = base64.StdEncoding.EncodeToString([]byte(*m.Text))
	case xdr.MemoTypeMemoHash:
		t.Memo = base64.StdEncoding.EncodeToString(m.Hash[:])
	case xdr.MemoTypeMemoReturn:
		t.Memo = base64.StdEncoding.EncodeToString(m.RetHash[:])
	}
	t.Links.Self = lb.Link("/transactions", asked)
	t.Links.Transaction = t.Links.Self
	t.Links.Account = lb.Link("/accounts", t.Account)
	t.Links.Ledger = lb.Link("/ledgers", strconv.Itoa(int(rec.ledger)))
	t.Links.Operations = lb.PagedLink("/transactions", asked, "operations")
	t.Links.Effects = lb.PagedLink("/transactions", asked, "effects")
	t.Links.Precedes = lb.Linkf("/transactions?order=asc&cursor=%s", t.PT)
	t.Links.Succeeds = lb.Linkf("/transactions?order=desc&cursor=%s", t.PT)
	return t
}

// muxed splits an account into its G address and, where it has one, its M address and id.
func muxed(m xdr.MuxedAccount) (id, mAddress string, muxedID uint64) {
	if m.Type == xdr.CryptoKeyTypeKeyTypeMuxedEd25519 {
		mAddress, muxedID = m.Address(), uint64(m.Med25519.Id)
	}
	return address(m), mAddress, muxedID
}

func signatures(sigs []xdr.DecoratedSignature) []string {
	out := make([]string, len(sigs))
	for i, sig := range sigs {
		out[i] = base64.StdEncoding.EncodeToString(sig.Signature)
	}
	return out
}

func preconditions(env xdr.TransactionEnvelope) *protocol.TransactionPreconditions {
	var p protocol.TransactionPreconditions
	shown := false
	if b := env.TimeBounds(); b != nil {
		p.TimeBounds, shown = &protocol.TransactionPreconditionsTimebounds{MinTime: strconv.FormatUint(uint64(b.MinTime), 10)}, true
		if b.MaxTime > 0 {
			p.TimeBounds.MaxTime = strconv.FormatUint(uint64(b.MaxTime), 10)
		}
	}
	if b := env.LedgerBounds(); b != nil {
		p.LedgerBounds = &protocol.TransactionPreconditionsLedgerbounds{MinLedger: uint32(b.MinLedger), MaxLedger: uint32(b.MaxLedger)}
		shown = true
	}
	if n := env.MinSeqNum(); n != nil {
		p.MinAccountSequence, shown = decimal(*n), true
	}
	if n := env.MinSeqAge(); n != nil && *n > 0 {
		p.MinAccountSequenceAge, shown = strconv.FormatUint(uint64(*n), 10), true
	}
	if n := env.MinSeqLedgerGap(); n != nil && *n > 0 {
		p.MinAccountSequenceLedgerGap, shown = uint32(*n), true
	}
	for _, key := range env.ExtraSigners() {
		p.ExtraSigners, shown = append(p.ExtraSigners, key.Address()), true
	}
	if !shown {
		return nil
	}
	return &p
}

func (s *Server) renderLedger(lb *hal.LinkBuilder, l ledgerRecord) protocol.Ledger {
	seq := strconv.Itoa(int(l.seq))
	out := protocol.Ledger{ID: hexOf(l.hash), Hash: hexOf(l.hash), PT: decimal(l.id()), Sequence: int32(l.seq),
		SuccessfulTransactionCount: l.succeeded, FailedTransactionCount: &l.failed, OperationCount: l.ops,
		TxSetOperationCount: &l.allOps, ClosedAt: unixTime(l.time), TotalCoins: lumens(genesis), FeePool: lumens(l.feePool),
		BaseFee: int32(l.baseFee), BaseReserve: int32(s.opt.BaseReserve), MaxTxSetSize: int32(s.opt.MaxOpsPerLedger),
		ProtocolVersion: protocolVersion, HeaderXDR: l.header}
	if l.seq > 1 {
		out.PrevHash = hexOf(l.prev)
	}
	out.Links.Self = lb.Link("/ledgers", seq)
	out.Links.Transactions = lb.PagedLink("/ledgers", seq, "transactions")
	out.Links.Operations = lb.PagedLink("/ledgers", seq, "operations")
	out.Links.Payments = lb.PagedLink("/ledgers", seq, "payments")
	out.Links.Effects = lb.PagedLink("/ledgers", seq, "effects")
	return out
}
