package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync"
)

// Index answers which listed names are like a given one. What it answers never
// changes after it was built, and it is safe for concurrent use.
type Index struct {
	entries []*entry
	names   []listed
	vocab   []term
	byText  map[string]int32
	// near finds terms by what is left when a letter is dropped, and by sound.
	near map[uint64][]int32
	// glued finds names by two neighbouring words written as one.
	glued    map[string][]int32
	wallets  map[string][]int32
	versions map[string]string
	counts   map[string]int
	// tallies keeps what queries count in, liked what they found for single words.
	tallies sync.Pool
	liked   liked
}

// listed is one name of an entry.
type listed struct {
	entry int32
	text  string
	terms []int32
	// family counts the words before the comma of a person's name, 0 where the
	// list does not tell.
	family int
	weak   bool
}

// term is one word of the lists.
type term struct {
	text      string
	spellings []spelling
	// weight grows with rarity; slight words (particles, company forms) weigh little.
	weight int
	slight bool
	names  []int32
}

// The weights of words.
const (
	// weightStep is the weight of each halving of how often a word is listed.
	weightStep = 100
	// unlistedWeight is that of a word which no list holds.
	unlistedWeight = 1000
	slightWeight   = 60
)

// Load reads the list files of a folder, see FileNames, and indexes them. The
// folder may be one that Lists.Update keeps. Errors: a needed file is missing; a
// file is malformed, with its name and line.
func Load(folder fs.FS) (*Index, error) {
	folder, err := currentFolder(folder)
	if err != nil {
		return nil, err
	}
	x := &Index{
		byText: map[string]int32{}, near: map[uint64][]int32{}, glued: map[string][]int32{},
		wallets: map[string][]int32{}, versions: map[string]string{}, counts: map[string]int{},
	}
	for _, l := range []list{sdn, consolidated} {
		entries, raw, err := readList(folder, l)
		if l == consolidated && errors.Is(err, fs.ErrNotExist) && !exists(folder, l.entries) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", l.name, err)
		}
		sum := sha256.Sum256(raw)
		x.versions[l.name] = hex.EncodeToString(sum[:8])
		x.counts[l.name] = len(entries)
		for _, e := range entries {
			if err := x.add(e); err != nil {
				return nil, fmt.Errorf("load %s: %w", l.name, err)
			}
		}
	}
	x.finish()
	return x, nil
}

func exists(folder fs.FS, name string) bool {
	_, err := fs.Stat(folder, name)
	return err == nil
}

// Versions names the state of each list by the hash of its files.
func (x *Index) Versions() map[string]string { return maps.Clone(x.versions) }

// Counts returns how many entries each list has.
func (x *Index) Counts() map[string]int { return maps.Clone(x.counts) }

func (x *Index) add(e *entry) error {
	place := int32(len(x.entries))
	sum := sha256.Sum256([]byte(e.raw.String()))
	e.digest = hex.EncodeToString(sum[:])
	e.raw.Reset()
	e.remarks = ""
	x.entries = append(x.entries, e)
	for _, wallet := range e.wallets {
		key := walletKey(wallet)
		x.wallets[key] = append(x.wallets[key], place)
	}
	if err := x.addName(place, alias{name: e.name}); err != nil {
		return err
	}
	for _, a := range e.aliases {
		if err := x.addName(place, a); err != nil && !a.weak {
			return err
		}
	}
	return nil
}

// addName indexes one name. A listed name that cannot be read is an error: to
// leave it out would be to screen less than the list says.
func (x *Index) addName(place int32, a alias) error {
	spelled, err := words(a.name)
	if err != nil {
		return fmt.Errorf("entry %s: %w: %q", x.entries[place].id, err, clip(a.name))
	}
	name := listed{entry: place, text: a.name, weak: a.weak}
	if x.entries[place].kind == kindPerson {
		if before, _, ok := strings.Cut(a.name, ","); ok {
			if family, err := words(before); err == nil {
				name.family = len(family)
			}
		}
	}
	number := int32(len(x.names))
	for _, w := range spelled {
		name.terms = append(name.terms, x.term(w.text, number))
	}
	for i := range len(spelled) - 1 {
		pair := spelled[i].text + spelled[i+1].text
		x.glued[pair] = append(x.glued[pair], number)
	}
	x.names = append(x.names, name)
	return nil
}

// term returns the number of a word and notes the name that has it.
func (x *Index) term(text string, name int32) int32 {
	number, ok := x.byText[text]
	if !ok {
		number = int32(len(x.vocab))
		x.byText[text] = number
		spelled := spellings(text)
		x.vocab = append(x.vocab, term{text: text, spellings: spelled, slight: slight(text)})
		for _, key := range keys(spelled) {
			x.near[key] = append(x.near[key], number)
		}
	}
	t := &x.vocab[number]
	if n := len(t.names); n == 0 || t.names[n-1] != name {
		t.names = append(t.names, name)
	}
	return number
}

// finish weighs the words once all names are known.
func (x *Index) finish() {
	names := len(x.names)
	x.tallies.New = func() any {
		return &tally{gain: make([]int32, names), best: make([]int32, names), words: make([]int16, names)}
	}
	for i := range x.vocab {
		t := &x.vocab[i]
		t.weight = rarity(len(x.names), len(t.names))
		if t.slight {
			t.weight = slightWeight
		}
	}
}

// rarity is weightStep for each halving of the names that have a word. Whole
// numbers keep scores equal on every machine.
func rarity(names, having int) int {
	return weightStep * (1 + bits.Len(uint(names/max(having, 1))))
}

// keys are the places where a word is filed for words like it: itself and each
// form with a letter dropped, also without a glued article, and its sounds.
func keys(spelled []spelling) []uint64 {
	var out []uint64
	for _, s := range spelled {
		out = append(out, key('d', s.text, ""))
		if len(s.text) >= 4 {
			for i := range len(s.text) {
				out = append(out, key('d', s.text[:i], s.text[i+1:]))
			}
		}
		for _, sound := range s.sounds {
			if len(sound) >= 2 {
				out = append(out, key('s', sound, ""))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// key hashes two parts of a word as one text (FNV-1a). That two words share a
// key by accident does no harm, as they are compared afterwards.
func key(kind byte, head, tail string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := (uint64(offset) ^ uint64(kind)) * prime
	for _, part := range [2]string{head, tail} {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
	}
	return h
}

// slight reports whether a word says little about who it names.
func slight(text string) bool { return particles[text] || forms[text] || len(text) == 1 }

// walletKey folds what is not part of a wallet address: hexadecimal and bech32
// addresses read the same in either case, base58 ones do not.
func walletKey(address string) string {
	address = strings.TrimSpace(address)
	low := strings.ToLower(address)
	if strings.HasPrefix(low, "0x") || strings.HasPrefix(low, "bc1") || strings.HasPrefix(low, "ltc1") {
		return low
	}
	return address
}
