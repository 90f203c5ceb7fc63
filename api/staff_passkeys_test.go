package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

const deskOrigin = "https://desk.one.example"

func passkeys(o *api.Options) { cheap(o); o.Staff.Origin = deskOrigin }

// device is a person's device with a passkey.
type device struct {
	site virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func newDevice(p *person) *device {
	d := &device{
		site: virtualwebauthn.RelyingParty{ID: "desk.one.example", Name: "Remit", Origin: deskOrigin},
		auth: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(p.ID)}),
		key:  virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
	d.auth.AddCredential(d.key)
	return d
}

// register makes a passkey for a person who is signed in.
func (g *gateway) register(p *person, d *device, name string) (*v1.CompletePasskeyRegistrationResponse, error) {
	g.t.Helper()
	begun, err := g.staffClient().BeginPasskeyRegistration(g.as(p.token), &v1.BeginPasskeyRegistrationRequest{Name: name})
	must(g.t, err)
	options, err := virtualwebauthn.ParseAttestationOptions(`{"publicKey":` + begun.GetOptionsJson() + `}`)
	must(g.t, err)
	return g.staffClient().CompletePasskeyRegistration(g.as(p.token), &v1.CompletePasskeyRegistrationRequest{
		Challenge: begun.GetChallenge(), ResponseJson: virtualwebauthn.CreateAttestationResponse(d.site, d.auth, d.key, *options),
	})
}

// answer begins a passkey sign-in and returns the device's answer.
func (g *gateway) passkeyAnswer(d *device) *v1.CompletePasskeySignInRequest {
	g.t.Helper()
	begun, err := g.staffClient().BeginPasskeySignIn(g.t.Context(), &v1.BeginPasskeySignInRequest{})
	must(g.t, err)
	options, err := virtualwebauthn.ParseAssertionOptions(`{"publicKey":` + begun.GetOptionsJson() + `}`)
	must(g.t, err)
	d.key.Counter++
	return &v1.CompletePasskeySignInRequest{
		Challenge: begun.GetChallenge(), ResponseJson: virtualwebauthn.CreateAssertionResponse(d.site, d.auth, d.key, *options), Client: "2001:db8::7",
	}
}

func TestPasskeys(t *testing.T) {
	t.Parallel()
	g := setup(t, passkeys)
	olive := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	g.signIn(olive)
	d := newDevice(olive)
	resp, err := g.register(olive, d, "laptop")
	must(t, err)
	key := resp.GetStaff().GetPasskeys()[0]
	if key.GetName() != "laptop" || !strings.HasPrefix(key.GetId(), "psk_") || len(key.GetId()) > 64 || key.GetLastUsedAt() != nil {
		t.Errorf("got %v", key)
	}
	in := func(req *v1.CompletePasskeySignInRequest) (string, error) {
		resp, err := g.staffClient().CompletePasskeySignIn(t.Context(), req)
		return resp.GetToken(), err
	}
	answer := g.passkeyAnswer(d)
	token, err := in(answer)
	must(t, err)
	if a := g.callAs(token, "", "GET", "/v1/session", "").ok(t); !strings.Contains(a.body, "last_used_at") {
		t.Errorf("got %s", a.body)
	}
	_, err = in(answer)
	wantReason(t, err, remit.ReasonSignInRefused) // The challenge was used.

	// Guessers do not lock a passkey out.
	for range 6 {
		_, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: olive.Email, Password: "wrong"})
		wantReason(t, err, remit.ReasonSignInRefused)
	}
	_, err = in(g.passkeyAnswer(d))
	must(t, err)

	for name, c := range map[string]func(d *device) *v1.CompletePasskeySignInRequest{
		"counter back": func(d *device) *v1.CompletePasskeySignInRequest { d.key.Counter = 0; return g.passkeyAnswer(d) },
		"other site": func(d *device) *v1.CompletePasskeySignInRequest {
			d.site.Origin = "https://evil.example"
			return g.passkeyAnswer(d)
		},
		"other site's id": func(d *device) *v1.CompletePasskeySignInRequest {
			d.site.ID = "evil.example"
			return g.passkeyAnswer(d)
		},
		"user not verified": func(d *device) *v1.CompletePasskeySignInRequest {
			d.auth.Options.UserNotVerified = true
			return g.passkeyAnswer(d)
		},
		"user not there": func(d *device) *v1.CompletePasskeySignInRequest {
			d.auth.Options.UserNotPresent = true
			return g.passkeyAnswer(d)
		},
		"other person": func(d *device) *v1.CompletePasskeySignInRequest {
			d.auth.Options.UserHandle = []byte("stf_other")
			return g.passkeyAnswer(d)
		},
		"nobody": func(d *device) *v1.CompletePasskeySignInRequest {
			d.auth.Options.UserHandle = nil
			return g.passkeyAnswer(d)
		},
		"unknown key": func(d *device) *v1.CompletePasskeySignInRequest {
			d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
			return g.passkeyAnswer(d)
		},
		"forged": func(d *device) *v1.CompletePasskeySignInRequest {
			other := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
			other.ID, other.Counter = d.key.ID, d.key.Counter
			d.key = other
			return g.passkeyAnswer(d)
		},
		"another challenge": func(d *device) *v1.CompletePasskeySignInRequest {
			one, two := g.passkeyAnswer(d), g.passkeyAnswer(d)
			one.ResponseJson = two.GetResponseJson()
			return one
		},
		"no answer": func(d *device) *v1.CompletePasskeySignInRequest {
			req := g.passkeyAnswer(d)
			req.ResponseJson = "{}"
			return req
		},
		"no challenge": func(d *device) *v1.CompletePasskeySignInRequest {
			req := g.passkeyAnswer(d)
			req.Challenge = "chl_x"
			return req
		},
		"lapsed": func(d *device) *v1.CompletePasskeySignInRequest {
			req := g.passkeyAnswer(d)
			g.clock.Advance(compliance.ChallengeLife)
			return req
		},
	} {
		copied := *d
		if _, err := in(c(&copied)); reasonOf(err) != "SIGN_IN_REFUSED" || status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: got %v", name, err)
		}
		d.key.Counter = max(d.key.Counter, copied.key.Counter)
	}
	yes := true
	_, err = g.store.ChangeStaff(t.Context(), tenantOne, olive.ID, api.StaffChange{Suspended: &yes})
	must(t, err)
	_, err = in(g.passkeyAnswer(d))
	wantReason(t, err, remit.ReasonSignInRefused)
}

