package list

import "github.com/openremit/remit"

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
	Documents []Document
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
