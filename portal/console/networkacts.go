package console

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// skew is how far the clocks of two processes of one gateway may be apart.
const skew = 100 * time.Millisecond

// formOf reads the fields of the treasury's forms.
func (v *visit) formOf(id, act string) said {
	field := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	return said{
		ID: id, Act: act, Reference: field("reference"), Reason: field("reason"), Currency: field("currency"),
		Amount: strings.ReplaceAll(field("amount"), ",", ""), By: field("by"),
	}
}

// back shows the page that a form was on, with what is wrong with it.
func (c *Console) back(v *visit, in said, err error) error {
	problem := problemIn(err)
	if problem == nil {
		var broken error
		if problem, broken = refusal(err, v.caller.RequestID); broken != nil {
			return broken
		}
	}
	if outlet := v.r.PostFormValue("outlet"); outlet != "" {
		v.r.SetPathValue("id", outlet)
		return c.showOutlet(v, problem.Status, in, problem)
	}
	return c.showNetwork(v, problem.Status, in, problem)
}

// done leads to the page that a form was on.
func (v *visit) done(what string) error {
	if outlet := v.r.PostFormValue("outlet"); outlet != "" {
		return v.redirect(outletPath(outlet), what)
	}
	return v.redirect(networkHome, what)
}

// before reports whether something was decided by another act than the one that
// began at a moment.
func (v *visit) before(began time.Time, by string, at *timestamppb.Timestamp) bool {
	return by != v.session.GetStaff().GetId() || began.Sub(at.AsTime()) > skew
}

// decideTopUp gives float that was asked for, or refuses it.
func (c *Console) decideTopUp(v *visit) error {
	in := v.formOf(v.r.PathValue("id"), v.r.PathValue("act"))
	if in.Act != "give" && in.Act != "refuse" {
		return portal.Missing(v.caller.RequestID)
	}
	began := c.clock.Now()
	answer, err := c.agents.DecideTopUp(v.act(), &v1.DecideTopUpRequest{Id: in.ID, Approve: in.Act == "give", Reference: in.Reference, Reason: in.Reason})
	if err != nil {
		return c.back(v, in, err)
	}
	t := answer.GetTopUp()
	return v.done(pastOr(in.Act == "give", "given", v.before(began, t.GetDecidedBy(), t.GetDecidedAt())))
}

// decideReturn takes float back that was offered, or refuses it.
func (c *Console) decideReturn(v *visit) error {
	in := v.formOf(v.r.PathValue("id"), v.r.PathValue("act"))
	if in.Act != "receive" && in.Act != "refuse" {
		return portal.Missing(v.caller.RequestID)
	}
	began := c.clock.Now()
	answer, err := c.network.DecideFloatReturn(v.act(), &v1.DecideFloatReturnRequest{Id: in.ID, Approve: in.Act == "receive", Reason: in.Reason})
	if err != nil {
		return c.back(v, in, err)
	}
	r := answer.GetFloatReturn()
	return v.done(pastOr(in.Act == "receive", "received", v.before(began, r.GetDecidedBy(), r.GetDecidedAt())))
}

// pastOr names what was done: now, or before this act.
func pastOr(approved bool, word string, before bool) string {
	if !approved {
		word = "refused"
	}
	if before {
		return "float-" + word + "-before"
	}
	return "float-" + word
}

// collectFloat books cash that was collected from an outlet.
func (c *Console) collectFloat(v *visit) error {
	in := v.formOf(v.r.PathValue("id"), "collect")
	_, err := c.network.CollectFloat(v.act(), &v1.CollectFloatRequest{
		OutletId: in.ID, Amount: &v1.Money{Currency: in.Currency, Amount: in.Amount}, HandedOverBy: in.By, Reference: in.Reference,
	})
	if err != nil {
		return c.back(v, in, err)
	}
	return v.done("float-collected")
}

// payCommission books that an agent was paid commission.
func (c *Console) payCommission(v *visit) error {
	in := v.formOf(v.r.PathValue("id"), "pay")
	_, err := c.agents.PayCommission(v.act(), &v1.PayCommissionRequest{
		AgentId: in.ID, Amount: &v1.Money{Currency: in.Currency, Amount: in.Amount}, Reference: in.Reference,
	})
	if err != nil {
		return c.back(v, in, err)
	}
	return v.done("commission-paid")
}

// suspendNetwork keeps an agent or outlet from working, or lets it work again.
func (c *Console) suspendNetwork(v *visit) error {
	in := v.formOf(v.r.PathValue("id"), v.r.PathValue("act"))
	if in.Act != "suspend" && in.Act != "reinstate" {
		return portal.Missing(v.caller.RequestID)
	}
	if in.Act == "reinstate" && in.Reason == "" {
		return c.back(v, in, portal.Problem{
			Status: http.StatusUnprocessableEntity, Title: "That cannot be used as it is", Reason: "FIELD_REQUIRED", RequestID: v.caller.RequestID,
			Detail: "Say why it may work again.", Fields: map[string]string{"reason": "Say why it may work again."},
		})
	}
	request := &v1.SetSuspensionRequest{Suspended: in.Act == "suspend", Reason: in.Reason}
	done := "network-" + in.Act
	switch v.r.PathValue("what") {
	case "agents":
		request.AgentId = in.ID
	case "outlets":
		request.OutletId = in.ID
	default:
		return portal.Missing(v.caller.RequestID)
	}
	if _, err := c.counters.SetSuspension(v.act(), request); err != nil {
		return c.back(v, in, err)
	}
	return v.done(done)
}

// problemIn returns the problem in an error that a page made itself.
func problemIn(err error) *portal.Problem {
	var p portal.Problem
	if errors.As(err, &p) {
		return &p
	}
	return nil
}
