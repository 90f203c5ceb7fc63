package name

import "strings"

// The Indian scripts from Devanagari to Malayalam keep one layout in blocks of
// 128 characters, so that one table reads them all.
var (
	indicVowels = map[rune]string{0x05: "a", 0x06: "a", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "ri", 0x0D: "e", 0x0E: "e",
		0x0F: "e", 0x10: "ai", 0x11: "o", 0x12: "o", 0x13: "o", 0x14: "au"}
	indicConsonants = strings.Fields("k kh g gh n ch chh j jh n t th d dh n t th d dh n n p ph b bh m y r r l l l v sh sh s h")
	indicSigns      = map[rune]string{0x3E: "a", 0x3F: "i", 0x40: "i", 0x41: "u", 0x42: "u", 0x43: "ri", 0x45: "e", 0x46: "e", 0x47: "e",
		0x48: "ai", 0x49: "o", 0x4A: "o", 0x4B: "o", 0x4C: "au"}
	// indicLetters are letters with a dot that Unicode keeps apart.
	indicLetters = map[rune]string{0x58: "q", 0x59: "kh", 0x5A: "gh", 0x5B: "z", 0x5C: "r", 0x5D: "rh", 0x5E: "f", 0x5F: "y"}
)

const (
	indicVirama = 0x4D
	indicNukta  = 0x3C
)

// indic writes a word of an Indian script. The vowel a after each consonant is
// left out at the end of a word, as it is not spoken there.
func indic(run []rune) string {
	var b strings.Builder
	pending := false
	vowel := func(s string) {
		b.WriteString(s)
		pending = false
	}
	for _, r := range run {
		if r < 0x900 || r >= 0xD80 {
			b.WriteString(letter(r, false))
			continue
		}
		at := r & 0x7F
		switch {
		case indicSigns[at] != "":
			vowel(indicSigns[at])
		case at == indicVirama:
			pending = false
		case at == indicNukta:
		case at >= 0x15 && at <= 0x39, indicLetters[at] != "":
			if pending {
				b.WriteByte('a')
			}
			if s := indicLetters[at]; s != "" {
				b.WriteString(s)
			} else {
				b.WriteString(indicConsonants[at-0x15])
			}
			pending = true
		case indicVowels[at] != "":
			if pending {
				b.WriteByte('a')
			}
			vowel(indicVowels[at])
		case at == 0x01 || at == 0x02: // Nasals.
			if pending {
				b.WriteByte('a')
			}
			vowel("n")
		case at >= 0x66 && at <= 0x6F:
			vowel(string('0' + at - 0x66))
		}
	}
	return b.String()
}

// thaiLetters are the consonants from U+0E01 on and the vowels.
var (
	thaiLetters = strings.Fields("k kh kh kh kh kh ng ch ch ch s ch y d t th th th n d t th th th n b p ph f ph f ph m y r ru l lu w s s s h l o h")
	thaiVowels  = map[rune]string{0xE30: "a", 0xE31: "a", 0xE32: "a", 0xE33: "am", 0xE34: "i", 0xE35: "i", 0xE36: "ue", 0xE37: "ue",
		0xE38: "u", 0xE39: "u", 0xE40: "e", 0xE41: "ae", 0xE42: "o", 0xE43: "ai", 0xE44: "ai"}
)

// thai writes a Thai word. Vowels written before their consonant go behind it;
// unwritten ones are missing, so that such words are compared by consonants.
func thai(run []rune) string {
	var b strings.Builder
	held := ""
	for i, r := range run {
		switch {
		case i+1 < len(run) && run[i+1] == 0xE4C: // A silent letter.
		case r >= 0xE01 && r <= 0xE2E:
			if r == 0xE2D && i > 0 {
				b.WriteString("o")
			} else if r != 0xE2D {
				b.WriteString(thaiLetters[r-0xE01])
			}
			b.WriteString(held)
			held = ""
		case r >= 0xE40 && r <= 0xE44:
			held = thaiVowels[r]
		case thaiVowels[r] != "":
			b.WriteString(thaiVowels[r])
		case r < 0xE00 || r > 0xE7F:
			b.WriteString(letter(r, false))
		}
	}
	return b.String() + held
}

// ethiopicRows are the consonants of the syllables from U+1200 on, eight each.
var (
	ethiopicRows   = strings.Split("h,l,h,m,s,r,s,sh,q,q,q,q,b,v,t,ch,h,h,n,n,,k,k,k,k,w,,z,zh,y,d,d,j,g,g,g,t,ch,p,ts,ts,f,p", ",")
	ethiopicVowels = strings.Split("e,u,i,a,e,,o,wa", ",")
)

// ethiopic writes Amharic and Tigrinya. The sixth order has no vowel or a slight one.
func ethiopic(run []rune) string {
	var b strings.Builder
	for _, r := range run {
		if r < 0x1200 || int(r-0x1200)/8 >= len(ethiopicRows) {
			b.WriteString(letter(r, false))
			continue
		}
		row, order := int(r-0x1200)/8, int(r-0x1200)%8
		vowel := ethiopicVowels[order]
		if ethiopicRows[row] == "" && order == 0 {
			vowel = "a"
		}
		if ethiopicRows[row] == "" && order == 5 {
			vowel = "i"
		}
		b.WriteString(ethiopicRows[row] + vowel)
	}
	return b.String()
}
