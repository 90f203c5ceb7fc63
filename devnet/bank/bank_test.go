package bank_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit/devnet/bank"
)

func TestOneReferenceOneOrder(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	first, again := e.submit(payOut("a", "1234567890")), e.submit(payOut("a", "1234567890"))
	e.want("first", first, 201, bank.StatusSucceeded)
	e.want("again", again, 200, bank.StatusSucceeded)
	if first.ID != again.ID || first.Version != again.Version {
		t.Errorf("first %+v, again %+v", first.Order, again.Order)
	}
	for name, change := range map[string]func(*bank.OrderRequest){
		"amount":  func(r *bank.OrderRequest) { r.Amount.Minor++ },
		"account": func(r *bank.OrderRequest) { r.Account["account_number"] = "2" },
		"party":   func(r *bank.OrderRequest) { r.Party.Name = "Somebody Else" },
		"country": func(r *bank.OrderRequest) { r.Country = "US" },
	} {
		other := payOut("a", "1234567890")
		change(&other)
		e.want("other "+name, e.submit(other), 409, "reference_reused")
	}
	if got := e.bank.Movements("a"); len(got) != 1 || got[0].Kind != bank.MovedOut || got[0].Amount.Minor != 1_122_100 {
		t.Errorf("movements %+v", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	for code, change := range map[string]func(*bank.OrderRequest){
		"method_not_offered":   func(r *bank.OrderRequest) { r.Method = bank.MethodCard },
		"currency_not_offered": func(r *bank.OrderRequest) { r.Amount.Currency = "XTS" },
		"amount_out_of_range":  func(r *bank.OrderRequest) { r.Amount.Minor = -1 },
		"malformed":            func(r *bank.OrderRequest) { r.Reference = strings.Repeat("x", 65) },
	} {
		r := payOut("a", "1234567890")
		change(&r)
		got := e.submit(r)
		e.want(code, got, 422, code)
		if len(got.Fields) != 1 {
			t.Errorf("%s: fields %+v", code, got.Fields)
		}
	}
	r := cash("a", "")
	e.want("cash without a code", e.submit(r), 422, "malformed")
	e.want("unknown field", e.must("POST", "/v1/orders", map[string]any{"refrence": "a"}), 400, "malformed")
	e.want("no object", e.must("POST", "/v1/orders", "text"), 400, "malformed")
	e.want("too large", e.must("POST", "/v1/orders", strings.Repeat("x", 70_000)), 413, "too_large")
	e.want("never seen", e.lookup("a"), 404, "order_unknown")
	if got := e.bank.Orders(); len(got) != 0 {
		t.Errorf("refused orders were kept: %+v", got)
	}
}

func TestKeyIsAsked(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	for _, path := range []string{"/v1/books", "/v1/orders/a", "/_orders", "/_fault"} {
		for _, header := range []string{"", "Bearer ", "Bearer wrong", testKey} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", e.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", header)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
			if res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with %q: got %d", path, header, res.StatusCode)
			}
		}
	}
}

