package screening_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
)

// alert is the threshold of the shipped policy.
const alert = 8_500

func sample(t testing.TB) *screening.Index {
	t.Helper()
	index, err := screening.Sample()
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func person(name string) compliance.ScreenQuery {
	return compliance.ScreenQuery{Role: compliance.RoleOriginator, PartyID: "cus_1", Kind: compliance.PartyPerson, Names: []string{name}}
}

func company(name string) compliance.ScreenQuery {
	q := person(name)
	q.Kind = compliance.PartyCompany
	return q
}

// score returns the score of the query against one entry, 0 for no hit.
func score(t testing.TB, s compliance.Screener, q compliance.ScreenQuery, entry string) int {
	t.Helper()
	found, err := s.Screen(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, hit := range found.Hits {
		if hit.EntryID == entry {
			return hit.ScoreBasisPoints
		}
	}
	return 0
}

func TestListedNamesAlert(t *testing.T) {
	t.Parallel()
	index := sample(t)
	for _, tt := range []struct {
		why, entry string
		query      compliance.ScreenQuery
	}{
		{"as listed", "35096", person("PUTIN, Vladimir Vladimirovich")},
		{"given name first", "35096", person("Vladimir Putin")},
		{"in Cyrillic", "35096", person("Владимир Путин")},
		{"with an accent", "35096", person("Vládimir Pütin")},
		{"with a zero-width space", "35096", person("Vlad\u200bimir Pu\u200dtin")},
		{"full-width letters", "35096", person("Ｖｌａｄｉｍｉｒ Ｐｕｔｉｎ")},
		{"a Cyrillic look-alike", "35096", person("Vlаdimir Рutin")},
		{"another transliteration", "21171", person("Jevgenij Prigoschin")},
		{"a typing error", "35096", person("Vladimri Putin")},
		{"in Arabic", "10481", person("قاسم سليماني")},
		{"another vowel", "10481", person("Qassem Soleymani")},
		{"in Greek", "35233", person("Σεργκέι Λαβρόφ")},
		{"an alias", "6366", company("Al Qaeda")},
		{"a father's name more", "2686", person("Hasan Ali Nasrallah")},
		{"a company by short name", "25578", company("Bank Melli")},
		{"a company without its form", "17018", company("Sberbank")},
		{"a company in the fields of a person", "25578", person("Bank Melli Iran")},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := score(t, index, tt.query, tt.entry); got < alert {
				t.Errorf("score of entry %s is %d, want at least %d", tt.entry, got, alert)
			}
		})
	}
}

