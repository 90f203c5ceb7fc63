// Package stellar is the Stellar rail: it pays orders in one credit asset from
// a treasury account, over Horizon.
//
// Channel accounts lend their sequence numbers, because the network takes one
// pending transaction per source account; the treasury is the source of each
// payment operation. Every transaction has a time bound.
//
// What is known of an attempt (see [Rail.Lookup]):
//
//   - found by its hash: final, paid or failed as its result says;
//   - not found, and a ledger that closed after the time bound is in Horizon's
//     history: it never happened and never will;
//   - anything else, whatever an error said when it was sent: unknown. Even a
//     refusal counts as unknown, because the same bytes may have been sent
//     before with the reply lost; the time bound ends the doubt soon.
package stellar