// TestMagicValues is the table of the package comment, in the bank's own words.
func TestMagicValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request   bank.OrderRequest
		answered  string // the order's status, or "" when there is no answer
		code      string
		ends      string
		movements []string
	}{
		"0001": {payOut("a", "1234560001"), bank.StatusFailed, "account_closed", bank.StatusFailed, nil},
		"0002": {payOut("a", "12-3456-0002"), bank.StatusFailed, "account_unknown", bank.StatusFailed, nil},
		"0004": {payOut("a", "1234560004"), "", "", bank.StatusSucceeded, []string{bank.MovedOut}},
		"0005": {payOut("a", "1234560005"), bank.StatusAccepted, "", bank.StatusSucceeded, []string{bank.MovedOut}},
		"0006": {payOut("a", "1234560006"), bank.StatusAccepted, "", bank.StatusFailed, nil},
		"0007": {payOut("a", "1234560007"), bank.StatusSucceeded, "", bank.StatusFailed, []string{bank.MovedOut, bank.MovedBack}},
		"0008": {payOut("a", "1234560008"), bank.StatusAccepted, "", bank.StatusSucceeded, []string{bank.MovedOut}},
		"0009": {payOut("a", "1234560009"), bank.StatusAccepted, "", bank.StatusAccepted, nil},
		// Too short to be an account: the field of a branch, or a typo.
		"short number":           {payOut("a", "10001"), bank.StatusSucceeded, "", bank.StatusSucceeded, []string{bank.MovedOut}},
		"tok_ok":                 {payIn("a", "tok_ok"), bank.StatusSucceeded, "", bank.StatusSucceeded, []string{bank.MovedIn}},
		"any token":              {payIn("a", "tok_visa"), bank.StatusSucceeded, "", bank.StatusSucceeded, []string{bank.MovedIn}},
		"tok_declined":           {payIn("a", "tok_declined"), bank.StatusFailed, "source_declined", bank.StatusFailed, nil},
		"tok_insufficient_funds": {payIn("a", "tok_insufficient_funds"), bank.StatusFailed, "insufficient_funds", bank.StatusFailed, nil},
		"tok_lost_reply":         {payIn("a", "tok_lost_reply"), "", "", bank.StatusSucceeded, []string{bank.MovedIn}},
		"tok_rejected_later":     {payIn("a", "tok_rejected_later"), bank.StatusAccepted, "", bank.StatusFailed, nil},
		"tok_charged_back":       {payIn("a", "tok_charged_back"), bank.StatusSucceeded, "", bank.StatusFailed, []string{bank.MovedIn, bank.MovedBack}},
		"tok_pending":            {payIn("a", "tok_pending"), bank.StatusAccepted, "", bank.StatusAccepted, nil},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t, bank.Options{})
			got, err := e.call("POST", "/v1/orders", c.request)
			if (err != nil) != (c.answered == "") {
				t.Fatalf("submit: %v", err)
			}
			if err == nil && (got.Status != c.answered || got.Code != c.code) {
				t.Errorf("answer %q %q, want %q %q", got.Status, got.Code, c.answered, c.code)
			}
			if ended := e.lookup("a"); ended.Status != c.ends {
				t.Errorf("ends %q, want %q", ended.Status, c.ends)
			}
			var kinds []string
			for _, m := range e.bank.Movements("a") {
				kinds = append(kinds, m.Kind)
			}
			if !slices.Equal(kinds, c.movements) {
				t.Errorf("movements %q, want %q", kinds, c.movements)
			}
		})
	}
}

func TestMagicHang(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	impatient := &http.Client{Timeout: 100 * time.Millisecond}
	for range 2 {
		if got, err := call(t, impatient, e.url, "POST", "/v1/orders", payOut("a", "1234560003")); err == nil {
			t.Fatalf("it answered %+v", got)
		}
		if got := e.bank.Movements("a"); len(got) != 0 {
			t.Fatalf("money moved before the lookup: %+v", got)
		}
	}
	e.want("lookup", e.lookup("a"), 200, bank.StatusSucceeded)
	e.want("again", e.submit(payOut("a", "1234560003")), 200, bank.StatusSucceeded)
}

func TestSettleTakesItsTime(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{Settle: time.Minute})
	e.want("submit", e.submit(payOut("a", "1234567890")), 201, bank.StatusAccepted)
	e.clock.Advance(59 * time.Second)
	e.want("early", e.lookup("a"), 200, bank.StatusAccepted)
	e.clock.Advance(time.Second)
	e.want("due", e.lookup("a"), 200, bank.StatusSucceeded)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{Settle: time.Minute})
	e.submit(payOut("a", "1234567890"))
	e.want("before the end", e.must("POST", "/v1/orders/a/cancel", nil), 200, bank.StatusCanceled)
	e.clock.Advance(time.Hour)
	e.want("later", e.lookup("a"), 200, bank.StatusCanceled)

	e.submit(payOut("b", "1234567890"))
	e.clock.Advance(time.Minute)
	e.want("when due", e.must("POST", "/v1/orders/b/cancel", nil), 200, bank.StatusSucceeded)

	e.want("never seen", e.must("POST", "/v1/orders/c/cancel", nil), 200, bank.StatusCanceled)
	e.want("submitted too late", e.submit(payOut("c", "1234567890")), 200, bank.StatusCanceled)
	if got := len(e.bank.Books().Movements); got != 1 {
		t.Errorf("%d movements, want one", got)
	}
}

