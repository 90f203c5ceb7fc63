// Package stellar is the Stellar rail: it pays orders in credit assets, its
// coins, from a treasury account, over Horizon or over Stellar RPC ([Options]).
//
// Channel accounts lend their sequence numbers, because the network takes one
// pending transaction per source account, and pay the fees; the treasury is the
// source of each payment operation. Every transaction has a time bound, counted
// from our clock or the newest ledger's, whichever is later. The rail opens its
// channels, tops them up and opens more under load ([Rail.Maintain]); each must be
// its own key's alone.
//
// An order is paid plainly, or as a claimable balance where it allows that and its
// destination cannot hold the coin now, or through the market where its
// destination takes another asset ([Swap]). What would be refused by the network
// is found before it is signed, as far as it can be: one bad payment fails the
// whole transaction.
//
// A transaction that is not taken for its fee, or waits while others pay more, is
// wrapped in a fee bump ([Rail.Bump]). The transaction inside stays the attempt,
// and its hash finds it.
//
// # Why it never pays twice
//
// The bytes of an attempt name a source account and a sequence number, and the
// ledger applies one transaction at most with each pair. Sending the same bytes
// again is therefore harmless, as is a fee bump around them, and new bytes for the same orders are made only
// when the old ones are known failed. No answer to a submission says that,
// whatever the code, since the same bytes may have been sent before with the
// reply lost ([Table] sorts what is done next). Nor does absence say it: a
// server that lags, or that dropped its history, finds nothing either.
// [Rail.Lookup] says it only on positive evidence:
//
//   - found by its hash in a ledger: final, paid or failed as its result says;
//   - a ledger N has closed after the time bound, and in the state of ledger N
//     or a later one the channel's sequence number is still lower than the
//     attempt's: it was in no ledger up to its bound, and can be in none after;
//   - a ledger holds another transaction with its source and sequence number.
//
// The second needs to know of which ledger an account's state is: Horizon says it
// in its Latest-Ledger header, Stellar RPC as latestLedger beside the entries.
// Without it attempts that got lost stay unknown, and [Rail.Health] says so.
// Everything is trusted to the servers that are configured: run your own, or some
// whose operators you trust with the treasury. Several are asked in turn, and none
// is believed before it has shown that it is of the right network. An attempt
// whose hash is not that of its bytes under the configured passphrase is never
// looked up nor sent, so a changed configuration ends nothing.
//
// Stellar RPC forgets transactions, most often after a week. Nothing is concluded
// from its history's silence, nor from how far back the history goes: the second
// and third proofs rest on the account's own entry, which is never forgotten and
// names the ledger in which its newest sequence number was used.
//
// # What is left to people
//
// An attempt whose sequence number is used up by a transaction that the server's
// history does not show stays unknown, with a result that says so. Over Stellar
// RPC that is also so when the account has used later numbers since, which it does
// only if something else uses the channel.
//
// What was left to claim and is not claimed stays on chain: once its time is past
// the treasury may take it back, which is a decision of people.
package stellar
