package bench_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit/internal/testenv"
	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

var (
	rounds      = flag.Int("rounds", 3, "how often the gateway and the bare workflow are measured, in turn")
	remittances = flag.Int("remittances", 512, "remittances, and bare workflows, in a round")
	callers     = flag.Int("callers", 256, "how many are under way at once")
)

func TestMain(m *testing.M) { testenv.Main(m) }

// BenchmarkRemittances drives remittances (US to PH, card to bank, either rail)
// through a real gateway and, in turn on the same Temporal server, bare
// workflows of the same shape, and reports medians over the rounds.
//
//	go test ./internal/bench -run - -bench Remittances -rounds 5
func BenchmarkRemittances(b *testing.B) {
	gateway := startGateway(b)
	bare := startBare(b, gateway.Counterparts.Temporal)
	for b.Loop() {
		// The first is slower on either side: connections, caches, pages.
		gateway.round(*remittances / 4)
		bare.round(*remittances / 4)
		var full, plain []result
		for i := range *rounds {
			// The one that goes second finds the machine as the first left it.
			if i%2 == 0 {
				full, plain = append(full, gateway.round(*remittances)), append(plain, bare.round(*remittances))
			} else {
				plain, full = append(plain, bare.round(*remittances)), append(full, gateway.round(*remittances))
			}
			b.Logf("round %d: gateway %s; bare %s; ratio %.2f", i+1, full[i], plain[i], full[i].rate/plain[i].rate)
		}
		report(b, full, plain)
	}
	b.Logf("median time before each event:%s", gateway.feed.whereTimeGoes())
	gateway.isClean()
}

// report gives the medians over the rounds. The ratios are taken round by
// round, so that a disturbance of the machine meets both sides of one.
func report(b *testing.B, full, plain []result) {
	pairs := make([][2]result, len(full))
	for i := range pairs {
		pairs[i] = [2]result{full[i], plain[i]}
	}
	b.ReportMetric(median(full, func(r result) float64 { return r.rate }), "remittances/s")
	b.ReportMetric(median(full, func(r result) float64 { return r.p50.Seconds() }), "p50-s")
	b.ReportMetric(median(full, func(r result) float64 { return r.p99.Seconds() }), "p99-s")
	b.ReportMetric(median(full, func(r result) float64 { return float64(r.quote.Microseconds()) / 1000 }), "quote-p50-ms")
	b.ReportMetric(median(full, func(r result) float64 { return float64(r.cpu.Microseconds()) / 1000 }), "cpu-ms")
	b.ReportMetric(median(plain, func(r result) float64 { return r.rate }), "bare/s")
	b.ReportMetric(median(plain, func(r result) float64 { return float64(r.cpu.Microseconds()) / 1000 }), "bare-cpu-ms")
	b.ReportMetric(median(pairs, func(p [2]result) float64 { return p[0].rate / p[1].rate }), "of-bare")
}

// result is what a round came to.
type result struct {
	// rate is completions per second, from the first start to the last end.
	rate float64
	// p50 and p99 are from the request to the end as the caller learns it.
	p50, p99 time.Duration
	// quote is the median time of asking for a quote; none for bare workflows.
	quote time.Duration
	// cpu is the processor time of all processes for each one.
	cpu time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("%.1f/s, p50 %s, p99 %s, cpu %s", r.rate,
		r.p50.Round(time.Millisecond), r.p99.Round(time.Millisecond), r.cpu.Round(100*time.Microsecond))
}

// timing is how long one took.
type timing struct{ whole, quote time.Duration }

