package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// settle pays remittances in one netted transaction, as gates and rail would.
func (g *gateway) settle(ids ...string) {
	g.t.Helper()
	ctx := g.t.Context()
	attempt := settlement.Attempt{ID: remit.AttemptID("att_" + ids[0][4:]), Rail: remit.RailStellar, Mode: settlement.ModeNetted, Bytes: []byte{1}, Hash: "beef", Expiry: 9}
	for _, id := range ids {
		order := settlement.Order{
			ID: remit.OrderID("ord_" + id[4:]), Leg: 1, Rail: remit.RailStellar, Amount: remit.NewMoney(remit.USDCStellar, 1_950_000_000),
			Destination: "GPARTNER", Memo: "m", Mode: settlement.ModeNetted,
		}
		_, err := g.store.Book().Apply(ctx, workflows.Move{
			Remittance: remit.RemittanceID(id), From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
		}, workflows.Move{
			Remittance: remit.RemittanceID(id), From: remit.StateFunded, To: remit.StateSettling, Funds: remit.FundsInTransit,
			EventType: "remittance.settling", SettlementOrder: &order, Change: func(r *remit.Remittance) { r.SettlementOrder = order.ID },
		})
		must(g.t, err)
		attempt.Orders = append(attempt.Orders, order.ID)
	}
	must(g.t, g.store.SaveAttempt(ctx, attempt))
	g.refused(g.call("GET", "/v1/remittances/"+ids[0]+"/settlement-proof", ""), want{status: 409, reason: "NOT_SETTLED", todo: "fix"})
	must(g.t, g.store.FinishAttempt(ctx, attempt.ID, settlement.Outcome{Status: settlement.OutcomeSettled}))
}

func TestSettlementProof(t *testing.T) {
	t.Parallel()
	g := setup(t)
	first := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t).text("id")
	second := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t).text("id")
	path := "/v1/remittances/" + first + "/settlement-proof"
	g.settle(first, second)
	p := g.call("GET", path, "").ok(t)
	if p.text("remittance_id") != first || p.text("transaction_hash") != "beef" || p.text("mode") != "netted" || p.text("memo_type") != "hash" ||
		p.text("payment", "amount") != "390.0000000" || p.text("explorer_url") != "http://explorer/stellar/beef" || p.text("memo") != p.text("root") {
		t.Errorf("got %s", p.body)
	}
	steps, _ := p.json["path"].([]any)
	other := g.call("GET", "/v1/remittances/"+second+"/settlement-proof", "").ok(t)
	if len(steps) != 1 || !strings.Contains(fmt.Sprint(steps[0]), other.text("leaf_hash")) || other.text("root") != p.text("root") {
		t.Errorf("the path of %s does not pass %s", p.body, other.body)
	}
	if r := g.call("GET", "/v1/remittances/"+first, "").ok(t); r.text("settlement", "mode") != "netted" {
		t.Errorf("the remittance says %s", r.body)
	}
	g.callAs(g.reader, "", "GET", path, "").ok(t)
	g.refused(g.callAs(g.other, "", "GET", path, ""), want{status: 404, reason: "NOT_FOUND", todo: "fix"})
	g.refused(g.callAs("", "", "GET", path, ""), want{status: 401, reason: "UNAUTHENTICATED", todo: "fix"})
	g.refused(g.call("GET", "/v1/remittances/x/settlement-proof", ""), want{status: 400, reason: "ID_MALFORMED", todo: "fix", field: "remittance_id"})
}

// TestWalletMatchesQuote: a wallet is paid on its own network only.
func TestWalletMatchesQuote(t *testing.T) {
	t.Parallel()
	g := setup(t)
	body := func(rail, network, address string) string {
		quote := fmt.Sprintf(`{"from":"US","to":"CO","funding_method":"card","payout_method":"wallet","target_currency":"USD","rail":%q,
			"source_amount":{"currency":"USD","amount":"100"}}`, rail)
		beneficiary := fmt.Sprintf(`{"party":{"given_name":"Luz","family_name":"Mejía","country":"CO"},"payout_method":"wallet",
			"account":{"network":%q,"address":%q}}`, network, address)
		return fmt.Sprintf(`{"quote_id":%q,"customer_id":%q,"beneficiary_id":%q}`, g.call("POST", "/v1/quotes", quote).ok(t).text("id"),
			g.call("POST", "/v1/customers", customerBody).ok(t).text("id"), g.call("POST", "/v1/beneficiaries", beneficiary).ok(t).text("id"))
	}
	const onStellar, onSolana = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"
	g.refused(g.call("POST", "/v1/remittances", body("stellar", "solana", onSolana)), want{status: 400, reason: "QUOTE_MISMATCH", todo: "fix", field: "beneficiary_id"})
	g.call("POST", "/v1/remittances", body("auto", "solana", onSolana)).ok(t)
	g.call("POST", "/v1/remittances", body("stellar", "stellar", onStellar)).ok(t)
	quote := g.call("POST", "/v1/quotes", `{"from":"US","to":"IN","funding_method":"card","payout_method":"bank","source_amount":{"currency":"USD","amount":"100"}}`).ok(t)
	if quote.text("settlement_mode") != "netted" || fmt.Sprint(quote.json["settlement_window_seconds"]) != "5" {
		t.Errorf("the quote does not say how it is settled: %s", quote.body)
	}
	if c := g.call("GET", "/v1/corridors/US-IN", "").ok(t); !strings.Contains(squash(c.body), `"settlement_mode":"netted"`) {
		t.Errorf("the corridor does not say how it is settled: %s", c.body)
	}
}
