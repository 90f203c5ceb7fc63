package remit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Ids are a prefix that names the kind of thing, an underscore, and 26
// characters of Crockford base32 that hold a UUIDv7 (RFC 9562): they sort by
// the time they were made and cannot be mistaken for one another.
type (
	// TenantID names a tenant, the company that calls the API: ten_….
	TenantID string
	// KeyID names an API key: key_….
	KeyID string
	// CustomerID names an originator known to a tenant: cus_….
	CustomerID string
	// BeneficiaryID names a beneficiary with a payout account: ben_….
	BeneficiaryID string
	// QuoteID names a firm quote: qte_….
	QuoteID string
	// RemittanceID names a remittance: rem_….
	RemittanceID string
	// EntryID names a ledger entry: ent_….
	EntryID string
	// HoldID names a ledger hold: hld_….
	HoldID string
	// RampOrderID names one order to an on-ramp or off-ramp provider, and is
	// the idempotent reference that the provider sees: rmp_….
	RampOrderID string
	// OrderID names a settlement order: ord_….
	OrderID string
	// AttemptID names a settlement attempt, one signed transaction: att_….
	AttemptID string
	// DecisionID names a gate's decision: dec_….
	DecisionID string
	// CaseID names a compliance case: cas_….
	CaseID string
	// DocumentID names a document in the file of a case: doc_….
	DocumentID string
	// StaffID names a person who works for a tenant: stf_….
	StaffID string
	// SessionID names a person's stay after signing in: ses_….
	SessionID string
)

// The prefixes of ids.
const (
	PrefixTenant      = "ten"
	PrefixKey         = "key"
	PrefixCustomer    = "cus"
	PrefixBeneficiary = "ben"
	PrefixQuote       = "qte"
	PrefixRemittance  = "rem"
	PrefixEntry       = "ent"
	PrefixHold        = "hld"
	PrefixRampOrder   = "rmp"
	PrefixOrder       = "ord"
	PrefixAttempt     = "att"
	PrefixDecision    = "dec"
	PrefixCase        = "cas"
	PrefixDocument    = "doc"
	PrefixStaff       = "stf"
	PrefixSession     = "ses"
)

const (
	idAlphabet   = "0123456789abcdefghjkmnpqrstvwxyz"
	idBodyLength = 26
)

// NewID makes a fresh id of the type T with its prefix, at the given time.
//
//	id := remit.NewID[remit.QuoteID](remit.PrefixQuote, clock.Now())
func NewID[T ~string](prefix string, at time.Time) T {
	var u [16]byte
	if _, err := rand.Read(u[:]); err != nil {
		panic(err) // crypto/rand never errs on a working machine (Go 1.24).
	}
	stamp(&u, at)
	return T(prefix + "_" + encodeID(u))
}

// DeriveID makes the id that belongs to a seed and no other: the same seed
// gives the same id again, so a step that is repeated after a crash names the
// same thing. The time part keeps ids sorted and must be the same on repetition.
func DeriveID[T ~string](prefix string, at time.Time, seed string) T {
	sum := sha256.Sum256([]byte(prefix + "\x00" + seed))
	var u [16]byte
	copy(u[:], sum[:16])
	stamp(&u, at)
	return T(prefix + "_" + encodeID(u))
}

// ParseID checks that s is an id with the prefix and returns it typed. field
// names the request field for the error.
func ParseID[T ~string](prefix, field, s string) (T, error) {
	body, ok := strings.CutPrefix(s, prefix+"_")
	good := ok && len(body) == idBodyLength && body[0] <= '7'
	for i := 0; good && i < len(body); i++ {
		good = strings.IndexByte(idAlphabet, body[i]) >= 0
	}
	if !good {
		return "", Invalid(field, ReasonIDMalformed, "%q is not an id of this kind; it starts with %q and is %d characters long",
			clip(s), prefix+"_", len(prefix)+1+idBodyLength)
	}
	return T(s), nil
}

// stamp writes the time, version 7 and variant of RFC 9562 into u.
func stamp(u *[16]byte, at time.Time) {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(u[:6], ms[2:])
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
}

func encodeID(u [16]byte) string {
	hi, lo := binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(u[8:])
	var out [idBodyLength]byte
	for i := idBodyLength - 1; i >= 0; i-- {
		out[i] = idAlphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// ShortID shortens an id in the middle for people: "rem_01h…9x3k".
func ShortID[T ~string](id T) string {
	s := string(id)
	if len(s) < 14 {
		return s
	}
	return fmt.Sprintf("%s…%s", s[:7], s[len(s)-4:])
}
