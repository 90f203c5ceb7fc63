// Package screening compares parties with sanctions lists, in the process and
// without a network.
//
// Load reads list files of any issuer (see package list) and makes an Index of
// them; NewIndex makes one of entries. Lists holds the Index in force, answers
// compliance.Screener from it, and replaces it whole when an update passed its
// checks. Index.Search answers with all that is known of a match. Sample is a
// small dated extract of real entries for development and tests; it must never
// clear a real payment.
//
// How a name is compared:
//
//  1. It is read as words of the letters a to z, whatever its script, and each
//     word gets a class (see package name). A script that cannot be read makes
//     the party unscreened, never clean.
//  2. Each word finds listed words: the same, those with one or two mistakes,
//     those that sound like it, stand for the same, or are spellings that the
//     lists use for each other. These lead to listed names, the rarest words
//     first and never more than some thousands. No query walks a list.
//  3. The words are paired one to one with those of the most promising names,
//     joined and split words and initials too; what is left over when the rest
//     agrees is paired with each other.
//  4. The score is 10,000 less the penalties of what is missing on either side,
//     misspelt, in another order, or told by common words only. Each word counts
//     by how rare it is in the lists. The penalties stand in one table, which
//     `make fit-screening` writes.
//  5. Date of birth, countries and gender are added for or against. A birth date
//     that cannot be the same person's takes a perfect name below any alert. A
//     wallet or the number of a document matches exactly or not at all.
//
// Scores are whole basis points, equal on every machine. Hit.Why names the
// listed words and the evidence but not what the party said of itself.
// docs/screening.md shows what is found at how many false alarms.
//
//	index, err := screening.Load(os.DirFS("/var/lib/remit/lists"))
//	lists := screening.NewLists(index)
//	found, err := lists.Screen(ctx, compliance.ScreenQuery{Role: "originator", Names: []string{"Ayman al Zawahiri"}})
package screening
