package agent

import (
	"net/http"
	"slices"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// payData is what looking a payment up shows.
type payData struct {
	Code, Name string
	Trouble    *trouble
}

// payPage asks for code and name, the one way to a payment.
func (p *Portal) payPage(v *visit) error {
	if v.stand.GetOutlet() == nil {
		return p.show(v, http.StatusOK, "admin.html", v.words.T("admin.title"), nil)
	}
	return p.lookUp(v, http.StatusOK, payData{})
}

// lookUp shows the form to look a payment up, whose code the camera may read.
func (p *Portal) lookUp(v *visit, status int, data payData) error {
	v.mayUseCamera()
	return p.show(v, status, "pay.html", v.words.T("pay.title"), data)
}

// documentForm is what the teller reads on the document, as typed.
type documentForm struct {
	Type, Number, Issuer, Expires, BirthDate, Name string
}

// foundData is a payment that may be paid here, with the document to capture.
type foundData struct {
	Found      *v1.FoundPickup
	Code, Name string
	Document   documentForm
	Trouble    *trouble
	Key        string
}

// look asks the API for a payment. Whatever does not fit sounds the same.
func (p *Portal) look(v *visit, code, name string) (*v1.FoundPickup, error) {
	answer, err := p.counter.FindPickup(v.read(), &v1.FindPickupRequest{Code: code, BeneficiaryName: name})
	return answer.GetFound(), err
}

// find shows the payable page, or why there is none. It changes nothing, so
// that sending it again is harmless.
func (p *Portal) find(v *visit) error {
	data := payData{Code: strings.TrimSpace(v.r.PostFormValue("code")), Name: strings.TrimSpace(v.r.PostFormValue("name"))}
	found, err := p.look(v, data.Code, data.Name)
	if err != nil {
		if data.Trouble, err = v.refused(err); err != nil {
			return err
		}
		return p.lookUp(v, data.Trouble.Status, data)
	}
	if found.GetReservedHere() {
		return v.redirect(home+"/pay/"+found.GetPickup().GetId(), "")
	}
	return p.payable(v, http.StatusOK, foundData{
		Found: found, Code: data.Code, Name: data.Name,
		Document: documentForm{Issuer: v.stand.GetOutlet().GetCountry(), Type: found.GetDocuments()[0].GetType()}, Key: portal.NewFormKey(),
	})
}

func (p *Portal) payable(v *visit, status int, data foundData) error {
	return p.show(v, status, "found.html", v.words.T("found.title"), data)
}

// reserve holds the payment for the document that was captured, and leads to
// the pre-receipt. What is wrong with the document stands beside its field.
func (p *Portal) reserve(v *visit) error {
	photo, err := readPhotoForm(v.r)
	if err != nil {
		return err
	}
	field := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	data := foundData{
		Code: field("code"), Name: field("name"), Key: field("key"),
		Document: documentForm{
			Type: field("type"), Number: plainDigits(field("number")), Issuer: strings.ToUpper(field("issuer")),
			Expires: plainDigits(field("expires")), BirthDate: plainDigits(field("birth_date")), Name: field("document_name"),
		},
	}
	id := v.r.PathValue("id")
	_, err = p.counter.ReservePickup(v.act(), &v1.ReservePickupRequest{
		PickupId: id, Code: data.Code, Photo: photo, Identity: &v1.IdentityDocument{
			Type: data.Document.Type, Number: data.Document.Number, Issuer: data.Document.Issuer, Expires: data.Document.Expires,
			BirthDate: data.Document.BirthDate, Name: data.Document.Name,
		},
	})
	if err == nil {
		return v.redirect(home+"/pay/"+id, "")
	}
	if p.mine(v, id) {
		return v.redirect(home+"/pay/"+id, "") // Sent twice, or in a second tab: it is held.
	}
	if data.Trouble, err = v.refused(err); err != nil {
		return err
	}
	// Another document or another try is another act.
	data.Key = portal.NewFormKey()
	again, err := p.look(v, data.Code, data.Name)
	if err != nil {
		if data.Trouble, err = v.refused(err); err != nil {
			return err
		}
		return p.lookUp(v, data.Trouble.Status, payData{Code: data.Code, Name: data.Name, Trouble: data.Trouble})
	}
	data.Found = again
	return p.payable(v, data.Trouble.Status, data)
}

// mine reports whether the caller holds or paid a payment now.
func (p *Portal) mine(v *visit, id string) bool {
	answer, err := p.counter.GetPickup(v.read(), &v1.GetPickupRequest{PickupId: id})
	return err == nil && answer.GetFound().GetReservedHere()
}

// pickupData is a payment that the caller holds or held.
type pickupData struct {
	Found   *v1.FoundPickup
	Pickup  *v1.Pickup
	Trouble *trouble
	// Sure asks once before paying.
	Sure bool
	// Held, Paid and Waits say where it stands: Waits for a manager.
	Held, Paid, Waits bool
	// Paper is the width of the receipt: 58, 80 or a4.
	Paper  string
	Papers []string
	Copies []string
	// Fits says that the document's name is near enough not to ask a manager.
	Fits    bool
	Approve *approveData
}

// papers are the widths of receipts, in mm or by their name.
var papers = []string{"80", "58", "a4"}

// pickupPage shows the true state of a payment: the pre-receipt while it is
// held, the receipt once it is paid, else that nothing was paid.
func (p *Portal) pickupPage(v *visit) error {
	return p.showPickup(v, http.StatusOK, v.r.PathValue("id"), nil, nil)
}

func (p *Portal) showPickup(v *visit, status int, id string, t *trouble, approve *approveData) error {
	answer, err := p.counter.GetPickup(v.read(), &v1.GetPickupRequest{PickupId: id})
	if err != nil {
		if t == nil {
			return err
		}
		p.problemPage(v, t)
		return nil
	}
	found := answer.GetFound()
	pickup := found.GetPickup()
	needs := pickup.GetReservation().GetNeeds()
	data := pickupData{
		Found: found, Pickup: pickup, Trouble: t, Paper: papers[0], Papers: papers, Copies: []string{"customer", "outlet"}, Approve: approve,
		Paid: pickup.GetState() == "paid", Held: pickup.GetState() == "reserved" && found.GetReservedHere(),
		Sure: v.r.URL.Query().Get("sure") != "" || t != nil && (t.Field("proof") != "" || t.Field("signature") != ""), Fits: !slices.Contains(needs, "name"),
	}
	if asked := v.r.URL.Query().Get("paper"); slices.Contains(papers, asked) {
		data.Paper = asked
	}
	data.Waits = data.Held && len(needs) > 0 && pickup.GetReservation().GetApprovedBy() == ""
	if data.Waits && data.Approve == nil {
		data.Approve = &approveData{Kind: "pickup", ID: id, Reservation: pickup.GetReservation().GetId(), Back: home + "/pay/" + id, Key: portal.NewFormKey()}
	}
	title := "over.title"
	switch {
	case data.Paid:
		title = "receipt.title"
	case data.Held:
		title = "held.title"
	}
	return p.show(v, status, "pickup.html", v.words.T(title), data)
}

// confirm pays. Whatever comes of it, the page then shows the true state, so
// that a lost answer is safe to ask for again.
func (p *Portal) confirm(v *visit) error {
	id := v.r.PathValue("id")
	reservation, proof, signature := v.r.PostFormValue("reservation"), v.r.PostFormValue("proof"), v.r.PostFormValue("signature")
	if proof != "drawn" {
		signature = ""
	}
	ctx := v.caller.Context(v.ctx, confirmKey(reservation, proof, signature))
	_, err := p.counter.ConfirmPickup(ctx, &v1.ConfirmPickupRequest{PickupId: id, ReservationId: reservation, Proof: proof, Signature: signature})
	if err == nil {
		return v.redirect(home+"/pay/"+id, "paid")
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	if t.Reason == string(remit.ReasonIdempotencyBusy) {
		return v.redirect(home+"/pay/"+id, "") // The same click is being answered.
	}
	return p.showPickup(v, t.Status, id, t, nil)
}

// release gives a reservation up.
func (p *Portal) release(v *visit) error {
	id := v.r.PathValue("id")
	_, err := p.counter.ReleasePickup(v.act(), &v1.ReleasePickupRequest{PickupId: id, ReservationId: v.r.PostFormValue("reservation")})
	if err == nil {
		return v.redirect(home+"/pay", "released")
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	return p.showPickup(v, t.Status, id, t, nil)
}
