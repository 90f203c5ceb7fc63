package e2e_test

import (
	"math/big"
	"os"
	"path/filepath"
	"testing"
)

// inEuros configures an off-ramp that takes EURC whatever coin is sent.
const inEuros = `stellar:
  coins: [{code: USDC}, {code: EURC}]
  swaps: [{destination: sandbox, code: EURC, slippage_basis_points: 50, least_per_10000: 9900}]
`

// TestSwaps pays an off-ramp in what it takes: dollars leave the treasury and
// euros arrive, once, also when replies are lost and the process is killed.
func TestSwaps(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settlement.yaml")
	if err := os.WriteFile(file, []byte(inEuros), 0o600); err != nil {
		t.Fatal(err)
	}
	g := start(t, "--settlement", file)
	partner := g.Counterparts.Partner["stellar"]
	dollars, euros := g.holdsOnStellar(partner, "USDC"), g.holdsOnStellar(partner, "EURC")
	g.post(g.Counterparts.Horizon+"/_fault", map[string]any{"lose_replies": 1})
	first := g.send(order{rail: "stellar", amount: "120"})
	g.Kill()
	g.Run()
	sent := new(big.Rat)
	for _, id := range []string{first, g.send(order{rail: "stellar", amount: "80"})} {
		r := g.reaches(id, "completed")
		wants(t, r, "paid", "")
		settled := r.GetSettlement().GetAmount()
		if settled.GetCurrency() != "USDC_STELLAR" {
			t.Errorf("%s crossed in %s, want USDC", id, settled.GetCurrency())
		}
		amount, ok := new(big.Rat).SetString(settled.GetAmount())
		if !ok {
			t.Fatalf("%s crossed with %q", id, settled.GetAmount())
		}
		sent.Add(sent, amount)
	}
	if now := g.holdsOnStellar(partner, "USDC"); now.Cmp(dollars) != 0 {
		t.Errorf("the off-ramp was paid dollars: it held %s and holds %s", dollars.FloatString(7), now.FloatString(7))
	}
	// The stand-in's market changes unit for unit.
	if got := new(big.Rat).Sub(g.holdsOnStellar(partner, "EURC"), euros); got.Cmp(sent) != 0 {
		t.Errorf("%s euros arrived for %s dollars", got.FloatString(7), sent.FloatString(7))
	}
	g.booksAgree()
}

// holdsOnStellar is what an account of the stand-in holds of a coin.
func (g *gateway) holdsOnStellar(account, code string) *big.Rat {
	g.t.Helper()
	var holder struct {
		Balances []struct {
			Balance string
			Code    string `json:"asset_code"`
		}
	}
	g.get(g.Counterparts.Horizon+"/accounts/"+account, &holder)
	for _, b := range holder.Balances {
		if b.Code != code {
			continue
		}
		held, ok := new(big.Rat).SetString(b.Balance)
		if !ok {
			g.t.Fatalf("%s holds %q of %s", account, b.Balance, code)
		}
		return held
	}
	g.t.Fatalf("%s has no line for %s", account, code)
	return nil
}
