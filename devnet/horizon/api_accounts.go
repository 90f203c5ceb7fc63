package horizon

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/support/render/hal"
	"github.com/stellar/go-stellar-sdk/xdr"
)

func (s *Server) getAccount(w http.ResponseWriter, r *http.Request) error {
	id, err := accountID(r)
	if err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	w.Header().Set("Latest-Ledger", decimal(int64(s.state.now.ledger)))
	a := s.state.account(id)
	if a == nil {
		return notFound()
	}
	writeJSON(w, http.StatusOK, typeHAL, s.renderAccount(links(r), a))
	return nil
}

func (s *Server) getAccountData(w http.ResponseWriter, r *http.Request) error {
	id, err := accountID(r)
	if err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.state.account(id)
	if a == nil {
		return notFound()
	}
	value, ok := a.data[r.PathValue("key")]
	if !ok {
		return notFound()
	}
	writeJSON(w, http.StatusOK, typeHAL, protocol.AccountData{Value: base64.StdEncoding.EncodeToString(value)})
	return nil
}

// getAccounts lists the accounts that hold an asset or have a signer, in order of their ids.
func (s *Server) getAccounts(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	key, held := v.Get("signer"), v.Get("asset")
	if key == "" && held == "" {
		return badRequest("Exactly one filter is required. Please ensure that you are including only one filter from the following: " +
			"signer, asset, sponsor, liquidity_pool.")
	}
	cursor := v.Get("cursor")
	q, err := s.readPage(withoutCursor(r))
	if err != nil {
		return err
	}
	q.cursor = cursor
	lb := links(r)
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ids []string
	for k, e := range s.state.live {
		a, ok := e.(*account)
		if !ok || held != "" && a.trust[held] == nil || key != "" && !hasSigner(a, key) {
			continue
		}
		ids = append(ids, strings.TrimPrefix(k, "a/"))
	}
	var out []hal.Pageable
	for _, id := range pageOfKeys(q, ids) {
		out = append(out, s.renderAccount(lb, s.state.account(id)))
	}
	writePage(w, r, q, out)
	return nil
}

// pageOfKeys is the page of a list that is ordered by text.
func pageOfKeys(q pageQuery, keys []string) []string {
	slices.Sort(keys)
	if q.desc {
		slices.Reverse(keys)
	}
	keys = slices.DeleteFunc(keys, func(k string) bool {
		return q.cursor != "" && (!q.desc && k <= q.cursor || q.desc && k >= q.cursor)
	})
	return keys[:min(len(keys), q.limit)]
}

// withoutCursor is the request for a list whose cursors are no numbers.
func withoutCursor(r *http.Request) *http.Request {
	c := r.Clone(r.Context())
	v := c.URL.Query()
	v.Del("cursor")
	c.URL.RawQuery = v.Encode()
	return c
}

func hasSigner(a *account, key string) bool {
	return a.id == key && a.thresholds[0] > 0 ||
		slices.ContainsFunc(a.signers, func(s signer) bool { return s.key.Address() == key })
}

func (s *Server) renderAccount(lb *hal.LinkBuilder, a *account) protocol.Account {
	modified := unixTime(a.modified.time)
	out := protocol.Account{ID: a.id, AccountID: a.id, PT: a.id, Sequence: a.seq, SequenceLedger: a.seqLedger,
		SubentryCount: int32(a.subentries()), InflationDestination: a.inflation, HomeDomain: a.homeDomain,
		LastModifiedLedger: a.modified.ledger, LastModifiedTime: &modified, Flags: accountFlags(a.flags),
		Thresholds:    protocol.AccountThresholds{LowThreshold: a.thresholds[1], MedThreshold: a.thresholds[2], HighThreshold: a.thresholds[3]},
		NumSponsoring: uint32(a.numSponsoring), Data: map[string]string{}}
	if a.seqTime > 0 {
		out.SequenceTime = decimal(a.seqTime)
	}
	for name, value := range a.data {
		out.Data[name] = base64.StdEncoding.EncodeToString(value)
	}
	for _, sig := range append(slices.Clone(a.signers), signer{key: masterKey(a.id), weight: uint32(a.thresholds[0])}) {
		key := sig.key.Address()
		out.Signers = append(out.Signers, protocol.Signer{Weight: int32(sig.weight), Key: key, Type: protocol.MustKeyTypeFromAddress(key)})
	}
	for _, k := range slices.Sorted(maps.Keys(a.trust)) {
		out.Balances = append(out.Balances, s.renderLine(a, a.trust[k]))
	}
	native := xdr.Asset{Type: xdr.AssetTypeAssetTypeNative}
	selling, buying := s.state.liabilities(a, native)
	out.Balances = append(out.Balances, protocol.Balance{Balance: lumens(a.balance), BuyingLiabilities: lumens(buying),
		SellingLiabilities: lumens(selling), Asset: asset(native)})
	out.Links.Self = lb.Link("/accounts", a.id)
	out.Links.Data = hal.NewLink(lb.Link("/accounts", a.id).Href + "/data/{key}")
	out.Links.Data.PopulateTemplated()
	for name, link := range map[string]*hal.Link{"transactions": &out.Links.Transactions, "operations": &out.Links.Operations,
		"payments": &out.Links.Payments, "effects": &out.Links.Effects, "offers": &out.Links.Offers, "trades": &out.Links.Trades} {
		*link = lb.PagedLink("/accounts", a.id, name)
	}
	return out
}

