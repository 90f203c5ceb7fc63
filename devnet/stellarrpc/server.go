package stellarrpc

import (
	"errors"
	"net/http"
	"time"

	"github.com/openremit/remit/devnet/horizon"
)

// Defaults of the real service.
const (
	// defaultWindow is seven days of ledgers.
	defaultWindow = 120_960
	// defaultMaxLatency is how old the newest ledger may be in good health.
	defaultMaxLatency = 30 * time.Second
)

// Options say how the service is configured. Zero values are the defaults.
type Options struct {
	// Window is for how many ledgers transactions are kept. Default: 120,960.
	Window uint32
	// MaxLatency is how old the newest ledger may be in good health. Default: 30 seconds.
	MaxLatency time.Duration
	// Now is the clock. Default: the system's.
	Now func() time.Time
	// FriendbotURL is told to callers of getNetwork. Default: none.
	FriendbotURL string
}

// Server is Stellar RPC for one network.
type Server struct {
	opt Options
	net *horizon.Server
}

// New makes the service for a network, which goes on to belong to the caller.
func New(net *horizon.Server, opt Options) (*Server, error) {
	if net == nil {
		return nil, errors.New("stellarrpc: the network is missing")
	}
	if opt.MaxLatency < 0 {
		return nil, errors.New("stellarrpc: the latency is negative")
	}
	if opt.Window == 0 {
		opt.Window = defaultWindow
	}
	if opt.MaxLatency == 0 {
		opt.MaxLatency = defaultMaxLatency
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Server{opt: opt, net: net}, nil
}

// Handler is the HTTP face of the service; it answers at every path, as the real one does.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// oldest is the first ledger whose transactions are still known. A network's history begins with its second ledger:
// the genesis ledger is not a closed one.
func (s *Server) oldest(latest horizon.Head) horizon.Head {
	first := min(2, latest.Ledger)
	if latest.Ledger > s.opt.Window {
		first = max(first, latest.Ledger-s.opt.Window+1)
	}
	head, ok := s.net.HeadAt(first)
	if !ok {
		return latest
	}
	return head
}

// suffer lets the network's faults happen that hit every request. It reports whether the request is over.
func (s *Server) suffer(w http.ResponseWriter, r *http.Request) bool {
	f := s.net.Faults()
	if f.DelayMS > 0 {
		timer := time.NewTimer(time.Duration(f.DelayMS) * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true
		}
	}
	if !f.Down {
		return false
	}
	if f.Broken {
		hangUp(w)
		return true
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	return true
}

// hangUp cuts the connection in the middle of the request.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	_ = conn.Close() // it is meant to break
}
