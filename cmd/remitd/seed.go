package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/settlement"
	solanarail "github.com/openremit/remit/settlement/solana"
	"github.com/openremit/remit/settlement/stellar"
)

// The demo tenant and its key are the same at every start of an installation.
const (
	demoTenant = remit.TenantID("ten_01k000000000000000000demo1")
	demoKey    = remit.KeyID("key_01k000000000000000000demo1")
	secondKey  = remit.KeyID("key_01k000000000000000000demo2")
	// demoPrefunded is the demo tenant's balance, in cents.
	demoPrefunded = 1_000_000_00
)

// seed makes the demo tenant, its key and the opening balances. Repeating it is harmless.
func (d *dev) seed(ctx context.Context) error {
	db := d.gateway.store
	if err := db.CreateTenant(ctx, demoTenant, "Demo"); err != nil {
		return fmt.Errorf("make the demo tenant: %w", err)
	}
	if err := d.ensureDemoKeys(ctx); err != nil {
		return fmt.Errorf("make the demo keys: %w", err)
	}
	if err := d.seedStaff(ctx); err != nil {
		return err
	}
	if err := d.seedCounters(ctx); err != nil {
		return fmt.Errorf("make the demo's counters: %w", err)
	}
	for _, rail := range d.gateway.chains.rails {
		if err := d.openTreasury(ctx, rail); err != nil {
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

// ensureDemoKeys makes the demo tenant's own key, and that of a second officer:
// nobody releases a hit alone.
func (d *dev) ensureDemoKeys(ctx context.Context) error {
	for secret, key := range map[string]api.Key{
		d.secrets.DemoAPIKey: {
			ID: demoKey, TenantID: demoTenant, Name: "demo",
			Scopes: []api.Scope{api.ScopeRead, api.ScopeWrite, api.ScopeReview, api.ScopeOperate, api.ScopeAgentsManage, api.ScopeCounter},
		},
		d.secrets.secondAPIKey(): {
			ID: secondKey, TenantID: demoTenant, Name: "second officer", Scopes: []api.Scope{api.ScopeRead, api.ScopeReview},
		},
	} {
		hash := sha256.Sum256([]byte(secret))
		_, err := d.gateway.store.KeyBySecretHash(ctx, hash)
		if remit.KindOf(err) == remit.KindNotFound {
			err = d.gateway.store.CreateKey(ctx, key, hash)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// openTreasury books a treasury's opening balance of each coin once: what the
// chain holds of it, which on a stand-in is issued first.
func (d *dev) openTreasury(ctx context.Context, rail settlement.Rail) error {
	name := rail.Name()
	booked, err := d.gateway.store.Balances(ctx, string(ledger.Treasury(name)))
	if err != nil {
		return fmt.Errorf("read the treasury's balance: %w", err)
	}
	opening := make([]remit.Money, 0, len(rail.Assets()))
	for _, asset := range rail.Assets() {
		if slices.ContainsFunc(booked, func(b ledger.Balance) bool { return b.Posted.Asset == asset }) {
			continue
		}
		held, err := rail.Balance(ctx, asset)
		if err != nil && !d.gateway.chains.onStandIn(name) {
			d.log.Warn("treasury not funded on chain", "rail", name, "coin", asset.DisplayCode(), "err", err)
			continue
		}
		if held.IsZero() && d.gateway.chains.standInIssues(name, asset) {
			if held, err = d.counterparts.issue(ctx, name, asset, d.treasury(name)); err != nil {
				return err
			}
		}
		if held.IsPositive() {
			opening = append(opening, held)
		}
	}
	if err := arrived(ctx, rail, opening); err != nil {
		return fmt.Errorf("wait for the treasury's stock on %s: %w", name, err)
	}
	for _, held := range opening {
		key := capitalKey(name, held.Asset)
		if err := d.gateway.store.PostEntries(ctx, ledger.Entry{
			ID:  remit.DeriveID[remit.EntryID](remit.PrefixEntry, remit.SystemClock{}.Now(), key),
			Key: key, Action: ledger.ActionPost, Memo: "opening balance on chain",
			Postings: []ledger.Posting{{Debit: ledger.Treasury(name), Credit: ledger.Capital, Amount: held}},
		}); err != nil {
			return fmt.Errorf("book the treasury's %s: %w", held, err)
		}
	}
	return nil
}

// treasury is the address of a rail's treasury.
func (d *dev) treasury(rail remit.Rail) string {
	if rail == remit.RailSolana {
		return d.solanaTreasury
	}
	return d.stellarTreasury
}

// capitalKey is the idempotency key of a treasury's opening balance of a coin.
func capitalKey(rail remit.Rail, asset remit.Asset) string {
	key := "opening/" + string(rail)
	if code := asset.DisplayCode(); code != remit.USDC.Code {
		key += "/" + code
	}
	return key
}

// standInIssues reports whether the stand-in of a rail issues a coin itself.
func (c *chains) standInIssues(rail remit.Rail, asset remit.Asset) bool {
	switch {
	case !c.onStandIn(rail):
		return false
	case rail == remit.RailStellar:
		return slices.ContainsFunc(c.config.Stellar.Coins, func(coin stellar.Coin) bool { return coin.Asset == asset && coin.Issuer == "" })
	default:
		return slices.ContainsFunc(c.config.Solana.Coins, func(coin solanarail.Coin) bool { return coin.Asset == asset && coin.Mint == "" })
	}
}

// lookEvery is how often a stand-in is asked for what it issued.
const lookEvery = 50 * time.Millisecond

// arrived waits until a treasury's stock shows on chain: until then every
// payment would find it short.
func arrived(ctx context.Context, rail settlement.Rail, stock []remit.Money) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for _, want := range stock {
		for {
			held, err := rail.Balance(ctx, want.Asset)
			if err == nil && held.Minor >= want.Minor {
				break
			}
			select {
			case <-ctx.Done():
				return errors.Join(ctx.Err(), err)
			case <-ticker.C:
			}
		}
	}
	return nil
}
