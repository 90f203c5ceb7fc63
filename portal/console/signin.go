package console

import (
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// signInData is what the two steps of signing in show.
type signInData struct {
	Next, Email, Provider string
	Problem               *portal.Problem
	// Of the second step.
	Challenge   string
	Secret, URI string
	QR          template.HTML
	// Codes are the recovery codes, shown once.
	Codes []string
}

func (c *Console) signInPage(v *visit) error {
	data := signInData{Next: safeNext(v.r.URL.Query().Get("next")), Provider: c.provider}
	page := c.narrow(v, "Sign in", data)
	if v.r.URL.Query().Get("done") == "signed-out" {
		page.Notice = &portal.Notice{Tone: portal.ToneGood, Text: "You are signed out."}
	}
	return c.show(v, http.StatusOK, "signin.html", page)
}

func (c *Console) narrow(v *visit, title string, data any) portal.Page {
	page := c.page(v, title, data)
	page.Narrow = true
	if v.r.Method != http.MethodGet {
		page.Path = home + "/sign-in"
	}
	return page
}

// refusal answers a form of signing in that was refused; what is no refusal
// goes on as an error.
func refusal(err error, requestID string) (*portal.Problem, error) {
	switch portal.KindOf(err) {
	case remit.KindInvalid, remit.KindUnauthenticated, remit.KindForbidden, remit.KindPrecondition, remit.KindLimited, remit.KindNotFound, remit.KindConflict:
		p := portal.ProblemOf(err, requestID)
		return &p, nil
	default:
		return nil, err
	}
}

// signIn checks the password and asks for the second factor.
func (c *Console) signIn(v *visit) error {
	data := signInData{Next: safeNext(v.r.PostFormValue("next")), Email: strings.TrimSpace(v.r.PostFormValue("email")), Provider: c.provider}
	answer, err := c.staff.SignIn(v.read(), &v1.SignInRequest{
		Email: data.Email, Password: v.r.PostFormValue("password"), Client: portal.ClientAddress(v.r),
	})
	if err != nil {
		if data.Problem, err = refusal(err, v.caller.RequestID); err != nil {
			return err
		}
		if data.Problem.Reason == string(remit.ReasonFieldRequired) || data.Problem.Reason == string(remit.ReasonFieldInvalid) {
			data.Problem.Detail = "Write your e-mail address and your password."
		}
		return c.show(v, data.Problem.Status, "signin.html", c.narrow(v, "Sign in", data))
	}
	data.Challenge = answer.GetChallenge()
	data.Secret, data.URI = answer.GetEnrollment().GetSecret(), answer.GetEnrollment().GetUri()
	return c.codePage(v, http.StatusOK, data)
}

func (c *Console) codePage(v *visit, status int, data signInData) error {
	if data.URI != "" {
		var err error
		if data.QR, err = portal.QRCode(data.URI, "QR code to set up the authenticator app; the key below it is the same to type in"); err != nil {
			return err
		}
	}
	return c.show(v, status, "code.html", c.narrow(v, "Confirm that it is you", data))
}

// signInCode checks the second factor and opens the session.
func (c *Console) signInCode(v *visit) error {
	data := signInData{
		Next: safeNext(v.r.PostFormValue("next")), Challenge: v.r.PostFormValue("challenge"),
		Secret: v.r.PostFormValue("secret"), URI: v.r.PostFormValue("uri"),
	}
	answer, err := c.staff.CompleteSignIn(v.read(), &v1.CompleteSignInRequest{
		Challenge: data.Challenge, Code: strings.Join(strings.Fields(v.r.PostFormValue("code")), ""),
		Client: portal.ClientAddress(v.r),
	})
	if err != nil {
		if data.Problem, err = refusal(err, v.caller.RequestID); err != nil {
			return err
		}
		return c.codePage(v, data.Problem.Status, data)
	}
	c.remember(v, answer.GetToken())
	if codes := answer.GetRecoveryCodes(); len(codes) > 0 {
		data.Codes = codes
		return c.show(v, http.StatusOK, "recovery.html", c.narrow(v, "Keep your recovery codes", data))
	}
	return v.redirect(data.Next, "")
}

// signOut ends the session, here and in the API.
func (c *Console) signOut(v *visit) error {
	if _, err := c.staff.SignOut(v.act(), &v1.SignOutRequest{}); err != nil {
		return err
	}
	c.forget(v)
	return v.redirect(home+"/sign-in", "signed-out")
}

// passkeyAnswer is what the script sends back from the browser.
type passkeyAnswer struct {
	Name      string `json:"name"`
	Challenge string `json:"challenge"`
	Response  string `json:"response"`
	Next      string `json:"next"`
}

func readPasskey(v *visit) (passkeyAnswer, error) {
	var a passkeyAnswer
	if err := json.NewDecoder(v.r.Body).Decode(&a); err != nil {
		return a, portal.Problem{Status: http.StatusBadRequest, Title: "That cannot be read", Reason: string(remit.ReasonBodyMalformed), Detail: "The browser's answer cannot be read.", RequestID: v.caller.RequestID}
	}
	return a, nil
}

// told answers the script with what went wrong, in a sentence.
func (v *visit) told(err error) error {
	p := portal.ProblemOf(err, v.caller.RequestID)
	return sendJSON(v.w, p.Status, map[string]string{"message": p.Detail + " Quote " + p.RequestID + " when you ask about it."})
}

func (c *Console) passkeySignIn(v *visit) error {
	answer, err := c.staff.BeginPasskeySignIn(v.read(), &v1.BeginPasskeySignInRequest{Client: portal.ClientAddress(v.r)})
	if err != nil {
		return v.told(err)
	}
	return sendJSON(v.w, http.StatusOK, map[string]string{"challenge": answer.GetChallenge(), "options": answer.GetOptionsJson()})
}

func (c *Console) passkeySignInComplete(v *visit) error {
	a, err := readPasskey(v)
	if err != nil {
		return v.told(err)
	}
	answer, err := c.staff.CompletePasskeySignIn(v.read(), &v1.CompletePasskeySignInRequest{
		Challenge: a.Challenge, ResponseJson: a.Response, Client: portal.ClientAddress(v.r),
	})
	if err != nil {
		return v.told(err)
	}
	c.remember(v, answer.GetToken())
	return sendJSON(v.w, http.StatusOK, map[string]string{"next": safeNext(a.Next)})
}

// providerSignIn leads to the identity provider. What it must send back, and
// where to go then, are kept in a cookie that, unlike the session's, comes along
// from another site.
func (c *Console) providerSignIn(v *visit) error {
	answer, err := c.staff.BeginOIDCSignIn(v.read(), &v1.BeginOIDCSignInRequest{Client: portal.ClientAddress(v.r)})
	if err != nil {
		return err
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: providerCookie, Value: providerState(answer.GetChallenge(), safeNext(v.r.URL.Query().Get("next"))), Path: home + "/sign-in", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: portal.Secured(v.r), MaxAge: int(providerAge.Seconds()),
	})
	http.Redirect(v.w, v.r, answer.GetUrl(), http.StatusSeeOther)
	return nil
}

