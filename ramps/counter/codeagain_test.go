package counter_test

import (
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

// TestCodesOfOrders: an order after the first has a code of its own, the same
// each time it is derived.
func TestCodesOfOrders(t *testing.T) {
	t.Parallel()
	coder, err := counter.NewCoder([]byte("a secret of sixteen bytes and more"))
	if err != nil {
		t.Fatal(err)
	}
	first, again, third := coder.Code("rem_a"), coder.CodeAgain("rmp_b"), coder.CodeAgain("rmp_c")
	if first == again || again == third || again != coder.CodeAgain(remit.RampOrderID("rmp_b")) {
		t.Errorf("the codes are %s, %s and %s", first, again, third)
	}
	if read, err := counter.ParseCode(again.String()); err != nil || read != again {
		t.Errorf("read as %s: %v", read, err)
	}
}
