package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestWatchEndsWithItsCaller: a stream shows nothing more to a person whose
// session ended while it was open, nor does it keep the session awake.
func TestWatchEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	officer := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	yes := true
	for name, end := range map[string]func(token string){
		"suspended": func(string) {
			_, err := g.store.ChangeStaff(t.Context(), tenantOne, officer.ID, api.StaffChange{Suspended: &yes})
			must(t, err)
		},
		"signed out": func(token string) {
			_, err := g.staffClient().SignOut(g.as(token), &v1.SignOutRequest{})
			must(t, err)
		},
		"idle": func(string) { g.clock.Advance(compliance.SessionIdle) },
	} {
		no := false
		_, err := g.store.ChangeStaff(t.Context(), tenantOne, officer.ID, api.StaffChange{Suspended: &no})
		must(t, err)
		id := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t).text("id")
		token := g.signIn(officer)
		stream, err := v1.NewRemittanceServiceClient(g.conn).WatchRemittance(g.as(token), &v1.WatchRemittanceRequest{Id: id})
		must(t, err)
		_, err = stream.Recv()
		must(t, err)
		end(token)
		g.end(id)
		got, err := stream.Recv()
		if err == nil {
			t.Fatalf("%s: the stream goes on with %v", name, got)
		}
		wantReason(t, err, remit.ReasonUnauthenticated)
	}
}

