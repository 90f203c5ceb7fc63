package solana_test

import (
	"slices"
	"testing"

	sdk "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit/settlement"
)

// A Token-2022 account may ask for a memo right before each transfer into it.
func TestMemoRequired(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.Token2022ProgramID, memoRequired)
}

func memoRequired(t *testing.T, c *chain) {
	wallets := c.newWallets(t, 2, true)
	strict := newKey(t)
	c.wallets[c.account(t, strict.PublicKey())] = strict.PublicKey()
	c.requireMemo(t, strict)
	c.advance(t, 2)
	list := orders(wallets[0], strict.PublicKey(), wallets[1])
	rail := c.rail(t)
	paid := 0
	for range 3 {
		a, rejected, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		if err != nil || len(rejected) > 0 {
			t.Fatalf("prepare: %v, %v", rejected, err)
		}
		rail.Submit(t.Context(), *a)
		c.advance(t, finalAfter+2)
		if o := rail.Lookup(t.Context(), *a); o.Status != settlement.OutcomeSettled {
			t.Fatalf("outcome is %+v, want settled", o)
		}
		paid += len(a.Orders)
		list = slices.DeleteFunc(list, func(o settlement.Order) bool { return slices.Contains(a.Orders, o.ID) })
		if len(list) == 0 {
			break
		}
	}
	if paid != 3 || len(c.books(t)) != 3 {
		t.Errorf("%d orders were settled and %d paid, want 3", paid, len(c.books(t)))
	}
}

// requireMemo opens the owner's token account and lets it require memos.
func (c *chain) requireMemo(t testing.TB, owner sdk.PrivateKey) {
	t.Helper()
	account := c.account(t, owner.PublicKey())
	latest, err := c.client.GetLatestBlockhash(t.Context(), rpc.CommitmentProcessed)
	if err != nil {
		t.Fatalf("latest blockhash: %v", err)
	}
	tx, err := sdk.NewTransaction([]sdk.Instruction{
		c.openIx(t, owner.PublicKey()),
		sdk.NewInstruction(c.program, sdk.AccountMetaSlice{ // Reallocate for MemoTransfer.
			sdk.Meta(account).WRITE(), sdk.Meta(c.treasury.PublicKey()).WRITE().SIGNER(),
			sdk.Meta(sdk.SystemProgramID), sdk.Meta(owner.PublicKey()).SIGNER(),
		}, []byte{29, 8, 0}),
		sdk.NewInstruction(c.program, sdk.AccountMetaSlice{ // MemoTransfer: enable.
			sdk.Meta(account).WRITE(), sdk.Meta(owner.PublicKey()).SIGNER(),
		}, []byte{30, 0}),
	}, latest.Value.Blockhash, sdk.TransactionPayer(c.treasury.PublicKey()))
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	if _, err := tx.Sign(func(k sdk.PublicKey) *sdk.PrivateKey {
		if k == owner.PublicKey() {
			return &owner
		}
		return &c.treasury
	}); err != nil {
		t.Fatalf("sign: %v", err)
	}
	if _, err := c.client.SendTransactionWithOpts(t.Context(), tx, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentProcessed}); err != nil {
		t.Fatalf("send: %v", err)
	}
	c.advance(t, 1)
}
