package settlement

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/openremit/remit"
)

// Hash is a node of a Merkle tree, SHA-256.
type Hash [sha256.Size]byte

// String is the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads the form that String writes.
func ParseHash(s string) (Hash, error) {
	var h Hash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("%q is not a SHA-256 hash in hex", s)
	}
	copy(h[:], b)
	return h, nil
}

// MarshalText writes the hash in hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the hash in hex.
func (h *Hash) UnmarshalText(b []byte) (err error) {
	*h, err = ParseHash(string(b))
	return err
}

// The prefixes that keep leaves and inner nodes apart (RFC 6962, section 2.1).
const (
	leafPrefix = 0
	nodePrefix = 1
)

// Leaf is the hash of what an order pays: its id and remittance, the asset and
// amount, and the destination, each preceded by its length in bytes as eight
// bytes, the amount as a decimal number of minor units.
func Leaf(o Order) Hash {
	h := sha256.New()
	h.Write([]byte{leafPrefix})
	for _, part := range []string{
		string(o.ID), string(o.RemittanceID), o.Amount.Asset.String(), fmt.Sprint(o.Amount.Minor), o.Destination,
	} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return Hash(h.Sum(nil))
}

func node(left, right Hash) Hash {
	return sha256.Sum256(append(append([]byte{nodePrefix}, left[:]...), right[:]...))
}

// split is the greatest power of two below n: where a tree of n leaves parts.
func split(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

// Root is the Merkle root of orders, as RFC 6962 makes it of their leaves: what
// a transaction that carries several orders has as its memo.
func Root(orders []Order) Hash {
	leaves := make([]Hash, len(orders))
	for i, o := range orders {
		leaves[i] = Leaf(o)
	}
	return root(leaves)
}

func root(leaves []Hash) Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := split(len(leaves))
	return node(root(leaves[:k]), root(leaves[k:]))
}

// ProofStep is one neighbour on the way from a leaf to the root.
type ProofStep struct {
	Hash Hash `json:"hash"`
	// Left says that the neighbour is the left one of the two.
	Left bool `json:"left,omitempty"`
}

// Proof shows that an order is among those whose root a transaction carries.
type Proof struct {
	Leaf Hash        `json:"leaf"`
	Path []ProofStep `json:"path"`
	Root Hash        `json:"root"`
}

// Prove makes the proof of one of the orders of a transaction.
func Prove(orders []Order, id remit.OrderID) (Proof, error) {
	place, leaves := -1, make([]Hash, len(orders))
	for i, o := range orders {
		leaves[i] = Leaf(o)
		if o.ID == id {
			place = i
		}
	}
	if place < 0 {
		return Proof{}, remit.NotFound("settlement order", string(id))
	}
	return Proof{Leaf: leaves[place], Path: path(leaves, place), Root: root(leaves)}, nil
}

func path(leaves []Hash, place int) []ProofStep {
	if len(leaves) < 2 {
		return nil
	}
	k := split(len(leaves))
	if place < k {
		return append(path(leaves[:k], place), ProofStep{Hash: root(leaves[k:])})
	}
	return append(path(leaves[k:], place-k), ProofStep{Hash: root(leaves[:k]), Left: true})
}

// errProof says that a proof does not lead to its root.
var errProof = errors.New("the path does not lead from the leaf to the root")

// Verify follows the path; it errs unless it ends at the root.
func (p Proof) Verify() error {
	at := p.Leaf
	for _, step := range p.Path {
		if step.Left {
			at = node(step.Hash, at)
		} else {
			at = node(at, step.Hash)
		}
	}
	if at != p.Root {
		return errProof
	}
	return nil
}
