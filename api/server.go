package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"buf.build/go/protovalidate"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/test/bufconn"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/corridors"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// Catalogue knows the corridors and what they ask for. It is implemented by
// *corridors.Catalogue.
type Catalogue interface {
	Corridors() []corridors.Corridor
	// Corridor returns one corridor. Errors: not_found.
	Corridor(id remit.CorridorID) (corridors.Corridor, error)
	// RequiredFields returns the JSON Schema of what a remittance of an amount
	// asks for. Errors: not_found; invalid for the fields payout and amount.
	RequiredFields(id remit.CorridorID, method remit.PayoutMethod, amount remit.Money) ([]byte, error)
	// ValidateRemittance checks both parties and the account by that schema.
	ValidateRemittance(id remit.CorridorID, method remit.PayoutMethod, amount remit.Money,
		originator, beneficiary remit.Party, account map[string]string) ([]remit.FieldError, error)
	// ValidateOriginator and ValidateBeneficiary return all that is wrong with
	// one party, whatever the corridor and amount.
	ValidateOriginator(party remit.Party) []remit.FieldError
	ValidateBeneficiary(country remit.Country, method remit.PayoutMethod, party remit.Party, account map[string]string) []remit.FieldError
	// NormaliseOriginator and NormaliseBeneficiary write a party in the one form
	// that is stored.
	NormaliseOriginator(party remit.Party) remit.Party
	NormaliseBeneficiary(country remit.Country, method remit.PayoutMethod, party remit.Party, account map[string]string) (remit.Party, map[string]string)
}

// Quoter makes firm quotes and stores nothing. It is implemented by *corridors.Quoter.
type Quoter interface {
	// Quote prices a request. Errors: invalid, with every field that is wrong;
	// unavailable when there is no mid rate or only an old one.
	Quote(ctx context.Context, r corridors.Request) (remit.Quote, error)
}

// ListUpdater reads the screening lists anew.
type ListUpdater interface {
	// UpdateLists reads every list again, puts it in force and returns what is
	// then in force. On an error the lists in force stay. Errors: unavailable.
	UpdateLists(ctx context.Context) ([]ScreeningList, error)
}

// ScreeningList is one list as it is in force.
type ScreeningList struct {
	Name    string
	Version string
	Entries int
	// UpdatedAt is zero where it is not known.
	UpdatedAt time.Time
}

// ListTrouble is something about the lists that a person must see to.
type ListTrouble struct {
	// List is the list or file, empty for the whole folder. Kind is ListRefused,
	// ListUnreachable or ListDoubtful.
	List, Kind, Message string
	At                  time.Time
}

// Kinds of trouble with lists.
const (
	// ListRefused: newer files were not taken into use, those before stay.
	ListRefused = "refused"
	// ListUnreachable: newer files could not be fetched.
	ListUnreachable = "unreachable"
	// ListDoubtful: the files in force may not be whole.
	ListDoubtful = "doubtful"
)

// ListChange is what changed from one version of a list to the next.
type ListChange struct {
	List, FromVersion, ToVersion string
	Before, After                int
	Added, Removed, Changed      int
	// Entries are the first of each kind that differ.
	Entries []ListedEntry
	At      time.Time
}

// ListedEntry is an entry that differs: Change is added, removed or changed.
type ListedEntry struct{ ID, Name, Change string }

// ListsNews is what there is to say of the lists beside their versions.
type ListsNews struct {
	Troubles []ListTrouble
	// Changes are the last of each list, newest first.
	Changes []ListChange
}

// PolicyDescriber tells the policy in force. It is implemented by *policy.Policy.
type PolicyDescriber interface {
	// Describe returns files, rules and what the policy's own tests say.
	Describe(ctx context.Context) (compliance.PolicyDescription, error)
}

// BuildInfo names the program that answers.
type BuildInfo struct {
	Version string
	Commit  string
}

