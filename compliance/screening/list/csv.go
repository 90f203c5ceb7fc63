package list

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// row is one record of a CSV file. Its fields are valid until the next row.
type row struct {
	file *file
	line int
	col  []string
	head map[string]int
}

func (r *row) errorf(text string, args ...any) error { return r.file.errorf(r.line, text, args...) }

// get returns the field under a heading, trimmed; empty where there is none.
func (r *row) get(heading string) string {
	i, ok := r.head[heading]
	if !ok || i >= len(r.col) {
		return ""
	}
	return strings.TrimSpace(r.col[i])
}

// csvForm is how a CSV file is written.
type csvForm struct {
	comma rune
	// latin1 reads fields that are no UTF-8 as Latin-1 rather than refusing them.
	latin1 bool
	// quotes allows quotation marks within a field that does not begin with one.
	quotes bool
	// columns is how many each row has; 0 for as many as the heading has.
	columns int
	// heading must hold these; none means that there is no heading row.
	heading []string
	// preamble sees the rows before the heading.
	preamble func(col []string)
}

// rows reads a CSV file and hands on its rows. It refuses rows with a number of
// columns that is not the form's, bytes that are no text, and a file without
// any row.
func (f *file) rows(form csvForm, take func(*row) error) error {
	in, err := f.open()
	if err != nil {
		return err
	}
	defer in.close()
	reader := csv.NewReader(in)
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord = form.comma, -1, true
	reader.LazyQuotes = form.quotes
	r := &row{file: f}
	if len(form.heading) > 0 {
		if err := r.readHeading(reader, &form); err != nil {
			return err
		}
	}
	count := 0
	for {
		end, err := r.next(reader, &form)
		if err != nil {
			return err
		}
		if end {
			break
		}
		count++
		if err := take(r); err != nil {
			return err
		}
	}
	if count == 0 {
		return f.errorf(0, "it holds no entries")
	}
	if err := in.done(); err != nil {
		return err
	}
	if form.latin1 && in.last != '\n' && in.last != '\x1a' {
		return f.errorf(r.line, "the last row has no end; the file may be truncated")
	}
	return nil
}

// next reads a row; end says that there was none.
func (r *row) next(reader *csv.Reader, form *csvForm) (end bool, err error) {
	col, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		reason := "it is no proper CSV"
		if errors.Is(bad.Err, csv.ErrQuote) {
			reason = "a quotation mark stands alone, or the file is truncated within one"
		}
		return false, &FileError{File: r.file.path, Line: bad.Line, Reason: reason, Err: bad.Err}
	}
	line, _ := reader.FieldPos(0)
	if err != nil {
		return false, r.file.wrap(r.line+1, "read", err)
	}
	r.line, r.col = line, col
	if form.latin1 && len(col) == 1 && col[0] == "\x1a" {
		// Control-Z ends the older files of OFAC.
		if _, err := reader.Read(); !errors.Is(err, io.EOF) {
			return false, r.errorf("there is more after the end of the file")
		}
		r.file.marked = true
		return true, nil
	}
	if last := len(col) - 1; form.latin1 {
		if rest, found := strings.CutSuffix(col[last], "\x1a"); found {
			col[last], r.file.marked = rest, true
		}
	}
	if err := r.check(form); err != nil {
		return false, err
	}
	if form.columns > 0 && len(col) != form.columns {
		return false, r.errorf("it has %d columns, want %d; the file may be truncated", len(col), form.columns)
	}
	return false, nil
}

// check refuses what is no text and reads Latin-1 where the form allows it.
func (r *row) check(form *csvForm) error {
	for i, field := range r.col {
		if len(field) > r.file.limits.FieldBytes {
			return r.errorf("a field has over %d bytes", r.file.limits.FieldBytes)
		}
		if !utf8.ValidString(field) {
			if !form.latin1 {
				return r.errorf("a field is not in UTF-8")
			}
			r.col[i] = fromLatin1(field)
		}
		if strings.IndexByte(field, 0) >= 0 {
			return r.errorf("a field holds a zero byte; the file may be in UTF-16")
		}
	}
	return nil
}

// readHeading reads up to the heading row, which may follow a few others.
func (r *row) readHeading(reader *csv.Reader, form *csvForm) error {
	const before = 5
	want := form.columns
	form.columns = 0
	for range before {
		end, err := r.next(reader, form)
		if err != nil {
			return err
		}
		if end {
			break
		}
		head := headings(r.col)
		if !hasAll(head, form.heading) {
			if form.preamble != nil {
				form.preamble(r.col)
			}
			continue
		}
		if len(head) != len(r.col) {
			return r.errorf("a heading is there twice")
		}
		r.head, form.columns = head, want
		if want == 0 {
			form.columns = len(r.col)
		}
		return nil
	}
	return r.file.errorf(1, "it has no heading row with %s", strings.Join(form.heading, ", "))
}

// headings maps the headings of a row to their columns, as they are written but
// for spaces around them.
func headings(col []string) map[string]int {
	head := map[string]int{}
	for i, name := range col {
		head[strings.Clone(strings.TrimSpace(name))] = i
	}
	return head
}

func hasAll(head map[string]int, names []string) bool {
	for _, name := range names {
		if _, ok := head[name]; !ok {
			return false
		}
	}
	return true
}

func fromLatin1(s string) string {
	out := make([]rune, len(s))
	for i := range len(s) {
		out[i] = rune(s[i])
	}
	return string(out)
}

// split cuts a field into its trimmed, non-empty parts.
func split(s, mark string) []string {
	var out []string
	for part := range strings.SplitSeq(s, mark) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
