package horizon

import (
	"slices"
	"unicode/utf8"

	"github.com/stellar/go-stellar-sdk/xdr"
)

const (
	maxSigners      = 20
	maxNameBytes    = 64
	knownAuthFlags  = 0xf
	knownTrustFlags = 0x7
)

// malformed checks an operation by itself, without the ledger. It returns the operation's own code.
func malformed(op xdr.Operation, source string) int32 {
	b := op.Body
	bad := false
	switch b.Type {
	case xdr.OperationTypeCreateAccount:
		o := b.CreateAccountOp
		bad = o.StartingBalance < 0 || o.Destination.Address() == source
	case xdr.OperationTypePayment:
		bad = b.PaymentOp.Amount <= 0 || !goodAsset(b.PaymentOp.Asset)
	case xdr.OperationTypePathPaymentStrictReceive:
		o := b.PathPaymentStrictReceiveOp
		bad = o.DestAmount <= 0 || o.SendMax <= 0 || !goodAssets(o.Path, o.SendAsset, o.DestAsset)
	case xdr.OperationTypePathPaymentStrictSend:
		o := b.PathPaymentStrictSendOp
		bad = o.SendAmount <= 0 || o.DestMin <= 0 || !goodAssets(o.Path, o.SendAsset, o.DestAsset)
	case xdr.OperationTypeManageSellOffer:
		o := b.ManageSellOfferOp
		bad = badOffer(o.Selling, o.Buying, int64(o.Amount), o.Price, int64(o.OfferId))
	case xdr.OperationTypeManageBuyOffer:
		o := b.ManageBuyOfferOp
		bad = badOffer(o.Selling, o.Buying, int64(o.BuyAmount), o.Price, int64(o.OfferId))
	case xdr.OperationTypeCreatePassiveSellOffer:
		o := b.CreatePassiveSellOfferOp
		bad = o.Amount == 0 || badOffer(o.Selling, o.Buying, int64(o.Amount), o.Price, 0)
	case xdr.OperationTypeSetOptions:
		return badOptions(b.SetOptionsOp, source)
	case xdr.OperationTypeChangeTrust:
		bad = badTrust(b.ChangeTrustOp, source)
	case xdr.OperationTypeAllowTrust:
		o := b.AllowTrustOp
		bad = o.Authorize > 2 || o.Trustor.Address() == source || !goodAsset(o.Asset.ToAsset(xdr.MustAddress(source)))
	case xdr.OperationTypeAccountMerge:
		bad = address(b.MustDestination()) == source
	case xdr.OperationTypeManageData:
		if n := len(b.ManageDataOp.DataName); n < 1 || n > maxNameBytes || !printable(string(b.ManageDataOp.DataName)) {
			return int32(xdr.ManageDataResultCodeManageDataInvalidName)
		}
	case xdr.OperationTypeBumpSequence:
		bad = b.BumpSequenceOp.BumpTo < 0
	case xdr.OperationTypeCreateClaimableBalance:
		bad = badClaimable(b.CreateClaimableBalanceOp)
	case xdr.OperationTypeClawback:
		o := b.ClawbackOp
		bad = o.Amount <= 0 || !goodAsset(o.Asset) || o.Asset.GetIssuer() != source || address(o.From) == source
	case xdr.OperationTypeSetTrustLineFlags:
		bad = badTrustFlags(b.SetTrustLineFlagsOp, source)
	}
	if bad {
		return codeMalformed
	}
	return codeOK
}

func goodAssets(path []xdr.Asset, more ...xdr.Asset) bool {
	return !slices.ContainsFunc(append(more, path...), func(a xdr.Asset) bool { return !goodAsset(a) })
}

