package horizon_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/network"
	"github.com/stellar/go-stellar-sdk/price"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// recordedTx is a transaction as the recorded cases describe it.
type recordedTx struct {
	Label      string `json:"label"`
	Source     string `json:"source"`
	Sequence   string `json:"sequence"`
	SequenceIs string `json:"sequence_is"`
	Fee        uint32 `json:"fee"`
	MinTime    string `json:"min_time"`
	MaxTime    string `json:"max_time"`
	MaxLedger  uint32 `json:"max_ledger"`
	MinSeq     string `json:"min_sequence"`
	MinSeqAge  uint64 `json:"min_sequence_age"`
	Memo       *struct{ Type, Value string }
	Ops        []recordedOp `json:"ops"`
	Repeat     int          `json:"repeat_first_op"`
	Signers    []string     `json:"signers"`
	Passphrase string       `json:"signed_for_passphrase"`
	FeeBump    *struct {
		Source  string   `json:"source"`
		Fee     int64    `json:"fee"`
		Signers []string `json:"signers"`
	} `json:"fee_bump"`
}

type recordedOp struct {
	Type        string   `json:"type"`
	Source      string   `json:"source"`
	Destination string   `json:"destination"`
	Asset       string   `json:"asset"`
	Amount      string   `json:"amount"`
	Limit       string   `json:"limit"`
	SetFlags    []string `json:"set_flags"`
	ClearFlags  []string `json:"clear_flags"`
	Trustor     string   `json:"trustor"`
	From        string   `json:"from"`
	Claimants   []string `json:"claimants"`
	ClaimableBy string   `json:"balance_claimable_by"`
	BumpTo      string   `json:"bump_to"`
	Selling     string   `json:"selling"`
	Buying      string   `json:"buying"`
	Price       string   `json:"price"`
	SendAsset   string   `json:"send_asset"`
	SendAmount  string   `json:"send_amount"`
	SendMax     string   `json:"send_max"`
	DestAsset   string   `json:"dest_asset"`
	DestAmount  string   `json:"dest_amount"`
	DestMin     string   `json:"dest_min"`
	Signer      string   `json:"signer"`
	Weight      *uint8   `json:"signer_weight"`
	Master      *uint8   `json:"master_weight"`
	Low         *uint8   `json:"low_threshold"`
	Medium      *uint8   `json:"medium_threshold"`
	High        *uint8   `json:"high_threshold"`
}

// key is an actor's key: its seed is a hash of the case and the name.
func (c *replay) key(name string) *keypair.Full {
	if name == "root" {
		return c.net.Root()
	}
	name, _, _ = strings.Cut(name, "#")
	kp, err := keypair.FromRawSeed(sha256.Sum256([]byte("stellar-answers/" + c.rec.ID + "/" + name)))
	if err != nil {
		c.t.Fatal(err)
	}
	return kp
}

// address is an actor's G address, or with name#id its M address.
func (c *replay) address(name string) string {
	_, id, isMuxed := strings.Cut(name, "#")
	g := c.key(name).Address()
	if !isMuxed {
		return g
	}
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		c.t.Fatal(err)
	}
	m, err := xdr.MuxedAccountFromAccountId(g, n)
	if err != nil {
		c.t.Fatal(err)
	}
	return m.Address()
}

func (c *replay) asset(text string) txnbuild.Asset {
	if text == "native" || text == "" {
		return txnbuild.NativeAsset{}
	}
	code, issuer, _ := strings.Cut(text, ":")
	return txnbuild.CreditAsset{Code: code, Issuer: c.address(issuer)}
}

// relative reads base±n, like next+9.
func relative(t *testing.T, text, name string, base int64) int64 {
	t.Helper()
	rest := strings.TrimPrefix(text, name)
	if rest == "" {
		return base
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		t.Fatalf("relative number %q: %v", text, err)
	}
	return base + n
}

func (c *replay) moment(text string) xdr.TimePoint {
	switch {
	case strings.HasPrefix(text, "now"):
		return xdr.TimePoint(relative(c.t, text, "now", c.clock.Now().Unix()))
	case text == "" || text == "0":
		return 0
	default: // an absolute time, two minutes ahead when it was recorded
		return xdr.TimePoint(c.clock.Now().Unix() + 120)
	}
}

