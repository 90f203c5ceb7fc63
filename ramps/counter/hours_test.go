package counter_test

import (
	"testing"
	"time"

	"github.com/openremit/remit/ramps/counter"
)

// TestHours: open by the outlet's own wall, whatever the gateway's zone.
func TestHours(t *testing.T) {
	t.Parallel()
	h := counter.Hours{Zone: "America/New_York", Closed: []string{"2026-12-25"}}
	for day := time.Monday; day <= time.Friday; day++ {
		h.Week[day] = []counter.Span{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 24 * 60}}
	}
	for at, want := range map[string]bool{
		"2026-11-20T13:59:00Z": false, // Friday, 08:59 there.
		"2026-11-20T14:00:00Z": true,
		"2026-11-20T17:00:00Z": false, // Noon: lunch.
		"2026-11-20T18:00:00Z": true,
		"2026-11-21T04:59:59Z": true, // Friday, 23:59:59 there.
		"2026-11-21T05:00:00Z": false,
		"2026-11-21T15:00:00Z": false, // Saturday.
		"2026-07-17T13:00:00Z": true,  // Friday, 09:00 in summer.
		"2026-12-25T15:00:00Z": false, // Closed.
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Open(moment); got != want {
			t.Errorf("%s: got %v, want %v", at, got, want)
		}
	}
	// The day that loses an hour is 23 hours long.
	from, to, err := h.DayBounds("2026-03-08")
	if err != nil || to.Sub(from) != 23*time.Hour || h.Day(from) != "2026-03-08" || h.Day(to) != "2026-03-09" {
		t.Errorf("got %s to %s and %v", from, to, err)
	}
	if _, _, err := h.DayBounds("yesterday"); err == nil {
		t.Error("yesterday is taken as a day")
	}
}

// TestIdentityRules: the shipped rules are read, and malformed ones refused.
func TestIdentityRules(t *testing.T) {
	t.Parallel()
	rules, err := counter.LoadIdentityRules()
	if err != nil {
		t.Fatal(err)
	}
	good := counter.Identity{Type: "national_id", Number: "52 123 456", Issuer: "CO", BirthDate: "1990-02-28", Name: "Lucia Ospina"}
	if wrong := rules.Check("CO", good, "2026-11-21", "1990-02-28"); len(wrong) != 0 {
		t.Errorf("got %v", wrong)
	}
	if wrong := rules.Check("CO", good, "2026-11-21", "1990-02-27"); len(wrong) != 1 || wrong[0].Field != "identity.birth_date" {
		t.Errorf("another birth date than is known: got %v", wrong)
	}
	// On the birthday itself a person is old enough.
	good.BirthDate = "2008-11-21"
	if wrong := rules.Check("CO", good, "2026-11-21", ""); len(wrong) != 0 {
		t.Errorf("got %v", wrong)
	}
	for _, bad := range []string{"", "{}", `{"*":{"documents":[{"type":"passport","issuer":"some"}]}}`, `{"*":{"documents":[{"type":"p","issuer":"any","number":"("}]}}`,
		`{"*":{"documents":[{"type":"p","issuer":"any"}]},"Philippines":{"documents":[{"type":"p","issuer":"any"}]}}`} {
		if _, err := counter.ParseIdentityRules([]byte(bad)); err == nil {
			t.Errorf("%s: taken as rules", bad)
		}
	}
}
