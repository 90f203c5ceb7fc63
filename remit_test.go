package remit_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
)

var update = flag.Bool("update", false, "write golden files")

func TestIDs(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	a := remit.NewID[remit.RemittanceID](remit.PrefixRemittance, at)
	b := remit.NewID[remit.RemittanceID](remit.PrefixRemittance, at.Add(time.Millisecond))
	if a >= b {
		t.Errorf("%s is not before %s", a, b)
	}
	if _, err := remit.ParseID[remit.RemittanceID](remit.PrefixRemittance, "id", string(a)); err != nil {
		t.Errorf("parse own id: %v", err)
	}
	for _, bad := range []string{"", "rem_", "qte" + string(a)[3:], string(a) + "0", strings.ToUpper(string(a)), string(a)[:29] + "u"} {
		if _, err := remit.ParseID[remit.RemittanceID](remit.PrefixRemittance, "id", bad); remit.ReasonOf(err) != remit.ReasonIDMalformed {
			t.Errorf("parse %q: %v, want ID_MALFORMED", bad, err)
		}
	}
	first := remit.DeriveID[remit.OrderID](remit.PrefixOrder, at, "seed")
	if again := remit.DeriveID[remit.OrderID](remit.PrefixOrder, at, "seed"); again != first {
		t.Errorf("derived %s, then %s", first, again)
	}
	if other := remit.DeriveID[remit.OrderID](remit.PrefixOrder, at, "other"); other == first {
		t.Error("two seeds, one id")
	}
}

func TestZeroStatePassesNothing(t *testing.T) {
	t.Parallel()
	var zero remit.State
	if zero.Valid() || zero.Ended() || zero.Allows(remit.FundsNone) {
		t.Error("the zero state is good for something")
	}
	for _, row := range remit.LawfulMoves() {
		if zero.CanBecome(row.From) || row.From.CanBecome(zero) || row.From.Allows("") {
			t.Errorf("a move touches the zero state at %s", row.From)
		}
		for _, to := range row.To {
			if !to.Valid() {
				t.Errorf("%s → %s: no such state", row.From, to)
			}
		}
	}
}

// TestEveryStateEnds checks that from every state an end can be reached: there
// is no room in the house without a way out.
func TestEveryStateEnds(t *testing.T) {
	t.Parallel()
	reaches := make(map[remit.State]bool)
	for _, row := range remit.LawfulMoves() {
		if row.From.Ended() {
			reaches[row.From] = true
		}
	}
	for range remit.LawfulMoves() {
		for _, row := range remit.LawfulMoves() {
			if slices.ContainsFunc(row.To, func(s remit.State) bool { return reaches[s] }) {
				reaches[row.From] = true
			}
		}
	}
	for _, row := range remit.LawfulMoves() {
		if !reaches[row.From] {
			t.Errorf("%s leads nowhere", row.From)
		}
		if row.From.MoneyBeyondRecall() && (row.From.CanBecome(remit.StateCanceled) || row.From.CanBecome(remit.StateRejected)) {
			t.Errorf("%s is past the point of no return and can be undone without a movement", row.From)
		}
	}
}

// TestStatesDocument keeps docs/states.md what the table says; -update writes it.
func TestStatesDocument(t *testing.T) {
	t.Parallel()
	const path = "docs/states.md"
	want := statesDocument()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from the table in states.go; write it anew with `make diagrams`", path)
	}
}

func statesDocument() []byte {
	var b bytes.Buffer
	b.WriteString("# States of a remittance\n\nDrawn from the table of lawful moves in `states.go` by `make diagrams`.\n\n```mermaid\nstateDiagram-v2\n    [*] --> created\n")
	for _, row := range remit.LawfulMoves() {
		for _, to := range row.To {
			fmt.Fprintf(&b, "    %s --> %s\n", row.From, to)
		}
		if row.From.Ended() {
			fmt.Fprintf(&b, "    %s --> [*]\n", row.From)
		}
	}
	b.WriteString("```\n\n| state | what has happened | funds | may become |\n|---|---|---|---|\n")
	for _, row := range remit.LawfulMoves() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.From, row.What, quoted(row.Funds), quoted(row.To))
	}
	return b.Bytes()
}

func quoted[T ~string](words []T) string {
	if len(words) == 0 {
		return "–"
	}
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = "`" + string(w) + "`"
	}
	return strings.Join(parts, ", ")
}

func TestPartyStaysOutOfLogs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "party", remit.Party{GivenName: "Maria", FamilyName: "Santos"})
	if strings.Contains(b.String(), "Maria") || strings.Contains(b.String(), "Santos") {
		t.Errorf("the log names a person: %s", b.String())
	}
}

