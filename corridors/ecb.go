package corridors

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/openremit/remit"
)

// ECBURL is where the European Central Bank publishes its reference rates, on
// TARGET working days at about 16:00 in Frankfurt.
const ECBURL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"

const (
	// maxECBBytes is many times the size of the file, which is about 2 kB.
	maxECBBytes = 64 << 10
	// ecbFresh is how long an answer is used without asking again.
	ecbFresh = time.Hour
	// ecbRetry is how long after a failure the next try waits.
	ecbRetry = time.Minute
	// ecbTimeout bounds one request.
	ecbTimeout = 10 * time.Second
	// leastECBCurrencies guards against a file that is well formed and not whole.
	leastECBCurrencies = 20
)

// ECB is the reference rates of the European Central Bank: about thirty
// currencies, once a working day. It asks at most once an hour. When the bank
// does not answer it goes on with the last good rates and their date; how old
// a rate may be is the Quoter's to judge. It is safe for concurrent use.
type ECB struct {
	url      string
	client   *http.Client
	clock    remit.Clock
	location *time.Location
	// asking holds one token: only one request is under way at a time.
	asking chan struct{}

	mu    sync.Mutex
	table ecbTable
	// next is when to ask again; trouble is why the last try did not succeed.
	next    time.Time
	trouble error
}

// ecbTable is one day's rates, of one euro.
type ecbTable struct {
	asOf   time.Time
	perEUR map[remit.Asset]remit.Rate
}

// NewECB returns rates from the URL; nothing is asked for until they are needed.
func NewECB(url string, client *http.Client, clock remit.Clock) (*ECB, error) {
	location, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, fmt.Errorf("load the European Central Bank's time zone: %w", err)
	}
	return &ECB{url: url, client: client, clock: clock, location: location, asking: make(chan struct{}, 1)}, nil
}

// Mid implements Rates. Pairs without the euro are its exact cross rates.
func (e *ECB) Mid(ctx context.Context, base, quote remit.Asset) (remit.Rate, time.Time, error) {
	table, err := e.current(ctx)
	if err != nil {
		return remit.Rate{}, time.Time{}, remit.Wrap(err, remit.KindUnavailable, remit.ReasonRateUnavailable,
			"the European Central Bank's rates cannot be had now")
	}
	in, okIn := table.perEUR[base]
	out, okOut := table.perEUR[quote]
	if !okIn || !okOut {
		return remit.Rate{}, time.Time{}, notQuoted(base, quote)
	}
	rate, err := in.Inverse().Mul(out)
	if err != nil {
		return remit.Rate{}, time.Time{}, fmt.Errorf("cross rate %s to %s: %w", base.Code, quote.Code, err)
	}
	return rate, table.asOf, nil
}

// current returns the newest table, asking for it when it is time. While one
// caller asks, others with a table to go on with do not wait.
func (e *ECB) current(ctx context.Context) (ecbTable, error) {
	table, due, trouble := e.known()
	if !due {
		if table.perEUR == nil {
			return ecbTable{}, trouble
		}
		return table, nil
	}
	if table.perEUR != nil {
		select {
		case e.asking <- struct{}{}:
		default:
			return table, nil
		}
	} else {
		select {
		case e.asking <- struct{}{}:
		case <-ctx.Done():
			return ecbTable{}, fmt.Errorf("wait for rates: %w", ctx.Err())
		}
	}
	defer func() { <-e.asking }()
	if table, due, trouble = e.known(); due { // Nobody asked while we waited.
		table, trouble = e.refresh(ctx)
	}
	if table.perEUR == nil {
		return ecbTable{}, trouble
	}
	return table, nil
}

func (e *ECB) known() (table ecbTable, due bool, trouble error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.table, !e.clock.Now().Before(e.next), e.trouble
}

// Trouble returns why the last request did not succeed, or nil; for health
// checks and logs.
func (e *ECB) Trouble() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.trouble
}

// refresh asks once and keeps the answer or the trouble. It does not end with
// the caller's context: the answer is for everybody.
func (e *ECB) refresh(ctx context.Context) (ecbTable, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ecbTimeout)
	defer cancel()
	table, err := e.fetch(ctx)
	now := e.clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err != nil:
	case table.asOf.Before(e.table.asOf):
		err = fmt.Errorf("rates of %s are older than those of %s", table.asOf.Format(time.DateOnly), e.table.asOf.Format(time.DateOnly))
	case table.asOf.After(now.Add(24 * time.Hour)):
		err = fmt.Errorf("rates of %s are of the future", table.asOf.Format(time.DateOnly))
	}
	if e.trouble = err; err != nil {
		e.next = now.Add(ecbRetry)
		return e.table, err
	}
	e.table, e.next = table, now.Add(ecbFresh)
	return table, nil
}

func (e *ECB) fetch(ctx context.Context) (ecbTable, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
	if err != nil {
		return ecbTable{}, fmt.Errorf("ask for reference rates: %w", err)
	}
	response, err := e.client.Do(request)
	if err != nil {
		return ecbTable{}, fmt.Errorf("ask for reference rates: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxECBBytes+1))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return ecbTable{}, fmt.Errorf("read reference rates: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return ecbTable{}, fmt.Errorf("ask for reference rates: status %d", response.StatusCode)
	}
	if len(body) > maxECBBytes {
		return ecbTable{}, fmt.Errorf("reference rates are larger than %d bytes", maxECBBytes)
	}
	return parseECB(body, e.location)
}

// parseECB reads a file of reference rates. Rates are of the concertation at
// 14:15 in Frankfurt. Currencies that the gateway does not know are left out.
func parseECB(body []byte, location *time.Location) (ecbTable, error) {
	var file struct {
		XMLName xml.Name `xml:"http://www.gesmes.org/xml/2002-08-01 Envelope"`
		Days    []struct {
			Date  string `xml:"time,attr"`
			Rates []struct {
				Currency string `xml:"currency,attr"`
				Rate     string `xml:"rate,attr"`
			} `xml:"Cube"`
		} `xml:"Cube>Cube"`
	}
	if err := xml.Unmarshal(body, &file); err != nil {
		return ecbTable{}, fmt.Errorf("read reference rates: %w", err)
	}
	if len(file.Days) != 1 {
		return ecbTable{}, fmt.Errorf("reference rates of %d days, want one", len(file.Days))
	}
	day, err := time.ParseInLocation(time.DateOnly, file.Days[0].Date, location)
	if err != nil {
		return ecbTable{}, fmt.Errorf("date of reference rates: %w", err)
	}
	eur := remit.MustFiat("EUR")
	table := ecbTable{asOf: atMinute(day, 14*60+15).UTC(), perEUR: map[remit.Asset]remit.Rate{eur: identity(eur)}}
	for _, r := range file.Days[0].Rates {
		asset, err := remit.Fiat(r.Currency)
		if err != nil {
			continue // Such as DKK: no corridor uses it.
		}
		if _, twice := table.perEUR[asset]; twice {
			return ecbTable{}, fmt.Errorf("reference rate of %s is given twice", asset.Code)
		}
		if table.perEUR[asset], err = remit.ParseRate(eur, asset, r.Rate); err != nil {
			return ecbTable{}, fmt.Errorf("reference rate of %s: %w", asset.Code, err)
		}
	}
	if _, ok := table.perEUR[usd]; !ok || len(file.Days[0].Rates) < leastECBCurrencies {
		return ecbTable{}, fmt.Errorf("reference rates of %d currencies are not whole", len(file.Days[0].Rates))
	}
	return table, nil
}
