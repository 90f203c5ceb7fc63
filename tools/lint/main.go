// Command lint runs every analyzer that Remit's Go code must pass, in one
// process, so that packages are loaded and type-checked once.
//
// A finding is silenced where it stands, by a comment at the end of the line
// or alone on the line above:
//
//	//nolint:errorlint // the driver returns this very value, never a wrapped one
//
// The analyzer's name and the reason are both required; a comment without them
// is a finding of its own. Generated files are not looked at.
//
// workflowcheck, which proves workflows deterministic, is a command of its own
// because it follows calls through every dependency.
package main

import (
	"github.com/jingyugao/rowserrcheck/passes/rowserr"
	"github.com/nishanths/exhaustive/passes/exhaustive"
	"github.com/polyfloyd/go-errorlint/errorlint"
	sqlclose "github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/multichecker"
	"honnef.co/go/tools/staticcheck"

	"github.com/openremit/remit/tools/lint/noclock"
	"github.com/openremit/remit/tools/lint/nofloat"
	"github.com/openremit/remit/tools/lint/nolint"
)

func main() {
	// A default case is a decision about the members not named. Type switches
	// are left alone: they ask about a few types among many by intent. So are
	// enums of other modules, which grow without asking us.
	set(exhaustive.Analyzer, "d", "true")
	set(exhaustive.Analyzer, "check", "switch")
	set(exhaustive.Analyzer, "typeonly", `^github\.com/openremit/remit\b`)

	all := []*analysis.Analyzer{
		errorlint.NewAnalyzer(),
		exhaustive.Analyzer,
		sqlclose.NewAnalyzer(),
		rowserr.NewAnalyzer("database/sql", "github.com/jackc/pgx/v5"),
		bodyclose.Analyzer,
		noclock.Analyzer,
		nofloat.Analyzer,
	}
	for _, a := range staticcheck.Analyzers {
		if !a.Doc.NonDefault {
			all = append(all, a.Analyzer)
		}
	}
	for i, a := range all {
		all[i] = nolint.Wrap(a)
	}
	multichecker.Main(append(all, nolint.Analyzer)...)
}

func set(a *analysis.Analyzer, flag, value string) {
	if err := a.Flags.Set(flag, value); err != nil {
		panic(a.Name + ": " + err.Error())
	}
}
