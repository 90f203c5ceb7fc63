package main

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// quoteFlags say what is to be priced.
type quoteFlags struct {
	from, to, amount, payout, funding, rail, currency string
	receive                                           bool
}

func (q *quoteFlags) add(f *pflag.FlagSet) {
	f.StringVar(&q.from, "from", "US", "country that the money comes from")
	f.StringVar(&q.to, "to", "", "country that the money goes to, such as PH")
	f.StringVar(&q.amount, "amount", "", "how much, such as 200 or 200.05: what is paid, or with --receive what must arrive")
	f.BoolVar(&q.receive, "receive", false, "--amount is what the beneficiary receives")
	f.StringVar(&q.payout, "payout", "", "bank, mobile_money, cash or wallet (the corridor's first when absent)")
	f.StringVar(&q.funding, "funding", "card", "card, bank_debit, balance, or cash at a counter")
	f.StringVar(&q.rail, "rail", "auto", "stellar, solana or auto")
	f.StringVar(&q.currency, "currency", "", "what is paid out, where the corridor offers more than one currency")
}

// request completes the flags by the corridor: its currencies and first method.
func (q *quoteFlags) request(ctx context.Context, a *app) (*v1.CreateQuoteRequest, error) {
	if q.to == "" || q.amount == "" {
		return nil, usagef("say where to and how much, such as --to PH --amount 200")
	}
	id := strings.ToUpper(q.from) + "-" + strings.ToUpper(q.to)
	got, err := call(ctx, a, "", v1.NewCorridorServiceClient(a.conn).GetCorridor, &v1.GetCorridorRequest{Id: id})
	if err != nil {
		return nil, err
	}
	corridor := got.GetCorridor()
	if q.payout == "" && len(corridor.GetPayoutMethods()) > 0 {
		q.payout = corridor.GetPayoutMethods()[0].GetMethod()
	}
	req := &v1.CreateQuoteRequest{
		From: corridor.GetFrom(), To: corridor.GetTo(), FundingMethod: q.funding, PayoutMethod: q.payout, Rail: q.rail,
	}
	if !q.receive {
		req.SourceAmount = &v1.Money{Currency: corridor.GetSourceCurrency(), Amount: q.amount}
		req.TargetCurrency = q.currency
		return req, nil
	}
	currency := q.currency
	for _, o := range corridor.GetPayoutMethods() {
		if currency == "" && o.GetMethod() == q.payout {
			currency = o.GetMinimum().GetCurrency()
		}
	}
	req.TargetAmount = &v1.Money{Currency: currency, Amount: q.amount}
	return req, nil
}

func (a *app) quoteCommand() *cobra.Command {
	var q quoteFlags
	c := &cobra.Command{
		Use: "quote", Short: "Make a firm offer: fees, rate, what arrives and until when it holds",
		Example: "  remit quote --from US --to PH --amount 200 --payout mobile_money --funding card",
		Args:    exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			quote, err := a.quote(c.Context(), &q)
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(quote)
			}
			return a.showQuote(quote)
		},
	}
	q.add(c.Flags())
	return c
}

func (a *app) quote(ctx context.Context, q *quoteFlags) (*v1.Quote, error) {
	if err := a.connect(); err != nil {
		return nil, err
	}
	req, err := q.request(ctx, a)
	if err != nil {
		return nil, err
	}
	resp, err := call(ctx, a, "quote", v1.NewQuoteServiceClient(a.conn).CreateQuote, req)
	if err != nil {
		return nil, err
	}
	return resp.GetQuote(), nil
}

// showQuote writes the quote as a receipt whose lines add up.
func (a *app) showQuote(q *v1.Quote) error {
	type line struct{ what, amount, note string }
	lines := []line{{"Paid by " + words(q.GetFundingMethod()), money(q.GetSourceAmount()), ""}}
	for _, f := range q.GetFees() {
		if f.GetIncludedInRate() {
			lines = append(lines, line{f.GetDescription(), money(f.GetAmount()), "   within the rate"})
		} else {
			lines = append(lines, line{f.GetDescription(), money(minus(f.GetAmount())), ""})
		}
	}
	lines = append(lines, line{"Converted", money(q.GetPrincipal()), ""},
		line{"Arrives by " + words(q.GetPayoutMethod()), money(q.GetTargetAmount()), ""})
	label, width := 0, 0
	for _, l := range lines {
		label, width = max(label, utf8.RuneCountInString(l.what)), max(width, utf8.RuneCountInString(l.amount))
	}
	fmt.Fprintf(a.out, "Quote %s, firm until %s\n", q.GetId(), clock(q.GetExpiresAt()))
	for _, l := range lines {
		fmt.Fprintf(a.out, "  %-*s  %*s%s\n", label, l.what, width, l.amount, l.note)
	}
	rate := q.GetRate()
	fmt.Fprintf(a.out, "  1 %s = %s %s, 1 %s = %s %s, mid rate %s\n", rate.GetBase(), rate.GetValue(), rate.GetQuote(),
		rate.GetQuote(), rate.GetInverse(), rate.GetBase(), q.GetMidRate().GetValue())
	fmt.Fprintf(a.out, "  usually there in %s, nearly always within %s\n", span(q.GetDeliveryP50Seconds()), span(q.GetDeliveryP95Seconds()))
	return nil
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// minus is an amount taken away.
func minus(m *v1.Money) *v1.Money {
	return &v1.Money{Currency: m.GetCurrency(), Amount: "-" + m.GetAmount()}
}

func (a *app) corridorsCommand() *cobra.Command {
	var from, to string
	c := &cobra.Command{
		Use: "corridors", Short: "List from where to where money can be sent", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewCorridorServiceClient(a.conn).ListCorridors,
				&v1.ListCorridorsRequest{From: strings.ToUpper(from), To: strings.ToUpper(to)})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp)
			}
			rows := [][]string{{"CORRIDOR", "PAID", "RECEIVED", "FUNDING", "PAYOUT", "RAILS"}}
			for _, k := range resp.GetCorridors() {
				var funding, payout []string
				for _, o := range k.GetFundingMethods() {
					funding = append(funding, o.GetMethod())
				}
				for _, o := range k.GetPayoutMethods() {
					name := o.GetMethod()
					if other := o.GetMinimum().GetCurrency(); other != k.GetTargetCurrency() {
						name += "/" + other
					}
					payout = append(payout, name)
				}
				rows = append(rows, []string{k.GetId(), k.GetSourceCurrency(), k.GetTargetCurrency(),
					strings.Join(funding, " "), strings.Join(payout, " "), strings.Join(k.GetRails(), " ")})
			}
			return a.table(rows)
		},
	}
	c.Flags().StringVar(&from, "from", "", "only from this country")
	c.Flags().StringVar(&to, "to", "", "only to this country")
	return c
}
