package storetest

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

// photo is a picture that may be one of a document.
func photo(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 400, 300))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const drawn = "100,100 400,200 700,60;120,200 500,240"

// testCounterEvidence: photos and signatures are asked for by the rules, kept
// sealed, shown to few, and gone with the beneficiary.
func testCounterEvidence(t *testing.T, w *world) {
	c := newCounters(w)
	rules, err := counter.LoadIdentityRules()
	w.must(err)
	rules, err = rules.With([]byte(`{"PH": {"photo": "always", "proofs": ["drawn", "paper"]}}`))
	w.must(err)
	var audited []counter.AuditEvent
	c.service, err = counter.NewService(counter.Options{Store: w.s, Coder: c.coder, Names: sameName, Identity: rules, Clock: w.clock, Audit: c.keepAudit(&audited)})
	w.must(err)
	c.fund(c.outlet, 10_000_000)
	teller, manager := c.teller(c.outlet, counter.RoleTeller), c.teller(c.outlet, counter.RoleManager)
	c.open(teller, 5_000_000)
	_, code := c.waiting()
	found, err := c.service.Find(w.ctx, teller, code, w.beneficiary.Party.Name())
	w.must(err)
	if !found.PhotoNeeded || !slices.Equal(found.Proofs, []counter.Proof{counter.ProofDrawn, counter.ProofPaper}) {
		t.Fatalf("got %+v, want a photo and a signature to be asked for", found)
	}
	reserve := func(content []byte) (counter.Found, error) {
		return c.service.Reserve(w.ctx, teller, counter.Reserve{
			ID: id[counter.ReservationID](w, counter.PrefixReservation), PickupID: found.Pickup.ID, Code: code, Identity: c.document(), Photo: content,
		})
	}
	for name, test := range map[string]struct {
		content []byte
		want    remit.Reason
	}{
		"none": {nil, remit.ReasonPhotoNeeded}, "a page": {[]byte("<html>"), remit.ReasonAttachmentRefused},
		"too large": {make([]byte, 5<<20+1), remit.ReasonPhotoTooLarge},
	} {
		if _, err := reserve(test.content); remit.ReasonOf(err) != test.want || remit.KindOf(err) != remit.KindInvalid {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	// A photo of a reservation that is given up is dropped.
	held, err := reserve(photo(t))
	w.must(err)
	first := *held.Pickup.Photo
	_, err = w.s.Evidence(w.ctx, w.tenant, first.ID)
	w.must(err)
	_, err = c.service.Release(w.ctx, teller, held.Pickup.ID, held.Pickup.Reservation.ID)
	w.must(err)
	_, err = w.s.Evidence(w.ctx, w.tenant, first.ID)
	w.refused(err, remit.KindNotFound, "")
	// So is one of a reservation that ran out, by the next.
	held, err = reserve(photo(t))
	w.must(err)
	first = *held.Pickup.Photo
	w.clock.Advance(11 * time.Minute)
	held, err = reserve(photo(t))
	w.must(err)
	_, err = w.s.Evidence(w.ctx, w.tenant, first.ID)
	w.refused(err, remit.KindNotFound, "")
	p := held.Pickup
	confirm := func(proof counter.Proof, signature string) (counter.Pickup, error) {
		return c.service.ConfirmSigned(w.ctx, teller, counter.Confirmation{PickupID: p.ID, ReservationID: p.Reservation.ID, Proof: proof, Signature: signature})
	}
	_, err = c.service.Confirm(w.ctx, teller, p.ID, p.Reservation.ID)
	w.refused(err, remit.KindInvalid, remit.ReasonProofNeeded)
	_, err = confirm("thumb", "")
	w.refused(err, remit.KindInvalid, remit.ReasonProofNeeded)
	_, err = confirm(counter.ProofDrawn, "1,1 2,2")
	w.refused(err, remit.KindInvalid, remit.ReasonSignatureInvalid)
	for range 2 { // The answer is lost.
		got, err := confirm(counter.ProofDrawn, drawn)
		w.must(err)
		if got.State != counter.StatePaid || got.Signed == nil || got.Signed.Signature == nil || len(got.Signed.Signature.SHA256) != 64 {
			t.Fatalf("got %+v", got)
		}
	}
	c.looksAt(p.ID, manager)
	if !slices.ContainsFunc(audited, func(e counter.AuditEvent) bool {
		return e.Act == "pickup.view_evidence" && e.Subject == string(p.ID) && e.Facts["kind"] == "photo"
	}) {
		t.Fatalf("looking was not audited: %+v", audited)
	}
	// An agent's own rule takes the place of the country's.
	agent := c.agent
	agent.Proofs = []counter.Proof{counter.ProofPaper}
	_, err = c.service.PutAgent(w.ctx, c.operator(), agent)
	w.must(err)
	_, code = c.waiting()
	found, err = c.service.Find(w.ctx, teller, code, w.beneficiary.Party.Name())
	w.must(err)
	held, err = reserve(photo(t))
	w.must(err)
	p = held.Pickup
	_, err = confirm(counter.ProofDrawn, drawn)
	w.refused(err, remit.KindInvalid, remit.ReasonProofNeeded)
	got, err := confirm(counter.ProofPaper, "")
	w.must(err)
	if got.Signed.Proof != counter.ProofPaper || got.Signed.Signature != nil {
		t.Fatalf("got %+v", got.Signed)
	}
	_, _, err = c.service.Evidence(w.ctx, counter.Caller{TenantID: w.tenant}, true, p.ID, counter.EvidenceSignature)
	w.refused(err, remit.KindNotFound, "")
	w.must(w.s.ErasePerson(w.ctx, "beneficiaries/"+string(w.beneficiary.ID)))
	_, _, err = c.service.Evidence(w.ctx, counter.Caller{TenantID: w.tenant}, true, p.ID, counter.EvidencePhoto)
	w.refused(err, remit.KindPrecondition, "")
	w.verify()
}

// looksAt tries who may look at the evidence of a pickup.
func (c *counters) looksAt(p counter.PickupID, manager counter.Caller) {
	c.t.Helper()
	far := c.teller(c.newOutlet(c.agent, "Far"), counter.RoleManager)
	look := func(by counter.Caller, officer bool, kind counter.EvidenceKind) ([]byte, error) {
		_, content, err := c.service.Evidence(c.ctx, by, officer, p, kind)
		return content, err
	}
	content, err := look(manager, false, counter.EvidencePhoto)
	c.must(err)
	if m, format, err := image.Decode(bytes.NewReader(content)); err != nil || format != "jpeg" || m.Bounds().Dx() != 400 {
		c.t.Fatalf("got %s and %v", format, err)
	}
	if content, err = look(manager, false, counter.EvidenceSignature); err != nil || string(content) != drawn {
		c.t.Fatalf("got %q and %v", content, err)
	}
	other := manager
	other.TenantID = "ten_other"
	for name, by := range map[string]counter.Caller{
		"a teller": c.teller(c.outlet, counter.RoleTeller), "another outlet's manager": far, "the agent's admin": c.teller(counter.Outlet{}, counter.RoleAgentAdmin),
		"a suspended manager": c.teller(c.outlet, counter.RoleManager, func(t *counter.Teller) { t.Suspended = true }),
	} {
		if _, err := look(by, false, counter.EvidencePhoto); remit.KindOf(err) != remit.KindForbidden {
			c.t.Errorf("%s: got %v, want forbidden", name, err)
		}
	}
	_, err = look(other, true, counter.EvidencePhoto)
	c.refused(err, remit.KindNotFound, "")
	back := c.clock.Now()
	c.clock.Advance(24 * time.Hour)
	_, err = look(manager, false, counter.EvidencePhoto)
	c.refused(err, remit.KindForbidden, "")
	_, err = look(counter.Caller{TenantID: c.tenant}, true, counter.EvidencePhoto)
	c.must(err)
	c.clock.Advance(back.Sub(c.clock.Now()))
}
