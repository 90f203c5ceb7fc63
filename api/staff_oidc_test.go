package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// issuer is a small OpenID provider with keys of its own. It checks PKCE and
// gives each code out for one exchange.
type issuer struct {
	*httptest.Server
	t   *testing.T
	key *rsa.PrivateKey

	mu sync.Mutex
	// codes are the challenges and nonces of the codes that were given out.
	codes map[string][2]string
	// claim changes the claims of the next token, sign the key that signs it.
	claim map[string]any
	sign  *rsa.PrivateKey
	down  bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	i := &issuer{t: t, key: key, sign: key, codes: make(map[string][2]string)}
	mux := http.NewServeMux()
	write := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		user, secret, _ := r.BasicAuth()
		given, known := i.codes[r.FormValue("code")]
		delete(i.codes, r.FormValue("code"))
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		switch {
		case i.down:
			w.WriteHeader(http.StatusBadGateway)
		case !known || user != "remit" || secret != "s3cret" || given[0] != base64.RawURLEncoding.EncodeToString(sum[:]):
			w.WriteHeader(http.StatusBadRequest)
			write(w, map[string]string{"error": "invalid_grant"})
		default:
			write(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": i.token(given[1])})
		}
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// token signs an identity.
func (i *issuer) token(nonce string) string {
	claims := map[string]any{
		"iss": i.URL, "aud": "remit", "sub": "1", "exp": noon.Add(time.Hour).Unix(), "iat": noon.Unix(), "nonce": nonce,
		"email": "olive@one.example", "email_verified": true,
	}
	for name, value := range i.claim {
		claims[name] = value
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.sign}, (&jose.SignerOptions{}).WithHeader("kid", "one"))
	must(i.t, err)
	body, err := json.Marshal(claims)
	must(i.t, err)
	signed, err := signer.Sign(body)
	must(i.t, err)
	text, err := signed.CompactSerialize()
	must(i.t, err)
	return text
}

// lie makes the next tokens say something else, or be signed by another key.
func (i *issuer) lie(claim map[string]any, sign *rsa.PrivateKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claim, i.sign = claim, i.key
	if sign != nil {
		i.sign = sign
	}
}

// visit is the browser at the provider: it follows the address and comes back
// with a code.
func (i *issuer) visit(address string) (code, state string) {
	i.t.Helper()
	u, err := url.Parse(address)
	must(i.t, err)
	q := u.Query()
	if !strings.HasPrefix(address, i.URL+"/authorize?") || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" ||
		q.Get("client_id") != "remit" || q.Get("redirect_uri") != deskOrigin+"/oidc" || len(q.Get("nonce")) < 20 || len(q.Get("state")) < 20 {
		i.t.Errorf("got %s", address)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	code = rand.Text()
	i.codes[code] = [2]string{q.Get("code_challenge"), q.Get("nonce")}
	return code, q.Get("state")
}

func TestOIDC(t *testing.T) {
	t.Parallel()
	idp := newIssuer(t)
	g := setup(t, func(o *api.Options) {
		cheap(o)
		o.Staff.OIDC = api.OIDCOptions{Issuer: idp.URL, ClientID: "remit", ClientSecret: "s3cret", RedirectURL: deskOrigin + "/oidc"}
	})
	olive := g.hire(tenantOne, "Olive", compliance.RoleOfficer)
	gone := g.hire(tenantOne, "Gone", compliance.RoleOfficer)
	yes := true
	_, err := g.store.ChangeStaff(t.Context(), tenantOne, gone.ID, api.StaffChange{Suspended: &yes})
	must(t, err)
	begin := func() *v1.CompleteOIDCSignInRequest {
		t.Helper()
		begun, err := g.staffClient().BeginOIDCSignIn(t.Context(), &v1.BeginOIDCSignInRequest{})
		must(t, err)
		req := &v1.CompleteOIDCSignInRequest{Challenge: begun.GetChallenge()}
		req.Code, req.State = idp.visit(begun.GetUrl())
		return req
	}
	complete := func(req *v1.CompleteOIDCSignInRequest) (*v1.CompleteOIDCSignInResponse, error) {
		return g.staffClient().CompleteOIDCSignIn(t.Context(), req)
	}
	first := begin()
	resp, err := complete(first)
	must(t, err)
	if resp.GetSession().GetStaff().GetId() != string(olive.ID) {
		t.Errorf("got %v", resp)
	}
	g.callAs(resp.GetToken(), "", "GET", "/v1/cases", "").ok(t)
	// Who has no authenticator cannot bring one with a password that is in use.
	plain, err := g.store.CreateStaff(t.Context(), api.NewStaff{
		ID: remit.NewID[remit.StaffID](remit.PrefixStaff, g.clock.Now()), TenantID: tenantOne, Name: "Plain", Email: "plain@one.example",
		Role: compliance.RoleAnalyst, PasswordHash: compliance.HashPassword(goodPassword, cheapHash),
	})
	must(t, err)
	_, err = g.staffClient().SignIn(t.Context(), &v1.SignInRequest{Email: plain.Email, Password: goodPassword})
	wantReason(t, err, remit.ReasonSignInRefused)
	_, err = complete(first)
	wantReason(t, err, remit.ReasonSignInRefused)

	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	for name, change := range map[string]func(req *v1.CompleteOIDCSignInRequest){
		"other state":           func(req *v1.CompleteOIDCSignInRequest) { req.State = "x" },
		"other code":            func(req *v1.CompleteOIDCSignInRequest) { req.Code = "x" },
		"other challenge":       func(req *v1.CompleteOIDCSignInRequest) { req.Challenge = "x" },
		"somebody else's round": func(req *v1.CompleteOIDCSignInRequest) { req.Code = begin().GetCode() },
		"lapsed":                func(*v1.CompleteOIDCSignInRequest) { g.clock.Advance(compliance.ChallengeLife) },
		"address not verified":  func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"email_verified": false}, nil) },
		"verified is absent":    func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"email_verified": nil}, nil) },
		"no address":            func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"email": ""}, nil) },
		"unknown address":       func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"email": "nobody@one.example"}, nil) },
		"suspended":             func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"email": gone.Email}, nil) },
		"other nonce":           func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"nonce": "x"}, nil) },
		"other audience":        func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"aud": "other"}, nil) },
		"other issuer":          func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"iss": "https://evil.example"}, nil) },
		"expired":               func(*v1.CompleteOIDCSignInRequest) { idp.lie(map[string]any{"exp": noon.Add(-time.Hour).Unix()}, nil) },
		"other key":             func(*v1.CompleteOIDCSignInRequest) { idp.lie(nil, other) },
	} {
		req := begin()
		change(req)
		if _, err := complete(req); reasonOf(err) != "SIGN_IN_REFUSED" || status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: got %v", name, err)
		}
		idp.lie(nil, nil)
	}
	req := begin()
	idp.mu.Lock()
	idp.down = true
	idp.mu.Unlock()
	if _, err := complete(req); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

// TestOIDCProviderIsDown: the gateway starts, and other ways in still work.
func TestOIDCProviderIsDown(t *testing.T) {
	t.Parallel()
	idp := newIssuer(t)
	idp.Close()
	g := setup(t, func(o *api.Options) {
		cheap(o)
		o.Staff.OIDC = api.OIDCOptions{Issuer: idp.URL, ClientID: "remit", RedirectURL: deskOrigin + "/oidc"}
	})
	_, err := g.staffClient().BeginOIDCSignIn(t.Context(), &v1.BeginOIDCSignInRequest{})
	if status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	g.signIn(g.hire(tenantOne, "Olive", compliance.RoleOfficer))
}
