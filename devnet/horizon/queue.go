package horizon

import (
	"slices"
	"time"

	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/xdr"
)

const (
	// banLedgers is how long the queue refuses what it has just applied or dropped.
	banLedgers = 10
	// pendingLedgers is how many ledgers a transaction waits for its turn before it is dropped.
	pendingLedgers = 4
	// replaceFactor is how many times the fee of a pending transaction its replacement offers.
	replaceFactor = 10
	// queueLedgers is how many ledgers' worth of operations may wait.
	queueLedgers = 4
)

// queue holds what waits for a ledger: one transaction for each source account.
type queue struct {
	pending []*pendingTx
	// banned are hashes, until the ledger after which they are welcome again.
	banned  map[string]uint32
	waiters map[string][]*waiter
}

type pendingTx struct {
	tx  *transaction
	age int
}

// waiter is a caller that waits for a transaction's ledger. The channel gives the record, or is closed when time is up.
type waiter struct {
	answer   chan *record
	deadline time.Time
}

func newQueue() queue {
	return queue{banned: map[string]uint32{}, waiters: map[string][]*waiter{}}
}

func (q *queue) wait(hash string, deadline time.Time) *waiter {
	w := &waiter{answer: make(chan *record, 1), deadline: deadline}
	q.waiters[hash] = append(q.waiters[hash], w)
	return w
}

// applied answers those who wait for the transaction or for the one inside it, and bans both for a while.
func (q *queue) applied(rec *record, ledger uint32) {
	for _, hash := range slices.Compact([]string{rec.hash, rec.inner}) {
		for _, w := range q.waiters[hash] {
			w.answer <- rec
		}
		delete(q.waiters, hash)
		q.banned[hash] = ledger + banLedgers
	}
}

// expire tells those whose time is up.
func (q *queue) expire(now time.Time) {
	for hash, list := range q.waiters {
		list = slices.DeleteFunc(list, func(w *waiter) bool {
			if now.Before(w.deadline) {
				return false
			}
			close(w.answer)
			return true
		})
		if q.waiters[hash] = list; len(list) == 0 {
			delete(q.waiters, hash)
		}
	}
}

func (q *queue) ops() int {
	n := 0
	for _, p := range q.pending {
		n += len(p.tx.env.Operations())
	}
	return n
}

func (q *queue) remove(tx *transaction) {
	q.pending = slices.DeleteFunc(q.pending, func(p *pendingTx) bool { return p.tx == tx })
}

// enqueue is what stellar-core does with a new transaction. The verdict is set where the status is ERROR. With keep
// false the transaction is judged and then forgotten.
func (s *Server) enqueue(tx *transaction, keep bool) (string, verdict) {
	if until, banned := s.queue.banned[tx.id()]; banned && until > s.state.now.ledger {
		return stellarcore.TXStatusTryAgainLater, verdict{}
	}
	var old *pendingTx
	var committed int64
	for _, p := range s.queue.pending {
		if p.tx.source() == tx.source() {
			old = p
		} else if p.tx.feeSource() == tx.feeSource() {
			committed += p.tx.bid()
		}
	}
	if old != nil {
		if old.tx.hash == tx.hash {
			return stellarcore.TXStatusDuplicate, verdict{}
		}
		if !tx.env.IsFeeBump() || old.tx.env.SeqNum() != tx.env.SeqNum() {
			return stellarcore.TXStatusTryAgainLater, verdict{}
		}
		if least := replaceFee(old.tx, tx); tx.bid() < least {
			return stellarcore.TXStatusError, verdict{code: xdr.TransactionResultCodeTxInsufficientFee, fee: least}
		}
	}
	if v := s.state.check(tx, s.opt.Now().Unix(), s.opt.BaseFee); !v.ok() {
		return stellarcore.TXStatusError, v
	}
	payer := s.state.account(tx.feeSource())
	if s.state.spendable(payer)-committed < tx.bid() {
		return stellarcore.TXStatusError, verdict{code: xdr.TransactionResultCodeTxInsufficientBalance, fee: s.opt.BaseFee * tx.units()}
	}
	if !keep {
		return stellarcore.TXStatusPending, verdict{}
	}
	if old != nil {
		s.queue.remove(old.tx)
	}
	if least := s.makeRoom(tx); least > 0 {
		return stellarcore.TXStatusError, verdict{code: xdr.TransactionResultCodeTxInsufficientFee, fee: least}
	}
	s.queue.pending = append(s.queue.pending, &pendingTx{tx: tx})
	return stellarcore.TXStatusPending, verdict{}
}

// replaceFee is what the new transaction has to offer to push out the old one.
func replaceFee(old, tx *transaction) int64 {
	least, ok := mulDiv(old.bid()*replaceFactor, tx.units(), old.units(), true)
	if !ok {
		return maxInt64
	}
	return least
}

// makeRoom pushes out what offers less when the queue is full. It returns the fee that would have been enough, or 0.
func (s *Server) makeRoom(tx *transaction) int64 {
	limit := queueLedgers * s.opt.MaxOpsPerLedger
	for s.queue.ops()+len(tx.env.Operations()) > limit && len(s.queue.pending) > 0 {
		cheapest := slices.MinFunc(s.queue.pending, func(x, y *pendingTx) int { return -byFee(x, y) })
		least, ok := mulDiv(cheapest.tx.bid(), tx.units(), cheapest.tx.units(), false)
		if !ok || tx.bid() <= least {
			return least + 1
		}
		s.drop(cheapest.tx)
	}
	return 0
}

func (s *Server) drop(tx *transaction) {
	s.queue.remove(tx)
	s.queue.banned[tx.id()] = s.state.now.ledger + banLedgers
}

// byFee orders by fee per unit, the highest first.
func byFee(x, y *pendingTx) int {
	a, b := x.tx.bid()*y.tx.units(), y.tx.bid()*x.tx.units()
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	default:
		return 0
	}
}

// choose takes what goes into the next ledger out of the queue. What is no longer valid is dropped: nobody pays for it
// and it is in no ledger. When not all fit, who offers most goes first and the cheapest that went sets the base fee.
func (s *Server) choose(closeTime int64) ([]*transaction, int64) {
	for _, p := range slices.Clone(s.queue.pending) {
		if v := s.state.check(p.tx, closeTime, s.opt.BaseFee); !v.ok() {
			s.drop(p.tx)
		}
	}
	ordered := slices.Clone(s.queue.pending)
	slices.SortStableFunc(ordered, byFee)
	var chosen []*transaction
	room, baseFee, full := s.opt.MaxOpsPerLedger, s.opt.BaseFee, false
	for _, p := range ordered {
		if n := len(p.tx.env.Operations()); n <= room && !full {
			room -= n
			chosen = append(chosen, p.tx)
			s.queue.remove(p.tx)
			continue
		}
		full = true
		if p.age++; p.age >= pendingLedgers {
			s.drop(p.tx)
		}
	}
	if full && len(chosen) > 0 {
		last := chosen[len(chosen)-1]
		baseFee = max(baseFee, last.bid()/last.units())
	}
	for hash, until := range s.queue.banned {
		if until <= s.state.now.ledger {
			delete(s.queue.banned, hash)
		}
	}
	return chosen, baseFee
}
