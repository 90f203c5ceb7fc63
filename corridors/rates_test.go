package corridors_test

import (
	"errors"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

func TestTableRates(t *testing.T) {
	t.Parallel()
	_, clock := setup(t)
	table, err := corridors.LoadTableRates(clock)
	if err != nil {
		t.Fatal(err)
	}
	usd, aed, php, inr := remit.MustFiat("USD"), remit.MustFiat("AED"), remit.MustFiat("PHP"), remit.MustFiat("INR")
	rate, asOf, err := table.Mid(t.Context(), usd, php)
	if err != nil || rate.Decimal(3) != "58.905" || !asOf.Equal(friday.Add(-time.Hour)) {
		t.Errorf("got %s of %s, %v", rate, asOf, err)
	}
	clock.Advance(100 * time.Hour)
	rate, asOf, err = table.Mid(t.Context(), aed, usd)
	if err != nil || rate.Num != 400 || rate.Den != 1469 || !asOf.Equal(clock.Now()) {
		t.Errorf("a peg is of now: got %s of %s, %v", rate, asOf, err)
	}
	if rate, _, err = table.Mid(t.Context(), aed, inr); err != nil || rate.Decimal(4) != "24.3009" {
		t.Errorf("cross rate: %s, %v", rate.Decimal(4), err)
	}
	if _, _, err = table.Mid(t.Context(), usd, remit.USDC); !errors.Is(err, corridors.ErrNotQuoted) {
		t.Errorf("got %v", err)
	}
}

func TestBadTablesAreRefused(t *testing.T) {
	t.Parallel()
	clock := remit.NewFakeClock(friday)
	for _, text := range []string{
		``, `{}`, `{"as_of": "2026-11-20T16:00:00Z", "source": "x", "per_usd": {"PHX": "1"}}`,
		`{"as_of": "2026-11-20T16:00:00Z", "source": "x", "per_usd": {"PHP": "-1"}}`,
		`{"as_of": "2026-11-20T16:00:00Z", "source": "x", "per_usd": {"PHP": "0"}}`,
		`{"as_of": "2026-11-20T16:00:00Z", "source": "x", "per_usd": {"PHP": "1"}, "pegged": ["AED"]}`,
		`{"as_of": "2026-11-20T16:00:00Z", "source": "x", "per_usd": {"PHP": "1"}, "peg": []}`,
	} {
		if _, err := corridors.ParseTableRates([]byte(text), clock); err == nil {
			t.Errorf("read %s", text)
		}
	}
}
