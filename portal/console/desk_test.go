package console_test

import (
	"bytes"
	"encoding/base32"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/internal/testenv"
	"github.com/openremit/remit/internal/testenv/browser"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const endTimeout = 2 * time.Minute

// desk is a running gateway with a browser in front of it.
type desk struct {
	*testenv.Gateway
	t       *testing.T
	browser *browser.Browser
	people  map[string]person
	keys    *atomic.Int64
	// codes are the steps of those that were used last, by their secret: each signs in once.
	codes map[string]int64
}

// person is a member of the demo tenant's staff.
type person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Secret   string `json:"totp_secret"`
}

// openDesk starts a gateway and Chromium. It skips the test where either is missing.
func openDesk(t *testing.T, args ...string) *desk {
	t.Helper()
	d := &desk{t: t, browser: browser.Start(t), people: make(map[string]person), codes: make(map[string]int64), keys: new(atomic.Int64)}
	d.Gateway = testenv.Start(t, append([]string{"--ledger-interval", "200ms", "--slot-interval", "100ms", "--bank-settle", "50ms", "--pickup-delay", "200ms"}, args...)...)
	text, err := os.ReadFile(filepath.Join(d.Dir, "staff.json"))
	d.must(err)
	var people []person
	d.must(json.Unmarshal(text, &people))
	for _, p := range people {
		name, _, _ := strings.Cut(p.Email, "@")
		d.people[name] = p
	}
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// window is a browser window at the console.
type window struct {
	*desk
	*browser.Window
}

func (d *desk) window() *window {
	d.t.Helper()
	w := &window{d, d.browser.Window(d.t, func() string { return d.REST })}
	w.Size(1440)
	return w
}

// in hands the window over to a part of the test, which then fails by itself.
func (w *window) in(t *testing.T) *window {
	d := *w.desk
	d.t = t
	return &window{&d, w.In(t)}
}

// send sends what is written in the decision panel by Ctrl and Enter.
func (w *window) send() {
	w.t.Helper()
	w.Press(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl))
}

// code is a person's code that was not used yet.
func (d *desk) code(secret string) string {
	d.t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	d.must(err)
	now := func() int64 { return compliance.TOTPStep(remit.SystemClock{}.Now()) }
	step := max(now(), d.codes[secret]+1)
	testenv.Until(d.t, endTimeout, "a fresh code", func() bool { return step <= now()+1 }) // One step early is in time.
	d.codes[secret] = step
	return compliance.TOTPCode(raw, step)
}

// signIn signs a person in at the console.
func (w *window) signIn(name string) *window { w.t.Helper(); return w.signInAt("/console", name) }

// signInAt signs a person in through the pages of a portal.
func (w *window) signInAt(portal, name string) *window {
	w.t.Helper()
	p := w.people[name]
	w.Open(portal + "/sign-in")
	w.Fill("#email", p.Email)
	w.Fill("#password", p.Password)
	w.Click("button.go")
	w.AwaitSeen("#code")
	w.Fill("#code", w.code(p.Secret))
	w.Click("button.go")
	w.AwaitSeen(".top nav")
	return w
}

// cookie is the session's cookie of a window, for calls beside the browser.
func (w *window) cookie() string { w.t.Helper(); return w.Cookie("remit_console", "/console") }

// order is what a remittance is made of; zero fields are as usual.
type order struct {
	originator, beneficiary   *v1.Party
	source, amount            string
	customerID, beneficiaryID string
}

func (d *desk) key() string { return "desk-" + strconv.FormatInt(d.keys.Add(1), 10) }

