package stellarrpc_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/rpcclient"
	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/devnet/stellarrpc"
)

const passphrase = "Stellar RPC Test ; November 2026"

// world is a network with an issuer and two holders of its dollars, and the service in front of it.
type world struct {
	t                *testing.T
	net              *horizon.Server
	clock            *remit.FakeClock
	url              string
	client           *rpcclient.Client
	issuer, ann, bob *keypair.Full
}

func setup(t *testing.T, opt stellarrpc.Options) *world {
	t.Helper()
	w := &world{t: t, clock: remit.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)),
		issuer: key(t, 1), ann: key(t, 2), bob: key(t, 3)}
	var err error
	w.net, err = horizon.New(horizon.Options{NetworkPassphrase: passphrase, Now: w.clock.Now})
	must(t, err)
	opt.Now = w.clock.Now
	service, err := stellarrpc.New(w.net, opt)
	must(t, err)
	srv := httptest.NewServer(service.Handler())
	w.url, w.client = srv.URL, rpcclient.NewClient(srv.URL, srv.Client())
	t.Cleanup(func() {
		must(t, w.client.Close())
		must(t, w.net.Close())
		srv.Close()
	})
	for _, k := range []*keypair.Full{w.issuer, w.ann, w.bob} {
		must(t, w.net.CreateAccount(t.Context(), k.Address(), "100"))
	}
	for _, k := range []*keypair.Full{w.ann, w.bob} {
		must(t, w.net.Trust(t.Context(), k, "USDC", w.issuer.Address()))
	}
	must(t, w.net.Issue(t.Context(), w.issuer, "USDC", w.ann.Address(), "50"))
	return w
}

func (w *world) usdc() txnbuild.CreditAsset {
	return txnbuild.CreditAsset{Code: "USDC", Issuer: w.issuer.Address()}
}

// payment is a signed payment of ann's; change says what is special about it.
func (w *world) payment(amount string, change func(*txnbuild.TransactionParams)) *txnbuild.Transaction {
	w.t.Helper()
	account, err := w.client.LoadAccount(w.t.Context(), w.ann.Address())
	must(w.t, err)
	params := txnbuild.TransactionParams{SourceAccount: account, IncrementSequenceNum: true, BaseFee: 100,
		Operations:    []txnbuild.Operation{&txnbuild.Payment{Destination: w.bob.Address(), Amount: amount, Asset: w.usdc()}},
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewInfiniteTimeout()}}
	if change != nil {
		change(&params)
	}
	tx, err := txnbuild.NewTransaction(params)
	must(w.t, err)
	tx, err = tx.Sign(passphrase, w.ann)
	must(w.t, err)
	return tx
}

func (w *world) closeLedger() {
	w.t.Helper()
	w.clock.Advance(5 * time.Second)
	must(w.t, w.net.CloseLedger())
}

func key(t *testing.T, seed byte) *keypair.Full {
	t.Helper()
	k, err := keypair.FromRawSeed([32]byte{seed})
	must(t, err)
	return k
}

func envelope(t *testing.T, tx interface{ Base64() (string, error) }) string {
	t.Helper()
	text, err := tx.Base64()
	must(t, err)
	return text
}

func hash(t *testing.T, tx interface{ HashHex(string) (string, error) }) string {
	t.Helper()
	text, err := tx.HashHex(passphrase)
	must(t, err)
	return text
}

func resultCode(t *testing.T, text string) xdr.TransactionResultCode {
	t.Helper()
	var r xdr.TransactionResult
	must(t, xdr.SafeUnmarshalBase64(text, &r))
	return r.Result.Code
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
