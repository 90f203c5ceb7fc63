package corridors

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

//go:embed data/rates.json
var embeddedRates []byte

// TableRates is a dated table of mid rates against the US dollar: for
// development, and beneath live rates for pegged currencies.
type TableRates struct {
	asOf   time.Time
	clock  remit.Clock
	perUSD map[remit.Asset]remit.Rate
	pegged map[remit.Asset]bool
}

// LoadTableRates returns the table that ships with the gateway.
func LoadTableRates(clock remit.Clock) (TableRates, error) {
	return ParseTableRates(embeddedRates, clock)
}

// ParseTableRates reads a table such as
//
//	{"as_of": "2026-11-20T16:00:00Z", "source": "…", "per_usd": {"PHP": "58.905"}, "pegged": ["AED"]}
func ParseTableRates(text []byte, clock remit.Clock) (TableRates, error) {
	var file struct {
		AsOf   time.Time         `json:"as_of"`
		Source string            `json:"source"`
		PerUSD map[string]string `json:"per_usd"`
		Pegged []string          `json:"pegged"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return TableRates{}, fmt.Errorf("read table of rates: %w", err)
	}
	if file.AsOf.IsZero() || file.Source == "" || len(file.PerUSD) == 0 {
		return TableRates{}, fmt.Errorf("read table of rates: as_of, source and per_usd are needed")
	}
	t := TableRates{
		asOf: file.AsOf.UTC(), clock: clock,
		perUSD: map[remit.Asset]remit.Rate{usd: identity(usd)}, pegged: map[remit.Asset]bool{usd: true},
	}
	for code, text := range file.PerUSD {
		asset, err := remit.Fiat(code)
		if err != nil {
			return TableRates{}, fmt.Errorf("read table of rates: %w", err)
		}
		if t.perUSD[asset], err = remit.ParseRate(usd, asset, text); err != nil {
			return TableRates{}, fmt.Errorf("read table of rates: %s: %w", code, err)
		}
	}
	for _, code := range file.Pegged {
		asset := remit.Asset{Code: code}
		if a, err := remit.Fiat(code); err == nil {
			asset = a
		}
		if t.perUSD[asset].IsZero() {
			return TableRates{}, fmt.Errorf("read table of rates: pegged %q has no rate", clip(code))
		}
		t.pegged[asset] = true
	}
	return t, nil
}

// Mid implements Rates. A pegged currency's rate is of this moment, because its
// central bank stands by it; others are of the table's date.
func (t TableRates) Mid(_ context.Context, base, quote remit.Asset) (remit.Rate, time.Time, error) {
	in, okIn := t.perUSD[base]
	out, okOut := t.perUSD[quote]
	if !okIn || !okOut {
		return remit.Rate{}, time.Time{}, notQuoted(base, quote)
	}
	rate, err := in.Inverse().Mul(out)
	if err != nil {
		return remit.Rate{}, time.Time{}, fmt.Errorf("mid rate %s to %s: %w", base.Code, quote.Code, err)
	}
	if t.pegged[base] && t.pegged[quote] {
		return rate, t.clock.Now(), nil
	}
	return rate, t.asOf, nil
}
