package corridors_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

// ecbFile is a file of reference rates as the bank writes it.
func ecbFile(date string) string {
	var cubes strings.Builder
	for _, pair := range []string{
		"USD 1.1608", "JPY 179.48", "CZK 24.315", "DKK 7.4690", "GBP 0.88045", "HUF 389.73", "PLN 4.2605", "RON 5.0870", "SEK 11.0640",
		"CHF 0.9327", "ISK 147.20", "NOK 11.7715", "TRY 48.9871", "AUD 1.7696", "BRL 6.2265", "CAD 1.6234", "CNY 8.2207", "HKD 9.0333",
		"IDR 19414.4", "ILS 3.7722", "INR 103.5963", "KRW 1700.0", "MXN 21.3557", "MYR 4.8040", "NZD 2.0569", "PHP 68.377", "SGD 1.51425",
		"THB 37.627", "ZAR 19.9938",
	} {
		code, rate, _ := strings.Cut(pair, " ")
		fmt.Fprintf(&cubes, "\t\t\t<Cube currency='%s' rate='%s'/>\n", code, rate)
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube>
		<Cube time='` + date + `'>
` + cubes.String() + `		</Cube>
	</Cube>
</gesmes:Envelope>
`
}

// ecbServer answers as told, and counts.
type ecbServer struct {
	answer atomic.Pointer[http.HandlerFunc]
	asked  atomic.Int64
	ecb    *corridors.ECB
	clock  *remit.FakeClock
}

func (s *ecbServer) set(f http.HandlerFunc) { s.answer.Store(&f) }

func (s *ecbServer) body(text string) {
	s.set(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) })
}

func setupECB(t *testing.T) *ecbServer {
	t.Helper()
	s := &ecbServer{clock: remit.NewFakeClock(friday)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		(*s.answer.Load())(w, r)
	}))
	t.Cleanup(server.Close)
	s.body(ecbFile("2026-11-20"))
	var err error
	if s.ecb, err = corridors.NewECB(server.URL, server.Client(), s.clock); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *ecbServer) mid(t *testing.T, base, quote string) (remit.Rate, time.Time, error) {
	t.Helper()
	return s.ecb.Mid(t.Context(), remit.MustFiat(base), remit.MustFiat(quote))
}

func TestECBCrossRates(t *testing.T) {
	t.Parallel()
	s := setupECB(t)
	for _, tt := range []struct{ base, quote, want string }{
		{"EUR", "USD", "1 EUR/2 = 1451/1250 USD/2"},
		{"USD", "EUR", "1 USD/2 = 1250/1451 EUR/2"},
		{"USD", "PHP", "1 USD/2 = 341885/5804 PHP/2"},
		{"GBP", "USD", "1 GBP/2 = 23216/17609 USD/2"},
	} {
		rate, asOf, err := s.mid(t, tt.base, tt.quote)
		if err != nil || rate.String() != tt.want || !asOf.Equal(time.Date(2026, 11, 20, 13, 15, 0, 0, time.UTC)) {
			t.Errorf("%s to %s: got %s of %s, %v", tt.base, tt.quote, rate, asOf, err)
		}
	}
	if _, _, err := s.mid(t, "USD", "NGN"); !errors.Is(err, corridors.ErrNotQuoted) {
		t.Errorf("NGN: %v", err)
	}
	if got := s.asked.Load(); got != 1 {
		t.Errorf("asked %d times within the hour", got)
	}
	s.clock.Advance(61 * time.Minute)
	if _, _, err := s.mid(t, "USD", "PHP"); err != nil || s.asked.Load() != 2 {
		t.Errorf("asked %d times after the hour, %v", s.asked.Load(), err)
	}
}

func TestECBMisbehaves(t *testing.T) {
	t.Parallel()
	good := ecbFile("2026-11-20")
	for name, answer := range map[string]http.HandlerFunc{
		"status 500": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, good, http.StatusInternalServerError) },
		"truncated":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(good[:len(good)-200])) },
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(good + strings.Repeat("<!-- -->", 20_000)))
		},
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<!DOCTYPE html><html><body>Maintenance</body></html>"))
		},
		"empty":         func(http.ResponseWriter, *http.Request) {},
		"lost":          func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"few":           text(`<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"><Cube><Cube time="2026-11-20"><Cube currency="USD" rate="1.1"/></Cube></Cube></gesmes:Envelope>`),
		"nothing":       text(strings.Replace(good, "1.1608", "0", 1)),
		"negative":      text(strings.Replace(good, "1.1608", "-1.1608", 1)),
		"not a number":  text(strings.Replace(good, "1.1608", "N/A", 1)),
		"twice":         text(strings.Replace(good, "JPY", "USD", 1)),
		"without USD":   text(strings.Replace(good, "USD", "XXX", 1)),
		"no such date":  text(ecbFile("2026-11-31")),
		"of the future": text(ecbFile("2026-12-01")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setupECB(t)
			s.set(answer)
			if _, _, err := s.mid(t, "USD", "PHP"); remit.ReasonOf(err) != remit.ReasonRateUnavailable || remit.KindOf(err) != remit.KindUnavailable {
				t.Fatalf("got %v", err)
			}
			// The failure is remembered for a minute and then forgotten.
			s.body(good)
			if _, _, err := s.mid(t, "USD", "PHP"); err == nil || s.ecb.Trouble() == nil {
				t.Errorf("asked again at once: %v", err)
			}
			s.clock.Advance(2 * time.Minute)
			if _, _, err := s.mid(t, "USD", "PHP"); err != nil || s.ecb.Trouble() != nil {
				t.Errorf("after the minute: %v", err)
			}
			// Once there are rates, trouble does not take them away.
			s.set(answer)
			s.clock.Advance(2 * time.Hour)
			if _, asOf, err := s.mid(t, "USD", "PHP"); err != nil || asOf.Day() != 20 || s.ecb.Trouble() == nil {
				t.Errorf("with old rates: %v of %v, trouble %v", err, asOf, s.ecb.Trouble())
			}
		})
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

func TestECBNeverGoesBack(t *testing.T) {
	t.Parallel()
	s := setupECB(t)
	if _, _, err := s.mid(t, "USD", "PHP"); err != nil {
		t.Fatal(err)
	}
	s.body(ecbFile("2026-11-19"))
	s.clock.Advance(2 * time.Hour)
	if _, asOf, err := s.mid(t, "USD", "PHP"); err != nil || asOf.Day() != 20 || s.ecb.Trouble() == nil {
		t.Errorf("rates of %s, %v, trouble %v", asOf, err, s.ecb.Trouble())
	}
}

func TestECBWaiterGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	s := setupECB(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	s.set(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = w.Write([]byte(ecbFile("2026-11-20")))
	})
	first := make(chan error, 1)
	go func() {
		_, _, err := s.ecb.Mid(context.Background(), remit.MustFiat("USD"), remit.MustFiat("PHP"))
		first <- err
	}()
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.ecb.Mid(ctx, remit.MustFiat("USD"), remit.MustFiat("PHP")); !errors.Is(err, context.Canceled) {
		t.Errorf("the waiter got %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the first got %v", err)
	}
}

