package horizon

import (
	"slices"

	"github.com/stellar/go-stellar-sdk/xdr"
)

func (s *state) setOptions(source string, o *xdr.SetOptionsOp) int32 {
	a := s.edit(source)
	if o.InflationDest != nil {
		if a.inflation = o.InflationDest.Address(); s.account(a.inflation) == nil {
			return int32(xdr.SetOptionsResultCodeSetOptionsInvalidInflation)
		}
	}
	if code := setFlags(a, o); code != codeOK {
		return code
	}
	for i, n := range []*xdr.Uint32{o.MasterWeight, o.LowThreshold, o.MedThreshold, o.HighThreshold} {
		if n != nil {
			a.thresholds[i] = byte(*n)
		}
	}
	if o.HomeDomain != nil {
		a.homeDomain = string(*o.HomeDomain)
	}
	if o.Signer == nil {
		return codeOK
	}
	return s.setSigner(a, *o.Signer)
}

func setFlags(a *account, o *xdr.SetOptionsOp) int32 {
	if o.ClearFlags == nil && o.SetFlags == nil {
		return codeOK
	}
	const issuerFlags = xdr.AccountFlags(knownAuthFlags)
	if a.flags&xdr.AccountFlagsAuthImmutableFlag != 0 {
		return int32(xdr.SetOptionsResultCodeSetOptionsCantChange)
	}
	if o.ClearFlags != nil {
		a.flags &^= xdr.AccountFlags(*o.ClearFlags)
	}
	if o.SetFlags != nil {
		a.flags |= xdr.AccountFlags(*o.SetFlags) & issuerFlags
	}
	if a.flags&xdr.AccountFlagsAuthClawbackEnabledFlag != 0 && a.flags&xdr.AccountFlagsAuthRevocableFlag == 0 {
		return int32(xdr.SetOptionsResultCodeSetOptionsAuthRevocableRequired)
	}
	return codeOK
}

func (s *state) setSigner(a *account, sig xdr.Signer) int32 {
	i := slices.IndexFunc(a.signers, func(have signer) bool { return have.key.Equals(sig.Key) })
	switch {
	case sig.Weight == 0 && i >= 0:
		a.signers = slices.Delete(slices.Clone(a.signers), i, i+1)
	case sig.Weight == 0:
		return int32(xdr.SetOptionsResultCodeSetOptionsBadSigner)
	case i >= 0:
		a.signers[i].weight = uint32(sig.Weight)
	case len(a.signers) >= maxSigners:
		return int32(xdr.SetOptionsResultCodeSetOptionsTooManySigners)
	case s.lowReserve(a, 1):
		return int32(xdr.SetOptionsResultCodeSetOptionsLowReserve)
	default:
		a.signers = append(a.signers, signer{key: sig.Key, weight: uint32(sig.Weight)})
		slices.SortFunc(a.signers, func(x, y signer) int { return compareAddress(x.key, y.key) })
	}
	return codeOK
}

