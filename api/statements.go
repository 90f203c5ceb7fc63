package api

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// statementService answers v1.StatementService.
type statementService struct {
	v1.UnimplementedStatementServiceServer
	*Server
}

// The bounds of lists.
const (
	usualRows = 100
	// maxStatementRows bounds the movements of one exported statement.
	maxStatementRows = 20_000
)

// periodRequest is what all calls about a period ask for.
type periodRequest interface {
	proto.Message
	GetAgentId() string
	GetOutletId() string
	GetFrom() string
	GetTo() string
}

// period is a period of an agent's or outlet's that the caller may see.
type period struct {
	agent    counter.AgentID
	outlet   counter.OutletID
	from, to string
}

// periodOf reads a period and refuses who may not see it.
func (s *statementService) periodOf(ctx context.Context, req periodRequest) (period, error) {
	if _, err := s.desk(); err != nil {
		return period{}, err
	}
	c := s.check(req)
	p := period{
		agent:  checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId()),
		outlet: checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId()),
		from:   req.GetFrom(), to: req.GetTo(),
	}
	for _, day := range []struct{ field, text string }{{"from", p.from}, {"to", p.to}} {
		if _, err := time.Parse("2006-01-02", day.text); err != nil && day.text != "" {
			c.add(day.field, remit.ReasonFieldInvalid, "%q is not a day; write it as 2026-11-30", clip(day.text))
		}
	}
	if err := c.err(); err != nil {
		return p, err
	}
	tenant := callOf(ctx).caller.TenantID
	if _, err := s.counter.Agent(ctx, tenant, p.agent); err != nil {
		return p, err
	}
	if p.outlet != "" {
		o, err := s.counter.Outlet(ctx, tenant, p.outlet)
		if err == nil && o.AgentID != p.agent {
			err = remit.NotFound("outlet", string(p.outlet))
		}
		if err != nil {
			return p, err
		}
	}
	return p, s.mayRead(ctx, p.agent, p.outlet)
}

func (s *statementService) settlement(ctx context.Context, p period) (counter.Settlement, error) {
	return s.counter.Settlement(ctx, callOf(ctx).caller.TenantID, p.agent, p.outlet, p.from, p.to)
}

// GetSettlementStatement states a period.
func (s *statementService) GetSettlementStatement(ctx context.Context, req *v1.GetSettlementStatementRequest) (*v1.GetSettlementStatementResponse, error) {
	p, err := s.periodOf(ctx, req)
	if err != nil {
		return nil, err
	}
	st, err := s.settlement(ctx, p)
	if err != nil {
		return nil, err
	}
	return &v1.GetSettlementStatementResponse{Statement: statementMessage(st)}, nil
}

// ExportSettlementStatement writes the same with every movement as CSV. What was
// written between the two reads is read again.
func (s *statementService) ExportSettlementStatement(ctx context.Context, req *v1.ExportSettlementStatementRequest) (*httpbody.HttpBody, error) {
	p, err := s.periodOf(ctx, req)
	if err != nil {
		return nil, err
	}
	const tries = 3
	for range tries {
		st, err := s.settlement(ctx, p)
		if err != nil {
			return nil, err
		}
		rows := 0
		for _, total := range st.Totals {
			for _, l := range total.Lines {
				rows += l.Count
			}
		}
		if rows > maxStatementRows {
			return nil, remit.Invalid("from", remit.ReasonFieldInvalid, "the period has %d movements and a file at most %d; ask for a shorter one", rows, maxStatementRows)
		}
		text, same, err := s.writeStatement(ctx, st)
		if err != nil {
			return nil, err
		}
		if !same {
			continue
		}
		name := "statement-" + string(st.Agent.ID) + "-" + st.First + "-" + st.Last + ".csv"
		if err := grpc.SetHeader(ctx, metadata.Pairs(headerDisposition, `attachment; filename="`+name+`"`)); err != nil {
			return nil, remit.Wrap(err, remit.KindInternal, remit.ReasonInternal, "set a header")
		}
		return &httpbody.HttpBody{ContentType: "text/csv; charset=utf-8; header=present", Data: text}, nil
	}
	return nil, remit.Errorf(remit.KindUnavailable, remit.ReasonUnavailable, "the books are being written; try again")
}

