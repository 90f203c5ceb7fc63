package name

// Costs of comparing a word without short vowels, in hundredths of a letter.
const (
	// costUnwritten: a vowel inside the other word that is not written here.
	costUnwritten = 8
	// costEnd: a vowel at the other word's end, where it mostly is written.
	costEnd = 55
	// costLong: a long vowel that the other word does not have.
	costLong = 50
	// costMaqsura: the last letter of Mortaza, which Persian writes as an i.
	costMaqsura = 8
	// costSilent: the h that ends names in -ah and -eh.
	costSilent = 8
	// costGlide: the i of a diphthong: Meir and Mer.
	costGlide = 20
	// mostBare is the likeness of words that agree in all that is written.
	mostBare = 9_700
)

// alikeBones compares words of which one has no short vowels.
func alikeBones(a, b *Spelling) int {
	if a.Bare && b.Bare {
		return likeness(distance(a.sound, b.sound, Equal/2)*5/4, a.sound, b.sound)
	}
	bare, other := a, b
	if b.Bare {
		bare, other = b, a
	}
	if len(bare.sound) < 2 || len(other.sound) > maxCompared || len(bare.sound) > maxCompared {
		return 0
	}
	n := 100 * max(len(bare.sound), len(other.bones))
	cost := bareDistance(bare.sound, other.sound, int32(n))
	if len(bare.bones) < 3 {
		cost = cost * 4 / 3
	}
	return max(0, mostBare-mostBare*cost/n)
}

// bareDistance is the cost of reading a word without short vowels as another. It
// may stop at a cost of limit or more.
func bareDistance(bare, other string, limit int32) int {
	if len(bare) <= shortWord && len(other) <= shortWord {
		var rows [2][shortWord + 1]int32
		var spares [shortWord]int32
		return fillBare(bare, other, rows[0][:], rows[1][:], spares[:], limit)
	}
	var rows [2][maxCompared + 1]int32
	var spares [maxCompared]int32
	return fillBare(bare, other, rows[0][:], rows[1][:], spares[:], limit)
}

// fillBare works out the costs row by row, see bareDistance.
func fillBare(bare, other string, above, row, spares []int32, limit int32) int {
	spares = spares[:len(other)]
	for j := range spares {
		spares[j] = unwritten(other, j)
		above[j+1] = above[j] + spares[j]
	}
	for i := 1; i <= len(bare); i++ {
		c := bare[i-1]
		drop := int32(costLetter)
		switch {
		case i > 1 && bare[i-2] == c, i > 2 && bare[i-2] == 'e' && bare[i-3] == c:
			drop = costDouble
		case c == 'e':
			drop = costUnwritten
		case c == 'h':
			drop = costH
		case c == 'i' && i > 1 && (bare[i-2] == 'a' || bare[i-2] == 'e'):
			drop = costGlide
		case c == 'a' || c == 'i' || c == 'v' || c == 'u' || c == 'o':
			drop = costLong
		}
		left := above[0] + drop
		row[0] = left
		least := left
		for j, more := range spares {
			change := readAs(c, other[j])
			if c == 'i' && other[j] == 'a' && i == len(bare) && j == len(other)-1 {
				change = costMaqsura
			}
			left = min(above[j]+change, left+more, above[j+1]+drop)
			row[j+1] = left
			least = min(least, left)
		}
		if least >= limit {
			return int(least)
		}
		above, row = row, above
	}
	return int(above[len(other)])
}

// unwritten is the cost of a letter of a word that is not written without vowels.
func unwritten(s string, j int) int32 {
	switch c := s[j]; {
	case j > 0 && s[j-1] == c:
		return costDouble / 2
	case c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u':
		if j == 0 {
			return costEnd
		}
		if j == len(s)-1 && (c == 'i' || c == 'o' || c == 'u') {
			return costEnd
		}
		if j == len(s)-1 {
			return costEnd / 2
		}
		return costUnwritten
	case c == 'h' && j > 0 && j == len(s)-1 && vowel(s[j-1]):
		return costSilent
	case c == 'h':
		return costH
	default:
		return costLetter
	}
}

// readAs is the cost of reading a written letter as another.
func readAs(c, as byte) int32 {
	switch {
	case c == as:
		return 0
	case c == 'e' && vowel(as):
		return costUnwritten
	case c == 'a' && vowel(as), c == 'i' && as == 'e':
		return 20
	case c == 'i' && vowel(as), c == 'v' && as == 'a':
		return 40
	case c == 'v' && (as == 'u' || as == 'o'):
		return 3
	case c == 'h' && (as == 'a' || as == 'e'):
		return 15
	default:
		return int32(bareCosts[c&127][as&127])
	}
}

// bareCosts are soundCosts for words without short vowels, whose letters languages
// and romanisations read in their own ways.
var bareCosts = func() [128][128]uint8 {
	costs := soundCosts
	for _, c := range []struct {
		written byte
		as      string
		cost    uint8
	}{
		{'z', "d", 10},  // Arabic dad, dhal and za: Ramadan and Ramezan.
		{'s', "t", 20},  // Arabic tha: Houthi and Husi.
		{'k', "g", 15},  // Arabic qaf: Qoli and Gholi.
		{'g', "kh", 20}, // Arabic ghayn.
		{'j', "gz", 25}, // Arabic jim in Egypt.
		{'x', "c", 15},  // Arabic shin as French writes it.
		{'h', "ck", 15}, // Hebrew het: Chaim and Haim.
		{'k', "ch", 20}, // Hebrew kaf: Mordechai and Mordekhai.
		{'b', "vp", 15}, // Hebrew bet, and the p that Arabic does not have.
		{'f', "p", 10},  // Hebrew pe.
		{'i', "j", 20},  // Hebrew yod.
		{'v', "f", 30},
	} {
		for i := range len(c.as) {
			costs[c.written][c.as[i]] = c.cost
		}
	}
	return costs
}()