// Options are what a server is made of. Store, Catalogue, Quoter and Clock are
// needed; all else may be left out.
type Options struct {
	Store     Store
	Catalogue Catalogue
	Quoter    Quoter
	Clock     remit.Clock
	// Kick is called after a write that left a notice for a workflow.
	Kick   func()
	Logger *slog.Logger
	// Explorer returns where a transaction can be looked up, empty for nowhere.
	Explorer func(rail remit.Rail, hash string) string
	// PickupCode returns the code of a remittance that waits at the counter under
	// an order of its payout.
	PickupCode func(r remit.Remittance, payout remit.RampOrderID) string
	Lists      ListUpdater
	// Counter is every act at our own counters; nil where there are none.
	Counter *counter.Service
	// ListsInForce tells the screening lists in force; nil where it is not known.
	ListsInForce func() []ScreeningList
	// ListsNews tells of trouble with the lists and of their changes; may be nil.
	ListsNews func() ListsNews
	// Screen compares the parties of a case with the lists anew, to show what of
	// them matched; nil where nothing can.
	Screen compliance.Screener
	// Policy tells the policy in force; nil where it cannot be told.
	Policy PolicyDescriber
	// Callbacks answers below /callbacks/ and authenticates by itself; requests
	// come with their path as it is and at most MaxBodyBytes of body.
	Callbacks http.Handler
	Build     BuildInfo
	// Ready errs while the process cannot do its work; /readyz shows it.
	Ready func(ctx context.Context) error
	// Metrics is where the metrics are registered and shown from; a fresh
	// registry when nil.
	Metrics *prometheus.Registry
	// RatePerSecond and RateBurst bound the calls of a key; zero is DefaultRate
	// and DefaultBurst.
	RatePerSecond int
	RateBurst     int
	// Staff says how people sign in.
	Staff StaffOptions
	// Sandbox adds the magic values of the sandbox to the docs page.
	Sandbox bool
}

// Server answers gRPC and REST. Make one with New and end it with Close.
type Server struct {
	store      Store
	catalogue  Catalogue
	quoter     Quoter
	clock      remit.Clock
	kick       func()
	log        *slog.Logger
	explorer   func(remit.Rail, string) string
	pickupCode func(remit.Remittance, remit.RampOrderID) string
	lists      ListUpdater
	counter    *counter.Service
	inForce    func() []ScreeningList
	listsNews  func() ListsNews
	screen     compliance.Screener
	policy     PolicyDescriber
	ready      func(context.Context) error
	build      BuildInfo

	validator protovalidate.Validator
	limits    *limiters
	metrics   *metrics
	grpc      *grpc.Server
	health    *health.Server
	handler   http.Handler
	loopback  *bufconn.Listener
	conn      *grpc.ClientConn

	// closing ends the waits for events when the server closes.
	closing context.Context //nolint:containedctx // It is the server's own life, not a call's.
	close   context.CancelFunc
	served  chan error

	closeOnce sync.Once
	closeErr  error
}

// New makes a server. It listens nowhere yet: see ServeGRPC and Handler.
func New(o Options) (*Server, error) {
	s, err := newServer(o)
	if err != nil {
		return nil, err
	}
	if err := s.registerServices(o); err != nil {
		return nil, err
	}
	go func() { s.served <- s.grpc.Serve(s.loopback) }()
	s.conn, err = grpc.NewClient("passthrough:///remit",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return s.loopback.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithChainUnaryInterceptor(refuseUnreadable),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		s.grpc.Stop()
		return nil, fmt.Errorf("connect gateway to services: %w", err)
	}
	if s.handler, err = s.newHandler(o); err != nil {
		return nil, errors.Join(err, s.Close(context.Background()))
	}
	return s, nil
}

func newServer(o Options) (*Server, error) {
	if o.Store == nil || o.Catalogue == nil || o.Quoter == nil || o.Clock == nil {
		return nil, errors.New("an API server needs a store, a catalogue, a quoter and a clock")
	}
	validator, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("make validator of the contract: %w", err)
	}
	s := &Server{
		store: o.Store, catalogue: o.Catalogue, quoter: o.Quoter, clock: o.Clock,
		kick: o.Kick, log: o.Logger, explorer: o.Explorer, pickupCode: o.PickupCode,
		lists: o.Lists, counter: o.Counter, inForce: o.ListsInForce, listsNews: o.ListsNews, screen: o.Screen, policy: o.Policy, ready: o.Ready, build: o.Build,
		validator: validator, health: health.NewServer(),
		limits:   newLimiters(orDefault(o.RatePerSecond, DefaultRate), orDefault(o.RateBurst, DefaultBurst)),
		loopback: bufconn.Listen(MaxBodyBytes), served: make(chan error, 1),
	}
	if s.kick == nil {
		s.kick = func() {}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.metrics, err = newMetrics(o.Metrics); err != nil {
		return nil, err
	}
	s.closing, s.close = context.WithCancel(context.Background())
	s.grpc = grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.ChainUnaryInterceptor(s.observeUnary, s.admitUnary, s.idempotent, s.auditUnary),
		grpc.ChainStreamInterceptor(s.observeStream, s.admitStream),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 20 * time.Second, PermitWithoutStream: true}),
	)
	return s, nil
}

