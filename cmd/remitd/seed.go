package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/settlement"
)

// The demo tenant and its key are the same at every start of an installation.
const (
	demoTenant = remit.TenantID("ten_01k000000000000000000demo1")
	demoKey    = remit.KeyID("key_01k000000000000000000demo1")
	// demoPrefunded is the demo tenant's balance, in cents.
	demoPrefunded = 1_000_000_00
)

// seed makes the demo tenant, its key and the opening balances. Repeating it is harmless.
func (d *dev) seed(ctx context.Context) error {
	db := d.gateway.store
	if err := db.CreateTenant(ctx, demoTenant, "Demo"); err != nil {
		return fmt.Errorf("make the demo tenant: %w", err)
	}
	if err := d.ensureDemoKey(ctx); err != nil {
		return fmt.Errorf("make the demo key: %w", err)
	}
	for _, rail := range d.gateway.chains.rails {
		if err := d.openTreasury(ctx, rail.Name()); err != nil {
			return err
		}
	}
	return db.PostEntries(ctx, ledger.Entry{
		ID:  remit.DeriveID[remit.EntryID](remit.PrefixEntry, remit.SystemClock{}.Now(), "opening/tenant"),
		Key: "opening/tenant", Action: ledger.ActionPost, Memo: "demo tenant's prefunded balance",
		Postings: []ledger.Posting{{
			Debit: ledger.OnRamp("sandbox"), Credit: ledger.Tenant(demoTenant), Amount: remit.NewMoney(remit.MustFiat("USD"), demoPrefunded),
		}},
	})
}

func (d *dev) ensureDemoKey(ctx context.Context) error {
	hash := sha256.Sum256([]byte(d.secrets.DemoAPIKey))
	_, err := d.gateway.store.KeyBySecretHash(ctx, hash)
	if remit.KindOf(err) != remit.KindNotFound {
		return err
	}
	return d.gateway.store.CreateKey(ctx, api.Key{
		ID: demoKey, TenantID: demoTenant, Name: "demo",
		Scopes: []api.Scope{api.ScopeRead, api.ScopeWrite, api.ScopeReview, api.ScopeOperate},
	}, hash)
}

// openTreasury books a treasury's opening balance once: what the chain holds
// for it, which on a stand-in is issued first.
func (d *dev) openTreasury(ctx context.Context, name remit.Rail) error {
	db := d.gateway.store
	balances, err := db.Balances(ctx, string(ledger.Treasury(name)))
	if err != nil {
		return fmt.Errorf("read the treasury's balance: %w", err)
	}
	if len(balances) > 0 {
		return nil
	}
	rail := d.gateway.chains.rail(name)
	held, err := rail.Balance(ctx, rail.Assets()[0])
	if err != nil && !d.gateway.chains.onStandIn(name) {
		d.log.Warn("treasury not funded on chain", "rail", name, "err", err)
		return nil
	}
	if held.IsZero() && d.gateway.chains.onStandIn(name) {
		treasury := d.stellarTreasury
		if name == remit.RailSolana {
			treasury = d.solanaTreasury
		}
		if held, err = d.counterparts.issue(ctx, name, treasury); err != nil {
			return err
		}
		if err := arrived(ctx, rail); err != nil {
			return fmt.Errorf("wait for the treasury's stock on %s: %w", name, err)
		}
	}
	if !held.IsPositive() {
		return nil
	}
	return db.PostEntries(ctx, ledger.Entry{
		ID:  remit.DeriveID[remit.EntryID](remit.PrefixEntry, remit.SystemClock{}.Now(), capitalKey(name)),
		Key: capitalKey(name), Action: ledger.ActionPost, Memo: "opening balance on chain",
		Postings: []ledger.Posting{{Debit: ledger.Treasury(name), Credit: ledger.Capital, Amount: held}},
	})
}

// lookEvery is how often a stand-in is asked for what it issued.
const lookEvery = 50 * time.Millisecond

// arrived waits until a treasury's stock shows on chain: until then every
// payment would find it short.
func arrived(ctx context.Context, rail settlement.Rail) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		held, err := rail.Balance(ctx, rail.Assets()[0])
		if err == nil && held.IsPositive() {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-ticker.C:
		}
	}
}
