package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Name is the provider's name in configuration, corridors and accounts.
const Name = "sandbox"

const (
	// DefaultTimeout bounds one call when Options do not.
	DefaultTimeout = 10 * time.Second
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 256 << 10
	// maxIdle is how many connections are kept open between calls.
	maxIdle = 64
)

// Options configure the provider; BaseURL and APIKey are required.
type Options struct {
	// BaseURL is where the company listens, such as http://127.0.0.1:4010.
	BaseURL string
	// APIKey is shown as a bearer token.
	APIKey string
	// CallbackSecret authenticates callbacks: base64, with or without "whsec_".
	// Without it every callback is refused.
	CallbackSecret string
	// Timeout bounds one call; by default DefaultTimeout.
	Timeout time.Duration
	// Clock judges the age of callbacks; by default the machine's.
	Clock remit.Clock
	// Transport carries the calls; by default one with its own connections.
	Transport http.RoundTripper
	// Capabilities are what it is used for; by default all that it can do.
	Capabilities []ramps.Capability
}

// Provider is the sandbox payment company. It is safe for concurrent use.
type Provider struct {
	base         string
	key          string
	client       *http.Client
	signer       *standardwebhooks.Webhook
	clock        remit.Clock
	capabilities []ramps.Capability
}

var _ ramps.Provider = (*Provider)(nil)

// New makes the provider. It errs when an option is missing or malformed.
func New(o Options) (*Provider, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("sandbox provider: base URL %q is not an http address", o.BaseURL)
	}
	if o.APIKey == "" {
		return nil, errors.New("sandbox provider: no API key")
	}
	p := &Provider{base: u.JoinPath("/").String(), key: o.APIKey, clock: o.Clock, capabilities: o.Capabilities}
	if o.CallbackSecret != "" {
		if p.signer, err = standardwebhooks.NewWebhook(o.CallbackSecret); err != nil {
			return nil, errors.New("sandbox provider: callback secret is not base64 text")
		}
	}
	if p.clock == nil {
		p.clock = remit.SystemClock{}
	}
	if p.capabilities == nil {
		p.capabilities = DefaultCapabilities()
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdle, maxIdle
		o.Transport = t
	}
	p.client = &http.Client{Timeout: o.Timeout, Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return p, nil
}

// Name returns Name.
func (p *Provider) Name() string { return Name }

// Capabilities lists what it is used for.
func (p *Provider) Capabilities() []ramps.Capability { return slices.Clone(p.capabilities) }

// Submit sends the order; see ramps.Provider.
func (p *Provider) Submit(ctx context.Context, in ramps.Instruction) ramps.Answer {
	res, err := p.call(ctx, http.MethodPost, "v1/orders", newRequest(in))
	if err != nil {
		return unknown(err)
	}
	if res.status/100 == 2 {
		return p.answer(res, in.Order)
	}
	return refusal(res)
}

// Lookup asks what became of an order; see ramps.Provider.
func (p *Provider) Lookup(ctx context.Context, o ramps.Order) ramps.Answer {
	res, err := p.call(ctx, http.MethodGet, orderPath(o), nil)
	if err != nil {
		return unknown(err)
	}
	if res.status/100 == 2 {
		return p.answer(res, o)
	}
	// Any other 404 may come from something in between.
	if res.status == http.StatusNotFound && res.problem().Code == codeOrderUnknown {
		return ramps.Answer{Status: ramps.StatusQueued}
	}
	return unknown(res.err())
}

// Cancel withdraws an order; see ramps.Provider. The company refuses a
// reference that was canceled before it saw it, so a submission that is still
// on its way comes to nothing.
func (p *Provider) Cancel(ctx context.Context, o ramps.Order) ramps.Answer {
	res, err := p.call(ctx, http.MethodPost, orderPath(o)+"/cancel", nil)
	if err != nil {
		return unknown(err)
	}
	if res.status/100 == 2 {
		return p.answer(res, o)
	}
	return unknown(res.err())
}

// Validate checks an account before money moves. Errors: invalid with the
// fields; unavailable.
func (p *Provider) Validate(ctx context.Context, in ramps.Instruction) error {
	req := newRequest(in)
	res, err := p.call(ctx, http.MethodPost, "v1/accounts:validate", validateRequest{
		Direction: req.Direction, Method: req.Method, Country: req.Country, Party: req.Party, Account: req.Account,
	})
	if err != nil {
		return remit.Wrap(err, remit.KindUnavailable, remit.ReasonProviderUnavailable, "the account cannot be checked now")
	}
	if res.status/100 == 2 {
		return nil
	}
	refused := res.problem()
	if res.status != http.StatusUnprocessableEntity || len(refused.Fields) == 0 {
		return remit.Wrap(res.err(), remit.KindUnavailable, remit.ReasonProviderUnavailable, "the account cannot be checked now")
	}
	fields := make([]remit.FieldError, 0, len(refused.Fields))
	for _, f := range refused.Fields {
		fields = append(fields, remit.FieldError{Field: f.Field, Reason: reasonOf(f.Code).reason, Message: f.Detail})
	}
	return remit.InvalidFields(fields)
}

func orderPath(o ramps.Order) string { return "v1/orders/" + url.PathEscape(string(o.ID)) }

func unknown(err error) ramps.Answer {
	return ramps.Answer{Status: ramps.StatusUnknown, Reason: remit.ReasonProviderUnavailable, Fixer: ramps.FixerProvider, Detail: err.Error()}
}
