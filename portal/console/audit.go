package console

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Bounds of the audit pages.
const (
	auditPageSize   = 50
	auditExportPage = 500
	maxExport       = 100_000
)

// auditFilter is what the form of the audit page asks for.
type auditFilter struct{ Act, Subject, ActorID, From, Until, PageToken string }

func readAuditFilter(q url.Values) auditFilter {
	return auditFilter{
		Act: strings.TrimSpace(q.Get("act")), Subject: strings.TrimSpace(q.Get("subject")), ActorID: strings.TrimSpace(q.Get("actor")),
		From: q.Get("from"), Until: q.Get("until"), PageToken: q.Get("page"),
	}
}

// Query returns the filter as a query, without the page: a template would escape
// a plain text as one value of a query, and the filter would be none.
func (f auditFilter) Query() template.URL {
	q := url.Values{}
	for n, v := range map[string]string{"act": f.Act, "subject": f.Subject, "actor": f.ActorID, "from": f.From, "until": f.Until} {
		if v != "" {
			q.Set(n, v)
		}
	}
	return template.URL(q.Encode())
}

// request makes the call of a filter. Days are those of UTC; until includes its day.
func (f auditFilter) request(requestID string) (*v1.ListAuditRecordsRequest, error) {
	r := &v1.ListAuditRecordsRequest{PageSize: auditPageSize, PageToken: f.PageToken, ActorId: f.ActorID, Act: f.Act, Subject: f.Subject}
	for _, d := range []struct {
		name, text string
		add        time.Duration
		to         **timestamppb.Timestamp
	}{{"from", f.From, 0, &r.From}, {"until", f.Until, 24 * time.Hour, &r.Until}} {
		if d.text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, d.text)
		if err != nil {
			return nil, portal.Problem{Status: http.StatusUnprocessableEntity, Title: "That is no day", Reason: "FIELD_INVALID", RequestID: requestID,
				Detail: fmt.Sprintf("Write %s as year, month and day, such as 2026-11-21.", d.name)}
		}
		*d.to = timestamppb.New(day.Add(d.add))
	}
	return r, nil
}

// auditData is what the audit page shows.
type auditData struct {
	Filter  auditFilter
	Records []*v1.AuditRecord
	Next    string
	Proof   *v1.VerifyAuditResponse
	Staff   []*v1.Staff
}

func (c *Console) auditPage(v *visit) error { return c.showAudit(v, nil) }

func (c *Console) showAudit(v *visit, proof *v1.VerifyAuditResponse) error {
	f := readAuditFilter(v.r.URL.Query())
	request, err := f.request(v.caller.RequestID)
	if err != nil {
		return err
	}
	data := auditData{Filter: f, Proof: proof}
	err = together(
		func() error {
			answer, err := c.audit.ListAuditRecords(v.read(), request)
			data.Records, data.Next = answer.GetRecords(), answer.GetNextPageToken()
			return err
		},
		func() error {
			answer, err := c.staff.ListStaff(v.read(), &v1.ListStaffRequest{})
			data.Staff = answer.GetStaff()
			return ignoreMissing(err)
		},
	)
	if err != nil {
		return err
	}
	return c.show(v, http.StatusOK, "audit.html", c.page(v, "Audit trail", data))
}

func (c *Console) verifyAudit(v *visit) error {
	proof, err := c.audit.VerifyAudit(v.act(), &v1.VerifyAuditRequest{})
	if err != nil {
		return err
	}
	return c.showAudit(v, proof)
}

// eachRecord hands over all records of a filter, newest first.
func (c *Console) eachRecord(ctx context.Context, request *v1.ListAuditRecordsRequest, do func(*v1.AuditRecord) error) error {
	request.PageSize = auditExportPage
	answer, err := c.audit.ListAuditRecords(ctx, request)
	if err != nil {
		return err
	}
	return c.eachAfter(ctx, request, answer, do)
}

