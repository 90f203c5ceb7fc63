package compliance_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
	"github.com/openremit/remit/compliance/screening"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// subject is a remittance that both gates allow.
func subject() compliance.Subject {
	usd := remit.MustFiat("USD")
	return compliance.Subject{
		Gate: compliance.GateIntake,
		Remittance: remit.Remittance{
			ID: remit.DeriveID[remit.RemittanceID](remit.PrefixRemittance, noon, "1"),
			Quote: remit.Quote{
				Corridor: "US-PH", From: "US", To: "PH", Funding: remit.FundingBankDebit, Payout: remit.PayoutBank,
				SourceTotal: remit.NewMoney(usd, 20_399),
			},
		},
		Customer: remit.Customer{
			ID: "cus_1", Tier: remit.TierBasic,
			Party: remit.Party{GivenName: "Jane", FamilyName: "Doe", DateOfBirth: "1990-04-04", Country: "US"},
		},
		Beneficiary: remit.Beneficiary{
			ID: "ben_1", Method: remit.PayoutBank,
			Party:   remit.Party{GivenName: "Maria", FamilyName: "Santos", Country: "PH"},
			Account: map[string]string{"bank_code": "BDO", "account_number": "0012345678"},
		},
		Velocity: compliance.Velocity{Amount24h: remit.NewMoney(usd, 0), Amount30d: remit.NewMoney(usd, 0)},
		At:       noon,
	}
}

