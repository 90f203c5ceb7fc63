// Package agent is the counter of an agent's outlet: tellers pay cash out, keep
// their drawers and see the day; managers approve what a teller may not do alone.
//
// It is a client of the API and nothing more: who may do what, and what happened
// to a payment, is decided and known there. The pages show the true state each
// time they are asked for, so that a lost line, the back button or a second tab
// ends where the payment stands. Each form carries the idempotency key of its
// act. No pickup code and no name of a person is ever part of an address.
//
// Every text is in the catalogues of messages, one file for each language;
// numbers, money and dates are written by the reader's locale.
//
//	counter, err := agent.New(agent.Options{Conn: server.Conn(), Clock: clock, Logger: log})
//	mux.Handle("/agent/", counter)
package agent
