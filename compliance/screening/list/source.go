package list

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
)

// Limits bound what is read. A zero field stands for its default.
type Limits struct {
	// FileBytes bounds one file after decompression; 256 MiB.
	FileBytes int64
	// FieldBytes bounds one field or one text; 1 MiB.
	FieldBytes int
	// NameLetters bounds one name; 1,000.
	NameLetters int
	// EntryNames bounds the names of one entry, and as well its documents, its
	// dates of birth and so on; 5,000.
	EntryNames int
	// Entries bounds one list; 2,000,000.
	Entries int
	// Depth bounds the nesting of XML elements; 32.
	Depth int
	// Files bounds a folder and all below it; 1,000.
	Files int
}

func (l Limits) withDefaults() Limits {
	d := Limits{FileBytes: 256 << 20, FieldBytes: 1 << 20, NameLetters: 1000, EntryNames: 5000, Entries: 2_000_000, Depth: 32, Files: 1000}
	if l.FileBytes > 0 {
		d.FileBytes = l.FileBytes
	}
	if l.FieldBytes > 0 {
		d.FieldBytes = l.FieldBytes
	}
	if l.NameLetters > 0 {
		d.NameLetters = l.NameLetters
	}
	if l.EntryNames > 0 {
		d.EntryNames = l.EntryNames
	}
	if l.Entries > 0 {
		d.Entries = l.Entries
	}
	if l.Depth > 0 {
		d.Depth = l.Depth
	}
	if l.Files > 0 {
		d.Files = l.Files
	}
	return d
}

// file is one list file of a folder.
type file struct {
	folder fs.FS
	path   string
	format format
	limits Limits
	// sum is the SHA-256 of the decompressed content; known once it was read.
	sum [sha256.Size]byte
	// marked says that it ended with Control-Z, as OFAC's files do.
	marked bool
}

func (f *file) errorf(line int, text string, args ...any) error {
	return &FileError{File: f.path, Line: line, Reason: fmt.Sprintf(text, args...)}
}

// wrap gives an error of a reader the file's name, unless it has one.
func (f *file) wrap(line int, reason string, err error) error {
	var known *FileError
	if errors.As(err, &known) {
		return err
	}
	var syntax *xml.SyntaxError
	cut := errors.As(err, &syntax) && syntax.Msg == "unexpected EOF"
	if cut || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) {
		return &FileError{File: f.path, Line: line, Reason: "the file is truncated or damaged", Err: err}
	}
	return &FileError{File: f.path, Line: line, Reason: reason, Err: err}
}

// peekBytes is how much of a file is looked at to recognise its format.
const peekBytes = 64 << 10

// stream opens the file and reads it decompressed, from behind a byte order
// mark. close must be called; done checks that nothing follows and keeps the
// content's hash.
type stream struct {
	*bufio.Reader
	file   *file
	opened fs.File
	digest hash.Hash
	left   int64
	inner  io.Reader
	// last is the last byte that was read.
	last byte
}

func (f *file) open() (*stream, error) {
	opened, err := f.folder.Open(f.path)
	if err != nil {
		return nil, f.wrap(0, "open", err)
	}
	s := &stream{file: f, opened: opened, digest: sha256.New(), left: f.limits.FileBytes}
	raw := bufio.NewReaderSize(opened, peekBytes)
	s.inner = raw
	if magic, err := raw.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzip, err := gzip.NewReader(raw)
		if err != nil {
			return nil, errors.Join(f.wrap(0, "decompress", err), opened.Close())
		}
		s.inner = unzip
	}
	s.Reader = bufio.NewReaderSize(hashed{s}, peekBytes)
	if mark, err := s.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		if _, err := s.Discard(len(mark)); err != nil {
			return nil, errors.Join(f.wrap(0, "read", err), opened.Close())
		}
	}
	return s, nil
}

// hashed reads what is inside a stream, within its limit, and hashes it.
type hashed struct{ s *stream }

// Read reads, counts and hashes.
func (h hashed) Read(p []byte) (int, error) {
	n, err := h.s.inner.Read(p)
	h.s.left -= int64(n)
	if h.s.left < 0 {
		return 0, h.s.file.errorf(0, "it has over %d bytes", h.s.file.limits.FileBytes)
	}
	h.s.digest.Write(p[:n])
	if n > 0 {
		h.s.last = p[n-1]
	}
	return n, err
}

// done reads on to the end, which checks a compressed file's checksum, and keeps the hash.
func (s *stream) done() error {
	if _, err := io.Copy(io.Discard, s.Reader); err != nil {
		return s.file.wrap(0, "read", err)
	}
	s.digest.Sum(s.file.sum[:0])
	return nil
}

func (s *stream) close() { s.opened.Close() } // Read only: nothing to lose.
