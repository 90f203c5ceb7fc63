package compliance

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/openremit/remit"
)

// PasswordCost is what hashing a password takes: it is stored with each hash,
// so that raising it leaves the old ones good.
type PasswordCost struct {
	// MemoryKiB is the memory in KiB, Passes how often it is gone through, Lanes
	// how many threads share it.
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultPasswordCost is 64 MiB gone through three times.
var DefaultPasswordCost = PasswordCost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 1}

// The bounds of stored costs: a tampered hash must not exhaust memory.
const (
	maxPasswordMemoryKiB = 1 << 20
	maxPasswordPasses    = 32
	passwordSaltSize     = 16
	passwordHashSize     = 32
)

// HashPassword returns the argon2id hash of a password in the PHC form, with
// its cost and a fresh salt.
func HashPassword(password string, c PasswordCost) string {
	salt := make([]byte, passwordSaltSize)
	if _, err := rand.Read(salt); err != nil {
		panic(err) // crypto/rand never errs on a working machine (Go 1.24).
	}
	sum := argon2.IDKey(passwordBytes(password), salt, c.Passes, c.MemoryKiB, c.Lanes, passwordHashSize)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes, encode(salt), encode(sum))
}

// CheckPassword reports whether a password has the stored hash, in the same
// time whichever byte differs. Errors: internal when the stored hash is malformed.
func CheckPassword(stored, password string) (bool, error) {
	c, salt, want, err := parsePasswordHash(stored)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey(passwordBytes(password), salt, c.Passes, c.MemoryKiB, c.Lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func parsePasswordHash(stored string) (c PasswordCost, salt, sum []byte, err error) {
	malformed := remit.Errorf(remit.KindInternal, remit.ReasonInternal, "the stored password hash is malformed")
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, malformed
	}
	version := 0
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, malformed
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return c, nil, nil, malformed
	}
	if c.MemoryKiB == 0 || c.MemoryKiB > maxPasswordMemoryKiB || c.Passes == 0 || c.Passes > maxPasswordPasses || c.Lanes == 0 {
		return c, nil, nil, malformed
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	sum, sumErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || len(salt) < 8 || len(salt) > 64 || len(sum) < 16 || len(sum) > 64 {
		return c, nil, nil, malformed
	}
	return c, salt, sum, nil
}

// passwordBytes writes a password in one form, whichever keyboard typed it.
func passwordBytes(password string) []byte { return []byte(norm.NFKC.String(password)) }

// The lengths of passwords, in characters.
const (
	MinPassword = 12
	MaxPassword = 200
)

// CheckNewPassword says whether a password may be taken: long enough, and not
// one that is tried first. about lists words that belong to the person, such as
// the address. Errors: invalid with ReasonPasswordWeak for the field next.
func CheckNewPassword(password string, about ...string) error {
	weak := func(format string, args ...any) error {
		return remit.Invalid("next", remit.ReasonPasswordWeak, format, args...)
	}
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword {
		return weak("a password has %d to %d characters; several words make a good one", MinPassword, MaxPassword)
	}
	plain := strings.ToLower(norm.NFKC.String(password))
	distinct := make(map[rune]bool)
	for _, r := range plain {
		distinct[r] = true
	}
	if len(distinct) < 6 || runs(plain) {
		return weak("this password is a repetition or a row of keys; write several words")
	}
	core := coreOf(plain)
	if slices.Contains(commonPasswords, core) {
		return weak("this password is among those that are tried first; write several words")
	}
	rest := plain
	for _, word := range about {
		for part := range strings.FieldsFuncSeq(strings.ToLower(word), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if len(part) >= 3 {
				rest = strings.ReplaceAll(rest, part, "")
			}
		}
	}
	if utf8.RuneCountInString(rest) < MinPassword-4 && rest != plain {
		return weak("this password is little more than your name or address; write several words")
	}
	return nil
}

// keyRows are what fingers run along.
var keyRows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm", "azertyuiopqsdfghjklmwxcvbn",
}

// runs reports whether a text follows a row of keys, forth or back, but for at
// most three characters.
func runs(text string) bool {
	const rest = 3
	for _, row := range keyRows {
		back := []rune(row)
		slices.Reverse(back)
		for _, r := range []string{row, string(back)} {
			for size := len(text) - rest; size <= len(text); size++ {
				for start := 0; start+size <= len(text); start++ {
					if strings.Contains(r+r, text[start:start+size]) {
						return true
					}
				}
			}
		}
	}
	return false
}

// coreOf leaves the letters of a password, with digits that stand for letters
// read as such, and a repetition once.
func coreOf(plain string) string {
	trimmed := strings.TrimRightFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) })
	trimmed = strings.TrimLeftFunc(trimmed, func(r rune) bool { return !unicode.IsLetter(r) })
	read := strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "!", "i").Replace(trimmed)
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, read)
	for n := 1; n <= len(letters)/2; n++ {
		if len(letters)%n == 0 && strings.Repeat(letters[:n], len(letters)/n) == letters {
			return letters[:n]
		}
	}
	return letters
}

// commonPasswords are the letters of what lists of leaked passwords start with,
// and of what a person of this trade would write first.
var commonPasswords = strings.Fields(`
	password passwort passw passwd passphrase secret mysecret letmein letmeinnow welcome welcomeback iloveyou iloveyousomuch
	admin administrator root superuser user login guest test testing testtest tester changeme changemenow changethis default
	qwerty qwertyuiop azerty asdfgh asdfghjkl zxcvbn zxcvbnm abc abcd abcdef trustno trustnoi monkey dragon master sunshine
	princess football baseball basketball superman batman starwars pokemon shadow michael jennifer jordan ashley charlie
	liverpool chelsea arsenal manchester barcelona realmadrid computer internet whatever freedom summer winter spring autumn
	january february march april june july august september october november december monday tuesday wednesday thursday
	friday saturday sunday money moneymoney remit openremit remittance remittances compliance officer analyst auditor mlro
	thisismypassword mypassword newpassword oldpassword passwordpassword mynewpassword temporarypassword temporary temppassword
	correcthorsebatterystaple companypassword bankpassword adminpassword adminadmin useruser rootroot welcometo
	ilovemyfamily ilovejesus jesuschrist godisgood inshallah bismillah mabuhay philippines colombia mexico nigeria
`)

// oneTimeAlphabet has no characters that look alike.
const oneTimeAlphabet = "23456789abcdefghjkmnpqrstuvwxyz"

// NewOneTimePassword makes the password of a first sign-in: 20 characters in
// groups of five, 99 bits.
func NewOneTimePassword() string { return randomGroups(4, 5) }

// randomGroups writes random characters in groups.
func randomGroups(groups, size int) string {
	var b strings.Builder
	for i := range groups {
		if i > 0 {
			b.WriteByte('-')
		}
		for written := 0; written < size; {
			var one [1]byte
			if _, err := rand.Read(one[:]); err != nil {
				panic(err) // crypto/rand never errs on a working machine (Go 1.24).
			}
			// The uneven rest is dropped, so that every character is equally likely.
			if n := int(one[0]); n < 256/len(oneTimeAlphabet)*len(oneTimeAlphabet) {
				b.WriteByte(oneTimeAlphabet[n%len(oneTimeAlphabet)])
				written++
			}
		}
	}
	return b.String()
}
