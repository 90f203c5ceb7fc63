package agent

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// showCheck shows all that was captured, the warning with its questions and what
// the customer must be told, in the customer's language.
func (p *Portal) showCheck(v *visit, status int, data sendData) error {
	d := data.Draft
	p.begin(v, &data, 4)
	tongue := cmp.Or(d.Get("c.tongue"), v.words.Code)
	var err error
	if data.Terms, err = p.terms(v, tongue); err != nil {
		return err
	}
	shown := data.Terms.GetWarning().GetLanguage()
	if d.Get("c.shown") != shown+data.Terms.GetWarning().GetVersion() {
		d.Drop("c.agreed") // The customer agreed to what was read in another language or version.
		d.Set("c.shown", shown+data.Terms.GetWarning().GetVersion())
	}
	for _, code := range Languages {
		if slices.Contains(data.Terms.GetLanguages(), code) {
			data.Tongues = append(data.Tongues, option{Value: code, Text: p.languages.texts[code]["language.name"], Chosen: code == shown})
		}
	}
	data.Answers = make(map[string]string)
	for _, q := range data.Terms.GetWarning().GetQuestions() {
		data.Answers[q.GetId()] = d.Get("c.answer." + q.GetId())
	}
	data.Carry = d.carry("c.answer.", "c.agreed", "c.tongue")
	data.Faults = v.faults(data)
	return p.show(v, status, "check.html", v.words.T("check.title"), data)
}

// createDeposit records the warning and what was agreed, and begins the
// remittance. No cash is taken yet.
func (p *Portal) createDeposit(v *visit) error {
	data := sendData{Draft: draftOf(v), Wrong: make(map[string]string)}
	d := data.Draft
	q := d.quote()
	if q == nil || d.Get("s.id") == "" || d.Get("r.id") == "" {
		return v.redirect(home+"/send", "")
	}
	if v.r.PostFormValue("read") != "" { // Only the language of the texts changes.
		return p.showCheck(v, http.StatusOK, data)
	}
	terms, err := p.terms(v, cmp.Or(d.Get("c.tongue"), v.words.Code))
	if err != nil {
		return err
	}
	request := &v1.CreateDepositRequest{
		QuoteId: q.GetId(), CustomerId: d.Get("s.id"), BeneficiaryId: d.Get("r.id"), Identity: d.document(), Purpose: d.Get("r.purpose"),
		WarningVersion: terms.GetWarning().GetVersion(), DisclosuresVersion: terms.GetDisclosuresVersion(), Language: terms.GetWarning().GetLanguage(),
	}
	for _, one := range terms.GetWarning().GetQuestions() {
		answer := d.Get("c.answer." + one.GetId())
		if answer != "yes" && answer != "no" {
			data.Wrong["c.answer."+one.GetId()] = v.words.T("wrong.choose")
		}
		request.Answers = append(request.Answers, &v1.CashInAnswer{Id: one.GetId(), Answer: answer})
	}
	if d.Get("c.agreed") != "yes" || d.Get("c.shown") != terms.GetWarning().GetLanguage()+terms.GetWarning().GetVersion() {
		data.Wrong["c.agreed"] = v.words.T("reason.DISCLOSURE_REQUIRED")
	}
	if len(data.Wrong) > 0 {
		data.Trouble = v.misfilled()
		return p.showCheck(v, data.Trouble.Status, data)
	}
	for _, one := range terms.GetDisclosures() {
		request.Accepted = append(request.Accepted, one.GetId())
	}
	content := append(d.content("c."), append(d.content("s.doc."), q.GetId(), d.Get("s.id"), d.Get("r.id"), d.Get("r.purpose"))...)
	answer, err := p.cashIn.CreateDeposit(v.once(d, "deposit", content...), request)
	if err == nil {
		return v.redirect(home+"/send/"+answer.GetDeposit().GetId(), "")
	}
	return p.notBegun(v, err, data)
}

// notBegun shows why a deposit was not begun, on the page where it is mended.
func (p *Portal) notBegun(v *visit, err error, data sendData) error {
	t, err2 := v.refused(err)
	if err2 != nil {
		return err2
	}
	data.Trouble = t
	if slices.Contains([]remit.Reason{remit.ReasonQuoteUsed, remit.ReasonIdempotencyBusy, remit.ReasonIdempotencyReused}, remit.Reason(t.Reason)) {
		// Sent twice, or in a second tab: it is begun.
		if id := p.begunWith(v, data.Draft.quote().GetId()); id != "" {
			return v.redirect(home+"/send/"+id, "begun")
		}
	}
	data.Wrong = v.wrongParties(t, err, data.Draft, "s.party.")
	for name := range data.Wrong {
		switch {
		case strings.HasPrefix(name, "s."):
			return p.showSender(v, t.Status, data)
		case strings.HasPrefix(name, "r."):
			return p.showReceiver(v, t.Status, data)
		}
	}
	return p.showCheck(v, t.Status, data)
}

// begunWith finds the deposit that used a quote, empty for none.
func (p *Portal) begunWith(v *visit, quote string) string {
	list, err := p.cashIn.ListDeposits(v.read(), &v1.ListDepositsRequest{})
	if err != nil {
		return ""
	}
	for _, one := range list.GetDeposits() {
		if one.GetQuoteId() == quote {
			return one.GetId()
		}
	}
	return ""
}
