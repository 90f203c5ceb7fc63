package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/internal/testenv"
)

// axe finds what keeps people from using a page; see README.md.
//
//go:embed axe.min.js
var axe string

// What axe is asked for. Colours alone depend on the theme.
const (
	axeRules   = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	axeColours = `["color-contrast", "link-in-text-block"]`
)

// Looks checks the page that is shown at every size in both themes: nothing
// runs over the edge, axe finds nothing, and what else is checked holds. It
// keeps pictures where REMIT_SHOTS says so, and leaves the window in its last
// size and in the light. It does nothing under the race detector, where a page
// looks the same and takes much longer.
func (w *Window) Looks(name string, also ...func(where string)) {
	w.t.Helper()
	if testenv.Race {
		return
	}
	for _, theme := range []string{"dark", "light"} {
		w.Theme(theme)
		for _, width := range []int64{390, 1024, 1440} {
			w.Size(width)
			where := fmt.Sprintf("%s-%d-%s", name, width, theme)
			if over := w.Eval("document.documentElement.scrollWidth - window.innerWidth"); !strings.HasPrefix(over, "-") && over != "0" {
				w.t.Errorf("%s: %s pixels run over the edge", where, over)
			}
			for _, check := range also {
				check(where)
			}
			w.Picture(where)
			switch {
			case width == 1024: // Between the two that axe looks at.
			case theme == "dark":
				w.axe(where, axeColours)
			default:
				w.axe(where, axeRules)
			}
		}
	}
}

// axe fails the test for what keeps people from using the page.
func (w *Window) axe(where, rules string) {
	w.t.Helper()
	if w.Eval("'axe' in window") != "true" {
		w.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.Evaluate[any](axe+"; true")(ctx, t)
			return chromedp.Void{}, err
		})
	}
	ctx, cancel := context.WithTimeout(w.Tab, StepTimeout)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, {runOnly: `+rules+`, resultTypes: ["violations"]})
		.then(found => JSON.stringify(found.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " | " + n.failureSummary.slice(0, 200))}))))`,
		chromedp.EvalAwaitPromise))
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &found)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range found {
		w.t.Errorf("%s: %s (%s): %s\n  %s", where, f.ID, f.Impact, f.Help, strings.Join(f.Nodes, "\n  "))
	}
}
