package uploads

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/jpeg" // Reads the head of a JPEG.
	_ "image/png"  // Reads the head of a PNG.
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of files that are known, as media types.
const (
	PDF  = "application/pdf"
	JPEG = "image/jpeg"
	PNG  = "image/png"
	Text = "text/plain"
)

// Recognise says what the content is, or why it is refused: it must be whole,
// of one of the kinds, and nothing else besides. Go's own sniffing and the
// format's own structure must agree.
func Recognise(content []byte, kinds ...string) (mediaType, why string) {
	sniffed, _, _ := strings.Cut(http.DetectContentType(content), ";")
	if !slices.Contains(kinds, sniffed) {
		return "", "the content is " + sniffed
	}
	switch sniffed {
	case PDF:
		why = badPDF(content)
	case JPEG:
		why = badJPEG(content)
	case PNG:
		why = badPNG(content)
	case Text:
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
