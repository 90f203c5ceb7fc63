package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// trail reads all records that a caller sees, oldest first, one line each.
func (g *gateway) trail(token string) []string {
	g.t.Helper()
	resp, err := v1.NewAuditServiceClient(g.conn).ListAuditRecords(g.as(token), &v1.ListAuditRecordsRequest{PageSize: 500})
	must(g.t, err)
	var out []string
	for _, r := range resp.GetRecords() {
		line := strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", r.GetPhase(), r.GetActor(), r.GetAct(), r.GetOutcome(), r.GetReason()))
		out = append([]string{strings.Join(strings.Fields(line), " ")}, out...)
	}
	return out
}

func wantTrail(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const unknownCase = "cas_01k9zc7v4ye3t8m5q2w6x0b1nd"

func TestActsAreAudited(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	olive := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	aldo := g.hire(tenantOne, "Aldo", compliance.RoleAuditor)
	// Plain remittance traffic of a key leaves nothing in the trail.
	g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t)
	g.call("GET", "/v1/remittances", "").ok(t)
	if got := g.trail(g.key); len(got) != 0 {
		t.Fatalf("got %q", got)
	}
	_, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: olive.Email, Password: "wrong", Client: "192.0.2.7"})
	wantReason(t, err, remit.ReasonSignInRefused)
	officer, auditor := g.signIn(olive), g.signIn(aldo)
	decide := func(token string) error {
		_, err := v1.NewCaseServiceClient(g.conn).DecideCase(g.as(token), &v1.DecideCaseRequest{Id: unknownCase, Decision: "approved", Note: "Maria Santos is known"})
		return err
	}
	wantReason(t, decide(officer), remit.ReasonNotFound)
	wantReason(t, decide(auditor), remit.ReasonForbidden)
	wantReason(t, decide(g.key), remit.ReasonNotFound)
	_, err = v1.NewLedgerServiceClient(g.conn).VerifyLedger(g.as(g.key), &v1.VerifyLedgerRequest{})
	must(t, err)
	g.callAs(officer, "", "GET", "/v1/cases/"+unknownCase, "")
	g.callAs(g.key, "", "GET", "/v1/cases/"+unknownCase, "")
	_, err = g.staffClient().SignOut(g.as(officer), &v1.SignOutRequest{})
	must(t, err)
	wantTrail(t, g.trail(auditor),
		"fact sign-in staff.sign_in refused SIGN_IN_REFUSED",
		"fact Olive staff.sign_in done", "fact Aldo staff.sign_in done",
		"intent Olive case.decide", "result Olive case.decide refused NOT_FOUND",
		"fact Aldo case.decide refused FORBIDDEN",
		"intent one case.decide", "result one case.decide refused NOT_FOUND",
		"intent one ledger.verify", "result one ledger.verify done",
		"fact Olive case.view done", "fact Olive staff.sign_out done",
	)
	resp, err := v1.NewAuditServiceClient(g.conn).ListAuditRecords(g.as(auditor), &v1.ListAuditRecordsRequest{Act: "case.decide", ActorId: string(olive.ID)})
	must(t, err)
	result, intent := resp.GetRecords()[0], resp.GetRecords()[1]
	if result.GetIntentNumber() != intent.GetNumber() || intent.GetSubject() != unknownCase || intent.GetFacts()["decision"] != "approved" ||
		intent.GetActorKind() != "staff" || intent.GetRequestId() == "" || len(intent.GetHash()) != 64 {
		t.Errorf("got %v and %v", intent, result)
	}
	if text := fmt.Sprint(resp); strings.Contains(text, "Santos") {
		t.Errorf("the words of a person are in the trail: %s", text)
	}
	verified, err := v1.NewAuditServiceClient(g.conn).VerifyAudit(g.as(auditor), &v1.VerifyAuditRequest{})
	must(t, err)
	if !verified.GetClean() || verified.GetRecords() != 13 || len(verified.GetHead()) != 64 {
		t.Errorf("got %v", verified)
	}
}

func TestAuditOfTenants(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	one, two := g.signIn(g.hire(tenantOne, "Aldo", compliance.RoleAuditor)), g.signIn(g.hire(tenantTwo, "Zed", compliance.RoleAuditor))
	_, err := g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: "nobody@one.example", Password: "x"})
	wantReason(t, err, remit.ReasonSignInRefused)
	wantTrail(t, g.trail(one), "fact Aldo staff.sign_in done")
	wantTrail(t, g.trail(two), "fact Zed staff.sign_in done")
	wantTrail(t, g.trail(g.key), "fact Aldo staff.sign_in done", "fact Zed staff.sign_in done", "fact sign-in staff.sign_in refused SIGN_IN_REFUSED")
	for _, token := range []string{g.reader, g.other} {
		if a := g.callAs(token, "", "GET", "/v1/audit", ""); a.status != http.StatusForbidden {
			t.Errorf("got %s", a.body)
		}
	}
	officer := g.signIn(g.hire(tenantOne, "Olive", compliance.RoleOfficer))
	if a := g.callAs(officer, "", "GET", "/v1/audit", ""); a.status != http.StatusForbidden {
		t.Errorf("an officer reads the trail: %s", a.body)
	}
	if a := g.callAs(one, "", "POST", "/v1/audit:verify", "{}"); a.status != 200 || a.json["clean"] != true {
		t.Errorf("got %s", a.body)
	}
}

