package corridors

import (
	"slices"
	"time"
)

// maxDaysAhead bounds the search for a business day; the longest run of
// holidays in the data is under two weeks.
const maxDaysAhead = 60

// BusinessDay reports whether banks are open on the local day of t, and where
// not, why: the holiday's name or the weekday. Holidays are known for the years
// in the data files; in other years only weekends are.
func (c Country) BusinessDay(t time.Time) (open bool, why string) {
	local := t.In(c.Location)
	if name, ok := c.Holidays[local.Format(time.DateOnly)]; ok {
		return false, name
	}
	if slices.Contains(c.Weekend, local.Weekday()) {
		return false, local.Weekday().String()
	}
	return true, ""
}

// NextBusinessMoment returns the first moment from t on at which work with
// these hours is done: t itself within the hours of a business day, otherwise
// the next opening. It answers in UTC.
func (c Country) NextBusinessMoment(t time.Time, h Hours) time.Time {
	if h.Always() {
		return t.UTC()
	}
	local := t.In(c.Location)
	for day := range maxDaysAhead {
		// Noon stands for the day, so that a change of the clocks cannot skip it.
		noon := time.Date(local.Year(), local.Month(), local.Day()+day, 12, 0, 0, 0, c.Location)
		if open, _ := c.BusinessDay(noon); !open && !h.EveryDay {
			continue
		}
		opens, closes := atMinute(noon, h.OpensMinute), atMinute(noon, h.ClosesMinute)
		if t.Before(opens) {
			return opens.UTC()
		}
		if t.Before(closes) {
			return t.UTC()
		}
	}
	return t.UTC() // Unreachable with checked data: no weekend is seven days long.
}

// atMinute returns the moment of a local day that is some minutes after its
// midnight by the wall clock.
func atMinute(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, day.Location())
}

// estimate returns in how many seconds a payout that is asked for at t should
// have arrived: the wait for business hours and then the method's own time.
func (c Country) estimate(t time.Time, h Hours, d Delivery) (p50, p95 int64) {
	wait := int64(c.NextBusinessMoment(t, h).Sub(t) / time.Second)
	return wait + d.P50Seconds, wait + d.P95Seconds
}
