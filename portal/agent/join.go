package agent

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// joinCookie holds the invitation while its person joins, so that it stands in
// no address but the one that was given.
const joinCookie = "remit_join"

// joinAge is how long the page may be left lying, in seconds.
const joinAge = 30 * 60

// joinData is what the steps of joining show.
type joinData struct {
	// Invitation is nil while none is known.
	Invitation *v1.GetInvitationResponse
	// Over says that the invitation cannot be used.
	Over    bool
	Trouble *trouble
	Unequal bool
	// Of the second step.
	Challenge, Secret, URI string
	QR                     template.HTML
}

// joinToken is the invitation that the person brings.
func joinToken(v *visit) string {
	if cookie, err := v.r.Cookie(joinCookie); err == nil {
		return cookie.Value
	}
	return ""
}

// keepJoin keeps the invitation for the next steps, or forgets it.
func keepJoin(v *visit, token string) {
	cookie := &http.Cookie{Name: joinCookie, Value: token, Path: home + "/join", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: portal.Secured(v.r), MaxAge: joinAge}
	if token == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(v.w, cookie)
}

// joinPage takes the invitation out of the address and shows what it invites to.
func (p *Portal) joinPage(v *visit) error {
	if token := strings.TrimSpace(v.r.FormValue("invitation")); token != "" {
		if url.QueryEscape(token) != token || len(token) > 100 {
			token = "unknown"
		}
		keepJoin(v, token)
		return v.redirect(home+"/join", "")
	}
	if joinToken(v) == "" {
		return p.show(v, http.StatusOK, "join.html", v.words.T("join.have"), joinData{})
	}
	return p.showJoin(v, http.StatusOK, joinData{})
}

// showJoin shows the form for the password, or why the invitation is over.
func (p *Portal) showJoin(v *visit, status int, data joinData) error {
	answer, err := p.people.GetInvitation(v.read(), &v1.GetInvitationRequest{Token: joinToken(v), Client: portal.ClientAddress(v.r)})
	if err != nil {
		if data.Trouble, err = v.refused(err); err != nil {
			return err
		}
		data.Over, data.Trouble.Tone = true, portal.ToneAttention
		return p.show(v, data.Trouble.Status, "join.html", v.words.T("join.over"), data)
	}
	data.Invitation = answer
	return p.show(v, status, "join.html", v.words.T("join.title", "agent", answer.GetAgentName()), data)
}

// join takes the password and asks for an authenticator.
func (p *Portal) join(v *visit) error {
	if v.r.PostFormValue("next") != v.r.PostFormValue("again") {
		return p.showJoin(v, http.StatusUnprocessableEntity, joinData{Unequal: true})
	}
	answer, err := p.people.BeginJoin(v.read(), &v1.BeginJoinRequest{
		Token: joinToken(v), Password: v.r.PostFormValue("next"), Client: portal.ClientAddress(v.r),
	})
	if err != nil {
		t, err := v.notLetIn(err)
		if err != nil {
			return err
		}
		return p.showJoin(v, t.Status, joinData{Trouble: t})
	}
	return p.joinCode(v, http.StatusOK, joinData{Challenge: answer.GetChallenge(), Secret: answer.GetEnrollment().GetSecret(), URI: answer.GetEnrollment().GetUri()})
}

func (p *Portal) joinCode(v *visit, status int, data joinData) error {
	var err error
	if data.QR, err = portal.QRCode(data.URI, v.words.T("signin.qr")); err != nil {
		return err
	}
	return p.show(v, status, "joincode.html", v.words.T("signin.setup"), data)
}

// joined checks the first digits, signs the person in and shows the recovery codes.
func (p *Portal) joined(v *visit) error {
	data := joinData{Challenge: v.r.PostFormValue("challenge"), Secret: v.r.PostFormValue("secret"), URI: v.r.PostFormValue("uri")}
	answer, err := p.people.CompleteJoin(v.read(), &v1.CompleteJoinRequest{Token: joinToken(v), Challenge: data.Challenge, Code: typedCode(v), Client: portal.ClientAddress(v.r)})
	if err != nil {
		if data.Trouble, err = v.notLetIn(err); err != nil {
			return err
		}
		if strings.HasPrefix(data.Trouble.Reason, "INVITATION_") {
			return p.showJoin(v, data.Trouble.Status, joinData{})
		}
		return p.joinCode(v, data.Trouble.Status, data)
	}
	keepJoin(v, "")
	p.remember(v, answer.GetSessionToken())
	return p.show(v, http.StatusOK, "recovery.html", v.words.T("recovery.title"), signInData{Next: home, Codes: answer.GetRecoveryCodes()})
}
