package horizon

import (
	"net/http"
	"slices"
	"strings"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/support/render/hal"
	"github.com/stellar/go-stellar-sdk/xdr"
)

func (s *Server) getClaimables(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q, err := s.readPage(withoutCursor(r))
	if err != nil {
		return err
	}
	q.cursor = v.Get("cursor")
	lb := links(r)
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := map[string]protocol.ClaimableBalance{}
	var keys []string
	for _, e := range s.state.live {
		c, ok := e.(*claimable)
		if !ok || !c.matches(v.Get("claimant"), v.Get("sponsor"), v.Get("asset")) {
			continue
		}
		b := renderClaimable(lb, c)
		found[b.PT] = b
		keys = append(keys, b.PT)
	}
	var out []hal.Pageable
	for _, k := range pageOfKeys(q, keys) {
		out = append(out, found[k])
	}
	writePage(w, r, q, out)
	return nil
}

// matches says whether the balance passes the filters that are not empty.
func (c *claimable) matches(claimant, sponsor, held string) bool {
	if claimant != "" && !slices.ContainsFunc(c.claimants, func(x xdr.Claimant) bool { return x.V0.Destination.Address() == claimant }) {
		return false
	}
	return (sponsor == "" || c.sponsor == sponsor) && (held == "" || c.asset.StringCanonical() == held)
}

func (s *Server) getClaimable(w http.ResponseWriter, r *http.Request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.state.claimable(r.PathValue("balance_id"))
	if c == nil {
		return notFound()
	}
	writeJSON(w, http.StatusOK, typeHAL, renderClaimable(links(r), c))
	return nil
}

func renderClaimable(lb *hal.LinkBuilder, c *claimable) protocol.ClaimableBalance {
	modified := unixTime(c.modified.time)
	out := protocol.ClaimableBalance{BalanceID: c.id, Asset: c.asset.StringCanonical(), Amount: lumens(c.amount), Sponsor: c.sponsor,
		LastModifiedLedger: c.modified.ledger, LastModifiedTime: &modified, Claimants: claimantsOf(c.claimants),
		Flags: protocol.ClaimableBalanceFlags{ClawbackEnabled: c.clawback}, PT: decimal(int64(c.modified.ledger)) + "-" + c.id}
	out.Links.Self = lb.Link("/claimable_balances", c.id)
	out.Links.Transactions = lb.PagedLink("/claimable_balances", c.id, "transactions")
	out.Links.Operations = lb.PagedLink("/claimable_balances", c.id, "operations")
	return out
}

// holdings are the sums over an asset's trustlines, by kind of authorisation: full, maintain only, none.
type holdings struct {
	asset  xdr.Asset
	lines  [3]int32
	sums   [3]int64
	locked int64
	claims int32
}

// getAssets sums up the credit assets that anybody trusts.
func (s *Server) getAssets(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q, err := s.readPage(withoutCursor(r))
	if err != nil {
		return err
	}
	q.cursor = v.Get("cursor")
	code, issuer := v.Get("asset_code"), v.Get("asset_issuer")
	s.mu.RLock()
	defer s.mu.RUnlock()
	stats := map[string]protocol.AssetStat{}
	var keys []string
	for _, h := range s.holdings() {
		if code != "" && codeOf(h.asset) != code || issuer != "" && h.asset.GetIssuer() != issuer {
			continue
		}
		stat := s.renderAsset(h)
		stats[stat.PT] = stat
		keys = append(keys, stat.PT)
	}
	var out []hal.Pageable
	for _, k := range pageOfKeys(q, keys) {
		out = append(out, stats[k])
	}
	writePage(w, r, q, out)
	return nil
}

func (s *Server) holdings() map[string]*holdings {
	all := map[string]*holdings{}
	of := func(a xdr.Asset) *holdings {
		k := a.StringCanonical()
		if all[k] == nil {
			all[k] = &holdings{asset: a}
		}
		return all[k]
	}
	for _, e := range s.state.live {
		switch e := e.(type) {
		case *account:
			for _, t := range e.trust {
				kind := 2
				if t.authorized() {
					kind = 0
				} else if t.maintains() {
					kind = 1
				}
				h := of(t.asset)
				h.lines[kind]++
				h.sums[kind] += t.balance
			}
		case *claimable:
			if !e.asset.IsNative() {
				h := of(e.asset)
				h.claims++
				h.locked += e.amount
			}
		}
	}
	return all
}

func (s *Server) renderAsset(h *holdings) protocol.AssetStat {
	a := asset(h.asset)
	out := protocol.AssetStat{Asset: a, PT: strings.Join([]string{a.Code, a.Issuer, a.Type}, "_"), NumClaimableBalances: h.claims,
		Accounts:                protocol.AssetStatAccounts{Authorized: h.lines[0], AuthorizedToMaintainLiabilities: h.lines[1], Unauthorized: h.lines[2]},
		Balances:                protocol.AssetStatBalances{Authorized: lumens(h.sums[0]), AuthorizedToMaintainLiabilities: lumens(h.sums[1]), Unauthorized: lumens(h.sums[2])},
		ClaimableBalancesAmount: lumens(h.locked), LiquidityPoolsAmount: lumens(0), ContractsAmount: lumens(0)}
	if issuer := s.state.account(a.Issuer); issuer != nil {
		out.Flags = accountFlags(issuer.flags)
		if issuer.homeDomain != "" {
			out.Links.Toml = hal.NewLink("https://" + issuer.homeDomain + "/.well-known/stellar.toml")
		}
	}
	return out
}
