package stellar

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stellar/go-stellar-sdk/amount"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit/settlement"
)

const (
	// growAfter is how often all channels must be found occupied before more are
	// opened, with no longer than growWithin between one time and the next.
	growAfter  = 3
	growWithin = time.Minute
	// lowLumens is below what a channel that can be topped up is, in stroops.
	lowLumens = 20_000_000
	// maxChannels bounds a pool: the network takes one transaction of each in a
	// ledger, so that these are 100,000 payments.
	maxChannels = 1_000
)

var _ settlement.Maintainer = (*Rail)(nil)

// pool is the list of channel accounts that the rail uses. It only grows, so
// that no channel which an open attempt occupies is ever forgotten.
type pool struct {
	mu   sync.Mutex
	list []string
	// starved counts how often every channel was occupied, the last time at
	// starvedAt. Between two times channels may be free: a burst ends with each ledger.
	starved   int
	starvedAt time.Time
	// low are channels that were seen with few lumens.
	low map[string]bool
	// next is where the search for a free channel starts.
	next int

	// upkeep is held while housekeeping is made or looked after; sent is what of
	// it is not known to have ended.
	upkeep sync.Mutex
	sent   *housekeeping
}

// housekeeping is a transaction of the treasury's own.
type housekeeping struct {
	envelope, hash string
	expiry         int64
	// opens and fills are the channels that it opens and tops up.
	opens, fills []string
}

// channels lists the pool.
func (r *Rail) channels() []string {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	return slices.Clone(r.pool.list)
}

// turn lists the channels that are not busy, each time beginning with the next,
// and how many there are in all.
func (p *pool) turn(busy []string, now time.Time) (free []string, all int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all = len(p.list)
	for i := range p.list {
		if channel := p.list[(p.next+i)%all]; !slices.Contains(busy, channel) {
			free = append(free, channel)
		}
	}
	p.next = (p.next + 1) % all
	if len(free) == 0 {
		if now.Sub(p.starvedAt) > growWithin {
			p.starved = 0
		}
		p.starved, p.starvedAt = p.starved+1, now
	}
	return free, all
}

// noteLumens remembers whether a channel has few lumens.
func (p *pool) noteLumens(channel string, lumens int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if lumens >= lowLumens {
		delete(p.low, channel)
		return
	}
	if p.low == nil {
		p.low = make(map[string]bool)
	}
	p.low[channel] = true
}

// adopt puts channels into use.
func (p *pool) adopt(channels ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range channels {
		if !slices.Contains(p.list, c) {
			p.list = append(p.list, c)
		}
	}
	p.starved = 0
}

// wants says which channels are low, and how many more are wanted for the load.
func (p *pool) wants(most int) (low []string, more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.list {
		if p.low[c] {
			low = append(low, c)
		}
	}
	if p.starved >= growAfter {
		more = max(0, min(max(1, len(p.list)/2), most-len(p.list)))
	}
	return low, more
}

// firstChannels are the channels of a rail that has just been made.
func firstChannels(o Options) ([]string, error) {
	if o.ChannelKey == nil {
		return slices.Clone(o.Channels), nil
	}
	if len(o.Channels) > 0 || o.MinChannels < 1 || o.MaxChannels < o.MinChannels || o.MaxChannels > maxChannels {
		return nil, fmt.Errorf("stellar rail: a pool of channels has 1 to %d of them, and no fixed ones", maxChannels)
	}
	list := make([]string, o.MinChannels)
	for i := range list {
		address, err := o.ChannelKey(i)
		if err != nil {
			return nil, fmt.Errorf("stellar rail: make the key of channel %d: %w", i, err)
		}
		list[i] = address
	}
	return list, nil
}

// rediscover adopts the channels beyond the least number that an earlier process
// opened: those that exist, up to the first that does not.
func (r *Rail) rediscover(ctx context.Context) error {
	for i := len(r.channels()); r.ChannelKey != nil && i < r.MaxChannels; i++ {
		address, err := r.ChannelKey(i)
		if err != nil {
			return fmt.Errorf("make the key of channel %d: %w", i, err)
		}
		_, _, err = r.account(ctx, address)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return unavailable(err, "read channel account")
		}
		r.pool.adopt(address)
	}
	return nil
}

// channelTrouble answers why a channel must not be used, or nothing. Whoever else
// could sign for it could use its sequence numbers and its lumens.
func channelTrouble(account protocol.Account, channel string) string {
	for _, s := range account.Signers {
		if s.Key != channel && s.Weight > 0 {
			return "can be signed for by others"
		}
	}
	if weightOf(account, channel) < max(1, int32(account.Thresholds.LowThreshold)) {
		return "is not controlled by its own key"
	}
	return ""
}

