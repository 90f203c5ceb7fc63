package stellarrpc_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/devnet/stellarrpc"
)

func (w *world) send(envelope, want string) protocol.SendTransactionResponse {
	w.t.Helper()
	got, err := w.client.SendTransaction(w.t.Context(), protocol.SendTransactionRequest{Transaction: envelope})
	must(w.t, err)
	if got.Status != want || got.LatestLedger != w.net.LastLedger() || got.LatestLedgerCloseTime != w.net.Head().ClosedAt {
		w.t.Errorf("send: got %+v, want %s", got, want)
	}
	return got
}

func (w *world) look(hash, want string) protocol.GetTransactionResponse {
	w.t.Helper()
	got, err := w.client.GetTransaction(w.t.Context(), protocol.GetTransactionRequest{Hash: hash})
	must(w.t, err)
	if got.Status != want || got.TransactionHash != hash || got.LatestLedger != w.net.LastLedger() || got.LatestLedgerCloseTime != w.net.Head().ClosedAt {
		w.t.Errorf("look up: got %+v, want %s", got, want)
	}
	return got
}

func TestSendAndLookUp(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	tx := w.payment("7", nil)
	if got := w.send(envelope(t, tx), stellarcore.TXStatusPending); got.Hash != hash(t, tx) {
		t.Errorf("got hash %s, want %s", got.Hash, hash(t, tx))
	}
	w.send(envelope(t, tx), stellarcore.TXStatusDuplicate)
	w.send(envelope(t, w.payment("8", nil)), stellarcore.TXStatusTryAgainLater)
	if got := w.look(hash(t, tx), protocol.TransactionStatusNotFound); got.Ledger != 0 || got.EnvelopeXDR != "" || got.OldestLedger != 2 {
		t.Errorf("got %+v of a pending transaction", got)
	}
	w.closeLedger()
	got := w.look(hash(t, tx), protocol.TransactionStatusSuccess)
	if got.EnvelopeXDR != envelope(t, tx) || got.Ledger != w.net.LastLedger() || got.LedgerCloseTime != w.clock.Now().Unix() ||
		got.ApplicationOrder != 1 || got.FeeBump || resultCode(t, got.ResultXDR) != xdr.TransactionResultCodeTxSuccess {
		t.Errorf("got %+v", got)
	}
	var meta xdr.TransactionMeta
	must(t, xdr.SafeUnmarshalBase64(got.ResultMetaXDR, &meta))
	// What a ledger took is refused for ten ledgers, then as out of order.
	w.send(envelope(t, tx), stellarcore.TXStatusTryAgainLater)
	for range 10 {
		w.closeLedger()
	}
	if again := w.send(envelope(t, tx), stellarcore.TXStatusError); resultCode(t, again.ErrorResultXDR) != xdr.TransactionResultCodeTxBadSeq {
		t.Errorf("got %+v, want tx_bad_seq", again)
	}
	if n := len(w.net.Books()); n == 0 || w.net.Books()[n-1].Hash != got.TransactionHash {
		t.Errorf("the books end with %+v", w.net.Books())
	}
}

func TestFailedTransactions(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	tx := w.payment("1000", nil)
	w.send(envelope(t, tx), stellarcore.TXStatusPending)
	w.closeLedger()
	if got := w.look(hash(t, tx), protocol.TransactionStatusFailed); resultCode(t, got.ResultXDR) != xdr.TransactionResultCodeTxFailed {
		t.Errorf("got %+v", got)
	}
	poor := w.payment("1", func(p *txnbuild.TransactionParams) {
		p.Preconditions.TimeBounds = txnbuild.NewTimebounds(0, w.clock.Now().Unix()-1)
	})
	if got := w.send(envelope(t, poor), stellarcore.TXStatusError); resultCode(t, got.ErrorResultXDR) != xdr.TransactionResultCodeTxTooLate {
		t.Errorf("got %+v, want tx_too_late", got)
	}
	w.look(hash(t, poor), protocol.TransactionStatusNotFound)
}

func TestFeeBumpIsFoundByBothHashes(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	tx := w.payment("7", nil)
	bump, err := txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{Inner: tx, FeeAccount: w.bob.Address(), BaseFee: 400})
	must(t, err)
	bump, err = bump.Sign(passphrase, w.bob)
	must(t, err)
	w.send(envelope(t, bump), stellarcore.TXStatusPending)
	w.closeLedger()
	for _, h := range []string{hash(t, tx), hash(t, bump)} {
		got := w.look(h, protocol.TransactionStatusSuccess)
		if !got.FeeBump || got.EnvelopeXDR != envelope(t, bump) || resultCode(t, got.ResultXDR) != xdr.TransactionResultCodeTxFeeBumpInnerSuccess {
			t.Errorf("got %+v", got)
		}
	}
}

