package settlement

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// PegMemory keeps, across restarts, that a coin was paused for being off its peg.
type PegMemory interface {
	// OffSince is since when, the zero time if it is not. An error pauses the coin.
	OffSince() (time.Time, error)
	// Remember stores it; the zero time forgets it.
	Remember(since time.Time) error
}

// FilePegMemory is a PegMemory in a file of its own, which is there while the
// coin is off its peg.
type FilePegMemory string

var _ PegMemory = FilePegMemory("")

// OffSince reads the file. Errors: it cannot be read.
func (f FilePegMemory) OffSince() (time.Time, error) {
	text, err := readSmall(string(f))
	if os.IsNotExist(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read since when a coin is off its peg: %w", err)
	}
	since, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	if err != nil {
		return time.Time{}, fmt.Errorf("read since when a coin is off its peg in %s: %w", string(f), err)
	}
	return since, nil
}

// Remember writes the file, or removes it. Errors: it cannot be written.
func (f FilePegMemory) Remember(since time.Time) error {
	if since.IsZero() {
		if err := os.Remove(string(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget that a coin was off its peg: %w", err)
		}
		return nil
	}
	if err := os.WriteFile(string(f), []byte(since.UTC().Format(time.RFC3339)+"\n"), 0o600); err != nil {
		return fmt.Errorf("remember that a coin is off its peg: %w", err)
	}
	return nil
}

// recall has a guard start where it was: off the peg, if it was that when the
// process before it ended, or if that cannot be known.
func (g *Guard) recall() {
	if g.Memory == nil {
		return
	}
	since, err := g.Memory.OffSince()
	if err != nil {
		g.Logger.Error("recall whether the coin was off its peg", "err", err)
		since = g.Clock.Now()
	}
	if !since.IsZero() {
		g.cause, g.since = PegOff, since
		g.Logger.Warn("coin stays paused: it was off its peg when the process before this one ended", "since", since)
	}
}

// remember keeps that the coin went off its peg, or that it is back.
func (g *Guard) remember() {
	if g.Memory == nil || (g.cause != PegOff && g.cause != "") {
		return
	}
	since := time.Time{}
	if g.cause == PegOff {
		since = g.since
	}
	if err := g.Memory.Remember(since); err != nil {
		g.Logger.Error("remember where the coin stands", "err", err)
	}
}
