package stellar

import (
	"context"
	"fmt"

	"github.com/stellar/go-stellar-sdk/amount"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit/settlement"
)

// channelLumens is what a channel account is opened with, in stroops: its
// reserve, and the fees of 900,000 payments at the network's minimum.
const channelLumens = 100_000_000

// Setup opens what is missing before the rail can pay: the treasury's trustlines
// and the channel accounts. The treasury must exist and hold lumens. It reads
// what there is first, so that it may be repeated after any error. It waits for
// ledgers, some seconds each. It moves no lumens to accounts that exist: signers
// refuse that, and anybody can send a channel lumens.
func (r *Rail) Setup(ctx context.Context) error {
	if _, err := r.network(ctx); err != nil {
		return err
	}
	treasury, _, err := r.account(ctx, r.Treasury)
	if isNotFound(err) {
		return precondition("the treasury %s does not exist; fund it with lumens first", r.Treasury)
	}
	if err != nil {
		return unavailable(err, "read treasury")
	}
	ops, err := r.missing(ctx, treasury)
	if err != nil {
		return err
	}
	for sequence := treasury.Sequence + 1; len(ops) > 0; sequence++ {
		n := min(len(ops), maxBatch)
		if err := r.housekeep(ctx, sequence, ops[:n]); err != nil {
			return err
		}
		ops = ops[n:]
	}
	return nil
}

// missing lists the operations that bring the rail's accounts in order.
func (r *Rail) missing(ctx context.Context, treasury protocol.Account) ([]txnbuild.Operation, error) {
	var ops []txnbuild.Operation
	for _, coin := range r.Coins {
		if _, ok := line(treasury, coin); !ok && r.Treasury != coin.Issuer {
			ops = append(ops, &txnbuild.ChangeTrust{Line: txnbuild.ChangeTrustAssetWrapper{Asset: coin.credit()}, SourceAccount: r.Treasury})
		}
	}
	for _, channel := range r.Channels {
		_, _, err := r.account(ctx, channel)
		if isNotFound(err) {
			ops = append(ops, &txnbuild.CreateAccount{
				Destination: channel, Amount: amount.StringFromInt64(channelLumens), SourceAccount: r.Treasury,
			})
			continue
		}
		if err != nil {
			return nil, unavailable(err, "read channel account")
		}
	}
	return ops, nil
}

// housekeep sends one transaction of the treasury's own and waits for its
// ledger. Lost replies are harmless: a transaction that is made anew has the
// same sequence number unless the first one was applied.
func (r *Rail) housekeep(ctx context.Context, sequence int64, ops []txnbuild.Operation) error {
	newest, err := r.network(ctx)
	if err != nil {
		return err
	}
	fee, err := r.bid(ctx)
	if err != nil {
		return err
	}
	expiry := later(r.Clock.Now(), newest.closedAt).Add(r.Bound).Unix()
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount: &txnbuild.SimpleAccount{AccountID: r.Treasury, Sequence: sequence}, Operations: ops, BaseFee: fee,
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, expiry)},
	})
	if err != nil {
		return fmt.Errorf("build setup transaction: %w", err)
	}
	if tx, err = r.sign(ctx, tx, settlement.Batch{}, r.Treasury); err != nil {
		return err
	}
	envelope, err := tx.Base64()
	if err != nil {
		return fmt.Errorf("encode setup transaction: %w", err)
	}
	hash, err := tx.HashHex(r.Passphrase)
	if err != nil {
		return fmt.Errorf("hash setup transaction: %w", err)
	}
	if err := r.backend.apply(ctx, envelope, hash); err != nil {
		return unavailable(err, "set up accounts; repeat it, what was done is not done again")
	}
	return nil
}
