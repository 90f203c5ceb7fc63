package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/internal/testenv/browser"
	"github.com/openremit/remit/ramps/counter"
)

// TestEvidence goes in Chromium through a payout that needs a photo of the
// document and a signature: drawn, and on paper without script.
func TestEvidence(t *testing.T) {
	browser.SkipUnderRace(t)
	w := open(t, `{"PH": {"photo": "always", "proofs": ["drawn", "paper"], "expiry_days": 12}}`)
	browser := browse(t)
	tess, mona := w.hire("Tess Reyes", counter.RoleTeller, 0), w.hire("Mona Manalo", counter.RoleManager, 0)
	w.drawer(tess, 5_000_000)
	first := w.window(browser)
	for _, part := range []struct {
		name string
		does func(*window)
	}{
		{"scan", func(w *window) { scans(w.signIn(tess)) }},
		{"photo", photographs},
		{"signature", func(w *window) { signs(w, tess) }},
		{"paper", prints},
		{"without script", func(w *window) { onPaper(w, tess) }},
		{"manager looks", func(w *window) { looksAtEvidence(w.window(browser).signIn(mona)) }},
		{"weight", func(w *window) { weighs(w, "/agent/pay") }},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.does(first.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	w.sound()
}

// scans reads a code by the camera, in a browser that can; the camera itself is
// Chromium's moving picture, and what reads QR codes a stand-in.
func scans(w *window) {
	code := w.coder.Code("evidence")
	w.waiting(code, 1_122_050)
	w.Open("/agent/drawer")
	if got := w.Eval(`document.featurePolicy ? document.featurePolicy.allowsFeature("camera") : "unknown"`); got == "true" {
		w.t.Error("the drawer's page may use the camera")
	}
	w.Open("/agent/pay")
	if w.Eval(`getComputedStyle(document.querySelector("[data-scan]")).display`) != "none" && w.Eval(`"BarcodeDetector" in window`) == "false" {
		w.t.Error("a browser that reads no QR codes offers it")
	}
	_, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (page.AddScriptToEvaluateOnNewDocumentResult, error) {
		return cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(`
			window.BarcodeDetector = class {
				static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
				detect(from) { return Promise.resolve(from.videoWidth ? [{rawValue: %q}] : []); }
			};`, code.String())})
	})
	w.must(err)
	w.Open("/agent/pay")
	w.AwaitSeen("[data-scan] button")
	w.looks("pay-scan")
	w.Click("[data-scan] button")
	w.wait(`document.querySelector("#code").value !== ""`)
	if got := w.Eval(`document.querySelector("#code").value`); got != code.String() {
		w.t.Errorf("scanned %q, want %q", got, code)
	}
	if got := w.Eval(`document.activeElement.id + document.querySelector("[data-scan] video").hidden`); got != "nametrue" {
		w.t.Errorf("after scanning: %s", got)
	}
	w.Fill("#name", "Maria Santos")
	w.Click("button.go")
	w.Shows("₱ 11,220.50", "Photo of the document")
}

// wait waits until an expression is true.
func (w *window) wait(expression string) {
	w.t.Helper()
	w.AwaitTrue(expression)
}

// file writes a file to choose in a form.
func file(w *window, name string, content []byte) string {
	path := filepath.Join(w.t.TempDir(), name)
	w.must(os.WriteFile(path, content, 0o600))
	return path
}

