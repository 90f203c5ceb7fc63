// Package settlement pays stablecoins on chains, each order at most once and
// to a known end.
//
// An [Order] says what is to be paid; it is unique per remittance and leg. An
// [Attempt] is one signed transaction that carries one or many orders. A [Rail]
// speaks to one chain; the [Engine] drives orders through attempts to an end.
//
// Why no sequence of crashes and lost replies pays an order twice:
//
//  1. An attempt is stored, with its signed bytes, hash and expiry, before its
//     first byte leaves ([Store.SaveAttempt], then [Rail.Submit]).
//  2. An order is bound to at most one open attempt: SaveAttempt moves it from
//     queued to attempting by compare-and-set, or stores nothing.
//  3. Sending again sends the same bytes; a chain applies a transaction once.
//  4. An order leaves its attempt only when the attempt is known to be failed,
//     and [Rail.Lookup] says failed only of an attempt that can never take
//     effect any more: it was applied and failed, or its expiry is past by the
//     chain's own clock and the chain's state after it shows that it was not
//     applied. Each rail's package says how it proves that.
//  5. Anything else, a timeout above all, is unknown: it is looked up, and the
//     same bytes are sent again, until 4 or success.
//
// An order that fails for good leaves as failed with its reason, and only then
// may the money go another way.
package settlement