// pay creates a remittance from the United States to the Philippines.
func (d *desk) pay(o order) *v1.Remittance {
	d.t.Helper()
	if o.source == "" {
		o.source = "tok_ok"
	}
	if o.amount == "" {
		o.amount = "200"
	}
	quote, err := v1.NewQuoteServiceClient(d.Conn).CreateQuote(d.Context(d.key()), &v1.CreateQuoteRequest{
		From: "US", To: "PH", FundingMethod: "card", PayoutMethod: "bank", Rail: "auto", SourceAmount: &v1.Money{Currency: "USD", Amount: o.amount},
	})
	d.must(err)
	if o.customerID == "" {
		party := o.originator
		if party == nil {
			party = originator("Alice", "Walker")
		}
		made, err := v1.NewCustomerServiceClient(d.Conn).CreateCustomer(d.Context(d.key()), &v1.CreateCustomerRequest{Party: party, KycTier: "verified"})
		d.must(err)
		o.customerID = made.GetCustomer().GetId()
	}
	if o.beneficiaryID == "" {
		party := o.beneficiary
		if party == nil {
			party = beneficiary("Maria", "Santos")
		}
		made, err := v1.NewBeneficiaryServiceClient(d.Conn).CreateBeneficiary(d.Context(d.key()), &v1.CreateBeneficiaryRequest{
			Party: party, PayoutMethod: "bank", Account: map[string]string{"bank_code": "BOPIPHMM", "account_number": "1234567899"},
		})
		d.must(err)
		o.beneficiaryID = made.GetBeneficiary().GetId()
	}
	created, err := v1.NewRemittanceServiceClient(d.Conn).CreateRemittance(d.Context(d.key()), &v1.CreateRemittanceRequest{
		QuoteId: quote.GetQuote().GetId(), CustomerId: o.customerID, BeneficiaryId: o.beneficiaryID, Purpose: "family_support", FundingSource: o.source,
	})
	d.must(err)
	return created.GetRemittance()
}

func originator(given, family string) *v1.Party {
	return &v1.Party{
		GivenName: given, FamilyName: family, DateOfBirth: "1988-04-12", Country: "US", Nationality: "US", AddressLine: "12 Oak Street", City: "Austin",
		PostalCode: "73301", Phone: "+15125550123", DocumentType: "passport", DocumentNumber: "X1234567",
	}
}

func beneficiary(given, family string) *v1.Party {
	return &v1.Party{GivenName: given, FamilyName: family, Country: "PH", Nationality: "PH", AddressLine: "7 Mabini Street", City: "Manila", PostalCode: "1000"}
}

func (d *desk) remittance(id string) *v1.Remittance {
	d.t.Helper()
	answer, err := v1.NewRemittanceServiceClient(d.Conn).GetRemittance(d.Context(""), &v1.GetRemittanceRequest{Id: id})
	d.must(err)
	return answer.GetRemittance()
}

// reaches waits until a remittance is in a state.
func (d *desk) reaches(id, state string) *v1.Remittance {
	d.t.Helper()
	var r *v1.Remittance
	testenv.Until(d.t, endTimeout, id+" is "+state, func() bool {
		r = d.remittance(id)
		return r.GetState() == state
	})
	return r
}

// bank tells the sandbox payment company how an order ends.
func (d *desk) bank(order, outcome string) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.Counterparts.Bank+"/_orders/"+order+"/finish",
		bytes.NewReader([]byte(`{"outcome":"`+outcome+`"}`)))
	d.must(err)
	request.Header.Set("Authorization", "Bearer "+d.Counterparts.BankAPIKey)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	d.must(err)
	d.must(answer.Body.Close())
	if answer.StatusCode >= 300 {
		d.t.Fatalf("the bank answered %s", answer.Status)
	}
}

// list puts a row more on the sample list, for the next reading.
func (d *desk) list(row string) {
	d.t.Helper()
	dir := filepath.Join(d.Dir, "lists")
	d.must(os.MkdirAll(dir, 0o700))
	for _, name := range []string{"sdn.csv", "alt.csv", "add.csv"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "compliance", "screening", "sample", name))
		d.must(err)
		if name == "sdn.csv" {
			text = append(append(bytes.TrimRight(text, "\x1a\r\n"), '\n'), row...)
		}
		d.must(os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
}
