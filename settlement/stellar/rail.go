package stellar

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/stellar/go-stellar-sdk/amount"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/strkey"

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
	// lagLimit is how old the server's newest ledger may be, and how far ahead of
	// our clock.
	lagLimit = 60 * time.Second
	// baseReserve is what each entry of an account keeps back, in stroops; a
	// parameter of the network that has been the same since 2019.
	baseReserve = 5_000_000
	// minLumens is what the treasury must be able to spend to be healthy, in
	// stroops: it opens the accounts of Setup and has reserves to keep.
	minLumens = 20_000_000
)

// Options says how the rail works.
type Options struct {
	// Horizon is the base URL of a Horizon server, or RPC the URL of a Stellar
	// RPC server: one of them.
	Horizon, RPC string
	// Spare are the URLs of more servers of the same kind. They are asked, in
	// their order, while those before them cannot be.
	Spare []string
	// Passphrase names the network; a server of another network is refused.
	Passphrase string
	// Coins are what the rail pays in, the preferred one first.
	Coins []Coin
	// Swaps are the destinations that take another asset than they are paid in.
	Swaps map[string]Swap
	// Treasury is the address that pays; Channels lend sequence numbers and pay
	// the fees. Nothing else may use the channels.
	Treasury string
	Channels []string
	// ChannelKey makes the rail open channels itself, instead of those of Channels:
	// it returns the address of a number, counted from 0, and makes its key when
	// there is none yet. There are MinChannels of them at least, and under load up
	// to MaxChannels.
	ChannelKey               func(number int) (address string, err error)
	MinChannels, MaxChannels int
	Signer                   settlement.Signer
	Clock                    remit.Clock
	// HTTP defaults to http.DefaultClient, Logger to none.
	HTTP   *http.Client
	Logger *slog.Logger
	// Bound is how long a transaction may wait for a ledger; MaxFee the most
	// to bid per operation in stroops at first, and MaxBump when more has to be
	// offered for what is signed already. Zero takes the defaults.
	Bound           time.Duration
	MaxFee, MaxBump int64
	// Reclaim is after how long the treasury may take back what nobody has
	// claimed; zero takes the default of 30 days. Less than a day is refused unless
	// ShortReclaim is set, as on a network that a test has to itself.
	Reclaim      time.Duration
	ShortReclaim bool
}

// Rail pays on Stellar. It implements settlement.Rail.
type Rail struct {
	Options
	hints
	payees payees
	pool   pool
	// shortfalls are what attempts that were refused for their fee lack.
	shortfalls shortfalls
	backend    backend
}

var _ settlement.Rail = (*Rail)(nil)

