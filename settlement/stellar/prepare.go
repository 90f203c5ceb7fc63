package stellar

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stellar/go-stellar-sdk/keypair"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Prepare builds and signs one transaction with the payments of a batch, in order.
func (r *Rail) Prepare(ctx context.Context, batch settlement.Batch, busy []string) (*settlement.Attempt, map[remit.OrderID]remit.Reason, error) {
	if err := r.inTrouble(); err != nil {
		return nil, nil, err
	}
	free, all := r.pool.turn(busy, r.Clock.Now())
	if len(free) == 0 {
		return nil, nil, fmt.Errorf("all %d channel accounts are occupied: %w", all, settlement.ErrBusy)
	}
	newest, err := r.freshNetwork(ctx)
	if err != nil {
		return nil, nil, err
	}
	payable, how, rejected, err := r.sift(ctx, batch)
	if err != nil || len(payable.Orders) == 0 {
		return nil, rejected, err
	}
	treasury, _, err := r.account(ctx, r.Treasury)
	if err != nil {
		return nil, nil, unavailable(err, "read treasury")
	}
	if payable, err = r.siftTreasury(treasury, payable, rejected); err != nil {
		return nil, nil, err
	}
	if payable, err = r.affordClaims(treasury, payable, how, rejected); err != nil || len(payable.Orders) == 0 {
		return nil, rejected, err
	}
	fee, err := r.bid(ctx)
	if err != nil {
		return nil, nil, err
	}
	channel, err := r.freeChannel(ctx, free, all, fee*int64(len(payable.Orders)))
	if err != nil {
		return nil, nil, err
	}
	expiry := later(r.Clock.Now(), newest.closedAt).Add(r.Bound).Unix()
	attempt, refused, err := r.buildAccepted(ctx, payable, frame{channel: channel.AccountID, sequence: channel.Sequence + 1, fee: fee, expiry: expiry, how: how})
	for _, o := range refused {
		rejected[o.ID] = remit.ReasonSettlementFailed
	}
	return attempt, rejected, err
}

// frame is what a payment transaction is made with, besides its payments.
type frame struct {
	channel  string
	sequence int64
	// fee is the bid per operation, in stroops; expiry a Unix time.
	fee, expiry int64
	how         ways
}

// buildAccepted builds for as many of the orders as the signer accepts: where
// its policy refuses a batch, the half of it is tried, so that one order cannot
// hold up the others. What is refused and cannot be halved comes back.
func (r *Rail) buildAccepted(ctx context.Context, batch settlement.Batch, with frame) (*settlement.Attempt, []settlement.Order, error) {
	for n := len(batch.Orders); ; n /= 2 {
		part := settlement.Batch{Mode: batch.Mode, Orders: batch.Orders[:n]}
		attempt, err := r.build(ctx, part, with)
		if remit.KindOf(err) != remit.KindForbidden {
			return attempt, nil, err
		}
		if n == 1 || batch.Mode == settlement.ModeNetted {
			return nil, part.Orders, nil
		}
	}
}

