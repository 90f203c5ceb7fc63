package name_test

import (
	"testing"

	"github.com/openremit/remit/compliance/screening/name"
)

func TestWordsWithoutVowelsAreWrittenSoThatNoTwoLettersMerge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ why, text, want string }{
		{"two letters that would read as one sound", "مرتضی", "mrtezy"},
		{"two of one letter", "عينن", "aynen"},
		{"k and h in Hebrew", "כהנא", "kehna"},
		{"a letter that carries any vowel", "العلي", "al aly"},
		{"the same amid a word", "سعد", "sed"},
		{"Allah", "اللهکرم", "allhkrm"},
		{"a Hebrew j", "תנג'יל", "tnjyl"},
		{"a Hebrew j with its own mark", "תנג׳יל", "tnjyl"},
		{"a title", "سيد علي", "sayyid aly"},
		{"a particle", "علي بن عمر", "aly bin amr"},
	} {
		if got := spelled(t, tt.text, name.Person); got != tt.want {
			t.Errorf("%s: %q is %q, want %q", tt.why, tt.text, got, tt.want)
		}
	}
}

func TestWordsWithoutVowelsAreAlike(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		bare, other string
		from, to    int
	}{
		{"mrtezy", "morteza", 9_200, 9_999},
		{"rmzan", "ramadan", 9_000, 9_999},
		{"qly", "gholi", 8_600, 9_999},
		{"hwsy", "houthi", 8_800, 9_999},
		{"meyr", "meir", 8_800, 9_999},
		{"khyym", "chaim", 8_000, 9_999},
		{"jarwsha", "jarroucheh", 8_800, 9_999},
		{"abrhm", "avraham", 8_800, 9_999},
		{"hsyn", "hasan", 0, 9_300},
		{"krym", "salim", 0, 6_500},
	} {
		a, b := name.Spell(tt.bare, true), name.Spell(tt.other, false)
		if got := name.Alike(&a, &b); got < tt.from || got > tt.to {
			t.Errorf("%s and %s are alike by %d, want %d to %d", tt.bare, tt.other, got, tt.from, tt.to)
		}
	}
}
