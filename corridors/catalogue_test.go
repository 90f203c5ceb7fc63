package corridors_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

func TestCatalogueHasTheCorridors(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	for _, id := range []remit.CorridorID{
		"US-PH", "US-MX", "AE-IN", "AE-PH", "GB-NG", "GB-KE", "US-IN", "SA-PK", "SG-ID", "DE-GH", "ZA-ZW", "JP-VN",
		"US-CO", "GB-IN", "US-ZW", "US-GB", "GB-DE",
	} {
		c, err := q.Catalogue.Corridor(id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		same, err := q.Catalogue.Between(c.From, c.To)
		if err != nil || same.ID != id {
			t.Errorf("between %s and %s: %s, %v", c.From, c.To, same.ID, err)
		}
	}
	if got := len(q.Catalogue.Corridors()); got != 17 {
		t.Errorf("%d corridors", got)
	}
	if got := len(q.Catalogue.Countries()); got != 19 {
		t.Errorf("%d countries", got)
	}
	if _, err := q.Catalogue.Corridor("PH-US"); remit.KindOf(err) != remit.KindNotFound || remit.ReasonOf(err) != remit.ReasonUnknownCorridor {
		t.Errorf("unknown corridor: %v", err)
	}
	if _, err := q.Catalogue.Country("XX"); remit.ReasonOf(err) != remit.ReasonUnknownCountry {
		t.Errorf("unknown country: %v", err)
	}
}

func TestCallersCannotChangeTheCatalogue(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	c, err := q.Catalogue.Corridor("US-PH")
	if err != nil {
		t.Fatal(err)
	}
	c.Payouts[0].Max.Minor, c.Funding[0].Fees[0].Fixed.Minor, c.Rails[0] = 0, 0, "x"
	c.Coin.Rails[0] = "x"
	again, err := q.Catalogue.Corridor("US-PH")
	if err != nil {
		t.Fatal(err)
	}
	if again.Payouts[0].Max.IsZero() || again.Funding[0].Fees[0].Fixed.IsZero() || again.Rails[0] == "x" || again.Coin.Rails[0] == "x" {
		t.Error("a caller's change is in the catalogue")
	}
}

// spoil returns the data with texts of one file replaced, in pairs.
func spoil(t testing.TB, name string, pairs ...string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, each := range dataFiles(t) {
		text, err := os.ReadFile(filepath.Join("data", each))
		if err != nil {
			t.Fatal(err)
		}
		if each == name {
			for i := 0; i < len(pairs); i += 2 {
				if !strings.Contains(string(text), pairs[i]) {
					t.Fatalf("%s has no %q", name, pairs[i])
				}
				text = []byte(strings.Replace(string(text), pairs[i], pairs[i+1], 1))
			}
		}
		files[each] = &fstest.MapFile{Data: text}
	}
	return files
}

func TestBadDataIsRefusedAllAtOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		file  string
		pairs []string
		want  []string
	}{
		{"country", "countries/PH.yaml", []string{"currency: PHP", "currency: PHX", "Asia/Manila", "Asia/Atlantis", "saturday", "caturday",
			"2026-01-01:", "2026-13-01:", "hours: always", "hours: 9-5", "check: mobile-ph", "check: mobile-xx", "[0-9]{6,16}$", "[0-9]{6,16}"},
			[]string{"PHX", "Atlantis", "caturday", "2026-13-01", "9-5", "mobile-xx", "not anchored"}},
		{"thresholds", "countries/US.yaml", []string{`from: "3000.00"`, `from: "3000.001"`, "postal_code", "zip"}, []string{"3000.001", `"zip" is not a field`}},
		{"corridor", "corridors/US-PH.yaml", []string{"quote_seconds: 900", "quote_seconds: 5", "[stellar, solana]", "[stellar, stellar, tron]",
			"fx_margin_basis_points: 65", "fx_margin_basis_points: 0", `min: "50.00"`, `min: "5000000"`, "kind: service", "kind: gift", "basis_points: 150", "basis_points: 15000",
			"p95: 900", "p95: 1", "method: cash, min: \"100.00\"", "method: wallet, min: \"100.00\""},
			[]string{"quote_seconds", "tron", "listed twice", "fx_margin_basis_points", "not positive and rising", "gift", "basis points", "delivery_seconds", "not a way to pay out in PH"}},
		{"fees above the least amount", "corridors/US-PH.yaml", []string{`fixed: "1.49"`, `fixed: "5.00"`}, []string{"does not even pay the fees"}},
		{"unknown key", "corridors/US-PH.yaml", []string{"quote_seconds", "quote_hours"}, []string{"quote_hours"}},
		{"wallet in pesos", "corridors/US-CO.yaml", []string{"method: wallet, currency: USD", "method: wallet"}, []string{"payout.wallet.currency"}},
		{"off-ramp named like wallets", "corridors/US-CO.yaml", []string{"payout_providers: [sandbox]", "payout_providers: [sandbox, wallet]"}, []string{"payout_providers"}},
		{"unknown mode", "corridors/US-IN.yaml", []string{"mode: netted", "mode: grossed"}, []string{"settlement.mode", "settlement.window"}},
		{"no window", "corridors/US-IN.yaml", []string{", window: 5s", ""}, []string{"settlement.window"}},
		{"window too short", "corridors/US-IN.yaml", []string{"window: 5s", "window: 999ms"}, []string{"settlement.window"}},
		{"window too long", "corridors/US-IN.yaml", []string{"window: 5s", "window: 24h1s"}, []string{"settlement.window"}},
		{"window of parts of a second", "corridors/US-IN.yaml", []string{"window: 5s", "window: 1500ms"}, []string{"settlement.window"}},
		{"window of a single corridor", "corridors/US-GB.yaml", []string{"mode: single", "mode: single, window: 5s"}, []string{"settlement.window"}},
		{"unknown coin", "corridors/US-PH.yaml", []string{"quote_seconds: 900", "coin: GBPC\nquote_seconds: 900"}, []string{`"GBPC" is not a coin`}},
		{"coin not on a rail", "corridors/US-PH.yaml", []string{"quote_seconds: 900", "coin: USDT\nquote_seconds: 900"}, []string{"USDT is not issued on stellar"}},
		{"coin on no rail", "coins/USDT.yaml", []string{"rails: [solana]", "rails: [tron]", "reference: USD", "reference: USX", "name: Tether USD", `name: ""`}, []string{"tron", "USX", "name: is missing"}},
		{"coin by another name", "coins/USDT.yaml", []string{"code: USDT", "code: USDX"}, []string{"does not match the file's name"}},
		{"coin that is a currency", "coins/USDT.yaml", []string{"code: USDT", "code: USD"}, []string{"not the code of a coin"}},
		{"euros for euros without margin", "corridors/GB-DE.yaml", []string{"fx_margin_basis_points: 35", "fx_margin_basis_points: 0"}, []string{"fx_margin_basis_points"}},
		{"a wallet where a rail is missing", "corridors/US-CO.yaml", []string{"rails: [stellar, solana]", "rails: [solana]"}, []string{"all of stellar"}},
		{"a wallet in dollars, of a euro coin", "corridors/US-CO.yaml", []string{"quote_seconds", "coin: EURC\nquote_seconds"}, []string{"a wallet receives the coin itself, which is EUR"}},
		{"other name", "corridors/US-PH.yaml", []string{"to: PH", "to: MX"}, []string{"does not match the file's name"}},
		{"no such country", "corridors/US-PH.yaml", []string{"to: PH", "to: FR"}, []string{"not two countries"}},
	} {
		_, err := corridors.LoadFS(spoil(t, tt.file, tt.pairs...))
		if err == nil {
			t.Errorf("%s: loaded", tt.name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error does not say %q:\n%v", tt.name, want, err)
			}
		}
	}
	if _, err := corridors.LoadFS(fstest.MapFS{}); err == nil {
		t.Error("nothing was loaded without an error")
	}
}

