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

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Limits of the rail.
const (
	// MaxBatch is the most payments that fit in a transaction with the root of
	// its orders as memo.
	MaxBatch = 17
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
	// Mint is the address of the token; TokenProgram the program it belongs to,
	// by default SPL Token.
	Mint, TokenProgram string
	// Treasury is the wallet that pays the orders and the fees.
	Treasury string
	Signer   settlement.Signer
	Clock    remit.Clock
	// HTTPClient defaults to one with a time limit; Logger to none.
	HTTPClient *http.Client
	Logger     *slog.Logger
	// MaxUnitPrice is the ceiling of the compute-unit price, in micro-lamports.
	MaxUnitPrice uint64
	// MinLamports is what the treasury must hold for Health to be content.
	MinLamports uint64
}

// Rail pays on Solana. It implements settlement.Rail.
type Rail struct {
	signer     settlement.Signer
	clock      remit.Clock
	log        *slog.Logger
	genesis    solana.Hash
	commitment rpc.CommitmentType
	mint       solana.PublicKey
	program    solana.PublicKey
	treasury   solana.PublicKey
	// source is the treasury's own token account.
	source       solana.PublicKey
	maxUnitPrice uint64
	minLamports  uint64
	nodes        []*node

	mu sync.Mutex
	// mintGood says that the mint was found to be as configured.
	mintGood bool
}

var _ settlement.Rail = (*Rail)(nil)

// New makes the rail. It does not talk to a node; the first call does, and
// refuses a node of another cluster. The error names every wrong option.
func New(o Options) (*Rail, error) {
	r := &Rail{
		signer: o.Signer, clock: o.Clock, log: o.Logger, commitment: rpc.CommitmentType(o.Commitment),
		maxUnitPrice: o.MaxUnitPrice, minLamports: o.MinLamports,
	}
	var wrong []error
	key := func(name, text string) solana.PublicKey {
		k, err := solana.PublicKeyFromBase58(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s is not a base58 address: %w", name, err))
		}
		return k
	}
	if o.TokenProgram == "" {
		o.TokenProgram = solana.TokenProgramID.String()
	}
	r.mint, r.program, r.treasury = key("mint", o.Mint), key("token program", o.TokenProgram), key("treasury", o.Treasury)
	r.genesis = solana.Hash(key("genesis hash", o.GenesisHash))
	if r.program != solana.TokenProgramID && r.program != solana.Token2022ProgramID {
		wrong = append(wrong, errors.New("token program is neither SPL Token nor Token-2022"))
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
	var err error
	if r.source, err = tokenAddress(r.treasury, r.mint, r.program); err != nil {
		return nil, fmt.Errorf("solana rail: %w", err)
	}
	return r, nil
}

// Name is "solana".
func (r *Rail) Name() remit.Rail { return remit.RailSolana }

// Assets is USDC with Solana's six decimals.
func (r *Rail) Assets() []remit.Asset { return []remit.Asset{r.asset()} }

func (r *Rail) asset() remit.Asset { return remit.USDCSolana }

// MaxBatch is the most payments that one transaction can hold.
func (r *Rail) MaxBatch() int { return MaxBatch }

// TreasuryAccount is the token account that orders are paid from.
func (r *Rail) TreasuryAccount() string { return r.source.String() }

// tokenAddress is the associated token account of a wallet.
func tokenAddress(wallet, mint, program solana.PublicKey) (solana.PublicKey, error) {
	a, _, err := solana.FindProgramAddress([][]byte{wallet[:], program[:], mint[:]}, solana.SPLAssociatedTokenAccountProgramID)
	if err != nil {
		return a, fmt.Errorf("derive token account: %w", err)
	}
	return a, nil
}
