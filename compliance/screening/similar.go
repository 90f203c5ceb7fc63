package screening

import "strings"

// Similarities are basis points: 10,000 is equal.
const (
	same = 10_000
	// leastSimilar is what two words must reach to be a pair.
	leastSimilar = 7_800
	// bareAlike and bareNear are for words that are compared by consonants only;
	// near leaves out w, which may stand for a vowel.
	bareAlike = 9_300
	bareNear  = 8_300
	otherStem = 300
)

// spelling is a word, or a word without its glued article, with its sounds.
type spelling struct {
	text   string
	sounds [3]string
}

// spellings returns a word and, where an article may be glued to it, the word
// without: alzawahiri, zawahiri.
func spellings(text string) []spelling {
	out := []spelling{{text, sounds(text)}}
	if len(text) >= 6 && (strings.HasPrefix(text, "al") || strings.HasPrefix(text, "el")) {
		out = append(out, spelling{text[2:], sounds(text[2:])})
	}
	return out
}

// similarity compares two words in all their spellings; bare ones count by their
// consonants only.
func similarity(a, b []spelling, bare bool) int {
	if a[0].text == b[0].text {
		return same
	}
	if hasDigit(a[0].text) || hasDigit(b[0].text) {
		return 0
	}
	best := 0
	for i, x := range a {
		for j, y := range b {
			s := plainSimilarity(x, y, bare)
			if i+j > 0 {
				s -= otherStem
			}
			best = max(best, s)
		}
	}
	if best < leastSimilar {
		return 0
	}
	return best
}

func plainSimilarity(x, y spelling, bare bool) int {
	a, b := x.text, y.text
	if a == b {
		return same
	}
	if bare {
		return bareSimilarity(x.sounds, y.sounds)
	}
	short, long := min(len(a), len(b)), max(len(a), len(b))
	if short < 3 {
		return 0
	}
	score := 0
	if short > 3 { // One letter of three is another name.
		score = (winkler(a, b) + same*(2*long-distance(a, b, false))/(2*long)) / 2
	}
	if shareSound(x.sounds, y.sounds) {
		soft := same * (2*long - distance(a, b, true)) / (2 * long)
		score = max(score, soft+(same-soft)/4)
	}
	return score
}

// bareSimilarity compares by consonants only.
func bareSimilarity(x, y [3]string) int {
	if shareSound(x, y) {
		return bareAlike
	}
	if len(x[2]) >= 2 && x[2] == y[2] {
		return bareNear
	}
	return 0
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// distance counts letters to add, drop, change or swap (optimal string
// alignment) in halves. A soft one counts a vowel for a vowel, a doubled letter
// and letters that sound alike as half a letter. Words are at most a few letters
// over maxWordLetter long.
func distance(a, b string, soft bool) int {
	var rows [3][maxWordLetter*2 + 2]int
	before, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) {
		above[j+1] = above[j] + dropCost(b, j, soft)
	}
	for i := 1; i <= len(a); i++ {
		drop := dropCost(a, i-1, soft)
		row[0] = above[0] + drop
		for j := 1; j <= len(b); j++ {
			row[j] = min(row[j-1]+dropCost(b, j-1, soft), above[j]+drop, above[j-1]+changeCost(a[i-1], b[j-1], soft))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+2)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}

func changeCost(x, y byte, soft bool) int {
	switch {
	case x == y:
		return 0
	case soft && soundClass[x] == soundClass[y]:
		return 1
	default:
		return 2
	}
}

func dropCost(s string, i int, soft bool) int {
	if soft && (soundClass[s[i]] == 'a' || s[i] == 'h' || (i > 0 && s[i-1] == s[i])) {
		return 1
	}
	return 2
}

// soundClass puts vowels, and consonants that spellings confuse, in one class.
var soundClass = func() (class [256]byte) {
	for i := range class {
		class[i] = byte(i)
	}
	for _, group := range []string{"aeiouyj", "kcqg", "szc", "vwf", "td", "bp"} {
		for i := range len(group) {
			if c := group[i]; class[c] == c {
				class[c] = group[0]
			}
		}
	}
	return class
}()

// winkler is the Jaro-Winkler similarity in whole basis points.
func winkler(a, b string) int {
	window := max(max(len(a), len(b))/2-1, 0)
	var usedA, usedB [maxWordLetter*2 + 2]bool
	matches := 0
	for i := range len(a) {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if !usedB[j] && a[i] == b[j] {
				usedA[i], usedB[j] = true, true
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	swapped, j := 0, 0
	for i := range len(a) {
		if !usedA[i] {
			continue
		}
		for !usedB[j] {
			j++
		}
		if a[i] != b[j] {
			swapped++
		}
		j++
	}
	jaro := (same*matches/len(a) + same*matches/len(b) + same*(matches-swapped/2)/matches) / 3
	prefix := 0
	for prefix < min(len(a), len(b), 4) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + prefix*(same-jaro)/10
}

// sounds returns the skeletons of a word: its consonants in classes that
// spellings confuse, the first letter kept. The second reads j as a vowel (as in
// Jevgenij), the third leaves out w and v (as in Mahmoud, written mhmwd).
func sounds(text string) [3]string {
	return [3]string{skeleton(text, ""), skeleton(text, "j"), skeleton(text, "v")}
}

// shareSound reports whether two words have a skeleton of two consonants or more
// in common, the one without w left aside.
func shareSound(x, y [3]string) bool {
	for _, one := range x[:2] {
		if len(one) >= 2 && (one == y[0] || one == y[1]) {
			return true
		}
	}
	return false
}

var soundPairs = strings.NewReplacer(
	"shch", "s", "tsch", "c", "dzh", "j", "sch", "s", "tch", "c", "sh", "s", "zh", "s", "ch", "c", "cz", "c", "kh", "k",
	"gh", "g", "ph", "f", "th", "t", "dh", "d", "dj", "j", "ck", "k", "qu", "k", "ts", "s", "tz", "s", "ce", "se", "ci", "si",
	"cy", "sy", "q", "k", "x", "ks", "w", "v", "z", "s", "c", "k", "y", "i")

// skeleton writes the consonant classes of a word; letters in without are left
// out too. A vowel at the start is written a.
func skeleton(text, without string) string {
	spelled := soundPairs.Replace(text)
	out := make([]byte, 0, len(spelled))
	for i := range len(spelled) {
		c := spelled[i]
		silent := strings.IndexByte("aeiouh", c) >= 0 || strings.IndexByte(without, c) >= 0
		switch {
		case silent && len(out) == 0 && c != 'h' && i == 0:
			out = append(out, 'a')
		case silent:
		case len(out) > 0 && out[len(out)-1] == c:
		default:
			out = append(out, c)
		}
	}
	return strings.ReplaceAll(string(out), "v", "f")
}