func TestCoins(t *testing.T) {
	t.Parallel()
	catalogue, err := corridors.Load()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]struct {
		reference string
		rails     []remit.Rail
	}{
		"EURC": {"EUR", []remit.Rail{remit.RailStellar, remit.RailSolana}}, "PYUSD": {"USD", []remit.Rail{remit.RailStellar, remit.RailSolana}},
		"USDC": {"USD", []remit.Rail{remit.RailStellar, remit.RailSolana}}, "USDT": {"USD", []remit.Rail{remit.RailSolana}},
	}
	for _, coin := range catalogue.Coins() {
		w := want[coin.Asset.Code]
		if coin.Reference.Code != w.reference || !slices.Equal(coin.Rails, w.rails) {
			t.Errorf("got %+v, want %+v", coin, w)
		}
		delete(want, coin.Asset.Code)
	}
	if len(want) > 0 {
		t.Errorf("without %v", want)
	}
	others := map[remit.CorridorID]string{"GB-DE": "EURC", "US-ZW": "PYUSD"}
	for _, c := range catalogue.Corridors() {
		want := remit.USDC.Code
		if other := others[c.ID]; other != "" {
			want = other
		}
		if c.Coin.Asset.Code != want {
			t.Errorf("%s settles in %s, want %s", c.ID, c.Coin.Asset, want)
		}
	}
}

// TestWithoutCoins: data of old has no coins and settles in USDC.
func TestWithoutCoins(t *testing.T) {
	t.Parallel()
	files := spoil(t, "")
	for name := range files {
		if strings.HasPrefix(name, "coins/") {
			delete(files, name)
			continue
		}
		files[name].Data = regexp.MustCompile(`(?m)^coin: .*\n`).ReplaceAll(files[name].Data, nil)
	}
	catalogue, err := corridors.LoadFS(files)
	if err != nil {
		t.Fatal(err)
	}
	if coins := catalogue.Coins(); len(coins) != 1 || coins[0].Asset != remit.USDC || coins[0].Reference != remit.MustFiat("USD") {
		t.Errorf("got %+v", coins)
	}
}
