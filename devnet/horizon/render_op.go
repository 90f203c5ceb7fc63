package horizon

import (
	"encoding/base64"
	"strings"

	"github.com/stellar/go-stellar-sdk/amount"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	protobase "github.com/stellar/go-stellar-sdk/protocols/horizon/base"
	"github.com/stellar/go-stellar-sdk/protocols/horizon/operations"
	"github.com/stellar/go-stellar-sdk/support/render/hal"
	"github.com/stellar/go-stellar-sdk/xdr"
)

func lumens(stroops int64) string { return amount.StringFromInt64(stroops) }

func typeName(op xdr.Operation) string { return operations.TypeNames[op.Body.Type] }

// renderOperation shows an operation; with joined, together with its transaction.
func (s *Server) renderOperation(lb *hal.LinkBuilder, ref opRef, joined bool) hal.Pageable {
	env := decodeEnvelope(ref.rec.envelope)
	op := env.Operations()[ref.index]
	source := env.SourceAccount()
	if op.SourceAccount != nil {
		source = *op.SourceAccount
	}
	id := decimal(ref.id())
	b := operations.Base{ID: id, PT: id, TransactionSuccessful: ref.rec.successful, Type: typeName(op), TypeI: int32(op.Body.Type),
		LedgerCloseTime: unixTime(ref.rec.time), TransactionHash: ref.rec.hash}
	b.SourceAccount, b.SourceAccountMuxed, b.SourceAccountMuxedID = muxed(source)
	b.Links.Self = lb.Link("/operations", id)
	b.Links.Transaction = lb.Link("/transactions", ref.rec.hash)
	b.Links.Effects = lb.Link("/operations", id, "effects")
	b.Links.Succeeds = lb.Linkf("/effects?order=desc&cursor=%s", id)
	b.Links.Precedes = lb.Linkf("/effects?order=asc&cursor=%s", id)
	if joined {
		t := s.renderTransaction(lb, ref.rec, ref.rec.hash)
		b.Transaction = &t
	}
	if p := renderMoving(b, op, source, opResultOf(ref)); p != nil {
		return p
	}
	return renderManaging(b, op)
}

// opResultOf is the operation's result, or nil where the transaction never got to its operations.
func opResultOf(ref opRef) *xdr.OperationResult {
	var r xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(ref.rec.result, &r); err != nil {
		panic("horizon: decode own result: " + err.Error())
	}
	list, ok := r.OperationResults()
	if !ok || ref.index >= len(list) {
		return nil
	}
	return &list[ref.index]
}

