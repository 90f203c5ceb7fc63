package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// caseService answers v1.CaseService.
type caseService struct {
	v1.UnimplementedCaseServiceServer
	*Server
}

// personOf is who makes a call, with what they may do with cases: a key with
// ScopeReview may do all.
func personOf(caller Key) compliance.Person {
	may := func(scope Scope) bool {
		return slices.Contains(caller.Scopes, scope) || slices.Contains(caller.Scopes, ScopeReview)
	}
	return compliance.Person{
		Actor: actorOf(caller), Works: may(ScopeCasesWork), Decides: may(ScopeCasesDecide), Blocks: may(ScopeCasesBlock),
	}
}

// ListCases returns a page of cases, the newest or the most urgent first.
func (s *caseService) ListCases(ctx context.Context, req *v1.ListCasesRequest) (*v1.ListCasesResponse, error) {
	c := s.check(req)
	caller := callOf(ctx).caller
	f := CaseFilter{
		Inbox: compliance.Inbox(req.GetInbox()), Kind: req.GetKind(), Standing: compliance.CaseStanding(req.GetStanding()),
		CustomerID:   checkID[remit.CustomerID](c, remit.PrefixCustomer, "customer_id", req.GetCustomerId()),
		RemittanceID: checkID[remit.RemittanceID](c, remit.PrefixRemittance, "remittance_id", req.GetRemittanceId()),
		HeldByNobody: req.GetHolder() == "nobody",
	}
	if req.GetHolder() == "mine" {
		f.HeldBy = actorOf(caller).ID
	}
	if f.Undecided = req.GetStatus() == "undecided"; !f.Undecided {
		f.Status = compliance.CaseStatus(req.GetStatus())
	}
	p := casePage(c, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.store.Cases(ctx, caller.TenantID, f, p)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	resp := &v1.ListCasesResponse{}
	for _, k := range list {
		resp.Cases = append(resp.Cases, s.caseMessage(k, personOf(caller)))
	}
	if len(list) == p.Size {
		last := list[len(list)-1]
		resp.NextPageToken = string(last.ID)
		if p.ByDue {
			resp.NextPageToken = strconv.FormatInt(last.DueAt.UnixMicro(), 10) + "." + string(last.ID)
		}
	}
	return resp, nil
}

// casePage reads where a page starts: an id, or where the soonest due come
// first, when the last one was due, a point and its id.
func casePage(c *check, req *v1.ListCasesRequest) CasePage {
	p := CasePage{Size: int(req.GetPageSize()), ByDue: req.GetOrder() == "due"}
	if p.Size == 0 {
		p.Size = defaultPageSize
	}
	token := req.GetPageToken()
	if p.ByDue && token != "" {
		due, id, _ := strings.Cut(token, ".")
		at, err := strconv.ParseInt(due, 10, 64)
		if err != nil {
			c.add("page_token", remit.ReasonFieldInvalid, "the page token is not one of this order; leave it out for the first page")
			return p
		}
		p.AfterDue, token = time.UnixMicro(at).UTC(), id
	}
	p.After = checkID[remit.CaseID](c, remit.PrefixCase, "page_token", token)
	return p
}

// GetCase returns one case with all that belongs to it.
func (s *caseService) GetCase(ctx context.Context, req *v1.GetCaseRequest) (*v1.GetCaseResponse, error) {
	c := s.check(req)
	id := checkID[remit.CaseID](c, remit.PrefixCase, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	k, err := s.store.Case(ctx, callOf(ctx).caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read case: %w", err)
	}
	m, err := s.wholeCase(ctx, k)
	return &v1.GetCaseResponse{Case: m}, err
}

// onCase does one act on the case of a request and returns its message.
func (s *caseService) onCase(ctx context.Context, c *check, id, doing string,
	act func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error),
) (*v1.Case, error) {
	parsed := checkID[remit.CaseID](c, remit.PrefixCase, "id", id)
	if err := c.err(); err != nil {
		return nil, err
	}
	caller := callOf(ctx).caller
	k, err := act(caller.TenantID, parsed, personOf(caller))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return s.wholeCase(ctx, k)
}

// TakeNextCase locks the most urgent case for the caller.
func (s *caseService) TakeNextCase(ctx context.Context, req *v1.TakeNextCaseRequest) (*v1.TakeNextCaseResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	caller := callOf(ctx).caller
	k, err := s.store.TakeNextCase(ctx, caller.TenantID, compliance.Inbox(req.GetInbox()), personOf(caller))
	if err != nil {
		return nil, fmt.Errorf("take next case: %w", err)
	}
	m, err := s.wholeCase(ctx, k)
	return &v1.TakeNextCaseResponse{Case: m}, err
}

// TakeCase locks a case for the caller.
func (s *caseService) TakeCase(ctx context.Context, req *v1.TakeCaseRequest) (*v1.TakeCaseResponse, error) {
	m, err := s.onCase(ctx, s.check(req), req.GetId(), "take case", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.TakeCase(ctx, tenant, id, p)
	})
	return &v1.TakeCaseResponse{Case: m}, err
}

// PutBackCase gives up the caller's lock.
func (s *caseService) PutBackCase(ctx context.Context, req *v1.PutBackCaseRequest) (*v1.PutBackCaseResponse, error) {
	m, err := s.onCase(ctx, s.check(req), req.GetId(), "put case back", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.PutBackCase(ctx, tenant, id, p)
	})
	return &v1.PutBackCaseResponse{Case: m}, err
}

