package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openremit/remit/api"
)

func TestIdentityProvider(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		given identityProvider
		want  string
	}{
		{"none", identityProvider{name: "x"}, ""},
		{"whole", identityProvider{issuer: "https://login.example.com", clientID: "remit", secretFile: secret}, ""},
		{"no client id", identityProvider{issuer: "https://login.example.com", secretFile: secret}, "--oidc-client-id is missing"},
		{"no secret", identityProvider{issuer: "https://login.example.com", clientID: "remit"}, "--oidc-client-secret-file is missing"},
		{"no such file", identityProvider{issuer: "https://login.example.com", clientID: "remit", secretFile: secret + "2"}, "cannot be read"},
		{"open wire", identityProvider{issuer: "http://login.example.com", clientID: "remit", secretFile: secret}, "https address"},
	} {
		got, err := c.given.options("http://localhost:8080")
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.given.issuer != "" && got != (api.OIDCOptions{
			Issuer: "https://login.example.com", ClientID: "remit", ClientSecret: "s3cret", RedirectURL: "http://localhost:8080/console/sign-in/provider/return",
		}):
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