// TestRefusalsAreCounted: whoever may not make a call cannot make it without end,
// since each refusal is written into the audit trail.
func TestRefusalsAreCounted(t *testing.T) {
	t.Parallel()
	g := setup(t, func(o *api.Options) { o.RatePerSecond, o.RateBurst = 1, 3 })
	const path = "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd"
	for range 3 {
		g.refused(g.callAs(g.reader, freshKey(), "POST", path+":take", ""), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	}
	for range 20 {
		g.refused(g.callAs(g.reader, freshKey(), "POST", path+":take", ""), want{status: 429, reason: "RATE_LIMITED", todo: "retry"})
	}
	var written int
	must(t, g.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM audit WHERE act = 'case.take'").Scan(&written))
	if written != 3 {
		t.Errorf("%d refusals are in the trail, want 3", written)
	}
}

// TestInvitationsOfFormerTellers: nobody at an agent takes the account of a
// person who has other work for the tenant by now, by an invitation from before
// or by a new one.
func TestInvitationsOfFormerTellers(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	first := c.do(c.admin, "POST", "/v1/tellers:invite", inviteBody(c.outlet, "nina@one.example", "teller")).ok(t)
	token, id := first.text("token"), first.text("person", "teller", "id")
	account := remit.StaffID(first.text("person", "teller", "staff_id"))
	officer := compliance.RoleOfficer
	_, err := c.store.ChangeStaff(t.Context(), tenantOne, account, api.StaffChange{Role: &officer})
	must(t, err)
	_, err = c.join(token, goodPassword)
	wantReason(t, err, remit.ReasonInvitationRevoked)
	for _, body := range []string{`{}`, `{"anew":true}`} {
		c.refused(c.do(c.admin, "POST", "/v1/tellers/"+id+":renewInvitation", body), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	}
	c.clock.Advance(compliance.OneTimePasswordLife)
	c.refused(c.at("network", "POST", "/v1/tellers/"+id+":renewInvitation", `{}`), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
}

// TestLookingNeedsTheDevice: on a device that is not bound nothing of customers
// or books is shown either, and whoever is suspended is shown nothing by their
// agent's own program.
func TestLookingNeedsTheDevice(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	const bound = "a secret of the bound device"
	looks := []string{
		"/v1/counter/deposits", "/v1/counter/deposits/dep_01k00000000000000000000000", "/v1/counter/day", "/v1/counter/drawer",
		"/v1/counter/pickups/pic_01k00000000000000000000000", "/v1/counter/suspicions",
	}
	books := []string{
		"/v1/counter/pickups/pic_01k00000000000000000000000/evidence/photo", "/v1/outlets/" + c.outlet + "/float", "/v1/top-ups?outlet_id=" + c.outlet,
		"/v1/outlets/" + c.outlet + "/report", "/v1/outlets/" + c.outlet + "/daybook", "/v1/float-returns?outlet_id=" + c.outlet,
		"/v1/agents/" + c.agent + "/statement?outlet_id=" + c.outlet + "&from=2026-11-01&to=2026-11-20",
	}
	for person, x := range map[string]struct {
		id, token string
		paths     []string
	}{"teller": {c.network.teller, c.teller, looks}, "manager": {c.network.manager, c.manager, append(books, looks...)}} {
		c.do(c.admin, "POST", "/v1/device-bindings", fmt.Sprintf(`{"teller_id":%q,"bind":true}`, x.id)).ok(t)
		asked, err := c.people.AskDevice(metadata.AppendToOutgoingContext(c.as(x.token), "x-device", bound), &v1.AskDeviceRequest{Name: "Counter 1"})
		must(t, err)
		c.do(c.admin, "POST", "/v1/tellers/"+x.id+"/devices/"+asked.GetDevice().GetId()+":decide", `{"approve":true}`).ok(t)
		for _, path := range x.paths {
			if a := c.do(x.token, "GET", path, ""); a.status != 403 || a.text("reason") != "DEVICE_NOT_BOUND" {
				t.Errorf("%s on another device, %s: got %d %s", person, path, a.status, a.body)
			}
			header := map[string][]string{"Authorization": {"Bearer " + x.token}, "X-Device": {bound}}
			if a := c.callWith("GET", path, "", header); a.status != 200 && a.status != 404 && !strings.Contains(path, "evidence") && a.text("reason") != "DRAWER_NOT_OPEN" {
				t.Errorf("%s on the bound device, %s: got %d %s", person, path, a.status, a.body)
			}
		}
	}
	c.at("network", "POST", "/v1/suspensions", fmt.Sprintf(`{"outlet_id":%q,"suspended":true,"reason":"security"}`, c.outlet)).ok(t)
	c.clock.Advance(time.Second)
	for _, path := range looks {
		if a := c.at("counter", "GET", path+"?teller_id="+c.network.teller, ""); a.status != 403 || a.text("reason") != "COUNTER_SUSPENDED" {
			t.Errorf("a program for a suspended outlet, %s: got %d %s", path, a.status, a.body)
		}
	}
}

// TestCodesAreForPrograms: nobody at a desk, who reads names as well, is told the
// code for which cash is paid.
func TestCodesAreForPrograms(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	officer := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	token := g.signIn(officer)
	id := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t).text("id")
	_, err := g.db.ExecContext(t.Context(), "UPDATE remittances SET state = 'ready_for_pickup' WHERE id = ?", id)
	must(t, err)
	if a := g.callAs(g.reader, "", "GET", "/v1/remittances/"+id, "").ok(t); a.text("pickup_code") != "4711-0815" {
		t.Errorf("a program gets %s", a.body)
	}
	if a := g.callAs(token, "", "GET", "/v1/remittances/"+id, "").ok(t); strings.Contains(a.body, "4711") {
		t.Errorf("an officer gets %s", a.body)
	}
}

// TestFindingTellsNoFloat: nobody measures an outlet's cash by asking where an
// amount can be fetched, and no outlet is named that may not pay the amount.
func TestFindingTellsNoFloat(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	n := g.network()
	fill := func(amount string) {
		t.Helper()
		topUp := g.at("counter", "POST", "/v1/top-ups", fmt.Sprintf(`{"by":{"teller_id":%q},"outlet_id":%q,"amount":{"currency":"PHP","amount":%q}}`, n.manager, n.outlet, amount)).ok(t)
		g.at("network", "POST", "/v1/top-ups/"+topUp.text("id")+":decide", `{"approve":true,"reference":"wire 7"}`).ok(t)
	}
	found := func(amount string) bool {
		t.Helper()
		return strings.Contains(g.at("counter", "GET", "/v1/outlets:find?country=PH&currency=PHP&amount="+amount, "").ok(t).body, n.outlet)
	}
	fill("12345.67")
	for amount, want := range map[string]bool{"1": true, "11999.99": true, "12000": true, "12000.01": false, "12345.67": false, "12345.68": false, "13000": false} {
		if got := found(amount); got != want {
			t.Errorf("with %s to be fetched it is found: %v, want %v", amount, got, want)
		}
	}
	fill("100000")
	if !found("50000") || found("50000.01") {
		t.Error("an outlet that pays at most 50000 at a time is named for more, or not for that")
	}
}

// TestAgentsHaveTheirOwnKeys: the programs of two agents of one tenant may use the
// same idempotency keys, and neither is in the other's way.
func TestAgentsHaveTheirOwnKeys(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	one, two := g.network(), g.network()
	g.newKey(tenantOne, "one's", api.ScopeCounter, api.Scope("agent="+one.agent))
	g.newKey(tenantOne, "two's", api.ScopeCounter, api.Scope("agent="+two.agent))
	ask := func(name string, n network) answer {
		return g.callAs("sk_test_"+name, "order 1", "POST", "/v1/top-ups",
			fmt.Sprintf(`{"by":{"teller_id":%q},"outlet_id":%q,"amount":{"currency":"PHP","amount":"5000"}}`, n.manager, n.outlet))
	}
	first := ask("one's", one).ok(t).text("id")
	if second := ask("two's", two).ok(t).text("id"); second == first {
		t.Errorf("both are answered %s", first)
	}
	if again := ask("one's", one).ok(t).text("id"); again != first {
		t.Errorf("the same again is %s, was %s", again, first)
	}
	g.refused(ask("two's", one), want{status: 422, reason: "IDEMPOTENCY_KEY_REUSED", todo: "fix"})
}

// TestOneAddressKeepsNobodyOut: whoever asks for invitations and challenges without
// end from one address is refused, and others sign in meanwhile.
func TestOneAddressKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	officer := c.hire(tenantOne, "Olive", compliance.RoleOfficer)
	const knocks = 200
	at := 0
	from := func() string { // Another address of one network each time.
		at++
		return fmt.Sprintf("2001:db8:0:66::%x", at)
	}
	for name, knock := range map[string]func() error{
		"invitation": func() error {
			_, err := c.people.GetInvitation(t.Context(), &v1.GetInvitationRequest{Token: "inv_x", Client: from()})
			return err
		},
		"join": func() error {
			_, err := c.people.CompleteJoin(t.Context(), &v1.CompleteJoinRequest{Token: "inv_x", Challenge: "chl_x", Code: "000000", Client: from()})
			return err
		},
		"code": func() error {
			_, err := c.staffClient().CompleteSignIn(t.Context(), &v1.CompleteSignInRequest{Challenge: "chl_x", Code: "000000", Client: from()})
			return err
		},
	} {
		c.clock.Advance(time.Minute)
		var err error
		for range knocks {
			err = knock()
		}
		wantReason(t, err, remit.ReasonRateLimited)
		begun, err := c.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: officer.Email, Password: officer.password, Client: "192.0.2.7"})
		if err != nil {
			t.Fatalf("%s: nobody else signs in: %v", name, err)
		}
		code := compliance.TOTPCode(officer.secret, compliance.TOTPStep(c.clock.Now()))
		_, err = c.staffClient().CompleteSignIn(t.Context(), &v1.CompleteSignInRequest{Challenge: begun.GetChallenge(), Code: code, Client: "192.0.2.7"})
		must(t, err)
	}
}

// TestListsAreLooks: a page of customers or beneficiaries that a person reads is in
// the trail as a look at one is; programs look all the time.
func TestListsAreLooks(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	token := g.signIn(g.hire(tenantOne, "Ana", compliance.RoleAnalyst))
	for path, act := range map[string]string{"/v1/customers?page_size=100": "customer.list", "/v1/beneficiaries": "beneficiary.list"} {
		g.callAs(g.key, "", "GET", path, "").ok(t)
		g.callAs(token, "", "GET", path, "").ok(t)
		records, err := g.store.AuditRecords(t.Context(), tenantOne, api.AuditFilter{Act: act, Limit: 10})
		must(t, err)
		if len(records) != 1 || records[0].Actor.Name != "Ana" || records[0].Phase != compliance.AuditFact {
			t.Errorf("%s: got %+v", act, records)
		}
	}
}