func TestOrdinaryNamesDoNotAlert(t *testing.T) {
	t.Parallel()
	index := sample(t)
	for _, name := range []string{
		"Jane Doe", "Maria Santos", "Juan dela Cruz", "Grace Wanjiru", "John Smith", "Maria Gonzalez", "Jose Hernandez",
		"Ivan Petrov", "Fatima Begum", "Priya Sharma", "Chukwuemeka Okafor", "Nguyen Van An", "Vladimir Ivanov", "Kim Min Jun",
	} {
		found, err := index.Screen(t.Context(), person(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range found.Hits {
			if hit.ScoreBasisPoints >= alert {
				t.Errorf("%s alerts at %d on %s: %v", name, hit.ScoreBasisPoints, hit.EntryName, hit.Why)
			}
		}
	}
}

func TestBirthDateSpeaksForAndAgainst(t *testing.T) {
	t.Parallel()
	index := sample(t)
	born := func(day string) int {
		q := person("Joaquin Guzman Loera") // Listed with 25 Dec 1954.
		q.DateOfBirth = day
		return score(t, index, q, "6861")
	}
	for _, tt := range []struct {
		why, day string
		alerts   bool
	}{
		{"equal", "1954-12-25", true},
		{"not given", "", true},
		{"a year off", "1955-12-25", true},
		{"a far-off date", "1990-04-04", false},
		{"a generation off", "1929-12-25", false},
		{"ten years off to the day", "1964-12-25", false},
		{"thirty years off to the day", "1984-12-25", false},
		{"five years off to the day", "1959-12-25", false},
		{"two years off to the day", "1952-12-25", true},
		{"the year's digits swapped", "1945-12-25", true},
	} {
		if got := born(tt.day); (got >= alert) != tt.alerts {
			t.Errorf("%s: score is %d, want an alert: %t", tt.why, got, tt.alerts)
		}
	}
	near := person("Guadalupe Gastelm") // GASTELUM SERRANO, Guadalupe Candelario
	without := score(t, index, near, "17113")
	for day, better := range map[string]bool{"1964-02-02": true, "1999-02-02": false} {
		near.DateOfBirth = day
		if with := score(t, index, near, "17113"); (with > without) != better {
			t.Errorf("born %s it scores %d, without a date %d", day, with, without)
		}
	}
}

func TestCountriesWeighLittle(t *testing.T) {
	t.Parallel()
	index := sample(t)
	q := person("Qassem Soleymani")
	unknown := score(t, index, q, "10481")
	q.Countries = []remit.Country{"IR"}
	agrees := score(t, index, q, "10481")
	q.Countries = []remit.Country{"PE"}
	differs := score(t, index, q, "10481")
	if differs >= unknown || unknown >= agrees || differs < alert {
		t.Errorf("scores are %d, %d, %d, want them rising and all alerting", differs, unknown, agrees)
	}
}

func TestUnreadablePartiesAreUnscreened(t *testing.T) {
	t.Parallel()
	index := sample(t)
	longest := strings.Repeat("Vladimir ", 40)
	for _, tt := range []struct {
		why   string
		query compliance.ScreenQuery
	}{
		{"no name", compliance.ScreenQuery{Role: "originator"}},
		{"an empty name", person("")},
		{"only marks", person("—\u200b…")},
		{"a script that cannot be read", person("မြန်မာ")},
		{"one word in such a script", person("Xi မြန်မာ")},
		{"ten thousand letters", person(strings.Repeat("a", 10_000))},
		{"ten thousand letters in words", person(strings.Repeat("Vladimir Putin ", 700))},
		{"too many words", person(longest)},
		{"one word too long", person(strings.Repeat("x", 60))},
		{"a birth date that is none", compliance.ScreenQuery{Role: "originator", Names: []string{"Jane Doe"}, DateOfBirth: "04/04/1990"}},
	} {
		found, err := index.Screen(t.Context(), tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(found.Unscreened, []string{"originator"}) {
			t.Errorf("%s: unscreened is %v, want the originator", tt.why, found.Unscreened)
		}
	}
}

func TestUnreadableNameDoesNotHideAReadableOne(t *testing.T) {
	t.Parallel()
	q := person("မြန်မာ")
	q.Names = append(q.Names, "Vladimir Putin")
	found, err := sample(t).Screen(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Hits) != 1 || len(found.Unscreened) != 1 {
		t.Errorf("got %d hits and %d unscreened, want one each", len(found.Hits), len(found.Unscreened))
	}
}

func TestWalletsMatchExactly(t *testing.T) {
	t.Parallel()
	index := sample(t)
	const listed = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h" // YAN, Xiaobing
	ask := func(wallet string) []compliance.Hit {
		q := person("Jane Doe")
		q.Wallets = []string{"", wallet}
		found, err := index.Screen(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return found.Hits
	}
	hits := ask(" " + listed)
	if len(hits) != 1 || hits[0].Kind != compliance.HitWallet || hits[0].ScoreBasisPoints != 10_000 || hits[0].EntryID != "25308" {
		t.Fatalf("hits are %+v, want the listed wallet", hits)
	}
	for _, other := range []string{strings.ToLower(listed), listed[:len(listed)-1], listed + "x"} {
		if hits := ask(other); len(hits) != 0 {
			t.Errorf("%q gives %d hits, want none", other, len(hits))
		}
	}
}

func TestHitTellsWhyButNotWho(t *testing.T) {
	t.Parallel()
	q := person("Joaquin Xyzzy Guzman Loera")
	q.Names = append(q.Names, "Joaquin Guzman Loera")
	q.DateOfBirth = "1990-04-04"
	found, err := sample(t).Screen(t.Context(), q)
	if err != nil || len(found.Hits) == 0 {
		t.Fatalf("got %d hits and %v", len(found.Hits), err)
	}
	text := fmt.Sprintf("%+v", found.Hits)
	for _, private := range []string{"xyzzy", "1990", "cus_1"} {
		if strings.Contains(strings.ToLower(text), private) {
			t.Errorf("the hits tell %q of the party: %s", private, text)
		}
	}
	for _, told := range []string{"guzman 100%", "far from the listed"} {
		if !strings.Contains(text, told) {
			t.Errorf("the hits do not tell %q: %s", told, text)
		}
	}
}

func TestKeyLapsesWhenThePartyChanges(t *testing.T) {
	t.Parallel()
	index := sample(t)
	key := func(change func(*compliance.ScreenQuery)) string {
		q := person("Vladimir Putin")
		change(&q)
		found, err := index.Screen(t.Context(), q)
		if err != nil || len(found.Hits) == 0 {
			t.Fatalf("got no hit: %v", err)
		}
		return found.Hits[0].Key
	}
	first := key(func(*compliance.ScreenQuery) {})
	if again := key(func(*compliance.ScreenQuery) {}); again != first {
		t.Errorf("the same party has keys %s and %s", first, again)
	}
	if !strings.HasPrefix(first, "originator|ofac-sdn|35096|") {
		t.Errorf("key is %s, want role, list and entry first", first)
	}
	for what, change := range map[string]func(*compliance.ScreenQuery){
		"name":    func(q *compliance.ScreenQuery) { q.Names = []string{"Vladimir V Putin"} },
		"party":   func(q *compliance.ScreenQuery) { q.PartyID = "cus_2" },
		"born":    func(q *compliance.ScreenQuery) { q.DateOfBirth = "1952-10-07" },
		"country": func(q *compliance.ScreenQuery) { q.Countries = []remit.Country{"RU"} },
		"role":    func(q *compliance.ScreenQuery) { q.Role = compliance.RoleBeneficiary },
	} {
		if key(change) == first {
			t.Errorf("the key stays when the %s changes", what)
		}
	}
}

func TestListsWithoutIndexScreenNobody(t *testing.T) {
	t.Parallel()
	_, err := (&screening.Lists{}).Screen(t.Context(), person("Jane Doe"))
	if remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("error is %v, want unavailable", err)
	}
}
