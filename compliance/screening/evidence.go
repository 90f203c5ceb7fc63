package screening

import (
	"github.com/openremit/remit/compliance/screening/list"
)

// agreement says how a party's birth date and the listed ones go together.
type agreement uint8

const (
	birthUnknown agreement = iota
	// birthEqual: the same day.
	birthEqual
	// birthSwapped: the same but for day and month swapped, or one digit of them,
	// or of a year that is near.
	birthSwapped
	// birthWithin: the same as far as both are known.
	birthWithin
	// birthNear: a year off, or two with a listed date that is about right.
	birthNear
	// birthOff: two years off where one of them is no more than a year, or the last
	// digits of the year swapped.
	birthOff
	birthFar
)

// Bounds of what a mistaken date may be off by, in years.
const (
	nearYears  = 1
	offYears   = 2
	circaYears = 4
	// mistypedYears bounds what one wrong digit of a year makes of a date.
	mistypedYears = 3
)

// Birth evidence in basis points.
const (
	forBirthEqual   = 600
	forBirthSwapped = 300
	forBirthWithin  = 200
	againstBirthOff = 300
	againstBirth    = 2_000
	forCountry      = 100
	againstCountry  = 200
	againstGender   = 800
	// mostFor is what all evidence beside the name adds at most: it makes no alert
	// of another name.
	mostFor = forBirthEqual + forCountry
	// leastWithDocument is the score of an entry whose document's number is given.
	leastWithDocument = 9_500
)

// compareBirth returns the best agreement of a birth date with the listed ones.
func compareBirth(born list.Date, listed []list.Birth) (agreement, string) {
	best, text := birthUnknown, ""
	for _, b := range listed {
		if got := birthAgreement(born, b); got != birthUnknown && (best == birthUnknown || got < best) {
			best, text = got, birthText(b)
		}
	}
	return best, text
}

func birthAgreement(born list.Date, b list.Birth) agreement {
	if b.From.Year == 0 || born.Year == 0 {
		return birthUnknown
	}
	to := b.To
	if to.Year == 0 {
		to = b.From
	}
	single := b.From == to
	near := nearYears
	if b.Circa {
		near = circaYears
	}
	switch {
	case single && !b.Circa && born == b.From && born.Day != 0:
		return birthEqual
	case single && !b.Circa && mistyped(born, b.From):
		return birthSwapped
	case born.Year > b.From.Year && born.Year < to.Year, single && born.Year == to.Year && sameAsKnown(born, to):
		return birthWithin
	case !single && born.Year >= b.From.Year && born.Year <= to.Year:
		return birthWithin
	case born.Year >= b.From.Year-near && born.Year <= to.Year+near:
		return birthNear
	case single && yearSwapped(born, b.From), (born.Month == 0 || b.From.Month == 0) && born.Year >= b.From.Year-offYears && born.Year <= to.Year+offYears:
		return birthOff
	default:
		return birthFar
	}
}

// sameAsKnown reports whether two dates of a year agree in what both tell.
func sameAsKnown(a, b list.Date) bool {
	return (a.Month == 0 || b.Month == 0 || a.Month == b.Month) && (a.Day == 0 || b.Day == 0 || a.Day == b.Day)
}

// mistyped reports whether two days differ as typing errors do: day and month
// swapped, or one digit of a day, a month or a near year.
func mistyped(a, b list.Date) bool {
	if a.Day == 0 || b.Day == 0 {
		return false
	}
	if a.Year == b.Year && a.Month == b.Day && a.Day == b.Month {
		return true
	}
	if a.Month == b.Month && a.Day == b.Day {
		return max(a.Year-b.Year, b.Year-a.Year) <= mistypedYears && oneDigit(a.Year, b.Year)
	}
	return a.Year == b.Year && ((a.Month == b.Month && oneDigit(a.Day, b.Day)) || (a.Day == b.Day && oneDigit(a.Month, b.Month)))
}

// yearSwapped reports whether two days differ in the order of the year's last digits only.
func yearSwapped(a, b list.Date) bool {
	return a.Day != 0 && a.Month == b.Month && a.Day == b.Day && a.Year/100*100+a.Year%10*10+a.Year%100/10 == b.Year
}

func oneDigit(a, b int) bool {
	n := 0
	for a > 0 || b > 0 {
		if a%10 != b%10 {
			n++
		}
		a, b = a/10, b/10
	}
	return n == 1
}

func birthText(b list.Birth) string {
	text := b.From.String()
	if b.To != b.From && b.To.Year != 0 {
		text += " to " + b.To.String()
	}
	if b.Circa {
		text = "circa " + text
	}
	return text
}
