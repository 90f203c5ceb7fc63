package list

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openremit/remit"
)

// builder collects the entries of one list.
type builder struct {
	list    string
	limits  Limits
	byID    map[string]*party
	parties []*party
	dated   Date
	shared  map[string]string
	// logical holds the EU's own numbers of its entities.
	logical map[string]bool
	// tooMuch is the id of an entry of which the list says more than the limit.
	tooMuch string
}

func newBuilder(name string, limits Limits) *builder {
	return &builder{list: name, limits: limits, byID: map[string]*party{}, shared: map[string]string{}, logical: map[string]bool{}}
}

// party is an entry in the making.
type party struct {
	Entry
	list    *builder
	remarks []string
	// said sums the hashes of all that the list says, so that the order in
	// which files and rows say it does not count.
	said [4]uint64
}

// add begins an entry. It returns nil and the reason when there cannot be one.
func (b *builder) add(id string) (*party, string) {
	switch {
	case id == "" || len(id) > 200:
		return nil, "an entry needs an id"
	case b.byID[id] != nil:
		return nil, "entry " + clip(id) + " is there twice"
	case len(b.parties) >= b.limits.Entries:
		return nil, "the list has too many entries"
	}
	p := &party{list: b}
	p.ID = strings.Clone(id)
	b.byID[p.ID] = p
	b.parties = append(b.parties, p)
	return p, ""
}

// share returns one copy of a string that many entries hold.
func (b *builder) share(s string) string {
	if got, ok := b.shared[s]; ok {
		return got
	}
	s = strings.Clone(s)
	b.shared[s] = s
	return s
}

// name adds a name unless it is empty or there already; of two equal ones the
// better kind stays. It returns the reason when the name cannot be taken.
func (p *party) name(n Name) string {
	n.Text = squeeze(n.Text)
	if !hasLetter(n.Text) {
		return ""
	}
	if len(n.Text) > p.list.limits.NameLetters && utf8.RuneCountInString(n.Text) > p.list.limits.NameLetters {
		return "a name is too long"
	}
	for i := range p.Names {
		had := &p.Names[i]
		if had.Text != n.Text {
			continue
		}
		if rank(n.Kind) < rank(had.Kind) {
			had.Kind = n.Kind
		}
		if had.Family == "" && had.Given == "" {
			had.Family, had.Given = squeeze(n.Family), squeeze(n.Given)
		}
		return ""
	}
	if len(p.Names) >= p.list.limits.EntryNames {
		return "an entry has too many names"
	}
	n.Text, n.Family, n.Given = strings.Clone(n.Text), strings.Clone(squeeze(n.Family)), strings.Clone(squeeze(n.Given))
	p.Names = append(p.Names, n)
	return ""
}

// room reports whether an entry that has n facts of a kind may have one more.
// When it may not the list will be refused.
func (p *party) room(n int) bool {
	if n < p.list.limits.EntryNames {
		return true
	}
	p.list.tooMuch = p.ID
	return false
}

func rank(k NameKind) int { return slices.Index([]NameKind{Full, Former, Weak}, k) }

// hasLetter reports whether text has a letter or a digit of any script.
func hasLetter(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
}

// country adds a country of nationality, residence, registration or address.
func (p *party) country(name string) {
	if code, ok := countryOf(name); ok && !slices.Contains(p.Countries, code) {
		p.Countries = append(p.Countries, code)
	}
}

// bornIn adds the country of a place of birth.
func (p *party) bornIn(name string) {
	if code, ok := countryOf(name); ok && !slices.Contains(p.BirthCountries, code) {
		p.BirthCountries = append(p.BirthCountries, code)
	}
}

func (p *party) birth(b Birth, ok bool) {
	if ok && p.room(len(p.Births)) && !slices.Contains(p.Births, b) {
		p.Births = append(p.Births, b)
	}
}

func (p *party) document(kind, number string, country remit.Country) {
	number = squeeze(number)
	if number == "" || number == "-" || len(number) > p.list.limits.NameLetters {
		return
	}
	d := Document{Type: kind, Number: number, Country: country}
	if p.room(len(p.Documents)) && !slices.Contains(p.Documents, d) {
		d.Number = strings.Clone(number)
		p.Documents = append(p.Documents, d)
	}
}

func (p *party) wallet(address string) {
	if address != "" && p.room(len(p.Wallets)) && !slices.Contains(p.Wallets, address) {
		p.Wallets = append(p.Wallets, strings.Clone(address))
	}
}

func (p *party) program(name string) {
	if name = squeeze(name); name != "" && p.room(len(p.Programs)) && !slices.Contains(p.Programs, name) {
		p.Programs = append(p.Programs, p.list.share(name))
	}
}

func (p *party) gender(text string) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "m", "male":
		p.Gender = "male"
	case "f", "female":
		p.Gender = "female"
	}
}

// remark adds what else the list says, under a label.
func (p *party) remark(label, text string) {
	if text = squeeze(text); text == "" {
		return
	}
	if label != "" {
		text = label + ": " + text
	}
	if p.room(len(p.remarks)) && !slices.Contains(p.remarks, text) {
		p.remarks = append(p.remarks, strings.Clone(text))
	}
}

// says takes fields into the digest; what names the table that they are in.
func (p *party) says(what string, fields ...string) {
	var room [512]byte
	text := append(room[:0], what...)
	for _, f := range fields {
		text = binary.AppendUvarint(text, uint64(len(f)))
		text = append(text, f...)
	}
	sum := sha256.Sum256(text)
	for i := range p.said {
		p.said[i] += binary.LittleEndian.Uint64(sum[8*i:])
	}
}

// entries finishes all entries, those in force on a day unless that is zero.
func (b *builder) entries(day Date) []Entry {
	out := make([]Entry, 0, len(b.parties))
	var text [16]byte
	for _, p := range b.parties {
		if day != (Date{}) && !p.InForce(day) {
			continue
		}
		binary.LittleEndian.PutUint64(text[:8], p.said[0])
		binary.LittleEndian.PutUint64(text[8:], p.said[1])
		p.Digest = hex.EncodeToString(text[:])
		p.List = b.list
		if len(p.remarks) == 1 {
			p.Remarks = p.remarks[0]
		} else {
			p.Remarks = strings.Join(p.remarks, "; ")
		}
		out = append(out, p.Entry)
	}
	return out
}

// squeeze trims text and makes one space of any run of white space.
func squeeze(s string) string {
	plain := s == "" || s[0] > ' ' && s[len(s)-1] > ' '
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] > ' ' && s[i] < 0x80 || s[i] == ' ' && s[i+1] != ' ' || s[i] >= 0x80 && s[i] != 0xc2 && s[i] != 0xe2 && s[i] != 0xe3
	}
	if plain {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}
