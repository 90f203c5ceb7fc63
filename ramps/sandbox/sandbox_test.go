package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/rampstest"
	"github.com/openremit/remit/ramps/sandbox"
)

const (
	testKey    = "key"
	testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// far is a real bank over HTTP as the suite drives it.
type far struct {
	bank  *bank.Bank
	clock *remit.FakeClock

	mu       sync.Mutex
	arrived  chan struct{} // closed and replaced when a callback comes
	received []rampstest.Delivery
	parse    func(rampstest.Delivery) (ramps.Callback, error)
}

func setup(t *testing.T) (*sandbox.Provider, *far) {
	t.Helper()
	f := &far{clock: remit.NewFakeClock(start), arrived: make(chan struct{})}
	hook := httptest.NewServer(http.HandlerFunc(f.receive))
	t.Cleanup(hook.Close)
	b, err := bank.New(bank.Options{APIKey: testKey, CallbackURL: hook.URL, CallbackSecret: testSecret, Clock: f.clock})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	go func() {
		if err := b.Run(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	f.bank = b
	p, err := sandbox.New(sandbox.Options{BaseURL: server.URL, APIKey: testKey, CallbackSecret: testSecret, Clock: f.clock})
	if err != nil {
		t.Fatal(err)
	}
	f.parse = func(d rampstest.Delivery) (ramps.Callback, error) { return p.ParseCallback(d.Header, d.Body) }
	return p, f
}

func (f *far) receive(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.received = append(f.received, rampstest.Delivery{Header: r.Header.Clone(), Body: body})
	close(f.arrived)
	f.arrived = make(chan struct{})
}

func (f *far) Callbacks(t *testing.T, id remit.RampOrderID, count int) []rampstest.Delivery {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		f.mu.Lock()
		var got []rampstest.Delivery
		for _, d := range f.received {
			if c, err := f.parse(d); err == nil && c.Reference == id {
				got = append(got, d)
			}
		}
		more := f.arrived
		f.mu.Unlock()
		if len(got) >= count {
			return got
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d callbacks came, want %d", len(got), count)
		}
	}
}

func (f *far) Instruction(t *testing.T, d ramps.Direction, w rampstest.Way) ramps.Instruction {
	t.Helper()
	in := ramps.Instruction{
		Order: ramps.Order{
			ID: remit.NewID[remit.RampOrderID](remit.PrefixRampOrder, f.clock.Now()), Direction: d, Provider: sandbox.Name,
			Method: string(remit.PayoutBank), Country: "PH", Amount: remit.NewMoney(remit.MustFiat("PHP"), 1_122_100), CreatedAt: f.clock.Now(),
		},
		Party: remit.Party{GivenName: "Maria", FamilyName: "Santos", Phone: "+639171234567", Country: "PH"},
		Account: map[string]string{"bank_code": "BOPIPHMM", "account_number": map[rampstest.Way]string{
			rampstest.AtOnce: "001234567890", rampstest.Waits: "001234560009", rampstest.Refused: "001234560001",
		}[w]},
	}
	if d != ramps.PayOut {
		in.Order.Method, in.Order.Country, in.Order.Amount = string(remit.FundingCard), "US", remit.NewMoney(remit.MustFiat("USD"), 20_000)
		in.Account = map[string]string{"token": "tok_ok"}
	}
	return in
}

func (f *far) Break(t *testing.T, trouble rampstest.Trouble) {
	t.Helper()
	mode := map[rampstest.Trouble]string{
		rampstest.LoseRequest: bank.FaultDown, rampstest.LoseReply: bank.FaultLoseReply, rampstest.HalfReply: bank.FaultHalfReply,
		rampstest.Hang: bank.FaultHang, rampstest.Unavailable: bank.FaultFail, rampstest.UnavailableAfter: bank.FaultFailAfter,
		rampstest.DoubleCallback: bank.FaultDoubleCallback, rampstest.ReorderCallbacks: bank.FaultReorderCallbacks,
	}[trouble]
	if err := f.bank.AddFault(bank.Fault{Mode: mode, Count: 1}); err != nil {
		t.Fatal(err)
	}
}

func (f *far) Finish(t *testing.T, id remit.RampOrderID, well bool) {
	t.Helper()
	outcome := bank.FinishFail
	if well {
		outcome = bank.FinishSucceed
	}
	if _, err := f.bank.Finish(string(id), outcome); err != nil {
		t.Fatal(err)
	}
}

func (f *far) Movements(_ *testing.T, id remit.RampOrderID) []int64 {
	var out []int64
	for _, m := range f.bank.Movements(string(id)) {
		if m.Kind == bank.MovedBack {
			m.Amount.Minor = -m.Amount.Minor
		}
		out = append(out, m.Amount.Minor)
	}
	return out
}

func (f *far) Advance(d time.Duration) { f.clock.Advance(d) }

func TestProvider(t *testing.T) {
	t.Parallel()
	rampstest.Run(t, func(t *testing.T) (ramps.Provider, rampstest.Backend) { return setup(t) })
}