func TestErrorsHaveKinds(t *testing.T) {
	t.Parallel()
	if got := remit.KindOf(fmt.Errorf("wrapped: %w", remit.NotFound("quote", "x"))); got != remit.KindNotFound {
		t.Errorf("kind = %s", got)
	}
	if got := remit.KindOf(os.ErrClosed); got != remit.KindInternal {
		t.Errorf("kind of a foreign error = %s, want internal", got)
	}
	if remit.KindOf(nil) != "" || remit.ReasonOf(nil) != "" {
		t.Error("no error has a kind")
	}
	err := remit.InvalidFields([]remit.FieldError{{Field: "a", Reason: remit.ReasonFieldRequired, Message: "a is missing"}})
	if remit.ReasonOf(err) != remit.ReasonFieldRequired || remit.InvalidFields(nil) != nil {
		t.Errorf("InvalidFields: %v", err)
	}
}

func TestAssetText(t *testing.T) {
	t.Parallel()
	for _, a := range []remit.Asset{usd, jpy, remit.USDCStellar, remit.USDCSolana, remit.USDC, {}} {
		text, err := json.Marshal(remit.NewMoney(a, 5))
		if err != nil {
			t.Fatal(err)
		}
		var back remit.Money
		if err := json.Unmarshal(text, &back); err != nil || back.Asset != a {
			t.Errorf("%s → %s → %v, %v", a, text, back, err)
		}
	}
	for _, bad := range []string{"USD", "USD/", "USD/10", "usd/2", "USD/02", "/2", "USD/-1"} {
		if _, err := remit.ParseAsset(bad); err == nil {
			t.Errorf("ParseAsset(%q) took it", bad)
		}
	}
}

func TestOnRail(t *testing.T) {
	t.Parallel()
	m := remit.NewMoney(remit.USDC, 1_234_567)
	for rail, want := range map[remit.Rail]remit.Money{
		remit.RailStellar: remit.NewMoney(remit.USDCStellar, 12_345_670),
		remit.RailSolana:  remit.NewMoney(remit.USDCSolana, 1_234_567),
	} {
		if got, err := remit.OnRail(m, rail); err != nil || got != want {
			t.Errorf("on %s: %v, %v; want %v", rail, got, err, want)
		}
	}
	for _, rail := range []remit.Rail{"", remit.RailAuto, "tron"} {
		if _, err := remit.OnRail(m, rail); err == nil {
			t.Errorf("put on rail %q", rail)
		}
	}
	if _, err := remit.OnRail(remit.NewMoney(remit.USDC, 1<<62), remit.RailStellar); err == nil {
		t.Error("overflow passes")
	}
	for _, a := range []remit.Asset{remit.USDCStellar, remit.MustFiat("USD"), {Code: "USDC", Scale: 7}, {}} {
		if _, err := remit.OnRail(remit.NewMoney(a, 1), remit.RailStellar); err == nil {
			t.Errorf("put %s on a rail, which is no coin", a)
		}
	}
}

func TestCoins(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"USDC", "EURC", "PYUSD", "USDT", "X9"} {
		coin, err := remit.Coin(code)
		if err != nil || coin != (remit.Asset{Code: code, Scale: 6}) {
			t.Errorf("Coin(%q) = %v, %v", code, coin, err)
		}
		for rail, want := range map[remit.Rail]remit.Asset{
			remit.RailStellar: {Code: code + "_STELLAR", Scale: 7}, remit.RailSolana: {Code: code + "_SOLANA", Scale: 6},
		} {
			got, err := remit.RailAsset(coin, rail)
			if err != nil || got != want {
				t.Errorf("%s on %s: %v, %v; want %v", code, rail, got, err, want)
			}
			if back, err := remit.CoinOf(got); err != nil || back != coin {
				t.Errorf("coin of %s: %v, %v", got, back, err)
			}
		}
	}
	for _, code := range []string{"", "usdc", "USDC_STELLAR", "USD", "EUR", "ABCDEFGHIJKLM", "US-DC"} {
		if coin, err := remit.Coin(code); err == nil {
			t.Errorf("Coin(%q) took it as %v", code, coin)
		}
	}
	for _, a := range []remit.Asset{remit.USDC, remit.MustFiat("USD"), {Code: "USDC_"}, {Code: "_STELLAR"}, {}} {
		if coin, err := remit.CoinOf(a); err == nil {
			t.Errorf("CoinOf(%s) = %v", a, coin)
		}
	}
}

func TestInRailAsset(t *testing.T) {
	t.Parallel()
	m := remit.NewMoney(remit.USDC, 1_234_567)
	fine := remit.Asset{Code: "USDC_SOLANA", Scale: 9}
	if got, err := m.InRailAsset(fine); err != nil || got != remit.NewMoney(fine, 1_234_567_000) {
		t.Errorf("in a mint of nine decimals: %v, %v", got, err)
	}
	for _, a := range []remit.Asset{{Code: "USDC_SOLANA", Scale: 5}, {Code: "EURC_SOLANA", Scale: 6}, remit.USDC} {
		if got, err := m.InRailAsset(a); err == nil {
			t.Errorf("in %s: %v", a, got)
		}
	}
	if _, err := remit.NewMoney(remit.USDC, 1<<60).InRailAsset(fine); remit.ReasonOf(err) != remit.ReasonAmountAboveMaximum {
		t.Errorf("overflow: %v", err)
	}
}
