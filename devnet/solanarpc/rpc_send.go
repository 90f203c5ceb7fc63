package solanarpc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/gagliardetto/solana-go"
	"github.com/mr-tron/base58"
)

const (
	maxEncoded64 = 1644
	maxEncoded58 = 1683
	txTypeName   = "solana_transaction::versioned::VersionedTransaction"
)

// decodeTransaction reads a sent transaction; base58 is the default, as on a node.
func (c *call) decodeTransaction(encoding string) (*transaction, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if encoding == "" {
		encoding = "base58"
	}
	limit := maxEncoded58
	decode := base58.Decode
	switch encoding {
	case "base58":
	case "base64":
		limit, decode = maxEncoded64, base64.StdEncoding.Strict().DecodeString
	default:
		return nil, badParam("unsupported encoding: %s. Supported encodings: base58, base64", encoding)
	}
	if len(text) > limit {
		return nil, badParam("%s encoded %s too large: %d bytes (max: encoded/raw %d/%d)", encoding, txTypeName, len(text), limit, maxPacket)
	}
	raw, err := decode(text)
	if err != nil {
		return nil, badParam("invalid %s encoding", encoding)
	}
	tx, err := parseTransaction(raw)
	if err != nil {
		return nil, badParam("%v", err)
	}
	return tx, nil
}

// simulation is what running a transaction without landing it showed.
type simulation struct {
	*outcome
}

// simulate runs a transaction on the state of a block.
func (s *Server) simulate(tx *transaction, b block) simulation {
	if err := s.chain.refusal(tx, b); err != nil {
		return simulation{&outcome{err: err}}
	}
	state := func(k solana.PublicKey) *account { return s.chain.at(k, b.slot) }
	tx, err := tx.resolve(state, b.slot)
	if err != nil {
		return simulation{&outcome{err: err}}
	}
	return simulation{execute(tx, state, b.slot)}
}

// sanitize refuses a transaction whose lookups cannot be resolved in a block.
func (s *Server) sanitize(tx *transaction, b block) error {
	if _, err := tx.resolve(func(k solana.PublicKey) *account { return s.chain.at(k, b.slot) }, b.slot); err != nil {
		return badParam("invalid transaction: %v", err)
	}
	return nil
}

// answer is the JSON of a simulation.
func (m simulation) answer() map[string]any {
	logs := m.logs
	if logs == nil {
		logs = []string{}
	}
	return map[string]any{
		"accounts": nil, "err": m.err, "innerInstructions": nil, "loadedAccountsDataSize": 0, "logs": logs,
		"replacementBlockhash": nil, "returnData": m.returned.answer(), "unitsConsumed": m.units,
	}
}

// answer is the JSON of return data; none is null.
func (r *returnData) answer() any {
	if r == nil {
		return nil
	}
	return map[string]any{"programId": r.program.String(), "data": []string{base64.StdEncoding.EncodeToString(r.data), "base64"}}
}

func (c *call) sendTransaction() (any, error) {
	cfg, err := c.config(1)
	if err != nil {
		return nil, err
	}
	tx, err := c.decodeTransaction(cfg.Encoding)
	if err != nil {
		return nil, err
	}
	if err := c.preflight(tx, cfg); err != nil {
		return nil, err
	}
	if err := c.enqueue(tx, c.faults); err != nil {
		return nil, err
	}
	return tx.id().String(), nil
}

// preflight refuses what would not land or would fail, unless told to skip that.
func (c *call) preflight(tx *transaction, cfg config) error {
	if cfg.SkipPreflight {
		c.mu.RLock()
		defer c.mu.RUnlock()
		processed := "processed"
		b, err := c.bankFor(&processed, cfg.MinContextSlot)
		if err != nil {
			return err
		}
		return c.sanitize(tx, b)
	}
	if _, err := c.getHealth(); err != nil {
		return err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	b, err := c.bankFor(cfg.PreflightCommitment, cfg.MinContextSlot)
	if err != nil {
		return err
	}
	if err := c.sanitize(tx, b); err != nil {
		return err
	}
	if !tx.verify() {
		return fail(codeSignature, "Transaction signature verification failure")
	}
	if m := c.simulate(tx, b); m.err != nil {
		return &rpcError{Code: codePreflight, Message: "Transaction simulation failed: " + m.err.Error(), Data: m.answer()}
	}
	return nil
}

// enqueue puts an accepted transaction on its way, once.
func (s *Server) enqueue(tx *transaction, f Faults) error {
	drop := s.faults.hit(f.DropPct)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Sent++
	switch {
	case drop:
		s.stats.Dropped++
	case s.waiting[string(tx.raw)]:
	case len(s.pending) >= maxQueuedOnNode:
		return fail(codeInternal, "too many transactions are waiting")
	default:
		s.waiting[string(tx.raw)] = true
		s.pending = append(s.pending, queued{tx: tx, due: s.chain.head().slot + 1 + uint64(max(f.LandDelaySlots, 0))})
	}
	return nil
}

func (c *call) simulateTransaction() (any, error) {
	cfg, err := c.config(1)
	if err != nil {
		return nil, err
	}
	if cfg.SigVerify && cfg.ReplaceBlockhash {
		return nil, badParam("sigVerify may not be used with replaceRecentBlockhash")
	}
	tx, err := c.decodeTransaction(cfg.Encoding)
	if err != nil {
		return nil, err
	}
	if cfg.SigVerify && !tx.verify() {
		return nil, fail(codeSignature, "Transaction signature verification failure")
	}
	return c.read(1, func(b block, cfg config) (any, error) {
		if err := c.sanitize(tx, b); err != nil {
			return nil, err
		}
		var replaced any
		if cfg.ReplaceBlockhash {
			raw := bytes.Clone(tx.raw)
			copy(raw[tx.hashAt:], b.hash[:])
			if tx, err = parseTransaction(raw); err != nil {
				return nil, badParam("%v", err)
			}
			replaced = map[string]any{"blockhash": b.hash.String(), "lastValidBlockHeight": b.height + maxHashAge}
		}
		m := c.simulate(tx, b)
		out := m.answer()
		out["replacementBlockhash"] = replaced
		if cfg.InnerInstructions {
			out["innerInstructions"] = encodeInner(tx, m.inner, true)
		}
		if cfg.Accounts != nil {
			if out["accounts"], err = c.simulatedAccounts(tx, m, cfg.Accounts, b); err != nil {
				return nil, err
			}
		}
		return withContext(b, out), nil
	})
}

// simulatedAccounts shows the accounts asked for as the simulation left them.
func (c *call) simulatedAccounts(tx *transaction, m simulation, want *accountsWanted, b block) (any, error) {
	out := make([]any, len(want.Addresses))
	if m.err != nil {
		return out, nil
	}
	enc := config{Encoding: want.Encoding}
	if enc.Encoding == "" {
		enc.Encoding = "base64"
	}
	for i, name := range want.Addresses {
		key, err := parseKey(name)
		if err != nil {
			return nil, err
		}
		a := c.chain.at(key, b.slot)
		for j, k := range tx.keys[:min(len(tx.keys), len(m.accounts))] {
			if k == key {
				a = m.accounts[j]
			}
		}
		if out[i], err = c.encodeAccount(a, enc, b.slot); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *call) requestAirdrop() (any, error) {
	key, err := c.key(0)
	if err != nil {
		return nil, err
	}
	var lamports uint64
	if err := json.Unmarshal(c.raw(1), &lamports); err != nil {
		return nil, badParam("Invalid params: expected lamports")
	}
	sig, err := c.sendAirdrop(key, lamports)
	if err != nil {
		return nil, err
	}
	return sig.String(), nil
}
