package horizon

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/stellar/go-stellar-sdk/toid"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// record is a transaction that a ledger took.
type record struct {
	id          int64 // ledger × 2^32 + order × 4096
	ledger      uint32
	time        int64
	hash, inner string
	envelope    string
	result      string
	successful  bool
	fee, bid    int64
	ops         int
}

func newRecord(tx *transaction, set ledgerSet, order int, v verdict) *record {
	return &record{id: toid.New(int32(set.seq), int32(order+1), 0).ToInt64(), ledger: set.seq, time: set.time,
		hash: tx.id(), inner: tx.innerID(), envelope: tx.envelope, result: encode(v.result(tx)),
		successful: v.ok(), fee: v.fee, bid: tx.bid(), ops: len(tx.env.Operations())}
}

// encode is base64 XDR of what the server itself built.
func encode(v any) string {
	out, err := xdr.MarshalBase64(v)
	if err != nil {
		panic("horizon: encode own value: " + err.Error())
	}
	return out
}

// opRef is an operation of a record.
type opRef struct {
	rec     *record
	index   int
	payment bool
}

func (o opRef) id() int64 { return o.rec.id + int64(o.index) + 1 }

// ledgerRecord is a closed ledger.
type ledgerRecord struct {
	seq               uint32
	time              int64
	baseFee           int64
	feePool           int64
	succeeded, failed int32
	ops, allOps       int32
	hash, prev        [32]byte
	header            string
	lowBid, highBid   int64
}

func (l *ledgerRecord) id() int64 { return toid.New(int32(l.seq), 0, 0).ToInt64() }

func (l *ledgerRecord) count(rec *record, fee int64) {
	l.feePool += fee
	l.allOps += int32(rec.ops)
	if rec.successful {
		l.succeeded++
		l.ops += int32(rec.ops)
	} else {
		l.failed++
	}
}

// history is what has happened, in order.
type history struct {
	ledgers  []ledgerRecord
	txs      []*record
	ops      []opRef
	byHash   map[string]*record
	txsOf    map[string][]*record
	opsOf    map[string][]opRef
	payments []Payment
}

func newHistory() history {
	return history{byHash: map[string]*record{}, txsOf: map[string][]*record{}, opsOf: map[string][]opRef{}}
}

func (h *history) last() ledgerRecord { return h.ledgers[len(h.ledgers)-1] }

func (h *history) addLedger(l ledgerRecord) {
	header := xdr.LedgerHeader{LedgerVersion: protocolVersion, LedgerSeq: xdr.Uint32(l.seq), TotalCoins: xdr.Int64(genesis),
		FeePool: xdr.Int64(l.feePool), BaseFee: xdr.Uint32(l.baseFee), ScpValue: xdr.StellarValue{CloseTime: xdr.TimePoint(l.time)}}
	if len(h.ledgers) > 0 {
		l.prev = h.last().hash
		header.PreviousLedgerHash = l.prev
	}
	raw, err := header.MarshalBinary()
	if err != nil {
		panic("horizon: encode own ledger header: " + err.Error())
	}
	l.hash, l.header = sha256.Sum256(raw), encode(header)
	h.ledgers = append(h.ledgers, l)
}

func (h *history) add(rec *record, tx *transaction, v verdict) {
	h.txs = append(h.txs, rec)
	h.byHash[rec.hash] = rec
	h.byHash[rec.inner] = rec
	parties := []string{tx.source(), tx.feeSource()}
	for i, op := range tx.env.Operations() {
		ref := opRef{rec: rec, index: i, payment: isPayment(op)}
		h.ops = append(h.ops, ref)
		in := participants(op, tx.opSource(op))
		if id := claimableOf(tx, i, op); id != "" && rec.successful {
			in = append(in, claimableParty(id))
		}
		for _, id := range in {
			h.opsOf[id] = append(h.opsOf[id], ref)
		}
		parties = append(parties, in...)
	}
	slices.Sort(parties)
	for _, id := range slices.Compact(parties) {
		h.txsOf[id] = append(h.txsOf[id], rec)
	}
	if rec.successful {
		h.payments = append(h.payments, paymentsOf(rec, tx, v)...)
	}
}

func isPayment(op xdr.Operation) bool {
	switch op.Body.Type {
	case xdr.OperationTypeCreateAccount, xdr.OperationTypePayment, xdr.OperationTypePathPaymentStrictReceive,
		xdr.OperationTypePathPaymentStrictSend, xdr.OperationTypeAccountMerge:
		return true
	default:
		return false
	}
}

// participants are the accounts an operation is about, each once.
func participants(op xdr.Operation, source string) []string {
	ids := []string{source}
	b := op.Body
	switch b.Type {
	case xdr.OperationTypeCreateAccount:
		ids = append(ids, b.CreateAccountOp.Destination.Address())
	case xdr.OperationTypePayment:
		ids = append(ids, address(b.PaymentOp.Destination))
	case xdr.OperationTypePathPaymentStrictReceive:
		ids = append(ids, address(b.PathPaymentStrictReceiveOp.Destination))
	case xdr.OperationTypePathPaymentStrictSend:
		ids = append(ids, address(b.PathPaymentStrictSendOp.Destination))
	case xdr.OperationTypeAccountMerge:
		ids = append(ids, address(b.MustDestination()))
	case xdr.OperationTypeAllowTrust:
		ids = append(ids, b.AllowTrustOp.Trustor.Address())
	case xdr.OperationTypeSetTrustLineFlags:
		ids = append(ids, b.SetTrustLineFlagsOp.Trustor.Address())
	case xdr.OperationTypeClawback:
		ids = append(ids, address(b.ClawbackOp.From))
	case xdr.OperationTypeCreateClaimableBalance:
		for _, c := range b.CreateClaimableBalanceOp.Claimants {
			ids = append(ids, c.V0.Destination.Address())
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// claimableParty is how the history names a claimable balance among the accounts that operations are about.
func claimableParty(id string) string { return "claimable " + id }

// claimableOf is the claimable balance that an operation makes or claims, or nothing.
func claimableOf(tx *transaction, index int, op xdr.Operation) string {
	switch op.Body.Type {
	case xdr.OperationTypeCreateClaimableBalance:
		hash, err := claimableHash(opContext{tx: tx, index: index, op: op})
		if err != nil {
			return ""
		}
		return claimableID(hash)
	case xdr.OperationTypeClaimClaimableBalance:
		if v0 := op.Body.ClaimClaimableBalanceOp.BalanceId.V0; v0 != nil {
			return claimableID(*v0)
		}
	}
	return ""
}

func hexOf(h [32]byte) string { return hex.EncodeToString(h[:]) }
func decimal(n int64) string  { return strconv.FormatInt(n, 10) }
