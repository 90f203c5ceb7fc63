package solanarpc

import (
	"encoding/base64"
	"encoding/json"

	"github.com/gagliardetto/solana-go"
	"github.com/mr-tron/base58"
)

// nodeVersion is the version of the node software whose answers these are.
const nodeVersion = "4.2.0"

// read runs a method on the block of its commitment, given in parameter i.
func (c *call) read(i int, answer func(b block, cfg config) (any, error)) (any, error) {
	cfg, err := c.config(i)
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	b, err := c.bankFor(cfg.Commitment, cfg.MinContextSlot)
	if err != nil {
		return nil, err
	}
	return answer(b, cfg)
}

func (c *call) getHealth() (any, error) {
	if n := c.faults.BehindSlots; n > 0 {
		return nil, &rpcError{Code: codeUnhealthy, Message: "Node is behind by " + itoa(n) + " slots", Data: map[string]int{"numSlotsBehind": n}}
	}
	return "ok", nil
}

func (c *call) getVersion() (any, error) {
	return map[string]any{"feature-set": 3604001754, "solana-core": nodeVersion}, nil
}

func (c *call) getGenesisHash() (any, error) { return c.chain.genesisHash().String(), nil }

func (c *call) getIdentity() (any, error) {
	return map[string]string{"identity": c.FaucetAddress().String()}, nil
}

func (c *call) getSlot() (any, error) {
	return c.read(0, func(b block, _ config) (any, error) { return b.slot, nil })
}

func (c *call) getBlockHeight() (any, error) {
	return c.read(0, func(b block, _ config) (any, error) { return b.height, nil })
}

func (c *call) getTransactionCount() (any, error) {
	return c.read(0, func(block, config) (any, error) { return len(c.chain.order), nil })
}

// getFirstAvailableBlock is where the history of transactions begins, which is
// kept whole here.
func (c *call) getFirstAvailableBlock() (any, error) { return 0, nil }

func (c *call) getBlockTime() (any, error) {
	var slot uint64
	if err := json.Unmarshal(c.raw(0), &slot); err != nil {
		return nil, badParam("Invalid params: expected a slot")
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, b := range c.chain.blocks {
		if b.slot == slot {
			return b.time, nil
		}
	}
	return nil, nil
}

func (c *call) getEpochInfo() (any, error) {
	return c.read(0, func(b block, _ config) (any, error) {
		return map[string]any{
			"absoluteSlot": b.slot, "blockHeight": b.height, "epoch": b.slot / slotsPerEpoch, "slotIndex": b.slot % slotsPerEpoch,
			"slotsInEpoch": slotsPerEpoch, "transactionCount": len(c.chain.order),
		}, nil
	})
}

func (c *call) getLatestBlockhash() (any, error) {
	return c.read(0, func(b block, _ config) (any, error) {
		return withContext(b, map[string]any{"blockhash": b.hash.String(), "lastValidBlockHeight": b.height + maxHashAge}), nil
	})
}

func (c *call) isBlockhashValid() (any, error) {
	key, err := c.key(0)
	if err != nil {
		return nil, err
	}
	return c.read(1, func(b block, _ config) (any, error) {
		return withContext(b, c.chain.hashGood(solana.Hash(key), b)), nil
	})
}

func (c *call) getRentMinimum() (any, error) {
	var n int
	if err := json.Unmarshal(c.raw(0), &n); err != nil || n < 0 || n > maxAccountSpace {
		return nil, badParam("Invalid params: expected a data length")
	}
	return rentExemptMinimum(n), nil
}

func (c *call) getFeeForMessage() (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, badParam("invalid base64 encoding")
	}
	msg, err := parseMessage(raw)
	if err != nil {
		return nil, badParam("%v", err)
	}
	return c.read(1, func(b block, _ config) (any, error) {
		if !c.chain.hashGood(msg.blockhash, b) {
			return withContext(b, nil), nil
		}
		budget, bad := readBudget(msg)
		if bad != nil {
			return nil, badParam("%v", bad)
		}
		return withContext(b, budget.fee), nil
	})
}

// getRecentPrices answers, for each recent slot, the lowest unit price of a
// transaction that wrote to all of the given accounts.
func (c *call) getRecentPrices() (any, error) {
	var names []string
	if p := c.raw(0); p != nil {
		if err := json.Unmarshal(p, &names); err != nil {
			return nil, badParam("Invalid params: expected a list of addresses")
		}
	}
	keys := make([]solana.PublicKey, len(names))
	for i, n := range names {
		k, err := parseKey(n)
		if err != nil {
			return nil, err
		}
		keys[i] = k
	}
	type line struct {
		Slot  uint64 `json:"slot"`
		Price uint64 `json:"prioritizationFee"`
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	blocks := c.chain.blocks[max(0, len(c.chain.blocks)-priceWindow):]
	out := make([]line, len(blocks))
	for i, b := range blocks {
		out[i] = line{b.slot, c.faults.MinUnitPrice}
		first := true
		for _, r := range c.chain.prices[b.slot] {
			if r.tx.writesAll(keys) && (first || r.price < out[i].Price) {
				out[i].Price, first = r.price, false
			}
		}
	}
	return out, nil
}

// writesAll says whether all of the keys are among the writable accounts.
func (t *transaction) writesAll(keys []solana.PublicKey) bool {
	for _, want := range keys {
		found := false
		for i, k := range t.keys {
			found = found || (k == want && t.writable(i))
		}
		if !found {
			return false
		}
	}
	return true
}

func encode58(b []byte) string { return base58.Encode(b) }
