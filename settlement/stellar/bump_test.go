package stellar_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

// rush is a network whose ledgers have room for two operations, and rivals who
// want it.
type rush struct {
	*chain
	rivals []*keypair.Full
	next   int
}

func bothRush(t *testing.T, test func(t *testing.T, r *rush)) {
	t.Parallel()
	for name, overRPC := range map[string]bool{"horizon": false, "rpc": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &rush{chain: makeChainOf(t, 1, overRPC, horizon.Options{MaxOpsPerLedger: 2})}
			for i := range 40 {
				k := key(fmt.Sprint("rival ", i))
				must(t, r.net.CreateAccount(t.Context(), k.Address(), "100"))
				r.rivals = append(r.rivals, k)
			}
			test(t, r)
		})
	}
}

// crowd sends so many operations of rivals, each with a bid in stroops.
func (r *rush) crowd(n int, bid int64) {
	r.t.Helper()
	for range n {
		k := r.rivals[r.next%len(r.rivals)]
		r.next++
		client := &horizonclient.Client{HorizonURL: r.url}
		account, err := client.AccountDetail(horizonclient.AccountRequest{AccountID: k.Address()})
		must(r.t, err)
		tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
			SourceAccount: &account, IncrementSequenceNum: true, BaseFee: bid,
			Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewInfiniteTimeout()},
			Operations:    []txnbuild.Operation{&txnbuild.BumpSequence{}},
		})
		must(r.t, err)
		tx, err = tx.Sign(passphrase, k)
		must(r.t, err)
		_, err = client.AsyncSubmitTransaction(tx)
		must(r.t, err)
	}
}

// one is the only attempt there is.
func (r *rush) one() settlement.Attempt {
	r.t.Helper()
	all := r.store.Attempts()
	if len(all) != 1 {
		r.t.Fatalf("got %d attempts, want one", len(all))
	}
	return all[0]
}

// TestSurgeRaisesTheBid: ours waits in the network's queue while others pay more;
// ten times its fee replaces it there.
func TestSurgeRaisesTheBid(t *testing.T) {
	bothRush(t, func(t *testing.T, r *rush) {
		t.Helper()
		orders := r.place(r.destination("a").Address())
		for range 6 {
			r.crowd(2, 700)
			r.step()
			r.advance()
		}
		r.step()
		r.want(settlement.OrderSettled, "", orders...)
		a := r.one()
		if len(a.Bumps) != 1 || a.Bumps[0].Bid.Minor != 2*1000 || a.Bumps[0].Source != a.Source {
			t.Errorf("got bumps %+v, want one of ten times the bid, paid by the channel", a.Bumps)
		}
		if a.Fee.Minor > a.Bumps[0].Bid.Minor || a.Fee.Minor <= 200 {
			t.Errorf("got a fee of %s, want more than the first bid and no more than the second", a.Fee)
		}
	})
}

// TestRefusedForItsFee: the network's queue is full of better offers, and says
// what it wants.
func TestRefusedForItsFee(t *testing.T) {
	bothRush(t, func(t *testing.T, r *rush) {
		t.Helper()
		orders := r.place(r.destination("a").Address())
		r.crowd(8, 300)
		r.step() // refused
		if a := r.one(); len(a.Bumps) != 0 || r.net.Pending() != 8 {
			t.Fatalf("got %d bumps, %d pending; want a refusal", len(a.Bumps), r.net.Pending())
		}
		r.step() // no need to wait: the network has said why
		a := r.one()
		if len(a.Bumps) != 1 || a.Bumps[0].Bid.Minor < 2*300 || a.Bumps[0].Bid.Minor > 2*3000 {
			t.Fatalf("got bumps %+v, want one above the others", a.Bumps)
		}
		r.advance()
		r.step()
		r.want(settlement.OrderSettled, "", orders...)
	})
}

// TestBumpIsStoredBeforeItIsSent: the process dies between the two, or after the
// second; the next one sends the envelope that is stored, and nothing is paid twice.
func TestBumpIsStoredBeforeItIsSent(t *testing.T) {
	bothRush(t, func(t *testing.T, r *rush) {
		t.Helper()
		orders := r.place(r.destination("a").Address())
		r.crowd(8, 300)
		r.step()
		a := r.one()
		read := func(ctx context.Context) (settlement.Batch, error) {
			list, err := r.store.OrdersOf(ctx, a.ID)
			return settlement.Batch{Mode: a.Mode, Orders: list}, err
		}
		bump, err := r.rail.Bump(t.Context(), a, read)
		must(t, err)
		if bump == nil || r.net.Pending() != 8 {
			t.Fatal("want an envelope, and nothing sent")
		}
		must(t, r.store.SaveBump(t.Context(), a.ID, *bump))
		r.setRail(nil) // another process
		r.clock.Advance(3 * time.Second)
		r.step()
		for range 5 {
			r.advance()
			r.step()
		}
		r.want(settlement.OrderSettled, "", orders...)
		if got := r.one(); len(got.Bumps) != 1 || got.Bumps[0].Hash != bump.Hash || got.Hash != a.Hash {
			t.Errorf("got %+v, want the stored envelope alone", got.Bumps)
		}
		// Sent again after the end it does no harm, and is no reason to stop.
		if o := r.rail.Submit(t.Context(), r.one()); o.Status == settlement.OutcomeFailed {
			t.Errorf("got %+v", o)
		}
		must(t, r.rail.Health(t.Context()))
		r.advance()
		r.want(settlement.OrderSettled, "", orders...)
	})
}

