package solanarpc

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"
)

const (
	maxAccounts = 100
	maxBase58   = 128
)

var rentEpochNever = new(big.Int).SetUint64(1<<64 - 1)

func itoa(n int) string { return strconv.Itoa(n) }

// uiAmount is a token amount for programs and for people.
type uiAmount struct {
	Amount         string   `json:"amount"`
	Decimals       byte     `json:"decimals"`
	UIAmount       *float64 `json:"uiAmount"`
	UIAmountString string   `json:"uiAmountString"`
}

func newUIAmount(n uint64, decimals byte) uiAmount {
	raw := strconv.FormatUint(n, 10)
	text := raw
	if d := int(decimals); d > 0 {
		padded := raw
		if len(padded) <= d {
			padded = strings.Repeat("0", d+1-len(padded)) + padded
		}
		whole, part := padded[:len(padded)-d], strings.TrimRight(padded[len(padded)-d:], "0")
		if text = whole; part != "" {
			text += "." + part
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return uiAmount{Amount: raw, Decimals: decimals, UIAmountString: text}
	}
	return uiAmount{Amount: raw, Decimals: decimals, UIAmount: &f, UIAmountString: text}
}

func (c *call) getBalance() (any, error) {
	key, err := c.key(0)
	if err != nil {
		return nil, err
	}
	return c.read(1, func(b block, _ config) (any, error) {
		var lamports uint64
		if a := c.chain.at(key, b.slot); a != nil {
			lamports = a.lamports
		}
		return withContext(b, lamports), nil
	})
}

func (c *call) getAccountInfo() (any, error) {
	key, err := c.key(0)
	if err != nil {
		return nil, err
	}
	return c.read(1, func(b block, cfg config) (any, error) {
		v, err := c.encodeAccount(c.chain.at(key, b.slot), cfg, b.slot)
		return withContext(b, v), err
	})
}

func (c *call) getMultipleAccounts() (any, error) {
	var names []string
	if err := json.Unmarshal(c.raw(0), &names); err != nil {
		return nil, badParam("Invalid params: expected a list of addresses")
	}
	if len(names) > maxAccounts {
		return nil, badParam("Too many inputs provided; max %d", maxAccounts)
	}
	return c.read(1, func(b block, cfg config) (any, error) {
		if cfg.Encoding == "" {
			cfg.Encoding = "base64"
		}
		out := make([]any, len(names))
		for i, n := range names {
			key, err := parseKey(n)
			if err != nil {
				return nil, err
			}
			if out[i], err = c.encodeAccount(c.chain.at(key, b.slot), cfg, b.slot); err != nil {
				return nil, err
			}
		}
		return withContext(b, out), nil
	})
}

// encodeAccount writes an account in the encoding asked for; nil is null.
func (c *call) encodeAccount(a *account, cfg config, slot uint64) (any, error) {
	if a == nil {
		return nil, nil
	}
	data := a.data
	if s := cfg.DataSlice; s != nil {
		from := min(max(s.Offset, 0), len(data))
		data = data[from:min(len(data), from+max(s.Length, 0))]
	}
	var shown any
	switch cfg.Encoding {
	case "", "binary", "base58":
		if len(data) > maxBase58 {
			return nil, fail(codeInvalidRequest, "Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.")
		}
		if shown = encode58(data); cfg.Encoding == "base58" {
			shown = []string{encode58(data), "base58"}
		}
	case "base64":
		shown = []string{base64.StdEncoding.EncodeToString(data), "base64"}
	case "base64+zstd":
		shown = []string{base64.StdEncoding.EncodeToString(zstdFrame(data)), "base64+zstd"}
	case "jsonParsed":
		if shown = c.parsedAccount(a, slot); shown == nil {
			shown = []string{base64.StdEncoding.EncodeToString(data), "base64"}
		}
	default:
		return nil, badParam("Invalid params: unknown variant `%s`, expected one of `binary`, `base58`, `base64`, `base64+zstd`, `jsonParsed`.", cfg.Encoding)
	}
	return map[string]any{
		"lamports": a.lamports, "owner": a.owner.String(), "data": shown, "executable": a.executable,
		"rentEpoch": rentEpochNever, "space": len(a.data),
	}, nil
}

// zstdFrame wraps data in a valid zstd frame of one stored block. Accounts here
// are small, so there is nothing to gain from compressing them.
func zstdFrame(data []byte) []byte {
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0} // magic, then: single segment, four bytes of size
	frame = le.AppendUint32(frame, uint32(len(data)))
	block := uint32(len(data))<<3 | 1 // stored, last
	return append(append(frame, byte(block), byte(block>>8), byte(block>>16)), data...)
}

func programName(p solana.PublicKey) string {
	if p == token2022 {
		return "spl-token-2022"
	}
	return "spl-token"
}

