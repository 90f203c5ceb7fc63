package compliance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stellar/go-stellar-sdk/strkey"

	"github.com/openremit/remit"
)

// Gatekeeper decides at the gates by screening the parties and asking the
// policy. It is safe for concurrent use.
type Gatekeeper struct {
	screener Screener
	policy   Policy
	clock    remit.Clock
	log      *slog.Logger
}

var _ Decider = (*Gatekeeper)(nil)

// NewGate joins a screener and a policy to a Decider. The clock is asked only
// when a subject does not say its time; the log receives why something could
// not be had, never who it was about.
func NewGate(screener Screener, policy Policy, clock remit.Clock, log *slog.Logger) *Gatekeeper {
	return &Gatekeeper{screener: screener, policy: policy, clock: clock, log: log}
}

// Decide screens the originator and the beneficiary, leaves out the hits a
// person released, and asks the policy. When screening or policy gives no
// answer the decision is review at least. Errors: invalid when the subject
// names no remittance or gate; unavailable when the context ended, because a
// worker that is being stopped must not open cases.
func (g *Gatekeeper) Decide(ctx context.Context, s Subject) (Decision, error) {
	if s.Remittance.ID == "" || (s.Gate != GateIntake && s.Gate != GateRelease) {
		return Decision{}, remit.Errorf(remit.KindInvalid, remit.ReasonFieldRequired, "a gate decides on a remittance at intake or release")
	}
	at := s.At
	if at.IsZero() {
		at = g.clock.Now()
	}
	at = at.UTC().Truncate(time.Microsecond)

	screened, available := g.screen(ctx, s)
	hits := without(screened.Hits, s.Approved)
	input := newInput(s, hits, available)
	hash, err := inputHash(input, screened.Versions)
	if err != nil {
		return Decision{}, remit.Wrap(err, remit.KindInternal, remit.ReasonInternal, "the gate's input cannot be written")
	}
	ruling, err := g.policy.Evaluate(ctx, input)
	if ctx.Err() != nil {
		return Decision{}, remit.Wrap(context.Cause(ctx), remit.KindUnavailable, remit.ReasonUnavailable, "the gate was interrupted")
	}
	if err != nil {
		g.log.ErrorContext(ctx, "policy gave no answer", "remittance_id", s.Remittance.ID, "gate", s.Gate, "error", err)
	}
	ruling = safe(ruling, err, available)
	seed := strings.Join([]string{string(s.Remittance.ID), string(s.Gate), hash, at.Format(time.RFC3339Nano)}, "\x00")
	return Decision{
		ID:           remit.DeriveID[remit.DecisionID](remit.PrefixDecision, at, seed),
		RemittanceID: s.Remittance.ID,
		Gate:         s.Gate,
		Outcome:      ruling.Outcome,
		Reasons:      ruling.Reasons,
		Hits:         hits,
		PolicyHash:   ruling.PolicyHash,
		ListVersions: screened.Versions,
		InputHash:    hash,
		At:           at,
	}, nil
}

// ListsVersion changes whenever a list or the policy does.
func (g *Gatekeeper) ListsVersion() string {
	sum := sha256.New()
	versions := g.screener.Versions()
	for _, list := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintf(sum, "%s=%s\n", list, versions[list])
	}
	fmt.Fprintf(sum, "policy=%s\n", g.policy.Hash())
	return hex.EncodeToString(sum.Sum(nil))
}

// screen compares both parties with the lists and reports whether both could be.
func (g *Gatekeeper) screen(ctx context.Context, s Subject) (Screening, bool) {
	screened, err := g.screener.Screen(ctx, originatorQuery(s.Customer), beneficiaryQuery(s.Beneficiary))
	if err != nil {
		g.log.ErrorContext(ctx, "screening gave no answer", "remittance_id", s.Remittance.ID, "gate", s.Gate, "error", err)
		return Screening{Versions: g.screener.Versions()}, false
	}
	if len(screened.Unscreened) > 0 {
		g.log.WarnContext(ctx, "party could not be screened", "remittance_id", s.Remittance.ID, "gate", s.Gate, "roles", screened.Unscreened)
		return screened, false
	}
	return screened, true
}

