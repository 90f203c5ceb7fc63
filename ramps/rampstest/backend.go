package rampstest

import (
	"net/http"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Way is how an order is to go at the far side.
type Way string

// The ways.
const (
	// AtOnce succeeds in the answer to the submission.
	AtOnce Way = "at_once"
	// Waits stays accepted until Backend.Finish.
	Waits Way = "waits"
	// Refused fails in the answer to the submission, or in the first lookup.
	Refused Way = "refused"
)

// Trouble is what goes wrong with the next call or callback.
type Trouble string

// The troubles.
const (
	// LoseRequest: the call never reaches the far side.
	LoseRequest Trouble = "lose_request"
	// LoseReply: it takes effect, the connection breaks before the answer.
	LoseReply Trouble = "lose_reply"
	// HalfReply: it takes effect, the answer is cut short.
	HalfReply Trouble = "half_reply"
	// Hang: it takes effect, no answer comes.
	Hang Trouble = "hang"
	// Unavailable: the far side says that it is out of order and does nothing.
	Unavailable Trouble = "unavailable"
	// UnavailableAfter: it says so, but it did take effect.
	UnavailableAfter Trouble = "unavailable_after"
	// DoubleCallback: the next callback is sent twice.
	DoubleCallback Trouble = "double_callback"
	// ReorderCallbacks: after the next callback comes the one of the state before.
	ReorderCallbacks Trouble = "reorder_callbacks"
)

// Delivery is a callback request as it was sent.
type Delivery struct {
	Header http.Header
	Body   []byte
}

// Backend is the far side of a provider as the suite drives it. A far side that
// cannot do something skips the test with the reason.
type Backend interface {
	// Instruction makes a fresh order that goes that way, with all it needs.
	Instruction(t *testing.T, d ramps.Direction, w Way) ramps.Instruction
	// Break makes the next call, or callback, go wrong.
	Break(t *testing.T, trouble Trouble)
	// Finish ends an order that waits, well or badly.
	Finish(t *testing.T, id remit.RampOrderID, well bool)
	// Movements are the amounts that moved for an order by the far side's own
	// books, in minor units; what came back is negative.
	Movements(t *testing.T, id remit.RampOrderID) []int64
	// Callbacks waits until count callbacks about an order were sent and
	// returns them in the order in which they came.
	Callbacks(t *testing.T, id remit.RampOrderID, count int) []Delivery
	// Advance moves the clock that the provider judges callbacks by.
	Advance(d time.Duration)
}
