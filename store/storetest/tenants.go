package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/workflows"
)

func testTenantsIsolated(t *testing.T, w *world) {
	r := w.remittance()
	other := id[remit.TenantID](w, remit.PrefixTenant)
	w.must(w.s.CreateTenant(w.ctx, other, "Other"))
	refused := func(what string, err error) {
		t.Helper()
		if remit.KindOf(err) != remit.KindNotFound {
			t.Fatalf("%s of another tenant: got %v, want not found", what, err)
		}
	}
	_, err := w.s.Quote(w.ctx, other, r.Quote.ID)
	refused("quote", err)
	_, err = w.s.Customer(w.ctx, other, w.customer.ID)
	refused("customer", err)
	_, err = w.s.Beneficiary(w.ctx, other, w.beneficiary.ID)
	refused("beneficiary", err)
	_, err = w.s.Remittance(w.ctx, other, r.ID)
	refused("remittance", err)
	_, err = w.s.RemittanceDetail(w.ctx, other, r.ID)
	refused("detail", err)
	_, err = w.s.Events(w.ctx, other, r.ID, 0, 10)
	refused("events", err)
	_, err = w.s.RequestCancel(w.ctx, other, r.ID)
	refused("cancelation", err)
	n := w.newRemittance()
	n.TenantID = other
	_, err = w.s.CreateRemittance(w.ctx, n)
	refused("people", err)
	feed, err := w.s.Events(w.ctx, other, "", 0, 10)
	w.must(err)
	customers, err := w.s.Customers(w.ctx, other, api.Page{})
	w.must(err)
	remittances, err := w.s.Remittances(w.ctx, other, api.RemittanceFilter{}, api.Page{})
	w.must(err)
	if len(feed)+len(customers)+len(remittances) != 0 {
		t.Fatal("another tenant's lists are not empty")
	}
}

func testQuoteUsedOnce(t *testing.T, w *world) {
	n := w.newRemittance()
	const callers = 50
	ids := make([]remit.RemittanceID, callers)
	for i := range ids {
		ids[i] = id[remit.RemittanceID](w, remit.PrefixRemittance)
	}
	errs := together(callers, func(i int) error {
		mine := n
		mine.ID = ids[i]
		_, err := w.s.CreateRemittance(w.ctx, mine)
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		w.refused(err, remit.KindConflict, remit.ReasonQuoteUsed)
	}
	if won != 1 {
		t.Fatalf("%d remittances used one quote", won)
	}
	q, err := w.s.Quote(w.ctx, w.tenant, n.QuoteID)
	w.must(err)
	if q.RemittanceID == "" {
		t.Fatal("the quote does not say who used it")
	}
	all, err := w.s.PendingNotices(w.ctx, 100)
	w.must(err)
	if len(all) != 1 {
		t.Fatalf("got %d notices, want one", len(all))
	}
}

func testQuoteExpiry(_ *testing.T, w *world) {
	early, late := w.newRemittance(), w.newRemittance()
	w.clock.Advance(15*time.Minute - time.Microsecond)
	_, err := w.s.CreateRemittance(w.ctx, early)
	w.must(err)
	w.clock.Advance(time.Microsecond)
	_, err = w.s.CreateRemittance(w.ctx, late)
	w.refused(err, remit.KindPrecondition, remit.ReasonQuoteExpired)
	// What was made in time stays made.
	_, err = w.s.CreateRemittance(w.ctx, early)
	w.must(err)
	late.QuoteID = "qte_none"
	_, err = w.s.CreateRemittance(w.ctx, late)
	w.refused(err, remit.KindNotFound, "")
}

func testCreateTwice(t *testing.T, w *world) {
	w.must(w.s.CreateTenant(w.ctx, w.tenant, "Again"))
	w.must(w.s.CreateCustomer(w.ctx, w.customer))
	w.must(w.s.CreateBeneficiary(w.ctx, w.beneficiary))
	customer, beneficiary, quote := w.customer, w.beneficiary, w.quote()
	customer.Party.FamilyName = "Other"
	beneficiary.Account = map[string]string{"bank_code": "BPI", "account_number": "1"}
	w.refused(w.s.CreateCustomer(w.ctx, customer), remit.KindConflict, "")
	w.refused(w.s.CreateBeneficiary(w.ctx, beneficiary), remit.KindConflict, "")
	w.must(w.s.CreateQuote(w.ctx, quote))
	quote.Target.Minor++
	w.refused(w.s.CreateQuote(w.ctx, quote), remit.KindConflict, "")

	n := w.newRemittance()
	first, err := w.s.CreateRemittance(w.ctx, n)
	w.must(err)
	again, err := w.s.CreateRemittance(w.ctx, n)
	w.must(err)
	if again.ID != first.ID || len(w.eventTypes(n.ID)) != 1 || len(w.notices(n.ID)) != 1 {
		t.Fatalf("creating twice made two: %+v", again)
	}
	if first.State != remit.StateCreated || first.Funds != remit.FundsNone || first.LastEvent != 1 || !first.CreatedAt.Equal(Start) {
		t.Fatalf("got %+v", first)
	}
	n.QuoteID = w.quote().ID
	_, err = w.s.CreateRemittance(w.ctx, n)
	w.refused(err, remit.KindConflict, "")
}

func testPages(t *testing.T, w *world) {
	var made []remit.RemittanceID
	for range 5 {
		made = append(made, w.remittance().ID)
	}
	_, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: made[2], From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
	})
	w.must(err)
	var got []remit.RemittanceID
	after := ""
	for range 4 {
		page, err := w.s.Remittances(w.ctx, w.tenant, api.RemittanceFilter{}, api.Page{Size: 2, After: after})
		w.must(err)
		for _, r := range page {
			got = append(got, r.ID)
			after = string(r.ID)
		}
	}
	if len(got) != 5 || got[0] != made[4] || got[4] != made[0] {
		t.Fatalf("got %v, want %v backwards", got, made)
	}
	canceled, err := w.s.Remittances(w.ctx, w.tenant, api.RemittanceFilter{State: remit.StateCanceled, Reference: "order-1", CustomerID: w.customer.ID}, api.Page{})
	w.must(err)
	if len(canceled) != 1 || canceled[0].ID != made[2] {
		t.Fatalf("got %v", canceled)
	}
	count := 0
	for _, err := range w.s.AllRemittances(w.ctx) {
		w.must(err)
		count++
	}
	if count != 5 {
		t.Fatalf("the iterator gave %d of 5", count)
	}
	people, err := w.s.Beneficiaries(w.ctx, w.tenant, api.Page{Size: 10})
	w.must(err)
	if len(people) != 1 || people[0].Account["account_number"] != "998877665544" {
		t.Fatalf("got %+v", people)
	}
}

