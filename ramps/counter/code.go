package counter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"unicode"

	"github.com/openremit/remit"
)

// The form of a pickup code: letters and digits that do not look alike, the
// last of which checks the others.
const (
	// codeAlphabet has no 0 O 1 I L. Its length is a prime, so that the check
	// finds every single wrong character and every two that were exchanged.
	codeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	codeBody     = 9
	codeLength   = codeBody + 1
	// maxCodeText bounds what is read as a code, in bytes.
	maxCodeText = 64
	// minSecret is the least length of a coder's secret, in bytes.
	minSecret = 16
)

// Code is a pickup code in its one form: capitals, no spaces.
type Code string

// String writes the code in groups, as people read it: "7KQ-2M9-XD4H".
func (c Code) String() string {
	if len(c) != codeLength {
		return string(c)
	}
	return string(c[:3] + "-" + c[3:6] + "-" + c[6:])
}

// CodeHash is the keyed hash of a code, in hex: all of it that is stored.
type CodeHash string

// Coder derives codes and their hashes from one secret.
// Whoever holds the secret can derive a code again; nobody else can guess it.
type Coder struct{ secret []byte }

// NewCoder makes a coder. It errs when the secret is shorter than 16 bytes.
func NewCoder(secret []byte) (*Coder, error) {
	if len(secret) < minSecret {
		return nil, errors.New("pickup codes: the secret is shorter than 16 bytes")
	}
	return &Coder{secret: append([]byte(nil), secret...)}, nil
}

// Code derives the code that belongs to a seed, such as a remittance's id, and
// to no other.
func (c *Coder) Code(seed string) Code {
	code := make([]byte, 0, codeLength)
	for block := byte(0); len(code) < codeBody; block++ {
		for _, b := range c.mac("code", seed, block) {
			// Reject the uneven rest, so that every character is equally likely.
			if int(b) < 256/len(codeAlphabet)*len(codeAlphabet) && len(code) < codeBody {
				code = append(code, codeAlphabet[int(b)%len(codeAlphabet)])
			}
		}
	}
	return Code(append(code, checkCharacter(string(code))))
}

// Text derives the same code as people read it.
func (c *Coder) Text(seed string) string { return c.Code(seed).String() }

// Hash is what is stored of a code.
func (c *Coder) Hash(code Code) CodeHash {
	return CodeHash(hex.EncodeToString(c.mac("hash", string(code), 0)))
}

func (c *Coder) mac(use, text string, block byte) []byte {
	mac := hmac.New(sha256.New, c.secret)
	mac.Write([]byte("pickup/" + use + "\x00" + text + "\x00"))
	mac.Write([]byte{block})
	return mac.Sum(nil)
}

func checkCharacter(body string) byte {
	sum := 0
	for i := range len(body) {
		sum += (i + 1) * strings.IndexByte(codeAlphabet, body[i])
	}
	return codeAlphabet[sum%len(codeAlphabet)]
}

// ParseCode reads a code as people write it: in any case, with spaces, dashes
// and dots anywhere. Errors: invalid with ReasonCodeMalformed for field "code".
func ParseCode(text string) (Code, error) {
	refuse := func(format string, args ...any) (Code, error) {
		return "", remit.Invalid("code", remit.ReasonCodeMalformed, format, args...)
	}
	if len(text) > maxCodeText {
		return refuse("this is too long for a pickup code; it has %d letters and digits", codeLength)
	}
	code := make([]byte, 0, codeLength)
	for _, r := range strings.ToUpper(text) {
		switch {
		case unicode.IsSpace(r) || r == '-' || r == '.' || r == '\u2010' || r == '\u2011' || r == '\u2013':
		case r < unicode.MaxASCII && strings.IndexByte(codeAlphabet, byte(r)) >= 0:
			code = append(code, byte(r))
		case strings.ContainsRune("0O1IL", r):
			return refuse("pickup codes have no 0, O, 1, I or L; look at the code again")
		default:
			return refuse("a pickup code has letters and digits only; look at the code again")
		}
	}
	if len(code) != codeLength {
		return refuse("this has %d letters and digits; a pickup code has %d", len(code), codeLength)
	}
	if checkCharacter(string(code[:codeBody])) != code[codeBody] {
		return refuse("the code was misread or mistyped: its last character does not fit the others")
	}
	return Code(code), nil
}
