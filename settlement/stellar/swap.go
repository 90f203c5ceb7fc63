package stellar

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/stellar/go-stellar-sdk/amount"
	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/strkey"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// basisPoints are the whole.
	basisPoints = 10_000
	// maxSlippage bounds what a swap may lose, in basis points.
	maxSlippage = 1_000
)

// Swap is what a destination takes instead of the coins that it is paid in: the
// network's market turns the one into the other on the way.
type Swap struct {
	// Code and Issuer name the asset that arrives.
	Code, Issuer string
	// Slippage is by how much less may arrive than the market promised when the
	// payment was made, in basis points.
	Slippage int64
}

// arriving is the asset that arrives by a swap: one of the coins, where it is.
func (o Options) arriving(s Swap) Coin {
	for _, c := range o.Coins {
		if c.Code == s.Code && c.Issuer == s.Issuer {
			return c
		}
	}
	return Coin{Asset: remit.Asset{Code: s.Code, Scale: stellarScale}, Code: s.Code, Issuer: s.Issuer}
}

// checkSwaps errs unless each swap is well formed.
func checkSwaps(swaps map[string]Swap) error {
	for destination, s := range swaps {
		if _, ok := baseAddress(destination); !ok || !strkey.IsValidEd25519PublicKey(s.Issuer) || s.Code == "" {
			return fmt.Errorf("stellar rail: what %q takes is not an asset for an address", destination)
		}
		if s.Slippage < 0 || s.Slippage > maxSlippage {
			return fmt.Errorf("stellar rail: a slippage of %d basis points is not within %d", s.Slippage, maxSlippage)
		}
	}
	return nil
}

// offer is what the market promises for a payment.
type offer struct {
	arrives int64
	path    []txnbuild.Asset
}

// errNoMarkets is wrapped when a server cannot say what the market promises.
var errNoMarkets = errors.New("this server does not search markets; paying in another asset needs Horizon")

// market is a backend that can say what the network's market promises.
type market interface {
	// promise is the best offer for an amount of one asset in another. Errors:
	// errMissing when there is none.
	promise(ctx context.Context, send Coin, stroops int64, take Coin) (offer, error)
}

var (
	_ market = (*horizon)(nil)
	_ market = (*servers)(nil)
)

func (s *servers) promise(ctx context.Context, send Coin, stroops int64, take Coin) (offer, error) {
	return ask(ctx, s, func(b backend) (offer, error) { return promise(ctx, b, send, stroops, take) })
}

func promise(ctx context.Context, b backend, send Coin, stroops int64, take Coin) (offer, error) {
	m, ok := b.(market)
	if !ok {
		return offer{}, fmt.Errorf("%s: %w", b.name(), errNoMarkets)
	}
	return m.promise(ctx, send, stroops, take)
}

func (h *horizon) promise(ctx context.Context, send Coin, stroops int64, take Coin) (offer, error) {
	client, _ := h.client(ctx)
	page, err := client.StrictSendPaths(horizonclient.StrictSendPathsRequest{
		DestinationAssets: take.String(), SourceAssetType: assetType(send.Code), SourceAssetCode: send.Code, SourceAssetIssuer: send.Issuer,
		SourceAmount: amount.StringFromInt64(stroops),
	})
	if err != nil {
		return offer{}, err
	}
	best := offer{}
	for _, p := range page.Embedded.Records {
		if p.DestinationAssetCode != take.Code || p.DestinationAssetIssuer != take.Issuer || p.SourceAmount != amount.StringFromInt64(stroops) {
			continue
		}
		arrives, err := amount.ParseInt64(p.DestinationAmount)
		if err != nil {
			return offer{}, fmt.Errorf("read a path: %w", err)
		}
		if arrives <= best.arrives {
			continue
		}
		best = offer{arrives: arrives}
		for _, hop := range p.Path {
			if hop.Type == "native" {
				best.path = append(best.path, txnbuild.NativeAsset{})
				continue
			}
			best.path = append(best.path, txnbuild.CreditAsset{Code: hop.Code, Issuer: hop.Issuer})
		}
	}
	if best.arrives < 1 {
		return offer{}, errMissing
	}
	return best, nil
}

func assetType(code string) horizonclient.AssetType {
	if len(code) > 4 {
		return horizonclient.AssetType12
	}
	return horizonclient.AssetType4
}

// swapWay is a payment that arrives in another asset.
type swapWay struct {
	take Coin
	// least is what must arrive, in stroops, or nothing is sent.
	least int64
	path  []txnbuild.Asset
}

// swap finds out what a payment comes to in what its destination takes.
func (r *Rail) swap(ctx context.Context, to payee, coin Coin, p settlement.Payment, s Swap) (*swapWay, *refusal, error) {
	take := r.arriving(s)
	got, err := promise(ctx, r.backend, coin, p.Amount.Minor, take)
	if isNotFound(err) {
		return nil, refused(remit.ReasonRailUnavailable, "no market turns %s into %s", coin.Code, s.Code), nil
	}
	if errors.Is(err, errNoMarkets) {
		return nil, refused(remit.ReasonRailUnavailable, "%s", err), nil
	}
	if err != nil {
		return nil, nil, unavailable(err, "search markets")
	}
	if why := to.cannotTake(take, got.arrives); why != nil {
		return nil, why, nil
	}
	return &swapWay{take: take, least: leastOf(got.arrives, s.Slippage), path: got.path}, nil, nil
}

// leastOf is an amount without its slippage, rounded up in favour of who is paid.
func leastOf(arrives, slippage int64) int64 {
	n := new(big.Int).Mul(big.NewInt(arrives), big.NewInt(basisPoints-slippage))
	n.Add(n, big.NewInt(basisPoints-1)).Div(n, big.NewInt(basisPoints))
	return max(1, n.Int64())
}

// operation makes the operation of a payment.
func (r *Rail) operation(p settlement.Payment, w way) txnbuild.Operation {
	coin, _ := r.coin(p.Amount.Asset)
	switch {
	case w.reclaim:
		return r.takeBack(p.Orders[0])
	case w.claim:
		return r.claim(p, coin)
	case w.swap != nil:
		return &txnbuild.PathPaymentStrictSend{
			SendAsset: coin.credit(), SendAmount: p.Amount.Decimal(), Destination: p.Destination, DestAsset: w.swap.take.credit(),
			DestMin: amount.StringFromInt64(w.swap.least), Path: w.swap.path, SourceAccount: r.Treasury,
		}
	default:
		return &txnbuild.Payment{Destination: p.Destination, Amount: p.Amount.Decimal(), Asset: coin.credit(), SourceAccount: r.Treasury}
	}
}
