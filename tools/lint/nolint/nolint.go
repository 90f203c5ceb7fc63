// Package nolint lets a comment silence a finding, and insists on a reason.
package nolint

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A suppression reads "//nolint:name1,name2 // reason".
var (
	anyForm  = regexp.MustCompile(`^//\s*nolint\b`)
	goodForm = regexp.MustCompile(`^//nolint:([A-Za-z0-9_,]+) // \S.*`)
)

// Analyzer reports suppressions that lack a name or a reason.
var Analyzer = &analysis.Analyzer{
	Name: "nolint",
	Doc:  "suppressions name the analyzer and give a reason",
	Run: func(pass *analysis.Pass) (any, error) {
		for _, f := range pass.Files {
			if ast.IsGenerated(f) {
				continue
			}
			for _, g := range f.Comments {
				for _, c := range g.List {
					if anyForm.MatchString(c.Text) && !goodForm.MatchString(c.Text) {
						pass.Reportf(c.Pos(), "write //nolint:name // reason")
					}
				}
			}
		}
		return nil, nil
	},
}

// Wrap returns a with its findings in generated files and those that a comment
// silences left out.
func Wrap(a *analysis.Analyzer) *analysis.Analyzer {
	wrapped := *a
	wrapped.Run = func(pass *analysis.Pass) (any, error) {
		quiet := newSilence(pass, a.Name)
		p := *pass
		p.Report = func(d analysis.Diagnostic) {
			if !quiet.covers(pass.Fset.Position(d.Pos)) {
				pass.Report(d)
			}
		}
		return a.Run(&p)
	}
	return &wrapped
}

type fileLine struct {
	file string
	line int
}

// silence is where one analyzer must keep quiet in one package.
type silence struct {
	files map[string]bool
	lines map[fileLine]bool
}

func newSilence(pass *analysis.Pass, name string) silence {
	s := silence{files: map[string]bool{}, lines: map[fileLine]bool{}}
	for _, f := range pass.Files {
		if ast.IsGenerated(f) {
			s.files[pass.Fset.Position(f.FileStart).Filename] = true
			continue
		}
		var code map[int]bool // lines that hold code, found when first needed
		for _, g := range f.Comments {
			for _, c := range g.List {
				m := goodForm.FindStringSubmatch(c.Text)
				if m == nil || !names(m[1], name) {
					continue
				}
				if code == nil {
					code = codeLines(pass.Fset, f)
				}
				at := pass.Fset.Position(c.Pos())
				line := at.Line
				if !code[line] {
					line++
				}
				s.lines[fileLine{at.Filename, line}] = true
			}
		}
	}
	return s
}

func (s silence) covers(at token.Position) bool {
	return s.files[at.Filename] || s.lines[fileLine{at.Filename, at.Line}]
}

func names(list, name string) bool {
	for n := range strings.SplitSeq(list, ",") {
		if n == name {
			return true
		}
	}
	return false
}

// codeLines finds the lines on which a node other than a comment begins or
// ends: a comment there belongs to the line, any other to the line below.
func codeLines(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case nil:
			return true
		case *ast.Comment, *ast.CommentGroup:
			return false
		}
		lines[fset.Position(n.Pos()).Line] = true
		lines[fset.Position(n.End()).Line] = true
		return true
	})
	return lines
}
