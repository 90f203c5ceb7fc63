// Package portal is what the gateway's pages have in common: the shell around
// every page (request id, security headers, cross-origin protection, recovered
// panics, time limits), the one stylesheet and the one small script under
// cache-busted names, the way amounts, times, ids and states are written, charts
// and graphs drawn on the server, and the call to the API with the caller's
// session.
//
// A portal is a client like any other: it holds a connection to the API, sends
// the session's token with each call and has no power that the API lacks. It
// keeps nothing itself.
//
// Invariants: every page works with script off; nothing inline runs, and nothing
// is loaded from elsewhere (see CSP); a form carries the idempotency key of its
// act, so a double click or a resend is one act; an error page says what to do
// next and a number to quote.
package portal