func TestAuditPages(t *testing.T) {
	t.Parallel()
	g := setup(t, cheap)
	for i := range 7 {
		if i == 4 {
			g.clock.Advance(time.Hour)
		}
		_, err := g.store.AppendAudit(t.Context(), compliance.AuditEntry{TenantID: tenantOne, Phase: compliance.AuditFact, Act: "case.view"})
		must(t, err)
	}
	client := v1.NewAuditServiceClient(g.conn)
	var got []int64
	for token := ""; ; {
		resp, err := client.ListAuditRecords(g.as(g.key), &v1.ListAuditRecordsRequest{PageSize: 3, PageToken: token})
		must(t, err)
		for _, r := range resp.GetRecords() {
			got = append(got, r.GetNumber())
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	if fmt.Sprint(got) != "[7 6 5 4 3 2 1]" {
		t.Errorf("got %v", got)
	}
	resp, err := client.ListAuditRecords(g.as(g.key), &v1.ListAuditRecordsRequest{From: timestamppb.New(noon.Add(time.Hour))})
	must(t, err)
	if len(resp.GetRecords()) != 3 {
		t.Errorf("got %d", len(resp.GetRecords()))
	}
	for _, bad := range []string{"x", "0", "-1", "+3", "3.0", "99999999999999999999", "03"} {
		_, err := client.ListAuditRecords(g.as(g.key), &v1.ListAuditRecordsRequest{PageToken: bad})
		wantReason(t, err, remit.ReasonFieldInvalid)
	}
	a := g.call("GET", "/v1/audit?page_size=2&act=case&from=2026-11-20T00:00:00Z", "").ok(t)
	if a.text("next_page_token") != "6" {
		t.Errorf("got %s", a.body)
	}
	for _, bad := range []string{"from=yesterday", "from=", "until=2026-11-20", "from=2026-11-20T00:00:00Z&from=2026-11-20T00:00:00Z", "page_size=501"} {
		if a := g.call("GET", "/v1/audit?"+bad, ""); a.status != http.StatusBadRequest {
			t.Errorf("%s: got %s", bad, a.body)
		}
	}
}

// brokenTrail is a store whose trail takes no records of a phase.
type brokenTrail struct {
	api.Store
	phase compliance.AuditPhase
	lost  atomic.Int64
}

func (b *brokenTrail) AppendAudit(ctx context.Context, e compliance.AuditEntry) (int64, error) {
	if e.Phase == b.phase {
		b.lost.Add(1)
		return 0, errors.New("the disk is full")
	}
	return b.Store.AppendAudit(ctx, e)
}

// TestTrailOutOfOrder: what cannot be recorded is not done; what was done and
// cannot be recorded is answered, and its intent stands without a result.
func TestTrailOutOfOrder(t *testing.T) {
	t.Parallel()
	for phase, want := range map[compliance.AuditPhase]string{compliance.AuditIntent: "UNAVAILABLE", compliance.AuditResult: ""} {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			var broken *brokenTrail
			g := setup(t, cheap, func(o *api.Options) {
				broken = &brokenTrail{Store: o.Store, phase: phase}
				o.Store = broken
			})
			mlro := g.signIn(g.hire(tenantOne, "Mira", compliance.RoleMLRO))
			_, err := g.staffClient().CreateStaff(g.as(mlro), &v1.CreateStaffRequest{Name: "Ada", Email: "ada@one.example", Role: "analyst"})
			if reasonOf(err) != want {
				t.Fatalf("got %v, want %q", err, want)
			}
			list, err := g.store.Staff(t.Context(), tenantOne)
			must(t, err)
			if made := len(list) == 2; made != (want == "") {
				t.Errorf("got %d people", len(list))
			}
			if broken.lost.Load() != 1 {
				t.Errorf("%d records were lost, want 1", broken.lost.Load())
			}
			report, err := g.store.VerifyAudit(t.Context())
			must(t, err)
			if !report.Clean() {
				t.Errorf("got %v", report.Findings)
			}
		})
	}
}
