package settlementtest

import (
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Funding is what the treasury of a harness holds at least, in minor units.
const Funding = 1_000_000_000

// Harness is a rail on a chain of its own that the test controls. Every field
// is needed unless it says otherwise.
type Harness struct {
	// Rail pays from a treasury that holds at least Funding and can pay fees.
	Rail settlement.Rail
	// Restart makes the rail anew, with the same keys on the same chain, as a
	// process does that starts again.
	Restart func(t testing.TB) settlement.Rail
	// Clock is the clock of the rail, the engine and the chain.
	Clock *remit.FakeClock
	// Destination makes a fresh address that can be paid.
	Destination func(t testing.TB) string
	// BadDestination makes an address that is well formed and can never be paid.
	BadDestination func(t testing.TB) string
	// Spoil makes an address of Destination unpayable from now on. Optional:
	// leave it nil where nothing can do that.
	Spoil func(t testing.TB, destination string)
	// Advance lets the chain work on what it was sent: at least one ledger or
	// block, with the clock moving along by three seconds or more. A transaction
	// must be final after at most ten of these.
	Advance func(t testing.TB)
	// Expire lets the chain and the clock move until nothing that was signed
	// before can take effect, and the chain knows it.
	Expire func(t testing.TB)
	// Misbehave replaces the faults of the chain's endpoint.
	Misbehave func(t testing.TB, f Faults)
	// LandsLate says that Faults.LandLate is heeded.
	LandsLate bool
	// Books lists every payment of the settlement asset from the treasury that
	// took effect, in the order of the chain.
	Books func(t testing.TB) []Payment
}

// Faults are the ways in which an endpoint misbehaves. The zero value behaves.
type Faults struct {
	// LoseReplies is for how many submissions the transaction is taken, and
	// takes effect, but the caller never hears.
	LoseReplies int
	// DropSubmits is how many submissions are accepted and then forgotten.
	DropSubmits int
	// LandLate is how many Advances later than usual a transaction lands.
	LandLate int
	// Down refuses every call.
	Down bool
	// RateLimitPct of all calls, of 100, are refused with HTTP 429.
	RateLimitPct int
	// HidePct of all questions after a transaction, of 100, are answered as if
	// it had never been seen.
	HidePct int
	// SkipPct of slots, of 100, have no block. Chains without slots ignore it.
	SkipPct int
}

// Payment is a payment that took effect, as the chain's books have it.
type Payment struct {
	Hash        string
	Destination string
	// Amount is in minor units of the rail's asset.
	Amount int64
	Memo   string
}
