package bank

import (
	"net/http"
)

func (b *Bank) postOrder(r *http.Request) reply {
	var req OrderRequest
	if p := read(r, &req); p != nil {
		return refuse(p)
	}
	if p := req.check(); p != nil {
		return refuse(p)
	}
	hash, err := req.hash()
	if err != nil {
		b.log.Error("order request does not encode", "error", err)
		return refuse(unavailable)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if e := b.orders[req.Reference]; e != nil {
		e = b.ripen(e, now)
		if e.BodyHash != "" && e.BodyHash != hash {
			return refuse(&problem{Status: 409, Code: "reference_reused", Detail: "this reference was used with another body"})
		}
		return reply{status: http.StatusOK, body: e.Order, silent: e.Silent}
	}
	placed, p := b.place(req, hash, now)
	if p != nil {
		return refuse(p)
	}
	b.commit(placed)
	e := placed.Entry
	return reply{status: http.StatusCreated, body: e.Order, silent: e.Silent, lost: e.Magic == magicLostReply}
}

func (b *Bank) getOrder(r *http.Request) reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.orders[r.PathValue("reference")]
	if e == nil {
		return refuse(unknownOrder)
	}
	now := b.clock.Now()
	return reply{status: http.StatusOK, body: b.ripen(b.wakeSilent(e, now), now).Order}
}

func (b *Bank) postCancel(r *http.Request) reply {
	reference := r.PathValue("reference")
	if len(reference) > maxReference {
		return refuse(unknownOrder)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return reply{status: http.StatusOK, body: b.withdraw(reference, b.clock.Now()).Order}
}

func (b *Bank) postCollect(r *http.Request) reply {
	var req struct {
		PickupCode string `json:"pickup_code"`
	}
	if p := read(r, &req); p != nil {
		return refuse(p)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e, p := b.collect(r.PathValue("reference"), req.PickupCode, b.clock.Now())
	if p != nil {
		return refuse(p)
	}
	return reply{status: http.StatusOK, body: e.Order}
}

// postValidate says whether an order to this account looks right. As in
// life, that an account is closed is learned only when money is sent to it.
func (b *Bank) postValidate(r *http.Request) reply {
	var req struct {
		Direction string            `json:"direction"`
		Method    string            `json:"method"`
		Country   string            `json:"country"`
		Party     Party             `json:"party"`
		Account   map[string]string `json:"account"`
	}
	if p := read(r, &req); p != nil {
		return refuse(p)
	}
	wrong := func(field, code, detail string) reply {
		return refuse(&problem{Status: 422, Code: code, Detail: detail, Fields: []FieldProblem{{Field: field, Code: code, Detail: detail}}})
	}
	if !contains(methods[req.Direction], req.Method) {
		return wrong("method", "method_not_offered", "the method is not offered in this direction")
	}
	switch magicOf(req.Direction, req.Party, req.Account) {
	case magicNameMismatch:
		return wrong("party.name", "name_mismatch", "the account is in another name")
	case magicNoAccount:
		return wrong("account", "account_unknown", "there is no such account")
	default:
	}
	return reply{status: http.StatusOK, body: map[string]bool{"valid": true}}
}

func (b *Bank) getBooks(r *http.Request) reply {
	if reference := r.URL.Query().Get("reference"); reference != "" {
		return reply{status: http.StatusOK, body: Books{Movements: b.Movements(reference), Totals: []Total{}}}
	}
	return reply{status: http.StatusOK, body: b.Books()}
}

func (b *Bank) getOrders(*http.Request) reply {
	return reply{status: http.StatusOK, body: map[string]any{"orders": b.Orders()}}
}

func (b *Bank) postFinish(r *http.Request) reply {
	var req struct {
		Outcome string `json:"outcome"`
	}
	if p := read(r, &req); p != nil {
		return refuse(p)
	}
	e, p := b.finish(r.PathValue("reference"), req.Outcome)
	if p != nil {
		return refuse(p)
	}
	return reply{status: http.StatusOK, body: e.Order}
}

func (b *Bank) getFault(*http.Request) reply {
	return reply{status: http.StatusOK, body: map[string]any{"faults": b.Faults()}}
}

func (b *Bank) postFault(r *http.Request) reply {
	var f Fault
	if p := read(r, &f); p != nil {
		return refuse(p)
	}
	if err := b.AddFault(f); err != nil {
		return refuse(&problem{Status: 422, Code: "malformed", Detail: err.Error()})
	}
	return b.getFault(r)
}

func (b *Bank) deleteFault(r *http.Request) reply {
	b.ClearFaults()
	return b.getFault(r)
}
