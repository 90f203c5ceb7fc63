package name

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of a name. What is longer is no name that can be compared.
const (
	maxBytes   = 4096
	maxLetters = 300
	maxWords   = 32
	// MaxWord is how many letters a word has at most.
	MaxWord = 48
)

// Why a name cannot be compared. All wrap ErrUnreadable.
var (
	ErrUnreadable = errors.New("name cannot be read")
	ErrEmpty      = fmt.Errorf("%w: it is empty or has neither letters nor digits", ErrUnreadable)
	ErrTooLong    = fmt.Errorf("%w: it is too long, more than %d letters, %d words or %d letters in one word", ErrUnreadable, maxLetters, maxWords, MaxWord)
	ErrScript     = fmt.Errorf("%w: it has letters of a script that is not read", ErrUnreadable)
	ErrDamaged    = fmt.Errorf("%w: it is not in UTF-8, or letters were lost when it was converted", ErrUnreadable)
)

// Class is what a word does in a name. The zero value is a word that tells who it is.
type Class uint8

// The classes of words.
const (
	Telling Class = iota
	// Common is a word that many companies have: bank, trading, international.
	Common
	// Particle is a small word: al, bin, de, of.
	Particle
	// Title is an honorific: dr, sheikh, haji.
	Title
	// Form is the form of a company: llc, gmbh.
	Form
	// Initial is a single letter.
	Initial
)

// Slight reports whether words of the class say little about who it is.
func (c Class) Slight() bool { return c >= Particle }

// Word is one word of a name in letters a to z and digits.
type Word struct {
	Text string
	// Stands is what the word stands for where other words stand for the same:
	// bank, banco and bank in Cyrillic. It is empty for a word of its own.
	Stands string
	// Alts are other spellings of a syllable that is written in another script.
	Alts []string
	// Bare marks a word from a script that writes no short vowels.
	Bare  bool
	Class Class
}

// Sort says what a name is read as.
type Sort uint8

// The sorts of names.
const (
	// Person: titles and particles are told apart, words of companies are not.
	Person Sort = iota
	// Thing is a company, a ship or an aircraft.
	Thing
)

// Read writes a name as words. Errors: ErrEmpty, ErrTooLong, ErrScript, ErrDamaged.
func Read(text string, sort Sort) ([]Word, error) {
	if len(text) > maxBytes {
		return nil, ErrTooLong
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
		return nil, ErrDamaged
	}
	r := reader{thing: sort == Thing}
	words, err := r.read(text)
	if err != nil {
		return nil, err
	}
	if sort == Thing {
		return classifyThing(joinInitials(dropPrefix(words))), nil
	}
	return classifyPerson(joinEnds(joinAbd(words))), nil
}

func (r *reader) read(text string) ([]Word, error) {
	if ascii(text) {
		for i := range len(text) {
			r.take(lower(text[i]))
		}
	} else {
		for _, c := range norm.NFKC.String(text) {
			r.take(unicode.ToLower(c))
		}
	}
	r.flush()
	switch {
	case r.long || r.letters > maxLetters || len(r.words) > maxWords:
		return nil, ErrTooLong
	case r.foreign:
		return nil, ErrScript
	case len(r.words) == 0:
		return nil, ErrEmpty
	}
	return r.words, nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func lower(c byte) rune {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return rune(c)
}

// reader gathers runs of letters into words.
type reader struct {
	run     []rune
	words   []Word
	letters int
	// thing says that words of organisations in Han and Hangul are translated.
	thing bool
	// tongue is what Han and Kana are read as.
	tongue tongue
	// long and foreign say that a word is too long, or in a script that is not read.
	long, foreign bool
}

func (r *reader) take(c rune) {
	switch {
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		r.run = append(r.run, c)
		r.letters++
	case c == ' ':
		r.flush()
	case joins(c):
		if n := len(r.run); n > 0 && (c == '\'' || c == '’' || c == '׳') && geresh[r.run[n-1]] != 0 {
			r.run[n-1] = geresh[r.run[n-1]]
		}
	case unicode.Is(unicode.Cf, c):
	case unicode.IsLetter(c), unicode.IsDigit(c), unicode.IsMark(c):
		r.run = append(r.run, c)
		r.letters++
	case unicode.IsControl(c) && !unicode.IsSpace(c):
	default:
		r.flush()
	}
	if len(r.run) > 4*MaxWord {
		r.long = true
		r.run = r.run[:0]
	}
}

// joins reports whether c stands inside one word: O'Brien is one word.
func joins(c rune) bool {
	switch c {
	case '\'', '’', '‘', 'ʼ', 'ʻ', '`', '´', 'ʹ', 'ʺ', 'ʿ', 'ʾ', '"', 'ـ', '׳', '״':
		return true
	default:
		return false
	}
}

// flush writes the run in Latin letters as one word or, for scripts that put no
// spaces, as several.
func (r *reader) flush() {
	if len(r.run) == 0 {
		return
	}
	words, ok := r.spell()
	r.run = r.run[:0]
	if !ok {
		r.foreign = true
		return
	}
	for _, w := range words {
		if len(w.Text) > MaxWord {
			r.long = true
			return
		}
		if w.Text != "" {
			r.words = append(r.words, w)
		}
	}
}

// dropPrefix takes the letters off that say that a ship is one: M/V, M.T., S/S.
func dropPrefix(in []Word) []Word {
	if len(in) > 2 && len(in[0].Text) == 1 && len(in[1].Text) == 1 && len(in[2].Text) > 1 {
		switch in[0].Text + in[1].Text {
		case "mv", "mt", "ms", "ss", "fv", "sv", "my":
			return in[2:]
		}
	}
	return in
}

// joinInitials makes one word of three or more single letters in a row, and of
// two that end a name: "L. L. C." is "llc". Two before a name stay initials.
func joinInitials(in []Word) []Word {
	out := in[:0:0]
	for i := 0; i < len(in); i++ {
		j := i
		for j < len(in) && len(in[j].Text) == 1 && in[j].Text >= "a" && !in[j].Bare {
			j++
		}
		if n := j - i; n < 2 || (n == 2 && j < len(in)) {
			out = append(out, in[i])
			continue
		}
		var b strings.Builder
		for _, w := range in[i:j] {
			b.WriteString(w.Text)
		}
		out = append(out, Word{Text: b.String()})
		i = j - 1
	}
	return out
}

// Scripts returns the parts of a name that is written in Latin letters and in
// another script beside, such as "Abdul Haq Khan (عبد الحق خان)"; nothing for a name
// in one script.
func Scripts(text string) []string {
	if ascii(text) {
		return nil
	}
	var parts [2][]string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()[]/,;", r) }) {
		first := strings.IndexFunc(word, unicode.IsLetter)
		if first < 0 {
			continue
		}
		which := 1
		for _, r := range word[first:] {
			if scriptOf(unicode.ToLower(r)) == scriptLatin {
				which = 0
			}
			break
		}
		parts[which] = append(parts[which], word)
	}
	if len(parts[0]) < 2 || len(parts[1]) < 2 {
		return nil
	}
	return []string{strings.Join(parts[0], " "), strings.Join(parts[1], " ")}
}

