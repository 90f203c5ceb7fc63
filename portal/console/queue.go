package console

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Bounds of the queue.
const (
	queuePageSize = 20
	// fetchers bounds the calls that one page has under way at a time.
	fetchers = 4
)

// queueFilter is what the form of the queue asks for; it is the page's query.
type queueFilter struct {
	Inbox, Status, Standing, Holder, Kind, Order string
	// Find is an id of a remittance, customer or case.
	Find, PageToken string
}

func readQueueFilter(q url.Values) queueFilter {
	f := queueFilter{
		Inbox: q.Get("inbox"), Status: q.Get("status"), Standing: q.Get("standing"), Holder: q.Get("holder"), Kind: q.Get("kind"),
		Order: q.Get("order"), Find: strings.TrimSpace(q.Get("find")), PageToken: q.Get("page"),
	}
	if !q.Has("status") && f.Find == "" {
		f.Status = "undecided"
	}
	if !q.Has("order") {
		f.Order = "due"
	}
	return f
}

// With returns the query of the same filter with one thing changed, from its
// first page on.
func (f queueFilter) With(name, value string) string {
	q := url.Values{}
	for n, v := range map[string]string{
		"inbox": f.Inbox, "status": f.Status, "standing": f.Standing, "holder": f.Holder, "kind": f.Kind, "order": f.Order, "find": f.Find,
	} {
		if v != "" || n == "status" {
			q.Set(n, v)
		}
	}
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	return "?" + q.Encode()
}

// Narrowed reports whether anything but the inbox narrows the queue.
func (f queueFilter) Narrowed() bool {
	return f.Status != "undecided" || f.Standing != "" || f.Holder != "" || f.Kind != "" || f.Find != ""
}

// queueData is what the queue shows.
type queueData struct {
	Filter  queueFilter
	Tabs    []queueTab
	Rows    []queueRow
	Next    string
	MayWork bool
}

type queueTab struct {
	Inbox, Text     string
	Undecided, Late int64
}

// queueRow is a case with what the list alone does not say.
type queueRow struct {
	Case *v1.Case
	// Top is the strongest hit; nil where there is none.
	Top        *v1.Hit
	Remittance *v1.Remittance
}

func (c *Console) queuePage(v *visit) error {
	f := readQueueFilter(v.r.URL.Query())
	if strings.HasPrefix(f.Find, remit.PrefixCase+"_") {
		return v.redirect(home+"/cases/"+url.PathEscape(f.Find), "")
	}
	data := queueData{Filter: f, MayWork: v.may(permCasesWork)}
	var statistics *v1.GetCaseStatisticsResponse
	var list *v1.ListCasesResponse
	err := together(
		func() (err error) {
			statistics, err = c.cases.GetCaseStatistics(v.read(), &v1.GetCaseStatisticsRequest{Days: 1})
			return ignoreMissing(err)
		},
		func() (err error) {
			list, err = c.cases.ListCases(v.read(), listRequest(f))
			return err
		},
	)
	if err != nil {
		return err
	}
	data.Tabs = queueTabs(statistics.GetInboxes())
	data.Next = list.GetNextPageToken()
	if data.Rows, err = c.queueRows(v, list.GetCases()); err != nil {
		return err
	}
	return c.show(v, http.StatusOK, "queue.html", c.page(v, "Queue", data))
}

func listRequest(f queueFilter) *v1.ListCasesRequest {
	r := &v1.ListCasesRequest{
		PageSize: queuePageSize, PageToken: f.PageToken, Status: f.Status, Inbox: f.Inbox, Kind: f.Kind, Holder: f.Holder, Order: f.Order, Standing: f.Standing,
	}
	switch {
	case strings.HasPrefix(f.Find, remit.PrefixCustomer+"_"):
		r.CustomerId = f.Find
	case f.Find != "":
		r.RemittanceId = f.Find
	}
	return r
}

func queueTabs(inboxes []*v1.InboxStatistics) []queueTab {
	tabs := []queueTab{{Text: "All"}}
	for _, name := range []string{"sanctions", "review", "operations", "mlro"} {
		tab := queueTab{Inbox: name, Text: inboxWords[name]}
		for _, i := range inboxes {
			if i.GetInbox() == name {
				tab.Undecided, tab.Late = i.GetUndecided(), i.GetLate()
			}
		}
		tabs[0].Undecided += tab.Undecided
		tabs[0].Late += tab.Late
		tabs = append(tabs, tab)
	}
	return tabs
}

// queueRows finds the amount of each case. Who it is about is not shown here:
// every look at a party is in the audit trail, and the queue refreshes itself.
// What cannot be found is left out: the row still leads to the case.
func (c *Console) queueRows(v *visit, cases []*v1.Case) ([]queueRow, error) {
	rows := make([]queueRow, len(cases))
	tasks := make([]func() error, 0, len(cases))
	for i, one := range cases {
		row := &rows[i]
		row.Case = one
		for _, h := range one.GetHits() {
			if row.Top == nil || h.GetScoreBasisPoints() > row.Top.GetScoreBasisPoints() {
				row.Top = h
			}
		}
		if id := one.GetRemittanceId(); id != "" {
			tasks = append(tasks, func() error {
				answer, err := c.remittances.GetRemittance(v.read(), &v1.GetRemittanceRequest{Id: id})
				row.Remittance = answer.GetRemittance()
				return ignoreMissing(err)
			})
		}
	}
	return rows, together(tasks...)
}

// The roles of a party.
const (
	roleOriginator  = "originator"
	roleBeneficiary = "beneficiary"
)

// fullName is a name as given.
func fullName(p *v1.Party) string {
	if p.GetCompanyName() != "" {
		return p.GetCompanyName()
	}
	return strings.TrimSpace(p.GetGivenName() + " " + p.GetFamilyName())
}

// ignoreMissing makes no error of something that is gone or not for these eyes.
func ignoreMissing(err error) error {
	if kind := portal.KindOf(err); kind == remit.KindNotFound || kind == remit.KindForbidden {
		return nil
	}
	return err
}

// together runs tasks a few at a time and returns the first error.
func together(tasks ...func() error) error {
	errs := make([]error, len(tasks))
	slots := make(chan struct{}, fetchers)
	var wg sync.WaitGroup
	for i, task := range tasks {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = task()
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// takeNext locks the most urgent case for the person and leads to it.
func (c *Console) takeNext(v *visit) error {
	answer, err := c.cases.TakeNextCase(v.act(), &v1.TakeNextCaseRequest{Inbox: v.r.PostFormValue("inbox")})
	if portal.KindOf(err) == remit.KindNotFound {
		target := home + "/cases?done=nothing"
		if inbox := v.r.PostFormValue("inbox"); inbox != "" {
			target += "&inbox=" + url.QueryEscape(inbox)
		}
		return v.redirect(target, "")
	}
	if err != nil {
		return err
	}
	return v.redirect(home+"/cases/"+url.PathEscape(answer.GetCase().GetId()), "taken")
}