func TestPasskeyRegistrationRefusals(t *testing.T) {
	t.Parallel()
	g := setup(t, passkeys)
	olive, otto := g.hire(tenantOne, "Olive", compliance.RoleOfficer), g.hire(tenantOne, "Otto", compliance.RoleOfficer)
	g.signIn(olive)
	g.signIn(otto)
	d := newDevice(olive)
	bad := *d
	bad.site.Origin = "https://evil.example"
	_, err := g.register(olive, &bad, "x")
	wantReason(t, err, remit.ReasonFieldInvalid)
	bad = *d
	bad.auth.Options.UserNotVerified = true
	_, err = g.register(olive, &bad, "x")
	wantReason(t, err, remit.ReasonFieldInvalid)
	_, err = g.register(olive, d, "x")
	must(t, err)
	_, err = g.register(otto, d, "the same device key")
	wantReason(t, err, remit.ReasonStateConflict)
	// Another person's registration cannot be completed.
	begun, err := g.staffClient().BeginPasskeyRegistration(g.as(olive.token), &v1.BeginPasskeyRegistrationRequest{})
	must(t, err)
	_, err = g.staffClient().CompletePasskeyRegistration(g.as(otto.token), &v1.CompletePasskeyRegistrationRequest{Challenge: begun.GetChallenge(), ResponseJson: "{}"})
	wantReason(t, err, remit.ReasonStateConflict)
	var options struct {
		ExcludeCredentials []struct{ ID string } `json:"excludeCredentials"`
		Selection          struct {
			ResidentKey      string `json:"residentKey"`
			UserVerification string `json:"userVerification"`
		} `json:"authenticatorSelection"`
	}
	must(t, json.Unmarshal([]byte(begun.GetOptionsJson()), &options))
	if len(options.ExcludeCredentials) != 1 || options.Selection.ResidentKey != "required" || options.Selection.UserVerification != "required" {
		t.Errorf("got %s", begun.GetOptionsJson())
	}
	person, err := g.store.StaffByID(t.Context(), olive.ID)
	must(t, err)
	_, err = g.staffClient().RemovePasskey(g.as(otto.token), &v1.RemovePasskeyRequest{PasskeyId: person.Passkeys[0].ID})
	wantReason(t, err, remit.ReasonNotFound)
	removed, err := g.staffClient().RemovePasskey(g.as(olive.token), &v1.RemovePasskeyRequest{PasskeyId: person.Passkeys[0].ID})
	must(t, err)
	if len(removed.GetStaff().GetPasskeys()) != 0 {
		t.Errorf("got %v", removed)
	}
	_, err = g.staffClient().CompletePasskeySignIn(t.Context(), g.passkeyAnswer(d))
	wantReason(t, err, remit.ReasonSignInRefused)
}

func TestNoPasskeysWithoutOrigin(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	_, err := g.staffClient().BeginPasskeySignIn(t.Context(), &v1.BeginPasskeySignInRequest{})
	if status.Code(err) != codes.FailedPrecondition {
		t.Errorf("got %v", err)
	}
	_, err = g.staffClient().BeginOIDCSignIn(t.Context(), &v1.BeginOIDCSignInRequest{})
	if status.Code(err) != codes.FailedPrecondition {
		t.Errorf("got %v", err)
	}
}
