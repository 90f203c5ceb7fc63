package stellar

import (
	"context"
	"encoding/base64"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openremit/remit"
)

const (
	// checksAtOnce is how many destinations are read at the same time.
	checksAtOnce = 8
	// payeeTTL is how long a destination found good is believed.
	payeeTTL = 30 * time.Second
	// maxPayees bounds the destinations that are remembered.
	maxPayees = 10_000
)

// payee is what the chain says of a destination's account.
type payee struct {
	exists bool
	// wantsMemo: a payment without a memo cannot be told from others (SEP-29).
	wantsMemo bool
	// lines are its trustlines to the rail's coins.
	lines map[Coin]lineState
}

// lineState is what a trustline can take.
type lineState struct {
	room int64
	// authorized: the issuer lets it be paid; maintains: it may only keep its
	// offers up.
	authorized, maintains bool
}

// takes reports whether the account can be paid all of the sums now.
func (p payee) takes(sums map[Coin]int64) bool {
	for coin, sum := range sums {
		if l, ok := p.lines[coin]; !ok || !l.authorized || l.room < sum {
			return false
		}
	}
	return p.exists
}

// payees remembers destinations that were found good. Nothing depends on it.
type payees struct {
	mu    sync.Mutex
	known map[string]knownPayee
}

type knownPayee struct {
	payee
	until time.Time
}

func (k *payees) get(address string, now time.Time) (payee, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.known[address]
	return p.payee, ok && p.until.After(now)
}

func (k *payees) put(address string, p payee, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= maxPayees {
		k.known = make(map[string]knownPayee)
	}
	k.known[address] = knownPayee{payee: p, until: now.Add(payeeTTL)}
}

// readPayees reads the accounts that are to be paid the sums, and believes those
// that were seen good a moment ago and could take them.
func (r *Rail) readPayees(ctx context.Context, sums map[string]map[Coin]int64) (map[string]payee, error) {
	var mu sync.Mutex
	out := make(map[string]payee, len(sums))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(checksAtOnce)
	now := r.Clock.Now()
	for address, sum := range sums {
		if p, ok := r.payees.get(address, now); ok && len(sum) > 0 && p.takes(sum) {
			mu.Lock()
			out[address] = p
			mu.Unlock()
			continue
		}
		group.Go(func() error {
			p, err := r.readPayee(groupCtx, address)
			if err != nil {
				return err
			}
			if p.takes(sum) {
				r.payees.put(address, p, now)
			}
			mu.Lock()
			defer mu.Unlock()
			out[address] = p
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

func (r *Rail) readPayee(ctx context.Context, address string) (payee, error) {
	account, _, err := r.account(ctx, address)
	if isNotFound(err) {
		return payee{}, nil
	}
	if err != nil {
		return payee{}, unavailable(err, "read destination")
	}
	p := payee{exists: true, lines: make(map[Coin]lineState)}
	if value, err := base64.StdEncoding.DecodeString(account.Data[memoRequired]); err == nil {
		p.wantsMemo = string(value) == "1"
	}
	for _, coin := range r.takes() {
		l, ok := line(account, coin)
		if !ok {
			continue
		}
		free, err := room(l)
		if err != nil {
			return payee{}, unavailable(err, "read destination")
		}
		p.lines[coin] = lineState{
			room: free, authorized: authorized(l),
			maintains: l.IsAuthorizedToMaintainLiabilities != nil && *l.IsAuthorizedToMaintainLiabilities,
		}
	}
	return p, nil
}

// refusal is why an order is not paid.
type refusal struct {
	reason remit.Reason
	// text is for people; it names nobody.
	text string
}

func refused(reason remit.Reason, format string, args ...any) *refusal {
	return &refusal{reason: reason, text: fmt.Sprintf(format, args...)}
}

// cannotTake answers why a payee cannot be paid an amount of a coin, or nil.
func (p payee) cannotTake(coin Coin, minor int64) *refusal {
	const bad = remit.ReasonDestinationInvalid
	l, trusts := p.lines[coin]
	switch {
	case !p.exists:
		return refused(bad, "the destination's account does not exist")
	case !trusts:
		return refused(bad, "the destination has no trustline to %s", coin.Code)
	case !l.authorized && l.maintains:
		return refused(bad, "the issuer lets the destination's trustline to %s keep its offers up, and not be paid", coin.Code)
	case !l.authorized:
		return refused(bad, "the issuer does not authorise the destination's trustline to %s", coin.Code)
	case l.room < minor:
		return refused(bad, "the payment exceeds the limit of the destination's trustline to %s, which has room for %s",
			coin.Code, remit.NewMoney(coin.Asset, l.room).Decimal())
	default:
		return nil
	}
}
