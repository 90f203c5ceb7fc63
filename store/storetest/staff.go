package storetest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// hire adds a member of staff of the world's tenant.
func (w *world) hire(name string, role compliance.Role, change ...func(*api.NewStaff)) compliance.Staff {
	w.t.Helper()
	n := api.NewStaff{
		ID: id[remit.StaffID](w, remit.PrefixStaff), TenantID: w.tenant, Name: name, Email: name + "@bayan.example", Role: role,
		PasswordHash: "hash of " + name, TOTPSecret: []byte("12345678901234567890"),
	}
	for _, c := range change {
		c(&n)
	}
	staff, err := w.s.CreateStaff(w.ctx, n)
	w.must(err)
	return staff
}

// secretHash is a stored form of a secret.
func secretHash(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// challenge stores a challenge for a person and returns its hash.
func (w *world) challenge(staff remit.StaffID, kind api.ChallengeKind) [32]byte {
	w.t.Helper()
	hash := secretHash(fmt.Sprint("challenge", w.serial.Add(1)))
	w.must(w.s.CreateChallenge(w.ctx, api.StaffChallenge{
		Hash: hash, Kind: kind, StaffID: staff, Secret: []byte("remember"), Client: "192.0.2.1", ExpiresAt: w.clock.Now().Add(compliance.ChallengeLife),
	}))
	return hash
}

// signedIn is a sign-in by a code of a step.
func (w *world) signedIn(staff remit.StaffID, step int64) api.SignedIn {
	w.t.Helper()
	n := w.serial.Add(1)
	return api.SignedIn{
		StaffID: staff, SessionID: id[remit.SessionID](w, remit.PrefixSession), TokenHash: secretHash(fmt.Sprint("token", n)),
		Challenge: w.challenge(staff, api.ChallengeTOTP), Method: "totp", TOTPStep: step,
		Audit: compliance.AuditEntry{TenantID: w.tenant, Phase: compliance.AuditFact, Act: "staff.sign_in", Outcome: compliance.AuditDone},
	}
}

func (w *world) auditLength() int64 {
	w.t.Helper()
	report, err := w.s.VerifyAudit(w.ctx)
	w.must(err)
	if !report.Clean() {
		w.t.Fatalf("audit findings: %q", report.Findings)
	}
	return report.Records
}

func testStaff(t *testing.T, w *world) {
	one := w.hire("zoe", compliance.RoleAnalyst)
	two := w.hire("amy", compliance.RoleMLRO, func(n *api.NewStaff) { n.TOTPSecret, n.MustChangePassword = nil, true })
	if one.Email != "zoe@bayan.example" || !one.HasTOTP || two.HasTOTP || !two.MustChangePassword || one.MustChangePassword || !one.CreatedAt.Equal(Start) {
		t.Errorf("got %+v and %+v", one, two)
	}
	list, err := w.s.Staff(w.ctx, w.tenant)
	w.must(err)
	if len(list) != 2 || list[0].ID != two.ID || list[1].ID != one.ID {
		t.Errorf("got %+v", list)
	}
	a, err := w.s.StaffByEmail(w.ctx, " ZOE@Bayan.Example")
	w.must(err)
	if a.ID != one.ID || string(a.TOTPSecret) != "12345678901234567890" || a.PasswordHash != "hash of zoe" || !a.PasswordUntil.IsZero() {
		t.Errorf("got %+v", a)
	}
	b, err := w.s.StaffByID(w.ctx, two.ID)
	w.must(err)
	if b.TOTPSecret != nil || !b.PasswordUntil.Equal(Start.Add(compliance.OneTimePasswordLife)) {
		t.Errorf("got %+v", b)
	}
	_, err = w.s.StaffByEmail(w.ctx, "nobody@bayan.example")
	w.refused(err, remit.KindNotFound, "")

	// The same person again renews the first password; another with the address is refused.
	again := api.NewStaff{ID: two.ID, TenantID: w.tenant, Name: "amy", Email: "amy@bayan.example", Role: compliance.RoleMLRO, PasswordHash: "new", MustChangePassword: true}
	_, err = w.s.CreateStaff(w.ctx, again)
	w.must(err)
	if b, err = w.s.StaffByID(w.ctx, two.ID); err != nil || b.PasswordHash != "new" {
		t.Errorf("got %+v and %v", b, err)
	}
	again.ID = id[remit.StaffID](w, remit.PrefixStaff)
	again.Email = "AMY@bayan.example"
	_, err = w.s.CreateStaff(w.ctx, again)
	w.refused(err, remit.KindConflict, "")
	again.ID, again.Email = two.ID, "other@bayan.example"
	_, err = w.s.CreateStaff(w.ctx, again)
	w.refused(err, remit.KindConflict, "")

	// Other tenants see nobody.
	other := id[remit.TenantID](w, remit.PrefixTenant)
	w.must(w.s.CreateTenant(w.ctx, other, "Other"))
	if list, err := w.s.Staff(w.ctx, other); err != nil || len(list) != 0 {
		t.Errorf("got %v and %v", list, err)
	}
	role := compliance.RoleAuditor
	_, err = w.s.ChangeStaff(w.ctx, other, one.ID, api.StaffChange{Role: &role})
	w.refused(err, remit.KindNotFound, "")
	_, err = w.s.ResetStaff(w.ctx, other, one.ID, "x")
	w.refused(err, remit.KindNotFound, "")
}

// testLastMLRO has two MLROs demote each other at once: one must stay.
func testLastMLRO(t *testing.T, w *world) {
	one, two := w.hire("one", compliance.RoleMLRO), w.hire("two", compliance.RoleMLRO)
	yes, role := true, compliance.RoleOfficer
	// One who is suspended does not count.
	_, err := w.s.ChangeStaff(w.ctx, w.tenant, w.hire("three", compliance.RoleMLRO).ID, api.StaffChange{Suspended: &yes})
	w.must(err)
	errs := make([]error, 2)
	var group sync.WaitGroup
	for i, person := range []compliance.Staff{one, two} {
		group.Go(func() {
			change := api.StaffChange{Role: &role}
			if i == 1 {
				change = api.StaffChange{Suspended: &yes}
			}
			_, errs[i] = w.s.ChangeStaff(w.ctx, w.tenant, person.ID, change)
		})
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("got %v and %v, want one refused", errs[0], errs[1])
	}
	w.refused(errs[slices.IndexFunc(errs, func(err error) bool { return err != nil })], remit.KindPrecondition, remit.ReasonStateConflict)
}

func testSessions(t *testing.T, w *world) {
	p := w.hire("zoe", compliance.RoleOfficer)
	n := w.signedIn(p.ID, 100)
	firstToken := n.TokenHash
	x, err := w.s.OpenSession(w.ctx, n)
	w.must(err)
	if x.ID != n.SessionID || x.Staff.ID != p.ID || x.Staff.Role != compliance.RoleOfficer || x.TenantName != "Bayan Transfers" || x.Method != "totp" ||
		!x.ExpiresAt.Equal(Start.Add(12*time.Hour)) || !x.SeenAt.Equal(Start) {
		t.Errorf("got %+v", x)
	}
	if got := w.auditLength(); got != 1 {
		t.Errorf("got %d records, want 1", got)
	}
	later := Start.Add(10 * time.Minute)
	w.must(w.s.TouchSession(w.ctx, x.ID, later))
	w.must(w.s.TouchSession(w.ctx, x.ID, Start)) // Late, and without effect.
	if x, err = w.s.SessionByTokenHash(w.ctx, n.TokenHash); err != nil || !x.SeenAt.Equal(later) {
		t.Errorf("got %+v and %v", x, err)
	}
	if a, err := w.s.StaffByID(w.ctx, p.ID); err != nil || a.TOTPStep != 100 || !a.LastSignInAt.Equal(Start) {
		t.Errorf("got %+v and %v", a, err)
	}
	// The challenge and the step are used.
	n.TokenHash = secretHash("other")
	_, err = w.s.OpenSession(w.ctx, n)
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)
	for step, want := range map[int64]bool{99: false, 100: false} {
		_, err = w.s.OpenSession(w.ctx, w.signedIn(p.ID, step))
		if (err == nil) != want {
			t.Errorf("step %d: got %v", step, err)
		}
	}
	if got := w.auditLength(); got != 1 {
		t.Errorf("a refused sign-in left a record: %d", got)
	}
	second := w.signedIn(p.ID, 101)
	y, err := w.s.OpenSession(w.ctx, second)
	w.must(err)
	w.must(w.s.ChangePassword(w.ctx, p.ID, "hash of zoe", "next", y.ID))
	_, err = w.s.SessionByTokenHash(w.ctx, firstToken)
	w.refused(err, remit.KindNotFound, "")
	if _, err := w.s.SessionByTokenHash(w.ctx, second.TokenHash); err != nil {
		t.Errorf("the session that changed the password ended: %v", err)
	}
	w.refused(w.s.ChangePassword(w.ctx, p.ID, "hash of zoe", "third", y.ID), remit.KindConflict, "")
	w.must(w.s.EndSession(w.ctx, y.ID))
	w.must(w.s.EndSession(w.ctx, y.ID))
	_, err = w.s.SessionByTokenHash(w.ctx, second.TokenHash)
	w.refused(err, remit.KindNotFound, "")
}

