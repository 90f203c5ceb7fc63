package name

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// spellEast writes Han, Kana and Hangul: one word for each Han character and
// Hangul syllable, as lists write them apart or joined in any way, and one for
// a run of Kana or other letters.
func (r *reader) spellEast() ([]Word, bool) {
	var out []Word
	run, t, first := r.run, r.tongue, len(r.words) == 0
	for i := 0; i < len(run); {
		if r.thing {
			if words, n := eastWord(run[i:]); n > 0 {
				out = append(out, words...)
				i += n
				continue
			}
		}
		j := i + 1
		switch s := scriptOf(run[i]); s {
		case scriptHan:
			word, ok := han(run[i], t, first && i == 0)
			if !ok {
				return nil, false
			}
			out = append(out, word)
		case scriptHangul:
			word, ok := hangulWord(run[i])
			if !ok {
				return nil, false
			}
			out = append(out, word)
		default:
			for j < len(run) && scriptOf(run[j]) != scriptHan && scriptOf(run[j]) != scriptHangul &&
				(s == scriptKana) == (scriptOf(run[j]) == scriptKana) {
				j++
			}
			var text string
			switch {
			case s == scriptKana && t >= foreignTongue:
				text = foreignKana(run[i:j], t)
			case s == scriptKana:
				text = kana(run[i:j])
			default:
				var b strings.Builder
				for _, r := range run[i:j] {
					b.WriteString(letter(r, true))
				}
				text = b.String()
			}
			out = append(out, Word{Text: text})
		}
		i = j
	}
	return out, true
}

// mandarin reads a character by its usual sound, without the tone.
func mandarin(r rune) (string, bool) {
	sounds, ok := pinyin.PinyinDict[int(r)]
	if !ok {
		return "", false
	}
	first, _, _ := strings.Cut(sounds, ",")
	var b strings.Builder
	for _, c := range first {
		if c == 'ü' || c == 'ǖ' || c == 'ǘ' || c == 'ǚ' || c == 'ǜ' {
			b.WriteByte('u')
			continue
		}
		b.WriteString(letter(c, true))
	}
	return b.String(), true
}

// The sounds of Hangul as the lists write Korean names: Kim Jong Un.
var (
	hangulFirst  = strings.Split("k,kk,n,t,tt,r,m,p,pp,s,ss,,j,jj,ch,k,t,p,h", ",")
	hangulMiddle = strings.Split("a,ae,ya,yae,o,e,yo,ye,o,wa,wae,oe,yo,u,wo,we,wi,yu,u,ui,i", ",")
	hangulLast   = strings.Split(",k,k,k,n,n,n,t,l,k,m,l,l,l,p,l,m,p,p,t,t,ng,t,t,k,t,p,t", ",")
)

func hangul(r rune) (string, bool) {
	if r < 0xAC00 || r >= 0xD7A4 {
		return "", false
	}
	n := int(r - 0xAC00)
	return hangulFirst[n/588] + hangulMiddle[n%588/28] + hangulLast[n%28], true
}

// kanaSounds are the syllables from small a (U+3041) on.
var kanaSounds = strings.Fields("a a i i u u e e o o ka ga ki gi ku gu ke ge ko go sa za shi ji su zu se ze so zo ta da chi ji tsu tsu zu te de to do " +
	"na ni nu ne no ha ba pa hi bi pi fu bu pu he be pe ho bo po ma mi mu me mo ya ya yu yu yo yo ra ri ru re ro wa wa wi we wo n vu ka ke")

// kana writes Hiragana and Katakana in Hepburn, without long vowels.
func kana(run []rune) string {
	var b []byte
	doubled := false
	for _, r := range run {
		if r >= 0x30A1 && r <= 0x30F6 {
			r -= 0x60
		}
		if r < 0x3041 || r > 0x3096 {
			continue // The long vowel mark and signs.
		}
		if r == 0x3063 {
			doubled = true
			continue
		}
		sound := kanaSounds[r-0x3041]
		small := r == 0x3041 || r == 0x3043 || r == 0x3045 || r == 0x3047 || r == 0x3049
		glide := r == 0x3083 || r == 0x3085 || r == 0x3087
		switch {
		case len(b) > 1 && glide && b[len(b)-1] == 'i':
			b = b[:len(b)-1]
			if last := b[len(b)-1]; last == 'h' || last == 'j' {
				sound = sound[1:] // shi + ya is sha, ji + yu is ju.
			}
		case len(b) > 1 && small && strings.IndexByte("aeiou", b[len(b)-1]) >= 0:
			b = b[:len(b)-1]
		case doubled:
			b = append(b, sound[0])
		}
		doubled = false
		if len(b) > 0 && (sound == "u" && (b[len(b)-1] == 'o' || b[len(b)-1] == 'u') || sound == "o" && b[len(b)-1] == 'o') {
			continue // A long vowel: Tokyo, Sato.
		}
		b = append(b, sound...)
	}
	return string(b)
}
