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
	resp := &v1.UpdateListsResponse{}
	for _, l := range lists {
		resp.Lists = append(resp.Lists, &v1.ScreeningList{
			Name: l.Name, Version: l.Version, Entries: int32(l.Entries), UpdatedAt: timeMessage(l.UpdatedAt),
		})
	}
	return resp, nil
}
