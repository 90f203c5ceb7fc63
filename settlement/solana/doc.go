// Package solana is the Solana rail: it pays orders in the configured coins, each
// a token of SPL Token or Token-2022, from a treasury wallet, over JSON-RPC. The
// main type is [Rail], made by [New]. One transaction may carry several coins.
//
// Of Token-2022, fees on transfers are paid on top within a bound, memos that an
// account requires are given, a paused mint is waited for, accounts that would
// open frozen are not opened; a transfer hook, a coin that cannot be transferred
// and a [Power] of the issuer that the configuration does not accept refuse the
// coin.
//
// A transaction carries, in this order: the compute-unit limit and price, one
// memo, and for each order a TransferChecked to the destination's associated
// token account, preceded by the account's idempotent creation where it is
// missing. It holds as many orders as fit in 1,232 bytes: 17 to as many accounts,
// 44 to a few, 8 when accounts are created, and [MaxBatch], 48, when they are in
// the treasury's lookup table, with 9 that are created.
//
// The lookup table is made by [Rail.MakeTable] and kept by [Rail.TendTable]. Its
// entries are used once they are final, so that no fork can put another account
// in their place, and once the signer knows them by their hash; a transaction
// that does not gain by it names all its accounts.
//
// The memo is the order's own when it is alone. Several orders carry the Merkle
// root of theirs ([settlement.Root]), in hex; each can show its place under it.
//
// What is known of an attempt (see [Rail.Lookup]):
//
//   - found at finalized: final, paid or failed as its status says;
//   - found below finalized: pending;
//   - not found, by a node that has finalized a block beyond the attempt's last
//     valid height and whose history reaches back to before the attempt was
//     signed, neither by its status nor among the treasury's transactions, of
//     which it shows one from before: it never happened and never will;
//   - anything else, whatever an error said when it was sent: unknown. Even a
//     refusal counts as unknown, because the same bytes may have been sent
//     before with the reply lost; the last valid height ends the doubt soon.
//
// With several endpoints a final answer stands only if no other node contradicts
// it: another end or slot, another cluster, or a newest slot far away make it
// unknown, which is logged and counted, until the nodes agree or the operator
// takes one out. A node that does not answer, or has forgotten, contradicts nobody.
//
// Transactions are simulated before they are signed and sent without preflight
// afterwards: a preflight would only turn a known failure, which the chain
// answers within seconds, into a minute of waiting for the expiry.
//
// The compute-unit limit comes from the simulation, with a margin, and the price
// from what recent blocks took for writing to the same accounts, below a ceiling.
// Neither is raised when a transaction is sent again: those would be other bytes,
// and both could be paid. The same bytes are sent every two seconds until they are
// final or have expired; a dearer transaction is made only after that.
//
// Equal orders do not make equal transactions, of which the chain would pay one
// and call both settled: memos are unique, and besides, twenty low bits of the
// compute-unit price and limit are drawn from the attempt's id. A store must
// refuse a second attempt with the hash of another.
package solana
