package e2e_test

import (
	"encoding/json"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// inCoin is a remittance of a corridor that settles in another coin than USDC.
type inCoin struct {
	from, to, currency, payout, rail string
	account                          map[string]string
	originator, beneficiary          *remitv1.Party
}

// euros go from Britain to Germany in EURC, dollars to Zimbabwe in PYUSD.
func euros(rail string) inCoin {
	return inCoin{
		"GB", "DE", "GBP", "bank", rail, map[string]string{"iban": "DE89370400440532013000"},
		&remitv1.Party{
			GivenName: "Alice", FamilyName: "Walker", DateOfBirth: "1988-04-12", Country: "GB", Nationality: "GB", AddressLine: "12 Oak Street",
			City: "Leeds", PostalCode: "LS1 4DY", Phone: "+447400123456", DocumentType: "passport", DocumentNumber: "X1234567",
		},
		&remitv1.Party{GivenName: "Anna", FamilyName: "Schmidt", Country: "DE", Nationality: "DE", AddressLine: "Lindenweg 7", City: "Bremen", PostalCode: "28195", Phone: "+4915123456789"},
	}
}

func dollars(rail string) inCoin {
	return inCoin{
		"US", "ZW", "USD", "cash", rail, nil, order{}.withDefaults().originator,
		&remitv1.Party{
			GivenName: "Tariro", FamilyName: "Moyo", Country: "ZW", Nationality: "ZW", AddressLine: "3 Samora Machel Avenue", City: "Harare", Phone: "+263712345678",
			DocumentType: "national_id", DocumentNumber: "63123456A42",
		},
	}
}

// sendIn sends a hundred and returns the remittance's id.
func (g *gateway) sendIn(o inCoin) string {
	g.t.Helper()
	quote, err := g.quotes().CreateQuote(g.ctx(nextKey("quote")), &remitv1.CreateQuoteRequest{
		From: o.from, To: o.to, FundingMethod: "card", PayoutMethod: o.payout, Rail: o.rail, SourceAmount: &remitv1.Money{Currency: o.currency, Amount: "100"},
	})
	if err != nil {
		g.t.Fatalf("quote: %v", err)
	}
	customer, err := g.customers().CreateCustomer(g.ctx(nextKey("customer")), &remitv1.CreateCustomerRequest{Party: o.originator, KycTier: "verified"})
	if err != nil {
		g.t.Fatalf("customer: %v", err)
	}
	beneficiary, err := g.beneficiaries().CreateBeneficiary(g.ctx(nextKey("beneficiary")), &remitv1.CreateBeneficiaryRequest{
		Party: o.beneficiary, PayoutMethod: o.payout, Account: o.account,
	})
	if err != nil {
		g.t.Fatalf("beneficiary: %v", err)
	}
	created, err := g.remittances().CreateRemittance(g.ctx(nextKey("remittance")), &remitv1.CreateRemittanceRequest{
		QuoteId: quote.GetQuote().GetId(), CustomerId: customer.GetCustomer().GetId(), BeneficiaryId: beneficiary.GetBeneficiary().GetId(),
		Purpose: "family_support", FundingSource: "tok_ok",
	})
	if err != nil {
		g.t.Fatalf("remittance: %v", err)
	}
	return created.GetRemittance().GetId()
}

// TestCoins settles in three coins on both rails, also after the process was
// killed, which finds its lookup table again.
func TestCoins(t *testing.T) {
	t.Parallel()
	g := start(t)
	ids := make(map[string]string) // the coin, by remittance
	for _, rail := range []string{"stellar", "solana"} {
		ids[g.sendIn(euros(rail))], ids[g.sendIn(dollars(rail))], ids[g.send(order{rail: rail})] = "EURC", "PYUSD", "USDC"
	}
	g.settledIn(ids)
	tables := func() (list []struct {
		Address string
		Entries []string
	}) {
		text, err := os.ReadFile(filepath.Join(g.Dir, "solana-tables.json"))
		if err == nil {
			err = json.Unmarshal(text, &list)
		}
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return list
	}
	g.until(60*time.Second, "the lookup table has the treasury's accounts and mints", func() bool {
		list := tables()
		return len(list) == 1 && len(list[0].Entries) >= 9
	})
	before := tables()[0]
	g.Kill()
	g.Run()
	after := map[string]string{g.sendIn(euros("solana")): "EURC", g.sendIn(dollars("solana")): "PYUSD"}
	g.settledIn(after)
	if list := tables(); len(list) != 1 || list[0].Address != before.Address || !slices.Equal(list[0].Entries[:len(before.Entries)], before.Entries) {
		t.Errorf("after a restart the tables are %+v, want %s", list, before.Address)
	}
	maps.Copy(ids, after)
	g.booksAgree()
	g.treasuriesAgree(ids)
}

// settledIn waits for remittances and checks the coins that they crossed in.
func (g *gateway) settledIn(ids map[string]string) {
	g.t.Helper()
	for id, coin := range ids {
		r := g.reaches(id, "completed")
		wants(g.t, r, "paid", "")
		if got := r.GetSettlement().GetAmount().GetCurrency(); got != coin+"_"+strings.ToUpper(r.GetRail()) {
			g.t.Errorf("%s of corridor %s crossed in %s, want %s", id, r.GetCorridor(), got, coin)
		}
	}
}

// treasuriesAgree checks that the ledger's treasuries hold what was issued less
// what crossed, and what the chains' treasuries hold.
func (g *gateway) treasuriesAgree(ids map[string]string) {
	g.t.Helper()
	report, err := remitv1.NewLedgerServiceClient(g.Conn).VerifyLedger(g.ctx(""), &remitv1.VerifyLedgerRequest{})
	if err != nil {
		g.t.Fatal(err)
	}
	booked := make(map[string]int64)
	for _, b := range report.GetBalances() {
		if rail, ok := strings.CutPrefix(b.GetAccount(), "treasury/"); ok {
			coin, _, _ := strings.Cut(b.GetPosted().GetCurrency(), "_")
			booked[rail+" "+coin] = minor(g, b.GetPosted())
		}
	}
	want := make(map[string]int64)
	for rail, unit := range map[string]int64{"stellar": 10_000_000, "solana": 1_000_000} {
		for _, coin := range []string{"USDC", "EURC", "PYUSD"} {
			want[rail+" "+coin] = 1_000_000 * unit
		}
	}
	want["solana USDT"] = 1_000_000 * 1_000_000
	for id, coin := range ids {
		r := g.remittance(id)
		want[r.GetRail()+" "+coin] -= minor(g, r.GetSettlement().GetAmount())
	}
	if !maps.Equal(booked, want) {
		g.t.Errorf("the ledger's treasuries hold %v, want %v", booked, want)
	}
	var metrics string
	g.get(g.REST+"/metrics", &metrics)
	for key, n := range want {
		rail, coin, _ := strings.Cut(key, " ")
		name := `remit_treasury_minor_units{coin="` + coin + `",rail="` + rail + `"} `
		g.until(30*time.Second, key+" on chain is as in the ledger", func() bool {
			g.get(g.REST+"/metrics", &metrics)
			_, rest, _ := strings.Cut(metrics, name)
			line, _, _ := strings.Cut(rest, "\n")
			return sameNumber(line, n)
		})
	}
}

// sameNumber compares a gauge as Prometheus writes it with a whole number.
func sameNumber(written string, n int64) bool {
	got, ok := new(big.Rat).SetString(written)
	return ok && got.Cmp(new(big.Rat).SetInt64(n)) == 0
}
