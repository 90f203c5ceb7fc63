package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// problemType is the media type of RFC 9457.
const problemType = "application/problem+json"

// problemOf is the REST form of an error.
func problemOf(e *remit.Error, requestID string) *v1.Problem {
	m := mappingOf(e.Kind, e.Reason)
	p := &v1.Problem{
		Type: "/docs#" + string(e.Reason), Title: m.title, Status: int32(m.status),
		Detail: e.Message, Reason: string(e.Reason), WhatToDo: m.whatToDo, RequestId: requestID,
	}
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, &v1.FieldProblem{Field: f.Field, Reason: string(f.Reason), Message: f.Message})
	}
	return p
}

// writeProblem answers a request with a problem.
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, e *remit.Error, requestID string) {
	if requestID == "" {
		requestID = r.Header.Get(headerRequestID)
	}
	p := problemOf(e, requestID)
	body, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(p)
	if err != nil {
		s.log.ErrorContext(r.Context(), "write problem", "request_id", requestID, "error", err.Error())
		body = []byte(`{"status":500}`)
	}
	h := w.Header()
	h.Set("Content-Type", problemType)
	h.Set(headerRequestID, requestID)
	if e.Kind == remit.KindUnauthenticated {
		h.Set("Www-Authenticate", "Bearer")
	}
	if e.RetryAfter > 0 {
		h.Set(headerRetryAfter, strconv.FormatInt(retrySeconds(e.RetryAfter), 10))
	}
	w.WriteHeader(int(p.GetStatus()))
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(append(body, '\n')); err != nil {
		s.log.DebugContext(r.Context(), "caller hung up", "request_id", requestID)
	}
}

// gatewayPrefix marks an error that was found while a REST request was being
// read. The generated gateway flattens such errors to text; the mark and the
// JSON behind it let restError build the whole error again.
const gatewayPrefix = "remit-request-error:"

// requestError is an error found while reading a REST request.
type requestError struct{ problem *remit.Error }

// Error writes the error so that parseRequestError can read it.
func (e requestError) Error() string {
	text, err := json.Marshal(requestErrorText{Reason: e.problem.Reason, Message: e.problem.Message, Fields: e.problem.Fields})
	if err != nil {
		return e.problem.Message
	}
	return gatewayPrefix + string(text)
}

type requestErrorText struct {
	Reason  remit.Reason
	Message string
	Fields  []remit.FieldError
}

// parseRequestError reads what requestError wrote.
func parseRequestError(message string) (*remit.Error, bool) {
	text, marked := strings.CutPrefix(message, gatewayPrefix)
	if !marked {
		return nil, false
	}
	var t requestErrorText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return nil, false
	}
	e := remit.Errorf(remit.KindInvalid, t.Reason, "%s", t.Message)
	e.Fields = t.Fields
	return e, true
}
