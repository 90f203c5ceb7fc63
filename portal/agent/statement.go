package agent

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// statementData is an agent's or outlet's account for a period.
type statementData struct {
	Statement *v1.SettlementStatement
	Positions []position
	// Query is the period as part of an address; This and Last are those of months.
	Query, This, Last string
	// Outlets are what an agent's admin may choose; a manager has one.
	Outlets []*v1.OutletStatement
	// First and Until are the days as moments, for people to read.
	First, Until time.Time
}

// position is what operator and agent owe each other in one currency.
type position struct {
	*v1.StatementPosition
	Net *v1.Money
	// ToAgent says that the agent is owed it.
	ToAgent bool
}

const dayForm = "2006-01-02"

// asked is what a page's address asks for, for the outlet that a manager has.
func (v *visit) asked() (outlet, from, to string) {
	q := v.r.URL.Query()
	if outlet = v.stand.GetOutlet().GetId(); outlet == "" {
		outlet = q.Get("outlet")
	}
	return outlet, plainDigits(strings.TrimSpace(q.Get("from"))), plainDigits(strings.TrimSpace(q.Get("to")))
}

func (p *Portal) statementPage(v *visit) error {
	outlet, from, to := v.asked()
	answer, err := p.statements.GetSettlementStatement(v.read(), &v1.GetSettlementStatementRequest{AgentId: v.stand.GetAgent().GetId(), OutletId: outlet, From: from, To: to})
	if err != nil {
		return err
	}
	st := answer.GetStatement()
	data := statementData{Statement: st, Query: periodQuery(st.GetFrom(), st.GetTo(), outlet)}
	v.words = v.words.in(st.GetTimeZone())
	for _, s := range st.GetPositions() {
		amount, toAgent := strings.CutPrefix(s.GetNet().GetAmount(), "-")
		data.Positions = append(data.Positions, position{s, &v1.Money{Currency: s.GetNet().GetCurrency(), Amount: amount}, toAgent})
	}
	today := st.GetMadeAt().AsTime().In(v.words.zone)
	first := time.Date(today.Year(), today.Month(), 1, 12, 0, 0, 0, v.words.zone)
	data.This = periodQuery(first.Format(dayForm), today.Format(dayForm), outlet)
	data.Last = periodQuery(first.AddDate(0, -1, 0).Format(dayForm), first.AddDate(0, 0, -1).Format(dayForm), outlet)
	data.First, data.Until = v.noon(st.GetFrom()), v.noon(st.GetTo())
	if v.stand.GetOutlet() == nil {
		data.Outlets = st.GetOutlets()
		if outlet != "" {
			whole, err := p.statements.GetSettlementStatement(v.read(), &v1.GetSettlementStatementRequest{AgentId: v.stand.GetAgent().GetId(), From: st.GetTo(), To: st.GetTo()})
			if err != nil {
				return err
			}
			data.Outlets = whole.GetStatement().GetOutlets()
		}
	}
	return p.show(v, http.StatusOK, "statement.html", v.words.T("statement.title"), data)
}

// noon is a moment of a day that the API wrote.
func (v *visit) noon(day string) time.Time {
	at, err := time.ParseInLocation(dayForm, day, v.words.zone)
	if err != nil {
		return time.Time{}
	}
	return at.Add(12 * time.Hour)
}

func periodQuery(from, to, outlet string) string {
	q := url.Values{"from": {from}, "to": {to}}
	if outlet != "" {
		q.Set("outlet", outlet)
	}
	return q.Encode()
}

// statementFile sends the statement as CSV.
func (p *Portal) statementFile(v *visit) error {
	outlet, from, to := v.asked()
	file, err := p.statements.ExportSettlementStatement(v.read(), &v1.ExportSettlementStatementRequest{AgentId: v.stand.GetAgent().GetId(), OutletId: outlet, From: from, To: to})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", file.GetContentType())
	h.Set("Content-Disposition", `attachment; filename="statement.csv"`)
	h.Set("Cache-Control", "no-store")
	_, err = v.w.Write(file.GetData())
	return err
}

// dayBookData is an outlet's day by drawer and teller, to be printed and signed.
type dayBookData struct {
	// Book is nil while no outlet is chosen.
	Book *v1.GetDayBookResponse
	Day  time.Time
	// Outlets are what an agent's admin may choose, Outlet the one that is shown and
	// Asked the day that the address names.
	Outlets []*v1.ManagedOutlet
	Outlet  string
	Asked   string
}

func (p *Portal) dayBookPage(v *visit) error {
	outlet, _, _ := v.asked()
	data := dayBookData{Outlet: outlet, Asked: plainDigits(strings.TrimSpace(v.r.URL.Query().Get("day")))}
	if v.stand.GetOutlet() == nil {
		var err error
		if data.Outlets, err = p.managedOutlets(v); err != nil {
			return err
		}
		if outlet == "" && len(data.Outlets) == 1 {
			data.Outlet = data.Outlets[0].GetOutlet().GetId()
		}
	}
	if data.Outlet != "" {
		var err error
		if data.Book, err = p.statements.GetDayBook(v.read(), &v1.GetDayBookRequest{OutletId: data.Outlet, Day: data.Asked}); err != nil {
			return err
		}
		if one := outletOf(data.Outlets, data.Outlet); one != nil {
			v.words = v.words.in(one.GetTimeZone())
		}
		data.Day, data.Asked = v.noon(data.Book.GetDay()), data.Book.GetDay()
	}
	return p.show(v, http.StatusOK, "daybook.html", v.words.T("daybook.title"), data)
}

// reportData is a report of suspicion, and what the person reported before.
type reportData struct {
	Pickup, Category, Text, Key string
	Categories                  []string
	Own                         []*v1.SuspicionReport
	Trouble                     *trouble
}

func (p *Portal) reportPage(v *visit) error {
	return p.showReport(v, http.StatusOK, reportData{Pickup: v.r.URL.Query().Get("payment")})
}

func (p *Portal) showReport(v *visit, status int, data reportData) error {
	data.Key = portal.NewFormKey()
	data.Categories = []string{"identity", "behaviour", "source_of_funds", "structuring", "third_party", "fraud_victim", "staff", "other"}
	own, err := p.suspicions.ListSuspicions(v.read(), &v1.ListSuspicionsRequest{})
	if err != nil {
		return err
	}
	data.Own = own.GetReports()
	return p.show(v, status, "report.html", v.words.T("report.title"), data)
}

func (p *Portal) report(v *visit) error {
	data := reportData{Pickup: v.r.PostFormValue("payment"), Category: v.r.PostFormValue("category"), Text: portal.Prose(v.r.PostFormValue("text"))}
	_, err := p.suspicions.ReportSuspicion(v.act(), &v1.ReportSuspicionRequest{PickupId: data.Pickup, Category: data.Category, Text: data.Text})
	if err == nil {
		return v.redirect(home+"/report", "reported")
	}
	if data.Trouble, err = v.refused(err); err != nil {
		return err
	}
	return p.showReport(v, data.Trouble.Status, data)
}
