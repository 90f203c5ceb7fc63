package compliance

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238's own hash, which authenticator apps know; HMAC-SHA-1 is not broken
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The parameters of codes, those that every authenticator app knows.
const (
	totpStep       = 30 * time.Second
	totpDigits     = 6
	totpModulus    = 1_000_000
	totpSecretSize = 20
	// totpDrift is how many steps a clock may be off, to either side.
	totpDrift = 1
)

// NewTOTPSecret makes the shared secret of an authenticator.
func NewTOTPSecret() []byte {
	secret := make([]byte, totpSecretSize)
	if _, err := rand.Read(secret); err != nil {
		panic(err) // crypto/rand never errs on a working machine (Go 1.24).
	}
	return secret
}

// TOTPCode returns the code of a time step (RFC 6238, SHA-1, 6 digits).
func TOTPCode(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, secret)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[offset:offset+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%totpModulus)
}

// TOTPStep returns the time step of a moment.
func TOTPStep(at time.Time) int64 { return at.Unix() / int64(totpStep/time.Second) }

// CheckTOTP returns the time step whose code was given, of those after the last
// one used and at most one step off; false when there is none. Each step is
// compared in constant time, and all of them always.
func CheckTOTP(secret []byte, code string, now time.Time, lastStep int64) (step int64, ok bool) {
	present := TOTPStep(now)
	for s := present - totpDrift; s <= present+totpDrift; s++ {
		same := subtle.ConstantTimeCompare([]byte(TOTPCode(secret, s)), []byte(code)) == 1
		if same && s > lastStep && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// TOTPSecretText is the secret as a person types it: base32 without padding.
func TOTPSecretText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// TOTPURI is what an authenticator app reads from a QR code.
func TOTPURI(secret []byte, issuer, account string) string {
	// Written by hand: apps want %20 for a space, where url.Values writes +.
	return fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
		url.PathEscape(issuer), url.PathEscape(account), TOTPSecretText(secret), url.PathEscape(issuer), totpDigits, int(totpStep/time.Second))
}

// LooksLikeTOTP reports whether a text has the form of a code, spaces aside;
// what has not is taken for a recovery code.
func LooksLikeTOTP(code string) (digits string, ok bool) {
	digits = strings.ReplaceAll(code, " ", "")
	if len(digits) != totpDigits {
		return "", false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return "", false
		}
	}
	return digits, true
}

// recoveryCodes is how many codes a person gets with an authenticator.
const recoveryCodes = 10

// NewRecoveryCodes makes the codes that stand in for a lost authenticator, each
// once: 16 characters, 79 bits.
func NewRecoveryCodes() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = randomGroups(4, 4)
	}
	return codes
}

// RecoveryHash is what is stored of a person's recovery code, however it is typed.
func RecoveryHash(staff, code string) [32]byte {
	plain := strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	return sha256.Sum256([]byte("remit recovery code\x00" + staff + "\x00" + plain))
}
