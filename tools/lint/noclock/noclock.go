// Package noclock keeps product code on the injected clock.
//
// Code that reads the machine's clock cannot be tested for what happens
// tomorrow, and two clocks in one transaction disagree.
package noclock

import (
	"go/ast"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const module = "github.com/openremit/remit"

// banned are the functions of package time that read the clock or wait on it.
var banned = []string{"Now", "Since", "Until", "Sleep", "After"}

// free are the folders that may: programs start the clock, stand-ins and test
// environments live in real time.
var free = []string{"cmd", "devnet", "internal"}

// Analyzer reports uses of the machine's clock.
var Analyzer = &analysis.Analyzer{
	Name: "noclock",
	Doc:  "bans the clock of package time outside cmd, devnet, internal and tests",
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	path := pass.Pkg.Path()
	rel, ours := strings.CutPrefix(path, module)
	if !ours {
		return nil, nil
	}
	top, _, _ := strings.Cut(strings.TrimPrefix(rel, "/"), "/")
	if slices.Contains(free, top) {
		return nil, nil
	}
	for _, f := range pass.Files {
		name := filepath.Base(pass.Fset.Position(f.FileStart).Filename)
		// The clock itself has to read one.
		if strings.HasSuffix(name, "_test.go") || path == module && name == "clock.go" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj := pass.TypesInfo.Uses[id]
			if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "time" || obj.Parent() != obj.Pkg().Scope() {
				return true
			}
			if slices.Contains(banned, obj.Name()) {
				pass.Reportf(id.Pos(), "time.%s: take the time from a remit.Clock", obj.Name())
			}
			return true
		})
	}
	return nil, nil
}
