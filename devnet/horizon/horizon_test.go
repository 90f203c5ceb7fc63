package horizon_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/keypair"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit/devnet/horizon"
)

const passphrase = "Remit Devnet ; November 2026"

// fixture is a network with an issuer of USDC, a treasury that holds 5000 of it, a channel and a beneficiary.
type fixture struct {
	t                                   *testing.T
	net                                 *horizon.Server
	srv                                 *httptest.Server
	client                              *horizonclient.Client
	clock                               *clock
	issuer, treasury, channel, receiver *keypair.Full
}

func setup(t *testing.T, opt horizon.Options) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: newClock(), issuer: keypair.MustRandom(), treasury: keypair.MustRandom(),
		channel: keypair.MustRandom(), receiver: keypair.MustRandom()}
	opt.NetworkPassphrase, opt.Now = passphrase, f.clock.Now
	f.open(opt)
	for _, kp := range []*keypair.Full{f.issuer, f.treasury, f.channel, f.receiver} {
		must(t, f.net.CreateAccount(t.Context(), kp.Address(), "100"))
	}
	must(t, f.net.Trust(t.Context(), f.treasury, "USDC", f.issuer.Address()))
	must(t, f.net.Trust(t.Context(), f.receiver, "USDC", f.issuer.Address()))
	must(t, f.net.Issue(t.Context(), f.issuer, "USDC", f.treasury.Address(), "5000"))
	return f
}

func (f *fixture) open(opt horizon.Options) {
	f.t.Helper()
	net, err := horizon.New(opt)
	must(f.t, err)
	f.net = net
	f.srv = httptest.NewServer(net.Handler())
	f.client = &horizonclient.Client{HorizonURL: f.srv.URL}
	srv := f.srv
	f.t.Cleanup(func() { _ = net.Close(); srv.Close() })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) usdc() txnbuild.Asset {
	return txnbuild.CreditAsset{Code: "USDC", Issuer: f.issuer.Address()}
}

// pay builds n payments of the treasury, carried by the channel.
func (f *fixture) pay(n int, amount, memo string) *txnbuild.Transaction {
	f.t.Helper()
	account, err := f.client.AccountDetail(horizonclient.AccountRequest{AccountID: f.channel.Address()})
	must(f.t, err)
	ops := make([]txnbuild.Operation, n)
	for i := range ops {
		ops[i] = &txnbuild.Payment{SourceAccount: f.treasury.Address(), Destination: f.receiver.Address(), Amount: amount, Asset: f.usdc()}
	}
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{SourceAccount: &account, IncrementSequenceNum: true, BaseFee: 100,
		Memo: txnbuild.MemoText(memo), Operations: ops,
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, f.clock.Now().Add(2*time.Minute).Unix())}})
	must(f.t, err)
	tx, err = tx.Sign(passphrase, f.channel, f.treasury)
	must(f.t, err)
	return tx
}

// submit sends by way of the real client and closes a ledger for it.
func (f *fixture) submit(send func() (protocol.Transaction, error)) (protocol.Transaction, error) {
	f.t.Helper()
	type reply struct {
		tx  protocol.Transaction
		err error
	}
	done := make(chan reply, 1)
	go func() {
		tx, err := send()
		done <- reply{tx, err}
	}()
	for f.net.Waiting() == 0 && len(done) == 0 {
		runtime.Gosched()
	}
	must(f.t, f.net.CloseLedger())
	if f.net.Waiting() > 0 {
		f.clock.Advance(time.Minute)
		must(f.t, f.net.CloseLedger())
	}
	r := <-done
	return r.tx, r.err
}

func (f *fixture) submitTx(tx *txnbuild.Transaction) (protocol.Transaction, error) {
	f.t.Helper()
	return f.submit(func() (protocol.Transaction, error) { return f.client.SubmitTransaction(tx) })
}

func hashOf(t *testing.T, tx *txnbuild.Transaction) string {
	t.Helper()
	hash, err := tx.HashHex(passphrase)
	must(t, err)
	return hash
}

func (f *fixture) balance(kp *keypair.Full) string {
	f.t.Helper()
	a, err := f.client.AccountDetail(horizonclient.AccountRequest{AccountID: kp.Address()})
	must(f.t, err)
	return a.GetCreditBalance("USDC", f.issuer.Address())
}