func rules(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Default(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func lists(t testing.TB) *screening.Lists {
	t.Helper()
	index, err := screening.Sample()
	if err != nil {
		t.Fatal(err)
	}
	return screening.NewLists(index)
}

func gate(t testing.TB) *compliance.Gatekeeper {
	return compliance.NewGate(lists(t), rules(t), remit.NewFakeClock(noon), slog.New(slog.DiscardHandler))
}

func decide(t testing.TB, g compliance.Decider, s compliance.Subject) compliance.Decision {
	t.Helper()
	d, err := g.Decide(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	g := gate(t)
	usd := remit.MustFiat("USD")
	for _, tt := range []struct {
		why     string
		change  func(*compliance.Subject)
		outcome compliance.Outcome
		reason  remit.Reason
	}{
		{"ordinary", func(*compliance.Subject) {}, compliance.OutcomeAllow, ""},
		{"ordinary at release", func(s *compliance.Subject) { s.Gate = compliance.GateRelease }, compliance.OutcomeAllow, ""},
		{"no tier", func(s *compliance.Subject) { s.Customer.Tier = remit.TierNone }, compliance.OutcomeReject, remit.ReasonKYCRequired},
		{"at the limit", func(s *compliance.Subject) { s.Remittance.Quote.SourceTotal.Minor = 50_000 }, compliance.OutcomeAllow, ""},
		{"over the limit", func(s *compliance.Subject) { s.Remittance.Quote.SourceTotal.Minor = 50_001 },
			compliance.OutcomeReject, remit.ReasonKYCLimitExceeded},
		{"over thirty days", func(s *compliance.Subject) {
			s.Velocity.Count30d, s.Velocity.Amount30d = 3, remit.NewMoney(usd, 90_000)
		}, compliance.OutcomeReject, remit.ReasonKYCLimitExceeded},
		{"too many in a day", func(s *compliance.Subject) {
			s.Velocity.Count24h, s.Velocity.Count30d = 10, 10
		}, compliance.OutcomeReview, remit.ReasonVelocityExceeded},
		{"currency without limits", func(s *compliance.Subject) {
			s.Remittance.Quote.SourceTotal = remit.NewMoney(remit.MustFiat("CHF"), 100)
			s.Velocity = compliance.Velocity{}
		}, compliance.OutcomeReview, compliance.ReasonLimitsUnknown},
		{"velocity in another currency", func(s *compliance.Subject) {
			s.Velocity.Count30d, s.Velocity.Amount30d = 1, remit.NewMoney(remit.MustFiat("EUR"), 100)
		}, compliance.OutcomeReview, remit.ReasonPolicyUndecided},
		{"embargoed destination", func(s *compliance.Subject) { s.Remittance.Quote.To = "KP" },
			compliance.OutcomeReject, compliance.ReasonCountryEmbargoed},
		{"beneficiary in an embargoed country", func(s *compliance.Subject) { s.Beneficiary.Party.Country = "CU" },
			compliance.OutcomeReject, compliance.ReasonCountryEmbargoed},
		{"listed originator", func(s *compliance.Subject) {
			s.Customer.Party = remit.Party{GivenName: "Viktor", FamilyName: "Bout", Country: "US"}
		}, compliance.OutcomeReview, remit.ReasonSanctionsHit},
		{"listed beneficiary", func(s *compliance.Subject) {
			s.Beneficiary.Party = remit.Party{GivenName: "Joaquin", FamilyName: "Guzman Loera", Country: "PH"}
		}, compliance.OutcomeReview, remit.ReasonSanctionsHit},
		{"name, birth date and country of a listed person at release", func(s *compliance.Subject) {
			s.Gate = compliance.GateRelease
			s.Beneficiary.Party = remit.Party{GivenName: "Joaquin", FamilyName: "Guzman Loera", DateOfBirth: "1954-12-25", Country: "MX"}
		}, compliance.OutcomeReview, remit.ReasonSanctionsHit},
		{"same name, other birth date", func(s *compliance.Subject) {
			s.Beneficiary.Party = remit.Party{GivenName: "Joaquin", FamilyName: "Guzman Loera", DateOfBirth: "1999-12-25", Country: "PH"}
		}, compliance.OutcomeAllow, ""},
		{"listed company", func(s *compliance.Subject) { s.Beneficiary.Party.CompanyName = "Bank Melli" },
			compliance.OutcomeReview, remit.ReasonSanctionsHit},
		{"listed person behind a company", func(s *compliance.Subject) {
			s.Beneficiary.Party = remit.Party{GivenName: "Viktor", FamilyName: "Bout", CompanyName: "Sunny Day Bakery", Country: "PH"}
		}, compliance.OutcomeReview, remit.ReasonSanctionsHit},
		{"listed wallet", func(s *compliance.Subject) {
			s.Remittance.Quote.Payout, s.Beneficiary.Method = remit.PayoutWallet, remit.PayoutWallet
			s.Beneficiary.Account = map[string]string{"address": "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"}
		}, compliance.OutcomeBlock, remit.ReasonSanctionsMatch},
		{"nameless beneficiary", func(s *compliance.Subject) { s.Beneficiary.Party = remit.Party{Country: "PH"} },
			compliance.OutcomeReview, remit.ReasonScreeningDown},
		{"name in a script nobody reads", func(s *compliance.Subject) { s.Customer.Party.FamilyName = "မောင်" },
			compliance.OutcomeReview, remit.ReasonScreeningDown},
		{"no quote", func(s *compliance.Subject) { s.Remittance.Quote = remit.Quote{} }, compliance.OutcomeReview, remit.ReasonPolicyUndecided},
		{"no customer", func(s *compliance.Subject) { s.Customer = remit.Customer{} }, compliance.OutcomeReject, remit.ReasonKYCRequired},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			s := subject()
			tt.change(&s)
			d := decide(t, g, s)
			if d.Outcome != tt.outcome {
				t.Errorf("outcome is %s %v, want %s", d.Outcome, d.Reasons, tt.outcome)
			}
			if tt.reason == "" && len(d.Reasons) != 0 || tt.reason != "" && !slices.Contains(d.Reasons, tt.reason) {
				t.Errorf("reasons are %v, want %q", d.Reasons, tt.reason)
			}
		})
	}
}

func TestReleasedHitsDoNotStopAgain(t *testing.T) {
	t.Parallel()
	g := gate(t)
	s := subject()
	s.Customer.Party = remit.Party{GivenName: "Viktor", FamilyName: "Bout", Country: "US"}
	first := decide(t, g, s)
	if first.Outcome != compliance.OutcomeReview || len(first.Hits) == 0 {
		t.Fatalf("the listed name gives %s with %d hits", first.Outcome, len(first.Hits))
	}
	for _, hit := range first.Hits {
		s.Approved = append(s.Approved, hit.Key)
	}
	if again := decide(t, g, s); again.Outcome != compliance.OutcomeAllow || len(again.Hits) != 0 {
		t.Errorf("with the hits released: %s %v", again.Outcome, again.Reasons)
	}
	s.Customer.Party.DateOfBirth = "1967-01-13"
	if changed := decide(t, g, s); changed.Outcome != compliance.OutcomeReview {
		t.Errorf("with the party changed: %s, want the release to lapse", changed.Outcome)
	}
	s.Customer.Party.DateOfBirth = ""
	s.Customer.ID = "cus_2"
	if other := decide(t, g, s); other.Outcome != compliance.OutcomeReview {
		t.Errorf("for another customer: %s, want the release not to hold", other.Outcome)
	}
}

func TestReplayGivesTheSameDecision(t *testing.T) {
	t.Parallel()
	s := subject()
	s.Customer.Party = remit.Party{GivenName: "Viktor", FamilyName: "Bout", Country: "US"}
	first, again := decide(t, gate(t), s), decide(t, gate(t), s)
	if !reflect.DeepEqual(first, again) {
		t.Errorf("decisions differ:\n%+v\n%+v", first, again)
	}
	if _, err := remit.ParseID[remit.DecisionID](remit.PrefixDecision, "id", string(first.ID)); err != nil {
		t.Error(err)
	}
	if first.PolicyHash == "" || first.InputHash == "" || first.ListVersions["ofac-sdn"] == "" || !first.At.Equal(noon) {
		t.Errorf("the decision cannot be replayed: %+v", first)
	}
	for what, change := range map[string]func(*compliance.Subject){
		"gate":   func(s *compliance.Subject) { s.Gate = compliance.GateRelease },
		"time":   func(s *compliance.Subject) { s.At = noon.Add(time.Second) },
		"amount": func(s *compliance.Subject) { s.Remittance.Quote.SourceTotal.Minor++ },
	} {
		other := s
		change(&other)
		if decide(t, gate(t), other).ID == first.ID {
			t.Errorf("the id stays when the %s changes", what)
		}
	}
}

func TestListsVersionChangesWithListsAndPolicy(t *testing.T) {
	t.Parallel()
	held, p := lists(t), rules(t)
	g := compliance.NewGate(held, p, remit.NewFakeClock(noon), slog.New(slog.DiscardHandler))
	first := g.ListsVersion()
	if first != gate(t).ListsVersion() {
		t.Error("the version differs for the same lists and policy")
	}
	text := map[string]string{"remit/gate.rego": "package remit.gate\ndecision := {\"outcome\": \"rfi\", \"reasons\": [\"X\"]}"}
	if err := p.Swap(t.Context(), text, nil); err != nil {
		t.Fatal(err)
	}
	if g.ListsVersion() == first {
		t.Error("the version stays when the policy changes")
	}
	empty := compliance.NewGate(screening.NewLists(nil), rules(t), remit.NewFakeClock(noon), slog.New(slog.DiscardHandler))
	if empty.ListsVersion() == first {
		t.Error("the version is the same without lists")
	}
}

// screener and ruler answer as a test wants.
type screener struct {
	screen func() (compliance.Screening, error)
}

func (s screener) Screen(context.Context, ...compliance.ScreenQuery) (compliance.Screening, error) {
	return s.screen()
}
func (s screener) Versions() map[string]string { return map[string]string{"test": "1"} }

type ruler struct {
	evaluate func() (compliance.Ruling, error)
}

func (r ruler) Evaluate(context.Context, compliance.PolicyInput) (compliance.Ruling, error) {
	return r.evaluate()
}
func (r ruler) Hash() string { return "test" }

func TestWhatCannotBeHadIsReview(t *testing.T) {
	t.Parallel()
	allow := func() (compliance.Ruling, error) { return compliance.Ruling{Outcome: compliance.OutcomeAllow}, nil }
	clean := func() (compliance.Screening, error) { return compliance.Screening{}, nil }
	for _, tt := range []struct {
		why     string
		screen  func() (compliance.Screening, error)
		rule    func() (compliance.Ruling, error)
		outcome compliance.Outcome
		reason  remit.Reason
	}{
		{"all there", clean, allow, compliance.OutcomeAllow, ""},
		{"screening down, policy careless", func() (compliance.Screening, error) { return compliance.Screening{}, errors.New("down") },
			allow, compliance.OutcomeReview, remit.ReasonScreeningDown},
		{"one party unscreened, policy careless", func() (compliance.Screening, error) {
			return compliance.Screening{Unscreened: []string{"beneficiary"}}, nil
		}, allow, compliance.OutcomeReview, remit.ReasonScreeningDown},
		{"zero ruling", clean, func() (compliance.Ruling, error) { return compliance.Ruling{}, nil },
			compliance.OutcomeReview, remit.ReasonPolicyUndecided},
		{"policy error with allow", clean, func() (compliance.Ruling, error) {
			return compliance.Ruling{Outcome: compliance.OutcomeAllow}, errors.New("broken")
		}, compliance.OutcomeReview, remit.ReasonPolicyUndecided},
		{"screening down does not soften a reject", func() (compliance.Screening, error) { return compliance.Screening{}, errors.New("down") },
			func() (compliance.Ruling, error) {
				return compliance.Ruling{Outcome: compliance.OutcomeReject, Reasons: []remit.Reason{"X"}}, nil
			}, compliance.OutcomeReject, remit.ReasonScreeningDown},
	} {
		g := compliance.NewGate(screener{tt.screen}, ruler{tt.rule}, remit.NewFakeClock(noon), slog.New(slog.DiscardHandler))
		d := decide(t, g, subject())
		if d.Outcome != tt.outcome || tt.reason != "" && !slices.Contains(d.Reasons, tt.reason) {
			t.Errorf("%s: %s %v, want %s %s", tt.why, d.Outcome, d.Reasons, tt.outcome, tt.reason)
		}
	}
}

func TestInterruptedGateDecidesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d, err := gate(t).Decide(ctx, subject()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("decision %s, error %v, want unavailable", d.Outcome, err)
	}
	s := subject()
	s.Gate = ""
	if _, err := gate(t).Decide(t.Context(), s); remit.KindOf(err) != remit.KindInvalid {
		t.Errorf("error is %v, want invalid", err)
	}
}

