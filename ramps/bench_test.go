package ramps_test

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/rampstest"
	"github.com/openremit/remit/ramps/sandbox"
)

// BenchmarkDesk is the cost of an order that succeeds at once: desk, adapter,
// HTTP and a bank that syncs its journal, without the gateway's database.
func BenchmarkDesk(b *testing.B) {
	clock := remit.NewFakeClock(start)
	company, err := bank.New(bank.Options{APIKey: testKey, Clock: clock, StatePath: filepath.Join(b.TempDir(), "bank.journal")})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(company.Handler())
	defer server.Close()
	p, err := sandbox.New(sandbox.Options{BaseURL: server.URL, APIKey: testKey, Clock: clock})
	if err != nil {
		b.Fatal(err)
	}
	store := rampstest.NewStore(clock)
	for i := range b.N {
		store.Place(ramps.Instruction{
			Order: ramps.Order{
				ID: remit.DeriveID[remit.RampOrderID](remit.PrefixRampOrder, start, fmt.Sprint(i)), Direction: ramps.PayOut, Provider: sandbox.Name,
				Method: string(remit.PayoutBank), Country: "PH", Amount: remit.NewMoney(remit.MustFiat("PHP"), 100),
			},
			Account: map[string]string{"account_number": "1234567890"},
		})
	}
	d, err := ramps.NewDesk(ramps.DeskOptions{Store: store, Providers: []ramps.Provider{p}, Clock: clock, Poll: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if err := d.Pass(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	if got := len(company.Books().Movements); got != b.N {
		b.Fatalf("%d movements, want %d", got, b.N)
	}
	if err := company.Close(); err != nil {
		b.Fatal(err)
	}
}
