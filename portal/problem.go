package portal

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
)

// errorDomain is the domain of the details that the API's errors carry.
const errorDomain = "remit"

// Problem is a refusal or a failure as a page tells it.
type Problem struct {
	// Status is the HTTP status of the page.
	Status int
	// Title says what it is in a few words, Detail what happened and what to do.
	Title, Detail string
	// Reason is the stable machine code.
	Reason string
	// RequestID is the number to quote.
	RequestID string
	// Fields are messages by the path of the field that is wrong.
	Fields map[string]string
}

// Error writes the problem as an error, so that handlers can return it.
func (p Problem) Error() string { return p.Reason + ": " + p.Detail }

// Field returns what is wrong with a field, empty when nothing is.
func (p Problem) Field(name string) string { return p.Fields[name] }

// Broken is the problem of a request that broke on our side.
func Broken(requestID string) Problem {
	return Problem{
		Status: http.StatusInternalServerError, Title: "This page broke on our side", Reason: string(remit.ReasonInternal), RequestID: requestID,
		Detail: "Nothing you did is wrong, and an act that was under way may be sent again: it is done once. Try again; if it stays, quote the number below to whoever runs this gateway.",
	}
}

// Missing is the problem of a page that there is not.
func Missing(requestID string) Problem {
	return Problem{
		Status: http.StatusNotFound, Title: "There is no such page", Reason: string(remit.ReasonNotFound), RequestID: requestID,
		Detail: "The address may be mistyped, or what it names belongs to another company.",
	}
}

// titles and statuses by the code of what the API answered.
var (
	titles = map[codes.Code]string{
		codes.InvalidArgument: "That cannot be used as it is", codes.Unauthenticated: "You are not signed in",
		codes.PermissionDenied: "Your role may not do this", codes.NotFound: "There is no such thing",
		codes.Unimplemented: "This gateway cannot do that",
		codes.Aborted:       "Somebody was faster", codes.FailedPrecondition: "That is not possible now",
		codes.ResourceExhausted: "Too many requests", codes.Unavailable: "Not possible right now",
		codes.DeadlineExceeded: "This took too long",
	}
	statuses = map[codes.Code]int{
		codes.InvalidArgument: http.StatusUnprocessableEntity, codes.Unauthenticated: http.StatusUnauthorized,
		codes.PermissionDenied: http.StatusForbidden, codes.NotFound: http.StatusNotFound,
		codes.Unimplemented: http.StatusNotFound,
		codes.Aborted:       http.StatusConflict, codes.FailedPrecondition: http.StatusConflict,
		codes.ResourceExhausted: http.StatusTooManyRequests, codes.Unavailable: http.StatusServiceUnavailable,
		codes.DeadlineExceeded: http.StatusServiceUnavailable,
	}
)

// ProblemOf makes of an error what the page tells of it. An error that is not
// the API's becomes Broken.
func ProblemOf(err error, requestID string) Problem {
	var p Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = status.FromContextError(context.DeadlineExceeded).Err()
	}
	st, ok := status.FromError(err)
	code := st.Code()
	if !ok || titles[code] == "" {
		return Broken(requestID)
	}
	p = Problem{Status: statuses[code], Title: titles[code], Detail: sentence(st.Message()), RequestID: requestID, Fields: map[string]string{}}
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == errorDomain {
				p.Reason = d.GetReason()
			}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				field, message := v.GetField(), v.GetDescription()
				p.Fields[field] = sentence(unnamed("This", field, message))
				p.Detail = strings.Replace(p.Detail, sentence(message), sentence(unnamed(labelOf(field), field, message)), 1)
				p.Detail = strings.Replace(p.Detail, message, unnamed(labelOf(field), field, message), 1)
			}
		}
	}
	if code == codes.DeadlineExceeded {
		p.Detail = "The answer did not come in time. What you sent may be sent again: it is done once."
	}
	return p
}

// unnamed says what is wrong with a field of the API in words for a page, which
// has other names for its fields.
func unnamed(as, field, message string) string {
	const choice = "must be in list ["
	what, named := strings.CutPrefix(message, field+" ")
	if what = strings.TrimPrefix(what, "is wrong: "); !named {
		return message
	}
	if strings.HasPrefix(what, choice) {
		what = "is none of those that there are; choose one of them"
	}
	return as + " " + what
}

// labelOf is a field's name in words: handed over by.
func labelOf(field string) string {
	return strings.ReplaceAll(field[strings.LastIndexByte(field, '.')+1:], "_", " ")
}

// KindOf returns the kind of an error that the API answered.
func KindOf(err error) remit.Kind {
	switch status.Code(err) {
	case codes.OK:
		return ""
	case codes.InvalidArgument:
		return remit.KindInvalid
	case codes.Unauthenticated:
		return remit.KindUnauthenticated
	case codes.PermissionDenied:
		return remit.KindForbidden
	case codes.NotFound, codes.Unimplemented: // An older gateway lacks a call as another lacks a thing.
		return remit.KindNotFound
	case codes.Aborted:
		return remit.KindConflict
	case codes.FailedPrecondition:
		return remit.KindPrecondition
	case codes.ResourceExhausted:
		return remit.KindLimited
	case codes.Unavailable, codes.DeadlineExceeded:
		return remit.KindUnavailable
	default:
		return remit.KindInternal
	}
}

// sentence gives a message of the API a capital letter and a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	if c := text[0]; c >= 'a' && c <= 'z' {
		text = string(c-'a'+'A') + text[1:]
	}
	switch text[len(text)-1] {
	case '.', '!', '?':
		return text
	}
	return text + "."
}
