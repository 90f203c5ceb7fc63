package compliance_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/workflows"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// swapped is a screener whose lists the test changes.
type swapped struct{ *screening.Index }

// desk is a rescreener over a real store and real screening.
type desk struct {
	t       *testing.T
	ctx     context.Context //nolint:containedctx // one test's own
	store   *store.Store
	clock   *remit.FakeClock
	lists   *swapped
	entries []list.Entry
	tenant  remit.TenantID
	serial  int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, ctx: t.Context(), clock: remit.NewFakeClock(morning), lists: &swapped{}}
	vault, err := store.NewFileVault(filepath.Join(t.TempDir(), "vault.key"))
	d.must(err)
	d.store, err = store.Open(d.ctx, store.Options{
		DSN: "sqlite:" + filepath.Join(t.TempDir(), "remit.db"), Clock: d.clock, Vault: vault, Logger: slog.New(slog.DiscardHandler),
	})
	d.must(err)
	t.Cleanup(func() { d.must(d.store.Close()) })
	d.must(d.store.Migrate(d.ctx))
	d.tenant = deskID[remit.TenantID](d, remit.PrefixTenant)
	d.must(d.store.CreateTenant(d.ctx, d.tenant, "Bayan Transfers"))
	d.list("Somebody Unrelated", "x-0")
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func deskID[T ~string](d *desk, prefix string) T {
	d.serial++
	return remit.DeriveID[T](prefix, morning.Add(time.Duration(d.serial)*time.Millisecond), fmt.Sprint(d.serial))
}

// list puts an entry on the list, or in the place of the one with its id.
func (d *desk) list(name, id string) {
	entry := list.Entry{List: "test", ID: id, Kind: list.Person, Names: []list.Name{{Text: name}}, Digest: "digest of " + name}
	d.entries = slices.DeleteFunc(d.entries, func(e list.Entry) bool { return e.ID == id })
	d.entries = append(d.entries, entry)
	d.lists.Index = (screening.FromLists(list.Lists{Lists: []list.List{{Name: "test", Version: fmt.Sprint(d.serial, len(d.entries), name), Entries: slices.Clone(d.entries)}}}))
}

func (d *desk) thresholds() compliance.Thresholds { return compliance.Thresholds{Default: 8_500} }

func (d *desk) version() string { return d.lists.Versions()["test"] }

func (d *desk) rescreener(holder string) *compliance.Rescreener {
	d.t.Helper()
	r, err := compliance.NewRescreener(compliance.RescreenerOptions{
		Store: d.store, Screener: d.lists, ListsVersion: d.version, Thresholds: d.thresholds, Clock: d.clock, Holder: holder,
	})
	d.must(err)
	return r
}

func (d *desk) customer(given, family string) remit.Customer {
	d.t.Helper()
	c := remit.Customer{
		ID: deskID[remit.CustomerID](d, remit.PrefixCustomer), TenantID: d.tenant, Tier: remit.TierVerified,
		Party: remit.Party{GivenName: given, FamilyName: family, Country: "US"},
	}
	d.must(d.store.CreateCustomer(d.ctx, c))
	c.Version = 1
	return c
}

func (d *desk) cases() []compliance.Case {
	d.t.Helper()
	cases, err := d.store.Cases(d.ctx, d.tenant, api.CaseFilter{}, api.CasePage{Size: 100})
	d.must(err)
	return cases
}

// approve has two officers release the hits of a case.
func (d *desk) approve(c compliance.Case) {
	d.t.Helper()
	for _, officer := range []string{"one", "two"} {
		_, err := d.store.DecideCase(d.ctx, d.tenant, c.ID, compliance.Person{
			Actor: compliance.Actor{ID: officer, Name: officer}, Works: true, Decides: true, Blocks: true,
		}, compliance.Verdict{Decision: compliance.CaseApproved, Note: "another person"})
		d.must(err)
	}
}