// build makes the envelope, by hand where txnbuild would refuse to.
func (c *replay) build(r recordedTx) string {
	next, ok := c.sequence(c.key(r.Source).Address())
	seq := relative(c.t, r.Sequence, "next", next+1)
	if !ok {
		seq, _ = strconv.ParseInt(r.SequenceIs, 10, 64)
	}
	tx := xdr.Transaction{SourceAccount: xdr.MustMuxedAddress(c.address(r.Source)), Fee: xdr.Uint32(r.Fee),
		SeqNum: xdr.SequenceNumber(seq), Memo: c.memo(r)}
	bounds := &xdr.TimeBounds{MinTime: c.moment(r.MinTime), MaxTime: c.moment(r.MaxTime)}
	tx.Cond = xdr.NewPreconditionsWithTimeBounds(bounds)
	if r.MaxLedger > 0 || r.MinSeq != "" || r.MinSeqAge > 0 {
		v2 := xdr.PreconditionsV2{TimeBounds: bounds, MinSeqAge: xdr.Duration(r.MinSeqAge)}
		if r.MaxLedger > 0 {
			v2.LedgerBounds = &xdr.LedgerBounds{MaxLedger: xdr.Uint32(r.MaxLedger)}
		}
		if r.MinSeq != "" {
			least := xdr.SequenceNumber(relative(c.t, r.MinSeq, "next", next+1))
			v2.MinSeqNum = &least
		}
		tx.Cond = xdr.Preconditions{Type: xdr.PreconditionTypePrecondV2, V2: &v2}
	}
	for i, op := range r.Ops {
		for range max(1, r.Repeat*(1-min(i, 1))) {
			tx.Operations = append(tx.Operations, c.buildOp(op))
		}
	}
	env := xdr.TransactionEnvelope{Type: xdr.EnvelopeTypeEnvelopeTypeTx, V1: &xdr.TransactionV1Envelope{Tx: tx}}
	env.V1.Signatures = c.sign(env, r.Signers, r.Passphrase)
	if r.FeeBump != nil {
		env = xdr.TransactionEnvelope{Type: xdr.EnvelopeTypeEnvelopeTypeTxFeeBump, FeeBump: &xdr.FeeBumpTransactionEnvelope{
			Tx: xdr.FeeBumpTransaction{FeeSource: xdr.MustMuxedAddress(c.address(r.FeeBump.Source)), Fee: xdr.Int64(r.FeeBump.Fee),
				InnerTx: xdr.FeeBumpTransactionInnerTx{Type: xdr.EnvelopeTypeEnvelopeTypeTx, V1: env.V1}}}}
		env.FeeBump.Signatures = c.sign(env, r.FeeBump.Signers, "")
	}
	out, err := xdr.MarshalBase64(env)
	if err != nil {
		c.t.Fatalf("encode envelope: %v", err)
	}
	return out
}

func (c *replay) sign(env xdr.TransactionEnvelope, signers []string, passphrase string) []xdr.DecoratedSignature {
	if passphrase == "" {
		passphrase = recordedPassphrase
	}
	hash, err := network.HashTransactionInEnvelope(env, passphrase)
	if err != nil {
		c.t.Fatal(err)
	}
	var out []xdr.DecoratedSignature
	for _, name := range signers {
		sig, err := c.key(name).SignDecorated(hash[:])
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, sig)
	}
	return out
}

func (c *replay) memo(r recordedTx) xdr.Memo {
	if r.Memo == nil {
		return xdr.Memo{Type: xdr.MemoTypeMemoNone}
	}
	v := r.Memo.Value
	switch r.Memo.Type {
	case "text":
		return xdr.Memo{Type: xdr.MemoTypeMemoText, Text: &v}
	case "id":
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			c.t.Fatal(err)
		}
		id := xdr.Uint64(n)
		return xdr.Memo{Type: xdr.MemoTypeMemoId, Id: &id}
	}
	raw, err := hex.DecodeString(v)
	if err != nil {
		c.t.Fatal(err)
	}
	h := xdr.Hash(raw)
	if r.Memo.Type == "return" {
		return xdr.Memo{Type: xdr.MemoTypeMemoReturn, RetHash: &h}
	}
	return xdr.Memo{Type: xdr.MemoTypeMemoHash, Hash: &h}
}

func (c *replay) buildOp(o recordedOp) xdr.Operation {
	if o.Type == "payment" { // by hand: txnbuild lets no negative amount pass
		amount := stroops(c.t, o.Amount)
		op := xdr.Operation{Body: xdr.OperationBody{Type: xdr.OperationTypePayment, PaymentOp: &xdr.PaymentOp{
			Destination: xdr.MustMuxedAddress(c.address(o.Destination)), Amount: xdr.Int64(amount)}}}
		asset, err := c.asset(o.Asset).ToXDR()
		if err != nil {
			c.t.Fatal(err)
		}
		op.Body.PaymentOp.Asset = asset
		if o.Source != "" {
			m := xdr.MustMuxedAddress(c.address(o.Source))
			op.SourceAccount = &m
		}
		return op
	}
	op, err := c.txnbuildOp(o).BuildXDR()
	if err != nil {
		c.t.Fatalf("build %s: %v", o.Type, err)
	}
	return op
}

