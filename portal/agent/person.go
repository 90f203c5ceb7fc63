package agent

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// made is an invitation that was made: its link is shown once.
type made struct {
	Link    string
	QR      template.HTML
	Expires *timestamppb.Timestamp
	For     string
}

func (p *Portal) madeInvitation(v *visit, person *v1.Person, token string, expires *timestamppb.Timestamp) (made, error) {
	scheme := "http://"
	if portal.Secured(v.r) {
		scheme = "https://"
	}
	m := made{Link: scheme + v.r.Host + home + "/join?invitation=" + token, Expires: expires, For: person.GetTeller().GetName()}
	var err error
	m.QR, err = portal.QRCode(m.Link, v.words.T("invite.qr"))
	return m, err
}

// dayHours are the hours of one day of the week as they are typed.
type dayHours struct{ Day, Name, Text string }

// weekdays are the API's names of days, Sunday first.
var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// weekForm writes spans of a week as they are typed: 08:00-12:00, 13:00-17:00.
func weekForm(v *visit, spans []*v1.OpenSpan) []dayHours {
	names := strings.Split(v.words.T("date.weekdays"), ",")
	out := make([]dayHours, len(weekdays))
	for i, day := range weekdays {
		var all []string
		for _, s := range spans {
			if s.GetDay() == day {
				all = append(all, s.GetFrom()+"-"+s.GetTo())
			}
		}
		out[i] = dayHours{Day: day, Name: names[i], Text: strings.Join(all, ", ")}
	}
	return out
}

// readWeek reads what was typed; what is no span goes to the API, which refuses it.
func readWeek(v *visit) (spans []*v1.OpenSpan, good bool) {
	good = true
	for _, day := range weekdays {
		text := strings.NewReplacer("–", "-", "،", ",", ";", ",", " ", "").Replace(plainDigits(v.r.PostFormValue("hours/" + day)))
		for part := range strings.SplitSeq(text, ",") {
			if part == "" {
				continue
			}
			from, to, found := strings.Cut(part, "-")
			if len(from) == 4 {
				from = "0" + from
			}
			if len(to) == 4 {
				to = "0" + to
			}
			good = good && found && len(from) == 5 && len(to) == 5
			spans = append(spans, &v1.OpenSpan{Day: day, From: from, To: to})
		}
	}
	return spans, good
}

// limitRow is a person's limit in one currency as it is typed.
type limitRow struct {
	Currency, PerPayout, PerDay string
	// Ceiling and DayCeiling are what the outlet pays at most; nil for no bound.
	Ceiling, DayCeiling *v1.Money
}

// personData is a person with all that may be changed.
type personData struct {
	personRow
	Place   *v1.Outlet
	Week    []dayHours
	Trained string
	Limits  []limitRow
	Admin   bool
	Key     string
	Reasons []string
	Trouble *trouble
	// Section is the form that was refused.
	Section string
	made
}

// suspensionReasons are the words that the API knows.
var suspensionReasons = []string{"left", "conduct", "cash", "security", "other"}

func (p *Portal) personPage(v *visit) error { return p.showPerson(v, http.StatusOK, personData{}) }

func (p *Portal) showPerson(v *visit, status int, data personData) error {
	answer, err := p.people.GetTeller(v.read(), &v1.GetTellerRequest{TellerId: v.r.PathValue("id")})
	if err != nil {
		return err
	}
	outlets, err := p.managedOutlets(v)
	if err != nil {
		return err
	}
	t := answer.GetPerson().GetTeller()
	data.personRow = p.personRow(v, answer.GetPerson(), outlets)
	data.Place, data.Admin, data.Key, data.Reasons = outletOf(outlets, t.GetOutletId()), v.isAdmin(), portal.NewFormKey(), suspensionReasons
	if data.Week == nil {
		data.Week = weekForm(v, t.GetShifts())
	}
	if data.Trained == "" && t.GetTrainedUntil() != nil {
		data.Trained = inZone(lastDay(t.GetTrainedUntil()), data.Place.GetTimeZone()).Format(time.DateOnly)
	}
	if data.Limits == nil {
		data.Limits = limitForm(t, data.Place)
	}
	return p.show(v, status, "person.html", t.GetName(), data)
}

func inZone(at time.Time, zone string) time.Time {
	if place, err := time.LoadLocation(zone); err == nil {
		return at.In(place)
	}
	return at
}

func limitForm(t *v1.Teller, o *v1.Outlet) []limitRow {
	var out []limitRow
	for _, code := range o.GetCurrencies() {
		row := limitRow{Currency: code}
		for _, l := range t.GetLimits() {
			if l.GetCurrency() == code {
				row.PerPayout, row.PerDay = l.GetPerPayout().GetAmount(), l.GetPerDay().GetAmount()
			}
		}
		for _, l := range o.GetLimits() {
			if l.GetCurrency() == code {
				row.Ceiling, row.DayCeiling = l.GetPerPayout(), l.GetPerDay()
			}
		}
		out = append(out, row)
	}
	return out
}

