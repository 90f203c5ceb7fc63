package solana_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/openremit/remit/settlement/settlementtest"
)

// The headers by which the stand-in and a server over the real virtual machine
// are told to misbehave.
var (
	standInFaults = faultWords{dropped: `{"drop_pct":100}`, lost: `{"hangup_pct":100}`, late: `{"land_delay_slots":%d}`}
	realVMFaults  = faultWords{dropped: `{"dropPct":100}`, lost: `{"hangupAfterPct":100}`, late: `{"landDelaySlots":%d}`}
)

// faultWords are the values of the header X-Fault.
type faultWords struct{ dropped, lost, late string }

// faulty makes the node misbehave for this client, by a header that the node knows.
type faulty struct {
	faultWords
	next http.RoundTripper

	mu sync.Mutex
	settlementtest.Faults
}

func (f *faulty) set(faults settlementtest.Faults) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Faults = faults
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	sends, err := isSend(r)
	if err != nil {
		return nil, err
	}
	if header, down := f.trouble(sends); down {
		return nil, errors.New("the endpoint is down")
	} else if header != "" {
		r = r.Clone(r.Context())
		r.Header.Set("X-Fault", header)
	}
	return f.next.RoundTrip(r)
}

// isSend says whether a call sends a transaction.
func isSend(r *http.Request) (bool, error) {
	if r.GetBody == nil {
		return false, nil
	}
	body, err := r.GetBody()
	if err != nil {
		return false, err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return false, err
	}
	return bytes.Contains(text, []byte(`"sendTransaction"`)), body.Close()
}

func (f *faulty) trouble(sends bool) (header string, down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.Down:
		return "", true
	case !sends:
		return "", false
	case f.DropSubmits > 0:
		f.DropSubmits--
		return f.dropped, false
	case f.LoseReplies > 0:
		f.LoseReplies--
		return f.lost, false
	case f.LandLate > 0:
		return fmt.Sprintf(f.late, 8*f.LandLate), false
	default:
		return "", false
	}
}
