// Package corridors knows what may be sent from where to where: countries,
// coins, corridors, limits, fees, rates, delivery times and the facts that each asks
// for about the people and the account. It makes firm quotes.
//
// A [Catalogue] is loaded once from data files that are embedded in the program
// (data/countries, data/coins and data/corridors, one file each) and checked whole at the
// start. A [Quoter] prices a [Request] by the catalogue and the mid rates of a
// [Rates] source. [Catalogue.RequiredFields] serves the JSON Schema of what must
// be known, and the Validate methods check people and accounts by that schema.
//
// Invariants of every quote, in integers:
//
//   - SourceTotal = Principal + the fee lines that are not included in the rate.
//   - Principal = CostOfSettlement + the FX margin line, which is never negative.
//   - Target = Principal × Rate, rounded down.
//   - Settlement = Target at the mid rate in the corridor's coin, rounded up;
//     CostOfSettlement = Settlement at the mid rate in the source currency,
//     rounded up. A coin is priced at one of its reference currency: USDC at
//     one US dollar, EURC at one euro.
//   - The side that the caller fixed is met to the minor unit.
//
// To add a corridor, write a file data/corridors/FROM-TO.yaml and, for a new
// country, data/countries/CODE.yaml, or for a coin other than USDC,
// data/coins/CODE.yaml; the start-up check names all that is wrong
// with them. Operators with tariffs of their own load them with [LoadFS].
//
// Mid rates: [NewLayered] over [NewECB] and a [TableRates] gives live rates where
// the European Central Bank has them and the table's elsewhere. A rate that is
// older than [Quoter.MaxRateAge] prices nothing.
//
// The package knows no time but its Clock's and holds no state but caches.
package corridors
