package stellarrpc_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/creachadair/jrpc2"
	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit/devnet/stellarrpc"
)

func TestNewestLedger(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{FriendbotURL: "http://127.0.0.1/friendbot"})
	w.closeLedger()
	network, err := w.client.GetNetwork(t.Context())
	must(t, err)
	ledger, err := w.client.GetLatestLedger(t.Context())
	must(t, err)
	version, err := w.client.GetVersionInfo(t.Context())
	must(t, err)
	if network.Passphrase != passphrase || network.FriendbotURL == "" || network.ProtocolVersion != int(ledger.ProtocolVersion) || version.ProtocolVersion != ledger.ProtocolVersion {
		t.Errorf("got network %+v, version %+v", network, version)
	}
	var header xdr.LedgerHeader
	must(t, xdr.SafeUnmarshalBase64(ledger.LedgerHeader, &header))
	var meta xdr.LedgerCloseMeta
	must(t, xdr.SafeUnmarshalBase64(ledger.LedgerMetadata, &meta))
	if ledger.Sequence != w.net.LastLedger() || uint32(header.LedgerSeq) != ledger.Sequence || meta.LedgerSequence() != ledger.Sequence ||
		ledger.LedgerCloseTime != w.clock.Now().Unix() || int64(header.ScpValue.CloseTime) != ledger.LedgerCloseTime || meta.LedgerHash().HexString() != ledger.Hash {
		t.Errorf("got %+v with header %+v", ledger, header)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{Window: 100})
	w.closeLedger()
	got, err := w.client.GetHealth(t.Context())
	must(t, err)
	if got.Status != "healthy" || got.LatestLedger != w.net.LastLedger() || got.OldestLedger != 2 || got.LedgerRetentionWindow != 100 ||
		got.LatestLedgerCloseTime != w.clock.Now().Unix() {
		t.Errorf("got %+v", got)
	}
	w.clock.Advance(31 * time.Second)
	_, err = w.client.GetHealth(t.Context())
	wantError(t, err, jrpc2.InternalError, "latency (31s) since last known ledger closed is too high (>30s)")
}

func TestLedgerEntries(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	_, err := w.net.Apply(t.Context(), w.ann, nil,
		&txnbuild.ManageData{Name: "config.memo_required", Value: []byte("1")},
		&txnbuild.CreateClaimableBalance{Amount: "5", Asset: w.usdc(), Destinations: []txnbuild.Claimant{txnbuild.NewClaimant(w.bob.Address(), nil)}})
	must(t, err)
	ann := xdr.MustAddress(w.ann.Address())
	line := xdr.MustNewCreditAsset("USDC", w.issuer.Address()).ToTrustLineAsset()
	tx, ok := w.net.Transaction(lastHash(t, w))
	if !ok {
		t.Fatal("the last transaction is not in the ledger")
	}
	var result xdr.TransactionResult
	must(t, xdr.SafeUnmarshalBase64(tx.ResultXDR, &result))
	operations, _ := result.OperationResults()
	id := operations[1].MustTr().MustCreateClaimableBalanceResult().MustBalanceId()
	keys := []xdr.LedgerKey{
		{Type: xdr.LedgerEntryTypeClaimableBalance, ClaimableBalance: &xdr.LedgerKeyClaimableBalance{BalanceId: id}},
		{Type: xdr.LedgerEntryTypeAccount, Account: &xdr.LedgerKeyAccount{AccountId: xdr.MustAddress(key(t, 9).Address())}},
		{Type: xdr.LedgerEntryTypeTrustline, TrustLine: &xdr.LedgerKeyTrustLine{AccountId: ann, Asset: line}},
		{Type: xdr.LedgerEntryTypeData, Data: &xdr.LedgerKeyData{AccountId: ann, DataName: "config.memo_required"}},
		{Type: xdr.LedgerEntryTypeAccount, Account: &xdr.LedgerKeyAccount{AccountId: ann}},
	}
	var request protocol.GetLedgerEntriesRequest
	for _, k := range keys {
		request.Keys = append(request.Keys, encoded(t, k))
	}
	got, err := w.client.GetLedgerEntries(t.Context(), request)
	must(t, err)
	if len(got.Entries) != 4 || got.LatestLedger != w.net.LastLedger() {
		t.Fatalf("got %+v, want four entries of ledger %d", got, w.net.LastLedger())
	}
	found := make([]xdr.LedgerEntryData, 4)
	for i, want := range []int{0, 2, 3, 4} {
		var ext xdr.LedgerEntryExt
		must(t, xdr.SafeUnmarshalBase64(got.Entries[i].DataXDR, &found[i]))
		must(t, xdr.SafeUnmarshalBase64(got.Entries[i].ExtensionXDR, &ext))
		if got.Entries[i].KeyXDR != request.Keys[want] || got.Entries[i].LastModifiedLedger < 2 || got.Entries[i].LiveUntilLedgerSeq != nil {
			t.Errorf("entry %d: got %+v", i, got.Entries[i])
		}
	}
	if c := found[0].ClaimableBalance; c.Amount != 5_0000000 || c.Claimants[0].V0.Destination.Address() != w.bob.Address() {
		t.Errorf("got claimable balance %+v", c)
	}
	if l := found[1].TrustLine; l.Balance != 45_0000000 || l.Flags != xdr.Uint32(xdr.TrustLineFlagsAuthorizedFlag) {
		t.Errorf("got trustline %+v", l)
	}
	if d := found[2].Data; string(d.DataValue) != "1" {
		t.Errorf("got data %+v", d)
	}
	a := found[3].Account
	if a.NumSubEntries != 2 || uint32(a.Ext.V1.Ext.V2.Ext.V3.SeqLedger) != w.net.LastLedger() || a.Ext.V1.Ext.V2.NumSponsoring != 1 || a.Thresholds[0] != 1 {
		t.Errorf("got account %+v", a)
	}
}

