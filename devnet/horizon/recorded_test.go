package horizon_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/amount"
	"github.com/stellar/go-stellar-sdk/network"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit/devnet/horizon"
)

const recordedPassphrase = "Standalone Network ; February 2017"

// unsupported are recorded cases that this stand-in does not answer like the real network, with the reason.
var unsupported = map[string]string{}

// recordedCase is a scenario that was played against a real Horizon, and what it answered.
type recordedCase struct {
	ID     string            `json:"id"`
	Actors map[string]string `json:"actors"`
	Setup  []struct {
		Tx     recordedTx `json:"tx"`
		Status int        `json:"http_status"`
	} `json:"setup"`
	recordedStep
	Then  []recordedStep `json:"then"`
	After map[string]struct {
		Exists   *change           `json:"exists"`
		Advanced *int64            `json:"sequence_advanced_by"`
		Balances map[string]change `json:"balances"`
	} `json:"after"`
}

type recordedStep struct {
	When     string      `json:"when"`
	Tx       *recordedTx `json:"tx"`
	Same     string      `json:"same_envelope_as"`
	Endpoint string      `json:"endpoint"`
	Form     string      `json:"form"`
	Answer   struct {
		Status      int             `json:"http_status"`
		ContentType string          `json:"content_type"`
		Body        json.RawMessage `json:"body"`
		BodyText    string          `json:"body_text"`
	} `json:"answer"`
	Result *struct {
		Code  string `json:"transaction_code"`
		Inner string `json:"inner_code"`
		Fee   int64  `json:"fee_charged_in_result_xdr"`
	} `json:"result"`
}

type change struct{ Before, After string }

