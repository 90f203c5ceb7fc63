// Package sandbox is the ramp provider "sandbox": it speaks the interface of
// the stand-in payment company in devnet/bank, and is the model for adapters of
// real ones.
//
// The main type is [Provider]. Whatever leaves open whether an order took
// effect (a timeout, a broken connection, a 5xx, an answer that cannot be read
// or is about something else) is StatusUnknown. Only the company's own word
// that it refused an order is StatusFailed, with the reason of the one table in
// reasons.go.
//
//	p, err := sandbox.New(sandbox.Options{BaseURL: "http://127.0.0.1:4010", APIKey: key, CallbackSecret: secret})
package sandbox
