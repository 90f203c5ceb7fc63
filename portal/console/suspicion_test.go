package console_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// reported is what the teller of the test writes.
const reported = "He read the name from a telephone and asked twice how much it is."

// TestSuspicion goes in Chromium from a counter to the desk: a teller reports a
// concern, an officer freezes the payout, and another person decides. The teller
// learns that the report is in progress, and nothing else.
func TestSuspicion(t *testing.T) {
	d := openDesk(t)
	teller, olive, mira := d.window().atCounter(), d.window(), d.window()
	olive.signIn("officer")
	mira.signIn("mlro")
	part := func(name string, w *window, f func(*window)) {
		if !t.Run(name, func(t *testing.T) { f(w.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	var first *v1.Remittance
	part("frozen and rejected", olive, func(w *window) { first = freezes(w, mira.in(w.t), teller.in(w.t)) })
	part("frozen and let go by two persons", olive, func(w *window) { letsGo(w, mira.in(w.t), teller.in(w.t)) })
	part("reported too late", olive, func(w *window) { tooLate(w, teller.in(w.t)) })
	part("the pictures are for few", d.window(), func(w *window) { fewLook(w, mira.in(w.t), first) })
	answer, err := v1.NewLedgerServiceClient(d.Conn).VerifyLedger(d.Context(""), &v1.VerifyLedgerRequest{})
	d.must(err)
	if !answer.GetClean() {
		t.Errorf("the ledger is not clean: %v", answer.GetFindings())
	}
}

// atCounter signs the demo's teller in and opens the drawer with four million pesos.
func (w *window) atCounter() *window {
	w.t.Helper()
	w.signInAt("/agent", "teller")
	w.Open("/agent/drawer")
	w.Fill(`input[name="pieces/COP/50000"]`, "80")
	w.Click("form[action$='/open'] button.wide:last-of-type")
	w.AwaitSeen("form[action$='/open'] button.go")
	w.Click("form[action$='/open'] button.go")
	w.Shows("The drawer is open.")
	return w
}

// fetchable makes a remittance that waits at the counters of Colombia.
func (d *desk) fetchable(name string) *v1.Remittance {
	d.t.Helper()
	given, family, _ := strings.Cut(name, " ")
	receiver := &v1.Party{
		GivenName: given, FamilyName: family, Country: "CO", Nationality: "CO", AddressLine: "Calle 60 # 9-14", City: "Bogota", PostalCode: "110231",
		Phone: "+573001234567",
	}
	quote, err := v1.NewQuoteServiceClient(d.Conn).CreateQuote(d.Context(d.key()), &v1.CreateQuoteRequest{
		From: "US", To: "CO", FundingMethod: "card", PayoutMethod: "cash", Rail: "auto", SourceAmount: &v1.Money{Currency: "USD", Amount: "100"},
	})
	d.must(err)
	customer, err := v1.NewCustomerServiceClient(d.Conn).CreateCustomer(d.Context(d.key()), &v1.CreateCustomerRequest{Party: originator("Julian", "Marin"), KycTier: "verified"})
	d.must(err)
	made, err := v1.NewBeneficiaryServiceClient(d.Conn).CreateBeneficiary(d.Context(d.key()), &v1.CreateBeneficiaryRequest{Party: receiver, PayoutMethod: "cash"})
	d.must(err)
	created, err := v1.NewRemittanceServiceClient(d.Conn).CreateRemittance(d.Context(d.key()), &v1.CreateRemittanceRequest{
		QuoteId: quote.GetQuote().GetId(), CustomerId: customer.GetCustomer().GetId(), BeneficiaryId: made.GetBeneficiary().GetId(),
		Purpose: "family_support", FundingSource: "tok_ok",
	})
	d.must(err)
	return d.reaches(created.GetRemittance().GetId(), "ready_for_pickup")
}

// looksUp finds a payment at the counter.
func (w *window) looksUp(code, name string) {
	w.t.Helper()
	w.Open("/agent/pay")
	w.Fill("#code", code)
	w.Fill("#name", name)
	w.Click("button.go")
}

// reserves captures the document with a photo of it.
func (w *window) reserves(code, name string) {
	w.t.Helper()
	w.looksUp(code, name)
	w.AwaitSeen("#number")
	w.Click("input[name=type][value=passport]")
	w.Fill("#number", "P1234567A")
	w.Do(chromedp.SetValue("#expires", "2031-01-31"), chromedp.SetValue("#birth_date", "1990-04-05"))
	w.Fill("#document_name", name)
	w.Do(chromedp.SetUploadFiles("#photo", []string{w.passport()}))
	w.Click("button.go")
	w.Shows("Reserved for you")
}

// pays pays a payment out, signed on the screen.
func (w *window) pays(code, name string) {
	w.t.Helper()
	w.reserves(code, name)
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click("input[name=proof][value=drawn]")
	w.Set("input[name=signature]", "100,100 400,200 700,60 800,210;120,200 500,240 640,90")
	w.Act("document.querySelector('.sure form').submit()")
	w.Shows("Receipt for the customer")
}

// passport is a photo of a document: a page in grey with lines on it.
func (w *window) passport() string {
	m := image.NewGray(image.Rect(0, 0, 1200, 850))
	for y := range 850 {
		for x := range 1200 {
			m.SetGray(x, y, color.Gray{uint8(200 - (x*y/4000)%60)}) //nolint:gosec // Below 256.
		}
	}
	for line := range 9 {
		for y := 120 + 70*line; y < 140+70*line; y++ {
			for x := 480; x < 1100-40*line; x++ {
				m.SetGray(x, y, color.Gray{70})
			}
		}
	}
	var b bytes.Buffer
	w.must(jpeg.Encode(&b, m, nil))
	path := filepath.Join(w.t.TempDir(), "document.jpg")
	w.must(os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// reports reports the payment that the window shows.
func (w *window) reports() {
	w.t.Helper()
	w.Click(`a[href^="/agent/report?payment="]`)
	w.AwaitSeen("#text")
	w.Do(chromedp.SetValue("#category", "identity"))
	w.Fill("#text", reported+"\rA second line, as people write them.")
	w.Click("main form button.go")
	w.Shows("Received. Your report is in progress.")
}

// inProgress checks that the counter learns nothing: of the report that it is in
// progress, of the payment that it cannot be paid.
func (w *window) inProgress(code, name string) {
	w.t.Helper()
	w.Open("/agent/report")
	w.Shows("In progress")
	w.tellsNothing("[aria-labelledby=own]")
	w.looksUp(code, name)
	w.Shows("This payment cannot be paid now. Hand over no cash.")
	w.tellsNothing("main")
}

func (w *window) tellsNothing(where string) {
	w.t.Helper()
	text := strings.ToLower(w.Eval("document.querySelector('" + where + "').innerText"))
	for _, not := range []string{"frozen", "froze", "freeze", "review", "reject", "suspicio", "officer", "case"} {
		if strings.Contains(text, not) {
			w.t.Errorf("the counter is told %q: %s", not, text)
		}
	}
}

// opensReport finds the report in the queue as the officer does, and opens it.
func (w *window) opensReport() {
	w.t.Helper()
	w.Open("/console/cases?kind=suspicion&status=undecided")
	w.Click(".what a")
	w.Shows("Reported at a counter", "Identity or document", reported, "A second line, as people write them.", "Chapinero", "Who reported sees only that it is in progress", "The MLRO decides this case first.")
}

// freezesPayout orders the freeze by keyboard, with a reason.
func (w *window) freezesPayout() string {
	w.t.Helper()
	w.Press("f")
	w.Shows("is withdrawn and waits for the decision", "Approving then takes two persons")
	w.Picture("suspicion-freeze-1440-light")
	w.send()
	w.AwaitSeen("#note:invalid")
	w.Fill("#note", "Somebody tells him what to say:\rit must not be paid today")
	w.send()
	w.Shows("The payout is to be withdrawn")
	return w.Eval("location.pathname")
}

func freezes(w, other, teller *window) *v1.Remittance {
	r := w.fetchable("Lucia Ospina")
	teller.reserves(r.GetPickupCode(), "Lucia Ospina")
	teller.reports()
	if got := w.remittance(r.GetId()); got.GetState() != "ready_for_pickup" {
		w.t.Fatalf("a report made the remittance %s", got.GetState())
	}
	w.opensReport()
	w.Shows("Lucia Ospina", "Julian Marin", "Taken at the counter", "Photo of the document")
	w.Click("a[href$='show=evidence#evidence']")
	w.Shows("You looked: it is in the audit trail.")
	w.AwaitTrue(`document.querySelector(".evidence img").naturalWidth > 400`)
	w.Looks("suspicion")
	path := w.freezesPayout()
	w.reaches(r.GetId(), "in_review")
	w.Open(path)
	w.Shows("Payout to be withdrawn", "Somebody tells him")
	if w.Has("[data-key=a]") || w.Has("[data-key=f]") {
		w.t.Error("an officer is offered to approve first, or to freeze again")
	}
	teller.inProgress(r.GetPickupCode(), "Lucia Ospina")
	other.Open(path)
	other.Press("r")
	other.Shows("The payout stays withdrawn", "goes back to Julian Marin by the way it came")
	other.Fill("#note", "He was told what to say by a stranger")
	other.send()
	other.Shows("Decided.")
	if got := w.reaches(r.GetId(), "refunded"); got.GetFunds() != "returned" {
		w.t.Errorf("the funds are %s, want returned", got.GetFunds())
	}
	teller.inProgress(r.GetPickupCode(), "Lucia Ospina")
	file := w.fetch("/console/cases/"+strings.TrimPrefix(path, "/console/cases/")+"/export", http.StatusOK)
	for _, want := range []string{reported, "data:image/jpeg;base64,", "Photo of the document"} {
		if !strings.Contains(file, want) {
			w.t.Errorf("the export does not have %q", want)
		}
	}
	return w.remittance(r.GetId())
}

func letsGo(w, other, teller *window) {
	r := w.fetchable("Mateo Zuluaga")
	teller.looksUp(r.GetPickupCode(), "Mateo Zuluaga")
	teller.AwaitSeen("#number")
	teller.reports()
	w.opensReport()
	path := w.freezesPayout()
	w.reaches(r.GetId(), "in_review")
	other.Open(path)
	other.Press("a")
	other.Shows("A second person must agree before anything moves", "the payout is ordered anew")
	other.Fill("#note", "The sender confirms by telephone that it is his brother")
	other.send()
	other.Shows("Your proposal waits for a second person")
	if got := w.remittance(r.GetId()).GetState(); got != "in_review" {
		w.t.Errorf("after one person it is %s", got)
	}
	w.Open(path)
	w.Shows("Mira MLRO proposed to approve")
	w.Press("a")
	w.Shows("Agree with Mira MLRO?")
	w.Fill("#note", "I called too")
	w.send()
	w.Shows("Decided.", "proposed by Mira MLRO")
	again := w.reaches(r.GetId(), "ready_for_pickup")
	if again.GetPickupCode() == "" || again.GetPickupCode() == r.GetPickupCode() {
		w.t.Errorf("the code is %q, was %q", again.GetPickupCode(), r.GetPickupCode())
	}
	teller.inProgress(r.GetPickupCode(), "Mateo Zuluaga")
	teller.looksUp(again.GetPickupCode(), "Mateo Zuluaga")
	teller.Shows("Hand over no cash yet")
}

// tooLate: what was paid is paid, so a freeze is not offered; the signature is
// in the file.
func tooLate(w, teller *window) {
	r := w.fetchable("Camila Torres")
	teller.pays(r.GetPickupCode(), "Camila Torres")
	w.reaches(r.GetId(), "completed")
	teller.reports()
	w.opensReport()
	if w.Has("[data-key=f]") {
		w.t.Error("a payout that was paid is offered to be frozen")
	}
	w.Click("a[href$='show=evidence#evidence']")
	w.Shows("You looked")
	w.AwaitTrue(`[...document.querySelectorAll(".evidence img")].filter(i => i.naturalWidth > 0).length === 2`)
	w.Looks("evidence")
}

// fewLook: an analyst sees that there is a photo and not what it shows; each look
// of those who may is in the trail, intent and result.
func fewLook(w, mlro *window, r *v1.Remittance) {
	id := w.caseAbout(r)
	w.signIn("analyst")
	w.Open("/console/cases/" + id + "?show=evidence")
	w.Shows("Taken at the counter", "What they show is for officers and the MLRO.")
	if w.Has(".evidence img") {
		w.t.Error("an analyst is shown the photo")
	}
	taken := w.wholeCase(id).GetEvidence()
	if len(taken) != 1 || taken[0].GetKind() != "photo" || taken[0].GetEvidence().GetSha256() == "" {
		w.t.Fatalf("the case has %v", taken)
	}
	path := "/console/evidence/" + taken[0].GetPickupId() + "/photo"
	w.fetch(path, http.StatusForbidden)
	if file := w.fetch("/console/cases/"+id+"/export", http.StatusOK); strings.Contains(file, "data:image/jpeg") || !strings.Contains(file, taken[0].GetEvidence().GetSha256()) {
		w.t.Error("an analyst's export has the photo, or not its hash")
	}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.REST+path, nil)
	w.must(err)
	request.AddCookie(&http.Cookie{Name: "remit_console", Value: mlro.cookie()})
	answer, err := http.DefaultClient.Do(request)
	w.must(err)
	w.must(answer.Body.Close())
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Content-Type") != "image/jpeg" ||
		answer.Header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
		w.t.Errorf("the photo comes as %s with %v", answer.Status, answer.Header)
	}
	mlro.Open("/console/audit?subject=" + taken[0].GetPickupId() + "&act=pickup.view_evidence")
	mlro.Shows("pickup.view_evidence", "intent", "Olive Officer", "Ada Analyst", "Refused")
}

func (d *desk) caseAbout(r *v1.Remittance) string {
	d.t.Helper()
	list, err := v1.NewCaseServiceClient(d.Conn).ListCases(d.Context(""), &v1.ListCasesRequest{RemittanceId: r.GetId()})
	d.must(err)
	if len(list.GetCases()) != 1 {
		d.t.Fatalf("%d cases are about %s", len(list.GetCases()), r.GetId())
	}
	return list.GetCases()[0].GetId()
}

func (d *desk) wholeCase(id string) *v1.Case {
	d.t.Helper()
	answer, err := v1.NewCaseServiceClient(d.Conn).GetCase(d.Context(""), &v1.GetCaseRequest{Id: id})
	d.must(err)
	return answer.GetCase()
}
