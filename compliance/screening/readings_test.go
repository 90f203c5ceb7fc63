package screening_test

import (
	"testing"

	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// TestNamesAreFoundAcrossScripts asks each way round: a list in Latin letters for
// the name in its own script, and a list in that script for the Latin name.
func TestNamesAreFoundAcrossScripts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ latin, native string }{
		{"Chan Kwok-ki", "陳國基"}, {"Lee Ka-chiu", "李家超"}, {"Kim Jong Un", "金正恩"}, {"Qiu He", "仇和"}, {"LI Yong-ju", "리용주"}, {"CHOE Chun-Sik", "최천식"},
		{"Young Bok KIM", "김영복"}, {"Sergey Lavrov", "セルゲイ・ラブロフ"}, {"Morteza Rezaee", "مرتضی رضایی"}, {"Meir Kahane", "מאיר כהנא"},
		{"Lu’ai AL-ALI", "لؤي العلي"}, {"Reuven Cohen", "ראובן כהן"},
	} {
		for _, way := range [2][2]string{{tt.latin, tt.native}, {tt.native, tt.latin}} {
			x := screening.NewIndex([]list.Entry{{List: "test", ID: "1", Kind: list.Person, Names: []list.Name{{Text: way[0]}}}})
			got, err := x.Search(screening.Query{Kind: list.Person, Names: []string{way[1]}}, alert, 0)
			if err != nil || len(got) != 1 {
				t.Errorf("%s is not found as %s: %d matches, error %v", way[0], way[1], len(got), err)
			}
		}
	}
}

// TestSyllablesHoldPeopleApart: another order, and one syllable of two, is
// somebody else.
func TestSyllablesHoldPeopleApart(t *testing.T) {
	t.Parallel()
	x := screening.NewIndex([]list.Entry{{List: "test", ID: "1", Kind: list.Person, Names: []list.Name{{Text: "Yun Ho Chin"}}}})
	score := func(asked string) int {
		got, err := x.Search(screening.Query{Kind: list.Person, Names: []string{asked}}, 1, 1)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s finds %d, error %v", asked, len(got), err)
		}
		return got[0].Score
	}
	same, rotated := score("Yun Ho Chin"), score("Ho Chin Yun")
	if moved := score("Chin Ho Yun"); same < 9_900 || rotated < 9_900 || moved > 8_000 {
		t.Errorf("the name scores %d, its family name last %d, its syllables moved %d", same, rotated, moved)
	}
	if short := score("Yun Ho"); short > same-1_000 {
		t.Errorf("one syllable of two scores %d, both %d", short, same)
	}
}
