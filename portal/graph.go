package portal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/goccy/go-graphviz"
)

// GraphNode is a node to draw.
type GraphNode struct {
	ID string
	// Kind is in words, such as customer; Label is what is written large.
	Kind, Label string
	// Tone and Status are drawn where the node has a status.
	Tone   Tone
	Status string
	// Href is where a click leads; empty for nowhere.
	Href string
}

// GraphEdge links two nodes by their ids.
type GraphEdge struct {
	From, To, Label string
}

// Sizes of a drawn graph, in points.
const (
	pointsPerInch = 72
	letterWidth   = 7.4
	nodeHeight    = 38
	leastNode     = 84
	maxLabel      = 26
	maxLayouts    = 128
	// squash flattens what Graphviz lays out round: nodes are wide and pages too.
	squash = 0.55
)

// Grapher lays graphs out. It keeps the layouts it made last: they hold
// positions by number and nothing of who the nodes are.
type Grapher struct {
	mu      sync.Mutex
	engine  *graphviz.Graphviz
	layouts map[string]*layout
}

// NewGrapher starts Graphviz.
func NewGrapher(ctx context.Context) (*Grapher, error) {
	engine, err := graphviz.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("start Graphviz: %w", err)
	}
	engine.SetLayout(graphviz.TWOPI)
	return &Grapher{engine: engine, layouts: make(map[string]*layout)}, nil
}

// layout is where Graphviz put nodes and edges, by their numbers.
type layout struct {
	width, height float64
	nodes         map[int]box
	edges         []drawnEdge
}

type box struct{ x, y, width, height float64 }

type drawnEdge struct {
	from, to       int
	points         []float64
	labelX, labelY float64
}

// Draw lays out a graph around its first node and writes it as SVG. Errors:
// edges that name no node; a graph that Graphviz cannot lay out.
func (g *Grapher) Draw(ctx context.Context, nodes []GraphNode, edges []GraphEdge, caption string) (template.HTML, error) {
	numbers := make(map[string]int, len(nodes))
	for i, n := range nodes {
		numbers[n.ID] = i
	}
	dot, err := writeDOT(nodes, edges, numbers)
	if err != nil {
		return "", err
	}
	l, err := g.lay(ctx, dot)
	if err != nil {
		return "", err
	}
	return l.svg(nodes, edges, caption), nil
}

// writeDOT names nodes by number and gives sizes instead of texts, so that
// nothing of what people wrote reaches Graphviz.
func writeDOT(nodes []GraphNode, edges []GraphEdge, numbers map[string]int) (string, error) {
	var dot strings.Builder
	dot.WriteString("digraph{root=n0;overlap=scale;splines=true;ranksep=3.3;sep=\"+12\";node[shape=box,fixedsize=true,label=\"\"];edge[fontsize=10,dir=none];\n")
	for i, n := range nodes {
		fmt.Fprintf(&dot, "n%d[width=%.2f,height=%.2f];\n", i, nodeWidth(n)/pointsPerInch, float64(nodeHeight)/squash/pointsPerInch)
	}
	for i, e := range edges {
		from, okFrom := numbers[e.From]
		to, okTo := numbers[e.To]
		if !okFrom || !okTo {
			return "", fmt.Errorf("edge %d links a node that there is not", i)
		}
		if from == to {
			continue // Graphviz finds no place for its label; the table has it.
		}
		fmt.Fprintf(&dot, "n%d->n%d[label=\"%s\"];\n", from, to, strings.Repeat("x", max(1, utf8.RuneCountInString(e.Label))))
	}
	dot.WriteString("}\n")
	return dot.String(), nil
}

func nodeWidth(n GraphNode) float64 {
	letters := max(utf8.RuneCountInString(clipped(n.Label)), utf8.RuneCountInString(n.Kind)+utf8.RuneCountInString(n.Status)+3)
	return max(leastNode, float64(letters)*letterWidth+20)
}

func clipped(label string) string {
	if utf8.RuneCountInString(label) <= maxLabel {
		return label
	}
	return string([]rune(label)[:maxLabel-1]) + "…"
}

// lay returns the layout of a graph, from memory where it was laid out before.
func (g *Grapher) lay(ctx context.Context, dot string) (*layout, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l, ok := g.layouts[dot]; ok {
		return l, nil
	}
	graph, err := graphviz.ParseBytes([]byte(dot))
	if err != nil {
		return nil, fmt.Errorf("read graph: %w", err)
	}
	var out bytes.Buffer
	err = g.engine.Render(context.WithoutCancel(ctx), graph, "plain", &out)
	if err = errors.Join(err, graph.Close()); err != nil {
		return nil, fmt.Errorf("lay out graph: %w", err)
	}
	l, err := readPlain(out.String())
	if err != nil {
		return nil, err
	}
	if len(g.layouts) >= maxLayouts {
		clear(g.layouts)
	}
	g.layouts[dot] = l
	return l, nil
}

// readPlain reads Graphviz's plain output, whose unit is the inch and whose
// origin is below left.
func readPlain(text string) (*layout, error) {
	l := &layout{nodes: make(map[int]box)}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		var err error
		switch fields[0] {
		case "graph":
			var n []float64
			if n, err = inches(fields[1:]); err == nil && len(n) == 3 {
				l.width, l.height = n[1], n[2]*squash
			}
		case "node":
			err = l.readNode(fields)
		case "edge":
			err = l.readEdge(fields)
		}
		if err != nil {
			return nil, fmt.Errorf("read layout: %w", err)
		}
	}
	return l, nil
}

