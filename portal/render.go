package portal

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
)

//go:embed templates
var sharedTemplates embed.FS

// Pages are parsed templates: each page in the layout that all share.
type Pages struct {
	byName map[string]*template.Template
}

// ParsePages parses every *.html of a folder as a page that defines "main",
// each with the shared layout and components and with the files whose names
// start with an underscore. It is done once, at start.
func ParsePages(folder fs.FS, assets *Assets, clock remit.Clock, more template.FuncMap) (*Pages, error) {
	base, err := template.New("layout.html").Funcs(functions(assets, clock)).Funcs(more).ParseFS(sharedTemplates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse shared templates: %w", err)
	}
	names, err := fs.Glob(folder, "*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			if base, err = base.ParseFS(folder, name); err != nil {
				return nil, fmt.Errorf("parse template %s: %w", name, err)
			}
		}
	}
	p := &Pages{byName: make(map[string]*template.Template)}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		page, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("copy layout: %w", err)
		}
		if p.byName[name], err = page.ParseFS(folder, name); err != nil {
			return nil, fmt.Errorf("parse template %s: %w", name, err)
		}
	}
	return p, nil
}

// Render makes a page's bytes: the template of a file, or one that it defines.
func (p *Pages) Render(name, define string, data any) ([]byte, error) {
	page, ok := p.byName[name]
	if !ok {
		return nil, fmt.Errorf("there is no template %s", name)
	}
	var out bytes.Buffer
	if err := page.ExecuteTemplate(&out, define, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// WriteHTML answers with a page, compressed for browsers that take it.
func WriteHTML(w http.ResponseWriter, r *http.Request, status int, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		if _, err := z.Write(page); err == nil && z.Close() == nil {
			h.Set("Content-Encoding", "gzip")
			page = zipped.Bytes()
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	w.Write(page) //nolint:errcheck // The browser hung up; there is nobody to tell.
}

// functions are what every template may use.
func functions(assets *Assets, clock remit.Clock) template.FuncMap {
	return template.FuncMap{
		"asset":      assets.Path,
		"money":      Amount,
		"moneyText":  AmountText,
		"number":     Number,
		"percent":    Percent,
		"share":      Share,
		"iso":        ISO,
		"id":         idTag,
		"shortID":    ShortID,
		"state":      StateTag,
		"icon":       func(tone string) template.HTML { return Icon(Tone(tone)) },
		"remittance": RemittanceState,
		"word":       func(tone, text string) Word { return Word{text, Tone(tone)} },
		"formKey":    NewFormKey,
		"ago": func(t *timestamppb.Timestamp) template.HTML {
			if t == nil {
				return "–"
			}
			return timeTag(t, "ago", Relative(t.AsTime(), clock.Now()))
		},
		"moment": func(t *timestamppb.Timestamp) template.HTML {
			if t == nil {
				return "–"
			}
			return timeTag(t, "moment", t.AsTime().UTC().Format("2 Jan 2006, 15:04 UTC"))
		},
		"span": func(seconds int64) string {
			if seconds < 0 {
				seconds = -seconds
			}
			return span(time.Duration(seconds) * time.Second)
		},
		"lines": func(text string) []string { return strings.Split(text, "\n") },
		"join":  strings.Join,
		"dict":  dict,
	}
}

// dict makes a map of names and values, to hand several things to a template.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes names with values, got %d things", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict takes names that are texts, got %T", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
