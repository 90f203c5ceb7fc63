package corridors_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

func fieldErrors(err error) []remit.FieldError {
	var e *remit.Error
	if !errors.As(err, &e) {
		return nil
	}
	return e.Fields
}

func TestQuoteGolden(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	quote, err := q.Quote(t.Context(), corridors.Request{
		TenantID: "ten_01h2xcejqtf2nbrexx3vqjhp41", ID: "qte_01h2xcejqtf2nbrexx3vqjhp42",
		From: "US", To: "PH", SourceAmount: "200", Funding: remit.FundingCard, Payout: remit.PayoutMobileMoney,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(quote, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	golden := filepath.Join("testdata", "quote.golden.json")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the quote is\n%s\nwant\n%s", got, want)
	}
}

// everyWay calls f for every choice of methods in every corridor.
func everyWay(c *corridors.Catalogue, f func(corridors.Corridor, corridors.FundingOption, corridors.PayoutOption)) {
	for _, corridor := range c.Corridors() {
		for _, in := range corridor.Funding {
			for _, out := range corridor.Payouts {
				f(corridor, in, out)
			}
		}
	}
}

// quoteRandomly asks for random amounts on both sides of every way and checks
// the equations of what is quoted; a refusal may only be about limits.
func quoteRandomly(t *testing.T, q *corridors.Quoter, seed uint64, times int) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	amount := func(least, most remit.Money, step int64) string {
		// Small amounts round the most: every other one is near the least.
		span := most.Minor - least.Minor
		if random.IntN(2) == 0 {
			span = min(span, 3*least.Minor)
		}
		minor := least.Minor + random.Int64N(span+1)
		return remit.NewMoney(least.Asset, minor-minor%step).Decimal()
	}
	everyWay(q.Catalogue, func(c corridors.Corridor, in corridors.FundingOption, out corridors.PayoutOption) {
		quoted := 0
		for i := range times {
			r := corridors.Request{TenantID: "ten_x", From: c.From, To: c.To, Currency: out.Currency.Code, Funding: in.Method, Payout: out.Method}
			step := int64(1)
			if out.WholeUnits {
				step = 100
			}
			if i%2 == 0 {
				r.SourceAmount = amount(in.Min, in.Max, 1)
			} else {
				r.TargetAmount = amount(out.Min, out.Max, step)
			}
			quote, err := q.Quote(t.Context(), r)
			if err != nil {
				reason := remit.ReasonOf(err)
				if reason != remit.ReasonAmountAboveMaximum && reason != remit.ReasonAmountBelowMinimum {
					t.Fatalf("%+v: %v", r, err)
				}
				continue
			}
			quoted++
			checkEquations(t, q, r, quote)
			if out.WholeUnits && quote.Target.Minor%step != 0 {
				t.Errorf("%+v: %s is not whole", r, quote.Target)
			}
		}
		if quoted == 0 {
			t.Errorf("%s %s %s %s: nothing was quoted", c.ID, in.Method, out.Method, out.Currency)
		}
	})
}

func TestEquationsHoldInEveryCorridor(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	quoteRandomly(t, q, 20261120, 120)
}

// inEUR is the data with every corridor settling in EURC.
func inEUR(t testing.TB) fstest.MapFS {
	t.Helper()
	files := spoil(t, "coins/EURC.yaml")
	for name, file := range files {
		if strings.HasPrefix(name, "corridors/") {
			file.Data = regexp.MustCompile(`(?m)^coin: .*\n`).ReplaceAll(file.Data, nil)
			file.Data = regexp.MustCompile(`(?m)^quote_seconds:`).ReplaceAll(file.Data, []byte("coin: EURC\nquote_seconds:"))
			file.Data = regexp.MustCompile(`(method: wallet, currency: )USD`).ReplaceAll(file.Data, []byte("${1}EUR"))
			file.Data = regexp.MustCompile(`fx_margin_basis_points: 0`).ReplaceAll(file.Data, []byte("fx_margin_basis_points: 1"))
		}
	}
	return files
}

// TestEquationsHoldInEuroCoins: the coin's own currency is what it costs, not
// the dollar.
func TestEquationsHoldInEuroCoins(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	catalogue, err := corridors.LoadFS(inEUR(t))
	if err != nil {
		t.Fatal(err)
	}
	q.Catalogue = catalogue
	quoteRandomly(t, q, 20261121, 60)
	eurc := remit.Asset{Code: "EURC", Scale: 6}
	got, err := q.Quote(t.Context(), corridors.Request{From: "DE", To: "GH", SourceAmount: "100", Funding: remit.FundingBalance, Payout: remit.PayoutBank})
	if err != nil {
		t.Fatal(err)
	}
	if cents := (got.Settlement.Minor + 9_999) / 10_000; got.Settlement.Asset != eurc || got.CostOfSettlement.Minor != cents || got.CostOfSettlement.Asset != remit.MustFiat("EUR") {
		t.Errorf("%s costs %s, want as many euros, rounded up", got.Settlement, got.CostOfSettlement)
	}
	got, err = q.Quote(t.Context(), corridors.Request{From: "GB", To: "DE", TargetAmount: "100", Funding: remit.FundingBalance, Payout: remit.PayoutBank})
	if err != nil || got.Settlement != remit.NewMoney(eurc, 100_000_000) {
		t.Errorf("100 euros cross as %s, %v", got.Settlement, err)
	}
}

// TestOneRail: where a corridor has one rail, that is the rail, whatever others
// the gateway has.
func TestOneRail(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	catalogue, err := corridors.LoadFS(spoil(t, "corridors/US-PH.yaml", "rails: [stellar, solana]", "coin: USDT\nrails: [solana]"))
	if err != nil {
		t.Fatal(err)
	}
	q.Catalogue = catalogue
	for _, wish := range []remit.Rail{"", remit.RailAuto, remit.RailSolana} {
		got, err := q.Quote(t.Context(), corridors.Request{From: "US", To: "PH", SourceAmount: "100", Funding: remit.FundingBalance, Payout: remit.PayoutBank, Rail: wish})
		if err != nil || got.Rail != remit.RailSolana || got.Settlement.Asset.Code != "USDT" {
			t.Errorf("wish %q: %s on %q, %v", wish, got.Settlement, got.Rail, err)
		}
	}
}

// Even one basis point on the smallest amounts pays for rounding up twice.
func TestMarginIsNeverNegative(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	thin := fstest.MapFS{}
	for _, name := range dataFiles(t) {
		text, err := os.ReadFile(filepath.Join("data", name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "corridors/") {
			text = regexp.MustCompile(`fx_margin_basis_points: [1-9][0-9]*`).ReplaceAll(text, []byte("fx_margin_basis_points: 1"))
			text = regexp.MustCompile(`(?m), fees: .*$`).ReplaceAll(text, []byte("}"))
			text = regexp.MustCompile(`(?ms)^fees:.*?^funding:`).ReplaceAll(text, []byte("funding:"))
			text = regexp.MustCompile(`(method: (?:bank_debit|card|balance), min: )"[^"]*"`).ReplaceAll(text, []byte(`$1"100"`))
			text = regexp.MustCompile(`(whole_units: true, |)(delivery)`).ReplaceAll(text, []byte("$2"))
			text = regexp.MustCompile(`(method: (?:bank|mobile_money|cash|wallet),(?: currency: ...,)? min: )"[^"]*"`).ReplaceAll(text, []byte(`$1"1"`))
		}
		thin[name] = &fstest.MapFile{Data: text}
	}
	catalogue, err := corridors.LoadFS(thin)
	if err != nil {
		t.Fatal(err)
	}
	q.Catalogue = catalogue
	quoteRandomly(t, q, 1, 60)
}

// dataFiles lists the YAML files of the data folder.
func dataFiles(t testing.TB) []string {
	t.Helper()
	names, err := fs.Glob(os.DirFS("data"), "*/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("data files: %v, %v", names, err)
	}
	return names
}

func TestTargetIsMetByTheLeastPrincipal(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	r := corridors.Request{From: "US", To: "PH", TargetAmount: "25000", Funding: remit.FundingBankDebit, Payout: remit.PayoutBank}
	fixed, err := q.Quote(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got := fixed.Target.String(); got != "PHP 25000.00" {
		t.Errorf("pays out %s", got)
	}
	// One cent less, sent the other way round, must not be enough.
	r.TargetAmount, r.SourceAmount = "", remit.NewMoney(fixed.SourceTotal.Asset, fixed.SourceTotal.Minor-1).Decimal()
	less, err := q.Quote(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if less.Target.Minor >= fixed.Target.Minor {
		t.Errorf("%s would pay out %s already", less.SourceTotal, less.Target)
	}
}

func TestDollarsForDollars(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	r := corridors.Request{From: "US", To: "ZW", TargetAmount: "100.00", Funding: remit.FundingBalance, Payout: remit.PayoutCash}
	got, err := q.Quote(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	checkEquations(t, q, r, got)
	if got.Principal.String() != "USD 100.00" || got.Settlement.String() != "PYUSD 100.000000" || got.CostOfSettlement != got.Principal || got.Rate.Num != 1 || got.Rate.Den != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestOtherPayoutCurrency(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	ask := func(currency string, payout remit.PayoutMethod) (remit.Quote, error) {
		return q.Quote(t.Context(), corridors.Request{From: "ZA", To: "ZW", SourceAmount: "2000", Currency: currency, Funding: remit.FundingCard, Payout: payout})
	}
	for _, tt := range []struct {
		currency string
		payout   remit.PayoutMethod
		want     string
	}{
		{"", remit.PayoutCash, "USD"},
		{"USD", remit.PayoutBank, "USD"},
		{"ZWG", remit.PayoutBank, "ZWG"},
		{"ZWG", remit.PayoutCash, "payout METHOD_NOT_OFFERED"},
		{"EUR", remit.PayoutCash, "currency UNKNOWN_CURRENCY"},
	} {
		got, err := ask(tt.currency, tt.payout)
		text := got.Target.Asset.Code
		if err != nil {
			text = strings.Join(fields(err), "; ")
		}
		if text != tt.want {
			t.Errorf("%q by %s: got %q, want %q", tt.currency, tt.payout, text, tt.want)
		}
	}
}

func TestQuoteRefusals(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	good := corridors.Request{From: "US", To: "PH", SourceAmount: "200", Funding: remit.FundingCard, Payout: remit.PayoutBank, Rail: remit.RailSolana}
	if _, err := q.Quote(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		spoil func(*corridors.Request)
		want  string
		says  string
	}{
		{"no countries", func(r *corridors.Request) { r.From, r.To = "", "" }, "from FIELD_REQUIRED; to FIELD_REQUIRED", "two-letter"},
		{"unknown country", func(r *corridors.Request) { r.To = "XX" }, "to UNKNOWN_COUNTRY", "PH"},
		{"unknown corridor", func(r *corridors.Request) { r.To = "NG" }, "to UNKNOWN_CORRIDOR", "US-PH"},
		{"funding not offered", func(r *corridors.Request) { r.Funding = "cheque" }, "funding METHOD_NOT_OFFERED", "bank_debit, card, balance"},
		{"payout missing", func(r *corridors.Request) { r.Payout = "" }, "payout FIELD_REQUIRED", "bank, mobile_money, cash"},
		{"rail not offered", func(r *corridors.Request) { r.Rail = "bitcoin" }, "rail RAIL_NOT_OFFERED", "auto, stellar, solana"},
		{"no amount", func(r *corridors.Request) { r.SourceAmount = "" }, "source_amount FIELD_REQUIRED", "target_amount"},
		{"both amounts", func(r *corridors.Request) { r.TargetAmount = "1" }, "target_amount FIELD_INVALID", "both"},
		{"malformed", func(r *corridors.Request) { r.SourceAmount = "1,000" }, "source_amount AMOUNT_MALFORMED", "digits"},
		{"too fine", func(r *corridors.Request) { r.SourceAmount = "10.001" }, "source_amount AMOUNT_MALFORMED", "decimals"},
		{"negative", func(r *corridors.Request) { r.SourceAmount = "-5" }, "source_amount AMOUNT_MALFORMED", "digits"},
		{"zero", func(r *corridors.Request) { r.SourceAmount = "0.00" }, "source_amount AMOUNT_NOT_POSITIVE", "positive"},
		{"below the least", func(r *corridors.Request) { r.SourceAmount = "1" }, "source_amount AMOUNT_BELOW_MINIMUM", "USD 5.00 to USD 2999.00"},
		{"above the most", func(r *corridors.Request) { r.SourceAmount = "3000" }, "source_amount AMOUNT_ABOVE_MAXIMUM", "USD 5.00 to USD 2999.00"},
		{"huge", func(r *corridors.Request) { r.SourceAmount = "9999999999999999" }, "source_amount AMOUNT_ABOVE_MAXIMUM", "USD 2999.00"},
		{"target below the least", func(r *corridors.Request) { r.SourceAmount, r.TargetAmount = "", "1" }, "target_amount AMOUNT_BELOW_MINIMUM", "PHP 50.00"},
		{"source above the most for the target", func(r *corridors.Request) { r.SourceAmount, r.TargetAmount = "", "200000" }, "target_amount AMOUNT_ABOVE_MAXIMUM", "would be charged"},
		{"target above the most for the source", func(r *corridors.Request) { r.SourceAmount, r.Payout = "2900", remit.PayoutCash }, "source_amount AMOUNT_ABOVE_MAXIMUM", "would be paid out"},
		{"all at once", func(r *corridors.Request) { r.Funding, r.Payout, r.Rail, r.SourceAmount = "x", "y", "z", "w" },
			"funding METHOD_NOT_OFFERED; payout METHOD_NOT_OFFERED; rail RAIL_NOT_OFFERED; source_amount AMOUNT_MALFORMED", ""},
		{"shillings have no cents", func(r *corridors.Request) {
			*r = corridors.Request{From: "GB", To: "KE", TargetAmount: "1000.50", Funding: remit.FundingCard, Payout: remit.PayoutMobileMoney}
		}, "target_amount AMOUNT_MALFORMED", "whole units"},
	} {
		r := good
		tt.spoil(&r)
		_, err := q.Quote(t.Context(), r)
		if got := strings.Join(fields(err), "; "); got != tt.want || remit.KindOf(err) != remit.KindInvalid {
			t.Errorf("%s: got %q (%v), want %q", tt.name, got, err, tt.want)
			continue
		}
		if !slices.ContainsFunc(fieldErrors(err), func(f remit.FieldError) bool { return strings.Contains(f.Message, tt.says) }) {
			t.Errorf("%s: %v does not say %q", tt.name, err, tt.says)
		}
	}
}

func TestOldRatesAreRefused(t *testing.T) {
	t.Parallel()
	ask := func(after time.Duration, bound time.Duration, to remit.Country) error {
		q, clock := setup(t)
		q.MaxRateAge = bound
		clock.Advance(after)
		_, err := q.Quote(t.Context(), corridors.Request{From: "US", To: to, SourceAmount: "100", Funding: remit.FundingBalance, Payout: payoutOf(to)})
		return err
	}
	for _, tt := range []struct {
		name  string
		after time.Duration
		bound time.Duration
		to    remit.Country
		good  bool
	}{
		{"the same day", time.Hour, 0, "PH", true},
		{"over the weekend", 62 * time.Hour, 0, "PH", true},
		{"Monday evening", 76 * time.Hour, 0, "PH", true},
		{"Tuesday", 96 * time.Hour, 0, "PH", false},
		{"a tighter bound", 4 * time.Hour, 2 * time.Hour, "PH", false},
		{"a dated table in development", 10_000 * time.Hour, corridors.AnyRateAge, "PH", true},
		{"dollars need no rate", 10_000 * time.Hour, 0, "ZW", true},
		{"before the rates were made", -48 * time.Hour, 0, "PH", false},
	} {
		err := ask(tt.after, tt.bound, tt.to)
		if (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil && (remit.ReasonOf(err) != remit.ReasonRateUnavailable || remit.KindOf(err) != remit.KindUnavailable) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func payoutOf(c remit.Country) remit.PayoutMethod {
	if c == "ZW" {
		return remit.PayoutCash
	}
	return remit.PayoutBank
}

func TestDeliveryWaitsForHours(t *testing.T) {
	t.Parallel()
	q, clock := setup(t)
	r := corridors.Request{From: "US", To: "CO", SourceAmount: "100", Funding: remit.FundingBalance, Payout: remit.PayoutBank}
	open, err := q.Quote(t.Context(), r) // Friday 12:00 in Bogotá.
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(5 * time.Hour) // Friday 17:00, after the cut-off.
	closed, err := q.Quote(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	wait := int64(63 * 3600) // Until Monday 08:00.
	if open.DeliveryP50Seconds != 7200 || closed.DeliveryP50Seconds != 7200+wait || closed.DeliveryP95Seconds != 86400+wait {
		t.Errorf("open %d, closed %d and %d", open.DeliveryP50Seconds, closed.DeliveryP50Seconds, closed.DeliveryP95Seconds)
	}
}

// TestModes: a quote says how its payment travels, and counts the window that a
// netted one may wait, also where it ends after hours. A wallet's never waits.
func TestModes(t *testing.T) {
	t.Parallel()
	q, clock := setup(t)
	request := func(from, to remit.Country, payout remit.PayoutMethod) corridors.Request {
		return corridors.Request{From: from, To: to, SourceAmount: "300", Funding: remit.FundingBalance, Payout: payout}
	}
	for _, tt := range []struct {
		request corridors.Request
		mode    remit.SettlementMode
		window  int64
	}{
		{request("US", "PH", remit.PayoutBank), remit.SettlementBatched, 0},
		{request("US", "GB", remit.PayoutBank), remit.SettlementSingle, 0},
		{request("US", "IN", remit.PayoutBank), remit.SettlementNetted, 5},
		{request("AE", "PH", remit.PayoutBank), remit.SettlementNetted, 30},
	} {
		got, err := q.Quote(t.Context(), tt.request)
		if err != nil || got.SettlementMode != tt.mode || got.SettlementWindowSeconds != tt.window {
			t.Errorf("%s → %s: %s within %d s, %v; want %s within %d s", tt.request.From, tt.request.To, got.SettlementMode,
				got.SettlementWindowSeconds, err, tt.mode, tt.window)
		}
	}
	netted, err := corridors.LoadFS(spoil(t, "corridors/US-CO.yaml", "payout_providers: [sandbox]\n", "payout_providers: [sandbox]\nsettlement: {mode: netted, window: 10m}\n"))
	if err != nil {
		t.Fatal(err)
	}
	q = &corridors.Quoter{Catalogue: netted, Rates: q.Rates, Clock: clock, CashInProviders: q.CashInProviders}
	clock.Advance(3*time.Hour + 55*time.Minute) // Friday 15:55 in Bogotá: the window ends after the cut-off.
	got, err := q.Quote(t.Context(), request("US", "CO", remit.PayoutBank))
	if wait := int64(64*3600 + 300); err != nil || got.DeliveryP50Seconds != 7200+wait || got.DeliveryP95Seconds != 86400+wait {
		t.Errorf("delivery in %d and %d s, %v; want Monday's opening before both", got.DeliveryP50Seconds, got.DeliveryP95Seconds, err)
	}
	toWallet := request("US", "CO", remit.PayoutWallet)
	toWallet.Currency = "USD"
	got, err = q.Quote(t.Context(), toWallet)
	if err != nil || got.PayoutProvider != remit.ProviderWallet || got.SettlementMode != remit.SettlementBatched || got.SettlementWindowSeconds != 0 || got.DeliveryP50Seconds != 15 {
		t.Errorf("wallet: %s within %d s in %d s, %v; want batched at once", got.SettlementMode, got.SettlementWindowSeconds, got.DeliveryP50Seconds, err)
	}
}

func FuzzQuote(f *testing.F) {
	q, _ := setup(f)
	list := q.Catalogue.Corridors()
	f.Add(uint8(0), uint8(0), uint8(0), "200", "")
	f.Add(uint8(3), uint8(1), uint8(2), "", "1000.00")
	f.Add(uint8(9), uint8(2), uint8(1), "0.01", "")
	f.Fuzz(func(t *testing.T, which, in, out uint8, source, target string) {
		c := list[int(which)%len(list)]
		payout := c.Payouts[int(out)%len(c.Payouts)]
		r := corridors.Request{
			From: c.From, To: c.To, SourceAmount: source, TargetAmount: target, Currency: payout.Currency.Code,
			Funding: c.Funding[int(in)%len(c.Funding)].Method, Payout: payout.Method,
		}
		got, err := q.Quote(t.Context(), r)
		if err != nil {
			if remit.KindOf(err) != remit.KindInvalid {
				t.Fatalf("%+v: %v", r, err)
			}
			return
		}
		// The text may be written shorter than the amount is: compare values.
		if source != "" {
			r.SourceAmount = got.SourceTotal.Decimal()
			if m, err := remit.ParseMoney(c.Source, source); err != nil || m != got.SourceTotal {
				t.Fatalf("%q is quoted as %s", source, got.SourceTotal)
			}
		} else {
			r.TargetAmount = got.Target.Decimal()
			if m, err := remit.ParseMoney(payout.Currency, target); err != nil || m != got.Target {
				t.Fatalf("%q is quoted as %s", target, got.Target)
			}
		}
		checkEquations(t, q, r, got)
	})
}

func BenchmarkQuote(b *testing.B) {
	q, _ := setup(b)
	for name, r := range map[string]corridors.Request{
		"source": {From: "US", To: "PH", SourceAmount: "200", Funding: remit.FundingCard, Payout: remit.PayoutBank},
		"target": {From: "GB", To: "NG", TargetAmount: "250000", Funding: remit.FundingCard, Payout: remit.PayoutBank},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := q.Quote(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := corridors.Load(); err != nil {
			b.Fatal(err)
		}
	}
}
