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
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
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

// horizon makes a client whose requests end with ctx. It is for one goroutine.
func (r *Rail) horizon(ctx context.Context) (*horizonclient.Client, *wire) {
	w := &wire{ctx: ctx, http: r.HTTP, timeout: requestTimeout}
	return &horizonclient.Client{HorizonURL: r.Horizon, HTTP: w, AppName: "remit"}, w
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

// network reads the newest ledger, and errs when Horizon is of another network.
func (r *Rail) network(ctx context.Context) (protocol.Root, error) {
	client, _ := r.horizon(ctx)
	root, err := client.Root()
	if err != nil {
		return protocol.Root{}, unavailable(err, "ask horizon")
	}
	if root.NetworkPassphrase != r.Passphrase {
		return protocol.Root{}, remit.Errorf(remit.KindPrecondition, remit.ReasonRailUnavailable,
			"horizon serves the network %q, configured is %q", root.NetworkPassphrase, r.Passphrase)
	}
	return root, nil
}

// freshNetwork is network for a Horizon that keeps up with the ledger.
func (r *Rail) freshNetwork(ctx context.Context) (protocol.Root, error) {
	root, err := r.network(ctx)
	if err != nil {
		return protocol.Root{}, err
	}
	if lag := r.Clock.Now().Sub(root.HorizonLatestClosedAt); lag > lagLimit {
		return protocol.Root{}, remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable,
			"horizon's newest ledger is %s old", lag.Truncate(time.Second))
	}
	return root, nil
}

// account reads an account with the ledger whose state it shows, 0 when the
// answer does not say.
func (r *Rail) account(ctx context.Context, address string) (protocol.Account, uint32, error) {
	client, w := r.horizon(ctx)
	account, err := client.AccountDetail(horizonclient.AccountRequest{AccountID: address})
	if err != nil {
		return protocol.Account{}, 0, fmt.Errorf("read account %s: %w", address, err)
	}
	if account.AccountID != address {
		return protocol.Account{}, 0, fmt.Errorf("read account %s: horizon answers with %q", address, account.AccountID)
	}
	return account, w.ledger, nil
}

func unavailable(err error, doing string) error {
	return remit.Wrap(err, remit.KindUnavailable, remit.ReasonRailUnavailable, "Stellar cannot be used now: %s", doing)
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

// isNotFound reports whether Horizon itself says that there is no such thing. A
// 404 of a proxy or of a wrong address is not that.
func isNotFound(err error) bool {
	e := horizonError(err)
	return e != nil && e.Problem.Status == http.StatusNotFound && strings.HasSuffix(e.Problem.Type, "/not_found")
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
