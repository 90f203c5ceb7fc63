package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// caseService answers v1.CaseService.
type caseService struct {
	v1.UnimplementedCaseServiceServer
	*Server
}

// ListCases returns a page of cases, newest first.
func (s *caseService) ListCases(ctx context.Context, req *v1.ListCasesRequest) (*v1.ListCasesResponse, error) {
	c := s.check(req)
	p := page[remit.CaseID](c, remit.PrefixCase, req.GetPageSize(), req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.store.Cases(ctx, callOf(ctx).caller.TenantID, compliance.CaseStatus(req.GetStatus()), p)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	resp := &v1.ListCasesResponse{NextPageToken: nextToken(list, p, func(k compliance.Case) remit.CaseID { return k.ID })}
	for _, k := range list {
		resp.Cases = append(resp.Cases, caseMessage(k))
	}
	return resp, nil
}

// GetCase returns one case.
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
	return &v1.GetCaseResponse{Case: caseMessage(k)}, nil
}

// DecideCase records a person's decision, in the name of the key.
func (s *caseService) DecideCase(ctx context.Context, req *v1.DecideCaseRequest) (*v1.DecideCaseResponse, error) {
	c := s.check(req)
	id := checkID[remit.CaseID](c, remit.PrefixCase, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	key := callOf(ctx).caller
	k, err := s.store.DecideCase(ctx, key.TenantID, id, compliance.CaseStatus(req.GetDecision()), key.Name, req.GetNote())
	if err != nil {
		return nil, fmt.Errorf("decide case: %w", err)
	}
	s.kick()
	return &v1.DecideCaseResponse{Case: caseMessage(k)}, nil
}

func caseMessage(k compliance.Case) *v1.Case {
	m := &v1.Case{
		Id: string(k.ID), RemittanceId: string(k.RemittanceID), Kind: k.Kind, Gate: string(k.Gate), Status: string(k.Status),
		Note: k.Note, DecidedBy: k.DecidedBy,
		OpenedAt: timeMessage(k.OpenedAt), DueAt: timeMessage(k.DueAt), DecidedAt: timeMessage(k.DecidedAt),
	}
	for _, reason := range k.Reasons {
		m.Reasons = append(m.Reasons, string(reason))
	}
	for _, h := range k.Hits {
		m.Hits = append(m.Hits, &v1.Hit{
			Key: h.Key, Role: h.Role, List: h.List, EntryId: h.EntryID, EntryName: h.EntryName,
			Programs: h.Programs, ScoreBasisPoints: int32(h.ScoreBasisPoints), Why: h.Why,
		})
	}
	return m
}

// treasuryService answers v1.TreasuryService.
type treasuryService struct {
	v1.UnimplementedTreasuryServiceServer
	*Server
}

// ListBalances returns the ledger's balances: all for an operator, the
// tenant's own for others.
func (s *treasuryService) ListBalances(ctx context.Context, req *v1.ListBalancesRequest) (*v1.ListBalancesResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	key := callOf(ctx).caller
	own := "tenant/" + string(key.TenantID)
	prefix := req.GetPrefix()
	if !slices.Contains(key.Scopes, ScopeOperate) {
		if prefix != "" && prefix != own {
			return nil, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden,
				"this key sees the account %s only; leave prefix out, or use a key with the scope %s", own, ScopeOperate)
		}
		prefix = own
	}
	list, err := s.store.Balances(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("read balances: %w", err)
	}
	return &v1.ListBalancesResponse{Balances: balanceMessages(list)}, nil
}

func balanceMessages(list []ledger.Balance) []*v1.Balance {
	messages := make([]*v1.Balance, len(list))
	for i, b := range list {
		messages[i] = &v1.Balance{Account: string(b.Account), Posted: moneyMessage(b.Posted), Held: moneyMessage(b.Held)}
	}
	return messages
}

// ledgerService answers v1.LedgerService.
type ledgerService struct {
	v1.UnimplementedLedgerServiceServer
	*Server
}

// VerifyLedger proves the books.
func (s *ledgerService) VerifyLedger(ctx context.Context, _ *v1.VerifyLedgerRequest) (*v1.VerifyLedgerResponse, error) {
	report, err := s.store.VerifyLedger(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify ledger: %w", err)
	}
	return &v1.VerifyLedgerResponse{
		Clean: report.Clean(), Entries: report.Entries, Postings: report.Postings, Head: report.Head,
		Balances: balanceMessages(report.Balances), Findings: report.Findings,
	}, nil
}

// listsService answers v1.ListsService.
type listsService struct {
	v1.UnimplementedListsServiceServer
	*Server
}

// UpdateLists reads the screening lists anew.
func (s *listsService) UpdateLists(ctx context.Context, _ *v1.UpdateListsRequest) (*v1.UpdateListsResponse, error) {
	if s.lists == nil {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonUnavailable,
			"this process screens by lists that it cannot read anew; restart it with list files configured")
	}
	lists, err := s.lists.UpdateLists(ctx)
	if err != nil {
		return nil, fmt.Errorf("update screening lists: %w", err)
	}
	resp := &v1.UpdateListsResponse{}
	for _, l := range lists {
		resp.Lists = append(resp.Lists, &v1.ScreeningList{
			Name: l.Name, Version: l.Version, Entries: int32(l.Entries), UpdatedAt: timeMessage(l.UpdatedAt),
		})
	}
	return resp, nil
}
