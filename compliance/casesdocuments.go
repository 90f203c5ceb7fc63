package compliance

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	_ "image/jpeg" // Reads the head of a JPEG.
	_ "image/png"  // Reads the head of a PNG.
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openremit/remit"
)

// MaxDocumentBytes bounds a document of a case.
const MaxDocumentBytes = 5 << 20

// maxDocumentName bounds a document's name, in characters.
const maxDocumentName = 200

// The kinds of documents that a case may hold.
const (
	mediaPDF  = "application/pdf"
	mediaJPEG = "image/jpeg"
	mediaPNG  = "image/png"
	mediaText = "text/plain"
)

// extensions are what the name of a document of a kind may end in; the first
// is given to a name that ends in nothing.
var extensions = map[string][]string{
	mediaPDF: {".pdf"}, mediaJPEG: {".jpg", ".jpeg"}, mediaPNG: {".png"}, mediaText: {".txt", ".text", ".csv", ".log", ".md"},
}

// Document is a document on its way into a case.
type Document struct {
	Attachment
	Content []byte
}

// ReadDocument recognises a document by its content and cleans its name. It
// takes PDF, JPEG, PNG and plain text that are whole and nothing else besides,
// under a name that says the same. Errors: invalid with
// ReasonAttachmentRefused, for the field name or content.
func ReadDocument(id remit.DocumentID, name string, content []byte) (Document, error) {
	refuse := func(field, format string, args ...any) (Document, error) {
		return Document{}, remit.Invalid(field, remit.ReasonAttachmentRefused, format, args...)
	}
	switch {
	case len(content) == 0:
		return refuse("content", "the document is empty")
	case len(content) > MaxDocumentBytes:
		return refuse("content", "the document has %d bytes, more than %d", len(content), MaxDocumentBytes)
	}
	mediaType, why := recognise(content)
	if why != "" {
		return refuse("content", "%s; send a PDF, JPEG, PNG or plain text", why)
	}
	cleaned, why := cleanName(name, mediaType)
	if why != "" {
		return refuse("name", "%s", why)
	}
	sum := sha256.Sum256(content)
	return Document{
		Attachment: Attachment{ID: id, Name: cleaned, MediaType: mediaType, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])},
		Content:    content,
	}, nil
}

// recognise says what the content is, or why it is refused. Go's own sniffing
// and the format's own structure must agree.
func recognise(content []byte) (mediaType, why string) {
	sniffed, _, _ := strings.Cut(http.DetectContentType(content), ";")
	switch sniffed {
	case mediaPDF:
		why = badPDF(content)
	case mediaJPEG:
		why = badJPEG(content)
	case mediaPNG:
		why = badPNG(content)
	case mediaText:
		why = badText(content)
	default:
		return "", "the content is " + sniffed
	}
	if why == "" && endsAsZip(content) {
		why = "the content is an archive at the same time"
	}
	return sniffed, why
}

// badPDF wants a PDF to end where its last end mark is, but for white space.
func badPDF(content []byte) string {
	if !bytes.HasPrefix(content, []byte("%PDF-1.")) && !bytes.HasPrefix(content, []byte("%PDF-2.")) {
		return "the content begins like a PDF and is none"
	}
	end := bytes.LastIndex(content, []byte("%%EOF"))
	if end < 0 {
		return "the PDF is not whole: it has no end"
	}
	if len(bytes.Trim(content[end+len("%%EOF"):], "\x00\t\n\f\r ")) > 0 {
		return "there is something behind the end of the PDF"
	}
	return ""
}

// badJPEG walks the segments up to the picture and wants the end mark last.
func badJPEG(content []byte) string {
	if _, format, err := image.DecodeConfig(bytes.NewReader(content)); err != nil || format != "jpeg" {
		return "the content begins like a JPEG and cannot be read as one"
	}
	if !bytes.HasSuffix(bytes.TrimRight(content, "\x00"), []byte{0xff, 0xd9}) {
		return "the JPEG is not whole, or there is something behind its end"
	}
	return ""
}

// badPNG walks the chunks to the last one, which must be the end of the content.
func badPNG(content []byte) string {
	if _, format, err := image.DecodeConfig(bytes.NewReader(content)); err != nil || format != "png" {
		return "the content begins like a PNG and cannot be read as one"
	}
	const head, frame = 8, 12 // A chunk is its length, its kind, the data and a checksum.
	for at := head; at+frame <= len(content); {
		size := binary.BigEndian.Uint32(content[at:])
		if int64(size) > int64(len(content)-at-frame) {
			break
		}
		next := at + frame + int(size)
		if string(content[at+4:at+8]) == "IEND" {
			if next != len(content) {
				return "there is something behind the end of the PNG"
			}
			return ""
		}
		at = next
	}
	return "the PNG is not whole: it has no end"
}

// markup begins what a browser would not take for plain text.
var markup = []string{"<!doctype", "<html", "<head", "<body", "<script", "<svg", "<iframe", "<?xml", "<?php", "%pdf-", "{\\rtf"}

// badText wants UTF-8 without control characters that is no markup or program.
func badText(content []byte) string {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		return "the text is not UTF-8"
	}
	if bytes.ContainsFunc(content, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r) }) {
		return "the content has control characters and is no plain text"
	}
	lower := strings.ToLower(string(content))
	if strings.HasPrefix(lower, "#!") {
		return "the content is a program"
	}
	for _, mark := range markup {
		if strings.Contains(lower, mark) {
			return "the content has markup (" + mark + ") and is no plain text"
		}
	}
	return ""
}

// endsAsZip reports whether the content is a zip archive to who reads it from
// its end, whatever it is to who reads it from its beginning.
func endsAsZip(content []byte) bool {
	const record, longestComment = 22, 1<<16 - 1
	mark := []byte("PK\x05\x06")
	for end := len(content); ; {
		at := bytes.LastIndex(content[:end], mark)
		if at < 0 || at < len(content)-record-longestComment {
			return false
		}
		if at+record <= len(content) && at+record+int(binary.LittleEndian.Uint16(content[at+20:])) == len(content) {
			return true
		}
		end = at
	}
}

// cleanName takes folders, control and direction characters out of a name, and
// refuses one that says something else than the content.
func cleanName(name, mediaType string) (cleaned, why string) {
	name = strings.ToValidUTF8(name, "")
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`/<>:"|?*`, r) {
			return -1
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	ending := strings.ToLower(path.Ext(name))
	known := extensions[mediaType]
	switch {
	case name == "":
		return "document" + known[0], ""
	case utf8.RuneCountInString(name) > maxDocumentName-len(known[0]):
		return "", "the name is too long"
	case ending == "":
		return name + known[0], ""
	case !slices.Contains(known, ending):
		return "", "the name ends in " + ending + " and the content is " + mediaType + "; a document is what its name says"
	}
	return name, ""
}
