package store

import (
	"context"
	"slices"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// RaiseAlert puts a finding into the one undecided case that it belongs to, or
// opens one, and returns it. An alert about a remittance belongs to the
// remittance's case; one about a party to the case of a remittance that waits
// for the party, else to the party's own. The same key again adds nothing.
// Errors: invalid; not_found for a remittance of nobody or of another tenant.
func (s *Store) RaiseAlert(ctx context.Context, n compliance.NewAlert) (compliance.Case, error) {
	if n.Key == "" || n.Kind == "" || n.TenantID == "" {
		return compliance.Case{}, remit.Invalid("alert", remit.ReasonFieldRequired, "an alert needs a key, a kind and a tenant")
	}
	if n.RemittanceID == "" && n.CustomerID == "" && n.BeneficiaryID == "" {
		return compliance.Case{}, remit.Invalid("alert", remit.ReasonFieldRequired, "an alert is about a remittance or a party")
	}
	var id remit.CaseID
	want := needs{remittances: []remit.RemittanceID{n.RemittanceID}}
	err := s.commit(ctx, "raise an alert", want, func(ctx context.Context, tx *Tx) error {
		if n.RemittanceID != "" {
			r, there, err := get(ctx, tx, tx.remittances, n.RemittanceID)
			if err != nil {
				return err
			}
			if !there || r.TenantID != n.TenantID {
				return remit.NotFound("remittance", string(n.RemittanceID))
			}
			n.CustomerID, n.BeneficiaryID = r.CustomerID, r.BeneficiaryID
		}
		var err error
		id, err = tx.raise(ctx, n)
		return err
	})
	if err != nil {
		return compliance.Case{}, err
	}
	return s.Case(ctx, n.TenantID, id)
}

// openCase is how a move raises its case: it returns the case that the alert
// came into, which may be one that was there.
func (tx *Tx) openCase(ctx context.Context, r *remit.Remittance, c compliance.Case, d *compliance.Decision) (remit.CaseID, error) {
	if c.ID == "" || c.Kind == "" || (c.RemittanceID != "" && c.RemittanceID != r.ID) {
		return "", remit.Errorf(remit.KindInternal, remit.ReasonInternal, "case %q is malformed", c.ID)
	}
	n := compliance.NewAlert{
		Key: string(c.ID), CaseID: c.ID, TenantID: r.TenantID, RemittanceID: r.ID, CustomerID: r.CustomerID, BeneficiaryID: r.BeneficiaryID,
		Kind: c.Kind, Gate: c.Gate, Decision: c.Decision, Reasons: c.Reasons, Hits: c.Hits,
	}
	if d != nil && d.ID == c.Decision {
		n.Outcome = d.Outcome
	}
	return tx.raise(ctx, n)
}

// raise adds an alert, once for each key.
func (tx *Tx) raise(ctx context.Context, n compliance.NewAlert) (remit.CaseID, error) {
	key := string(n.TenantID) + "/" + n.Key
	known, there, err := get(ctx, tx, tx.caseAlerts, key)
	if err != nil {
		return "", err
	}
	if there {
		before, _, err := get(ctx, tx, tx.cases, known.caseID)
		if err != nil {
			return "", err
		}
		if before.RemittanceID != n.RemittanceID && n.RemittanceID != "" || known.Kind != n.Kind {
			return "", remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "alert %s is there with other content", n.Key)
		}
		return known.caseID, nil
	}
	row, found, err := tx.gathering(ctx, n)
	if err != nil {
		return "", err
	}
	if !found {
		id := n.CaseID
		if id == "" {
			id = remit.DeriveID[remit.CaseID](remit.PrefixCase, tx.now, key)
		}
		before, there, err := get(ctx, tx, tx.cases, id)
		if err != nil {
			return "", err
		}
		if there { // Opened by an earlier release, which knew no alerts.
			if before.RemittanceID != n.RemittanceID || before.Kind != n.Kind {
				return "", remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "case %s is there with other content", id)
			}
			return id, nil
		}
		row = caseRow{Case: compliance.Case{
			ID: id, TenantID: n.TenantID, RemittanceID: n.RemittanceID, CustomerID: n.CustomerID, BeneficiaryID: n.BeneficiaryID,
			Kind: n.Kind, Status: compliance.CaseOpen, OpenedAt: tx.now,
		}}
	}
	c := row.Case
	c.Add(n, tx.levels, tx.now)
	tx.caseAlerts.put(key, alertRow{caseID: c.ID, Alert: c.Alerts[len(c.Alerts)-1]})
	return c.ID, tx.saveCase(row, c, nil)
}

// gathering finds the undecided case that an alert belongs to.
func (tx *Tx) gathering(ctx context.Context, n compliance.NewAlert) (caseRow, bool, error) {
	where, arg := "remittance_id", string(n.RemittanceID)
	belongs := func(c compliance.Case) bool { return c.RemittanceID == n.RemittanceID }
	// What is stuck is no reason to look at a party.
	aboutParty := func(c compliance.Case) bool {
		return c.Kind != compliance.CaseKindRefundStuck && c.Kind != compliance.CaseKindProviderDispute
	}
	switch {
	case n.RemittanceID != "":
	case n.CustomerID == "" && n.BeneficiaryID == "": // A report about no payment is a case of its own.
		return caseRow{}, false, nil
	case n.CustomerID != "":
		where, arg = "customer_id", string(n.CustomerID)
		belongs = func(c compliance.Case) bool { return c.CustomerID == n.CustomerID && aboutParty(c) }
	default:
		where, arg = "beneficiary_id", string(n.BeneficiaryID)
		belongs = func(c compliance.Case) bool { return c.BeneficiaryID == n.BeneficiaryID && aboutParty(c) }
	}
	found, err := tx.undecidedCases(ctx, where+" = $1", []any{arg}, func(c compliance.Case) bool {
		return c.TenantID == n.TenantID && belongs(c)
	})
	if err != nil || len(found) == 0 {
		return caseRow{}, false, err
	}
	slices.SortFunc(found, func(a, b caseRow) int {
		if waits, other := a.RemittanceID != "", b.RemittanceID != ""; waits != other {
			if waits {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return found[0], true, nil
}

// undecidedCases returns the undecided cases that match, as they are in the
// database and as the units before changed them.
func (tx *Tx) undecidedCases(ctx context.Context, where string, args []any, matches func(compliance.Case) bool) ([]caseRow, error) {
	err := tx.read(ctx, statement{
		sql: selectCases + " WHERE " + undecided + " AND " + where, args: args,
		each: func(row scanner) error {
			c, version, err := scanCase(row)
			if err != nil {
				return err
			}
			if known := tx.cases.rows[c.ID]; known == nil || !known.exists {
				tx.cases.loaded(c.ID, c, version)
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	var out []caseRow
	for _, row := range tx.cases.rows {
		if row.exists && !row.value.Status.Decided() && matches(row.value.Case) {
			out = append(out, row.value)
		}
	}
	return out, nil
}
