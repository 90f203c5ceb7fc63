// Package solanarpc is a stand-in for a Solana node that runs on a laptop: a
// JSON-RPC server, in pure Go, to which real signed transactions are sent.
//
// It keeps a chain of its own with a slot clock, a blockhash queue of 150
// blocks and the three commitment levels. It executes the System, SPL Token,
// Token-2022, Associated Token Account, AddressLookupTable, Memo and ComputeBudget
// programs natively and answers with the error shapes of a
// cluster. The main types are [Server], the node, [Faults], the ways in which
// it can be told to misbehave, and [Transfer], a line of its books.
//
// What holds at any time:
//
//   - A transaction lands at most once. Its status is visible only after the
//     block that holds it is synced to the journal, when there is one.
//   - A read at confirmed or finalized shows the state of that older block.
//   - A failed transaction costs its fee and changes nothing else.
//   - Lamports are only created at genesis and only burnt as fees.
//
// Example:
//
//	node, err := solanarpc.New(solanarpc.Options{StatePath: "solana.journal"})
//	if err != nil {
//		return err
//	}
//	defer node.Close()
//	go node.Run(ctx)
//	return http.Serve(listener, node.Handler())
//
// TestAgainstRealVM runs the same scenarios here and on a server over the real
// virtual machine, when REMIT_SVM_RPC names one; a difference is a fault here.
//
// Of Token-2022's extensions it runs transfer fees, pausable mints, memos that an
// account requires, accounts that open frozen and coins that cannot be moved; it
// stores permanent delegates, close authorities and transfer hooks, and runs
// none of them.
//
// Not like a cluster: there are no forks, durable nonces,
// multisig authorities, wrapped SOL or other token extensions, nothing uploads a
// program, and there is no websocket. Compute units are close, not exact, and so
// is which of its two errors a program that runs out of them fails with. It has
// no place in production.
package solanarpc