func (l *layout) readNode(fields []string) error {
	if len(fields) < 6 {
		return errors.New("a node without place")
	}
	number, err := nodeNumber(fields[1])
	if err != nil {
		return err
	}
	n, err := inches(fields[2:6])
	if err != nil {
		return err
	}
	l.nodes[number] = box{x: n[0], y: l.height - n[1]*squash, width: n[2], height: n[3] * squash}
	return nil
}

func (l *layout) readEdge(fields []string) error {
	if len(fields) < 4 {
		return errors.New("an edge without points")
	}
	from, errFrom := nodeNumber(fields[1])
	to, errTo := nodeNumber(fields[2])
	count, errCount := strconv.Atoi(fields[3])
	if err := errors.Join(errFrom, errTo, errCount); err != nil {
		return err
	}
	rest := fields[4:]
	if len(rest) < 2*count+3 {
		return errors.New("an edge with too few points")
	}
	points, err := inches(rest[:2*count])
	if err != nil {
		return err
	}
	label, err := inches(rest[2*count+1 : 2*count+3])
	if err != nil {
		return err
	}
	for i := 1; i < len(points); i += 2 {
		points[i] = l.height - points[i]*squash
	}
	l.edges = append(l.edges, drawnEdge{from: from, to: to, points: points, labelX: label[0], labelY: l.height - label[1]*squash})
	return nil
}

func nodeNumber(name string) (int, error) { return strconv.Atoi(strings.TrimPrefix(name, "n")) }

// inches reads lengths and answers points.
func inches(fields []string) ([]float64, error) {
	out := make([]float64, len(fields))
	for i, f := range fields {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return nil, fmt.Errorf("a length: %w", err)
		}
		out[i] = n * pointsPerInch
	}
	return out, nil
}

const graphMargin = 6

// svg writes a laid out graph with the texts of its nodes and edges.
func (l *layout) svg(nodes []GraphNode, edges []GraphEdge, caption string) template.HTML {
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="graph" role="group" aria-label="%s" viewBox="%d %d %.0f %.0f" width="%.0f" height="%.0f">`,
		template.HTMLEscapeString(caption), -graphMargin, -graphMargin, l.width+2*graphMargin, l.height+2*graphMargin, l.width+2*graphMargin, l.height+2*graphMargin)
	out.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>`)
	labels := l.labels(nodes, edges)
	for i, e := range l.edges {
		fmt.Fprintf(&out, `<path class="edge" marker-end="url(#tip)" d="M%.1f %.1fC%s"/>`, e.points[0], e.points[1], join(e.points[2:]))
		text := template.HTMLEscapeString(labels[i])
		width := float64(utf8.RuneCountInString(labels[i]))*5.6 + 6
		fmt.Fprintf(&out, `<rect class="plate" x="%.1f" y="%.1f" width="%.1f" height="13"/><text class="on-edge" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`,
			e.labelX-width/2, e.labelY-8, width, e.labelX, e.labelY+2, text)
	}
	for i, n := range nodes {
		if b, ok := l.nodes[i]; ok {
			writeNode(&out, n, b, i == 0)
		}
	}
	out.WriteString("</svg>")
	return template.HTML(out.String())
}

// labels matches drawn edges with the given ones: Graphviz tells the ends, and
// keeps the order of edges with the same ends.
func (l *layout) labels(nodes []GraphNode, edges []GraphEdge) []string {
	waiting := make(map[[2]string][]string)
	for _, e := range edges {
		ends := [2]string{e.From, e.To}
		waiting[ends] = append(waiting[ends], e.Label)
	}
	out := make([]string, len(l.edges))
	for i, e := range l.edges {
		ends := [2]string{nodes[e.from].ID, nodes[e.to].ID}
		if texts := waiting[ends]; len(texts) > 0 {
			out[i], waiting[ends] = texts[0], texts[1:]
		}
	}
	return out
}

func writeNode(out *strings.Builder, n GraphNode, b box, focus bool) {
	class := "node"
	if focus {
		class += " focus"
	}
	if n.Tone != "" {
		class += " " + string(n.Tone)
	}
	if n.Href != "" {
		fmt.Fprintf(out, `<a href="%s">`, template.HTMLEscapeString(n.Href))
	}
	kind := n.Kind
	if n.Status != "" {
		kind += " · " + n.Status
	}
	fmt.Fprintf(out, `<g class="%s"><title>%s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3"/>`,
		class, template.HTMLEscapeString(n.Kind+": "+n.Label), b.x-b.width/2, b.y-b.height/2, b.width, b.height)
	fmt.Fprintf(out, `<text class="kind" x="%.1f" y="%.1f" text-anchor="middle">%s</text><text class="name" x="%.1f" y="%.1f" text-anchor="middle">%s</text></g>`,
		b.x, b.y-5, template.HTMLEscapeString(kind), b.x, b.y+11, template.HTMLEscapeString(clipped(n.Label)))
	if n.Href != "" {
		out.WriteString("</a>")
	}
}

func join(points []float64) string {
	texts := make([]string, len(points))
	for i, p := range points {
		texts[i] = strconv.FormatFloat(p, 'f', 1, 64)
	}
	return strings.Join(texts, " ")
}
