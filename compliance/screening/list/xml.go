package list

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// node is one XML element with all that is in it.
type node struct {
	name  string
	attrs []xml.Attr
	text  string
	kids  []*node
	line  int
}

// attr returns an attribute, trimmed; empty where there is none.
func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// get returns the trimmed text of the first element on a path; empty where there is none.
func (n *node) get(path ...string) string {
	if found := n.find(path...); found != nil {
		return found.text
	}
	return ""
}

func (n *node) find(path ...string) *node {
	for _, name := range path {
		var next *node
		for _, kid := range n.kids {
			if kid.name == name {
				next = kid
				break
			}
		}
		if next == nil {
			return nil
		}
		n = next
	}
	return n
}

// all returns the elements of a name within the elements of a path.
func (n *node) all(path ...string) []*node {
	at := []*node{n}
	for _, name := range path {
		var next []*node
		for _, one := range at {
			for _, kid := range one.kids {
				if kid.name == name {
					next = append(next, kid)
				}
			}
		}
		at = next
	}
	return at
}

// fields lists all that an element says, for a digest.
func (n *node) fields(out []string) []string {
	out = append(out, n.name)
	for _, a := range n.attrs {
		out = append(out, a.Name.Local, a.Value)
	}
	out = append(out, n.text, "(")
	for _, kid := range n.kids {
		out = kid.fields(out)
	}
	return append(out, ")")
}

// xmlReader walks an XML file and gathers the elements that are asked for. It
// takes no document type, hence no entities of a file's own and nothing from
// outside the file.
type xmlReader struct {
	file *file
	raw  *xml.Decoder
	open []string
	// names holds one copy of each element name.
	names map[string]string
}

// elements reads an XML file. record says which elements to gather whole, by
// name; take gets each; start sees the start of all others. The root element
// must be as named.
func (f *file) elements(root string, record func(name string) bool, start, take func(*node) error) error {
	in, err := f.open()
	if err != nil {
		return err
	}
	defer in.close()
	x := &xmlReader{file: f, raw: xml.NewDecoder(in), names: map[string]string{}}
	x.raw.CharsetReader = charset
	for {
		token, err := x.next()
		if errors.Is(err, io.EOF) {
			return in.done()
		}
		if err != nil {
			return err
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if len(x.open) == 1 && element.Name.Local != root {
			return x.errorf("the root element is %s, want %s", clip(element.Name.Local), root)
		}
		if !record(element.Name.Local) || len(x.open) == 1 {
			if err := start(x.node(element)); err != nil {
				return err
			}
			continue
		}
		n, err := x.gather(element)
		if err != nil {
			return err
		}
		if err := take(n); err != nil {
			return err
		}
	}
}

func (x *xmlReader) errorf(text string, args ...any) error {
	line, _ := x.raw.InputPos()
	return x.file.errorf(line, text, args...)
}

// next reads a token and keeps count of the open elements.
func (x *xmlReader) next() (xml.Token, error) {
	token, err := x.raw.RawToken()
	line, _ := x.raw.InputPos()
	if errors.Is(err, io.EOF) {
		if len(x.open) > 0 || line == 0 {
			return nil, x.errorf("it ends within %s; the file is truncated", strings.Join(x.open, "/"))
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, x.file.wrap(line, "it is no proper XML", err)
	}
	switch t := token.(type) {
	case xml.Directive:
		return nil, x.errorf("it has a document type, which is not read")
	case xml.StartElement:
		if len(x.open) >= x.file.limits.Depth {
			return nil, x.errorf("its elements are nested over %d deep", x.file.limits.Depth)
		}
		x.open = append(x.open, x.name(t.Name.Local))
	case xml.EndElement:
		if len(x.open) == 0 || x.open[len(x.open)-1] != t.Name.Local {
			return nil, x.errorf("</%s> ends nothing", clip(t.Name.Local))
		}
		x.open = x.open[:len(x.open)-1]
	}
	return token, nil
}

func (x *xmlReader) name(s string) string {
	if got, ok := x.names[s]; ok {
		return got
	}
	x.names[s] = s
	return s
}

func (x *xmlReader) node(element xml.StartElement) *node {
	line, _ := x.raw.InputPos()
	return &node{name: x.name(element.Name.Local), attrs: element.Attr, line: line}
}

// gather reads an element up to its end.
func (x *xmlReader) gather(element xml.StartElement) (*node, error) {
	n := x.node(element)
	var text []byte
	for {
		token, err := x.next()
		if errors.Is(err, io.EOF) {
			err = x.errorf("it ends within %s; the file is truncated", n.name)
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			kid, err := x.gather(t)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, kid)
		case xml.CharData:
			if len(text)+len(t) > x.file.limits.FieldBytes {
				return nil, x.errorf("a text has over %d bytes", x.file.limits.FieldBytes)
			}
			text = append(text, t...)
		case xml.EndElement:
			n.text = strings.TrimSpace(string(text))
			if !utf8.ValidString(n.text) {
				return nil, x.errorf("a text is not in UTF-8")
			}
			return n, nil
		}
	}
}

// charset reads the encodings that lists are in besides UTF-8.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "latin1", "windows-1252":
		return &latin1{in: in}, nil
	default:
		return nil, errors.New("encoding " + clip(label) + " is not read")
	}
}

// latin1 turns Latin-1 into UTF-8.
type latin1 struct {
	in   io.Reader
	left []byte
}

// Read reads and converts.
func (l *latin1) Read(p []byte) (int, error) {
	if len(l.left) == 0 {
		var room [2048]byte
		n, err := l.in.Read(room[:])
		if n == 0 {
			return 0, err
		}
		l.left = []byte(fromLatin1(string(room[:n])))
	}
	n := copy(p, l.left)
	l.left = l.left[n:]
	return n, nil
}
