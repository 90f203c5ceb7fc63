package stellar

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"

	"github.com/openremit/remit"
)

// restTime is how long a server that could not be asked is passed over, unless
// all are resting.
const restTime = 30 * time.Second

// newBackend makes the way to the network that the options name.
func newBackend(o Options) backend {
	urls := append([]string{o.Horizon + o.RPC}, o.Spare...)
	list := make([]*server, len(urls))
	for i, url := range urls {
		if o.RPC == "" {
			list[i] = &server{backend: &horizon{url: strings.TrimRight(url, "/") + "/", http: o.HTTP}}
			continue
		}
		list[i] = &server{backend: &rpc{url: url, passphrase: o.Passphrase, http: o.HTTP, lines: o.lines()}}
	}
	if len(list) == 1 {
		return list[0].backend
	}
	return &servers{list: list, passphrase: o.Passphrase, clock: o.Clock}
}

// servers is the backend that asks one of several servers. Their answers may be
// mixed: what is concluded from more than one is tied together by ledger numbers,
// and a server shows that it is of the right network before it is believed.
type servers struct {
	list       []*server
	passphrase string
	clock      remit.Clock

	mu sync.Mutex
	// current is the server that gave the newest ledger last.
	current int
}

// server is one of them. Its fields are under the list's lock.
type server struct {
	backend
	// ours is set once it has shown that it is of the right network.
	ours bool
	// rests is until when it is passed over.
	rests time.Time
}

func (s *servers) name() string { return s.list[0].name() }

// order lists the servers to ask, beginning with the current one, or in the
// configured order; those that rest come last.
func (s *servers) order(current bool) []*server {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.list
	if current {
		list = append([]*server{s.list[s.current]}, s.list[:s.current]...)
		list = append(list, s.list[s.current+1:]...)
	}
	var awake, resting []*server
	for _, one := range list {
		if one.rests.After(now) {
			resting = append(resting, one)
		} else {
			awake = append(awake, one)
		}
	}
	if len(awake) == 0 {
		return resting
	}
	return awake
}

func (s *servers) rest(one *server) {
	until := s.clock.Now().Add(restTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	one.rests = until
}

// choose makes a server the current one, and believed.
func (s *servers) choose(one *server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one.ours = true
	for i := range s.list {
		if s.list[i] == one {
			s.current = i
		}
	}
}

func (s *servers) believes(one *server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return one.ours
}

// newest answers with the first server that keeps up with the ledger, or the one
// that is least behind. A server of another network is answered with when there
// is no better: the caller refuses it.
func (s *servers) newest(ctx context.Context) (head, error) {
	var errs []error
	var foreign, behind head
	var last *server
	for _, one := range s.order(false) {
		got, err := one.newest(ctx)
		switch {
		case err != nil:
			errs = append(errs, err)
			if ctx.Err() == nil {
				s.rest(one)
			}
		case got.passphrase != s.passphrase:
			foreign = got
			s.rest(one)
		case s.clock.Now().Sub(got.closedAt) > lagLimit:
			if last == nil || got.closedAt.After(behind.closedAt) {
				behind, last = got, one
			}
		default:
			s.choose(one)
			return got, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	switch {
	case last != nil:
		s.choose(last)
		return behind, nil
	case foreign.passphrase != "":
		return foreign, nil
	default:
		return head{}, errors.Join(errs...)
	}
}

// ask takes the first answer; that there is no such thing is one.
func ask[T any](ctx context.Context, s *servers, f func(backend) (T, error)) (T, error) {
	var errs []error
	var none T
	for _, one := range s.order(true) {
		err := s.verify(ctx, one)
		if err == nil {
			var got T
			if got, err = f(one.backend); err == nil || errors.Is(err, errMissing) {
				return got, err
			}
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
		s.rest(one)
	}
	return none, errors.Join(errs...)
}

// verify errs unless the server has shown, once, that it is of the right network.
func (s *servers) verify(ctx context.Context, one *server) error {
	if s.believes(one) {
		return nil
	}
	got, err := one.newest(ctx)
	if err != nil {
		return err
	}
	if got.passphrase != s.passphrase {
		return fmt.Errorf("%s serves the network %q", one.name(), got.passphrase)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one.ours = true
	return nil
}

// state is an account with the ledger whose state it is.
type state struct {
	account protocol.Account
	ledger  uint32
}

func (s *servers) account(ctx context.Context, address string) (protocol.Account, uint32, error) {
	got, err := ask(ctx, s, func(b backend) (state, error) {
		account, ledger, err := b.account(ctx, address)
		return state{account, ledger}, err
	})
	return got.account, got.ledger, err
}

func (s *servers) transaction(ctx context.Context, hash string) (protocol.Transaction, error) {
	return ask(ctx, s, func(b backend) (protocol.Transaction, error) { return b.transaction(ctx, hash) })
}

func (s *servers) taker(ctx context.Context, account string, sequence int64) (protocol.Transaction, error) {
	return ask(ctx, s, func(b backend) (protocol.Transaction, error) { return b.taker(ctx, account, sequence) })
}

func (s *servers) fee(ctx context.Context) (int64, error) {
	return ask(ctx, s, func(b backend) (int64, error) { return b.fee(ctx) })
}

func (s *servers) apply(ctx context.Context, envelope, hash string) error {
	_, err := ask(ctx, s, func(b backend) (struct{}, error) { return struct{}{}, b.apply(ctx, envelope, hash) })
	return err
}

// submit sends the same bytes on until a server hands over what the network says;
// that does no harm. A person is asked for only when each server wants one.
func (s *servers) submit(ctx context.Context, envelope string) submission {
	var best submission
	for i, one := range s.order(true) {
		if ctx.Err() != nil && i > 0 {
			break
		}
		got := one.submit(ctx, envelope)
		if got.answered {
			return got
		}
		if i == 0 || best.verdict == Person {
			best = got
		}
		if ctx.Err() == nil {
			s.rest(one)
		}
	}
	return best
}
