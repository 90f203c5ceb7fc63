// Package remit holds the nouns of the gateway: money, rates, parties,
// quotes, remittances, their states, ids, errors and the clock.
//
// Every other package speaks in these words and this package imports only the
// standard library, so a newcomer can read it first and alone.
//
// Invariants kept here:
//
//   - Money is an integer count of an asset's minor units; arithmetic checks
//     the asset and overflow and never touches a floating-point number.
//   - A Rate is an exact ratio; every conversion names its rounding and
//     returns what rounding left over.
//   - The zero value of State, Funds and Decision means "unspecified" and lets
//     nothing pass.
//   - States change only along the table of lawful moves in states.go.
package remit
