package bank

import (
	"fmt"
	"slices"
)

// The ways in which the bank can be told to misbehave.
const (
	// FaultFail answers 503 and does nothing.
	FaultFail = "fail"
	// FaultDown breaks the connection and does nothing.
	FaultDown = "down"
	// FaultFailAfter answers 503 after the effect.
	FaultFailAfter = "fail_after"
	// FaultHang gives no answer after the effect, until the caller leaves.
	FaultHang = "hang"
	// FaultLoseReply breaks the connection after the effect.
	FaultLoseReply = "lose_reply"
	// FaultHalfReply breaks the connection in the middle of the answer.
	FaultHalfReply = "half_reply"
	// FaultDoubleCallback sends a callback twice.
	FaultDoubleCallback = "double_callback"
	// FaultReorderCallbacks sends the callback of the state before last.
	FaultReorderCallbacks = "reorder_callbacks"
	// FaultDropCallback never sends a callback.
	FaultDropCallback = "drop_callback"
)

// What a fault can be limited to.
const (
	opSubmit   = "submit"
	opLookup   = "lookup"
	opCancel   = "cancel"
	opValidate = "validate"
	opCallback = "callback"
)

var (
	callFaults     = []string{FaultFail, FaultDown, FaultFailAfter, FaultHang, FaultLoseReply, FaultHalfReply}
	callbackFaults = []string{FaultDoubleCallback, FaultReorderCallbacks, FaultDropCallback}
	callOps        = []string{"", opSubmit, opLookup, opCancel, opValidate}
)

// Fault is one way to misbehave.
type Fault struct {
	Mode string `json:"mode"`
	// On limits it to "submit", "lookup", "cancel" or "validate"; empty is all
	// of them. A fault of callbacks concerns those only.
	On string `json:"on,omitempty"`
	// Count is how many requests or callbacks it hits; 0 is all until cleared.
	Count int `json:"count,omitempty"`
}

// AddFault puts a fault in force, after those that are. It errs on an unknown
// mode or operation.
func (b *Bank) AddFault(f Fault) error {
	if !slices.Contains(callFaults, f.Mode) && !slices.Contains(callbackFaults, f.Mode) {
		return fmt.Errorf("add fault: %q is not a mode", f.Mode)
	}
	if !slices.Contains(callOps, f.On) || f.Count < 0 || (f.On != "" && slices.Contains(callbackFaults, f.Mode)) {
		return fmt.Errorf("add fault: %q %d times is not what a fault can hit", f.On, f.Count)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, f)
	return nil
}

// ClearFaults ends all faults.
func (b *Bank) ClearFaults() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = nil
}

// Faults lists the faults in force.
func (b *Bank) Faults() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Fault{}, b.faults...)
}

// takeFault uses up one hit of a fault of the mode. The caller holds the lock.
func (b *Bank) takeFault(op, mode string) bool {
	i := slices.IndexFunc(b.faults, func(f Fault) bool { return f.Mode == mode && (f.On == "" || f.On == op) })
	if i >= 0 {
		b.use(i)
	}
	return i >= 0
}

// callFault uses up one hit of the first fault that concerns a request, and
// returns its mode, "" when there is none.
func (b *Bank) callFault(op string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.faults, func(f Fault) bool {
		return slices.Contains(callFaults, f.Mode) && (f.On == "" || f.On == op)
	})
	if i < 0 {
		return ""
	}
	mode := b.faults[i].Mode
	b.use(i)
	return mode
}

func (b *Bank) use(i int) {
	switch b.faults[i].Count {
	case 0:
	case 1:
		b.faults = slices.Delete(b.faults, i, i+1)
	default:
		b.faults[i].Count--
	}
}
