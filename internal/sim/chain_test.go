package sim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// dice rolls by name: the same seed and name give the same roll, whatever else
// was rolled before and in which order.
type dice uint64

// percent reports whether the roll of that name is among p of 100.
func (d dice) percent(p uint64, name ...any) bool { return d.below(100, name...) < p }

// below rolls a number from 0 to n-1.
func (d dice) below(n uint64, name ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, uint64(d), name)
	// The low bits of FNV are weak.
	x := h.Sum64()
	x ^= x >> 32
	x *= 0x9e3779b97f4a7c15
	x ^= x >> 29
	return x % n
}

const (
	chainSources = 4
	chainBatch   = 8
	// chainLife is how long a signed transaction can take effect.
	chainLife = 30 * time.Second
	// coinTakes is what the coin of a chain that charges takes of each payment, in
	// basis points, and coinMost the bound that is configured.
	coinTakes, coinMost = 25, 30
)

// chain is a simulated chain with the rail that pays on it. It implements
// settlement.Rail. It closes a ledger when told to.
type chain struct {
	name  remit.Rail
	asset remit.Asset
	clock remit.Clock
	dice  dice

	mu       sync.Mutex
	down     bool
	serial   int
	calls    map[string]int
	balance  int64
	charged  int64
	closed   time.Time
	pool     map[string]pooled
	verdicts map[string]verdict
	payments []payment
	claims   map[string]*claim
	wrong    []string
	// charging has the coin take something for itself of each payment.
	charging bool
	// calm chains work at once and without fault, but for refusing, if given:
	// the reason for which every transaction fails.
	calm     bool
	refusing remit.Reason
	// unready has calm chains leave payments to wallets to claim, and says what the
	// wallets do: "claims", "claims late" or "never claims".
	unready string
}

// transaction is what a rail signs.
type transaction struct {
	Serial   int
	Expiry   int64
	Payments []payment
	// Reclaims is the claim that it takes back, instead of paying.
	Reclaims string
}

type payment struct {
	Order       remit.OrderID
	Destination string
	Amount      int64
	// Claim: it is left for the destination to claim.
	Claim bool
}

type pooled struct {
	transaction
	lands time.Time
}

type verdict struct {
	outcome settlement.Outcome
	at      time.Time
}

func newChain(name remit.Rail, asset remit.Asset, clock remit.Clock, d dice) *chain {
	return &chain{
		name: name, asset: asset, clock: clock, dice: d,
		calls: make(map[string]int), pool: make(map[string]pooled), verdicts: make(map[string]verdict), claims: make(map[string]*claim),
	}
}

func (c *chain) Name() remit.Rail      { return c.name }
func (c *chain) Assets() []remit.Asset { return []remit.Asset{c.asset} }
func (c *chain) MaxBatch() int         { return chainBatch }

func (c *chain) Health(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reachable()
}

func (c *chain) reachable() error {
	if c.down {
		return remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable, "the endpoint is down")
	}
	return nil
}

func (c *chain) Balance(context.Context, remit.Asset) (remit.Money, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return remit.NewMoney(c.asset, c.balance), c.reachable()
}

// MostCharge is the most that the coin takes on top of an amount.
func (c *chain) MostCharge(amount remit.Money) remit.Money {
	if !c.charging {
		return remit.Money{Asset: amount.Asset}
	}
	return remit.NewMoney(amount.Asset, (amount.Minor*coinMost+9_999)/10_000)
}

// charge is what the coin takes of a payment, rounded up.
func (c *chain) charge(p payment) int64 {
	if !c.charging {
		return 0
	}
	return (p.Amount*coinTakes + 9_999) / 10_000
}

// Prepare signs a transaction. A few orders can never be paid.
func (c *chain) Prepare(_ context.Context, batch settlement.Batch, busy []string) (*settlement.Attempt, map[remit.OrderID]remit.Reason, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.reachable(); err != nil {
		return nil, nil, err
	}
	source := ""
	for i := range chainSources {
		if name := fmt.Sprintf("channel-%d", i); !slices.Contains(busy, name) {
			source = name
			break
		}
	}
	if source == "" {
		return nil, nil, settlement.ErrBusy
	}
	c.serial++
	now := c.clock.Now()
	tx := transaction{Serial: c.serial, Expiry: now.Add(chainLife).Unix()}
	rejected := make(map[remit.OrderID]remit.Reason)
	ids := []remit.OrderID{}
	for _, o := range batch.Orders {
		if o.Reclaims != "" {
			tx.Reclaims = o.Claim.ID
		} else if !c.calm && c.dice.percent(2, "rejected", o.ID) {
			rejected[o.ID] = remit.ReasonDestinationInvalid
			continue
		}
		ids = append(ids, o.ID)
		tx.Payments = append(tx.Payments, payment{o.ID, o.Destination, o.Amount.Minor, c.leaves(o)})
	}
	if len(ids) == 0 {
		return nil, rejected, nil
	}
	bytes, err := json.Marshal(tx)
	if err != nil {
		return nil, nil, fmt.Errorf("encode transaction: %w", err)
	}
	name := fmt.Sprintf("%s-%d", c.name, c.serial)
	return &settlement.Attempt{
		ID:   remit.DeriveID[remit.AttemptID](remit.PrefixAttempt, now, name),
		Rail: c.name, Mode: batch.Mode, Orders: ids, Bytes: bytes, Hash: name, Source: source, Expiry: tx.Expiry, Status: settlement.AttemptSigned,
	}, rejected, nil
}