// goodAsset checks the code: letters and digits, then zero bytes, in the length that its type says.
func goodAsset(a xdr.Asset) bool {
	var code []byte
	least := 1
	switch a.Type {
	case xdr.AssetTypeAssetTypeNative:
		return true
	case xdr.AssetTypeAssetTypeCreditAlphanum4:
		code = a.AlphaNum4.AssetCode[:]
	case xdr.AssetTypeAssetTypeCreditAlphanum12:
		code, least = a.AlphaNum12.AssetCode[:], 5
	default:
		return false
	}
	n := slices.Index(code, 0)
	if n < 0 {
		n = len(code)
	}
	for _, c := range code[n:] {
		if c != 0 {
			return false
		}
	}
	for _, c := range code[:n] {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return n >= least
}

func badOffer(selling, buying xdr.Asset, amount int64, price xdr.Price, id int64) bool {
	return !goodAsset(selling) || !goodAsset(buying) || selling.Equals(buying) || amount < 0 ||
		price.N <= 0 || price.D <= 0 || id < 0 || amount == 0 && id == 0
}

func badTrust(o *xdr.ChangeTrustOp, source string) bool {
	if o.Line.Type == xdr.AssetTypeAssetTypePoolShare || o.Line.Type == xdr.AssetTypeAssetTypeNative || o.Limit < 0 {
		return true
	}
	a := o.Line.ToAsset()
	return !goodAsset(a) || a.GetIssuer() == source
}

func badTrustFlags(o *xdr.SetTrustLineFlagsOp, source string) bool {
	const auth = uint32(xdr.TrustLineFlagsAuthorizedFlag | xdr.TrustLineFlagsAuthorizedToMaintainLiabilitiesFlag)
	set, clear := uint32(o.SetFlags), uint32(o.ClearFlags)
	return !goodAsset(o.Asset) || o.Asset.IsNative() || o.Asset.GetIssuer() != source || o.Trustor.Address() == source ||
		set&clear != 0 || set&^auth != 0 || clear&^knownTrustFlags != 0 || set&auth == auth
}

func badClaimable(o *xdr.CreateClaimableBalanceOp) bool {
	if o.Amount <= 0 || !goodAsset(o.Asset) || len(o.Claimants) == 0 {
		return true
	}
	seen := map[string]bool{}
	for _, c := range o.Claimants {
		id := c.V0.Destination.Address()
		if seen[id] || !goodPredicate(c.V0.Predicate, 1) {
			return true
		}
		seen[id] = true
	}
	return false
}

const maxPredicateDepth = 4

func goodPredicate(p xdr.ClaimPredicate, depth int) bool {
	if depth > maxPredicateDepth {
		return false
	}
	both := func(list *[]xdr.ClaimPredicate) bool {
		return list != nil && len(*list) == 2 && goodPredicate((*list)[0], depth+1) && goodPredicate((*list)[1], depth+1)
	}
	switch p.Type {
	case xdr.ClaimPredicateTypeClaimPredicateUnconditional:
		return true
	case xdr.ClaimPredicateTypeClaimPredicateAnd:
		return both(p.AndPredicates)
	case xdr.ClaimPredicateTypeClaimPredicateOr:
		return both(p.OrPredicates)
	case xdr.ClaimPredicateTypeClaimPredicateNot:
		return p.NotPredicate != nil && *p.NotPredicate != nil && goodPredicate(**p.NotPredicate, depth+1)
	case xdr.ClaimPredicateTypeClaimPredicateBeforeAbsoluteTime:
		return *p.AbsBefore >= 0
	case xdr.ClaimPredicateTypeClaimPredicateBeforeRelativeTime:
		return *p.RelBefore >= 0
	default:
		return false
	}
}

func badOptions(o *xdr.SetOptionsOp, source string) int32 {
	flags := func(f *xdr.Uint32) uint32 {
		if f == nil {
			return 0
		}
		return uint32(*f)
	}
	set, clear := flags(o.SetFlags), flags(o.ClearFlags)
	switch {
	case (set|clear)&^knownAuthFlags != 0:
		return int32(xdr.SetOptionsResultCodeSetOptionsUnknownFlag)
	case set&clear != 0:
		return int32(xdr.SetOptionsResultCodeSetOptionsBadFlags)
	}
	for _, n := range []*xdr.Uint32{o.MasterWeight, o.LowThreshold, o.MedThreshold, o.HighThreshold} {
		if n != nil && *n > maxWeight {
			return int32(xdr.SetOptionsResultCodeSetOptionsThresholdOutOfRange)
		}
	}
	if o.Signer != nil && (o.Signer.Key.Address() == source || o.Signer.Weight > maxWeight) {
		return int32(xdr.SetOptionsResultCodeSetOptionsBadSigner)
	}
	if o.HomeDomain != nil && !printable(string(*o.HomeDomain)) {
		return int32(xdr.SetOptionsResultCodeSetOptionsInvalidHomeDomain)
	}
	return codeOK
}

func printable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || r < ' ' || r == 0x7f {
			return false
		}
	}
	return true
}
