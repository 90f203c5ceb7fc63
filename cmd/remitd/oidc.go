package main

import (
	"net/url"
	"os"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// providerReturn is the page that an identity provider sends people back to.
const providerReturn = "/console/sign-in/provider/return"

// identityProvider says where staff sign in beside a password or a passkey.
type identityProvider struct{ issuer, clientID, secretFile, name string }

// options returns what the API is to know of the provider; nothing when none is
// given. Errors: invalid, for a flag that is missing or wrong.
func (p identityProvider) options(origin string) (api.OIDCOptions, error) {
	if p.issuer == "" && p.clientID == "" && p.secretFile == "" {
		return api.OIDCOptions{}, nil
	}
	for flag, value := range map[string]string{"oidc-issuer": p.issuer, "oidc-client-id": p.clientID, "oidc-client-secret-file": p.secretFile} {
		if value == "" {
			return api.OIDCOptions{}, remit.Invalid(flag, remit.ReasonFieldRequired,
				"--%s is missing: give --oidc-issuer, --oidc-client-id and --oidc-client-secret-file together, or none of them", flag)
		}
	}
	if u, err := url.Parse(p.issuer); err != nil || u.Host == "" || (u.Scheme != "https" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1") {
		return api.OIDCOptions{}, remit.Invalid("oidc-issuer", remit.ReasonFieldInvalid, "--oidc-issuer is an https address, such as https://login.example.com")
	}
	secret, err := os.ReadFile(p.secretFile)
	if err != nil {
		return api.OIDCOptions{}, remit.Invalid("oidc-client-secret-file", remit.ReasonFieldInvalid, "--oidc-client-secret-file cannot be read: %v", err)
	}
	return api.OIDCOptions{
		Issuer: p.issuer, ClientID: p.clientID, ClientSecret: strings.TrimSpace(string(secret)), RedirectURL: origin + providerReturn,
	}, nil
}
