package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

func TestCode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"code", "--data", dir}, &out, &errOut); code == 0 || !strings.Contains(errOut.String(), "secrets.json") {
		t.Errorf("in an empty folder: exit %d, %s", code, &errOut)
	}
	s, err := loadSecrets(filepath.Join(dir, "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	officer := s.demoStaff()[1]
	before := compliance.TOTPStep(remit.SystemClock{}.Now())
	out.Reset()
	if code := run(t.Context(), []string{"code", officer.Email, "--data", dir}, &out, &errOut); code != 0 {
		t.Fatalf("exit %d, %s", code, &errOut)
	}
	// The code is of the step in which it was asked for, or of the next.
	right := strings.Contains(out.String(), compliance.TOTPCode(officer.secret, before)) || strings.Contains(out.String(), compliance.TOTPCode(officer.secret, before+1))
	if !right || !strings.Contains(out.String(), officer.Password) || strings.Contains(out.String(), "mlro@") {
		t.Errorf("shown: %s", &out)
	}
	if code := run(t.Context(), []string{"code", "nobody@demo.example", "--data", dir}, &out, &errOut); code == 0 || !strings.Contains(errOut.String(), "nobody@demo.example") {
		t.Errorf("for a stranger: exit %d, %s", code, &errOut)
	}
}
