package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// CallbackTolerance is how far a callback's time may be from the clock's.
const CallbackTolerance = 5 * time.Minute

// ParseCallback authenticates a callback by Standard Webhooks: the signature is
// compared in constant time, and its time with the provider's clock. Errors:
// unauthenticated, invalid.
func (p *Provider) ParseCallback(h http.Header, body []byte) (ramps.Callback, error) {
	stranger := func(why string) (ramps.Callback, error) {
		return ramps.Callback{}, remit.Errorf(remit.KindUnauthenticated, remit.ReasonUnauthenticated, "callback refused: %s", why)
	}
	if p.signer == nil {
		return stranger("no callback secret is configured")
	}
	// The library's own check of time reads the machine's clock.
	if err := p.signer.VerifyIgnoringTimestamp(body, h); err != nil {
		return stranger("the signature does not match")
	}
	seconds, err := strconv.ParseInt(h.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return stranger("the time is not a number")
	}
	if age := p.clock.Now().Sub(time.Unix(seconds, 0)); age > CallbackTolerance || age < -CallbackTolerance {
		return stranger("it is too old or from the future")
	}
	var message struct {
		Type  string     `json:"type"`
		Order orderReply `json:"order"`
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return ramps.Callback{}, remit.Wrap(err, remit.KindInvalid, remit.ReasonBodyMalformed, "the callback is not JSON of this interface")
	}
	id, err := remit.ParseID[remit.RampOrderID](remit.PrefixRampOrder, "order.reference", message.Order.Reference)
	if err != nil {
		return ramps.Callback{}, err
	}
	return ramps.Callback{ID: h.Get(standardwebhooks.HeaderWebhookID), Reference: id, Answer: message.Order.answer()}, nil
}