// opening creates a channel account; filling tops one up.
func (r *Rail) opening(channel string) txnbuild.Operation {
	return &txnbuild.CreateAccount{Destination: channel, Amount: amount.StringFromInt64(channelLumens), SourceAccount: r.Treasury}
}

func (r *Rail) filling(channel string) txnbuild.Operation {
	return &txnbuild.Payment{
		Destination: channel, Amount: amount.StringFromInt64(channelLumens), Asset: txnbuild.NativeAsset{}, SourceAccount: r.Treasury,
	}
}

// Maintain keeps the channels: it tops up those that are low on lumens and opens
// more while all are occupied again and again. It waits for no ledger; what it
// sent it looks after the next time. It asks nothing of the network while there
// is nothing to do. A crash forgets what was sent: the treasury's sequence number
// is read before the accounts, so that what is made anew cannot come on top of
// what was applied.
func (r *Rail) Maintain(ctx context.Context) error {
	if !r.pool.upkeep.TryLock() {
		return nil
	}
	defer r.pool.upkeep.Unlock()
	if r.pool.sent != nil {
		return r.lookAfter(ctx, r.pool.sent)
	}
	most := r.MaxChannels
	if r.ChannelKey == nil {
		most = 0
	}
	low, more := r.pool.wants(most)
	if len(low) == 0 && more == 0 {
		return nil
	}
	if err := r.inTrouble(); err != nil {
		return err
	}
	treasury, _, err := r.account(ctx, r.Treasury)
	if err != nil {
		return unavailable(err, "read treasury")
	}
	next := &housekeeping{}
	var ops []txnbuild.Operation
	if ops, err = r.enlarge(ctx, next, more); err != nil {
		return err
	}
	for _, channel := range low {
		account, _, err := r.account(ctx, channel)
		if err != nil {
			return unavailable(err, "read channel account")
		}
		lumens, err := spendableLumens(account)
		if err != nil {
			return err
		}
		r.pool.noteLumens(channel, lumens)
		if lumens < lowLumens {
			ops, next.fills = append(ops, r.filling(channel)), append(next.fills, channel)
		}
	}
	if len(ops) == 0 {
		return nil
	}
	return r.send(ctx, treasury, next, ops[:min(len(ops), maxBatch)])
}

// enlarge names so many more channels, and adopts those of them that exist.
func (r *Rail) enlarge(ctx context.Context, next *housekeeping, more int) ([]txnbuild.Operation, error) {
	var ops []txnbuild.Operation
	have := len(r.channels())
	for i := have; i < have+more; i++ {
		address, err := r.ChannelKey(i)
		if err != nil {
			return nil, fmt.Errorf("make the key of channel %d: %w", i, err)
		}
		_, _, err = r.account(ctx, address)
		switch {
		case isNotFound(err):
			ops, next.opens = append(ops, r.opening(address)), append(next.opens, address)
		case err != nil:
			return nil, unavailable(err, "read channel account")
		default:
			r.pool.adopt(address)
		}
	}
	return ops, nil
}

// send signs and sends housekeeping that the treasury can afford.
func (r *Rail) send(ctx context.Context, treasury protocol.Account, h *housekeeping, ops []txnbuild.Operation) error {
	lumens, err := spendableLumens(treasury)
	if err != nil {
		return err
	}
	if cost := int64(len(ops)) * channelLumens; lumens-cost < minLumens {
		return precondition("the treasury can spend %s lumens, which is too little to look after its channels", amount.StringFromInt64(lumens))
	}
	if h.envelope, h.hash, h.expiry, err = r.signHousekeeping(ctx, treasury.Sequence+1, ops); err != nil {
		return err
	}
	r.pool.sent = h
	answer := r.backend.submit(ctx, h.envelope)
	r.Logger.Info("looking after channel accounts", "hash", h.hash, "opens", len(h.opens), "fills", len(h.fills), "answer", answer.text)
	return nil
}

// lookAfter finds out what became of housekeeping, and sends it again until it is
// in a ledger or past its time.
func (r *Rail) lookAfter(ctx context.Context, h *housekeeping) error {
	tx, err := r.backend.transaction(ctx, h.hash)
	switch {
	case err == nil:
		r.pool.sent = nil
		if !tx.Successful {
			return fmt.Errorf("look after channel accounts: transaction %s failed", h.hash)
		}
		r.pool.adopt(h.opens...)
		for _, channel := range h.fills {
			r.pool.noteLumens(channel, lowLumens)
		}
		return nil
	case !isNotFound(err):
		return unavailable(err, "look up housekeeping")
	}
	newest, err := r.network(ctx)
	if err != nil {
		return err
	}
	if newest.closedAt.Unix() > h.expiry {
		r.pool.sent = nil // Should it have been applied unseen, the accounts show it.
		return nil
	}
	r.backend.submit(ctx, h.envelope)
	return nil
}
