package console

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// caseAct does one of the acts on a case. A refusal shows the case as it now
// is, with what was written.
func (c *Console) caseAct(v *visit) error {
	act := v.r.PathValue("act")
	in := readPanel(v.r, act)
	done, err := c.do(v, act, in)
	if err == nil {
		target := casePath(v.r.PathValue("id"))
		if act == "put_back" {
			target = home + "/cases"
		}
		return v.redirect(target, done)
	}
	if done == "" {
		return err
	}
	problem, err := refusal(err, v.caller.RequestID)
	if err != nil || problem.Status == http.StatusNotFound {
		return orProblem(err, problem)
	}
	explain(problem, in)
	return c.showCase(v, problem.Status, in, problem)
}

func orProblem(err error, p *portal.Problem) error {
	if err != nil {
		return err
	}
	return *p
}

func readPanel(r *http.Request, act string) panelInput {
	in := panelInput{
		Act: act, Note: portal.Prose(r.PostFormValue("note")), Hours: r.PostFormValue("hours"),
		Licence: strings.TrimSpace(r.PostFormValue("licence")), Said: map[string]string{},
	}
	in.Seen = number(r.PostFormValue("seen"))
	for i := 0; r.PostFormValue("hit"+strconv.Itoa(i)) != ""; i++ {
		in.Said[r.PostFormValue("hit"+strconv.Itoa(i))] = r.PostFormValue("said" + strconv.Itoa(i))
	}
	return in
}

// number reads a number that a form of ours carries; anything else is zero.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// explain says beside the field what to do about a refusal.
func explain(p *portal.Problem, in panelInput) {
	if p.Fields == nil {
		p.Fields = map[string]string{}
	}
	if message := p.Fields["question"]; message != "" {
		p.Fields["note"] = message
	}
	if message := p.Fields["text"]; message != "" {
		p.Fields["note"] = message
	}
	if in.Note == "" || p.Fields["note"] != "" && len(in.Note) < 3 {
		p.Fields["note"] = "Write at least a few words; it is kept with the case."
	}
	switch p.Reason {
	case string(remit.ReasonCaseChanged):
		p.Detail = "The case has changed since you opened it. What is new stands below; what you wrote is kept. Look, and send it again if it still holds."
	case string(remit.ReasonSecondPerson):
		p.Detail = "You proposed this yourself. Another person must agree; nobody can be both."
	case string(remit.ReasonCaseDecided):
		p.Detail = "The case was decided before yours came in. Yours was not taken; the decision in force stands below."
	}
}

// do calls the API. What it returns names the act for the page that follows; it
// is empty for acts that there are not.
func (c *Console) do(v *visit, act string, in panelInput) (done string, err error) {
	id, version := v.r.PathValue("id"), number(v.r.PostFormValue("version"))
	switch act {
	case "take":
		_, err = c.cases.TakeCase(v.act(), &v1.TakeCaseRequest{Id: id})
		return "taken", err
	case "put_back":
		_, err = c.cases.PutBackCase(v.act(), &v1.PutBackCaseRequest{Id: id})
		return "put-back", err
	case "note":
		_, err = c.cases.AddCaseNote(v.act(), &v1.AddCaseNoteRequest{Id: id, Text: in.Note})
		return "note", err
	case "escalate":
		_, err = c.cases.EscalateCase(v.act(), &v1.EscalateCaseRequest{Id: id, Note: in.Note})
		return "escalated", err
	case "request_information":
		_, err = c.cases.RequestInformation(v.act(), &v1.RequestInformationRequest{Id: id, Question: in.Note, DeadlineHours: int32(min(number(in.Hours), 1000))})
		return "asked", err
	case "freeze":
		_, err = c.suspicions.OrderFreeze(v.act(), &v1.OrderFreezeRequest{Id: id, Note: in.Note})
		return "frozen", err
	case "return":
		_, err = c.cases.ReturnCase(v.act(), &v1.ReturnCaseRequest{Id: id, Note: in.Note, Version: version})
		return "returned", err
	}
	decision, ok := map[string]string{"approve": "approved", "reject": "rejected", "block": "blocked", "unblock": "unblocked"}[act]
	if !ok {
		return "", portal.Missing(v.caller.RequestID)
	}
	if version <= 0 {
		return "", portal.Problem{
			Status: http.StatusBadRequest, Title: "That cannot be used as it is", Reason: string(remit.ReasonFieldRequired), RequestID: v.caller.RequestID,
			Detail: "The form did not say which version of the case it was made on, so nothing was decided. Open the case again.",
		}
	}
	request := &v1.DecideCaseRequest{Id: id, Decision: decision, Note: in.Note, Version: version, Licence: in.Licence}
	for _, key := range sortedKeys(in.Said) {
		if said := in.Said[key]; said != "" {
			request.Hits = append(request.Hits, &v1.HitDisposition{Key: key, Disposition: said})
		}
	}
	answer, err := c.cases.DecideCase(v.act(), request)
	if answer.GetCase().GetProposal() != nil {
		return "proposed", err
	}
	return "decided", err
}

// document sends a document of the file, as a download: what a stranger made is
// not shown as a page of ours.
func (c *Console) document(v *visit) error {
	answer, err := c.cases.GetCaseAttachment(v.read(), &v1.GetCaseAttachmentRequest{Id: v.r.PathValue("id"), AttachmentId: v.r.PathValue("document")})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", answer.GetAttachment().GetMediaType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": answer.GetAttachment().GetName()}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", strconv.Itoa(len(answer.GetContent())))
	v.w.Write(answer.GetContent()) //nolint:errcheck // The browser hung up; there is nobody to tell.
	return nil
}
