package stellar

import (
	"context"
	"fmt"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// channelLumens is what a channel account is opened with, in stroops: its
// reserve, and the fees of 900,000 payments at the network's minimum.
const channelLumens = 100_000_000

// Setup opens what is missing before the rail can pay: the treasury's trustlines
// and the channel accounts. The treasury must exist and hold lumens. It finds
// again the channels that were opened under load, tops up those that are low on
// lumens, and errs with a precondition when one is not the rail's alone. It reads
// what there is first, so that it may be repeated after any error. It waits for
// ledgers, some seconds each.
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
	if err := r.rediscover(ctx); err != nil {
		return err
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

// CheckNetwork errs with a precondition when the server is of another network
// than the configured one, and with unavailable when it cannot be asked.
func (r *Rail) CheckNetwork(ctx context.Context) error {
	_, err := r.network(ctx)
	return err
}

// CheckCoins answers what is wrong with each coin, and with what destinations
// take instead, that cannot be paid: its issuer does not exist on the network.
// Errors: unavailable.
func (r *Rail) CheckCoins(ctx context.Context) (map[remit.Asset]error, error) {
	troubles := make(map[remit.Asset]error)
	for _, c := range r.takes() {
		_, _, err := r.account(ctx, c.Issuer)
		if isNotFound(err) {
			troubles[c.Asset] = precondition("its issuer %s does not exist on this network", c.Issuer)
			continue
		}
		if err != nil {
			return nil, unavailable(err, "read an issuer's account")
		}
	}
	return troubles, nil
}

// missing lists the operations that bring the rail's accounts in order.
func (r *Rail) missing(ctx context.Context, treasury protocol.Account) ([]txnbuild.Operation, error) {
	var ops []txnbuild.Operation
	for _, coin := range r.Coins {
		if _, ok := line(treasury, coin); !ok && r.Treasury != coin.Issuer {
			ops = append(ops, &txnbuild.ChangeTrust{Line: txnbuild.ChangeTrustAssetWrapper{Asset: coin.credit()}, SourceAccount: r.Treasury})
		}
	}
	for _, channel := range r.channels() {
		account, _, err := r.account(ctx, channel)
		if isNotFound(err) {
			ops = append(ops, r.opening(channel))
			continue
		}
		if err != nil {
			return nil, unavailable(err, "read channel account")
		}
		if why := channelTrouble(account, channel); why != "" {
			return nil, precondition("channel account %s %s", channel, why)
		}
		lumens, err := spendableLumens(account)
		if err != nil {
			return nil, err
		}
		if lumens < lowLumens {
			ops = append(ops, r.filling(channel))
		}
	}
	return ops, nil
}

// housekeep sends one transaction of the treasury's own and waits for its
// ledger. Lost replies are harmless: a transaction that is made anew has the
// same sequence number unless the first one was applied.
func (r *Rail) housekeep(ctx context.Context, sequence int64, ops []txnbuild.Operation) error {
	envelope, hash, _, err := r.signHousekeeping(ctx, sequence, ops)
	if err != nil {
		return err
	}
	if err := r.backend.apply(ctx, envelope, hash); err != nil {
		return unavailable(err, "set up accounts; repeat it, what was done is not done again")
	}
	return nil
}

// signHousekeeping makes a transaction of the treasury's own, which expires at a
// Unix time.
func (r *Rail) signHousekeeping(ctx context.Context, sequence int64, ops []txnbuild.Operation) (envelope, hash string, expiry int64, err error) {
	newest, err := r.network(ctx)
	if err != nil {
		return "", "", 0, err
	}
	fee, err := r.bid(ctx)
	if err != nil {
		return "", "", 0, err
	}
	expiry = later(r.Clock.Now(), newest.closedAt).Add(r.Bound).Unix()
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount: &txnbuild.SimpleAccount{AccountID: r.Treasury, Sequence: sequence}, Operations: ops, BaseFee: fee,
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, expiry)},
	})
	if err != nil {
		return "", "", 0, fmt.Errorf("build setup transaction: %w", err)
	}
	if tx, err = r.sign(ctx, tx, settlement.Batch{}, r.Treasury); err != nil {
		return "", "", 0, err
	}
	if envelope, err = tx.Base64(); err != nil {
		return "", "", 0, fmt.Errorf("encode setup transaction: %w", err)
	}
	if hash, err = tx.HashHex(r.Passphrase); err != nil {
		return "", "", 0, fmt.Errorf("hash setup transaction: %w", err)
	}
	return envelope, hash, expiry, nil
}
