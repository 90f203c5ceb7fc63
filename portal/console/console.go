package console

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

//go:embed all:templates
var templateFiles embed.FS

// home is where the console lives on its server.
const home = "/console"

// Options are what a console is made of. Conn, Clock and Logger are needed.
type Options struct {
	// Conn reaches the API.
	Conn   grpc.ClientConnInterface
	Clock  remit.Clock
	Logger *slog.Logger
	// IdentityProvider is the name on the button that signs in with OpenID
	// Connect; empty where none is configured.
	IdentityProvider string
}

// Console answers below /console and /static.
type Console struct {
	handler  http.Handler
	clock    remit.Clock
	log      *slog.Logger
	provider string
	pages    *portal.Pages
	grapher  *portal.Grapher
	rules    ruleBook

	staff         v1.StaffServiceClient
	cases         v1.CaseServiceClient
	remittances   v1.RemittanceServiceClient
	customers     v1.CustomerServiceClient
	beneficiaries v1.BeneficiaryServiceClient
	lists         v1.ListsServiceClient
	policy        v1.PolicyServiceClient
	audit         v1.AuditServiceClient
	network       v1.NetworkServiceClient
	agents        v1.AgentServiceClient
	counters      v1.PeopleServiceClient
	statements    v1.StatementServiceClient
	counter       v1.CounterServiceClient
	suspicions    v1.SuspicionServiceClient
}

// New makes a console. It parses every template, so that a broken one is found
// at start.
func New(ctx context.Context, o Options) (*Console, error) {
	if o.Conn == nil || o.Clock == nil || o.Logger == nil {
		return nil, errors.New("a console needs a connection, a clock and a logger")
	}
	assets, err := portal.NewAssets()
	if err != nil {
		return nil, err
	}
	folder, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, fmt.Errorf("open templates: %w", err)
	}
	c := &Console{
		clock: o.Clock, log: o.Logger, provider: o.IdentityProvider,
		staff: v1.NewStaffServiceClient(o.Conn), cases: v1.NewCaseServiceClient(o.Conn), remittances: v1.NewRemittanceServiceClient(o.Conn),
		customers: v1.NewCustomerServiceClient(o.Conn), beneficiaries: v1.NewBeneficiaryServiceClient(o.Conn),
		lists: v1.NewListsServiceClient(o.Conn), policy: v1.NewPolicyServiceClient(o.Conn), audit: v1.NewAuditServiceClient(o.Conn),
		counter: v1.NewCounterServiceClient(o.Conn), suspicions: v1.NewSuspicionServiceClient(o.Conn),
		network: v1.NewNetworkServiceClient(o.Conn), agents: v1.NewAgentServiceClient(o.Conn),
		counters: v1.NewPeopleServiceClient(o.Conn), statements: v1.NewStatementServiceClient(o.Conn),
	}
	if c.pages, err = portal.ParsePages(folder, assets, o.Clock, templateFunctions()); err != nil {
		return nil, err
	}
	if c.grapher, err = portal.NewGrapher(ctx); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	c.routes(mux)
	shell := portal.Shell{Clock: o.Clock, Logger: o.Logger, Refuse: c.refuse}
	top := http.NewServeMux()
	top.Handle("/static/", assets)
	top.Handle("/", shell.Wrap(mux))
	c.handler = top
	return c, nil
}

