package signer_test

import (
	"testing"

	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
)

// TestLongCodes: a coin whose code has more than four letters is paid, swapped
// from and swapped to by its name, and another of its issuer is not.
func TestLongCodes(t *testing.T) {
	t.Parallel()
	treasury, partner := stellarAddress(t, 0), stellarAddress(t, 2)
	pyusd := remit.Asset{Code: "PYUSD_STELLAR", Scale: 7}
	coin := txnbuild.CreditAsset{Code: "PYUSD", Issuer: stellarAddress(t, 8)}
	other := txnbuild.CreditAsset{Code: "PYUSDX", Issuer: stellarAddress(t, 8)}
	for _, test := range []struct {
		name    string
		op      txnbuild.Operation
		allowed bool
	}{
		{"paid", &txnbuild.Payment{Destination: partner, Amount: "1", Asset: coin, SourceAccount: treasury}, true},
		{"another is paid", &txnbuild.Payment{Destination: partner, Amount: "1", Asset: other, SourceAccount: treasury}, false},
		{"swapped", &txnbuild.PathPaymentStrictSend{SendAsset: coin, SendAmount: "1", DestAsset: other, DestMin: "1", Destination: partner, SourceAccount: treasury}, true},
		{"swapped to another", &txnbuild.PathPaymentStrictSend{SendAsset: coin, SendAmount: "1", DestAsset: coin, DestMin: "1", Destination: partner, SourceAccount: treasury}, false},
	} {
		tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
			SourceAccount: &txnbuild.SimpleAccount{AccountID: stellarAddress(t, 1), Sequence: 1}, IncrementSequenceNum: true, BaseFee: 100,
			Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, 99)}, Operations: []txnbuild.Operation{test.op},
		})
		if err != nil {
			t.Fatalf("build: %v", err)
		}
		hash, err := tx.Hash(passphrase)
		if err != nil {
			t.Fatalf("hash: %v", err)
		}
		envelope, err := tx.Base64()
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		o := order(remit.RailStellar, "ord_1", partner, 10_000_000)
		o.Amount = remit.NewMoney(pyusd, 10_000_000)
		k := setup(t)
		k.SetPolicy(signer.Policy{
			StellarPassphrase: passphrase, StellarAssets: map[remit.Asset]string{pyusd: coin.Code + ":" + coin.Issuer},
			StellarSwaps: map[string]signer.StellarSwap{partner: {Asset: other.Code + ":" + other.Issuer, Least: 8_000}},
		})
		_, err = k.Sign(t.Context(), settlement.SignRequest{
			Rail: remit.RailStellar, Key: treasury, Payload: hash[:], Transaction: []byte(envelope), Batch: settlement.Batch{Orders: []settlement.Order{o}},
		})
		if (err == nil) != test.allowed {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
