package api

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/openremit/remit"
)

//go:embed openapi/remit.swagger.json
var openAPIDocument []byte

//go:embed docspage
var docsFiles embed.FS

// docs is the OpenAPI document and the page that is rendered from it, made once.
type docs struct {
	// pages are the page by theme: "", light and dark.
	pages     map[string][]byte
	style     []byte
	styleName string
	routes    []route
}

// route is one path of the API with the methods that it takes.
type route struct {
	segments []string
	methods  []string
}

// docsCSP lets the page load its own stylesheet and nothing else.
const docsCSP = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func newDocs(o Options) (*docs, error) {
	var doc openAPI
	if err := json.Unmarshal(openAPIDocument, &doc); err != nil {
		return nil, fmt.Errorf("read OpenAPI document: %w", err)
	}
	page, err := template.ParseFS(docsFiles, "docspage/docs.html")
	if err != nil {
		return nil, fmt.Errorf("parse docs page: %w", err)
	}
	d := &docs{pages: make(map[string][]byte), routes: doc.routes()}
	if d.style, err = docsFiles.ReadFile("docspage/docs.css"); err != nil {
		return nil, fmt.Errorf("read docs stylesheet: %w", err)
	}
	sum := sha256.Sum256(d.style)
	d.styleName = "docs-" + hex.EncodeToString(sum[:6]) + ".css"
	data, err := docsData(&doc, o)
	if err != nil {
		return nil, err
	}
	data.Style = d.styleName
	for _, theme := range []string{"", "light", "dark"} {
		data.Theme = theme
		var out bytes.Buffer
		if err := page.ExecuteTemplate(&out, "docs.html", data); err != nil {
			return nil, fmt.Errorf("render docs page: %w", err)
		}
		d.pages[theme] = out.Bytes()
	}
	return d, nil
}

// allowed lists the methods of a path, none where the API has no such path.
func (d *docs) allowed(path string) []string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	var methods []string
	for _, r := range d.routes {
		if r.fits(segments) {
			methods = append(methods, r.methods...)
		}
	}
	return methods
}

// fits reports whether a path is one of the route's: a {name} stands for any
// text, with the verb behind it where there is one.
func (r route) fits(segments []string) bool {
	if len(segments) != len(r.segments) {
		return false
	}
	for i, want := range r.segments {
		_, verb, isName := strings.Cut(want, "}")
		got := segments[i]
		_, gotVerb, _ := strings.Cut(got, ":")
		switch {
		case isName && verb == "" && (got == "" || gotVerb != ""):
			return false
		case isName && verb != "" && ":"+gotVerb != verb:
			return false
		case !isName && got != want:
			return false
		}
	}
	return true
}

func (d *docs) serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPIDocument) //nolint:errcheck // The caller hung up.
}

func (d *docs) servePage(w http.ResponseWriter, r *http.Request) {
	page, ok := d.pages[r.URL.Query().Get("theme")]
	if !ok {
		page = d.pages[""]
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", docsCSP)
	w.Write(page) //nolint:errcheck // The caller hung up.
}

func (d *docs) serveStyle(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable") // The name changes with the content.
	w.Write(d.style)                                              //nolint:errcheck // The caller hung up.
}

// docsPage is what the template shows.
type docsPage struct {
	Title, Version, Description, Build, Style, Theme string

	Start          []startStep
	Scopes         []named
	States         []remit.Lawful
	ProblemExample string
	Kinds          []kindRow
	Reasons        []reasonRow
	Standing       []reasonRow
	MaxBody        int
	Rate, Burst    int
	Sandbox        bool
	Tokens, Digits []named
	Groups         []docGroup
	Types          []docType
}

type kindRow struct {
	Status                int
	Kind, Title, WhatToDo string
}

type reasonRow struct {
	Reason string
	Status int
	Text   string
}

func docsData(doc *openAPI, o Options) (docsPage, error) {
	page := docsPage{
		Title: doc.Info.Title, Version: doc.Info.Version, Description: doc.Info.Description,
		Build: strings.TrimSpace(o.Build.Version + " " + o.Build.Commit),
		Start: quickStart, Scopes: scopeTexts, States: remit.LawfulMoves(),
		MaxBody: MaxBodyBytes, Rate: orDefault(o.RatePerSecond, DefaultRate), Burst: orDefault(o.RateBurst, DefaultBurst),
		Sandbox: o.Sandbox, Tokens: sandboxTokens, Digits: sandboxDigits,
		Groups: doc.groups(), Types: doc.types(),
	}
	for _, kind := range remit.Kinds() {
		m := kindMappings[kind]
		page.Kinds = append(page.Kinds, kindRow{m.status, string(kind), m.title, m.whatToDo})
	}
	for _, r := range refusalTexts {
		page.Reasons = append(page.Reasons, reasonRow{string(r.reason), mappingOf(r.kind, r.reason).status, r.text})
	}
	for _, r := range standingTexts {
		page.Standing = append(page.Standing, reasonRow{Reason: string(r.reason), Text: r.text})
	}
	_, err := remit.ParseMoney(remit.MustFiat("USD"), "200.005")
	example := problemOf(public(err), "req_01k9zc7v4ye3t8m5q2w6x0b1nd")
	for _, f := range example.GetFields() {
		f.Field = "source_amount.amount"
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(example)
	if err != nil {
		return docsPage{}, fmt.Errorf("write the example of a problem: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return docsPage{}, fmt.Errorf("indent the example of a problem: %w", err)
	}
	page.ProblemExample = indented.String()
	return page, nil
}

// scopesOf says which scopes a call needs, by its operation id Service_Method.
func scopesOf(operationID string) string {
	service, method, _ := strings.Cut(operationID, "_")
	r := rules["/remit.v1."+service+"/"+method]
	words := make([]string, len(r.anyOf))
	for i, s := range r.anyOf {
		words[i] = string(s)
	}
	slices.Sort(words)
	return strings.Join(words, " or ")
}
