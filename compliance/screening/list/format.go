package list

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

// format is how a list file is written.
type format uint8

const (
	unknown format = iota
	ofacEntries
	ofacAliases
	ofacAddresses
	ofacComments
	ofacXML
	ofacAdvanced
	unXML
	fsfCSV
	fsfXML
	euNames
	ukCSV
	ukSubjects
	ukNames
	ukBirths
	ukIdentifiers
	ukCountries
	openSanctions
	ownCSV
	ownJSON
)

// errPassed marks a file that is no list and need not be one.
var errPassed = errors.New("it is no list")

// recognise finds out a file's format by what it holds. For files of OFAC it
// returns the ids of the first rows.
func (f *file) recognise() (ids []string, err error) {
	in, err := f.open()
	if err != nil {
		return nil, err
	}
	defer in.close()
	head, err := in.Peek(peekBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, f.wrap(0, "read", err)
	}
	whole := errors.Is(err, io.EOF)
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(text) == 0:
		return nil, f.errorf(0, "it is empty")
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return nil, f.errorf(1, "it is in UTF-16, want UTF-8")
	case text[0] == '<':
		f.format, err = f.recogniseXML(text)
		return nil, err
	case text[0] == '{':
		f.format = ownJSON
		return nil, nil
	}
	f.format, ids = recogniseCSV(text, whole)
	if f.format != unknown {
		return ids, nil
	}
	if documentation(f.path) {
		return nil, errPassed
	}
	return nil, f.errorf(1, "its format is not known: it begins with %q", clip(firstLine(text)))
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text[:min(len(text), 200)]), "\n")
	return strings.TrimSpace(line)
}

// documentation tells by its name a file that may lie beside lists without being one.
func documentation(name string) bool {
	base := strings.ToUpper(path.Base(name))
	switch path.Ext(base) {
	case ".MD", ".TXT", ".YML", ".YAML", ".SHA256":
		return true
	}
	return strings.HasPrefix(base, "README") || strings.HasPrefix(base, "LICENSE")
}

func (f *file) recogniseXML(text []byte) (format, error) {
	lower := bytes.ToLower(text[:min(len(text), 2000)])
	if bytes.Contains(lower, []byte("<html")) || bytes.HasPrefix(lower, []byte("<!doctype html")) {
		return unknown, f.errorf(1, "it is a web page, not a list")
	}
	raw := xml.NewDecoder(bytes.NewReader(text))
	raw.CharsetReader = charset
	for {
		token, err := raw.RawToken()
		line, _ := raw.InputPos()
		if err != nil {
			return unknown, f.wrap(line, "it is no proper XML", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return unknown, f.errorf(line, "it has a document type, which is not read")
		case xml.StartElement:
			for root, form := range map[string]format{
				"sdnList": ofacXML, "Sanctions": ofacAdvanced, "SanctionsData": ofacAdvanced,
				"CONSOLIDATED_LIST": unXML, "export": fsfXML,
			} {
				if t.Name.Local == root {
					return form, nil
				}
			}
			return unknown, f.errorf(line, "its format is not known: its root element is %s", clip(t.Name.Local))
		}
	}
}

// csvHeadings are the headings by which CSV files are told apart.
var csvHeadings = []struct {
	format format
	comma  rune
	names  []string
}{
	{fsfCSV, ';', []string{"Entity_LogicalId", "NameAlias_WholeName"}},
	{ukCSV, ',', []string{"Unique ID", "Name 6", "Name type"}},
	{ukSubjects, ',', []string{"unique_id", "subject_type"}},
	{ukNames, ',', []string{"unique_id", "name_type", "full_name"}},
	{ukBirths, ',', []string{"dob_id", "unique_id", "year"}},
	{ukIdentifiers, ',', []string{"unique_id", "identifier_type", "raw_value"}},
	{ukCountries, ',', []string{"unique_id", "country_type", "raw_value"}},
	{openSanctions, ',', []string{"id", "schema", "name", "aliases", "birth_date"}},
	{ownCSV, ',', []string{"list", "id", "name", "owner", "approved_by"}},
	{euNames, ',', []string{"Name", "Alias", "Nationality", "Designation"}},
}

// recogniseCSV looks at the first rows. A row that the end of text cuts counts
// only when the text is the whole file.
func recogniseCSV(text []byte, whole bool) (format, []string) {
	if !whole {
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	for _, comma := range []rune{',', ';'} {
		rows := firstRows(text, comma)
		for _, row := range rows[:min(len(rows), 5)] {
			head := headings(row)
			for _, known := range csvHeadings {
				if known.comma == comma && hasAll(head, known.names) {
					return known.format, nil
				}
			}
		}
		if comma == ',' && len(rows) > 0 {
			if form := ofacPart(rows[0]); form != unknown {
				var ids []string
				for _, row := range rows {
					ids = append(ids, strings.TrimSpace(row[0]))
				}
				return form, ids
			}
		}
	}
	return unknown, nil
}

// firstRows reads as many rows as can be read, up to a bound.
func firstRows(text []byte, comma rune) [][]string {
	const most = 300
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = comma, -1
	var rows [][]string
	for len(rows) < most {
		row, err := reader.Read()
		if err != nil || len(row) == 1 && row[0] == "\x1a" {
			break
		}
		rows = append(rows, row)
	}
	return rows
}

// ofacPart tells the tables of OFAC apart, which have no headings.
func ofacPart(row []string) format {
	if !digits(strings.TrimSpace(row[0])) {
		return unknown
	}
	second := len(row) > 1 && digits(strings.TrimSpace(row[1]))
	switch {
	case len(row) == 12 && !second:
		return ofacEntries
	case len(row) == 5 && second:
		return ofacAliases
	case len(row) == 6 && second:
		return ofacAddresses
	case len(row) == 2 && !second:
		return ofacComments
	default:
		return unknown
	}
}