func testReset(t *testing.T, w *world) {
	p := w.hire("zoe", compliance.RoleOfficer)
	n := w.signedIn(p.ID, 100)
	_, err := w.s.OpenSession(w.ctx, n)
	w.must(err)
	w.must(w.s.AddPasskey(w.ctx, p.ID, w.challenge(p.ID, api.ChallengePasskeyRegistration), compliance.Passkey{ID: "psk_1", CredentialID: []byte("c"), Credential: []byte("{}")}))
	pending := w.signedIn(p.ID, 200)
	got, err := w.s.ResetStaff(w.ctx, w.tenant, p.ID, "one-time")
	w.must(err)
	if got.HasTOTP || len(got.Passkeys) != 0 || !got.MustChangePassword {
		t.Errorf("got %+v", got)
	}
	_, err = w.s.SessionByTokenHash(w.ctx, n.TokenHash)
	w.refused(err, remit.KindNotFound, "")
	_, err = w.s.OpenSession(w.ctx, pending)
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)

	// The first sign-in sets the authenticator up, once; its recovery codes are good once.
	fresh, rival := w.signedIn(p.ID, 300), w.signedIn(p.ID, 301)
	for _, one := range []*api.SignedIn{&fresh, &rival} {
		one.NewTOTPSecret, one.NewRecovery = []byte("secret of "+one.SessionID), [][32]byte{secretHash("r1"), secretHash("r2")}
	}
	_, err = w.s.OpenSession(w.ctx, fresh)
	w.must(err)
	_, err = w.s.OpenSession(w.ctx, rival)
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)
	a, err := w.s.StaffByID(w.ctx, p.ID)
	w.must(err)
	if string(a.TOTPSecret) != "secret of "+string(fresh.SessionID) || a.TOTPStep != 300 {
		t.Errorf("got %+v", a)
	}
	for i, want := range []bool{true, false} {
		r := w.signedIn(p.ID, 0)
		r.Method, r.Recovery = "recovery", secretHash("r1")
		if _, err := w.s.OpenSession(w.ctx, r); (err == nil) != want {
			t.Errorf("recovery code, use %d: got %v", i+1, err)
		}
	}
	// Other people's codes are no codes.
	q := w.hire("quinn", compliance.RoleOfficer)
	r := w.signedIn(q.ID, 0)
	r.Method, r.Recovery = "recovery", secretHash("r2")
	_, err = w.s.OpenSession(w.ctx, r)
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)
}

