package name

import "strings"

// latin spells the letters of alphabets that go letter by letter.
var latin = table(
	// Latin letters that do not decompose into a to z.
	"ß ss æ ae œ oe ø o đ d ð d þ th ł l ı i ə a ħ h ŋ ng ĸ k ŧ t ƒ f ɓ b ɗ d ƙ k ɣ g ɛ e ɔ o ʉ u ɨ i ŀ l ơ o ư u",
	// Russian, Ukrainian, Belarusian, Serbian, Bulgarian, Macedonian, Kazakh,
	// Tajik and Tatar, as English passports write them.
	"а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch "+
		"ы y э e ю yu я ya ё e і i ї i є ye ґ g ў u ђ dj ј j љ lj њ nj ћ c џ dz ѓ g ќ k ѕ dz ә a ғ g қ k ң n ө o ұ u ү u "+
		"һ h ҳ h ҷ j ӣ i ӯ u ҙ z ҫ s ѐ e ѝ i ѣ e",
	// Greek.
	"α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ kh ψ ps ω o",
	// Arabic, Persian, Urdu, Pashto and Kurdish. Short vowels are not written.
	"ا a أ a إ i آ a ٱ a ب b ت t ث s ج j ح h خ kh د d ذ z ر r ز z س s ش sh ص s ض z ط t ظ z ع a غ gh ف f ق q ك k ل l "+
		"م m ن n ه h و w ي y ى a ة a ؤ u ئ i پ p چ ch ژ zh گ g ک k ی y ٹ t ڈ d ڑ r ں n ھ h ے y ہ h ۀ h ۍ y ې y ړ r ښ sh "+
		"ږ zh ځ z څ ts ټ t ډ d ڼ n ګ g ۆ o ێ e ڕ r ڵ l ۇ u ە e",
	// Armenian.
	"ա a բ b գ g դ d ե e զ z է e ը y թ t ժ zh ի i լ l խ kh ծ ts կ k հ h ձ dz ղ gh ճ ch մ m յ y ն n շ sh ո o չ ch պ p "+
		"ջ j ռ r ս s վ v տ t ր r ց ts ւ v փ p ք k օ o ֆ f և ev",
	// Georgian.
	"ა a ბ b გ g დ d ე e ვ v ზ z თ t ი i კ k ლ l მ m ნ n ო o პ p ჟ zh რ r ს s ტ t უ u ფ p ქ k ღ gh ყ q შ sh ჩ ch ც ts "+
		"ძ dz წ ts ჭ ch ხ kh ჯ j ჰ h",
)

// lookalike is what a Cyrillic or Greek letter pretends to be in the middle of a
// Latin word.
var lookalike = table(
	"а a в b е e к k м m н h о o р p с c т t у y х x і i ј j ѕ s һ h ё e ԁ d ԛ q ԝ w",
	"α a β b ε e η n ι i κ k μ m ν v ο o ρ p τ t υ u χ x ζ z",
)

// cyrillicOf is the Cyrillic letter that a Latin one pretends to be in the middle
// of a Cyrillic word.
var cyrillicOf = map[rune]rune{'a': 'а', 'b': 'в', 'c': 'с', 'e': 'е', 'h': 'н', 'i': 'і', 'j': 'ј', 'k': 'к', 'm': 'м', 'n': 'п', 'o': 'о', 'p': 'р',
	's': 'ѕ', 't': 'т', 'u': 'и', 'x': 'х', 'y': 'у', '0': 'о', '3': 'з'}

var greekPairs = strings.NewReplacer("μπ", "b", "ντ", "nd", "γκ", "g", "γγ", "ng", "γχ", "nkh", "ου", "u", "αυ", "av", "ευ", "ev",
	"τσ", "ts", "τζ", "j", "ει", "i", "οι", "i", "αι", "e", "υι", "i")

// table reads pairs of a letter and its spelling.
func table(lines ...string) map[rune]string {
	m := map[rune]string{}
	for _, line := range lines {
		fields := strings.Fields(line)
		for i := 0; i+1 < len(fields); i += 2 {
			m[[]rune(fields[i])[0]] = fields[i+1]
		}
	}
	return m
}