// eachAfter is eachRecord when the first page is there.
func (c *Console) eachAfter(ctx context.Context, request *v1.ListAuditRecordsRequest, answer *v1.ListAuditRecordsResponse, do func(*v1.AuditRecord) error) error {
	for seen := 0; ; {
		for _, record := range answer.GetRecords() {
			if err := do(record); err != nil {
				return err
			}
			seen++
		}
		if request.PageToken = answer.GetNextPageToken(); request.PageToken == "" || seen >= maxExport {
			return nil
		}
		var err error
		if answer, err = c.audit.ListAuditRecords(ctx, request); err != nil {
			return err
		}
	}
}

// exportAudit sends the records of a filter as CSV, or as one JSON object a line.
func (c *Console) exportAudit(v *visit) error {
	request, err := readAuditFilter(v.r.URL.Query()).request(v.caller.RequestID)
	if err != nil {
		return err
	}
	request.PageToken, request.PageSize = "", auditExportPage
	// What is refused is told on a page: once the file began it can be cut off only.
	first, err := c.audit.ListAuditRecords(v.read(), request)
	if err != nil {
		return err
	}
	each := func(do func(*v1.AuditRecord) error) error { return c.eachAfter(v.read(), request, first, do) }
	h := v.w.Header()
	name := "audit-" + c.clock.Now().UTC().Format("20060102-150405")
	begin := func(extension, mediaType string) {
		h.Set("Content-Type", mediaType)
		h.Set("Content-Disposition", `attachment; filename="`+name+extension+`"`)
	}
	if v.r.URL.Query().Get("format") == "ndjson" {
		encoder := json.NewEncoder(v.w)
		encoder.SetEscapeHTML(false)
		begin(".ndjson", "application/x-ndjson")
		return c.broken(v, each(func(r *v1.AuditRecord) error { return encoder.Encode(auditLine(r)) }))
	}
	begin(".csv", "text/csv; charset=utf-8")
	w := csv.NewWriter(v.w)
	if err := w.Write([]string{"number", "at", "phase", "intent_number", "actor_kind", "actor_id", "actor", "act", "subject", "outcome", "reason", "facts", "request_id", "hash"}); err != nil {
		return c.broken(v, err)
	}
	err = each(func(r *v1.AuditRecord) error {
		return w.Write([]string{
			strconv.FormatInt(r.GetNumber(), 10), portal.ISO(r.GetAt()), r.GetPhase(), strconv.FormatInt(r.GetIntentNumber(), 10), r.GetActorKind(),
			r.GetActorId(), plainCell(r.GetActor()), r.GetAct(), r.GetSubject(), r.GetOutcome(), r.GetReason(), plainCell(factsText(r.GetFacts())), plainCell(r.GetRequestId()), r.GetHash(),
		})
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return c.broken(v, err)
}

// broken ends a download that cannot go on: it is cut off, so that nobody takes
// a part for the whole.
func (c *Console) broken(v *visit, err error) error {
	if err == nil {
		return nil
	}
	c.log.ErrorContext(v.ctx, "export broken off", "request_id", v.caller.RequestID, "error", err.Error())
	panic(http.ErrAbortHandler)
}

// plainCell keeps spreadsheets, which pass over spaces and take wide signs for
// narrow ones, from taking a text for a formula.
func plainCell(text string) string {
	if begin := strings.TrimLeft(text, " \u00a0"); begin != "" && strings.ContainsRune("=+-@\t\r\n|＝＋－＠", []rune(begin)[0]) {
		return "'" + text
	}
	return text
}

func factsText(facts map[string]string) string {
	parts := make([]string, 0, len(facts))
	for _, k := range sortedKeys(facts) {
		parts = append(parts, k+"="+facts[k])
	}
	return strings.Join(parts, "; ")
}

// auditLine is a record as the export writes it.
func auditLine(r *v1.AuditRecord) map[string]any {
	return map[string]any{
		"number": r.GetNumber(), "at": portal.ISO(r.GetAt()), "phase": r.GetPhase(), "intent_number": r.GetIntentNumber(), "actor_kind": r.GetActorKind(),
		"actor_id": r.GetActorId(), "actor": r.GetActor(), "act": r.GetAct(), "subject": r.GetSubject(), "outcome": r.GetOutcome(), "reason": r.GetReason(),
		"facts": r.GetFacts(), "request_id": r.GetRequestId(), "hash": r.GetHash(),
	}
}
