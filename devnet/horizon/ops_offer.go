package horizon

import (
	"math/big"
	"slices"
	"strconv"

	"github.com/stellar/go-stellar-sdk/xdr"
)

// manageOffer places, changes or takes back an offer. It rests in the book: it does not cross other offers.
func (s *state) manageOffer(c opContext, selling, buying xdr.Asset, amount int64, price xdr.Price, id int64) xdr.OperationResult {
	kind := c.op.Body.Type
	fail := func(code xdr.ManageSellOfferResultCode) xdr.OperationResult { return opResult(kind, int32(code)) }
	if id != 0 {
		if old := s.offer(id); old == nil || old.seller != c.source {
			return fail(xdr.ManageSellOfferResultCodeManageSellOfferNotFound)
		}
		s.dropOffer(id)
		if amount == 0 {
			return offerResult(kind, nil)
		}
	}
	if code := s.mayTrade(c.source, selling, buying); code != 0 {
		return fail(code)
	}
	a := s.edit(c.source)
	if id == 0 && s.lowReserve(a, 1) {
		return fail(xdr.ManageSellOfferResultCodeManageSellOfferLowReserve)
	}
	b := s.editBook()
	if id == 0 {
		b.last++
		id = b.last
	}
	o := &offer{id: id, seller: c.source, selling: selling, buying: buying, amount: amount, price: price, modified: s.now}
	s.put("o/"+strconv.FormatInt(id, 10), o)
	b.ids = append(b.ids, id)
	a.offers = append(a.offers, id)
	if sold, _ := s.liabilities(a, selling); s.holding(a, selling) < sold {
		return fail(xdr.ManageSellOfferResultCodeManageSellOfferUnderfunded)
	}
	if _, bought := s.liabilities(a, buying); s.room(a, buying) < bought {
		return fail(xdr.ManageSellOfferResultCodeManageSellOfferLineFull)
	}
	return offerResult(kind, o)
}

func (s *state) mayTrade(source string, selling, buying xdr.Asset) xdr.ManageSellOfferResultCode {
	a := s.account(source)
	if !selling.IsNative() && selling.GetIssuer() != source {
		switch line := a.trust[selling.StringCanonical()]; {
		case line == nil:
			return xdr.ManageSellOfferResultCodeManageSellOfferSellNoTrust
		case !line.authorized():
			return xdr.ManageSellOfferResultCodeManageSellOfferSellNotAuthorized
		case line.balance == 0:
			return xdr.ManageSellOfferResultCodeManageSellOfferUnderfunded
		}
	}
	if !buying.IsNative() && buying.GetIssuer() != source {
		switch line := a.trust[buying.StringCanonical()]; {
		case line == nil:
			return xdr.ManageSellOfferResultCodeManageSellOfferBuyNoTrust
		case !line.authorized():
			return xdr.ManageSellOfferResultCodeManageSellOfferBuyNotAuthorized
		}
	}
	return 0
}

// holding is what the account has of an asset above its reserve; room is what it can still take.
func (s *state) holding(a *account, asset xdr.Asset) int64 {
	if asset.IsNative() {
		return a.balance - s.minBalance(a, 0)
	}
	if line := a.trust[asset.StringCanonical()]; line != nil {
		return line.balance
	}
	return maxInt64
}

func (s *state) room(a *account, asset xdr.Asset) int64 {
	if asset.IsNative() {
		return maxInt64 - a.balance
	}
	if line := a.trust[asset.StringCanonical()]; line != nil {
		return line.limit - line.balance
	}
	return maxInt64
}

// dropOffer takes an offer out of the book and from its seller.
func (s *state) dropOffer(id int64) {
	o := s.offer(id)
	if o == nil {
		return
	}
	isIt := func(have int64) bool { return have == id }
	a := s.edit(o.seller)
	a.offers = slices.DeleteFunc(a.offers, isIt)
	b := s.editBook()
	b.ids = slices.DeleteFunc(b.ids, isIt)
	s.remove("o/" + strconv.FormatInt(id, 10))
}

// dropOffers ends all offers of an account in an asset that it may no longer hold.
func (s *state) dropOffers(id string, asset xdr.Asset) {
	for _, n := range slices.Clone(s.account(id).offers) {
		if o := s.offer(n); o != nil && (o.selling.Equals(asset) || o.buying.Equals(asset)) {
			s.dropOffer(n)
		}
	}
}

// matching are the offers that sell one asset for another, cheapest first, oldest first among equals.
func (s *state) matching(selling, buying xdr.Asset) []*offer {
	var found []*offer
	for _, id := range s.book().ids {
		if o := s.offer(id); o != nil && o.selling.Equals(selling) && o.buying.Equals(buying) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(x, y *offer) int {
		if c := ratio(x.price).Cmp(ratio(y.price)); c != 0 {
			return c
		}
		return int(x.id - y.id)
	})
	return found
}

func ratio(p xdr.Price) *big.Rat { return big.NewRat(int64(p.N), int64(p.D)) }

func offerResult(kind xdr.OperationType, o *offer) xdr.OperationResult {
	success := &xdr.ManageOfferSuccessResult{Offer: xdr.ManageOfferSuccessResultOffer{Effect: xdr.ManageOfferEffectManageOfferDeleted}}
	if o != nil {
		success.Offer.Effect = xdr.ManageOfferEffectManageOfferCreated
		success.Offer.Offer = &xdr.OfferEntry{SellerId: xdr.MustAddress(o.seller), OfferId: xdr.Int64(o.id),
			Selling: o.selling, Buying: o.buying, Amount: xdr.Int64(o.amount), Price: o.price}
	}
	tr := xdr.OperationResultTr{Type: kind}
	switch kind {
	case xdr.OperationTypeManageBuyOffer:
		tr.ManageBuyOfferResult = &xdr.ManageBuyOfferResult{Success: success}
	case xdr.OperationTypeCreatePassiveSellOffer:
		tr.CreatePassiveSellOfferResult = &xdr.ManageSellOfferResult{Success: success}
	default:
		tr.ManageSellOfferResult = &xdr.ManageSellOfferResult{Success: success}
	}
	return inner(tr)
}
