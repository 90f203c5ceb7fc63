package agent

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// soon is how long before the end of a training it is warned of.
const soon = 14 * 24 * time.Hour

// peopleRoutes lists the pages about people, devices and handing over.
func (p *Portal) peopleRoutes(open, page, act func(string, func(*visit) error)) {
	open("GET /agent/join", p.joinPage)
	open("POST /agent/join", p.join)
	open("POST /agent/join/invitation", p.joinPage)
	open("POST /agent/join/code", p.joined)

	page("GET /agent/device", p.devicePage)
	act("POST /agent/device", p.askDevice)

	page("GET /agent/mine", p.minePage)
	page("GET /agent/drawer/take/{id}", p.takePage)
	act("POST /agent/drawer/take/{id}", p.takeOver)

	page("GET /agent/people", p.peoplePage)
	act("POST /agent/approvals/{id}", p.approveHere)
	page("GET /agent/people/invite", p.invitePage)
	act("POST /agent/people/invite", p.invite)
	page("GET /agent/people/{id}", p.personPage)
	act("POST /agent/people/{id}/invitation", p.renewInvitation)
	act("POST /agent/people/{id}/work", p.setWork)
	act("POST /agent/people/{id}/limits", p.setLimits)
	act("POST /agent/people/{id}/suspension", p.suspendPerson)
	act("POST /agent/people/{id}/binding", p.bindPerson)
	act("POST /agent/people/{id}/device", p.decideDevice)
	page("GET /agent/outlets/{id}", p.outletPage)
	act("POST /agent/outlets/{id}/hours", p.setHours)
	act("POST /agent/outlets/{id}/suspension", p.suspendOutlet)
	act("POST /agent/outlets/{id}/binding", p.bindOutlet)
}

// isAdmin reports whether the person manages the whole agent.
func (v *visit) isAdmin() bool { return v.stand.GetTeller().GetRole() == "agent_admin" }

// training is how a person's training stands: good, soon or over.
func training(until *timestamppb.Timestamp, now time.Time) string {
	switch left := until.AsTime().Sub(now); {
	case until == nil || left <= 0:
		return "over"
	case left <= soon:
		return "soon"
	default:
		return "good"
	}
}

// lastDay is the last day on which something that ends at a moment holds.
func lastDay(until *timestamppb.Timestamp) time.Time { return until.AsTime().Add(-time.Second) }

// trainingNotice warns the reader whose own training ends; nil for nothing to say.
func (p *Portal) trainingNotice(v *visit) *portal.Notice {
	if v.stand.GetOutlet() == nil {
		return nil
	}
	until := v.stand.GetTeller().GetTrainedUntil()
	switch training(until, p.clock.Now()) {
	case "over":
		return &portal.Notice{Tone: portal.ToneBad, Text: v.words.T("training.over")}
	case "soon":
		return &portal.Notice{Tone: portal.ToneAttention, Text: v.words.T("training.soon", "day", v.words.Date(lastDay(until)))}
	default:
		return nil
	}
}

// personRow is a person in the list.
type personRow struct {
	*v1.Person
	Outlet   string
	Training string
	// Last is the last day of the training; Waits says that a device waits.
	Last  string
	Waits bool
}

// peopleData is who and what the reader manages.
type peopleData struct {
	People    []personRow
	Outlets   []*v1.ManagedOutlet
	Approvals []*v1.WaitingApproval
	Takes     []*v1.Deposit
	// More is the next page's address, empty for none.
	More    string
	Admin   bool
	Trouble *trouble
	Key     string
}

func (p *Portal) peoplePage(v *visit) error { return p.showPeople(v, http.StatusOK, nil) }

