package store

import (
	"context"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

var _ compliance.RescreenStore = (*Store)(nil)

// TakeLease has a process do a work alone until a time. It reports false while
// another process holds the lease.
func (s *Store) TakeLease(ctx context.Context, work, holder string, until time.Time) (bool, error) {
	var n int64
	err := s.write(ctx, "take a lease", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: `INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE
				SET holder = excluded.holder, until = excluded.until WHERE leases.holder = excluded.holder OR leases.until <= $4`,
			args: []any{work, holder, micros(until), micros(s.clock.Now())}, affected: &n,
		})
	})
	return n == 1, err
}

const selectRescreens = `SELECT number, lists_version, after_party, screened, alerted, unscreened, started_at, moved_at, finished_at FROM rescreens`

// NewestRescreen returns the rescreen that began last, a zero one before the first.
func (s *Store) NewestRescreen(ctx context.Context) (compliance.Rescreen, error) {
	var r compliance.Rescreen
	err := s.query(ctx, "read a rescreen", selectRescreens+" ORDER BY number DESC LIMIT 1", nil, func(row scanner) error {
		var started, moved, finished int64
		err := row.Scan(&r.Number, &r.ListsVersion, &r.After, &r.Screened, &r.Alerted, &r.Unscreened, &started, &moved, &finished)
		r.StartedAt, r.MovedAt, r.FinishedAt = fromMicros(started), fromMicros(moved), fromMicros(finished)
		return err
	})
	return r, err
}

// RescreenedSince reports whether a rescreen with these lists began since a time.
func (s *Store) RescreenedSince(ctx context.Context, listsVersion string, since time.Time) (bool, error) {
	var n int64
	err := s.query(ctx, "look for rescreens", "SELECT COUNT(*) FROM rescreens WHERE lists_version = $1 AND started_at >= $2",
		[]any{listsVersion, micros(since)}, func(row scanner) error { return row.Scan(&n) })
	return n > 0, err
}

// BeginRescreen begins a rescreen, and ends those under way as superseded.
func (s *Store) BeginRescreen(ctx context.Context, listsVersion string) (compliance.Rescreen, error) {
	err := s.write(ctx, "begin a rescreen", func(ctx context.Context, run runner) error {
		now := micros(s.clock.Now())
		return run.run(ctx, statement{
			sql: "UPDATE rescreens SET finished_at = $1, superseded = 1 WHERE finished_at = 0", args: []any{now},
		}, statement{
			sql: `INSERT INTO rescreens (number, lists_version, after_party, screened, alerted, unscreened, started_at, moved_at, finished_at, superseded)
				SELECT COALESCE(MAX(number), 0) + 1, CAST($1 AS TEXT), '', 0, 0, 0, CAST($2 AS BIGINT), CAST($2 AS BIGINT), 0, 0 FROM rescreens`,
			args: []any{listsVersion, now},
		})
	})
	if err != nil {
		return compliance.Rescreen{}, err
	}
	return s.NewestRescreen(ctx)
}

// SaveRescreen keeps how far a rescreen is. Errors: conflict when it was superseded.
func (s *Store) SaveRescreen(ctx context.Context, r compliance.Rescreen) error {
	var n int64
	err := s.write(ctx, "save a rescreen", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: `UPDATE rescreens SET after_party = $1, screened = $2, alerted = $3, unscreened = $4, moved_at = $5, finished_at = $6
				WHERE number = $7 AND finished_at = 0`,
			args:     []any{r.After, r.Screened, r.Alerted, r.Unscreened, micros(r.MovedAt), micros(r.FinishedAt), r.Number},
			affected: &n,
		})
	})
	if err == nil && n == 0 {
		return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "rescreen %d ended before", r.Number)
	}
	return err
}

// PartiesAfter returns the customers, then the beneficiaries of all tenants, each
// by id, after a party; an erased one without identity.
func (s *Store) PartiesAfter(ctx context.Context, after string, limit int) ([]compliance.KnownParty, error) {
	var out []compliance.KnownParty
	if !strings.HasPrefix(after, remit.PrefixBeneficiary+"_") {
		customers, err := s.customers(ctx, " WHERE c.id > $1 ORDER BY c.id LIMIT $2", after, int64(limit))
		if err != nil {
			return nil, err
		}
		for _, c := range customers {
			out = append(out, compliance.KnownParty{Customer: &c})
		}
		after = ""
	}
	if len(out) == limit {
		return out, nil
	}
	beneficiaries, err := s.beneficiaries(ctx, " WHERE b.id > $1 ORDER BY b.id LIMIT $2", after, int64(limit-len(out)))
	if err != nil {
		return nil, err
	}
	for _, b := range beneficiaries {
		out = append(out, compliance.KnownParty{Beneficiary: &b})
	}
	return out, nil
}

