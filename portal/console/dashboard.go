package console

import (
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// dashboardData is what the page of figures shows.
type dashboardData struct {
	Days    int
	Choices []int
	Sum     daySum
	// Alerts, Judged are the charts over the days.
	Alerts, Judged template.HTML
	Rows           []*v1.DayStatistics
	Corridors      []corridorRow
	Inboxes        []*v1.InboxStatistics
	Undecided      int64
	Late           int64
}

type corridorRow struct {
	*v1.CorridorStatistics
	Bar template.HTML
}

// daySum sums all days.
type daySum struct{ Remittances, Alerted, Decided, FalsePositive, Late int64 }

// InTime is how many were decided before they were due.
func (s daySum) InTime() int64 { return s.Decided - s.Late }

func (c *Console) dashboardPage(v *visit) error {
	data := &dashboardData{Days: 30, Choices: []int{7, 30, 90, 365}}
	if n := number(v.r.URL.Query().Get("days")); n >= 1 && n <= 366 {
		data.Days = int(n)
	}
	answer, err := c.cases.GetCaseStatistics(v.read(), &v1.GetCaseStatisticsRequest{Days: int32(data.Days)})
	if err != nil {
		return err
	}
	data.Inboxes = answer.GetInboxes()
	for _, i := range data.Inboxes {
		data.Undecided += i.GetUndecided()
		data.Late += i.GetLate()
	}
	alerts, judged := make([]portal.Bar, 0, len(answer.GetDays())), make([]portal.Bar, 0, len(answer.GetDays()))
	for _, d := range answer.GetDays() {
		data.Sum.Remittances += d.GetRemittances()
		data.Sum.Alerted += d.GetAlerted()
		data.Sum.Decided += d.GetDecided()
		data.Sum.FalsePositive += d.GetFalsePositive()
		data.Sum.Late += d.GetLate()
		label := shortDay(d.GetDate())
		alerts = append(alerts, portal.Bar{Label: label, Full: fmt.Sprintf("%s: %d of %d stopped", d.GetDate(), d.GetAlerted(), d.GetRemittances()), Whole: d.GetRemittances(), Part: d.GetAlerted()})
		judged = append(judged, portal.Bar{Label: label, Full: fmt.Sprintf("%s: %d of %d decided late", d.GetDate(), d.GetLate(), d.GetDecided()), Whole: d.GetDecided(), Part: d.GetLate()})
		data.Rows = append([]*v1.DayStatistics{d}, data.Rows...)
	}
	data.Alerts = portal.Columns(alerts, portal.ToneAttention, "Remittances a day, and how many of them were stopped for a person; the table below has the figures")
	data.Judged = portal.Columns(judged, portal.ToneBad, "Cases decided a day, and how many of them late; the table below has the figures")
	var busiest int64
	for _, one := range answer.GetCorridors() {
		busiest = max(busiest, one.GetRemittances())
	}
	for _, one := range answer.GetCorridors() {
		data.Corridors = append(data.Corridors, corridorRow{one, portal.Meter(one.GetAlerted(), one.GetRemittances(), busiest, portal.ToneAttention)})
	}
	return c.show(v, http.StatusOK, "dashboard.html", c.page(v, "Figures", data))
}

// shortDay writes a day for the foot of a chart: "21 Nov".
func shortDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2 Jan")
}
