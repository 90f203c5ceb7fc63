package stellar

import (
	"context"
	"errors"
	"fmt"
	"time"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"

	"github.com/openremit/remit"
)

// errMissing is wrapped when a server itself says that there is no such thing.
// That a server cannot be asked, or does not understand, is not that.
var errMissing = errors.New("the network has no such thing")

// backend is the way to the network: Horizon or Stellar RPC. What it reads it
// hands over in Horizon's form, whichever it is. Errors that are not errMissing
// mean that nothing is known.
type backend interface {
	// name is the server's kind, as messages call it.
	name() string
	// newest reads the newest ledger that the server has, and which network the
	// server is of.
	newest(ctx context.Context) (head, error)
	// account reads an account, with at least its lumens and its line for the
	// settlement asset, and the ledger whose state that is: 0 when the answer
	// does not say. Errors: errMissing.
	account(ctx context.Context, address string) (protocol.Account, uint32, error)
	// transaction finds a transaction in the ledgers by its hash, also one inside
	// a fee bump. Errors: errMissing, which proves nothing: the server may lag,
	// or have dropped it.
	transaction(ctx context.Context, hash string) (protocol.Transaction, error)
	// taker finds the transaction in the ledgers that has an account as its
	// source and a sequence number. Errors: errMissing, which proves nothing.
	taker(ctx context.Context, account string, sequence int64) (protocol.Transaction, error)
	// claimable reads what there is to know of a claimable balance in a coin, which
	// the treasury made.
	claimable(ctx context.Context, id string, coin Coin, treasury string) (claimView, error)
	// submit sends a signed envelope and does not wait for a ledger.
	submit(ctx context.Context, envelope string) submission
	// apply sends a signed envelope, waits for its ledger and errs unless it
	// succeeded there.
	apply(ctx context.Context, envelope, hash string) error
	// fee is what most recent transactions paid for an operation, in stroops.
	fee(ctx context.Context) (int64, error)
}

// head is the newest ledger of a server.
type head struct {
	passphrase string
	ledger     uint32
	closedAt   time.Time
}

// submission is an answer to a submission, sorted.
type submission struct {
	verdict Verdict
	// answered is set when the network itself spoke, whatever it said.
	answered bool
	// taken is set when the network says that it has the transaction.
	taken bool
	// least is the fee in all, in stroops, that the network asks for when it
	// refuses an envelope for its fee.
	least int64
	text  string
}

// network reads the newest ledger, and errs when the server is of another network.
func (r *Rail) network(ctx context.Context) (head, error) {
	newest, err := r.backend.newest(ctx)
	if err != nil {
		return head{}, unavailable(err, "ask "+r.backend.name())
	}
	if newest.passphrase != r.Passphrase {
		return head{}, remit.Errorf(remit.KindPrecondition, remit.ReasonRailUnavailable,
			"%s serves the network %q, configured is %q", r.backend.name(), newest.passphrase, r.Passphrase)
	}
	return newest, nil
}

// freshNetwork is network for a server that keeps up with the ledger.
func (r *Rail) freshNetwork(ctx context.Context) (head, error) {
	newest, err := r.network(ctx)
	if err != nil {
		return head{}, err
	}
	if lag := r.Clock.Now().Sub(newest.closedAt); lag > lagLimit {
		return head{}, remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable,
			"the newest ledger of %s is %s old", r.backend.name(), lag.Truncate(time.Second))
	}
	return newest, nil
}

// account reads an account with the ledger whose state it shows, 0 when the
// answer does not say.
func (r *Rail) account(ctx context.Context, address string) (protocol.Account, uint32, error) {
	account, ledger, err := r.backend.account(ctx, address)
	if err != nil {
		return protocol.Account{}, 0, fmt.Errorf("read account %s: %w", address, err)
	}
	if account.AccountID != address {
		return protocol.Account{}, 0, fmt.Errorf("read account %s: %s answers with %q", address, r.backend.name(), account.AccountID)
	}
	return account, ledger, nil
}

func unavailable(err error, doing string) error {
	return remit.Wrap(err, remit.KindUnavailable, remit.ReasonRailUnavailable, "Stellar cannot be used now: %s", doing)
}

// isNotFound reports whether the server itself says that there is no such thing.
func isNotFound(err error) bool { return errors.Is(err, errMissing) }
