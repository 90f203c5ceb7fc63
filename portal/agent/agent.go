package agent

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

//go:embed all:templates
var templateFiles embed.FS

// home is where the portal lives on its server.
const home = "/agent"

// Options are what the portal is made of. All are needed.
type Options struct {
	// Conn reaches the API.
	Conn   grpc.ClientConnInterface
	Clock  remit.Clock
	Logger *slog.Logger
}

// Portal answers below /agent and /static.
type Portal struct {
	handler   http.Handler
	clock     remit.Clock
	log       *slog.Logger
	pages     *portal.Pages
	languages *languages

	staff      v1.StaffServiceClient
	counter    v1.CounterServiceClient
	agents     v1.AgentServiceClient
	people     v1.PeopleServiceClient
	network    v1.NetworkServiceClient
	statements v1.StatementServiceClient
	suspicions v1.SuspicionServiceClient
	cashIn     v1.CashInServiceClient
}

// New makes the portal. It parses every template and catalogue, so that a
// broken one is found at start.
func New(o Options) (*Portal, error) {
	if o.Conn == nil || o.Clock == nil || o.Logger == nil {
		return nil, errors.New("an agent portal needs a connection, a clock and a logger")
	}
	assets, err := portal.NewAssets()
	if err != nil {
		return nil, err
	}
	folder, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, fmt.Errorf("open templates: %w", err)
	}
	p := &Portal{
		clock: o.Clock, log: o.Logger,
		staff: v1.NewStaffServiceClient(o.Conn), counter: v1.NewCounterServiceClient(o.Conn), agents: v1.NewAgentServiceClient(o.Conn),
		people:     v1.NewPeopleServiceClient(o.Conn),
		network:    v1.NewNetworkServiceClient(o.Conn),
		statements: v1.NewStatementServiceClient(o.Conn), suspicions: v1.NewSuspicionServiceClient(o.Conn),
		cashIn: v1.NewCashInServiceClient(o.Conn),
	}
	if p.languages, err = readLanguages(); err != nil {
		return nil, err
	}
	if p.pages, err = portal.ParsePages(folder, assets, o.Clock, template.FuncMap{
		"int64": func(n int32) int64 { return int64(n) }, "len64": func(list []fault) int64 { return int64(len(list)) }, "dashed": fieldID,
		"has": slices.Contains[[]string], "hashMark": hashMark, "confirmKey": confirmKey,
	}); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	p.routes(mux)
	shell := portal.Shell{Clock: o.Clock, Logger: o.Logger, Refuse: p.refuse}
	top := http.NewServeMux()
	top.Handle("/static/", assets)
	top.Handle("/", shell.Wrap(mux))
	p.handler = top
	return p, nil
}

// ServeHTTP answers a request for a page or a static file.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// routes lists every page and act.
func (p *Portal) routes(mux *http.ServeMux) {
	open := func(pattern string, h func(*visit) error) { mux.HandleFunc(pattern, p.public(h)) }
	open("GET /agent/sign-in", p.signInPage)
	open("POST /agent/sign-in", p.signIn)
	open("POST /agent/sign-in/code", p.signInCode)
	open("POST /agent/look", p.setLook)

	page := func(pattern string, h func(*visit) error) { mux.HandleFunc(pattern, p.signedIn(portal.ReadTimeout, h)) }
	act := func(pattern string, h func(*visit) error) {
		mux.HandleFunc(pattern, p.signedIn(portal.WriteTimeout, h))
	}
	// A photo takes long over a slow line.
	mux.HandleFunc("POST /agent/pay/{id}/reserve", p.signedIn(portal.LongTimeout, p.reserve))
	page("GET /agent", p.homePage)
	page("GET /agent/{$}", p.homePage)
	act("POST /agent/sign-out", p.signOut)
	page("GET /agent/account", p.accountPage)
	act("POST /agent/account/password", p.changePassword)

	page("GET /agent/pay", p.payPage)
	act("POST /agent/pay", p.find)
	page("GET /agent/pay/{id}", p.pickupPage)
	act("POST /agent/pay/{id}/confirm", p.confirm)
	act("POST /agent/pay/{id}/release", p.release)

	page("GET /agent/send", p.sendPage)
	act("POST /agent/send", p.price)
	act("POST /agent/send/step", p.step)
	act("POST /agent/send/find", p.findCustomer)
	act("POST /agent/send/sender", p.saveSender)
	act("POST /agent/send/receiver", p.saveReceiver)
	act("POST /agent/send/deposit", p.createDeposit)
	page("GET /agent/send/{id}", p.depositPage)
	act("POST /agent/send/{id}/count", p.countDeposit)
	act("POST /agent/send/{id}/take", p.takeDeposit)
	act("POST /agent/send/{id}/cancel", p.cancelDeposit)

	act("POST /agent/approve", p.approveSignIn)
	act("POST /agent/approve/code", p.approveCode)

	page("GET /agent/drawer", p.drawerPage)
	act("POST /agent/drawer/open", p.openDrawer)
	act("POST /agent/drawer/move", p.moveCash)
	page("GET /agent/drawer/close", p.closePage)
	act("POST /agent/drawer/close", p.closeDrawer)
	page("GET /agent/drawer/{id}", p.drawerPage)

	page("GET /agent/day", p.dayPage)
	page("GET /agent/day/evidence/{id}", p.evidencePage)
	act("POST /agent/top-up", p.requestTopUp)
	act("POST /agent/surplus", p.offerFloat)
	p.peopleRoutes(open, page, act)
	page("GET /agent/statement", p.statementPage)
	page("GET /agent/statement.csv", p.statementFile)
	page("GET /agent/daybook", p.dayBookPage)
	page("GET /agent/report", p.reportPage)
	act("POST /agent/report", p.report)
	page("/", func(v *visit) error { return portal.Missing(v.caller.RequestID) })
}

// Cookies. The session's goes nowhere but to this portal.
const (
	sessionCookie  = "remit_agent"
	themeCookie    = "remit_theme"
	languageCookie = "remit_language"
	lookAge        = 365 * 24 * time.Hour
)
