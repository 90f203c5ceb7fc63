package name

import (
	"slices"
	"strings"
)

// soundOf writes groups of letters that spell one sound as one letter.
func soundOf(text string) string { return soundGroups.Replace(text) }

// x is the sound of sh, c that of ch, q that of kh. A c before a, o, u, l and r is a k.
var soundGroups = strings.NewReplacer(
	"schtsch", "x", "shch", "x", "chtch", "x", "sjtj", "x", "stsj", "x", "sjtsj", "x", "szcz", "x", "tsch", "c", "dzh", "j", "dsch", "j", "sch", "x", "tch", "c", "tsj", "c", "tj", "c", "sj", "x", "skj", "x", "dsj", "j", "zj", "j", "sh", "x", "zh", "j", "ch", "c", "cz", "c", "kh", "h",
	"gh", "g", "ph", "f", "th", "t", "dh", "d", "dj", "j", "ck", "k", "cq", "k", "qu", "k", "ts", "z", "tz", "z", "ce", "se", "ci", "si", "cy", "si", "ca", "ka", "co", "ko", "cu", "ku", "cl", "kl", "cr", "kr", "dge", "j",
	"q", "k", "x", "ks", "w", "v", "ou", "u", "oo", "u", "ee", "i", "ii", "i", "iy", "i", "yi", "i", "ij", "i", "aa", "a", "ei", "e", "ue", "u", "oe", "o",
	"ya", "ia", "yu", "iu", "ye", "e", "yo", "io", "y", "i",
	"bb", "b", "dd", "d", "ff", "f", "gg", "g", "kk", "k", "ll", "l", "mm", "m", "nn", "n", "pp", "p", "rr", "r", "ss", "s", "tt", "t", "vv", "v", "zz", "z")

// bonesOf writes the consonants of a word in classes, without w and y.
func bonesOf(sound string) string {
	out := make([]byte, 0, len(sound))
	for i := range len(sound) {
		switch c := sound[i]; c {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'v', 'w':
			if (c == 'v' || c == 'w') && i == 0 {
				out = append(out, 'v')
			}
		case 'c', 'q':
			out = append(out, 'k')
		case 'h':
			if i+1 < len(sound) {
				out = append(out, c) // At the end it is hardly said.
			}
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// Bones are the consonants by which a word is found for words without vowels.
func (s *Spelling) Bones() string { return s.bones }

// Keys are the sounds by which a word is filed for words that sound like it.
func (s *Spelling) Keys() [2]string {
	return [2]string{skeleton(s.sound, ""), skeleton(s.sound, "vj")}
}

// BareKeys are more of the sounds by which a word without short vowels is looked
// for: z and s may be d and t, h and sh may be ch, b may be v.
func (s *Spelling) BareKeys() []string {
	var out []string
	for i, other := range bareReadings {
		text := other.Replace(s.sound)
		if i == 0 {
			text = single(text)
		}
		if text == s.sound {
			continue
		}
		for _, without := range [2]string{"", "vj"} {
			if key := skeleton(text, without); !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
	}
	return out
}

// bareReadings are what else the letters may be; the first changes none.
var bareReadings = []*strings.Replacer{
	strings.NewReplacer(),
	strings.NewReplacer("z", "d", "s", "t"), strings.NewReplacer("z", "d"), strings.NewReplacer("s", "t"),
	strings.NewReplacer("h", "k", "x", "k"), strings.NewReplacer("b", "v"),
}

// single writes a letter once that stands twice with a vowel between that may be
// none: who writes by ear doubles letters that Arabic writes once.
func single(sound string) string {
	out := make([]byte, 0, len(sound))
	for i := range len(sound) {
		if c := sound[i]; i > 1 && sound[i-1] == 'e' && c == sound[i-2] && !vowel(c) {
			out = out[:len(out)-1]
			continue
		}
		out = append(out, sound[i])
	}
	return string(out)
}

// Skeleton writes the consonant classes of a text of several words.
func Skeleton(text string) string { return skeleton(soundOf(text), "") }

// skeleton writes the consonant classes of a word, the first vowel as a;
// letters in without are left out too.
func skeleton(sound, without string) string {
	out := make([]byte, 0, len(sound))
	for i := range len(sound) {
		c := skeletonClass[sound[i]]
		switch {
		case c == 0 || strings.IndexByte(without, c) >= 0 && (i > 0 || c == 'j'):
			if i == 0 && sound[0] != 'h' {
				out = append(out, 'a')
			}
		case len(out) > 0 && out[len(out)-1] == c && i > 0 && skeletonClass[sound[i-1]] == c:
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

var skeletonClass = func() (class [256]byte) {
	for i := range class {
		class[i] = byte(i)
	}
	for from, to := range map[string]byte{"aeiouyh": 0, "kcqg": 'k', "szx": 's', "vwf": 'v', "td": 't', "bp": 'b', "mn": 'm'} {
		for i := range len(from) {
			class[from[i]] = to
		}
	}
	return class
}()

// Sound returns the word with groups of letters that spell one sound replaced.
func (s *Spelling) Sound() string { return s.sound }
