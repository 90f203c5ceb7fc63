package agent

import (
	"net/http"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// mineData is the teller's own day.
type mineData struct {
	Day, More string
	Movements []*v1.DayMovement
	// Me is the reader, to tell what came from what went.
	Me string
}

// minePageSize is how many movements a page shows.
const minePageSize = 50

// minePage shows what moved through the teller's drawer in a day.
func (p *Portal) minePage(v *visit) error {
	if v.stand.GetOutlet().GetId() == "" {
		return v.redirect(home+"/people", "")
	}
	query := v.r.URL.Query()
	answer, err := p.people.ListMyDay(v.read(), &v1.ListMyDayRequest{
		Day: plainDigits(strings.TrimSpace(query.Get("day"))), PageToken: query.Get("after"), PageSize: minePageSize,
	})
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "mine.html", v.words.T("mine.title"), mineData{
		Day: answer.GetDay(), More: answer.GetNextPageToken(), Movements: answer.GetMovements(), Me: v.stand.GetTeller().GetId(),
	})
}

// Gone reports whether cash left the reader's drawer by a movement.
func (d mineData) Gone(m *v1.CounterMovement) bool {
	switch m.GetKind() {
	case "payout", "from_drawer", "short", "refund":
		return true
	case "handover":
		return m.GetTellerId() == d.Me
	default:
		return false
	}
}

// approveHere is a manager's word on a reservation, or on cash that is to be
// taken, from the manager's own list.
func (p *Portal) approveHere(v *visit) error {
	id := v.r.PathValue("id")
	var err error
	if strings.HasPrefix(id, "dep_") {
		_, err = p.cashIn.ApproveDeposit(v.act(), &v1.ApproveDepositRequest{DepositId: id})
	} else {
		_, err = p.counter.ApprovePickup(v.act(), &v1.ApprovePickupRequest{PickupId: id, ReservationId: v.r.PostFormValue("reservation")})
	}
	if err == nil {
		return v.redirect(home+"/people", "approved")
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	return p.showPeople(v, t.Status, t)
}

// handovers are the drawers that are offered to the caller, and colleagues.
func (p *Portal) handovers(v *visit) (*v1.ListHandoversResponse, error) {
	return p.people.ListHandovers(v.read(), &v1.ListHandoversRequest{})
}

// takePage asks the next teller for a count of what was handed over.
func (p *Portal) takePage(v *visit) error {
	form, _, _ := countForm(v)
	return p.showTake(v, http.StatusOK, drawerData{Drawer: &v1.CashDrawer{Id: v.r.PathValue("id")}, Form: form, Key: portal.NewFormKey()})
}

func (p *Portal) showTake(v *visit, status int, data drawerData) error {
	return p.show(v, status, "take.html", v.words.T("hand.title"), data)
}

// takeOver adds the count up first, and takes the drawer over when the sum was
// seen and is what the other teller counted.
func (p *Portal) takeOver(v *visit) error {
	form, counts, good := countForm(v)
	id := v.r.PathValue("id")
	data := drawerData{Drawer: &v1.CashDrawer{Id: id}, Form: form, Key: v.r.PostFormValue("key"), Counted: good, Sum: v.sums(form)}
	if !good {
		data.Trouble = v.miscounted()
		return p.showTake(v, data.Trouble.Status, data)
	}
	if v.r.PostFormValue("seen") != totals(counts) {
		return p.showTake(v, http.StatusOK, data)
	}
	_, err := p.counter.TakeOverDrawer(v.act(), &v1.TakeOverDrawerRequest{DrawerId: id, Counts: counts})
	if err == nil {
		return v.redirect(home+"/drawer", "taken")
	}
	if data.Trouble, err = v.refused(err); err != nil {
		return err
	}
	if data.Trouble.Reason == string(remit.ReasonCountMismatch) || data.Trouble.Fields["counts"] != "" {
		data.Trouble.Words = v.words.T("hand.differs")
	}
	data.Counted, data.Key = false, portal.NewFormKey()
	return p.showTake(v, data.Trouble.Status, data)
}
