package solanarpc

import (
	"unicode/utf8"
)

// Units of the memo program, fitted to what a cluster charges.
const (
	memoBaseUnits   = 1_300
	memoUnitsByte   = 130
	memoUnitsSigner = 12_000
)

// memo runs both versions of the Memo program: the text must be UTF-8, and in
// version 2 every account given must have signed.
func (v *invocation) memo() *ixError {
	units := uint64(memoBaseUnits + memoUnitsByte*len(v.data))
	if v.program == memoV2 {
		units += uint64(memoUnitsSigner * len(v.metas))
	}
	if err := v.use(units); err != nil {
		return err
	}
	missing := false
	if v.program == memoV2 {
		for i := range v.metas {
			if v.signed(i) {
				v.log("Signed by %s", v.key(i))
			} else {
				missing = true
			}
		}
	}
	if missing {
		return errMissingSignature
	}
	if !utf8.Valid(v.data) {
		v.log("Invalid UTF-8, from byte 0")
		return errInvalidData
	}
	if v.program == memoV2 {
		v.log("Memo (len %d): %q", len(v.data), v.data)
	}
	return nil
}
