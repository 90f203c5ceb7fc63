package portal

import (
	"fmt"
	"html/template"
)

// Tone is what a state means to the reader. A tone never stands alone: it comes
// with its icon and a word.
type Tone string

// The tones.
const (
	ToneGood      Tone = "good"
	ToneAttention Tone = "attention"
	ToneBad       Tone = "bad"
	ToneBlocked   Tone = "blocked"
	// ToneActive is under way, ToneQuiet is over or of no weight, ToneStopped waits.
	ToneActive  Tone = "active"
	ToneQuiet   Tone = "quiet"
	ToneStopped Tone = "stopped"
)

// shapes are the icons, each of a shape of its own so that colour is not needed
// to tell them apart.
var shapes = map[Tone]string{
	ToneGood:      `<circle cx="8" cy="8" r="7"/><path class="cut" d="M4.6 8.3l2.3 2.3 4.5-4.9"/>`,
	ToneAttention: `<path d="M8 1.2 15.4 14.4H.6z"/><path class="cut" d="M8 6v4M8 11.6v1"/>`,
	ToneBad:       `<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="cut" d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"/>`,
	ToneBlocked:   `<rect x="1" y="1" width="14" height="14" rx="2"/><path class="cut" d="M4 8h8"/>`,
	ToneActive:    `<circle cx="8" cy="8" r="7"/><circle class="hole" cx="8" cy="8" r="3"/>`,
	ToneQuiet:     `<circle class="ring" cx="8" cy="8" r="6"/>`,
	ToneStopped:   `<circle class="ring" cx="8" cy="8" r="6"/><path class="line" d="M6.3 5.5v5M9.7 5.5v5"/>`,
}

// Icon draws a tone's icon; the word beside it is its text.
func Icon(tone Tone) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="icon %s" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">%s</svg>`, tone, shapes[tone]))
}

// Word is a state in a word with its tone.
type Word struct {
	Text string
	Tone Tone
}

// StateTag writes a state: icon and word.
func StateTag(w Word) template.HTML {
	return template.HTML(fmt.Sprintf(`<span class="state %s">%s<span>%s</span></span>`, w.Tone, Icon(w.Tone), template.HTMLEscapeString(w.Text)))
}

// RemittanceState returns the word of a remittance's state.
func RemittanceState(state string) Word {
	if w, ok := remittanceStates[state]; ok {
		return w
	}
	return Word{state, ToneQuiet}
}

var remittanceStates = map[string]Word{
	"created": {"Created", ToneActive}, "awaiting_funds": {"Awaiting funds", ToneActive}, "in_review": {"In review", ToneAttention},
	"action_required": {"Action required", ToneAttention}, "funded": {"Funded", ToneActive}, "settling": {"Settling", ToneActive},
	"settled": {"Settled", ToneActive}, "paying_out": {"Paying out", ToneActive}, "ready_for_pickup": {"Ready for pickup", ToneActive},
	"completed": {"Completed", ToneGood}, "returned": {"Returned", ToneAttention}, "refunding": {"Refunding", ToneAttention},
	"refunded": {"Refunded", ToneQuiet}, "rejected": {"Rejected", ToneBad}, "canceled": {"Canceled", ToneQuiet},
	"expired": {"Expired", ToneQuiet}, "blocked": {"Blocked", ToneBlocked},
}