// ServeHTTP answers a request for a page or a static file.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// routes lists every page and act, with the permission that it needs: the API
// asks for it too, the page then says so before anything is tried.
func (c *Console) routes(mux *http.ServeMux) {
	open := func(pattern string, h func(*visit) error) { mux.HandleFunc(pattern, c.public(h)) }
	open("GET /console/sign-in", c.signInPage)
	open("POST /console/sign-in", c.signIn)
	open("POST /console/sign-in/code", c.signInCode)
	open("POST /console/sign-in/passkey", c.passkeySignIn)
	open("POST /console/sign-in/passkey/complete", c.passkeySignInComplete)
	open("GET /console/sign-in/provider", c.providerSignIn)
	open("GET /console/sign-in/provider/return", c.providerReturn)
	open("POST /console/theme", c.setTheme)

	page := func(pattern, permission string, h func(*visit) error) {
		mux.HandleFunc(pattern, c.signedIn(permission, portal.ReadTimeout, h))
	}
	act := func(pattern, permission string, h func(*visit) error) {
		mux.HandleFunc(pattern, c.signedIn(permission, portal.WriteTimeout, h))
	}
	page("GET /console", "", c.homePage)
	page("GET /console/{$}", "", c.homePage)
	act("POST /console/sign-out", "", c.signOut)
	page("GET /console/help", "", c.helpPage)
	page("GET /console/account", "", c.accountPage)
	act("POST /console/account/password", "", c.changePassword)
	act("POST /console/account/passkey", "", c.passkeyRegister)
	act("POST /console/account/passkey/complete", "", c.passkeyRegisterComplete)
	act("POST /console/account/passkey/remove", "", c.passkeyRemove)

	page("GET /console/cases", permCasesRead, c.queuePage)
	act("POST /console/cases/next", permCasesWork, c.takeNext)
	page("GET /console/cases/{id}", permCasesRead, c.casePage)
	page("GET /console/cases/{id}/version", permCasesRead, c.versionOf)
	page("GET /console/cases/{id}/graph", permCasesRead, c.graphPage)
	page("GET /console/cases/{id}/proof", permCasesRead, c.caseProof)
	page("GET /console/cases/{id}/export", permCasesRead, c.exportCase)
	page("GET /console/cases/{id}/documents/{document}", permCasesRead, c.document)
	act("POST /console/cases/{id}/documents", permCasesWork, c.attach)
	act("POST /console/cases/{id}/{act}", permCasesRead, c.caseAct)

	page("GET /console/evidence/{pickup}/{kind}", permCasesRead, c.evidence) // The API refuses who may not look, and writes so.
	page("GET /console/dashboard", permCasesRead, c.dashboardPage)
	page("GET /console/lists", permCasesRead, c.listsPage)
	mux.HandleFunc("POST /console/lists/update", c.signedIn(permListsUpdate, portal.LongTimeout, c.updateLists))
	page("GET /console/policy", permCasesRead, c.policyPage)
	page("GET /console/audit", permAuditRead, c.auditPage)
	mux.HandleFunc("GET /console/audit/export", c.signedIn(permAuditRead, portal.LongTimeout, c.exportAudit))
	mux.HandleFunc("POST /console/audit/verify", c.signedIn(permAuditRead, portal.LongTimeout, c.verifyAudit))
	page("GET /console/people", permStaffManage+"|"+permAuditRead, c.peoplePage)
	act("POST /console/people", permStaffManage, c.addPerson)
	act("POST /console/people/{id}/{act}", permStaffManage, c.changePerson)

	page("GET /console/network", permAgentsRead, c.networkPage)
	page("GET /console/network/outlets/{id}", permAgentsRead, c.outletPage)
	page("GET /console/network/outlets/{id}/day", permAgentsRead, c.outletDayPage)
	page("GET /console/network/outlets/{id}/statement", permAgentsRead, c.outletStatement)
	act("POST /console/network/outlets/{id}/collect", permFloatsManage, c.collectFloat)
	act("POST /console/network/agents/{id}/commission", permFloatsManage, c.payCommission)
	act("POST /console/network/top-ups/{id}/{act}", permFloatsManage, c.decideTopUp)
	act("POST /console/network/returns/{id}/{act}", permFloatsManage, c.decideReturn)
	act("POST /console/network/suspend/{what}/{id}/{act}", permAgentsSuspend, c.suspendNetwork)
	page("/", "", func(v *visit) error { return portal.Missing(v.caller.RequestID) })
}

// The permissions that sessions carry.
const (
	permCasesRead   = "cases.read"
	permCasesWork   = "cases.work"
	permCasesDecide = "cases.decide"
	permAuditRead   = "audit.read"
	permStaffManage = "staff.manage"
	permListsUpdate = "lists.update"

	permAgentsRead    = "agents.read"
	permAgentsSuspend = "agents.suspend"
	permFloatsManage  = "floats.manage"
)

// Cookies. The session's goes nowhere but to the console.
const (
	sessionCookie  = "remit_console"
	themeCookie    = "remit_theme"
	providerCookie = "remit_provider"
	themeAge       = 365 * 24 * time.Hour
	providerAge    = 10 * time.Minute
)
