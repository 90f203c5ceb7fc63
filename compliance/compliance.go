package compliance

import (
	"context"
	"time"

	"github.com/openremit/remit"
)

// Gate is a point where the story of a remittance stops for a decision.
type Gate string

// The gates.
const (
	// GateIntake decides before we take money.
	GateIntake Gate = "intake"
	// GateRelease decides before the money leaves.
	GateRelease Gate = "release"
)

// Outcome is what a gate decides. The zero value is unspecified and lets
// nothing pass: it is treated as review.
type Outcome string

// The outcomes, from mild to severe.
const (
	OutcomeAllow  Outcome = "allow"
	OutcomeRFI    Outcome = "rfi"
	OutcomeReview Outcome = "review"
	OutcomeReject Outcome = "reject"
	OutcomeBlock  Outcome = "block"
)

// Subject is what a gate looks at: the remittance with its people.
type Subject struct {
	Gate        Gate
	Remittance  remit.Remittance
	Customer    remit.Customer
	Beneficiary remit.Beneficiary
	Velocity    Velocity
	// Approved lists the hits that were released for this remittance, and for its
	// originator and beneficiary in whatever remittance, by key; they do not stop
	// it again until the party or the list entry changes.
	Approved []string
	At       time.Time
}

// Velocity is what the customer sent before, in the corridor's source currency
// and not counting this remittance, nor rejected, canceled, expired and refunded ones.
type Velocity struct {
	Count24h  int64       `json:"count_24h"`
	Amount24h remit.Money `json:"amount_24h"`
	Count30d  int64       `json:"count_30d"`
	Amount30d remit.Money `json:"amount_30d"`
}

// Hit is one candidate of screening with its score.
type Hit struct {
	// Key names the pair of party and list entry as they now are:
	// role, list, entry and a hash of both; it lapses when either changes.
	Key string `json:"key"`
	// Role is originator or beneficiary.
	Role string `json:"role"`
	// Kind says what matched, the name or the wallet address.
	Kind    HitKind `json:"kind"`
	List    string  `json:"list"`
	EntryID string  `json:"entry_id"`
	// EntryName is the listed name that matched; public data.
	EntryName string `json:"entry_name"`
	Programs  string `json:"programs"`
	// ScoreBasisPoints is 0 to 10,000.
	ScoreBasisPoints int      `json:"score_basis_points"`
	Why              []string `json:"why"`
	// Explanation tells the same at length; nil where the screener does not.
	Explanation *Explanation `json:"explanation,omitempty"`
}

// Decision is a gate's word, stored so that it can be replayed.
type Decision struct {
	ID           remit.DecisionID
	RemittanceID remit.RemittanceID
	Gate         Gate
	Outcome      Outcome
	Reasons      []remit.Reason
	Hits         []Hit
	// PolicyHash, ListVersions and InputHash say by which policy and lists, and
	// on what input, it was decided.
	PolicyHash   string
	ListVersions map[string]string
	InputHash    string
	At           time.Time
}

// Decider decides at the gates. When anything needed cannot be had it decides
// review, never allow; an error means that not even that could be decided.
type Decider interface {
	Decide(ctx context.Context, s Subject) (Decision, error)
	// ListsVersion changes whenever any list or the policy does; the release gate decides
	// anew when it is not what the intake gate saw.
	ListsVersion() string
}
