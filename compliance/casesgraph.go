package compliance

import (
	"time"

	"github.com/openremit/remit"
)

// The kinds of nodes of a case's graph.
const (
	NodeCase        = "case"
	NodeCustomer    = "customer"
	NodeBeneficiary = "beneficiary"
	NodeRemittance  = "remittance"
	NodeEntry       = "entry"
	NodeAccount     = "account"
)

// The labels of edges.
const (
	EdgeAbout    = "about"
	EdgeSent     = "sent"
	EdgeReceived = "received"
	EdgePaidTo   = "paid_to"
	EdgeShares   = "shares_account"
	EdgeHit      = "hit"
)

// Graph is who and what is linked with a case. The first node is the case, and
// those that were linked first are nearest.
type Graph struct {
	Nodes []GraphNode
	Edges []GraphEdge
	// LeftOut is how many nodes Cut took away.
	LeftOut int
	known   map[string]bool
}

// GraphNode is one entity.
type GraphNode struct{ ID, Kind, Label, Status string }

// GraphEdge links two nodes by their ids.
type GraphEdge struct{ From, To, Label string }

// Add puts a node behind the others, unless it is there or has no id.
func (g *Graph) Add(n GraphNode) {
	if g.known == nil {
		g.known = make(map[string]bool)
	}
	if n.ID == "" || g.known[n.ID] {
		return
	}
	g.known[n.ID] = true
	g.Nodes = append(g.Nodes, n)
}

// Link adds an edge, once, between nodes that are there.
func (g *Graph) Link(from, to, label string) {
	e := GraphEdge{From: from, To: to, Label: label}
	key := "\x00" + from + "\x00" + to + "\x00" + label
	if !g.known[from] || !g.known[to] || g.known[key] {
		return
	}
	g.known[key] = true
	g.Edges = append(g.Edges, e)
}

// Cut keeps the nearest nodes and the edges between them.
func (g *Graph) Cut(most int) {
	if len(g.Nodes) <= most {
		return
	}
	g.LeftOut += len(g.Nodes) - most
	g.Nodes = g.Nodes[:most]
	kept := make(map[string]bool, most)
	for _, n := range g.Nodes {
		kept[n.ID] = true
	}
	edges := g.Edges[:0]
	for _, e := range g.Edges {
		if kept[e.From] && kept[e.To] {
			edges = append(edges, e)
		}
	}
	g.Edges = edges
}

// CaseStatistics counts cases and what was alerted.
type CaseStatistics struct {
	// Days has one row a day, oldest first.
	Days      []DayStatistics
	Corridors []CorridorStatistics
	Inboxes   []InboxStatistics
}

// DayStatistics counts a day.
type DayStatistics struct {
	Day                                                time.Time
	Remittances, Alerted, Decided, FalsePositive, Late int64
}

// CorridorStatistics counts a corridor.
type CorridorStatistics struct {
	Corridor remit.CorridorID
	// Volume is what the originators paid.
	Volume remit.Money

	Remittances, Alerted, Decided, FalsePositive int64
}

// InboxStatistics counts an inbox.
type InboxStatistics struct {
	Inbox                    Inbox
	Undecided, Late, Pending int64
	OldestAt                 time.Time
}
