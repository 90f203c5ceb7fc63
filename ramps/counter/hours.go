package counter

import (
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
)

// Span is a part of a day, in minutes since midnight; To is not part of it and
// may be 1440.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// dayMinutes is how many minutes a day has on the clock on the wall.
const dayMinutes = 24 * 60

// Week has the spans of each day, Sunday first as in time.Weekday.
type Week [7][]Span

// Empty reports whether no span is given.
func (w Week) Empty() bool {
	return !slices.ContainsFunc(w[:], func(day []Span) bool { return len(day) > 0 })
}

// covers reports whether a moment is within the week.
func (w Week) covers(local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	return slices.ContainsFunc(w[local.Weekday()], func(s Span) bool { return minute >= s.From && minute < s.To })
}

// maxSpans bounds the spans of a day, maxClosedDays the closed days of an outlet.
const (
	maxSpans      = 4
	maxClosedDays = 100
)

// validate returns what is wrong with a week, as a message.
func (w Week) validate() string {
	for day, spans := range w {
		if len(spans) > maxSpans {
			return fmt.Sprintf("%s has more than %d spans", time.Weekday(day), maxSpans)
		}
		end := 0
		for _, s := range spans {
			if s.From < end || s.From >= s.To || s.To > dayMinutes {
				return fmt.Sprintf("the spans of %s are not in order or not within the day", time.Weekday(day))
			}
			end = s.To
		}
	}
	return ""
}

// Hours are when an outlet is open.
type Hours struct {
	// Zone is the name of the time zone, such as Asia/Manila.
	Zone string `json:"zone"`
	Week Week   `json:"week"`
	// Closed are days on which it is closed, such as 2026-12-25.
	Closed []string `json:"closed,omitempty"`
}

// dateForm is how days are written.
const dateForm = "2006-01-02"

// local is a moment on the outlet's wall. A zone that is not known any more
// counts as UTC; it was checked when it was stored.
func (h Hours) local(at time.Time) time.Time {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return at.UTC()
	}
	return at.In(zone)
}

// Day is the outlet's day of a moment.
func (h Hours) Day(at time.Time) string { return h.local(at).Format(dateForm) }

// DayBounds are the first moment of a day and of the day after it.
func (h Hours) DayBounds(day string) (from, to time.Time, err error) {
	start, err := time.ParseInLocation(dateForm, day, h.local(time.Unix(0, 0)).Location())
	if err != nil {
		return from, to, remit.Invalid("day", remit.ReasonFieldInvalid, "%q is not a day; write it as 2026-11-21", day)
	}
	return start.UTC(), start.AddDate(0, 0, 1).UTC(), nil
}

// Open reports whether an outlet is open at a moment.
func (h Hours) Open(at time.Time) bool {
	local := h.local(at)
	return h.Week.covers(local) && !slices.Contains(h.Closed, local.Format(dateForm))
}

// validate returns the field errors of opening hours.
func (h Hours) validate() []remit.FieldError {
	var out []remit.FieldError
	add := func(field, format string, args ...any) {
		out = append(out, remit.FieldError{Field: field, Reason: remit.ReasonFieldInvalid, Message: fmt.Sprintf(format, args...)})
	}
	if _, err := time.LoadLocation(h.Zone); err != nil || h.Zone == "" || h.Zone == "Local" {
		add("time_zone", "%q is not a time zone; write one of the IANA database, such as Asia/Manila", clip(h.Zone))
	}
	if wrong := h.Week.validate(); wrong != "" {
		add("hours", "%s", wrong)
	}
	if len(h.Closed) > maxClosedDays {
		add("closed_days", "there are more than %d closed days", maxClosedDays)
	}
	for _, day := range h.Closed {
		if _, err := time.Parse(dateForm, day); err != nil {
			add("closed_days", "%q is not a day; write it as 2026-12-25", clip(day))
			break
		}
	}
	return out
}

// clip shortens text from outside before it is quoted.
func clip(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