// TestRescreenOnNewLists: each party is compared once with each state of the
// lists, and told once for each finding.
func TestRescreenOnNewLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 450 {
		d.customer("Alice", fmt.Sprintf("Walker%c%c", 'a'+i%26, 'a'+i/26))
	}
	listed := d.customer("Zoltan", "Quabberfield")
	r := d.rescreener("one")
	d.must(r.Pass(d.ctx))
	first, err := d.store.NewestRescreen(d.ctx)
	d.must(err)
	if first.Screened != 451 || first.Alerted != 0 || first.FinishedAt.IsZero() || len(d.cases()) != 0 {
		t.Fatalf("the first rescreen is %+v with %d cases", first, len(d.cases()))
	}
	d.must(r.Pass(d.ctx))
	if again, err := d.store.NewestRescreen(d.ctx); err != nil || again.Number != first.Number {
		t.Errorf("without a change there was a rescreen more: %+v %v", again, err)
	}
	d.list("Zoltan Quabberfield", "x-1")
	d.must(r.Pass(d.ctx))
	cases := d.cases()
	if len(cases) != 1 || cases[0].CustomerID != listed.ID || cases[0].Kind != compliance.CaseKindRescreen || len(cases[0].Hits) != 1 ||
		cases[0].Inbox != compliance.InboxSanctions {
		t.Fatalf("cases after the name was listed: %+v", cases)
	}
	d.list("Another Unrelated", "x-2")
	d.must(r.Pass(d.ctx))
	if now := d.cases(); len(now) != 1 || now[0].AlertCount != 1 {
		t.Errorf("the same finding was told again: %+v", now)
	}
}

// TestReleaseIsRemembered until the party or the entry changes.
func TestReleaseIsRemembered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.customer("Zoltan", "Quabberfield")
	d.list("Zoltan Quabberfield", "x-1")
	r := d.rescreener("one")
	d.must(r.Pass(d.ctx))
	d.approve(d.cases()[0])
	released, err := d.store.ReleasedHits(d.ctx, d.tenant, string(c.ID))
	d.must(err)
	if len(released) != 1 {
		t.Fatalf("%d hits are released, want 1", len(released))
	}
	d.list("Another Unrelated", "x-2")
	d.must(r.Pass(d.ctx))
	if n := len(d.cases()); n != 1 {
		t.Errorf("%d cases after an unrelated change of the lists, want 1", n)
	}

	c.Party.DateOfBirth = "1990-02-03"
	c, err = d.store.UpdateCustomer(d.ctx, c, "desk")
	d.must(err)
	d.must(r.Pass(d.ctx))
	if n := len(d.cases()); n != 2 {
		t.Fatalf("%d cases after the customer changed, want another", n)
	}
	if released, err = d.store.ReleasedHits(d.ctx, d.tenant, string(c.ID)); err != nil || len(released) != 0 {
		t.Errorf("a release of what the customer was holds still: %v %v", released, err)
	}
	d.approve(d.cases()[0])

	d.list("Zoltan Quabberfield Junior", "x-1")
	d.must(r.Pass(d.ctx))
	if n := len(d.cases()); n != 3 {
		t.Errorf("%d cases after the entry changed, want another", n)
	}
}

// TestUnscreenedIsNotSilent: who cannot be compared is told, once for each state.
func TestUnscreenedIsNotSilent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.customer("᚛ᚈᚑᚋ", "ᚄᚉᚑᚈᚈ᚜")
	r := d.rescreener("one")
	d.must(r.Pass(d.ctx))
	d.list("Another Unrelated", "x-2")
	d.must(r.Pass(d.ctx))
	cases := d.cases()
	if len(cases) != 1 || cases[0].AlertCount != 1 || !slices.Contains(cases[0].Reasons, remit.ReasonScreeningDown) {
		t.Errorf("got %+v, want one alert that says so", cases)
	}
}

// TestErasedPartiesAreLeftOut: there is nobody left to compare.
func TestErasedPartiesAreLeftOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.customer("Zoltan", "Quabberfield")
	d.must(d.store.ErasePerson(d.ctx, "customers/"+string(c.ID)))
	d.list("Zoltan Quabberfield", "x-1")
	d.must(d.rescreener("one").Pass(d.ctx))
	if n := len(d.cases()); n != 0 {
		t.Errorf("%d cases about an erased customer", n)
	}
}

// TestRescreenResumes where a process that died had left it, and by one process
// at a time.
func TestRescreenResumes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []string
	for i := range 230 {
		ids = append(ids, string(d.customer("Alice", fmt.Sprintf("Walker%c%c", 'a'+i%26, 'a'+i/26)).ID))
	}
	begun, err := d.store.BeginRescreen(d.ctx, d.version())
	d.must(err)
	begun.After, begun.Screened, begun.MovedAt = ids[199], 200, d.clock.Now()
	d.must(d.store.SaveRescreen(d.ctx, begun))
	if mine, err := d.store.TakeLease(d.ctx, "rescreen", "the dead", d.clock.Now().Add(time.Minute)); err != nil || !mine {
		t.Fatal(mine, err)
	}
	r := d.rescreener("the living")
	d.must(r.Pass(d.ctx))
	if now, err := d.store.NewestRescreen(d.ctx); err != nil || now.Screened != 200 {
		t.Errorf("two processes work at once: %+v %v", now, err)
	}
	d.clock.Advance(time.Minute)
	d.must(r.Pass(d.ctx))
	now, err := d.store.NewestRescreen(d.ctx)
	d.must(err)
	if now.Number != begun.Number || now.Screened != 230 || now.FinishedAt.IsZero() {
		t.Errorf("it ended as %+v, want the 30 that were left", now)
	}
}

