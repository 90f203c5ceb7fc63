package horizon

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stellar/go-stellar-sdk/amount"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/support/render/hal"
	"github.com/stellar/go-stellar-sdk/xdr"
)

func (s *Server) getStrictSend(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	from, stroops, err := assetAndAmount(v, "source")
	if err != nil {
		return err
	}
	account, list := v.Get("destination_account"), v.Get("destination_assets")
	if (account == "") == (list == "") {
		return badRequest("The request requires either a list of destination assets or a destination account. " +
			"Both fields cannot be present.")
	}
	targets, err := s.pathAssets(account, list, "destination_assets")
	if err != nil {
		return err
	}
	return s.writePaths(w, targets, func(to xdr.Asset) (protocol.Path, bool) {
		got, ok := s.quote(from, to, stroops, true)
		return pathOf(from, stroops, to, got), ok
	})
}

func (s *Server) getStrictReceive(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	to, stroops, err := assetAndAmount(v, "destination")
	if err != nil {
		return err
	}
	account, list := v.Get("source_account"), v.Get("source_assets")
	if (account == "") == (list == "") {
		return badRequest("The request requires either a list of source assets or a source account. Both fields cannot be present.")
	}
	sources, err := s.pathAssets(account, list, "source_assets")
	if err != nil {
		return err
	}
	return s.writePaths(w, sources, func(from xdr.Asset) (protocol.Path, bool) {
		cost, ok := s.quote(from, to, stroops, false)
		return pathOf(from, cost, to, stroops), ok
	})
}

// quote trades through the book and takes it back.
func (s *Server) quote(from, to xdr.Asset, stroops int64, spend bool) (int64, bool) {
	if from.Equals(to) {
		return stroops, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.begin()
	defer s.state.rollback()
	n, _, code := s.state.cross("", from, to, stroops, spend)
	return n, code == codeOK
}

func (s *Server) writePaths(w http.ResponseWriter, assets []xdr.Asset, quote func(xdr.Asset) (protocol.Path, bool)) error {
	var out []hal.Pageable
	for _, a := range assets {
		if p, ok := quote(a); ok {
			out = append(out, p)
		}
	}
	writeList(w, out)
	return nil
}

func pathOf(from xdr.Asset, sent int64, to xdr.Asset, got int64) protocol.Path {
	f, t := asset(from), asset(to)
	return protocol.Path{SourceAssetType: f.Type, SourceAssetCode: f.Code, SourceAssetIssuer: f.Issuer, SourceAmount: lumens(sent),
		DestinationAssetType: t.Type, DestinationAssetCode: t.Code, DestinationAssetIssuer: t.Issuer, DestinationAmount: lumens(got),
		Path: []protocol.Asset{}}
}

// pathAssets are those of the list, or those that the account can hold.
func (s *Server) pathAssets(account, list, field string) ([]xdr.Asset, error) {
	var out []xdr.Asset
	if list != "" {
		for _, text := range strings.Split(list, ",") {
			a, err := parseAsset(text)
			if err != nil {
				return nil, badField(field, err.Error())
			}
			out = append(out, a)
		}
		return out, nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.state.account(account)
	if a == nil {
		return nil, notFound()
	}
	for _, k := range slices.Sorted(maps.Keys(a.trust)) {
		out = append(out, a.trust[k].asset)
	}
	return append(out, xdr.Asset{Type: xdr.AssetTypeAssetTypeNative}), nil
}

func parseAsset(text string) (xdr.Asset, error) {
	if text == "native" {
		return xdr.Asset{Type: xdr.AssetTypeAssetTypeNative}, nil
	}
	code, issuer, _ := strings.Cut(text, ":")
	return xdr.NewCreditAsset(code, issuer)
}

func assetAndAmount(v url.Values, side string) (xdr.Asset, int64, error) {
	text := v.Get(side+"_asset_code") + ":" + v.Get(side+"_asset_issuer")
	if v.Get(side+"_asset_type") == "native" {
		text = "native"
	}
	a, err := parseAsset(text)
	if err != nil {
		return a, 0, badField(side+"_asset_type", err.Error())
	}
	stroops, err := amount.ParseInt64(v.Get(side + "_amount"))
	if err != nil || stroops <= 0 {
		return a, 0, badField(side+"_amount", "Value must be positive")
	}
	return a, stroops, nil
}
