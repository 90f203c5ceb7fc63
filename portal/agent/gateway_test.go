package agent_test

import (
	"bytes"
	"encoding/base32"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/internal/testenv"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const endTimeout = 2 * time.Minute

// town is a running gateway whose remittances are fetched at its counters, with
// a teller's browser in front of it.
type town struct {
	*testenv.Gateway
	*window
	teller *person
	keys   int
	used   string
}

// TestCounterAndStory races what happens to a remittance with a teller who is
// paying it, on the whole gateway: the remittance's own workflow decides.
func TestCounterAndStory(t *testing.T) {
	browser := browse(t)
	g := testenv.Start(t, "--ledger-interval", "200ms", "--slot-interval", "100ms", "--bank-settle", "50ms")
	text, err := os.ReadFile(filepath.Join(g.Dir, "staff.json"))
	if err != nil {
		t.Fatal(err)
	}
	var people []struct {
		Name, Email, Password, Role string
		Secret                      string `json:"totp_secret"`
	}
	if err := json.Unmarshal(text, &people); err != nil {
		t.Fatal(err)
	}
	h := &town{Gateway: g, window: (&world{t: t, ctx: t.Context(), url: g.REST}).window(browser)}
	for _, p := range people {
		if p.Email == "teller@demo.example" {
			secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(p.Secret)
			h.must(err)
			h.teller = &person{name: p.Name, email: p.Email, password: p.Password, secret: secret}
		}
	}
	if h.teller == nil {
		t.Fatal("the demo has no teller")
	}
	h.comesToWork()
	for _, part := range []struct {
		name string
		does func(*town)
	}{
		{"recalled while the teller pays", (*town).recalled},
		{"paid, then recalled", (*town).paidThenRecalled},
		{"recalled at the very moment", (*town).recalledAtOnce},
		{"amended while the teller pays", (*town).amended},
		{"listed while the teller pays", (*town).listed},
	} {
		if !t.Run(part.name, func(t *testing.T) {
			mine := *h
			mine.window = h.window.in(t)
			part.does(&mine)
			h.keys, h.used = mine.keys, mine.used
		}) {
			break
		}
	}
	answer, err := v1.NewLedgerServiceClient(g.Conn).VerifyLedger(g.Context(""), &v1.VerifyLedgerRequest{})
	h.must(err)
	if !answer.GetClean() {
		t.Errorf("the ledger is not clean: %v", answer.GetFindings())
	}
}

// comesToWork signs the teller in and opens the drawer with four million pesos.
func (h *town) comesToWork() {
	h.t.Helper()
	h.Open("/agent/sign-in")
	h.Fill("#email", h.teller.email)
	h.Fill("#password", h.teller.password)
	h.Click("button.go")
	h.AwaitSeen("#code")
	h.Fill("#code", h.digits())
	h.Click("button.go")
	h.AwaitSeen(".top nav")
	h.Open("/agent/drawer")
	h.Fill(`input[name="pieces/COP/50000"]`, "80")
	h.Click("form[action$='/open'] button.wide:last-of-type")
	h.AwaitSeen("form[action$='/open'] button.go")
	h.Click("form[action$='/open'] button.go")
	h.Shows("The drawer is open.")
}

// digits are the teller's present ones, which were not used yet.
func (h *town) digits() string {
	h.t.Helper()
	var code string
	testenv.Until(h.t, 40*time.Second, "fresh digits", func() bool {
		code = compliance.TOTPCode(h.teller.secret, compliance.TOTPStep(remit.SystemClock{}.Now()))
		return code != h.used
	})
	h.used = code
	return code
}

func (h *town) key() string {
	h.keys++
	return "counter-" + strconv.Itoa(h.keys)
}

// sent makes a remittance that waits at the counters.
func (h *town) sent(beneficiary string) *v1.Remittance {
	h.t.Helper()
	quote, err := v1.NewQuoteServiceClient(h.Conn).CreateQuote(h.Context(h.key()), &v1.CreateQuoteRequest{
		From: "US", To: "CO", FundingMethod: "card", PayoutMethod: "cash", Rail: "auto", SourceAmount: &v1.Money{Currency: "USD", Amount: "100"},
	})
	h.must(err)
	customer, err := v1.NewCustomerServiceClient(h.Conn).CreateCustomer(h.Context(h.key()), &v1.CreateCustomerRequest{KycTier: "verified", Party: &v1.Party{
		GivenName: "Julian", FamilyName: "Marin", DateOfBirth: "1986-03-09", Country: "US", Nationality: "US", AddressLine: "12 Oak Street", City: "Miami",
		PostalCode: "33101", Phone: "+13055550111", DocumentType: "passport", DocumentNumber: "X1234567",
	}})
	h.must(err)
	made, err := v1.NewBeneficiaryServiceClient(h.Conn).CreateBeneficiary(h.Context(h.key()), &v1.CreateBeneficiaryRequest{PayoutMethod: "cash", Party: colombian(beneficiary)})
	h.must(err)
	created, err := v1.NewRemittanceServiceClient(h.Conn).CreateRemittance(h.Context(h.key()), &v1.CreateRemittanceRequest{
		QuoteId: quote.GetQuote().GetId(), CustomerId: customer.GetCustomer().GetId(), BeneficiaryId: made.GetBeneficiary().GetId(),
		Purpose: "family_support", FundingSource: "tok_ok",
	})
	h.must(err)
	return h.reaches(created.GetRemittance().GetId(), "ready_for_pickup")
}

func colombian(name string) *v1.Party {
	given, family, _ := strings.Cut(name, " ")
	return &v1.Party{
		GivenName: given, FamilyName: family, Country: "CO", Nationality: "CO", AddressLine: "Calle 60 # 9-14", City: "Bogota", PostalCode: "110231",
		Phone: "+573001234567",
	}
}

// reaches waits until a remittance is in a state.
func (h *town) reaches(id, state string) *v1.Remittance {
	h.t.Helper()
	var r *v1.Remittance
	testenv.Until(h.t, endTimeout, id+" is "+state, func() bool {
		answer, err := v1.NewRemittanceServiceClient(h.Conn).GetRemittance(h.Context(""), &v1.GetRemittanceRequest{Id: id})
		h.must(err)
		r = answer.GetRemittance()
		return r.GetState() == state
	})
	return r
}

func (h *town) recall(id string) error {
	_, err := v1.NewRemittanceServiceClient(h.Conn).CancelRemittance(h.Context(h.key()), &v1.CancelRemittanceRequest{Id: id})
	return err
}

// reserves captures the document of whoever fetches the payment.
func (h *town) reserves(code, name string) {
	h.t.Helper()
	h.look(code, name)
	h.AwaitSeen("#number")
	h.Click(`input[name=type][value=passport]`)
	h.captures(name)
	h.Click("button.go")
	h.Shows("Reserved for you")
}

// asks goes to the page that asks once before paying.
func (h *town) asks() {
	h.t.Helper()
	h.Click("a.go")
	h.AwaitSeen(".sure button.go")
	h.Click("input[name=proof][value=paper]")
}

// recalled: the sender takes the remittance back while the teller holds it. No
// cash leaves the drawer, the sender is refunded, and the teller hears nothing
// of why.
func (h *town) recalled() {
	r := h.sent("Lucia Ospina")
	h.reserves(r.GetPickupCode(), "Lucia Ospina")
	h.asks()
	h.must(h.recall(r.GetId()))
	h.reaches(r.GetId(), "refunded")
	h.Click(".sure button.go")
	h.Shows("This payment cannot be paid now. Hand over no cash.", "+57 601 555 0100")
	h.looks("recalled")
	h.look(r.GetPickupCode(), "Lucia Ospina")
	h.Shows("This payment cannot be paid now. Hand over no cash.", "+57 601 555 0100")
}

// paidThenRecalled: what was paid is paid; the sender is told.
func (h *town) paidThenRecalled() {
	r := h.sent("Mateo Zuluaga")
	h.reserves(r.GetPickupCode(), "Mateo Zuluaga")
	h.asks()
	h.Click(".sure button.go")
	h.Shows("now.", "Receipt for the customer")
	err := h.recall(r.GetId())
	if err == nil {
		h.t.Error("what was paid is recalled")
	}
	h.reaches(r.GetId(), "completed")
	h.look(r.GetPickupCode(), "Mateo Zuluaga")
	h.Shows("This payment was paid already. Hand over no cash.")
}

// recalledAtOnce lets a recall and a confirmation run at once: exactly one of
// them comes true, and the pages, the remittance and the drawer agree on which.
func (h *town) recalledAtOnce() {
	for range 4 {
		r := h.sent("Valentina Arango")
		h.reserves(r.GetPickupCode(), "Valentina Arango")
		here := h.Eval("location.pathname")
		h.asks()
		path, form := h.formOf("form[action$='/confirm']")
		key, status := h.key(), make(chan int, 1)
		go func() {
			code, _ := h.post(path, form)
			status <- code
		}()
		_, recalled := v1.NewRemittanceServiceClient(h.Conn).CancelRemittance(h.Context(key), &v1.CancelRemittanceRequest{Id: r.GetId()})
		if paid := <-status == http.StatusSeeOther; paid {
			h.reaches(r.GetId(), "completed")
			h.Open(here)
			h.Shows("Receipt for the customer")
			h.t.Logf("paid; the recall is answered with %v", recalled)
		} else {
			h.must(recalled)
			h.reaches(r.GetId(), "refunded")
			h.Open(here)
			h.AwaitGone(".payment.paid")
			h.t.Log("recalled")
		}
	}
}

// amended: the beneficiary's name is corrected while the teller holds the
// payment. The old reservation pays nothing; under the new name it is paid.
func (h *town) amended() {
	r := h.sent("Camila Torrs")
	h.reserves(r.GetPickupCode(), "Camila Torrs")
	h.asks()
	_, err := v1.NewBeneficiaryServiceClient(h.Conn).UpdateBeneficiary(h.Context(h.key()), &v1.UpdateBeneficiaryRequest{
		Id: r.GetBeneficiaryId(), Version: 1, Party: colombian("Camila Torres Duarte"),
	})
	h.must(err)
	h.Click(".sure button.go")
	h.Shows("This payment changed meanwhile. Look it up again.")
	h.looks("amended")
	h.reserves(r.GetPickupCode(), "Camila Torres Duarte")
	h.asks()
	h.Click(".sure button.go")
	h.Shows("to Camila Torres Duarte now.", "Receipt for the customer")
	h.reaches(r.GetId(), "completed")
}

// listed: a sanctions list names the beneficiary while the teller holds the
// payment. The page says the same as for what was recalled, to the letter.
func (h *town) listed() {
	r := h.sent("Plughomir Xyzzykov")
	h.reserves(r.GetPickupCode(), "Plughomir Xyzzykov")
	h.asks()
	h.lists(`99999,"XYZZYKOV, Plughomir",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `)
	h.reaches(r.GetId(), "in_review")
	h.Click(".sure button.go")
	h.Shows("This payment cannot be paid now. Hand over no cash.", "This payment was withdrawn. Hand over no cash.", "+57 601 555 0100")
	if text := strings.ToLower(h.Eval("document.body.innerText")); strings.Contains(text, "sanction") || strings.Contains(text, "review") || strings.Contains(text, "list") {
		h.t.Errorf("the page tips off: %s", text)
	}
}

// lists puts a row on the sanctions list that the gateway reads.
func (h *town) lists(row string) {
	h.t.Helper()
	dir := filepath.Join(h.Dir, "lists")
	h.must(os.MkdirAll(dir, 0o700))
	for _, name := range []string{"alt.csv", "add.csv", "sdn.csv"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "compliance", "screening", "sample", name))
		h.must(err)
		if name == "sdn.csv" {
			text = append(append(bytes.TrimRight(text, "\x1a\r\n"), '\n'), row+"\n"...)
		}
		h.must(os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
}
