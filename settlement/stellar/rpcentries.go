package stellar

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"github.com/stellar/go-stellar-sdk/amount"
	"github.com/stellar/go-stellar-sdk/network"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/protocols/horizon/base"
	rpcproto "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// memoRequired is the data entry by which an account asks that each payment to
// it carry a memo (SEP-29).
const memoRequired = "config.memo_required"

// accountKeys are the keys of the entries that make up an account: it, its
// trustlines of the settlement assets, and whether it wants memos.
func (s *rpc) accountKeys(address string) ([]string, error) {
	id, err := xdr.AddressToAccountId(address)
	if err != nil {
		return nil, fmt.Errorf("parse address %s: %w", address, err)
	}
	keys := []xdr.LedgerKey{
		{Type: xdr.LedgerEntryTypeAccount, Account: &xdr.LedgerKeyAccount{AccountId: id}},
		{Type: xdr.LedgerEntryTypeData, Data: &xdr.LedgerKeyData{AccountId: id, DataName: memoRequired}},
	}
	for _, asset := range s.lines {
		if asset.Issuer == address {
			continue // An issuer has no line for its own asset.
		}
		line, err := asset.ToXDR()
		if err != nil {
			return nil, fmt.Errorf("encode asset %s: %w", asset.Code, err)
		}
		keys = append(keys, xdr.LedgerKey{Type: xdr.LedgerEntryTypeTrustline,
			TrustLine: &xdr.LedgerKeyTrustLine{AccountId: id, Asset: line.ToTrustLineAsset()}})
	}
	encoded := make([]string, len(keys))
	for i, key := range keys {
		if encoded[i], err = xdr.MarshalBase64(key); err != nil {
			return nil, fmt.Errorf("encode ledger key: %w", err)
		}
	}
	return encoded, nil
}

// accountOf puts ledger entries together to an account. Entries of anybody else
// are an error: the answer is not to what was asked. Errors: errMissing.
func accountOf(address string, entries []rpcproto.LedgerEntryResult) (protocol.Account, error) {
	out := protocol.Account{ID: address, Data: make(map[string]string)}
	for _, e := range entries {
		var data xdr.LedgerEntryData
		if err := xdr.SafeUnmarshalBase64(e.DataXDR, &data); err != nil {
			return protocol.Account{}, fmt.Errorf("decode ledger entry: %w", err)
		}
		owner := ""
		switch data.Type {
		case xdr.LedgerEntryTypeAccount:
			owner = data.Account.AccountId.Address()
			addAccount(&out, *data.Account)
			out.LastModifiedLedger = e.LastModifiedLedger
		case xdr.LedgerEntryTypeTrustline:
			owner = data.TrustLine.AccountId.Address()
			if err := addLine(&out, *data.TrustLine); err != nil {
				return protocol.Account{}, err
			}
		case xdr.LedgerEntryTypeData:
			owner = data.Data.AccountId.Address()
			out.Data[string(data.Data.DataName)] = base64.StdEncoding.EncodeToString(data.Data.DataValue)
		}
		if owner != address {
			return protocol.Account{}, fmt.Errorf("the answer holds a ledger entry %s of %q", data.Type, owner)
		}
	}
	if out.AccountID == "" {
		return protocol.Account{}, errMissing
	}
	return out, nil
}

func addAccount(out *protocol.Account, a xdr.AccountEntry) {
	out.AccountID, out.Sequence, out.SubentryCount = a.AccountId.Address(), int64(a.SeqNum), int32(a.NumSubEntries)
	out.SequenceLedger, out.NumSponsoring, out.NumSponsored = uint32(a.SeqLedger()), uint32(a.NumSponsoring()), uint32(a.NumSponsored())
	out.SequenceTime = strconv.FormatUint(uint64(a.SeqTime()), 10)
	out.HomeDomain = string(a.HomeDomain)
	out.Thresholds = protocol.AccountThresholds{LowThreshold: a.ThresholdLow(), MedThreshold: a.ThresholdMedium(), HighThreshold: a.ThresholdHigh()}
	flags := xdr.AccountFlags(a.Flags)
	out.Flags = protocol.AccountFlags{
		AuthRequired: flags.IsAuthRequired(), AuthRevocable: flags.IsAuthRevocable(),
		AuthImmutable: flags.IsAuthImmutable(), AuthClawbackEnabled: flags.IsAuthClawbackEnabled(),
	}
	for _, signer := range a.Signers {
		out.Signers = append(out.Signers, protocol.Signer{Key: signer.Key.Address(), Weight: int32(signer.Weight)})
	}
	out.Signers = append(out.Signers, protocol.Signer{Key: out.AccountID, Weight: int32(a.MasterKeyWeight())})
	liabilities := a.Liabilities()
	out.Balances = append(out.Balances, protocol.Balance{
		Balance: amount.String(a.Balance), BuyingLiabilities: amount.String(liabilities.Buying),
		SellingLiabilities: amount.String(liabilities.Selling), Asset: base.Asset{Type: "native"},
	})
}

