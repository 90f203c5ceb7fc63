package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/settlement"
)

// What a payment is taken to take until enough were measured: from the order
// placed to final, and the network's fee in billionths of a dollar.
var lanes = map[remit.Rail]struct {
	native  remit.Asset
	assumed settlement.Assumed
}{
	// One ledger to gather and one to close; 100 stroops a payment.
	remit.RailStellar: {remit.Asset{Code: "XLM", Scale: 7}, settlement.Assumed{P95: 10 * time.Second, FeeNanos: 3_000}},
	// Finality comes about 13 seconds after inclusion; a seventeenth of a
	// transaction's base and priority fee.
	remit.RailSolana: {remit.Asset{Code: "SOL", Scale: 9}, settlement.Assumed{P95: 18 * time.Second, FeeNanos: 100_000}},
}

// routeOptions says what rails are chosen by.
type routeOptions struct {
	gatewayOptions
	coins    []corridors.Coin
	watched  []*watchedRail
	clock    remit.Clock
	history  settlement.History
	provider string
	registry *prometheus.Registry
}

// openRouter makes what chooses rails and watches coins.
func openRouter(o routeOptions) (*settlement.Router, error) {
	var guards []*settlement.Guard
	for _, coin := range o.coins {
		g, err := settlement.NewGuard(settlement.GuardOptions{
			Coin: coin.Asset, Reference: coin.Reference, Source: o.prices, Every: o.priceEvery, Clock: o.clock, Logger: o.log, Metrics: o.registry,
			Pauses: settlement.FilePauses(filepath.Join(o.dir, "paused-coins.json")),
			Memory: settlement.FilePegMemory(filepath.Join(o.dir, "off-peg-"+coin.Asset.Code)),
		})
		if err != nil {
			return nil, err
		}
		guards = append(guards, g)
	}
	router := settlement.RouterOptions{
		Guards: guards, History: o.history, Prices: o.prices, Clock: o.clock, Logger: o.log, Metrics: o.registry,
		// The sandbox company also sells the counters their cash.
		Destination: func(provider string, rail remit.Rail, _ remit.Asset) (string, bool) {
			address, ok := o.chains.partner[rail]
			return address, ok && (provider == o.provider || provider == counter.Name)
		},
	}
	if o.chains.allOnStandIns() {
		router.CheckEvery = time.Second // The stand-ins count no requests.
	}
	for _, coin := range o.coins {
		if !o.chains.carries(coin.Asset) {
			o.log.Warn("corridors settle in a coin that no configured rail carries: their remittances will wait", "coin", coin.Asset.Code)
		}
	}
	for _, rail := range o.watched {
		about, ok := lanes[rail.Name()]
		if !ok {
			return nil, fmt.Errorf("nothing is known about rail %s", rail.Name())
		}
		router.Lanes = append(router.Lanes, settlement.Lane{Payer: rail, LowWater: o.chains.railConfig(rail.Name()).Keep, Native: about.native, Assumed: about.assumed})
	}
	return settlement.NewRouter(router)
}

// watchTreasuries makes rails whose treasuries' balances are watched.
func watchTreasuries(c *chains, registry *prometheus.Registry, log *slog.Logger) ([]*watchedRail, error) {
	metrics, err := newTreasuryMetrics(registry)
	if err != nil {
		return nil, err
	}
	var out []*watchedRail
	for _, rail := range c.rails {
		out = append(out, &watchedRail{
			Rail: rail, marks: c.railConfig(rail.Name()).Marks, metrics: metrics, log: log, isLow: make(map[remit.Asset]bool),
		})
	}
	return out, nil
}

// carries reports whether some rail pays in a coin.
func (c *chains) carries(coin remit.Asset) bool {
	for _, rail := range c.rails {
		for _, a := range rail.Assets() {
			if of, err := remit.CoinOf(a); err == nil && of == coin {
				return true
			}
		}
	}
	return false
}

// coinsOf lists the coins that corridors settle in: they are watched.
func coinsOf(catalogue *corridors.Catalogue) []corridors.Coin {
	var list []corridors.Coin
	for _, coin := range catalogue.Coins() {
		if slices.ContainsFunc(catalogue.Corridors(), func(c corridors.Corridor) bool { return c.Coin.Asset == coin.Asset }) {
			list = append(list, coin)
		}
	}
	return list
}

// priceTimeout bounds one asking of a price service.
const priceTimeout = 5 * time.Second

// devPrices is the table that a development gateway starts with.
var devPrices = map[string]string{
	"USDC/USD": "1.0000", "EURC/EUR": "1.0000", "PYUSD/USD": "1.0000", "USDT/USD": "1.0000",
	"XLM/USD": "0.2500", "XLM/EUR": "0.2150", "SOL/USD": "135.00", "SOL/EUR": "116.00",
}

// openPrices returns where prices come from, and says so: a service when one is
// named, otherwise a fixed table in the data folder, made when it is not there.
func (o devOptions) openPrices(clock remit.Clock) (settlement.PriceSource, string, error) {
	if o.priceURL != "" {
		return settlement.HTTPPrices{
			URL: o.priceURL, PricePointer: o.pricePointer, TimePointer: o.priceTimePointer, Client: &http.Client{Timeout: priceTimeout},
		}, o.priceURL, nil
	}
	path := filepath.Join(o.dir, "prices.json")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		text, err := json.MarshalIndent(map[string]any{"source": "fixed, for development", "prices": devPrices}, "", "  ")
		if err != nil {
			return nil, "", fmt.Errorf("encode the table of prices: %w", err)
		}
		if err := writeFileAtomic(path, append(text, '\n'), 0o600); err != nil {
			return nil, "", fmt.Errorf("write the table of prices: %w", err)
		}
	}
	return settlement.FilePrices{Path: path, Clock: clock}, path + "   (a fixed table; what it says is the price now)", nil
}
