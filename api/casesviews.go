package api

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// What is shown where the caller does not say how much.
const (
	defaultGraphNodes = 30
	defaultDays       = 30
)

// GetCaseGraph returns who and what is linked with the case's parties.
func (s *caseService) GetCaseGraph(ctx context.Context, req *v1.GetCaseGraphRequest) (*v1.GetCaseGraphResponse, error) {
	c := s.check(req)
	id := checkID[remit.CaseID](c, remit.PrefixCase, "id", req.GetId())
	most := orDefault(int(req.GetMaxNodes()), defaultGraphNodes)
	if most < 2 {
		c.add("max_nodes", remit.ReasonFieldInvalid, "max_nodes is 2 to 100")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	g, err := s.store.CaseGraph(ctx, callOf(ctx).caller.TenantID, id, most)
	if err != nil {
		return nil, fmt.Errorf("read case graph: %w", err)
	}
	resp := &v1.GetCaseGraphResponse{LeftOut: int32(g.LeftOut)}
	for _, n := range g.Nodes {
		resp.Nodes = append(resp.Nodes, &v1.GraphNode{Id: n.ID, Kind: n.Kind, Label: n.Label, Status: n.Status})
	}
	for _, e := range g.Edges {
		resp.Edges = append(resp.Edges, &v1.GraphEdge{From: e.From, To: e.To, Label: e.Label})
	}
	return resp, nil
}

// GetCaseStatistics counts cases and alerts.
func (s *caseService) GetCaseStatistics(ctx context.Context, req *v1.GetCaseStatisticsRequest) (*v1.GetCaseStatisticsResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	counts, err := s.store.CaseStatistics(ctx, callOf(ctx).caller.TenantID, orDefault(int(req.GetDays()), defaultDays))
	if err != nil {
		return nil, fmt.Errorf("count cases: %w", err)
	}
	resp := &v1.GetCaseStatisticsResponse{}
	for _, d := range counts.Days {
		resp.Days = append(resp.Days, &v1.DayStatistics{
			Date: d.Day.Format(time.DateOnly), Remittances: d.Remittances, Alerted: d.Alerted,
			Decided: d.Decided, FalsePositive: d.FalsePositive, Late: d.Late,
		})
	}
	for _, k := range counts.Corridors {
		resp.Corridors = append(resp.Corridors, &v1.CorridorStatistics{
			CorridorId: string(k.Corridor), Remittances: k.Remittances, Volume: moneyMessage(k.Volume),
			Alerted: k.Alerted, Decided: k.Decided, FalsePositive: k.FalsePositive,
		})
	}
	for _, in := range counts.Inboxes {
		resp.Inboxes = append(resp.Inboxes, &v1.InboxStatistics{
			Inbox: string(in.Inbox), Undecided: in.Undecided, Late: in.Late, Pending: in.Pending, OldestAt: timeMessage(in.OldestAt),
		})
	}
	return resp, nil
}
