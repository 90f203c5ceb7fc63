package agent

import (
	"net/http"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// outletData is an outlet with what its managers change.
type outletData struct {
	*v1.ManagedOutlet
	Week    []dayHours
	Closed  string
	Admin   bool
	Key     string
	Reasons []string
	Trouble *trouble
	Section string
}

func (p *Portal) outletPage(v *visit) error { return p.showOutlet(v, http.StatusOK, outletData{}) }

func (p *Portal) showOutlet(v *visit, status int, data outletData) error {
	outlets, err := p.managedOutlets(v)
	if err != nil {
		return err
	}
	for _, o := range outlets {
		if o.GetOutlet().GetId() == v.r.PathValue("id") {
			data.ManagedOutlet = o
		}
	}
	if data.ManagedOutlet == nil {
		return portal.Problem{Status: http.StatusNotFound, Reason: string(remit.ReasonNotFound), RequestID: v.caller.RequestID}
	}
	data.Admin, data.Key, data.Reasons = v.isAdmin(), portal.NewFormKey(), suspensionReasons
	if data.Week == nil {
		data.Week, data.Closed = weekForm(v, data.GetOutlet().GetHours()), strings.Join(data.GetOutlet().GetClosedDays(), ", ")
	}
	return p.show(v, status, "outlet.html", data.GetOutlet().GetName(), data)
}

// afterOutlet ends an act on an outlet.
func (p *Portal) afterOutlet(v *visit, err error, done, section string, typed outletData) error {
	if err == nil {
		return v.redirect(home+"/outlets/"+v.r.PathValue("id"), done)
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	typed.Trouble, typed.Section = t, section
	return p.showOutlet(v, t.Status, typed)
}

// setHours says when the outlet is open.
func (p *Portal) setHours(v *visit) error {
	spans, good := readWeek(v)
	typed := outletData{Week: typedWeek(v), Closed: v.r.PostFormValue("closed")}
	if !good {
		typed.Trouble, typed.Section = v.badHours(), "hours"
		return p.showOutlet(v, typed.Trouble.Status, typed)
	}
	closed := strings.FieldsFunc(plainDigits(typed.Closed), func(r rune) bool { return strings.ContainsRune(" ,;،\r\n\t", r) })
	_, err := p.people.SetOutletHours(v.act(), &v1.SetOutletHoursRequest{OutletId: v.r.PathValue("id"), Hours: spans, ClosedDays: closed})
	return p.afterOutlet(v, err, "saved", "hours", typed)
}

// suspendOutlet keeps all of the outlet's people from working, or lets them again.
func (p *Portal) suspendOutlet(v *visit) error {
	req, done := suspension(v)
	req.OutletId = v.r.PathValue("id")
	_, err := p.people.SetSuspension(v.act(), req)
	return p.afterOutlet(v, err, done, "suspension", outletData{})
}

// bindOutlet lets the outlet's tellers work on bound devices only, or on any.
func (p *Portal) bindOutlet(v *visit) error {
	_, err := p.people.SetDeviceBinding(v.act(), &v1.SetDeviceBindingRequest{OutletId: v.r.PathValue("id"), Bind: v.r.PostFormValue("bind") == "yes"})
	return p.afterOutlet(v, err, "saved", "devices", outletData{})
}

// SuspendTrouble is a refusal of the form of suspension, nil for none.
func (d outletData) SuspendTrouble() *trouble { return troubleIn(d.Trouble, d.Section) }

// SuspendTrouble is a refusal of the form of suspension, nil for none.
func (d personData) SuspendTrouble() *trouble { return troubleIn(d.Trouble, d.Section) }

func troubleIn(t *trouble, section string) *trouble {
	if section != "suspension" {
		return nil
	}
	return t
}

// Roles are what a person may be invited as.
func (inviteData) Roles() []string { return []string{"teller", "manager"} }