func TestCeilingOfBumps(t *testing.T) {
	bothRush(t, func(t *testing.T, r *rush) {
		t.Helper()
		r.setRail(func(o *stellar.Options) { o.MaxBump = 250 })
		orders := r.place(r.destination("a").Address())
		r.crowd(8, 300)
		for range 3 {
			r.step()
		}
		if a := r.one(); len(a.Bumps) != 0 {
			t.Errorf("got bumps %+v above the ceiling", a.Bumps)
		}
		r.want(settlement.OrderAttempting, "", orders...)
	})
}

func TestNoSurgeNoBump(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	c.place(c.destination("a").Address())
	c.step()
	c.clock.Advance(20 * time.Second) // no ledger closes, and nobody pays more
	c.step()
	if a := c.store.Attempts(); len(a) != 1 || len(a[0].Bumps) != 0 {
		t.Errorf("got %+v, want no bump", a)
	}
}

// TestTreasuryPaysForABump where the channel has too few lumens for it.
func TestTreasuryPaysForABump(t *testing.T) {
	bothRush(t, func(t *testing.T, r *rush) {
		t.Helper()
		_, err := r.net.Apply(t.Context(), r.signer.held[r.channels[0]], nil,
			&txnbuild.Payment{Destination: r.treasury.Address(), Amount: "8.9999", Asset: txnbuild.NativeAsset{}})
		must(t, err)
		orders := r.place(r.destination("a").Address())
		r.crowd(8, 600)
		r.step()
		r.step()
		if a := r.one(); len(a.Bumps) != 1 || a.Bumps[0].Source != r.treasury.Address() {
			t.Fatalf("got bumps %+v, want one that the treasury pays", a.Bumps)
		}
		r.advance()
		r.step()
		r.want(settlement.OrderSettled, "", orders...)
	})
}

// TestFailedInsideABump blames the right order, and the rest is paid.
func TestFailedInsideABump(t *testing.T) {
	bothRush(t, func(t *testing.T, r *rush) {
		t.Helper()
		good, bad := r.destination("good"), r.destination("bad")
		r.prepare(r.order(bad.Address())) // believed from now on
		r.distrust(bad)
		orders := r.place(good.Address(), bad.Address())
		r.crowd(8, 300)
		r.step()
		r.step()
		if a := r.one(); len(a.Bumps) != 1 {
			t.Fatalf("got bumps %+v, want one", a.Bumps)
		}
		for range 12 {
			r.advance()
			r.step()
		}
		r.want(settlement.OrderSettled, "", orders[0])
		r.want(settlement.OrderFailed, remit.ReasonDestinationInvalid, orders[1])
	})
}

// TestForeignBumpIsNotSent: an envelope around something else is never sent.
func TestForeignBumpIsNotSent(t *testing.T) {
	t.Parallel()
	c := newChain(t, 2)
	d := c.destination("a").Address()
	a, b := c.prepare(c.order(d)), c.prepare(c.order(d))
	generic, err := txnbuild.TransactionFromXDR(string(b.Bytes))
	must(t, err)
	inner, _ := generic.Transaction()
	bump, err := txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{Inner: inner, FeeAccount: c.channels[0], BaseFee: 1000})
	must(t, err)
	bump, err = bump.Sign(passphrase, c.signer.held[c.channels[0]])
	must(t, err)
	envelope, err := bump.Base64()
	must(t, err)
	for _, bytes := range [][]byte{[]byte(envelope), b.Bytes, []byte("!")} {
		bad := a
		bad.Bumps = []settlement.Bump{{Bytes: bytes, Hash: "x"}}
		if o := c.rail.Submit(t.Context(), bad); o.Status != settlement.OutcomeUnknown || c.net.Pending() > 0 {
			t.Errorf("got %+v with %d pending, want nothing sent", o, c.net.Pending())
		}
	}
}

// TestSignerRefusesABump: the attempt stays as it is and is sent again.
func TestSignerRefusesABump(t *testing.T) {
	bothRush(t, func(t *testing.T, r *rush) {
		t.Helper()
		orders := r.place(r.destination("a").Address())
		r.crowd(8, 300)
		r.step()
		r.signer.refuse = func(q settlement.SignRequest) error {
			var e xdr.TransactionEnvelope
			must(t, xdr.SafeUnmarshalBase64(string(q.Transaction), &e))
			if e.IsFeeBump() {
				return errors.New("not that much")
			}
			return nil
		}
		for range 6 {
			r.advance()
			r.step()
		}
		r.want(settlement.OrderSettled, "", orders...)
		if a := r.one(); len(a.Bumps) != 0 || a.Sends < 2 {
			t.Errorf("got %d sends and bumps %+v", a.Sends, a.Bumps)
		}
	})
}
