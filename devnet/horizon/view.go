package horizon

import (
	"bytes"
	"encoding/hex"
	"slices"

	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/toid"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// Head is a closed ledger.
type Head struct {
	Ledger uint32
	// ClosedAt is a Unix time; 0 for the genesis ledger.
	ClosedAt int64
	// BaseFee is in stroops.
	BaseFee int64
	// Protocol is the version of the protocol.
	Protocol uint32
	Hash     [32]byte
	// HeaderXDR is the header in base64.
	HeaderXDR string
}

// HashHex is the ledger's hash as it is written.
func (h Head) HashHex() string { return hex.EncodeToString(h.Hash[:]) }

// Applied is a transaction that a ledger took, whether it succeeded or not.
type Applied struct {
	// Hash is the transaction's, of a fee bump the outer one; Inner is that of the transaction inside, or Hash.
	Hash, Inner                     string
	EnvelopeXDR, ResultXDR, MetaXDR string
	Successful                      bool
	Ledger                          uint32
	// Order counts the ledger's transactions from 1.
	Order      int32
	ClosedAt   int64
	Operations int
	// FeeCharged is in stroops.
	FeeCharged int64
}

// Submission is what the transaction queue says to a transaction.
type Submission struct {
	// Status is one of stellarcore's TXStatus constants.
	Status string
	Hash   string
	// ErrorXDR is the result in base64 where the status is ERROR.
	ErrorXDR string
	// Lost is set when the faults want that the caller never learns the answer.
	Lost bool
}

// Passphrase names the network.
func (s *Server) Passphrase() string { return s.opt.NetworkPassphrase }

// Head returns the ledger that closed last.
func (s *Server) Head() Head {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last := s.history.last()
	return last.head()
}

// HeadAt returns a ledger by its number; ok is false where there is none.
func (s *Server) HeadAt(ledger uint32) (head Head, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if ledger < 1 || int(ledger) > len(s.history.ledgers) {
		return Head{}, false
	}
	return s.history.ledgers[ledger-1].head(), true
}

func (l *ledgerRecord) head() Head {
	return Head{Ledger: l.seq, ClosedAt: l.time, BaseFee: l.baseFee, Protocol: protocolVersion, Hash: l.hash, HeaderXDR: l.header}
}

// Transaction finds a transaction by its hash, of a fee bump by either.
func (s *Server) Transaction(hash string) (tx Applied, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rec := s.history.byHash[hash]
	if rec == nil {
		return Applied{}, false
	}
	return rec.applied(), true
}

// Transactions lists the transactions of the ledgers from first on, oldest first.
func (s *Server) Transactions(first uint32) []Applied {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, _ := slices.BinarySearchFunc(s.history.txs, first, func(rec *record, ledger uint32) int {
		return int(int64(rec.ledger) - int64(ledger))
	})
	out := make([]Applied, 0, len(s.history.txs)-i)
	for _, rec := range s.history.txs[i:] {
		out = append(out, rec.applied())
	}
	return out
}

func (rec *record) applied() Applied {
	return Applied{Hash: rec.hash, Inner: rec.inner, EnvelopeXDR: rec.envelope, ResultXDR: rec.result, MetaXDR: emptyMeta,
		Successful: rec.successful, Ledger: rec.ledger, Order: toid.Parse(rec.id).TransactionOrder, ClosedAt: rec.time,
		Operations: rec.ops, FeeCharged: rec.fee}
}

// Send gives a transaction to the queue and answers at once with what the queue says. It errs when the envelope cannot
// be read.
func (s *Server) Send(envelope string) (Submission, error) {
	tx, err := parseTransaction(envelope, s.opt.NetworkPassphrase)
	if err != nil {
		return Submission{}, err
	}
	return s.send(tx), nil
}

func (s *Server) send(tx *transaction) Submission {
	s.mu.Lock()
	defer s.mu.Unlock()
	drop, lose := s.takeSubmitFault()
	status, v := s.enqueue(tx, !drop)
	out := Submission{Status: status, Hash: tx.id(), Lost: lose && status == stellarcore.TXStatusPending}
	if status == stellarcore.TXStatusError {
		out.ErrorXDR = encode(v.result(tx))
	}
	return out
}

// Entries reads ledger entries by their keys, nil for those that are not there, and the ledger whose state they show.
func (s *Server) Entries(keys []xdr.LedgerKey) (entries []*xdr.LedgerEntry, ledger uint32) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	entries = make([]*xdr.LedgerEntry, len(keys))
	for i, key := range keys {
		entries[i] = s.state.entryXDR(key)
	}
	return entries, s.state.now.ledger
}

