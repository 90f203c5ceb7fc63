package agent

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// The bounds of a form with a photo.
const (
	// maxPhotoBytes is what the API takes; of more only so much is read that it
	// says so.
	maxPhotoBytes = 5 << 20
	// maxPhotoForm bounds what a browser sends: phones take larger photos, and
	// who sends one is told so beside the field, with all else kept.
	maxPhotoForm = 20 << 20
	// maxFieldBytes and maxFields bound the other fields.
	maxFieldBytes = 4 << 10
	maxFields     = 40
)

// readPhotoForm reads a form that may have a photo. Its other fields are where
// PostFormValue finds them. The photo is nil where none was chosen.
func readPhotoForm(r *http.Request) (photo []byte, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, nil //nolint:nilerr // A form without a file is read as every other.
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, badForm(err)
	}
	r.PostForm = make(url.Values)
	for range maxFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return photo, nil
		}
		if err != nil {
			return nil, badForm(err)
		}
		most := int64(maxFieldBytes)
		if part.FormName() == "photo" {
			most = maxPhotoBytes + 1
		}
		content, err := io.ReadAll(io.LimitReader(part, most))
		if err != nil {
			return nil, badForm(err)
		}
		if part.FormName() == "photo" {
			photo = content
		} else {
			r.PostForm.Add(part.FormName(), string(content))
		}
	}
	return nil, badForm(errors.New("too many fields"))
}

func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return remit.Invalid("photo", remit.ReasonPhotoTooLarge, "the photo is too large")
	}
	return remit.Invalid("photo", remit.ReasonAttachmentRefused, "the form did not arrive whole: %v", err)
}

// mayUseCamera lets a page ask for the camera; no other page may.
func (v *visit) mayUseCamera() {
	v.w.Header().Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=()")
}

// confirmKey is the idempotency key of a confirmation: the same form sent again
// is the same act, and one that is signed otherwise another.
func confirmKey(reservation, proof, signature string) string {
	sum := sha256.Sum256([]byte(proof + "\x00" + signature))
	return "confirm-" + reservation + "-" + hex.EncodeToString(sum[:8])
}

// hashMark is the beginning of a signature's hash, as receipts print it.
func hashMark(sum string) string {
	const shown, group = 16, 4
	if len(sum) < shown {
		return sum
	}
	text := ""
	for at := 0; at < shown; at += group {
		if at > 0 {
			text += " "
		}
		text += sum[at : at+group]
	}
	return text
}

// evidenceData is what was taken of a payment, for a manager.
type evidenceData struct {
	PickupID         string
	Photo, Signature template.URL
}

// evidencePage shows the photo and the signature of a payment. What the API does
// not show, or there is not, is told by the same words.
func (p *Portal) evidencePage(v *visit) error {
	data := evidenceData{PickupID: v.r.PathValue("id")}
	for kind, shown := range map[string]*template.URL{"photo": &data.Photo, "signature": &data.Signature} {
		answer, err := p.counter.GetPickupEvidence(v.read(), &v1.GetPickupEvidenceRequest{PickupId: data.PickupID, Kind: kind})
		if kind := portal.KindOf(err); err != nil && (kind == remit.KindNotFound || kind == remit.KindPrecondition) {
			continue
		}
		if err != nil {
			return err
		}
		*shown = template.URL(fmt.Sprintf("data:%s;base64,%s", answer.GetMediaType(), base64.StdEncoding.EncodeToString(answer.GetContent()))) //nolint:gosec // The API's own pictures.
	}
	return p.show(v, http.StatusOK, "evidence.html", v.words.T("evidence.title"), data)
}
