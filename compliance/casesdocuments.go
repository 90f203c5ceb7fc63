package compliance

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/openremit/remit"
	"github.com/openremit/remit/uploads"
)

// MaxDocumentBytes bounds a document of a case.
const MaxDocumentBytes = 5 << 20

// maxDocumentName bounds a document's name, in characters.
const maxDocumentName = 200

// extensions are what the name of a document of a kind may end in; the first
// is given to a name that ends in nothing.
var extensions = map[string][]string{
	uploads.PDF: {".pdf"}, uploads.JPEG: {".jpg", ".jpeg"}, uploads.PNG: {".png"}, uploads.Text: {".txt", ".text", ".csv", ".log", ".md"},
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
	mediaType, why := uploads.Recognise(content, uploads.PDF, uploads.JPEG, uploads.PNG, uploads.Text)
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
