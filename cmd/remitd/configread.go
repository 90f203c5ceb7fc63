package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a configuration file.
const (
	maxConfigBytes = 256 << 10
	maxConfigDepth = 8
	maxConfigItems = 1_000
)

// configProblems gathers all that is wrong with a configuration, each line by
// its path, with the reason and what to do.
type configProblems []string

func (p *configProblems) add(path string, line int, format string, args ...any) {
	where := ""
	if line > 0 {
		where = fmt.Sprintf(" (line %d)", line)
	}
	*p = append(*p, path+where+": "+fmt.Sprintf(format, args...))
}

// err is all of them in one error, or nil.
func (p *configProblems) err(file string) error {
	if len(*p) == 0 {
		return nil
	}
	noun := "problems"
	if len(*p) == 1 {
		noun = "problem"
	}
	return fmt.Errorf("%s has %d %s, and nothing was started:\n  %s", file, len(*p), noun, strings.Join(*p, "\n  "))
}

// section is one object of a configuration while it is read. What nobody asks
// for is refused by done.
type section struct {
	problems *configProblems
	path     string
	line     int
	values   map[string]*yaml.Node
	order    []string
	known    []string
}

// readConfig opens the one document of a YAML or JSON text.
func readConfig(text []byte, problems *configProblems) *section {
	if len(text) > maxConfigBytes {
		problems.add("file", 0, "it has more than %d bytes: keep only what configures settlement in it", maxConfigBytes)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			problems.add("file", 0, "it is empty: say at least which coins a rail pays, or remove it for the defaults")
			return nil
		}
		problems.add("file", 0, "it is neither YAML nor JSON (%v): correct it there", err)
		return nil
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		problems.add("file", 0, "it has a second document: put everything into the first")
		return nil
	}
	if len(document.Content) != 1 || !plainYAML(document.Content[0], 0, problems) {
		return nil
	}
	return openSection(document.Content[0], "", problems)
}

// plainYAML refuses what makes a text mean other than it looks: references,
// tags, and depth.
func plainYAML(n *yaml.Node, depth int, problems *configProblems) bool {
	switch {
	case depth > maxConfigDepth || len(n.Content) > maxConfigItems:
		problems.add("file", n.Line, "it is nested more than %d deep or has more than %d things in one place: simplify it", maxConfigDepth, maxConfigItems)
		return false
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		problems.add("file", n.Line, "it has an anchor or a reference: write the value out where it is used")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		problems.add("file", n.Line, "it has the tag %s: write the value without one", clipped(n.Tag))
		return false
	}
	for _, c := range n.Content {
		if !plainYAML(c, depth+1, problems) {
			return false
		}
	}
	return true
}

func openSection(n *yaml.Node, path string, problems *configProblems) *section {
	s := &section{problems: problems, path: path, line: n.Line, values: make(map[string]*yaml.Node)}
	if n.Kind != yaml.MappingNode {
		problems.add(s.name(), n.Line, "it is not an object: write keys and values, each on a line")
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if s.values[key.Value] != nil {
			problems.add(s.at(key.Value), key.Line, "the key is there twice: keep one")
			continue
		}
		s.values[key.Value] = n.Content[i+1]
		s.order = append(s.order, key.Value)
	}
	return s
}

func (s *section) name() string {
	if s.path == "" {
		return "file"
	}
	return s.path
}

func (s *section) at(key string) string {
	if s.path == "" {
		return clipped(key)
	}
	return s.path + "." + clipped(key)
}

// value is the value of a key; nil where it is absent or null.
func (s *section) value(key string) *yaml.Node {
	s.known = append(s.known, key)
	n := s.values[key]
	if n == nil || (n.Kind == yaml.ScalarNode && n.Tag == "!!null") {
		return nil
	}
	return n
}

// bad notes what is wrong with a key's value.
func (s *section) bad(key, format string, args ...any) {
	line := s.line
	if n := s.values[key]; n != nil {
		line = n.Line
	}
	s.problems.add(s.at(key), line, format, args...)
}

// text is a text, "" where it is absent.
func (s *section) text(key string) string {
	n := s.value(key)
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || n.Value == "" {
		s.bad(key, "it is not a text: write one, in quotes if it has only digits")
		return ""
	}
	return n.Value
}

// decimal is the text of an amount, with or without quotes, as it is written.
func (s *section) decimal(key string) string {
	n := s.value(key)
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains([]string{"!!str", "!!int", "!!float"}, n.Tag) || n.Value == "" {
		s.bad(key, "it is not an amount: write it as 50000 or \"50000.25\"")
		return ""
	}
	return n.Value
}

// number is a whole number within bounds, otherwise where it is absent.
func (s *section) number(key string, least, most, otherwise int64) int64 {
	n := s.value(key)
	if n == nil {
		return otherwise
	}
	got, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil || got < least || got > most {
		s.bad(key, "%q is not a whole number from %d to %d: give one", clipped(n.Value), least, most)
		return otherwise
	}
	return got
}

func (s *section) flag(key string, otherwise bool) bool {
	n := s.value(key)
	if n == nil {
		return otherwise
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		s.bad(key, "%q is not true or false: write one of them", clipped(n.Value))
		return otherwise
	}
	return strings.EqualFold(n.Value, "true")
}

// word is one of a closed set, the first where it is absent.
func (s *section) word(key string, set ...string) string {
	n := s.value(key)
	if n == nil {
		return set[0]
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains(set, n.Value) {
		s.bad(key, "%q is not one of %s: write one of them", clipped(n.Value), strings.Join(set, ", "))
		return set[0]
	}
	return n.Value
}

// object is the section of a key; nil where it is absent or not one.
func (s *section) object(key string) *section {
	n := s.value(key)
	if n == nil {
		return nil
	}
	return openSection(n, s.at(key), s.problems)
}

// objects are the sections of a list.
func (s *section) objects(key string) []*section {
	var out []*section
	for i, n := range s.items(key) {
		if one := openSection(n, fmt.Sprintf("%s[%d]", s.at(key), i), s.problems); one != nil {
			out = append(out, one)
		}
	}
	return out
}

// texts are the texts of a list.
func (s *section) texts(key string) []string {
	var out []string
	for i, n := range s.items(key) {
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || n.Value == "" {
			s.problems.add(fmt.Sprintf("%s[%d]", s.at(key), i), n.Line, "it is not a text: write one")
			continue
		}
		out = append(out, n.Value)
	}
	return out
}

func (s *section) items(key string) []*yaml.Node {
	n := s.value(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		s.bad(key, "it is not a list: begin each item with a dash")
		return nil
	}
	return n.Content
}

// done refuses the keys that nobody asked for.
func (s *section) done() {
	for _, key := range s.order {
		if !slices.Contains(s.known, key) {
			known := slices.Clone(s.known)
			slices.Sort(known)
			s.bad(key, "there is no such key: remove it, or use one of %s", strings.Join(slices.Compact(known), ", "))
		}
	}
}

// clipped is a text that was given, fit for a message.
func clipped(text string) string {
	const most = 80
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text), "?")
}
