package api

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// The limits of signing in. They hold for all accounts together, so that
// neither guessing nor asking can exhaust the gateway.
const (
	// signInRate and signInBurst bound all sign-ins, clientRate and clientBurst
	// those from one address.
	signInRate  = 20
	signInBurst = 60
	clientRate  = 2
	clientBurst = 20
	// maxClients bounds the addresses whose rates are remembered.
	maxClients = 10_000
	// hashSlots is how many passwords are hashed at once, each in the memory of
	// compliance.DefaultPasswordCost; maxHashQueue is how many may wait.
	hashSlots    = 2
	maxHashQueue = 32
)

// signInGuard bounds what signing in may take.
type signInGuard struct {
	cost  compliance.PasswordCost
	slots chan struct{}
	queue chan struct{}
	// dummy is the hash that a password is checked against where there is no
	// account, so that it takes as long as with one.
	dummy func() string

	mu       sync.Mutex
	all      *rate.Limiter
	byClient map[string]*rate.Limiter
}

func newSignInGuard(cost compliance.PasswordCost) *signInGuard {
	if cost == (compliance.PasswordCost{}) {
		cost = compliance.DefaultPasswordCost
	}
	return &signInGuard{
		cost: cost, slots: make(chan struct{}, hashSlots), queue: make(chan struct{}, maxHashQueue),
		dummy:    sync.OnceValue(func() string { return compliance.HashPassword(compliance.NewOneTimePassword(), cost) }),
		all:      rate.NewLimiter(signInRate, signInBurst),
		byClient: make(map[string]*rate.Limiter),
	}
}

// admit counts the beginning of a sign-in. client is an address or empty. Errors:
// limited.
func (g *signInGuard) admit(client string, now time.Time) error { return g.count(client, now) }

// admitStep counts what else everyone may ask for: the second half of a sign-in,
// a challenge, what an invitation is to. It is bounded as sign-ins are, and takes
// nothing from those that one address may begin. Errors: limited.
func (g *signInGuard) admitStep(client string, now time.Time) error {
	if client = clientOf(client); client != "" {
		client = "step/" + client
	}
	return g.count(client, now)
}

// count counts a call of whoever a name stands for, empty for nobody known.
func (g *signInGuard) count(client string, now time.Time) error {
	client = netOf(client)
	g.mu.Lock()
	defer g.mu.Unlock()
	allowed := true
	if client != "" {
		one := g.byClient[client]
		if one == nil {
			if len(g.byClient) >= maxClients {
				clear(g.byClient)
			}
			one = rate.NewLimiter(clientRate, clientBurst)
			g.byClient[client] = one
		}
		// The address first: one that knocks too often takes nothing from all.
		allowed = one.AllowN(now, 1)
	}
	if !allowed || !g.all.AllowN(now, 1) {
		return tooManySignIns()
	}
	return nil
}

func tooManySignIns() error {
	e := remit.Errorf(remit.KindLimited, remit.ReasonRateLimited, "too many sign-ins at the moment; wait a few seconds and try again")
	e.RetryAfter = 2 * time.Second
	return e
}

// hashing runs a hash of a password when there is room for it. Errors: limited
// when too many wait already; the context's.
func (g *signInGuard) hashing(ctx context.Context, work func() error) error {
	select {
	case g.queue <- struct{}{}:
		defer func() { <-g.queue }()
	default:
		return tooManySignIns()
	}
	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return work()
}

// check reports whether a password has a stored hash.
func (g *signInGuard) check(ctx context.Context, stored, password string) (ok bool, err error) {
	err = g.hashing(ctx, func() error {
		ok, err = compliance.CheckPassword(stored, password)
		return err
	})
	return ok, err
}

// hash returns the hash of a new password.
func (g *signInGuard) hash(ctx context.Context, password string) (stored string, err error) {
	err = g.hashing(ctx, func() error {
		stored = compliance.HashPassword(password, g.cost)
		return nil
	})
	return stored, err
}

// netOf is what is counted for one address: of IPv6 the network, since whoever has
// one address there has as many as they like.
func netOf(client string) string {
	const network = 64
	step, text, steps := strings.Cut(client, "/")
	if !steps {
		step, text = "", client
	}
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is6() {
		return client
	}
	return step + "/" + netip.PrefixFrom(address, network).Masked().String()
}

// clientOf returns an address as it goes into the audit trail: nothing for what
// is none.
func clientOf(client string) string {
	address, err := netip.ParseAddr(client)
	if err != nil || address.Zone() != "" {
		return ""
	}
	return address.Unmap().String()
}
