package settlement_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

func TestFilePrices(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "prices.json")
	clock := remit.NewFakeClock(start)
	prices := settlement.FilePrices{Path: path, Clock: clock}
	refused := func(name string) {
		t.Helper()
		if got, err := prices.Price(t.Context(), remit.USDC, usd); remit.ReasonOf(err) != remit.ReasonRateUnavailable {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	refused("no file")
	write(t, path, `{"source": "a test", "prices": {"USDC/USD": "0.9987"}}`)
	got, err := prices.Price(t.Context(), remit.USDC, usd)
	if want := rate(t, remit.USDC, usd, "0.9987"); err != nil || got.Rate != want || !got.At.Equal(start) {
		t.Errorf("got %v of %s, %v", got.Rate, got.At, err)
	}
	write(t, path, `{"source": "a test", "prices": {"USDC/EUR": "0.9987"}}`)
	refused("another currency")
	write(t, path, `{"source": "a test", "prices": {"USDC/USD": "about one"}}`)
	refused("not a number")
	write(t, path, `{"USDC/USD": "1"}`)
	refused("another form")
}

func rate(t *testing.T, base, quote remit.Asset, text string) remit.Rate {
	t.Helper()
	r, err := remit.ParseRate(base, quote, text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestHTTPPrices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		price, moment  string
		status         int
		body           string
		want           string
		at             time.Time
		refused        string
		date, location string
	}{
		{name: "a text, dated by the answer", price: "/data/amount", body: `{"data": {"amount": "0.99985", "base": "USDC"}}`, want: "0.99985", at: start},
		{name: "a number, dated by itself", price: "/p/0", moment: "/t", body: `{"p": [0.9999], "t": "2026-03-02T08:59:30Z"}`, want: "0.9999", at: start.Add(-30 * time.Second)},
		{name: "Unix seconds", price: "/p", moment: "/t", body: fmt.Sprintf(`{"p": 1, "t": %d}`, start.Unix()), want: "1", at: start},
		{name: "a key with a slash", price: "/USDC~1USD", body: `{"USDC/USD": "1.01"}`, want: "1.01", at: start},
		{name: "more digits than a rate has", price: "/p", body: `{"p": "0.999912345678901234567890"}`, want: "0.99991234567890", at: start},
		{name: "no date", price: "/p", body: `{"p": "1"}`, date: "-", refused: "date"},
		{name: "an exponent", price: "/p", body: `{"p": 1e0}`, refused: "character"},
		{name: "nothing there", price: "/q", body: `{"p": "1"}`, refused: "neither a text nor a number"},
		{name: "deeper than it goes", price: "/p/0", body: `{"p": "1"}`, refused: "nothing at"},
		{name: "no such element", price: "/1", body: `["1"]`, refused: "no element"},
		{name: "no pointer", price: "p", body: `{"p": "1"}`, refused: "not a pointer"},
		{name: "not a moment", price: "/p", moment: "/t", body: `{"p": "1", "t": "noon"}`, refused: "moment"},
		{name: "zero", price: "/p", body: `{"p": "0.0000"}`, refused: "positive"},
		{name: "not JSON", price: "/p", body: `<html>`, refused: "decode"},
		{name: "an error page", price: "/p", status: http.StatusServiceUnavailable, body: `{"p": "1"}`, refused: "503"},
		{name: "far too long", price: "/p", body: `{"p": "` + strings.Repeat("1", 70_000) + `"}`, refused: "longer than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = r.URL.Path
				w.Header()["Date"] = []string{start.Format(http.TimeFormat)}
				if c.date != "" {
					w.Header()["Date"] = []string{c.date}
				}
				if c.status != 0 {
					w.WriteHeader(c.status)
				}
				fmt.Fprint(w, c.body)
			}))
			defer server.Close()
			prices := settlement.HTTPPrices{
				URL: server.URL + "/prices/{coin}-{currency}/spot", PricePointer: c.price, TimePointer: c.moment, Client: server.Client(),
			}
			got, err := prices.Price(t.Context(), remit.USDC, usd)
			if asked != "/prices/USDC-USD/spot" {
				t.Errorf("asked for %s", asked)
			}
			if c.refused != "" {
				if err == nil || remit.ReasonOf(err) != remit.ReasonRateUnavailable || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("got %v, %v; want an error about %q", got, err, c.refused)
				}
				return
			}
			if err != nil || got.Rate != rate(t, remit.USDC, usd, c.want) || !got.At.Equal(c.at) {
				t.Errorf("got %s of %s, %v; want %s of %s", got.Rate, got.At, err, c.want, c.at)
			}
		})
	}
}

func TestHTTPPricesDown(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	prices := settlement.HTTPPrices{URL: server.URL, PricePointer: "/p", Client: server.Client()}
	if got, err := prices.Price(t.Context(), remit.USDC, usd); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("got %v, %v", got, err)
	}
}
