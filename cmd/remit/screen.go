package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

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

// screenAnswer is one line of what it writes.
type screenAnswer struct {
	ID      json.RawMessage `json:"id"`
	Hits    *[]oneMatch     `json:"hits,omitempty"`
	Micros  *int64          `json:"us,omitempty"`
	Warning string          `json:"warning,omitempty"`
	Error   string          `json:"error,omitempty"`
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

Only the name is needed. type is person, company, vessel, aircraft or unknown; dob a day, a month or a year; country a
code of two letters. What of a line was not compared, or read in another way than written, is told as a warning.
A line that cannot be compared, an empty one too, is answered with an error, never with no hits.

--lists is a folder with list files of any format that the gateway reads: OFAC, UN, EU, UK, OpenSanctions and one's own.
A part that is missing or may be cut, which a gateway refuses, is warned of here.`,
		Example: `  remit screen --lists /var/lib/remit/lists < names.jsonl`,
		Args:    exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if dir == "" {
				return usagef("say where the lists are, such as --lists /var/lib/remit/lists")
			}
			index, err := screening.Load(os.DirFS(dir), list.Partial())
			if err != nil {
				return fmt.Errorf("load lists of %s: %w", dir, err)
			}
			for name, entries := range index.Counts() {
				fmt.Fprintf(a.errOut, "%s: %d entries\n", name, entries)
			}
			for _, warning := range index.Warnings() {
				fmt.Fprintf(a.errOut, "warning: %s\n", warning)
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
	first := true
	for ctx.Err() == nil {
		line, tooLong, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read queries: %w", err)
		}
		ended := err != nil
		if first {
			line, first = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")), false
		}
		if len(line) > 0 || tooLong || !ended {
			answer := screenAnswer{Error: fmt.Sprintf("the line is longer than %d bytes", maxScreenLine)}
			if !tooLong {
				answer = screenLine(index, line)
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
func screenLine(index *screening.Index, line []byte) screenAnswer {
	q, err := readQuery(line, time.Now())
	answer := screenAnswer{ID: q.id, Warning: strings.Join(q.warnings, "; ")}
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	started := time.Now()
	matches, err := index.Search(q.asked, weakMatch, mostMatches)
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
