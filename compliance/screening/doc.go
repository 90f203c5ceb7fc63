// Package screening compares parties with sanctions lists, in the process and
// without a network.
//
// Load reads list files in the format that the U.S. Treasury's Office of Foreign
// Assets Control (OFAC) publishes and makes an Index of them. Lists holds the
// Index in force, answers compliance.Screener from it, and replaces it whole
// when an update passed its checks. Sample is a small dated extract of real
// entries for development and tests; it must never clear a real payment.
//
// How a name is compared:
//
//  1. It is folded to Latin letters a to z: compatibility forms, accents, case,
//     zero-width characters, look-alikes, Cyrillic, Greek and Arabic. A script
//     that cannot be read makes the party unscreened, never clean.
//  2. Its words find similar listed words by equality, by one letter more, less
//     or other, by swapped letters and by sound; these find the listed names.
//     No query walks a whole list.
//  3. The words are paired one to one; each pair counts by its similarity and
//     by how rare the listed word is.
//  4. Dates of birth and countries speak for or against. A birth date that
//     cannot be the same person's takes a perfect name below any alert.
//
// Scores are whole basis points, and Hit.Why names the listed words and the
// evidence but not what the party said of itself. Wallet addresses match
// exactly or not at all.
//
//	index, err := screening.Load(os.DirFS("/var/lib/remit/lists"))
//	lists := screening.NewLists(index)
//	found, err := lists.Screen(ctx, compliance.ScreenQuery{Role: "originator", Names: []string{"Ayman al Zawahiri"}})
package screening
