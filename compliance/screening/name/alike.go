package name

import (
	"math"
	"math/bits"
	"strings"
)

// Equal is the likeness of equal words in basis points.
const Equal = 10_000

// Costs of edits, in hundredths of a letter.
const (
	costLetter = 100
	// costVowel: a vowel for a vowel, costNear for those that spellings confuse most.
	costVowel = 45
	costNear  = 25
	// costSound: consonants that spellings confuse.
	costSound  = 45
	costDouble = 20
	costH      = 35
	costSpare  = 60 // a vowel more or less
	costSwap   = 70
	// costKey: letters whose keys are beside each other, as half of all wrong letters are.
	costKey    = 80
	costUnsaid = 40 // n before d, as Greek writes every d of other languages
	// costFirst is added when the first letter differs.
	costFirst = 35
	// costSpelled is added when words agree by sound only.
	costSpelled = 12
)

// Spelling is a word with its forms for comparing, made once for each.
type Spelling struct {
	Text string
	// sound is the text with letter groups that spell one sound replaced.
	sound string
	// bones are its consonants, for words without vowels.
	bones string
	Bare  bool
	// digits says that it has some; mask has a bit for each letter.
	digits bool
	mask   uint32
	// apart is the group of lookAlikes that it is of, 0 for none.
	apart uint8
}

// Spell makes a word ready to be compared.
func Spell(text string, bare bool) Spelling {
	s := Spelling{Text: text, Bare: bare, sound: soundOf(text), digits: digits(text), apart: apartOf[text]}
	if s.sound == text {
		s.sound = text // One text in memory.
	}
	s.bones = bonesOf(s.sound)
	for i := range len(s.sound) {
		s.mask |= 1 << (s.sound[i] & 31)
	}
	return s
}

// Alike compares two words: Equal for the same, 0 for words that are not alike.
func Alike(a, b *Spelling) int { return AlikeFrom(a, b, Equal/2) }

// AlikeFrom is Alike for who wants to know of likenesses from least on only: of
// lesser ones it may say anything less, and sooner.
func AlikeFrom(a, b *Spelling, least int) int {
	if a.Text == b.Text {
		return Equal
	}
	if a.Bare || b.Bare {
		return alikeBones(a, b)
	}
	if a.digits || b.digits {
		return alikeDigits(a.Text, b.Text)
	}
	if a.apart != b.apart && a.apart > 0 && b.apart > 0 {
		return otherName
	}
	if a.sound == b.sound {
		return likeness(costSpelled, a.sound, b.sound) // Spelling only; hardly more alike by letters.
	}
	best := likeness(distance(a.Text, b.Text, least), a.Text, b.Text)
	if a.sound != a.Text || b.sound != b.Text {
		best = max(best, likeness(distance(a.sound, b.sound, max(least, best))+costSpelled, a.sound, b.sound))
	}
	return best
}

// otherName is the likeness of two names of lookAlikes.
const otherName = 5_500

// lookAlikes are names that look like one another and are different names: each
// group has the spellings of one.
var lookAlikes = strings.Split("hasan hassan hasen hassen|husayn hussein hossein hussain husein hosein hussayn hussien hussin hosseini hussaini husseini|"+
	"hassani hasani|muhammad mohammad mohammed muhammed mohamed mohamad|mahmud mahmoud mahmood mehmood|ahmad ahmed|hamid hameed|hamad hamed|hamdan|"+
	"jamal djamal gamal|jamil jameel djamil|kamal|kamil kamel|rashid rasheed rachid|rashad|said saeed saied|saad|saud saoud|karim kareem|karam|"+
	"salim saleem|salam|salman|majid majeed|majd|nabil|nabi|khalid khaled|khalil khaleel|walid waleed|ivan|igor|oleg|olga|marina|maria mariya|"+
	"andrei andrey|sergei sergey|dmitri dmitry|vladimir|aleksandr alexander|aleksei alexey aleksey alexei|jose|josef|juan|julian|luis|luisa", "|")

var apartOf = func() map[string]uint8 {
	m := map[string]uint8{}
	for i, group := range lookAlikes {
		for word := range strings.FieldsSeq(group) {
			m[word] = uint8(i + 1)
		}
	}
	return m
}()

// Outline is what tells quickly that two words cannot be alike.
type Outline struct {
	mask   uint32
	length uint8
	// open: nothing is far from it.
	open bool
}

// Open is the outline of a word that may be like any other.
var Open = Outline{open: true}

// Outline returns the word's outline.
func (s *Spelling) Outline() Outline {
	return Outline{mask: s.mask, length: uint8(min(len(s.sound), math.MaxUint8)), open: s.Bare}
}

// Far reports that words with these outlines cannot be alike.
func (o Outline) Far(p Outline) bool {
	if o.open || p.open {
		return false
	}
	n, m := int(o.length), int(p.length)
	return n-m > 4 || m-n > 4 || bits.OnesCount32(o.mask^p.mask) > 5
}

// Pack lays what is compared of the words side by side in memory.
func Pack(words []*Spelling) {
	var all strings.Builder
	for _, s := range words {
		all.WriteString(s.Text)
		if s.sound != s.Text {
			all.WriteString(s.sound)
		}
		all.WriteString(s.bones)
	}
	rest := all.String()
	take := func(n int) string {
		text := rest[:n]
		rest = rest[n:]
		return text
	}
	for _, s := range words {
		same := s.sound == s.Text
		s.Text = take(len(s.Text))
		if same {
			s.sound = s.Text
		} else {
			s.sound = take(len(s.sound))
		}
		s.bones = take(len(s.bones))
	}
}

