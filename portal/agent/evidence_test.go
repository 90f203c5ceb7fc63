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

	"github.com/openremit/remit/ramps/counter"
)

// TestEvidence goes in Chromium through a payout that needs a photo of the
// document and a signature: drawn, and on paper without script.
func TestEvidence(t *testing.T) {
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
	w.open("/agent/drawer")
	if got := w.eval(`document.featurePolicy ? document.featurePolicy.allowsFeature("camera") : "unknown"`); got == "true" {
		w.t.Error("the drawer's page may use the camera")
	}
	w.open("/agent/pay")
	if w.eval(`getComputedStyle(document.querySelector("[data-scan]")).display`) != "none" && w.eval(`"BarcodeDetector" in window`) == "false" {
		w.t.Error("a browser that reads no QR codes offers it")
	}
	_, err := chromedp.Run(w.ctx, func(ctx context.Context, t *chromedp.Target) (page.AddScriptToEvaluateOnNewDocumentResult, error) {
		return cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(`
			window.BarcodeDetector = class {
				static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
				detect(from) { return Promise.resolve(from.videoWidth ? [{rawValue: %q}] : []); }
			};`, code.String())})
	})
	w.must(err)
	w.open("/agent/pay")
	w.do(chromedp.WaitVisible("[data-scan] button"))
	w.looks("pay-scan")
	w.click("[data-scan] button")
	w.wait(`document.querySelector("#code").value !== ""`)
	if got := w.eval(`document.querySelector("#code").value`); got != code.String() {
		w.t.Errorf("scanned %q, want %q", got, code)
	}
	if got := w.eval(`document.activeElement.id + document.querySelector("[data-scan] video").hidden`); got != "nametrue" {
		w.t.Errorf("after scanning: %s", got)
	}
	w.fill("#name", "Maria Santos")
	w.click("button.go")
	w.shows("₱ 11,220.50", "Photo of the document")
}

// wait waits until an expression is true.
func (w *window) wait(expression string) {
	w.t.Helper()
	w.do(chromedp.Poll[chromedp.Void](expression))
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
	w.click("button.go") // The photo is needed: the browser does not send the form.
	w.do(chromedp.WaitVisible("#photo:invalid"))
	w.looks("found-photo")
	w.eval("document.querySelector('#photo').required = false")
	w.click("button.go")
	w.shows("For this amount a photo of the document is needed.", "Take or choose the photo again.")
	if got := w.eval("document.querySelector('#document_name').value"); got != "Maria Santos" {
		w.t.Errorf("the name on the document is %q after a refusal, want it kept", got)
	}
	w.looks("found-nophoto")
	w.do(chromedp.SetUploadFiles("#photo", []string{file(w, "photo.jpg", []byte("<!doctype html><script>alert(1)</script>"))}))
	w.click("button.go")
	w.shows("This file is no whole JPEG or PNG.")
	large := make([]byte, 7<<20)
	copy(large, "\xff\xd8\xff\xe0")
	w.do(chromedp.SetUploadFiles("#photo", []string{file(w, "large.jpg", large)}))
	w.click("button.go")
	w.shows("The photo is too large")
	good := noisy(w, 2400, 1800)
	w.do(chromedp.SetUploadFiles("#photo", []string{file(w, "IMG_0001.jpg", good)}))
	w.wait(fmt.Sprintf(`document.querySelector("#photo").files[0].name === "photo.jpg" && document.querySelector("#photo").files[0].size < %d`, len(good)))
	w.click("button.go")
	w.shows("Reserved for you", "The name on the document fits")
}