// New makes the rail. It does not talk to the network; Setup and Health do.
func New(o Options) (*Rail, error) {
	channels, err := firstChannels(o)
	if err != nil {
		return nil, err
	}
	if o.Passphrase == "" || len(channels) == 0 || o.Signer == nil || o.Clock == nil {
		return nil, errors.New("stellar rail: passphrase, channels, signer and clock are required")
	}
	if (o.Horizon == "") == (o.RPC == "") {
		return nil, errors.New("stellar rail: one of horizon and rpc is required")
	}
	for _, address := range append([]string{o.Treasury}, channels...) {
		if !strkey.IsValidEd25519PublicKey(address) {
			return nil, fmt.Errorf("stellar rail: %q is not an account's address", address)
		}
	}
	if all := append([]string{o.Treasury}, channels...); len(all) != distinct(all) {
		return nil, errors.New("stellar rail: the treasury and the channels must be different accounts")
	}
	if err := checkCoins(o.Coins); err != nil {
		return nil, err
	}
	if err := checkSwaps(o.Swaps); err != nil {
		return nil, err
	}
	if o.Bound < 0 || o.MaxFee < 0 || o.MaxBump < 0 {
		return nil, errors.New("stellar rail: a limit is negative")
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Bound == 0 {
		o.Bound = defaultBound
	}
	if o.MaxFee == 0 {
		o.MaxFee = defaultMaxFee
	}
	if o.MaxBump == 0 {
		o.MaxBump = defaultMaxBump
	}
	if o.Reclaim == 0 {
		o.Reclaim = defaultReclaim
	}
	if o.Reclaim < time.Second || (o.Reclaim < minReclaim && !o.ShortReclaim) {
		return nil, fmt.Errorf("stellar rail: %s is too short to claim anything, it must be %s", o.Reclaim, minReclaim)
	}
	return &Rail{Options: o, hints: newHints(), backend: newBackend(o), pool: pool{list: channels}}, nil
}

func distinct(list []string) int {
	list = slices.Clone(list)
	slices.Sort(list)
	return len(slices.Compact(list))
}

// Name is "stellar".
func (r *Rail) Name() remit.Rail { return remit.RailStellar }

// Assets are those of the coins, the preferred one first.
func (r *Rail) Assets() []remit.Asset {
	out := make([]remit.Asset, len(r.Coins))
	for i, c := range r.Coins {
		out[i] = c.Asset
	}
	return out
}

// MaxBatch is the protocol's 100 operations.
func (r *Rail) MaxBatch() int { return maxBatch }

// Health errs when the server is down, of another network, behind, or does not say
// of which ledger its answers are; when our clock is behind the ledger's; when
// the treasury cannot pay; and while the network refuses what the rail sends.
func (r *Rail) Health(ctx context.Context) error {
	newest, err := r.freshNetwork(ctx)
	if err != nil {
		return err
	}
	if ahead := newest.closedAt.Sub(r.Clock.Now()); ahead > lagLimit {
		return precondition("this machine's clock is %s behind the ledger", ahead.Truncate(time.Second))
	}
	treasury, ledger, err := r.account(ctx, r.Treasury)
	if err != nil {
		return unavailable(err, "read treasury")
	}
	if ledger == 0 {
		return precondition("the answers of %s do not say of which ledger they are, and without it no attempt can be known to have failed; "+
			"of Horizon a proxy may drop the header %s", r.backend.name(), latestLedger)
	}
	if err := r.checkTreasury(treasury); err != nil {
		return err
	}
	lumens, err := spendableLumens(treasury)
	if err != nil {
		return err
	}
	if lumens < minLumens {
		return precondition("the treasury can spend %s lumens, it needs %s", amount.StringFromInt64(lumens), amount.StringFromInt64(minLumens))
	}
	return r.inTrouble()
}

// Balance is the treasury's balance of one of the rail's assets on chain.
func (r *Rail) Balance(ctx context.Context, asset remit.Asset) (remit.Money, error) {
	coin, ok := r.coin(asset)
	if !ok {
		return remit.Money{}, precondition("the treasury pays no %s", asset)
	}
	account, _, err := r.account(ctx, r.Treasury)
	if err != nil {
		return remit.Money{}, unavailable(err, "read treasury")
	}
	held, ok := line(account, coin)
	if !ok {
		return remit.Money{}, precondition("the treasury has no trustline to %s", coin.Code)
	}
	stroops, err := amount.ParseInt64(held.Balance)
	if err != nil {
		return remit.Money{}, fmt.Errorf("read the treasury's balance: %w", err)
	}
	return remit.NewMoney(asset, stroops), nil
}

// spendableLumens is what an account holds beyond its reserve and offers.
func spendableLumens(account protocol.Account) (int64, error) {
	for _, b := range account.Balances {
		if b.Asset.Type != "native" {
			continue
		}
		balance, err := amount.ParseInt64(b.Balance)
		if err != nil {
			return 0, fmt.Errorf("read the lumens of %s: %w", account.AccountID, err)
		}
		selling, err := amount.ParseInt64(b.SellingLiabilities)
		if err != nil {
			return 0, fmt.Errorf("read the liabilities of %s: %w", account.AccountID, err)
		}
		entries := 2 + int64(account.SubentryCount) + int64(account.NumSponsoring) - int64(account.NumSponsored)
		return balance - selling - entries*baseReserve, nil
	}
	return 0, fmt.Errorf("account %s has no lumens in the server's answer", account.AccountID)
}

func precondition(format string, args ...any) error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonRailUnavailable, format, args...)
}