func (r *Rail) build(ctx context.Context, batch settlement.Batch, with frame) (*settlement.Attempt, error) {
	payments, err := batch.Payments()
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	ops := make([]txnbuild.Operation, len(payments))
	for i, p := range payments {
		ops[i] = r.operation(p, with.how[p.Orders[0].ID])
	}
	ids := make([]remit.OrderID, len(batch.Orders))
	for i, o := range batch.Orders {
		ids[i] = o.ID
	}
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount: &txnbuild.SimpleAccount{AccountID: with.channel, Sequence: with.sequence}, Operations: ops, BaseFee: with.fee,
		Memo: memoOf(batch), Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, with.expiry)},
	})
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	if tx, err = r.sign(ctx, tx, batch, with.channel, r.Treasury); err != nil {
		return nil, err
	}
	envelope, err := tx.Base64()
	if err != nil {
		return nil, fmt.Errorf("encode transaction: %w", err)
	}
	hash, err := tx.HashHex(r.Passphrase)
	if err != nil {
		return nil, fmt.Errorf("hash transaction: %w", err)
	}
	now := r.Clock.Now()
	return &settlement.Attempt{
		ID: remit.NewID[remit.AttemptID](remit.PrefixAttempt, now), Rail: remit.RailStellar, Mode: batch.Mode, Orders: ids,
		Bytes: []byte(envelope), Hash: hash, Source: with.channel, Sequence: with.sequence, Expiry: with.expiry,
		Status: settlement.AttemptSigned, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// sign collects the signature of each address, once each, and checks it: a
// wrong one would only show when the network refuses the stored bytes.
func (r *Rail) sign(ctx context.Context, tx *txnbuild.Transaction, batch settlement.Batch, addresses ...string) (*txnbuild.Transaction, error) {
	hash, err := tx.Hash(r.Passphrase)
	if err != nil {
		return nil, fmt.Errorf("hash transaction: %w", err)
	}
	unsigned, err := tx.Base64()
	if err != nil {
		return nil, fmt.Errorf("encode transaction: %w", err)
	}
	slices.Sort(addresses)
	for _, address := range slices.Compact(addresses) {
		signature, err := r.signature(ctx, hash, unsigned, batch, address)
		if err != nil {
			return nil, err
		}
		if tx, err = tx.AddSignatureDecorated(signature); err != nil {
			return nil, fmt.Errorf("add signature: %w", err)
		}
	}
	return tx, nil
}

// signature has the signer sign a transaction for an address.
func (r *Rail) signature(ctx context.Context, hash [32]byte, unsigned string, batch settlement.Batch, address string) (xdr.DecoratedSignature, error) {
	signature, err := r.Signer.Sign(ctx, settlement.SignRequest{
		Rail: remit.RailStellar, Key: address, Payload: hash[:], Transaction: []byte(unsigned), Batch: batch,
	})
	if err != nil {
		return xdr.DecoratedSignature{}, fmt.Errorf("sign for %s: %w", address, err)
	}
	key, err := keypair.ParseAddress(address)
	if err != nil {
		return xdr.DecoratedSignature{}, fmt.Errorf("parse address %s: %w", address, err)
	}
	if err := key.Verify(hash[:], signature); err != nil {
		return xdr.DecoratedSignature{}, fmt.Errorf("check the signature of %s: %w", address, err)
	}
	return xdr.DecoratedSignature{Hint: xdr.SignatureHint(key.Hint()), Signature: signature}, nil
}

// freeChannel picks, of the free ones of all channels, the first that can pay the
// fee. It errs with settlement.ErrBusy when waiting helps.
func (r *Rail) freeChannel(ctx context.Context, free []string, all int, fee int64) (protocol.Account, error) {
	trouble := ""
	for _, channel := range free {
		account, _, err := r.account(ctx, channel)
		if isNotFound(err) {
			trouble = "channel account " + channel + " does not exist; run the rail's setup"
			continue
		}
		if err != nil {
			return protocol.Account{}, unavailable(err, "read channel account")
		}
		lumens, err := spendableLumens(account)
		if err != nil {
			return protocol.Account{}, err
		}
		r.pool.noteLumens(channel, lumens)
		why := channelTrouble(account, channel)
		switch {
		case account.Sequence < r.usedOf(channel):
			why = "is shown with an old sequence number; the server lags"
		case why == "" && lumens < fee:
			why = "has too few lumens for the fee; send it some"
		}
		if why == "" {
			r.resync(channel, account.Sequence)
			return account, nil
		}
		trouble = "channel account " + channel + " " + why
	}
	if len(free) < all {
		return protocol.Account{}, fmt.Errorf("%d of %d channel accounts are occupied: %w", all-len(free), all, settlement.ErrBusy)
	}
	return protocol.Account{}, remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable, "no channel account can be used: %s", trouble)
}

// resync notes a channel's sequence number in the ledger, from which the next
// attempt counts, and tells when it was moved by a transaction that is none of
// the rail's.
func (r *Rail) resync(channel string, sequence int64) {
	if used := r.usedOf(channel); used > 0 && sequence > used {
		r.Logger.Warn("a channel's sequence number was moved by somebody else", "channel", channel, "was", used, "is", sequence)
	}
	r.use(channel, sequence)
}

// bid is the fee per operation in stroops: what most recent transactions paid,
// never above the ceiling nor below the network's minimum.
func (r *Rail) bid(ctx context.Context) (int64, error) {
	recent, err := r.backend.fee(ctx)
	if err != nil {
		return 0, unavailable(err, "read fee statistics")
	}
	return max(txnbuild.MinBaseFee, min(recent, r.MaxFee)), nil
}

// memoOf is the batch's memo: a text, or the Merkle root of its orders.
func memoOf(batch settlement.Batch) txnbuild.Memo {
	text, root := batch.Memo()
	if root != nil {
		return txnbuild.MemoHash(*root)
	}
	return txnbuild.MemoText(text)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