func testCancel(t *testing.T, w *world) {
	r := w.remittance()
	for range 2 {
		_, err := w.s.RequestCancel(w.ctx, w.tenant, r.ID)
		w.must(err)
	}
	notices := w.notices(r.ID)
	if len(notices) != 2 || notices[1].Kind != remit.NoticeCancel {
		t.Fatalf("got %+v, want the start and one cancelation", notices)
	}
	w.fundTreasury(1_950_000_000)
	settling, _ := w.settling()
	_, err := w.s.RequestCancel(w.ctx, w.tenant, settling.ID)
	w.refused(err, remit.KindPrecondition, remit.ReasonNotCancelable)
	_, err = w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
	})
	w.must(err)
	_, err = w.s.RequestCancel(w.ctx, w.tenant, r.ID)
	w.refused(err, remit.KindPrecondition, remit.ReasonNotCancelable)
}

func testIdempotency(t *testing.T, w *world) {
	hash, other := [32]byte{1}, [32]byte{2}
	begin := func(h [32]byte) (api.IdempotencyRecord, error) {
		return w.s.BeginIdempotent(w.ctx, w.tenant, "key-1", "CreateQuote", h)
	}
	first, err := begin(hash)
	w.must(err)
	if first.Done || !first.FirstSeen.Equal(Start) {
		t.Fatalf("got %+v", first)
	}
	_, err = begin(hash)
	w.refused(err, remit.KindConflict, remit.ReasonIdempotencyBusy)
	_, err = begin(other)
	w.refused(err, remit.KindConflict, remit.ReasonIdempotencyReused)
	_, err = w.s.BeginIdempotent(w.ctx, w.tenant, "key-1", "CreateCustomer", hash)
	w.refused(err, remit.KindConflict, remit.ReasonIdempotencyReused)
	// A claim lapses, and the time of the first one stays.
	w.clock.Advance(time.Minute)
	again, err := begin(hash)
	w.must(err)
	if again.Done || !again.FirstSeen.Equal(Start) {
		t.Fatalf("got %+v", again)
	}
	w.must(w.s.FinishIdempotent(w.ctx, w.tenant, "key-1", []byte("the answer")))
	w.must(w.s.FinishIdempotent(w.ctx, w.tenant, "key-1", []byte("another answer")))
	w.must(w.s.ReleaseIdempotent(w.ctx, w.tenant, "key-1"))
	done, err := begin(hash)
	w.must(err)
	if !done.Done || !bytes.Equal(done.Response, []byte("the answer")) || !done.FirstSeen.Equal(Start) {
		t.Fatalf("got %+v", done)
	}
	// A released key takes a mended request.
	_, err = w.s.BeginIdempotent(w.ctx, w.tenant, "key-2", "CreateQuote", hash)
	w.must(err)
	w.must(w.s.ReleaseIdempotent(w.ctx, w.tenant, "key-2"))
	_, err = w.s.BeginIdempotent(w.ctx, w.tenant, "key-2", "CreateQuote", other)
	w.must(err)
	// A lapsed one takes the same request only, and at once.
	w.must(w.s.LapseIdempotent(w.ctx, w.tenant, "key-2"))
	w.clock.Advance(time.Second)
	_, err = w.s.BeginIdempotent(w.ctx, w.tenant, "key-2", "CreateQuote", hash)
	w.refused(err, remit.KindConflict, remit.ReasonIdempotencyReused)
	lapsed, err := w.s.BeginIdempotent(w.ctx, w.tenant, "key-2", "CreateQuote", other)
	w.must(err)
	if lapsed.Done || !lapsed.FirstSeen.Equal(Start.Add(time.Minute)) {
		t.Fatalf("got %+v", lapsed)
	}
	w.must(w.s.LapseIdempotent(w.ctx, w.tenant, "key-1"))
	w.refused(w.s.FinishIdempotent(w.ctx, w.tenant, "key-3", nil), remit.KindNotFound, "")
	n, err := w.s.ForgetIdempotency(w.ctx, Start.Add(time.Second))
	w.must(err)
	if n != 1 {
		t.Fatalf("forgot %d keys, want the first", n)
	}
}

