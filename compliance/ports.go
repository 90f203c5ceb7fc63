package compliance

import (
	"context"

	"github.com/openremit/remit"
)

// The roles of parties in a remittance.
const (
	RoleOriginator  = "originator"
	RoleBeneficiary = "beneficiary"
)

// HitKind says what of a party matched a list entry.
type HitKind string

// The kinds of hits.
const (
	// HitName: the name matched; a person must say whether it is the same party.
	HitName HitKind = "name"
	// HitWallet: the wallet address is listed, character by character.
	HitWallet HitKind = "wallet"
)

// PartyKind says whether a party is a person or a company.
type PartyKind string

// The kinds of parties.
const (
	PartyPerson  PartyKind = "person"
	PartyCompany PartyKind = "company"
)

// ScreenQuery asks who on the lists a party may be. It is personal data.
type ScreenQuery struct {
	// Role goes into the hits and their keys.
	Role string
	// PartyID salts the hits' keys, so that a key says nothing about the party
	// to who does not know it, and a release holds for this party only.
	PartyID string
	Kind    PartyKind
	// Names are all the names the party goes by; at least one is needed.
	Names []string
	// DateOfBirth is YYYY-MM-DD or empty.
	DateOfBirth string
	// Countries are those of residence and nationality, where known.
	Countries []remit.Country
	// Wallets are texts that may be wallet addresses.
	Wallets []string
}

// Screening is the answer to queries, all from one state of the lists.
type Screening struct {
	// Hits are ordered by role, then by falling score.
	Hits []Hit
	// Unscreened lists the roles that could not be compared with the lists: no
	// name, one too long, or in a script that cannot be read.
	Unscreened []string
	// Versions names the state of each list that was used.
	Versions map[string]string
}

// Screener compares parties with the sanctions lists.
type Screener interface {
	// Screen answers all queries from one state of the lists. Errors:
	// unavailable when no list is loaded or the context ended. An error never
	// carries a name.
	Screen(ctx context.Context, queries ...ScreenQuery) (Screening, error)
	// Versions names the present state of each list.
	Versions() map[string]string
}

// PolicyInput is what a policy decides on: integers, codes and keys only.
// Amounts are in minor units.
type PolicyInput struct {
	Gate        Gate           `json:"gate"`
	From        remit.Country  `json:"from"`
	To          remit.Country  `json:"to"`
	Funding     string         `json:"funding"`
	Payout      string         `json:"payout"`
	Source      InputAmount    `json:"source"`
	Tier        int            `json:"tier"`
	Originator  InputParty     `json:"originator"`
	Beneficiary InputParty     `json:"beneficiary"`
	Velocity    InputVelocity  `json:"velocity"`
	Screening   InputScreening `json:"screening"`
}

// InputAmount is an amount as the policy sees it.
type InputAmount struct {
	Currency string `json:"currency"`
	Scale    int    `json:"scale"`
	Minor    int64  `json:"minor"`
}

// InputParty is what the policy may know of a party.
type InputParty struct {
	Kind        PartyKind     `json:"kind"`
	Country     remit.Country `json:"country"`
	Nationality remit.Country `json:"nationality"`
}

// InputVelocity is what the customer sent before.
type InputVelocity struct {
	Count24h  int64       `json:"count_24h"`
	Amount24h InputAmount `json:"amount_24h"`
	Count30d  int64       `json:"count_30d"`
	Amount30d InputAmount `json:"amount_30d"`
}

// InputScreening is what screening found, released hits left out.
type InputScreening struct {
	Available bool       `json:"available"`
	Hits      []InputHit `json:"hits"`
}

// InputHit is a hit as the policy sees it.
type InputHit struct {
	Key   string  `json:"key"`
	Role  string  `json:"role"`
	List  string  `json:"list"`
	Kind  HitKind `json:"kind"`
	Score int     `json:"score_basis_points"`
}

// Ruling is a policy's word on an input.
type Ruling struct {
	Outcome Outcome
	// Reasons are those of the findings, the most severe first; empty only with
	// OutcomeAllow.
	Reasons []remit.Reason
	// PolicyHash names the rules and facts that ruled.
	PolicyHash string
}

// Policy rules on inputs.
type Policy interface {
	// Evaluate rules on an input. It always returns a ruling that can be used:
	// when the policy gives no answer the ruling is review with
	// ReasonPolicyUndecided and the error says why, for the log.
	Evaluate(ctx context.Context, in PolicyInput) (Ruling, error)
	// Hash names the present rules and facts.
	Hash() string
}
