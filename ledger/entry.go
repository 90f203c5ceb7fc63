package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/openremit/remit"
)

// The limits of an entry.
const (
	// MaxPostings bounds the postings of one entry.
	MaxPostings = 64
	// MaxKeyLength bounds an idempotency key, in bytes.
	MaxKeyLength = 200
	// MaxMemoLength bounds a memo, in bytes.
	MaxMemoLength = 500
)

// Validate checks the form of an entry: what each action needs and must not
// have, accounts of the chart, positive amounts, different sides. It does not
// look at balances. Errors: internal, because entries are made by the gateway
// itself and a malformed one is a programmer's mistake.
func (e Entry) Validate() error {
	if e.ID == "" || e.Key == "" || len(e.Key) > MaxKeyLength || len(e.Memo) > MaxMemoLength {
		return e.malformed("it needs an id, a key of at most %d bytes and a memo of at most %d", MaxKeyLength, MaxMemoLength)
	}
	switch e.Action {
	case ActionPost:
		if e.Hold != "" || e.Reverses != "" {
			return e.malformed("a post names neither a hold nor a reversed entry")
		}
		return e.validatePostings()
	case ActionHold:
		if e.Hold == "" || e.Reverses != "" {
			return e.malformed("a hold needs its id and reverses nothing")
		}
		return e.validatePostings()
	case ActionSettleHold, ActionVoidHold:
		if e.Hold == "" || e.Reverses != "" || len(e.Postings) > 0 {
			return e.malformed("%s needs the hold and takes its postings from there", e.Action)
		}
	case ActionReverse:
		if e.Reverses == "" || e.Hold != "" || len(e.Postings) > 0 {
			return e.malformed("a reversal needs the key of the entry and takes its postings from there")
		}
		if e.Reverses == e.Key {
			return e.malformed("a reversal cannot undo itself")
		}
	default:
		return e.malformed("action %q is unknown", string(e.Action))
	}
	return nil
}

func (e Entry) validatePostings() error {
	if len(e.Postings) == 0 || len(e.Postings) > MaxPostings {
		return e.malformed("%d postings, want 1 to %d", len(e.Postings), MaxPostings)
	}
	for i, p := range e.Postings {
		switch {
		case !p.Debit.Valid() || !p.Credit.Valid():
			return e.malformed("posting %d: %q to %q is outside the chart of accounts", i+1, p.Debit, p.Credit)
		case p.Debit == p.Credit:
			return e.malformed("posting %d: debit and credit are both %q", i+1, p.Debit)
		case !p.Amount.IsPositive() || p.Amount.Asset.IsZero():
			return e.malformed("posting %d: amount %s is not positive", i+1, p.Amount)
		}
	}
	return nil
}

func (e Entry) malformed(format string, args ...any) error {
	return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "ledger entry %q: "+format, append([]any{e.Key}, args...)...)
}

// InputHash identifies what the entry asks for: the same key with the same
// input hash is a repetition. It covers action, postings, hold, reversed key
// and remittance; not id and time, which a repetition may make anew, nor the
// memo, whose words may change between releases.
func (e Entry) InputHash() [sha256.Size]byte {
	b := make([]byte, 0, 256)
	b = appendText(b, "remit/ledger/input/1")
	b = appendText(b, e.Key)
	b = appendInput(b, e)
	return sha256.Sum256(b)
}

// appendInput writes the fields that InputHash and Record.hash share.
func appendInput(b []byte, e Entry) []byte {
	b = appendText(b, string(e.Action))
	b = binary.AppendUvarint(b, uint64(len(e.Postings)))
	for _, p := range e.Postings {
		b = appendText(b, string(p.Debit))
		b = appendText(b, string(p.Credit))
		b = appendText(b, p.Amount.Asset.Code)
		b = append(b, p.Amount.Asset.Scale)
		b = binary.AppendVarint(b, p.Amount.Minor)
	}
	b = appendText(b, string(e.Hold))
	b = appendText(b, e.Reverses)
	return appendText(b, string(e.Remittance))
}

// appendText writes a text with its length before it, so that no two lists of
// texts have the same encoding.
func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Opposite returns the postings with their sides exchanged, in reverse order.
func Opposite(postings []Posting) []Posting {
	out := make([]Posting, 0, len(postings))
	for _, p := range slices.Backward(postings) {
		out = append(out, Posting{Debit: p.Credit, Credit: p.Debit, Amount: p.Amount})
	}
	return out
}

// Reversible reports whether an entry of the action can be reversed: only what
// moved a balance and is not itself a reversal.
func (a Action) Reversible() bool { return a == ActionPost || a == ActionSettleHold }

// Moves reports whether an entry of the action moves posted balances.
func (a Action) Moves() bool {
	return a == ActionPost || a == ActionSettleHold || a == ActionReverse
}

// compareKeys orders accounts and, within one, assets: the order in which
// balance rows are locked.
func compareKeys(a, b AccountAsset) int {
	if c := strings.Compare(string(a.Account), string(b.Account)); c != 0 {
		return c
	}
	if c := strings.Compare(a.Asset.Code, b.Asset.Code); c != 0 {
		return c
	}
	return int(a.Asset.Scale) - int(b.Asset.Scale)
}
