package store_test

import (
	"path/filepath"
	"testing"

	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/store/storetest"
)

// beforeFloatReturns is the last migration before requests for float had a state
// of their own.
const beforeFloatReturns = 14

// TestTopUpsOfEarlierReleases migrates a database with requests for float as they
// were, and goes on with rows as a process of the earlier release writes them.
func TestTopUpsOfEarlierReleases(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, dsn, key := t.Context(), fresh(t), filepath.Join(t.TempDir(), "vault.key")
			store.MigrateUntil(t, dsn, key, beforeFloatReturns)
			db := raw(t, dsn)
			exec := func(text string, args ...any) {
				t.Helper()
				if _, err := db.ExecContext(ctx, text, args...); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			}
			put := func(id, state string) {
				t.Helper()
				exec("INSERT INTO top_ups (id, tenant_id, outlet_id, body, version) VALUES ($1, 'ten_a', 'out_a', $2, 1)", id,
					`{"id":"`+id+`","amount":{"asset":"PHP/2","minor":1},"state":"`+state+`","reason":"he wrote \"state\":\"requested\""}`)
			}
			exec("INSERT INTO tenants (id, name, created_at) VALUES ('ten_a', 'A', 1)")
			exec("INSERT INTO agents (id, tenant_id, body, version) VALUES ('agt_a', 'ten_a', '{}', 1)")
			exec("INSERT INTO outlets (id, tenant_id, agent_id, country, city, body, version) VALUES ('out_a', 'ten_a', 'agt_a', 'PH', '', '{}', 1)")
			for id, state := range map[string]string{"top_1": "requested", "top_2": "posted", "top_3": "refused"} {
				put(id, state)
			}
			s, _ := storetest.Open(t, dsn, key)
			waiting := func(want ...counter.TopUpID) {
				t.Helper()
				list, err := s.WaitingTopUps(ctx, "ten_a", 10)
				if err != nil || len(list) != len(want) {
					t.Fatalf("%v wait, %v; want %v", list, err, want)
				}
				for i, top := range list {
					if top.ID != want[i] {
						t.Errorf("%s waits, want %s", top.ID, want[i])
					}
				}
			}
			waiting("top_1")
			put("top_4", "requested")
			put("top_5", "posted")
			exec(`UPDATE top_ups SET body = '{"id":"top_1","state":"posted"}', version = 2 WHERE id = 'top_1'`)
			waiting("top_4")
		})
	}
}