func status(err error) int {
	if e := horizonclient.GetError(err); e != nil {
		return e.Problem.Status
	}
	return 0
}

func TestHundredPaymentsInOneTransaction(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	seeded := len(f.net.Books())
	got, err := f.submitTx(f.pay(100, "1.5", "batch 7"))
	must(t, err)
	if !got.Successful || got.OperationCount != 100 || got.FeeCharged != 10000 {
		t.Errorf("got %+v, want 100 operations for 10000 stroops", got)
	}
	if got, want := f.balance(f.receiver), "150.0000000"; got != want {
		t.Errorf("receiver: got %s, want %s", got, want)
	}
	books := f.net.Books()[seeded:]
	if len(books) != 100 {
		t.Fatalf("books: got %d payments, want 100", len(books))
	}
	want := horizon.Payment{Hash: got.Hash, Operation: 99, Type: "payment", From: f.treasury.Address(), To: f.receiver.Address(),
		Asset: "USDC:" + f.issuer.Address(), Amount: "1.5000000", Stroops: 15000000, MemoType: "text", Memo: "batch 7",
		Ledger: uint32(got.Ledger), ClosedAt: got.LedgerCloseTime}
	if books[99] != want {
		t.Errorf("books: got %+v, want %+v", books[99], want)
	}
	page, err := f.client.Payments(horizonclient.OperationRequest{ForAccount: f.receiver.Address(), Limit: 200})
	must(t, err)
	if got := len(page.Embedded.Records); got != 101 { // and the account's creation
		t.Errorf("payments of the receiver: got %d, want 101", got)
	}
	if got := f.net.TotalLumens(); got != horizon.Genesis {
		t.Errorf("lumens in all: got %d, want %d", got, horizon.Genesis)
	}
}

func TestFeeBump(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	inner := f.pay(1, "2", "bump")
	bump, err := txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{Inner: inner, FeeAccount: f.treasury.Address(), BaseFee: 1000})
	must(t, err)
	bump, err = bump.Sign(passphrase, f.treasury)
	must(t, err)
	got, err := f.submit(func() (protocol.Transaction, error) { return f.client.SubmitFeeBumpTransaction(bump) })
	must(t, err)
	if got.FeeCharged != 200 || got.FeeAccount != f.treasury.Address() || got.MaxFee != 2000 {
		t.Errorf("got fee %d by %s of %d, want 200 by the treasury of 2000", got.FeeCharged, got.FeeAccount, got.MaxFee)
	}
	found, err := f.client.TransactionDetail(hashOf(t, inner))
	must(t, err)
	if found.FeeBumpTransaction == nil || found.FeeBumpTransaction.Hash != got.Hash {
		t.Errorf("by the inner hash: got %+v, want the bump %s", found.FeeBumpTransaction, got.Hash)
	}
}

func TestFeeBumpReplacesPending(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	inner := f.pay(1, "2", "surge")
	async, err := f.client.AsyncSubmitTransaction(inner)
	must(t, err)
	if async.TxStatus != "PENDING" {
		t.Fatalf("got %s, want PENDING", async.TxStatus)
	}
	bump, err := txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{Inner: inner, FeeAccount: f.treasury.Address(), BaseFee: 1000})
	must(t, err)
	bump, err = bump.Sign(passphrase, f.treasury)
	must(t, err)
	if _, err = f.submit(func() (protocol.Transaction, error) { return f.client.SubmitFeeBumpTransaction(bump) }); err != nil {
		t.Fatalf("ten times the fee: %v", err)
	}
	if got, want := f.balance(f.receiver), "2.0000000"; got != want {
		t.Errorf("paid once: got %s, want %s", got, want)
	}
}

