package stellar

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/strkey"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// maxTextMemo is the protocol's limit of a text memo, in bytes.
const maxTextMemo = 28

// Prepare builds and signs one transaction with a payment per order, in order.
func (r *Rail) Prepare(ctx context.Context, orders []settlement.Order, busy []string) (*settlement.Attempt, map[remit.OrderID]remit.Reason, error) {
	rejected := make(map[remit.OrderID]remit.Reason)
	var payable []settlement.Order
	for _, o := range orders {
		reason, err := r.check(o)
		if err != nil {
			return nil, nil, err
		}
		if reason != "" {
			rejected[o.ID] = reason
			continue
		}
		payable = append(payable, o)
	}
	if len(payable) == 0 {
		return nil, rejected, nil
	}
	channel, err := r.freeChannel(busy)
	if err != nil {
		return nil, nil, err
	}
	attempt, err := r.build(ctx, payable, channel)
	if err != nil {
		return nil, nil, err
	}
	return attempt, rejected, nil
}

// check answers why an order can never be paid, or nothing. It errs when that
// cannot be known now.
func (r *Rail) check(o settlement.Order) (remit.Reason, error) {
	if o.Amount.Asset != remit.USDCStellar || o.Amount.Minor < 1 {
		return remit.ReasonAmountMalformed, nil
	}
	if o.Destination == r.Treasury || len(o.Memo) > maxTextMemo {
		return remit.ReasonDestinationInvalid, nil
	}
	if !strkey.IsValidEd25519PublicKey(o.Destination) {
		return remit.ReasonDestinationInvalid, nil
	}
	now := r.Clock.Now()
	r.mu.Lock()
	believed := r.good[o.Destination].After(now)
	r.mu.Unlock()
	if believed {
		return "", nil
	}
	account, err := r.client.AccountDetail(horizonclient.AccountRequest{AccountID: o.Destination})
	if isNotFound(err) {
		return remit.ReasonDestinationInvalid, nil
	}
	if err != nil {
		return "", unavailable(err, "read destination")
	}
	line, ok := r.line(account)
	if o.Destination != r.Issuer && (!ok || (line.IsAuthorized != nil && !*line.IsAuthorized)) {
		return remit.ReasonDestinationInvalid, nil
	}
	r.mu.Lock()
	r.good[o.Destination] = now.Add(destinationTTL)
	r.mu.Unlock()
	return "", nil
}

// freeChannel picks a channel that no open attempt occupies, in turn.
func (r *Rail) freeChannel(busy []string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.Channels {
		channel := r.Channels[(r.next+i)%len(r.Channels)]
		if !slices.Contains(busy, channel) {
			r.next = (r.next + i + 1) % len(r.Channels)
			return channel, nil
		}
	}
	return "", remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable, "all %d channel accounts are in use", len(r.Channels))
}

func (r *Rail) build(ctx context.Context, orders []settlement.Order, channel string) (*settlement.Attempt, error) {
	source, err := r.client.AccountDetail(horizonclient.AccountRequest{AccountID: channel})
	if err != nil {
		return nil, unavailable(err, "read channel account")
	}
	fee, err := r.bid()
	if err != nil {
		return nil, err
	}
	now := r.Clock.Now()
	expiry := now.Add(r.Bound).Unix()
	ops := make([]txnbuild.Operation, len(orders))
	for i, o := range orders {
		ops[i] = &txnbuild.Payment{Destination: o.Destination, Amount: o.Amount.Decimal(), Asset: r.asset, SourceAccount: r.Treasury}
	}
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount: &source, IncrementSequenceNum: true, Operations: ops, BaseFee: fee, Memo: memoOf(orders),
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, expiry)},
	})
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	tx, err = r.sign(ctx, tx, orders, channel, r.Treasury)
	if err != nil {
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
	ids := make([]remit.OrderID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	return &settlement.Attempt{
		ID: remit.NewID[remit.AttemptID](remit.PrefixAttempt, now), Rail: remit.RailStellar, Orders: ids,
		Bytes: []byte(envelope), Hash: hash, Source: channel, Sequence: tx.SequenceNumber(), Expiry: expiry,
		Status: settlement.AttemptSigned, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// sign collects the signature of each address, once each.
func (r *Rail) sign(ctx context.Context, tx *txnbuild.Transaction, orders []settlement.Order, addresses ...string) (*txnbuild.Transaction, error) {
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
		signature, err := r.Signer.Sign(ctx, settlement.SignRequest{
			Rail: remit.RailStellar, Key: address, Payload: hash[:], Transaction: []byte(unsigned), Orders: orders,
		})
		if err != nil {
			return nil, fmt.Errorf("sign for %s: %w", address, err)
		}
		key, err := keypair.ParseAddress(address)
		if err != nil {
			return nil, fmt.Errorf("parse address %s: %w", address, err)
		}
		tx, err = tx.AddSignatureDecorated(xdr.DecoratedSignature{Hint: xdr.SignatureHint(key.Hint()), Signature: signature})
		if err != nil {
			return nil, fmt.Errorf("add signature: %w", err)
		}
	}
	return tx, nil
}

// bid is the fee per operation: what most recent transactions offered, within
// the ceiling and never below the network's minimum.
func (r *Rail) bid() (int64, error) {
	stats, err := r.client.FeeStats()
	if err != nil {
		return 0, unavailable(err, "read fee statistics")
	}
	return max(txnbuild.MinBaseFee, stats.LastLedgerBaseFee, min(stats.FeeCharged.P80, r.MaxFee)), nil
}

// memoOf is the order's own memo for a payment alone. A batch carries the
// SHA-256 of its orders' memos, one a line in the order of the payments.
func memoOf(orders []settlement.Order) txnbuild.Memo {
	if len(orders) == 1 {
		return txnbuild.MemoText(orders[0].Memo)
	}
	memos := make([]string, len(orders))
	for i, o := range orders {
		memos[i] = o.Memo
	}
	return txnbuild.MemoHash(sha256.Sum256([]byte(strings.Join(memos, "\n"))))
}

// MemoHash is the hash that a batch of memos carries on chain, in hex.
func MemoHash(memos []string) string {
	sum := sha256.Sum256([]byte(strings.Join(memos, "\n")))
	return hex.EncodeToString(sum[:])
}

var errNotPaid = errors.New("the result has no codes of operations")
