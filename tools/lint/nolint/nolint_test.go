package nolint_test

import (
	"go/ast"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/openremit/remit/tools/lint/nolint"
)

// shout reports every variable.
var shout = &analysis.Analyzer{
	Name: "shout",
	Doc:  "reports every variable",
	Run: func(pass *analysis.Pass) (any, error) {
		for _, f := range pass.Files {
			ast.Inspect(f, func(n ast.Node) bool {
				if v, ok := n.(*ast.ValueSpec); ok {
					pass.Reportf(v.Pos(), "name %s", v.Names[0].Name)
				}
				return true
			})
		}
		return nil, nil
	},
}

func TestWrap(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), nolint.Wrap(shout), "p")
}

func TestAnalyzer(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), nolint.Analyzer, "q")
}
