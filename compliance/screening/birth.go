package screening

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openremit/remit/compliance/screening/list"
)

// earliestBirth is the first year in which somebody who lives, or is still
// listed, may be born. What is before is a mistake and no evidence.
const earliestBirth = 1880

// Why a date of birth is none.
var (
	errBirth       = errors.New("it is no date; write 1961, 1961-03 or 1961-03-12")
	errBirthAbsent = errors.New("there is no such day; write 1961, 1961-03 or 1961-03-12")
	errBirthYear   = fmt.Errorf("nobody is born before %d or in the future; write 1961, 1961-03 or 1961-03-12", earliestBirth)
)

// ParseBirth reads a date of birth: 1961, 1961-03, 1961-03-12, 19610312,
// 12/03/1961, 12.03.1961, 12 Mar 1961, March 1961 and the like. Where a date that
// ends with the year may have day or month first, as 03/04/1961, or is the second
// reading; else it is zero. latest is the last year that may be. Errors: the text
// is no date, there is no such day, or its year cannot be.
func ParseBirth(text string, latest int) (born, or list.Date, err error) {
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune("-/., ", r) })
	if len(parts) == 1 && len(parts[0]) == 8 && isNumber(parts[0]) {
		parts = []string{parts[0][:4], parts[0][4:6], parts[0][6:]}
	}
	yearFirst := len(parts) > 0 && isYear(parts[0])
	switch {
	case len(parts) > 3 || len(parts) == 0 || strings.HasPrefix(text, "-"):
		return list.Date{}, list.Date{}, errBirth
	case yearFirst:
		// As it is: year, month, day.
	case isYear(parts[len(parts)-1]):
		slices.Reverse(parts)
	default:
		return list.Date{}, list.Date{}, errBirth
	}
	year, err := strconv.Atoi(parts[0])
	if err != nil {
		return list.Date{}, list.Date{}, errBirth
	}
	n := [2]int{}
	word := -1
	for i, part := range parts[1:] {
		number, err := strconv.Atoi(part)
		switch {
		case err == nil && len(part) <= 2 && isNumber(part) && number > 0:
			n[i] = number
		case err != nil && word < 0 && birthMonth(part) > 0:
			n[i], word = birthMonth(part), i
		case err == nil && isNumber(part) && len(part) <= 2:
			return list.Date{}, list.Date{}, errBirthAbsent
		default:
			return list.Date{}, list.Date{}, errBirth
		}
	}
	if word == 1 {
		n[0], n[1] = n[1], n[0]
	}
	born, ok := birthDate(year, n[0], n[1])
	if word < 0 && len(parts) == 3 {
		swapped, other := birthDate(year, n[1], n[0])
		switch {
		case !ok:
			born, ok = swapped, other
		case other && !yearFirst && swapped != born:
			or = swapped
		}
	}
	switch {
	case !ok:
		return list.Date{}, list.Date{}, errBirthAbsent
	case year < earliestBirth || year > latest:
		return list.Date{}, list.Date{}, errBirthYear
	}
	return born, or, nil
}

func isYear(text string) bool { return len(text) == 4 && isNumber(text) }

// birthMonth reads the English name of a month, or what it begins with.
func birthMonth(text string) int {
	if text == "sept" {
		return int(time.September)
	}
	for m := time.January; m <= time.December && len(text) >= 3; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), text) {
			return int(m)
		}
	}
	return 0
}

// birthDate makes a date; ok is false where there is none such. A month or day of
// 0 is not known.
func birthDate(year, month, day int) (list.Date, bool) {
	if month > 12 || day > 31 || month == 0 && day > 0 {
		return list.Date{}, false
	}
	if day > 0 && time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day {
		return list.Date{}, false
	}
	return list.Date{Year: year, Month: month, Day: day}, true
}
