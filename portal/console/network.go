package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// networkHome is where the treasury's pages live.
const networkHome = home + "/network"

// said is what was written into a form that was refused, and which form it was.
type said struct {
	// ID and Act name the form.
	ID, Act string
	// The fields of forms.
	Reference, Reason, Currency, Amount, By string
}

// mayAct is what the person may do on the treasury's pages.
type mayAct struct{ Float, Suspend bool }

// networkData is what the page of the network shows.
type networkData struct {
	May     mayAct
	Network *v1.GetNetworkResponse
	Agents  []agentGroup
	Waiting []requestView
	// Agent and Low are what the list is narrowed by; Next leads on.
	Agent, Low, Next string
	First            bool
	Said             said
	Problem          *portal.Problem
}

// Narrowed reports whether the list is not whole.
func (d networkData) Narrowed() bool { return d.Agent != "" || d.Low != "" }

// agentGroup is an agent with its outlets of the page.
type agentGroup struct {
	*v1.NetworkAgent
	Outlets []*v1.NetworkOutlet
	Said    said
	Problem *portal.Problem
}

// requestView is a request with what it does to the float, and the form that
// was sent for it last.
type requestView struct {
	*v1.FloatRequest
	// ID, Amount and OutletID are of either kind.
	ID, OutletID string
	Amount       *v1.Money
	State        string
	// Reference is how the money was sent, or where it went.
	Reference, Reason  string
	AskedBy            string
	CreatedAt, Decided *timestamppb.Timestamp
	// After is what the float holds afterwards; Short says that it cannot give it.
	After *v1.Money
	Short bool
	Said  said
	// Problem is what was wrong with the form, nil where nothing was.
	Problem *portal.Problem
}

// Return reports whether float is handed back.
func (r requestView) Return() bool { return r.GetFloatReturn() != nil }

func (c *Console) viewsOf(list []*v1.FloatRequest, in said, problem *portal.Problem) []requestView {
	var out []requestView
	for _, r := range list {
		view := requestView{FloatRequest: r}
		if t := r.GetTopUp(); t != nil {
			view.ID, view.OutletID, view.Amount, view.State, view.Reference, view.Reason = t.GetId(), t.GetOutletId(), t.GetAmount(), t.GetState(), t.GetReference(), t.GetReason()
			view.CreatedAt, view.Decided, view.AskedBy = t.GetCreatedAt(), t.GetDecidedAt(), who(r.GetRequestedByName(), t.GetRequestedBy())
			view.After, view.Short = changed(r.GetFloat().GetFloat(), t.GetAmount(), 1)
		} else {
			f := r.GetFloatReturn()
			view.ID, view.OutletID, view.Amount, view.State, view.Reference, view.Reason = f.GetId(), f.GetOutletId(), f.GetAmount(), f.GetState(), f.GetReference(), f.GetReason()
			view.CreatedAt, view.Decided, view.AskedBy = f.GetCreatedAt(), f.GetDecidedAt(), who(r.GetRequestedByName(), f.GetRequestedBy())
			view.After, view.Short = changed(r.GetFloat().GetFloat(), f.GetAmount(), -1)
		}
		if in.ID == view.ID {
			view.Said, view.Problem = in, problem
		}
		out = append(out, view)
	}
	return out
}

// who is a person's name, or what is known of a program.
func who(name, id string) string {
	switch {
	case name != "":
		return name
	case strings.HasPrefix(id, "key_"):
		return "a program"
	}
	return ""
}

// changed is what an amount is after another was added or taken away; short says
// that there is not as much.
func changed(now, by *v1.Money, sign int64) (after *v1.Money, short bool) {
	asset, err := remit.Fiat(by.GetCurrency())
	if err != nil {
		return nil, false
	}
	a, errA := remit.ParseMoney(asset, now.GetAmount())
	b, errB := remit.ParseMoney(asset, by.GetAmount())
	if errors.Join(errA, errB) != nil {
		return nil, false
	}
	sum := a.Minor + sign*b.Minor
	return &v1.Money{Currency: by.GetCurrency(), Amount: remit.NewMoney(asset, sum).Decimal()}, sum < 0
}

func (v *visit) mayAct() mayAct {
	return mayAct{Float: v.may(permFloatsManage), Suspend: v.may(permAgentsSuspend)}
}

func (c *Console) networkPage(v *visit) error { return c.showNetwork(v, http.StatusOK, said{}, nil) }

func (c *Console) showNetwork(v *visit, status int, in said, problem *portal.Problem) error {
	q := v.r.URL.Query()
	request := &v1.GetNetworkRequest{AgentId: q.Get("agent"), LowOnly: q.Get("low") != "", PageToken: q.Get("page")}
	n, err := c.network.GetNetwork(v.read(), request)
	if err != nil {
		return err
	}
	data := networkData{
		May: v.mayAct(), Network: n, Waiting: c.viewsOf(n.GetWaiting(), in, problem), Agent: q.Get("agent"), Low: q.Get("low"), First: q.Get("page") == "",
		Said: in, Problem: problem,
	}
	data.Agents = groups(n, data.Narrowed() || !data.First || n.GetNextPageToken() != "", in, problem)
	if token := n.GetNextPageToken(); token != "" {
		next := url.Values{"page": {token}}
		for _, name := range []string{"agent", "low"} {
			if q.Get(name) != "" {
				next.Set(name, q.Get(name))
			}
		}
		data.Next = networkHome + "?" + next.Encode()
	}
	page := c.page(v, "Network", data)
	if v.r.Method != http.MethodGet {
		page.Path = networkHome
	}
	return c.show(v, status, "network.html", page)
}

