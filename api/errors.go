package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/openremit/remit"
)

// ErrorDomain is the domain of the ErrorInfo detail that every gRPC error carries.
const ErrorDomain = "remit"

// The keys of ErrorInfo's metadata.
const (
	infoKind      = "kind"
	infoWhatToDo  = "what_to_do"
	infoRequestID = "request_id"
)

// What a caller can do about an error.
const (
	doRetry   = "retry"
	doFix     = "fix"
	doContact = "contact"
)

// Reasons of the border itself, beside those of the root package.
const (
	reasonMethodNotAllowed remit.Reason = "METHOD_NOT_ALLOWED"
	reasonMediaType        remit.Reason = "MEDIA_TYPE_UNSUPPORTED"
	reasonPathUnknown      remit.Reason = "PATH_UNKNOWN"
	reasonCanceled         remit.Reason = "REQUEST_CANCELED"
)

// mapping is one row of the table of kinds.
type mapping struct {
	code     codes.Code
	status   int
	title    string
	whatToDo string
}

// kindMappings maps every kind to its gRPC code, HTTP status, title and advice.
var kindMappings = map[remit.Kind]mapping{
	remit.KindInvalid:         {codes.InvalidArgument, http.StatusBadRequest, "The request is wrong", doFix},
	remit.KindUnauthenticated: {codes.Unauthenticated, http.StatusUnauthorized, "Who is calling is not known", doFix},
	remit.KindForbidden:       {codes.PermissionDenied, http.StatusForbidden, "The key may not do this", doContact},
	remit.KindNotFound:        {codes.NotFound, http.StatusNotFound, "There is no such thing", doFix},
	remit.KindConflict:        {codes.Aborted, http.StatusConflict, "It clashes with what is already there", doFix},
	remit.KindPrecondition:    {codes.FailedPrecondition, http.StatusConflict, "Its state does not allow this", doFix},
	remit.KindLimited:         {codes.ResourceExhausted, http.StatusTooManyRequests, "Too many requests", doRetry},
	remit.KindUnavailable:     {codes.Unavailable, http.StatusServiceUnavailable, "Not possible right now", doRetry},
	remit.KindInternal:        {codes.Internal, http.StatusInternalServerError, "Our fault", doContact},
}

// reasonMappings lists the reasons whose status or advice is not their kind's.
var reasonMappings = map[remit.Reason]mapping{
	remit.ReasonBodyTooLarge:      {codes.InvalidArgument, http.StatusRequestEntityTooLarge, "The request is too large", doFix},
	reasonMediaType:               {codes.InvalidArgument, http.StatusUnsupportedMediaType, "The body is not JSON", doFix},
	reasonMethodNotAllowed:        {codes.Unimplemented, http.StatusMethodNotAllowed, "The path has no such method", doFix},
	remit.ReasonIdempotencyReused: {codes.Aborted, http.StatusUnprocessableEntity, "The idempotency key was used for another request", doFix},
	remit.ReasonIdempotencyBusy:   {codes.Aborted, http.StatusConflict, "The same request is under way", doRetry},
}

// mappingOf returns the row for an error of a kind and a reason.
func mappingOf(kind remit.Kind, reason remit.Reason) mapping {
	if m, ok := reasonMappings[reason]; ok {
		return m
	}
	if m, ok := kindMappings[kind]; ok {
		return m
	}
	return kindMappings[remit.KindInternal]
}

// public returns what the caller may see of an error: one without a kind, and
// one of ours, becomes a generic line; a broken-off call says so.
func public(err error) *remit.Error {
	var e *remit.Error
	if errors.As(err, &e) && e.Kind != "" && e.Kind != remit.KindInternal {
		return e
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return remit.Errorf(remit.KindUnavailable, remit.ReasonUnavailable,
			"this took too long and was broken off; send the same request with the same key again")
	case errors.Is(err, context.Canceled):
		return remit.Errorf(remit.KindUnavailable, reasonCanceled, "the caller hung up before the answer")
	}
	return remit.Errorf(remit.KindInternal, remit.ReasonInternal,
		"something broke on our side; quote the request id when you ask about it")
}

// toStatus turns an error into the gRPC status that the caller gets, with
// ErrorInfo, and BadRequest and RetryInfo where they apply.
func toStatus(err error, requestID string) error {
	if err == nil {
		return nil
	}
	e := public(err)
	m := mappingOf(e.Kind, e.Reason)
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{
		Reason: string(e.Reason),
		Domain: ErrorDomain,
		Metadata: map[string]string{
			infoKind: string(e.Kind), infoWhatToDo: m.whatToDo, infoRequestID: requestID,
		},
	}}
	if len(e.Fields) > 0 {
		bad := &errdetails.BadRequest{}
		for _, f := range e.Fields {
			bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Field: f.Field, Description: f.Message, Reason: string(f.Reason),
			})
		}
		details = append(details, bad)
	}
	if e.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)})
	}
	st := status.New(m.code, e.Message)
	if detailed, detailErr := st.WithDetails(details...); detailErr == nil {
		st = detailed
	}
	return st.Err()
}

// fromStatus reads back what toStatus wrote, together with the request id. A
// status that is not ours, such as one made by the gRPC library, is sorted by
// its code.
func fromStatus(err error) (*remit.Error, string) {
	st := status.Convert(err)
	e := &remit.Error{Kind: kindOfCode(st.Code()), Message: st.Message()}
	requestID := ""
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == ErrorDomain {
				e.Reason = remit.Reason(d.GetReason())
				e.Kind = remit.Kind(d.GetMetadata()[infoKind])
				requestID = d.GetMetadata()[infoRequestID]
			}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				e.Fields = append(e.Fields, remit.FieldError{
					Field: v.GetField(), Reason: remit.Reason(v.GetReason()), Message: v.GetDescription(),
				})
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = d.GetRetryDelay().AsDuration()
		}
	}
	if e.Reason == "" {
		e = foreignStatus(e.Kind, st.Message())
	}
	return e, requestID
}

// foreignStatus makes an error of a status that none of our code made.
func foreignStatus(kind remit.Kind, message string) *remit.Error {
	switch kind {
	case remit.KindInvalid:
		return remit.Errorf(kind, remit.ReasonBodyMalformed, "the request cannot be read: %s", message)
	case remit.KindUnavailable:
		return remit.Errorf(kind, remit.ReasonUnavailable, "the gateway is starting or stopping; send the same request again")
	case remit.KindLimited:
		return remit.Errorf(kind, remit.ReasonBodyTooLarge, "the request or its answer is larger than %d bytes", maxMessage)
	case remit.KindNotFound:
		return remit.Errorf(kind, reasonPathUnknown, "there is no such call")
	default:
		return public(errors.New(message))
	}
}

// kindOfCode sorts the codes that the gRPC library makes by itself.
func kindOfCode(code codes.Code) remit.Kind {
	switch code {
	case codes.InvalidArgument, codes.OutOfRange:
		return remit.KindInvalid
	case codes.Unimplemented:
		return remit.KindNotFound
	case codes.Unavailable, codes.Canceled, codes.DeadlineExceeded:
		return remit.KindUnavailable
	case codes.OK, codes.Unknown, codes.Internal, codes.DataLoss:
		return remit.KindInternal
	}
	for kind, m := range kindMappings {
		if m.code == code {
			return kind
		}
	}
	return remit.KindInternal
}

// retrySeconds is the value of a Retry-After header: whole seconds, at least one.
func retrySeconds(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}
