package console_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/openremit/remit"
)

// issuer is an OpenID provider: discovery, keys, a page where people choose who
// they are, and the exchange of codes with PKCE. What it says can be bent.
type issuer struct {
	*httptest.Server
	t      *testing.T
	key    *rsa.PrivateKey
	secret string

	mu sync.Mutex
	// asked are the codes that were given out, with what they were asked for.
	asked map[string]asked
	// bend changes the claims of the next tokens.
	bend map[string]any
}

type asked struct{ challenge, nonce, email string }

var whoAreYou = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>Corporate login</title><main><h1>Corporate login</h1>
<form method="post">{{range $name, $value := .}}<input type="hidden" name="{{$name}}" value="{{index $value 0}}">{{end}}
<label for="user">Your address</label><input id="user" name="user" type="email"><button>Log in</button></form></main></html>`))

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, secret: rand.Text(), asked: make(map[string]asked)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.write(w, http.StatusOK, map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.write(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		if err := whoAreYou.Execute(w, r.URL.Query()); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		i.t.Error(err)
	}
}

// authorize sends whoever logged in back with a code.
func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	back, err := url.Parse(r.PostFormValue("redirect_uri"))
	if err != nil || r.PostFormValue("client_id") != "remit" || r.PostFormValue("response_type") != "code" || r.PostFormValue("code_challenge_method") != "S256" {
		http.Error(w, "this is no request of the gateway's", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	i.mu.Lock()
	i.asked[code] = asked{r.PostFormValue("code_challenge"), r.PostFormValue("nonce"), r.PostFormValue("user")}
	i.mu.Unlock()
	back.RawQuery = url.Values{"code": {code}, "state": {r.PostFormValue("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// token gives an identity for a code, once, and to who began.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	user, secret, _ := r.BasicAuth()
	a, known := i.asked[r.FormValue("code")]
	delete(i.asked, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || user != "remit" || secret != i.secret || a.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		i.write(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	now := remit.SystemClock{}.Now()
	claims := map[string]any{
		"iss": i.URL, "aud": "remit", "sub": a.email, "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": a.nonce,
		"email": a.email, "email_verified": true,
	}
	for name, value := range i.bend {
		claims[name] = value
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.key}, (&jose.SignerOptions{}).WithHeader("kid", "one"))
	if err != nil {
		i.t.Error(err)
		return
	}
	body, err := json.Marshal(claims)
	if err != nil {
		i.t.Error(err)
		return
	}
	signed, err := signer.Sign(body)
	if err != nil {
		i.t.Error(err)
		return
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		i.t.Error(err)
		return
	}
	i.write(w, http.StatusOK, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "id_token": text})
}

// says makes the next identities say something else.
func (i *issuer) says(claims map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.bend = claims
}