// AddCaseNote writes a note into the file.
func (s *caseService) AddCaseNote(ctx context.Context, req *v1.AddCaseNoteRequest) (*v1.AddCaseNoteResponse, error) {
	m, err := s.onCase(ctx, s.check(req), req.GetId(), "write note", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.AddCaseNote(ctx, tenant, id, p, req.GetText())
	})
	return &v1.AddCaseNoteResponse{Case: m}, err
}

// AddCaseAttachment puts a document into the file.
func (s *caseService) AddCaseAttachment(ctx context.Context, req *v1.AddCaseAttachmentRequest) (*v1.AddCaseAttachmentResponse, error) {
	m, err := s.onCase(ctx, s.checkAttachment(req), req.GetId(), "attach document", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		document, _, err := derivedID[remit.DocumentID](ctx, remit.PrefixDocument)
		if err != nil {
			return compliance.Case{}, err
		}
		doc, err := compliance.ReadDocument(document, req.GetName(), req.GetContent())
		if err != nil {
			return compliance.Case{}, err
		}
		return s.store.AddCaseAttachment(ctx, tenant, id, p, doc)
	})
	return &v1.AddCaseAttachmentResponse{Case: m}, err
}

// checkAttachment leaves the content and the name to compliance.ReadDocument,
// which cleans the name and says why a content is refused.
func (s *caseService) checkAttachment(req *v1.AddCaseAttachmentRequest) *check {
	c := s.check(req)
	c.fields = slices.DeleteFunc(c.fields, func(f remit.FieldError) bool {
		return f.Field == "content" || (f.Field == "name" && req.GetName() != "" && len(req.GetName()) <= maxCheckedName)
	})
	return c
}

// maxCheckedName bounds a document's name before it is cleaned, in bytes.
const maxCheckedName = 800

// GetCaseAttachment returns a document of the file with its content.
func (s *caseService) GetCaseAttachment(ctx context.Context, req *v1.GetCaseAttachmentRequest) (*v1.GetCaseAttachmentResponse, error) {
	c := s.check(req)
	id := checkID[remit.CaseID](c, remit.PrefixCase, "id", req.GetId())
	document := checkID[remit.DocumentID](c, remit.PrefixDocument, "attachment_id", req.GetAttachmentId())
	if err := c.err(); err != nil {
		return nil, err
	}
	doc, err := s.store.CaseAttachment(ctx, callOf(ctx).caller.TenantID, id, document)
	if err != nil {
		return nil, fmt.Errorf("read attachment: %w", err)
	}
	return &v1.GetCaseAttachmentResponse{Attachment: attachmentMessage(doc.Attachment), Content: doc.Content}, nil
}

// EscalateCase hands the case to the reporting officer.
func (s *caseService) EscalateCase(ctx context.Context, req *v1.EscalateCaseRequest) (*v1.EscalateCaseResponse, error) {
	m, err := s.onCase(ctx, s.check(req), req.GetId(), "escalate case", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.EscalateCase(ctx, tenant, id, p, req.GetNote())
	})
	return &v1.EscalateCaseResponse{Case: m}, err
}

// defaultDeadline is how long there is to answer a question.
const defaultDeadline = 72 * time.Hour

// RequestInformation puts a question to the tenant's system.
func (s *caseService) RequestInformation(ctx context.Context, req *v1.RequestInformationRequest) (*v1.RequestInformationResponse, error) {
	deadline := time.Duration(req.GetDeadlineHours()) * time.Hour
	if deadline == 0 {
		deadline = defaultDeadline
	}
	m, err := s.onCase(ctx, s.check(req), req.GetId(), "request information", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.RequestInformation(ctx, tenant, id, p, req.GetQuestion(), deadline)
	})
	return &v1.RequestInformationResponse{Case: m}, err
}

// AnswerInformationRequest takes the tenant's answer and shows nothing of the case.
func (s *caseService) AnswerInformationRequest(ctx context.Context, req *v1.AnswerInformationRequestRequest) (*v1.AnswerInformationRequestResponse, error) {
	c := s.check(req)
	id := checkID[remit.RemittanceID](c, remit.PrefixRemittance, "remittance_id", req.GetRemittanceId())
	if err := c.err(); err != nil {
		return nil, err
	}
	caller := callOf(ctx).caller
	at, err := s.store.AnswerInformationRequest(ctx, caller.TenantID, id, actorOf(caller), req.GetAnswer())
	if err != nil {
		return nil, fmt.Errorf("answer information request: %w", err)
	}
	return &v1.AnswerInformationRequestResponse{RemittanceId: string(id), AnsweredAt: timeMessage(at)}, nil
}

// DecideCase records the caller's decision.
func (s *caseService) DecideCase(ctx context.Context, req *v1.DecideCaseRequest) (*v1.DecideCaseResponse, error) {
	v := compliance.Verdict{
		Decision: compliance.CaseStatus(req.GetDecision()), Note: req.GetNote(), Version: req.GetVersion(), Licence: req.GetLicence(),
	}
	for _, h := range req.GetHits() {
		v.Hits = append(v.Hits, compliance.HitDisposition{Key: h.GetKey(), Disposition: h.GetDisposition()})
	}
	m, err := s.onCase(ctx, s.check(req), req.GetId(), "decide case", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.DecideCase(ctx, tenant, id, p, v)
	})
	if err == nil {
		s.kick()
	}
	return &v1.DecideCaseResponse{Case: m}, err
}

// ReturnCase sends a pending case back.
func (s *caseService) ReturnCase(ctx context.Context, req *v1.ReturnCaseRequest) (*v1.ReturnCaseResponse, error) {
	m, err := s.onCase(ctx, s.check(req), req.GetId(), "return case", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.ReturnCase(ctx, tenant, id, p, req.GetNote(), req.GetVersion())
	})
	return &v1.ReturnCaseResponse{Case: m}, err
}
