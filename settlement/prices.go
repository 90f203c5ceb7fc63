package settlement

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// Price is what one unit of a coin, or of a chain's native asset, costs.
type Price struct {
	// Rate prices one unit of the coin in its reference currency.
	Rate remit.Rate
	// At is the moment that the price is of.
	At time.Time
}

// PriceSource tells what coins cost on the market.
type PriceSource interface {
	// Price returns the newest price of a coin in a currency. It is called from
	// several goroutines. Errors: unavailable with remit.ReasonRateUnavailable
	// when the source does not answer, or not with a price.
	Price(ctx context.Context, coin, reference remit.Asset) (Price, error)
}

// Limits of price sources.
const (
	maxPriceBytes   = 64 << 10
	maxPriceNesting = 8
)

func noPrice(coin, reference remit.Asset, err error) error {
	return remit.Wrap(err, remit.KindUnavailable, remit.ReasonRateUnavailable, "no price of %s in %s", coin.Code, reference.Code)
}

// FilePrices is a fixed table of prices in a file, for development and tests.
// The file is read at every asking, so that it can be edited while the gateway
// runs; its prices are of that moment.
//
//	{"source": "…", "prices": {"USDC/USD": "1.0000", "XLM/USD": "0.25"}}
type FilePrices struct {
	Path  string
	Clock remit.Clock
}

// Price implements PriceSource.
func (f FilePrices) Price(_ context.Context, coin, reference remit.Asset) (Price, error) {
	text, err := readSmall(f.Path)
	if err != nil {
		return Price{}, noPrice(coin, reference, err)
	}
	var table struct {
		Source string            `json:"source"`
		Prices map[string]string `json:"prices"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&table); err != nil {
		return Price{}, noPrice(coin, reference, fmt.Errorf("read %s: %w", f.Path, err))
	}
	written, ok := table.Prices[coin.Code+"/"+reference.Code]
	if !ok {
		return Price{}, noPrice(coin, reference, fmt.Errorf("%s has no price %s/%s", f.Path, coin.Code, reference.Code))
	}
	rate, err := remit.ParseRate(coin, reference, written)
	if err != nil {
		return Price{}, noPrice(coin, reference, fmt.Errorf("read %s: %w", f.Path, err))
	}
	return Price{Rate: rate, At: f.Clock.Now()}, nil
}

// readSmall reads a file of at most maxPriceBytes.
func readSmall(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read from
	return readBounded(file)
}

func readBounded(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPriceBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if len(text) > maxPriceBytes {
		return nil, fmt.Errorf("longer than %d bytes", maxPriceBytes)
	}
	return text, nil
}

// HTTPPrices asks a service that answers in JSON, such as an exchange's ticker.
type HTTPPrices struct {
	// URL is the address, in which {coin} and {currency} stand for the codes:
	// https://api.coinbase.com/v2/prices/{coin}-{currency}/spot.
	URL string
	// PricePointer is where the price is in the answer, as a JSON pointer (RFC
	// 6901): /data/amount. It may be a text or a number; it is read exactly.
	PricePointer string
	// TimePointer is where the price's moment is, as RFC 3339 or Unix seconds.
	// Without it the moment is the answer's Date: a service that answers with
	// an old price is then believed, so give it where there is one.
	TimePointer string
	// Client must have a time limit unless the context always has.
	Client *http.Client
}

// Price implements PriceSource.
func (h HTTPPrices) Price(ctx context.Context, coin, reference remit.Asset) (Price, error) {
	p, err := h.ask(ctx, coin, reference)
	if err != nil {
		return Price{}, noPrice(coin, reference, err)
	}
	return p, nil
}

func (h HTTPPrices) ask(ctx context.Context, coin, reference remit.Asset) (Price, error) {
	address := strings.NewReplacer("{coin}", url.PathEscape(coin.Code), "{currency}", url.PathEscape(reference.Code)).Replace(h.URL)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Price{}, fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	response, err := h.Client.Do(request)
	if err != nil {
		return Price{}, fmt.Errorf("ask: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	if response.StatusCode != http.StatusOK {
		return Price{}, fmt.Errorf("the service answers %d", response.StatusCode)
	}
	text, err := readBounded(response.Body)
	if err != nil {
		return Price{}, err
	}
	var answer any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return Price{}, fmt.Errorf("decode: %w", err)
	}
	written, err := pointTo(answer, h.PricePointer)
	if err != nil {
		return Price{}, fmt.Errorf("find the price: %w", err)
	}
	var p Price
	if p.Rate, err = remit.ParseRate(coin, reference, cutDigits(written)); err != nil {
		return Price{}, err
	}
	if p.At, err = h.moment(answer, response.Header); err != nil {
		return Price{}, fmt.Errorf("find the price's moment: %w", err)
	}
	return p, nil
}

func (h HTTPPrices) moment(answer any, header http.Header) (time.Time, error) {
	if h.TimePointer == "" {
		at, err := http.ParseTime(header.Get("Date"))
		if err != nil {
			return time.Time{}, fmt.Errorf("read the answer's date: %w", err)
		}
		return at.UTC(), nil
	}
	written, err := pointTo(answer, h.TimePointer)
	if err != nil {
		return time.Time{}, err
	}
	if seconds, err := strconv.ParseInt(written, 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, written)
	if err != nil {
		return time.Time{}, fmt.Errorf("read %q: %w", written[:min(len(written), 40)], err)
	}
	return at.UTC(), nil
}

// cutDigits leaves of a price as many digits as a rate can have: some services
// write eighteen, and no bound is that fine.
func cutDigits(written string) string {
	if point := strings.IndexByte(written, '.'); point >= 0 && len(written) > remit.MaxRateDigits+1 {
		return written[:max(point, remit.MaxRateDigits+1)]
	}
	return written
}

// pointTo follows a JSON pointer to a text or a number.
func pointTo(v any, pointer string) (string, error) {
	parts := strings.Split(pointer, "/")
	if parts[0] != "" || len(parts) > maxPriceNesting+1 {
		return "", fmt.Errorf("%q is not a pointer of at most %d steps", pointer, maxPriceNesting)
	}
	for _, part := range parts[1:] {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return "", fmt.Errorf("the list at %q has no element %q", pointer, part)
			}
			v = at[i]
		default:
			return "", fmt.Errorf("there is nothing at %q", pointer)
		}
	}
	switch found := v.(type) {
	case string:
		return found, nil
	case json.Number:
		return found.String(), nil
	default:
		return "", fmt.Errorf("at %q there is neither a text nor a number", pointer)
	}
}

// FilePauses reads the coins that operators have paused from a file that they
// write: {"USDC": "the issuer reports trouble"}. There is no pause without the
// file. It survives restarts, and serves every process that can read it.
func FilePauses(path string) func() (map[string]string, error) {
	return func() (map[string]string, error) {
		text, err := readSmall(path)
		if os.IsNotExist(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the paused coins: %w", err)
		}
		var paused map[string]string
		if err := json.Unmarshal(text, &paused); err != nil {
			return nil, fmt.Errorf("read the paused coins in %s: %w", path, err)
		}
		return paused, nil
	}
}
