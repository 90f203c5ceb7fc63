package stellar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
)

const (
	// requestTimeout bounds one request to Horizon; none that the rail makes
	// for a payment waits for a ledger.
	requestTimeout = 15 * time.Second
	// setupTimeout bounds the submission of Setup, which waits for a ledger.
	setupTimeout = 60 * time.Second
	// maxAnswer bounds what is read of an answer, in bytes. The largest that is
	// needed, 200 transactions with 100 operations each, is about 8 MiB.
	maxAnswer = 16 << 20
	// latestLedger is the header in which Horizon names the ledger whose state
	// an answer shows.
	latestLedger = "Latest-Ledger"
	// takenLimit is how many of a channel's newest transactions are searched for
	// the one that took an attempt's sequence number; Horizon's own limit.
	takenLimit = 200
)

// wire carries the requests of one conversation: horizonclient takes no
// context, so the context comes in here.
type wire struct {
	ctx     context.Context //nolint:containedctx // horizonclient hands no context to its HTTP client.
	http    *http.Client
	timeout time.Duration
	// ledger is the Latest-Ledger of the last answer, 0 without one.
	ledger uint32
}

// horizon is the backend that asks a Horizon server.
type horizon struct {
	url  string
	http *http.Client
}

var _ backend = (*horizon)(nil)

// client makes a client whose requests end with ctx. It is for one goroutine.
func (h *horizon) client(ctx context.Context) (*horizonclient.Client, *wire) {
	w := &wire{ctx: ctx, http: h.http, timeout: requestTimeout}
	return &horizonclient.Client{HorizonURL: h.url, HTTP: w, AppName: "remit"}, w
}

// Do sends a request under the conversation's context and limits.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(w.ctx, w.timeout)
	w.ledger = 0
	resp, err := w.http.Do(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	if n, err := strconv.ParseUint(resp.Header.Get(latestLedger), 10, 32); err == nil {
		w.ledger = uint32(n)
	}
	resp.Body = &body{Reader: io.LimitReader(resp.Body, maxAnswer), body: resp.Body, cancel: cancel}
	return resp, nil
}

// Get sends a GET request.
func (w *wire) Get(address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return w.Do(req)
}

// PostForm sends a form.
func (w *wire) PostForm(address string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.Do(req)
}

// body is a limited answer that frees its timer when closed.
type body struct {
	io.Reader
	body   io.Closer
	cancel context.CancelFunc
}

// Close reads what little may be left, so that the connection is used again.
func (b *body) Close() error {
	_, _ = io.CopyN(io.Discard, b.Reader, 4096) // nothing depends on it
	err := b.body.Close()
	b.cancel()
	return err
}

func (h *horizon) name() string { return "horizon" }

func (h *horizon) newest(ctx context.Context) (head, error) {
	client, _ := h.client(ctx)
	root, err := client.Root()
	if err != nil {
		return head{}, err
	}
	return head{passphrase: root.NetworkPassphrase, ledger: uint32(max(root.HorizonSequence, 0)), closedAt: root.HorizonLatestClosedAt}, nil
}

func (h *horizon) account(ctx context.Context, address string) (protocol.Account, uint32, error) {
	client, w := h.client(ctx)
	account, err := client.AccountDetail(horizonclient.AccountRequest{AccountID: address})
	return account, w.ledger, missing(err)
}

func (h *horizon) transaction(ctx context.Context, hash string) (protocol.Transaction, error) {
	client, _ := h.client(ctx)
	tx, err := client.TransactionDetail(hash)
	return tx, missing(err)
}

func (h *horizon) taker(ctx context.Context, account string, sequence int64) (protocol.Transaction, error) {
	client, _ := h.client(ctx)
	page, err := client.Transactions(horizonclient.TransactionRequest{
		ForAccount: account, Order: horizonclient.OrderDesc, Limit: takenLimit, IncludeFailed: true,
	})
	if err != nil {
		return protocol.Transaction{}, err
	}
	for _, tx := range page.Embedded.Records {
		if tx.Account == account && tx.AccountSequence == sequence {
			return tx, nil
		}
	}
	return protocol.Transaction{}, errMissing
}

func (h *horizon) submit(ctx context.Context, envelope string) submission {
	client, _ := h.client(ctx)
	answer, err := client.AsyncSubmitTransactionXDR(envelope)
	verdict, text := judge(answer, err)
	return submission{
		verdict: verdict, answered: err == nil, taken: err == nil && verdict == LookUp && answer.TxStatus != stellarcore.TXStatusError,
		least: leastFee(answer.ErrorResultXDR), text: text,
	}
}

// judge sorts the answer to a submission, and says it in words.
func judge(answer protocol.AsyncTransactionSubmissionResponse, err error) (Verdict, string) {
	if e := horizonError(err); e != nil && e.Response != nil {
		return OfHTTP(e.Response.StatusCode), describe(err)
	}
	if err != nil {
		return OfHTTP(0), describe(err)
	}
	return judgeStatus(answer.TxStatus, answer.ErrorResultXDR)
}

func (h *horizon) apply(ctx context.Context, envelope, _ string) error {
	client, w := h.client(ctx)
	w.timeout = setupTimeout
	answer, err := client.SubmitTransactionXDR(envelope)
	if err != nil {
		return errors.New(describe(err))
	}
	if !answer.Successful {
		return fmt.Errorf("transaction %s failed", answer.Hash)
	}
	return nil
}

func (h *horizon) fee(ctx context.Context) (int64, error) {
	client, _ := h.client(ctx)
	stats, err := client.FeeStats()
	return max(stats.LastLedgerBaseFee, stats.FeeCharged.P80), err
}

// horizonError finds Horizon's own error, which horizonclient returns now as a
// pointer and now as a value.
func horizonError(err error) *horizonclient.Error {
	var pointer *horizonclient.Error
	if errors.As(err, &pointer) {
		return pointer
	}
	var value horizonclient.Error
	if errors.As(err, &value) {
		return &value
	}
	return nil
}

// missing turns Horizon's own "not found" into errMissing. A 404 of a proxy or of
// a wrong address stays what it is.
func missing(err error) error {
	e := horizonError(err)
	if e != nil && e.Problem.Status == http.StatusNotFound && strings.HasSuffix(e.Problem.Type, "/not_found") {
		return errMissing
	}
	return err
}

// describe writes an error's gist in one line, for the attempt's record.
func describe(err error) string {
	e := horizonError(err)
	if e == nil {
		return err.Error()
	}
	status := e.Problem.Status
	if e.Response != nil {
		status = e.Response.StatusCode
	}
	if codes, codesErr := e.ResultCodes(); codesErr == nil && codes != nil {
		return fmt.Sprintf("%s: %s %v", e.Problem.Title, codes.TransactionCode, codes.OperationCodes)
	}
	return fmt.Sprintf("HTTP %d %s", status, e.Problem.Title)
}
