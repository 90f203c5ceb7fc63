package solana

// FeeAbove is the gross amount of which net is left after a mint's fee.
func FeeAbove(basisPoints uint16, most, net uint64) (gross, fee uint64, ok bool) {
	return mintFee{basisPoints: basisPoints, most: most}.above(net)
}

// FeeOf is what a mint takes of an amount.
func FeeOf(basisPoints uint16, most, amount uint64) uint64 {
	return mintFee{basisPoints: basisPoints, most: most}.of(amount)
}