func (p *Portal) showPeople(v *visit, status int, t *trouble) error {
	data := peopleData{Admin: v.isAdmin(), Trouble: t, Key: portal.NewFormKey()}
	var err error
	if data.Outlets, err = p.managedOutlets(v); err != nil {
		return err
	}
	answer, err := p.people.ListPeople(v.read(), &v1.ListPeopleRequest{PageSize: minePageSize, PageToken: v.r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	if next := answer.GetNextPageToken(); next != "" {
		data.More = home + "/people?after=" + next
	}
	for _, one := range answer.GetPeople() {
		data.People = append(data.People, p.personRow(v, one, data.Outlets))
	}
	waiting, err := p.people.ListApprovals(v.read(), &v1.ListApprovalsRequest{PageSize: minePageSize})
	if err != nil {
		return err
	}
	data.Approvals = waiting.GetApprovals()
	if data.Takes, err = p.takesToApprove(v); err != nil {
		return err
	}
	return p.show(v, status, "people.html", v.words.T("people.title"), data)
}

func (p *Portal) personRow(v *visit, one *v1.Person, outlets []*v1.ManagedOutlet) personRow {
	row := personRow{Person: one, Training: training(one.GetTeller().GetTrainedUntil(), p.clock.Now())}
	row.Waits = slices.ContainsFunc(one.GetDevices(), func(d *v1.CounterDevice) bool { return !d.GetBound() })
	outlet := outletOf(outlets, one.GetTeller().GetOutletId())
	row.Outlet = outlet.GetName()
	if one.GetTeller().GetTrainedUntil() != nil {
		row.Last = v.words.in(outlet.GetTimeZone()).Date(lastDay(one.GetTeller().GetTrainedUntil()))
	}
	return row
}

// managedOutlets are all outlets that the reader manages.
func (p *Portal) managedOutlets(v *visit) ([]*v1.ManagedOutlet, error) {
	var out []*v1.ManagedOutlet
	for token := ""; ; {
		answer, err := p.people.ListManagedOutlets(v.read(), &v1.ListManagedOutletsRequest{PageSize: 100, PageToken: token})
		if err != nil {
			return nil, err
		}
		out = append(out, answer.GetOutlets()...)
		if token = answer.GetNextPageToken(); token == "" {
			if v.stand.GetOutlet() == nil && len(out) > 0 {
				// Who manages an agent reads times as they are at its first outlet.
				v.words = v.words.in(out[0].GetOutlet().GetTimeZone())
			}
			return out, nil
		}
	}
}

func outletOf(list []*v1.ManagedOutlet, id string) *v1.Outlet {
	for _, o := range list {
		if o.GetOutlet().GetId() == id {
			return o.GetOutlet()
		}
	}
	return nil
}

// inviteData is the form of an invitation, or the invitation that was made.
type inviteData struct {
	Outlets                   []*v1.ManagedOutlet
	Name, Email, Role, Outlet string
	Trained, Key              string
	Trouble                   *trouble
	made
}

func (p *Portal) invitePage(v *visit) error {
	return p.showInvite(v, http.StatusOK, inviteData{Role: "teller"})
}

func (p *Portal) showInvite(v *visit, status int, data inviteData) error {
	var err error
	if data.Outlets, err = p.managedOutlets(v); err != nil {
		return err
	}
	if data.Key == "" {
		data.Key = portal.NewFormKey()
	}
	title := v.words.T("invite.title")
	if data.Link != "" {
		title = v.words.T("invite.made", "name", data.For)
	}
	return p.show(v, status, "invite.html", title, data)
}

// invite makes an invitation and shows its link, this once.
func (p *Portal) invite(v *visit) error {
	field := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	data := inviteData{Name: field("name"), Email: field("email"), Role: field("role"), Outlet: field("outlet"), Trained: plainDigits(field("trained")), Key: field("key")}
	outlets, err := p.managedOutlets(v)
	if err != nil {
		return err
	}
	answer, err := p.people.InviteTeller(v.act(), &v1.InviteTellerRequest{
		OutletId: data.Outlet, Name: data.Name, Email: data.Email, Role: data.Role, TrainedUntil: endOfDay(data.Trained, outletOf(outlets, data.Outlet).GetTimeZone()),
	})
	if err != nil {
		if data.Trouble, err = v.refused(err); err != nil {
			return err
		}
		data.Key = portal.NewFormKey()
		return p.showInvite(v, data.Trouble.Status, data)
	}
	if data.made, err = p.madeInvitation(v, answer.GetPerson(), answer.GetToken(), answer.GetExpiresAt()); err != nil {
		return err
	}
	return p.showInvite(v, http.StatusOK, data)
}

// endOfDay is when a day such as 2026-12-31 ends in a zone; nil for no day.
func endOfDay(day, zone string) *timestamppb.Timestamp {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	at, err := time.ParseInLocation(time.DateOnly, day, place)
	if err != nil {
		return nil
	}
	return timestamppb.New(at.AddDate(0, 0, 1))
}