// groups puts outlets under their agents: agents with a low float first. Agents
// without an outlet are left out where the list is only a part.
func groups(n *v1.GetNetworkResponse, part bool, in said, problem *portal.Problem) []agentGroup {
	byAgent := make(map[string][]*v1.NetworkOutlet)
	for _, o := range n.GetOutlets() {
		id := o.GetOutlet().GetAgentId()
		byAgent[id] = append(byAgent[id], o)
	}
	var out []agentGroup
	for _, a := range n.GetAgents() {
		group := agentGroup{NetworkAgent: a, Outlets: byAgent[a.GetAgent().GetId()]}
		if in.ID == a.GetAgent().GetId() {
			group.Said, group.Problem = in, problem
		}
		if len(group.Outlets) > 0 || !part {
			out = append(out, group)
		}
	}
	slices.SortStableFunc(out, func(a, b agentGroup) int { return cmp.Compare(min(b.GetLow(), 1), min(a.GetLow(), 1)) })
	return out
}

// outletData is what the page of one outlet shows.
type outletData struct {
	May mayAct
	*v1.GetNetworkOutletResponse
	// Waiting and Past are its requests.
	Waiting, Past []requestView
	Floats        []floatView
	Moves         []moveView
	Week          []dayView
	People        []*v1.Teller
	// Names are those of people, by id.
	Names map[string]string
	// Today is the day at the outlet, Month its month's first.
	Today, Month string
	Said         said
	Problem      *portal.Problem
}

// floatView is a float with what may leave it.
type floatView struct {
	*v1.FloatLine
	Spare *v1.Money
}

// moveView is a movement of a float with its sign.
type moveView struct {
	*v1.CounterMovement
	In     bool
	Teller string
}

// dayView is a day of the week with its hours; none where it is closed.
type dayView struct{ Day, Hours string }

func (c *Console) outletPage(v *visit) error { return c.showOutlet(v, http.StatusOK, said{}, nil) }

func (c *Console) showOutlet(v *visit, status int, in said, problem *portal.Problem) error {
	o, err := c.network.GetNetworkOutlet(v.read(), &v1.GetNetworkOutletRequest{OutletId: v.r.PathValue("id")})
	if err != nil {
		return err
	}
	data := outletData{May: v.mayAct(), GetNetworkOutletResponse: o, Names: make(map[string]string), Said: in, Problem: problem, Week: weekOf(o.GetOutlet().GetOutlet())}
	for _, r := range c.viewsOf(o.GetRequests(), in, problem) {
		if r.State == "requested" {
			data.Waiting = append(data.Waiting, r)
		} else {
			data.Past = append(data.Past, r)
		}
	}
	slices.Reverse(data.Waiting) // The oldest first, as in the network's list.
	for i, l := range o.GetOutlet().GetLines() {
		f := floatView{FloatLine: l}
		if i < len(o.GetSpare()) {
			f.Spare = o.GetSpare()[i]
		}
		data.Floats = append(data.Floats, f)
	}
	data.People = o.GetPeople()
	for _, p := range data.People {
		data.Names[p.GetId()] = p.GetName()
	}
	for _, m := range o.GetMovements() {
		data.Moves = append(data.Moves, moveView{m, m.GetKind() == "top_up" || m.GetKind() == "from_drawer", data.Names[m.GetTellerId()]})
	}
	data.Today, data.Month = c.today(o.GetOutlet().GetOutlet().GetTimeZone())
	page := c.page(v, o.GetOutlet().GetOutlet().GetName(), data)
	page.Path = outletPath(o.GetOutlet().GetOutlet().GetId())
	return c.show(v, status, "outlet.html", page)
}

// today is the day at a place, and the first of its month.
func (c *Console) today(zone string) (today, month string) {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	today = c.clock.Now().In(place).Format(time.DateOnly)
	return today, today[:8] + "01"
}

func outletPath(id string) string { return networkHome + "/outlets/" + url.PathEscape(id) }

// weekOf writes an outlet's hours by day, from Monday.
func weekOf(o *v1.Outlet) []dayView {
	var out []dayView
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		var spans []string
		for _, s := range o.GetHours() {
			if s.GetDay() == day {
				spans = append(spans, s.GetFrom()+"–"+s.GetTo())
			}
		}
		out = append(out, dayView{capital(day), strings.Join(spans, ", ")})
	}
	return out
}

// dayData is what the page of an outlet's day shows.
type dayData struct {
	ID, Today string
	Book      *v1.GetDayBookResponse
}

func (c *Console) outletDayPage(v *visit) error {
	id := v.r.PathValue("id")
	book, err := c.statements.GetDayBook(v.read(), &v1.GetDayBookRequest{OutletId: id, Day: v.r.URL.Query().Get("day")})
	if err != nil {
		return err
	}
	return c.show(v, http.StatusOK, "outlet-day.html", c.page(v, book.GetOutletName()+", "+book.GetDay(), dayData{ID: id, Book: book}))
}

// outletStatement sends an outlet's statement as CSV.
func (c *Console) outletStatement(v *visit) error {
	q := v.r.URL.Query()
	answer, err := c.statements.ExportSettlementStatement(v.read(), &v1.ExportSettlementStatementRequest{
		AgentId: q.Get("agent"), OutletId: v.r.PathValue("id"), From: q.Get("from"), To: q.Get("to"),
	})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", answer.GetContentType())
	h.Set("Content-Disposition", `attachment; filename="statement.csv"`)
	v.w.Write(answer.GetData()) //nolint:errcheck // The browser hung up; there is nobody to tell.
	return nil
}