// TestOlderListsStandBack: a process whose lists are older than those that another
// one rescreened with does nothing.
func TestOlderListsStandBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.customer("Zoltan", "Quabberfield")
	d.must(d.rescreener("old").Pass(d.ctx))
	newer, err := d.store.BeginRescreen(d.ctx, "lists that only another process has")
	d.must(err)
	d.clock.Advance(time.Hour)
	d.must(d.rescreener("restarted").Pass(d.ctx))
	if now, err := d.store.NewestRescreen(d.ctx); err != nil || now.Number != newer.Number {
		t.Errorf("a process with older lists began %+v (%v)", now, err)
	}
}

// TestPayoutIsFrozen: the workflow of a remittance under way is told, the gate
// that has still to decide leaves out nothing, and what was released passes.
func TestPayoutIsFrozen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.customer("Alice", "Walker")
	b := remit.Beneficiary{
		ID: deskID[remit.BeneficiaryID](d, remit.PrefixBeneficiary), TenantID: d.tenant, Method: remit.PayoutCash,
		Party: remit.Party{GivenName: "Zoltan", FamilyName: "Quabberfield", Country: "PH"},
	}
	d.must(d.store.CreateBeneficiary(d.ctx, b))
	send := func() remit.Remittance {
		usd := remit.MustFiat("USD")
		q := remit.Quote{
			ID: deskID[remit.QuoteID](d, remit.PrefixQuote), TenantID: d.tenant, Corridor: "US-PH", From: "US", To: "PH", Payout: remit.PayoutCash,
			SourceTotal: remit.NewMoney(usd, 20_000), PayoutProvider: "sandbox", ExpiresAt: d.clock.Now().Add(time.Hour),
		}
		d.must(d.store.CreateQuote(d.ctx, q))
		r, err := d.store.CreateRemittance(d.ctx, api.NewRemittance{
			ID: deskID[remit.RemittanceID](d, remit.PrefixRemittance), TenantID: d.tenant, QuoteID: q.ID, CustomerID: c.ID, BeneficiaryID: b.ID,
		})
		d.must(err)
		return r
	}
	r, ended := send(), send()
	_, err := d.store.Apply(d.ctx, workflows.Move{
		Remittance: ended.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
	})
	d.must(err)
	d.list("Zoltan Quabberfield", "x-1")
	worker := d.rescreener("one")
	d.must(worker.Pass(d.ctx))
	cases := d.cases()
	if len(cases) != 1 || cases[0].RemittanceID != r.ID || len(cases[0].Hits) != 1 {
		t.Fatalf("got %+v, want one case about the remittance under way", cases)
	}
	freezes := func() (n int) {
		notices, err := d.store.PendingNotices(d.ctx, 100)
		d.must(err)
		for _, notice := range notices {
			if notice.Kind == remit.NoticeFreeze {
				n++
				if notice.RemittanceID != r.ID || notice.Ref != string(cases[0].ID) {
					t.Errorf("the notice is %+v", notice)
				}
			}
		}
		return n
	}
	if n := freezes(); n != 1 {
		t.Errorf("%d notices to freeze, want 1", n)
	}
	d.list("Another Unrelated", "x-2")
	d.must(worker.Pass(d.ctx))
	if n := freezes(); n != 1 {
		t.Errorf("%d notices after an unrelated change, want 1", n)
	}
	d.approve(cases[0])
	next := send()
	subject, err := d.store.Subject(d.ctx, next.ID, compliance.GateIntake)
	d.must(err)
	if !slices.Contains(subject.Approved, cases[0].Hits[0].Key) {
		t.Errorf("the next remittance to the beneficiary does not know the release: %v", subject.Approved)
	}
	other := subject
	other.Beneficiary.ID = deskID[remit.BeneficiaryID](d, remit.PrefixBeneficiary)
	found, err := d.lists.Screen(d.ctx, compliance.ScreenQuery{Role: compliance.RoleBeneficiary, PartyID: string(other.Beneficiary.ID), Kind: compliance.PartyPerson, Names: []string{"Zoltan Quabberfield"}})
	d.must(err)
	if len(found.Hits) == 0 || slices.Contains(subject.Approved, found.Hits[0].Key) {
		t.Error("a release holds for another party of the same name")
	}
}
