package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// dayMicros is a day as stored.
const dayMicros = 24 * 60 * 60 * 1_000_000

// Conditions on cases c and remittances r.
const (
	gateStopped = "EXISTS (SELECT 1 FROM cases c WHERE c.remittance_id = r.id AND c.kind = 'gate')"
	allFalse    = "c.status = 'approved' AND c.hits NOT IN ('[]', 'null')"
	decidedOne  = "c.status IN ('approved', 'rejected', 'blocked', 'unblocked')"
)

// count sums a condition.
func count(condition string) string {
	return "CAST(COALESCE(SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END), 0) AS BIGINT)"
}

// CaseStatistics counts a tenant's cases and remittances over the days that end
// today (UTC), and what is undecided now.
func (s *Store) CaseStatistics(ctx context.Context, tenant remit.TenantID, days int) (compliance.CaseStatistics, error) {
	now := s.clock.Now().UTC()
	first := now.Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	var out compliance.CaseStatistics
	for i := range days {
		out.Days = append(out.Days, compliance.DayStatistics{Day: first.AddDate(0, 0, i)})
	}
	if err := s.countDays(ctx, tenant, first, out.Days); err != nil {
		return compliance.CaseStatistics{}, err
	}
	var err error
	if out.Corridors, err = s.countCorridors(ctx, tenant, first); err != nil {
		return compliance.CaseStatistics{}, err
	}
	out.Inboxes, err = s.countInboxes(ctx, tenant, now)
	return out, err
}

func (s *Store) countDays(ctx context.Context, tenant remit.TenantID, first time.Time, days []compliance.DayStatistics) error {
	args := []any{string(tenant), micros(first)}
	at := func(day int64) *compliance.DayStatistics {
		i := int(day - first.UnixMicro()/dayMicros)
		if i < 0 || i >= len(days) {
			return &compliance.DayStatistics{}
		}
		return &days[i]
	}
	err := s.query(ctx, "count remittances by day", fmt.Sprintf(`SELECT r.created_at / %d AS day, COUNT(*), %s FROM remittances r
		WHERE r.tenant_id = $1 AND r.created_at >= $2 GROUP BY r.created_at / %d`, int64(dayMicros), count(gateStopped), int64(dayMicros)), args,
		func(row scanner) error {
			var day, remittances, alerted int64
			err := row.Scan(&day, &remittances, &alerted)
			d := at(day)
			d.Remittances, d.Alerted = remittances, alerted
			return err
		})
	if err != nil {
		return err
	}
	return s.query(ctx, "count decisions by day", fmt.Sprintf(`SELECT c.decided_at / %d AS day, COUNT(*), %s, %s FROM cases c
		WHERE c.tenant_id = $1 AND c.decided_at >= $2 AND c.decided_at <> 0 AND %s GROUP BY c.decided_at / %d`,
		int64(dayMicros), count(allFalse), count("c.decided_at > c.due_at"), decidedOne, int64(dayMicros)), args,
		func(row scanner) error {
			var day, decided, falsePositive, late int64
			err := row.Scan(&day, &decided, &falsePositive, &late)
			d := at(day)
			d.Decided, d.FalsePositive, d.Late = decided, falsePositive, late
			return err
		})
}

// countCorridors counts the remittances of a time by corridor, busiest first.
func (s *Store) countCorridors(ctx context.Context, tenant remit.TenantID, first time.Time) ([]compliance.CorridorStatistics, error) {
	var out []compliance.CorridorStatistics
	err := s.query(ctx, "count remittances by corridor", `SELECT r.corridor, r.source_asset, COUNT(*), CAST(SUM(r.source_minor) AS BIGINT), `+count(gateStopped)+`,
		`+count("EXISTS (SELECT 1 FROM cases c WHERE c.remittance_id = r.id AND "+decidedOne+")")+`,
		`+count("EXISTS (SELECT 1 FROM cases c WHERE c.remittance_id = r.id AND "+allFalse+")")+`
		FROM remittances r WHERE r.tenant_id = $1 AND r.created_at >= $2 GROUP BY r.corridor, r.source_asset`, []any{string(tenant), micros(first)},
		func(row scanner) error {
			var c compliance.CorridorStatistics
			var asset string
			var minor int64
			if err := row.Scan(&c.Corridor, &asset, &c.Remittances, &minor, &c.Alerted, &c.Decided, &c.FalsePositive); err != nil {
				return err
			}
			source, err := remit.ParseAsset(asset)
			c.Volume = remit.NewMoney(source, minor)
			out = append(out, c)
			return err
		})
	slices.SortFunc(out, func(a, b compliance.CorridorStatistics) int {
		if a.Remittances != b.Remittances {
			return int(b.Remittances - a.Remittances)
		}
		return strings.Compare(string(a.Corridor)+a.Volume.Asset.String(), string(b.Corridor)+b.Volume.Asset.String())
	})
	return out, err
}

// countInboxes counts what is undecided, each inbox whether it has cases or not.
func (s *Store) countInboxes(ctx context.Context, tenant remit.TenantID, now time.Time) ([]compliance.InboxStatistics, error) {
	var out []compliance.InboxStatistics
	for _, inbox := range []compliance.Inbox{compliance.InboxSanctions, compliance.InboxReview, compliance.InboxOperations, compliance.InboxMLRO} {
		out = append(out, compliance.InboxStatistics{Inbox: inbox})
	}
	err := s.query(ctx, "count undecided cases", "SELECT c.inbox, COUNT(*), "+count("c.stopped_at = 0 AND c.due_at <= $2")+", "+count("c.status = 'pending'")+
		", MIN(c.opened_at) FROM cases c WHERE c."+undecided+" AND c.tenant_id = $1 GROUP BY c.inbox", []any{string(tenant), micros(now)},
		func(row scanner) error {
			var in compliance.InboxStatistics
			var oldest int64
			err := row.Scan(&in.Inbox, &in.Undecided, &in.Late, &in.Pending, &oldest)
			in.OldestAt = fromMicros(oldest)
			if i := slices.IndexFunc(out, func(o compliance.InboxStatistics) bool { return o.Inbox == in.Inbox }); i >= 0 {
				out[i] = in
			}
			return err
		})
	return out, err
}