func (c *replay) txnbuildOp(o recordedOp) txnbuild.Operation {
	source := ""
	if o.Source != "" {
		source = c.address(o.Source)
	}
	switch o.Type {
	case "create_account":
		return &txnbuild.CreateAccount{SourceAccount: source, Destination: c.address(o.Destination), Amount: o.Amount}
	case "change_trust":
		line, err := c.asset(o.Asset).(txnbuild.CreditAsset).ToChangeTrustAsset()
		if err != nil {
			c.t.Fatal(err)
		}
		return &txnbuild.ChangeTrust{SourceAccount: source, Line: line, Limit: o.Limit}
	case "clawback":
		return &txnbuild.Clawback{SourceAccount: source, From: c.address(o.From), Amount: o.Amount, Asset: c.asset(o.Asset)}
	case "bump_sequence":
		name, plus, _ := strings.Cut(o.BumpTo, "+")
		seq, _ := c.sequence(c.address(name))
		return &txnbuild.BumpSequence{SourceAccount: source, BumpTo: relative(c.t, "+"+plus, "", seq)}
	case "create_claimable_balance":
		op := &txnbuild.CreateClaimableBalance{SourceAccount: source, Amount: o.Amount, Asset: c.asset(o.Asset)}
		for _, name := range o.Claimants {
			op.Destinations = append(op.Destinations, txnbuild.NewClaimant(c.address(name), nil))
		}
		return op
	case "claim_claimable_balance":
		return &txnbuild.ClaimClaimableBalance{SourceAccount: source, BalanceID: c.claimableBy(c.address(o.ClaimableBy))}
	case "path_payment_strict_send":
		return &txnbuild.PathPaymentStrictSend{SourceAccount: source, SendAsset: c.asset(o.SendAsset), SendAmount: o.SendAmount,
			Destination: c.address(o.Destination), DestAsset: c.asset(o.DestAsset), DestMin: o.DestMin}
	case "path_payment_strict_receive":
		return &txnbuild.PathPaymentStrictReceive{SourceAccount: source, SendAsset: c.asset(o.SendAsset), SendMax: o.SendMax,
			Destination: c.address(o.Destination), DestAsset: c.asset(o.DestAsset), DestAmount: o.DestAmount}
	case "account_merge":
		return &txnbuild.AccountMerge{SourceAccount: source, Destination: c.address(o.Destination)}
	case "manage_sell_offer":
		n, d, _ := strings.Cut(o.Price, "/")
		p := price.MustParse("1")
		p.N, p.D = xdr.Int32(relative(c.t, "+"+n, "", 0)), xdr.Int32(relative(c.t, "+"+d, "", 0))
		return &txnbuild.ManageSellOffer{SourceAccount: source, Selling: c.asset(o.Selling), Buying: c.asset(o.Buying), Amount: o.Amount, Price: p}
	case "set_trust_line_flags":
		return &txnbuild.SetTrustLineFlags{SourceAccount: source, Trustor: c.address(o.Trustor), Asset: c.asset(o.Asset),
			SetFlags: trustFlags(o.SetFlags), ClearFlags: trustFlags(o.ClearFlags)}
	case "set_options":
		return c.setOptions(o, source)
	}
	c.t.Fatalf("operation %q is not known to the test", o.Type)
	return nil
}

func trustFlags(names []string) []txnbuild.TrustLineFlag {
	var out []txnbuild.TrustLineFlag
	for _, n := range names {
		if n == "authorized" {
			out = append(out, txnbuild.TrustLineAuthorized)
		}
	}
	return out
}

func (c *replay) setOptions(o recordedOp, source string) txnbuild.Operation {
	op := &txnbuild.SetOptions{SourceAccount: source}
	flags := map[string]txnbuild.AccountFlag{"auth_required": txnbuild.AuthRequired, "auth_revocable": txnbuild.AuthRevocable,
		"auth_clawback_enabled": txnbuild.AuthClawbackEnabled}
	for _, n := range o.SetFlags {
		op.SetFlags = append(op.SetFlags, flags[n])
	}
	threshold := func(n *uint8) *txnbuild.Threshold {
		if n == nil {
			return nil
		}
		return txnbuild.NewThreshold(txnbuild.Threshold(*n))
	}
	op.MasterWeight, op.LowThreshold = threshold(o.Master), threshold(o.Low)
	op.MediumThreshold, op.HighThreshold = threshold(o.Medium), threshold(o.High)
	if o.Signer != "" {
		op.Signer = &txnbuild.Signer{Address: c.address(o.Signer), Weight: txnbuild.Threshold(*o.Weight)}
	}
	return op
}
