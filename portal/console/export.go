package console

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // For the style of exported files.
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

//go:embed export.css
var exportStyle string

// endOfContent ends what the hash of an exported case is taken over: every byte
// before the line that begins with it.
const endOfContent = "<!-- end of content -->"

// maxEmbedded bounds the documents that are put into an export, in bytes.
const maxEmbedded = 24 << 20

// exportData is a case as its file shows it.
type exportData struct {
	*caseFile
	Hits     []*hitView
	Timeline []timelineRow
	Graph    graphView
	Lists    []*v1.ScreeningList
	Audit    []*v1.AuditRecord
	// NoAudit says that the audit records are not for who made the file.
	NoAudit   bool
	Documents []exportedDocument
	Evidence  []exportedEvidence
	By, Role  string
	Tenant    string
	At        *timestamppb.Timestamp
	RequestID string
	// JSON are the same facts for programs.
	JSON []exportedJSON
}

type exportedDocument struct {
	*v1.CaseAttachment
	// Data is the content as a data: address; empty where it would be too much.
	Data template.URL
}

// exportedEvidence is what a counter took, with the picture where who made the
// file may see it.
type exportedEvidence struct {
	*v1.CaseEvidence
	Data template.URL
}

type exportedJSON struct{ Name, Text string }

// exportCase sends one case as a file that needs nothing else: every fact, the
// history, the documents and the audit records, with hashes.
func (c *Console) exportCase(v *visit) error {
	data, err := c.readExport(v)
	if err != nil {
		return err
	}
	content, err := c.pages.Render("export.html", "export", data)
	if err != nil {
		return err
	}
	content = append(bytes.TrimRight(content, "\n"), '\n')
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	tail, err := c.pages.Render("export.html", "seal", map[string]string{"Hash": hash, "Name": exportName(data.Case)})
	if err != nil {
		return err
	}
	whole := append(content, []byte(endOfContent+"\n")...)
	whole = append(whole, tail...)
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+exportName(data.Case)+`"`)
	h.Set("Content-Length", strconv.Itoa(len(whole)))
	h.Set("X-Content-SHA256", hash)
	v.w.Write(whole) //nolint:errcheck // The browser hung up; there is nobody to tell.
	return nil
}

func exportName(one *v1.Case) string { return "case-" + one.GetId() + ".html" }

func (c *Console) readExport(v *visit) (*exportData, error) {
	file, graph, err := c.readCase(v, wholeGraphNodes)
	if err != nil {
		return nil, err
	}
	data := &exportData{
		caseFile: file, Timeline: timeline(file), At: timestamppb.New(c.clock.Now()), RequestID: v.caller.RequestID,
		By: v.session.GetStaff().GetName(), Role: roleWord(v.session.GetStaff().GetRole()), Tenant: v.session.GetTenantName(),
	}
	tabs, _ := hitViews(file, "")
	for _, t := range tabs {
		data.Hits = append(data.Hits, newHitView(file, t.Hit, t.Number))
	}
	data.Graph = c.drawGraph(v.ctx, graph)
	lists, err := c.lists.GetLists(v.read(), &v1.GetListsRequest{})
	if err = ignoreMissing(err); err != nil {
		return nil, err
	}
	data.Lists = lists.GetLists()
	if err := c.exportDocuments(v, data); err != nil {
		return nil, err
	}
	if err := c.exportAuditRecords(v, data); err != nil {
		return nil, err
	}
	return data, data.writeJSON()
}

// exportAuditRecords adds the records about the case, its remittance and the
// payments at counters that there is evidence of, oldest first.
func (c *Console) exportAuditRecords(v *visit, data *exportData) error {
	if !v.may(permAuditRead) {
		data.NoAudit = true
		return nil
	}
	subjects := texts(data.Case.GetId(), data.Case.GetRemittanceId())
	for _, e := range data.Case.GetEvidence() {
		if !slices.Contains(subjects, e.GetPickupId()) {
			subjects = append(subjects, e.GetPickupId())
		}
	}
	for _, subject := range subjects {
		err := c.eachRecord(v.read(), &v1.ListAuditRecordsRequest{Subject: subject}, func(r *v1.AuditRecord) error {
			data.Audit = append([]*v1.AuditRecord{r}, data.Audit...)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Console) exportDocuments(v *visit, data *exportData) error {
	var embedded int64
	for _, a := range data.Case.GetAttachments() {
		one := exportedDocument{CaseAttachment: a}
		if embedded += a.GetSizeBytes(); embedded <= maxEmbedded {
			answer, err := c.cases.GetCaseAttachment(v.read(), &v1.GetCaseAttachmentRequest{Id: data.Case.GetId(), AttachmentId: a.GetId()})
			if err != nil {
				return err
			}
			one.Data = template.URL("data:" + a.GetMediaType() + ";base64," + base64.StdEncoding.EncodeToString(answer.GetContent()))
		}
		data.Documents = append(data.Documents, one)
	}
	return c.exportEvidence(v, data, embedded)
}

// exportEvidence adds what counters took. Each picture in it is a look, with its
// records in the trail.
func (c *Console) exportEvidence(v *visit, data *exportData, embedded int64) error {
	for _, e := range data.Case.GetEvidence() {
		one := exportedEvidence{CaseEvidence: e}
		if embedded += e.GetEvidence().GetSize(); v.may(permCasesDecide) && embedded <= maxEmbedded {
			answer, err := c.counter.GetPickupEvidence(v.read(), &v1.GetPickupEvidenceRequest{PickupId: e.GetPickupId(), Kind: e.GetKind()})
			if kind := portal.KindOf(err); err != nil && kind != remit.KindNotFound && kind != remit.KindPrecondition {
				return err
			}
			if err == nil {
				one.Data = template.URL("data:" + answer.GetMediaType() + ";base64," + base64.StdEncoding.EncodeToString(answer.GetContent())) //nolint:gosec // The API's own pictures.
			}
		}
		data.Evidence = append(data.Evidence, one)
	}
	return nil
}

// writeJSON adds the answers of the API as they came.
func (d *exportData) writeJSON() error {
	o := protojson.MarshalOptions{UseProtoNames: true, Multiline: true, Indent: "  "}
	add := func(name string, text []byte, err error) error {
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		d.JSON = append(d.JSON, exportedJSON{name, string(text)})
		return nil
	}
	text, err := o.Marshal(d.Case)
	if err := add("case", text, err); err != nil {
		return err
	}
	if d.Remittance != nil {
		text, err = o.Marshal(d.Remittance)
		if err := add("remittance", text, err); err != nil {
			return err
		}
	}
	if d.Proof != nil {
		text, err = o.Marshal(d.Proof)
		if err := add("settlement proof", text, err); err != nil {
			return err
		}
	}
	text, err = o.Marshal(&v1.ListRemittanceEventsResponse{Events: d.Events})
	if err := add("events", text, err); err != nil {
		return err
	}
	text, err = o.Marshal(&v1.ListAuditRecordsResponse{Records: d.Audit})
	return add("audit records", text, err)
}
