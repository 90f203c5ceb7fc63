package settlement

import (
	"errors"
	"math"

	"github.com/openremit/remit"
)

// Batch is what one transaction is to pay.
type Batch struct {
	// Mode is that of all orders; ModeNetted makes them one payment.
	Mode   Mode
	Orders []Order
}

// Memo is what a transaction says of its orders: the memo of its only order, or
// else the Merkle root of all of them, which [Prove] shows each to be under. A
// netted payment carries the root also for one order.
func (b Batch) Memo() (text string, root *Hash) {
	if len(b.Orders) == 1 && b.Mode != ModeNetted {
		return b.Orders[0].Memo, nil
	}
	h := Root(b.Orders)
	return "", &h
}

// Payment is one movement on chain: for one order or, netted, for several.
type Payment struct {
	Destination string
	Amount      remit.Money
	// Orders are those that it pays, in the order of the batch.
	Orders []Order
}

// ErrMixed says that orders cannot share one payment.
var ErrMixed = errors.New("netted orders differ in destination or asset, or are too much for one payment")

// Payments are what a batch comes to on chain, in the order of its orders: each
// order by itself, or one sum for all if they are netted. It errs with
// [ErrMixed] when netted orders cannot be one payment.
func (b Batch) Payments() ([]Payment, error) {
	if b.Mode != ModeNetted {
		out := make([]Payment, len(b.Orders))
		for i, o := range b.Orders {
			out[i] = Payment{Destination: o.Destination, Amount: o.Amount, Orders: b.Orders[i : i+1]}
		}
		return out, nil
	}
	if len(b.Orders) == 0 {
		return nil, nil
	}
	first := b.Orders[0]
	sum := Payment{Destination: first.Destination, Amount: remit.Money{Asset: first.Amount.Asset}, Orders: b.Orders}
	for _, o := range b.Orders {
		if o.Destination != first.Destination || o.Amount.Asset != first.Amount.Asset ||
			o.Amount.Minor < 1 || o.Amount.Minor > math.MaxInt64-sum.Amount.Minor {
			return nil, ErrMixed
		}
		sum.Amount.Minor += o.Amount.Minor
	}
	return []Payment{sum}, nil
}

// Payments is how many movements on chain an attempt makes.
func (a Attempt) Payments() int {
	if a.Mode == ModeNetted {
		return min(1, len(a.Orders))
	}
	return len(a.Orders)
}

// Culprits names the orders of the payment at a place, 0 for the first, of an
// attempt, each with the reason; none when there is no such payment.
func (a Attempt) Culprits(place int, reason remit.Reason) map[remit.OrderID]remit.Reason {
	if place < 0 || place >= a.Payments() {
		return nil
	}
	if a.Mode != ModeNetted {
		return map[remit.OrderID]remit.Reason{a.Orders[place]: reason}
	}
	out := make(map[remit.OrderID]remit.Reason, len(a.Orders))
	for _, id := range a.Orders {
		out[id] = reason
	}
	return out
}
