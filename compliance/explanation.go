package compliance

import "github.com/openremit/remit"

// Explanation tells all that there is to know of a hit: which words were taken
// for which, what each property of the pair did to the score, and what the list
// says of the entry.
type Explanation struct {
	Words  []WordPair   `json:"words,omitempty"`
	Points []ScorePoint `json:"points,omitempty"`
	Entry  ListedParty  `json:"entry"`
}

// WordPair is two words that were taken for the same, or one without partner.
type WordPair struct {
	// Asked is the party's word. It is personal data: it is shown to who may see
	// the party and never stored or logged with the hit.
	Asked  string `json:"-"`
	Listed string `json:"listed"`
	// AlikeBasisPoints is 10,000 for equal words, and 0 without partner.
	AlikeBasisPoints int `json:"alike_basis_points"`
}

// ScorePoint is one property of a hit: its value in basis points of the most it
// can be, and by how many basis points it changed the score.
type ScorePoint struct {
	What             string `json:"what"`
	ValueBasisPoints int    `json:"value_basis_points"`
	PointsBasis      int    `json:"points_basis"`
}

// ListedParty is a list entry in full, in the list's own words; public data.
type ListedParty struct {
	List      string          `json:"list"`
	ID        string          `json:"id"`
	Kind      string          `json:"kind,omitempty"`
	Names     []string        `json:"names"`
	Births    []string        `json:"births,omitempty"`
	Countries []remit.Country `json:"countries,omitempty"`
	Documents []string        `json:"documents,omitempty"`
	Gender    string          `json:"gender,omitempty"`
	Programs  []string        `json:"programs,omitempty"`
	Remarks   string          `json:"remarks,omitempty"`
}
