package horizon

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/stellar/go-stellar-sdk/xdr"
)

func (s *state) createClaimable(c opContext, o *xdr.CreateClaimableBalanceOp) xdr.OperationResult {
	fail := func(code xdr.CreateClaimableBalanceResultCode) xdr.OperationResult {
		return opResult(xdr.OperationTypeCreateClaimableBalance, int32(code))
	}
	a := s.edit(c.source)
	if s.lowReserve(a, len(o.Claimants)) {
		return fail(xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceLowReserve)
	}
	a.numSponsoring += int64(len(o.Claimants))
	switch s.debit(c.source, o.Asset, int64(o.Amount)) {
	case codeSrcNoTrust:
		return fail(xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceNoTrust)
	case codeSrcNotAuthorized:
		return fail(xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceNotAuthorized)
	case codeUnderfunded:
		return fail(xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceUnderfunded)
	}
	hash, err := claimableHash(c)
	if err != nil {
		return refused(xdr.OperationResultCodeOpNotSupported)
	}
	claimants := slices.Clone(o.Claimants)
	for i := range claimants {
		v0 := *claimants[i].V0
		v0.Predicate = absolute(v0.Predicate, s.now.time)
		claimants[i].V0 = &v0
	}
	id := claimableID(hash)
	s.put("c/"+id, &claimable{id: id, asset: o.Asset, amount: int64(o.Amount), claimants: claimants, sponsor: c.source,
		clawback: s.clawsBack(c.source, o.Asset), modified: s.now})
	return claimableResult(hash)
}

// clawsBack says whether what the account holds of the asset can be clawed back, which a claimable balance inherits.
func (s *state) clawsBack(id string, asset xdr.Asset) bool {
	if asset.IsNative() {
		return false
	}
	a := s.account(id)
	if asset.GetIssuer() == id {
		return a.flags&xdr.AccountFlagsAuthClawbackEnabledFlag != 0
	}
	line := a.trust[asset.StringCanonical()]
	return line != nil && line.flags&xdr.TrustLineFlagsTrustlineClawbackEnabledFlag != 0
}

func claimableHash(c opContext) (xdr.Hash, error) {
	raw, err := xdr.HashIdPreimage{Type: xdr.EnvelopeTypeEnvelopeTypeOpId, OperationId: &xdr.HashIdPreimageOperationId{
		SourceAccount: xdr.MustAddress(c.tx.source()), SeqNum: xdr.SequenceNumber(c.tx.env.SeqNum()),
		OpNum: xdr.Uint32(c.index)}}.MarshalBinary()
	return sha256.Sum256(raw), err
}

// claimableID is the hex of the balance id: its type, which is always zero, and its hash.
func claimableID(hash xdr.Hash) string { return "00000000" + hex.EncodeToString(hash[:]) }

func claimableResult(hash xdr.Hash) xdr.OperationResult {
	return inner(xdr.OperationResultTr{Type: xdr.OperationTypeCreateClaimableBalance,
		CreateClaimableBalanceResult: &xdr.CreateClaimableBalanceResult{BalanceId: &xdr.ClaimableBalanceId{
			Type: xdr.ClaimableBalanceIdTypeClaimableBalanceIdTypeV0, V0: &hash}}})
}

func (s *state) claim(source string, o *xdr.ClaimClaimableBalanceOp) int32 {
	b := s.claimable(claimableID(*o.BalanceId.V0))
	if b == nil {
		return int32(xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceDoesNotExist)
	}
	i := slices.IndexFunc(b.claimants, func(c xdr.Claimant) bool { return c.V0.Destination.Address() == source })
	if i < 0 || !holds(b.claimants[i].V0.Predicate, s.now.time) {
		return int32(xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceCannotClaim)
	}
	switch s.credit(source, b.asset, b.amount) {
	case codeNoTrust:
		return int32(xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceNoTrust)
	case codeNotAuthorized:
		return int32(xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceNotAuthorized)
	case codeLineFull:
		return int32(xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceLineFull)
	}
	if sponsor := s.edit(b.sponsor); sponsor != nil {
		sponsor.numSponsoring -= int64(len(b.claimants))
	}
	s.remove("c/" + b.id)
	return codeOK
}

// absolute turns times relative to the balance's creation into fixed ones.
func absolute(p xdr.ClaimPredicate, now int64) xdr.ClaimPredicate {
	each := func(list *[]xdr.ClaimPredicate) *[]xdr.ClaimPredicate {
		if list == nil {
			return nil
		}
		out := make([]xdr.ClaimPredicate, len(*list))
		for i, q := range *list {
			out[i] = absolute(q, now)
		}
		return &out
	}
	p.AndPredicates, p.OrPredicates = each(p.AndPredicates), each(p.OrPredicates)
	if p.NotPredicate != nil && *p.NotPredicate != nil {
		q := absolute(**p.NotPredicate, now)
		not := &q
		p.NotPredicate = &not
	}
	if p.RelBefore != nil {
		at := xdr.Int64(now + min(int64(*p.RelBefore), maxInt64-now))
		return xdr.ClaimPredicate{Type: xdr.ClaimPredicateTypeClaimPredicateBeforeAbsoluteTime, AbsBefore: &at}
	}
	return p
}

func holds(p xdr.ClaimPredicate, now int64) bool {
	switch p.Type {
	case xdr.ClaimPredicateTypeClaimPredicateUnconditional:
		return true
	case xdr.ClaimPredicateTypeClaimPredicateAnd:
		return holds((*p.AndPredicates)[0], now) && holds((*p.AndPredicates)[1], now)
	case xdr.ClaimPredicateTypeClaimPredicateOr:
		return holds((*p.OrPredicates)[0], now) || holds((*p.OrPredicates)[1], now)
	case xdr.ClaimPredicateTypeClaimPredicateNot:
		return !holds(**p.NotPredicate, now)
	case xdr.ClaimPredicateTypeClaimPredicateBeforeAbsoluteTime:
		return now < int64(*p.AbsBefore)
	default:
		return false
	}
}
