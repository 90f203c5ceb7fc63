package settlement

import (
	"context"
	"errors"
	"time"

	"github.com/openremit/remit"
)

// OrderStatus is where a settlement order stands. The zero value is unspecified.
type OrderStatus string

// The statuses of an order.
const (
	// OrderQueued: stored, in no attempt.
	OrderQueued OrderStatus = "queued"
	// OrderAttempting: bound to an attempt whose outcome is not known.
	OrderAttempting OrderStatus = "attempting"
	// OrderSettled: final on chain.
	OrderSettled OrderStatus = "settled"
	// OrderFailed: known not to have been paid and never to be paid by any
	// attempt; the money may go another way.
	OrderFailed OrderStatus = "failed"
)

// Mode is how orders share payments and transactions. The zero value counts as
// [ModeBatched].
type Mode = remit.SettlementMode

// The modes; see [remit.SettlementMode].
const (
	ModeSingle  = remit.SettlementSingle
	ModeBatched = remit.SettlementBatched
	ModeNetted  = remit.SettlementNetted
)

// Order asks that an amount be paid on one rail. It is unique per remittance
// and leg: leg 1 is the first rail tried, leg 2 the next.
type Order struct {
	ID           remit.OrderID
	RemittanceID remit.RemittanceID
	TenantID     remit.TenantID
	Leg          int
	Rail         remit.Rail
	// Amount is in the rail's own asset.
	Amount remit.Money
	// Reserve is the most that the coin itself may take on top of Amount, which
	// the treasury's hold covers too; nothing for a coin that takes nothing.
	Reserve remit.Money
	// Destination is the off-ramp's (or the beneficiary's) address on the rail.
	Destination string
	// Memo goes on chain: an opaque reference, never personal data.
	Memo string
	// Release is the decision that let the money go; the signer asks for it.
	Release remit.DecisionID
	// Mode is how the order travels; Window how long a netted one, counted from
	// its creation, may wait for others.
	Mode   Mode
	Window time.Duration
	// Claimable lets a rail that can leave the money on chain for the destination
	// to claim, where the destination cannot hold it now: a beneficiary's own
	// wallet without trustline or account.
	Claimable bool
	Status    OrderStatus
	Reason    remit.Reason
	// Attempt is the newest attempt that carries the order.
	Attempt remit.AttemptID
	// Hash is the transaction that settled it.
	Hash string
	// Claim is what was left for the destination to claim, the zero value where it
	// was simply paid. Of an order that takes back it is what it takes.
	Claim Claim
	// Reclaims is the order whose unclaimed money this one takes back into the
	// treasury; empty for an order that pays.
	Reclaims  remit.OrderID
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AttemptStatus is where an attempt stands. The zero value is unspecified.
type AttemptStatus string

// The statuses of an attempt.
const (
	// AttemptSigned: stored with its bytes, hash and expiry; nothing sent yet
	// as far as we know. After a crash it counts as maybe sent.
	AttemptSigned AttemptStatus = "signed"
	// AttemptSent: sent at least once; the outcome is unknown until looked up.
	AttemptSent AttemptStatus = "sent"
	// AttemptSettled: final on chain.
	AttemptSettled AttemptStatus = "settled"
	// AttemptFailed: known never to have taken effect, now or later.
	AttemptFailed AttemptStatus = "failed"
)

// Attempt is one signed transaction that carries one or many orders.
type Attempt struct {
	ID   remit.AttemptID
	Rail remit.Rail
	// Mode says whether each order has a payment of its own or all share one.
	Mode   Mode
	Orders []remit.OrderID
	// Bytes are the signed transaction as sent; Hash is its id on chain.
	Bytes []byte
	Hash  string
	// Source is what the attempt occupies alone: the channel account on
	// Stellar, empty on Solana.
	Source   string
	Sequence int64
	// Expiry is the last moment it can take effect, by the chain's own measure:
	// a Unix time on Stellar, a block height on Solana.
	Expiry int64
	Status AttemptStatus
	// Result is the chain's own word for the outcome, for people.
	Result string
	// Fee is what the network took, in the rail's native asset.
	Fee remit.Money
	// Charges are what coins themselves took from the treasury on top of what the
	// orders come to, one per coin that took something.
	Charges []remit.Money
	// Bumps are the envelopes around the same transaction that bid more for it,
	// oldest first. What is sent is the newest, or Bytes without any.
	Bumps     []Bump
	Sends     int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Bump is a signed envelope around an attempt's transaction that offers the
// network more to take it: it never carries another one.
type Bump struct {
	// Bytes are the envelope as sent; Hash is its own id on chain.
	Bytes []byte
	Hash  string
	// Source is the account that pays the fee instead of the attempt's source.
	Source string
	// Bid is the most that it pays in all, in the rail's native asset.
	Bid       remit.Money
	CreatedAt time.Time
}

// Outcome is what is known of an attempt. The zero value is unspecified and is
// treated as unknown.
type Outcome struct {
	Status OutcomeStatus
	// Failed names the orders that made the transaction fail, with why; the
	// others of a failed attempt may go into a new one.
	Failed map[remit.OrderID]remit.Reason
	// Claims are the chain's ids of what a settled attempt left for destinations
	// to claim, for its orders of which that is so.
	Claims map[remit.OrderID]Claim
	Result string
	Fee    remit.Money
	// Charges are what assets themselves took from the treasury, beside what
	// was ordered: fees of tokens, none where they take nothing.
	Charges []remit.Money
}

// OutcomeStatus sorts an outcome.
type OutcomeStatus string

// The outcomes.
const (
	// OutcomeUnknown: not known; look up again, resend the same bytes.
	OutcomeUnknown OutcomeStatus = "unknown"
	// OutcomePending: the chain has it, not final yet.
	OutcomePending OutcomeStatus = "pending"
	// OutcomeSettled: final.
	OutcomeSettled OutcomeStatus = "settled"
	// OutcomeFailed: known never to take effect (any more).
	OutcomeFailed OutcomeStatus = "failed"
)

// ErrBusy is wrapped by [Rail.Prepare] when all its sources are occupied by open
// attempts: the rail works, the orders wait for an attempt to end.
var ErrBusy = errors.New("every source is occupied by an open attempt")

// Rail pays orders on one chain. Implementations hold no state that matters:
// after a crash everything is known from the stored attempts and the chain.
type Rail interface {
	// Name is the rail's name.
	Name() remit.Rail
	// Assets are what the rail pays in, the preferred one first.
	Assets() []remit.Asset
	// MaxBatch is the most payments that one attempt carries.
	MaxBatch() int
	// Health errs when the rail cannot be used now: the endpoint is down, the
	// ledger lags, the treasury cannot pay fees.
	Health(ctx context.Context) error
	// Balance is the treasury's balance of one of its assets on chain.
	Balance(ctx context.Context, asset remit.Asset) (remit.Money, error)
	// Prepare builds and signs one transaction that pays the orders of a batch,
	// avoiding the sources that open attempts occupy. It sends nothing that
	// moves value. Orders that can never be paid (no such destination) come
	// back in rejected; the attempt then carries the others, or is nil when none
	// is left.
	// Errors: unavailable when the chain cannot be asked; [ErrBusy] when every
	// source that could be used is occupied.
	Prepare(ctx context.Context, batch Batch, busy []string) (attempt *Attempt, rejected map[remit.OrderID]remit.Reason, err error)
	// Submit sends the attempt's bytes, as they are, as often as called. A
	// timeout is OutcomeUnknown, never a failure.
	Submit(ctx context.Context, a Attempt) Outcome
	// Lookup asks the chain what became of the attempt. It answers failed only
	// when the attempt can never take effect any more.
	Lookup(ctx context.Context, a Attempt) Outcome
}

// Netting is what the orders of one netted payment have in common.
type Netting struct {
	Destination string
	Asset       remit.Asset
}

// BulkRail is a Rail that can ask after many attempts in one conversation.
type BulkRail interface {
	Rail
	// LookupAll is Lookup for many attempts. One that it does not answer is unknown.
	LookupAll(ctx context.Context, attempts []Attempt) map[remit.AttemptID]Outcome
}

// Charger is a [Payer] of coins that take something for themselves when they are
// paid: it bounds what they take.
type Charger interface {
	// MostCharge is the most that a coin takes of the treasury on top of an amount
	// that arrives, in the coin; zero for one that takes nothing. The bounds of
	// several amounts are together no less than that of their sum.
	MostCharge(amount remit.Money) remit.Money
}

// Maintainer is a Rail that has accounts of its own to look after.
type Maintainer interface {
	// Maintain does what is due, and returns soon: it waits for no ledger. It is
	// called again and again while an engine runs, never twice at once.
	Maintain(ctx context.Context) error
}

// Bumper is a Rail that can offer the network more for an attempt that it does
// not take.
type Bumper interface {
	// Bump makes and signs an envelope around the attempt's transaction, or
	// nothing when more should not or cannot be offered now. It sends nothing.
	// orders reads what the attempt pays, for the signer.
	// Errors: unavailable when the chain or the signer cannot be asked; forbidden
	// when the signer refuses.
	Bump(ctx context.Context, a Attempt, orders func(context.Context) (Batch, error)) (*Bump, error)
}

// Store keeps orders and attempts. Each method is one transaction.
type Store interface {
	// QueuedOrders returns the queued orders of a rail whose window has passed,
	// in the order in which it did, at most limit.
	QueuedOrders(ctx context.Context, rail remit.Rail, limit int) ([]Order, error)
	// NettedOrders returns the queued netted orders of a rail that share a
	// payment, oldest first, at most limit, whether their windows have passed or not.
	NettedOrders(ctx context.Context, rail remit.Rail, n Netting, limit int) ([]Order, error)
	// FullNetting returns the payment of a rail that at least count queued netted
	// orders share, the one waiting longest if there are several; nil if none.
	FullNetting(ctx context.Context, rail remit.Rail, count int) (*Netting, error)
	// OpenAttempts returns the rail's attempts that are signed or sent.
	OpenAttempts(ctx context.Context, rail remit.Rail) ([]Attempt, error)
	// OrdersOf returns the orders of an attempt.
	OrdersOf(ctx context.Context, id remit.AttemptID) ([]Order, error)
	// SaveAttempt stores a signed attempt and binds its orders to it, queued →
	// attempting. It is a conflict, and nothing is stored, if any of the orders
	// is not queued any more.
	SaveAttempt(ctx context.Context, a Attempt) error
	// MarkSent counts a sending of an attempt, signed → sent.
	MarkSent(ctx context.Context, id remit.AttemptID) error
	// SaveBump stores an envelope around an open attempt's transaction, before it
	// is sent. The same one again does nothing. Errors: not_found; conflict once
	// the attempt has ended.
	SaveBump(ctx context.Context, id remit.AttemptID, b Bump) error
	// FinishAttempt ends an open attempt as settled or failed, and its orders:
	// of a settled one all become settled with its hash; of a failed one those
	// in failed become failed with their reason and the others queued again.
	// A settled one that takes back ends the claim that it took as reclaimed.
	// What coins charged is booked, and what their orders reserved for it beyond
	// that is given back. The notices of ended orders are stored in the same transaction. Finishing
	// an attempt twice alike is no error; otherwise it is a conflict.
	FinishAttempt(ctx context.Context, id remit.AttemptID, o Outcome) error
	// OpenClaims returns the rail's settled orders whose claim is open and whose id
	// is after the given one, by id, at most limit.
	OpenClaims(ctx context.Context, rail remit.Rail, after remit.OrderID, limit int) ([]Order, error)
	// FinishClaim ends the open claim of an order as claimed or reclaimed, with its
	// notice. Ending it twice alike is no error; otherwise it is a conflict.
	FinishClaim(ctx context.Context, id remit.OrderID, o ClaimOutcome) error
	// FailQueued ends queued orders that were never in an attempt whose outcome
	// is open, and stores their notices.
	FailQueued(ctx context.Context, failed map[remit.OrderID]remit.Reason) error
}
