package store

import (
	"context"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ramps/counter"
)

// FileSuspicion is counter.Store's: the report and its alert are one unit.
func (s *Store) FileSuspicion(ctx context.Context, tenant remit.TenantID, id counter.SuspicionID, text string,
	check func(context.Context, counter.Tx, *counter.Suspicion) (counter.Suspicion, error),
) (counter.Suspicion, error) {
	key, err := s.tenantKey(ctx, tenant)
	if err != nil {
		return counter.Suspicion{}, err
	}
	var r counter.Suspicion
	err = s.commit(ctx, "report a suspicion", needs{}, func(ctx context.Context, tx *Tx) error {
		rows := tx.atCounter().suspicions
		before, there, err := get(ctx, tx, rows, string(id))
		if err != nil {
			return err
		}
		known := &before
		if !there {
			known = nil
		} else if before.TenantID != tenant {
			return remit.NotFound("report", string(id))
		}
		if r, err = check(ctx, counterTx{tx}, known); err != nil || there {
			return err
		}
		rows.put(string(id), r)
		n := compliance.NewAlert{
			Key: "suspicion/" + string(id), TenantID: tenant, RemittanceID: r.RemittanceID, Kind: compliance.CaseKindSuspicion,
			Reasons: []remit.Reason{remit.ReasonSuspicion},
		}
		if r.RemittanceID != "" {
			row, there, err := get(ctx, tx, tx.remittances, r.RemittanceID)
			if err != nil {
				return err
			}
			if !there {
				return remit.NotFound("remittance", string(r.RemittanceID))
			}
			n.CustomerID, n.BeneficiaryID = row.CustomerID, row.BeneficiaryID
		}
		caseID, err := tx.raise(ctx, n)
		if err != nil {
			return err
		}
		row, _, err := get(ctx, tx, tx.cases, caseID)
		if err != nil {
			return err
		}
		c := row.Case
		c.Report(compliance.Actor{ID: r.Actor, Name: r.ActorName}, text, map[string]string{
			"report": string(id), "category": r.Category, "outlet": string(r.OutletID), "teller": string(r.TellerID),
		}, tx.now)
		return tx.saveCase(row, c, key)
	})
	return r, err
}

// Suspicions is counter.Store's.
func (s *Store) Suspicions(ctx context.Context, tenant remit.TenantID, teller counter.TellerID, most int) ([]counter.Suspicion, error) {
	return bodyList[counter.Suspicion](ctx, s, "read reports", "suspicions",
		" WHERE tenant_id = $1 AND teller_id = $2 ORDER BY id DESC LIMIT $3", string(tenant), string(teller), int64(most))
}

// withdrawable reports whether a person may order a payout withdrawn: it is to
// come or under way, no gate holds the remittance, and nobody withdraws it yet.
func withdrawable(r remit.Remittance) bool {
	return freezable(r) && r.State != remit.StateInReview && r.OpenCase == ""
}

// OrderFreeze tells the workflow of a case's remittance to have its payout
// withdrawn, and writes so into the file. Errors: those of Case.Freeze;
// precondition with ReasonCaseNotPending where no payout can be withdrawn.
func (s *Store) OrderFreeze(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, note string) (compliance.Case, error) {
	if err := words("note", note); err != nil {
		return compliance.Case{}, err
	}
	return s.act(ctx, "order a freeze", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error {
		if err := c.Freeze(p, strings.TrimSpace(note), tx.now); err != nil {
			return err
		}
		tx.notice(remit.Notice{
			RemittanceID: c.RemittanceID, Kind: remit.NoticeFreeze, Ref: string(id), Status: string(compliance.CaseOpen), Reason: remit.ReasonUnderReview,
		})
		return nil
	})
}
