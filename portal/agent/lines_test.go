package agent_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit"
	"github.com/openremit/remit/internal/testenv/browser"
	"github.com/openremit/remit/ramps/counter"
)

// line stands between a browser and the gateway. While it is broken every
// request still arrives there, and no answer comes back.
type line struct {
	*httptest.Server
	broken atomic.Bool
	// posts counts the forms that arrived.
	posts atomic.Int64
}

func (w *world) line() *line {
	w.t.Helper()
	target, err := url.Parse(w.url)
	w.must(err)
	gateway := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	l := new(line)
	l.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			l.posts.Add(1)
		}
		if !l.broken.Load() {
			gateway.ServeHTTP(rw, r)
			return
		}
		if r.Method == http.MethodPost {
			gateway.ServeHTTP(httptest.NewRecorder(), r)
		}
		if conn, _, err := http.NewResponseController(rw).Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	w.t.Cleanup(l.Close)
	return l
}

// emulateNetwork takes a page off the network and says so to its scripts.
var emulateNetwork = cdp.Command[network.OverrideNetworkStateParams, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

// offline takes the browser off the network, or puts it back.
func (w *window) offline(off bool) {
	w.t.Helper()
	_, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		state := network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return cdp.Empty{}, err
		}
		return cdp.Call(ctx, t, emulateNetwork, state)
	})
	w.must(err)
}

// tab is another tab of the same browser, with the same session.
func (w *window) tab() *window {
	w.t.Helper()
	return &window{w.world, w.Sibling(), w.browser}
}

// speaks sets the language of the pages.
func (w *window) speaks(code string) {
	w.t.Helper()
	w.Open("/agent/pay")
	w.Click(".menu summary")
	w.Eval("document.querySelector('#language').value = '" + code + "'")
	w.Click(".looks button")
	w.Await("html[lang=" + code + "]")
}

// says waits until the page says the text of a key in a language.
func (w *window) says(code string, keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		w.Shows(catalogue(w.t, code)[key])
	}
}

// atHand reserves a payment for Maria Santos and goes to where it is asked once
// whether to pay.
func (w *window) atHand(name string, minor int64) (code counter.Code) {
	w.t.Helper()
	code = w.coder.Code(name)
	w.waiting(code, minor)
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.Click("button.go")
	w.AwaitSeen("a.go")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	return code
}

