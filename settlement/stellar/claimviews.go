package stellar

import (
	"context"
	"fmt"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/protocols/horizon/operations"
	rpcproto "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// claimOperations is how many of a claimable balance's newest operations are
// searched for the one that ended it: the one that made it, and perhaps changes
// of who sponsors it, are all the others.
const claimOperations = 50

// claimable asks for the balance, and when it is gone for what was done with it.
func (h *horizon) claimable(ctx context.Context, id string, _ Coin, _ string) (claimView, error) {
	client, _ := h.client(ctx)
	balance, err := client.ClaimableBalance(id)
	if err == nil {
		if balance.BalanceID != id {
			return claimView{}, errNotBalance
		}
		return claimView{open: true}, nil
	}
	if !isNotFound(missing(err)) {
		return claimView{}, err
	}
	page, err := client.Operations(horizonclient.OperationRequest{
		ForClaimableBalance: id, Order: horizonclient.OrderDesc, Limit: claimOperations,
	})
	if isNotFound(missing(err)) {
		return claimView{}, nil
	}
	if err != nil {
		return claimView{}, err
	}
	for _, op := range page.Embedded.Records {
		switch op := op.(type) {
		case operations.ClaimClaimableBalance:
			if op.BalanceID == id && op.TransactionSuccessful {
				return claimView{by: op.Claimant, hash: op.TransactionHash}, nil
			}
		case operations.ClawbackClaimableBalance:
			if op.BalanceID == id && op.TransactionSuccessful {
				return claimView{clawedBack: true, hash: op.TransactionHash}, nil
			}
		}
	}
	return claimView{}, nil
}

// claimable reads the balance's entry, and with it the treasury's trustline, which
// says whether the issuer can claw back what the treasury pays.
func (s *rpc) claimable(ctx context.Context, id string, coin Coin, treasury string) (claimView, error) {
	var balance xdr.ClaimableBalanceId
	if err := xdr.SafeUnmarshalHex(id, &balance); err != nil {
		return claimView{}, fmt.Errorf("decode the id of a claimable balance: %w", err)
	}
	owner, err := xdr.AddressToAccountId(treasury)
	if err != nil {
		return claimView{}, fmt.Errorf("parse address %s: %w", treasury, err)
	}
	asset, err := coin.credit().ToXDR()
	if err != nil {
		return claimView{}, fmt.Errorf("encode asset %s: %w", coin.Code, err)
	}
	var keys []string
	for _, key := range []xdr.LedgerKey{
		{Type: xdr.LedgerEntryTypeClaimableBalance, ClaimableBalance: &xdr.LedgerKeyClaimableBalance{BalanceId: balance}},
		{Type: xdr.LedgerEntryTypeTrustline, TrustLine: &xdr.LedgerKeyTrustLine{AccountId: owner, Asset: asset.ToTrustLineAsset()}},
	} {
		text, err := xdr.MarshalBase64(key)
		if err != nil {
			return claimView{}, fmt.Errorf("encode ledger key: %w", err)
		}
		keys = append(keys, text)
	}
	var answer rpcproto.GetLedgerEntriesResponse
	if err := s.call(ctx, rpcproto.GetLedgerEntriesMethodName, rpcproto.GetLedgerEntriesRequest{Keys: keys}, &answer); err != nil {
		return claimView{}, err
	}
	view := claimView{gone: answer.LatestLedger}
	for _, e := range answer.Entries {
		var data xdr.LedgerEntryData
		if err := xdr.SafeUnmarshalBase64(e.DataXDR, &data); err != nil {
			return claimView{}, fmt.Errorf("decode ledger entry: %w", err)
		}
		switch {
		case data.ClaimableBalance != nil:
			if held, err := xdr.MarshalHex(data.ClaimableBalance.BalanceId); err != nil || held != id {
				return claimView{}, errNotBalance
			}
			view.open = true
		case data.TrustLine != nil && data.TrustLine.AccountId.Address() == treasury && data.TrustLine.Asset.Equals(asset.ToTrustLineAsset()):
			view.sound = !xdr.TrustLineFlags(data.TrustLine.Flags).IsClawbackEnabledFlag()
		default:
			return claimView{}, fmt.Errorf("the answer holds a ledger entry %s that was not asked for", data.Type)
		}
	}
	return view, nil
}

func (s *servers) claimable(ctx context.Context, id string, coin Coin, treasury string) (claimView, error) {
	return ask(ctx, s, func(b backend) (claimView, error) { return b.claimable(ctx, id, coin, treasury) })
}
