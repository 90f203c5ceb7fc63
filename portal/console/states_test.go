package console_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"github.com/openremit/remit/internal/testenv"
	"github.com/openremit/remit/internal/testenv/browser"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestStates opens the demo's cases in Chromium, each sort of them at every size
// and in both themes, as who decides them.
func TestStates(t *testing.T) {
	browser.SkipUnderRace(t)
	d := openDesk(t, "--no-demo=false")
	var cases []*v1.Case
	is := map[string]func(*v1.Case) bool{
		"late":   func(c *v1.Case) bool { return c.GetClock().GetStanding() == "late" },
		"wallet": func(c *v1.Case) bool { return hasHit(c, func(h *v1.Hit) bool { return h.GetKind() == "wallet" }) },
		"ship": func(c *v1.Case) bool {
			return hasHit(c, func(h *v1.Hit) bool { return h.GetEntryName() == "QUEEN LUCA" })
		},
		"pending":  func(c *v1.Case) bool { return c.GetStatus() == "pending" },
		"waiting":  func(c *v1.Case) bool { return c.GetStatus() == "waiting" },
		"reported": func(c *v1.Case) bool { return c.GetKind() == "suspicion" },
		"velocity": func(c *v1.Case) bool { return slices.Contains(c.GetReasons(), "VELOCITY_EXCEEDED") },
		"frozen": func(c *v1.Case) bool {
			return c.GetKind() == "rescreen" && c.GetStatus() == "open" && c.GetRemittanceId() != "" && d.remittance(c.GetRemittanceId()).GetState() == "in_review"
		},
	}
	find := func(name string) *v1.Case {
		if i := slices.IndexFunc(cases, is[name]); i >= 0 {
			return cases[i]
		}
		return nil
	}
	var missing []string
	if !testenv.Comes(2*endTimeout, func() bool {
		page, err := v1.NewCaseServiceClient(d.Conn).ListCases(d.Context(""), &v1.ListCasesRequest{PageSize: 100})
		d.must(err)
		cases, missing = page.GetCases(), nil
		for name := range is {
			if find(name) == nil {
				missing = append(missing, name)
			}
		}
		return len(missing) == 0
	}) {
		t.Fatalf("the demo has no cases that are %v", missing)
	}
	mira := d.window().signIn("mlro")
	for name := range is {
		c := find(name)
		w := mira.in(t)
		w.Open("/console/cases/" + c.GetId())
		w.Looks("state-" + name)
	}
	mira.Open("/console/cases")
	mira.Looks("state-queue")
	mira.Open("/console/cases/" + find("ship").GetId() + "?do=approve")
	mira.Picture("state-approve-1440-light")
	mira.earlierRelease(find("frozen"))
}

func hasHit(c *v1.Case, is func(*v1.Hit) bool) bool {
	return c.GetDecidedAt() == nil && slices.ContainsFunc(c.GetHits(), is)
}

// earlierRelease blocks a case and makes it what earlier releases left: rejected, with
// its money blocked. Returning that by licence is offered all the same.
func (w *window) earlierRelease(c *v1.Case) {
	w.t.Helper()
	_, err := v1.NewCaseServiceClient(w.Conn).DecideCase(w.Context(w.key()), &v1.DecideCaseRequest{Id: c.GetId(), Decision: "blocked", Note: "It is the listed one."})
	w.must(err)
	w.reaches(c.GetRemittanceId(), "blocked")
	w.Kill()
	db, err := sql.Open("sqlite", filepath.Join(w.Dir, "remit.db"))
	w.must(err)
	_, err = db.ExecContext(w.t.Context(), "UPDATE cases SET status = 'rejected', advice = '', kind = 'gate', gate = 'release' WHERE id = $1", c.GetId())
	w.must(err)
	w.must(db.Close())
	w.Run()
	w.Open("/console/cases/" + c.GetId() + "?do=unblock")
	w.Shows("Rejected", "Return blocked money by licence?", "blocked account", "A second person must agree before anything moves.")
	w.Looks("state-earlier")
}