// TestBrokenLines goes through what happens at a counter with slow and broken
// lines and hasty hands: whatever is pressed, exactly one payment, and the page
// shows how things stand.
func TestBrokenLines(t *testing.T) {
	browser := browse(t)
	w := open(t)
	tess := w.hire("Tess Reyes", counter.RoleTeller, 0)
	w.drawer(tess, 20_000_000)
	l := w.line()
	w.url = l.URL
	first := w.window(browser).signIn(tess)
	for _, part := range []struct {
		name string
		// pays says what must have left the drawer, in centavos.
		pays int64
		does func(*window)
	}{
		{"double click", 100_000, doubleClicks},
		{"double click without script", 110_000, doubleClicksWithoutScript},
		{"back and once more", 120_000, goesBack},
		{"second tab", 130_000, secondTab},
		{"reservation ran out", 140_000, ranOut},
		{"off the network", 150_000, func(w *window) { offTheNetwork(w, l) }},
		{"answer lost", 160_000, func(w *window) { losesAnswer(w, l) }},
		{"answer lost without script", 170_000, func(w *window) { losesAnswerWithoutScript(w, l) }},
		{"wrong clock", 180_000, wrongClock},
		{"drawer closed meanwhile", 0, func(w *window) { drawerClosed(w, tess) }},
		{"signed out meanwhile", 0, func(w *window) { signedOut(w, tess) }},
	} {
		before := w.cash(tess)
		if !t.Run(part.name, func(t *testing.T) { part.does(first.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
		if part.pays == 0 {
			continue
		}
		if got := before - w.cash(tess); got != part.pays {
			t.Errorf("%s: %d left the drawer, want %d once", part.name, got, part.pays)
		}
	}
	w.sound()
}

func doubleClicks(w *window) {
	w.atHand("double", 100_000)
	w.Do(chromedp.DoubleClick(".sure button.go", chromedp.NodeVisible))
	w.Shows("Hand over ₱ 1,000.00 to Maria Santos now.")
}

func doubleClicksWithoutScript(w *window) {
	w.atHand("double without script", 110_000)
	w.Script(false)
	defer w.Script(true)
	w.Do(chromedp.Reload(), chromedp.DoubleClick(".sure button.go", chromedp.NodeVisible))
	w.AwaitSeen(".payment.paid")
}

// goesBack: after paying the browser's back button leads through true pages to
// where a payment is looked up, and pays nothing again.
func goesBack(w *window) {
	w.speaks("es")
	defer w.speaks("en")
	w.atHand("back", 120_000)
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
	for at := 0; !w.Has("#code"); at++ {
		if at == 6 {
			w.t.Fatal("going back never leads to where a payment is looked up")
		}
		w.Do(chromedp.NavigateBack())
		w.AwaitSeen("main")
		if w.Has("form[action$='/confirm']") {
			w.t.Errorf("going back offers to pay again at %s", w.Eval("location.href"))
		}
		if !w.Has("#code") {
			w.AwaitSeen(".payment.paid")
		}
	}
	w.says("es", "pay.title")
	if got := w.Eval("document.querySelector('#name').value"); got != "" {
		w.t.Errorf("going back leaves the name %q on the page", got)
	}
}

// secondTab: both tabs ask whether to pay; one pays, the other shows the same.
func secondTab(w *window) {
	w.atHand("tabs", 130_000)
	other := w.tab()
	other.Open(w.Eval("location.pathname + location.search"))
	other.AwaitSeen(".sure button.go")
	other.Click(".sure button.go")
	other.Shows("Hand over ₱ 1,300.00 to Maria Santos now.")
	w.Click(".sure button.go")
	w.Shows("Hand over ₱ 1,300.00 to Maria Santos now.", "Receipt for the outlet")
	receipt := "document.querySelector('.slip dd bdi').innerText"
	if mine, theirs := w.Eval(receipt), other.Eval(receipt); mine != theirs {
		w.t.Errorf("the tabs show the receipts %s and %s", mine, theirs)
	}
}

func ranOut(w *window) {
	w.speaks("sw")
	code := w.atHand("ran out", 140_000)
	w.clock.Advance(11 * time.Minute)
	w.Click(".sure button.go")
	w.says("sw", "reason.RESERVATION_LAPSED")
	w.looks("lapsed")
	w.speaks("en")
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.Click("button.go")
	w.AwaitSeen("a.go")
	w.Click("a.go")
	w.Click(".sure button.go")
	w.Shows("Hand over ₱ 1,400.00 to Maria Santos now.")
}

// offTheNetwork: nothing is sent, nothing waits to be sent, and the page looks
// again when the network is back.
func offTheNetwork(w *window, l *line) {
	w.speaks("ar")
	defer w.speaks("en")
	w.atHand("offline", 150_000)
	before := l.posts.Load()
	w.offline(true)
	w.says("ar", "line.off")
	w.Click(".sure button.go")
	w.says("ar", "line.off")
	w.looks("offline-ar")
	w.offline(false)
	w.AwaitGone(".sure")
	w.AwaitSeen("a.go") // It is held, as it was.
	if got := l.posts.Load(); got != before {
		w.t.Errorf("%d forms were sent of a tablet without network", got-before)
	}
	if got := w.Eval("location.search"); got != "" {
		w.t.Errorf("the page after reconnecting asks %q", got)
	}
	w.Click("a.go")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
}

// losesAnswer: the line breaks when the gateway has paid. The page says to hand
// nothing over, and shows the receipt once the line is back.
func losesAnswer(w *window, l *line) {
	w.speaks("fil")
	defer w.speaks("en")
	w.atHand("lost", 160_000)
	before := l.posts.Load()
	l.broken.Store(true)
	w.Click(".sure button.go")
	w.says("fil", "line.lost")
	if w.Has(".payment.paid") {
		w.t.Error("the page says that it is paid before it can know")
	}
	l.broken.Store(false)
	w.AwaitSeen(".payment.paid")
	// A browser sends anew by itself what it sent on a connection that closed.
	if l.posts.Load() == before {
		w.t.Error("no form arrived")
	}
}

func losesAnswerWithoutScript(w *window, l *line) {
	w.atHand("lost without script", 170_000)
	w.Script(false)
	defer w.Script(true)
	w.Do(chromedp.Reload())
	w.AwaitSeen(".sure button.go")
	l.broken.Store(true)
	w.Click(".sure button.go")
	w.AwaitGone(".sure") // The browser's own page.
	l.broken.Store(false)
	w.Do(chromedp.Reload())
	w.AwaitSeen(".payment.paid")
}

// wrongClock: the tablet's clock is years off; the gateway's holds.
func wrongClock(w *window) {
	script, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (page.AddScriptToEvaluateOnNewDocumentResult, error) {
		return cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: "{ const Right = Date, off = 900 * 864e5; Date = class extends Right { constructor(...a) { if (a.length) super(...a); else super(Right.now() - off); } static now() { return Right.now() - off; } }; }",
		})
	})
	w.must(err)
	defer func() {
		_, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			return cdp.Call(ctx, t, page.RemoveScriptToEvaluateOnNewDocument, page.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: script.Identifier})
		})
		w.must(err)
	}()
	w.atHand("clock", 180_000)
	if year := w.Eval("new Date().getFullYear()"); year > "2025" {
		w.t.Fatalf("the tablet's year is %s, want a wrong one", year)
	}
	w.clock.Advance(9 * time.Minute) // Rendered long ago, and still in time.
	w.Click(".sure button.go")
	manila, err := time.LoadLocation("Asia/Manila")
	w.must(err)
	w.Shows("Hand over ₱ 1,800.00 to Maria Santos now.", w.clock.Now().In(manila).Format("2 January 2006, 15:04"))
}

