package horizon

import (
	"maps"
	"slices"
	"strconv"

	"github.com/stellar/go-stellar-sdk/xdr"
)

// entry is one thing in the ledger: an account with what hangs on it, an offer, a claimable balance, the offer book.
type entry interface{ clone() entry }

// account is an account entry together with its trustlines and data, which live and die with it.
type account struct {
	id            string
	balance       int64
	seq           int64
	seqLedger     uint32
	seqTime       int64
	flags         xdr.AccountFlags
	thresholds    [4]byte // master weight, low, medium, high
	signers       []signer
	homeDomain    string
	inflation     string
	data          map[string][]byte
	trust         map[string]*trustline
	offers        []int64
	numSponsoring int64
	modified      stamp
}

type signer struct {
	key    xdr.SignerKey
	weight uint32
}

// trustline is an account's line for one credit asset.
type trustline struct {
	asset    xdr.Asset
	balance  int64
	limit    int64
	flags    xdr.TrustLineFlags
	modified stamp
}

// stamp says in which ledger something was last changed.
type stamp struct {
	ledger uint32
	time   int64
}

type offer struct {
	id              int64
	seller          string
	selling, buying xdr.Asset
	amount          int64
	price           xdr.Price
	modified        stamp
}

type claimable struct {
	id        string
	asset     xdr.Asset
	amount    int64
	claimants []xdr.Claimant
	sponsor   string
	clawback  bool
	modified  stamp
}

// book is the list of all offers by id, and the number of the last one.
type book struct {
	ids  []int64
	last int64
}

func (a *account) clone() entry {
	c := *a
	c.signers, c.offers, c.data = slices.Clone(a.signers), slices.Clone(a.offers), maps.Clone(a.data)
	c.trust = make(map[string]*trustline, len(a.trust))
	for k, t := range a.trust {
		line := *t
		c.trust[k] = &line
	}
	return &c
}

func (o *offer) clone() entry     { c := *o; return &c }
func (c *claimable) clone() entry { d := *c; return &d }
func (b *book) clone() entry      { return &book{ids: slices.Clone(b.ids), last: b.last} }

func (a *account) subentries() int {
	return len(a.trust) + len(a.offers) + len(a.signers) + len(a.data)
}

func (t *trustline) authorized() bool {
	return t.flags&xdr.TrustLineFlagsAuthorizedFlag != 0
}

func (t *trustline) maintains() bool {
	return t.authorized() || t.flags&xdr.TrustLineFlagsAuthorizedToMaintainLiabilitiesFlag != 0
}

// state is the ledger's entries. Changes are made inside frames: a frame remembers what it touches and can be rolled
// back, which is how a failed operation and a failed transaction leave nothing behind.
type state struct {
	live   map[string]entry
	frames []map[string]entry
	now    stamp
	// reserve is what each ledger entry keeps back, in stroops.
	reserve int64
}

func (s *state) begin() { s.frames = append(s.frames, map[string]entry{}) }

func (s *state) commit() {
	top := s.frames[len(s.frames)-1]
	s.frames = s.frames[:len(s.frames)-1]
	if len(s.frames) == 0 {
		return
	}
	under := s.frames[len(s.frames)-1]
	for k, e := range top {
		if _, known := under[k]; !known {
			under[k] = e
		}
	}
}

func (s *state) rollback() {
	top := s.frames[len(s.frames)-1]
	s.frames = s.frames[:len(s.frames)-1]
	for k, e := range top {
		if e == nil {
			delete(s.live, k)
		} else {
			s.live[k] = e
		}
	}
}

// remember keeps the entry as it was, once for each frame.
func (s *state) remember(key string) {
	if len(s.frames) == 0 {
		return
	}
	top := s.frames[len(s.frames)-1]
	if _, known := top[key]; known {
		return
	}
	if e, ok := s.live[key]; ok {
		top[key] = e.clone()
	} else {
		top[key] = nil
	}
}

func (s *state) put(key string, e entry) { s.remember(key); s.live[key] = e }
func (s *state) remove(key string)       { s.remember(key); delete(s.live, key) }

// account returns the account to read, or nil. To change it, take it from edit.
func (s *state) account(id string) *account {
	a, _ := s.live["a/"+id].(*account)
	return a
}

// edit returns the account to change, or nil.
func (s *state) edit(id string) *account {
	a := s.account(id)
	if a == nil {
		return nil
	}
	s.remember("a/" + id)
	a.modified = s.now
	return a
}

func (s *state) addAccount(id string, balance, seq int64) {
	s.put("a/"+id, &account{id: id, balance: balance, seq: seq, thresholds: [4]byte{1},
		data: map[string][]byte{}, trust: map[string]*trustline{}, modified: s.now})
}

func (s *state) offer(id int64) *offer {
	o, _ := s.live["o/"+strconv.FormatInt(id, 10)].(*offer)
	return o
}

func (s *state) book() *book {
	b, ok := s.live["book"].(*book)
	if !ok {
		return &book{}
	}
	return b
}

func (s *state) editBook() *book {
	b := s.book()
	s.put("book", b)
	return b
}

func (s *state) claimable(id string) *claimable {
	c, _ := s.live["c/"+id].(*claimable)
	return c
}

// minBalance is the reserve of an account that has extra more entries than now.
func (s *state) minBalance(a *account, extra int) int64 {
	return (2 + int64(a.subentries()) + a.numSponsoring + int64(extra)) * s.reserve
}

// liabilities are what the account's offers promise of an asset: to sell, and to buy.
func (s *state) liabilities(a *account, asset xdr.Asset) (selling, buying int64) {
	for _, id := range a.offers {
		o := s.offer(id)
		if o == nil {
			continue
		}
		if o.selling.Equals(asset) {
			selling += o.amount
		}
		if o.buying.Equals(asset) {
			cost, ok := mulDiv(o.amount, int64(o.price.N), int64(o.price.D), true)
			if !ok {
				cost = maxInt64 - buying
			}
			buying += cost
		}
	}
	return selling, buying
}

// spendable is how many stroops the account may part with.
func (s *state) spendable(a *account) int64 {
	selling, _ := s.liabilities(a, xdr.Asset{Type: xdr.AssetTypeAssetTypeNative})
	return a.balance - s.minBalance(a, 0) - selling
}
