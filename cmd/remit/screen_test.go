package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/openremit/remit/compliance/screening"
)

func TestScreenAnswersEachLine(t *testing.T) {
	t.Parallel()
	index, err := screening.Sample()
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		`{"id":"1","name":"Vladimir Putin","type":"person","dob":"1952-10-07"}`,
		`{"id":"2","name":"Vladimir Putin","dob":1952,"country":"RU","doc":{"type":"passport","number":"X1"}}`,
		``,
		`{"id":"3","name":"Jane Roe","dob":"1961-02-30"}`,
		`{"id":"4","name":"","type":"person"}`,
		`{"id":"5","name":7}`,
		`no json`,
		`{"id":"6","name":"Jane Roe","type":"robot"}`,
		`{"id":"7","name":"မြန်မာ"}`,
		`{"id":"8","name":"` + strings.Repeat("a", 2<<20) + `"}`,
		`{"id":"9","name":"Vladimir Putin"}`,
	}
	var out bytes.Buffer
	if err := screenAll(t.Context(), index, strings.NewReader(strings.Join(lines, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		ID      any
		Hits    []oneMatch
		US      *int64
		Warning string
		Error   string
	}
	var got []answer
	for line := range strings.Lines(out.String()) {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("answer %q: %v", line, err)
		}
		got = append(got, a)
	}
	if len(got) != len(lines)-1 {
		t.Fatalf("%d answers to %d lines", len(got), len(lines)-1)
	}
	for _, i := range []int{0, 1, 9} {
		if len(got[i].Hits) == 0 || got[i].Hits[0].ID != "35096" || got[i].Hits[0].Score < 0.9 || got[i].US == nil || got[i].Error != "" {
			t.Errorf("line %d is answered %+v", i, got[i])
		}
	}
	if got[2].Warning == "" || got[2].Error != "" || got[2].US == nil {
		t.Errorf("a date that does not exist is answered %+v", got[2])
	}
	for i, id := range map[int]any{3: "4", 4: "5", 5: nil, 6: "6", 7: "7", 8: nil} {
		if got[i].Error == "" || got[i].ID != id || got[i].US != nil {
			t.Errorf("line %d is answered %+v, want an error for %v", i, got[i], id)
		}
	}
}
