package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// Bounds of `remit screen`.
const (
	maxScreenLine = 1 << 20
	// mostMatches are told for each query, weakMatch is the least score of one.
	mostMatches = 10
	weakMatch   = 1_000
)

// screenQuery is one line of what `remit screen` reads.
type screenQuery struct {
	ID      any    `json:"id"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Birth   any    `json:"dob"`
	Country string `json:"country"`
	Gender  string `json:"gender"`
	Doc     *struct {
		Type   string `json:"type"`
		Number string `json:"number"`
	} `json:"doc"`
}

// screenAnswer is one line of what it writes.
type screenAnswer struct {
	ID      any         `json:"id"`
	Hits    *[]oneMatch `json:"hits,omitempty"`
	Micros  *int64      `json:"us,omitempty"`
	Warning string      `json:"warning,omitempty"`
	Error   string      `json:"error,omitempty"`
}

// oneMatch is one listed party; its score is from 0 to 1.
type oneMatch struct {
	List  string  `json:"list"`
	ID    string  `json:"entity_id"`
	Score float64 `json:"score"`
}

func (a *app) screenCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "screen", Short: "Compare names with sanctions lists on this machine, without a gateway",
		Long: `screen reads one query a line from standard input, as JSON, and answers each at once on a line of its own:
the ten entries most like it with scores from 0 to 1, and the time it took in microseconds.

  {"id":"1","name":"Usama bin Ladin","type":"person","dob":"1957-03-10","country":"SA","doc":{"type":"passport","number":"A123"}}

Only the name is needed. type is person, company, vessel, aircraft or unknown; dob a day, a month or a year.
A line that cannot be compared is answered with an error, never with no hits.

--lists is a folder with list files of any format that the gateway reads: OFAC, UN, EU, UK, OpenSanctions and one's own.`,
		Example: `  remit screen --lists /var/lib/remit/lists < names.jsonl`,
		Args:    exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if dir == "" {
				return usagef("say where the lists are, such as --lists /var/lib/remit/lists")
			}
			index, err := screening.Load(os.DirFS(dir))
			if err != nil {
				return fmt.Errorf("load lists of %s: %w", dir, err)
			}
			for name, entries := range index.Counts() {
				fmt.Fprintf(a.errOut, "%s: %d entries\n", name, entries)
			}
			return screenAll(c.Context(), index, c.InOrStdin(), a.out)
		},
	}
	c.Flags().StringVar(&dir, "lists", "", "folder with the list files")
	return c
}

// screenAll answers each line of in on out.
func screenAll(ctx context.Context, index *screening.Index, in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	w := bufio.NewWriter(out)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for ctx.Err() == nil {
		line, tooLong, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read queries: %w", err)
		}
		ended := err != nil
		if text := strings.TrimSpace(string(line)); text != "" || tooLong {
			answer := screenAnswer{Error: fmt.Sprintf("the line is longer than %d bytes", maxScreenLine)}
			if !tooLong {
				answer = screenLine(index, text)
			}
			if err := errors.Join(encoder.Encode(answer), w.Flush()); err != nil {
				return fmt.Errorf("write answers: %w", err)
			}
		}
		if ended {
			return nil
		}
	}
	return context.Cause(ctx)
}

// readLine reads to the end of a line; of one that is too long it reports so
// and drops the rest.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxScreenLine {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// screenLine answers one query.
func screenLine(index *screening.Index, text string) screenAnswer {
	var q screenQuery
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		// The id may be readable where the rest is not.
		var only struct {
			ID any `json:"id"`
		}
		if json.Unmarshal([]byte(text), &only) != nil {
			only.ID = nil
		}
		return screenAnswer{ID: only.ID, Error: "the line is no query in JSON: " + err.Error()}
	}
	answer := screenAnswer{ID: q.ID}
	asked, err := q.query(&answer)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	started := time.Now()
	matches, err := index.Search(asked, weakMatch, mostMatches)
	took := time.Since(started).Microseconds()
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	hits := make([]oneMatch, 0, len(matches))
	for _, m := range matches {
		hits = append(hits, oneMatch{List: m.Entry.List, ID: m.Entry.ID, Score: float64(m.Score) / 10_000})
	}
	answer.Hits, answer.Micros = &hits, &took
	return answer
}

// query writes what was read as a query. A date of birth that is none is left
// out with a warning: the name is compared all the same.
func (q *screenQuery) query(answer *screenAnswer) (screening.Query, error) {
	out := screening.Query{Names: []string{q.Name}, Gender: strings.ToLower(q.Gender)}
	switch strings.ToLower(q.Type) {
	case "person", "individual":
		out.Kind = list.Person
	case "company", "entity", "organisation", "organization":
		out.Kind = list.Company
	case "vessel":
		out.Kind = list.Vessel
	case "aircraft":
		out.Kind = list.Aircraft
	case "", "unknown":
	default:
		return screening.Query{}, fmt.Errorf("type is %q, want person, company, vessel, aircraft or unknown", q.Type)
	}
	if q.Birth != nil && q.Birth != "" {
		born, err := screening.ParseBirth(fmt.Sprint(q.Birth))
		if err != nil {
			answer.Warning = err.Error() + "; it was not compared"
		}
		out.Born = born
	}
	if country := strings.ToUpper(strings.TrimSpace(q.Country)); len(country) == 2 {
		out.Countries = []remit.Country{remit.Country(country)}
	} else if country != "" {
		answer.Warning = strings.TrimPrefix(answer.Warning+"; the country is no code of two letters and was not compared", "; ")
	}
	if q.Doc != nil && q.Doc.Number != "" {
		out.Documents = []list.Document{{Type: q.Doc.Type, Number: q.Doc.Number}}
	}
	return out, nil
}
