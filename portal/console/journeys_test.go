package console_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/internal/testenv"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestDesk goes through an officer's day in Chromium, on a gateway with real
// parts: what the pages do shows in the remittances and in the books.
func TestDesk(t *testing.T) {
	d := openDesk(t)
	listed := beneficiary("Plughomir", "Xyzzykov")
	held := map[string]*v1.Remittance{}
	for _, end := range []string{"reject", "block"} {
		held[end] = d.pay(order{source: "tok_pending", beneficiary: listed})
		d.reaches(held[end].GetId(), "awaiting_funds")
	}
	d.list(`99999,"XYZZYKOV, Plughomir",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1971."` + "\n")
	d.Kill()
	d.Run()
	olive, otto, mira := d.window(), d.window(), d.window()

	part := func(name string, w *window, f func(*window)) {
		if !t.Run(name, func(t *testing.T) { f(w.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	part("sign in with password and digits", olive, signsIn)
	otto.signIn("officer2")
	mira.signIn("mlro")
	for end, r := range held {
		testenv.Until(t, endTimeout, "the bank has the order", func() bool { return d.remittance(r.GetId()).GetFunding().GetStatus() == "accepted" })
		d.bank(d.remittance(r.GetId()).GetFunding().GetId(), "succeed")
		held[end] = d.reaches(r.GetId(), "in_review")
	}
	part("take the next", olive, func(w *window) { takesNext(w, otto.in(w.t)) })
	part("approve needs a second person", olive, func(w *window) { approves(w, otto.in(w.t)) })
	part("a false positive is remembered, and lapses", olive, remembers)
	part("reject refunds", olive, func(w *window) { rejects(w, held["reject"]) })
	part("block keeps the funds", mira, func(w *window) { blocks(w, held["block"]) })
	part("a stale decision is refused and kept", olive, func(w *window) { stale(w, otto.in(w.t)) })
	part("without script", otto, withoutScript)
	part("add a person, who signs in for the first time", mira, addsPerson)
	part("a passkey", d.window(), usesPasskey)
	part("documents", mira, func(w *window) { documents(w, held["block"]) })
	part("export a case", mira, func(w *window) { exports(w, held["block"]) })
	part("every page, at every size, in both themes", mira, func(w *window) { looks(w, held["block"].GetCaseId()) })
	part("weight and speed", mira, func(w *window) { weighs(w, held["block"].GetCaseId()) })
}

func signsIn(w *window) {
	p := w.people["officer"]
	w.Open("/console/cases?inbox=sanctions")
	w.Shows("Sign in")
	w.Fill("#email", p.Email)
	w.Fill("#password", "not the password")
	w.Click("button.go")
	w.AwaitSeen(".notice.bad")
	if got := w.Eval("document.querySelector('#email').value"); got != p.Email {
		w.t.Errorf("after a wrong password the address is %q, want it kept", got)
	}
	w.Fill("#password", p.Password)
	w.Click("button.go")
	w.AwaitSeen("#code")
	w.Fill("#code", "000000")
	w.Click("button.go")
	w.AwaitSeen(".notice.bad")
	w.Fill("#code", w.code(p.Secret))
	w.Click("button.go")
	w.Shows("Queue", "Olive Officer")
	if got := w.Eval("location.pathname + location.search"); got != "/console/cases?inbox=sanctions" {
		w.t.Errorf("after signing in the page is %s, want the one that was asked for", got)
	}
	if w.Eval("document.cookie") != "" {
		w.t.Error("scripts can read a cookie")
	}
}

// stopped makes a remittance that a name of the sample list stops at intake.
func (w *window) stopped(o order) *v1.Remittance {
	w.t.Helper()
	return w.reaches(w.pay(o).GetId(), "in_review")
}

func takesNext(w, other *window) {
	w.stopped(order{beneficiary: beneficiary("Victor", "Bout")})
	w.Open("/console/cases")
	w.Press("t")
	w.Shows("Yours", "The case is yours")
	mine := w.Eval("location.pathname")
	other.Open("/console/cases")
	other.Click("button[data-key=t]")
	other.Shows("Yours")
	theirs := other.Eval("location.pathname")
	if theirs == mine {
		w.t.Errorf("both took %s", mine)
	}
	other.Open(mine)
	other.Shows("Held by Olive Officer")
	other.Open(theirs)
	other.Press("p")
	other.Shows("back in the queue")
	w.Press("p")
	w.Shows("back in the queue")
}

func approves(w, second *window) {
	grace := originator("Grace", "Mugabe")
	grace.DateOfBirth = "1965-01-23"
	r := w.stopped(order{originator: grace, amount: "500"})
	path := "/console/cases/" + r.GetCaseId()
	w.Open(path)
	w.Shows("Originator like a listed name", "MUGABE, Grace", "Grace Mugabe")
	w.Press("a")
	w.Shows("A second person must agree before anything moves")
	w.Fill("#note", "Born on another day, and another passport")
	w.send()
	w.Shows("Your proposal waits for a second person")
	if w.Has("[data-key=a]") {
		w.t.Error("who proposed is offered to agree")
	}
	if got := w.remittance(r.GetId()); got.GetState() != "in_review" {
		w.t.Errorf("after one person it is %s", got.GetState())
	}
	second.Open(path)
	second.Shows("Olive Officer proposed", "Born on another day")
	second.Press("a")
	second.Shows("Agree with Olive Officer?")
	second.Fill("#note", "I agree, the dates are far apart")
	second.send()
	second.Shows("Decided.", "proposed by Olive Officer")
	w.reaches(r.GetId(), "completed")
}

// remembers sends again for the party whose hit two persons released, and again
// once the party has changed.
func remembers(w *window) {
	w.Open("/console/cases?status=approved&order=newest")
	w.Click(".what a")
	w.Shows("MUGABE, Grace", "False positive")
	before := w.remittance(w.Eval("document.querySelector('.sums').closest('section').querySelector('[data-copy]').dataset.copy"))
	again := order{customerID: before.GetCustomerId(), beneficiaryID: before.GetBeneficiaryId()}
	w.reaches(w.pay(again).GetId(), "completed")

	moved := originator("Grace", "Mugabe")
	moved.DateOfBirth = "1965-07-23"
	_, err := v1.NewCustomerServiceClient(w.Conn).UpdateCustomer(w.Context(w.key()), &v1.UpdateCustomerRequest{Id: before.GetCustomerId(), Version: 1, Party: moved, KycTier: "verified"})
	w.must(err)
	r := w.reaches(w.pay(again).GetId(), "in_review")
	w.Open("/console/cases/" + r.GetCaseId())
	w.Shows("MUGABE, Grace", "Earlier cases", "Approved")
	if w.Eval("document.querySelector('.versus').innerText.includes('False positive')") == "true" {
		w.t.Error("the hit counts as released though the customer has changed")
	}
}

func rejects(w *window, r *v1.Remittance) {
	w.Open("/console/cases/" + r.GetCaseId())
	w.Shows("Held by us", "Beneficiary like a listed name")
	w.Press("r")
	w.Shows("USD 200.00 goes back to Alice Walker")
	w.send()
	w.AwaitSeen("#note:invalid")
	w.Fill("#note", "The tenant cannot say who this is")
	w.send()
	w.Shows("Decided.")
	if got := w.reaches(r.GetId(), "refunded"); got.GetFunds() != "returned" {
		w.t.Errorf("the funds are %s, want returned", got.GetFunds())
	}
	w.Open("/console/cases/" + r.GetCaseId())
	w.Shows("has it back")
}

func blocks(w *window, r *v1.Remittance) {
	w.Open("/console/cases/" + r.GetCaseId())
	w.Press("b")
	w.Shows("goes to the blocked account and is kept there")
	w.Fill("#note", "Name, year and town are those of the entry")
	w.send()
	w.Shows("Decided.")
	if got := w.reaches(r.GetId(), "blocked"); got.GetFunds() != "blocked" {
		w.t.Errorf("the funds are %s, want blocked", got.GetFunds())
	}
	w.Open("/console/cases/" + r.GetCaseId())
	w.Shows("blocked account", "Unblock")
}

// stale decides on a version that is no more.
func stale(w, other *window) {
	r := w.stopped(order{beneficiary: beneficiary("Dragomir", "Vasic"), amount: "410"})
	path := "/console/cases/" + r.GetCaseId()
	w.Open(path)
	w.Press("r")
	w.AwaitSeen("#note")
	w.Fill("#note", "They do not answer")
	other.Open(path)
	other.Press("n")
	other.AwaitSeen("#note")
	other.Fill("#note", "The tenant has just called: the papers come")
	other.send()
	other.Shows("The note is in the file")
	w.send()
	w.Shows("has changed since you opened it", "the papers come")
	if got := w.Eval("document.querySelector('#note').value"); got != "They do not answer" {
		w.t.Errorf("what was written is %q, want it kept", got)
	}
	if got := w.remittance(r.GetId()); got.GetState() != "in_review" {
		w.t.Errorf("a stale decision made it %s", got.GetState())
	}
}

func withoutScript(w *window) {
	w.Script(false)
	defer w.Script(true)
	r := w.stopped(order{beneficiary: beneficiary("Pio", "de Vera")})
	w.Open("/console/cases?find=" + r.GetId())
	w.Click(".what a")
	w.AwaitSeen("#decide")
	w.Click("#decide a[href*='do=note']")
	w.AwaitSeen("#note")
	w.Fill("#note", "Written without script\rin two lines")
	w.Click("#decide button.go")
	w.Shows("The note is in the file", "Written without script", "in two lines")
	long := url.Values{"note": {strings.Repeat("x", 100_000)}, "version": {"1"}}
	if status := w.post("/console/cases/"+r.GetCaseId()+"/reject", long); status != http.StatusRequestEntityTooLarge {
		w.t.Errorf("a note of 100,000 letters is answered %d, want that it is too large", status)
	}
	for _, nothing := range []string{"\u200b\u200b\u200b", "...", " \r\n "} {
		if status := w.post("/console/cases/"+r.GetCaseId()+"/note", url.Values{"note": {nothing}}); status != http.StatusUnprocessableEntity {
			w.t.Errorf("the note %q is answered %d, want it refused", nothing, status)
		}
	}
}

func addsPerson(w *window) {
	w.Open("/console/people")
	w.Fill("#name", "Nora New")
	w.Fill("#email", "nora@demo.example")
	w.Click("form[action='/console/people'] button.primary")
	w.Shows("can sign in with this password once")
	password := w.Eval("document.querySelector('.notice .secret').innerText")
	nora := w.window()
	nora.Open("/console/sign-in")
	nora.Fill("#email", "nora@demo.example")
	nora.Fill("#password", password)
	nora.Click("button.go")
	nora.Shows("Set up your authenticator")
	if !nora.Has("svg.qr") {
		w.t.Error("no QR code is shown")
	}
	secret := strings.ReplaceAll(nora.Eval("document.querySelector('.secret').innerText"), " ", "")
	nora.Fill("#code", nora.code(secret))
	nora.Click("button.go")
	nora.Shows("Keep your recovery codes")
	nora.Click("a.primary")
	nora.Shows("Choose your own before anything else")
	nora.Open("/console/cases")
	nora.Shows("Choose your own before anything else")
	nora.Fill("#current", password)
	nora.Fill("#next", "short")
	nora.Fill("#again", "short")
	nora.Click("form[action$='/password'] button")
	nora.AwaitSeen("#next-wrong")
	for field, text := range map[string]string{"#current": password, "#next": "four lamps of a quiet fjord", "#again": "four lamps of a quiet fjord"} {
		nora.Fill(field, text)
	}
	nora.Click("form[action$='/password'] button")
	nora.Shows("Queue", "Your password is changed")
	nora.Open("/console/people")
	nora.Shows("Your role may not do this", "Quote req_")
}

// exports takes the file of a case and checks it as its reader would.
func exports(w *window, r *v1.Remittance) {
	text := w.fetch("/console/cases/"+r.GetCaseId()+"/export", http.StatusOK)
	content, seal, found := strings.Cut(text, "<!-- end of content -->\n")
	sum := sha256.Sum256([]byte(content))
	if !found || !strings.Contains(seal, hex.EncodeToString(sum[:])) {
		w.t.Error("the hash that the file states is not that of its content")
	}
	for _, want := range []string{r.GetId(), "Plughomir Xyzzykov", "XYZZYKOV, Plughomir", "Name, year and town", "case.decide", "SANCTIONS_HIT", "<dt>Decided</dt><dd>review</dd>"} {
		if !strings.Contains(content, want) {
			w.t.Errorf("the file does not say %q", want)
		}
	}
	for _, not := range []string{"<script", "http-equiv=\"refresh\"", "src=\"http", "href=\"/static"} {
		if strings.Contains(content, not) {
			w.t.Errorf("the file has %q, so it is not self-contained", not)
		}
	}
}

// fetch reads a page as the window's person, without the browser.
func (w *window) fetch(path string, want int) string {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.REST+path, nil)
	w.must(err)
	request.AddCookie(&http.Cookie{Name: "remit_console", Value: w.cookie()})
	answer, err := http.DefaultClient.Do(request)
	w.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	w.must(err)
	if answer.StatusCode != want {
		w.t.Fatalf("GET %s: %s, want %d\n%.500s", path, answer.Status, want, text)
	}
	return string(text)
}

// usesPasskey makes a passkey on a device that Chromium plays, signs out and
// signs in with it.
func usesPasskey(w *window) {
	_, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (webauthn.AddVirtualAuthenticatorResult, error) {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return webauthn.AddVirtualAuthenticatorResult{}, err
		}
		return cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
	})
	w.must(err)
	w.signInAt(w.local("/console"), "analyst")
	w.Open(w.local("/console/account"))
	w.Fill("#pkname", "Test key")
	w.Click("[data-passkey] button")
	w.Shows("The passkey can be used", "Test key")
	w.Click("main form[action$='/sign-out'] button")
	w.Shows("You are signed out")
	w.Click("[data-passkey] button")
	w.Shows("Queue", "Ada Analyst")
}

// documents puts a large document into the file, and one that is not what it says.
func documents(w *window, r *v1.Remittance) {
	dir := w.t.TempDir()
	large, disguised := filepath.Join(dir, "statement.pdf"), filepath.Join(dir, "passport.png")
	pdf := slices.Concat([]byte("%PDF-1.7\n%"), bytes.Repeat([]byte("x"), 3<<20), []byte("\n%%EOF\n"))
	w.must(os.WriteFile(large, pdf, 0o600))
	w.must(os.WriteFile(disguised, []byte("MZ\x90\x00 this is a program"), 0o600))
	w.Open("/console/cases/" + r.GetCaseId())
	w.Do(chromedp.SetUploadFiles("#document", []string{large}))
	w.Click("form[action$='/documents'] button")
	w.AwaitSeen("#document-wrong, .notice.good, .trouble")
	w.Shows("The document is in the file", "statement.pdf")
	w.Do(chromedp.SetUploadFiles("#document", []string{disguised}))
	w.Click("form[action$='/documents'] button")
	w.AwaitSeen("#document-wrong")
	for name, size := range map[string]int{"large.pdf": 6 << 20, "huge.pdf": 30 << 20} {
		path := filepath.Join(dir, name)
		w.must(os.WriteFile(path, slices.Concat([]byte("%PDF-1.7\n%"), bytes.Repeat([]byte("x"), size), []byte("\n%%EOF\n")), 0o600))
		w.Open("/console/cases/" + r.GetCaseId())
		w.Do(chromedp.SetUploadFiles("#document", []string{path}))
		w.Click("form[action$='/documents'] button")
		w.AwaitSeen("#document-wrong")
		if got := w.Eval("document.querySelector('#document-wrong').innerText"); !strings.Contains(got, "This one has more than 5 MiB") {
			w.t.Errorf("of %d bytes the page says %q", size, got)
		}
	}
	if n := w.Eval("document.querySelectorAll('.documents li').length"); n != "1" {
		w.t.Errorf("%s documents are in the file, want the one that was good", n)
	}
	href := w.Eval("document.querySelector('.documents a').getAttribute('href')")
	if got := w.fetch(href, http.StatusOK); got != string(pdf) {
		w.t.Errorf("the document comes back with %d bytes, want %d as they were", len(got), len(pdf))
	}
}
