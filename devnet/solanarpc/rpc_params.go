package solanarpc

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/mr-tron/base58"
)

// config holds every option that a method takes; each method reads its own.
type config struct {
	Commitment          *string          `json:"commitment"`
	PreflightCommitment *string          `json:"preflightCommitment"`
	MinContextSlot      uint64           `json:"minContextSlot"`
	Encoding            string           `json:"encoding"`
	DataSlice           *dataSlice       `json:"dataSlice"`
	SkipPreflight       bool             `json:"skipPreflight"`
	SigVerify           bool             `json:"sigVerify"`
	ReplaceBlockhash    bool             `json:"replaceRecentBlockhash"`
	InnerInstructions   bool             `json:"innerInstructions"`
	Accounts            *accountsWanted  `json:"accounts"`
	SearchHistory       bool             `json:"searchTransactionHistory"`
	MaxVersion          *int             `json:"maxSupportedTransactionVersion"`
	Limit               *int             `json:"limit"`
	Before              solana.Signature `json:"-"`
	Until               solana.Signature `json:"-"`
	BeforeText          string           `json:"before"`
	UntilText           string           `json:"until"`
	Mint                string           `json:"mint"`
	ProgramID           string           `json:"programId"`
}

type dataSlice struct {
	Offset int `json:"offset"`
	Length int `json:"length"`
}

type accountsWanted struct {
	Encoding  string   `json:"encoding"`
	Addresses []string `json:"addresses"`
}

func (c *call) raw(i int) json.RawMessage {
	if i >= len(c.params) || bytes.Equal(bytes.TrimSpace(c.params[i]), []byte("null")) {
		return nil
	}
	return c.params[i]
}

// config reads parameter i as options; a missing one is the default.
func (c *call) config(i int) (config, error) {
	var cfg config
	if p := c.raw(i); p != nil {
		if err := json.Unmarshal(p, &cfg); err != nil {
			return cfg, badParam("Invalid params: %v", err)
		}
	}
	return cfg, nil
}

func (c *call) text(i int) (string, error) {
	var s string
	p := c.raw(i)
	if p == nil {
		return "", badParam("`params` should have at least %d argument(s)", i+1)
	}
	if err := json.Unmarshal(p, &s); err != nil {
		return "", badParam("Invalid params: invalid type, expected a string.")
	}
	return s, nil
}

func (c *call) key(i int) (solana.PublicKey, error) {
	s, err := c.text(i)
	if err != nil {
		return solana.PublicKey{}, err
	}
	return parseKey(s)
}

func parseKey(s string) (solana.PublicKey, error) {
	b, err := decode58(s, 32)
	return solana.PublicKey(b), err
}

func parseSignature(s string) (solana.Signature, error) {
	b, err := decode58(s, 64)
	return solana.Signature(b), err
}

// decode58 answers n bytes, also beside an error.
func decode58(s string, n int) ([]byte, error) {
	b, err := base58.Decode(s)
	switch {
	case err != nil:
		return make([]byte, n), badParam("Invalid param: Invalid")
	case len(b) != n:
		return make([]byte, n), badParam("Invalid param: WrongSize")
	}
	return b, nil
}

// bankFor is the block a commitment reads; the default is finalized, as on a node.
func (s *Server) bankFor(commitment *string, minContext uint64) (block, error) {
	name := "finalized"
	if commitment != nil {
		name = *commitment
	}
	var lag uint64
	switch {
	case slices.Contains([]string{"processed", "recent"}, name):
	case slices.Contains([]string{"confirmed", "single", "singleGossip"}, name):
		lag = 1
	case slices.Contains([]string{"finalized", "root", "max"}, name):
		lag = s.chain.depth
	default:
		return block{}, badParam("Invalid params: unknown variant `%s`, expected one of `processed`, `confirmed`, `finalized`.", name)
	}
	b := s.chain.bank(lag)
	if minContext > b.slot {
		return b, &rpcError{Code: codeMinContext, Message: "Minimum context slot has not been reached", Data: map[string]uint64{"contextSlot": b.slot}}
	}
	return b, nil
}

// ledgerBank is bankFor for the methods that need at least confirmed.
func (s *Server) ledgerBank(cfg config) (block, error) {
	if cfg.Commitment != nil && (*cfg.Commitment == "processed" || *cfg.Commitment == "recent") {
		return block{}, badParam("Method does not support commitment below `confirmed`")
	}
	return s.bankFor(cfg.Commitment, cfg.MinContextSlot)
}

// withContext is an answer that names the slot it was read at.
func withContext(b block, value any) any {
	return map[string]any{"context": map[string]any{"apiVersion": nodeVersion, "slot": b.slot}, "value": value}
}