func compareAddress(x, y xdr.SignerKey) int {
	a, b := x.Address(), y.Address()
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// lowReserve says that the account cannot keep extra more entries.
func (s *state) lowReserve(a *account, extra int) bool {
	selling, _ := s.liabilities(a, xdr.Asset{Type: xdr.AssetTypeAssetTypeNative})
	return a.balance-selling < s.minBalance(a, extra)
}

func (s *state) manageData(source string, o *xdr.ManageDataOp) int32 {
	a, name := s.edit(source), string(o.DataName)
	_, known := a.data[name]
	switch {
	case o.DataValue == nil && !known:
		return int32(xdr.ManageDataResultCodeManageDataNameNotFound)
	case o.DataValue == nil:
		delete(a.data, name)
	case !known && s.lowReserve(a, 1):
		return int32(xdr.ManageDataResultCodeManageDataLowReserve)
	default:
		a.data[name] = []byte(*o.DataValue)
	}
	return codeOK
}

func (s *state) bumpSequence(source string, to int64) int32 {
	a := s.edit(source)
	a.seq = max(a.seq, to)
	a.seqLedger, a.seqTime = s.now.ledger, s.now.time
	return codeOK
}

func (s *state) changeTrust(source string, o *xdr.ChangeTrustOp) int32 {
	asset, limit := o.Line.ToAsset(), int64(o.Limit)
	issuer := s.account(asset.GetIssuer())
	a := s.edit(source)
	key := asset.StringCanonical()
	line := a.trust[key]
	if line == nil {
		switch {
		case limit == 0:
			return int32(xdr.ChangeTrustResultCodeChangeTrustInvalidLimit)
		case issuer == nil:
			return int32(xdr.ChangeTrustResultCodeChangeTrustNoIssuer)
		case s.lowReserve(a, 1):
			return int32(xdr.ChangeTrustResultCodeChangeTrustLowReserve)
		}
		line = &trustline{asset: asset, limit: limit, modified: s.now}
		if issuer.flags&xdr.AccountFlagsAuthRequiredFlag == 0 {
			line.flags |= xdr.TrustLineFlagsAuthorizedFlag
		}
		if issuer.flags&xdr.AccountFlagsAuthClawbackEnabledFlag != 0 {
			line.flags |= xdr.TrustLineFlagsTrustlineClawbackEnabledFlag
		}
		a.trust[key] = line
		return codeOK
	}
	_, buying := s.liabilities(a, asset)
	switch {
	case limit < line.balance+buying:
		return int32(xdr.ChangeTrustResultCodeChangeTrustInvalidLimit)
	case limit == 0:
		if selling, _ := s.liabilities(a, asset); selling > 0 {
			return int32(xdr.ChangeTrustResultCodeChangeTrustCannotDelete)
		}
		delete(a.trust, key)
	case issuer == nil:
		return int32(xdr.ChangeTrustResultCodeChangeTrustNoIssuer)
	default:
		line.limit, line.modified = limit, s.now
	}
	return codeOK
}

func (s *state) setTrustFlags(source string, o *xdr.SetTrustLineFlagsOp) int32 {
	_, line := s.editLine(o.Trustor.Address(), o.Asset)
	if line == nil {
		return int32(xdr.SetTrustLineFlagsResultCodeSetTrustLineFlagsNoTrustLine)
	}
	const auth = xdr.TrustLineFlagsAuthorizedFlag | xdr.TrustLineFlagsAuthorizedToMaintainLiabilitiesFlag
	flags := line.flags&^xdr.TrustLineFlags(o.ClearFlags) | xdr.TrustLineFlags(o.SetFlags)
	revocable := s.account(source).flags&xdr.AccountFlagsAuthRevocableFlag != 0
	lessens := line.authorized() && flags&xdr.TrustLineFlagsAuthorizedFlag == 0 ||
		line.maintains() && flags&auth == 0
	switch {
	case !revocable && lessens:
		return int32(xdr.SetTrustLineFlagsResultCodeSetTrustLineFlagsCantRevoke)
	case flags&auth == auth:
		return int32(xdr.SetTrustLineFlagsResultCodeSetTrustLineFlagsInvalidState)
	}
	line.flags = flags
	if !line.maintains() {
		s.dropOffers(o.Trustor.Address(), o.Asset)
	}
	return codeOK
}

func (s *state) allowTrust(source string, o *xdr.AllowTrustOp) int32 {
	asset := o.Asset.ToAsset(xdr.MustAddress(source))
	issuer := s.account(source)
	if o.Authorize == 0 && issuer.flags&xdr.AccountFlagsAuthRevocableFlag == 0 {
		return int32(xdr.AllowTrustResultCodeAllowTrustCantRevoke)
	}
	_, line := s.editLine(o.Trustor.Address(), asset)
	if line == nil {
		return int32(xdr.AllowTrustResultCodeAllowTrustNoTrustLine)
	}
	const maintain = xdr.TrustLineFlagsAuthorizedToMaintainLiabilitiesFlag
	if line.authorized() && xdr.TrustLineFlags(o.Authorize) == maintain && issuer.flags&xdr.AccountFlagsAuthRevocableFlag == 0 {
		return int32(xdr.AllowTrustResultCodeAllowTrustCantRevoke)
	}
	line.flags = line.flags&^(xdr.TrustLineFlagsAuthorizedFlag|maintain) | xdr.TrustLineFlags(o.Authorize)
	if !line.maintains() {
		s.dropOffers(o.Trustor.Address(), asset)
	}
	return codeOK
}

func (s *state) clawback(o *xdr.ClawbackOp) int32 {
	a, line := s.editLine(address(o.From), o.Asset)
	switch {
	case line == nil:
		return int32(xdr.ClawbackResultCodeClawbackNoTrust)
	case line.flags&xdr.TrustLineFlagsTrustlineClawbackEnabledFlag == 0:
		return int32(xdr.ClawbackResultCodeClawbackNotClawbackEnabled)
	}
	if selling, _ := s.liabilities(a, o.Asset); line.balance-selling < int64(o.Amount) {
		return int32(xdr.ClawbackResultCodeClawbackUnderfunded)
	}
	line.balance -= int64(o.Amount)
	return codeOK
}