// Submit takes the bytes, or loses them, and may lose the answer.
func (c *chain) Submit(_ context.Context, a settlement.Attempt) settlement.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.call("submit", a.Hash)
	if c.down {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "down"}
	}
	if v, ok := c.verdicts[a.Hash]; ok {
		return v.outcome
	}
	roll := c.dice.below(100, call...)
	if c.calm {
		roll = 99
	}
	if roll < 10 {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "lost on the way"}
	}
	if roll < 15 {
		return settlement.Outcome{Status: settlement.OutcomePending, Result: "taken, then forgotten"}
	}
	if _, there := c.pool[a.Hash]; !there {
		var tx transaction
		if err := json.Unmarshal(a.Bytes, &tx); err != nil {
			c.wrong = append(c.wrong, fmt.Sprintf("%s: bytes do not decode: %v", a.Hash, err))
			return settlement.Outcome{Status: settlement.OutcomeUnknown}
		}
		lands := time.Duration(2+c.dice.below(4, "lands", a.Hash)) * time.Second
		if !c.calm && c.dice.percent(10, "late", a.Hash) {
			lands = time.Duration(c.dice.below(40, "lands late", a.Hash)) * time.Second
		}
		c.pool[a.Hash] = pooled{tx, c.clock.Now().Add(lands)}
	}
	if roll < 30 {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "the reply was lost"}
	}
	return settlement.Outcome{Status: settlement.OutcomePending}
}

// Lookup says failed only of what can never take effect any more.
func (c *chain) Lookup(_ context.Context, a settlement.Attempt) settlement.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.call("lookup", a.Hash)
	if c.down || !c.calm && c.dice.percent(10, call...) {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "no answer"}
	}
	if v, ok := c.verdicts[a.Hash]; ok {
		if !c.closed.After(v.at) {
			return settlement.Outcome{Status: settlement.OutcomePending}
		}
		return v.outcome
	}
	if c.closed.Unix() > a.Expiry {
		return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "expired"}
	}
	if _, there := c.pool[a.Hash]; there && c.dice.percent(50, append(call, "pool")...) {
		return settlement.Outcome{Status: settlement.OutcomePending}
	}
	return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "not seen"}
}

// call counts a call and names it.
func (c *chain) call(kind, hash string) []any {
	c.calls[kind+hash]++
	return []any{kind, hash, c.calls[kind+hash]}
}

// close closes a ledger: what has landed takes effect, or fails as a whole.
func (c *chain) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = c.clock.Now()
	hashes := make([]string, 0, len(c.pool))
	for hash, tx := range c.pool {
		if !tx.lands.After(c.closed) {
			hashes = append(hashes, hash)
		}
	}
	slices.Sort(hashes)
	if c.dice.percent(50, "wallets first", c.closed.Unix()) {
		c.letClaim()
	}
	defer c.letClaim()
	for _, hash := range hashes {
		tx := c.pool[hash].transaction
		delete(c.pool, hash)
		if _, again := c.verdicts[hash]; !again && c.closed.Unix() <= tx.Expiry {
			c.verdicts[hash] = verdict{c.take(tx), c.closed}
		}
	}
}

// take carries a transaction out.
func (c *chain) take(tx transaction) settlement.Outcome {
	if tx.Reclaims != "" {
		return c.takeBack(tx)
	}
	culprits := make(map[remit.OrderID]remit.Reason)
	total, charged := int64(0), int64(0)
	for _, p := range tx.Payments {
		if c.refusing != "" {
			culprits[p.Order] = c.refusing
		}
		if !c.calm && c.dice.percent(4, "culprit", p.Order) {
			culprits[p.Order] = remit.ReasonSettlementFailed
			if c.dice.percent(30, "culprit destination", p.Order) {
				culprits[p.Order] = remit.ReasonDestinationInvalid
			}
		}
		total += p.Amount
		charged += c.charge(p)
	}
	if len(culprits) > 0 {
		return settlement.Outcome{Status: settlement.OutcomeFailed, Failed: culprits, Result: "applied and failed"}
	}
	if c.balance < total+charged {
		c.wrong = append(c.wrong, fmt.Sprintf("transaction %d pays %d and is charged %d, the treasury holds %d", tx.Serial, total, charged, c.balance))
	}
	c.balance -= total + charged
	c.payments = append(c.payments, tx.Payments...)
	out := settlement.Outcome{Status: settlement.OutcomeSettled, Result: "applied"}
	c.leave(tx, &out)
	if charged > 0 {
		c.charged += charged
		out.Charges = []remit.Money{remit.NewMoney(c.asset, charged)}
	}
	return out
}

func (c *chain) deposit(minor int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.balance += minor
}

func (c *chain) setDown(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
}

// signed reports whether any transaction was signed.
func (c *chain) signed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.serial > 0
}
