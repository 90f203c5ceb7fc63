package corridors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	_ "time/tzdata" // Cut-offs must not depend on the machine's zone files.

	"go.yaml.in/yaml/v3"

	"github.com/openremit/remit"
)

// maxFileBytes bounds one data file.
const maxFileBytes = 256 << 10

// LoadFS returns the catalogue of the files countries/*.yaml, coins/*.yaml and
// corridors/*.yaml, each named after the code or id it holds. The error names
// everything that is wrong with the data at once.
func LoadFS(data fs.FS) (*Catalogue, error) {
	var p problems
	c := &Catalogue{
		countries: make(map[remit.Country]Country),
		corridors: make(map[remit.CorridorID]Corridor),
	}
	for name, file := range readAll[countryFile](&p, data, "countries") {
		country := p.at("countries/" + name).country(file)
		if name != string(country.Code) {
			p.at("countries/"+name).add("code", "%q does not match the file's name", clip(string(country.Code)))
			continue
		}
		c.countries[country.Code] = country
	}
	c.coins = loadCoins(&p, readAll[coinFile](&p, data, "coins"))
	if err := p.err(); err != nil {
		return nil, err // Corridors make no sense over broken countries and coins.
	}
	for name, file := range readAll[corridorFile](&p, data, "corridors") {
		corridor := p.at("corridors/"+name).corridor(c, file)
		if name != string(corridor.ID) {
			p.at("corridors/"+name).add("from", "%q does not match the file's name", clip(string(corridor.ID)))
			continue
		}
		c.corridors[corridor.ID] = corridor
		c.order = append(c.order, corridor.ID)
	}
	slices.Sort(c.order)
	if len(c.order) == 0 {
		p.at("corridors").add("files", "there is no corridor")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// readAll decodes the YAML files of a folder strictly, by name without ending.
func readAll[T any](p *problems, data fs.FS, folder string) map[string]T {
	files := make(map[string]T)
	names, err := fs.Glob(data, folder+"/*.yaml")
	if err != nil {
		p.at(folder).add("files", "%v", err)
	}
	for _, name := range names {
		file, err := readFile[T](data, name)
		if err != nil {
			p.at(name).add("file", "%v", err)
			continue
		}
		files[strings.TrimSuffix(path.Base(name), ".yaml")] = file
	}
	return files
}

func readFile[T any](data fs.FS, name string) (T, error) {
	var file T
	text, err := fs.ReadFile(data, name)
	if err != nil {
		return file, fmt.Errorf("read: %w", err)
	}
	if len(text) > maxFileBytes {
		return file, fmt.Errorf("larger than %d bytes", maxFileBytes)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return file, fmt.Errorf("decode: %w", err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return file, errors.New("more than one document in the file")
	}
	return file, nil
}

// problems gathers what is wrong with the data, so that all of it is told at once.
type problems struct {
	list []string
}

func (p *problems) at(file string) *fileProblems { return &fileProblems{p: p, file: file} }

// err returns all problems in a fixed order, or nil.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	slices.Sort(p.list)
	return fmt.Errorf("corridor data has %d problems:\n  %s", len(p.list), strings.Join(p.list, "\n  "))
}

// fileProblems gathers the problems of one file.
type fileProblems struct {
	p    *problems
	file string
}

func (f *fileProblems) add(where, format string, args ...any) {
	f.p.list = append(f.p.list, f.file+": "+where+": "+fmt.Sprintf(format, args...))
}

// money reads an amount of the data files.
func (f *fileProblems) money(where string, a remit.Asset, text string) remit.Money {
	m, err := remit.ParseMoney(a, text)
	if err != nil {
		f.add(where, "%v", err)
		return remit.Money{Asset: a}
	}
	return m
}

func (f *fileProblems) currency(where, code string) remit.Asset {
	a, err := remit.Fiat(code)
	if err != nil {
		f.add(where, "%v", err)
	}
	return a
}

// oneOf checks that a word is one of a closed set.
func oneOf[T ~string](f *fileProblems, where, word string, set ...T) T {
	if !slices.Contains(set, T(word)) {
		f.add(where, "%q is not one of %s", clip(word), join(set))
	}
	return T(word)
}

// noRepeats checks that a list holds nothing twice and, if asked, something.
func noRepeats[T comparable](f *fileProblems, where string, list []T, needed bool) {
	if needed && len(list) == 0 {
		f.add(where, "the list is empty")
	}
	for i, item := range list {
		if slices.Contains(list[:i], item) {
			f.add(where, "%v is listed twice", item)
		}
	}
}
