package remit

import (
	"errors"
	"fmt"
	"time"
)

// Kind sorts an error by what a caller may do about it. Anything without a kind
// is KindInternal.
type Kind string

// The kinds of errors.
const (
	// KindInvalid: the request is wrong; fix it and send it again.
	KindInvalid Kind = "invalid"
	// KindUnauthenticated: who you are is not known.
	KindUnauthenticated Kind = "unauthenticated"
	// KindForbidden: who you are is known and may not do this.
	KindForbidden Kind = "forbidden"
	// KindNotFound: there is no such thing that you may see.
	KindNotFound Kind = "not_found"
	// KindConflict: it clashes with what is already there, such as a reused
	// idempotency key or a lost race.
	KindConflict Kind = "conflict"
	// KindPrecondition: the thing is not in a state that allows this.
	KindPrecondition Kind = "precondition"
	// KindLimited: too many requests, or a quota is used up.
	KindLimited Kind = "limited"
	// KindUnavailable: try again later; nothing was decided.
	KindUnavailable Kind = "unavailable"
	// KindInternal: our fault; quote the request id.
	KindInternal Kind = "internal"
)

// Kinds lists every kind, for tests that must range over them all.
func Kinds() []Kind {
	return []Kind{
		KindInvalid, KindUnauthenticated, KindForbidden, KindNotFound, KindConflict,
		KindPrecondition, KindLimited, KindUnavailable, KindInternal,
	}
}

// Programmer-facing errors of money arithmetic.
var (
	ErrAssetMismatch       = errors.New("assets differ")
	ErrOverflow            = errors.New("amount does not fit in 64 bits")
	ErrRoundingUnspecified = errors.New("rounding is unspecified")
)

// FieldError is one thing wrong with one field of a request.
type FieldError struct {
	// Field is the path in the request, such as "beneficiary.account.iban".
	Field string `json:"field"`
	// Reason is the stable machine code.
	Reason Reason `json:"reason"`
	// Message says what is wrong and what to write instead.
	Message string `json:"message"`
}

// Error is the one error type that crosses rooms. Message is for the caller;
// Err is for the log and never leaves the process.
type Error struct {
	Kind    Kind
	Reason  Reason
	Message string
	Fields  []FieldError
	// RetryAfter, with KindLimited and KindUnavailable, says when to try again.
	RetryAfter time.Duration
	Err        error
}

// Error writes the message and the chain behind it, for logs.
func (e *Error) Error() string {
	text := string(e.Reason) + ": " + e.Message
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the error behind this one.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of a kind with a reason and a message for the caller.
func Errorf(kind Kind, reason Reason, format string, args ...any) *Error {
	return &Error{Kind: kind, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error of a kind that keeps err for the log.
func Wrap(err error, kind Kind, reason Reason, format string, args ...any) *Error {
	e := Errorf(kind, reason, format, args...)
	e.Err = err
	return e
}

// Invalid makes an invalid error about one field.
func Invalid(field string, reason Reason, format string, args ...any) *Error {
	e := Errorf(KindInvalid, reason, format, args...)
	e.Fields = []FieldError{{Field: field, Reason: reason, Message: e.Message}}
	return e
}

// InvalidFields makes one invalid error of all that is wrong with a request, or
// nil when nothing is.
func InvalidFields(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	e := Errorf(KindInvalid, fields[0].Reason, "%s", fields[0].Message)
	if len(fields) > 1 {
		e.Message = fmt.Sprintf("%d fields are wrong; the first: %s", len(fields), fields[0].Message)
	}
	e.Fields = fields
	return e
}

// NotFound makes the one answer for things that do not exist and things of
// other tenants.
func NotFound(what, id string) *Error {
	return Errorf(KindNotFound, ReasonNotFound, "there is no %s %q", what, clip(id))
}

// KindOf returns the kind of an error, KindInternal where it has none, and ""
// for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Kind != "" {
		return e.Kind
	}
	return KindInternal
}

// ReasonOf returns the reason of an error, ReasonInternal where it has none,
// and "" for nil.
func ReasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Reason != "" {
		return e.Reason
	}
	return ReasonInternal
}
