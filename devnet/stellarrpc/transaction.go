package stellarrpc

import (
	"encoding/hex"
	"strconv"

	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/toid"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit/devnet/horizon"
)

const (
	// maxTransactionMemory bounds a decoded envelope, in bytes.
	maxTransactionMemory = 1 << 20
	// defaultPage and maxPage are how many transactions a page has.
	defaultPage = 50
	maxPage     = 200
)

// sendTransaction gives a transaction to the queue and answers at once, with an ERROR too: that is no error of the call.
func (s *Server) sendTransaction(in protocol.SendTransactionRequest) (protocol.SendTransactionResponse, error) {
	if err := checkFormat(in.Format); err != nil {
		return protocol.SendTransactionResponse{}, err
	}
	var envelope xdr.TransactionEnvelope
	if err := xdr.SafeUnmarshalBase64WithOptions(in.Transaction, &envelope, xdr.DecodeOptions{MaxMemoryBytes: maxTransactionMemory}); err != nil {
		return protocol.SendTransactionResponse{}, fail(codeInvalidParams, "invalid_xdr")
	}
	head := s.net.Head()
	got, err := s.net.Send(in.Transaction)
	if err != nil {
		return protocol.SendTransactionResponse{}, fail(codeInvalidParams, "invalid_hash")
	}
	if got.Lost {
		return protocol.SendTransactionResponse{}, errLost
	}
	return protocol.SendTransactionResponse{Status: got.Status, Hash: got.Hash, ErrorResultXDR: got.ErrorXDR,
		LatestLedger: head.Ledger, LatestLedgerCloseTime: head.ClosedAt}, nil
}

func (s *Server) getTransaction(in protocol.GetTransactionRequest) (protocol.GetTransactionResponse, error) {
	if err := checkFormat(in.Format); err != nil {
		return protocol.GetTransactionResponse{}, err
	}
	var hash xdr.Hash
	if hex.DecodedLen(len(in.Hash)) != len(hash) {
		return protocol.GetTransactionResponse{}, fail(codeInvalidParams, "unexpected hash length (%d)", len(in.Hash))
	}
	if _, err := hex.Decode(hash[:], []byte(in.Hash)); err != nil {
		return protocol.GetTransactionResponse{}, fail(codeInvalidParams, "incorrect hash: %v", err)
	}
	// The transaction is read before the range, as by the real service: a ledger that closes between the two is named as
	// the latest one though the transaction was not looked for in it.
	tx, found := s.net.Transaction(hash.HexString())
	head := s.net.Head()
	oldest := s.oldest(head)
	out := protocol.GetTransactionResponse{LatestLedger: head.Ledger, LatestLedgerCloseTime: head.ClosedAt,
		OldestLedger: oldest.Ledger, OldestLedgerCloseTime: oldest.ClosedAt}
	if !found || tx.Ledger < oldest.Ledger {
		out.TransactionDetails = protocol.TransactionDetails{Status: protocol.TransactionStatusNotFound, TransactionHash: in.Hash}
		return out, nil
	}
	out.TransactionDetails = details(tx)
	out.TransactionHash, out.LedgerCloseTime = in.Hash, tx.ClosedAt
	return out, nil
}

func details(tx horizon.Applied) protocol.TransactionDetails {
	status := protocol.TransactionStatusFailed
	if tx.Successful {
		status = protocol.TransactionStatusSuccess
	}
	return protocol.TransactionDetails{Status: status, TransactionHash: tx.Hash, ApplicationOrder: tx.Order,
		FeeBump: tx.Hash != tx.Inner, EnvelopeXDR: tx.EnvelopeXDR, ResultXDR: tx.ResultXDR, ResultMetaXDR: tx.MetaXDR, Ledger: tx.Ledger}
}

// getTransactions lists transactions from a ledger or a cursor on, oldest first.
func (s *Server) getTransactions(in protocol.GetTransactionsRequest) (protocol.GetTransactionsResponse, error) {
	head := s.net.Head()
	oldest := s.oldest(head)
	if err := in.IsValid(maxPage, protocol.LedgerSeqRange{FirstLedger: oldest.Ledger, LastLedger: head.Ledger}); err != nil {
		return protocol.GetTransactionsResponse{}, fail(codeInvalidRequest, "%v", err)
	}
	if err := checkFormat(in.Format); err != nil {
		return protocol.GetTransactionsResponse{}, err
	}
	start, limit := toid.New(int32(in.StartLedger), 1, 1), defaultPage
	if in.Pagination != nil {
		if in.Pagination.Cursor != "" {
			id, err := strconv.ParseInt(in.Pagination.Cursor, 10, 64)
			if err != nil {
				return protocol.GetTransactionsResponse{}, fail(codeInvalidParams, "%v", err)
			}
			*start = toid.Parse(id)
			start.TransactionOrder++
		}
		if in.Pagination.Limit > 0 {
			limit = int(in.Pagination.Limit)
		}
	}
	if first := uint32(start.LedgerSequence); start.LedgerSequence < 0 || first < oldest.Ledger {
		return protocol.GetTransactionsResponse{}, fail(codeInvalidParams, "database does not contain metadata for ledger: %d", first)
	}
	out := protocol.GetTransactionsResponse{Transactions: []protocol.TransactionInfo{}, LatestLedger: head.Ledger,
		LatestLedgerCloseTime: head.ClosedAt, OldestLedger: oldest.Ledger, OldestLedgerCloseTime: oldest.ClosedAt}
	cursor := toid.New(int32(head.Ledger), 0, 1)
	for _, tx := range s.net.Transactions(uint32(start.LedgerSequence)) {
		if tx.Ledger > head.Ledger || int32(tx.Ledger) == start.LedgerSequence && tx.Order < start.TransactionOrder {
			continue
		}
		out.Transactions = append(out.Transactions, protocol.TransactionInfo{TransactionDetails: details(tx), LedgerCloseTime: tx.ClosedAt})
		if tx.Ledger == head.Ledger || len(out.Transactions) == limit {
			cursor = toid.New(int32(tx.Ledger), tx.Order, 1)
		}
		if len(out.Transactions) == limit {
			break
		}
	}
	out.Cursor = cursor.String()
	return out, nil
}
