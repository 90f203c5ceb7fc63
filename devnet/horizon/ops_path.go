package horizon

import (
	"slices"
	"strconv"

	"github.com/stellar/go-stellar-sdk/xdr"
)

func (s *state) pathSend(source string, o *xdr.PathPaymentStrictSendOp) xdr.OperationResult {
	dest := address(o.Destination)
	fail := func(code int32) xdr.OperationResult {
		return opResult(xdr.OperationTypePathPaymentStrictSend, code)
	}
	if s.account(dest) == nil {
		return fail(codeNoDestination)
	}
	if code := s.debit(source, o.SendAsset, int64(o.SendAmount)); code != codeOK {
		return fail(code)
	}
	amount := int64(o.SendAmount)
	var atoms []xdr.ClaimAtom
	have := o.SendAsset
	for _, want := range append(slices.Clone(o.Path), o.DestAsset) {
		if have.Equals(want) {
			continue
		}
		got, more, code := s.cross(source, have, want, amount, true)
		if code != codeOK {
			return fail(code)
		}
		amount, atoms, have = got, append(atoms, more...), want
	}
	if amount < int64(o.DestMin) {
		return fail(codeOverLimit)
	}
	if code := s.credit(dest, o.DestAsset, amount); code != codeOK {
		return fail(code)
	}
	return inner(xdr.OperationResultTr{Type: xdr.OperationTypePathPaymentStrictSend,
		PathPaymentStrictSendResult: &xdr.PathPaymentStrictSendResult{Success: &xdr.PathPaymentStrictSendResultSuccess{
			Offers: atoms, Last: simplePayment(dest, o.DestAsset, amount)}}})
}

func (s *state) pathReceive(source string, o *xdr.PathPaymentStrictReceiveOp) xdr.OperationResult {
	dest := address(o.Destination)
	fail := func(code int32) xdr.OperationResult {
		return opResult(xdr.OperationTypePathPaymentStrictReceive, code)
	}
	if s.account(dest) == nil {
		return fail(codeNoDestination)
	}
	if code := s.credit(dest, o.DestAsset, int64(o.DestAmount)); code != codeOK {
		return fail(code)
	}
	amount := int64(o.DestAmount)
	var atoms []xdr.ClaimAtom
	want := o.DestAsset
	hops := append([]xdr.Asset{o.SendAsset}, o.Path...)
	for _, have := range slices.Backward(hops) {
		if have.Equals(want) {
			continue
		}
		cost, more, code := s.cross(source, have, want, amount, false)
		if code != codeOK {
			return fail(code)
		}
		amount, atoms, want = cost, append(more, atoms...), have
	}
	if amount > int64(o.SendMax) {
		return fail(codeOverLimit)
	}
	if code := s.debit(source, o.SendAsset, amount); code != codeOK {
		return fail(code)
	}
	return inner(xdr.OperationResultTr{Type: xdr.OperationTypePathPaymentStrictReceive,
		PathPaymentStrictReceiveResult: &xdr.PathPaymentStrictReceiveResult{Success: &xdr.PathPaymentStrictReceiveResultSuccess{
			Offers: atoms, Last: simplePayment(dest, o.DestAsset, int64(o.DestAmount))}}})
}

// cross trades through the book: with spend, all of amount is spent and what is got returned; without, amount is
// bought and what it costs returned. Rounding favours the offer.
func (s *state) cross(source string, have, want xdr.Asset, amount int64, spend bool) (int64, []xdr.ClaimAtom, int32) {
	var total int64
	var atoms []xdr.ClaimAtom
	for _, o := range s.matching(want, have) {
		if amount == 0 {
			break
		}
		if o.seller == source {
			return 0, nil, codeCrossSelf
		}
		sold, paid := fill(o, amount, spend)
		if sold == 0 {
			continue
		}
		if !s.settle(o, have, want, sold, paid) {
			continue
		}
		atoms = append(atoms, xdr.ClaimAtom{Type: xdr.ClaimAtomTypeClaimAtomTypeOrderBook, OrderBook: &xdr.ClaimOfferAtom{
			SellerId: xdr.MustAddress(o.seller), OfferId: xdr.Int64(o.id), AssetSold: want, AmountSold: xdr.Int64(sold),
			AssetBought: have, AmountBought: xdr.Int64(paid)}})
		if spend {
			amount, total = amount-paid, total+sold
		} else {
			amount, total = amount-sold, total+paid
		}
	}
	if amount > 0 || total == 0 {
		return 0, nil, codeTooFewOffers
	}
	return total, atoms, codeOK
}

// fill is how much of an offer is taken, and for how much.
func fill(o *offer, amount int64, spend bool) (sold, paid int64) {
	n, d := int64(o.price.N), int64(o.price.D)
	sold = min(amount, o.amount)
	if spend {
		whole, ok := mulDiv(amount, d, n, false)
		if ok && whole <= o.amount {
			return whole, amount
		}
		sold = o.amount
	}
	paid, ok := mulDiv(sold, n, d, true)
	if !ok {
		return 0, 0
	}
	return sold, paid
}

// settle moves both assets of a trade on the seller's side. An offer that its seller cannot honour is skipped.
func (s *state) settle(o *offer, have, want xdr.Asset, sold, paid int64) bool {
	s.begin()
	if sold == o.amount {
		s.dropOffer(o.id)
	} else {
		key := "o/" + strconv.FormatInt(o.id, 10)
		s.remember(key)
		o.amount, o.modified = o.amount-sold, s.now
	}
	if s.debit(o.seller, want, sold) != codeOK || s.credit(o.seller, have, paid) != codeOK {
		s.rollback()
		return false
	}
	s.commit()
	return true
}

func simplePayment(dest string, asset xdr.Asset, amount int64) xdr.SimplePaymentResult {
	return xdr.SimplePaymentResult{Destination: xdr.MustAddress(dest), Asset: asset, Amount: xdr.Int64(amount)}
}
