package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// The company's own words for an order's status.
const (
	statusAccepted  = "accepted"
	statusSucceeded = "succeeded"
	statusFailed    = "failed"
	statusCanceled  = "canceled"
)

type amount struct {
	Currency string `json:"currency"`
	Minor    int64  `json:"minor"`
}

type party struct {
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Country string `json:"country,omitempty"`
}

type orderRequest struct {
	Reference  string            `json:"reference"`
	Direction  string            `json:"direction"`
	Method     string            `json:"method"`
	Country    string            `json:"country"`
	Amount     amount            `json:"amount"`
	RefundOf   string            `json:"refund_of,omitempty"`
	Party      party             `json:"party"`
	Account    map[string]string `json:"account,omitempty"`
	PickupCode string            `json:"pickup_code,omitempty"`
}

type validateRequest struct {
	Direction string            `json:"direction"`
	Method    string            `json:"method"`
	Country   string            `json:"country"`
	Party     party             `json:"party"`
	Account   map[string]string `json:"account,omitempty"`
}

// orderReply is what the company tells of an order.
type orderReply struct {
	Reference string  `json:"reference"`
	ID        string  `json:"id"`
	Direction string  `json:"direction"`
	Amount    amount  `json:"amount"`
	Status    string  `json:"status"`
	Code      string  `json:"code"`
	Detail    string  `json:"detail"`
	Received  *amount `json:"received"`
}

// problemReply is a refusal.
type problemReply struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Fields []struct {
		Field  string `json:"field"`
		Code   string `json:"code"`
		Detail string `json:"detail"`
	} `json:"fields"`
}

func newRequest(in ramps.Instruction) orderRequest {
	o := in.Order
	return orderRequest{
		Reference: string(o.ID), Direction: string(o.Direction), Method: o.Method, Country: string(o.Country),
		Amount: amount{Currency: o.Amount.Asset.Code, Minor: o.Amount.Minor}, RefundOf: string(o.RefundOf),
		Party:   party{Name: in.Party.Name(), Phone: in.Party.Phone, Country: string(in.Party.Country)},
		Account: in.Account, PickupCode: in.PickupCode,
	}
}

// response is an answer that was read in full.
type response struct {
	status int
	body   []byte
}

// problem reads a refusal; what is not one has no code.
func (r response) problem() problemReply {
	var p problemReply
	if json.Unmarshal(r.body, &p) != nil {
		return problemReply{}
	}
	return p
}

func (r response) err() error {
	if code := r.problem().Code; code != "" {
		return fmt.Errorf("the provider answered %d %s", r.status, code)
	}
	return fmt.Errorf("the provider answered %d", r.status)
}

// call sends a request and reads its answer. Any error leaves open whether it
// took effect.
func (p *Provider) call(ctx context.Context, method, path string, in any) (res response, err error) {
	body := []byte{}
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return response{}, fmt.Errorf("encode request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return response{}, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
	req.Header.Set("Content-Type", "application/json")
	got, err := p.client.Do(req)
	if err != nil {
		return response{}, fmt.Errorf("call provider: %w", withoutAddress(err))
	}
	defer func() { err = errors.Join(err, got.Body.Close()) }()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer))
	if err != nil {
		return response{}, fmt.Errorf("read answer: %w", err)
	}
	return response{status: got.StatusCode, body: text}, nil
}

// withoutAddress strips the request from a transport error: details are kept
// and shown to operators, and an address may carry what they should not see.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// answer reads what the company says of the order. A reply that is about
// something else, or that cannot be read, decides nothing.
func (p *Provider) answer(res response, o ramps.Order) ramps.Answer {
	var reply orderReply
	if err := json.Unmarshal(res.body, &reply); err != nil {
		return unknown(fmt.Errorf("read answer: %w", err))
	}
	if reply.Reference != string(o.ID) {
		return unknown(errors.New("the provider answered about another order"))
	}
	// A reference that was canceled before it was seen has no amount.
	sameMoney := reply.Amount == amount{Currency: o.Amount.Asset.Code, Minor: o.Amount.Minor} && reply.Direction == string(o.Direction)
	if !sameMoney && (reply.Status != statusCanceled || reply.Direction != "") {
		return unknown(errors.New("the provider has another amount or direction for this order"))
	}
	return reply.answer()
}

// answer translates a reply.
func (r orderReply) answer() ramps.Answer {
	out := ramps.Answer{ProviderReference: r.ID, Detail: r.Detail}
	switch r.Status {
	case statusAccepted:
		out.Status = ramps.StatusAccepted
	case statusSucceeded:
		out.Status = ramps.StatusSucceeded
	case statusCanceled:
		out.Status = ramps.StatusCanceled
	case statusFailed:
		why := reasonOf(r.Code)
		out.Status, out.Reason, out.Fixer = ramps.StatusFailed, why.reason, why.fixer
	default:
		return unknown(errors.New("the provider answered a status that is not in its interface"))
	}
	if r.Received == nil || out.Status != ramps.StatusSucceeded {
		return out
	}
	asset, err := remit.Fiat(r.Received.Currency)
	if err != nil {
		return unknown(fmt.Errorf("read what came in: %w", err))
	}
	out.Received = remit.NewMoney(asset, r.Received.Minor)
	return out
}
