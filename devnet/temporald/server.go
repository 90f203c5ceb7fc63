package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	loopback    = "127.0.0.1"
	clusterName = "active"

	// historyShards cannot change for the life of a file. The single database
	// connection serialises all shards anyway.
	historyShards = 1

	// unlimited stands for "the machine is the limit": a development server
	// throttling a load test would only hide what is being measured.
	unlimited = 1_000_000

	readyTimeout = 60 * time.Second
	readyPoll    = 20 * time.Millisecond
)

// limits lifts the rate limits that protect shared production clusters.
var limits = dynamicconfig.StaticClient{
	dynamicconfig.FrontendRPS.Key():                                         unlimited,
	dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():                  unlimited,
	dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key():        unlimited,
	dynamicconfig.FrontendMaxConcurrentLongRunningRequestsPerInstance.Key(): unlimited,
	dynamicconfig.FrontendPersistenceMaxQPS.Key():                           unlimited,
	dynamicconfig.HistoryRPS.Key():                                          unlimited,
	dynamicconfig.HistoryPersistenceMaxQPS.Key():                            unlimited,
	dynamicconfig.MatchingRPS.Key():                                         unlimited,
	dynamicconfig.MatchingPersistenceMaxQPS.Key():                           unlimited,
	dynamicconfig.WorkerPersistenceMaxQPS.Key():                             unlimited,
	dynamicconfig.EnableEagerWorkflowStart.Key():                            true,
}

// server is a Temporal server with all its roles, and perhaps its web UI.
type server struct {
	address   string
	namespace string
	temporal  temporal.Server
	ui        *uiserver.Server
	stopOnce  sync.Once
}

func newServer(ctx context.Context, o options) (*server, error) {
	ports, err := pickPorts(o.port, 7)
	if err != nil {
		return nil, err
	}
	// The UI server ends the process when it cannot listen, so ask first.
	if o.uiPort != 0 {
		if _, err := pickPorts(o.uiPort, 0); err != nil {
			return nil, fmt.Errorf("web UI: %w", err)
		}
	}
	sqlConfig := databaseConfig(o.db)
	if err := prepareDatabase(ctx, sqlConfig, clusterName, o.namespace); err != nil {
		return nil, err
	}

	cfg := serverConfig(sqlConfig, ports)
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: o.logLevel, Format: "console"}))
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return nil, fmt.Errorf("make authorizer: %w", err)
	}
	claims, err := authorization.GetClaimMapperFromConfig(&cfg.Global.Authorization, logger)
	if err != nil {
		return nil, fmt.Errorf("make claim mapper: %w", err)
	}
	t, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(staticHosts(cfg.Services)),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		temporal.WithDynamicConfigClient(limits),
		temporal.WithCustomMetricsHandler(metrics.NoopMetricsHandler),
	)
	if err != nil {
		return nil, fmt.Errorf("make server: %w", err)
	}

	s := &server{address: hostPort(ports[0]), namespace: o.namespace, temporal: t}
	if o.uiPort != 0 {
		s.ui = uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
			TemporalGRPCAddress: s.address,
			Host:                loopback,
			Port:                o.uiPort,
			EnableUI:            true,
			DefaultNamespace:    o.namespace,
			DisableNewsFetch:    true,
			CORS:                uiconfig.CORS{CookieInsecure: true},
		}))
	}
	return s, nil
}

// start returns when the namespace can be used.
func (s *server) start(ctx context.Context) error {
	if err := s.temporal.Start(); err != nil {
		return fmt.Errorf("start server: %w", err)
	}
	if s.ui != nil {
		go func() { _ = s.ui.Start() }()
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return waitReady(ctx, s.address, s.namespace)
}

func (s *server) stop(timeout time.Duration) {
	s.stopOnce.Do(func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			if s.ui != nil {
				s.ui.Stop()
			}
			_ = s.temporal.Stop()
		}()
		select {
		case <-done:
		case <-time.After(timeout):
		}
	})
}

func serverConfig(sqlConfig *config.SQL, ports []int) *config.Config {
	rpc := func(i int) config.Service {
		return config.Service{RPC: config.RPC{
			GRPCPort:       ports[i],
			MembershipPort: ports[i+4],
			BindOnIP:       loopback,
		}}
	}
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     sqlite.PluginName,
			VisibilityStore:  sqlite.PluginName,
			NumHistoryShards: historyShards,
			DataStores:       map[string]config.DataStore{sqlite.PluginName: {SQL: sqlConfig}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: hostPort(ports[0])},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			string(primitives.FrontendService): rpc(0),
			string(primitives.HistoryService):  rpc(1),
			string(primitives.MatchingService): rpc(2),
			string(primitives.WorkerService):   rpc(3),
		},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		PublicClient: config.PublicClient{HostPort: hostPort(ports[0])},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}
	cfg.Global.Membership = config.Membership{MaxJoinDuration: 10 * time.Second, BroadcastAddress: loopback}
	return cfg
}

// staticHosts takes the place of the gossip ring. The ring keeps rows in the
// database, and after a kill -9 a new process waits for the dead one's rows to
// expire; a fixed list has nothing to wait for.
func staticHosts(services map[string]config.Service) map[primitives.ServiceName]static.Hosts {
	hosts := make(map[primitives.ServiceName]static.Hosts, len(services))
	for name, svc := range services {
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(hostPort(svc.RPC.GRPCPort))
	}
	return hosts
}

// waitReady asks twice: the health check says that the frontend serves, the
// namespace call that it has read the database.
func waitReady(ctx context.Context, address, namespace string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("dial frontend: %w", err)
	}
	defer func() { _ = conn.Close() }()

	const service = "temporal.api.workflowservice.v1.WorkflowService"
	ready := func() error {
		res, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: service}, grpc.WaitForReady(true))
		if err != nil {
			return err
		}
		if res.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			return errors.New(res.GetStatus().String())
		}
		_, err = workflowservice.NewWorkflowServiceClient(conn).DescribeNamespace(ctx,
			&workflowservice.DescribeNamespaceRequest{Namespace: namespace})
		return err
	}
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for frontend: %w (last answer: %v)", ctx.Err(), err)
		case <-time.After(readyPoll):
		}
	}
}

// pickPorts returns first, or a free port where first is zero, and n more free
// ports. All are held open until the last is found, so none comes twice.
func pickPorts(first, n int) (ports []int, err error) {
	for i := range n + 1 {
		want := 0
		if i == 0 {
			want = first
		}
		l, err := net.Listen("tcp", hostPort(want))
		if err != nil {
			return nil, fmt.Errorf("pick port: %w", err)
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func hostPort(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
