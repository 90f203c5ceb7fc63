package bank

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// FieldProblem is one thing wrong with one field.
type FieldProblem struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// problem is a refusal (RFC 9457).
type problem struct {
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Detail string         `json:"detail"`
	Fields []FieldProblem `json:"fields,omitempty"`
}

var (
	unknownOrder = &problem{Status: 404, Code: "order_unknown", Detail: "this reference was never seen"}
	unavailable  = &problem{Status: 503, Code: "unavailable", Detail: "try again later"}
)

// reply is what a handler answers, and what it depends on.
type reply struct {
	status int
	body   any
	// lost breaks the connection, silent waits until the caller leaves.
	lost, silent bool
}

func refuse(p *problem) reply { return reply{status: p.Status, body: p} }

// Handler serves the interface that the package comment describes.
func (b *Bank) Handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern, op string, h func(*http.Request) reply) { mux.Handle(pattern, b.serve(op, h)) }
	handle("POST /v1/orders", opSubmit, b.postOrder)
	handle("GET /v1/orders/{reference}", opLookup, b.getOrder)
	handle("POST /v1/orders/{reference}/cancel", opCancel, b.postCancel)
	handle("POST /v1/orders/{reference}/collect", "", b.postCollect)
	handle("POST /v1/accounts:validate", opValidate, b.postValidate)
	handle("GET /v1/books", "", b.getBooks)
	handle("GET /_orders", "", b.getOrders)
	handle("POST /_orders/{reference}/finish", "", b.postFinish)
	handle("GET /_fault", "", b.getFault)
	handle("POST /_fault", "", b.postFault)
	handle("DELETE /_fault", "", b.deleteFault)
	return mux
}

// serve checks the key, misbehaves if it was told to, and answers once all that
// the answer may say is synced.
func (b *Bank) serve(op string, h func(*http.Request) reply) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !b.authorized(r) {
			b.write(w, refuse(&problem{Status: 401, Code: "unauthorized", Detail: "show the API key as a bearer token"}))
			return
		}
		fault := ""
		if op != "" {
			fault = b.callFault(op)
		}
		switch fault {
		case FaultDown:
			panic(http.ErrAbortHandler)
		case FaultFail:
			b.write(w, refuse(unavailable))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		out := h(r)
		if err := b.journal.wait(b.journal.last()); err != nil {
			b.log.Error("journal is broken", "error", err)
			b.write(w, refuse(unavailable))
			return
		}
		switch {
		case out.silent || fault == FaultHang:
			b.hang(r)
		case out.lost || fault == FaultLoseReply:
			panic(http.ErrAbortHandler)
		case fault == FaultFailAfter:
			b.write(w, refuse(unavailable))
		case fault == FaultHalfReply:
			b.writeHalf(w, out)
			panic(http.ErrAbortHandler)
		default:
			b.write(w, out)
		}
	})
}

// hang waits until the caller leaves or the bank closes, and never answers.
func (b *Bank) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-b.closing:
	}
	panic(http.ErrAbortHandler)
}

func (b *Bank) authorized(r *http.Request) bool {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	got, want := sha256.Sum256([]byte(key)), sha256.Sum256([]byte(b.opts.APIKey))
	return ok && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// writeHalf sends the beginning of an answer that promises more.
func (b *Bank) writeHalf(w http.ResponseWriter, out reply) {
	body, err := json.Marshal(out.body)
	if err == nil {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(out.status)
		if _, err = w.Write(body[:len(body)/2]); err == nil {
			err = http.NewResponseController(w).Flush()
		}
	}
	if err != nil {
		b.log.Info("caller left before the answer", "error", err)
	}
}

func (b *Bank) write(w http.ResponseWriter, out reply) {
	body, err := json.Marshal(out.body)
	if err != nil {
		b.log.Error("answer does not encode", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	kind := "application/json"
	if _, refused := out.body.(*problem); refused {
		kind = "application/problem+json"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(out.status)
	if _, err := w.Write(body); err != nil {
		b.log.Info("caller left before the answer", "error", err)
	}
}

// read decodes a body strictly.
func read(r *http.Request, into any) *problem {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = errors.New("there is text after the body")
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &problem{Status: 413, Code: "too_large", Detail: fmt.Sprintf("a body has at most %d bytes", maxBody)}
	case err != nil:
		return &problem{Status: 400, Code: "malformed", Detail: "the body is not the JSON of this request"}
	}
	return nil
}
