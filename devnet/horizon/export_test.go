package horizon

// Waiting is how many callers wait for a ledger.
func (s *Server) Waiting() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, list := range s.queue.waiters {
		n += len(list)
	}
	return n
}

// TotalLumens adds up all lumens there are: balances, claimable balances and the fee pool.
func (s *Server) TotalLumens() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	total := s.history.last().feePool
	for _, e := range s.state.live {
		switch e := e.(type) {
		case *account:
			total += e.balance
		case *claimable:
			if e.asset.IsNative() {
				total += e.amount
			}
		}
	}
	return total
}

// Genesis is what TotalLumens must always be.
const Genesis = genesis
