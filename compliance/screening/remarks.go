package screening

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// birth is a span of days in which a listed person was born, both ends
// included. An exact date is a span of one day.
type birth struct {
	from, to time.Time
	// circa widens the span by what people mean by about.
	circa bool
	text  string
}

var (
	walletRemark = regexp.MustCompile(`^(?:alt\. )?Digital Currency Address - [A-Z0-9]+ ([0-9A-Za-z:]+)\.?$`)
	aliasRemark  = regexp.MustCompile(`^(?:alt\. )?[afn]\.k\.a\. '(.+)'\.?$`)
	yearOnly     = regexp.MustCompile(`^\d{4}$`)
)

// readRemarks takes birth dates, countries, weak aliases and wallet addresses
// out of an entry's remarks. What it does not know it leaves alone: remarks are
// prose, and a list is not refused for them.
func (e *entry) readRemarks() {
	for remark := range strings.SplitSeq(e.remarks, ";") {
		remark = strings.TrimSpace(remark)
		fact := strings.TrimSuffix(strings.TrimPrefix(remark, "alt. "), ".")
		switch {
		case strings.HasPrefix(fact, "DOB "):
			if b, ok := parseBirth(fact[len("DOB "):]); ok {
				e.births = append(e.births, b)
			}
		case strings.HasPrefix(fact, "nationality "):
			e.addCountry(fact[len("nationality "):])
		case strings.HasPrefix(fact, "citizen "):
			e.addCountry(fact[len("citizen "):])
		case strings.HasPrefix(fact, "POB "):
			if i := strings.LastIndex(fact, ", "); i >= 0 {
				e.addCountry(fact[i+2:])
			} else {
				e.addCountry(fact[len("POB "):])
			}
		default:
			e.readOther(remark)
		}
	}
}

func (e *entry) readOther(remark string) {
	if m := walletRemark.FindStringSubmatch(remark); m != nil {
		e.wallets = append(e.wallets, m[1])
	}
	if m := aliasRemark.FindStringSubmatch(remark); m != nil {
		e.aliases = append(e.aliases, alias{name: m[1], weak: true})
	}
}

// parseBirth reads "12 Mar 1975", "Mar 1975", "1975", "circa 1975", "1975 to 1977"
// and spans of the longer forms.
func parseBirth(text string) (birth, bool) {
	b := birth{text: text}
	rest, circa := strings.CutPrefix(text, "circa ")
	b.circa = circa
	first, last, span := strings.Cut(rest, " to ")
	if !span && len(rest) == len("1975-1977") && rest[4] == '-' {
		first, last, span = rest[:4], rest[5:], true
	}
	from, to, ok := parseDays(first)
	if !ok {
		return birth{}, false
	}
	b.from, b.to = from, to
	if span {
		_, end, ok := parseDays(strings.TrimPrefix(last, "circa "))
		if !ok || end.Before(from) {
			return birth{}, false
		}
		b.to = end
	}
	return b, true
}

// parseDays reads a day, a month or a year as its first and last day.
func parseDays(text string) (from, to time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if yearOnly.MatchString(text) {
		year, err := strconv.Atoi(text)
		from = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(1, 0, -1), err == nil
	}
	if day, err := time.Parse("2 Jan 2006", text); err == nil {
		return day, day, true
	}
	if month, err := time.Parse("Jan 2006", text); err == nil {
		return month, month.AddDate(0, 1, -1), true
	}
	return time.Time{}, time.Time{}, false
}

// agreement says how a party's birth date and the listed ones go together.
type agreement uint8

const (
	birthUnknown agreement = iota
	birthEqual
	birthWithin
	birthNear
	birthFar
)

// Bounds of what a mistaken date may be off by, in years.
const (
	nearYears  = 1
	circaYears = 3
)

// compareBirth returns the best agreement of a birth date with the listed ones.
// Day and month swapped, and the year's last digits swapped, count as near.
func compareBirth(born time.Time, listed []birth) (agreement, string) {
	best, text := birthUnknown, ""
	for _, b := range listed {
		if got := b.agreement(born); best == birthUnknown || got < best {
			best, text = got, b.text
		}
	}
	return best, text
}

func (b birth) agreement(born time.Time) agreement {
	near := nearYears
	if b.circa {
		near = circaYears
	}
	within := !born.Before(b.from) && !born.After(b.to)
	switch {
	case within && b.from.Equal(b.to) && !b.circa:
		return birthEqual
	case within:
		return birthWithin
	case !born.Before(b.from.AddDate(-near, 0, 0)) && !born.After(b.to.AddDate(near, 0, 0)):
		return birthNear
	}
	y := born.Year()
	swapped := y/100*100 + y%10*10 + y%100/10
	if b.from.Equal(b.to) && b.from.Month() == born.Month() && b.from.Day() == born.Day() && b.from.Year() == swapped {
		return birthNear
	}
	return birthFar
}