func orDefault(n, usual int) int {
	if n > 0 {
		return n
	}
	return usual
}

func (s *Server) registerServices(o Options) error {
	staff, err := newStaffService(s, o.Staff)
	if err != nil {
		return fmt.Errorf("set up signing in: %w", err)
	}
	v1.RegisterCorridorServiceServer(s.grpc, &corridorService{Server: s})
	v1.RegisterQuoteServiceServer(s.grpc, &quoteService{Server: s})
	v1.RegisterCustomerServiceServer(s.grpc, &customerService{Server: s})
	v1.RegisterBeneficiaryServiceServer(s.grpc, &beneficiaryService{Server: s})
	v1.RegisterRemittanceServiceServer(s.grpc, &remittanceService{Server: s})
	v1.RegisterCaseServiceServer(s.grpc, &caseService{Server: s})
	v1.RegisterStaffServiceServer(s.grpc, staff)
	v1.RegisterAuditServiceServer(s.grpc, &auditService{Server: s})
	v1.RegisterAgentServiceServer(s.grpc, &agentService{Server: s})
	v1.RegisterSuspicionServiceServer(s.grpc, &suspicionService{Server: s})
	v1.RegisterStatementServiceServer(s.grpc, &statementService{Server: s})
	v1.RegisterNetworkServiceServer(s.grpc, &networkService{Server: s})
	v1.RegisterCounterServiceServer(s.grpc, &counterService{Server: s})
	v1.RegisterPeopleServiceServer(s.grpc, &peopleService{Server: s, staff: staff})
	v1.RegisterCashInServiceServer(s.grpc, &cashInService{Server: s})
	v1.RegisterTreasuryServiceServer(s.grpc, &treasuryService{Server: s})
	v1.RegisterLedgerServiceServer(s.grpc, &ledgerService{Server: s})
	v1.RegisterListsServiceServer(s.grpc, &listsService{Server: s})
	v1.RegisterPolicyServiceServer(s.grpc, &policyService{Server: s})
	grpc_health_v1.RegisterHealthServer(s.grpc, s.health)
	return nil
}

// Conn is the connection in memory that REST goes over: calls on it are
// authenticated and limited as any others are.
func (s *Server) Conn() grpc.ClientConnInterface { return s.conn }

// Handler answers REST and the pages. A server in front of it needs a write
// timeout above MaxWait.
func (s *Server) Handler() http.Handler { return s.handler }

// closeGrace is how long calls may take to finish when the server stops.
const closeGrace = 10 * time.Second

// ServeGRPC answers gRPC on a listener until ctx ends; then it closes the whole
// server and lets calls finish for a few seconds.
func (s *Server) ServeGRPC(ctx context.Context, l net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- s.grpc.Serve(l) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
		defer cancel()
		closed := s.Close(grace)
		err = errors.Join(<-served, closed)
	}
	if err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve gRPC on %s: %w", l.Addr(), err)
	}
	return nil
}

// Close ends the waits for events at once, lets other calls finish until ctx
// ends, and stops. Handler must not be used afterwards. Closing twice is no error.
func (s *Server) Close(ctx context.Context) error {
	s.closeOnce.Do(func() { s.closeErr = s.shutdown(ctx) })
	return s.closeErr
}

func (s *Server) shutdown(ctx context.Context) error {
	s.health.Shutdown()
	s.close()
	done := make(chan struct{})
	go func() { s.grpc.GracefulStop(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		s.grpc.Stop()
	}
	err := <-s.served
	if errors.Is(err, grpc.ErrServerStopped) {
		err = nil
	}
	if s.conn != nil {
		err = errors.Join(err, s.conn.Close())
	}
	if err != nil {
		return fmt.Errorf("close API server: %w", err)
	}
	return nil
}
