package stellarrpc

import (
	"fmt"
	"slices"
	"time"

	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit/devnet/horizon"
)

const (
	// maxKeys is how many entries can be asked for at once.
	maxKeys = 200
	// maxKeyMemory bounds a decoded key, in bytes.
	maxKeyMemory = 16 << 10
	// feeLedgers is how many ledgers the fee statistics look back on.
	feeLedgers = 10

	versionRPC  = "25.0.0-remit-devnet"
	versionCore = "v25.0.0-remit-devnet"
)

func (s *Server) getHealth(protocol.GetHealthRequest) (protocol.GetHealthResponse, error) {
	head := s.net.Head()
	if age := s.opt.Now().Sub(time.Unix(head.ClosedAt, 0)); age > s.opt.MaxLatency {
		return protocol.GetHealthResponse{}, fail(codeInternal, "latency (%s) since last known ledger closed is too high (>%s)",
			age.Round(time.Second), s.opt.MaxLatency)
	}
	oldest := s.oldest(head)
	return protocol.GetHealthResponse{Status: "healthy", LatestLedger: head.Ledger, LatestLedgerCloseTime: head.ClosedAt,
		OldestLedger: oldest.Ledger, OldestLedgerCloseTime: oldest.ClosedAt, LedgerRetentionWindow: s.opt.Window}, nil
}

func (s *Server) getNetwork(protocol.GetNetworkRequest) (protocol.GetNetworkResponse, error) {
	return protocol.GetNetworkResponse{FriendbotURL: s.opt.FriendbotURL, Passphrase: s.net.Passphrase(),
		ProtocolVersion: int(s.net.Head().Protocol)}, nil
}

func (s *Server) getVersionInfo(protocol.GetVersionInfoRequest) (protocol.GetVersionInfoResponse, error) {
	return protocol.GetVersionInfoResponse{Version: versionRPC, CaptiveCoreVersion: versionCore,
		ProtocolVersion: s.net.Head().Protocol}, nil
}

func (s *Server) getLatestLedger(protocol.GetLatestLedgerRequest) (protocol.GetLatestLedgerResponse, error) {
	head := s.net.Head()
	metadata, err := closeMeta(head)
	if err != nil {
		return protocol.GetLatestLedgerResponse{}, fail(codeInternal, "could not parse latest ledger header")
	}
	return protocol.GetLatestLedgerResponse{Hash: head.HashHex(), ProtocolVersion: head.Protocol, Sequence: head.Ledger,
		LedgerCloseTime: head.ClosedAt, LedgerHeader: head.HeaderXDR, LedgerMetadata: metadata}, nil
}

// closeMeta is a ledger's metadata with its header and nothing else.
func closeMeta(head horizon.Head) (string, error) {
	var header xdr.LedgerHeader
	if err := xdr.SafeUnmarshalBase64(head.HeaderXDR, &header); err != nil {
		return "", fmt.Errorf("decode header: %w", err)
	}
	return xdr.MarshalBase64(xdr.LedgerCloseMeta{V0: &xdr.LedgerCloseMetaV0{
		LedgerHeader: xdr.LedgerHeaderHistoryEntry{Hash: head.Hash, Header: header},
		TxSet:        xdr.TransactionSet{PreviousLedgerHash: header.PreviousLedgerHash},
	}})
}

func (s *Server) getLedgerEntries(in protocol.GetLedgerEntriesRequest) (protocol.GetLedgerEntriesResponse, error) {
	if err := checkFormat(in.Format); err != nil {
		return protocol.GetLedgerEntriesResponse{}, err
	}
	if len(in.Keys) > maxKeys {
		return protocol.GetLedgerEntriesResponse{}, fail(codeInvalidParams, "key count (%d) exceeds maximum supported (%d)", len(in.Keys), maxKeys)
	}
	keys := make([]xdr.LedgerKey, len(in.Keys))
	for i, text := range in.Keys {
		if err := xdr.SafeUnmarshalBase64WithOptions(text, &keys[i], xdr.DecodeOptions{MaxMemoryBytes: maxKeyMemory}); err != nil {
			return protocol.GetLedgerEntriesResponse{}, fail(codeInvalidParams, "cannot unmarshal key value %s at index %d", text, i)
		}
		if keys[i].Type == xdr.LedgerEntryTypeTtl {
			return protocol.GetLedgerEntriesResponse{}, fail(codeInvalidParams, "ledger ttl entries cannot be queried directly")
		}
	}
	entries, ledger := s.net.Entries(keys)
	out := protocol.GetLedgerEntriesResponse{Entries: []protocol.LedgerEntryResult{}, LatestLedger: ledger}
	for i, e := range entries {
		if e == nil {
			continue
		}
		data, err := xdr.MarshalBase64(e.Data)
		if err != nil {
			return protocol.GetLedgerEntriesResponse{}, fail(codeInternal, "could not serialize ledger entry: %v", err)
		}
		ext, err := xdr.MarshalBase64(e.Ext)
		if err != nil {
			return protocol.GetLedgerEntriesResponse{}, fail(codeInternal, "could not serialize ledger entry extension: %v", err)
		}
		out.Entries = append(out.Entries, protocol.LedgerEntryResult{KeyXDR: in.Keys[i], DataXDR: data, ExtensionXDR: ext,
			LastModifiedLedger: uint32(e.LastModifiedLedgerSeq)})
	}
	return out, nil
}

// checkFormat refuses formats that do not exist, and the JSON form, which this service does not have.
func checkFormat(format string) error {
	if err := protocol.IsValidFormat(format); err != nil {
		return fail(codeInvalidParams, "%v", err)
	}
	if format == protocol.FormatJSON {
		return fail(codeInvalidParams, "the stand-in does not write XDR as JSON")
	}
	return nil
}

func (s *Server) getFeeStats(protocol.GetFeeStatsRequest) (protocol.GetFeeStatsResponse, error) {
	head := s.net.Head()
	window := min(feeLedgers, head.Ledger)
	var fees []uint64
	for _, tx := range s.net.Transactions(head.Ledger - window + 1) {
		fees = append(fees, uint64(tx.FeeCharged)/uint64(max(tx.Operations, 1)))
	}
	return protocol.GetFeeStatsResponse{InclusionFee: distribution(fees, window), LatestLedger: head.Ledger}, nil
}

// distribution sums up fees; without any, all of it is zero, also the number of ledgers.
func distribution(fees []uint64, ledgers uint32) protocol.FeeDistribution {
	if len(fees) == 0 {
		return protocol.FeeDistribution{}
	}
	slices.Sort(fees)
	p := func(percent int) uint64 { return fees[(len(fees)*percent+99)/100-1] }
	mode, best, run := fees[0], 0, 0
	for i, f := range fees {
		if run++; i > 0 && f != fees[i-1] {
			run = 1
		}
		if run > best {
			mode, best = f, run
		}
	}
	return protocol.FeeDistribution{Max: fees[len(fees)-1], Min: fees[0], Mode: mode, P10: p(10), P20: p(20), P30: p(30), P40: p(40),
		P50: p(50), P60: p(60), P70: p(70), P80: p(80), P90: p(90), P95: p(95), P99: p(99),
		TransactionCount: uint32(len(fees)), LedgerCount: ledgers}
}
