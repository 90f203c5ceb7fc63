package name

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Han characters are read otherwise in each language, and Kana writes foreign names
// by what Japanese can say. A name in them has further readings beside that of Read,
// each of the whole name: no name is half Cantonese and half Korean.

// tongue is the language that Han and Kana are read as.
type tongue uint8

const (
	// mandarinTongue also reads Kana as Japanese.
	mandarinTongue tongue = iota
	cantoneseTongue
	koreanTongue
	// foreignTongue reads Kana as a name of another language, foreignV with a v for
	// each b, as Japanese says both alike.
	foreignTongue
	foreignV
)

// Bounds of the names that have further readings.
const (
	leastHan = 2
	mostHan  = 4
	// koreanHan is how many a Korean name has: hardly any has one less or more.
	koreanHan = 3
	// leastForeign is how many Kana a foreign name has at least.
	leastForeign = 4
)

// Readings reads a name of a person in further ways, none of most names. What
// Read refuses has none.
func Readings(text string, sort Sort) [][]Word {
	if sort != Person || ascii(text) || len(text) > maxBytes {
		return nil
	}
	han, kana, other := 0, 0, false
	first := rune(0)
	for _, r := range norm.NFKC.String(text) {
		switch {
		case !unicode.IsLetter(r):
		case scriptOf(r) == scriptHan:
			if han == 0 {
				first = r
			}
			han++
		case scriptOf(r) == scriptKana:
			kana++
		default:
			other = true
		}
	}
	var out [][]Word
	add := func(t tongue) {
		r := reader{tongue: t}
		if words, err := r.read(text); err == nil {
			out = append(out, classifyPerson(words))
		}
	}
	switch {
	case other || han > 0 && kana > 0:
	case han >= leastHan && han <= mostHan:
		add(cantoneseTongue)
		if han == koreanHan && koreanFamily[first] {
			add(koreanTongue)
		}
	case kana >= leastForeign:
		add(foreignTongue)
		if strings.ContainsAny(text, "バビブベボばびぶべぼ") {
			add(foreignV)
		}
	}
	return out
}

// koreanFamily holds the characters of Korean family names, of which there are few.
var koreanFamily = func() map[rune]bool {
	m := map[rune]bool{}
	for _, r := range "金李朴崔鄭郑姜趙赵尹張张林韓韩吳吴徐申權权黃黄安宋柳洪全高文孫孙梁裵裴白許许南劉刘沈盧卢河郭成車车朱禹具辛任羅罗田閔闵陳陈池嚴严元蔡千方孔玄康咸卞魯鲁楊杨廉邊边呂吕秋都石蘇苏愼慎馬马薛吉宣周延魏表明王房玉琴奉奇潘" {
		m[r] = true
	}
	return m
}()

// familySounds are characters that as family names sound otherwise in Mandarin.
var familySounds = table("仇 qiu 單 shan 单 shan 曾 zeng 解 xie 任 ren 華 hua 华 hua 盖 ge 蓋 ge 冼 xian 覃 qin 朴 piao 區 ou 区 ou 查 zha 翟 zhai 樂 yue 乐 yue 员 yun 員 yun " +
	"种 chong 重 chong 卜 bu 宓 fu 缪 miao 繆 miao 繁 po 燕 yan 尉 wei 折 she 幺 yao 賈 jia 贾 jia 葛 ge 那 na 臧 zang 隗 wei 晟 cheng 祭 zhai 褚 chu 厙 she 秘 bi 逄 pang 洗 xian 瞿 qu 沈 shen 俞 yu 尹 yin 召 shao")

// hanSounds are the Cantonese and the Korean sounds of characters, by the Unihan
// database: data/han.txt.
type hanSounds struct {
	cantonese map[rune]string
	korean    map[rune]rune
}