// ChangedParties returns parties that changed and were not compared since, the
// oldest change first.
func (s *Store) ChangedParties(ctx context.Context, limit int) ([]compliance.KnownParty, error) {
	var ids []string
	err := s.query(ctx, "read changed parties", "SELECT party_id FROM changed_parties ORDER BY at, party_id LIMIT $1", []any{int64(limit)},
		func(row scanner) error {
			var id string
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		})
	if err != nil {
		return nil, err
	}
	out := make([]compliance.KnownParty, 0, len(ids))
	for _, id := range ids {
		customers, err := s.customers(ctx, " WHERE c.id = $1", id)
		if err != nil {
			return nil, err
		}
		beneficiaries, err := s.beneficiaries(ctx, " WHERE b.id = $1", id)
		if err != nil {
			return nil, err
		}
		for _, c := range customers {
			out = append(out, compliance.KnownParty{Customer: &c})
		}
		for _, b := range beneficiaries {
			out = append(out, compliance.KnownParty{Beneficiary: &b})
		}
	}
	return out, nil
}

// PartyRescreened says that a version of a party was compared.
func (s *Store) PartyRescreened(ctx context.Context, id string, version int64) error {
	return s.write(ctx, "keep that a party was rescreened", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{sql: "DELETE FROM changed_parties WHERE party_id = $1 AND version <= $2", args: []any{id, version}})
	})
}

// ReleasedHits returns the keys of the party's hits that two persons found to be
// false positives. What was said to be a true match since is none, nor what lapsed.
func (s *Store) ReleasedHits(ctx context.Context, tenant remit.TenantID, party string) ([]string, error) {
	return s.releasedHits(ctx, tenant, party, party)
}

func (s *Store) releasedHits(ctx context.Context, tenant remit.TenantID, one, other string) ([]string, error) {
	var out []string
	err := s.query(ctx, "read released hits", `SELECT DISTINCT d.hit_key FROM hit_dispositions d
		WHERE d.tenant_id = $1 AND d.party_id IN ($2, $3) AND d.party_id <> '' AND d.disposition = 'false_positive'
		AND d.second_id <> '' AND d.lapsed_at = 0 AND NOT EXISTS (SELECT 1 FROM hit_dispositions t WHERE t.tenant_id = d.tenant_id
			AND t.party_id = d.party_id AND t.hit_key = d.hit_key AND t.disposition = 'true_match' AND t.at >= d.at)
		ORDER BY d.hit_key`, []any{string(tenant), one, other}, func(row scanner) error {
		var key string
		err := row.Scan(&key)
		out = append(out, key)
		return err
	})
	return out, err
}

// LapseHits says that releases of a party's hits lapsed now.
func (s *Store) LapseHits(ctx context.Context, tenant remit.TenantID, party string, keys []string) error {
	return s.write(ctx, "lapse releases", func(ctx context.Context, run runner) error {
		for _, key := range keys {
			err := run.run(ctx, statement{
				sql: `UPDATE hit_dispositions SET lapsed_at = $1 WHERE tenant_id = $2 AND party_id = $3 AND hit_key = $4
					AND disposition = 'false_positive' AND lapsed_at = 0`,
				args: []any{micros(s.clock.Now()), string(tenant), party, key},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// UnderWay returns the remittances of a party that may still arrive.
func (s *Store) UnderWay(ctx context.Context, p compliance.KnownParty) ([]remit.Remittance, error) {
	column := "r.customer_id"
	if p.Beneficiary != nil {
		column = "r.beneficiary_id"
	}
	return s.remittances(ctx, " WHERE "+column+" = $1 AND r."+underWay+" AND r.state NOT IN ('refunding', 'returned') ORDER BY r.id", p.ID())
}

// RaiseFreeze raises an alert about a remittance and, where its payout may still
// be withdrawn, tells the workflow to do so, once for the alert's key. A gate
// that was about to let it go by the lists before does not matter then. Errors:
// those of RaiseAlert.
func (s *Store) RaiseFreeze(ctx context.Context, n compliance.NewAlert) error {
	if n.Key == "" || n.Kind == "" || n.TenantID == "" || n.RemittanceID == "" {
		return remit.Invalid("alert", remit.ReasonFieldRequired, "an alert that freezes needs a key, a kind, a tenant and a remittance")
	}
	want := needs{remittances: []remit.RemittanceID{n.RemittanceID}}
	return s.commit(ctx, "freeze a remittance", want, func(ctx context.Context, tx *Tx) error {
		row, there, err := get(ctx, tx, tx.remittances, n.RemittanceID)
		if err != nil {
			return err
		}
		if !there || row.TenantID != n.TenantID {
			return remit.NotFound("remittance", string(n.RemittanceID))
		}
		_, told, err := get(ctx, tx, tx.caseAlerts, string(n.TenantID)+"/"+n.Key)
		if err != nil || told {
			return err
		}
		n.CustomerID, n.BeneficiaryID = row.CustomerID, row.BeneficiaryID
		id, err := tx.raise(ctx, n)
		if err != nil || !freezable(row.Remittance) {
			return err
		}
		tx.notice(remit.Notice{
			RemittanceID: row.ID, Kind: remit.NoticeFreeze, Ref: string(id), Status: string(compliance.CaseOpen), Reason: remit.ReasonSanctionsHit,
		})
		return nil
	})
}

// freezable reports whether a payout is to come, or under way, that a provider
// may withdraw. A wallet is paid on chain.
func freezable(r remit.Remittance) bool {
	return r.Quote.PayoutProvider != remit.ProviderWallet && !r.State.Ended() && r.State != remit.StateRefunding
}
