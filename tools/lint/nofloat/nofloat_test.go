package nofloat_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/openremit/remit/tools/lint/nofloat"
)

func TestAnalyzer(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), nofloat.Analyzer,
		"github.com/openremit/remit/ledger", "github.com/openremit/remit/api")
}
