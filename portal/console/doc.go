// Package console is the desk of analysts, officers, MLROs and auditors: the
// queue of cases, the case with all that is needed to decide it on one screen,
// lists, policy, audit trail, figures and people.
//
// It is a client of the API and nothing more. What a person may do is decided
// there; the pages only leave out what would be refused. Each form carries the
// idempotency key of its act.
//
//	desk, err := console.New(ctx, console.Options{Conn: server.Conn(), Clock: clock, Logger: log})
//	mux.Handle("/console/", desk)
//	mux.Handle("/static/", desk)
package console
