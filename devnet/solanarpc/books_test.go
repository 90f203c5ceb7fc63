package solanarpc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/openremit/remit/devnet/solanarpc"
)

// TestBooksAddUp pays at random, also what must fail, and replays the books:
// they must give every balance, and balances must add up to the supply.
func TestBooksAddUp(t *testing.T) {
	t.Parallel()
	bothPrograms(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(3, 5))
		held := map[solana.PublicKey]int64{w.treasury: 1_000_000_000}
		wallets := []solana.PublicKey{w.treasury}
		for range 5 {
			k := w.newKey()
			wallets = append(wallets, k)
			w.land(w.openATA(k))
		}
		for i := range 120 {
			from, to := wallets[rng.IntN(len(wallets))], wallets[rng.IntN(len(wallets))]
			ixs := []solana.Instruction{memo(strconv.Itoa(i), w.treasury)}
			for range 1 + rng.IntN(3) {
				ixs = append(ixs, w.payWith(rng.Uint64N(400_000_000), decimals, w.address(from), w.address(to), from))
			}
			must(w.send(w.build(w.blockhash(), ixs...), true))
			w.advance(rng.IntN(3))
		}
		burnt := w.under(token.NewBurnInstruction(1, w.address(wallets[0]), w.mint, wallets[0], nil).Build())
		must(w.send(w.build(w.blockhash(), burnt), true))
		w.advance(2)
		for i, line := range w.readBooks() {
			if line.Sequence != i+1 {
				t.Fatalf("line %d has number %d", i+1, line.Sequence)
			}
			held[line.SourceOwner] -= int64(line.Amount)
			held[line.DestinationOwner] += int64(line.Amount)
		}
		var total uint64
		for i, k := range wallets {
			got := must(strconv.ParseUint(w.tokens(w.address(k), confirmed), 10, 64))
			want := held[k]
			if i == 0 && supply(w) == fmt.Sprint(1_000_000_000-1) {
				want-- // burnt
			}
			if int64(got) != want {
				t.Errorf("wallet %d holds %d, by the books %d", i, got, want)
			}
			total += got
		}
		if supply(w) != fmt.Sprint(total) {
			t.Errorf("supply %s, balances add up to %d", supply(w), total)
		}
	})
}

// supply is the mint's supply.
func supply(w *world) string {
	return must(w.client.GetTokenSupply(context.Background(), w.mint, confirmed)).Value.Amount
}

// readBooks pages through the books over HTTP.
func (w *world) readBooks() []solanarpc.Transfer {
	w.Helper()
	var all []solanarpc.Transfer
	for {
		resp, err := http.Get(fmt.Sprintf("%s/_books?after=%d&limit=7", w.url, len(all)))
		if err != nil {
			w.Fatalf("books: %v", err)
		}
		var page struct {
			Transfers []solanarpc.Transfer `json:"transfers"`
		}
		err = json.NewDecoder(resp.Body).Decode(&page)
		resp.Body.Close()
		if err != nil {
			w.Fatalf("books: %v", err)
		}
		if len(page.Transfers) == 0 {
			return all
		}
		all = append(all, page.Transfers...)
	}
}