// providerState writes a challenge and the page to go to as the value of a cookie.
func providerState(challenge, next string) string {
	return challenge + "/" + base64.RawURLEncoding.EncodeToString([]byte(next))
}

// readProviderState reads it. Cookies can be made by others: the page is one of
// the console's, whatever is in it.
func readProviderState(value string) (challenge, next string) {
	challenge, encoded, _ := strings.Cut(value, "/")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		text = nil
	}
	return challenge, safeNext(string(text))
}

// providerReturn is where the identity provider sends the browser back to. The
// session's cookie is only sent by pages of ours, so it answers a page that
// leads on instead of a redirect, which would still count as the provider's.
func (c *Console) providerReturn(v *visit) error {
	query := v.r.URL.Query()
	cookie, err := v.r.Cookie(providerCookie)
	if err != nil || query.Get("code") == "" {
		return portal.Problem{
			Status: http.StatusBadRequest, Title: "Signing in was broken off", Reason: string(remit.ReasonSignInRefused), RequestID: v.caller.RequestID,
			Detail: "The identity provider sent nothing that belongs to a sign-in begun here in the last ten minutes. Begin again.",
		}
	}
	challenge, next := readProviderState(cookie.Value)
	answer, err := c.staff.CompleteOIDCSignIn(v.read(), &v1.CompleteOIDCSignInRequest{
		Challenge: challenge, State: query.Get("state"), Code: query.Get("code"), Client: portal.ClientAddress(v.r),
	})
	if err != nil {
		return err
	}
	http.SetCookie(v.w, &http.Cookie{Name: providerCookie, Path: home + "/sign-in", HttpOnly: true, Secure: portal.Secured(v.r), MaxAge: -1})
	c.remember(v, answer.GetToken())
	return c.show(v, http.StatusOK, "signedin.html", c.narrow(v, "Signed in", signInData{Next: next}))
}
