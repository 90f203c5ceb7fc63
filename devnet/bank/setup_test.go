package bank_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
)

const (
	testKey    = "key"
	testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// env is a bank over HTTP and its clock.
type env struct {
	t     *testing.T
	bank  *bank.Bank
	clock *remit.FakeClock
	url   string
}

// setup makes a bank; options without a key and a clock get the test's.
func setup(t *testing.T, o bank.Options) *env {
	t.Helper()
	e := &env{t: t, clock: remit.NewFakeClock(start)}
	o.APIKey = testKey
	if o.Clock == nil {
		o.Clock = e.clock
	}
	b, err := bank.New(o)
	if err != nil {
		t.Fatal(err)
	}
	e.bank = b
	server := httptest.NewServer(b.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	e.url = server.URL
	return e
}

// reply is an order or a problem, as it came.
type reply struct {
	bank.Order
	Fields []bank.FieldProblem `json:"fields"`
	status int
}

// call makes a request with the key; err is a broken connection.
func (e *env) call(method, path string, body any) (reply, error) {
	e.t.Helper()
	return call(e.t, http.DefaultClient, e.url, method, path, body)
}

func call(t *testing.T, c *http.Client, url, method, path string, body any) (out reply, err error) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testKey)
	res, err := c.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() {
		if cerr := res.Body.Close(); cerr != nil {
			t.Error(cerr)
		}
	}()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	// A problem has a number as its status.
	var problem struct {
		Status int                 `json:"status"`
		Code   string              `json:"code"`
		Fields []bank.FieldProblem `json:"fields"`
	}
	if res.Header.Get("Content-Type") == "application/problem+json" {
		err = json.Unmarshal(got, &problem)
		out.Code, out.Fields = problem.Code, problem.Fields
	} else {
		err = json.Unmarshal(got, &out)
	}
	if err != nil {
		t.Fatalf("%s %s answered %q: %v", method, path, got, err)
	}
	out.status = res.StatusCode
	return out, nil
}

// must is call without trouble on the way.
func (e *env) must(method, path string, body any) reply {
	e.t.Helper()
	out, err := e.call(method, path, body)
	if err != nil {
		e.t.Fatal(err)
	}
	return out
}

func (e *env) submit(r bank.OrderRequest) reply {
	e.t.Helper()
	return e.must("POST", "/v1/orders", r)
}

func (e *env) lookup(reference string) reply {
	e.t.Helper()
	return e.must("GET", "/v1/orders/"+reference, nil)
}

// want checks an answer's HTTP status, and the order's status or problem's code.
func (e *env) want(what string, got reply, status int, word string) {
	e.t.Helper()
	if got.status != status || (got.Status != word && got.Code != word) {
		e.t.Errorf("%s: got %d %q %q, want %d %q", what, got.status, got.Status, got.Code, status, word)
	}
}

func payOut(reference, number string) bank.OrderRequest {
	return bank.OrderRequest{
		Reference: reference, Direction: bank.DirectionPayOut, Method: bank.MethodBank, Country: "PH",
		Amount: bank.Amount{Currency: "PHP", Minor: 1_122_100}, Party: bank.Party{Name: "Maria Santos", Phone: "+639171234567"},
		Account: map[string]string{"bank_code": "990001", "account_number": number},
	}
}

func payIn(reference, token string) bank.OrderRequest {
	return bank.OrderRequest{
		Reference: reference, Direction: bank.DirectionPayIn, Method: bank.MethodCard, Country: "US",
		Amount: bank.Amount{Currency: "USD", Minor: 20_000}, Account: map[string]string{"token": token},
	}
}

func refund(reference, of string, minor int64) bank.OrderRequest {
	return bank.OrderRequest{
		Reference: reference, Direction: bank.DirectionRefund, Method: bank.MethodCard, Country: "US",
		Amount: bank.Amount{Currency: "USD", Minor: minor}, RefundOf: of,
	}
}

func cash(reference, code string) bank.OrderRequest {
	r := payOut(reference, "")
	r.Method, r.PickupCode, r.Account = bank.MethodCash, code, nil
	return r
}