// noisy is a photo that does not compress well.
func noisy(w *window, width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	seed := uint32(1)
	for y := range height {
		for x := range width {
			seed = seed*1664525 + 1013904223
			m.SetRGBA(x, y, color.RGBA{uint8(seed >> 24), uint8(seed >> 16), uint8(x), 255}) //nolint:gosec // Noise.
		}
	}
	var b bytes.Buffer
	w.must(jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

func photographs(w *window) {
	w.captures("Maria Santos")
	w.Click("button.go") // The photo is needed: the browser does not send the form.
	w.AwaitSeen("#photo:invalid")
	w.looks("found-photo")
	w.Eval("document.querySelector('#photo').required = false")
	w.Click("button.go")
	w.Shows("For this amount a photo of the document is needed.", "Take or choose the photo again.")
	if got := w.Eval("document.querySelector('#document_name').value"); got != "Maria Santos" {
		w.t.Errorf("the name on the document is %q after a refusal, want it kept", got)
	}
	w.looks("found-nophoto")
	w.Do(chromedp.SetUploadFiles("#photo", []string{file(w, "photo.jpg", []byte("<!doctype html><script>alert(1)</script>"))}))
	w.Click("button.go")
	w.Shows("This file is no whole JPEG or PNG.")
	large := make([]byte, 7<<20)
	copy(large, "\xff\xd8\xff\xe0")
	w.Do(chromedp.SetUploadFiles("#photo", []string{file(w, "large.jpg", large)}))
	w.Click("button.go")
	w.Shows("The photo is too large")
	good := noisy(w, 2400, 1800)
	w.Do(chromedp.SetUploadFiles("#photo", []string{file(w, "IMG_0001.jpg", good)}))
	w.wait(fmt.Sprintf(`document.querySelector("#photo").files[0].name === "photo.jpg" && document.querySelector("#photo").files[0].size < %d`, len(good)))
	w.Click("button.go")
	w.Shows("Reserved for you", "The name on the document fits")
}

// draws drags the pen over the field.
func (w *window) draws(points ...[2]float64) {
	w.t.Helper()
	var left, top, width float64
	_, err := fmt.Sscanf(w.Eval(`(() => { const c = document.querySelector("canvas"); c.scrollIntoView({block: "center"}); const b = c.getBoundingClientRect(); return b.left + " " + b.top + " " + b.width })()`),
		"%f %f %f", &left, &top, &width)
	w.must(err)
	event := func(typ input.DispatchMouseEventType, p [2]float64) {
		_, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			return cdp.Call(ctx, t, input.DispatchMouseEvent, input.DispatchMouseEventParams{
				Type: typ, X: left + p[0]*width, Y: top + p[1]*width, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1, PointerType: "pen",
			})
		})
		w.must(err)
	}
	event(input.DispatchMouseEventTypeMousePressed, points[0])
	for _, p := range points[1:] {
		event(input.DispatchMouseEventTypeMouseMoved, p)
	}
	event(input.DispatchMouseEventTypeMouseReleased, points[len(points)-1])
}

func signs(w *window, p *person) {
	before := w.cash(p)
	w.Click("a.go")
	w.AwaitSeen("[data-pad] canvas")
	path, form := w.formOf("form[action$='/confirm']")
	form.Set("proof", "drawn")
	form.Set("signature", "1,1 2,2")
	if status, body := w.post(path, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "too little for a signature") {
		w.t.Fatalf("a dot as a signature: got %d %.200s", status, body)
	}
	form.Set("proof", "")
	if status, body := w.post(path, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "must sign before") {
		w.t.Fatalf("no signature: got %d %.200s", status, body)
	}
	w.Click("input[value=drawn]")
	w.Click(".sure button.go") // Nothing is drawn: the browser does not send it.
	w.AwaitSeen("input[value=drawn]:invalid")
	w.draws([2]float64{0.1, 0.1}, [2]float64{0.2, 0.25}, [2]float64{0.3, 0.05})
	w.Click("[data-clear]")
	if got := w.Eval("document.querySelector('input[name=signature]').value"); got != "" {
		w.t.Errorf("after clearing there is %q", got)
	}
	w.draws([2]float64{0.1, 0.2}, [2]float64{0.2, 0.05}, [2]float64{0.25, 0.25}, [2]float64{0.4, 0.1}, [2]float64{0.5, 0.2}, [2]float64{0.9, 0.12})
	w.draws([2]float64{0.6, 0.05}, [2]float64{0.62, 0.25})
	if got := w.Eval("document.querySelector('input[name=signature]').value"); strings.Count(got, ";") != 1 || len(got) > 400 {
		w.t.Errorf("two strokes are %q", got)
	}
	drawn := w.Eval("document.querySelector('input[name=signature]').value")
	w.looks("sure-sign")
	if now := w.Eval("document.querySelector('input[name=signature]').value"); now != drawn {
		w.t.Errorf("the signature changed from %q to %q by looking at it", drawn, now)
	}
	w.Click(".sure button.go")
	w.Shows("Hand over ₱ 11,220.50 to Maria Santos now.", "Drawn on the screen")
	if got := w.cash(p); got != before-1_122_050 {
		w.t.Errorf("the drawer holds %d, want 11,220.50 less than %d", got, before)
	}
	w.looks("receipt-drawn")
	w.Act("history.back()")
	w.AwaitGone("form[action$='/confirm']")
	w.AwaitSeen(".payment.paid")
}