func TestNoPersonalDataInLogsAndDecisions(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g := compliance.NewGate(lists(t), rules(t), remit.NewFakeClock(noon), slog.New(slog.NewJSONHandler(&log, nil)))
	s := subject()
	s.Customer.Party = remit.Party{GivenName: "Joaquin Xyzzy", FamilyName: "Guzman Loera", DateOfBirth: "1954-12-26", Country: "US", Phone: "+1555"}
	s.Beneficiary.Party.GivenName = "မာရီယာ"
	d := decide(t, g, s)
	if !strings.Contains(log.String(), string(s.Remittance.ID)) {
		t.Errorf("the log does not tell of the unscreened party: %q", log.String())
	}
	text := log.String() + strings.Join(d.Hits[0].Why, " ") + d.Hits[0].Key
	for _, private := range []string{"xyzzy", "Xyzzy", "1954-12-26", "+1555", "မာရီယာ", "Santos", "0012345678"} {
		if strings.Contains(text, private) {
			t.Errorf("%q is told: %s", private, text)
		}
	}
}

func TestSeverityHasOneOrder(t *testing.T) {
	t.Parallel()
	want := []compliance.Outcome{
		compliance.OutcomeAllow, compliance.OutcomeRFI, compliance.OutcomeReview, compliance.OutcomeReject, compliance.OutcomeBlock,
	}
	if !slices.IsSortedFunc(want, func(a, b compliance.Outcome) int { return a.Severity() - b.Severity() }) {
		t.Error("severities do not rise")
	}
	for _, none := range []compliance.Outcome{"", "approve"} {
		if none.Valid() || none.Severity() != compliance.OutcomeReview.Severity() || none.AtLeast(compliance.OutcomeAllow) != compliance.OutcomeReview {
			t.Errorf("%q is not as severe as review", none)
		}
	}
}

