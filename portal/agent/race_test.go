package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/internal/testenv"
	"github.com/openremit/remit/ramps/counter"
)

// desk is a teller's session without a browser.
type desk struct {
	url, cookie string
	client      *http.Client

	mu   sync.Mutex
	took []time.Duration
}

var (
	challenge   = regexp.MustCompile(`name="challenge" value="([^"]+)"`)
	reservation = regexp.MustCompile(`name="reservation" value="([^"]+)"`)
)

// ask sends a form, or asks for a page when there is none.
func (d *desk) ask(path string, form url.Values) (status int, body string, header http.Header, err error) {
	method, content := http.MethodGet, ""
	if form != nil {
		method, content = http.MethodPost, form.Encode()
	}
	request, err := http.NewRequest(method, d.url+path, strings.NewReader(content)) //nolint:noctx // The client has a timeout.
	if err != nil {
		return 0, "", nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if d.cookie != "" {
		request.AddCookie(&http.Cookie{Name: "remit_agent", Value: d.cookie})
	}
	began := time.Now()
	answer, err := d.client.Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	d.mu.Lock()
	d.took = append(d.took, time.Since(began))
	d.mu.Unlock()
	return answer.StatusCode, string(text), answer.Header, err
}

// sits signs a person in without a browser.
func (w *world) sits(p *person) *desk {
	w.t.Helper()
	d := &desk{url: w.url, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 200},
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	_, body, _, err := d.ask("/agent/sign-in", url.Values{"email": {p.email}, "password": {p.password}})
	w.must(err)
	found := challenge.FindStringSubmatch(body)
	if found == nil {
		w.t.Fatalf("no challenge in %.300s", body)
	}
	_, body, header, err := d.ask("/agent/sign-in/code", url.Values{"challenge": {found[1]}, "code": {w.code(p)}})
	w.must(err)
	answer := http.Response{Header: header}
	for _, c := range answer.Cookies() {
		if c.Name == "remit_agent" {
			d.cookie = c.Value
		}
	}
	if d.cookie == "" {
		w.t.Fatalf("not signed in: %.300s", body)
	}
	d.took = nil
	return d
}

// pays reserves a payment and confirms it, and reports whether it is paid.
func (d *desk) pays(pickup counter.PickupID, code counter.Code, key string) (paid bool, err error) {
	status, body, _, err := d.ask("/agent/pay/"+string(pickup)+"/reserve", url.Values{
		"key": {key}, "code": {string(code)}, "name": {"Maria Santos"}, "type": {"passport"}, "number": {"P1234567A"}, "issuer": {"PH"},
		"expires": {"2031-01-31"}, "birth_date": {"1990-04-05"}, "document_name": {"Maria Santos"},
	})
	switch {
	case err != nil:
		return false, err
	case status == http.StatusConflict || status == http.StatusTooManyRequests: // Another counter has it; looks are throttled.
		return false, nil
	case status != http.StatusSeeOther:
		return false, fmt.Errorf("reserve: %d %.400s", status, body)
	}
	_, body, _, err = d.ask("/agent/pay/"+string(pickup)+"?sure=1", nil)
	found := reservation.FindStringSubmatch(body)
	if err != nil || found == nil {
		return false, fmt.Errorf("ask once: %w %.400s", err, body)
	}
	status, body, _, err = d.ask("/agent/pay/"+string(pickup)+"/confirm", url.Values{"reservation": {found[1]}})
	if err != nil || status != http.StatusSeeOther {
		return false, fmt.Errorf("confirm: %d %w %.400s", status, err, body)
	}
	return true, nil
}

// TestFiveHundredAttempts: five tellers try to pay each of 100 codes, all 500 at
// once, through the pages and the API with its audit trail: exactly 100 are
// paid, once each.
func TestFiveHundredAttempts(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a quarter of a minute")
	}
	const each, alone, amount = 5, 20, 10_000
	codes := 100
	if testenv.Race {
		codes = 20 // All is ten times as slow, and a person would have to wait too long.
	}
	w := open(t)
	var desks []*desk
	var people []*person
	for i := range each {
		p := w.hire(fmt.Sprintf("Teller %c", 'A'+rune(i)), counter.RoleTeller, 0)
		w.drawer(p, int64(codes+alone)*amount)
		people, desks = append(people, p), append(desks, w.sits(p))
	}
	var pickups []counter.PickupID
	var texts []counter.Code
	for i := range codes {
		code := w.coder.Code(fmt.Sprint("race ", i))
		w.waiting(code, amount)
		p, err := w.s.PickupByCode(w.ctx, w.tenant, w.coder.Hash(code))
		w.must(err)
		pickups, texts = append(pickups, p.ID), append(texts, code)
	}
	var mu sync.Mutex
	var work sync.WaitGroup
	start := make(chan struct{})
	paid := make(map[counter.PickupID]int)
	for i := range codes * each {
		work.Go(func() {
			<-start
			n := i / each
			won, err := desks[i%each].pays(pickups[n], texts[n], fmt.Sprint("race-", i))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("attempt %d: %v", i, err)
			}
			if won {
				paid[pickups[n]]++
			}
		})
	}
	began := time.Now()
	close(start)
	work.Wait()
	all := time.Since(began)
	left := int64(0)
	for _, p := range people {
		left += w.cash(p)
	}
	if want := (each*int64(codes+alone) - int64(codes)) * amount; len(paid) != codes || left != want {
		t.Errorf("%d codes were paid and the drawers hold %d, want %d and %d", len(paid), left, codes, want)
	}
	for id, times := range paid {
		if times != 1 {
			t.Errorf("%s was paid %d times", id, times)
		}
	}
	w.sound()
	told := 0
	for before := int64(0); ; {
		list, err := w.s.AuditRecords(w.ctx, w.tenant, api.AuditFilter{Act: "pickup.pay", Before: before, Limit: 500})
		w.must(err)
		for _, r := range list {
			if r.Outcome == compliance.AuditDone && r.Phase == compliance.AuditResult {
				told++
			}
			before = r.Number
		}
		if len(list) < 500 {
			break
		}
	}
	if told != codes {
		t.Errorf("the audit trail tells of %d payments, want %d", told, codes)
	}
	var took []time.Duration
	for _, d := range desks {
		took = append(took, d.took...)
	}
	slices.Sort(took)
	t.Logf("%d attempts at once: %d paid in %v; %d answers: half within %v, 99 of 100 within %v, the slowest %v",
		codes*each, len(paid), all.Round(time.Millisecond), len(took), took[len(took)/2].Round(time.Millisecond), took[len(took)*99/100].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	// One customer at a time, as at a counter.
	desks[0].took = nil
	for i := range alone {
		code := w.coder.Code(fmt.Sprint("alone ", i))
		w.waiting(code, amount)
		p, err := w.s.PickupByCode(w.ctx, w.tenant, w.coder.Hash(code))
		w.must(err)
		if won, err := desks[0].pays(p.ID, code, fmt.Sprint("alone-", i)); err != nil || !won {
			t.Fatalf("alone: %v %v", won, err)
		}
	}
	slices.Sort(desks[0].took)
	took = desks[0].took
	t.Logf("one at a time: half within %v, the slowest of %d answers %v", took[len(took)/2].Round(time.Millisecond), len(took), took[len(took)-1].Round(time.Millisecond))
	if slowest := took[len(took)-1]; slowest > 5*time.Second {
		t.Errorf("an answer took %v, want it within a second", slowest)
	}
}
