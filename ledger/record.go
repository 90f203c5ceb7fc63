package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Hash is a link of the journal's chain. The zero value stands before the
// first record.
type Hash [sha256.Size]byte

// String writes the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Record is an entry as the journal holds it.
type Record struct {
	// Seq counts 1, 2, 3… without gaps over the whole journal.
	Seq int64
	// Entry with the postings in effect: a settled or voided hold repeats those
	// of the hold, a reversal has the opposite of what it reverses.
	Entry Entry
	// Input is the input hash of the entry as it was asked for.
	Input Hash
	// Prev is the hash of the record before; Hash covers it and all above.
	Prev Hash
	Hash Hash
}

// Chain makes the record that follows a head (seq, prev). asked is the entry
// as it came in; postings are those in effect.
func Chain(seq int64, prev Hash, asked Entry, postings []Posting) Record {
	r := Record{Seq: seq, Entry: asked, Input: Hash(asked.InputHash()), Prev: prev}
	r.Entry.Postings = postings
	r.Hash = r.ComputeHash()
	return r
}

// ComputeHash returns the hash that the record ought to have.
func (r Record) ComputeHash() Hash {
	b := make([]byte, 0, 512)
	b = appendText(b, "remit/ledger/record/1")
	b = append(b, r.Prev[:]...)
	b = binary.AppendVarint(b, r.Seq)
	b = append(b, r.Input[:]...)
	b = appendText(b, string(r.Entry.ID))
	b = appendText(b, r.Entry.Key)
	b = appendInput(b, r.Entry)
	b = appendText(b, r.Entry.Memo)
	b = binary.AppendVarint(b, r.Entry.At.UnixMicro())
	return Hash(sha256.Sum256(b))
}

// Asked returns the entry as it came in: without the postings that the action
// takes from elsewhere.
func (r Record) Asked() Entry {
	e := r.Entry
	if e.Action != ActionPost && e.Action != ActionHold {
		e.Postings = nil
	}
	return e
}