// safe makes a ruling that cannot let pass what was not decided: a second
// line behind the policy, which may be the operator's own and wrong.
func safe(r Ruling, err error, screened bool) Ruling {
	if err != nil || !r.Outcome.Valid() {
		r.Outcome = r.Outcome.AtLeast(OutcomeReview)
		r.Reasons = withReason(r.Reasons, remit.ReasonPolicyUndecided)
	}
	if !screened {
		r.Outcome = r.Outcome.AtLeast(OutcomeReview)
		r.Reasons = withReason(r.Reasons, remit.ReasonScreeningDown)
	}
	return r
}

func withReason(reasons []remit.Reason, reason remit.Reason) []remit.Reason {
	if slices.Contains(reasons, reason) {
		return reasons
	}
	return append(slices.Clone(reasons), reason)
}

// without returns the hits whose keys a person has not released.
func without(hits []Hit, approved []string) []Hit {
	released := make(map[string]bool, len(approved))
	for _, key := range approved {
		released[key] = true
	}
	left := []Hit{}
	for _, hit := range hits {
		if !released[hit.Key] {
			left = append(left, hit)
		}
	}
	return left
}

func originatorQuery(c remit.Customer) ScreenQuery {
	return partyQuery(RoleOriginator, string(c.ID), c.Party)
}

func beneficiaryQuery(b remit.Beneficiary) ScreenQuery {
	q := partyQuery(RoleBeneficiary, string(b.ID), b.Party)
	for _, field := range slices.Sorted(maps.Keys(b.Account)) {
		q.Wallets = append(q.Wallets, b.Account[field])
		// Lists name accounts; a muxed address is one of many of the same account.
		if muxed, err := strkey.DecodeMuxedAccount(b.Account[field]); err == nil {
			if account, err := muxed.AccountID(); err == nil {
				q.Wallets = append(q.Wallets, account)
			}
		}
	}
	return q
}

// partyQuery asks for a company by its name and by the person named beside it.
func partyQuery(role, id string, p remit.Party) ScreenQuery {
	q := ScreenQuery{Role: role, PartyID: id, Kind: partyKind(p), DateOfBirth: p.DateOfBirth}
	if p.CompanyName != "" {
		q.Names = append(q.Names, p.CompanyName)
	}
	person := p
	person.CompanyName = ""
	if name := person.Name(); name != "" {
		q.Names = append(q.Names, name)
	}
	for _, country := range []remit.Country{p.Country, p.Nationality} {
		if country != "" && !slices.Contains(q.Countries, country) {
			q.Countries = append(q.Countries, country)
		}
	}
	return q
}

func partyKind(p remit.Party) PartyKind {
	if p.CompanyName != "" {
		return PartyCompany
	}
	return PartyPerson
}

func newInput(s Subject, hits []Hit, available bool) PolicyInput {
	q := s.Remittance.Quote
	in := PolicyInput{
		Gate: s.Gate, From: q.From, To: q.To,
		Funding: string(q.Funding), Payout: string(q.Payout),
		Source: newAmount(q.SourceTotal), Tier: int(s.Customer.Tier),
		Originator:  newParty(s.Customer.Party),
		Beneficiary: newParty(s.Beneficiary.Party),
		Velocity: InputVelocity{
			Count24h: s.Velocity.Count24h, Amount24h: newAmount(s.Velocity.Amount24h),
			Count30d: s.Velocity.Count30d, Amount30d: newAmount(s.Velocity.Amount30d),
		},
		Screening: InputScreening{Available: available, Hits: []InputHit{}},
	}
	for _, hit := range hits {
		in.Screening.Hits = append(in.Screening.Hits, InputHit{
			Key: hit.Key, Role: hit.Role, List: hit.List, Kind: hit.Kind, Score: hit.ScoreBasisPoints,
		})
	}
	return in
}

func newAmount(m remit.Money) InputAmount {
	return InputAmount{Currency: m.Asset.Code, Scale: int(m.Asset.Scale), Minor: m.Minor}
}

func newParty(p remit.Party) InputParty {
	return InputParty{Kind: partyKind(p), Country: p.Country, Nationality: p.Nationality}
}

// inputHash names the input and the lists it was made with. encoding/json
// writes struct fields in order and map keys sorted, so equal inputs hash equal.
func inputHash(in PolicyInput, versions map[string]string) (string, error) {
	text, err := json.Marshal(struct {
		Input PolicyInput       `json:"input"`
		Lists map[string]string `json:"lists"`
	}{in, versions})
	if err != nil {
		return "", fmt.Errorf("encode policy input: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
