package compliance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

func TestRolePermissions(t *testing.T) {
	t.Parallel()
	writes := []compliance.Permission{
		compliance.PermitCasesWork, compliance.PermitCasesDecide, compliance.PermitCasesBlock,
		compliance.PermitStaffManage, compliance.PermitListsUpdate, compliance.PermitAgentsSuspend, compliance.PermitFloatsManage,
	}
	for role, want := range map[compliance.Role]string{
		compliance.RoleAnalyst: "session read cases.read cases.work",
		compliance.RoleOfficer: "session read cases.read cases.work cases.decide",
		compliance.RoleMLRO:    "session read cases.read cases.work cases.decide cases.block audit.read staff.manage lists.update",
		compliance.RoleAuditor: "session read cases.read audit.read agents.read",
		// The treasury moves cash and reads nobody's data.
		compliance.RoleTreasurer: "session agents.read agents.suspend floats.manage",

		compliance.RoleTeller:     "session counter",
		compliance.RoleManager:    "session counter",
		compliance.RoleAgentAdmin: "session counter",
		"boss":                    "",
		"":                        "",
	} {
		var got []string
		for _, p := range role.Permissions() {
			got = append(got, string(p))
			if role == compliance.RoleAuditor && slices.Contains(writes, p) {
				t.Errorf("an auditor may %s", p)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", role, got, want)
		}
	}
	s := compliance.Session{Staff: compliance.Staff{Role: compliance.RoleMLRO, MustChangePassword: true}}
	if got := s.Permissions(); !slices.Equal(got, []compliance.Permission{compliance.PermitSession}) {
		t.Errorf("before the password is changed: got %v", got)
	}
}

func TestSessionOver(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	s := compliance.Session{StartedAt: start, SeenAt: start, ExpiresAt: start.Add(compliance.SessionLife)}
	for _, c := range []struct {
		seen, now time.Duration
		want      bool
	}{
		{0, 0, false}, {0, 30*time.Minute - 1, false}, {0, 30 * time.Minute, true},
		{11*time.Hour + 45*time.Minute, 12*time.Hour - 1, false}, {11*time.Hour + 59*time.Minute, 12 * time.Hour, true},
	} {
		s.SeenAt = start.Add(c.seen)
		if got := s.Over(start.Add(c.now)); got != c.want {
			t.Errorf("seen after %s, now %s: got %v, want %v", c.seen, c.now, got, c.want)
		}
	}
}

func TestLockGrowsAndIsBounded(t *testing.T) {
	t.Parallel()
	for tries, want := range map[int]time.Duration{
		0: 0, 1: 0, 4: 0, 5: 30 * time.Second, 6: time.Minute, 7: 2 * time.Minute, 9: 8 * time.Minute,
		10: 15 * time.Minute, 11: 15 * time.Minute, 1_000_000_000: 15 * time.Minute,
	} {
		if got := compliance.LockFor(tries); got != want {
			t.Errorf("after %d tries: got %s, want %s", tries, got, want)
		}
	}
}

var cheap = compliance.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}

func TestPasswordHash(t *testing.T) {
	t.Parallel()
	stored := compliance.HashPassword("a fine long pässword", cheap)
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("got %s", stored)
	}
	for password, want := range map[string]bool{
		"a fine long pässword": true, "a fine long pa\u0308ssword": true, "a fine long password": false, "": false, "A fine long pässword": false,
	} {
		if got, err := compliance.CheckPassword(stored, password); err != nil || got != want {
			t.Errorf("%q: got %v and %v, want %v", password, got, err, want)
		}
	}
	if first, second := compliance.HashPassword("x", cheap), compliance.HashPassword("x", cheap); first == second {
		t.Error("two hashes have one salt")
	}
	for _, bad := range []string{
		"", "x", "$argon2id$v=19$m=64,t=1,p=1$$", "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		strings.Replace(stored, "m=64", "m=4294967295", 1), strings.Replace(stored, "t=1", "t=0", 1), strings.Replace(stored, "p=1", "p=0", 1),
		strings.Replace(stored, "v=19", "v=16", 1),
	} {
		if ok, err := compliance.CheckPassword(bad, "x"); ok || remit.KindOf(err) != remit.KindInternal {
			t.Errorf("%q: got %v and %v", bad, ok, err)
		}
	}
}

func FuzzPasswordHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, stored string) {
		if strings.Contains(stored, "m=") && !strings.Contains(stored, "m=64,t=1,") {
			return // Not to fill the machine's memory.
		}
		if ok, _ := compliance.CheckPassword(stored, "no such password, surely"); ok {
			t.Errorf("%q takes any password", stored)
		}
	})
}

func TestNewPasswords(t *testing.T) {
	t.Parallel()
	for _, weak := range []string{
		"", "short", "elevenchars", "password1234", "Password!2026", "P@ssw0rd!2026", "passwordpassword", "123456789012", "qwertyuiop12",
		"aaaaaaaaaaaaaaa", "abababababab", "abcdefghijkl", "1qaz2wsx3edc", "zyxwvutsrqpo", "remittance2026", "Compliance123!",
		"maria.reyes12", "MariaReyes2026", strings.Repeat("long ", 41), "correct horse battery staple", "welcome12345",
	} {
		err := compliance.CheckNewPassword(weak, "maria.reyes@bayan.example", "Maria Reyes")
		if remit.ReasonOf(err) != remit.ReasonPasswordWeak {
			t.Errorf("%q was taken: %v", weak, err)
		}
	}
	for _, good := range []string{"tall lamp of the quiet fjord", "Zk7#pTm2!vQx9", "mañana bailamos con gaitas", "maria reyes drinks cold barako at dawn", compliance.NewOneTimePassword()} {
		if err := compliance.CheckNewPassword(good, "maria.reyes@bayan.example", "Maria Reyes"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

// TestTOTPVectors are those of RFC 6238, appendix B, the last six digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := compliance.TOTPCode(secret, compliance.TOTPStep(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: got %s, want %s", at, got, want)
		}
	}
}

func TestTOTPSteps(t *testing.T) {
	t.Parallel()
	secret, now := []byte("12345678901234567890"), time.Unix(1_795_000_000, 0)
	present := compliance.TOTPStep(now)
	for _, c := range []struct {
		name       string
		step, last int64
		want       bool
	}{
		{"now", present, 0, true}, {"one early", present - 1, 0, true}, {"one late", present + 1, 0, true},
		{"two early", present - 2, 0, false}, {"two late", present + 2, 0, false},
		{"used", present, present, false}, {"before the used one", present - 1, present, false}, {"after the used one", present + 1, present, true},
	} {
		step, ok := compliance.CheckTOTP(secret, compliance.TOTPCode(secret, c.step), now, c.last)
		if ok != c.want || ok && step != c.step {
			t.Errorf("%s: got %d and %v", c.name, step-present, ok)
		}
	}
	if _, ok := compliance.CheckTOTP(secret, "", now, 0); ok {
		t.Error("no code is a code")
	}
	uri := compliance.TOTPURI(secret, "Remit Bank", "a+b@x.example")
	if want := "otpauth://totp/Remit%20Bank:a+b@x.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Remit%20Bank&algorithm=SHA1&digits=6&period=30"; uri != want {
		t.Errorf("got %s", uri)
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	codes := compliance.NewRecoveryCodes()
	seen := make(map[string]bool)
	for _, c := range codes {
		if _, digits := compliance.LooksLikeTOTP(c); len(c) != 19 || seen[c] || digits {
			t.Errorf("got %q", c)
		}
		seen[c] = true
	}
	if len(codes) != 10 {
		t.Errorf("got %d codes", len(codes))
	}
	if compliance.RecoveryHash("stf_1", "ABCD-efgh 2345") != compliance.RecoveryHash("stf_1", "abcdefgh2345") {
		t.Error("the way of typing matters")
	}
	if compliance.RecoveryHash("stf_1", "abcd") == compliance.RecoveryHash("stf_2", "abcd") {
		t.Error("two people share a hash")
	}
}
