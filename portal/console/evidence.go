package console

import (
	"net/http"
	"strconv"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// evidenceView is what counters took of a case's payments. The pictures are
// personal data that few may see, and each look is an act in the audit trail:
// so they are shown when they are asked for, and not with every case.
type evidenceView struct {
	Taken []*v1.CaseEvidence
	// May says that the person's role may look, Shown that they asked to.
	May, Shown bool
}

func newEvidenceView(v *visit, f *caseFile) evidenceView {
	view := evidenceView{Taken: f.Case.GetEvidence(), May: v.may(permCasesDecide)}
	view.Shown = view.May && v.r.URL.Query().Get("show") == "evidence"
	return view
}

// evidence sends a photo or a signature as a picture for the case page.
func (c *Console) evidence(v *visit) error {
	answer, err := c.counter.GetPickupEvidence(v.read(), &v1.GetPickupEvidenceRequest{PickupId: v.r.PathValue("pickup"), Kind: v.r.PathValue("kind")})
	if err != nil {
		return err
	}
	switch answer.GetMediaType() {
	case "image/jpeg", "image/png", "image/svg+xml":
	default: // Nothing that a browser would run or download is a picture.
		return portal.Problem{
			Status: http.StatusUnprocessableEntity, Title: "That is no picture", Reason: string(remit.ReasonAttachmentRefused),
			Detail: "What is stored cannot be shown.", RequestID: v.caller.RequestID,
		}
	}
	h := v.w.Header()
	h.Set("Content-Type", answer.GetMediaType())
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", strconv.Itoa(len(answer.GetContent())))
	v.w.Write(answer.GetContent()) //nolint:errcheck // The browser hung up; there is nobody to tell.
	return nil
}
