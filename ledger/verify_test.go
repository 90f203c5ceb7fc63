package ledger_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
)

// book is a small ledger in memory that keeps the rules.
type book struct {
	records  []ledger.Record
	balances map[ledger.AccountAsset]ledger.Guard
	holds    map[remit.HoldID][]ledger.Posting
	posts    []ledger.Record
}

func newBook() *book {
	return &book{balances: make(map[ledger.AccountAsset]ledger.Guard), holds: make(map[remit.HoldID][]ledger.Posting)}
}

// add appends an entry, if its guarded accounts can afford it.
func (b *book) add(e ledger.Entry, postings []ledger.Posting) bool {
	e.ID = remit.EntryID(fmt.Sprintf("ent_%d", len(b.records)+1))
	e.At = time.Unix(int64(len(b.records)), 0)
	effects, err := ledger.Effects(postings)
	if err != nil {
		return false
	}
	next := make(map[ledger.AccountAsset]ledger.Guard)
	for _, effect := range effects {
		after, err := b.balances[effect.AccountAsset].After(e.Action, effect)
		if err != nil {
			return false
		}
		next[effect.AccountAsset] = after
	}
	for key, g := range next {
		b.balances[key] = g
	}
	var prev ledger.Hash
	if n := len(b.records); n > 0 {
		prev = b.records[n-1].Hash
	}
	r := ledger.Chain(int64(len(b.records)+1), prev, e, postings)
	b.records = append(b.records, r)
	if e.Action == ledger.ActionPost {
		b.posts = append(b.posts, r)
	}
	return true
}

// randomBook makes a lawful journal of all actions.
func randomBook(seed uint64, steps int) *book {
	random := rand.New(rand.NewPCG(seed, 7))
	b := newBook()
	accounts := []ledger.Account{
		ledger.Capital, ledger.OnRamp("bank"), ledger.Treasury("stellar"), ledger.Tenant("ten_1"), ledger.Remittance("rem_1"),
		ledger.InTransit("stellar"), ledger.FX(usd, remit.USDC), ledger.Rounding,
	}
	assets := []remit.Asset{usd, remit.USDCStellar}
	for i := range steps {
		var postings []ledger.Posting
		for range 1 + random.IntN(3) {
			from, to := accounts[random.IntN(len(accounts))], accounts[random.IntN(len(accounts))]
			if from != to {
				postings = append(postings, ledger.Posting{Debit: from, Credit: to, Amount: remit.NewMoney(assets[random.IntN(2)], 1+random.Int64N(100))})
			}
		}
		key := fmt.Sprintf("k%d", i)
		switch hold := remit.HoldID(fmt.Sprintf("hld_%d", i)); random.IntN(5) {
		case 0, 1:
			if len(postings) > 0 {
				b.add(ledger.Entry{Key: key, Action: ledger.ActionPost, Postings: postings}, postings)
			}
		case 2:
			if len(postings) > 0 && b.add(ledger.Entry{Key: key, Action: ledger.ActionHold, Hold: hold, Postings: postings}, postings) {
				b.holds[hold] = postings
			}
		case 3:
			for _, open := range slices.Sorted(keys(b.holds)) {
				action := []ledger.Action{ledger.ActionSettleHold, ledger.ActionVoidHold}[random.IntN(2)]
				if b.add(ledger.Entry{Key: key, Action: action, Hold: open}, b.holds[open]) {
					delete(b.holds, open)
				}
				break
			}
		case 4:
			if len(b.posts) > 0 {
				target := b.posts[0]
				if b.add(ledger.Entry{Key: key, Action: ledger.ActionReverse, Reverses: target.Entry.Key}, ledger.Opposite(target.Entry.Postings)) {
					b.posts = b.posts[1:]
				}
			}
		}
	}
	return b
}

func keys[K comparable, V any](m map[K]V) iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func verify(t *testing.T, records []ledger.Record, ended ...remit.RemittanceID) ledger.Report {
	t.Helper()
	report, err := ledger.Verify(each(records), each(ended))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func each[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func TestVerifyAcceptsLawfulJournals(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		b := randomBook(seed, 120)
		report := verify(t, b.records)
		if !report.Clean() || report.Entries != int64(len(b.records)) {
			t.Fatalf("seed %d: got %d entries and %q, want %d and nothing", seed, report.Entries, report.Findings, len(b.records))
		}
		for _, balance := range report.Balances {
			key := ledger.AccountAsset{Account: balance.Account, Asset: balance.Posted.Asset}
			if want := b.balances[key]; balance.Account.Guarded() && (balance.Posted.Minor != want.Posted || balance.Held.Minor != want.Held) {
				t.Fatalf("seed %d: %s: got %+v, want %+v", seed, balance.Account, balance, want)
			}
		}
	}
}

// TestVerifyFindsEveryChange changes one field of one record of a lawful
// journal, in every way there is, and wants it found.
func TestVerifyFindsEveryChange(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*ledger.Record){
		"seq":        func(r *ledger.Record) { r.Seq++ },
		"id":         func(r *ledger.Record) { r.Entry.ID += "x" },
		"key":        func(r *ledger.Record) { r.Entry.Key += "x" },
		"action":     func(r *ledger.Record) { r.Entry.Action = "post2" },
		"hold":       func(r *ledger.Record) { r.Entry.Hold += "x" },
		"reverses":   func(r *ledger.Record) { r.Entry.Reverses += "x" },
		"remittance": func(r *ledger.Record) { r.Entry.Remittance += "x" },
		"memo":       func(r *ledger.Record) { r.Entry.Memo += "x" },
		"time":       func(r *ledger.Record) { r.Entry.At = r.Entry.At.Add(time.Microsecond) },
		"amount":     func(r *ledger.Record) { r.Entry.Postings = changed(r.Entry.Postings) },
		"dropped":    func(r *ledger.Record) { r.Entry.Postings = nil },
		"input":      func(r *ledger.Record) { r.Input[0]++ },
		"prev":       func(r *ledger.Record) { r.Prev[0]++ },
		"hash":       func(r *ledger.Record) { r.Hash[0]++ },
	} {
		records := randomBook(3, 60).records
		for i := range records {
			spoiled := slices.Clone(records)
			change(&spoiled[i])
			if verify(t, spoiled).Clean() {
				t.Errorf("%s of record %d changed, not found", name, i+1)
			}
			// Whoever mends the record's own hash breaks the chain behind it.
			if spoiled[i].Hash = spoiled[i].ComputeHash(); i < len(spoiled)-1 && verify(t, spoiled).Clean() && spoiled[i].Hash != records[i].Hash {
				t.Errorf("%s of record %d changed with its hash, not found", name, i+1)
			}
		}
	}
	records := randomBook(3, 60).records
	for i := range len(records) - 1 {
		if verify(t, slices.Delete(slices.Clone(records), i, i+1)).Clean() {
			t.Errorf("record %d taken out, not found", i+1)
		}
	}
}

