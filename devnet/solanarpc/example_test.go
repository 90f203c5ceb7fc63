package solanarpc_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/openremit/remit/devnet/solanarpc"
)

// A node is sent ordinary signed transactions. Tests make blocks themselves
// with Advance; a node that others use makes them by Run.
func Example() {
	ctx := context.Background()
	node, err := solanarpc.New(solanarpc.Options{FinalizedDepth: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()
	srv := httptest.NewServer(node.Handler())
	defer srv.Close()
	client := rpc.New(srv.URL)

	alice, bob := must(solana.NewRandomPrivateKey()), must(solana.NewRandomPrivateKey()).PublicKey()
	must(node.Airdrop(ctx, alice.PublicKey(), solana.LAMPORTS_PER_SOL))
	hash := must(client.GetLatestBlockhash(ctx, rpc.CommitmentProcessed)).Value.Blockhash
	pay := system.NewTransferInstruction(2_000_000, alice.PublicKey(), bob).Build()
	tx := must(solana.NewTransaction([]solana.Instruction{pay}, hash, solana.TransactionPayer(alice.PublicKey())))
	must(tx.Sign(func(solana.PublicKey) *solana.PrivateKey { return &alice }))
	sig := must(client.SendTransactionWithOpts(ctx, tx, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentProcessed}))

	for range 3 {
		if err := node.Advance(1); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(must(client.GetSignatureStatuses(ctx, true, sig)).Value[0].ConfirmationStatus)
	}
	fmt.Println(must(client.GetBalance(ctx, bob, rpc.CommitmentFinalized)).Value)
	// Output:
	// processed
	// confirmed
	// finalized
	// 2000000
}
