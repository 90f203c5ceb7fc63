package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
)

// group runs the parts of one process: the first part that errs ends them all,
// and what was opened is closed in reverse order.
type group struct {
	cancel context.CancelCauseFunc
	wait   sync.WaitGroup
	mu     sync.Mutex
	closes []func() error
}

func newGroup(ctx context.Context) (*group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &group{cancel: cancel}, ctx
}

// run starts a part.
func (g *group) run(ctx context.Context, part func(context.Context) error) {
	g.wait.Add(1)
	go func() {
		defer g.wait.Done()
		if err := part(ctx); err != nil && ctx.Err() == nil {
			g.cancel(err)
		}
	}()
}

// atEnd registers what close must undo, newest first.
func (g *group) atEnd(close func() error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closes = append(g.closes, close)
}

// serve serves a handler on a loopback port until ctx ends.
func (g *group) serve(ctx context.Context, port int, handler http.Handler) (address string, err error) {
	listener, err := listen(port)
	if err != nil {
		return "", err
	}
	g.serveOn(ctx, listener, handler)
	return listener.Addr().String(), nil
}

func (g *group) serveOn(ctx context.Context, listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: serverReadTimeout, IdleTimeout: serverIdleTimeout}
	g.run(ctx, func(context.Context) error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.run(ctx, func(ctx context.Context) error {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), serverCloseTimeout)
		defer cancel()
		if err := server.Shutdown(closing); err != nil {
			return server.Close()
		}
		return nil
	})
}

// end waits for the parts and closes what was opened.
func (g *group) end(ctx context.Context) error {
	g.cancel(nil)
	g.wait.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	var errs []error
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		errs = append(errs, cause)
	}
	for _, close := range slices.Backward(g.closes) {
		errs = append(errs, close())
	}
	return errors.Join(errs...)
}
