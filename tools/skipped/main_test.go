package main

import (
	"strings"
	"testing"
)

func TestSummarize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		failed   bool
		want     []string
	}{
		{
			name: "a skip is listed with its reason",
			in: `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:12: needs PostgreSQL\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":0.1}`,
			want: []string{"ok   p  0.1s", "0 passed, 0 failed, 1 skipped", "skipped p TestA: needs PostgreSQL"},
		},
		{
			name: "a failure shows its output",
			in: `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:12: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA"}`,
			failed: true,
			want:   []string{"got 1, want 2", "1 failed"},
		},
		{
			name: "a package that does not build fails",
			in: `{"ImportPath":"p","Action":"build-output","Output":"undefined: x\n"}
{"ImportPath":"p","Action":"build-fail"}`,
			failed: true,
			want:   []string{"undefined: x"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			failed, err := summarize(strings.NewReader(tt.in), &out)
			if err != nil {
				t.Fatal(err)
			}
			if failed != tt.failed {
				t.Errorf("got failed %v, want %v", failed, tt.failed)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got %q, want it to contain %q", out.String(), want)
				}
			}
		})
	}
}