func addLine(out *protocol.Account, l xdr.TrustLineEntry) error {
	if l.Asset.Type == xdr.AssetTypeAssetTypePoolShare {
		return errors.New("the answer holds a trustline of a liquidity pool")
	}
	var asset base.Asset
	if err := l.Asset.ToAsset().Extract(&asset.Type, &asset.Code, &asset.Issuer); err != nil {
		return fmt.Errorf("read the asset of a trustline: %w", err)
	}
	flags := xdr.TrustLineFlags(l.Flags)
	full, part, claw := flags.IsAuthorized(), flags.IsAuthorizedToMaintainLiabilitiesFlag() || flags.IsAuthorized(), flags.IsClawbackEnabledFlag()
	liabilities := l.Liabilities()
	out.Balances = append(out.Balances, protocol.Balance{
		Balance: amount.String(l.Balance), Limit: amount.String(l.Limit), BuyingLiabilities: amount.String(liabilities.Buying),
		SellingLiabilities: amount.String(liabilities.Selling), IsAuthorized: &full, IsAuthorizedToMaintainLiabilities: &part,
		IsClawbackEnabled: &claw, Asset: asset,
	})
	return nil
}

// transactionOf reads a transaction that is in a ledger. Its hash is counted from
// its envelope, and its end is that of its result: an answer that contradicts
// itself is an error.
func (s *rpc) transactionOf(d rpcproto.TransactionDetails) (protocol.Transaction, error) {
	var envelope xdr.TransactionEnvelope
	if err := xdr.SafeUnmarshalBase64(d.EnvelopeXDR, &envelope); err != nil {
		return protocol.Transaction{}, fmt.Errorf("decode the envelope of a transaction: %w", err)
	}
	var result xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(d.ResultXDR, &result); err != nil {
		return protocol.Transaction{}, fmt.Errorf("decode the result of a transaction: %w", err)
	}
	successful := d.Status == rpcproto.TransactionStatusSuccess
	if !successful && d.Status != rpcproto.TransactionStatusFailed || successful != result.Successful() {
		return protocol.Transaction{}, fmt.Errorf("the answer calls a transaction %q whose result is %s", d.Status, result.Result.Code)
	}
	hash, err := network.HashTransactionInEnvelope(envelope, s.passphrase)
	if err != nil {
		return protocol.Transaction{}, fmt.Errorf("hash a transaction: %w", err)
	}
	source := envelope.SourceAccount().ToAccountId()
	out := protocol.Transaction{
		Hash: xdr.Hash(hash).HexString(), Successful: successful, Ledger: int32(d.Ledger), Account: source.Address(), AccountSequence: envelope.SeqNum(),
		FeeCharged: int64(result.FeeCharged), MaxFee: int64(envelope.Fee()), OperationCount: int32(len(envelope.Operations())),
		EnvelopeXdr: d.EnvelopeXDR, ResultXdr: d.ResultXDR, ResultMetaXdr: d.ResultMetaXDR,
	}
	out.ID, out.FeeAccount = out.Hash, out.Account
	if !envelope.IsFeeBump() {
		return out, nil
	}
	inner, err := network.HashTransaction(envelope.FeeBump.Tx.InnerTx.V1.Tx, s.passphrase)
	if err != nil {
		return protocol.Transaction{}, fmt.Errorf("hash an inner transaction: %w", err)
	}
	payer := envelope.FeeBumpAccount().ToAccountId()
	out.FeeAccount, out.MaxFee = payer.Address(), envelope.FeeBumpFee()
	out.FeeBumpTransaction = &protocol.FeeBumpTransaction{Hash: out.Hash}
	out.InnerTransaction = &protocol.InnerTransaction{Hash: xdr.Hash(inner).HexString(), MaxFee: int64(envelope.Fee())}
	return out, nil
}
