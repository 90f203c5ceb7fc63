package list_test

import (
	"reflect"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance/screening/list"
)

func TestParseBirth(t *testing.T) {
	t.Parallel()
	day := func(y, m, d int) list.Date { return list.Date{Year: y, Month: m, Day: d} }
	one := func(d list.Date) list.Birth { return list.Birth{From: d, To: d} }
	about := func(b list.Birth) list.Birth { b.Circa = true; return b }
	for text, want := range map[string]list.Birth{
		"12 Mar 1975":                one(day(1975, 3, 12)),
		"12 Mar 1975.":               one(day(1975, 3, 12)),
		"Mar 1960":                   one(day(1960, 3, 0)),
		"1961":                       one(year(1961)),
		"circa 1961":                 about(one(year(1961))),
		"circa 12 Mar 1975":          about(one(day(1975, 3, 12))),
		"1961 to 1963":               {From: year(1961), To: year(1963)},
		"1963 to 1961":               {From: year(1961), To: year(1963)},
		"1961-1963":                  {From: year(1961), To: year(1963)},
		"1961..1963":                 {From: year(1961), To: year(1963)},
		"~1961":                      about(one(year(1961))),
		"Sep 1960 to Oct 1961":       {From: day(1960, 9, 0), To: day(1961, 10, 0)},
		"circa 1957-1960":            about(list.Birth{From: year(1957), To: year(1960)}),
		"01 Jan 1960 to 31 Dec 1961": {From: day(1960, 1, 1), To: day(1961, 12, 31)},
		"1975-03-12":                 one(day(1975, 3, 12)),
		"1975-03":                    one(day(1975, 3, 0)),
		"1975-03-12T00:00:00":        one(day(1975, 3, 12)),
		"12/03/1975":                 one(day(1975, 3, 12)),
		"dd/mm/1958":                 one(year(1958)),
		"00/00/1958":                 one(year(1958)),
		"dd/07/1958":                 one(day(1958, 7, 0)),
		"Nov. 1971":                  one(day(1971, 11, 0)),
		"August 1971":                one(day(1971, 8, 0)),
		// Days and months that do not exist leave what may be right.
		"31 Feb 1960": one(day(1960, 2, 0)),
		"29 Feb 1961": one(day(1961, 2, 0)),
		"29 Feb 1960": one(day(1960, 2, 29)),
		"1960-02-30":  one(day(1960, 2, 0)),
		"12/13/1960":  one(year(1960)),
		"1960-00-00":  one(year(1960)),
	} {
		got, ok := list.ParseBirth(text)
		if !ok || got != want {
			t.Errorf("%q: got %+v %v, want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "unknown", "circa", "0000", "61", "30-35 years old", "1961 to", "the year 1961", "12 Foo 1961", "99999"} {
		if got, ok := list.ParseBirth(text); ok {
			t.Errorf("%q: got %+v, want nothing", text, got)
		}
	}
}

func TestCountryOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]remit.Country{
		"Iran": "IR", "IRAN (ISLAMIC REPUBLIC OF)": "IR", "Iran (Islamic Republic of)": "IR", "ir": "IR", "Korea, North": "KP",
		"Democratic People's Republic of Korea": "KP", "CONGO, Democratic Republic of (was Zaire)": "CD", "Congo, Democratic Republic of the": "CD",
		"Congo, Republic of the": "CG", "CONGO, People's Republic of": "CG", "Congo": "CG", "possibly Iraq": "IQ", "Türkiye": "TR", "Turkey": "TR",
		"Cote d Ivoire": "CI", "COTE D'IVOIRE": "CI", "Côte d'Ivoire": "CI", "BOSNIA AND HERZEGOWINA": "BA", "PALESTINIAN TERRITORY, Occupied": "PS",
		"Region: Gaza": "PS", "UK": "GB", "Kosovo": "XK", "Burma": "MM", "MYANMAR": "MM", "Niger": "NE", "Nigeria": "NG", "Dominica": "DM", "Dominican Republic": "DO",
		"China, Hong Kong Special Administrative Region": "HK", "Viet Nam": "VN",
	} {
		if got, ok := list.CountryOf(text); !ok || got != want {
			t.Errorf("%q: got %q %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "na", "00", "former Soviet Union", "undetermined", "ua-cri", "suhh", "UNKNOWN", "Former USSR", "Region: Crimea"} {
		if got, ok := list.CountryOf(text); ok {
			t.Errorf("%q: got %q, want nothing", text, got)
		}
	}
}

func TestUNNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                              nil,
		"Azim Adhajani; Azim Agha-Jani": {"Azim Adhajani", "Azim Agha-Jani"},
		"Mohammed Sabet; Mohammad Sabet b) M. Javad Kareemi Sabet; M. Jawad Karimi Sabet": {"Mohammed Sabet", "Mohammad Sabet", "M. Javad Kareemi Sabet", "M. Jawad Karimi Sabet"},
		"a) Foo b) Bar": {"Foo", "Bar"},
		"حسن غول (Hassan Ghul; Hassan Gul)":     {"حسن غول", "Hassan Ghul", "Hassan Gul"},
		"Al-Qaida (Base)":                       {"Al-Qaida (Base)"},
		"Korea Mining (KOMID); Changgwang Corp": {"Korea Mining (KOMID)", "Changgwang Corp"},
	} {
		if got := list.UNNames(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
