package list

import (
	"cmp"
	"fmt"

	"github.com/openremit/remit"
)

// Kind is what a listed party is. The zero value means that the list does not say.
type Kind string

// The kinds of listed parties.
const (
	Person   Kind = "person"
	Company  Kind = "company"
	Vessel   Kind = "vessel"
	Aircraft Kind = "aircraft"
)

// Entry is one listed party, with all that its list says of it.
type Entry struct {
	// List names the list, such as "ofac-sdn", "un", "eu", "uk".
	List string
	// ID is the party's id on its list; unique there.
	ID   string
	Kind Kind
	// Names are in the list's order, the primary one first.
	Names  []Name
	Births []Birth
	// Countries are those of nationality, citizenship, residence, registration
	// and address, each once.
	Countries []remit.Country
	// BirthCountries are those of places of birth, each once. They are no
	// evidence of where a party lives or belongs, and so not in Countries.
	BirthCountries []remit.Country
	Documents      []Document
	// Gender is "male", "female" or empty.
	Gender string
	// Wallets are addresses on blockchains, as the list writes them.
	Wallets []string
	// Programs are the sanctions programmes or regimes.
	Programs []string
	// Remarks is what else the list says, for people.
	Remarks string
	// Digest changes whenever anything that the list says of the party does: a
	// hash in hex.
	Digest string
	// From and Until are the first and the last day on which the entry is in
	// force; a zero one sets no bound. Only lists of one's own set them.
	From, Until Date
}

// InForce reports whether the entry is in force on a day.
func (e *Entry) InForce(day Date) bool {
	return (e.From == Date{} || !day.before(e.From)) && (e.Until == Date{} || !e.Until.before(day))
}

// NameKind says how good a name is. The zero value is a full name.
type NameKind string

// The kinds of names.
const (
	// Full is a name that identifies: the primary one or a strong alias.
	Full NameKind = ""
	// Weak is a nickname, or an alias that the list itself calls weak or of low quality.
	Weak NameKind = "weak"
	// Former is a name that the party no longer goes by.
	Former NameKind = "former"
)

// Name is one name of a listed party.
type Name struct {
	// Text is the whole name as the list writes it, in whatever script.
	Text string
	// Family and Given are its parts where the list tells them apart; both
	// empty where it does not.
	Family, Given string
	Kind          NameKind
}

// Birth is when a person was born, as exactly as the list knows: from and to
// are the same for one day. Month and Day are 0 where only the year is known.
type Birth struct {
	From, To Date
	// Circa says that the list gives the dates as about right only.
	Circa bool
}

// Date is a day, a month or a year.
type Date struct {
	// Year is from 1 to 9999; Month from 1 to 12, or 0 for unknown; Day from 1 to
	// 31, or 0 for unknown.
	Year, Month, Day int
}

// Document is something with a number that identifies: a passport, a tax id, an
// IMO number of a ship.
type Document struct {
	// Type is one of "passport", "national_id", "tax_id", "registration",
	// "imo", "mmsi", "call_sign", "tail_number", "other".
	Type   string
	Number string
	// Country issued it, where known.
	Country remit.Country
}

// DocumentTypes are what Document.Type is one of.
func DocumentTypes() []string {
	return []string{"passport", "national_id", "tax_id", "registration", "imo", "mmsi", "call_sign", "tail_number", "other"}
}

// String writes the date as 1961, 1961-03 or 1961-03-12, and the zero date as nothing.
func (d Date) String() string {
	switch {
	case d == Date{}:
		return ""
	case d.Month == 0:
		return fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	default:
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
}

// before compares two whole days; unknown parts count as the first.
func (d Date) before(other Date) bool {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day)) < 0
}
