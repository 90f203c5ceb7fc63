package corridors

import (
	"testing"
	"time"
)

// ParseECBForTest reads a file of reference rates and checks that what is read
// is whole.
func ParseECBForTest(t *testing.T, body string) {
	t.Helper()
	table, err := parseECB([]byte(body), time.UTC)
	if err != nil {
		return
	}
	for asset, rate := range table.perEUR {
		if rate.Num <= 0 || rate.Den <= 0 || rate.Quote != asset {
			t.Errorf("%s: %s", asset, rate)
		}
	}
	if table.perEUR[usd].IsZero() || table.asOf.IsZero() {
		t.Errorf("read %v", table)
	}
}
