package screening

// latin spells letters that do not decompose into a to z.
var latin = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i",
	'ə': "a", 'ħ': "h", 'ŋ': "ng", 'ĸ': "k", 'ŧ': "t", 'ƒ': "f", 'ɓ': "b", 'ɗ': "d", 'ƙ': "k", 'ɣ': "g",
}

// cyrillic spells Russian, Ukrainian, Belarusian, Serbian, Bulgarian and Kazakh
// letters as English passports do.
var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u",
	'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e",
	'ю': "yu", 'я': "ya", 'ё': "e", 'і': "i", 'ї': "i", 'є': "ye", 'ґ': "g", 'ў': "u", 'ђ': "dj", 'ј': "j",
	'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz", 'ѓ': "g", 'ќ': "k", 'ѕ': "dz", 'ә': "a", 'ғ': "g", 'қ': "k",
	'ң': "n", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h",
}

// lookalike is what a Cyrillic or Greek letter pretends to be in the middle of a
// Latin word.
var lookalike = map[rune]string{
	'а': "a", 'в': "b", 'е': "e", 'к': "k", 'м': "m", 'н': "h", 'о': "o", 'р': "p", 'с': "c", 'т': "t", 'у': "y",
	'х': "x", 'і': "i", 'ј': "j", 'ѕ': "s", 'һ': "h", 'ё': "e",
	'α': "a", 'β': "b", 'ε': "e", 'η': "n", 'ι': "i", 'κ': "k", 'μ': "m", 'ν': "v", 'ο': "o", 'ρ': "p", 'τ': "t",
	'υ': "u", 'χ': "x", 'ζ': "z",
}

// greek spells Greek letters.
var greek = map[rune]string{
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k",
	'λ': "l", 'μ': "m", 'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t",
	'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}

// arabic spells Arabic, Persian and Urdu letters. Short vowels are not
// written, so such words are compared by their consonants.
var arabic = map[rune]string{
	'ا': "a", 'أ': "a", 'إ': "i", 'آ': "a", 'ٱ': "a", 'ب': "b", 'ت': "t", 'ث': "th", 'ج': "j", 'ح': "h",
	'خ': "kh", 'د': "d", 'ذ': "dh", 'ر': "r", 'ز': "z", 'س': "s", 'ش': "sh", 'ص': "s", 'ض': "d", 'ط': "t",
	'ظ': "z", 'ع': "a", 'غ': "gh", 'ف': "f", 'ق': "q", 'ك': "k", 'ل': "l", 'م': "m", 'ن': "n", 'ه': "h",
	'و': "w", 'ي': "y", 'ى': "a", 'ة': "a", 'ء': "", 'ؤ': "u", 'ئ': "i", 'پ': "p", 'چ': "ch", 'ژ': "zh",
	'گ': "g", 'ک': "k", 'ی': "y", 'ٹ': "t", 'ڈ': "d", 'ڑ': "r", 'ں': "n", 'ھ': "h", 'ے': "y", 'ہ': "h", 'ـ': "",
}

// particles are small words of names that say little about who it is.
var particles = set("al", "el", "ul", "ur", "as", "az", "ad", "an", "ar", "at", "bin", "ben", "ibn", "bint", "ould",
	"de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "los", "las", "van", "von", "der", "den",
	"ter", "ten", "y", "e", "and", "of", "the", "for", "in", "von", "zu", "haji", "hajji", "hadji", "sheikh", "shaykh",
	"mullah", "maulavi", "dr", "mr", "mrs", "ms", "jr", "sr", "ii", "iii", "i", "na", "v", "et", "und", "per", "a")

// forms are words of company names that say little about which it is.
var forms = set("llc", "ltd", "limited", "co", "company", "corp", "corporation", "inc", "incorporated", "gmbh", "ag",
	"sa", "sas", "srl", "sarl", "spa", "bv", "nv", "plc", "pte", "pty", "pvt", "private", "public", "joint", "stock",
	"ooo", "oao", "zao", "pao", "ao", "jsc", "ojsc", "cjsc", "pjsc", "liability", "society", "open", "closed", "fze",
	"fzc", "fzco", "fz", "est", "group", "holding", "holdings", "international", "trading", "general", "cv", "rl",
	"enterprise", "enterprises", "industries", "industrial", "services", "service", "cia", "ltda", "kft", "doo", "ad",
	"ood", "eood", "as", "ab", "oy", "aps", "bhd", "sdn", "sal", "llp", "lp", "with", "responsibility", "additional",
	"obshchestvo", "ogranichennoi", "otvetstvennostyu", "aktsionernoe", "otkrytoe", "zakrytoe", "publichnoe", "de")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, word := range words {
		m[word] = true
	}
	return m
}
