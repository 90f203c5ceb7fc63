package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// The statuses of an order.
const (
	StatusAccepted  = "accepted"
	StatusSucceeded = "succeeded"
	StatusFailed    = "failed"
	StatusCanceled  = "canceled"
)

// The directions of an order.
const (
	DirectionPayIn  = "pay_in"
	DirectionPayOut = "pay_out"
	DirectionRefund = "refund"
)

// The methods of an order.
const (
	MethodBankDebit   = "bank_debit"
	MethodCard        = "card"
	MethodBank        = "bank"
	MethodMobileMoney = "mobile_money"
	MethodCash        = "cash"
)

// methods lists what each direction can go by.
var methods = map[string][]string{
	DirectionPayIn:  {MethodBankDebit, MethodCard},
	DirectionPayOut: {MethodBank, MethodMobileMoney, MethodCash},
	DirectionRefund: {MethodBankDebit, MethodCard},
}

// Amount is money in minor units of an ISO 4217 currency.
type Amount struct {
	Currency string `json:"currency"`
	Minor    int64  `json:"minor"`
}

// Party is who pays or receives. The bank uses it and does not store it.
type Party struct {
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Country string `json:"country,omitempty"`
}

// OrderRequest is the body of POST /v1/orders.
type OrderRequest struct {
	Reference  string            `json:"reference"`
	Direction  string            `json:"direction"`
	Method     string            `json:"method"`
	Country    string            `json:"country"`
	Amount     Amount            `json:"amount"`
	RefundOf   string            `json:"refund_of,omitempty"`
	Party      Party             `json:"party"`
	Account    map[string]string `json:"account,omitempty"`
	PickupCode string            `json:"pickup_code,omitempty"`
}

// hash is what tells a repeated request from another one with its reference.
func (r OrderRequest) hash() (string, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode order request: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Order is what the bank tells of an order.
type Order struct {
	Reference string    `json:"reference"`
	ID        string    `json:"id"`
	Direction string    `json:"direction"`
	Method    string    `json:"method"`
	Country   string    `json:"country"`
	Amount    Amount    `json:"amount"`
	RefundOf  string    `json:"refund_of,omitempty"`
	Status    string    `json:"status"`
	Code      string    `json:"code,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	Received  *Amount   `json:"received,omitempty"`
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// step is what an order does next by itself.
type step string

const (
	stepNone    step = ""
	stepSucceed step = "succeed"
	stepFail    step = "fail"
	stepReturn  step = "return"
)

// entry is an order as it is kept: what it tells, and what steers it. It is
// never changed in place; a change is a copy that is committed.
type entry struct {
	Order
	// BodyHash is empty for a reference that was canceled before it was seen.
	BodyHash   string `json:"body_hash,omitempty"`
	PickupHash string `json:"pickup_hash,omitempty"`
	WrongCodes int    `json:"wrong_codes,omitempty"`
	Magic      magic  `json:"magic,omitempty"`
	// Silent keeps the answer to the submission back until a lookup.
	Silent bool      `json:"silent,omitempty"`
	Next   step      `json:"next,omitempty"`
	Due    time.Time `json:"due"`
}

func (e *entry) final() bool {
	return e.Status == StatusSucceeded || e.Status == StatusFailed || e.Status == StatusCanceled
}

func (e *entry) isCash() bool { return e.Direction == DirectionPayOut && e.Method == MethodCash }

// cashWaits reports whether the order waits for somebody to fetch the cash.
func (e *entry) cashWaits() bool { return e.isCash() && e.Status == StatusAccepted && !e.Silent }

func pickupHash(reference, code string) string {
	sum := sha256.Sum256([]byte(reference + "\x00" + code))
	return hex.EncodeToString(sum[:])
}

// check refuses an order that the bank does not do, before it is recorded.
func (r OrderRequest) check() *problem {
	var fields []FieldProblem
	wrong := func(bad bool, field, code, detail string) {
		if bad {
			fields = append(fields, FieldProblem{Field: field, Code: code, Detail: detail})
		}
	}
	offered := methods[r.Direction]
	wrong(r.Reference == "" || len(r.Reference) > maxReference, "reference", "malformed", "must be 1 to 64 characters")
	wrong(offered == nil, "direction", "malformed", "must be pay_in, pay_out or refund")
	wrong(offered != nil && !contains(offered, r.Method), "method", "method_not_offered", "is not offered in this direction")
	wrong(!remit.Country(r.Country).Valid(), "country", "malformed", "must be an ISO 3166-1 alpha-2 code")
	_, err := remit.Fiat(r.Amount.Currency)
	wrong(err != nil, "amount.currency", "currency_not_offered", "must be an ISO 4217 code that this bank knows")
	wrong(r.Amount.Minor <= 0 || r.Amount.Minor > maxMinor, "amount.minor", "amount_out_of_range", "must be positive and at most 10^15")
	wrong((r.RefundOf == "") == (r.Direction == DirectionRefund), "refund_of", "malformed", "belongs to a refund, which needs it")
	wrong(r.Direction == DirectionPayOut && r.Method == MethodCash && r.PickupCode == "", "pickup_code", "malformed", "is needed for cash")
	wrong(len(r.Account) > maxFields, "account", "malformed", "has too many fields")
	if len(fields) == 0 {
		return nil
	}
	return &problem{Status: 422, Code: fields[0].Code, Detail: fields[0].Field + " " + fields[0].Detail, Fields: fields}
}