func (s *state) entryXDR(key xdr.LedgerKey) *xdr.LedgerEntry {
	switch key.Type {
	case xdr.LedgerEntryTypeAccount:
		if a := s.account(key.Account.AccountId.Address()); a != nil {
			return s.accountXDR(a)
		}
	case xdr.LedgerEntryTypeTrustline:
		a := s.account(key.TrustLine.AccountId.Address())
		if a == nil || key.TrustLine.Asset.Type == xdr.AssetTypeAssetTypePoolShare {
			return nil
		}
		if t := a.trust[key.TrustLine.Asset.ToAsset().StringCanonical()]; t != nil {
			return s.lineXDR(a, t)
		}
	case xdr.LedgerEntryTypeData:
		a := s.account(key.Data.AccountId.Address())
		if a == nil {
			return nil
		}
		if value, ok := a.data[string(key.Data.DataName)]; ok {
			return entryOf(a.modified, xdr.LedgerEntryData{Type: xdr.LedgerEntryTypeData, Data: &xdr.DataEntry{
				AccountId: key.Data.AccountId, DataName: key.Data.DataName, DataValue: value}})
		}
	case xdr.LedgerEntryTypeOffer:
		if o := s.offer(int64(key.Offer.OfferId)); o != nil && o.seller == key.Offer.SellerId.Address() {
			return entryOf(o.modified, xdr.LedgerEntryData{Type: xdr.LedgerEntryTypeOffer, Offer: &xdr.OfferEntry{
				SellerId: key.Offer.SellerId, OfferId: key.Offer.OfferId, Selling: o.selling, Buying: o.buying,
				Amount: xdr.Int64(o.amount), Price: o.price}})
		}
	case xdr.LedgerEntryTypeClaimableBalance:
		if key.ClaimableBalance.BalanceId.V0 == nil {
			return nil
		}
		if c := s.claimable(claimableID(*key.ClaimableBalance.BalanceId.V0)); c != nil {
			return claimableXDR(c, key.ClaimableBalance.BalanceId)
		}
	}
	return nil
}

func entryOf(modified stamp, data xdr.LedgerEntryData) *xdr.LedgerEntry {
	return &xdr.LedgerEntry{LastModifiedLedgerSeq: xdr.Uint32(modified.ledger), Data: data}
}

func (s *state) accountXDR(a *account) *xdr.LedgerEntry {
	out := xdr.AccountEntry{AccountId: xdr.MustAddress(a.id), Balance: xdr.Int64(a.balance), SeqNum: xdr.SequenceNumber(a.seq),
		NumSubEntries: xdr.Uint32(a.subentries()), Flags: xdr.Uint32(a.flags), HomeDomain: xdr.String32(a.homeDomain),
		Thresholds: xdr.Thresholds(a.thresholds)}
	if a.inflation != "" {
		out.InflationDest = xdr.MustAddressPtr(a.inflation)
	}
	for _, sig := range a.signers {
		out.Signers = append(out.Signers, xdr.Signer{Key: sig.key, Weight: xdr.Uint32(sig.weight)})
	}
	slices.SortFunc(out.Signers, func(x, y xdr.Signer) int { return bytes.Compare(rawKey(x.Key), rawKey(y.Key)) })
	selling, buying := s.liabilities(a, xdr.Asset{Type: xdr.AssetTypeAssetTypeNative})
	if a.seqLedger > 0 || a.numSponsoring > 0 || selling > 0 || buying > 0 {
		out.Ext = xdr.AccountEntryExt{V: 1, V1: &xdr.AccountEntryExtensionV1{
			Liabilities: xdr.Liabilities{Buying: xdr.Int64(buying), Selling: xdr.Int64(selling)},
			Ext: xdr.AccountEntryExtensionV1Ext{V: 2, V2: &xdr.AccountEntryExtensionV2{
				NumSponsoring: xdr.Uint32(a.numSponsoring), SignerSponsoringIDs: make([]xdr.SponsorshipDescriptor, len(a.signers)),
				Ext: xdr.AccountEntryExtensionV2Ext{V: 3, V3: &xdr.AccountEntryExtensionV3{
					SeqLedger: xdr.Uint32(a.seqLedger), SeqTime: xdr.TimePoint(a.seqTime)}}}}}}
	}
	return entryOf(a.modified, xdr.LedgerEntryData{Type: xdr.LedgerEntryTypeAccount, Account: &out})
}

func rawKey(key xdr.SignerKey) []byte {
	raw, err := key.MarshalBinary()
	if err != nil {
		panic("horizon: encode own signer: " + err.Error())
	}
	return raw
}

func (s *state) lineXDR(a *account, t *trustline) *xdr.LedgerEntry {
	out := xdr.TrustLineEntry{AccountId: xdr.MustAddress(a.id), Asset: t.asset.ToTrustLineAsset(), Balance: xdr.Int64(t.balance),
		Limit: xdr.Int64(t.limit), Flags: xdr.Uint32(t.flags)}
	if selling, buying := s.liabilities(a, t.asset); selling > 0 || buying > 0 {
		out.Ext = xdr.TrustLineEntryExt{V: 1, V1: &xdr.TrustLineEntryV1{
			Liabilities: xdr.Liabilities{Buying: xdr.Int64(buying), Selling: xdr.Int64(selling)}}}
	}
	return entryOf(t.modified, xdr.LedgerEntryData{Type: xdr.LedgerEntryTypeTrustline, TrustLine: &out})
}

func claimableXDR(c *claimable, id xdr.ClaimableBalanceId) *xdr.LedgerEntry {
	out := xdr.ClaimableBalanceEntry{BalanceId: id, Claimants: c.claimants, Asset: c.asset, Amount: xdr.Int64(c.amount)}
	if c.clawback {
		out.Ext = xdr.ClaimableBalanceEntryExt{V: 1, V1: &xdr.ClaimableBalanceEntryExtensionV1{
			Flags: xdr.Uint32(xdr.ClaimableBalanceFlagsClaimableBalanceClawbackEnabledFlag)}}
	}
	e := entryOf(c.modified, xdr.LedgerEntryData{Type: xdr.LedgerEntryTypeClaimableBalance, ClaimableBalance: &out})
	e.Ext = xdr.LedgerEntryExt{V: 1, V1: &xdr.LedgerEntryExtensionV1{SponsoringId: xdr.MustAddressPtr(c.sponsor)}}
	return e
}
