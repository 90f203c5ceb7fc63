package solanarpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
)

const (
	maxAdvance    = 5_000
	maxBooksLimit = 10_000
)

// State is what GET /_state answers.
type State struct {
	Slot           uint64 `json:"slot"`
	BlockHeight    uint64 `json:"block_height"`
	FinalizedSlot  uint64 `json:"finalized_slot"`
	GenesisHash    string `json:"genesis_hash"`
	SlotIntervalMs int64  `json:"slot_interval_ms"`
	Pending        int    `json:"pending"`
	Transactions   int    `json:"transactions"`
	Faults         Faults `json:"faults"`
	Stats          Stats  `json:"stats"`
}

// Handler answers JSON-RPC on every path, except for these:
//
//	GET  /health                    "ok"
//	GET  /_state                    slot, counters and faults
//	GET  /_books?after=N&limit=M    token transfers that landed, from number N+1
//	GET  /_books?signature=S        those of one transaction
//	POST /_fault {"drop_pct": 100}  changes the named faults; {"reset": true} first restores the preset
//	POST /_advance {"slots": 151}   makes blocks now
//
// The header X-Fault with the JSON of Faults overrides the faults for one
// request. Nothing is authenticated: listen on loopback only.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /_state", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.State()) })
	mux.HandleFunc("GET /_books", s.serveBooks)
	mux.HandleFunc("POST /_fault", s.serveFault)
	mux.HandleFunc("POST /_advance", s.serveAdvance)
	mux.HandleFunc("/", s.serveRPC)
	return mux
}

// State is a snapshot of the node for people and tests.
func (s *Server) State() State {
	f := s.Faults()
	s.mu.RLock()
	defer s.mu.RUnlock()
	head := s.chain.head()
	out := State{
		Slot: head.slot, BlockHeight: head.height, FinalizedSlot: s.chain.bank(s.chain.depth).slot, GenesisHash: s.chain.genesisHash().String(),
		SlotIntervalMs: s.opts.SlotInterval.Milliseconds(), Pending: len(s.pending), Transactions: len(s.chain.order), Faults: f, Stats: s.stats,
	}
	out.Stats.Calls, out.Stats.RefusedAtLanding = map[string]int{}, map[string]int{}
	for k, n := range s.stats.Calls {
		out.Stats.Calls[k] = n
	}
	for k, n := range s.stats.RefusedAtLanding {
		out.Stats.RefusedAtLanding[k] = n
	}
	return out
}

func (s *Server) serveBooks(w http.ResponseWriter, r *http.Request) {
	after, limit := 0, maxBooksLimit
	for name, into := range map[string]*int{"after": &after, "limit": &limit} {
		if text := r.URL.Query().Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				http.Error(w, name+" must be a number", http.StatusBadRequest)
				return
			}
			*into = n
		}
	}
	list := s.Books(after)
	if signature := r.URL.Query().Get("signature"); signature != "" {
		list = slices.DeleteFunc(list, func(t Transfer) bool { return t.Signature.String() != signature })
	}
	writeJSON(w, http.StatusOK, map[string]any{"transfers": list[:min(len(list), limit, maxBooksLimit)]})
}

func (s *Server) serveFault(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "read body: "+err.Error(), http.StatusBadRequest)
		return
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(body, &given); err != nil {
		http.Error(w, "read faults: "+err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.changeFaults(given); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, s.Faults())
}

// changeFaults sets the named faults; an unknown name changes nothing.
func (s *Server) changeFaults(given map[string]json.RawMessage) error {
	base := s.Faults()
	reset := string(given["reset"]) == "true"
	delete(given, "reset")
	if reset {
		base = s.faults.preset
	}
	known := map[string]json.RawMessage{}
	b, err := json.Marshal(base)
	if err != nil {
		return fmt.Errorf("encode faults: %w", err)
	}
	if err := json.Unmarshal(b, &known); err != nil {
		return fmt.Errorf("read faults: %w", err)
	}
	var unknown []string
	for k, v := range given {
		if _, ok := known[k]; !ok {
			unknown = append(unknown, k)
		}
		known[k] = v
	}
	if slices.Sort(unknown); len(unknown) > 0 {
		return errors.New("unknown fault: " + unknown[0])
	}
	if b, err = json.Marshal(known); err != nil {
		return fmt.Errorf("encode faults: %w", err)
	}
	var next Faults
	if err := json.Unmarshal(b, &next); err != nil {
		return fmt.Errorf("read faults: %w", err)
	}
	if reset {
		s.ResetFaults()
	}
	s.SetFaults(next)
	return nil
}

func (s *Server) serveAdvance(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Slots int `json:"slots"`
	}{Slots: 1}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		http.Error(w, "read slots: "+err.Error(), http.StatusBadRequest)
		return
	}
	if in.Slots < 1 || in.Slots > maxAdvance {
		http.Error(w, "slots must be 1 to "+strconv.Itoa(maxAdvance), http.StatusBadRequest)
		return
	}
	if err := s.Advance(in.Slots); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	st := s.State()
	writeJSON(w, http.StatusOK, map[string]uint64{"slot": st.Slot, "block_height": st.BlockHeight})
}