// draws drags the pen over the field.
func (w *window) draws(points ...[2]float64) {
	w.t.Helper()
	var left, top, width float64
	_, err := fmt.Sscanf(w.eval(`(() => { const c = document.querySelector("canvas"); c.scrollIntoView({block: "center"}); const b = c.getBoundingClientRect(); return b.left + " " + b.top + " " + b.width })()`),
		"%f %f %f", &left, &top, &width)
	w.must(err)
	event := func(typ input.DispatchMouseEventType, p [2]float64) {
		_, err := chromedp.Run(w.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
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
	w.click("a.go")
	w.do(chromedp.WaitVisible("[data-pad] canvas"))
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
	w.click("input[value=drawn]")
	w.click(".sure button.go") // Nothing is drawn: the browser does not send it.
	w.do(chromedp.WaitVisible("input[value=drawn]:invalid"))
	w.draws([2]float64{0.1, 0.1}, [2]float64{0.2, 0.25}, [2]float64{0.3, 0.05})
	w.click("[data-clear]")
	if got := w.eval("document.querySelector('input[name=signature]').value"); got != "" {
		w.t.Errorf("after clearing there is %q", got)
	}
	w.draws([2]float64{0.1, 0.2}, [2]float64{0.2, 0.05}, [2]float64{0.25, 0.25}, [2]float64{0.4, 0.1}, [2]float64{0.5, 0.2}, [2]float64{0.9, 0.12})
	w.draws([2]float64{0.6, 0.05}, [2]float64{0.62, 0.25})
	if got := w.eval("document.querySelector('input[name=signature]').value"); strings.Count(got, ";") != 1 || len(got) > 400 {
		w.t.Errorf("two strokes are %q", got)
	}
	drawn := w.eval("document.querySelector('input[name=signature]').value")
	w.looks("sure-sign")
	if now := w.eval("document.querySelector('input[name=signature]').value"); now != drawn {
		w.t.Errorf("the signature changed from %q to %q by looking at it", drawn, now)
	}
	w.click(".sure button.go")
	w.shows("Hand over ₱ 11,220.50 to Maria Santos now.", "Drawn on the screen")
	if got := w.cash(p); got != before-1_122_050 {
		w.t.Errorf("the drawer holds %d, want 11,220.50 less than %d", got, before)
	}
	w.looks("receipt-drawn")
	w.eval("history.back()")
	w.do(chromedp.WaitNotPresent("form[action$='/confirm']"), chromedp.WaitVisible(".payment.paid"))
}

// prints puts the receipts on each paper, and checks that each is one page wide
// enough. With REMIT_SHOTS it keeps pictures where pdftoppm is there.
func prints(w *window) {
	here := w.eval("location.pathname")
	for _, paper := range []string{"58", "80", "a4"} {
		w.prints(here, paper, "receipt")
	}
}

func (w *window) prints(path, paper, name string) {
	w.t.Helper()
	w.open(path + "?paper=" + paper)
	pdf, err := chromedp.Run(w.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	w.must(err)
	var wide float64
	_, box, _ := bytes.Cut(pdf, []byte("/MediaBox [0 0 "))
	_, err = fmt.Sscan(string(box[:min(len(box), 20)]), &wide)
	w.must(err)
	if want := map[string]float64{"58": 164.4, "80": 226.8, "a4": 595.3}[paper]; math.Abs(wide-want) > 1 {
		w.t.Errorf("%s on %s is %f points wide, want %f", name, paper, wide, want)
	}
	if over := w.eval("[...document.querySelectorAll('.slip, .slip *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).length"); over != "0" {
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
	w.script(true)
	w.look(code.String(), "Maria Santos")
	w.do(chromedp.WaitVisible("#number"))
	w.fill("#number", "P1234567A")
	w.fill("#expires", "01312031")
	w.fill("#birth_date", "04051990")
	w.fill("#document_name", "Maria Santos")
	w.do(chromedp.SetUploadFiles("#photo", []string{file(w, "photo.jpg", noisy(w, 640, 480))}))
	w.click("button.go")
	w.do(chromedp.WaitVisible("a.go"))
	here := w.eval("location.pathname")
	w.click("a.go")
	w.do(chromedp.WaitVisible(".sure button.go"))
	w.click("input[value=paper]")
	w.click(".sure button.go")
	w.do(chromedp.WaitVisible(".payment.paid"))
	w.script(false)
	if got := w.cash(p); got != before-150_000 {
		w.t.Errorf("without script the drawer went from %d to %d", before, got)
	}
	w.open(here)
	w.shows("On paper, kept here")
	// The pre-receipt says until when it may be fetched: the rules say 12 days.
	code = w.coder.Code("on paper again")
	w.waiting(code, 150_000)
	w.look(code.String(), "Maria Santos")
	w.shows("2 December 2026")
	w.captures("Maria Santos")
	w.do(chromedp.SetUploadFiles("#photo", []string{file(w, "photo.jpg", noisy(w, 640, 480))}))
	w.click("button.go")
	w.shows("Pre-receipt – not paid yet", "2 December 2026")
	here = w.eval("location.pathname")
	for _, paper := range []string{"58", "80", "a4"} {
		w.prints(here, paper, "pre")
	}
}

func looksAtEvidence(w *window) {
	w.open("/agent/day")
	w.looks("day-evidence")
	w.click("tbody a.cell")
	w.shows("Each look is recorded.")
	w.wait(`[...document.images].length > 0 && [...document.images].every(i => i.complete && i.naturalWidth > 0)`)
	w.looks("evidence")
	w.open("/agent/day/evidence/pic_01k00000000000000000000000")
	w.shows("None was taken, or it may no longer be shown.")
}
