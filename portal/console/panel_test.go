package console

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestChosenActs: what is said to follow from a decision is what follows from
// it, wherever the money is.
func TestChosenActs(t *testing.T) {
	t.Parallel()
	party := func(given string) *v1.Party { return &v1.Party{GivenName: given} }
	for _, c := range []struct {
		act, kind, funds string
		hits             int
		proposal         bool
		want, button     string
		second           bool
	}{
		{"approve", "gate", "none", 1, false, "A second person must agree", "Propose PHP 5.00 to Maria", true},
		{"approve", "gate", "held", 0, false, "The remittance goes on: PHP 5.00 to Maria. It starts at once.", "Approve PHP 5.00 to Maria", false},
		{"approve", "gate", "held", 1, true, "It starts at once.", "Agree: send PHP 5.00 to Maria", false},
		{"approve", "rescreen", "with_partner", 1, true, "The payout is ordered anew", "Agree: send PHP 5.00 to Maria", false},
		{"approve", "refund_stuck", "held", 0, false, "Nothing moves by it", "Approve", false},
		{"approve", "rescreen", "paid", 1, true, "nothing moves by it", "Agree", false},
		{"reject", "gate", "none", 1, false, "No money has come in", "Reject the remittance", false},
		{"reject", "gate", "held", 1, false, "USD 9.00 goes back to Alice", "Reject and refund USD 9.00 to Alice", false},
		{"reject", "rescreen", "with_partner", 1, false, "The payout stays withdrawn", "Reject and refund USD 9.00 to Alice", false},
		{"reject", "refund_stuck", "held", 0, false, "Nothing moves by it", "Reject", false},
		{"block", "gate", "none", 1, false, "ends as rejected", "Block: end the remittance", false},
		{"block", "gate", "held", 1, false, "never returned, except by licence", "Block and keep USD 9.00", false},
		{"block", "rescreen", "with_partner", 1, false, "never returned, except by licence", "Block and keep USD 9.00", false},
		{"unblock", "gate", "blocked", 1, false, "A second person must agree", "Propose to return USD 9.00 to Alice", true},
		{"unblock", "gate", "blocked", 1, true, "goes back to Alice at once", "Agree: return USD 9.00 to Alice", false},
	} {
		f := &caseFile{
			Case: &v1.Case{Kind: c.kind}, Customer: &v1.Customer{Party: party("Alice")}, Beneficiary: &v1.Beneficiary{Party: party("Maria")},
			Remittance: &v1.Remittance{State: "in_review", Funds: c.funds, SourceAmount: &v1.Money{Currency: "USD", Amount: "9.00"}, TargetAmount: &v1.Money{Currency: "PHP", Amount: "5.00"}},
		}
		for range c.hits {
			f.Case.Hits = append(f.Case.Hits, &v1.Hit{})
		}
		if c.proposal {
			f.Case.Proposal = &v1.CaseProposal{By: "Olive"}
		}
		got := choose(f, c.act)
		happens, button := plain(strings.Join(got.Happens, " ")), plain(got.Button)
		if !strings.Contains(happens, c.want) || button != c.button || got.Second != c.second {
			t.Errorf("%s of %s with funds %s: %q, button %q, second %v; want %q, %q, %v", c.act, c.kind, c.funds, happens, button, got.Second, c.want, c.button, c.second)
		}
	}
}

// TestFreezeActs: what is said to follow before, while and after a payout is
// withdrawn on an officer's word.
func TestFreezeActs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		act, state    string
		frozen, agree bool
		want, button  string
		second        bool
	}{
		{"freeze", "ready_for_pickup", false, false, "PHP 5.00 to Maria is withdrawn", "Freeze PHP 5.00 to Maria", false},
		{"approve", "ready_for_pickup", false, false, "Nothing was stopped", "Approve", false},
		{"approve", "ready_for_pickup", true, false, "A second person must agree", "Propose PHP 5.00 to Maria", true},
		{"approve", "in_review", true, false, "Then: the payout is ordered anew", "Propose PHP 5.00 to Maria", true},
		{"approve", "in_review", true, true, "The payout is ordered anew: PHP 5.00 to Maria. It starts at once.", "Agree: send PHP 5.00 to Maria", false},
		{"reject", "ready_for_pickup", false, false, "If it was paid meanwhile, it stays paid.", "Reject and refund USD 9.00 to Alice", false},
		{"reject", "in_review", true, false, "The payout stays withdrawn", "Reject and refund USD 9.00 to Alice", false},
		{"block", "ready_for_pickup", true, false, "The payout is withdrawn first.", "Block and keep USD 9.00", false},
	} {
		f := &caseFile{
			Case: &v1.Case{Kind: "suspicion"}, Customer: &v1.Customer{Party: &v1.Party{GivenName: "Alice"}}, Beneficiary: &v1.Beneficiary{Party: &v1.Party{GivenName: "Maria"}},
			Remittance: &v1.Remittance{
				State: c.state, Funds: "with_partner", SourceAmount: &v1.Money{Currency: "USD", Amount: "9.00"}, TargetAmount: &v1.Money{Currency: "PHP", Amount: "5.00"},
			},
		}
		if c.frozen {
			f.Case.FrozenAt = timestamppb.New(time.Unix(1, 0))
		}
		if c.agree {
			f.Case.Proposal = &v1.CaseProposal{By: "Mira"}
		}
		got := choose(f, c.act)
		happens := plain(strings.Join(got.Happens, " "))
		if !strings.Contains(happens, c.want) || plain(got.Button) != c.button || got.Second != c.second || strings.Contains(happens, "false positive") {
			t.Errorf("%s while %s: %q, button %q, second %v; want %q, %q, %v", c.act, c.state, happens, got.Button, got.Second, c.want, c.button, c.second)
		}
	}
}

// plain writes a text with common spaces.
func plain(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

// TestNew: every template parses with the functions that it uses.
func TestNew(t *testing.T) {
	t.Parallel()
	conn, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := New(t.Context(), Options{Conn: conn, Clock: remit.SystemClock{}, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		t.Error(err)
	}
	if _, err := New(t.Context(), Options{}); err == nil {
		t.Error("a console is made of nothing")
	}
}
