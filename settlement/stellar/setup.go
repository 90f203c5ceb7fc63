package stellar

import (
	"context"
	"errors"
	"fmt"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/txnbuild"
)

// channelReserve is what a new channel account is opened with, in lumens: its
// reserve and fees for a long time.
const channelReserve = "10"

// Setup opens what is missing before the rail can pay: the treasury's trustline
// and the channel accounts. The treasury must exist and hold lumens. Repeating
// it is harmless.
func (r *Rail) Setup(ctx context.Context) error {
	treasury, err := r.client.AccountDetail(horizonclient.AccountRequest{AccountID: r.Treasury})
	if err != nil {
		return unavailable(err, "read treasury "+r.Treasury+"; fund it with lumens first")
	}
	var ops []txnbuild.Operation
	if _, ok := r.line(treasury); !ok {
		ops = append(ops, &txnbuild.ChangeTrust{Line: txnbuild.ChangeTrustAssetWrapper{Asset: r.asset}, SourceAccount: r.Treasury})
	}
	for _, channel := range r.Channels {
		_, err := r.client.AccountDetail(horizonclient.AccountRequest{AccountID: channel})
		if isNotFound(err) {
			ops = append(ops, &txnbuild.CreateAccount{Destination: channel, Amount: channelReserve, SourceAccount: r.Treasury})
			continue
		}
		if err != nil {
			return unavailable(err, "read channel account")
		}
	}
	if len(ops) == 0 {
		return nil
	}
	fee, err := r.bid()
	if err != nil {
		return err
	}
	expiry := r.Clock.Now().Add(r.Bound).Unix()
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount: &treasury, IncrementSequenceNum: true, Operations: ops, BaseFee: fee,
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, expiry)},
	})
	if err != nil {
		return fmt.Errorf("build setup transaction: %w", err)
	}
	if tx, err = r.sign(ctx, tx, nil, r.Treasury); err != nil {
		return err
	}
	envelope, err := tx.Base64()
	if err != nil {
		return fmt.Errorf("encode setup transaction: %w", err)
	}
	answer, err := r.client.SubmitTransactionXDR(envelope)
	if err != nil {
		return unavailable(errors.New(describe(err)), "open channel accounts")
	}
	if !answer.Successful {
		return fmt.Errorf("open channel accounts: transaction %s failed", answer.Hash)
	}
	return nil
}
