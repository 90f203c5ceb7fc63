package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

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
	return &v1.UpdateListsResponse{Lists: listMessages(lists)}, nil
}

// GetLists returns the screening lists in force.
func (s *listsService) GetLists(context.Context, *v1.GetListsRequest) (*v1.GetListsResponse, error) {
	if s.inForce == nil {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonUnavailable, "this process does not know which lists are in force")
	}
	resp := &v1.GetListsResponse{Lists: listMessages(s.inForce())}
	if s.listsNews == nil {
		return resp, nil
	}
	news := s.listsNews()
	for _, t := range news.Troubles {
		resp.Troubles = append(resp.Troubles, &v1.ListTrouble{List: t.List, Kind: t.Kind, Message: t.Message, At: timeMessage(t.At)})
	}
	for _, c := range news.Changes {
		resp.Changes = append(resp.Changes, changeMessage(c))
	}
	return resp, nil
}

func changeMessage(c ListChange) *v1.ListChange {
	m := &v1.ListChange{
		List: c.List, FromVersion: c.FromVersion, ToVersion: c.ToVersion, Before: int32(c.Before), After: int32(c.After),
		Added: int32(c.Added), Removed: int32(c.Removed), Changed: int32(c.Changed), At: timeMessage(c.At),
	}
	for _, e := range c.Entries {
		m.Entries = append(m.Entries, &v1.ListedEntry{Id: e.ID, Name: e.Name, Change: e.Change})
	}
	return m
}

func listMessages(lists []ScreeningList) []*v1.ScreeningList {
	messages := make([]*v1.ScreeningList, len(lists))
	for i, l := range lists {
		messages[i] = &v1.ScreeningList{Name: l.Name, Version: l.Version, Entries: int32(l.Entries), UpdatedAt: timeMessage(l.UpdatedAt)}
	}
	return messages
}

// policyService answers v1.PolicyService.
type policyService struct {
	v1.UnimplementedPolicyServiceServer
	*Server
}

// GetPolicy returns the policy in force with what its tests say.
func (s *policyService) GetPolicy(ctx context.Context, _ *v1.GetPolicyRequest) (*v1.GetPolicyResponse, error) {
	if s.policy == nil {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonUnavailable, "this process cannot tell its policy")
	}
	d, err := s.policy.Describe(ctx)
	if err != nil {
		return nil, fmt.Errorf("describe policy: %w", err)
	}
	resp := &v1.GetPolicyResponse{Hash: d.Hash}
	for _, f := range d.Files {
		resp.Files = append(resp.Files, &v1.PolicyFile{Path: f.Path, Text: f.Text})
	}
	for _, r := range d.Rules {
		resp.Rules = append(resp.Rules, &v1.PolicyRule{
			Package: r.Package, Title: r.Title, Description: r.Description, Outcome: string(r.Outcome), Reason: string(r.Reason),
		})
	}
	for _, t := range d.Tests {
		resp.Tests = append(resp.Tests, &v1.PolicyTest{Name: t.Name, Passed: t.Passed})
	}
	return resp, nil
}
