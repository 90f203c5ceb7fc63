package sandbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/rampstest"
	"github.com/openremit/remit/ramps/sandbox"
)

// stranger is a server that answers everything alike.
func stranger(t *testing.T, status int, body string) *sandbox.Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		if _, err := io.WriteString(w, body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	p, err := sandbox.New(sandbox.Options{BaseURL: server.URL, APIKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAnswersThatDecideNothing: only the company's own word may end an order.
func TestAnswersThatDecideNothing(t *testing.T) {
	t.Parallel()
	order := ramps.Order{ID: "rmp_1", Direction: ramps.PayOut, Amount: remit.NewMoney(remit.MustFiat("PHP"), 100)}
	const right = `{"reference":"rmp_1","direction":"pay_out","amount":{"currency":"PHP","minor":100},"status":`
	tests := map[string]struct {
		status int
		body   string
	}{
		"redirect":                  {302, ""},
		"bad request by a proxy":    {400, "<html>bad request</html>"},
		"bad request, unknown code": {400, `{"code":"no_such_code"}`},
		"unauthorized":              {401, `{"code":"unauthorized"}`},
		"forbidden":                 {403, `{"code":"account_closed"}`},
		"not found by a proxy":      {404, "<html>not found</html>"},
		"timeout":                   {408, ""},
		"conflict":                  {409, `{"code":"reference_reused"}`},
		"too many requests":         {429, `{"code":"limited"}`},
		"server error":              {500, `{"code":"account_closed"}`},
		"bad gateway":               {502, ""},
		"unavailable":               {503, `{"code":"unavailable"}`},
		"gateway timeout":           {504, ""},
		"no body":                   {200, ""},
		"not JSON":                  {200, "<html>welcome</html>"},
		"no content":                {204, ""},
		"another order":             {200, strings.Replace(right, "rmp_1", "rmp_2", 1) + `"failed","code":"account_closed"}`},
		"another amount":            {200, strings.Replace(right, "100", "101", 1) + `"succeeded"}`},
		"another currency":          {200, strings.Replace(right, "PHP", "USD", 1) + `"succeeded"}`},
		"another direction":         {200, strings.Replace(right, "pay_out", "pay_in", 1) + `"failed"}`},
		"a new status":              {200, right + `"reversed"}`},
		"no status":                 {200, right + `""}`},
		"unknown currency came in":  {200, right + `"succeeded","received":{"currency":"XYZ","minor":1}}`},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stranger(t, c.status, c.body)
			for call, got := range map[string]ramps.Answer{
				"submit": p.Submit(t.Context(), ramps.Instruction{Order: order}),
				"lookup": p.Lookup(t.Context(), order),
				"cancel": p.Cancel(t.Context(), order),
			} {
				if got.Status != ramps.StatusUnknown {
					t.Errorf("%s: got %q, want unknown", call, got.Status)
				}
			}
			err := p.Validate(t.Context(), ramps.Instruction{Order: order})
			if c.status/100 != 2 && remit.KindOf(err) != remit.KindUnavailable {
				t.Errorf("validate: got %v, want an unavailable error", err)
			}
		})
	}
}

// TestReasons is the adapter's table of refusals, by what the bank really says.
func TestReasons(t *testing.T) {
	t.Parallel()
	p, far := setup(t)
	payOut := func(number string) ramps.Instruction {
		in := far.Instruction(t, ramps.PayOut, rampstest.AtOnce)
		in.Account["account_number"] = number
		return in
	}
	payIn := func(token string) ramps.Instruction {
		in := far.Instruction(t, ramps.PayIn, rampstest.AtOnce)
		in.Account["token"] = token
		return in
	}
	with := func(in ramps.Instruction, change func(*ramps.Order)) ramps.Instruction {
		change(&in.Order)
		return in
	}
	tests := map[string]struct {
		in     ramps.Instruction
		reason remit.Reason
		fixer  ramps.Fixer
	}{
		"closed account":     {payOut("1234560001"), remit.ReasonAccountClosed, ramps.FixerCaller},
		"unknown account":    {payOut("1234560002"), remit.ReasonAccountUnknown, ramps.FixerCaller},
		"declined card":      {payIn("tok_declined"), remit.ReasonFundingDeclined, ramps.FixerCaller},
		"insufficient funds": {payIn("tok_insufficient_funds"), remit.ReasonInsufficientFunds, ramps.FixerCaller},
		"method": {with(payOut("1"), func(o *ramps.Order) { o.Method = "wallet" }),
			remit.ReasonMethodNotOffered, ramps.FixerOperator},
		"amount": {with(payOut("1"), func(o *ramps.Order) { o.Amount.Minor = 0 }), remit.ReasonProviderRejected, ramps.FixerOperator},
		"currency": {with(payOut("1"), func(o *ramps.Order) { o.Amount.Asset = remit.USDCSolana }),
			remit.ReasonUnknownCurrency, ramps.FixerOperator},
		"refund of nothing": {with(payIn("tok_ok"), func(o *ramps.Order) { o.Direction, o.RefundOf = ramps.Refund, "rmp_none" }),
			remit.ReasonProviderRejected, ramps.FixerOperator},
	}
	for name, c := range tests {
		got := p.Submit(t.Context(), c.in)
		if got.Status != ramps.StatusFailed || got.Reason != c.reason || got.Fixer != c.fixer {
			t.Errorf("%s: got %q %q %q, want failed %q %q", name, got.Status, got.Reason, got.Fixer, c.reason, c.fixer)
		}
	}
}

// TestReceived: a pay-in that is short or over says what really came in.
func TestReceived(t *testing.T) {
	t.Parallel()
	p, far := setup(t)
	for token, want := range map[string]int64{"tok_ok": 20_000, "tok_short": 18_000, "tok_over": 22_000} {
		in := far.Instruction(t, ramps.PayIn, rampstest.AtOnce)
		in.Account["token"] = token
		got := p.Submit(t.Context(), in)
		if got.Status != ramps.StatusSucceeded || got.Received.Minor != want || got.Received.Asset != remit.MustFiat("USD") {
			t.Errorf("%s: got %q %s, want %d", token, got.Status, got.Received, want)
		}
	}
}

// TestSilenceEndsAtTimeout: the magic number that hangs is given up by the
// provider's own timeout and found by the lookup.
func TestSilenceEndsAtTimeout(t *testing.T) {
	t.Parallel()
	_, far := setup(t)
	server := httptest.NewServer(far.bank.Handler())
	t.Cleanup(server.Close)
	p, err := sandbox.New(sandbox.Options{BaseURL: server.URL, APIKey: testKey, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	in := far.Instruction(t, ramps.PayOut, rampstest.AtOnce)
	in.Account["account_number"] = "1234560003"
	if got := p.Submit(context.Background(), in); got.Status != ramps.StatusUnknown {
		t.Fatalf("submit: got %q, want unknown", got.Status)
	}
	if got := p.Lookup(t.Context(), in.Order); got.Status != ramps.StatusSucceeded {
		t.Fatalf("lookup: got %q, want succeeded", got.Status)
	}
}

// TestValidateFields: what the bank finds wrong comes back by field.
func TestValidateFields(t *testing.T) {
	t.Parallel()
	p, far := setup(t)
	for number, want := range map[string]remit.Reason{"1234560010": remit.ReasonNameMismatch, "1234560011": remit.ReasonAccountUnknown} {
		in := far.Instruction(t, ramps.PayOut, rampstest.AtOnce)
		in.Account["account_number"] = number
		err := p.Validate(t.Context(), in)
		if remit.KindOf(err) != remit.KindInvalid || remit.ReasonOf(err) != want {
			t.Errorf("%s: got %v, want invalid %s", number, err, want)
		}
	}
}

// TestAnswersCarryNoPersonalData: details are shown to operators and logged.
func TestAnswersCarryNoPersonalData(t *testing.T) {
	t.Parallel()
	p, far := setup(t)
	for _, number := range []string{"1234560001", "1234560009", "1234567890"} {
		in := far.Instruction(t, ramps.PayOut, rampstest.AtOnce)
		in.Account["account_number"] = number
		answers := []ramps.Answer{p.Submit(t.Context(), in)}
		far.Break(t, rampstest.LoseRequest)
		answers = append(answers, p.Submit(t.Context(), in), p.Lookup(t.Context(), in.Order))
		text, err := json.Marshal(answers)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{in.Party.GivenName, in.Party.FamilyName, in.Party.Phone, number, testKey + `"`} {
			if strings.Contains(string(text), secret) {
				t.Errorf("answers hold %q: %s", secret, text)
			}
		}
	}
}

func TestNewRefusesBadOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]sandbox.Options{
		"no address":  {APIKey: testKey},
		"bad address": {BaseURL: "ftp://bank", APIKey: testKey},
		"no key":      {BaseURL: "http://127.0.0.1:1"},
		"bad secret":  {BaseURL: "http://127.0.0.1:1", APIKey: testKey, CallbackSecret: "whsec_not base64"},
	} {
		if _, err := sandbox.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

var _ rampstest.Backend = (*far)(nil)
