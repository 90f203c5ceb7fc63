// Package horizon is a stand-in for a Stellar network: one ledger and the Horizon API in front of it, in one process,
// on loopback. Clients talk to it as they talk to the real thing: transactions are real signed envelopes, built with
// txnbuild and sent with horizonclient, and every answer has the status, the body and the result codes of a real
// Horizon.
//
// # Main types
//
// [Server] holds the ledger. [New] makes one from [Options], [Server.Handler] is its HTTP face, [Server.Run] closes a
// ledger each interval, and [Server.CloseLedger] closes one at once, so that tests need no waiting. [Server.Books]
// lists every payment the chain holds. [Server.SetFaults] makes the network misbehave.
//
// # What is checked
//
// Signatures with weights and thresholds, sequence numbers, preconditions, fees with surge pricing, reserves,
// trustlines with limit and authorisation, and the operations that move or guard money. One pending transaction for
// each source account, ten times the fee to replace a pending fee bump, as in the real transaction queue.
//
// # Invariants
//
// A transaction that was reported as applied is in the journal first (when [Options].StatePath is set), so it survives
// a crash and stays findable by its hash. Lumens are never made or lost: balances, claimable balances and the fee pool
// always add up to the genesis amount.
//
// # What is not here
//
// Smart contracts, liquidity pools, sponsorship operations (answered with op_not_supported), effects and trades.
// Offers rest in the book and serve path payments; a new offer does not cross another one. The *_meta_xdr fields are
// valid, but list no changes.
//
// # Example
//
//	net, err := horizon.New(horizon.Options{NetworkPassphrase: "Standalone Network ; February 2017"})
//	if err != nil {
//		return err
//	}
//	go net.Run(ctx)
//	go http.Serve(listener, net.Handler())
//	err = net.CreateAccount(ctx, treasury.Address(), "1000")
package horizon
