package solanarpc

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"sort"
	"time"

	"github.com/gagliardetto/solana-go"
)

// The chain's own constants. Slots and block heights differ on purpose, as
// they do on a cluster: a client that mixes them up should fail here.
const (
	genesisSlot     = 21_500_000
	heightGap       = 1_500_000
	maxHashAge      = 150 // blocks
	keptBlocks      = 600
	recentStatus    = 300 // slots a status is known without searching history
	slotsPerEpoch   = 432_000
	historyReserve  = 8 // slots of account history kept beyond the finalized depth
	priceWindow     = 150
	maxQueuedOnNode = 20_000
	keptLogs        = 50_000 // transactions that keep their logs and inner instructions
)

// block is a landed block.
type block struct {
	slot, height uint64
	hash         solana.Hash
	time         int64
}

// version is an account's state from a slot on.
type version struct {
	slot uint64
	acct *account
}

// record is a transaction that landed.
type record struct {
	tx      *transaction
	slot    uint64
	time    int64
	out     *outcome
	pre     balances
	post    balances
	memo    *string
	price   uint64
	ordinal int // its place in the whole ledger
}

// chain is the state of the node. Only a tick changes it.
type chain struct {
	seed      [32]byte
	depth     uint64 // slots until finalized
	blocks    []block
	hashes    map[solana.Hash]block
	accounts  map[solana.PublicKey][]version
	records   map[solana.Signature]*record
	order     []*record
	byAddress map[solana.PublicKey][]*record
	byOwner   map[solana.PublicKey]map[solana.PublicKey]bool // wallet to token accounts it had or has
	prices    map[uint64][]*record
	books     []Transfer
}

// balances are what a transaction's accounts held at one end of it.
type balances struct {
	lamports []uint64
	tokens   []tokenBalance
}

// newChain makes a chain with the genesis accounts and enough empty blocks
// that every commitment level has one to read.
func newChain(seed [32]byte, depth, faucetLamports uint64, now time.Time) *chain {
	c := &chain{
		seed: seed, depth: depth, hashes: map[solana.Hash]block{}, accounts: map[solana.PublicKey][]version{},
		records: map[solana.Signature]*record{}, byAddress: map[solana.PublicKey][]*record{},
		byOwner: map[solana.PublicKey]map[solana.PublicKey]bool{}, prices: map[uint64][]*record{},
	}
	faucet := c.faucet().PublicKey()
	for k, a := range genesisAccounts(faucet, faucetLamports) {
		c.accounts[k] = []version{{acct: a}}
	}
	for slot := genesisSlot - depth - maxHashAge; slot <= genesisSlot; slot++ {
		c.addBlock(slot, now.Unix())
	}
	return c
}

// faucet is the key that holds all lamports at genesis.
func (c *chain) faucet() solana.PrivateKey {
	sum := sha256.Sum256(append([]byte("faucet"), c.seed[:]...))
	return solana.PrivateKey(ed25519.NewKeyFromSeed(sum[:]))
}

// genesisHash names this chain.
func (c *chain) genesisHash() solana.Hash {
	return solana.Hash(sha256.Sum256(append([]byte("genesis"), c.seed[:]...)))
}

// blockhash is the hash of a slot's block. It follows from the seed, so that
// the hashes given out before a crash are good after it.
func (c *chain) blockhash(slot uint64) solana.Hash {
	b := binary.LittleEndian.AppendUint64(append([]byte("block"), c.seed[:]...), slot)
	return solana.Hash(sha256.Sum256(b))
}

func (c *chain) addBlock(slot uint64, at int64) block {
	b := block{slot: slot, height: slot - heightGap, hash: c.blockhash(slot), time: at}
	c.blocks = append(c.blocks, b)
	c.hashes[b.hash] = b
	if len(c.blocks) > keptBlocks {
		delete(c.hashes, c.blocks[0].hash)
		c.blocks = c.blocks[1:]
	}
	return b
}

func (c *chain) head() block { return c.blocks[len(c.blocks)-1] }

// bank is the block that a commitment level reads.
func (c *chain) bank(lag uint64) block {
	i := len(c.blocks) - 1 - int(lag)
	return c.blocks[max(i, 0)]
}

// hashGood says whether a blockhash may be used in the block after bank.
func (c *chain) hashGood(h solana.Hash, bank block) bool {
	b, ok := c.hashes[h]
	return ok && b.slot <= bank.slot && bank.height-b.height <= maxHashAge
}

