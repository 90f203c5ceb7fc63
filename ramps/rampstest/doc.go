// Package rampstest is the meaning of ramps.Provider: the suite that every
// adapter passes against the far side it speaks to, or a stand-in that answers
// on loopback and can be told to misbehave. It also has [Store], a store in
// memory that keeps the contract of ramps.Store, for tests of the desk.
//
//	func TestProvider(t *testing.T) {
//		rampstest.Run(t, func(t *testing.T) (ramps.Provider, rampstest.Backend) { … })
//	}
//
// What the suite insists on: one reference takes effect at most once; whatever
// leaves the effect open is StatusUnknown; only the far side's own word fails
// an order; a cancellation is never overtaken; strangers' callbacks are refused.
package rampstest
