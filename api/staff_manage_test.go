package api_test

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// enrol signs a person in for the first time, with a one-time password.
func (g *gateway) enrol(email, password string) (secret []byte, resp *v1.CompleteSignInResponse) {
	g.t.Helper()
	first, err := g.staffClient().SignIn(g.t.Context(), &v1.SignInRequest{Email: email, Password: password})
	must(g.t, err)
	if first.GetEnrollment() == nil || !strings.Contains(first.GetEnrollment().GetUri(), first.GetEnrollment().GetSecret()) {
		g.t.Fatalf("got no enrolment: %v", first)
	}
	secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(first.GetEnrollment().GetSecret())
	must(g.t, err)
	g.clock.Advance(30 * time.Second)
	resp, err = g.staffClient().CompleteSignIn(g.t.Context(), &v1.CompleteSignInRequest{
		Challenge: first.GetChallenge(), Code: compliance.TOTPCode(secret, compliance.TOTPStep(g.clock.Now())),
	})
	must(g.t, err)
	return secret, resp
}

// TestNewPerson follows a person from being added to working.
func TestNewPerson(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	mlro := g.signIn(g.hire(tenantOne, "Mira", compliance.RoleMLRO))
	ctx := g.as(mlro)
	create := &v1.CreateStaffRequest{Name: "Ada Lopez", Email: "Ada@one.example", Role: "analyst"}
	made, err := g.staffClient().CreateStaff(ctx, create)
	must(t, err)
	again, err := g.staffClient().CreateStaff(ctx, create)
	must(t, err)
	if again.GetOneTimePassword() != made.GetOneTimePassword() || again.GetStaff().GetId() != made.GetStaff().GetId() {
		t.Error("a repeated request did not get the same answer")
	}
	_, err = g.staffClient().CreateStaff(g.as(mlro), create)
	wantReason(t, err, remit.ReasonStateConflict)

	secret, resp := g.enrol("ada@ONE.example", made.GetOneTimePassword())
	token := resp.GetToken()
	if !resp.GetSession().GetMustChangePassword() || len(resp.GetSession().GetPermissions()) != 0 || len(resp.GetRecoveryCodes()) != 10 {
		t.Errorf("got %v", resp)
	}
	if a := g.callAs(token, "", "GET", "/v1/cases", ""); a.status != 403 || !strings.Contains(a.body, "change the password") {
		t.Errorf("before the password is changed: %s", a.body)
	}
	change := func(current, next string) error {
		_, err := g.staffClient().ChangePassword(g.as(token), &v1.ChangePasswordRequest{Current: current, Next: next})
		return err
	}
	wantReason(t, change("wrong wrong wrong", goodPassword), remit.ReasonSignInRefused)
	for _, weak := range []string{"short", "password1234", "ada lopez one", made.GetOneTimePassword()} {
		wantReason(t, change(made.GetOneTimePassword(), weak), remit.ReasonPasswordWeak)
	}
	must(t, change(made.GetOneTimePassword(), goodPassword))
	if a := g.callAs(token, "", "GET", "/v1/cases", ""); a.status != 200 {
		t.Errorf("after the password was changed: %s", a.body)
	}
	if a := g.callAs(token, freshKey(), "POST", "/v1/staff", `{"name":"X","email":"x@one.example","role":"mlro"}`); a.status != 403 {
		t.Errorf("an analyst adds people: %s", a.body)
	}
	ada := &person{Staff: compliance.Staff{Email: "ada@one.example"}, password: goodPassword, secret: secret}
	g.signIn(ada)

	// A recovery code stands in for the authenticator, once.
	for _, want := range []bool{true, false} {
		first, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: ada.Email, Password: goodPassword})
		must(t, err)
		_, err = g.staffClient().CompleteSignIn(t.Context(), &v1.CompleteSignInRequest{
			Challenge: first.GetChallenge(), Code: strings.ToUpper(resp.GetRecoveryCodes()[3]),
		})
		if (err == nil) != want {
			t.Errorf("recovery code: got %v", err)
		}
	}
}

func TestOneTimePasswordLapses(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	mlro := g.hire(tenantOne, "Mira", compliance.RoleMLRO)
	made, err := g.staffClient().CreateStaff(g.as(g.signIn(mlro)), &v1.CreateStaffRequest{Name: "Ada", Email: "ada@one.example", Role: "auditor"})
	must(t, err)
	g.clock.Advance(compliance.OneTimePasswordLife)
	_, err = g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: "ada@one.example", Password: made.GetOneTimePassword()})
	wantReason(t, err, remit.ReasonSignInRefused)
	reset, err := g.staffClient().ResetStaff(g.as(g.signIn(mlro)), &v1.ResetStaffRequest{Id: made.GetStaff().GetId()})
	must(t, err)
	g.enrol("ada@one.example", reset.GetOneTimePassword())
}

