package solana_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/openremit/remit/settlement/settlementtest"
)

// The words by which the stand-in and a server over the real virtual machine
// are told to misbehave, in a header, and to skip slots, for all.
var (
	standInFaults = faultWords{
		dropped: `"drop_pct":100`, lost: `"hangup_pct":100`, late: `"land_delay_slots":%d`,
		limited: `"rate_limit_pct":%d`, hidden: `"hide_status_pct":%d`,
	}
	realVMFaults = faultWords{
		dropped: `"dropPct":100`, lost: `"hangupAfterPct":100`, late: `"landDelaySlots":%d`,
		limited: `"rate429Pct":%d`, hidden: `"hideStatusPct":%d`, skipped: `{"skipSlotPct":%d}`,
	}
)

// faultWords are the members of the JSON object in the header X-Fault; skipped
// is what is posted to /_fault, nothing where slots cannot be skipped.
type faultWords struct{ dropped, lost, late, limited, hidden, skipped string }

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
	if f.Down {
		return "", true
	}
	var words []string
	if f.RateLimitPct > 0 {
		words = append(words, fmt.Sprintf(f.limited, f.RateLimitPct))
	}
	if f.HidePct > 0 {
		words = append(words, fmt.Sprintf(f.hidden, f.HidePct))
	}
	switch {
	case !sends:
	case f.DropSubmits > 0:
		f.DropSubmits--
		words = append(words, f.dropped)
	case f.LoseReplies > 0:
		f.LoseReplies--
		words = append(words, f.lost)
	case f.LandLate > 0:
		words = append(words, fmt.Sprintf(f.late, 8*f.LandLate))
	}
	if len(words) == 0 {
		return "", false
	}
	return "{" + strings.Join(words, ",") + "}", false
}
