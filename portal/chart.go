package portal

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Bar is one bar of a chart: a whole and the part of it that is told apart.
type Bar struct {
	// Label stands under the bar or before it; Full is read out and shown on hover.
	Label, Full string
	Whole, Part int64
}

// Sizes of column charts, in the units of their view box.
const (
	chartWidth  = 720
	chartHeight = 200
	chartTop    = 14
	chartBottom = 22
	chartLeft   = 36
)

// Columns draws bars over time: the whole quiet, the part in the colour of the
// tone from zero up. Axis labels are few and the highest bar is labelled.
func Columns(bars []Bar, tone Tone, caption string) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	var most int64
	top := 0
	for i, b := range bars {
		if b.Whole > most {
			most, top = b.Whole, i
		}
	}
	scale := niceCeiling(most)
	inner := float64(chartHeight - chartTop - chartBottom)
	y := func(n int64) float64 { return chartTop + inner*(1-float64(n)/float64(scale)) }
	step := float64(chartWidth-chartLeft) / float64(len(bars))
	width := math.Max(2, math.Min(24, step*0.68))
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="chart" role="img" aria-label="%s" viewBox="0 0 %d %d">`, template.HTMLEscapeString(caption), chartWidth, chartHeight)
	for _, tick := range []int64{scale / 2, scale} {
		if tick > 0 {
			fmt.Fprintf(&out, `<path class="grid" d="M%d %.1fH%d"/><text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>`,
				chartLeft, y(tick), chartWidth, chartLeft-6, y(tick)+4, Number(tick))
		}
	}
	every := (len(bars) + 9) / 10
	for i, b := range bars {
		x := chartLeft + step*float64(i) + (step-width)/2
		fmt.Fprintf(&out, `<g><title>%s</title><rect class="whole" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`,
			template.HTMLEscapeString(b.Full), x, y(b.Whole), width, y(0)-y(b.Whole))
		if b.Part > 0 {
			fmt.Fprintf(&out, `<rect class="part %s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, tone, x, y(b.Part), width, math.Max(1, y(0)-y(b.Part)))
		}
		out.WriteString("</g>")
		if (len(bars)-1-i)%every == 0 {
			at, anchor, class := x+width/2, "middle", "tick"
			if (len(bars)-1-i)/every%2 == 1 {
				class = "tick odd" // Left out where there is little room.
			}
			if i == len(bars)-1 && len(bars) > 1 {
				at, anchor = chartWidth, "end"
			}
			fmt.Fprintf(&out, `<text class="%s" x="%.1f" y="%d" text-anchor="%s">%s</text>`, class, at, chartHeight-6, anchor, template.HTMLEscapeString(b.Label))
		}
		if i == top && most > 0 {
			fmt.Fprintf(&out, `<text class="value" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x+width/2, y(b.Whole)-4, Number(b.Whole))
		}
	}
	fmt.Fprintf(&out, `<path class="axis" d="M%d %.1fH%d"/></svg>`, chartLeft, y(0), chartWidth)
	return template.HTML(out.String())
}

// niceCeiling is the smallest of 2, 4, 10, 20, 40, 100… that is not less.
func niceCeiling(n int64) int64 {
	for ten := int64(1); ten < math.MaxInt64/100; ten *= 10 {
		for _, step := range []int64{2, 4, 10} {
			if ten*step >= n {
				return ten * step
			}
		}
	}
	return n
}

// barUnits is the width of a bar's view box.
const barUnits = 1000

// Meter draws a whole of most as a horizontal bar from zero, with a part of it
// in the colour of a tone. The row that it stands in says the figures.
func Meter(part, whole, most int64, tone Tone) template.HTML {
	width := func(n int64) int64 {
		if most <= 0 {
			return 0
		}
		return n * barUnits / most
	}
	return template.HTML(fmt.Sprintf(
		`<svg class="meter" aria-hidden="true" viewBox="0 0 %d 10" preserveAspectRatio="none"><rect class="track" width="%d" height="10"/><rect class="whole" width="%d" height="10"/><rect class="part %s" width="%d" height="10"/></svg>`,
		barUnits, barUnits, width(whole), tone, width(part)))
}

// Step draws one step of a score from one value to the next, both in basis
// points of what the score can be.
func Step(from, to int32) template.HTML {
	class, left, right := "lost", to, from
	if to > from {
		class, left, right = "won", from, to
	}
	left, right = min(max(left, 0), fullScore), min(max(right, 0), fullScore)
	return template.HTML(fmt.Sprintf(
		`<svg class="step" aria-hidden="true" viewBox="0 0 %d 10" preserveAspectRatio="none"><rect class="track" width="%d" height="10"/><rect class="%s" x="%d" width="%d" height="10"/></svg>`,
		fullScore, fullScore, class, left, max(right-left, 40)))
}

// fullScore is the score of names that are the same.
const fullScore = 10_000

// ScoreBar draws a score: what is left of a full one, and where the threshold
// is from which a person must look; no threshold is drawn for zero.
func ScoreBar(score, threshold int32, label string) template.HTML {
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="score" role="img" aria-label="%s" viewBox="0 0 %d 16" preserveAspectRatio="none">`, template.HTMLEscapeString(label), fullScore)
	fmt.Fprintf(&out, `<rect class="track" width="%d" height="16"/><rect class="fill" width="%d" height="16"/>`, fullScore, min(max(score, 0), fullScore))
	if threshold > 0 {
		fmt.Fprintf(&out, `<rect class="mark" x="%d" width="30" height="16"/>`, threshold)
	}
	out.WriteString("</svg>")
	return template.HTML(out.String())
}
