package settlement

import (
	"context"
	"time"
)

// Claim is money that a settled order left on chain for its destination to claim.
type Claim struct {
	// ID is the chain's own name of it; empty for no claim.
	ID     string
	Status ClaimStatus
	// Since is when the chain made it, Until from when on the treasury may take it
	// back. The destination may still claim it then.
	Since, Until time.Time
	// Hash is the transaction that claimed it or took it back.
	Hash string
}

// ClaimStatus is where a claim stands. The zero value is unspecified: of a
// [Claim] that there is none, of a [ClaimOutcome] that it is not known.
type ClaimStatus string

// The statuses of a claim.
const (
	// ClaimOpen: it is on chain, and nobody has it.
	ClaimOpen ClaimStatus = "open"
	// ClaimClaimed: the destination has it.
	ClaimClaimed ClaimStatus = "claimed"
	// ClaimReclaimed: the treasury has it again.
	ClaimReclaimed ClaimStatus = "reclaimed"
)

// Ended reports whether the claim is over, for good.
func (s ClaimStatus) Ended() bool { return s == ClaimClaimed || s == ClaimReclaimed }

// ClaimOutcome is what is known of a claim. The zero value is unknown.
type ClaimOutcome struct {
	Status ClaimStatus
	// Hash is the transaction that ended it, where the chain says so.
	Hash string
	// Result says in words what was found, for operators.
	Result string
}

// Claimer is a Rail that can leave money on chain for its destination to claim.
// It takes back what nobody claimed by an order that has Reclaims.
type Claimer interface {
	// LookupClaim asks the chain what became of the claim of a settled order. It
	// answers claimed or reclaimed only when the chain shows who has it: that it is
	// not found is no answer, since the server may lag or the issuer have taken it.
	LookupClaim(ctx context.Context, o Order) ClaimOutcome
}
