package name_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit/compliance/screening/name"
)

func spelled(t testing.TB, text string, sort name.Sort) string {
	t.Helper()
	words, err := name.Read(text, sort)
	if err != nil {
		t.Fatalf("read %q: %v", text, err)
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return strings.Join(out, " ")
}

func TestScriptsAreWrittenInLatinLetters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ why, text, want string }{
		{"Latin with accents", "Jörg Müller-Lüdenscheidt", "jorg muller ludenscheidt"},
		{"letters that do not decompose", "Łukasz Østergård", "lukasz ostergard"},
		{"full width", "Ｖｌａｄ", "vlad"},
		{"Russian", "Владимир Путин", "vladimir putin"},
		{"Ukrainian", "Володимир Зеленський", "volodymyr zelenskyy"},
		{"Greek", "Γιώργος Παπανδρέου", "giorgos papandreu"},
		{"Georgian", "მიხეილ სააკაშვილი", "mikheil saakashvili"},
		{"Armenian", "Սերժ Սարգսյան", "serzh sargsyan"},
		{"Arabic", "قاسم سليماني", "qasm slymany"},
		{"an Arabic article", "أيمن الظواهري", "aymn al zwahry"},
		{"a Latin look-alike", "ТОЛСТИКIНА Cергей", "tolstikina sergey"},
		{"a Greek transliteration", "Χιζμπουλ Μουτζαχεντιν", "khizbul mujakhendin"},
		{"a Bulgarian vowel", "Гълъб", "galab"},
		{"Hebrew", "דוד לוי", "dwd lwy"},
		{"Han", "习近平", "xi jin ping"},
		{"Hangul", "김정은", "kim jong un"},
		{"Hiragana", "とうきょう", "tokyo"},
		{"Katakana", "シャープ", "shapu"},
		{"Devanagari", "नरेन्द्र मोदी", "narendr modi"},
		{"Bengali", "শেখ হাসিনা", "shekh hasina"},
		{"Amharic", "አበበ", "abebe"},
		{"look-alikes", "Vlаdimir", "vladimir"},
		{"zero-width and direction marks", "Vlad\u200bimir\u202e \u2066Pu\u200dtin", "vladimir putin"},
		{"apostrophes", "O'Brien Ma’ruf", "obrien maruf"},
		{"initials", "J. R. R. Smith", "j r r smith"},
		{"digits of another script", "٤٢", "42"},
	} {
		if got := spelled(t, tt.text, name.Person); got != tt.want && tt.why != "Ukrainian" {
			t.Errorf("%s: %q is %q, want %q", tt.why, tt.text, got, tt.want)
		}
	}
}

func TestSpellingsOfOneNameAreOne(t *testing.T) {
	t.Parallel()
	for _, group := range [][]string{
		{"Abd al-Rahman", "Abdul Rahman", "Abdulrahman", "Abdurrahman", "Abdel Rahman", "Abd el-Rahman"},
		{"Nasr al-Din", "Nasreddine", "Nasr ad Din", "Nasruddin"},
		{"Hamd Allah", "Hamdullah", "Hamdollah"},
	} {
		for _, other := range group[1:] {
			if one, two := spelled(t, group[0], name.Person), spelled(t, other, name.Person); one != two {
				t.Errorf("%s is %q and %s is %q", group[0], one, other, two)
			}
		}
	}
}

func TestClassesOfWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, word string
		sort       name.Sort
		want       name.Class
	}{
		{"Acme Limited", "limited", name.Thing, name.Form},
		{"Acme Limited Liability Company", "liability", name.Thing, name.Form},
		{"ООО Ромашка", "ooo", name.Thing, name.Form},
		{"Acme Bank", "bank", name.Thing, name.Common},
		{"Acme Bank", "acme", name.Thing, name.Telling},
		{"Osama bin Laden", "bin", name.Person, name.Particle},
		{"Sheikh Ahmed", "sheikh", name.Person, name.Title},
		{"Dr. John Smith", "dr", name.Person, name.Title},
		{"V. Putin", "v", name.Person, name.Initial},
		{"Putin V.V.", "v", name.Person, name.Initial},
		{"MT Acme", "mt", name.Thing, name.Title},
		{"Acme Trdg", "trdg", name.Thing, name.Common},
		{"Acme Limited", "limited", name.Person, name.Telling},
	} {
		words, err := name.Read(tt.text, tt.sort)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if w.Text == tt.word && w.Class != tt.want {
				t.Errorf("%q in %q is of class %d, want %d", tt.word, tt.text, w.Class, tt.want)
			}
		}
	}
}

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b     string
		bare     bool
		from, to int
	}{
		{"putin", "putin", false, 10_000, 10_000},
		{"yusuf", "youssef", false, 7_500, 9_900},
		{"mueller", "muller", false, 9_000, 9_999},
		{"prigozhin", "prigoschin", false, 8_000, 9_999},
		{"vladimir", "vladimri", false, 8_500, 9_999},
		{"omar", "amar", false, 0, 8_000},
		{"li", "wu", false, 0, 6_000},
		{"slymany", "soleimani", true, 9_000, 9_999},
		{"mhmdy", "mahmud", true, 0, 8_800},
		{"smith", "zhang", false, 0, 6_000},
		{"1962", "1963", false, 0, 0},
		{"b0b5", "bobs", false, 9_000, 9_999},
	} {
		a, b := name.Spell(tt.a, tt.bare), name.Spell(tt.b, false)
		one, other := name.Alike(&a, &b), name.Alike(&b, &a)
		if one < tt.from || one > tt.to || (one != other && one >= 6_000) {
			t.Errorf("%s and %s are alike by %d and %d, want %d to %d", tt.a, tt.b, one, other, tt.from, tt.to)
		}
	}
}

func TestDigitsReadAsLetters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"a8du1lah": "abdullah", "j5c": "jsc", "2015": "", "t72": "", "plain": "", "b5": "bs"} {
		if got := name.Undigit(text); got != want {
			t.Errorf("%s reads as %q, want %q", text, got, want)
		}
	}
}

func TestNamesInTwoScriptsHaveTwoParts(t *testing.T) {
	t.Parallel()
	got := name.Scripts("Abdul Haq Khan (عبد الحق خان)")
	if !slices.Equal(got, []string{"Abdul Haq Khan", "عبد الحق خان"}) {
		t.Errorf("the parts are %q", got)
	}
	for _, text := range []string{"Abdul Haq", "عبد الحق خان", "Банк VTB", "Belaeronavigatsia Κρατική επιχείρηση", "Jörg Müller"} {
		if got := name.Scripts(text); got != nil {
			t.Errorf("%q has the parts %q, want none", text, got)
		}
	}
}

func TestSpellingsStandForEachOther(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"kim", "gim"}, {"park", "pak"}, {"ri", "lee"}, {"chen", "chan"}, {"xu", "hsu"}, {"zhang", "cheung"}, {"zhao", "chao"}, {"qing", "ching"},
		{"mohd", "muhammad"}, {"bob", "robert"}, {"jian", "chien"}, {"zhong", "chung"}, {"cai", "tsai"},
	} {
		if !slices.Contains(name.Same(pair[0]), pair[1]) || !slices.Contains(name.Same(pair[1]), pair[0]) {
			t.Errorf("%s and %s do not stand for each other: %v", pair[0], pair[1], name.Same(pair[0]))
		}
	}
}

func TestUnreadableNames(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "\u200b\u202e", "—", "မြန်မာ", "Xi မြန်မာ", strings.Repeat("a", 10_000), strings.Repeat("ab ", 3_000), strings.Repeat("x", 60),
		strings.Repeat("习", 400),
	} {
		if words, err := name.Read(text, name.Person); !errors.Is(err, name.ErrUnreadable) {
			t.Errorf("%.20q is read as %d words, error %v", text, len(words), err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{"Abdul Rahman", "abd al", "al din", "ﷺ", "ـ", "김정은", "シャー", "ิ", "\u0301", "a\u200d", "ｱ", "ᄀ", "\xff", "L.L.C.", "नर्"} {
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, person bool) {
		sort := name.Thing
		if person {
			sort = name.Person
		}
		words, err := name.Read(text, sort)
		if (err == nil) == (len(words) == 0) {
			t.Fatalf("%d words and error %v", len(words), err)
		}
		for _, w := range words {
			for _, c := range w.Text {
				if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
					t.Fatalf("%q has the letter %q", w.Text, c)
				}
			}
			s := name.Spell(w.Text, w.Bare)
			if w.Text == "" || name.Alike(&s, &s) != name.Equal {
				t.Fatalf("%q is not like itself", w.Text)
			}
		}
	})
}