// parsedAccount shows token accounts and mints field by field, else nil.
func (c *call) parsedAccount(a *account, slot uint64) any {
	wrap := func(kind string, info map[string]any) any {
		return map[string]any{"program": programName(a.owner), "parsed": map[string]any{"type": kind, "info": info}, "space": len(a.data)}
	}
	if m, ok := mintOf(a); ok {
		return wrap("mint", map[string]any{
			"decimals": m.decimals(), "isInitialized": true, "supply": strconv.FormatUint(m.supply(), 10),
			"mintAuthority": m.optionText(mintAuthorityAt), "freezeAuthority": m.optionText(mintFreezeAt),
		})
	}
	t, ok := tokenAccountOf(a)
	if !ok {
		return nil
	}
	m, ok := mintOf(c.chain.at(t.mint(), slot))
	if !ok {
		return nil
	}
	state := "initialized"
	if t.frozen() {
		state = "frozen"
	}
	info := map[string]any{
		"isNative": false, "mint": t.mint().String(), "owner": t.owner().String(), "state": state,
		"tokenAmount": newUIAmount(t.amount(), m.decimals()),
	}
	if d := t.optionText(tokDelegateAt); d != nil {
		info["delegate"], info["delegatedAmount"] = d, newUIAmount(t.u64(tokDelegatedAt), m.decimals())
	}
	if k := t.optionText(tokCloseAt); k != nil {
		info["closeAuthority"] = k
	}
	if t.immutableOwner() {
		info["extensions"] = []map[string]string{{"extension": "immutableOwner"}}
	}
	return wrap("account", info)
}

// optionText is an optional key as text or nil.
func (t tokenView) optionText(at int) any {
	if k, ok := t.option(at); ok {
		return k.String()
	}
	return nil
}

// tokenAccount reads a token account that must exist.
func (c *call) tokenAccount(key solana.PublicKey, slot uint64) (tokenView, error) {
	a := c.chain.at(key, slot)
	if a == nil {
		return tokenView{}, badParam("Invalid param: could not find account")
	}
	t, ok := tokenAccountOf(a)
	if !ok {
		return t, badParam("Invalid param: not a Token account")
	}
	return t, nil
}

func (c *call) tokenMintAt(key solana.PublicKey, slot uint64) (tokenView, error) {
	a := c.chain.at(key, slot)
	if a == nil {
		return tokenView{}, badParam("Invalid param: could not find account")
	}
	m, ok := mintOf(a)
	if !ok {
		return m, badParam("Invalid param: not a Token mint")
	}
	return m, nil
}

func (c *call) getTokenAccountBalance() (any, error) {
	key, err := c.key(0)
	if err != nil {
		return nil, err
	}
	return c.read(1, func(b block, _ config) (any, error) {
		t, err := c.tokenAccount(key, b.slot)
		if err != nil {
			return nil, err
		}
		m, err := c.tokenMintAt(t.mint(), b.slot)
		if err != nil {
			return nil, err
		}
		return withContext(b, newUIAmount(t.amount(), m.decimals())), nil
	})
}

func (c *call) getTokenSupply() (any, error) {
	key, err := c.key(0)
	if err != nil {
		return nil, err
	}
	return c.read(1, func(b block, _ config) (any, error) {
		m, err := c.tokenMintAt(key, b.slot)
		if err != nil {
			return nil, err
		}
		return withContext(b, newUIAmount(m.supply(), m.decimals())), nil
	})
}

func (c *call) getTokenAccountsByOwner() (any, error) {
	owner, err := c.key(0)
	if err != nil {
		return nil, err
	}
	filter, err := c.config(1)
	if err != nil {
		return nil, err
	}
	if filter.Mint == "" && filter.ProgramID == "" {
		return nil, badParam("Invalid params: missing field `mint` or `programId`.")
	}
	return c.read(2, func(b block, cfg config) (any, error) {
		var mint, program solana.PublicKey
		var err error
		if filter.ProgramID != "" {
			if program, err = parseKey(filter.ProgramID); err == nil && !isTokenProgram(program) {
				err = badParam("Invalid param: unrecognized Token program id")
			}
		} else if mint, err = parseKey(filter.Mint); err == nil {
			_, err = c.tokenMintAt(mint, b.slot)
		}
		if err != nil {
			return nil, err
		}
		list := []any{}
		for _, key := range sortedKeys(c.chain.byOwner[owner]) {
			a := c.chain.at(key, b.slot)
			t, ok := tokenAccountOf(a)
			if !ok || t.owner() != owner || (filter.ProgramID != "" && a.owner != program) || (filter.ProgramID == "" && t.mint() != mint) {
				continue
			}
			shown, err := c.encodeAccount(a, cfg, b.slot)
			if err != nil {
				return nil, err
			}
			list = append(list, map[string]any{"pubkey": key.String(), "account": shown})
		}
		return withContext(b, list), nil
	})
}

func sortedKeys(set map[solana.PublicKey]bool) []solana.PublicKey {
	out := make([]solana.PublicKey, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b solana.PublicKey) int { return strings.Compare(string(a[:]), string(b[:])) })
	return out
}
