package solanarpc

import (
	"encoding/base64"
	"encoding/json"

	"github.com/gagliardetto/solana-go"
)

const (
	maxStatuses   = 256
	maxSignatures = 1000
)

// status is a signature's status, as of the head of the chain.
type status struct {
	Slot          uint64         `json:"slot"`
	Confirmations *uint64        `json:"confirmations"`
	Err           *txError       `json:"err"`
	Status        map[string]any `json:"status"`
	Confirmation  string         `json:"confirmationStatus"`
}

func resultOf(err *txError) map[string]any {
	if err != nil {
		return map[string]any{"Err": err}
	}
	return map[string]any{"Ok": nil}
}

func (c *chain) statusOf(r *record) status {
	n := c.head().slot - r.slot
	out := status{Slot: r.slot, Confirmations: &n, Err: r.out.err, Status: resultOf(r.out.err), Confirmation: "processed"}
	switch {
	case n >= c.depth:
		out.Confirmations, out.Confirmation = nil, "finalized"
	case n >= 1:
		out.Confirmation = "confirmed"
	}
	return out
}

func (c *call) getSignatureStatuses() (any, error) {
	var names []string
	if p := c.raw(0); p == nil || json.Unmarshal(p, &names) != nil {
		return nil, badParam("Invalid params: invalid type: null, expected a sequence.")
	}
	if len(names) > maxStatuses {
		return nil, badParam("Too many inputs provided; max %d", maxStatuses)
	}
	sigs := make([]solana.Signature, len(names))
	for i, n := range names {
		sig, err := parseSignature(n)
		if err != nil {
			return nil, err
		}
		sigs[i] = sig
	}
	cfg, err := c.config(1)
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]any, len(sigs))
	for i, sig := range sigs {
		r := c.chain.records[sig]
		if r == nil || c.Server.faults.hit(c.faults.HideStatusPct) {
			continue
		}
		if cfg.SearchHistory || c.chain.head().slot-r.slot <= recentStatus {
			out[i] = c.chain.statusOf(r)
		}
	}
	return withContext(c.chain.head(), out), nil
}

func (c *call) getTransaction() (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	sig, err := parseSignature(text)
	if err != nil {
		return nil, err
	}
	var cfg config
	if p := c.raw(1); p == nil || json.Unmarshal(p, &cfg.Encoding) != nil {
		if cfg, err = c.config(1); err != nil {
			return nil, err
		}
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	b, err := c.ledgerBank(cfg)
	if err != nil {
		return nil, err
	}
	r := c.chain.records[sig]
	if r == nil || r.slot > b.slot {
		return nil, nil
	}
	if r.tx.v0 && cfg.MaxVersion == nil {
		return nil, fail(codeVersion, "Transaction version (0) is not supported by the requesting client. Please try the request again with the following configuration parameter: \"maxSupportedTransactionVersion\": 0")
	}
	return encodeRecord(r, cfg)
}

// encodeRecord writes a landed transaction with what it did.
func encodeRecord(r *record, cfg config) (any, error) {
	tx := r.tx
	var shown any
	parsed := cfg.Encoding == "jsonParsed"
	switch cfg.Encoding {
	case "", "json", "jsonParsed":
		shown = encodeMessage(tx, parsed)
	case "base64":
		shown = []string{base64.StdEncoding.EncodeToString(tx.raw), "base64"}
	case "base58":
		shown = []string{encode58(tx.raw), "base58"}
	default:
		return nil, badParam("Invalid params: unknown variant `%s`, expected one of `json`, `jsonParsed`, `base58`, `base64`.", cfg.Encoding)
	}
	meta := map[string]any{
		"err": r.out.err, "status": resultOf(r.out.err), "fee": r.out.fee, "preBalances": r.pre.lamports,
		"postBalances": r.post.lamports, "innerInstructions": encodeInner(tx, r.out.inner, parsed), "logMessages": r.out.logs,
		"preTokenBalances": r.pre.tokens, "postTokenBalances": r.post.tokens, "rewards": []any{}, "computeUnitsConsumed": r.out.units,
	}
	if r.out.returned != nil {
		meta["returnData"] = r.out.returned.answer()
	}
	if !parsed {
		meta["loadedAddresses"] = map[string]any{
			"writable": texts(tx.keys[tx.static : tx.static+tx.loadedWritable]), "readonly": texts(tx.keys[tx.static+tx.loadedWritable:]),
		}
	}
	out := map[string]any{"slot": r.slot, "blockTime": r.time, "transaction": shown, "meta": meta}
	if cfg.MaxVersion != nil {
		if out["version"] = "legacy"; tx.v0 {
			out["version"] = 0
		}
	}
	return out, nil
}

func lamportsOf(accounts []*account) []uint64 {
	out := make([]uint64, len(accounts))
	for i, a := range accounts {
		if a != nil {
			out[i] = a.lamports
		}
	}
	return out
}

func (c *call) getSignaturesForAddress() (any, error) {
	key, err := c.key(0)
	if err != nil {
		return nil, err
	}
	cfg, err := c.config(1)
	if err != nil {
		return nil, err
	}
	limit := maxSignatures
	if cfg.Limit != nil {
		limit = *cfg.Limit
	}
	if limit < 1 || limit > maxSignatures {
		return nil, badParam("Invalid limit; max %d", maxSignatures)
	}
	if cfg.BeforeText != "" {
		if cfg.Before, err = parseSignature(cfg.BeforeText); err != nil {
			return nil, err
		}
	}
	if cfg.UntilText != "" {
		if cfg.Until, err = parseSignature(cfg.UntilText); err != nil {
			return nil, err
		}
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	b, err := c.ledgerBank(cfg)
	if err != nil {
		return nil, err
	}
	below, above := len(c.chain.order), -1
	if cfg.BeforeText != "" {
		if below = 0; c.chain.records[cfg.Before] != nil {
			below = c.chain.records[cfg.Before].ordinal
		}
	}
	if r := c.chain.records[cfg.Until]; r != nil {
		above = r.ordinal
	}
	out := []any{}
	list := c.chain.byAddress[key]
	for i := len(list) - 1; i >= 0 && len(out) < limit && list[i].ordinal > above; i-- {
		r := list[i]
		if r.slot > b.slot || r.ordinal >= below {
			continue
		}
		out = append(out, map[string]any{
			"blockTime": r.time, "confirmationStatus": c.chain.statusOf(r).Confirmation, "err": r.out.err,
			"memo": r.memo, "signature": r.tx.id().String(), "slot": r.slot,
		})
	}
	return out, nil
}
