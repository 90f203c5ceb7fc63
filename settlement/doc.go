// Package settlement pays stablecoins on chains, each order at most once and
// to a known end.
//
// An [Order] says what is to be paid; it is unique per remittance and leg. An
// [Attempt] is one signed transaction that carries one or many orders. A [Rail]
// speaks to one chain; the [Engine] drives orders through attempts to an end.
//
// # Why no sequence of crashes and lost replies pays twice
//
// A payment is made only by a transaction, a transaction takes effect only if
// its signed bytes reach the chain, and a chain applies the same bytes at most
// once. So an order is paid twice only if two different transactions that carry
// it take effect. These invariants rule that out; settlementtest holds every rail
// and the engine to them, in every test that it runs, through crashes and faults.
//
//  1. Stored before sent. An attempt is stored with its signed bytes, hash and
//     expiry before its first byte leaves: [Store.SaveAttempt], then
//     [Rail.Submit]. Whatever could take effect is therefore known after any
//     crash. (settlementtest: "pays once whenever the process dies", and a
//     witness at every Submit.)
//  2. One open attempt per order. SaveAttempt moves orders from queued to
//     attempting by compare-and-set, all or none; an order that is attempting
//     is not signed for again. (storetest: attempts race for an order; the
//     witness at every Prepare.)
//  3. The same bytes. An attempt is sent as often as need be, but never
//     changed; new bytes are a new attempt. A [Bump] is an envelope around the
//     same transaction, stored before it is sent as well. (The witness compares the bytes;
//     "sends the same bytes again".)
//  4. Failed is proved. An order leaves its attempt only when the attempt is
//     known to be failed, and [Rail.Lookup] says failed only of what can never
//     take effect any more: it was applied and failed, or its expiry is past by
//     the chain's own clock and the chain's state after that shows that it was
//     not applied. No answer to a submission says failed, nor does silence,
//     absence or an error. Each rail's package says how it proves it. ("says
//     failed only of what can never land", "calls nothing failed while nobody
//     can be asked"; at the end of every test no transaction that was called
//     failed is in the chain's books.)
//  5. Unknown stays unknown. Anything else, a timeout above all, is looked up
//     again and sent again as it is, until 4 or success, for ever if it must.
//     ("keeps what was sent while the endpoint is down".)
//  6. An end is an end. What became of an attempt and of its orders, with the
//     notices, is one transaction, and is never replaced. (storetest: finish
//     twice; "every ended order has one notice".)
//  7. One leg after the other. The next rail is tried only after the order of
//     the rail before it failed, which 4 makes final. (internal/sim compares
//     the chains' books with the ledger's.)
//
// From 2 and 4: of two transactions that carry an order, the second was signed
// after the first was proved never to take effect. From 1: there is no
// transaction that is not known. From 3: each transaction is one at most.
//
// # Claims
//
// A [Claimer] may leave a payment on chain for its destination to claim. The order
// is settled then, and its [Claim] is open: nobody has the money. The engine watches
// open claims and ends them when the chain shows who has it. What nobody claimed in
// its time is taken back by an order with Reclaims, which is carried like any other:
// all of the above holds for it. The chain lets either the destination or the
// treasury have it, so it is never both claimed and taken back; a claim's end, too,
// is never replaced. ("survive faults" in the Stellar rail's tests; internal/sim.)
//
// # Modes
//
// Orders travel alone ([ModeSingle]), many to a transaction ([ModeBatched]), or
// as one sum per destination and window ([ModeNetted]). A transaction of several
// orders carries the Merkle root of theirs ([Root]); [Prove] shows that one of
// them is among them.
//
// # Rails and coins
//
// A [Router] judges the rails for a payment and says best first which can carry
// it, and why the others cannot. It knows by asking in the background: a rail
// that has not answered well lately is not used. A [Guard] watches the peg of a
// coin; while it is paused no route is given, and what was placed goes on. What
// the router says reserves nothing: the ledger's hold does.
package settlement
