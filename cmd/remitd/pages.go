package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/portal/agent"
	"github.com/openremit/remit/portal/console"
)

// withPages puts the portals in front of the API: they have headers of their own.
// provider is the name of the identity provider, empty where there is none.
func withPages(ctx context.Context, server *api.Server, provider string, clock remit.Clock, log *slog.Logger) (http.Handler, error) {
	desk, err := console.New(ctx, console.Options{Conn: server.Conn(), IdentityProvider: provider, Clock: clock, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("make the console: %w", err)
	}
	counter, err := agent.New(agent.Options{Conn: server.Conn(), Clock: clock, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("make the agent portal: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/agent", counter)
	mux.Handle("/agent/", counter)
	mux.Handle("/console", desk)
	mux.Handle("/console/", desk)
	mux.Handle("/static/", desk)
	mux.Handle("/", server.Handler())
	return mux, nil
}
