package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// testInvitations: an invitation is used once, by one of those who try at the
// same time, and sets password, authenticator and session as one.
func testInvitations(t *testing.T, w *world) {
	nina := w.hire("Nina", compliance.RoleTeller, func(n *api.NewStaff) { n.MustChangePassword, n.TOTPSecret = true, nil })
	const teller = "tel_01k9zc7v4ye3t8m5q2w6x0b1nd"
	invite := func(text string) [32]byte {
		t.Helper()
		hash := secretHash(text)
		w.must(w.s.CreateInvitation(w.ctx, api.Invitation{
			Hash: hash, TenantID: w.tenant, TellerID: teller, StaffID: nina.ID, ExpiresAt: w.clock.Now().Add(time.Hour),
		}))
		return hash
	}
	join := func(invitation [32]byte) error {
		n := w.signedIn(nina.ID, 7)
		n.NewTOTPSecret, n.Join = []byte("12345678901234567890"), &api.Joining{Invitation: invitation, PasswordHash: "the chosen one"}
		_, err := w.s.OpenSession(w.ctx, n)
		return err
	}
	first := invite("first")
	w.clock.Advance(time.Minute)
	second := invite("second")
	w.refused(join(first), remit.KindPrecondition, remit.ReasonSignInRefused)
	if account, err := w.s.StaffByID(w.ctx, nina.ID); err != nil || account.TOTPSecret != nil || account.PasswordHash == "the chosen one" {
		t.Fatalf("a replaced invitation left %+v (%v)", account, err)
	}
	answers := make(chan error)
	for range 2 {
		go func() { answers <- join(second) }()
	}
	if got := []error{<-answers, <-answers}; !slices.Contains(got, nil) || got[0] == nil && got[1] == nil {
		t.Fatalf("two at once were answered %v, want one of them let in", got)
	}
	account, err := w.s.StaffByID(w.ctx, nina.ID)
	w.must(err)
	if account.PasswordHash != "the chosen one" || account.TOTPSecret == nil || account.MustChangePassword {
		t.Errorf("joining left %+v", account)
	}
	last, err := w.s.LastInvitations(w.ctx, w.tenant, []string{teller, "tel_other"})
	w.must(err)
	if got := last[teller]; got.Hash != second || got.UsedAt.IsZero() || len(last) != 1 {
		t.Errorf("the last invitations are %+v", last)
	}
	if ended, err := w.s.RevokeInvitation(w.ctx, w.tenant, teller); err != nil || ended {
		t.Errorf("a used invitation was revoked: %v, %v", ended, err)
	}
	if ended, err := w.s.EndSessions(w.ctx, []remit.StaffID{nina.ID}); err != nil || ended != 1 {
		t.Errorf("%d sessions ended (%v), want 1", ended, err)
	}
	_, err = w.s.InvitationByHash(w.ctx, secretHash("nothing"))
	w.refused(err, remit.KindNotFound, remit.ReasonInvitationUnknown)
}