func TestLostReplyIsFoundByHash(t *testing.T) {
	t.Parallel()
	for _, broken := range []bool{false, true} {
		f := setup(t, horizon.Options{})
		must(t, f.net.SetFaults(horizon.Faults{LoseReplies: 1, Broken: broken}))
		tx := f.pay(1, "3", "lost")
		_, err := f.submitTx(tx)
		if want := map[bool]int{false: http.StatusGatewayTimeout}[broken]; err == nil || status(err) != want {
			t.Errorf("broken %v: got %v (status %d), want status %d", broken, err, status(err), want)
		}
		found, err := f.client.TransactionDetail(hashOf(t, tx))
		must(t, err)
		if !found.Successful {
			t.Error("the transaction was not applied")
		}
		again, err := f.client.SubmitTransaction(tx)
		must(t, err)
		if again.Ledger != found.Ledger || f.balance(f.receiver) != "3.0000000" {
			t.Error("the same bytes paid a second time")
		}
	}
}

func TestDroppedSubmissionNeverLands(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	must(t, f.net.SetFaults(horizon.Faults{DropSubmits: 1}))
	tx := f.pay(1, "3", "dropped")
	if _, err := f.submitTx(tx); status(err) != http.StatusGatewayTimeout {
		t.Errorf("got %v, want a timeout", err)
	}
	if _, err := f.client.TransactionDetail(hashOf(t, tx)); status(err) != http.StatusNotFound {
		t.Errorf("got %v, want not found", err)
	}
	if _, err := f.submitTx(tx); err != nil {
		t.Errorf("the same bytes sent again: %v", err)
	}
}

func TestTimeBoundsPassWhilePending(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	tx := f.pay(1, "3", "late")
	_, err := f.client.AsyncSubmitTransaction(tx)
	must(t, err)
	f.clock.Advance(3 * time.Minute)
	must(t, f.net.CloseLedger())
	if _, err := f.client.TransactionDetail(hashOf(t, tx)); status(err) != http.StatusNotFound {
		t.Errorf("got %v, want not found: its time was past", err)
	}
	if got := f.balance(f.receiver); got != "0.0000000" {
		t.Errorf("receiver: got %s, want nothing", got)
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	body, err := json.Marshal(horizon.Faults{Down: true})
	must(t, err)
	resp, err := http.Post(f.srv.URL+"/_fault", "application/json", bytes.NewReader(body))
	must(t, err)
	_ = resp.Body.Close()
	if _, err := f.client.Root(); status(err) != http.StatusServiceUnavailable {
		t.Errorf("got %v, want 503", err)
	}
	must(t, f.net.SetFaults(horizon.Faults{Down: true, Broken: true}))
	if _, err := f.client.Root(); err == nil || status(err) != 0 {
		t.Errorf("got %v, want a broken connection", err)
	}
	must(t, f.net.SetFaults(horizon.Faults{DelayMS: 1}))
	if _, err := f.client.Root(); err != nil {
		t.Errorf("up again: %v", err)
	}
	if err := f.net.SetFaults(horizon.Faults{LoseReplies: -1}); err == nil {
		t.Error("a negative count was accepted")
	}
}

func TestSurgePricing(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{MaxOpsPerLedger: 1})
	cheap := f.pay(1, "1", "cheap")
	_, err := f.client.AsyncSubmitTransaction(cheap)
	must(t, err)
	account, err := f.client.AccountDetail(horizonclient.AccountRequest{AccountID: f.receiver.Address()})
	must(t, err)
	dear, err := txnbuild.NewTransaction(txnbuild.TransactionParams{SourceAccount: &account, IncrementSequenceNum: true, BaseFee: 700,
		Operations:    []txnbuild.Operation{&txnbuild.Payment{Destination: f.treasury.Address(), Amount: "1", Asset: txnbuild.NativeAsset{}}},
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewInfiniteTimeout()}})
	must(t, err)
	dear, err = dear.Sign(passphrase, f.receiver)
	must(t, err)
	got, err := f.submitTx(dear)
	must(t, err)
	if got.FeeCharged != 700 {
		t.Errorf("full ledger: got fee %d, want 700", got.FeeCharged)
	}
	if _, err := f.client.TransactionDetail(hashOf(t, cheap)); status(err) != http.StatusNotFound {
		t.Errorf("the cheap one went first: %v", err)
	}
	must(t, f.net.CloseLedger())
	if _, err := f.client.TransactionDetail(hashOf(t, cheap)); err != nil {
		t.Errorf("the cheap one did not go next: %v", err)
	}
}

