package stellar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Limits of the rail.
const (
	// maxBatch is the protocol's limit of operations in a transaction.
	maxBatch = 100
	// defaultBound is how long a transaction may wait for a ledger.
	defaultBound = 60 * time.Second
	// defaultMaxFee is the most the rail bids per operation, in stroops.
	defaultMaxFee = 100_000
	// lagLimit is how old Horizon's newest ledger may be.
	lagLimit = 60 * time.Second
	// destinationTTL is how long a destination found good is believed.
	destinationTTL = 30 * time.Second
	horizonTimeout = 40 * time.Second
)

// Options says how the rail works.
type Options struct {
	// Horizon is the base URL of a Horizon server.
	Horizon string
	// Passphrase names the network; a Horizon of another network is refused.
	Passphrase string
	// AssetCode and Issuer name the settlement asset.
	AssetCode, Issuer string
	// Treasury is the address that pays; Channels lend sequence numbers.
	Treasury string
	Channels []string
	Signer   settlement.Signer
	Clock    remit.Clock
	// HTTP defaults to http.DefaultClient.
	HTTP *http.Client
	// Bound is how long a transaction may wait for a ledger; MaxFee the most
	// to bid per operation in stroops. Zero takes the defaults.
	Bound  time.Duration
	MaxFee int64
}

// Rail pays on Stellar. It implements settlement.Rail.
type Rail struct {
	Options
	client *horizonclient.Client
	asset  txnbuild.CreditAsset

	mu sync.Mutex
	// good holds destinations that could receive, and until when it is believed.
	good map[string]time.Time
	// next is where the search for a free channel starts.
	next int
}

var _ settlement.Rail = (*Rail)(nil)

// New makes the rail. It does not talk to the network; Setup and Health do.
func New(o Options) (*Rail, error) {
	if o.Horizon == "" || o.Passphrase == "" || o.Issuer == "" || o.Treasury == "" || len(o.Channels) == 0 {
		return nil, errors.New("stellar rail: horizon, passphrase, issuer, treasury and channels are required")
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.AssetCode == "" {
		o.AssetCode = "USDC"
	}
	if o.Bound == 0 {
		o.Bound = defaultBound
	}
	if o.MaxFee == 0 {
		o.MaxFee = defaultMaxFee
	}
	client := &horizonclient.Client{HorizonURL: strings.TrimSuffix(o.Horizon, "/") + "/", HTTP: o.HTTP, AppName: "remit"}
	client.SetHorizonTimeout(horizonTimeout)
	return &Rail{
		Options: o, client: client, asset: txnbuild.CreditAsset{Code: o.AssetCode, Issuer: o.Issuer},
		good: make(map[string]time.Time),
	}, nil
}

// Name is "stellar".
func (r *Rail) Name() remit.Rail { return remit.RailStellar }

// Asset is USDC with Stellar's seven decimals.
func (r *Rail) Asset() remit.Asset { return remit.USDCStellar }

// MaxBatch is the protocol's 100 operations.
func (r *Rail) MaxBatch() int { return maxBatch }

// Health errs when Horizon is down, of another network, or behind.
func (r *Rail) Health(_ context.Context) error {
	root, err := r.client.Root()
	if err != nil {
		return unavailable(err, "ask horizon")
	}
	if root.NetworkPassphrase != r.Passphrase {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonRailUnavailable,
			"horizon serves the network %q, configured is %q", root.NetworkPassphrase, r.Passphrase)
	}
	if lag := r.Clock.Now().Sub(root.HorizonLatestClosedAt); lag > lagLimit {
		return remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable, "horizon's newest ledger is %s old", lag.Truncate(time.Second))
	}
	return nil
}

// Balance is the treasury's balance of the settlement asset on chain.
func (r *Rail) Balance(_ context.Context) (remit.Money, error) {
	account, err := r.client.AccountDetail(horizonclient.AccountRequest{AccountID: r.Treasury})
	if err != nil {
		return remit.Money{}, unavailable(err, "read treasury")
	}
	line, ok := r.line(account)
	if !ok {
		return remit.Money{}, remit.Errorf(remit.KindPrecondition, remit.ReasonRailUnavailable, "the treasury has no trustline to %s", r.asset.Code)
	}
	return remit.ParseMoney(remit.USDCStellar, line.Balance)
}

func (r *Rail) line(account protocol.Account) (protocol.Balance, bool) {
	for _, b := range account.Balances {
		if b.Asset.Code == r.AssetCode && b.Asset.Issuer == r.Issuer {
			return b, true
		}
	}
	return protocol.Balance{}, false
}

// Submit sends the stored bytes. Only the ledger says how it ends, so whatever
// the answer, the outcome is pending or unknown.
func (r *Rail) Submit(_ context.Context, a settlement.Attempt) settlement.Outcome {
	answer, err := r.client.AsyncSubmitTransactionXDR(string(a.Bytes))
	if err != nil {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: describe(err)}
	}
	switch answer.TxStatus {
	case "PENDING", "DUPLICATE":
		return settlement.Outcome{Status: settlement.OutcomePending, Result: answer.TxStatus}
	default:
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: answer.TxStatus + " " + answer.ErrorResultXDR}
	}
}

// Lookup asks the chain what became of the attempt. The newest ledger's time is
// read before the transaction is looked for: a transaction that is missing
// from a history that reaches past its time bound can never appear in it.
func (r *Rail) Lookup(_ context.Context, a settlement.Attempt) settlement.Outcome {
	root, err := r.client.Root()
	if err != nil {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: describe(err)}
	}
	if root.NetworkPassphrase != r.Passphrase {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "horizon serves another network"}
	}
	tx, err := r.client.TransactionDetail(a.Hash)
	if err == nil {
		return r.outcomeOf(a, tx)
	}
	if !isNotFound(err) {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: describe(err)}
	}
	if root.HorizonLatestClosedAt.Unix() > a.Expiry {
		return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "expired: not in any ledger before its time bound"}
	}
	return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "not in a ledger yet"}
}

func unavailable(err error, doing string) error {
	return remit.Wrap(err, remit.KindUnavailable, remit.ReasonRailUnavailable, "Stellar cannot be used now: %s", doing)
}

func isNotFound(err error) bool {
	var e *horizonclient.Error
	return errors.As(err, &e) && e.Response != nil && e.Response.StatusCode == http.StatusNotFound
}

// describe writes an error's gist in one line, for the attempt's record.
func describe(err error) string {
	var e *horizonclient.Error
	if errors.As(err, &e) {
		codes, codesErr := e.ResultCodes()
		if codesErr == nil && codes != nil {
			return fmt.Sprintf("%s: %s %v", e.Problem.Title, codes.TransactionCode, codes.OperationCodes)
		}
		return fmt.Sprintf("%s (%d)", e.Problem.Title, e.Problem.Status)
	}
	return err.Error()
}