// renderMoving shows the operations that move money, or nil.
func renderMoving(b operations.Base, op xdr.Operation, source xdr.MuxedAccount, r *xdr.OperationResult) hal.Pageable {
	body := op.Body
	switch body.Type {
	case xdr.OperationTypeCreateAccount:
		o := body.CreateAccountOp
		out := operations.CreateAccount{Base: b, StartingBalance: lumens(int64(o.StartingBalance)), Account: o.Destination.Address()}
		out.Funder, out.FunderMuxed, out.FunderMuxedID = muxed(source)
		return out
	case xdr.OperationTypePayment:
		o := body.PaymentOp
		return payment(b, source, o.Destination, o.Asset, int64(o.Amount))
	case xdr.OperationTypePathPaymentStrictReceive:
		o := body.PathPaymentStrictReceiveOp
		out := operations.PathPayment{Payment: payment(b, source, o.Destination, o.DestAsset, int64(o.DestAmount)),
			Path: assets(o.Path), SourceMax: lumens(int64(o.SendMax)), SourceAmount: lumens(0)}
		if b.TransactionSuccessful && r != nil {
			out.SourceAmount = amount.String(r.Tr.PathPaymentStrictReceiveResult.SendAmount())
		}
		from := asset(o.SendAsset)
		out.SourceAssetType, out.SourceAssetCode, out.SourceAssetIssuer = from.Type, from.Code, from.Issuer
		return out
	case xdr.OperationTypePathPaymentStrictSend:
		o := body.PathPaymentStrictSendOp
		out := operations.PathPaymentStrictSend{Payment: payment(b, source, o.Destination, o.DestAsset, 0),
			Path: assets(o.Path), SourceAmount: lumens(int64(o.SendAmount)), DestinationMin: lumens(int64(o.DestMin))}
		if b.TransactionSuccessful && r != nil {
			out.Amount = amount.String(r.Tr.PathPaymentStrictSendResult.DestAmount())
		}
		from := asset(o.SendAsset)
		out.SourceAssetType, out.SourceAssetCode, out.SourceAssetIssuer = from.Type, from.Code, from.Issuer
		return out
	case xdr.OperationTypeAccountMerge:
		out := operations.AccountMerge{Base: b}
		out.Account, out.AccountMuxed, out.AccountMuxedID = muxed(source)
		out.Into, out.IntoMuxed, out.IntoMuxedID = muxed(body.MustDestination())
		return out
	case xdr.OperationTypeClawback:
		o := body.ClawbackOp
		out := operations.Clawback{Base: b, Asset: asset(o.Asset), Amount: lumens(int64(o.Amount))}
		out.From, out.FromMuxed, out.FromMuxedID = muxed(o.From)
		return out
	case xdr.OperationTypeCreateClaimableBalance:
		o := body.CreateClaimableBalanceOp
		return operations.CreateClaimableBalance{Base: b, Asset: o.Asset.StringCanonical(), Amount: lumens(int64(o.Amount)),
			Claimants: claimantsOf(o.Claimants)}
	case xdr.OperationTypeClaimClaimableBalance:
		out := operations.ClaimClaimableBalance{Base: b, BalanceID: claimableID(*body.ClaimClaimableBalanceOp.BalanceId.V0)}
		out.Claimant, out.ClaimantMuxed, out.ClaimantMuxedID = muxed(source)
		return out
	default:
		return nil
	}
}

// renderManaging shows the operations that set something up.
func renderManaging(b operations.Base, op xdr.Operation) hal.Pageable {
	body := op.Body
	switch body.Type {
	case xdr.OperationTypeManageSellOffer:
		o := body.ManageSellOfferOp
		return operations.ManageSellOffer{Offer: offerOf(b, o.Selling, o.Buying, int64(o.Amount), o.Price), OfferID: int64(o.OfferId)}
	case xdr.OperationTypeManageBuyOffer:
		o := body.ManageBuyOfferOp
		return operations.ManageBuyOffer{Offer: offerOf(b, o.Selling, o.Buying, int64(o.BuyAmount), o.Price), OfferID: int64(o.OfferId)}
	case xdr.OperationTypeSetOptions:
		return renderSetOptions(b, body.SetOptionsOp)
	case xdr.OperationTypeChangeTrust:
		o := body.ChangeTrustOp
		out := operations.ChangeTrust{Base: b, Limit: lumens(int64(o.Limit)), Trustor: b.SourceAccount}
		if o.Line.Type != xdr.AssetTypeAssetTypePoolShare {
			out.Asset = asset(o.Line.ToAsset())
			out.Trustee = out.Asset.Issuer
		}
		return out
	case xdr.OperationTypeAllowTrust:
		o := body.AllowTrustOp
		return operations.AllowTrust{Base: b, Asset: asset(o.Asset.ToAsset(xdr.MustAddress(b.SourceAccount))), Trustee: b.SourceAccount, //nolint:SA1019 // the real Horizon still answers so for this operation
			Trustor: o.Trustor.Address(), Authorize: o.Authorize == 1, AuthorizeToMaintainLiabilities: o.Authorize > 0}
	case xdr.OperationTypeSetTrustLineFlags:
		o := body.SetTrustLineFlagsOp
		out := operations.SetTrustLineFlags{Base: b, Asset: asset(o.Asset), Trustor: o.Trustor.Address()}
		out.SetFlags, out.SetFlagsS = flagList(uint32(o.SetFlags), trustFlagNames)
		out.ClearFlags, out.ClearFlagsS = flagList(uint32(o.ClearFlags), trustFlagNames)
		return out
	case xdr.OperationTypeManageData:
		o := body.ManageDataOp
		out := operations.ManageData{Base: b, Name: string(o.DataName)}
		if o.DataValue != nil {
			out.Value = base64.StdEncoding.EncodeToString(*o.DataValue)
		}
		return out
	case xdr.OperationTypeBumpSequence:
		return operations.BumpSequence{Base: b, BumpTo: decimal(int64(body.BumpSequenceOp.BumpTo))}
	default:
		return b
	}
}

