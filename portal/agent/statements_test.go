package agent_test

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/internal/testenv/browser"
	"github.com/openremit/remit/ramps/counter"
)

// TestStatements goes in Chromium from a payout to the statement and the day
// book that tell of it, and reports a suspicion, which lands in a case.
func TestStatements(t *testing.T) {
	browser.SkipUnderRace(t)
	w := open(t)
	browser := browse(t)
	tess, mona := w.hire("Tess Reyes", counter.RoleTeller, 0), w.hire("Mona Manalo", counter.RoleManager, 0)
	w.drawer(tess, 5_000_000)
	code := w.coder.Code("statement")
	r := w.waiting(code, 1_122_050)
	teller := w.window(browser).signIn(tess)
	teller.look(code.String(), "Maria Santos")
	teller.captures("Maria Santos")
	teller.Click("button.go")
	teller.Shows("Reserved for you")
	teller.Click("a.go")
	teller.Click(".sure button.go")
	teller.Shows("Hand over ₱ 11,220.50 to Maria Santos now.", "Report a concern")
	teller.Click(`a[href^="/agent/report"].wide`)
	teller.Shows("Say nothing of it to the customer")
	teller.looks("report")
	teller.Do(chromedp.SetValue("#category", "third_party"))
	teller.Fill("#text", "A man outside told her what to say.")
	teller.Click("main form button.go")
	teller.Shows("Received. Your report is in progress.", "Your reports", "In progress")
	teller.looks("reported")
	remittance, err := w.s.Remittance(w.ctx, w.tenant, r)
	w.must(err)
	cases, err := w.s.CasesAbout(w.ctx, w.tenant, remittance.CustomerID, remittance.BeneficiaryID, "", 10)
	w.must(err)
	if len(cases) != 1 || cases[0].Kind != compliance.CaseKindSuspicion || cases[0].RemittanceID != r {
		t.Errorf("the cases are %+v", cases)
	}

	manager := w.window(browser).signIn(mona)
	manager.Open("/agent/statement")
	manager.Shows("Settlement statement", "Agrees with the ledger", "₱ 288,779.50", "−11,220.50", "Tess Reyes")
	manager.looks("statement")
	manager.paper("statement")
	weighs(manager, "/agent/statement", "/agent/daybook", "/agent/report")
	file, _ := manager.get("/agent/statement.csv")
	if len(file) == 0 {
		t.Error("the file is empty")
	}
	manager.Open("/agent/daybook")
	manager.Shows("End-of-day report", "Tess Reyes", "Counted at opening", "What it should hold is not shown")
	manager.looks("daybook")
	manager.paper("daybook")
	manager.Open("/agent/statement?from=2026-10-01&to=2026-10-31")
	manager.Shows("No commission in this period.")
	manager.Do(chromedp.SetValue("#language", "ar"))
	manager.Act("document.querySelector('form.looks').submit()")
	manager.Shows("كشف التسوية")
	manager.looks("statement-ar")
	manager.Open("/agent/report")
	manager.Shows("الإبلاغ عن اشتباه")
	manager.looks("report-ar")
	w.sound()
}

// paper prints the page as PDF; with REMIT_SHOTS it keeps it.
func (w *window) paper(name string) {
	w.t.Helper()
	yes := true
	printed, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (page.PrintToPDFResult, error) {
		return cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes, PrintBackground: &yes})
	})
	w.must(err)
	pdf, err := base64.StdEncoding.DecodeString(string(printed.Data))
	if err != nil {
		pdf = []byte(printed.Data)
	}
	if !strings.HasPrefix(string(pdf), "%PDF-") {
		w.t.Errorf("%s does not print", name)
	}
	if dir := os.Getenv("REMIT_SHOTS"); dir != "" {
		w.must(os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600))
	}
}