// ListStatementMovements returns a page of movements.
func (s *statementService) ListStatementMovements(ctx context.Context, req *v1.ListStatementMovementsRequest) (*v1.ListStatementMovementsResponse, error) {
	p, err := s.periodOf(ctx, req)
	if err != nil {
		return nil, err
	}
	page := counter.MovementPage{AgentID: p.agent, OutletID: p.outlet, First: p.from, Last: p.to, Limit: int(req.GetPageSize())}
	if page.Limit == 0 {
		page.Limit = usualRows
	}
	if token := req.GetPageToken(); token != "" {
		if page.After, err = movementAfter(token); err != nil {
			return nil, err
		}
	}
	size := page.Limit
	page.Limit++
	list, err := s.counter.PageOfMovements(ctx, callOf(ctx).caller.TenantID, page)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListStatementMovementsResponse{}
	if len(list) > size {
		list = list[:size]
		last := list[size-1]
		resp.NextPageToken = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.At.UnixMicro(), 10) + " " + last.Key))
	}
	resp.Movements = movementMessages(list)
	return resp, nil
}

// movementAfter reads a page token.
func movementAfter(token string) (counter.Movement, error) {
	wrong := remit.Invalid("page_token", remit.ReasonFieldInvalid, "this is no token of an earlier answer")
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return counter.Movement{}, wrong
	}
	at, key, found := strings.Cut(string(text), " ")
	micros, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !found || micros <= 0 {
		return counter.Movement{}, wrong
	}
	return counter.Movement{Key: key, At: time.UnixMicro(micros).UTC()}, nil
}

// GetDayBook returns an outlet's day by drawer and teller.
func (s *statementService) GetDayBook(ctx context.Context, req *v1.GetDayBookRequest) (*v1.GetDayBookResponse, error) {
	if _, err := s.desk(); err != nil {
		return nil, err
	}
	outlet, err := (&agentService{Server: s.Server}).bookOf(ctx, s.check(req), req.GetOutletId())
	if err != nil {
		return nil, err
	}
	book, err := s.counter.DayBook(ctx, callOf(ctx).caller.TenantID, outlet, req.GetDay())
	if err != nil {
		return nil, err
	}
	return dayBookMessage(book), nil
}

// ListFloats returns what outlets hold.
func (s *statementService) ListFloats(ctx context.Context, req *v1.ListFloatsRequest) (*v1.ListFloatsResponse, error) {
	if _, err := s.desk(); err != nil {
		return nil, err
	}
	c := s.check(req)
	agent := checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	skip := 0
	if token := req.GetPageToken(); token != "" {
		var err error
		if skip, err = strconv.Atoi(token); err != nil || skip < 0 {
			c.add("page_token", remit.ReasonFieldInvalid, "this is no token of an earlier answer")
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.counter.Floats(ctx, callOf(ctx).caller.TenantID, agent)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListFloatsResponse{}
	for _, f := range list {
		if f.Low() {
			resp.Low++
		}
	}
	if req.GetLowOnly() {
		list = slices.DeleteFunc(list, func(f counter.OutletFloat) bool { return !f.Low() })
	}
	size := int(req.GetPageSize())
	if size == 0 {
		size = usualRows
	}
	list = list[min(skip, len(list)):]
	if len(list) > size {
		list, resp.NextPageToken = list[:size], strconv.Itoa(skip+size)
	}
	for _, f := range list {
		m := &v1.OutletFloat{
			OutletId: string(f.Outlet.ID), OutletName: f.Outlet.Name, City: f.Outlet.City, AgentId: string(f.Outlet.AgentID), AgentName: f.Agent.Name,
		}
		for _, l := range f.Lines {
			m.Lines = append(m.Lines, floatLineMessage(l))
		}
		resp.Outlets = append(resp.Outlets, m)
	}
	return resp, nil
}
