package horizon

import (
	"mime"
	"net/http"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// readEnvelope takes the envelope out of a form, or the problem that it has.
func (s *Server) readEnvelope(r *http.Request) (*transaction, *problem) {
	if ct := r.Header.Get("Content-Type"); ct != "" {
		kind, _, err := mime.ParseMediaType(ct)
		if err != nil || kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data" {
			return nil, unsupportedMedia()
		}
	}
	envelope := r.FormValue("tx")
	tx, err := parseTransaction(envelope, s.opt.NetworkPassphrase)
	if err != nil {
		return nil, malformedEnvelope(envelope)
	}
	return tx, nil
}

// postTransaction takes a transaction and answers when a ledger has. A transaction that was applied before, whether it
// succeeded or not, gets its old answer.
func (s *Server) postTransaction(w http.ResponseWriter, r *http.Request) error {
	tx, p := s.readEnvelope(r)
	if p != nil {
		return p
	}
	wait, rec, lose, p := s.accept(tx)
	if p != nil {
		return p
	}
	if wait != nil {
		select {
		case rec = <-wait.answer:
		case <-s.done:
		case <-r.Context().Done():
			return nil
		}
	}
	switch {
	case rec == nil || lose:
		if broken := s.Faults().Broken; lose && broken {
			return hangUp(w)
		}
		return submissionTimeout(tx)
	case !rec.successful:
		return rec.failure()
	}
	writeJSON(w, http.StatusOK, typeHAL, s.renderTransaction(links(r), rec, tx.id()))
	return nil
}

// accept queues the transaction and gives what to wait for, or the record of a transaction that was applied already.
// What the queue cannot take now is waited for all the same, as Horizon does: somebody may send it again.
func (s *Server) accept(tx *transaction) (wait *waiter, rec *record, lose bool, p *problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec := s.history.byHash[tx.id()]; rec != nil {
		return nil, rec, false, nil
	}
	drop, lose := s.takeSubmitFault()
	status, v := s.enqueue(tx, !drop)
	if status == stellarcore.TXStatusError {
		result := v.result(tx)
		return nil, nil, false, transactionFailed(tx.envelope, encode(result), resultNames(result))
	}
	return s.queue.wait(tx.id(), s.opt.Now().Add(s.opt.SubmitTimeout)), nil, lose, nil
}

// failure is the answer to a transaction that a ledger took, and that failed there.
func (rec *record) failure() *problem {
	var result xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(rec.result, &result); err != nil {
		panic("horizon: decode own result: " + err.Error())
	}
	return transactionFailed(rec.envelope, rec.result, resultNames(result))
}

// postTransactionAsync takes a transaction and answers at once with what the queue says.
func (s *Server) postTransactionAsync(w http.ResponseWriter, r *http.Request) error {
	tx, p := s.readEnvelope(r)
	if p != nil {
		if p.Status == http.StatusBadRequest {
			p.Extras["error"] = struct{}{}
		}
		return p
	}
	got := s.send(tx)
	if got.Lost {
		if s.Faults().Broken {
			return hangUp(w)
		}
		return submissionTimeout(tx)
	}
	body := protocol.AsyncTransactionSubmissionResponse{TxStatus: got.Status, Hash: got.Hash, ErrorResultXDR: got.ErrorXDR}
	writeJSON(w, body.GetStatus(), typeHAL, body)
	return nil
}