// drive runs n calls, as many at once as there are callers, and sums them up.
func drive(b *testing.B, n int, call func(i int) (timing, error)) result {
	b.Helper()
	timings, errs, next := make([]timing, n), make([]error, n), make(chan int)
	var wait sync.WaitGroup
	before, start := processorTime(b), time.Now()
	for range min(n, *callers) {
		wait.Go(func() {
			for i := range next {
				timings[i], errs[i] = call(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	took, cpu := time.Since(start), processorTime(b)-before
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
	whole, quotes := make([]time.Duration, n), make([]time.Duration, n)
	for i, t := range timings {
		whole[i], quotes[i] = t.whole, t.quote
	}
	slices.Sort(whole)
	slices.Sort(quotes)
	return result{rate: float64(n) / took.Seconds(), p50: whole[n/2], p99: whole[n*99/100], quote: quotes[n/2], cpu: cpu / time.Duration(n)}
}

func median[T any](of []T, value func(T) float64) float64 {
	values := make([]float64, len(of))
	for i, v := range of {
		values[i] = value(v)
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// gateway is the real gateway with what its callers hold.
type gateway struct {
	*testenv.Gateway
	b    *testing.B
	feed *feed
	// sent counts all remittances, so that no key is used twice.
	sent int
}

func startGateway(b *testing.B) *gateway {
	g := &gateway{b: b, Gateway: testenv.Start(b,
		"--ledger-interval", "200ms", "--slot-interval", "200ms", "--bank-settle", "0s", "--pickup-delay", "0s")}
	g.feed = followFeed(b, g.Gateway)
	return g
}

// person is a customer with the one they send to.
type person struct{ customer, beneficiary string }

// round sends n remittances and waits until all are completed. The people are
// there before the clock starts; asking for the quote is part of it.
func (g *gateway) round(n int) result {
	g.b.Helper()
	first := g.sent
	g.sent += n
	people := make([]person, n)
	drive(g.b, n, func(i int) (timing, error) {
		var err error
		people[i], err = g.person(first + i)
		return timing{}, err
	})
	return drive(g.b, n, func(i int) (timing, error) { return g.send(first+i, people[i]) })
}

func (g *gateway) person(i int) (person, error) {
	customer, err := remitv1.NewCustomerServiceClient(g.Conn).CreateCustomer(g.key("customer", i), &remitv1.CreateCustomerRequest{
		KycTier: "verified",
		Party: &remitv1.Party{
			GivenName: "Alice", FamilyName: "Walker", DateOfBirth: "1988-04-12", Country: "US", Nationality: "US",
			AddressLine: "12 Oak Street", City: "Austin", PostalCode: "73301", Phone: "+15125550123",
			DocumentType: "passport", DocumentNumber: "X1234567",
		},
	})
	if err != nil {
		return person{}, fmt.Errorf("create customer: %w", err)
	}
	beneficiary, err := remitv1.NewBeneficiaryServiceClient(g.Conn).CreateBeneficiary(g.key("beneficiary", i), &remitv1.CreateBeneficiaryRequest{
		PayoutMethod: "bank", Account: map[string]string{"bank_code": "BOPIPHMM", "account_number": "1234567899"},
		Party: &remitv1.Party{
			GivenName: "Maria", FamilyName: "Santos", Country: "PH", Nationality: "PH", Phone: "+639171234567",
			AddressLine: "7 Mabini Street", City: "Manila", PostalCode: "1000",
		},
	})
	if err != nil {
		return person{}, fmt.Errorf("create beneficiary: %w", err)
	}
	return person{customer.GetCustomer().GetId(), beneficiary.GetBeneficiary().GetId()}, nil
}

// send takes one remittance from its quote to its completion.
func (g *gateway) send(i int, p person) (timing, error) {
	start := time.Now()
	quote, err := remitv1.NewQuoteServiceClient(g.Conn).CreateQuote(g.key("quote", i), &remitv1.CreateQuoteRequest{
		From: "US", To: "PH", FundingMethod: "card", PayoutMethod: "bank", Rail: []string{"stellar", "solana", "auto"}[i%3],
		SourceAmount: &remitv1.Money{Currency: "USD", Amount: fmt.Sprint(100 + i%100)},
	})
	if err != nil {
		return timing{}, fmt.Errorf("create quote: %w", err)
	}
	quoted := time.Now()
	created, err := remitv1.NewRemittanceServiceClient(g.Conn).CreateRemittance(g.key("remittance", i), &remitv1.CreateRemittanceRequest{
		QuoteId: quote.GetQuote().GetId(), CustomerId: p.customer, BeneficiaryId: p.beneficiary, Purpose: "family_support", FundingSource: "tok_ok",
	})
	if err != nil {
		return timing{}, fmt.Errorf("create remittance: %w", err)
	}
	end, err := g.feed.completed(created.GetRemittance().GetId())
	if err != nil {
		return timing{}, err
	}
	return timing{whole: end.Sub(quoted), quote: quoted.Sub(start)}, nil
}

// key is the context of a write: the first of its kind for the remittance.
func (g *gateway) key(what string, i int) context.Context {
	return g.Context(fmt.Sprintf("bench-%s-%d", what, i))
}

// isClean checks that the ledger is sound and nothing is left on the way.
func (g *gateway) isClean() {
	g.b.Helper()
	report, err := remitv1.NewLedgerServiceClient(g.Conn).VerifyLedger(g.Context(""), &remitv1.VerifyLedgerRequest{})
	if err != nil {
		g.b.Fatalf("verify ledger: %v", err)
	}
	if !report.GetClean() {
		g.b.Errorf("ledger: %v", report.GetFindings())
	}
	inTransit(g.b, report.GetBalances())
}
