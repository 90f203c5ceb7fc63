package list

import (
	"strconv"
	"strings"
)

// parseBirth reads what lists write of a day of birth: "12 Mar 1975",
// "Mar 1975", "1975", "1975-03-12", "12/03/1975" (day first), any of them after
// "circa", and spans of them ("1961 to 1963", "1961-1963"). A day or month that
// does not exist, and one that is written as unknown ("00/00/1958",
// "dd/mm/1958"), is left out: the year may still be right.
func parseBirth(text string) (Birth, bool) {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	b := Birth{}
	text, b.Circa = cutCirca(text)
	first, last, span := cutSpan(text)
	from, ok := parseDate(first)
	if !ok {
		return Birth{}, false
	}
	b.From, b.To = from, from
	if span {
		rest, circa := cutCirca(strings.TrimSpace(last))
		to, ok := parseDate(rest)
		if !ok {
			return Birth{}, false
		}
		b.To = to
		b.Circa = b.Circa || circa
		if b.To.before(b.From) && b.To.Year != b.From.Year {
			b.From, b.To = b.To, b.From
		}
	}
	return b, true
}

var circaWords = []string{"circa ", "approximately ", "approx. ", "about ", "around ", "c. ", "ca. ", "~"}

func cutCirca(text string) (string, bool) {
	lower := strings.ToLower(text)
	for _, word := range circaWords {
		if strings.HasPrefix(lower, word) {
			return strings.TrimSpace(text[len(word):]), true
		}
	}
	return text, false
}

func cutSpan(text string) (first, last string, span bool) {
	lower := strings.ToLower(text)
	if strings.HasPrefix(lower, "between ") {
		if first, last, ok := strings.Cut(text[len("between "):], " and "); ok {
			return first, last, true
		}
	}
	for _, word := range []string{" to ", "..", " - "} {
		if first, last, ok := strings.Cut(text, word); ok {
			return first, last, true
		}
	}
	if len(text) == len("1961-1963") && text[4] == '-' && digits(text[:4]) && digits(text[5:]) {
		return text[:4], text[5:], true
	}
	return text, "", false
}

// parseDate reads one day, month or year.
func parseDate(text string) (Date, bool) {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	if day, _, ok := strings.Cut(text, "T"); ok && len(day) == len("2006-01-02") {
		text = day
	}
	if len(text) == 4 && digits(text) {
		return exactDate(text, "", "")
	}
	if parts := strings.Split(text, "-"); len(parts) <= 3 && len(parts) > 1 && digits(parts[0]) && len(parts[0]) == 4 {
		return exactDate(parts[0], parts[1], at(parts, 2))
	}
	for _, mark := range []string{"/", ".", "-", " "} {
		parts := strings.Split(text, mark)
		if len(parts) == 3 && len(parts[2]) == 4 {
			return exactDate(parts[2], parts[1], parts[0])
		}
		if len(parts) == 2 && len(parts[1]) == 4 {
			return exactDate(parts[1], parts[0], "")
		}
	}
	return Date{}, false
}

func at(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

// exactDate makes a date of its parts and leaves out what cannot be.
func exactDate(year, month, day string) (Date, bool) {
	y, err := strconv.Atoi(strings.TrimSpace(year))
	if err != nil || y < 1 || y > 9999 {
		return Date{}, false
	}
	d := Date{Year: y}
	m, ok := monthOf(month)
	if !ok {
		// What stands for the month is no month and no mark for an unknown one.
		return d, !hasWord(month)
	}
	d.Month = m
	if n, err := strconv.Atoi(strings.TrimSpace(day)); err == nil && n >= 1 && n <= daysIn(y, m) {
		d.Day = n
	}
	return d, true
}

// hasWord tells prose before a year from the letters that mark an unknown month.
func hasWord(month string) bool {
	month = strings.ToLower(strings.TrimSpace(month))
	return strings.Trim(month, "mx?0123456789") != ""
}

func monthOf(text string) (int, bool) {
	text = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), "."))
	if n, err := strconv.Atoi(text); err == nil {
		return n, n >= 1 && n <= 12
	}
	if len(text) < 3 {
		return 0, false
	}
	for i, name := range months {
		if strings.HasPrefix(name, text) || text == "sept" && i == 8 {
			return i + 1, true
		}
	}
	return 0, false
}

var months = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