// testSignInRace opens many sessions at once with one code, and with one challenge.
func testSignInRace(t *testing.T, w *world) {
	p := w.hire("zoe", compliance.RoleOfficer)
	const tries = 8
	race := func(what string, make func() api.SignedIn) {
		t.Helper()
		list := []api.SignedIn{}
		for range tries {
			list = append(list, make())
		}
		var group sync.WaitGroup
		errs := [tries]error{}
		for i, n := range list {
			group.Go(func() { _, errs[i] = w.s.OpenSession(w.ctx, n) })
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if remit.ReasonOf(err) != remit.ReasonSignInRefused {
				t.Errorf("%s: got %v", what, err)
			}
		}
		if won != 1 {
			t.Errorf("%s: %d sessions were opened, want 1", what, won)
		}
	}
	race("one step", func() api.SignedIn { return w.signedIn(p.ID, 500) })
	shared, step := w.challenge(p.ID, api.ChallengeTOTP), int64(600)
	race("one challenge", func() api.SignedIn {
		step++
		n := w.signedIn(p.ID, step)
		n.Challenge = shared
		return n
	})
	if got := w.auditLength(); got != 2 {
		t.Errorf("got %d records, want 2", got)
	}
}

// testLocks counts wrong tries, also at once.
func testLocks(t *testing.T, w *world) {
	p := w.hire("zoe", compliance.RoleOfficer)
	pending := w.signedIn(p.ID, 100)
	e := compliance.AuditEntry{TenantID: w.tenant, Phase: compliance.AuditFact, Act: "staff.sign_in", Subject: string(p.ID), Outcome: compliance.AuditRefused}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { w.must(w.s.SignInFailed(w.ctx, p.ID, e)) })
	}
	group.Wait()
	a, err := w.s.StaffByID(w.ctx, p.ID)
	w.must(err)
	// Those that came while it was locked do not count.
	if want := Start.Add(compliance.LockFor(5)); !a.LockedUntil.Equal(want) {
		t.Errorf("locked until %s, want %s", a.LockedUntil, want)
	}
	if got := w.auditLength(); got != 21 {
		t.Errorf("got %d records, want 20 refusals and 1 lock", got)
	}
	_, err = w.s.OpenSession(w.ctx, pending)
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)
	err = w.s.CreateChallenge(w.ctx, api.StaffChallenge{Hash: secretHash("x"), Kind: api.ChallengeTOTP, StaffID: p.ID, ExpiresAt: Start.Add(time.Minute)})
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)
	// What cannot be guessed goes on: a passkey.
	w.clock.Advance(compliance.LockFor(5))
	w.must(w.s.AddPasskey(w.ctx, p.ID, w.challenge(p.ID, api.ChallengePasskeyRegistration), compliance.Passkey{ID: "psk_1", CredentialID: []byte("c"), Credential: []byte("{}"), SignCount: 3}))
	w.must(w.s.SignInFailed(w.ctx, p.ID, e))
	n := w.signedInBy(p.ID, compliance.Passkey{CredentialID: []byte("c"), Credential: []byte("{}"), SignCount: 4}, 3)
	_, err = w.s.OpenSession(w.ctx, n)
	w.must(err)
	if a, err = w.s.StaffByID(w.ctx, p.ID); err != nil || a.Passkeys[0].SignCount != 4 || a.Passkeys[0].LastUsedAt.IsZero() {
		t.Errorf("got %+v and %v", a.Passkeys, err)
	}
	// A counter that another sign-in moved meanwhile is refused.
	_, err = w.s.OpenSession(w.ctx, w.signedInBy(p.ID, compliance.Passkey{CredentialID: []byte("c"), SignCount: 5}, 3))
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)
	yes := true
	_, err = w.s.ChangeStaff(w.ctx, w.tenant, p.ID, api.StaffChange{Suspended: &yes})
	w.must(err)
	_, err = w.s.OpenSession(w.ctx, w.signedInBy(p.ID, compliance.Passkey{CredentialID: []byte("c"), SignCount: 6}, 4))
	w.refused(err, remit.KindPrecondition, remit.ReasonSignInRefused)
}