func TestCash(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	collect := func(reference, code string) reply {
		t.Helper()
		return e.must("POST", "/v1/orders/"+reference+"/collect", map[string]string{"pickup_code": code})
	}
	e.want("ready", e.submit(cash("a", "code-1")), 201, bank.StatusAccepted)
	e.clock.Advance(24 * time.Hour)
	e.want("still ready", e.lookup("a"), 200, bank.StatusAccepted)
	e.want("wrong code", collect("a", "code-2"), 403, "pickup_code_wrong")
	e.want("right code", collect("a", "code-1"), 200, bank.StatusSucceeded)
	e.want("twice", collect("a", "code-1"), 200, bank.StatusSucceeded)
	if got := len(e.bank.Movements("a")); got != 1 {
		t.Errorf("cash went out %d times", got)
	}
	e.want("cancel after", e.must("POST", "/v1/orders/a/cancel", nil), 200, bank.StatusSucceeded)

	e.submit(cash("b", "code-1"))
	e.must("POST", "/v1/orders/b/cancel", nil)
	e.want("withdrawn", collect("b", "code-1"), 409, "not_collectable")

	e.submit(cash("c", "code-1"))
	for range 5 {
		e.want("guess", collect("c", "guess"), 403, "pickup_code_wrong")
	}
	e.want("locked", collect("c", "code-1"), 403, "pickup_code_locked")

	e.submit(payOut("d", "1234567890"))
	e.want("no cash", collect("d", ""), 409, "not_collectable")
	e.want("never seen", collect("e", ""), 404, "order_unknown")
}

func TestCashIsFetchedByItself(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{CashPickupDelay: time.Hour})
	e.want("ready", e.submit(cash("a", "code")), 201, bank.StatusAccepted)
	e.clock.Advance(time.Hour)
	e.bank.Tick()
	e.want("fetched", e.lookup("a"), 200, bank.StatusSucceeded)
}

func TestRefundsAreNeverMoreThanCameIn(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	e.submit(payIn("in", "tok_over"))
	e.want("surplus", e.submit(refund("r1", "in", 2_000)), 201, bank.StatusSucceeded)
	e.want("too much", e.submit(refund("r2", "in", 20_001)), 422, "refund_not_possible")
	e.want("the rest", e.submit(refund("r3", "in", 20_000)), 201, bank.StatusSucceeded)
	e.want("nothing left", e.submit(refund("r4", "in", 1)), 422, "refund_not_possible")
	e.want("again", e.submit(refund("r3", "in", 20_000)), 200, bank.StatusSucceeded)

	e.submit(payIn("no", "tok_declined"))
	e.want("of a declined pay-in", e.submit(refund("r5", "no", 1)), 422, "refund_not_possible")
	e.submit(payOut("out", "1234567890"))
	e.want("of a payout", e.submit(refund("r6", "out", 1)), 422, "refund_not_possible")

	e.submit(payIn("stubborn", "tok_refund_declined"))
	e.want("declined", e.submit(refund("r7", "stubborn", 20_000)), 201, bank.StatusFailed)
	e.submit(payIn("slow", "tok_refund_pending"))
	e.want("pending", e.submit(refund("r8", "slow", 20_000)), 201, bank.StatusAccepted)
	e.want("pending counts", e.submit(refund("r9", "slow", 1)), 422, "refund_not_possible")
	e.want("finished", e.must("POST", "/_orders/r8/finish", map[string]string{"outcome": bank.FinishFail}), 200, bank.StatusFailed)
	e.want("room again", e.submit(refund("r10", "slow", 20_000)), 201, bank.StatusAccepted)
}

