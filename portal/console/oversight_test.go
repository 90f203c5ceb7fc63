package console_test

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/openremit/remit/internal/testenv"
	"github.com/openremit/remit/internal/testenv/browser"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestOversight goes through what an MLRO and an auditor do in Chromium, on a
// gateway with an identity provider: who comes in, who may do what, the trail
// and its proof, the lists, and the payment on chain.
func TestOversight(t *testing.T) {
	browser.SkipUnderRace(t)
	idp := newIssuer(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(idp.secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := openDesk(t, "--oidc-issuer", idp.URL, "--oidc-client-id", "remit", "--oidc-client-secret-file", secret, "--oidc-name", "Corporate login",
		"--pickup-delay", "10m")
	cash := d.payCash("900", "1100")
	mira := d.window().signIn("mlro")
	part := func(name string, w *window, f func(*window)) {
		if !t.Run(name, func(t *testing.T) { f(w.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	part("sign in at the identity provider", d.window(), func(w *window) { usesProvider(w, idp) })
	part("suspend a person, and let them in again", mira, func(w *window) { suspends(w, idp) })
	part("reset a second factor", mira, resets)
	part("the lists", mira, readsLists)
	part("an auditor changes nothing", d.window(), auditorOnly)
	part("the proof of a netted payment", mira, func(w *window) { provesPayment(w, cash) })
	part("search and export the trail", mira, searchesTrail)
	part("verify the trail, whole and changed", mira, verifiesTrail)
}

// local is a page by the name that passkeys and identity providers know.
func (w *window) local(path string) string {
	return strings.Replace(w.REST, "127.0.0.1", "localhost", 1) + path
}

// logIn goes to the identity provider and comes back as somebody.
func (w *window) logIn(email string) {
	w.t.Helper()
	w.Open(w.local("/console/sign-in"))
	w.Click("a[href^='/console/sign-in/provider?next=']")
	w.Shows("Your address")
	w.Fill("#user", email)
	w.Click("button")
	w.Await("main")
}

// usesProvider signs in at the provider, and tries what must be refused.
func usesProvider(w *window, idp *issuer) {
	for name, c := range map[string]struct {
		email string
		bend  map[string]any
	}{
		"an unknown person":    {"nobody@demo.example", nil},
		"a wrong nonce":        {w.people["officer"].Email, map[string]any{"nonce": "another"}},
		"a wrong issuer":       {w.people["officer"].Email, map[string]any{"iss": "https://evil.example"}},
		"a wrong audience":     {w.people["officer"].Email, map[string]any{"aud": "another"}},
		"an unproven address":  {w.people["officer"].Email, map[string]any{"email_verified": false}},
		"an identity of old":   {w.people["officer"].Email, map[string]any{"exp": 1}},
		"no address whatever":  {w.people["officer"].Email, map[string]any{"email": ""}},
		"a code that is stale": {"", nil},
	} {
		idp.says(c.bend)
		if c.email == "" {
			w.Open(w.local("/console/sign-in/provider/return?code=x&state=y"))
		} else {
			w.logIn(c.email)
		}
		w.Shows("Quote req_")
		if w.Has(".top nav") {
			w.t.Errorf("%s is signed in", name)
		}
		w.Open(w.local("/console/cases"))
		if w.Has(".top nav") || !strings.Contains(w.Eval("location.pathname"), "sign-in") {
			w.t.Errorf("%s sees the queue", name)
		}
	}
	idp.says(nil)
	w.Picture("sign-in-1440-light")
	for name, sees := range map[string]bool{"officer": false, "auditor": true} {
		p := w.people[name]
		w.Open(w.local("/console/lists?from=a+link"))
		w.Click("a[href^='/console/sign-in/provider?next=']")
		w.Shows("Your address")
		w.Fill("#user", p.Email)
		w.Click("button")
		w.Shows("Screening lists", p.Name)
		if got := w.Eval("location.pathname + location.search"); got != "/console/lists?from=a+link" {
			w.t.Errorf("after signing in at the provider the page is %s, want the one that was asked for", got)
		}
		if got := w.Has("a[href='/console/audit']"); got != sees {
			w.t.Errorf("%s is offered the trail: %v", name, got)
		}
		if w.Eval("document.cookie") != "" {
			w.t.Error("scripts can read a cookie")
		}
		w.Open(w.local("/console/account"))
		w.Click("main form[action$='/sign-out'] button")
		w.Shows("You are signed out")
	}
}

// row is what the page of people says of one.
func (w *window) row(name string) string {
	w.t.Helper()
	return w.Eval("[...document.querySelectorAll('tbody tr')].find(r => r.innerText.includes(" + fmt.Sprintf("%q", name) + "))?.innerText")
}

func suspends(w *window, idp *issuer) {
	ada := w.window().signIn("analyst").in(w.t)
	p := w.people["analyst"]
	w.Open("/console/people")
	w.Click("details:has(form[action='/console/people/" + p.ID + "/suspend']) summary")
	w.Shows(p.Name + " is signed out at once")
	w.Click("form[action='/console/people/" + p.ID + "/suspend'] button")
	w.Shows("Let them sign in")
	if got := w.row(p.Name); !strings.Contains(got, "Suspended") {
		w.t.Errorf("the page says of %s: %s", p.Name, got)
	}
	ada.Open("/console/cases")
	ada.Shows("Sign in")
	ada.Fill("#email", p.Email)
	ada.Fill("#password", p.Password)
	ada.Click("button.go")
	ada.AwaitSeen(".notice.bad")
	ada.logIn(p.Email)
	ada.Shows("Quote req_")
	w.Click("form[action='/console/people/" + p.ID + "/resume'] button")
	w.AwaitSeen("details:has(form[action='/console/people/" + p.ID + "/suspend'])")
	ada.logIn(p.Email)
	ada.Shows("Queue", p.Name)
	me := w.people["mlro"]
	if w.Has("form[action='/console/people/"+me.ID+"/suspend']") || w.Has("form[action='/console/people/"+me.ID+"/reset']") {
		w.t.Error("an MLRO is offered to change their own account")
	}
	for _, act := range []string{"suspend", "reset"} {
		if status := w.post("/console/people/"+me.ID+"/"+act, nil); status != http.StatusForbidden && status != http.StatusConflict {
			w.t.Errorf("to %s oneself is answered %d", act, status)
		}
	}
}

func resets(w *window) {
	otto := w.window().signIn("officer2").in(w.t)
	p := w.people["officer2"]
	w.Open("/console/people")
	w.Click("details:has(form[action='/console/people/" + p.ID + "/reset']) summary")
	w.Shows("Their authenticator, passkeys and sessions end")
	w.Click("form[action='/console/people/" + p.ID + "/reset'] button")
	w.Shows("can sign in with this password once")
	password := w.Eval("document.querySelector('.notice .secret').innerText")
	w.Open("/console/people")
	if got := w.row(p.Name); !strings.Contains(got, "Not set up yet") {
		w.t.Errorf("the page says of %s: %s", p.Name, got)
	}
	otto.Open("/console/cases")
	otto.Shows("Sign in")
	otto.Fill("#email", p.Email)
	otto.Fill("#password", p.Password)
	otto.Click("button.go")
	otto.AwaitSeen(".notice.bad")
	otto.Fill("#password", password)
	otto.Click("button.go")
	otto.Shows("Set up your authenticator")
	secret := strings.ReplaceAll(otto.Eval("document.querySelector('.secret').innerText"), " ", "")
	if secret == p.Secret {
		w.t.Error("the second factor is the one before")
	}
	otto.Fill("#code", otto.code(secret))
	otto.Click("button.go")
	otto.Shows("Keep your recovery codes")
}

// readsLists changes the files of the lists while the gateway runs.
func readsLists(w *window) {
	w.Open("/console/lists")
	w.Shows("one entry in forty")
	w.list("")
	w.awaits("/console/lists", "may not be whole")
	w.list(`99999,"XYZZYKOV, Plughomir",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n")
	w.awaits("/console/lists", "1 added")
	w.Click("details.change summary")
	w.Shows("XYZZYKOV, Plughomir")
	w.Picture("lists-changed-1440-light")
	inForce := w.Eval("document.querySelector('section[aria-label=\"Lists in force\"] code').innerText")
	cut := filepath.Join(w.Dir, "lists", "sdn.csv")
	text, err := os.ReadFile(cut)
	w.must(err)
	w.must(os.WriteFile(cut, append(slices.Clone(text), 0x1a), 0o600))
	w.awaits("/console/lists", "Newer lists were refused")
	w.Shows("no mark")
	if got := w.Eval("document.querySelector('section[aria-label=\"Lists in force\"] code').innerText"); got != inForce {
		w.t.Errorf("the version in force is %s, want %s", got, inForce)
	}
	w.Size(390)
	w.Picture("lists-refused-390-light")
	w.Size(1440)
	w.Picture("lists-refused-1440-light")
	w.must(os.WriteFile(cut, text, 0o600))
	testenv.Until(w.t, browser.StepTimeout, "the alarm is over", func() bool {
		w.Open("/console/lists")
		return w.Eval("document.body.innerText.includes('were refused')") == "false"
	})
}

// awaits opens a page until it says something.
func (w *window) awaits(path, text string) {
	w.t.Helper()
	testenv.Until(w.t, browser.StepTimeout, path+" says "+text, func() bool {
		w.Open(path)
		return w.Eval("document.body.innerText.includes("+fmt.Sprintf("%q", text)+")") == "true"
	})
}

// post sends a form as the window's person, without the browser.
func (w *window) post(path string, form url.Values) int {
	w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.REST+path, strings.NewReader(form.Encode()))
	w.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.AddCookie(&http.Cookie{Name: "remit_console", Value: w.cookie()})
	answer, err := http.DefaultTransport.RoundTrip(request)
	w.must(err)
	w.must(answer.Body.Close())
	return answer.StatusCode
}

// auditorOnly opens everything, is offered nothing, and is refused every act.
func auditorOnly(w *window) {
	r := w.stopped(order{beneficiary: beneficiary("Victor", "Bout"), amount: "330"})
	w.signIn("auditor")
	path := "/console/cases/" + r.GetCaseId()
	for _, page := range []string{"/console/cases", path, path + "/graph", "/console/dashboard", "/console/lists", "/console/policy", "/console/audit", "/console/people"} {
		w.Open(page)
		if w.Has(".trouble") || w.Has("main form[method=post]:not([action$='/audit/verify'])") {
			w.t.Errorf("%s offers an auditor a form: %s", page, w.Eval("document.querySelector('main form[method=post]')?.action"))
		}
	}
	w.Open(path)
	w.Shows("BOUT", "Deciding it is for another role")
	w.Picture("auditor-case-1440-light")
	before := w.caseOf(r)
	note := url.Values{"note": {"I should not be able to"}, "hours": {"24"}, "version": {"1"}, "seen": {"1"}, "licence": {"L-1"}, "name": {"X"}, "email": {"x@demo.example"}, "role": {"mlro"}}
	olive := w.people["officer"].ID
	for _, act := range []string{
		path + "/take", path + "/put_back", path + "/note", path + "/escalate", path + "/request_information", path + "/approve", path + "/reject",
		path + "/block", path + "/unblock", path + "/return", path + "/documents", "/console/cases/next", "/console/lists/update", "/console/people",
		"/console/people/" + olive + "/suspend", "/console/people/" + olive + "/resume", "/console/people/" + olive + "/reset", "/console/people/" + olive + "/role",
	} {
		if status := w.post(act, note); status != http.StatusForbidden && status != http.StatusNotFound {
			w.t.Errorf("%s by an auditor is answered %d", act, status)
		}
	}
	if after := w.caseOf(r); after.GetVersion() != before.GetVersion() || after.GetLock() != nil || w.remittance(r.GetId()).GetState() != "in_review" {
		w.t.Errorf("the case was %v and is %v", before, after)
	}
	w.Open("/console/audit?act=case.&actor=" + w.people["auditor"].ID)
	w.Shows("Refused", "case.decide", "case.escalate")
}

func (w *window) caseOf(r *v1.Remittance) *v1.Case {
	w.t.Helper()
	answer, err := v1.NewCaseServiceClient(w.Conn).GetCase(w.Context(""), &v1.GetCaseRequest{Id: r.GetCaseId()})
	w.must(err)
	return answer.GetCase()
}

// payCash sends cash from the Emirates to the Philippines, which is netted.
func (d *desk) payCash(amounts ...string) []*v1.Remittance {
	d.t.Helper()
	var out []*v1.Remittance
	for _, amount := range amounts {
		sender := originator("Fatima", "Shaheen")
		sender.Country, sender.Nationality, sender.City, sender.Phone = "AE", "AE", "Dubai", "+971501234567"
		customer, err := v1.NewCustomerServiceClient(d.Conn).CreateCustomer(d.Context(d.key()), &v1.CreateCustomerRequest{Party: sender, KycTier: "verified"})
		d.must(err)
		quote, err := v1.NewQuoteServiceClient(d.Conn).CreateQuote(d.Context(d.key()), &v1.CreateQuoteRequest{
			From: "AE", To: "PH", FundingMethod: "bank_debit", PayoutMethod: "cash", Rail: "stellar", SourceAmount: &v1.Money{Currency: "AED", Amount: amount},
		})
		d.must(err)
		receiver := beneficiary("Victor", "Santos")
		receiver.Phone = "+639171234503"
		made, err := v1.NewBeneficiaryServiceClient(d.Conn).CreateBeneficiary(d.Context(d.key()), &v1.CreateBeneficiaryRequest{Party: receiver, PayoutMethod: "cash"})
		d.must(err)
		sent, err := v1.NewRemittanceServiceClient(d.Conn).CreateRemittance(d.Context(d.key()), &v1.CreateRemittanceRequest{
			QuoteId: quote.GetQuote().GetId(), CustomerId: customer.GetCustomer().GetId(), BeneficiaryId: made.GetBeneficiary().GetId(),
			Purpose: "family_support", FundingSource: "tok_ok",
		})
		d.must(err)
		out = append(out, sent.GetRemittance())
	}
	return out
}

// provesPayment has a beneficiary listed while the cash waits: the case shows the
// payment on chain with the proof that it paid for this remittance among others.
func provesPayment(w *window, cash []*v1.Remittance) {
	for _, r := range cash {
		w.reaches(r.GetId(), "ready_for_pickup")
	}
	listed := beneficiary("Victor", "Bout")
	listed.Phone = "+639171234503"
	_, err := v1.NewBeneficiaryServiceClient(w.Conn).UpdateBeneficiary(w.Context(w.key()), &v1.UpdateBeneficiaryRequest{Id: cash[0].GetBeneficiaryId(), Version: 1, Party: listed})
	w.must(err)
	r := w.reaches(cash[0].GetId(), "in_review")
	w.Open("/console/cases/" + r.GetCaseId())
	w.Shows("On chain", "Final on chain", "Proven.", "the root is the memo")
	w.Click("section[aria-labelledby=ch] details summary")
	w.Shows(r.GetSettlement().GetHash())
	w.Looks("case-proof")
	var proof struct {
		Hash string `json:"transaction_hash"`
		Root string
		Memo string
		Path []any
	}
	w.must(json.Unmarshal([]byte(w.fetch("/console/cases/"+r.GetCaseId()+"/proof", http.StatusOK)), &proof))
	if proof.Hash != r.GetSettlement().GetHash() || proof.Root == "" || proof.Root != proof.Memo || len(proof.Path) == 0 {
		w.t.Errorf("the proof is %+v", proof)
	}
}

// searchesTrail filters the trail and reads both exports as their readers do.
func searchesTrail(w *window) {
	w.Open("/console/audit")
	w.Fill("#act", "staff.")
	w.Click("form.filters button")
	w.AwaitAt("act=staff.")
	w.Shows("staff.reset", "staff.update")
	if w.Eval("document.body.innerText.includes('case.view')") == "true" {
		w.t.Error("the filter lets other acts through")
	}
	w.Picture("audit-search-1440-light")
	href := func(format string) string {
		return w.Eval("document.querySelector(\"a[href*='format=" + format + "']\").getAttribute('href')")
	}
	rows, err := csv.NewReader(strings.NewReader(w.fetch(href("csv"), http.StatusOK))).ReadAll()
	w.must(err)
	var lines []map[string]any
	for line := range strings.Lines(w.fetch(href("ndjson"), http.StatusOK)) {
		var record map[string]any
		w.must(json.Unmarshal([]byte(line), &record))
		lines = append(lines, record)
	}
	if len(rows) < 6 || len(rows)-1 != len(lines) {
		w.t.Fatalf("%d rows of CSV and %d lines of NDJSON", len(rows)-1, len(lines))
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	for i, row := range rows[1:] {
		line := lines[i]
		if row[column("number")] != fmt.Sprint(line["number"]) || row[column("hash")] != line["hash"] || row[column("act")] != line["act"] || len(row[column("hash")]) != 64 {
			w.t.Errorf("row %v is not line %v", row, line)
		}
		if !strings.HasPrefix(row[column("act")], "staff.") {
			w.t.Errorf("the export has %s, which was not searched for", row[column("act")])
		}
	}
	// What cannot be searched for is told on a page, and no file begins.
	for _, bad := range []string{strings.Repeat("x", 65), "%00", "%ff"} {
		if page := w.fetch("/console/audit/export?format=csv&act="+bad, http.StatusUnprocessableEntity); !strings.Contains(page, "<h1") {
			w.t.Errorf("%s is answered with %.200s", bad, page)
		}
	}
	resets := slices.ContainsFunc(rows, func(row []string) bool {
		return row[column("act")] == "staff.reset" && row[column("subject")] == w.people["officer2"].ID && row[column("outcome")] == "done" && row[column("actor")] == w.people["mlro"].Name
	})
	if !resets {
		w.t.Errorf("the reset is not among %v", rows)
	}
}

// verifiesTrail has the page walk the chain, then changes a record behind its back.
func verifiesTrail(w *window) {
	w.Open("/console/audit")
	w.Click("form[action$='/audit/verify'] button")
	w.Shows("Nothing is wrong with", "The last hash is")
	w.Picture("audit-verified-1440-light")
	w.Kill()
	db, err := sql.Open("sqlite", filepath.Join(w.Dir, "remit.db"))
	w.must(err)
	done, err := db.ExecContext(w.t.Context(), "UPDATE audit SET actor = 'somebody else' WHERE act = 'staff.reset' AND phase = 'result' AND outcome = 'done'")
	w.must(err)
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		w.t.Fatalf("changed %d records, %v", n, err)
	}
	w.must(db.Close())
	w.Run()
	w.Open("/console/audit")
	w.Click("form[action$='/audit/verify'] button")
	w.Shows("The trail does not hold")
	w.Picture("audit-changed-1440-light")
}
