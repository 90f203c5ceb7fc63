package horizon

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/stellar/go-stellar-sdk/support/render/hal"
)

// maxBody is the largest request body that is read.
const maxBody = 1 << 20

// handlerFunc answers a request, or returns the problem to answer with.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// Handler is the HTTP face of the network: the Horizon API, and beside it /friendbot, /_books and /_fault.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handlerFunc{
		"GET /{$}":                                          s.getRoot,
		"GET /fee_stats":                                    s.getFeeStats,
		"GET /accounts":                                     s.getAccounts,
		"GET /accounts/{account_id}":                        s.getAccount,
		"GET /accounts/{account_id}/data/{key}":             s.getAccountData,
		"GET /accounts/{account_id}/transactions":           s.getTransactions,
		"GET /accounts/{account_id}/operations":             s.getOperations,
		"GET /accounts/{account_id}/payments":               s.getOperations,
		"GET /accounts/{account_id}/offers":                 s.getOffers,
		"GET /assets":                                       s.getAssets,
		"GET /claimable_balances":                           s.getClaimables,
		"GET /claimable_balances/{balance_id}":              s.getClaimable,
		"GET /claimable_balances/{balance_id}/operations":   s.getOperations,
		"GET /claimable_balances/{balance_id}/transactions": s.getTransactions,
		"GET /ledgers":                                      s.getLedgers,
		"GET /ledgers/{sequence}":                           s.getLedger,
		"GET /ledgers/{sequence}/transactions":              s.getTransactions,
		"GET /ledgers/{sequence}/operations":                s.getOperations,
		"GET /ledgers/{sequence}/payments":                  s.getOperations,
		"GET /offers":                                       s.getOffers,
		"GET /offers/{id}":                                  s.getOffer,
		"GET /operations":                                   s.getOperations,
		"GET /operations/{id}":                              s.getOperation,
		"GET /payments":                                     s.getOperations,
		"GET /paths/strict-send":                            s.getStrictSend,
		"GET /paths/strict-receive":                         s.getStrictReceive,
		"GET /transactions":                                 s.getTransactions,
		"GET /transactions/{tx_id}":                         s.getTransaction,
		"GET /transactions/{tx_id}/operations":              s.getOperations,
		"GET /transactions/{tx_id}/payments":                s.getOperations,
		"POST /transactions":                                s.postTransaction,
		"POST /transactions_async":                          s.postTransactionAsync,
		"/friendbot":                                        s.friendbot,
		"/":                                                 func(http.ResponseWriter, *http.Request) error { return notFound() },
	} {
		mux.Handle(pattern, s.guard(h))
	}
	mux.Handle("GET /_books", answer(s.getBooks))
	mux.Handle("GET /_fault", answer(s.getFaults))
	mux.Handle("POST /_fault", answer(s.postFaults))
	mux.Handle("POST /_close", answer(s.postClose))
	return mux
}

// answer turns a returned problem into its response.
func answer(h handlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		err := h(w, r)
		if err == nil {
			return
		}
		var p *problem
		if !errors.As(err, &p) {
			p = newProblem("server_error", "Internal Server Error", http.StatusInternalServerError,
				"An error occurred while processing this request: "+err.Error(), nil)
		}
		writeJSON(w, p.Status, typeProblem, p)
	})
}

// guard is answer for what the faults apply to.
func (s *Server) guard(h handlerFunc) http.Handler {
	return answer(func(w http.ResponseWriter, r *http.Request) error {
		stop, err := s.suffer(w, r)
		if stop || err != nil {
			return err
		}
		return h(w, r)
	})
}

func (s *Server) getBooks(w http.ResponseWriter, _ *http.Request) error {
	payments := s.Books()
	if payments == nil {
		payments = []Payment{}
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"payments": payments})
	return nil
}

func (s *Server) getFaults(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, "application/json", s.Faults())
	return nil
}

func (s *Server) postFaults(w http.ResponseWriter, r *http.Request) error {
	var f Faults
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return badRequest(fmt.Sprintf("The faults could not be decoded: %s.", err))
	}
	if err := s.SetFaults(f); err != nil {
		return badRequest(err.Error())
	}
	return s.getFaults(w, r)
}

// postClose closes a ledger now, for tests that talk to the network from outside.
func (s *Server) postClose(w http.ResponseWriter, _ *http.Request) error {
	if err := s.CloseLedger(); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"ledger": s.LastLedger()})
	return nil
}

// links builds absolute links to where the request came in.
func links(r *http.Request) *hal.LinkBuilder { return &hal.LinkBuilder{Base: base(r)} }

func base(r *http.Request) *url.URL {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: r.Host}
}
