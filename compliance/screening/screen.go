package screening

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening/list"
)

// LeastScore is what a hit must have to be told, in basis points.
const LeastScore = compliance.LeastScore

// screen answers one query with all its hits: to keep only the best would hide
// the others behind those that a person released. ok is false when the party could not be compared.
func (x *Index) screen(q compliance.ScreenQuery) (hits []compliance.Hit, ok bool) {
	asked := Query{Kind: list.Person, Names: q.Names, Countries: q.Countries, Wallets: q.Wallets}
	if q.Kind == compliance.PartyCompany {
		asked.Kind = list.Company
	}
	ok = true
	if q.DateOfBirth != "" {
		day, err := time.Parse(time.DateOnly, q.DateOfBirth)
		if err == nil {
			asked.Born = list.Date{Year: day.Year(), Month: int(day.Month()), Day: day.Day()}
		}
		ok = err == nil && day.Year() >= earliestBirth
	}
	matches, err := x.Search(asked, LeastScore, 0)
	for _, m := range matches {
		hit := newHit(q.Role, m)
		hit.Key = hitKey(q, m, hit)
		hits = append(hits, hit)
	}
	slices.SortFunc(hits, func(l, r compliance.Hit) int {
		return cmp.Or(cmp.Compare(r.ScoreBasisPoints, l.ScoreBasisPoints), cmp.Compare(l.List, r.List), cmp.Compare(l.EntryID, r.EntryID))
	})
	return hits, ok && err == nil
}

// newHit writes a match as a hit, which tells nothing of the party.
func newHit(role string, m Match) compliance.Hit {
	hit := compliance.Hit{
		Role: role, Kind: compliance.HitName, List: m.Entry.List, EntryID: m.Entry.ID, Programs: strings.Join(m.Entry.Programs, "; "),
		ScoreBasisPoints: m.Score,
	}
	if len(m.Entry.Names) > 0 {
		hit.EntryName = m.Entry.Names[0].Text
	}
	if m.Wallet {
		hit.Kind = compliance.HitWallet
	}
	hit.Why = m.Why()
	hit.Explanation = m.explain()
	return hit
}

// explain writes a match at length.
func (m Match) explain() *compliance.Explanation {
	e := m.Entry
	out := &compliance.Explanation{Entry: compliance.ListedParty{
		List: e.List, ID: e.ID, Kind: string(e.Kind), Countries: e.Countries, Gender: e.Gender, Programs: e.Programs, Remarks: e.Remarks,
	}}
	for _, n := range e.Names {
		out.Entry.Names = append(out.Entry.Names, n.Text)
	}
	for _, b := range e.Births {
		out.Entry.Births = append(out.Entry.Births, birthText(b))
	}
	for _, d := range e.Documents {
		out.Entry.Documents = append(out.Entry.Documents, strings.TrimSpace(d.Type+" "+d.Number+" "+string(d.Country)))
	}
	for _, p := range m.Pairs {
		out.Words = append(out.Words, compliance.WordPair{Asked: p.Asked, Listed: p.Listed, AlikeBasisPoints: p.Alike})
	}
	for _, p := range m.Points {
		out.Points = append(out.Points, compliance.ScorePoint{What: p.What, ValueBasisPoints: p.Value, PointsBasis: p.Points})
	}
	return out
}

// Why tells the match in the list's words.
func (m Match) Why() []string {
	var out, pairs, missing []string
	if m.Name > 0 {
		out = append(out, fmt.Sprintf("listed alias %q", m.Entry.Names[m.Name].Text))
	}
	for _, p := range m.Pairs {
		switch {
		case p.Listed == "":
		case p.Alike == 0:
			missing = append(missing, p.Listed)
		default:
			pairs = append(pairs, fmt.Sprintf("%s %d%%", p.Listed, p.Alike/100))
		}
	}
	if len(pairs) > 0 {
		out = append(out, "words that match: "+strings.Join(pairs, ", "))
	}
	if len(missing) > 0 {
		out = append(out, "listed words not given: "+strings.Join(missing, ", "))
	}
	for _, p := range m.Points {
		if p.Points != 0 {
			out = append(out, fmt.Sprintf("%s (%+d)", p.What, p.Points))
		}
	}
	return out
}

// hitKey names the pair of party and entry as they now are: it changes when
// what was screened of the party or what the list says of the entry does. The
// party's id goes in, so that nobody can guess the party from the key.
func hitKey(q compliance.ScreenQuery, m Match, hit compliance.Hit) string {
	sum := sha256.New()
	part := func(texts ...string) {
		for _, text := range texts {
			fmt.Fprintf(sum, "%d:%s,", len(text), text)
		}
		fmt.Fprint(sum, ";")
	}
	part(q.PartyID, q.Role, string(q.Kind), q.DateOfBirth, string(hit.Kind), m.Entry.Digest)
	part(q.Names...)
	part(q.Wallets...)
	for _, country := range q.Countries {
		part(string(country))
	}
	return strings.Join([]string{q.Role, m.Entry.List, m.Entry.ID, hex.EncodeToString(sum.Sum(nil)[:12])}, "|")
}

// Screen answers all queries from this index, see compliance.Screener.
func (x *Index) Screen(ctx context.Context, queries ...compliance.ScreenQuery) (compliance.Screening, error) {
	out := compliance.Screening{Versions: x.Versions()}
	for _, q := range queries {
		if err := ctx.Err(); err != nil {
			return compliance.Screening{}, remit.Wrap(err, remit.KindUnavailable, remit.ReasonScreeningDown, "screening was interrupted")
		}
		hits, ok := x.screen(q)
		if !ok {
			out.Unscreened = append(out.Unscreened, q.Role)
		}
		out.Hits = append(out.Hits, hits...)
	}
	return out, nil
}

var _ compliance.Screener = (*Index)(nil)
