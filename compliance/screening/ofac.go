package screening

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/openremit/remit"
)

// maxListFile bounds one list file in bytes; OFAC's largest has about 5 MB.
const maxListFile = 64 << 20

// list describes one list and its files.
type list struct {
	name string
	// entries, aliases and addresses are needed, comments may be absent.
	entries, aliases, addresses, comments string
}

// sdn is the list of Specially Designated Nationals, consolidated all others
// of OFAC's; the latter may be absent.
var (
	sdn          = list{"ofac-sdn", "sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"}
	consolidated = list{"ofac-consolidated", "cons_prim.csv", "cons_alt.csv", "cons_add.csv", "cons_comments.csv"}
)

// FileNames are the list files that Load reads, the needed ones first.
func FileNames() (needed, optional []string) {
	return []string{sdn.entries, sdn.aliases, sdn.addresses},
		[]string{sdn.comments, consolidated.entries, consolidated.aliases, consolidated.addresses, consolidated.comments}
}

// entryKind is what a list entry is.
type entryKind uint8

const (
	kindEntity entryKind = iota
	kindPerson
	kindVessel
	kindAircraft
)

// entry is one listed party.
type entry struct {
	list, id, name, programs string
	kind                     entryKind
	aliases                  []alias
	births                   []birth
	countries                []remit.Country
	wallets                  []string
	// digest changes whenever anything that the files say of the entry does.
	digest  string
	remarks string
	raw     strings.Builder
}

// alias is one more name of an entry. Weak ones are nicknames.
type alias struct {
	name string
	weak bool
}

// row is one line of a list file.
type row struct {
	file string
	line int
	col  []string
}

func (r row) errorf(format string, args ...any) error {
	return fmt.Errorf("%s line %d: %s", r.file, r.line, fmt.Sprintf(format, args...))
}

// field returns a column, empty where the file says null.
func (r row) field(i int) string {
	text := strings.TrimSpace(r.col[i])
	if text == "-0-" {
		return ""
	}
	return text
}

// readList reads the files of one list. Errors name the file and the line.
func readList(folder fs.FS, l list) ([]*entry, []byte, error) {
	var all bytes.Buffer
	byID := map[string]*entry{}
	var entries []*entry
	err := eachRow(folder, l.entries, 12, &all, func(r row) error {
		e, err := newEntry(l, r)
		if err != nil {
			return err
		}
		if byID[e.id] != nil {
			return r.errorf("entry %s is there twice", e.id)
		}
		byID[e.id] = e
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if len(entries) == 0 {
		return nil, nil, fmt.Errorf("%s holds no entries", l.entries)
	}
	if err := readParts(folder, l, byID, &all); err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		e.readRemarks()
	}
	return entries, all.Bytes(), nil
}

func newEntry(l list, r row) (*entry, error) {
	e := &entry{list: l.name, id: r.field(0), name: r.field(1), programs: r.field(3), remarks: r.field(11)}
	if !number(e.id) || e.name == "" {
		return nil, r.errorf("an entry needs a number and a name")
	}
	switch strings.ToLower(r.field(2)) {
	case "":
		e.kind = kindEntity
	case "individual":
		e.kind = kindPerson
	case "vessel":
		e.kind = kindVessel
	case "aircraft":
		e.kind = kindAircraft
	default:
		return nil, r.errorf("%q is not a kind of entry", clip(r.field(2)))
	}
	e.addRaw(r)
	return e, nil
}

// readParts reads aliases, addresses and comments into their entries.
func readParts(folder fs.FS, l list, byID map[string]*entry, all *bytes.Buffer) error {
	part := func(file string, columns int, take func(*entry, row) error) error {
		return eachRow(folder, file, columns, all, func(r row) error {
			e := byID[r.field(0)]
			if e == nil {
				return r.errorf("there is no entry %q", clip(r.field(0)))
			}
			e.addRaw(r)
			return take(e, r)
		})
	}
	err := part(l.aliases, 5, func(e *entry, r row) error {
		if r.field(3) == "" {
			return r.errorf("an alias needs a name")
		}
		e.aliases = append(e.aliases, alias{name: r.field(3)})
		return nil
	})
	if err != nil {
		return err
	}
	err = part(l.addresses, 6, func(e *entry, r row) error {
		if country := r.field(4); country != "" {
			e.addCountry(country)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = part(l.comments, 2, func(e *entry, r row) error {
		e.remarks += strings.TrimSuffix(r.col[1], "\n")
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (e *entry) addRaw(r row) {
	for _, col := range r.col {
		e.raw.WriteString(col)
		e.raw.WriteByte(0)
	}
}

func (e *entry) addCountry(name string) {
	code, ok := countryCode(name)
	if !ok {
		return
	}
	for _, had := range e.countries {
		if had == code {
			return
		}
	}
	e.countries = append(e.countries, code)
}

// eachRow reads a headerless CSV file and hands on its rows. The control-Z that
// ends OFAC's files is dropped; bytes that are no UTF-8 are read as Latin-1.
func eachRow(folder fs.FS, name string, columns int, all *bytes.Buffer, take func(row) error) error {
	text, err := readFile(folder, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(all, "%s %d\n", name, len(text))
	all.Write(text)
	text = bytes.TrimRight(text, "\x1a\r\n")
	if !utf8.Valid(text) {
		text = fromLatin1(text)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1
	for {
		col, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return fmt.Errorf("%s line %d: %w", name, bad.Line, bad.Err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		line, _ := reader.FieldPos(0)
		r := row{file: name, line: line, col: col}
		if len(col) != columns {
			return r.errorf("it has %d columns, want %d", len(col), columns)
		}
		if err := take(r); err != nil {
			return err
		}
	}
}

func readFile(folder fs.FS, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open list file: %w", err)
	}
	defer file.Close() // Read only: nothing to lose.
	text, err := io.ReadAll(io.LimitReader(file, maxListFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxListFile {
		return nil, fmt.Errorf("%s has over %d bytes", name, maxListFile)
	}
	return text, nil
}

func fromLatin1(text []byte) []byte {
	out := make([]rune, len(text))
	for i, b := range text {
		out[i] = rune(b)
	}
	return []byte(string(out))
}

func number(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// clip shortens text from a file before it is quoted in a message.
func clip(s string) string {
	if len(s) <= 40 {
		return s
	}
	return s[:40] + "…"
}
