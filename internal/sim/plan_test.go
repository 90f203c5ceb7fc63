package sim_test

import (
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// plan is how a remittance is meant to go, as far as the bank is concerned.
type plan struct {
	funding remit.FundingMethod
	// token and digits are the bank's magic values.
	token  string
	payout remit.PayoutMethod
	digits string
	rail   remit.Rail
	// network is that of the beneficiary's own wallet, memo what it asks for.
	network remit.Rail
	memo    string
	// mode is how the payment travels, window how long a netted one waits.
	mode   remit.SettlementMode
	window time.Duration
	// dollars is the principal.
	dollars int64
}

// hopeless reports whether the bank takes no refund back, whoever asks.
func (p plan) hopeless() bool {
	return p.token == "tok_refund_declined" || p.token == "tok_charged_back"
}

// pick rolls one of weighted words.
func pick[T any](w *world, words []T, weights ...int) T {
	total := 0
	for _, n := range weights {
		total += n
	}
	roll := w.rng.IntN(total)
	for i, n := range weights {
		if roll < n {
			return words[i]
		}
		roll -= n
	}
	return words[0]
}

func (w *world) randomPlan() plan {
	out := plan{
		funding: pick(w, []remit.FundingMethod{remit.FundingCard, remit.FundingBankDebit, remit.FundingBalance}, 5, 3, 2),
		token: pick(w, []string{
			"tok_good", "tok_declined", "tok_insufficient_funds", "tok_lost_reply", "tok_callback_twice", "tok_rejected_later",
			"tok_callback_reordered", "tok_pending", "tok_short", "tok_over", "tok_refund_declined", "tok_refund_pending", "tok_charged_back",
		}, 60, 4, 3, 5, 3, 4, 3, 12, 3, 3, 3, 3, 2),
		payout: pick(w, []remit.PayoutMethod{remit.PayoutBank, remit.PayoutMobileMoney, remit.PayoutCash, remit.PayoutWallet}, 4, 4, 3, 4),
		digits: pick(w, []string{
			"5566", "0001", "0002", "0004", "0005", "0006", "0007", "0008", "0009",
		}, 60, 5, 4, 5, 3, 6, 3, 3, 5),
		rail:    pick(w, []remit.Rail{remit.RailAuto, remit.RailStellar, remit.RailSolana}, 7, 2, 2),
		mode:    pick(w, []remit.SettlementMode{"", remit.SettlementBatched, remit.SettlementSingle, remit.SettlementNetted}, 1, 4, 2, 3),
		dollars: 20 + w.rng.Int64N(400),
	}
	switch {
	case out.payout == remit.PayoutWallet:
		out.network = pick(w, []remit.Rail{remit.RailStellar, remit.RailSolana}, 3, 1)
		out.rail = pick(w, []remit.Rail{remit.RailAuto, out.network}, 1, 1)
		out.memo = pick(w, []string{"", "104552"}, 2, 1)
		out.mode = pick(w, []remit.SettlementMode{remit.SettlementBatched, remit.SettlementSingle}, 2, 1)
	case out.mode == remit.SettlementNetted:
		out.window = pick(w, []time.Duration{5 * time.Second, time.Minute, time.Hour}, 3, 3, 1)
	}
	return out
}

// wallet is the address of a beneficiary's own wallet.
func wallet(id remit.BeneficiaryID) string { return "G-wallet-of-" + string(id) }

// send creates a remittance by a plan.
func (w *world) send(p plan) remit.Remittance {
	w.t.Helper()
	b := remit.Beneficiary{
		ID: newID[remit.BeneficiaryID](w, remit.PrefixBeneficiary), TenantID: w.tenant, Method: p.payout, CreatedAt: w.clock.Now(),
		Party:   remit.Party{GivenName: "Jejomar", FamilyName: "Katigbak", Country: "PH", Phone: "+63917555" + p.digits},
		Account: map[string]string{"bank_code": "BPI", "account_number": "99887766" + p.digits},
	}
	switch p.payout {
	case remit.PayoutCash:
		b.Account = nil
	case remit.PayoutWallet:
		b.Account = map[string]string{"network": string(p.network), "address": wallet(b.ID)}
		if p.memo != "" {
			b.Account["memo"] = p.memo
		}
	case remit.PayoutBank, remit.PayoutMobileMoney:
	}
	w.must(w.store.CreateBeneficiary(w.ctx, b))
	q := w.quote(p)
	w.must(w.store.CreateQuote(w.ctx, q))
	n := api.NewRemittance{
		ID: newID[remit.RemittanceID](w, remit.PrefixRemittance), TenantID: w.tenant, QuoteID: q.ID, CustomerID: w.customer, BeneficiaryID: b.ID,
		Reference: fmt.Sprintf("order-%d", w.serial), Purpose: "family_support", FundingSource: p.token,
	}
	if p.funding == remit.FundingBalance {
		n.FundingSource = ""
	}
	r, err := w.store.CreateRemittance(w.ctx, n)
	w.must(err)
	w.plans[r.ID] = p
	return r
}

func (w *world) quote(p plan) remit.Quote {
	rate, err := remit.ParseRate(usd, php, "56.1")
	w.must(err)
	dollars := func(minor int64) remit.Money { return remit.NewMoney(usd, minor) }
	principal := p.dollars * 100
	cost := principal - principal/100
	target, _, err := rate.Convert(dollars(principal), remit.RoundDown)
	w.must(err)
	provider := "sandbox"
	if p.funding == remit.FundingBalance {
		provider = ""
	}
	q := remit.Quote{
		ID: newID[remit.QuoteID](w, remit.PrefixQuote), TenantID: w.tenant, Corridor: "US-PH", From: "US", To: "PH",
		Funding: p.funding, Payout: p.payout, Rail: p.rail, SourceTotal: dollars(principal + 499), Principal: dollars(principal),
		Fees: []remit.FeeLine{
			{Kind: remit.FeeOurs, Description: "Fee", Amount: dollars(499)},
			{Kind: remit.FeeFXMargin, Description: "Margin", Amount: dollars(principal / 100), IncludedInRate: true},
		},
		Rate: rate, Mid: rate, MidAsOf: w.clock.Now(), Target: target, Settlement: remit.NewMoney(remit.USDC, cost*10_000), CostOfSettlement: dollars(cost),
		FundingProvider: provider, PayoutProvider: "sandbox", CreatedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(15 * time.Minute),
		SettlementMode: p.mode, SettlementWindowSeconds: int64(p.window / time.Second),
	}
	if p.payout == remit.PayoutWallet {
		q.PayoutProvider, q.Target = remit.ProviderWallet, dollars(cost)
		q.Rate, err = remit.NewRate(usd, usd, 99, 100)
		w.must(err)
		q.Mid = q.Rate
	}
	return q
}
