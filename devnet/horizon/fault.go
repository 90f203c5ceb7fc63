package horizon

import (
	"errors"
	"net/http"
	"time"
)

// Faults are the ways in which the network misbehaves. The zero value is good behaviour. Over HTTP they are read and
// set, all at once, at /_fault.
type Faults struct {
	// Down refuses every request: with 503, or with Broken by cutting the connection. Ledgers still close.
	Down bool `json:"down"`
	// Broken cuts connections where Down and LoseReplies would otherwise answer 503 and 504.
	Broken bool `json:"broken"`
	// DelayMS holds back every request by so many milliseconds.
	DelayMS int64 `json:"delay_ms"`
	// LoseReplies is for how many submissions the transaction is taken, and applied, but the caller never learns it.
	LoseReplies int `json:"lose_replies"`
	// DropSubmits is how many submissions are accepted and then forgotten: they are in no ledger, ever.
	DropSubmits int `json:"drop_submits"`
}

// SetFaults replaces all faults.
func (s *Server) SetFaults(f Faults) error {
	if f.DelayMS < 0 || f.LoseReplies < 0 || f.DropSubmits < 0 {
		return errors.New("a fault is negative")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
	return nil
}

// Faults are those in force, with the counts that are left.
func (s *Server) Faults() Faults {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.faults
}

// suffer lets the faults that hit every request happen. With stop the request is over.
func (s *Server) suffer(w http.ResponseWriter, r *http.Request) (stop bool, err error) {
	f := s.Faults()
	if f.DelayMS > 0 {
		timer := time.NewTimer(time.Duration(f.DelayMS) * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true, nil
		case <-s.done:
		}
	}
	if !f.Down {
		return false, nil
	}
	if f.Broken {
		return true, hangUp(w)
	}
	return true, unavailable()
}

// takeSubmitFault says what happens to the submission at hand, and counts it. The lock is held.
func (s *Server) takeSubmitFault() (drop, lose bool) {
	switch {
	case s.faults.DropSubmits > 0:
		s.faults.DropSubmits--
		return true, false
	case s.faults.LoseReplies > 0:
		s.faults.LoseReplies--
		return false, true
	}
	return false, false
}

// hangUp cuts the connection in the middle of the request.
func hangUp(w http.ResponseWriter) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return unavailable()
	}
	_ = conn.Close() // it is meant to break
	return nil
}
