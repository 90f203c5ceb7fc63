package main

import (
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// TestListTroubles: what the console shows of lists is told on the command line
// too, and fails the command where newer lists are not in force.
func TestListTroubles(t *testing.T) {
	t.Parallel()
	g := setup(t)
	at := time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)
	g.news.Troubles = []api.ListTrouble{{List: "ofac_sdn", Kind: api.ListDoubtful, Message: "sdn.csv has no mark at its end", At: at}}
	for _, args := range [][]string{{"lists"}, {"lists", "update"}} {
		g.run(args...).is(t, exitOK, "ofac_sdn", "DOUBTFUL", "may not be whole", "no mark at its end")
	}
	g.news.Troubles = append(g.news.Troubles,
		api.ListTrouble{Kind: api.ListRefused, Message: "un_consolidated has 12 entries and had 900: more than a tenth is gone", At: at},
		api.ListTrouble{List: "eu_fsf", Kind: api.ListUnreachable, Message: "the server answers 503", At: at})
	g.news.Changes = []api.ListChange{{List: "ofac_sdn", FromVersion: "v0", ToVersion: "v1", Before: 1, After: 2, Added: 1, At: at}}
	for _, args := range [][]string{{"lists"}, {"lists", "update"}, {"lists", "--json"}} {
		g.run(args...).is(t, exitFailed, "ofac_sdn", "more than a tenth is gone", "the server answers 503")
	}
	g.run("lists").is(t, exitFailed, "REFUSED: the lists", "those before stay in force", "UNREACHABLE: eu_fsf", "1 entries to 2; 1 added")
	g.refused = remit.Errorf(remit.KindUnavailable, remit.ReasonUnavailable, "the lists were not updated")
	g.run("lists", "update").is(t, exitFailed, "the lists were not updated", "more than a tenth is gone")
}
