// Package nofloat keeps floating point away from money.
package nofloat

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const module = "github.com/openremit/remit"

// bound are the folders that calculate with money; "" is the root package.
var bound = []string{"", "ledger", "settlement", "corridors"}

// Analyzer reports floating-point types and variables.
var Analyzer = &analysis.Analyzer{
	Name: "nofloat",
	Doc:  "bans float32 and float64 where money is calculated, outside tests",
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	rel, ours := strings.CutPrefix(pass.Pkg.Path(), module)
	if !ours {
		return nil, nil
	}
	top, _, _ := strings.Cut(strings.TrimPrefix(rel, "/"), "/")
	if !slices.Contains(bound, top) {
		return nil, nil
	}
	for _, f := range pass.Files {
		if strings.HasSuffix(pass.Fset.Position(f.FileStart).Filename, "_test.go") {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			// A type that is named, and a variable whose type is inferred.
			if obj := pass.TypesInfo.Uses[id]; obj == types.Universe.Lookup("float32") || obj == types.Universe.Lookup("float64") {
				pass.Reportf(id.Pos(), "%s: money is calculated in integers and exact ratios", id.Name)
			}
			if v, ok := pass.TypesInfo.Defs[id].(*types.Var); ok && inferred(pass, v, id) {
				pass.Reportf(id.Pos(), "%s is a %s: money is calculated in integers and exact ratios", id.Name, v.Type())
			}
			return true
		})
	}
	return nil, nil
}

// inferred reports whether v is a local float declared without naming the
// type; one that names it is reported at the name.
func inferred(pass *analysis.Pass, v *types.Var, id *ast.Ident) bool {
	b, ok := v.Type().Underlying().(*types.Basic)
	if !ok || b.Kind() != types.Float32 && b.Kind() != types.Float64 {
		return false
	}
	for _, f := range pass.Files {
		if f.FileStart > id.Pos() || id.Pos() >= f.FileEnd {
			continue
		}
		named := false
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				named = named || slices.Contains(n.Names, id)
			case *ast.ValueSpec:
				named = named || n.Type != nil && slices.Contains(n.Names, id)
			}
			return !named
		})
		return !named
	}
	return false
}
