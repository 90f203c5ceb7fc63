package settlement_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// restart ends the guard and makes another with the same memory.
func (w *watch) restart(memory settlement.PegMemory) {
	w.t.Helper()
	var err error
	w.guard, err = settlement.NewGuard(settlement.GuardOptions{
		Coin: remit.USDC, Reference: usd, Source: w.market, Bound: 100, ResumeBound: 50,
		PauseAfter: 3, PauseOver: 20 * time.Second, ResumeAfter: 4, ResumeOver: 30 * time.Second,
		StaleAfter: time.Minute, Every: 10 * time.Second, Clock: w.clock, Memory: memory,
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestGuardRemembersOverRestarts: a coin that was off its peg needs as many
// prices near it as before, however often the process ends meanwhile.
func TestGuardRemembersOverRestarts(t *testing.T) {
	t.Parallel()
	const sound, off = "0.9999", "0.9850"
	path := filepath.Join(t.TempDir(), "off-peg-USDC")
	memory := settlement.FilePegMemory(path)
	w := newWatch(t)
	w.restart(memory)
	w.see(sound)
	w.want("")
	w.restart(memory)
	w.want(settlement.PegUnobserved)
	w.see(sound, off, off, off)
	w.want(settlement.PegOff)
	since := w.guard.Peg().Since
	w.clock.Advance(10 * time.Minute)
	w.restart(memory)
	w.want(settlement.PegOff)
	if got := w.guard.Peg().Since; !got.Equal(since) {
		t.Errorf("off since %s, want %s", got, since)
	}
	w.see(sound)
	w.want(settlement.PegOff)
	w.restart(memory)
	w.see(sound, sound, sound)
	w.want(settlement.PegOff)
	w.see(sound)
	w.want("")
	w.restart(memory)
	w.see(sound)
	w.want("")
	// What cannot be read pauses, and is put right once the coin is back.
	if err := os.WriteFile(path, []byte("half a ti"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.restart(memory)
	w.see(sound)
	w.want(settlement.PegOff)
	w.see(sound, sound, sound)
	w.want("")
	if since, err := memory.OffSince(); err != nil || !since.IsZero() {
		t.Errorf("it remembers %s and %v, want nothing", since, err)
	}
}
