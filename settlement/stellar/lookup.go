package stellar

import (
	"context"
	"errors"
	"fmt"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit/settlement"
)

// takenLimit is how many of a channel's newest transactions are searched for
// the one that took an attempt's sequence number; Horizon's own limit.
const takenLimit = 200

var errForeign = errors.New("its hash is not that of its bytes on the configured network")

// Submit sends the stored bytes. Only the ledger says how it ends, so whatever
// the answer, the outcome is pending or unknown.
func (r *Rail) Submit(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	if err := r.own(a); err != nil {
		return unknown("not sent: " + err.Error())
	}
	client, _ := r.horizon(ctx)
	answer, err := client.AsyncSubmitTransactionXDR(string(a.Bytes))
	verdict, text := judge(answer, err)
	r.note(a.Hash, verdict, text)
	if err == nil && verdict == LookUp && answer.TxStatus != stellarcore.TXStatusError {
		return settlement.Outcome{Status: settlement.OutcomePending, Result: text}
	}
	return unknown(fmt.Sprintf("%s: %s", verdict, text))
}

// judge sorts the answer to a submission, and says it in words.
func judge(answer protocol.AsyncTransactionSubmissionResponse, err error) (Verdict, string) {
	if e := horizonError(err); e != nil && e.Response != nil {
		return OfHTTP(e.Response.StatusCode), describe(err)
	}
	if err != nil {
		return OfHTTP(0), describe(err)
	}
	if answer.TxStatus != stellarcore.TXStatusError {
		return OfStatus(answer.TxStatus, 0), answer.TxStatus
	}
	var result xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(answer.ErrorResultXDR, &result); err != nil {
		return Person, "refused; result not readable: " + err.Error()
	}
	return OfStatus(answer.TxStatus, result.Result.Code), "refused: " + codes(result)
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
	client, _ := r.horizon(ctx)
	tx, err := client.TransactionDetail(a.Hash)
	if err == nil {
		return r.outcomeOf(a, tx)
	}
	if !isNotFound(err) {
		return unknown(describe(err))
	}
	root, err := r.network(ctx)
	if err != nil {
		return unknown(err.Error())
	}
	if root.HorizonLatestClosedAt.Unix() <= a.Expiry || root.HorizonSequence < 1 {
		return unknown("not in a ledger yet")
	}
	account, ledger, err := r.account(ctx, a.Source)
	if err != nil {
		return unknown(describe(err))
	}
	if ledger < uint32(root.HorizonSequence) {
		return unknown(fmt.Sprintf("past its time bound, but the channel's state is of ledger %d, not of %d or later", ledger, root.HorizonSequence))
	}
	if account.Sequence < a.Sequence {
		return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "expired: in no ledger before its time bound" + r.forget(a.Hash)}
	}
	return r.taken(ctx, a)
}

// taken finds the transaction that used the attempt's sequence number, which is
// used up. It may be the attempt itself when servers lag.
func (r *Rail) taken(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	client, _ := r.horizon(ctx)
	page, err := client.Transactions(horizonclient.TransactionRequest{
		ForAccount: a.Source, Order: horizonclient.OrderDesc, Limit: takenLimit, IncludeFailed: true,
	})
	if err != nil {
		return unknown(describe(err))
	}
	for _, tx := range page.Embedded.Records {
		if tx.Account != a.Source || tx.AccountSequence != a.Sequence {
			continue
		}
		if isAttempt(a, tx) {
			return r.outcomeOf(a, tx)
		}
		r.forget(a.Hash)
		return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "its sequence number was taken by " + tx.Hash}
	}
	return unknown(fmt.Sprintf("%s: sequence number %d of %s is used, and horizon's history does not say by what", Person, a.Sequence, a.Source))
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