var (
	authFlagNames  = []string{"auth_required", "auth_revocable", "auth_immutable", "auth_clawback_enabled"}
	trustFlagNames = []string{"authorized", "authorized_to_maintain_liabilities", "clawback_enabled"}
)

func flagList(flags uint32, names []string) (bits []int, texts []string) {
	for i, name := range names {
		if flags&(1<<i) != 0 {
			bits, texts = append(bits, 1<<i), append(texts, name)
		}
	}
	return bits, texts
}

func renderSetOptions(b operations.Base, o *xdr.SetOptionsOp) hal.Pageable {
	number := func(n *xdr.Uint32) *int {
		if n == nil {
			return nil
		}
		v := int(*n)
		return &v
	}
	out := operations.SetOptions{Base: b, MasterKeyWeight: number(o.MasterWeight), LowThreshold: number(o.LowThreshold),
		MedThreshold: number(o.MedThreshold), HighThreshold: number(o.HighThreshold)}
	if o.HomeDomain != nil {
		out.HomeDomain = string(*o.HomeDomain)
	}
	if o.InflationDest != nil {
		out.InflationDest = o.InflationDest.Address()
	}
	if o.Signer != nil {
		out.SignerKey, out.SignerWeight = o.Signer.Key.Address(), number(&o.Signer.Weight)
	}
	if o.SetFlags != nil {
		out.SetFlags, out.SetFlagsS = flagList(uint32(*o.SetFlags), authFlagNames)
	}
	if o.ClearFlags != nil {
		out.ClearFlags, out.ClearFlagsS = flagList(uint32(*o.ClearFlags), authFlagNames)
	}
	return out
}

func payment(b operations.Base, from, to xdr.MuxedAccount, a xdr.Asset, stroops int64) operations.Payment {
	out := operations.Payment{Base: b, Asset: asset(a), Amount: lumens(stroops)}
	out.From, out.FromMuxed, out.FromMuxedID = muxed(from)
	out.To, out.ToMuxed, out.ToMuxedID = muxed(to)
	return out
}

func offerOf(b operations.Base, selling, buying xdr.Asset, stroops int64, price xdr.Price) operations.Offer {
	sell, buy := asset(selling), asset(buying)
	return operations.Offer{Base: b, Amount: lumens(stroops), Price: ratio(price).FloatString(7),
		PriceR:           protobase.Price{N: int32(price.N), D: int32(price.D)},
		SellingAssetType: sell.Type, SellingAssetCode: sell.Code, SellingAssetIssuer: sell.Issuer,
		BuyingAssetType: buy.Type, BuyingAssetCode: buy.Code, BuyingAssetIssuer: buy.Issuer}
}

func asset(a xdr.Asset) protobase.Asset {
	names := map[xdr.AssetType]string{xdr.AssetTypeAssetTypeNative: "native",
		xdr.AssetTypeAssetTypeCreditAlphanum4: "credit_alphanum4", xdr.AssetTypeAssetTypeCreditAlphanum12: "credit_alphanum12"}
	return protobase.Asset{Type: names[a.Type], Code: codeOf(a), Issuer: a.GetIssuer()}
}

// codeOf is the code of an asset, without the zeros that fill it up in XDR.
func codeOf(a xdr.Asset) string { return strings.TrimRight(a.GetCode(), "\x00") }

func assets(list []xdr.Asset) []protobase.Asset {
	out := make([]protobase.Asset, len(list))
	for i, a := range list {
		out[i] = asset(a)
	}
	return out
}

func claimantsOf(list []xdr.Claimant) []protocol.Claimant {
	out := make([]protocol.Claimant, len(list))
	for i, c := range list {
		out[i] = protocol.Claimant{Destination: c.V0.Destination.Address(), Predicate: c.V0.Predicate}
	}
	return out
}
