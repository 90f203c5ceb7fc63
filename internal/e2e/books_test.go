package e2e_test

import (
	"strconv"
	"strings"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// movement is a line of the bank's own book.
type movement struct {
	Reference string `json:"reference"`
	Direction string `json:"direction"`
	Kind      string `json:"kind"`
	Amount    struct {
		Currency string `json:"currency"`
		Minor    int64  `json:"minor"`
	} `json:"amount"`
}

// chainPayment is a payment from a treasury to an off-ramp or a wallet, as a
// chain has it.
type chainPayment struct {
	hash   string
	amount int64
}

// booksAgree checks every book against the others: the gateway's ledger, the
// remittances, both chains and the bank.
func (g *gateway) booksAgree() {
	g.t.Helper()
	report, err := remitv1.NewLedgerServiceClient(g.Conn).VerifyLedger(g.ctx(""), &remitv1.VerifyLedgerRequest{})
	if err != nil {
		g.t.Fatalf("verify ledger: %v", err)
	}
	if !report.GetClean() {
		g.t.Errorf("ledger: %v", report.GetFindings())
	}
	all := g.allRemittances()
	for rail, payments := range map[string][]chainPayment{"stellar": g.stellarPayments(), "solana": g.solanaPayments()} {
		g.chainAgrees(rail, payments, all)
	}
	g.bankAgrees(all)
	for _, b := range report.GetBalances() {
		if strings.HasPrefix(b.GetAccount(), "remittance/") && !isZero(b.GetPosted().GetAmount()) {
			r := g.remittance(strings.TrimPrefix(b.GetAccount(), "remittance/"))
			if ended(r.GetState()) {
				g.t.Errorf("%s has ended as %s and its account holds %s %s", r.GetId(), r.GetState(), b.GetPosted().GetCurrency(), b.GetPosted().GetAmount())
			}
		}
		if strings.HasPrefix(b.GetAccount(), "intransit/") && !isZero(b.GetPosted().GetAmount()) {
			g.t.Errorf("%s holds %s with nothing in flight", b.GetAccount(), b.GetPosted().GetAmount())
		}
	}
}

func isZero(amount string) bool { return strings.Trim(amount, "0.") == "" }

func (g *gateway) allRemittances() []*remitv1.Remittance {
	g.t.Helper()
	var all []*remitv1.Remittance
	token := ""
	for {
		page, err := g.remittances().ListRemittances(g.ctx(""), &remitv1.ListRemittancesRequest{PageSize: 100, PageToken: token})
		if err != nil {
			g.t.Fatalf("list remittances: %v", err)
		}
		for _, r := range page.GetRemittances() {
			all = append(all, g.remittance(r.GetId()))
		}
		if token = page.GetNextPageToken(); token == "" {
			return all
		}
	}
}

// chainAgrees checks that the chain holds one payment for every settled
// remittance, of its amount, in the transaction that it names, and no other.
func (g *gateway) chainAgrees(rail string, payments []chainPayment, all []*remitv1.Remittance) {
	g.t.Helper()
	unexplained := make(map[chainPayment]int)
	for _, p := range payments {
		unexplained[p]++
	}
	netted := make(map[string]int64)
	for _, r := range all {
		s := r.GetSettlement()
		if s.GetRail() != rail || s.GetStatus() != "settled" {
			continue
		}
		p := chainPayment{hash: s.GetHash(), amount: minor(g, s.GetAmount())}
		if s.GetMode() == "netted" {
			netted[p.hash] += p.amount
			continue
		}
		if rail == "stellar" && unexplained[p] == 0 && g.leftToClaim(p) {
			continue
		}
		if unexplained[p] == 0 {
			g.t.Errorf("%s is settled by %s on %s; the chain has no such payment", r.GetId(), s.GetHash(), rail)
		}
		unexplained[p]--
	}
	for hash, sum := range netted {
		p := chainPayment{hash: hash, amount: sum}
		if unexplained[p] == 0 {
			g.t.Errorf("netted remittances of %d are settled by %s on %s; the chain has no such payment", sum, hash, rail)
		}
		unexplained[p]--
	}
	for p, n := range unexplained {
		if n != 0 {
			g.t.Errorf("%s: %d payments of %d in %s belong to no remittance", rail, n, p.amount, p.hash)
		}
	}
}

// minor reads an amount's minor units from its decimals as printed in full.
func minor(g *gateway, m *remitv1.Money) int64 {
	g.t.Helper()
	n, err := strconv.ParseInt(strings.Replace(m.GetAmount(), ".", "", 1), 10, 64)
	if err != nil {
		g.t.Fatalf("amount %q: %v", m.GetAmount(), err)
	}
	return n
}

func (g *gateway) stellarPayments() []chainPayment {
	g.t.Helper()
	var books struct {
		Payments []struct {
			Hash, From, To string
			Stroops        int64
		} `json:"payments"`
	}
	g.get(g.Counterparts.Horizon+"/_books", &books)
	var found []chainPayment
	for _, p := range books.Payments {
		if p.From == g.Counterparts.Treasury["stellar"] && g.receives("stellar", p.To) {
			found = append(found, chainPayment{p.Hash, p.Stroops})
		}
	}
	return found
}

func (g *gateway) solanaPayments() []chainPayment {
	g.t.Helper()
	var found []chainPayment
	for after := 0; ; {
		var page struct {
			Transfers []struct {
				Sequence         int
				Signature        string
				SourceOwner      string `json:"source_owner"`
				DestinationOwner string `json:"destination_owner"`
				Amount           int64  `json:"amount,string"`
			}
		}
		g.get(g.Counterparts.Solana+"/_books?limit=1000&after="+strconv.Itoa(after), &page)
		if len(page.Transfers) == 0 {
			return found
		}
		for _, p := range page.Transfers {
			if p.SourceOwner == g.Counterparts.Treasury["solana"] && g.receives("solana", p.DestinationOwner) {
				found = append(found, chainPayment{p.Signature, p.Amount})
			}
			after = p.Sequence
		}
	}
}

// receives reports whether an address is one that the gateway pays: the
// off-ramp's or a wallet that a test named.
func (g *gateway) receives(rail, address string) bool {
	return address == g.Counterparts.Partner[rail] || address == g.Counterparts.Wallet[rail]
}

// bankAgrees checks that the bank moved money once for every leg that the
// gateway calls succeeded, of its amount, and for no other.
func (g *gateway) bankAgrees(all []*remitv1.Remittance) {
	g.t.Helper()
	var books struct {
		Movements []movement `json:"movements"`
	}
	g.get(g.Counterparts.Bank+"/v1/books", &books)
	net := make(map[string]int64)
	for _, m := range books.Movements {
		if m.Kind == "back" {
			net[m.Reference] -= m.Amount.Minor
		} else {
			net[m.Reference] += m.Amount.Minor
		}
	}
	for _, r := range all {
		for _, leg := range []*remitv1.RampLeg{r.GetFunding(), r.GetPayout(), r.GetRefund()} {
			if leg.GetId() == "" || leg.GetProvider() == counter.Name {
				continue // What passes at our own counters is no bank's.
			}
			want := int64(0)
			if leg.GetStatus() == "succeeded" {
				want = minor(g, leg.GetAmount())
				if leg.GetReceived().GetAmount() != "" {
					want = minor(g, leg.GetReceived())
				}
			}
			if net[leg.GetId()] != want {
				g.t.Errorf("%s: leg %s is %s for %d, the bank moved %d", r.GetId(), leg.GetId(), leg.GetStatus(), want, net[leg.GetId()])
			}
			delete(net, leg.GetId())
		}
		paidIn := r.GetFunding().GetStatus() == "succeeded"
		if paidOut := r.GetPayout().GetStatus() == "succeeded" || r.GetPayoutMethod() == "wallet"; r.GetState() == "completed" && !paidOut {
			g.t.Errorf("%s is completed, its payout %s", r.GetId(), r.GetPayout().GetStatus())
		}
		if r.GetState() == "refunded" && paidIn && r.GetRefund().GetStatus() != "succeeded" {
			g.t.Errorf("%s is refunded, its refund %s", r.GetId(), r.GetRefund().GetStatus())
		}
	}
	for reference, amount := range net {
		if amount != 0 {
			g.t.Errorf("the bank moved %d for %s, which no remittance names", amount, reference)
		}
	}
}
