package policy

// EvaluateWithin is Evaluate with other bounds of time.
var EvaluateWithin = (*Policy).evaluateWithin
