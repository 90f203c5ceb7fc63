package agent

import (
	"net/http"
	"strings"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// approveData is a manager's word on the teller's screen: the manager signs for
// this one act and is signed out again.
type approveData struct {
	// Kind is pickup, deposit, drawer (book the difference), recount (count again) or
	// device, of the teller whose id is Reservation.
	Kind, ID, Reservation, Back string
	// Email is kept when the password was wrong; Challenge waits for the digits.
	Email, Challenge string
	// Key is the act's idempotency key.
	Key     string
	Trouble *trouble
}

func approval(v *visit) *approveData {
	field := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	return &approveData{
		Kind: field("kind"), ID: field("id"), Reservation: field("reservation"), Back: safeNext(field("back")),
		Email: field("email"), Challenge: field("challenge"), Key: field("key"),
	}
}

// approveSignIn checks the manager's password.
func (p *Portal) approveSignIn(v *visit) error {
	a := approval(v)
	nobody := &visit{w: v.w, r: v.r, ctx: v.ctx, caller: portal.Caller{RequestID: v.caller.RequestID}, words: v.words}
	answer, err := p.staff.SignIn(nobody.read(), &v1.SignInRequest{
		Email: a.Email, Password: v.r.PostFormValue("password"), Client: portal.ClientAddress(v.r),
	})
	if err != nil {
		if a.Trouble, err = v.notLetIn(err); err != nil {
			return err
		}
		return p.showApproval(v, a.Trouble.Status, a)
	}
	if answer.GetEnrollment() != nil {
		a.Trouble = &trouble{Words: v.words.T("approve.firstsignin"), Tone: portal.ToneAttention, Problem: portal.Problem{Status: http.StatusConflict, RequestID: v.caller.RequestID}}
		return p.showApproval(v, a.Trouble.Status, a)
	}
	a.Challenge = answer.GetChallenge()
	return p.showApproval(v, http.StatusOK, a)
}

// approveCode checks the manager's digits, does the one act in the manager's
// name and ends the manager's session.
func (p *Portal) approveCode(v *visit) error {
	a := approval(v)
	nobody := &visit{w: v.w, r: v.r, ctx: v.ctx, caller: portal.Caller{RequestID: v.caller.RequestID}, words: v.words}
	answer, err := p.staff.CompleteSignIn(nobody.read(), &v1.CompleteSignInRequest{Challenge: a.Challenge, Code: typedCode(v), Client: portal.ClientAddress(v.r)})
	if err != nil {
		if a.Trouble, err = v.notLetIn(err); err != nil {
			return err
		}
		return p.showApproval(v, a.Trouble.Status, a)
	}
	caller := portal.Caller{RequestID: v.caller.RequestID, Token: answer.GetToken(), Device: v.caller.Device}
	manager := &visit{w: v.w, r: v.r, ctx: v.ctx, caller: caller, words: v.words}
	err = p.approveAs(manager, a)
	if _, out := p.staff.SignOut(manager.read(), &v1.SignOutRequest{}); out != nil {
		p.log.WarnContext(v.ctx, "manager not signed out after approving", "request_id", v.caller.RequestID, "error", out.Error())
	}
	if err != nil {
		if a.Trouble, err = v.refused(err); err != nil {
			return err
		}
		a.Challenge, a.Key = "", portal.NewFormKey()
		return p.showApproval(v, a.Trouble.Status, a)
	}
	done := "approved"
	if a.Kind == "recount" {
		done = "recount"
	}
	if a.Kind == "device" {
		a.Back, done = home+"/pay", "bound"
	}
	return v.redirect(a.Back, done)
}

// approveAs does the act that a form names, as the manager.
func (p *Portal) approveAs(manager *visit, a *approveData) error {
	var err error
	switch a.Kind {
	case "device":
		_, err = p.people.DecideDevice(manager.act(), &v1.DecideDeviceRequest{TellerId: a.Reservation, DeviceId: a.ID, Approve: true})
	case "pickup":
		_, err = p.counter.ApprovePickup(manager.act(), &v1.ApprovePickupRequest{PickupId: a.ID, ReservationId: a.Reservation})
	case "deposit":
		_, err = p.cashIn.ApproveDeposit(manager.act(), &v1.ApproveDepositRequest{DepositId: a.ID})
	default:
		_, err = p.counter.DecideDrawer(manager.act(), &v1.DecideDrawerRequest{DrawerId: a.ID, Approve: a.Kind == "drawer"})
	}
	return err
}

// showApproval shows the form again where it came from.
func (p *Portal) showApproval(v *visit, status int, a *approveData) error {
	if a.Kind == "device" {
		return p.showDevice(v, status, nil, a)
	}
	if a.Kind == "pickup" {
		return p.showPickup(v, status, a.ID, nil, a)
	}
	if a.Kind == "deposit" {
		return p.showDeposit(v, status, a.ID, depositData{Approve: a})
	}
	return p.showDrawer(v, status, a.ID, nil, a)
}