// drawerClosed: the drawer was closed in another tab while this one asks.
func drawerClosed(w *window, tess *person) {
	w.speaks("hi")
	defer w.speaks("en")
	code := w.atHand("closed", 190_000)
	before := w.cash(tess)
	_, err := w.service.CloseDrawer(w.world.ctx, tess.by, counter.Close{DrawerID: w.drawerOf(tess), Counts: []counter.Count{{Total: remit.NewMoney(php, before)}}})
	w.must(err)
	w.Click(".sure button.go")
	w.says("hi", "reason.RESERVATION_LAPSED")
	w.Open("/agent/pay")
	w.says("hi", "pay.nodrawer")
	if got := w.cash(tess); got != 0 {
		w.t.Errorf("the closed drawer holds %d", got)
	}
	w.drawer(tess, 1_000_000)
	w.look(string(code), "Maria Santos")
	w.AwaitSeen("a.go, #number")
}

// signedOut: the session ended while the page lay open; the form pays nothing,
// and after signing in the page shows how the payment stands.
func signedOut(w *window, tess *person) {
	w.atHand("asleep", 200_000)
	before := w.cash(tess)
	here := w.Eval("location.pathname")
	w.clock.Advance(31 * time.Minute)
	w.Click(".sure button.go")
	w.AwaitSeen("#password")
	w.signIn(tess)
	w.Open(here)
	w.Shows("Nothing was paid here", "Look the payment up again.")
	if got := w.cash(tess); got != before {
		w.t.Errorf("the drawer went from %d to %d", before, got)
	}
}

// drawerOf is a person's open drawer.
func (w *world) drawerOf(p *person) counter.DrawerID {
	w.t.Helper()
	drawer, err := w.service.Drawer(w.ctx, p.by, "")
	w.must(err)
	return drawer.ID
}

// TestBackInTheMiddle: in the middle of sending, the browser's back button is
// the page's own, and what was written stays.
func TestBackInTheMiddle(t *testing.T) {
	browser.SkipUnderRace(t)
	browser := browse(t)
	w := open(t)
	us := w.abroad()
	ana := us.hire("Ana Lopez", counter.RoleTeller, 0)
	win := us.window(browser).signIn(ana)
	win.price("PH bank PHP", "200")
	win.Click("main form[action$='/step'] button[value=sender]")
	win.AwaitSeen("#s-party-given-name")
	win.writesAlice("1988-04-12", "2031-01-31", "+12125550142")
	win.Click("button.go")
	win.AwaitSeen("#r-party-given-name")
	win.Click("#r-party-given-name")
	win.Act("history.back()")
	win.AwaitTrue("document.querySelector('#s-doc-number')?.value === 'C01234567'")
	if got := win.Eval("location.pathname"); !strings.HasSuffix(got, "/agent/send") {
		t.Errorf("the page is %s", got)
	}
	win.Click("button.go")
	win.AwaitSeen("#r-party-given-name")
	win.Do(chromedp.Reload())
	win.AwaitSeen("#q-amount") // Asked for anew it begins again, and sends nothing.
}
