package noclock_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/openremit/remit/tools/lint/noclock"
)

func TestAnalyzer(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), noclock.Analyzer,
		"github.com/openremit/remit", "github.com/openremit/remit/ledger", "github.com/openremit/remit/cmd/x")
}
