package name

// alikeDigits lets a letter be a digit that looks like it, and nothing else:
// numbers that differ name other things.
func alikeDigits(a, b string) int {
	if len(a) != len(b) || len(a) < 4 {
		return 0
	}
	n := 0
	for i := range len(a) {
		if a[i] == b[i] {
			continue
		}
		if !looksLike(a[i], b[i]) && !looksLike(b[i], a[i]) {
			return 0
		}
		n++
	}
	if n > 2 {
		return 0
	}
	return Equal - 500*n
}

func looksLike(digit, letter byte) bool {
	switch digit {
	case '0':
		return letter == 'o'
	case '1':
		return letter == 'i' || letter == 'l'
	case '3':
		return letter == 'e'
	case '4':
		return letter == 'a'
	case '5':
		return letter == 's'
	case '8':
		return letter == 'b'
	default:
		return false
	}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] <= '9' {
			return true
		}
	}
	return false
}

// letterOf is the letter that machines read for a digit or the other way round.
var letterOf = map[byte]byte{'0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '8': 'b'}

// Undigit reads the digits of a word as the letters that machines take for them;
// it is empty for a word without digits, or with few letters beside.
func Undigit(text string) string {
	if !digits(text) {
		return ""
	}
	out, changed := []byte(text), 0
	for i, c := range out {
		if c > '9' {
			continue
		}
		letter, ok := letterOf[c]
		if !ok {
			return ""
		}
		out[i] = letter
		changed++
	}
	if 2*changed > len(out) {
		return ""
	}
	return trimEnd(trimAbd(string(out)))
}
