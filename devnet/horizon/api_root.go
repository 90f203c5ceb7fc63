package horizon

import (
	"math"
	"net/http"
	"slices"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/support/render/hal"
)

const (
	versionHorizon = "24.0.0-remit-devnet"
	versionCore    = "v19.14.0-remit-devnet"
)

func (s *Server) getRoot(w http.ResponseWriter, r *http.Request) error {
	lb := links(r)
	s.mu.RLock()
	last := s.history.last()
	s.mu.RUnlock()
	seq := int32(last.seq)
	out := protocol.Root{HorizonVersion: versionHorizon, StellarCoreVersion: versionCore, IngestSequence: last.seq, HorizonSequence: seq,
		HorizonLatestClosedAt: unixTime(last.time), HistoryElderSequence: 1, CoreSequence: seq, NetworkPassphrase: s.opt.NetworkPassphrase,
		CurrentProtocolVersion: protocolVersion, SupportedProtocolVersion: protocolVersion, CoreSupportedProtocolVersion: protocolVersion}
	link := func(path string) hal.Link {
		l := hal.NewLink(lb.Link("/").Href[:len(lb.Link("/").Href)-1] + path)
		l.PopulateTemplated()
		return l
	}
	ptr := func(path string) *hal.Link { l := link(path); return &l }
	l := &out.Links
	l.Account = link("/accounts/{account_id}")
	l.Accounts = ptr("/accounts{?signer,sponsor,asset,liquidity_pool,cursor,limit,order}")
	l.AccountTransactions = link("/accounts/{account_id}/transactions{?cursor,limit,order}")
	l.ClaimableBalances = ptr("/claimable_balances{?asset,sponsor,claimant,cursor,limit,order}")
	l.Assets = link("/assets{?asset_code,asset_issuer,cursor,limit,order}")
	l.Effects = link("/effects{?cursor,limit,order}")
	l.FeeStats = link("/fee_stats")
	l.Friendbot = ptr("/friendbot{?addr}")
	l.Ledger = link("/ledgers/{sequence}")
	l.Ledgers = link("/ledgers{?cursor,limit,order}")
	l.LiquidityPools = ptr("/liquidity_pools{?reserves,account,cursor,limit,order}")
	l.Offer = ptr("/offers/{offer_id}")
	l.Offers = ptr("/offers{?selling,buying,seller,sponsor,cursor,limit,order}")
	l.Operation = link("/operations/{id}")
	l.Operations = link("/operations{?cursor,limit,order,include_failed}")
	l.OrderBook = link("/order_book{?selling_asset_type,selling_asset_code,selling_asset_issuer,buying_asset_type,buying_asset_code," +
		"buying_asset_issuer,limit}")
	l.Payments = link("/payments{?cursor,limit,order,include_failed}")
	l.Self = link("/")
	l.StrictReceivePaths = ptr("/paths/strict-receive{?source_assets,source_account,destination_account,destination_asset_type," +
		"destination_asset_issuer,destination_asset_code,destination_amount}")
	l.StrictSendPaths = ptr("/paths/strict-send{?destination_account,destination_assets,source_asset_type,source_asset_issuer," +
		"source_asset_code,source_amount}")
	const pair = "?base_asset_type={base_asset_type}&base_asset_code={base_asset_code}&base_asset_issuer={base_asset_issuer}" +
		"&counter_asset_type={counter_asset_type}&counter_asset_code={counter_asset_code}&counter_asset_issuer={counter_asset_issuer}"
	l.TradeAggregations = link("/trade_aggregations" + pair)
	l.Trades = link("/trades" + pair)
	l.Transaction = link("/transactions/{hash}")
	l.Transactions = link("/transactions{?cursor,limit,order}")
	writeJSON(w, http.StatusOK, typeHAL, out)
	return nil
}

// feeLedgers is how many ledgers the fee statistics look back on.
const feeLedgers = 5

func (s *Server) getFeeStats(w http.ResponseWriter, _ *http.Request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last := s.history.last()
	var charged, bid []int64
	for i := len(s.history.txs) - 1; i >= 0 && s.history.txs[i].ledger+feeLedgers > last.seq; i-- {
		rec := s.history.txs[i]
		units := int64(rec.ops)
		if rec.hash != rec.inner {
			units++
		}
		charged, bid = append(charged, rec.fee/max(units, 1)), append(bid, rec.bid/max(units, 1))
	}
	usage := math.Round(float64(last.allOps)/float64(s.opt.MaxOpsPerLedger)*100) / 100
	writeJSON(w, http.StatusOK, typeHAL, protocol.FeeStats{LastLedger: last.seq, LastLedgerBaseFee: last.baseFee,
		LedgerCapacityUsage: usage, FeeCharged: distribution(charged, s.opt.BaseFee), MaxFee: distribution(bid, s.opt.BaseFee)})
	return nil
}

// distribution sums up fees; without any, all are the fallback.
func distribution(fees []int64, fallback int64) protocol.FeeDistribution {
	if len(fees) == 0 {
		fees = []int64{fallback}
	}
	slices.Sort(fees)
	p := func(percent int) int64 { return fees[(len(fees)*percent+99)/100-1] }
	mode, best, run := fees[0], 0, 0
	for i, f := range fees {
		if run++; i > 0 && f != fees[i-1] {
			run = 1
		}
		if run > best {
			mode, best = f, run
		}
	}
	return protocol.FeeDistribution{Max: fees[len(fees)-1], Min: fees[0], Mode: mode, P10: p(10), P20: p(20), P30: p(30), P40: p(40),
		P50: p(50), P60: p(60), P70: p(70), P80: p(80), P90: p(90), P95: p(95), P99: p(99)}
}