// replay plays one case against a network of its own.
type replay struct {
	t         *testing.T
	rec       *recordedCase
	net       *horizon.Server
	url       string
	clock     *clock
	envelopes map[string]string
	hashes    map[string]string
	// streaming is closed when an event stream has begun.
	streaming chan struct{}
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// TestRecordedAnswers plays every recorded case and compares each answer with the real one.
func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join(sharedDir(t), "data", "stellar-answers", "cases.jsonl"))
	if err != nil {
		t.Skipf("recorded answers are not here: %v", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var rec recordedCase
		if err := json.Unmarshal(lines.Bytes(), &rec); err != nil {
			t.Fatal(err)
		}
		t.Run(rec.ID, func(t *testing.T) {
			t.Parallel()
			if why, ok := unsupported[rec.ID]; ok {
				t.Skip(why)
			}
			newReplay(t, &rec).run()
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// sharedDir looks for the recordings: where REMIT_SHARED says, or in a folder beside the repository.
func sharedDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("REMIT_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for parent := filepath.Dir(dir); parent != dir; dir, parent = parent, filepath.Dir(parent) {
		if _, err := os.Stat(filepath.Join(parent, "shared")); err == nil {
			return filepath.Join(parent, "shared")
		}
	}
	t.Skip("recorded answers are not here: REMIT_SHARED is not set and no shared folder was found")
	return ""
}

func newReplay(t *testing.T, rec *recordedCase) *replay {
	clk := newClock()
	net, err := horizon.New(horizon.Options{NetworkPassphrase: recordedPassphrase, Now: clk.Now})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(net.Handler())
	t.Cleanup(func() { _ = net.Close(); srv.Close() })
	c := &replay{t: t, rec: rec, net: net, url: srv.URL, clock: clk, envelopes: map[string]string{},
		hashes: map[string]string{}, streaming: make(chan struct{})}
	for range 10 { // so that ledger bounds of 5 have passed
		c.closeLedger()
	}
	return c
}

func (c *replay) closeLedger() {
	c.t.Helper()
	if err := c.net.CloseLedger(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *replay) run() {
	for i, s := range c.rec.Setup {
		got := c.play([]recordedStep{{Tx: &s.Tx, Endpoint: "POST /transactions"}})[0]
		if got.status != s.Status {
			c.t.Fatalf("setup %d: got status %d, want %d: %s", i, got.status, s.Status, got.body)
		}
	}
	before := c.snapshot()
	steps := append([]recordedStep{c.rec.recordedStep}, c.rec.Then...)
	for i := 0; i < len(steps); {
		n := i + 1
		for n < len(steps) && strings.Contains(steps[n].When, "same") {
			n++
		}
		c.between(i)
		for k, got := range c.play(steps[i:n]) {
			c.compare(fmt.Sprintf("step %d, %s", i+k, steps[i+k].Endpoint), steps[i+k], got)
		}
		i = n
	}
	if c.net.Pending() > 0 {
		c.closeLedger()
	}
	c.compareAfter(before, c.snapshot())
	if got := c.net.TotalLumens(); got != horizon.Genesis {
		c.t.Errorf("lumens in all: got %d, want %d", got, horizon.Genesis)
	}
}

// between lets the ledgers pass that the recording let pass before its step.
func (c *replay) between(step int) {
	ledgers := 0
	if c.net.Pending() > 0 {
		ledgers = 1
	}
	if c.rec.ID == "resubmit-async-later" && step == 1 {
		ledgers = 15
	}
	if c.rec.ID == "resubmit-after-try-again" && step == 2 {
		ledgers = 3
	}
	for range ledgers {
		c.closeLedger()
	}
}

// answered is what came back.
type answered struct {
	status      int
	contentType string
	body        []byte
}

// play sends steps into one ledger, closes it, and returns the answers. Who is not answered then has its time run out.
func (c *replay) play(steps []recordedStep) []answered {
	answers := make([]answered, len(steps))
	left := make(chan int, len(steps))
	open := 0
	for i, step := range steps {
		waiting := c.net.Waiting()
		req := c.request(step)
		go func() {
			answers[i] = c.send(req, step)
			left <- i
		}()
		open++
		if strings.HasPrefix(step.Answer.ContentType, "text/event-stream") {
			c.feedStream(step)
		}
		for len(left) == 0 && c.net.Waiting() == waiting {
			runtime.Gosched()
		}
		for len(left) > 0 {
			<-left
			open--
		}
	}
	for open > 0 {
		if c.net.Waiting() > 0 {
			c.closeLedger()
			if c.net.Waiting() > 0 {
				c.clock.Advance(31 * time.Second)
				c.closeLedger()
			}
		}
		<-left
		open--
	}
	return answers
}

// feedStream makes the payment that the recording made while the stream stood.
func (c *replay) feedStream(step recordedStep) {
	if !strings.Contains(step.Endpoint, "cursor=now") {
		return
	}
	<-c.streaming
	envelope := c.build(recordedTx{Source: "a", Sequence: "next", Fee: 100, MaxTime: "now+120", Signers: []string{"a"},
		Ops: []recordedOp{{Type: "payment", Destination: "b", Asset: "USDC:issuer", Amount: "9"}}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		resp, err := http.PostForm(c.url+"/transactions", url.Values{"tx": {envelope}})
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	for c.net.Waiting() == 0 {
		runtime.Gosched()
	}
	c.closeLedger()
	<-done
}

func (c *replay) request(step recordedStep) *http.Request {
	method, path, _ := strings.Cut(step.Endpoint, " ")
	form := step.Form
	contentType := "application/x-www-form-urlencoded"
	switch {
	case step.Tx != nil:
		envelope := c.build(*step.Tx)
		c.keep(step.Tx, envelope)
		form = url.Values{"tx": {envelope}}.Encode()
	case step.Same != "":
		form = url.Values{"tx": {c.envelopes[step.Same]}}.Encode()
	case strings.HasPrefix(form, "Content-Type: "):
		contentType, form, _ = strings.Cut(strings.TrimPrefix(form, "Content-Type: "), "; body: ")
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+c.expand(path), strings.NewReader(form))
	if err != nil {
		c.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", contentType)
	}
	if strings.HasPrefix(step.Answer.ContentType, "text/event-stream") {
		req.Header.Set("Accept", "text/event-stream")
	}
	return req
}

// keep remembers an envelope under its label, to be sent or looked up again.
func (c *replay) keep(tx *recordedTx, envelope string) {
	label := tx.Label
	if label == "" {
		label = "pending"
	}
	var env xdr.TransactionEnvelope
	if err := xdr.SafeUnmarshalBase64(envelope, &env); err != nil {
		return // meant to be undecodable
	}
	hash, err := network.HashTransactionInEnvelope(env, recordedPassphrase)
	if err != nil {
		c.t.Fatal(err)
	}
	c.envelopes[label] = envelope
	c.hashes["{hash:"+label+"}"] = fmt.Sprintf("%x", hash)
	c.hashes["{hash:"+strings.ToUpper(label)+"}"] = fmt.Sprintf("%X", hash)
	if env.IsFeeBump() {
		inner, err := network.HashTransaction(env.FeeBump.Tx.InnerTx.V1.Tx, recordedPassphrase)
		if err != nil {
			c.t.Fatal(err)
		}
		c.hashes["{inner_hash:"+label+"}"] = fmt.Sprintf("%x", inner)
	}
}

// expand puts addresses and hashes into a recorded path.
func (c *replay) expand(path string) string {
	for mark, hash := range c.hashes {
		path = strings.ReplaceAll(path, mark, hash)
	}
	for name := range c.rec.Actors {
		path = strings.ReplaceAll(path, "{"+name+"}", c.address(name))
	}
	path = strings.ReplaceAll(path, "{a#5}", c.address("a#5"))
	if c.rec.ID == "get-payments-page" && strings.Contains(path, "cursor=") {
		path = path[:strings.Index(path, "cursor=")] + "cursor=" + c.lastToken()
	}
	return path
}

// lastToken is the paging token at the end of the first page, which differs from network to network.
func (c *replay) lastToken() string {
	var page struct {
		Embedded struct {
			Records []struct {
				PT string `json:"paging_token"`
			}
		} `json:"_embedded"`
	}
	c.get("/accounts/"+c.address("b")+"/payments?limit=2", &page)
	return page.Embedded.Records[1].PT
}

func (c *replay) send(req *http.Request, step recordedStep) answered {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answered{body: []byte(err.Error())}
	}
	defer resp.Body.Close()
	out := answered{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type")}
	if step.Answer.BodyText == "" || !strings.HasPrefix(out.contentType, "text/event-stream") {
		out.body, _ = io.ReadAll(resp.Body)
		return out
	}
	lines := bufio.NewReader(resp.Body)
	for bytes.Count(out.body, []byte("\n\n")) < strings.Count(step.Answer.BodyText, "\n\n") {
		line, err := lines.ReadBytes('\n')
		if len(out.body) == 0 {
			close(c.streaming)
		}
		out.body = append(out.body, line...)
		if err != nil {
			break
		}
	}
	return out
}

func (c *replay) get(path string, into any) bool {
	resp, err := http.Get(c.url + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		c.t.Fatal(err)
	}
	return true
}

func (c *replay) sequence(id string) (int64, bool) {
	var a protocol.Account
	ok := c.get("/accounts/"+id, &a)
	return a.Sequence, ok
}

func (c *replay) claimableBy(id string) string {
	var page protocol.ClaimableBalances
	if !c.get("/claimable_balances?claimant="+id, &page) || len(page.Embedded.Records) == 0 {
		c.t.Fatalf("no balance is claimable by %s", id)
	}
	return page.Embedded.Records[0].BalanceID
}

func (c *replay) snapshot() map[string]*protocol.Account {
	out := map[string]*protocol.Account{}
	for name := range c.rec.After {
		var a protocol.Account
		if c.get("/accounts/"+c.address(name), &a) {
			out[name] = &a
		}
	}
	return out
}

func stroops(t *testing.T, text string) int64 {
	t.Helper()
	n, err := amount.ParseInt64(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
