// Package stellarrpc is Stellar RPC, the JSON-RPC interface of a Stellar network, in front of the simulated network of
// package horizon: the same ledgers, queue, accounts and books, on a handler of its own. Clients talk to it as they
// talk to the real service; the parameters, results, error codes and texts are those of stellar-rpc 25.
//
// # Main types
//
// [Server] answers for a network that somebody else runs. [New] makes one from [Options] and a [horizon.Server], and
// [Server.Handler] is its HTTP face. Ledgers close, and faults are set, on the network: what [horizon.Faults] says
// hits both interfaces alike.
//
// # What is here
//
// getHealth, getNetwork, getVersionInfo, getLatestLedger, getLedgerEntries (accounts, trustlines, data, offers and
// claimable balances), getFeeStats, sendTransaction, getTransaction, getTransactions. Transactions are forgotten after
// [Options].Window ledgers, as by the real service, while the state of the ledger is only ever the newest.
//
// # What is not here
//
// Everything about contracts: simulateTransaction, getEvents, contract entries. getLedgers. The JSON form of XDR. The
// metadata that answers carry is valid, but lists no changes and no transactions. Limits on how many requests are under
// way at once. The genesis ledger belongs to no history, so that the oldest ledger of a young network is the second.
package stellarrpc