func (w *world) signedInBy(staff remit.StaffID, p compliance.Passkey, before uint32) api.SignedIn {
	n := w.signedIn("", 0)
	n.StaffID, n.Method, n.Passkey, n.SignCountBefore = staff, "passkey", &p, before
	return n
}

func testPasskeys(t *testing.T, w *world) {
	p, q := w.hire("zoe", compliance.RoleOfficer), w.hire("quinn", compliance.RoleOfficer)
	c := w.challenge(p.ID, api.ChallengePasskeyRegistration)
	key := compliance.Passkey{ID: "psk_1", CredentialID: []byte("credential"), Name: "laptop", Credential: []byte(`{"a":1}`), SignCount: 7}
	w.refused(w.s.AddPasskey(w.ctx, q.ID, c, key), remit.KindPrecondition, remit.ReasonSignInRefused)
	w.must(w.s.AddPasskey(w.ctx, p.ID, c, key))
	w.refused(w.s.AddPasskey(w.ctx, p.ID, c, key), remit.KindPrecondition, remit.ReasonSignInRefused)
	key.ID = "psk_2"
	w.refused(w.s.AddPasskey(w.ctx, q.ID, w.challenge(q.ID, api.ChallengePasskeyRegistration), key), remit.KindConflict, "")
	a, err := w.s.StaffByCredential(w.ctx, []byte("credential"))
	w.must(err)
	if a.ID != p.ID || len(a.Passkeys) != 1 || a.Passkeys[0].Name != "laptop" || string(a.Passkeys[0].Credential) != `{"a":1}` || a.Passkeys[0].SignCount != 7 {
		t.Errorf("got %+v", a)
	}
	w.refused(w.s.RemovePasskey(w.ctx, q.ID, "psk_1"), remit.KindNotFound, "")
	w.must(w.s.RemovePasskey(w.ctx, p.ID, "psk_1"))
	w.refused(w.s.RemovePasskey(w.ctx, p.ID, "psk_1"), remit.KindNotFound, "")
	_, err = w.s.StaffByCredential(w.ctx, []byte("credential"))
	w.refused(err, remit.KindNotFound, "")
	_, err = w.s.Challenge(w.ctx, secretHash("none"))
	w.refused(err, remit.KindNotFound, "")
	c = w.challenge("", api.ChallengeOIDC)
	if got, err := w.s.Challenge(w.ctx, c); err != nil || string(got.Secret) != "remember" || got.Client != "192.0.2.1" || got.Kind != api.ChallengeOIDC {
		t.Errorf("got %+v and %v", got, err)
	}
	w.clock.Advance(compliance.ChallengeLife)
	_, err = w.s.Challenge(w.ctx, c)
	w.refused(err, remit.KindNotFound, "")
}