var hanTable = sync.OnceValue(func() *hanSounds {
	t := &hanSounds{cantonese: map[rune]string{}, korean: map[rune]rune{}}
	text, err := dataFiles.ReadFile("data/han.txt")
	if err != nil {
		panic(err) // The data is part of the program.
	}
	for line := range strings.Lines(string(text)) {
		sound, chars, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || sound == "#" {
			continue
		}
		for _, c := range chars {
			if first := []rune(sound)[0]; first < 0x80 {
				t.cantonese[c] = sound
			} else {
				t.korean[c] = first
			}
		}
	}
	return t
})

// han reads a character in a tongue; first says that it is the name's first.
func han(r rune, t tongue, first bool) (Word, bool) {
	switch t {
	case cantoneseTongue:
		sound, ok := hanTable().cantonese[r]
		if !ok {
			return Word{}, false
		}
		spellings := hongKong(sound)
		return Word{Text: spellings[0], Alts: spellings[1:]}, true
	case koreanTongue:
		sound, ok := hanTable().korean[r]
		if !ok {
			return Word{}, false
		}
		if first && r == '金' {
			sound = '김'
		}
		return hangulWord(sound)
	default:
		if sound := familySounds[r]; first && sound != "" {
			return Word{Text: sound}, true
		}
		text, ok := mandarin(r)
		return Word{Text: text}, ok
	}
}

// hongKongFirst and hongKongLast are how Hong Kong spells the first and last sounds
// of Jyutping, the most usual first.
var (
	hongKongFirst = map[string]string{"z": "ch ts", "c": "ch ts", "j": "y", "gw": "kw", "g": "k", "d": "t", "b": "p"}
	hongKongLast  = map[string]string{"aa": "a ah", "aai": "ai", "aau": "au", "aam": "am", "aan": "an", "aang": "ang", "aap": "ap", "aat": "at", "aak": "ak",
		"ai": "ai", "am": "am um", "an": "an un", "ang": "ang", "ap": "ap up", "at": "at ut", "ei": "i ei ee", "eng": "eng ing", "i": "i ee", "o": "o", "oe": "oeh",
		"ou": "o ou", "oeng": "eung", "oek": "euk", "eoi": "ui", "eon": "un", "eot": "ut", "u": "u oo", "yu": "u ue", "yun": "uen", "yut": "uet"}
	// hongKongWhole are syllables that are spelt by themselves.
	hongKongWhole = map[string]string{"zi": "chi tsz tze che", "ci": "chi tsz", "si": "sze si see szeto", "zyu": "chu", "cyu": "chu", "syu": "shu", "jyu": "yu yue yee", "jyun": "yuen",
		"jyut": "yuet", "ji": "yi yee", "jin": "yin", "jing": "ying", "jim": "yim", "jip": "yip", "jiu": "yiu", "jik": "yik", "jit": "yit", "ng": "ng", "m": "ng", "lei": "lee lei li",
		"zoeng": "cheung", "wong": "wong", "soeng": "sheung", "seon": "sun shun", "syun": "suen", "seoi": "sui shui", "siu": "siu shiu", "heoi": "hui", "keoi": "kui", "gei": "ki kei kee",
		"kei": "ki kei kee", "hei": "hei hi", "fei": "fei fi", "mou": "mo", "hoi": "hoi", "gau": "kau", "gwong": "kwong", "jung": "yung", "cung": "chung", "zung": "chung tsung",
		"zan": "chun", "can": "chan", "zau": "chau chow", "jau": "yau", "zing": "ching", "cing": "ching", "zeng": "cheng tseng", "caam": "tsam cham", "cang": "tsang", "zang": "tsang",
		"zik": "chik", "coi": "choi tsoi", "ceoi": "tsui chui", "zeoi": "chui tsui", "ging": "king", "gam": "kam", "fu": "fu foo", "wu": "wu woo", "gu": "ku koo", "ceon": "chun", "zeon": "chun"}
)