func (s *Server) renderLine(a *account, t *trustline) protocol.Balance {
	selling, buying := s.state.liabilities(a, t.asset)
	authorized, maintains := t.authorized(), t.maintains()
	b := protocol.Balance{Balance: lumens(t.balance), Limit: lumens(t.limit), BuyingLiabilities: lumens(buying),
		SellingLiabilities: lumens(selling), LastModifiedLedger: t.modified.ledger, IsAuthorized: &authorized,
		IsAuthorizedToMaintainLiabilities: &maintains, Asset: asset(t.asset)}
	if t.flags&xdr.TrustLineFlagsTrustlineClawbackEnabledFlag != 0 {
		yes := true
		b.IsClawbackEnabled = &yes
	}
	return b
}

func accountFlags(f xdr.AccountFlags) protocol.AccountFlags {
	return protocol.AccountFlags{AuthRequired: f&xdr.AccountFlagsAuthRequiredFlag != 0,
		AuthRevocable:       f&xdr.AccountFlagsAuthRevocableFlag != 0,
		AuthImmutable:       f&xdr.AccountFlagsAuthImmutableFlag != 0,
		AuthClawbackEnabled: f&xdr.AccountFlagsAuthClawbackEnabledFlag != 0}
}

func (s *Server) getOffers(w http.ResponseWriter, r *http.Request) error {
	q, err := s.readPage(r)
	if err != nil {
		return err
	}
	seller := r.URL.Query().Get("seller")
	if r.PathValue("account_id") != "" {
		if seller, err = accountID(r); err != nil {
			return err
		}
	}
	lb := links(r)
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := slices.Sorted(slices.Values(s.state.book().ids))
	var out []hal.Pageable
	for _, id := range take(q, ids, func(id int64) int64 { return id },
		func(id int64) bool { return seller == "" || s.state.offer(id).seller == seller }) {
		out = append(out, renderOffer(lb, s.state.offer(id)))
	}
	writePage(w, r, q, out)
	return nil
}

func (s *Server) getOffer(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return badField("offer_id", "Offer ID must be an integer higher than 0")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o := s.state.offer(id)
	if o == nil {
		return notFound()
	}
	writeJSON(w, http.StatusOK, typeHAL, renderOffer(links(r), o))
	return nil
}

func renderOffer(lb *hal.LinkBuilder, o *offer) protocol.Offer {
	modified := unixTime(o.modified.time)
	out := protocol.Offer{ID: o.id, PT: decimal(o.id), Seller: o.seller, Selling: protocol.Asset(asset(o.selling)),
		Buying: protocol.Asset(asset(o.buying)), Amount: lumens(o.amount), Price: ratio(o.price).FloatString(7),
		PriceR:             protocol.Price{N: int32(o.price.N), D: int32(o.price.D)},
		LastModifiedLedger: int32(o.modified.ledger), LastModifiedTime: &modified}
	out.Links.Self = lb.Link("/offers", decimal(o.id))
	out.Links.OfferMaker = lb.Link("/accounts", o.seller)
	return out
}
