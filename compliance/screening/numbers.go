package screening

import "strings"

// walletKey folds what is not part of a wallet address: hexadecimal and bech32
// addresses read the same in either case, base58 ones do not.
func walletKey(address string) string {
	address = strings.TrimSpace(address)
	low := strings.ToLower(address)
	if strings.HasPrefix(low, "0x") || strings.HasPrefix(low, "bc1") || strings.HasPrefix(low, "ltc1") {
		return low
	}
	return address
}

// numberKey folds the number of a document: its letters and digits in upper case.
func numberKey(number string) string {
	var b strings.Builder
	for i := range len(number) {
		switch c := number[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z':
			b.WriteByte(c)
		case c >= 'a' && c <= 'z':
			b.WriteByte(c - 'a' + 'A')
		}
	}
	key := strings.TrimPrefix(b.String(), "IMO")
	if len(key) < leastNumber {
		return ""
	}
	return key
}

// leastNumber is how many letters and digits identify anything.
const leastNumber = 5