// prints puts the receipts on each paper, and checks that each is one page wide
// enough. With REMIT_SHOTS it keeps pictures where pdftoppm is there.
func prints(w *window) {
	here := w.Eval("location.pathname")
	for _, paper := range []string{"58", "80", "a4"} {
		w.prints(here, paper, "receipt")
	}
}

func (w *window) prints(path, paper, name string) {
	w.t.Helper()
	w.Open(path + "?paper=" + paper)
	pdf, err := chromedp.Run(w.Tab, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	w.must(err)
	var wide float64
	_, box, _ := bytes.Cut(pdf, []byte("/MediaBox [0 0 "))
	_, err = fmt.Sscan(string(box[:min(len(box), 20)]), &wide)
	w.must(err)
	if want := map[string]float64{"58": 164.4, "80": 226.8, "a4": 595.3}[paper]; math.Abs(wide-want) > 1 {
		w.t.Errorf("%s on %s is %f points wide, want %f", name, paper, wide, want)
	}
	if over := w.Eval("[...document.querySelectorAll('.slip, .slip *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).length"); over != "0" {
		w.t.Errorf("%s on %s: %s things run over the edge of the paper", name, paper, over)
	}
	dir := os.Getenv("REMIT_SHOTS")
	if dir == "" {
		return
	}
	into := filepath.Join(dir, "print-"+name+"-"+paper)
	w.must(os.WriteFile(into+".pdf", pdf, 0o600))
	if tool, err := exec.LookPath("pdftoppm"); err == nil {
		w.must(exec.Command(tool, "-png", "-r", "110", into+".pdf", into).Run()) //nolint:gosec // A test's own file.
	}
}

func onPaper(w *window, p *person) {
	code := w.coder.Code("on paper")
	w.waiting(code, 150_000)
	before := w.cash(p)
	w.Script(false)
	w.look(code.String(), "Maria Santos")
	w.AwaitSeen("#number")
	w.Fill("#number", "P1234567A")
	w.Fill("#expires", "01312031")
	w.Fill("#birth_date", "04051990")
	w.Fill("#document_name", "Maria Santos")
	w.Do(chromedp.SetUploadFiles("#photo", []string{file(w, "photo.jpg", noisy(w, 640, 480))}))
	w.Click("button.go")
	w.AwaitSeen("a.go")
	here := w.Eval("location.pathname")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click("input[value=paper]")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
	w.Script(true)
	if got := w.cash(p); got != before-150_000 {
		w.t.Errorf("without script the drawer went from %d to %d", before, got)
	}
	w.Open(here)
	w.Shows("On paper, kept here")
	// The pre-receipt says until when it may be fetched: the rules say 12 days.
	code = w.coder.Code("on paper again")
	w.waiting(code, 150_000)
	w.look(code.String(), "Maria Santos")
	w.Shows("2 December 2026")
	w.captures("Maria Santos")
	w.Do(chromedp.SetUploadFiles("#photo", []string{file(w, "photo.jpg", noisy(w, 640, 480))}))
	w.Click("button.go")
	w.Shows("Pre-receipt – not paid yet", "2 December 2026")
	here = w.Eval("location.pathname")
	for _, paper := range []string{"58", "80", "a4"} {
		w.prints(here, paper, "pre")
	}
}

func looksAtEvidence(w *window) {
	w.Open("/agent/day")
	w.looks("day-evidence")
	w.Click("tbody a.cell")
	w.Shows("Each look is recorded.")
	w.wait(`[...document.images].length > 0 && [...document.images].every(i => i.complete && i.naturalWidth > 0)`)
	w.looks("evidence")
	w.Open("/agent/day/evidence/pic_01k00000000000000000000000")
	w.Shows("None was taken, or it may no longer be shown.")
}
