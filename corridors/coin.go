package corridors

import (
	"cmp"
	"slices"

	"github.com/openremit/remit"
)

// Coin is a stablecoin that corridors may settle in. It is read only.
type Coin struct {
	// Asset is the coin before a rail is chosen; see [remit.Coin].
	Asset remit.Asset
	Name  string
	// Reference is the currency that the coin is to be worth one of, and at
	// which it is priced.
	Reference remit.Asset
	// Rails are those on which its issuer issues it.
	Rails []remit.Rail
}

// defaultCoin is what a corridor settles in that names no coin, and what there
// is where the data has no coins.
var defaultCoin = Coin{Asset: remit.USDC, Name: "USD Coin", Reference: usd, Rails: rails}

// Coins returns the coins, by code.
func (c *Catalogue) Coins() []Coin {
	list := make([]Coin, 0, len(c.coins))
	for _, coin := range c.coins {
		coin.Rails = slices.Clone(coin.Rails)
		list = append(list, coin)
	}
	slices.SortFunc(list, func(a, b Coin) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
	return list
}

// loadCoins reads the files of coins.
func loadCoins(p *problems, files map[string]coinFile) map[string]Coin {
	if len(files) == 0 {
		return map[string]Coin{defaultCoin.Asset.Code: defaultCoin}
	}
	coins := make(map[string]Coin)
	for name, file := range files {
		f := p.at("coins/" + name)
		coin := f.coin(file)
		if name != coin.Asset.Code {
			f.add("code", "%q does not match the file's name", clip(coin.Asset.Code))
			continue
		}
		coins[name] = coin
	}
	return coins
}

// coin checks one coin file and returns what it says.
func (f *fileProblems) coin(in coinFile) Coin {
	c := Coin{Name: in.Name, Reference: f.currency("reference", in.Reference)}
	var err error
	if c.Asset, err = remit.Coin(in.Code); err != nil {
		f.add("code", "%v", err)
	}
	if c.Name == "" {
		f.add("name", "is missing")
	}
	for _, r := range in.Rails {
		c.Rails = append(c.Rails, oneOf(f, "rails", r, rails...))
	}
	noRepeats(f, "rails", c.Rails, true)
	return c
}

// settlesIn finds the coin of a corridor, which must be on all its rails: a
// quote may wish for any of them.
func (f *fileProblems) settlesIn(coins map[string]Coin, code string, on []remit.Rail) Coin {
	if code == "" {
		code = defaultCoin.Asset.Code
	}
	coin, ok := coins[code]
	if !ok {
		f.add("coin", "%q is not a coin of the data", clip(code))
		return defaultCoin
	}
	for _, r := range on {
		if !slices.Contains(coin.Rails, r) {
			f.add("coin", "%s is not issued on %s", code, clip(string(r)))
		}
	}
	return coin
}