func changed(postings []ledger.Posting) []ledger.Posting {
	out := slices.Clone(postings)
	out[0].Amount.Minor++
	return out
}

// TestVerifyFindsUnlawfulEntries has well-chained journals that break a rule.
func TestVerifyFindsUnlawfulEntries(t *testing.T) {
	t.Parallel()
	fund := []ledger.Posting{{Debit: ledger.OnRamp("bank"), Credit: ledger.Remittance("rem_1"), Amount: dollars(10)}}
	pay := []ledger.Posting{{Debit: ledger.Remittance("rem_1"), Credit: ledger.Partner("p"), Amount: dollars(11)}}
	type step struct {
		entry    ledger.Entry
		postings []ledger.Posting
	}
	post := func(key string, p []ledger.Posting) step {
		return step{ledger.Entry{Key: key, Action: ledger.ActionPost, Postings: p}, p}
	}
	hold := step{ledger.Entry{Key: "h", Action: ledger.ActionHold, Hold: "hld_1", Postings: fund}, fund}
	end := func(key string, action ledger.Action, h remit.HoldID, p []ledger.Posting) step {
		return step{ledger.Entry{Key: key, Action: action, Hold: h}, p}
	}
	undo := func(key, target string, p []ledger.Posting) step {
		return step{ledger.Entry{Key: key, Action: ledger.ActionReverse, Reverses: target}, p}
	}
	for _, c := range []struct {
		name, want string
		steps      []step
		ended      []remit.RemittanceID
	}{
		{"overdraft", "USD", []step{post("a", fund), post("b", pay)}, nil},
		{"key twice", "again", []step{post("a", fund), post("a", fund)}, nil},
		{"hold ended twice", "second time", []step{hold, end("s", ledger.ActionSettleHold, "hld_1", fund), end("v", ledger.ActionVoidHold, "hld_1", fund)}, nil},
		{"hold never made", "never made", []step{end("s", ledger.ActionSettleHold, "hld_1", fund)}, nil},
		{"hold made twice", "again", []step{hold, {ledger.Entry{Key: "h2", Action: ledger.ActionHold, Hold: "hld_1", Postings: fund}, fund}}, nil},
		{"hold with other postings", "other postings", []step{hold, end("s", ledger.ActionSettleHold, "hld_1", changed(fund))}, nil},
		{"reversed twice", "second time", []step{post("a", fund), post("a2", fund), undo("u1", "a", ledger.Opposite(fund)), undo("u2", "a", ledger.Opposite(fund))}, nil},
		{"reversal of nothing", "no earlier entry", []step{post("a", fund), undo("u", "b", ledger.Opposite(fund))}, nil},
		{"reversal of another amount", "not the opposite", []step{post("a", changed(fund)), undo("u", "a", ledger.Opposite(fund))}, nil},
		{"ended with money", "not zero", []step{post("a", fund)}, []remit.RemittanceID{"rem_1"}},
		{"account outside the chart", "malformed", []step{post("a", []ledger.Posting{{Debit: "x/y", Credit: ledger.Capital, Amount: dollars(1)}})}, nil},
	} {
		var records []ledger.Record
		var prev ledger.Hash
		for i, s := range c.steps {
			s.entry.ID = remit.EntryID(fmt.Sprintf("ent_%d", i))
			records = append(records, ledger.Chain(int64(i+1), prev, s.entry, s.postings))
			prev = records[i].Hash
		}
		findings := strings.Join(verify(t, records, c.ended...).Findings, "; ")
		if !strings.Contains(findings, c.want) {
			t.Errorf("%s: got %q, want a finding with %q", c.name, findings, c.want)
		}
	}
	if report := verify(t, nil, "rem_1"); !report.Clean() || report.Head != "" {
		t.Errorf("an empty journal: got %+v", report)
	}
}
