package solana

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Limits of the rail.
const (
	// MaxBatch is the most payments that fit in a transaction with the root of
	// its orders as memo: all to accounts that are in the lookup table, or are
	// few. Of those that are neither, 17 fit.
	MaxBatch = 48
	// maxPacket is the most bytes of a transaction on the wire.
	maxPacket = 1232
	// maxMemo bounds an order's memo, in bytes.
	maxMemo = 128
	// callTimeout bounds one call of one node.
	callTimeout = 10 * time.Second
	// defaultMaxUnitPrice is the ceiling of the compute-unit price, in
	// micro-lamports: a batch of seventeen then costs under 0.001 SOL.
	defaultMaxUnitPrice = 1_000_000
	// minUnitPrice is the least that is offered, in micro-lamports.
	minUnitPrice = 1_000
	// defaultMinLamports is what the treasury must hold for fees and new
	// token accounts: 0.05 SOL, about twenty-four accounts.
	defaultMinLamports = 50_000_000
	// maxLag is how many slots the finalized block may be behind the newest.
	maxLag = 150
)

// Commitments at which the rail reads the state it builds on.
const (
	Confirmed = string(rpc.CommitmentConfirmed)
	Finalized = string(rpc.CommitmentFinalized)
)

// Options says how the rail works.
type Options struct {
	// Endpoint is the URL of a JSON-RPC node, or several separated by commas,
	// tried in order. URLs may hold keys: they are never logged.
	Endpoint string
	// GenesisHash names the cluster; a node of another one is refused.
	GenesisHash string
	// Commitment is what new transactions build on: Confirmed, the default, or
	// Finalized. Money counts as settled at finalized in any case.
	Commitment string
	// Coins are the tokens that the rail pays, the preferred one first.
	Coins []Coin
	// Treasury is the wallet that pays the orders and the fees.
	Treasury string
	// LookupTable is the address of the treasury's lookup table (see MakeTable);
	// empty for none, so that transactions name all their accounts.
	LookupTable string
	// KeepTable is told the address of a table before MakeTable makes it, so that
	// it can be kept: no crash then forgets a table that was paid for.
	KeepTable func(address string) error
	Signer    settlement.Signer
	Clock     remit.Clock
	// HTTPClient defaults to one with a time limit; Logger to none.
	HTTPClient *http.Client
	Logger     *slog.Logger
	// Registerer takes the rail's metrics; without one they are not shown.
	Registerer prometheus.Registerer
	// SendToAll sends to all endpoints at once, instead of to the first that
	// takes it.
	SendToAll bool
	// MaxUnitPrice is the ceiling of the compute-unit price, in micro-lamports.
	MaxUnitPrice uint64
	// MinLamports is what the treasury must hold for Health to be content.
	MinLamports uint64
}

// Rail pays on Solana. It implements settlement.Rail.
type Rail struct {
	signer       settlement.Signer
	clock        remit.Clock
	log          *slog.Logger
	genesis      solana.Hash
	commitment   rpc.CommitmentType
	tokens       []*token
	treasury     solana.PublicKey
	keepTable    func(address string) error
	maxUnitPrice uint64
	minLamports  uint64
	nodes        []*node
	sendToAll    bool
	// disagreements counts contradictions between nodes.
	disagreements *prometheus.CounterVec

	mu sync.Mutex
	// paused are the tokens whose mints were paused when last looked at.
	paused     map[*token]bool
	pausedSeen time.Time
	// tableAt is the lookup table in use, tableRead what it was when last read.
	tableAt   solana.PublicKey
	tableRead *lookupTable
	// paid counts the payments into accounts since the start; extended are the
	// entries that were sent last.
	paid       map[solana.PublicKey]int
	extended   []solana.PublicKey
	extendedAt time.Time
}

var _ settlement.Rail = (*Rail)(nil)

// New makes the rail. It does not talk to a node; the first call does, and
// refuses a node of another cluster. The error names every wrong option.
func New(o Options) (*Rail, error) {
	r := &Rail{
		signer: o.Signer, clock: o.Clock, log: o.Logger, keepTable: o.KeepTable, commitment: rpc.CommitmentType(o.Commitment),
		maxUnitPrice: o.MaxUnitPrice, minLamports: o.MinLamports, sendToAll: o.SendToAll, paused: make(map[*token]bool), paid: make(map[solana.PublicKey]int),
	}
	var wrong []error
	key := func(name, text string) solana.PublicKey {
		k, err := solana.PublicKeyFromBase58(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s is not a base58 address: %w", name, err))
		}
		return k
	}
	r.treasury = key("treasury", o.Treasury)
	r.genesis = solana.Hash(key("genesis hash", o.GenesisHash))
	if o.LookupTable != "" {
		r.tableAt = key("lookup table", o.LookupTable)
	}
	var err error
	if r.disagreements, err = newDisagreements(o.Registerer); err != nil {
		wrong = append(wrong, err)
	}
	if r.tokens, err = tokens(o.Coins, r.treasury); err != nil {
		wrong = append(wrong, err)
	}
	if r.commitment == "" {
		r.commitment = rpc.CommitmentConfirmed
	}
	if r.commitment != rpc.CommitmentConfirmed && r.commitment != rpc.CommitmentFinalized {
		wrong = append(wrong, errors.New("commitment is neither confirmed nor finalized"))
	}
	if o.Signer == nil || o.Clock == nil {
		wrong = append(wrong, errors.New("signer and clock are required"))
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.maxUnitPrice == 0 {
		r.maxUnitPrice = defaultMaxUnitPrice
	}
	if r.minLamports == 0 {
		r.minLamports = defaultMinLamports
	}
	for url := range strings.SplitSeq(o.Endpoint, ",") {
		n, err := newNode(strings.TrimSpace(url), o.HTTPClient)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		r.nodes = append(r.nodes, n)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("solana rail: %w", errors.Join(wrong...))
	}
	return r, nil
}

// Name is "solana".
func (r *Rail) Name() remit.Rail { return remit.RailSolana }

// Assets are the coins, as configured.
func (r *Rail) Assets() []remit.Asset {
	out := make([]remit.Asset, len(r.tokens))
	for i, t := range r.tokens {
		out[i] = t.asset
	}
	return out
}

// MaxBatch is the most payments that one transaction can hold.
func (r *Rail) MaxBatch() int { return MaxBatch }

// TreasuryAccount is the token account that orders in an asset are paid from,
// empty for an asset that the rail does not pay.
func (r *Rail) TreasuryAccount(asset remit.Asset) string {
	t := r.tokenOf(asset)
	if t == nil {
		return ""
	}
	return t.source.String()
}

// tokenAddress is the associated token account of a wallet.
func tokenAddress(wallet, mint, program solana.PublicKey) (solana.PublicKey, error) {
	a, _, err := solana.FindProgramAddress([][]byte{wallet[:], program[:], mint[:]}, solana.SPLAssociatedTokenAccountProgramID)
	if err != nil {
		return a, fmt.Errorf("derive token account: %w", err)
	}
	return a, nil
}
