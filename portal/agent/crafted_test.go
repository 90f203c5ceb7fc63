package agent_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/openremit/remit/ramps/counter"
)

// TestCraftedForms: what no page of ours sends is refused in words, and never
// takes a page down.
func TestCraftedForms(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := w.hire("Teller A", counter.RoleTeller, 0)
	w.drawer(p, 10_000)
	d := w.sits(p)
	const bytes = "a\xff\xfe"
	long := strings.Repeat("x", 30_000)
	for name, x := range map[string]struct {
		path string
		form url.Values
	}{
		"a code of bytes":           {"/agent/pay", url.Values{"code": {bytes}, "name": {bytes}}},
		"a name of bytes":           {"/agent/pay", url.Values{"code": {"7KQ2M9XD4H"}, "name": {bytes}}},
		"a key of bytes":            {"/agent/drawer/move", url.Values{"key": {"é" + bytes}, "kind": {"to_drawer"}, "amount": {"1"}, "currency": {"PHP"}}},
		"a key with a line":         {"/agent/drawer/move", url.Values{"key": {"a\r\nb: c"}, "kind": {"to_drawer"}, "amount": {"1"}, "currency": {"PHP"}}},
		"a long key":                {"/agent/drawer/move", url.Values{"key": {long}, "kind": {"to_drawer"}, "amount": {"1"}, "currency": {"PHP"}}},
		"an id of bytes":            {"/agent/pay/%ff", nil},
		"a day of bytes":            {"/agent/mine?day=%ff&after=%ff", nil},
		"a password of bytes":       {"/agent/account/password", url.Values{"current": {bytes}, "next": {bytes}, "again": {bytes}}},
		"a sign-in of bytes":        {"/agent/sign-in", url.Values{"email": {bytes}, "password": {bytes}}},
		"a challenge of bytes":      {"/agent/sign-in/code", url.Values{"challenge": {bytes}, "code": {bytes}}},
		"a QR code that is too big": {"/agent/sign-in/code", url.Values{"challenge": {"chl_x"}, "code": {"123456"}, "uri": {long}}},
		"a QR code of bytes":        {"/agent/sign-in/code", url.Values{"challenge": {"chl_x"}, "code": {"123456"}, "uri": {bytes}}},
		"an approval of bytes":      {"/agent/approve", url.Values{"kind": {"pickup"}, "id": {bytes}, "reservation": {bytes}, "email": {bytes}, "password": {bytes}, "back": {bytes}}},
		"a language of bytes":       {"/agent/look", url.Values{"language": {bytes}, "theme": {bytes}, "back": {"//evil.example/agent/"}}},
		"a report of bytes":         {"/agent/report", url.Values{"category": {bytes}, "text": {bytes}, "payment": {bytes}}},
		"a reservation of bytes":    {"/agent/pay/pic_01k00000000000000000000000/reserve", url.Values{"code": {bytes}, "type": {bytes}, "number": {bytes}, "key": {bytes}}},
		"a sending of bytes":        {"/agent/send", url.Values{"to": {bytes}, "amount": {bytes}, "method": {bytes}, "key": {bytes}}},
		"a sending without a step":  {"/agent/send/deposit", url.Values{"quote": {bytes}}},
		"an invitation of bytes":    {"/agent/join?invitation=%ff", nil},
	} {
		status, body, header, err := d.ask(x.path, x.form)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if status >= http.StatusInternalServerError {
			t.Errorf("%s: got %d", name, status)
		}
		if to := header.Get("Location"); to != "" && !strings.HasPrefix(to, "/agent") {
			t.Errorf("%s: leads to %s", name, to)
		}
		for _, raw := range []string{"beneficiary_name has", "Idempotency-Key", "rpc error", "identity."} {
			if strings.Contains(body, raw) {
				t.Errorf("%s: the page says %q", name, raw)
			}
		}
	}
}
