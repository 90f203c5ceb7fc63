package horizon

import (
	"github.com/stellar/go-stellar-sdk/xdr"
)

// payment moves an asset. The destination is credited before the source is debited, so that paying oneself more than
// one has succeeds, as it does on the real network.
func (s *state) payment(source string, o *xdr.PaymentOp) int32 {
	dest := address(o.Destination)
	if o.Asset.IsNative() && dest == source {
		return codeOK
	}
	if s.account(dest) == nil && o.Asset.GetIssuer() != dest {
		return codeNoDestination
	}
	if code := s.credit(dest, o.Asset, int64(o.Amount)); code != codeOK {
		return code
	}
	return s.debit(source, o.Asset, int64(o.Amount))
}

// credit adds to an account's balance. An issuer's own asset is destroyed.
func (s *state) credit(id string, asset xdr.Asset, amount int64) int32 {
	if asset.IsNative() {
		a := s.edit(id)
		if a == nil {
			return codeNoDestination
		}
		if _, buying := s.liabilities(a, asset); maxInt64-a.balance-buying < amount {
			return codeLineFull
		}
		a.balance += amount
		return codeOK
	}
	if asset.GetIssuer() == id {
		return codeOK
	}
	a, line := s.editLine(id, asset)
	switch {
	case line == nil:
		return codeNoTrust
	case !line.authorized():
		return codeNotAuthorized
	}
	if _, buying := s.liabilities(a, asset); line.limit-line.balance-buying < amount {
		return codeLineFull
	}
	line.balance += amount
	return codeOK
}

// debit takes from an account's balance what it does not owe to its reserve and its offers. An issuer's own asset is
// created.
func (s *state) debit(id string, asset xdr.Asset, amount int64) int32 {
	if asset.IsNative() {
		a := s.edit(id)
		if s.spendable(a) < amount {
			return codeUnderfunded
		}
		a.balance -= amount
		return codeOK
	}
	if asset.GetIssuer() == id {
		return codeOK
	}
	a, line := s.editLine(id, asset)
	switch {
	case line == nil:
		return codeSrcNoTrust
	case !line.authorized():
		return codeSrcNotAuthorized
	}
	if selling, _ := s.liabilities(a, asset); line.balance-selling < amount {
		return codeUnderfunded
	}
	line.balance -= amount
	return codeOK
}

// editLine returns the account and its line for the asset, to change; the line is nil where there is none.
func (s *state) editLine(id string, asset xdr.Asset) (*account, *trustline) {
	a := s.account(id)
	if a == nil || a.trust[asset.StringCanonical()] == nil {
		return a, nil
	}
	modified := a.modified
	a = s.edit(id)
	a.modified = modified // a change of balance touches the line, not the account
	line := a.trust[asset.StringCanonical()]
	line.modified = s.now
	return a, line
}

func (s *state) createAccount(source string, o *xdr.CreateAccountOp) int32 {
	id, amount := o.Destination.Address(), int64(o.StartingBalance)
	switch {
	case s.account(id) != nil:
		return int32(xdr.CreateAccountResultCodeCreateAccountAlreadyExist)
	case amount < 2*s.reserve:
		return int32(xdr.CreateAccountResultCodeCreateAccountLowReserve)
	case s.debit(source, xdr.Asset{Type: xdr.AssetTypeAssetTypeNative}, amount) != codeOK:
		return int32(xdr.CreateAccountResultCodeCreateAccountUnderfunded)
	}
	s.addAccount(id, amount, int64(s.now.ledger)<<32)
	return codeOK
}

func (s *state) merge(source, dest string) xdr.OperationResult {
	a := s.account(source)
	fail := func(code xdr.AccountMergeResultCode) xdr.OperationResult {
		return opResult(xdr.OperationTypeAccountMerge, int32(code))
	}
	switch {
	case s.account(dest) == nil:
		return fail(xdr.AccountMergeResultCodeAccountMergeNoAccount)
	case a.flags&xdr.AccountFlagsAuthImmutableFlag != 0:
		return fail(xdr.AccountMergeResultCodeAccountMergeImmutableSet)
	case a.subentries() > len(a.signers):
		return fail(xdr.AccountMergeResultCodeAccountMergeHasSubEntries)
	case a.seq >= int64(s.now.ledger)<<32:
		return fail(xdr.AccountMergeResultCodeAccountMergeSeqnumTooFar)
	case a.numSponsoring > 0:
		return fail(xdr.AccountMergeResultCodeAccountMergeIsSponsor)
	}
	amount := a.balance
	if s.credit(dest, xdr.Asset{Type: xdr.AssetTypeAssetTypeNative}, amount) != codeOK {
		return fail(xdr.AccountMergeResultCodeAccountMergeDestFull)
	}
	s.remove("a/" + source)
	return mergeResult(amount)
}

func mergeResult(amount int64) xdr.OperationResult {
	balance := xdr.Int64(amount)
	return inner(xdr.OperationResultTr{Type: xdr.OperationTypeAccountMerge,
		AccountMergeResult: &xdr.AccountMergeResult{SourceAccountBalance: &balance}})
}
