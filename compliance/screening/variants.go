package screening

import (
	"slices"

	"github.com/openremit/remit/compliance/screening/name"
)

// Bounds of learning spellings from the lists.
const (
	// maxAliases bounds the names of one entry that are compared with each other.
	maxAliases = 120
	// leastVariant is how like two words must be to be taken for spellings of
	// one: an alias may also be another name altogether.
	leastVariant = 5_500
	// variantAlike is the likeness of two spellings that one entry uses for each
	// other, moreAlike that of those used by several.
	variantAlike = 8_800
	moreAlike    = 9_500
	maxVariants  = 40
	// mostLearned bounds by how much more alike than they look words are taken to be.
	mostLearned = 2_500
)

// mineVariants learns which spellings the lists use for one another: two names of
// one entry that differ in one word only, such as Jevgenij and Evgeny.
func (x *Index) mineVariants() map[int32][]like {
	support := map[[2]int32]int32{}
	for from := 0; from < len(x.names); {
		to := from + 1
		for to < len(x.names) && x.names[to].entry == x.names[from].entry {
			to++
		}
		if to-from > 1 {
			x.pairsOf(from, min(to, from+maxAliases), support)
		}
		from = to
	}
	pairs := make([][2]int32, 0, len(support))
	for pair := range support {
		pairs = append(pairs, pair)
	}
	slices.SortFunc(pairs, func(a, b [2]int32) int {
		if a[0] != b[0] {
			return int(a[0] - b[0])
		}
		return int(a[1] - b[1])
	})
	out := map[int32][]like{}
	for _, pair := range pairs {
		alike := name.Alike(&x.vocab[pair[0]].spelling, &x.vocab[pair[1]].spelling)
		learned := variantAlike
		if support[pair] > 2 {
			learned = moreAlike
		}
		learned = min(learned, alike+mostLearned)
		if alike < leastVariant || alike >= learned || len(out[pair[0]]) >= maxVariants {
			continue
		}
		out[pair[0]] = append(out[pair[0]], like{pair[1], int32(learned), true})
	}
	return out
}

// pairsOf counts the pairs of words by which names of one entry differ.
func (x *Index) pairsOf(from, to int, support map[[2]int32]int32) {
	rest := map[uint64][]int32{}
	for i := from; i < to; i++ {
		n := &x.names[i]
		var all uint64
		words := x.wordsOf(n)
		for _, p := range words {
			all += mix(p.term)
		}
		for _, p := range words {
			if p.class != name.Telling || len(words) < 2 || len(x.vocab[p.term].spelling.Text) < 3 {
				continue
			}
			key := all - mix(p.term) + uint64(len(words))
			if !slices.Contains(rest[key], p.term) {
				rest[key] = append(rest[key], p.term)
			}
		}
	}
	found := map[[2]int32]bool{}
	for _, terms := range rest {
		for _, a := range terms {
			for _, b := range terms {
				if a != b {
					found[[2]int32{a, b}] = true
				}
			}
		}
	}
	for pair := range found {
		support[pair]++
	}
}

// mix spreads a number over 64 bits, so that sums of several tell which they were.
func mix(n int32) uint64 {
	z := uint64(n) + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