// TestBooks: the totals are the sums of the movements, and are what callers
// think that they paid.
func TestBooks(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	e.submit(payIn("a", "tok_ok"))
	e.submit(payIn("b", "tok_charged_back"))
	e.submit(refund("c", "a", 5_000))
	e.submit(payOut("d", "1234567890"))
	e.bank.Tick()
	got := e.bank.Books()
	want := []bank.Total{
		{Direction: "pay_in", Currency: "USD", Moved: 40_000, Back: 20_000, Movements: 3},
		{Direction: "pay_out", Currency: "PHP", Moved: 1_122_100, Movements: 1},
		{Direction: "refund", Currency: "USD", Moved: 5_000, Movements: 1},
	}
	if !slices.Equal(got.Totals, want) {
		t.Errorf("totals %+v, want %+v", got.Totals, want)
	}
	for i, m := range got.Movements {
		if m.Number != i+1 {
			t.Errorf("movement %d has number %d", i+1, m.Number)
		}
	}
	e.want("one order over HTTP", e.must("GET", "/v1/books?reference=a", nil), 200, "")
	e.want("all over HTTP", e.must("GET", "/v1/books", nil), 200, "")
}

func TestFaults(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	set := func(f bank.Fault) {
		t.Helper()
		e.want("set", e.must("POST", "/_fault", f), 200, "")
	}
	set(bank.Fault{Mode: bank.FaultFail, On: "submit", Count: 1})
	e.want("lookup goes on", e.lookup("a"), 404, "order_unknown")
	e.want("fail", e.submit(payOut("a", "1234567890")), 503, "unavailable")
	e.want("nothing was done", e.lookup("a"), 404, "order_unknown")
	set(bank.Fault{Mode: bank.FaultFailAfter, On: "submit", Count: 1})
	e.want("fail after", e.submit(payOut("a", "1234567890")), 503, "unavailable")
	e.want("it was done", e.lookup("a"), 200, bank.StatusSucceeded)
	for _, mode := range []string{bank.FaultDown, bank.FaultLoseReply, bank.FaultHalfReply} {
		set(bank.Fault{Mode: mode, On: "submit", Count: 1})
		if got, err := e.call("POST", "/v1/orders", payOut(mode, "1234567890")); err == nil {
			t.Errorf("%s: it answered %+v", mode, got)
		}
	}
	e.want("down", e.lookup(bank.FaultDown), 404, "order_unknown")
	e.want("lost reply", e.lookup(bank.FaultLoseReply), 200, bank.StatusSucceeded)
	set(bank.Fault{Mode: bank.FaultFail})
	for range 3 {
		e.want("all until cleared", e.lookup("a"), 503, "unavailable")
	}
	e.want("clear", e.must("DELETE", "/_fault", nil), 200, "")
	e.want("cleared", e.lookup("a"), 200, bank.StatusSucceeded)
	e.want("no such mode", e.must("POST", "/_fault", bank.Fault{Mode: "sulk"}), 422, "malformed")
	e.want("no such call", e.must("POST", "/_fault", bank.Fault{Mode: bank.FaultFail, On: "books"}), 422, "malformed")
}

func TestValidate(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{})
	validate := func(number, method string) reply {
		t.Helper()
		return e.must("POST", "/v1/accounts:validate", map[string]any{
			"direction": "pay_out", "method": method, "country": "PH", "account": map[string]string{"account_number": number},
		})
	}
	e.want("good", validate("1234567890", bank.MethodBank), 200, "")
	e.want("closed, as is learned later", validate("1234560001", bank.MethodBank), 200, "")
	e.want("name", validate("1234560010", bank.MethodBank), 422, "name_mismatch")
	e.want("account", validate("1234560011", bank.MethodBank), 422, "account_unknown")
	e.want("method", validate("1234567890", bank.MethodCard), 422, "method_not_offered")
}
