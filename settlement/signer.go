package settlement

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/openremit/remit"
)

// SignRequest asks for one Ed25519 signature, with all that a signer needs to
// decide whether to give it.
type SignRequest struct {
	Rail remit.Rail
	// Key is the address, in the rail's own form, whose signature is wanted.
	Key string
	// Payload is what is signed: the transaction hash on Stellar, the message
	// on Solana.
	Payload []byte
	// Transaction is the transaction itself, so that the signer decodes what it signs
	// and does not take anybody's word for it: the unsigned envelope XDR on
	// Stellar, the message on Solana.
	Transaction []byte
	// Batch holds the orders that the transaction pays, each with the decision
	// that released it. No orders for housekeeping such as opening channel accounts.
	Batch Batch
	// Tables are the lookup tables that a Solana message refers to.
	Tables []LookupTable
}

// LookupTable is an address lookup table of Solana: accounts that a message names
// by their places in it. A table only ever grows.
type LookupTable struct {
	Address string
	Entries []string
}

// Hash is the hash of the table's address and of its first n entries, each
// preceded by its length in bytes as eight bytes.
func (t LookupTable) Hash(n int) Hash {
	h := sha256.New()
	for _, part := range append([]string{t.Address}, t.Entries[:n]...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return Hash(h.Sum(nil))
}

// Signer signs for the keys it holds. Keys never pass this interface, so that
// they can live in another process or in hardware.
type Signer interface {
	// Sign returns the 64-byte Ed25519 signature. Errors: forbidden when the
	// signer's policy refuses; not_found for a key it does not hold; unavailable.
	Sign(ctx context.Context, r SignRequest) ([]byte, error)
}
