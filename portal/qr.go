package portal

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// quietZone is the empty border that readers of QR codes need, in modules.
const quietZone = 4

// maxQR bounds the text of a QR code, in bytes: an address that sets an
// authenticator up is shorter, and one that comes back in a form may be anything.
const maxQR = 1024

// QRCode draws a text as a QR code: dark on light in either theme, since
// readers need it so. Of a text that is too long it draws nothing.
func QRCode(text, label string) (template.HTML, error) {
	if len(text) > maxQR {
		return "", nil
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("draw QR code: %w", err)
	}
	side := code.Size + 2*quietZone
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quietZone, y+quietZone, run, run)
				x += run
			}
		}
	}
	return template.HTML(fmt.Sprintf( // Numbers, and a label that is escaped.
		`<svg class="qr" role="img" aria-label="%s" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path d="%s" fill="#000"/></svg>`,
		template.HTMLEscapeString(label), side, side, side, side, path.String())), nil
}
