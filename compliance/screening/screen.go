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
)

// Scores and evidence, in basis points.
const (
	// LeastScore is what a hit must have to be told. Policies alert from a
	// threshold above it; what lies between is a near miss on record.
	LeastScore = 8_000

	forBirthEqual  = 500
	forBirthWithin = 200
	forCountry     = 100
	// againstBirth takes a perfect name to a near miss.
	againstBirth   = 2_000
	againstCountry = 200
	// againstKind: a person's name on a company, or the other way round.
	againstKind   = 300
	againstVessel = 1_000
	// mostWeak is what a nickname of one word can reach: a near miss.
	mostWeak = 8_400
)

// maxQueryNames bounds the names of one party.
const maxQueryNames = 8

// screen answers one query with all its hits: to keep only the best would hide
// the others behind those that a person released. ok is false when the party could not be compared.
func (x *Index) screen(q compliance.ScreenQuery) (hits []compliance.Hit, ok bool) {
	best := map[int32]compliance.Hit{}
	x.screenWallets(q, best)
	ok = len(q.Names) > 0 && len(q.Names) <= maxQueryNames
	var born time.Time
	if q.DateOfBirth != "" {
		day, err := time.Parse(time.DateOnly, q.DateOfBirth)
		if err != nil {
			ok = false
		}
		born = day
	}
	for _, name := range q.Names[:min(len(q.Names), maxQueryNames)] {
		spelled, err := words(name)
		if err != nil {
			ok = false
			continue
		}
		for _, m := range x.match(x.ask(q.Kind, spelled)) {
			place := x.names[m.name].entry
			score, notes := x.weigh(q, m, born)
			if score < LeastScore || score <= best[place].ScoreBasisPoints {
				continue
			}
			hit := x.newHit(q.Role, place)
			hit.Kind = compliance.HitName
			hit.ScoreBasisPoints = score
			hit.Why = append(x.why(m), notes...)
			best[place] = hit
		}
	}
	for place, hit := range best {
		hit.Key = x.hitKey(q, place, hit)
		hits = append(hits, hit)
	}
	slices.SortFunc(hits, func(l, r compliance.Hit) int {
		return cmp.Or(cmp.Compare(r.ScoreBasisPoints, l.ScoreBasisPoints), cmp.Compare(l.List, r.List), cmp.Compare(l.EntryID, r.EntryID))
	})
	return hits, ok
}

func (x *Index) screenWallets(q compliance.ScreenQuery, best map[int32]compliance.Hit) {
	for _, wallet := range q.Wallets {
		if len(wallet) > maxNameBytes {
			continue // Longer than any address of any chain.
		}
		for _, place := range x.wallets[walletKey(wallet)] {
			hit := x.newHit(q.Role, place)
			hit.Kind = compliance.HitWallet
			hit.ScoreBasisPoints = same
			hit.Why = []string{"the wallet address is listed"}
			best[place] = hit
		}
	}
}

func (x *Index) newHit(role string, place int32) compliance.Hit {
	e := x.entries[place]
	return compliance.Hit{Role: role, List: e.list, EntryID: e.id, EntryName: e.name, Programs: e.programs}
}

// weigh returns a match's score with the evidence for and against, and notes
// of the evidence.
func (x *Index) weigh(q compliance.ScreenQuery, m match, born time.Time) (score int, notes []string) {
	name := x.names[m.name]
	e := x.entries[name.entry]
	score = m.score
	note := func(points int, text string) {
		score += points
		notes = append(notes, fmt.Sprintf("%s (%+d)", text, points))
	}
	if name.weak && len(name.terms) == 1 {
		score = min(score, mostWeak)
	}
	switch {
	case e.kind == kindVessel:
		note(-againstVessel, "the entry is a vessel")
	case (e.kind == kindPerson) != (q.Kind == compliance.PartyPerson):
		note(-againstKind, "one is a person and the other is not")
	}
	if q.Kind == compliance.PartyPerson && e.kind == kindPerson && !born.IsZero() {
		weighBirth(e, born, note)
	}
	if len(e.countries) > 0 && len(q.Countries) > 0 {
		if slices.ContainsFunc(q.Countries, func(c remit.Country) bool { return slices.Contains(e.countries, c) }) {
			note(forCountry, "a country agrees")
		} else {
			note(-againstCountry, "no country agrees")
		}
	}
	return max(0, min(score, same)), notes
}

func weighBirth(e *entry, born time.Time, note func(int, string)) {
	agreed, text := compareBirth(born, e.births)
	switch agreed {
	case birthEqual:
		note(forBirthEqual, "the date of birth agrees with the listed "+text)
	case birthWithin:
		note(forBirthWithin, "the date of birth lies within the listed "+text)
	case birthFar:
		note(-againstBirth, "the date of birth is far from the listed "+text)
	case birthUnknown, birthNear:
	}
}

// hitKey names the pair of party and entry as they now are: it changes when
// what was screened of the party or what the list says of the entry does. The
// party's id goes in, so that nobody can guess the party from the key.
func (x *Index) hitKey(q compliance.ScreenQuery, place int32, hit compliance.Hit) string {
	e := x.entries[place]
	sum := sha256.New()
	part := func(texts ...string) {
		for _, text := range texts {
			fmt.Fprintf(sum, "%d:%s,", len(text), text)
		}
		fmt.Fprint(sum, ";")
	}
	part(q.PartyID, q.Role, string(q.Kind), q.DateOfBirth, string(hit.Kind), e.digest)
	part(q.Names...)
	part(q.Wallets...)
	for _, country := range q.Countries {
		part(string(country))
	}
	return strings.Join([]string{q.Role, e.list, e.id, hex.EncodeToString(sum.Sum(nil)[:12])}, "|")
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
