package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// cheapHash keeps the tests from hashing all day.
var cheapHash = compliance.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}

func cheap(o *api.Options) { o.Staff.PasswordCost = cheapHash }

const goodPassword = "tall lamp of the quiet fjord"

// person is a member of staff of a test.
type person struct {
	compliance.Staff
	password string
	secret   []byte
	token    string
}

// hire adds a person who may sign in at once.
func (g *gateway) hire(tenant remit.TenantID, name string, role compliance.Role) *person {
	g.t.Helper()
	p := &person{password: goodPassword, secret: compliance.NewTOTPSecret()}
	staff, err := g.store.CreateStaff(g.t.Context(), api.NewStaff{
		ID: remit.NewID[remit.StaffID](remit.PrefixStaff, g.clock.Now()), TenantID: tenant, Name: name,
		Email: strings.ToLower(name) + "@one.example", Role: role, PasswordHash: compliance.HashPassword(p.password, cheapHash), TOTPSecret: p.secret,
	})
	must(g.t, err)
	p.Staff = staff
	return p
}

func (g *gateway) staffClient() v1.StaffServiceClient { return v1.NewStaffServiceClient(g.conn) }

// code is the person's next code: the clock moves so that none is used twice.
func (g *gateway) code(p *person) string {
	g.clock.Advance(30 * time.Second)
	return compliance.TOTPCode(p.secret, compliance.TOTPStep(g.clock.Now()))
}

// signIn signs a person in and returns the token.
func (g *gateway) signIn(p *person) string {
	g.t.Helper()
	first, err := g.staffClient().SignIn(g.t.Context(), &v1.SignInRequest{Email: p.Email, Password: p.password, Client: "192.0.2.7"})
	must(g.t, err)
	resp, err := g.staffClient().CompleteSignIn(g.t.Context(), &v1.CompleteSignInRequest{Challenge: first.GetChallenge(), Code: g.code(p)})
	must(g.t, err)
	p.token = resp.GetToken()
	return p.token
}

// as is a context that carries a token or key, with a fresh idempotency key.
func (g *gateway) as(token string) context.Context {
	return metadata.AppendToOutgoingContext(g.t.Context(), "authorization", "Bearer "+token, "idempotency-key", freshKey())
}

// reasonOf reads the reason of a gRPC error.
func reasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func wantReason(t *testing.T, err error, reason remit.Reason) {
	t.Helper()
	if reasonOf(err) != string(reason) {
		t.Fatalf("got %v (%s), want %s", err, reasonOf(err), reason)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	officer := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	token := g.signIn(officer)
	if !strings.HasPrefix(token, "ses_") || len(token) != 47 {
		t.Errorf("got token %q", token)
	}
	resp, err := g.staffClient().GetSession(g.as(token), &v1.GetSessionRequest{})
	must(t, err)
	x := resp.GetSession()
	if x.GetStaff().GetId() != string(officer.ID) || x.GetStaff().GetEmail() != officer.Email || x.GetTenantName() != "One" ||
		x.GetMustChangePassword() || !x.GetStaff().GetHasTotp() || x.GetStaff().GetLastSignInAt() == nil {
		t.Errorf("got %v", x)
	}
	if got := strings.Join(x.GetPermissions(), " "); got != "cases.read cases.work cases.decide" {
		t.Errorf("got permissions %q", got)
	}
	if got := x.GetExpiresAt().AsTime().Sub(x.GetSignedInAt().AsTime()); got != 12*time.Hour {
		t.Errorf("the session lasts %s", got)
	}
	g.callAs(token, "", "GET", "/v1/session", "").ok(t)
	g.callAs(token, "", "GET", "/v1/remittances", "").ok(t)
	if a := g.callAs(token, freshKey(), "POST", "/v1/quotes", quoteBody); a.status != 403 {
		t.Errorf("an officer may quote: %s", a.body)
	}
	if a := g.callAs(g.key, "", "GET", "/v1/session", ""); a.status != 403 {
		t.Errorf("a key has a session: %s", a.body)
	}
}

func TestSignInRefusals(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	officer := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	gone := g.hire(tenantOne, "Gone", compliance.RoleAnalyst)
	yes := true
	_, err := g.store.ChangeStaff(t.Context(), tenantOne, gone.ID, api.StaffChange{Suspended: &yes})
	must(t, err)
	words := make(map[string]bool)
	refused := func(what string, err error) {
		t.Helper()
		if reasonOf(err) != "SIGN_IN_REFUSED" {
			t.Errorf("%s: got %v", what, err)
		}
		words[status.Convert(err).Code().String()+status.Convert(err).Message()] = true
	}
	first := func(email, password string) error {
		_, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: email, Password: password})
		return err
	}
	second := func(challenge, code string) error {
		_, err := g.staffClient().CompleteSignIn(t.Context(), &v1.CompleteSignInRequest{Challenge: challenge, Code: code})
		return err
	}
	refused("unknown address", first("nobody@one.example", goodPassword))
	refused("wrong password", first(officer.Email, "something else entirely"))
	refused("suspended", first(gone.Email, goodPassword))
	refused("no challenge", second("chl_nothing", "123456"))
	begun, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: strings.ToUpper(officer.Email), Password: goodPassword})
	must(t, err)
	refused("wrong code", second(begun.GetChallenge(), "000000"))
	refused("wrong recovery code", second(begun.GetChallenge(), "aaaa-bbbb-cccc-dddd"))
	used := g.code(officer)
	must(t, second(begun.GetChallenge(), used))
	refused("challenge again", second(begun.GetChallenge(), g.code(officer)))
	begun, err = g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: officer.Email, Password: goodPassword})
	must(t, err)
	refused("code again", second(begun.GetChallenge(), compliance.TOTPCode(officer.secret, compliance.TOTPStep(g.clock.Now())-1)))
	g.clock.Advance(compliance.ChallengeLife)
	refused("challenge lapsed", second(begun.GetChallenge(), g.code(officer)))
	if len(words) != 1 {
		t.Errorf("refusals differ: %v", words)
	}
}

