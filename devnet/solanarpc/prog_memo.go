package solanarpc

import (
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"
)

// Units of the memo program, fitted to what a cluster charges.
const (
	memoBaseUnits    = 250
	memoUnitsAccount = 240
	bytesPerMemoUnit = 3
)

// memo runs both versions of the Memo program: the text must be UTF-8, and in
// version 2 every account given must have signed.
func (v *invocation) memo() *ixError {
	if err := v.use(uint64(memoBaseUnits + len(v.data)/bytesPerMemoUnit + memoUnitsAccount*len(v.metas))); err != nil {
		return err
	}
	missing, signers := false, []solana.PublicKey{}
	if v.program == memoV2 {
		for i := range v.metas {
			if v.signed(i) {
				signers = append(signers, v.key(i))
			} else {
				missing = true
			}
		}
	}
	if len(signers) > 0 {
		v.log("Signed by:")
	}
	for _, k := range signers {
		v.log("%s", k)
	}
	if missing {
		return errMissingSignature
	}
	if !utf8.Valid(v.data) {
		v.log("Invalid UTF-8, from byte 0")
		if v.program == memoV2 {
			return errIncomplete // the current program panics
		}
		return errInvalidData
	}
	if v.program == memoV2 {
		v.log("Memo (len %d)", len(v.data))
		v.log("%s", v.data)
	}
	return nil
}
