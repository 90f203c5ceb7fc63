package name_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit/compliance/screening/name"
)

func TestNamesInHanAndKanaHaveFurtherReadings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why, text string
		want      []string
	}{
		{"Cantonese", "陳國基", []string{"chan kwok ki", "jin kuk ki"}},
		{"Cantonese of a family that Korea does not have", "霍留军", []string{"fok lau kwan"}},
		{"a Korean name in Han", "金正恩", []string{"kam ching yan", "kim jong un"}},
		{"a Korean name in short characters", "金铁三", []string{"kam tit sam", "kim chol sam"}},
		{"two characters are no Korean name", "李勇", []string{"lee yung"}},
		{"a foreign name in Kana", "セルゲイ・ラブロフ", []string{"sergei rabrof", "sergei ravrof"}},
		{"a foreign name without b", "ウラジーミル・プーチン", []string{"vrajimir puchin"}},
		{"few Kana", "さとう", nil},
		{"a Japanese name in Han and Kana", "山田はなこ", nil},
		{"Latin", "Chan Kwok-ki", nil},
		{"Han beside Latin", "陳國基 Chan", nil},
		{"a company", "中国银行股份", nil},
	} {
		var got []string
		for _, words := range name.Readings(tt.text, name.Person) {
			texts := make([]string, len(words))
			for i, w := range words {
				texts[i] = w.Text
			}
			got = append(got, strings.Join(texts, " "))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q also reads %q, want %q", tt.why, tt.text, got, tt.want)
		}
	}
	if got := name.Readings("陳國基", name.Thing); got != nil {
		t.Errorf("a company has the readings %v", got)
	}
}

func TestFamilyNamesInHanAreReadAsSuch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"仇和": "qiu he", "單偉建": "shan wei jian", "曾庆红": "zeng qing hong", "王任": "wang ren"} {
		if got := spelled(t, text, name.Person); got != want {
			t.Errorf("%s reads %q, want %q", text, got, want)
		}
	}
}

func TestSyllablesHaveTheirSpellings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"영", "young"}, {"천", "chun"}, {"천", "cheon"}, {"수", "sou"}, {"광", "gwang"}, {"리", "li"}, {"박", "bak"}, {"우", "woo"}, {"이", "lee"},
	} {
		words, err := name.Read(tt.text, name.Person)
		if err != nil || len(words) != 1 || !slices.Contains(words[0].Alts, tt.want) {
			t.Errorf("%s is read as %v, error %v, want the spelling %s", tt.text, words, err, tt.want)
		}
	}
	words := name.Readings("李家超", name.Person)
	if len(words) == 0 || words[0][0].Text != "lee" || !slices.Contains(words[0][0].Alts, "lei") {
		t.Errorf("the Cantonese reading is %v", words)
	}
}

func TestSmallWordsAreNamesInChineseAndKorean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]name.Class{"Wu An Ming": name.Telling, "Ahmad An Nuri": name.Particle} {
		words, err := name.Read(text, name.Person)
		if err != nil || words[1].Class != want {
			t.Errorf("%s is read as %v, error %v, want an as class %d", text, words, err, want)
		}
	}
}
