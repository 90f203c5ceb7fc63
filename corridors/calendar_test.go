package corridors_test

import (
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

func TestNextBusinessMoment(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	office := corridors.Hours{OpensMinute: 9 * 60, ClosesMinute: 15*60 + 30}
	shop := corridors.Hours{OpensMinute: 8 * 60, ClosesMinute: 19 * 60, EveryDay: true}
	for _, tt := range []struct {
		name    string
		country remit.Country
		hours   corridors.Hours
		at      string
		want    string
	}{
		{"round the clock", "GB", corridors.Hours{}, "2026-12-25T03:00:00+00:00", "2026-12-25T03:00:00+00:00"},
		{"within hours", "PH", office, "2026-11-20T10:00:00+08:00", "2026-11-20T10:00:00+08:00"},
		{"before opening", "PH", office, "2026-11-20T07:00:00+08:00", "2026-11-20T09:00:00+08:00"},
		{"at the cut-off", "PH", office, "2026-11-19T15:30:00+08:00", "2026-11-20T09:00:00+08:00"},
		{"over the weekend", "PH", office, "2026-11-20T16:00:00+08:00", "2026-11-23T09:00:00+08:00"},
		{"weekend of Friday and Saturday", "SA", office, "2026-11-19T16:00:00+03:00", "2026-11-22T09:00:00+03:00"},
		{"over Christmas and Boxing Day", "GB", office, "2026-12-24T16:00:00+00:00", "2026-12-29T09:00:00+00:00"},
		{"over Holy Week", "PH", office, "2026-04-01T16:00:00+08:00", "2026-04-06T09:00:00+08:00"},
		{"a shop on Sunday", "PH", shop, "2026-11-22T12:00:00+08:00", "2026-11-22T12:00:00+08:00"},
		{"a shop at night", "PH", shop, "2026-12-24T23:00:00+08:00", "2026-12-25T08:00:00+08:00"},
		{"the local day, not ours", "JP", office, "2026-11-19T23:30:00+00:00", "2026-11-20T00:00:00+00:00"},
		{"when clocks change", "GB", office, "2026-03-27T16:00:00+00:00", "2026-03-30T09:00:00+01:00"},
	} {
		country, err := q.Catalogue.Country(tt.country)
		if err != nil {
			t.Fatal(err)
		}
		at, want := moment(t, tt.at), moment(t, tt.want)
		if got := country.NextBusinessMoment(at, tt.hours); !got.Equal(want) {
			t.Errorf("%s: got %s, want %s", tt.name, got.In(country.Location), tt.want)
		}
	}
	country, err := q.Catalogue.Country("MX")
	if err != nil {
		t.Fatal(err)
	}
	if open, why := country.BusinessDay(moment(t, "2026-09-16T12:00:00-06:00")); open || why != "Día de la Independencia" {
		t.Errorf("16 September: %t, %q", open, why)
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Whatever the moment, the answer is not before it, within the hours and
// answers itself.
func TestNextBusinessMomentIsStable(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	for _, c := range q.Catalogue.Countries() {
		for _, p := range c.Payouts {
			for at := friday; at.Before(friday.AddDate(0, 14, 0)); at = at.Add(7*time.Hour + 13*time.Minute) {
				next := c.NextBusinessMoment(at, p.Hours)
				if next.Before(at) || !c.NextBusinessMoment(next, p.Hours).Equal(next) || next.Sub(at) > 14*24*time.Hour {
					t.Fatalf("%s %s at %s: %s", c.Code, p.Method, at, next)
				}
			}
		}
	}
}
