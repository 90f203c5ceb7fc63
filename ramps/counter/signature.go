package counter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/openremit/remit"
)

// The field that a signature is drawn on, and its bounds.
const (
	// SignatureWidth and SignatureHeight are in points of its own.
	SignatureWidth  = 1000
	SignatureHeight = 320
	// maxSignature bounds its text in bytes, maxStrokes and maxPoints what is drawn.
	maxSignature = 24_000
	maxStrokes   = 80
	maxPoints    = 3000
	// leastInk is how long all strokes together must be, in points: a dot or a
	// slip of the finger is no signature.
	leastInk = 300
)

// Point is a place on the field, from its upper left corner.
type Point struct{ X, Y int }

// Signature is what was drawn: strokes of points.
type Signature [][]Point

// ParseSignature reads a signature: strokes apart by semicolons, points by
// spaces, each "x,y" in whole numbers. Errors: invalid with
// ReasonSignatureInvalid for field "signature".
func ParseSignature(text string) (Signature, error) {
	refuse := func(format string, args ...any) (Signature, error) {
		return nil, remit.Invalid("signature", remit.ReasonSignatureInvalid, format, args...)
	}
	if text == "" {
		return refuse("nothing was drawn; have the beneficiary sign")
	}
	if len(text) > maxSignature {
		return refuse("the signature is longer than %d characters; clear the field and sign again", maxSignature)
	}
	var s Signature
	points, ink := 0, 0
	for stroke := range strings.SplitSeq(text, ";") {
		var line []Point
		for word := range strings.SplitSeq(stroke, " ") {
			p, ok := parsePoint(word)
			if !ok {
				return refuse("the signature has strokes of points such as 120,80 within %d by %d", SignatureWidth, SignatureHeight)
			}
			if len(line) > 0 {
				last := line[len(line)-1]
				ink += max(p.X-last.X, last.X-p.X) + max(p.Y-last.Y, last.Y-p.Y)
			}
			line = append(line, p)
		}
		s, points = append(s, line), points+len(line)
	}
	if len(s) > maxStrokes || points > maxPoints {
		return refuse("the signature has too many strokes; clear the field and sign again")
	}
	if ink < leastInk {
		return refuse("this is too little for a signature; clear the field and sign again")
	}
	return s, nil
}

// parsePoint reads "120,80", written in the one way that String writes it.
func parsePoint(word string) (Point, bool) {
	left, right, ok := strings.Cut(word, ",")
	x, okX := parseCoordinate(left, SignatureWidth)
	y, okY := parseCoordinate(right, SignatureHeight)
	return Point{x, y}, ok && okX && okY
}

func parseCoordinate(text string, most int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= most && strconv.Itoa(n) == text
}

// String writes the signature as ParseSignature reads it.
func (s Signature) String() string {
	var b strings.Builder
	for i, line := range s {
		if i > 0 {
			b.WriteByte(';')
		}
		for j, p := range line {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Itoa(p.X) + "," + strconv.Itoa(p.Y))
		}
	}
	return b.String()
}

// SVG draws the signature, black on white.
func (s Signature) SVG() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><rect width="100%%" height="100%%" fill="#fff"/>`, SignatureWidth, SignatureHeight)
	for _, line := range s {
		if len(line) == 1 {
			fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="3"/>`, line[0].X, line[0].Y)
			continue
		}
		b.WriteString(`<polyline fill="none" stroke="#000" stroke-width="5" stroke-linecap="round" stroke-linejoin="round" points="`)
		b.WriteString(Signature{line}.String())
		b.WriteString(`"/>`)
	}
	b.WriteString("</svg>")
	return b.String()
}