// hongKong spells a Jyutping syllable as Hong Kong does, in one way or several.
func hongKong(sound string) []string {
	if whole, ok := hongKongWhole[sound]; ok {
		return strings.Fields(whole)
	}
	cut := 0
	for cut < len(sound) && strings.IndexByte("aeiouy", sound[cut]) < 0 {
		cut++
	}
	if cut == len(sound) {
		return []string{sound}
	}
	first, last := []string{sound[:cut]}, []string{sound[cut:]}
	if other, ok := hongKongFirst[sound[:cut]]; ok {
		first = strings.Fields(other)
	}
	if other, ok := hongKongLast[sound[cut:]]; ok {
		last = strings.Fields(other)
	}
	var out []string
	for _, a := range first {
		for _, b := range last {
			out = append(out, a+b)
		}
	}
	return out
}

// mostAlts bounds the spellings of one syllable.
const mostAlts = 40

// The ways in which the sounds of Hangul are spelt beside those of hangul.
var (
	hangulFirstAlts  = map[string]string{"k": "k g", "t": "t d", "r": "r l", "p": "p b", "j": "j ch", "": " ", "s": "s sh", "kk": "kk k", "tt": "tt t d", "pp": "pp p b", "jj": "jj j"}
	hangulMiddleAlts = map[string]string{"o": "o eo u oh", "yo": "yo yeo you yu", "u": "u oo ou eu", "ae": "ae ai", "ui": "ui ee i eui", "i": "i ee y", "wi": "wi ui", "wo": "wo weo", "oe": "oe oi we",
		"yu": "yu yoo", "a": "a ah"}
	hangulLastAlts = map[string]string{"k": "k g", "p": "p b", "ng": "ng", "l": "l"}
	// hangulAlone are how syllables without a first consonant are spelt beside.
	hangulAlone = map[string]string{"u": "woo wu", "i": "yi lee rhee", "o": "oh", "ok": "ock", "uk": "wook"}
)

// hangulAlts caches the spellings of the syllables that were read.
var hangulAlts sync.Map

// hangulWord reads a syllable with all its spellings.
func hangulWord(r rune) (Word, bool) {
	text, ok := hangul(r)
	if !ok {
		return Word{}, false
	}
	if had, ok := hangulAlts.Load(r); ok {
		if alts, ok := had.([]string); ok {
			return Word{Text: text, Alts: alts}, true
		}
	}
	n := int(r - 0xAC00)
	ways := func(sound string, table map[string]string) []string {
		if other := strings.Fields(table[sound]); len(other) > 0 {
			return other
		}
		return []string{sound}
	}
	var alts []string
	for _, b := range ways(hangulMiddle[n%588/28], hangulMiddleAlts) {
		for _, a := range ways(hangulFirst[n/588], hangulFirstAlts) {
			for _, c := range ways(hangulLast[n%28], hangulLastAlts) {
				if alt := a + b + c; alt != text && len(alt) > 1 && !slices.Contains(alts, alt) && len(alts) < mostAlts {
					alts = append(alts, alt)
				}
			}
		}
	}
	for alt := range strings.FieldsSeq(hangulAlone[text]) {
		alts = append(alts, alt)
	}
	hangulAlts.Store(r, alts)
	return Word{Text: text, Alts: alts}, true
}

// foreignKana writes Kana as the foreign name that it stands for: without the vowels
// that Japanese puts after consonants.
func foreignKana(run []rune, t tongue) string {
	var text string
	long := map[int]bool{} // The vowels before the long mark, which are said.
	for i, part := range strings.Split(string(run), "ー") {
		if i > 0 {
			long[len(text)-1] = true
		}
		text += kana([]rune(part))
	}
	if len(text) > 2 && text[0] == 'u' && text[1] == 'r' {
		text = "v" + text[1:] // Vladimir.
	}
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		c := text[i]
		vowelNext := i+1 < len(text) && vowel(text[i+1])
		before := byte(0)
		if i > 0 {
			before = text[i-1]
		}
		switch {
		case vowelNext || i == 0 || long[i]:
		case c == 'u' && !vowel(before) && before != 'y', c == 'o' && (before == 't' || before == 'd'):
			continue
		}
		out = append(out, c)
	}
	if t == foreignV {
		return strings.ReplaceAll(string(out), "b", "v")
	}
	return string(out)
}