// after ends an act on a person: where it was refused the page shows it with
// what was typed.
func (p *Portal) after(v *visit, err error, done, section string, typed personData) error {
	if err == nil {
		return v.redirect(home+"/people/"+v.r.PathValue("id"), done)
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	typed.Trouble, typed.Section = t, section
	return p.showPerson(v, t.Status, typed)
}

// badHours is what to say of hours that are none.
func (v *visit) badHours() *trouble {
	return &trouble{Words: v.words.T("wrong.hours"), Tone: portal.ToneBad, Problem: portal.Problem{Status: http.StatusUnprocessableEntity, RequestID: v.caller.RequestID}}
}

// typedWeek is what was typed, to be shown again.
func typedWeek(v *visit) []dayHours {
	week := weekForm(v, nil)
	for i := range week {
		week[i].Text = v.r.PostFormValue("hours/" + week[i].Day)
	}
	return week
}

// setWork says when the person works and until when the training is valid.
func (p *Portal) setWork(v *visit) error {
	spans, good := readWeek(v)
	typed := personData{Week: typedWeek(v), Trained: plainDigits(strings.TrimSpace(v.r.PostFormValue("trained")))}
	if !good {
		typed.Trouble, typed.Section = v.badHours(), "work"
		return p.showPerson(v, typed.Trouble.Status, typed)
	}
	_, err := p.people.SetTellerWork(v.act(), &v1.SetTellerWorkRequest{
		TellerId: v.r.PathValue("id"), Shifts: spans, TrainedUntil: endOfDay(typed.Trained, v.r.PostFormValue("zone")),
	})
	return p.after(v, err, "saved", "work", typed)
}

// setLimits says above what the person needs a manager.
func (p *Portal) setLimits(v *visit) error {
	var typed personData
	var limits []*v1.CounterLimit
	if err := v.r.ParseForm(); err != nil {
		return portal.Problem{Status: http.StatusBadRequest, Reason: string(remit.ReasonBodyMalformed), RequestID: v.caller.RequestID}
	}
	for _, code := range v.r.PostForm["currency"] {
		row := limitRow{Currency: code, PerPayout: strings.TrimSpace(v.r.PostFormValue("payout/" + code)), PerDay: strings.TrimSpace(v.r.PostFormValue("day/" + code))}
		typed.Limits = append(typed.Limits, row)
		l := &v1.CounterLimit{Currency: code}
		if row.PerPayout != "" {
			l.PerPayout = &v1.Money{Currency: code, Amount: plainAmount(row.PerPayout)}
		}
		if row.PerDay != "" {
			l.PerDay = &v1.Money{Currency: code, Amount: plainAmount(row.PerDay)}
		}
		if l.PerPayout != nil || l.PerDay != nil {
			limits = append(limits, l)
		}
	}
	_, err := p.people.SetTellerLimits(v.act(), &v1.SetTellerLimitsRequest{TellerId: v.r.PathValue("id"), Limits: limits})
	return p.after(v, err, "saved", "limits", typed)
}

// suspension reads what a form of suspension does, and what is said of it then.
func suspension(v *visit) (req *v1.SetSuspensionRequest, done string) {
	req = &v1.SetSuspensionRequest{Suspended: v.r.PostFormValue("do") == "suspend", Reason: v.r.PostFormValue("reason")}
	if req.GetSuspended() {
		return req, "suspended"
	}
	req.Reason = ""
	return req, "lifted"
}

// suspendPerson keeps the person from working at once, or lets them work again.
func (p *Portal) suspendPerson(v *visit) error {
	req, done := suspension(v)
	req.TellerId = v.r.PathValue("id")
	_, err := p.people.SetSuspension(v.act(), req)
	return p.after(v, err, done, "suspension", personData{})
}

// bindPerson lets the person work on bound devices only, or on any.
func (p *Portal) bindPerson(v *visit) error {
	_, err := p.people.SetDeviceBinding(v.act(), &v1.SetDeviceBindingRequest{TellerId: v.r.PathValue("id"), Bind: v.r.PostFormValue("bind") == "yes"})
	return p.after(v, err, "saved", "devices", personData{})
}

// decideDevice binds a device to the person, or removes it.
func (p *Portal) decideDevice(v *visit) error {
	approve := v.r.PostFormValue("do") == "bind"
	done := "removed"
	if approve {
		done = "bound"
	}
	_, err := p.people.DecideDevice(v.act(), &v1.DecideDeviceRequest{TellerId: v.r.PathValue("id"), DeviceId: v.r.PostFormValue("device"), Approve: approve})
	return p.after(v, err, done, "devices", personData{})
}

// renewInvitation makes another invitation, whose link is shown once, or takes
// the last one back.
func (p *Portal) renewInvitation(v *visit) error {
	id := v.r.PathValue("id")
	if v.r.PostFormValue("do") == "revoke" {
		_, err := p.people.RevokeInvitation(v.act(), &v1.RevokeInvitationRequest{TellerId: id})
		return p.after(v, err, "revoked", "invitation", personData{})
	}
	answer, err := p.people.RenewInvitation(v.act(), &v1.RenewInvitationRequest{TellerId: id, Anew: v.r.PostFormValue("do") == "anew"})
	if err != nil {
		return p.after(v, err, "", "invitation", personData{})
	}
	var data personData
	if data.made, err = p.madeInvitation(v, answer.GetPerson(), answer.GetToken(), answer.GetExpiresAt()); err != nil {
		return err
	}
	return p.showPerson(v, http.StatusOK, data)
}
