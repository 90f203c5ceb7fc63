package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/openremit/remit/internal/testenv"
	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

const endTimeout = 120 * time.Second

func TestMain(m *testing.M) { testenv.Main(m) }

// gateway is a running `remitd dev` with a client to it.
type gateway struct {
	t *testing.T
	*testenv.Gateway
}

// start runs a fresh gateway and ends it with the test.
func start(t *testing.T, args ...string) *gateway {
	t.Helper()
	return &gateway{t, testenv.Start(t, append([]string{
		"--ledger-interval", "200ms", "--slot-interval", "100ms", "--bank-settle", "50ms", "--pickup-delay", "200ms",
	}, args...)...)}
}

// ctx carries the demo key, and for writes an idempotency key.
func (g *gateway) ctx(idempotencyKey string) context.Context { return g.Context(idempotencyKey) }

// until waits for a condition by asking for it again and again.
func (g *gateway) until(most time.Duration, what string, holds func() bool) {
	g.t.Helper()
	testenv.Until(g.t, most, what, holds)
}

// post sends JSON to a counterpart.
func (g *gateway) post(url string, body any) {
	g.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	g.call(http.MethodPost, url, bytes.NewReader(text), nil)
}

// get reads JSON, or a text, from a counterpart or the gateway.
func (g *gateway) get(url string, into any) {
	g.t.Helper()
	g.call(http.MethodGet, url, nil, into)
}

func (g *gateway) call(method, url string, body io.Reader, into any) {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), method, url, body)
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+g.Counterparts.BankAPIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	if response.StatusCode >= 300 {
		g.t.Fatalf("%s %s: %s: %s", method, url, response.Status, text)
	}
	switch into := into.(type) {
	case nil:
	case *string:
		*into = string(text)
	default:
		if err := json.Unmarshal(text, into); err != nil {
			g.t.Fatalf("%s %s: %v in %s", method, url, err, text)
		}
	}
}

// clients of the services.
func (g *gateway) quotes() remitv1.QuoteServiceClient { return remitv1.NewQuoteServiceClient(g.Conn) }
func (g *gateway) customers() remitv1.CustomerServiceClient {
	return remitv1.NewCustomerServiceClient(g.Conn)
}
func (g *gateway) beneficiaries() remitv1.BeneficiaryServiceClient {
	return remitv1.NewBeneficiaryServiceClient(g.Conn)
}
func (g *gateway) remittances() remitv1.RemittanceServiceClient {
	return remitv1.NewRemittanceServiceClient(g.Conn)
}
func (g *gateway) cases() remitv1.CaseServiceClient { return remitv1.NewCaseServiceClient(g.Conn) }
