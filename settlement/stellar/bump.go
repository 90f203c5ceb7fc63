package stellar

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// bumpAfter is how long an attempt may be in no ledger, three of them, before
	// more is offered for it if others pay more.
	bumpAfter = 15 * time.Second
	// replaceFactor is how many times the fee of a transaction that waits its
	// replacement must offer (stellar-core, FEE_MULTIPLIER in TxQueueLimiter).
	replaceFactor = 10
	// maxBumps is how often more is offered for one attempt.
	maxBumps = 4
	// defaultMaxBump is the most that is offered per operation, in stroops.
	defaultMaxBump = 1_000_000
)

var _ settlement.Bumper = (*Rail)(nil)

// shortfalls remembers what the network wants for an operation of attempts that
// it refused for their fee, in stroops by the attempt's hash.
type shortfalls struct {
	mu   sync.Mutex
	want map[string]int64
}

// note remembers the least fee that the answer to a submission asks for, 0 for
// none, of an envelope with so many fees to pay.
func (s *shortfalls) note(hash string, least, units int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.want == nil || len(s.want) >= maxNotes {
		s.want = make(map[string]int64)
	}
	if least < 1 || units < 1 {
		delete(s.want, hash)
		return
	}
	s.want[hash] = (least + units - 1) / units // Rounded up: less is refused again.
}

func (s *shortfalls) of(hash string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.want[hash]
}

// leastFee is what the network asks for at least when it refuses an envelope for
// its fee, in stroops; 0 when it refuses it for something else.
func leastFee(errorXDR string) int64 {
	var result xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(errorXDR, &result); err != nil || result.Result.Code != xdr.TransactionResultCodeTxInsufficientFee {
		return 0
	}
	return int64(result.FeeCharged)
}

// offered reads an attempt's transaction and what its newest envelope bids for
// each of the fees that it pays, one more than its operations in a fee bump. It
// errs unless all of them are around the attempt's own transaction.
func (r *Rail) offered(a settlement.Attempt) (inner *txnbuild.Transaction, envelope string, bid, units int64, err error) {
	if err := r.own(a); err != nil {
		return nil, "", 0, 0, err
	}
	generic, err := txnbuild.TransactionFromXDR(string(a.Bytes))
	if err != nil {
		return nil, "", 0, 0, fmt.Errorf("its bytes are no transaction: %w", err)
	}
	inner, ok := generic.Transaction()
	if !ok {
		return nil, "", 0, 0, errForeign
	}
	operations := int64(len(inner.Operations()))
	if len(a.Bumps) == 0 {
		return inner, string(a.Bytes), inner.BaseFee(), operations, nil
	}
	newest := a.Bumps[len(a.Bumps)-1]
	if generic, err = txnbuild.TransactionFromXDR(string(newest.Bytes)); err != nil {
		return nil, "", 0, 0, fmt.Errorf("its fee bump is no transaction: %w", err)
	}
	bump, ok := generic.FeeBump()
	if !ok {
		return nil, "", 0, 0, errForeign
	}
	if hash, err := bump.InnerTransaction().HashHex(r.Passphrase); err != nil || hash != a.Hash {
		return nil, "", 0, 0, errors.Join(errForeign, err)
	}
	return inner, string(newest.Bytes), bump.MaxFee() / (operations + 1), operations + 1, nil
}

// Bump offers more for an attempt when the network refused it for its fee, or
// when it has been in no ledger for a while and others pay more. It may be
// waiting at the network, which replaces it only for ten times its fee.
func (r *Rail) Bump(ctx context.Context, a settlement.Attempt, orders func(context.Context) (settlement.Batch, error)) (*settlement.Bump, error) {
	now, since := r.Clock.Now(), a.CreatedAt
	if n := len(a.Bumps); n > 0 {
		since = a.Bumps[n-1].CreatedAt
	}
	want := r.shortfalls.of(a.Hash)
	if len(a.Bumps) >= maxBumps || a.Sends == 0 || now.Unix() >= a.Expiry || want == 0 && now.Sub(since) < bumpAfter {
		return nil, nil
	}
	inner, _, bid, _, err := r.offered(a)
	if err != nil {
		return nil, err
	}
	market, err := r.backend.fee(ctx)
	if err != nil {
		return nil, unavailable(err, "read fee statistics")
	}
	rate := r.raised(bid, want, market)
	if rate <= bid {
		return nil, nil
	}
	source, err := r.feeSource(ctx, a.Source, rate*int64(len(inner.Operations())+1))
	if err != nil {
		return nil, err
	}
	batch, err := orders(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the orders of the attempt: %w", err)
	}
	return r.wrap(ctx, inner, batch, source, rate)
}

// raised is the bid per operation that an envelope with a bid is to be replaced
// with, or the bid itself when it is to stay: want is what the network asked
// for, 0 if it did not; market what others paid.
func (r *Rail) raised(bid, want, market int64) int64 {
	if want == 0 {
		if market <= bid || bid > r.MaxBump/replaceFactor {
			return bid
		}
		return max(bid*replaceFactor, min(market, r.MaxBump))
	}
	if want > r.MaxBump {
		return bid
	}
	return max(want, min(market, r.MaxBump))
}

// feeSource picks who pays for a fee bump: the attempt's channel, or the treasury
// where the channel has too few lumens.
func (r *Rail) feeSource(ctx context.Context, channel string, fee int64) (string, error) {
	for _, address := range []string{channel, r.Treasury} {
		account, _, err := r.account(ctx, address)
		if err != nil {
			return "", unavailable(err, "read fee account")
		}
		lumens, err := spendableLumens(account)
		if err != nil {
			return "", err
		}
		if lumens >= fee {
			return address, nil
		}
	}
	return "", remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable, "neither channel nor treasury has %d stroops for a fee bump", fee)
}

// wrap makes the fee bump and has its source sign it.
func (r *Rail) wrap(ctx context.Context, inner *txnbuild.Transaction, batch settlement.Batch, source string, rate int64) (*settlement.Bump, error) {
	bump, err := txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{Inner: inner, FeeAccount: source, BaseFee: rate})
	if err != nil {
		return nil, fmt.Errorf("build fee bump: %w", err)
	}
	hash, err := bump.Hash(r.Passphrase)
	if err != nil {
		return nil, fmt.Errorf("hash fee bump: %w", err)
	}
	unsigned, err := bump.Base64()
	if err != nil {
		return nil, fmt.Errorf("encode fee bump: %w", err)
	}
	signature, err := r.signature(ctx, hash, unsigned, batch, source)
	if err != nil {
		return nil, err
	}
	if bump, err = bump.AddSignatureDecorated(signature); err != nil {
		return nil, fmt.Errorf("add signature: %w", err)
	}
	envelope, err := bump.Base64()
	if err != nil {
		return nil, fmt.Errorf("encode fee bump: %w", err)
	}
	return &settlement.Bump{
		Bytes: []byte(envelope), Hash: xdr.Hash(hash).HexString(), Source: source, Bid: remit.NewMoney(xlm, bump.MaxFee()), CreatedAt: r.Clock.Now(),
	}, nil
}
