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
	if len(got) != len(lines) {
		t.Fatalf("%d answers to %d lines", len(got), len(lines)-1)
	}
	for _, i := range []int{0, 1, 10} {
		if len(got[i].Hits) == 0 || got[i].Hits[0].ID != "35096" || got[i].Hits[0].Score < 0.9 || got[i].US == nil || got[i].Error != "" {
			t.Errorf("line %d is answered %+v", i, got[i])
		}
	}
	if got[3].Warning == "" || got[3].Error != "" || got[3].US == nil {
		t.Errorf("a date that does not exist is answered %+v", got[3])
	}
	for i, id := range map[int]any{2: nil, 4: "4", 5: "5", 6: nil, 7: "6", 8: "7", 9: nil} {
		if got[i].Error == "" || got[i].ID != id || got[i].US != nil {
			t.Errorf("line %d is answered %+v, want an error for %v", i, got[i], id)
		}
	}
}

func TestScreenTellsWhatItCouldNotRead(t *testing.T) {
	t.Parallel()
	index, err := screening.Sample()
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		`{"id":1,"name":"Jane Roe","dob":"2001-02-30"}`:                                                                       "dob: ",
		`{"id":1,"name":"Jane Roe","dob":"abc"}`:                                                                              "dob: ",
		`{"id":1,"name":"Jane Roe","dob":"1700-01-01"}`:                                                                       "dob: ",
		`{"id":1,"name":"Jane Roe","dob":"2090-01-01"}`:                                                                       "dob: ",
		`{"id":1,"name":"Jane Roe","dob":"03/04/1990"}`:                                                                       "may be 1990-04-03 or 1990-03-04",
		`{"id":1,"name":"Jane Roe","country":"XX"}`:                                                                           "country: ",
		`{"id":1,"name":"Jane Roe","country":"Russia"}`:                                                                       "was read as RU",
		`{"id":1,"name":"Jane Roe","doc":{"type":"x","number":"123456"}}`:                                                     "doc: type",
		`{"id":1,"name":"Jane Roe","doc":{"number":123456,"no":1}}`:                                                           "doc: there is no field",
		`{"id":1,"name":"Jane Roe","birthdate":"1999"}`:                                                                       `"birthdate": there is no such field`,
		`{"id":1,"name":"Jane Roe","gender":"x"}`:                                                                             "gender: ",
		`{"id":1,"name":"Jane Roe","dob":"25/12/1954","country":"ru","gender":"F","doc":{"type":"passport","number":123456}}`: "",
	} {
		got := screenLine(index, []byte(line))
		if got.Error != "" || (got.Warning == "") != (want == "") || !strings.Contains(got.Warning, want) || string(got.ID) != "1" {
			t.Errorf("%s is answered %+v, want a warning with %q", line, got, want)
		}
	}
	for line, want := range map[string]string{
		"{\"id\":7,\"name\":\"Jos\xe9\"}":                      "not in UTF-8",
		`{"id":7,"name":"Jane \ud800Roe"}`:                     "letters were lost",
		`{"id":7,"name":"1234567"}`:                            "no letters",
		`{"id":7,"name":"` + strings.Repeat("ab ", 200) + `"}`: "too long",
		`{"id":7,"name":" - "}`:                                "empty",
		`{"id":7,"name":"မြန်မာ"}`:                             "script",
		`{"id":7,"name":"Jane Roe","name":"John Roe"}`:         "twice",
		`{"id":7,"name":"Jane Roe"} x`:                         "more on the line",
		`{"id":7,"name":`:                                      "ends within",
		`{"id":7}`:                                             "name: it is missing",
	} {
		got := screenLine(index, []byte(line))
		if !strings.Contains(got.Error, want) || got.Hits != nil || string(got.ID) != "7" || strings.Contains(got.Error, "main.") {
			t.Errorf("%s is answered %+v, want an error with %q", line, got, want)
		}
	}
	var out bytes.Buffer
	if err := screenAll(t.Context(), index, strings.NewReader("\xef\xbb\xbf{\"id\":12345678901234567890,\"name\":\"Jane Roe\"}\n"), &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, `{"id":12345678901234567890,`) || strings.Contains(got, "error") || strings.Count(got, "\n") != 1 {
		t.Errorf("a line behind a byte order mark is answered %s", got)
	}
}
