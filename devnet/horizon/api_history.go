package horizon

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/stellar/go-stellar-sdk/strkey"
	"github.com/stellar/go-stellar-sdk/support/render/hal"
)

// protocolVersion is the protocol whose rules the ledger follows.
const protocolVersion = 19

var lowerHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

func txID(r *http.Request) (string, error) {
	id := r.PathValue("tx_id")
	if !lowerHash.MatchString(id) {
		return "", badField("tx_id", "Transaction hash must be a hex-encoded, lowercase SHA-256 hash")
	}
	return id, nil
}

func accountID(r *http.Request) (string, error) {
	id := r.PathValue("account_id")
	if !strkey.IsValidEd25519PublicKey(id) {
		return "", badField("account_id", "Account ID must start with `G` and contain 56 alphanum characters")
	}
	return id, nil
}

func ledgerSeq(r *http.Request) (uint32, error) {
	n, err := strconv.ParseUint(r.PathValue("sequence"), 10, 32)
	if err != nil {
		return 0, badField("ledger_id", "Ledger ID must be an integer higher than 0")
	}
	return uint32(n), nil
}

func (s *Server) getTransaction(w http.ResponseWriter, r *http.Request) error {
	id, err := txID(r)
	if err != nil {
		return err
	}
	s.mu.RLock()
	rec := s.history.byHash[id]
	s.mu.RUnlock()
	if rec == nil {
		return notFound()
	}
	writeJSON(w, http.StatusOK, typeHAL, s.renderTransaction(links(r), rec, id))
	return nil
}

// getTransactions lists all transactions, or those of an account or of a ledger.
func (s *Server) getTransactions(w http.ResponseWriter, r *http.Request) error {
	failed := r.URL.Query().Get("include_failed") == "true"
	lb := links(r)
	list := func(q pageQuery) ([]hal.Pageable, error) {
		s.mu.RLock()
		defer s.mu.RUnlock()
		txs := s.history.txs
		keep := func(rec *record) bool { return failed || rec.successful }
		switch {
		case r.PathValue("account_id") != "":
			id, err := s.knownAccount(r)
			if err != nil {
				return nil, err
			}
			txs = s.history.txsOf[id]
		case r.PathValue("balance_id") != "":
			id, err := s.knownClaimable(r)
			if err != nil {
				return nil, err
			}
			txs = s.history.txsOf[id]
		case r.PathValue("sequence") != "":
			seq, err := s.knownLedger(r)
			if err != nil {
				return nil, err
			}
			keep = func(rec *record) bool { return rec.ledger == seq && (failed || rec.successful) }
		}
		var out []hal.Pageable
		for _, rec := range take(q, txs, func(rec *record) int64 { return rec.id }, keep) {
			out = append(out, s.renderTransaction(lb, rec, rec.hash))
		}
		return out, nil
	}
	return s.pageOrStream(w, r, list)
}

// getOperations lists operations, or payments only, of all, of an account, a ledger or a transaction.
func (s *Server) getOperations(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	failed, joined := v.Get("include_failed") == "true", v.Get("join") == "transactions"
	paymentsOnly := strings.HasSuffix(r.URL.Path, "/payments")
	lb := links(r)
	list := func(q pageQuery) ([]hal.Pageable, error) {
		s.mu.RLock()
		defer s.mu.RUnlock()
		ops := s.history.ops
		keep := func(opRef) bool { return true }
		switch {
		case r.PathValue("account_id") != "":
			id, err := s.knownAccount(r)
			if err != nil {
				return nil, err
			}
			ops = s.history.opsOf[id]
		case r.PathValue("balance_id") != "":
			id, err := s.knownClaimable(r)
			if err != nil {
				return nil, err
			}
			ops = s.history.opsOf[id]
		case r.PathValue("sequence") != "":
			seq, err := s.knownLedger(r)
			if err != nil {
				return nil, err
			}
			keep = func(o opRef) bool { return o.rec.ledger == seq }
		case r.PathValue("tx_id") != "":
			rec, err := s.knownTransaction(r)
			if err != nil {
				return nil, err
			}
			failed = true
			keep = func(o opRef) bool { return o.rec == rec }
		}
		var out []hal.Pageable
		for _, o := range take(q, ops, opRef.id, func(o opRef) bool {
			return (failed || o.rec.successful) && (!paymentsOnly || o.payment) && keep(o)
		}) {
			out = append(out, s.renderOperation(lb, o, joined))
		}
		return out, nil
	}
	return s.pageOrStream(w, r, list)
}

// knownAccount is the account of the path, if it exists or ever did. The lock is held.
func (s *Server) knownAccount(r *http.Request) (string, error) {
	id, err := accountID(r)
	if err != nil {
		return "", err
	}
	if s.state.account(id) == nil && len(s.history.txsOf[id]) == 0 && len(s.history.opsOf[id]) == 0 {
		return "", notFound()
	}
	return id, nil
}

// knownClaimable is the balance of the path in the history, if there ever was one. The lock is held.
func (s *Server) knownClaimable(r *http.Request) (string, error) {
	id := claimableParty(r.PathValue("balance_id"))
	if len(s.history.opsOf[id]) == 0 {
		return "", notFound()
	}
	return id, nil
}

func (s *Server) knownLedger(r *http.Request) (uint32, error) {
	seq, err := ledgerSeq(r)
	if err != nil {
		return 0, err
	}
	if seq < 1 || seq > s.state.now.ledger {
		return 0, notFound()
	}
	return seq, nil
}

func (s *Server) knownTransaction(r *http.Request) (*record, error) {
	id, err := txID(r)
	if err != nil {
		return nil, err
	}
	rec := s.history.byHash[id]
	if rec == nil {
		return nil, notFound()
	}
	return rec, nil
}

func (s *Server) getOperation(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return badField("id", "Operation ID must be an integer higher than 0")
	}
	q := pageQuery{after: id - 1, limit: 1}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := take(q, s.history.ops, opRef.id, func(o opRef) bool { return o.id() == id })
	if len(found) == 0 {
		return notFound()
	}
	writeJSON(w, http.StatusOK, typeHAL, s.renderOperation(links(r), found[0], r.URL.Query().Get("join") == "transactions"))
	return nil
}

func (s *Server) getLedgers(w http.ResponseWriter, r *http.Request) error {
	lb := links(r)
	return s.pageOrStream(w, r, func(q pageQuery) ([]hal.Pageable, error) {
		s.mu.RLock()
		defer s.mu.RUnlock()
		var out []hal.Pageable
		id := func(l ledgerRecord) int64 { return l.id() }
		for _, l := range take(q, s.history.ledgers, id, func(ledgerRecord) bool { return true }) {
			out = append(out, s.renderLedger(lb, l))
		}
		return out, nil
	})
}

func (s *Server) getLedger(w http.ResponseWriter, r *http.Request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	seq, err := s.knownLedger(r)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, typeHAL, s.renderLedger(links(r), s.history.ledgers[seq-1]))
	return nil
}
