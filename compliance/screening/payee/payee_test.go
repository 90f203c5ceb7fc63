package payee_test

import (
	"testing"

	"github.com/openremit/remit/compliance/screening/payee"
)

func TestLikeness(t *testing.T) {
	t.Parallel()
	// Below doubtful nobody is paid; from fits on nobody needs to be asked.
	const fits, doubtful = 8_800, 7_000
	for _, c := range []struct {
		a, b        string
		least, most int
	}{
		{"Maria Santos", "Maria Santos", payee.Equal, payee.Equal},
		{"SANTOS, MARIA", "maria santos", payee.Equal, payee.Equal},
		{"Maria Cruz Santos", "Maria Santos", fits, payee.Equal},
		{"María Santos", "Maria Santos", fits, payee.Equal},
		{"Mohammed Al Fayed", "Muhammad Alfayed", doubtful, payee.Equal},
		{"Мария Сантос", "Maria Santos", doubtful, payee.Equal},
		{"Maria Santoz", "Maria Santos", doubtful, payee.Equal},
		{"M. Santos", "Maria Santos", doubtful, payee.Equal},
		{"Maria", "Maria Santos", 0, doubtful - 1},
		{"Maria Reyes", "Maria Santos", 0, doubtful - 1},
		{"Jose Santos", "Maria Santos", 0, doubtful - 1},
		{"Santos", "Maria Santos", 0, doubtful - 1},
		{"Pedro Gomez", "Maria Santos", 0, 2_000},
		{"", "Maria Santos", 0, 0},
		{"…", "Maria Santos", 0, 0},
	} {
		got := payee.Likeness(c.a, c.b)
		if got < c.least || got > c.most {
			t.Errorf("%q and %q: got %d, want %d to %d", c.a, c.b, got, c.least, c.most)
		}
		if back := payee.Likeness(c.b, c.a); back != got {
			t.Errorf("%q and %q: got %d one way and %d the other", c.a, c.b, got, back)
		}
	}
}