// BenchmarkDecide decides on the whole list where the shared data are, and on
// the sample elsewhere; the parties have many like them on the list.
func BenchmarkDecide(b *testing.B) {
	held := lists(b)
	for dir := "."; len(dir) < 30; dir = filepath.Join(dir, "..") {
		data := filepath.Join(dir, "shared", "data", "sanctions", "ofac-sdn-2023-12-28")
		if _, err := os.Stat(data); err != nil {
			continue
		}
		if _, err := held.Reload(os.DirFS(data)); err != nil {
			b.Fatal(err)
		}
		break
	}
	g := compliance.NewGate(held, rules(b), remit.NewFakeClock(noon), slog.New(slog.DiscardHandler))
	s := subject()
	names := [][2]string{{"Maria", "Santos"}, {"Mohammed", "Ali"}, {"Jane", "Doe"}, {"Ali", "Hassan"}, {"Fatima", "Begum"}, {"Juan", "dela Cruz"}}
	var took []time.Duration
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		given, taken := names[i%len(names)], names[(i/len(names))%len(names)]
		s.Customer.Party.GivenName, s.Customer.Party.FamilyName = given[0], given[1]
		s.Beneficiary.Party.GivenName, s.Beneficiary.Party.FamilyName = taken[0], taken[1]
		started := time.Now()
		if _, err := g.Decide(b.Context(), s); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// noting is a screener that notes what it is asked.
type noting struct {
	compliance.Screener
	asked []compliance.ScreenQuery
}

func (n *noting) Screen(ctx context.Context, queries ...compliance.ScreenQuery) (compliance.Screening, error) {
	n.asked = append(n.asked, queries...)
	return n.Screener.Screen(ctx, queries...)
}

// TestMuxedWallets: each Stellar account has many muxed addresses, and lists
// name the account.
func TestMuxedWallets(t *testing.T) {
	t.Parallel()
	const account, muxed = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAE2JUG6"
	asked := &noting{Screener: lists(t)}
	s := subject()
	s.Beneficiary.Account = map[string]string{"address": muxed}
	decide(t, compliance.NewGate(asked, rules(t), remit.NewFakeClock(noon), slog.New(slog.DiscardHandler)), s)
	var wallets []string
	for _, q := range asked.asked {
		wallets = append(wallets, q.Wallets...)
	}
	if !slices.Contains(wallets, muxed) || !slices.Contains(wallets, account) {
		t.Errorf("screened the wallets %q, want %s and the account behind it, %s", wallets, muxed, account)
	}
}