func TestMemoRequired(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	_, err := f.net.Apply(t.Context(), f.receiver, nil, &txnbuild.ManageData{Name: "config.memo_required", Value: []byte("1")})
	must(t, err)
	account, err := f.client.AccountDetail(horizonclient.AccountRequest{AccountID: f.treasury.Address()})
	must(t, err)
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{SourceAccount: &account, IncrementSequenceNum: true, BaseFee: 100,
		Operations:    []txnbuild.Operation{&txnbuild.Payment{Destination: f.receiver.Address(), Amount: "1", Asset: f.usdc()}},
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewInfiniteTimeout()}})
	must(t, err)
	tx, err = tx.Sign(passphrase, f.treasury)
	must(t, err)
	if _, err := f.client.SubmitTransaction(tx); !errors.Is(err, horizonclient.ErrAccountRequiresMemo) {
		t.Errorf("got %v, want the client to miss the memo", err)
	}
}

func TestFriendbotAndRefusals(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	kp := keypair.MustRandom()
	if _, err := f.client.Fund(kp.Address()); err != nil {
		t.Fatal(err)
	}
	if got, ok := f.net.Balance(kp.Address(), "native"); !ok || got != 10_000*10_000_000 {
		t.Errorf("got %d stroops, want 10000 XLM", got)
	}
	if _, err := f.client.Fund(kp.Address()); status(err) != http.StatusBadRequest {
		t.Errorf("a second time: got %v, want 400", err)
	}
	if err := f.net.Fund(t.Context(), keypair.MustRandom().Address(), "1"); !errors.Is(err, horizon.ErrRefused) {
		t.Errorf("fund nobody: got %v, want ErrRefused", err)
	}
}

func TestStateSurvives(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stellar.journal")
	f := setup(t, horizon.Options{StatePath: path})
	tx := f.pay(3, "4", "kept")
	sent, err := f.submitTx(tx)
	must(t, err)
	must(t, f.net.CloseLedger()) // an empty one
	want := f.net.Books()
	last := f.net.LastLedger()

	// The process dies without Close, in the middle of the next line.
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = file.WriteString(`{"ledger":99,"time":17`)
	must(t, err)
	must(t, file.Close())
	for range 2 {
		f.open(horizon.Options{NetworkPassphrase: passphrase, Now: f.clock.Now, StatePath: path})
		if got := f.net.LastLedger(); got != last {
			t.Errorf("last ledger: got %d, want %d", got, last)
		}
		found, err := f.client.TransactionDetail(sent.Hash)
		must(t, err)
		if found.ResultXdr != sent.ResultXdr || found.PT != sent.PT || !found.LedgerCloseTime.Equal(sent.LedgerCloseTime) {
			t.Errorf("got %+v, want %+v", found, sent)
		}
		if got := f.balance(f.receiver); got != "12.0000000" {
			t.Errorf("receiver: got %s, want 12", got)
		}
		if got := f.net.Books(); len(got) != len(want) || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("books: got %d payments, want %d", len(got), len(want))
		}
		must(t, f.net.CloseLedger())
		last++
	}
	again, err := f.client.SubmitTransaction(tx)
	must(t, err)
	if again.Ledger != sent.Ledger {
		t.Error("the same bytes were applied a second time")
	}
}

func TestStateOfAnotherNetwork(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stellar.journal")
	setup(t, horizon.Options{StatePath: path})
	if _, err := horizon.New(horizon.Options{NetworkPassphrase: "another", StatePath: path}); err == nil {
		t.Error("another network's state was opened")
	}
	if _, err := horizon.New(horizon.Options{}); err == nil {
		t.Error("a network without a passphrase was opened")
	}
}

func TestCloseAnswersWaiters(t *testing.T) {
	t.Parallel()
	f := setup(t, horizon.Options{})
	tx := f.pay(1, "1", "")
	done := make(chan error, 1)
	go func() {
		_, err := f.client.SubmitTransaction(tx)
		done <- err
	}()
	for f.net.Waiting() == 0 {
		runtime.Gosched()
	}
	must(t, f.net.Close())
	if err := <-done; status(err) != http.StatusGatewayTimeout {
		t.Errorf("got %v, want 504", err)
	}
	if err := f.net.CloseLedger(); !errors.Is(err, horizon.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}
