// Package settlementtest is what every settlement rail must pass, on a chain
// that can be made to misbehave.
//
// [Run] drives a [settlement.Engine] over the rail of a [Harness], step by step
// and without waiting: the chain and the clock move only when the harness is
// told to. [Store] is a settlement.Store in memory that is stricter than any
// database: what breaks the contract of the port fails the test.
//
// What the suite holds a rail to, in every test: each order is paid exactly
// once or, when it failed, never; a settled order names the transaction that
// paid it; the treasury is poorer by exactly what arrived.
//
// Example:
//
//	func TestRail(t *testing.T) {
//		settlementtest.Run(t, func(t *testing.T) *settlementtest.Harness {
//			t.Parallel()
//			chain := newChain(t)
//			return &settlementtest.Harness{Rail: chain.rail(t), Restart: chain.rail, ...}
//		})
//	}
package settlementtest
