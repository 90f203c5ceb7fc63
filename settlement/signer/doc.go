// Package signer holds Ed25519 keys and signs settlement transactions with
// them, by its own judgement. The main type is [Keyring].
//
// A keyring takes nobody's word for what it signs. It decodes the transaction
// itself and refuses, with a forbidden error that says why:
//
//   - a payment that is not one of the request's orders, to the destination and
//     of the amount ordered, and an order that the transaction does not pay
//     exactly once;
//   - orders without the decision that released them;
//   - any instruction or operation that a payment does not need, and fees beyond
//     a bound;
//   - without orders, whatever moves the settlement asset: only accounts and
//     trustlines may be opened then, within a bound;
//   - a payload that is not the hash (Stellar) or the bytes (Solana) of the
//     transaction shown.
//
// [Policy] says which networks and which asset it signs for. Keys come from
// seeds, or from a file that only its owner can read: [OpenFile]. Such a file is
// for development; production keys belong in another process or in hardware.
package signer
