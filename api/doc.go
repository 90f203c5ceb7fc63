// Package api is the gateway's face to fintechs: the gRPC services of
// proto/remit/v1, the same over REST, and the pages that explain them.
//
// [New] wires a [Server] from its [Options]. [Server.ServeGRPC] answers gRPC,
// [Server.Handler] answers REST, /docs, /openapi.json, /healthz, /readyz,
// /metrics and the providers' callbacks. REST calls go through the very same
// interceptors as gRPC calls, over a connection in memory.
//
// A request passes, in this order: a request id and a recovered panic
// (observe.go), the key, its scopes and its rate (admit.go), the idempotency
// key of a write (idempotency.go), and then the handler, which reads,
// authorises, calls and translates. No business rule lives here.
//
// Invariants:
//
//   - Every RPC has a row in the table of rules (rules.go); a call without one is refused.
//   - Every write has an idempotency key; the ids of what it makes are derived
//     from it, so an interrupted request that is sent again makes the same things.
//   - A thing of another tenant is not found.
//   - Every REST error is one application/problem+json that names the reason
//     and what to do; errors are mapped once, in errors.go.
//   - Nothing that identifies a person is logged.
package api
