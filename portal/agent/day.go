package agent

import (
	"net/http"
	"strings"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// dayData is an outlet's day and its float, for who manages it.
type dayData struct {
	Report *v1.GetDayReportResponse
	Float  []*v1.FloatLine
	TopUps []*v1.TopUp
	// Returns are surplus float that was offered back or collected.
	Returns []*v1.FloatReturn
	// Payouts are the movements that paid a beneficiary.
	Payouts    []*v1.CounterMovement
	Day        string
	Key        string
	Trouble    *trouble
	Currencies []string
	Amount     string
	// Surplus and Where are what was written to hand float back; Offering says that
	// this was the form that was sent.
	Surplus, Where string
	Offering       bool
}

// mostTopUps bounds the requests for float that the page shows.
const mostTopUps = 5

// dayPage shows what happened at the outlet in a day, and its float now.
func (p *Portal) dayPage(v *visit) error { return p.showDay(v, http.StatusOK, dayData{}) }

func (p *Portal) showDay(v *visit, status int, data dayData) error {
	outlet := v.stand.GetOutlet().GetId()
	if outlet == "" {
		return p.show(v, http.StatusOK, "admin.html", v.words.T("admin.title"), nil)
	}
	data.Day, data.Key, data.Currencies = plainDigits(strings.TrimSpace(v.r.URL.Query().Get("day"))), portal.NewFormKey(), v.stand.GetOutlet().GetCurrencies()
	var err error
	if data.Report, err = p.agents.GetDayReport(v.read(), &v1.GetDayReportRequest{OutletId: outlet, Day: data.Day}); err != nil {
		return err
	}
	data.Day = data.Report.GetDay()
	for _, m := range data.Report.GetMovements() {
		if m.GetKind() == "payout" {
			data.Payouts = append(data.Payouts, m)
		}
	}
	float, err := p.agents.GetFloat(v.read(), &v1.GetFloatRequest{OutletId: outlet})
	if err != nil {
		return err
	}
	data.Float = float.GetLines()
	topUps, err := p.agents.ListTopUps(v.read(), &v1.ListTopUpsRequest{OutletId: outlet})
	if err != nil {
		return err
	}
	data.TopUps = topUps.GetTopUps()
	if len(data.TopUps) > mostTopUps {
		data.TopUps = data.TopUps[:mostTopUps]
	}
	returns, err := p.network.ListFloatReturns(v.read(), &v1.ListFloatReturnsRequest{OutletId: outlet})
	if err != nil {
		return err
	}
	data.Returns = returns.GetFloatReturns()
	if len(data.Returns) > mostTopUps {
		data.Returns = data.Returns[:mostTopUps]
	}
	return p.show(v, status, "day.html", v.words.T("day.title"), data)
}

// offerFloat offers surplus float back.
func (p *Portal) offerFloat(v *visit) error {
	data := dayData{Surplus: v.r.PostFormValue("surplus"), Where: strings.TrimSpace(v.r.PostFormValue("where")), Offering: true}
	_, err := p.network.OfferFloat(v.act(), &v1.OfferFloatRequest{
		OutletId: v.stand.GetOutlet().GetId(), Amount: &v1.Money{Currency: v.r.PostFormValue("currency"), Amount: plainAmount(data.Surplus)}, Reference: data.Where,
	})
	if err == nil {
		return v.redirect(home+"/day", "offered-float")
	}
	if data.Trouble, err = v.refused(err); err != nil {
		return err
	}
	return p.showDay(v, data.Trouble.Status, data)
}

// requestTopUp asks for float.
func (p *Portal) requestTopUp(v *visit) error {
	data := dayData{Amount: v.r.PostFormValue("amount")}
	_, err := p.counter.RequestTopUp(v.act(), &v1.RequestTopUpRequest{
		OutletId: v.stand.GetOutlet().GetId(), Amount: &v1.Money{Currency: v.r.PostFormValue("currency"), Amount: plainAmount(data.Amount)},
	})
	if err == nil {
		return v.redirect(home+"/day", "asked")
	}
	if data.Trouble, err = v.refused(err); err != nil {
		return err
	}
	return p.showDay(v, data.Trouble.Status, data)
}