func TestLockout(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	officer := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	try := func(password string) error {
		_, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: officer.Email, Password: password})
		return err
	}
	for range 4 {
		wantReason(t, try("wrong wrong wrong"), remit.ReasonSignInRefused)
	}
	begun, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: officer.Email, Password: goodPassword})
	must(t, err)
	// A right password does not forgive; the fifth wrong try is a code.
	_, err = g.staffClient().CompleteSignIn(t.Context(), &v1.CompleteSignInRequest{Challenge: begun.GetChallenge(), Code: "000000"})
	wantReason(t, err, remit.ReasonSignInRefused)
	wantReason(t, try(goodPassword), remit.ReasonSignInRefused)
	_, err = g.staffClient().CompleteSignIn(t.Context(), &v1.CompleteSignInRequest{
		Challenge: begun.GetChallenge(), Code: compliance.TOTPCode(officer.secret, compliance.TOTPStep(g.clock.Now())),
	})
	wantReason(t, err, remit.ReasonSignInRefused)
	g.clock.Advance(30 * time.Second)
	must(t, try(goodPassword))
	wantReason(t, try("wrong wrong wrong"), remit.ReasonSignInRefused)
	g.clock.Advance(30 * time.Second)
	wantReason(t, try(goodPassword), remit.ReasonSignInRefused) // The second lock is twice as long.
	g.clock.Advance(30 * time.Second)
	g.signIn(officer)
	wantReason(t, try("wrong wrong wrong"), remit.ReasonSignInRefused)
	must(t, try(goodPassword)) // Signing in forgave.
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	officer := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	live := func(token string) bool { return g.callAs(token, "", "GET", "/v1/session", "").status == 200 }
	token := g.signIn(officer)
	g.clock.Advance(29 * time.Minute)
	if !live(token) {
		t.Fatal("the session ended too early")
	}
	g.clock.Advance(29 * time.Minute)
	if !live(token) {
		t.Fatal("the call was not noted")
	}
	g.clock.Advance(30 * time.Minute)
	if live(token) {
		t.Fatal("an idle session lives on")
	}
	token = g.signIn(officer)
	for range 28 {
		g.clock.Advance(25 * time.Minute)
		if !live(token) {
			t.Fatal("the session ended too early")
		}
	}
	g.clock.Advance(20 * time.Minute)
	if live(token) {
		t.Fatal("a session lives for ever")
	}
	token = g.signIn(officer)
	_, err := g.staffClient().SignOut(g.as(token), &v1.SignOutRequest{})
	must(t, err)
	if live(token) {
		t.Fatal("signing out does not")
	}
	for name, end := range map[string]func() error{
		"suspension": func() error {
			yes := true
			_, err := g.store.ChangeStaff(t.Context(), tenantOne, officer.ID, api.StaffChange{Suspended: &yes})
			return err
		},
		"role": func() error {
			role := compliance.RoleAnalyst
			_, err := g.store.ChangeStaff(t.Context(), tenantOne, officer.ID, api.StaffChange{Role: &role})
			return err
		},
	} {
		no := false
		_, err := g.store.ChangeStaff(t.Context(), tenantOne, officer.ID, api.StaffChange{Suspended: &no})
		must(t, err)
		token = g.signIn(officer)
		must(t, end())
		if live(token) {
			t.Errorf("%s leaves the session", name)
		}
	}
}
