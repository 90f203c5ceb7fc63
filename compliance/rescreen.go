package compliance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// KnownParty is a customer or a beneficiary as it now is: one of both.
type KnownParty struct {
	Customer    *remit.Customer
	Beneficiary *remit.Beneficiary
}

// ID is the party's id.
func (p KnownParty) ID() string {
	if p.Customer != nil {
		return string(p.Customer.ID)
	}
	return string(p.Beneficiary.ID)
}

// TenantID is who knows the party.
func (p KnownParty) TenantID() remit.TenantID {
	if p.Customer != nil {
		return p.Customer.TenantID
	}
	return p.Beneficiary.TenantID
}

// Version counts the states of the party.
func (p KnownParty) Version() int64 {
	if p.Customer != nil {
		return p.Customer.Version
	}
	return p.Beneficiary.Version
}

// erased reports whether nobody knows any more who the party was.
func (p KnownParty) erased() bool {
	if p.Customer != nil {
		return p.Customer.Party == remit.Party{}
	}
	return p.Beneficiary.Party == remit.Party{}
}

// query asks for the party as a gate does, so that the hits have the same keys.
func (p KnownParty) query() ScreenQuery {
	if p.Customer != nil {
		return originatorQuery(*p.Customer)
	}
	return beneficiaryQuery(*p.Beneficiary)
}

// Rescreen is one comparison of every party with one state of the lists.
type Rescreen struct {
	// Number counts the comparisons: 1, 2, 3…; 0 is none.
	Number int64
	// ListsVersion names the lists and the policy, as Decider.ListsVersion does.
	ListsVersion string
	// After is the last party that was compared.
	After string
	// Screened, Alerted and Unscreened count the parties compared, those of them
	// with hits that nobody released, and those that could not be compared.
	Screened, Alerted, Unscreened int64
	StartedAt, MovedAt            time.Time
	// FinishedAt is zero while it is under way.
	FinishedAt time.Time
}

// RescreenStore keeps what is compared, and how far the comparison is. It is
// implemented by package store.
type RescreenStore interface {
	// TakeLease has a process do a work alone until a time, or longer if it holds
	// the lease already. It reports false while another process holds it.
	TakeLease(ctx context.Context, work, holder string, until time.Time) (bool, error)
	// NewestRescreen returns the rescreen that began last, a zero one before the first.
	NewestRescreen(ctx context.Context) (Rescreen, error)
	// RescreenedSince reports whether a rescreen with these lists began since a time.
	RescreenedSince(ctx context.Context, listsVersion string, since time.Time) (bool, error)
	// BeginRescreen begins one, and ends those under way as superseded.
	BeginRescreen(ctx context.Context, listsVersion string) (Rescreen, error)
	// SaveRescreen keeps how far a rescreen is. Errors: conflict when it was superseded.
	SaveRescreen(ctx context.Context, r Rescreen) error
	// PartiesAfter returns customers, then beneficiaries, each by id, after a party.
	PartiesAfter(ctx context.Context, after string, limit int) ([]KnownParty, error)
	// ChangedParties returns those that changed and were not compared since, the
	// oldest change first.
	ChangedParties(ctx context.Context, limit int) ([]KnownParty, error)
	// PartyRescreened says that a version of a party was compared.
	PartyRescreened(ctx context.Context, id string, version int64) error
	// ReleasedHits returns the keys of the party's hits that two persons found to
	// be false positives, those that lapsed left out.
	ReleasedHits(ctx context.Context, tenant remit.TenantID, party string) ([]string, error)
	// LapseHits says that releases lapsed because the party or the entry changed.
	LapseHits(ctx context.Context, tenant remit.TenantID, party string, keys []string) error
	// UnderWay returns the remittances of a party that may still arrive.
	UnderWay(ctx context.Context, p KnownParty) ([]remit.Remittance, error)
	// RaiseAlert puts a finding into the case that it belongs to, once for its key.
	RaiseAlert(ctx context.Context, n NewAlert) (Case, error)
	// RaiseFreeze is RaiseAlert about a remittance under way, whose workflow is to
	// withdraw the payout unless a gate stops it before.
	RaiseFreeze(ctx context.Context, n NewAlert) error
}

// finding is what screening says of a party that somebody has to look at.
type finding struct {
	hits []Hit
	// unscreened is set when the party could not be compared.
	unscreened bool
}

// find compares a party with what was released for it. It returns the hits that
// nobody released, and the keys of releases that a change made void: a hit on
// the same entry is there with another key.
func find(hits []Hit, released []string) (open []Hit, lapsed []string) {
	held := make(map[string]bool, len(released))
	for _, key := range released {
		held[key] = true
	}
	changed := make(map[string]bool)
	for _, hit := range hits {
		if !held[hit.Key] {
			open = append(open, hit)
			changed[pairOf(hit.Key)] = true
		}
	}
	for _, key := range released {
		if changed[pairOf(key)] && !slices.ContainsFunc(hits, func(h Hit) bool { return h.Key == key }) {
			lapsed = append(lapsed, key)
		}
	}
	return open, lapsed
}

// pairOf is a hit's key without the hash: role, list and entry.
func pairOf(key string) string {
	if end := strings.LastIndexByte(key, '|'); end >= 0 {
		return key[:end]
	}
	return key
}

// alerting returns the hits that alert in a corridor, or anywhere when it is empty.
// A listed wallet always does.
func alerting(hits []Hit, t Thresholds, corridor string) []Hit {
	var out []Hit
	for _, hit := range hits {
		if hit.Kind == HitWallet || hit.ScoreBasisPoints >= t.Of(hit.List, corridor) {
			out = append(out, hit)
		}
	}
	return out
}

// alert makes the alert of a party, or of a remittance of the party. The key
// names the hits, so that the same finding is told once however often it is made.
func (p KnownParty) alert(f finding, r *remit.Remittance) NewAlert {
	n := NewAlert{TenantID: p.TenantID(), Kind: CaseKindRescreen, Hits: f.hits}
	about := p.ID()
	switch {
	case r != nil:
		n.RemittanceID = r.ID
		about += "/" + string(r.ID)
	case p.Customer != nil:
		n.CustomerID = p.Customer.ID
	default:
		n.BeneficiaryID = p.Beneficiary.ID
	}
	if len(f.hits) > 0 {
		n.Reasons = append(n.Reasons, remit.ReasonSanctionsHit)
	}
	if f.unscreened {
		n.Reasons = append(n.Reasons, remit.ReasonScreeningDown)
	}
	if r != nil && r.Quote.PayoutProvider == remit.ProviderWallet && (r.State == remit.StateSettling || r.State.MoneyBeyondRecall()) {
		n.Reasons = append(n.Reasons, remit.ReasonPayoutNotStopped)
	}
	keys := make([]string, 0, len(f.hits))
	for _, hit := range f.hits {
		keys = append(keys, hit.Key)
	}
	slices.Sort(keys)
	if f.unscreened {
		// It is told once for each state of the party, not for each of the lists.
		keys = append(keys, fmt.Sprintf("unscreened/%d", p.Version()))
	}
	sum := sha256.Sum256([]byte(strings.Join(keys, "\x00")))
	n.Key = "rescreen/" + about + "/" + hex.EncodeToString(sum[:12])
	return n
}