func TestManageStaff(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	mira := g.hire(tenantOne, "Mira", compliance.RoleMLRO)
	olive := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	foreign := g.hire(tenantTwo, "Foreign", compliance.RoleAnalyst)
	auditor := g.signIn(g.hire(tenantOne, "Aldo", compliance.RoleAuditor))
	mlro, officer := g.signIn(mira), g.signIn(olive)
	update := func(token string, req *v1.UpdateStaffRequest) error {
		_, err := g.staffClient().UpdateStaff(g.as(token), req)
		return err
	}
	reset := func(token, id string) error {
		_, err := g.staffClient().ResetStaff(g.as(token), &v1.ResetStaffRequest{Id: id})
		return err
	}
	yes := true
	wantReason(t, update(mlro, &v1.UpdateStaffRequest{Id: string(mira.ID), Role: "officer"}), remit.ReasonOwnAccount)
	wantReason(t, update(mlro, &v1.UpdateStaffRequest{Id: string(mira.ID), Suspended: &yes}), remit.ReasonOwnAccount)
	wantReason(t, reset(mlro, string(mira.ID)), remit.ReasonOwnAccount)
	wantReason(t, update(mlro, &v1.UpdateStaffRequest{Id: string(foreign.ID), Suspended: &yes}), remit.ReasonNotFound)
	wantReason(t, reset(mlro, string(foreign.ID)), remit.ReasonNotFound)
	wantReason(t, update(mlro, &v1.UpdateStaffRequest{Id: string(olive.ID)}), remit.ReasonFieldRequired)
	wantReason(t, update(mlro, &v1.UpdateStaffRequest{Id: string(olive.ID), Role: "boss"}), remit.ReasonFieldInvalid)
	wantReason(t, update(mlro, &v1.UpdateStaffRequest{Id: "olive", Role: "mlro"}), remit.ReasonIDMalformed)
	for _, token := range []string{officer, auditor, g.key} {
		wantReason(t, update(token, &v1.UpdateStaffRequest{Id: string(olive.ID), Role: "mlro"}), remit.ReasonForbidden)
		wantReason(t, reset(token, string(olive.ID)), remit.ReasonForbidden)
	}
	if a := g.callAs(auditor, "", "GET", "/v1/staff", ""); a.status != 200 || strings.Count(a.body, `"stf_`) != 3 || strings.Contains(a.body, "Foreign") {
		t.Errorf("got %s", a.body)
	}
	if a := g.callAs(officer, "", "GET", "/v1/staff", ""); a.status != 403 {
		t.Errorf("an officer lists people: %s", a.body)
	}
	a := g.callAs(mlro, freshKey(), "PATCH", "/v1/staff/"+string(olive.ID), `{"role":"mlro"}`).ok(t)
	if a.text("role") != "mlro" {
		t.Errorf("got %s", a.body)
	}
	if a := g.callAs(officer, "", "GET", "/v1/session", ""); a.status != 401 {
		t.Errorf("a change of role leaves the session: %s", a.body)
	}
	// Olive, now MLRO, may demote Mira, and is then the last one: a key with the
	// power to manage cannot suspend her.
	olives := g.signIn(olive)
	must(t, update(olives, &v1.UpdateStaffRequest{Id: string(mira.ID), Role: "analyst"}))
	manager := g.newKey(tenantOne, "manager", api.ScopeStaffManage)
	wantReason(t, update(manager, &v1.UpdateStaffRequest{Id: string(olive.ID), Suspended: &yes}), remit.ReasonStateConflict)
	wantReason(t, update(manager, &v1.UpdateStaffRequest{Id: string(olive.ID), Role: "officer"}), remit.ReasonStateConflict)
	must(t, update(olives, &v1.UpdateStaffRequest{Id: string(mira.ID), Role: "mlro"}))
	must(t, update(manager, &v1.UpdateStaffRequest{Id: string(olive.ID), Suspended: &yes}))
	if a := g.callAs(olives, "", "GET", "/v1/session", ""); a.status != 401 {
		t.Errorf("suspension leaves the session: %s", a.body)
	}
}

// TestTooManySignIns: one address that knocks without end is told to wait, and
// does not keep others out.
func TestTooManySignIns(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	olive := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	limited := 0
	for range 40 {
		_, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: "nobody@one.example", Password: "x", Client: "198.51.100.1"})
		if reasonOf(err) == "RATE_LIMITED" {
			limited++
		}
	}
	if limited != 20 {
		t.Errorf("%d of 40 were limited, want 20", limited)
	}
	g.signIn(olive)
	limited = 0
	for range 80 {
		_, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: "nobody@one.example", Password: "x"})
		if reasonOf(err) == "RATE_LIMITED" {
			limited++
		}
	}
	if limited == 0 {
		t.Error("all addresses together are not limited")
	}
}