func testIdempotencyRace(t *testing.T, w *world) {
	errs := together(20, func(int) error {
		_, err := w.s.BeginIdempotent(w.ctx, w.tenant, "race", "CreateQuote", [32]byte{1})
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		w.refused(err, remit.KindConflict, remit.ReasonIdempotencyBusy)
	}
	if won != 1 {
		t.Fatalf("%d callers claimed one key", won)
	}
}

func testKeys(t *testing.T, w *world) {
	key := api.Key{
		ID: id[remit.KeyID](w, remit.PrefixKey), TenantID: w.tenant, Name: "backend", Scopes: []api.Scope{api.ScopeRead, api.ScopeWrite},
		ExpiresAt: Start.Add(time.Hour),
	}
	w.must(w.s.CreateKey(w.ctx, key, [32]byte{9}))
	w.refused(w.s.CreateKey(w.ctx, api.Key{ID: "key_2", TenantID: w.tenant}, [32]byte{9}), remit.KindConflict, "")
	got, err := w.s.KeyBySecretHash(w.ctx, [32]byte{9})
	w.must(err)
	if got.ID != key.ID || got.Name != key.Name || len(got.Scopes) != 2 || !got.ExpiresAt.Equal(key.ExpiresAt) || !got.RevokedAt.IsZero() {
		t.Fatalf("got %+v, want %+v", got, key)
	}
	_, err = w.s.KeyBySecretHash(w.ctx, [32]byte{8})
	w.refused(err, remit.KindNotFound, "")
	w.must(w.s.RevokeKey(w.ctx, key.ID))
	got, err = w.s.KeyBySecretHash(w.ctx, [32]byte{9})
	w.must(err)
	if !got.RevokedAt.Equal(Start) {
		t.Fatalf("got %+v, want it revoked", got)
	}
	w.refused(w.s.RevokeKey(w.ctx, "key_none"), remit.KindNotFound, "")
}

func testSubject(t *testing.T, w *world) {
	old := w.remittance()
	canceled := w.remittance()
	_, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: canceled.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
	})
	w.must(err)
	fresh := w.newRemittance() // Its quote is made before it would expire.
	w.clock.Advance(10 * time.Minute)
	recent, err := w.s.CreateRemittance(w.ctx, fresh)
	w.must(err)
	w.clock.Advance(24*time.Hour - 5*time.Minute)
	got, err := w.s.Subject(w.ctx, recent.ID, compliance.GateRelease)
	w.must(err)
	if got.Velocity.Count24h != 0 || got.Velocity.Count30d != 1 || got.Velocity.Amount30d != dollars(20_000) || got.Velocity.Amount24h != dollars(0) {
		t.Fatalf("got %+v", got.Velocity)
	}
	of, err := w.s.Subject(w.ctx, old.ID, compliance.GateRelease)
	w.must(err)
	if of.Velocity.Count24h != 1 || of.Velocity.Amount24h != dollars(20_000) {
		t.Fatalf("got %+v", of.Velocity)
	}
	if got.Customer != w.customer || got.Beneficiary.Account["bank_code"] != "BPI" || got.Gate != compliance.GateRelease || got.Remittance.ID != recent.ID {
		t.Fatalf("got %+v", got)
	}
}