// likeness turns a distance into basis points. In short words each letter
// counts for more, as one letter makes another name.
func likeness(cost int, a, b string) int {
	n := 100 * max(len(a), len(b))
	switch min(len(a), len(b)) {
	case 1, 2:
		cost *= 2
	case 3:
		cost = cost * 3 / 2
	case 4:
		cost = cost * 5 / 4
	}
	if cost >= n {
		return 0
	}
	return Equal - Equal*cost/n
}

// Vowel reports whether a letter is one of a, e, i, o, u and y.
func Vowel(c byte) bool { return vowel(c) }

func vowel(c byte) bool { return classOf[c] == 'a' }

// classOf puts vowels, and consonants that spellings confuse, in one class.
var classOf = func() (class [256]byte) {
	for i := range class {
		class[i] = byte(i)
	}
	for _, group := range []string{"aeiouy", "kcqgx", "szc", "vwf", "td", "bp", "jy"} {
		for i := range len(group) {
			if c := group[i]; class[c] == c {
				class[c] = group[0]
			}
		}
	}
	return class
}()

// besideKeys tells of each letter which follow it in its row of keys and below, as
// most keyboards have them.
var besideKeys = strings.Fields("qwa weas erds rtfd tygf yuhg uijh iokj oplk pl asz sdxz dfcx fgvc ghbv hjnb jkmn klm zx xc cv vb bn nm")

// changeCosts and spareCosts are worked out once.
var changeCosts, soundCosts = letterCosts(true), letterCosts(false)

// letterCosts are the costs of one letter for another, with or without the mistakes of
// fingers: what was read in another script was not typed in this one.
func letterCosts(typed bool) (costs [128][128]uint8) {
	for x := range 128 {
		for y := range 128 {
			costs[x][y] = costLetter
			if x == y {
				costs[x][y] = 0
			}
		}
	}
	pairs := func(cost uint8, groups ...string) {
		for _, group := range groups {
			for i := range len(group) {
				for j := range len(group) {
					if i != j {
						costs[group[i]][group[j]] = cost
					}
				}
			}
		}
	}
	for _, beside := range besideKeys {
		for i := 1; i < len(beside) && typed; i++ {
			pairs(costKey, beside[:1]+beside[i:i+1])
		}
	}
	pairs(costVowel, "aeiouy")
	pairs(costSound, "kcq", "kg", "gq", "gh", "kh", "sz", "sc", "zc", "vwf", "vb", "td", "bp", "jy", "ji", "jg", "wu", "xh", "mn", "gj", "jz", "lr", "ch", "xs", "xc", "pf", "xj")
	pairs(costVowel+15, "dz", "ts")
	pairs(costNear, "iy", "ie", "ou", "ae", "kq", "vw", "kc")
	return costs
}

// maxCompared bounds the letters of words that are compared, joined ones too.
const maxCompared = 2*MaxWord + 4

// shortWord bounds words that are compared in little memory.
const shortWord = 24

// distance is the cost of turning one word into the other: letters added,
// dropped, changed or swapped. It may stop at a cost above that of the likeness
// that is asked for.
func distance(a, b string, least int) int {
	if len(a) > maxCompared || len(b) > maxCompared {
		return costLetter * maxCompared
	}
	var cost int
	limit := int32(max(len(a), len(b)) * costLetter * (Equal - least) / Equal)
	if len(a) <= shortWord && len(b) <= shortWord {
		var rows [3][shortWord + 1]int32
		var spares [shortWord]int32
		cost = fill(a, b, rows[0][:], rows[1][:], rows[2][:], spares[:], limit)
	} else {
		var rows [3][maxCompared + 1]int32
		var spares [maxCompared]int32
		cost = fill(a, b, rows[0][:], rows[1][:], rows[2][:], spares[:], limit)
	}
	if a != "" && b != "" && a[0] != b[0] {
		cost += costFirst
	}
	return cost
}

// fill works out the costs row by row, see distance.
func fill(a, b string, before, above, row, spares []int32, limit int32) int {
	for j := range len(b) {
		spares[j] = spare(b, j)
		above[j+1] = above[j] + spares[j]
	}
	spares = spares[:len(b)]
	for i := 1; i <= len(a); i++ {
		drop := spare(a, i-1)
		left := above[0] + drop
		row[0] = left
		least := left
		costs := &changeCosts[a[i-1]&127]
		for j, more := range spares {
			best := above[j] + int32(costs[b[j]&127])
			left += more
			if left < best {
				best = left
			}
			if d := above[j+1] + drop; d < best {
				best = d
			}
			if i > 1 && j > 0 && a[i-1] == b[j-1] && a[i-2] == b[j] && before[j-1]+costSwap < best {
				best = before[j-1] + costSwap
			}
			row[j+1] = best
			left = best
			if best < least {
				least = best
			}
		}
		if least > limit {
			return int(least)
		}
		before, above, row = above, row, before
	}
	return int(above[len(b)])
}

func spare(s string, i int) int32 {
	c := s[i]
	if i > 0 && s[i-1] == c {
		return costDouble
	}
	if c == 'j' && i+1 < len(s) && vowel(s[i+1]) {
		return costSpare
	}
	if c == 'n' && i+1 < len(s) && s[i+1] == 'd' {
		return costUnsaid
	}
	return spareCosts[c&127]
}

var spareCosts = func() (costs [128]int32) {
	for i := range costs {
		costs[i] = costLetter
	}
	costs['h'] = costH
	for _, c := range "aeiouy" {
		costs[c] = costSpare
	}
	return costs
}()
