package stellar

import (
	"context"
	"errors"
	"fmt"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit/settlement"
)

var errForeign = errors.New("its hash is not that of its bytes on the configured network")

// Submit sends the stored bytes, in the newest envelope around them. Only the ledger says how it ends, so whatever
// the answer, the outcome is pending or unknown.
func (r *Rail) Submit(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	_, envelope, _, units, err := r.offered(a)
	if err != nil {
		return unknown("not sent: " + err.Error())
	}
	s := r.backend.submit(ctx, envelope)
	r.note(a.Hash, s.verdict, s.text)
	if s.answered {
		r.shortfalls.note(a.Hash, s.least, units)
	}
	if s.taken {
		return settlement.Outcome{Status: settlement.OutcomePending, Result: s.text}
	}
	return unknown(fmt.Sprintf("%s: %s", s.verdict, s.text))
}

// judgeStatus sorts the network's own answer to a submission, and says it in words.
func judgeStatus(status, errorXDR string) (Verdict, string) {
	if status != stellarcore.TXStatusError {
		return OfStatus(status, 0), status
	}
	var result xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(errorXDR, &result); err != nil {
		return Person, "refused; result not readable: " + err.Error()
	}
	code := result.Result.Code
	if pair, ok := result.Result.GetInnerResultPair(); ok && code == xdr.TransactionResultCodeTxFeeBumpInnerFailed {
		code = pair.Result.Result.Code // What is refused is what the fee bump is around.
	}
	return OfStatus(status, code), "refused: " + codes(result)
}

// Lookup asks the chain what became of the attempt. It says failed only on
// positive evidence, never because something was not found:
//
//   - a ledger holds the attempt as failed, or
//   - the channel account still has a lower sequence number in the state of a
//     ledger that closed after the time bound, or
//   - a ledger holds another transaction with its source and sequence number.
//
// Ledger numbers tie the answers together, so that they may come from several
// servers behind one address of which some lag.
func (r *Rail) Lookup(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	if err := r.own(a); err != nil {
		return unknown(string(Person) + ": " + err.Error())
	}
	tx, err := r.find(ctx, a)
	if err == nil {
		return r.outcomeOf(a, tx)
	}
	if !isNotFound(err) {
		return unknown(describe(err))
	}
	newest, err := r.network(ctx)
	if err != nil {
		return unknown(err.Error())
	}
	if newest.closedAt.Unix() <= a.Expiry || newest.ledger < 1 {
		return unknown("not in a ledger yet")
	}
	account, ledger, err := r.account(ctx, a.Source)
	if err != nil {
		return unknown(describe(err))
	}
	if ledger < newest.ledger {
		return unknown(fmt.Sprintf("past its time bound, but the channel's state is of ledger %d, not of %d or later", ledger, newest.ledger))
	}
	if account.Sequence < a.Sequence {
		return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "expired: in no ledger before its time bound" + r.forget(a.Hash)}
	}
	return r.taken(ctx, a)
}

// find asks for the attempt by its own hash, and by those of its fee bumps where
// a server knows a transaction by the outer hash alone.
func (r *Rail) find(ctx context.Context, a settlement.Attempt) (protocol.Transaction, error) {
	tx, err := r.backend.transaction(ctx, a.Hash)
	for i := len(a.Bumps) - 1; i >= 0 && isNotFound(err); i-- {
		tx, err = r.backend.transaction(ctx, a.Bumps[i].Hash)
	}
	return tx, err
}

// taken finds the transaction that used the attempt's sequence number, which is
// used up. It may be the attempt itself when servers lag.
func (r *Rail) taken(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	tx, err := r.backend.taker(ctx, a.Source, a.Sequence)
	if isNotFound(err) {
		return unknown(fmt.Sprintf("%s: sequence number %d of %s is used, and the history of %s does not say by what",
			Person, a.Sequence, a.Source, r.backend.name()))
	}
	if err != nil {
		return unknown(describe(err))
	}
	if tx.Account != a.Source || tx.AccountSequence != a.Sequence {
		return unknown(fmt.Sprintf("%s answers with a transaction of %s", r.backend.name(), tx.Account))
	}
	if isAttempt(a, tx) {
		return r.outcomeOf(a, tx)
	}
	r.forget(a.Hash)
	return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "its sequence number was taken by " + tx.Hash}
}

// isAttempt reports whether a transaction in a ledger is the attempt, on its own
// or inside a fee bump.
func isAttempt(a settlement.Attempt, tx protocol.Transaction) bool {
	return tx.Hash == a.Hash || (tx.InnerTransaction != nil && tx.InnerTransaction.Hash == a.Hash)
}

// own errs unless the attempt's hash is that of its bytes on the configured
// network: neither a changed configuration nor a damaged record may make
// another network's ledger speak for it.
func (r *Rail) own(a settlement.Attempt) error {
	generic, err := txnbuild.TransactionFromXDR(string(a.Bytes))
	if err != nil {
		return fmt.Errorf("its bytes are no transaction: %w", err)
	}
	tx, ok := generic.Transaction()
	if !ok {
		return errForeign
	}
	hash, err := tx.HashHex(r.Passphrase)
	if err != nil {
		return fmt.Errorf("hash its bytes: %w", err)
	}
	source := tx.SourceAccount()
	if hash != a.Hash || source.AccountID != a.Source || tx.SequenceNumber() != a.Sequence || tx.Timebounds().MaxTime != a.Expiry {
		return errForeign
	}
	return nil
}

func unknown(result string) settlement.Outcome {
	return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: result}
}

// baseAddress is the account behind an address: the address itself, or the
// G… account of a muxed M… address. ok is false for anything else.
func baseAddress(address string) (account string, ok bool) {
	muxed, err := xdr.AddressToMuxedAccount(address)
	if err != nil {
		return "", false
	}
	id := muxed.ToAccountId()
	return id.Address(), true
}