func TestLayeredFallsBackPerCurrency(t *testing.T) {
	t.Parallel()
	s := setupECB(t)
	table, err := corridors.LoadTableRates(s.clock)
	if err != nil {
		t.Fatal(err)
	}
	layered := corridors.NewLayered(s.ecb, table)
	ofECB := time.Date(2026, 11, 20, 13, 15, 0, 0, time.UTC)
	for _, tt := range []struct {
		base, quote string
		asOf        time.Time
	}{
		{"USD", "PHP", ofECB},
		{"USD", "NGN", friday.Add(-time.Hour)},
		{"AED", "USD", friday},
		{"AED", "INR", ofECB},
		{"SAR", "PKR", friday.Add(-time.Hour)},
	} {
		rate, asOf, err := layered.Mid(t.Context(), remit.MustFiat(tt.base), remit.MustFiat(tt.quote))
		if err != nil || !asOf.Equal(tt.asOf) || rate.Base.Code != tt.base || rate.Quote.Code != tt.quote {
			t.Errorf("%s to %s: %s of %s, %v", tt.base, tt.quote, rate, asOf, err)
		}
	}
	q, _ := setup(t)
	q.Rates = layered
	for _, c := range q.Catalogue.Corridors() {
		r := corridors.Request{From: c.From, To: c.To, SourceAmount: c.Funding[0].Max.Decimal(), Funding: c.Funding[0].Method, Payout: c.Payouts[0].Method}
		if got, err := q.Quote(t.Context(), r); err == nil {
			checkEquations(t, q, r, got)
		} else if remit.KindOf(err) != remit.KindInvalid {
			t.Errorf("%s: %v", c.ID, err)
		}
	}

	// A layer in trouble is not passed over.
	broken, err := corridors.NewECB("http://127.0.0.1:1/", http.DefaultClient, s.clock)
	if err != nil {
		t.Fatal(err)
	}
	q.Rates = corridors.NewLayered(broken, table)
	_, err = q.Quote(t.Context(), corridors.Request{From: "US", To: "PH", SourceAmount: "100", Funding: remit.FundingCard, Payout: remit.PayoutBank})
	if remit.ReasonOf(err) != remit.ReasonRateUnavailable {
		t.Errorf("with a source in trouble: %v", err)
	}
}

func FuzzECB(f *testing.F) {
	f.Add(ecbFile("2026-11-20"))
	f.Add("<Envelope/>")
	f.Fuzz(func(t *testing.T, body string) {
		corridors.ParseECBForTest(t, body)
	})
}