// at is an account's state in the block of a slot.
func (c *chain) at(key solana.PublicKey, slot uint64) *account {
	h := c.accounts[key]
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].slot <= slot {
			return h[i].acct
		}
	}
	return nil
}

// write stores an account's new state and forgets what no commitment can read any more.
func (c *chain) write(key solana.PublicKey, slot uint64, a *account) {
	h := c.accounts[key]
	if n := len(h); n > 0 && h[n-1].slot == slot {
		h[n-1].acct = a
		return
	}
	if len(h) > 0 && slot > c.depth+historyReserve {
		oldest := slot - c.depth - historyReserve
		cut := sort.Search(len(h), func(i int) bool { return h[i].slot > oldest })
		if cut > 1 {
			h = append([]version(nil), h[cut-1:]...)
		}
	}
	c.accounts[key] = append(h, version{slot: slot, acct: a})
	if t, ok := tokenAccountOf(a); ok {
		owner := t.owner()
		if c.byOwner[owner] == nil {
			c.byOwner[owner] = map[solana.PublicKey]bool{}
		}
		c.byOwner[owner][key] = true
	}
}

// refusal says why a transaction may not enter the block after bank, before it is run.
func (c *chain) refusal(tx *transaction, bank block) *txError {
	if !c.hashGood(tx.blockhash, bank) {
		return refused(txBlockhashNotFound)
	}
	if r := c.records[tx.id()]; r != nil && r.slot <= bank.slot {
		return refused(txAlreadyProcessed)
	}
	return nil
}

// staged is a block being made: nothing of it is visible until it is applied.
type staged struct {
	slot    uint64
	time    int64
	overlay map[solana.PublicKey]*account
	seen    map[solana.Signature]bool
	records []*record
	refused []refusedTx
}

type refusedTx struct {
	tx  *transaction
	err *txError
}

func newStaged(slot uint64, at int64) *staged {
	return &staged{slot: slot, time: at, overlay: map[solana.PublicKey]*account{}, seen: map[solana.Signature]bool{}}
}

// stage runs a transaction on top of the chain and of the block so far.
func (c *chain) stage(s *staged, tx *transaction) {
	err, asked := c.refusal(tx, c.head()), tx
	switch {
	case err == nil && s.seen[tx.id()]:
		err = refused(txAlreadyProcessed)
	case err == nil && !tx.verify():
		err = refused(txSignatureFailure)
	}
	if err != nil {
		s.refused = append(s.refused, refusedTx{tx, err})
		return
	}
	state := func(k solana.PublicKey) *account {
		if a, ok := s.overlay[k]; ok {
			return a
		}
		return c.at(k, s.slot)
	}
	if tx, err = tx.resolve(state, s.slot); err != nil {
		s.refused = append(s.refused, refusedTx{asked, err})
		return
	}
	out := execute(tx, state, s.slot)
	if out.err != nil && !out.err.applied {
		s.refused = append(s.refused, refusedTx{tx, out.err})
		return
	}
	r := &record{tx: tx, slot: s.slot, time: s.time, out: out, memo: tx.memoField(), price: tx.budget.price}
	r.pre = balances{lamportsOf(out.before), tokenBalances(tx, out.before, state)}
	r.post = balances{lamportsOf(out.accounts), tokenBalances(tx, out.accounts, state)}
	s.seen[tx.id()] = true
	for i, k := range tx.keys {
		if tx.writable(i) {
			s.overlay[k] = out.accounts[i]
		}
	}
	s.records = append(s.records, r)
}

// apply makes a staged block the head of the chain.
func (c *chain) apply(s *staged) {
	for k, a := range s.overlay {
		c.write(k, s.slot, a)
	}
	for _, r := range s.records {
		r.ordinal = len(c.order)
		c.order = append(c.order, r)
		c.records[r.tx.id()] = r
		for _, k := range r.tx.keys {
			c.byAddress[k] = append(c.byAddress[k], r)
		}
		c.enterBooks(r)
		r.out.before, r.out.accounts = nil, nil // the record keeps balances, not whole accounts
		if old := r.ordinal - keptLogs; old >= 0 {
			c.order[old].out.logs, c.order[old].out.inner = nil, nil
		}
	}
	if len(s.records) > 0 {
		c.prices[s.slot] = s.records
	}
	delete(c.prices, s.slot-priceWindow)
	c.addBlock(s.slot, s.time)
}
