package api_test

import (
	"context"
	"encoding/base32"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// crew is an agent with two outlets and people who signed in at the first: an
// admin, a manager and a teller, and a manager of another agent.
type crew struct {
	network
	*gateway
	people                              v1.PeopleServiceClient
	second, rival                       string
	adminID                             string
	admin, manager, teller, rivalsToken string
}

func withCrew(t *testing.T) *crew {
	t.Helper()
	g := withCounters(t)
	c := &crew{network: g.network(), gateway: g, people: v1.NewPeopleServiceClient(g.conn)}
	c.second = g.at("network", "POST", "/v1/outlets", outletBody(c.agent)).ok(t).text("id")
	rivals := g.at("network", "POST", "/v1/agents", agentBody).ok(t).text("id")
	c.rival = g.at("network", "POST", "/v1/outlets", outletBody(rivals)).ok(t).text("id")
	rival := g.at("network", "POST", "/v1/tellers", tellerBody(c.rival, "manager")).ok(t).text("id")
	c.adminID = g.at("network", "POST", "/v1/tellers", fmt.Sprintf(`{"agent_id":%q,"name":"Ada","role":"agent_admin"}`, c.agent)).ok(t).text("id")
	sign := func(id, role string) string {
		t.Helper()
		p := g.hire(tenantOne, "P"+id[len(id)-6:], compliance.Role(role))
		g.at("network", "PUT", "/v1/tellers/"+id, fmt.Sprintf(`{"name":"X","role":%q,"staff_id":%q,"trained_until":"2027-11-20T17:00:00Z"}`, role, p.ID)).ok(t)
		return g.signIn(p)
	}
	c.admin, c.manager, c.teller, c.rivalsToken = sign(c.adminID, "agent_admin"), sign(c.network.manager, "manager"), sign(c.network.teller, "teller"), sign(rival, "manager")
	return c
}

// do makes a call as a person.
func (c *crew) do(token, method, path, body string) answer {
	c.t.Helper()
	return c.callAs(token, freshKey(), method, path, body)
}

func inviteBody(outlet, email, role string) string {
	return fmt.Sprintf(`{"outlet_id":%q,"name":"Nina Cruz","email":%q,"role":%q,"trained_until":"2027-11-20T17:00:00Z"}`, outlet, email, role)
}

// join takes an invitation and returns the session's token.
func (c *crew) join(token, password string) (string, error) {
	c.t.Helper()
	ctx := context.Background()
	begun, err := c.people.BeginJoin(ctx, &v1.BeginJoinRequest{Token: token, Password: password, Client: "192.0.2.9"})
	if err != nil {
		return "", err
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(begun.GetEnrollment().GetSecret(), " ", ""))
	must(c.t, err)
	done, err := c.people.CompleteJoin(ctx, &v1.CompleteJoinRequest{
		Token: token, Challenge: begun.GetChallenge(), Code: compliance.TOTPCode(secret, compliance.TOTPStep(c.clock.Now())),
	})
	if err != nil {
		return "", err
	}
	if len(done.GetRecoveryCodes()) != 10 {
		c.t.Errorf("got %d recovery codes", len(done.GetRecoveryCodes()))
	}
	return done.GetSessionToken(), nil
}

// TestInvitations: an admin invites, the person joins once, and a used, expired,
// replaced or revoked invitation says which it is.
func TestInvitations(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	first := c.do(c.admin, "POST", "/v1/tellers:invite", inviteBody(c.outlet, "nina@one.example", "teller")).ok(t)
	token, id := first.text("token"), first.text("person", "teller", "id")
	if first.text("person", "invitation") != "open" || !strings.HasPrefix(token, "inv_") {
		t.Fatalf("got %s", first.body)
	}
	var found int
	must(t, c.db.QueryRow("SELECT COUNT(*) FROM invitations WHERE hash = ?", token).Scan(&found))
	if found != 0 {
		t.Error("the token is stored")
	}
	told, err := c.people.GetInvitation(t.Context(), &v1.GetInvitationRequest{Token: token})
	must(t, err)
	if told.GetName() != "Nina Cruz" || told.GetOutletName() != "Quiapo" || told.GetAgentName() != "Bayad" {
		t.Errorf("got %v", told)
	}
	_, err = c.join(token, "password1234")
	wantReason(t, err, remit.ReasonPasswordWeak)
	begun, err := c.people.BeginJoin(t.Context(), &v1.BeginJoinRequest{Token: token, Password: goodPassword})
	must(t, err)
	_, err = c.people.CompleteJoin(t.Context(), &v1.CompleteJoinRequest{Token: token, Challenge: begun.GetChallenge(), Code: "000000"})
	wantReason(t, err, remit.ReasonSignInRefused)
	session, err := c.join(token, goodPassword)
	must(t, err)
	if a := c.do(session, "GET", "/v1/counter/stand", "").ok(t); a.text("teller", "id") != id {
		t.Errorf("the session acts as %s", a.body)
	}
	_, err = c.join(token, goodPassword)
	wantReason(t, err, remit.ReasonInvitationUsed)
	c.refused(c.do(c.admin, "POST", "/v1/tellers/"+id+":renewInvitation", `{}`), want{status: 409, reason: "INVITATION_USED", todo: "fix"})
	anew := c.do(c.admin, "POST", "/v1/tellers/"+id+":renewInvitation", `{"anew":true}`).ok(t).text("token")
	if a := c.do(session, "GET", "/v1/counter/stand", ""); a.status != 401 {
		t.Errorf("after a reset the session answers %d", a.status)
	}
	newer := c.do(c.admin, "POST", "/v1/tellers/"+id+":renewInvitation", `{}`).ok(t).text("token")
	_, err = c.join(anew, goodPassword)
	wantReason(t, err, remit.ReasonInvitationRevoked)
	if a := c.do(c.admin, "POST", "/v1/tellers/"+id+":revokeInvitation", `{}`).ok(t); a.text("invitation") != "revoked" {
		t.Errorf("got %s", a.body)
	}
	_, err = c.join(newer, goodPassword)
	wantReason(t, err, remit.ReasonInvitationRevoked)
	last := c.at("network", "POST", "/v1/tellers/"+id+":renewInvitation", `{}`).ok(t).text("token")
	c.clock.Advance(73 * time.Hour)
	_, err = c.join(last, goodPassword)
	wantReason(t, err, remit.ReasonInvitationExpired)
	_, err = c.join("inv_nothing", goodPassword)
	wantReason(t, err, remit.ReasonInvitationUnknown)
}

// TestOtherAccountsAreNotReset: who manages an agent takes nothing from somebody
// who also works elsewhere for the tenant.
func TestOtherAccountsAreNotReset(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	officer := c.hire(tenantOne, "Omar", compliance.RoleMLRO)
	id := c.at("network", "POST", "/v1/tellers", strings.Replace(tellerBody(c.outlet, "teller"), "{", fmt.Sprintf(`{"staff_id":%q,`, officer.ID), 1)).ok(t).text("id")
	c.refused(c.do(c.admin, "POST", "/v1/tellers/"+id+":renewInvitation", `{"anew":true}`), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	c.signIn(officer)
}

// TestPeopleAreScoped: a manager manages the tellers of the own outlet, an admin
// the own agent, another agent and another tenant see nothing, and nobody
// manages themselves.
func TestPeopleAreScoped(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	far := c.at("network", "POST", "/v1/tellers", tellerBody(c.second, "teller")).ok(t).text("id")
	work, limits := `{"shifts":[],"trained_until":"2027-01-01T00:00:00Z"}`, `{"limits":[{"currency":"PHP","per_payout":{"currency":"PHP","amount":"40000"}}]}`
	suspend := func(kind, id string) string {
		return fmt.Sprintf(`{%q:%q,"suspended":true,"reason":"security"}`, kind+"_id", id)
	}
	for name, x := range map[string]struct {
		token, method, path, body string
		status                    int
		reason                    string
	}{
		"a teller lists people":                 {c.teller, "GET", "/v1/people", "", 403, "FORBIDDEN"},
		"a teller invites":                      {c.teller, "POST", "/v1/tellers:invite", inviteBody(c.outlet, "a@one.example", "teller"), 403, "FORBIDDEN"},
		"a teller renews the own training":      {c.teller, "POST", "/v1/tellers/" + c.network.teller + ":setWork", work, 403, "FORBIDDEN"},
		"a manager invites":                     {c.manager, "POST", "/v1/tellers:invite", inviteBody(c.outlet, "a@one.example", "teller"), 403, "FORBIDDEN"},
		"a manager renews the own training":     {c.manager, "POST", "/v1/tellers/" + c.network.manager + ":setWork", work, 403, "OWN_ACCOUNT"},
		"a manager reads another outlet":        {c.manager, "GET", "/v1/people?outlet_id=" + c.second, "", 403, "FORBIDDEN"},
		"a manager reads a teller elsewhere":    {c.manager, "GET", "/v1/tellers/" + far, "", 403, "FORBIDDEN"},
		"a manager suspends an outlet":          {c.manager, "POST", "/v1/suspensions", suspend("outlet", c.outlet), 403, "FORBIDDEN"},
		"a manager suspends the admin":          {c.manager, "POST", "/v1/suspensions", suspend("teller", c.adminID), 403, "FORBIDDEN"},
		"a manager sets limits":                 {c.manager, "POST", "/v1/tellers/" + c.network.teller + ":setLimits", limits, 403, "FORBIDDEN"},
		"an admin invites an admin":             {c.admin, "POST", "/v1/tellers:invite", strings.Replace(strings.Replace(inviteBody(c.outlet, "a@one.example", "agent_admin"), "outlet_id", "agent_id", 1), c.outlet, c.agent, 1), 403, "FORBIDDEN"},
		"an admin invites to another agent":     {c.admin, "POST", "/v1/tellers:invite", inviteBody(c.rival, "a@one.example", "teller"), 404, "NOT_FOUND"},
		"an admin suspends the own agent":       {c.admin, "POST", "/v1/suspensions", suspend("agent", c.agent), 403, "FORBIDDEN"},
		"an admin suspends themselves":          {c.admin, "POST", "/v1/suspensions", suspend("teller", c.adminID), 403, "OWN_ACCOUNT"},
		"another agent reads a person":          {c.rivalsToken, "GET", "/v1/tellers/" + c.network.teller, "", 404, "NOT_FOUND"},
		"another agent suspends":                {c.rivalsToken, "POST", "/v1/suspensions", suspend("teller", c.network.teller), 404, "NOT_FOUND"},
		"another agent sets hours":              {c.rivalsToken, "POST", "/v1/outlets/" + c.outlet + ":setHours", `{"hours":[]}`, 404, "NOT_FOUND"},
		"another agent lists":                   {c.rivalsToken, "GET", "/v1/people?agent_id=" + c.agent, "", 404, "NOT_FOUND"},
		"another agent binds":                   {c.rivalsToken, "POST", "/v1/device-bindings", fmt.Sprintf(`{"outlet_id":%q,"bind":true}`, c.outlet), 404, "NOT_FOUND"},
		"another tenant reads":                  {"sk_test_theirs", "GET", "/v1/tellers/" + c.network.teller, "", 404, "NOT_FOUND"},
		"another tenant suspends":               {"sk_test_theirs", "POST", "/v1/suspensions", suspend("teller", c.network.teller), 404, "NOT_FOUND"},
		"another tenant invites":                {"sk_test_theirs", "POST", "/v1/tellers:invite", inviteBody(c.outlet, "a@one.example", "teller"), 404, "NOT_FOUND"},
		"a key of counters manages":             {"sk_test_counter", "GET", "/v1/people", "", 403, "FORBIDDEN"},
		"no reason":                             {c.admin, "POST", "/v1/suspensions", fmt.Sprintf(`{"teller_id":%q,"suspended":true}`, far), 400, "FIELD_REQUIRED"},
		"two at once":                           {c.admin, "POST", "/v1/suspensions", fmt.Sprintf(`{"teller_id":%q,"outlet_id":%q,"suspended":false}`, far, c.outlet), 400, "FIELD_REQUIRED"},
		"limits above the operator's":           {c.admin, "POST", "/v1/tellers/" + far + ":setLimits", strings.Replace(limits, "40000", "50001", 1), 400, "LIMIT_ABOVE_CEILING"},
		"limits in a currency that is not held": {c.admin, "POST", "/v1/tellers/" + far + ":setLimits", strings.ReplaceAll(limits, "PHP", "MXN"), 400, "FIELD_INVALID"},
		"no e-mail address":                     {c.admin, "POST", "/v1/tellers:invite", inviteBody(c.outlet, "nobody", "teller"), 400, "FIELD_INVALID"},
	} {
		if a := c.do(x.token, x.method, x.path, x.body); a.status != x.status || a.text("reason") != x.reason && !strings.Contains(a.body, x.reason) {
			t.Errorf("%s: got %d %s, want %d %s", name, a.status, a.body, x.status, x.reason)
		}
	}
	c.do(c.admin, "POST", "/v1/tellers/"+far+":setLimits", limits).ok(t)
	c.do(c.manager, "POST", "/v1/tellers/"+c.network.teller+":setWork", work).ok(t)
	if a := c.do(c.manager, "GET", "/v1/people", "").ok(t); strings.Contains(a.body, far) || !strings.Contains(a.body, c.network.teller) {
		t.Errorf("a manager sees %s", a.body)
	}
	page := c.do(c.admin, "GET", "/v1/people?page_size=1", "").ok(t)
	seen := 1
	for next := page.text("next_page_token"); next != ""; seen++ {
		next = c.do(c.admin, "GET", "/v1/people?page_size=1&page_token="+next, "").ok(t).text("next_page_token")
	}
	if seen != 4 {
		t.Errorf("the admin sees %d people, want 4", seen)
	}
	if a := c.do(c.admin, "GET", "/v1/people/outlets", "").ok(t); !strings.Contains(a.body, c.second) || strings.Contains(a.body, c.rival) {
		t.Errorf("the admin manages %s", a.body)
	}
}

// TestSuspensionEndsSessions: whoever is suspended is out at once, and what was
// suspended from above is lifted from there.
func TestSuspensionEndsSessions(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	set := func(token, kind, id string, on bool) answer {
		return c.do(token, "POST", "/v1/suspensions", fmt.Sprintf(`{%q:%q,"suspended":%v,"reason":"cash"}`, kind+"_id", id, on))
	}
	c.do(c.teller, "GET", "/v1/counter/stand", "").ok(t)
	if a := set(c.manager, "teller", c.network.teller, true).ok(t); !strings.Contains(a.body, `1`) {
		t.Errorf("got %s", a.body)
	}
	c.refused(c.do(c.teller, "GET", "/v1/counter/stand", ""), want{status: 401, reason: "UNAUTHENTICATED", todo: "fix"})
	if a := c.do(c.manager, "GET", "/v1/tellers/"+c.network.teller, "").ok(t); a.text("person", "suspension", "by") != "manager" || a.text("person", "suspension", "reason") != "cash" {
		t.Errorf("got %s", a.body)
	}
	set(c.manager, "teller", c.network.teller, false).ok(t)
	set(c.admin, "teller", c.network.teller, true).ok(t)
	c.refused(set(c.manager, "teller", c.network.teller, false), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	set(c.admin, "outlet", c.outlet, true).ok(t)
	c.refused(c.do(c.manager, "GET", "/v1/people", ""), want{status: 401, reason: "UNAUTHENTICATED", todo: "fix"})
	if a := c.at("network", "POST", "/v1/suspensions", fmt.Sprintf(`{"agent_id":%q,"suspended":true,"reason":"other"}`, c.agent)).ok(t); !strings.Contains(a.body, "1") {
		t.Errorf("got %s", a.body)
	}
	c.refused(c.do(c.admin, "GET", "/v1/people", ""), want{status: 401, reason: "UNAUTHENTICATED", todo: "fix"})
}

// TestDeviceBinding: a person whose work is bound asks for the device, works on
// it once a manager bound it, and on no other.
func TestDeviceBinding(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	on := func(device string) context.Context {
		return metadata.AppendToOutgoingContext(c.as(c.teller), "x-device", device)
	}
	desk := v1.NewCounterServiceClient(c.conn)
	stand := func(device string) string {
		t.Helper()
		s, err := desk.GetStand(on(device), &v1.GetStandRequest{})
		must(t, err)
		return s.GetStand().GetDevice()
	}
	one, two := "a secret of the first device", "a secret of the second device"
	if got := stand(one); got != "" {
		t.Errorf("before binding the device is %q", got)
	}
	c.do(c.manager, "POST", "/v1/device-bindings", fmt.Sprintf(`{"outlet_id":%q,"bind":true}`, c.outlet)).ok(t)
	if got := stand(one); got != "unknown" {
		t.Errorf("a new device is %q", got)
	}
	_, err := desk.OpenDrawer(on(one), &v1.OpenDrawerRequest{})
	wantReason(t, err, remit.ReasonDeviceNotBound)
	_, err = desk.GetDrawer(on(one), &v1.GetDrawerRequest{})
	wantReason(t, err, remit.ReasonDeviceNotBound)
	_, err = c.people.AskDevice(on("short"), &v1.AskDeviceRequest{Name: "Counter 1"})
	wantReason(t, err, remit.ReasonFieldRequired)
	asked, err := c.people.AskDevice(on(one), &v1.AskDeviceRequest{Name: "Counter 1"})
	must(t, err)
	if got := stand(one); got != "waiting" {
		t.Errorf("an asked device is %q", got)
	}
	decide := func(token string, approve bool) answer {
		return c.do(token, "POST", "/v1/tellers/"+c.network.teller+"/devices/"+asked.GetDevice().GetId()+":decide", fmt.Sprintf(`{"approve":%v}`, approve))
	}
	c.refused(decide(c.teller, true), want{status: 403, reason: "DEVICE_NOT_BOUND", todo: "contact"})
	if a := decide(c.manager, true).ok(t); strings.Contains(a.body, one) {
		t.Errorf("the secret is told: %s", a.body)
	}
	if stand(one) != "bound" || stand(two) != "elsewhere" {
		t.Errorf("the devices are %q and %q", stand(one), stand(two))
	}
	_, err = desk.OpenDrawer(on(one), &v1.OpenDrawerRequest{})
	must(t, err)
	_, err = c.people.AskDevice(on(two), &v1.AskDeviceRequest{Name: "Counter 2"})
	wantReason(t, err, remit.ReasonDeviceNotBound)
	decide(c.admin, false).ok(t)
	if got := stand(one); got != "unknown" {
		t.Errorf("a removed device is %q", got)
	}
	// Who manages is not held by the outlet's rule.
	c.do(c.manager, "GET", "/v1/people", "").ok(t)
}

// TestOwnDayAndHandover: a teller sees the own movements, page by page, and an
// offered drawer only the one to whom it is offered.
func TestOwnDayAndHandover(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	next := c.at("network", "POST", "/v1/tellers", tellerBody(c.outlet, "teller")).ok(t).text("id")
	topUp := c.at("counter", "POST", "/v1/top-ups", fmt.Sprintf(`{"by":{"teller_id":%q},"outlet_id":%q,"amount":{"currency":"PHP","amount":"5000"}}`, c.network.manager, c.outlet)).ok(t)
	c.at("network", "POST", "/v1/top-ups/"+topUp.text("id")+":decide", `{"approve":true}`).ok(t)
	drawer := c.do(c.teller, "POST", "/v1/counter/drawers", `{"counts":[{"currency":"PHP","total":"2000"}]}`).ok(t).text("id")
	c.clock.Advance(time.Minute)
	c.do(c.teller, "POST", "/v1/counter/drawer:move", `{"kind":"from_drawer","amount":{"currency":"PHP","amount":"500"}}`).ok(t)
	day := c.do(c.teller, "GET", "/v1/counter/day?page_size=1", "").ok(t)
	if !strings.Contains(day.body, "from_drawer") || strings.Contains(day.body, "to_drawer") || day.text("next_page_token") == "" {
		t.Errorf("got %s", day.body)
	}
	if second := c.do(c.teller, "GET", "/v1/counter/day?page_size=1&page_token="+strings.ReplaceAll(day.text("next_page_token"), "/", "%2F"), "").ok(t); !strings.Contains(second.body, "to_drawer") {
		t.Errorf("got %s", second.body)
	}
	if a := c.at("counter", "GET", "/v1/counter/day?teller_id="+next, "").ok(t); strings.Contains(a.body, "drawer") {
		t.Errorf("another teller sees %s", a.body)
	}
	if a := c.do(c.teller, "GET", "/v1/counter/handovers", "").ok(t); !strings.Contains(a.body, next) {
		t.Errorf("got %s", a.body)
	}
	c.do(c.teller, "POST", "/v1/counter/drawers/"+drawer+":close", fmt.Sprintf(`{"next_teller_id":%q,"counts":[{"currency":"PHP","total":"1500"}]}`, next)).ok(t)
	if a := c.at("counter", "GET", "/v1/counter/handovers?teller_id="+next, "").ok(t); !strings.Contains(a.body, drawer) || strings.Contains(a.body, "1500") {
		t.Errorf("got %s", a.body)
	}
	if a := c.do(c.manager, "GET", "/v1/counter/handovers", "").ok(t); strings.Contains(a.body, drawer) {
		t.Errorf("a third sees %s", a.body)
	}
	by := fmt.Sprintf(`"by":{"teller_id":%q}`, next)
	c.refused(c.at("counter", "POST", "/v1/counter/drawers/"+drawer+":takeOver", `{`+by+`,"counts":[{"currency":"PHP","total":"1400"}]}`), want{reason: "COUNT_MISMATCH", field: "counts"})
	c.at("counter", "POST", "/v1/counter/drawers/"+drawer+":takeOver", `{`+by+`,"counts":[{"currency":"PHP","total":"1500"}]}`).ok(t)
	c.refused(c.do(c.teller, "GET", "/v1/counter/approvals", ""), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	c.do(c.manager, "GET", "/v1/counter/approvals", "").ok(t)
}