func lastHash(t *testing.T, w *world) string {
	t.Helper()
	all := w.net.Transactions(1)
	return all[len(all)-1].Hash
}

func encoded(t *testing.T, k xdr.LedgerKey) string {
	t.Helper()
	text, err := xdr.MarshalBase64(k)
	must(t, err)
	return text
}

func TestFeeStatistics(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	for range 11 {
		w.closeLedger()
	}
	if got, err := w.client.GetFeeStats(t.Context()); err != nil || got.InclusionFee.LedgerCount != 0 || got.InclusionFee.P80 != 0 || got.LatestLedger != w.net.LastLedger() {
		t.Errorf("got %+v, %v of idle ledgers", got, err)
	}
	tx := w.payment("1", func(p *txnbuild.TransactionParams) { p.BaseFee = 250 })
	w.send(envelope(t, tx), stellarcore.TXStatusPending)
	w.closeLedger()
	got, err := w.client.GetFeeStats(t.Context())
	must(t, err)
	if got.InclusionFee.TransactionCount != 1 || got.InclusionFee.LedgerCount != 10 || got.InclusionFee.P80 != 100 || got.SorobanInclusionFee.Max != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestBadParameters(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	_, err := w.client.GetTransaction(t.Context(), protocol.GetTransactionRequest{Hash: "ab"})
	wantError(t, err, jrpc2.InvalidParams, "unexpected hash length (2)")
	_, err = w.client.GetTransaction(t.Context(), protocol.GetTransactionRequest{Hash: strings.Repeat("x", 64)})
	wantError(t, err, jrpc2.InvalidParams, "incorrect hash: encoding/hex: invalid byte: U+0078 'x'")
	_, err = w.client.SendTransaction(t.Context(), protocol.SendTransactionRequest{Transaction: "AAAA"})
	wantError(t, err, jrpc2.InvalidParams, "invalid_xdr")
	_, err = w.client.GetLedgerEntries(t.Context(), protocol.GetLedgerEntriesRequest{Keys: []string{"AAAA"}})
	wantError(t, err, jrpc2.InvalidParams, "cannot unmarshal key value AAAA at index 0")
	_, err = w.client.GetLedgerEntries(t.Context(), protocol.GetLedgerEntriesRequest{Keys: make([]string, 201)})
	wantError(t, err, jrpc2.InvalidParams, "key count (201) exceeds maximum supported (200)")
	_, err = w.client.GetLedgerEntries(t.Context(), protocol.GetLedgerEntriesRequest{Format: "xml"})
	wantError(t, err, jrpc2.InvalidParams, "got 'xml': expected base64, json for optional 'xdrFormat'")
	_, err = w.client.GetTransactions(t.Context(), protocol.GetTransactionsRequest{StartLedger: 1})
	wantError(t, err, jrpc2.InvalidRequest, "start ledger (1) must be between the oldest ledger: 2 and the latest ledger: 7 for this rpc instance")
	_, err = w.client.GetEvents(t.Context(), protocol.GetEventsRequest{StartLedger: 1})
	wantError(t, err, jrpc2.MethodNotFound, "method not found")
}

func wantError(t *testing.T, err error, code jrpc2.Code, message string) {
	t.Helper()
	var got *jrpc2.Error
	if !errors.As(err, &got) || got.Code != code || got.Message != message {
		t.Errorf("got %v, want %d %s", err, code, message)
	}
}
