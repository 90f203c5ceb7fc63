package sim_test

import (
	"context"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// market tells what everything costs; only the coin's price changes.
type market struct {
	clock remit.Clock

	mu   sync.Mutex
	coin string
}

const (
	atPeg  = "1.0000"
	offPeg = "0.9600"
)

func (m *market) Price(_ context.Context, coin, reference remit.Asset) (settlement.Price, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text := "0.25"
	if coin == remit.USDC {
		text = m.coin
	}
	rate, err := remit.ParseRate(coin, reference, text)
	return settlement.Price{Rate: rate, At: m.clock.Now()}, err
}

func (m *market) set(price string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coin = price
}

// openRoutes makes the router over the chains. It looks at them when told to.
func (w *world) openRoutes() {
	var err error
	w.market = &market{clock: w.clock, coin: atPeg}
	w.guard, err = settlement.NewGuard(settlement.GuardOptions{
		Coin: remit.USDC, Reference: usd, Source: w.market, Clock: w.clock, StaleAfter: time.Hour, Timeout: time.Minute,
		PauseAfter: 2, PauseOver: time.Second, ResumeAfter: 2, ResumeOver: time.Second,
	})
	w.must(err)
	o := settlement.RouterOptions{
		Guards: []*settlement.Guard{w.guard}, History: w.store, Prices: w.market, Clock: w.clock, CheckOldest: time.Hour,
		CheckTimeout: time.Minute, MeasureEvery: 5 * time.Minute,
		Destination: func(provider string, rail remit.Rail, _ remit.Asset) (string, bool) {
			return "partner-on-" + string(rail), provider == "sandbox"
		},
	}
	for i, c := range w.chains {
		o.Lanes = append(o.Lanes, settlement.Lane{
			Payer: c, Native: remit.Asset{Code: "GAS", Scale: 7},
			Assumed: settlement.Assumed{P95: time.Duration(5+i) * time.Second, FeeNanos: 1_000},
		})
	}
	w.router, err = settlement.NewRouter(o)
	w.must(err)
}

// placed checks that nothing is placed in a coin that is paused. Taking back what
// was not claimed pays nobody.
func (w *world) placed(m workflows.Move) {
	if peg := w.guard.Peg(); m.SettlementOrder != nil && m.SettlementOrder.Reclaims == "" && peg.Paused() {
		w.t.Errorf("order %s was placed while %s", m.SettlementOrder.ID, peg)
	}
}

// waits counts the remittances that waited as funded, by why.
func (s *run) waits() map[remit.Reason]int {
	count := make(map[remit.Reason]int)
	for _, told := range s.byID {
		seen := make(map[remit.Reason]bool)
		for _, at := range told.path {
			if at.State == remit.StateFunded && at.Reason != "" && !seen[at.Reason] {
				seen[at.Reason] = true
				count[at.Reason]++
			}
		}
	}
	return count
}
