package screening

// The weights of features, for the test that fits them.

// FeatureCount is how many features there are.
const FeatureCount = int(featCount)

// FeatureNames are their names as they stand in points.
func FeatureNames() []string { return featureNames[:] }

// Weights returns the weights in use.
func Weights() []int { return append([]int(nil), weights[:]...) }

// SetWeights replaces them, and tells matches however much they lose; no query may
// be running.
func SetWeights(to []int) {
	copy(weights[:], to)
	mostLost = most - 1
}
