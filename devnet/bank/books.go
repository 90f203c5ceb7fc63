package bank

import (
	"slices"
	"strings"
	"time"
)

// The kinds of movements.
const (
	// MovedIn: a pay-in came in.
	MovedIn = "in"
	// MovedOut: a payout or refund went out.
	MovedOut = "out"
	// MovedBack: a movement was undone.
	MovedBack = "back"
)

// Movement is one line of the books: money that moved for one order.
type Movement struct {
	Number    int       `json:"number"`
	Reference string    `json:"reference"`
	Direction string    `json:"direction"`
	Method    string    `json:"method"`
	Kind      string    `json:"kind"`
	Amount    Amount    `json:"amount"`
	At        time.Time `json:"at"`
}

// Total sums the movements of one direction and currency.
type Total struct {
	Direction string `json:"direction"`
	Currency  string `json:"currency"`
	// Moved is what came in or went out, Back what of it was undone, in minor units.
	Moved     int64 `json:"moved"`
	Back      int64 `json:"back"`
	Movements int   `json:"movements"`
}

// Books are the bank's own record of what moved.
type Books struct {
	Movements []Movement `json:"movements"`
	// Totals has a line per direction and currency, sorted.
	Totals []Total `json:"totals"`
}

// book enters a movement. The caller holds the lock.
func (b *Bank) book(m Movement) {
	m.Number = len(b.moves) + 1
	b.moved[m.Reference] = append(b.moved[m.Reference], len(b.moves))
	b.moves = append(b.moves, m)
	key := m.Direction + "/" + m.Amount.Currency
	t := b.totals[key]
	if t == nil {
		t = &Total{Direction: m.Direction, Currency: m.Amount.Currency}
		b.totals[key] = t
	}
	t.Movements++
	if m.Kind == MovedBack {
		t.Back += m.Amount.Minor
	} else {
		t.Moved += m.Amount.Minor
	}
}

// Books returns every movement, oldest first, and the totals.
func (b *Bank) Books() Books {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := Books{Movements: slices.Clone(b.moves), Totals: make([]Total, 0, len(b.totals))}
	for _, t := range b.totals {
		out.Totals = append(out.Totals, *t)
	}
	slices.SortFunc(out.Totals, func(x, y Total) int {
		return strings.Compare(x.Direction+"/"+x.Currency, y.Direction+"/"+y.Currency)
	})
	return out
}

// Movements returns what moved for one order, oldest first.
func (b *Bank) Movements(reference string) []Movement {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []Movement{}
	for _, i := range b.moved[reference] {
		out = append(out, b.moves[i])
	}
	return out
}

// Orders returns all orders, oldest first.
func (b *Bank) Orders() []Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Order, 0, len(b.oldest))
	for _, reference := range b.oldest {
		out = append(out, b.orders[reference].Order)
	}
	return out
}
