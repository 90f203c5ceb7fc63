package corridors

import "slices"

// maxFieldLength bounds every text of a party or an account, in characters.
const maxFieldLength = 140

// Field is one text that a form asks for. From fields the JSON Schema is made,
// and by that schema the answers are checked.
type Field struct {
	Name  string
	Title string
	// Description says what is right, to follow "must be".
	Description string
	// Pattern is a regular expression that RE2 and ECMAScript read alike.
	Pattern string
	// Values, where given, are all that is allowed.
	Values    []string
	MinLength int
	MaxLength int
	// Format names a check beyond the pattern, such as a check digit; see
	// format.go. It is the schema's format keyword.
	Format   string
	Example  string
	Optional bool
}

// Letters of any script, with what joins names.
const (
	// joiners are what Persian, Malayalam and others spell some words with.
	joiners = "\u200c\u200d"

	personPattern  = `^[\p{L}\p{M}][\p{L}\p{M}` + joiners + ` .,'’·()/-]*$`
	companyPattern = `^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}` + joiners + ` .,'’·&+@!()/-]*$`
	textPattern    = `^[\p{L}\p{M}\p{N}#][\p{L}\p{M}\p{N}` + joiners + ` .,;:'’º°ª&#()/-]*$`
)

// partyFields is every field of a remit.Party by its JSON name.
var partyFields = []Field{
	{Name: "given_name", Title: "Given names", Description: "the given names as on the identity document, in letters", Pattern: personPattern, MinLength: 1, MaxLength: 70, Example: "María Elena"},
	{Name: "family_name", Title: "Family name", Description: "the family name as on the identity document, in letters", Pattern: personPattern, MinLength: 1, MaxLength: 70, Example: "Santos"},
	{Name: "company_name", Title: "Company name", Description: "the registered name of a company", Pattern: companyPattern, MinLength: 1, MaxLength: 140, Example: "Acme Trading Ltd."},
	{Name: "date_of_birth", Title: "Date of birth", Description: "year, month and day", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, MinLength: 10, MaxLength: 10, Format: "birth-date", Example: "1990-12-31"},
	{Name: "nationality", Title: "Nationality", Description: "a two-letter ISO 3166 country code", Pattern: `^[A-Z]{2}$`, MinLength: 2, MaxLength: 2, Format: "country", Example: "PH"},
	{Name: "country", Title: "Country of residence", Description: "a two-letter ISO 3166 country code", Pattern: `^[A-Z]{2}$`, MinLength: 2, MaxLength: 2, Format: "country", Example: "US"},
	{Name: "address_line", Title: "Address", Description: "street and number", Pattern: textPattern, MinLength: 1, MaxLength: 140, Example: "350 Fifth Avenue"},
	{Name: "city", Title: "City", Description: "the name of a town or city", Pattern: textPattern, MinLength: 1, MaxLength: 70, Example: "New York"},
	{Name: "postal_code", Title: "Postal code", Description: "letters, digits, spaces and hyphens", Pattern: `^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$`, MinLength: 2, MaxLength: 12, Example: "10118"},
	{Name: "phone", Title: "Phone number", Description: "a valid phone number with its country code", MinLength: 7, MaxLength: 16, Format: "phone", Example: "+12125550142"},
	{Name: "email", Title: "E-mail address", Description: "an e-mail address", Pattern: `^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`, MinLength: 6, MaxLength: 120, Example: "maria@example.com"},
	{Name: "document_type", Title: "Document type", Description: "the kind of identity document", Values: []string{"passport", "national_id", "driving_licence"}, MinLength: 1, MaxLength: 16},
	{Name: "document_number", Title: "Document number", Description: "letters, digits and hyphens as on the document", Pattern: `^[A-Za-z0-9][A-Za-z0-9/-]{2,29}$`, MinLength: 3, MaxLength: 30, Example: "P1234567A"},
}

// personOnly lists the fields that a company has not.
var personOnly = []string{"given_name", "family_name", "date_of_birth", "nationality", "document_type", "document_number"}

// isPersonOnly reports whether only a person can be asked for a field.
func isPersonOnly(name string) bool { return slices.Contains(personOnly, name) }