func TestTransactionsAreForgotten(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{Window: 3})
	tx := w.payment("7", nil)
	w.send(envelope(t, tx), stellarcore.TXStatusPending)
	w.closeLedger()
	taken := w.net.LastLedger()
	w.closeLedger()
	w.closeLedger()
	w.look(hash(t, tx), protocol.TransactionStatusSuccess)
	w.closeLedger()
	if got := w.look(hash(t, tx), protocol.TransactionStatusNotFound); got.OldestLedger != taken+1 || got.OldestLedgerCloseTime == 0 {
		t.Errorf("got %+v, want the oldest ledger %d", got, taken+1)
	}
	if _, err := w.client.GetTransactions(t.Context(), protocol.GetTransactionsRequest{StartLedger: taken}); err == nil {
		t.Error("forgotten transactions are listed")
	}
}

func TestListOfTransactions(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	start := w.net.LastLedger() + 1
	var want, got []string
	for range 5 {
		tx := w.payment("1", nil)
		want = append(want, hash(t, tx))
		w.send(envelope(t, tx), stellarcore.TXStatusPending)
		w.closeLedger()
	}
	request := protocol.GetTransactionsRequest{StartLedger: start, Pagination: &protocol.LedgerPaginationOptions{Limit: 2}}
	for {
		page, err := w.client.GetTransactions(t.Context(), request)
		must(t, err)
		for _, tx := range page.Transactions {
			got = append(got, tx.TransactionHash)
		}
		if len(page.Transactions) < 2 {
			break
		}
		request.StartLedger, request.Pagination.Cursor = 0, page.Cursor
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	w.closeLedger()
	page, err := w.client.GetTransactions(t.Context(), protocol.GetTransactionsRequest{StartLedger: w.net.LastLedger()})
	must(t, err)
	if len(page.Transactions) != 0 || page.Cursor == "" || page.LatestLedger != w.net.LastLedger() {
		t.Errorf("got %+v of an empty ledger", page)
	}
}

func TestSameNetworkAsHorizon(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	srv := httptest.NewServer(w.net.Handler())
	t.Cleanup(srv.Close)
	other := &horizonclient.Client{HorizonURL: srv.URL + "/"}
	tx := w.payment("7", nil)
	w.send(envelope(t, tx), stellarcore.TXStatusPending)
	if again, err := other.AsyncSubmitTransaction(tx); err != nil || again.TxStatus != stellarcore.TXStatusDuplicate {
		t.Errorf("horizon answers %+v, %v; want a duplicate", again, err)
	}
	w.closeLedger()
	seen, err := other.TransactionDetail(hash(t, tx))
	must(t, err)
	if got := w.look(hash(t, tx), protocol.TransactionStatusSuccess); got.EnvelopeXDR != seen.EnvelopeXdr || got.ResultXDR != seen.ResultXdr ||
		int32(got.Ledger) != seen.Ledger || got.LedgerCloseTime != seen.LedgerCloseTime.Unix() {
		t.Errorf("got %+v, horizon has %+v", got, seen)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	tx := w.payment("7", nil)
	for _, broken := range []bool{false, true} {
		must(t, w.net.SetFaults(horizon.Faults{Down: true, Broken: broken}))
		if _, err := w.client.GetHealth(t.Context()); err == nil {
			t.Error("a service that is down answers")
		}
	}
	must(t, w.net.SetFaults(horizon.Faults{DropSubmits: 1}))
	w.send(envelope(t, tx), stellarcore.TXStatusPending)
	w.closeLedger()
	w.look(hash(t, tx), protocol.TransactionStatusNotFound)
	for _, broken := range []bool{false, true} {
		tx = w.payment("7", nil)
		must(t, w.net.SetFaults(horizon.Faults{LoseReplies: 1, Broken: broken}))
		if got, err := w.client.SendTransaction(t.Context(), protocol.SendTransactionRequest{Transaction: envelope(t, tx)}); err == nil {
			t.Errorf("a lost reply arrives: %+v", got)
		}
		must(t, w.net.SetFaults(horizon.Faults{}))
		w.send(envelope(t, tx), stellarcore.TXStatusDuplicate)
		w.closeLedger()
		w.look(hash(t, tx), protocol.TransactionStatusSuccess)
	}
}
