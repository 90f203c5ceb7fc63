package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Bounds of a form with a document.
const (
	// maxDocument is what the API takes; of more only so much is read that it
	// shows.
	maxDocument = 5 << 20
	// maxUpload bounds what a browser sends: of a document that is too large the
	// rest is read and thrown away, so that who sent it is told so on the page.
	maxUpload = 64 << 20
	// maxField bounds any other field of the form, in bytes.
	maxField = 1 << 10
	maxParts = 10
)

// readUpload reads a form with a document. Its other fields are where
// PostFormValue finds them. The name is empty where no document was chosen.
func readUpload(r *http.Request) (name string, content []byte, err error) {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	r.PostForm = make(url.Values)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, err
		}
		most := int64(maxField)
		if part.FormName() == "document" {
			most = maxDocument + 1
		}
		text, err := io.ReadAll(io.LimitReader(part, most))
		if err != nil {
			return "", nil, err
		}
		if part.FormName() == "document" {
			name, content = part.FileName(), text
		} else {
			r.PostForm.Add(part.FormName(), string(text))
		}
	}
	return name, content, nil
}

// attach puts a document into the file.
func (c *Console) attach(v *visit) error {
	name, content, err := readUpload(v.r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return err
	case err != nil:
		return c.noDocument(v, http.StatusUnprocessableEntity, "The form did not arrive whole. Send it again.")
	case name == "":
		return c.noDocument(v, http.StatusUnprocessableEntity, "Choose a PDF, JPEG, PNG or text file of at most 5 MiB.")
	case len(content) > maxDocument:
		return c.showCase(v, http.StatusRequestEntityTooLarge, panelInput{}, &portal.Problem{
			Detail: "The document is too large.", Fields: map[string]string{"document": "This one has more than 5 MiB. Nothing was stored; send a smaller one."},
		})
	}
	_, err = c.cases.AddCaseAttachment(v.act(), &v1.AddCaseAttachmentRequest{Id: v.r.PathValue("id"), Name: name, Content: content})
	if err != nil {
		problem, err := refusal(err, v.caller.RequestID)
		if err != nil {
			return err
		}
		problem.Fields = map[string]string{"document": problem.Detail}
		return c.showCase(v, problem.Status, panelInput{}, problem)
	}
	return v.redirect(casePath(v.r.PathValue("id")), "document")
}

// noDocument shows the case with what to do about the field of the document.
func (c *Console) noDocument(v *visit, status int, message string) error {
	return c.showCase(v, status, panelInput{}, &portal.Problem{Detail: "No document came with the form.", Fields: map[string]string{"document": message}})
}

// uploads are the pages whose forms carry a document.
var uploads = []string{"POST /console/cases/{id}/documents"}

// bound limits what is read of a request, and reads a form that is not one with
// a document. Errors: one of *http.MaxBytesError for a form that is too long.
func bound(w http.ResponseWriter, r *http.Request) error {
	if slices.Contains(uploads, r.Pattern) {
		r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
		return nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, portal.MaxFormBytes)
	var large *http.MaxBytesError
	if err := r.ParseForm(); errors.As(err, &large) {
		return err
	}
	return nil // What else is wrong with a form shows in the fields that it lacks.
}
