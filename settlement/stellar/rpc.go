package stellar

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	rpcproto "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/txnbuild"
)

const (
	// applyPoll is how often the transactions of Setup are looked up.
	applyPoll = 250 * time.Millisecond
	// takerPage is how many transactions are read at once in the search for the
	// one that took a sequence number; each comes with all that it changed.
	takerPage = 50
	// takerPages bounds that search. A ledger has some hundred transactions.
	takerPages = 60
	// codeInternal is JSON-RPC's code for a fault of the server's own.
	codeInternal = -32603
	// serverCodes begins JSON-RPC's range of codes that servers define, such as
	// those of providers that limit the rate.
	serverCodes = -32000
	serverRange = -32099
)

// noTransaction is the hash of no transaction: what is told beside "not found"
// is the server's newest ledger.
var noTransaction = strings.Repeat("0", 64)

// rpc is the backend that asks a Stellar RPC server.
type rpc struct {
	url        string
	passphrase string
	http       *http.Client
	// lines are the assets whose trustlines come with an account.
	lines []txnbuild.CreditAsset
}

var _ backend = (*rpc)(nil)

func (s *rpc) name() string { return "Stellar RPC" }

// newest asks for a transaction that does not exist: getLatestLedger hands over
// the ledger's metadata too, which are megabytes, and getHealth fails on a
// network that stands still.
func (s *rpc) newest(ctx context.Context) (head, error) {
	var network rpcproto.GetNetworkResponse
	if err := s.call(ctx, rpcproto.GetNetworkMethodName, nil, &network); err != nil {
		return head{}, err
	}
	var tx rpcproto.GetTransactionResponse
	if err := s.call(ctx, rpcproto.GetTransactionMethodName, rpcproto.GetTransactionRequest{Hash: noTransaction}, &tx); err != nil {
		return head{}, err
	}
	if tx.LatestLedger < 1 || tx.LatestLedgerCloseTime < 1 {
		return head{}, errors.New("getTransaction: the answer names no ledger")
	}
	return head{passphrase: network.Passphrase, ledger: tx.LatestLedger, closedAt: time.Unix(tx.LatestLedgerCloseTime, 0).UTC()}, nil
}

func (s *rpc) account(ctx context.Context, address string) (protocol.Account, uint32, error) {
	keys, err := s.accountKeys(address)
	if err != nil {
		return protocol.Account{}, 0, err
	}
	var answer rpcproto.GetLedgerEntriesResponse
	if err := s.call(ctx, rpcproto.GetLedgerEntriesMethodName, rpcproto.GetLedgerEntriesRequest{Keys: keys}, &answer); err != nil {
		return protocol.Account{}, 0, err
	}
	account, err := accountOf(address, answer.Entries)
	return account, answer.LatestLedger, err
}

// transaction believes the envelope, not the hash that the answer names.
func (s *rpc) transaction(ctx context.Context, hash string) (protocol.Transaction, error) {
	var answer rpcproto.GetTransactionResponse
	if err := s.call(ctx, rpcproto.GetTransactionMethodName, rpcproto.GetTransactionRequest{Hash: hash}, &answer); err != nil {
		return protocol.Transaction{}, err
	}
	if answer.Status == rpcproto.TransactionStatusNotFound {
		return protocol.Transaction{}, errMissing
	}
	tx, err := s.transactionOf(answer.TransactionDetails)
	if err != nil {
		return protocol.Transaction{}, err
	}
	tx.LedgerCloseTime = time.Unix(answer.LedgerCloseTime, 0).UTC()
	return tx, nil
}

// taker reads the ledger in which the account's newest sequence number was used,
// which the account's entry names. Earlier ones are beyond this server.
func (s *rpc) taker(ctx context.Context, address string, sequence int64) (protocol.Transaction, error) {
	account, _, err := s.account(ctx, address)
	if err != nil {
		return protocol.Transaction{}, err
	}
	if account.Sequence != sequence || account.SequenceLedger < 1 {
		return protocol.Transaction{}, errMissing
	}
	request := rpcproto.GetTransactionsRequest{StartLedger: account.SequenceLedger, Pagination: &rpcproto.LedgerPaginationOptions{Limit: takerPage}}
	for range takerPages {
		var page rpcproto.GetTransactionsResponse
		err := s.call(ctx, rpcproto.GetTransactionsMethodName, request, &page)
		var fault *rpcFault
		if errors.As(err, &fault) && fault.Code != codeInternal {
			return protocol.Transaction{}, errMissing // The ledger is older than the server's history.
		}
		if err != nil {
			return protocol.Transaction{}, err
		}
		for _, listed := range page.Transactions {
			if listed.Ledger != account.SequenceLedger {
				return protocol.Transaction{}, errMissing
			}
			tx, err := s.transactionOf(listed.TransactionDetails)
			if err != nil {
				return protocol.Transaction{}, err
			}
			if tx.Account == address && tx.AccountSequence == sequence {
				tx.LedgerCloseTime = time.Unix(listed.LedgerCloseTime, 0).UTC()
				return tx, nil
			}
		}
		if len(page.Transactions) < takerPage || page.Cursor == "" {
			return protocol.Transaction{}, errMissing
		}
		request.StartLedger, request.Pagination.Cursor = 0, page.Cursor
	}
	return protocol.Transaction{}, errMissing
}

func (s *rpc) submit(ctx context.Context, envelope string) submission {
	var answer rpcproto.SendTransactionResponse
	err := s.call(ctx, rpcproto.SendTransactionMethodName, rpcproto.SendTransactionRequest{Transaction: envelope}, &answer)
	var fault *rpcFault
	var refused *httpFault
	switch {
	case errors.As(err, &fault):
		return submission{verdict: OfRPC(fault.Code), text: err.Error()}
	case errors.As(err, &refused):
		return submission{verdict: OfHTTP(refused.status), text: err.Error()}
	case err != nil:
		return submission{verdict: OfHTTP(0), text: err.Error()}
	}
	verdict, text := judgeStatus(answer.Status, answer.ErrorResultXDR)
	return submission{
		verdict: verdict, answered: true, taken: verdict == LookUp && answer.Status != stellarcore.TXStatusError,
		least: leastFee(answer.ErrorResultXDR), text: text,
	}
}

// OfRPC is the verdict on a submission that Stellar RPC answered with an error of
// JSON-RPC, instead of what the network says.
func OfRPC(code int64) Verdict {
	if code == codeInternal || code <= serverCodes && code >= serverRange {
		return Resend // It could not be handed to the network, or the caller is to slow down.
	}
	return Person // A malformed envelope, a server that takes no submissions.
}

// apply sends and looks up until the ledgers have it. The server forgets nothing
// within that time.
func (s *rpc) apply(ctx context.Context, envelope, hash string) error {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	sent := s.submit(ctx, envelope)
	if sent.verdict == Person {
		return errors.New(sent.text)
	}
	ticker := time.NewTicker(applyPoll)
	defer ticker.Stop()
	for {
		tx, err := s.transaction(ctx, hash)
		switch {
		case err == nil && tx.Successful:
			return nil
		case err == nil:
			return fmt.Errorf("transaction %s failed", hash)
		case !isNotFound(err):
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for transaction %s, which was answered with %q: %w", hash, sent.text, ctx.Err())
		case <-ticker.C:
		}
	}
}

func (s *rpc) fee(ctx context.Context) (int64, error) {
	var stats rpcproto.GetFeeStatsResponse
	if err := s.call(ctx, rpcproto.GetFeeStatsMethodName, nil, &stats); err != nil {
		return 0, err
	}
	return int64(min(stats.InclusionFee.P80, math.MaxInt64)), nil
}
