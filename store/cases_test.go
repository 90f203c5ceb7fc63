package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/store/storetest"
)

// TestCaseTextsAreSealed looks into the tables behind the store for what people
// wrote about a party.
func TestCaseTextsAreSealed(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := fresh(t)
			s, clock := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
			ctx := t.Context()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			tenant := remit.NewID[remit.TenantID](remit.PrefixTenant, clock.Now())
			must(s.CreateTenant(ctx, tenant, "Sealed"))
			ana := compliance.Person{Actor: compliance.Actor{ID: "stf_ana", Name: "ana"}, Works: true, Decides: true, Blocks: true}
			c, err := s.RaiseAlert(ctx, compliance.NewAlert{
				Key: "k", TenantID: tenant, CustomerID: "cus_x", Kind: compliance.CaseKindRescreen, Hits: []compliance.Hit{{Key: "h", Role: compliance.RoleOriginator}},
			})
			must(err)
			const secret = "Quintanarro"
			_, err = s.AddCaseNote(ctx, tenant, c.ID, ana, secret+" explained it")
			must(err)
			doc, err := compliance.ReadDocument(remit.NewID[remit.DocumentID](remit.PrefixDocument, clock.Now()), secret+".txt", []byte("I am "+secret))
			must(err)
			_, err = s.AddCaseAttachment(ctx, tenant, c.ID, ana, doc)
			must(err)
			_, err = s.DecideCase(ctx, tenant, c.ID, ana, compliance.Verdict{Decision: compliance.CaseApproved, Note: secret + " is another"})
			must(err)
			for _, table := range []string{"cases", "case_events", "case_documents", "case_alerts", "hit_dispositions"} {
				for _, row := range everything(t, dsn, table) {
					if strings.Contains(row, secret) {
						t.Errorf("%s holds %q in the open: %s", table, secret, row)
					}
				}
			}
		})
	}
}

// everything reads a table as texts, a row each.
func everything(t *testing.T, dsn, table string) []string {
	t.Helper()
	rows, err := raw(t, dsn).QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for _, v := range values {
			switch v := (*v.(*any)).(type) {
			case []byte:
				line += " " + string(v)
			default:
				line += " " + fmt.Sprint(v)
			}
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