// joinAbd writes the many spellings of Abd al-X (Abdul X, Abdel-X, Abdulx) as
// one word, abdx, as X alone is another name.
func joinAbd(in []Word) []Word {
	out := in[:0:0]
	for i := 0; i < len(in); i++ {
		w := in[i]
		switch w.Text {
		case "abd", "abdul", "abdal", "abdel", "abdoul", "abdur", "abdol", "abdu", "abdus", "abdil", "abed":
			j := i + 1
			for j < len(in) && articles[in[j].Text] {
				j++
			}
			if j < len(in) && len(in[j].Text) > 2 && (j > i+1 || w.Text != "abdu" && w.Text != "abed") {
				out = append(out, Word{Text: "abd" + in[j].Text, Bare: w.Bare || in[j].Bare})
				i = j
				continue
			}
		default:
			w.Text = trimAbd(w.Text)
		}
		out = append(out, w)
	}
	return out
}

// trimAbd takes the article out of a name that is written as one.
func trimAbd(text string) string {
	if strings.HasSuffix(text, "lah") || strings.HasSuffix(text, "la") {
		return text // Abdullah is the most common of all, and stays.
	}
	for _, prefix := range [...]string{"abdoul", "abdul", "abdal", "abdel", "abdol", "abdil"} {
		if rest, ok := strings.CutPrefix(text, prefix); ok && len(rest) > 2 {
			return "abd" + rest
		}
	}
	// abdurrahman, abdussalam: the article took the name's first letter.
	if len(text) > 7 && (strings.HasPrefix(text, "abdu") || strings.HasPrefix(text, "abda") || strings.HasPrefix(text, "abde")) && text[4] == text[5] {
		return "abd" + text[5:]
	}
	return text
}

// joinEnds writes names that end in al-Din and Allah as one word however they
// are written: Nasr al-Din, Nasreddine, Nasr ud Din; Hamd Allah, Hamdullah.
func joinEnds(in []Word) []Word {
	out := in[:0:0]
	for i, w := range in {
		switch {
		case dinWords[w.Text] && len(out) > 1 && articles[out[len(out)-1].Text] && len(out[len(out)-2].Text) > 1:
			last := &out[len(out)-2]
			last.Text, last.Bare = last.Text+"din", last.Bare || w.Bare
			out = out[:len(out)-1]
			continue
		case dinGlued[w.Text] && len(out) > 0 && len(out[len(out)-1].Text) > 2:
			last := &out[len(out)-1]
			last.Text, last.Bare = last.Text+"din", last.Bare || w.Bare
			continue
		case allahWords[w.Text] && i > 0 && len(out) > 0 && len(out[len(out)-1].Text) > 2 && !articles[out[len(out)-1].Text]:
			last := &out[len(out)-1]
			if last.Text != "abd" && last.Text != "abdul" {
				last.Text = strings.TrimSuffix(last.Text, "u")
			}
			last.Text, last.Bare = last.Text+"ullah", last.Bare || w.Bare
			continue
		}
		if !w.Bare {
			w.Text = trimEnd(w.Text)
		}
		out = append(out, w)
	}
	return out
}

var (
	dinWords   = set("din", "deen", "dine", "dyn", "ddin", "eddin", "eddine")
	dinGlued   = set("aldin", "eldin", "eddin", "uddin", "addin", "aldeen", "uddeen", "eddine", "aldine", "eldine")
	allahWords = set("allah", "ullah", "alleh", "allh", "ollah")
)

// trimEnd writes the ends of names in al-Din and Allah one way.
func trimEnd(text string) string {
	for _, end := range [...]string{"uddin", "eddine", "eddin", "aldin", "addin", "oddin", "uddeen", "eldin", "eldine", "udin", "edine", "adin"} {
		if rest, ok := strings.CutSuffix(text, end); ok && len(rest) > 2 {
			return rest + "din"
		}
	}
	for _, end := range [...]string{"ollah", "allah", "oullah", "ulla", "olla"} {
		if rest, ok := strings.CutSuffix(text, end); ok && len(rest) > 2 {
			return rest + "ullah"
		}
	}
	return text
}

var articles = set("al", "el", "ul", "ur", "ar", "as", "er", "ir", "an", "az", "ad", "ash", "ol")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
