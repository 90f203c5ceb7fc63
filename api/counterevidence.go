package api

import (
	"context"
	"slices"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// The media types of evidence.
const (
	mediaPhoto     = "image/jpeg"
	mediaSignature = "image/svg+xml"
)

func evidenceMessage(e *counter.Evidence) *v1.PickupEvidence {
	if e == nil {
		return nil
	}
	return &v1.PickupEvidence{Id: string(e.ID), Size: e.Size, Sha256: e.SHA256, At: timeMessage(e.At)}
}

// GetPickupEvidence shows a photo or signature.
func (s *counterService) GetPickupEvidence(ctx context.Context, req *v1.GetPickupEvidenceRequest) (*v1.GetPickupEvidenceResponse, error) {
	c := s.check(req)
	id := checkID[counter.PickupID](c, counter.PrefixPickup, "pickup_id", req.GetPickupId())
	if err := c.err(); err != nil {
		return nil, err
	}
	desk, err := s.desk()
	if err != nil {
		return nil, err
	}
	key := callOf(ctx).caller
	officer := slices.Contains(key.Scopes, ScopeCasesDecide) || slices.Contains(key.Scopes, ScopeReview)
	by := operator(ctx)
	if !officer {
		if by, err = s.looking(ctx, req.GetTellerId()); err != nil {
			return nil, err
		}
	}
	kind := counter.EvidenceKind(req.GetKind())
	e, content, err := desk.Evidence(ctx, by, officer, id, kind)
	if err != nil {
		return nil, err
	}
	out := &v1.GetPickupEvidenceResponse{Evidence: evidenceMessage(&e), MediaType: mediaPhoto, Content: content}
	if kind == counter.EvidenceSignature {
		drawn, err := counter.ParseSignature(string(content))
		if err != nil {
			return nil, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "signature %s cannot be read: %v", e.ID, err)
		}
		out.MediaType, out.Content = mediaSignature, []byte(drawn.SVG())
	}
	return out, nil
}
