package agent

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// signInData is what the steps of signing in show.
type signInData struct {
	Next, Email string
	Trouble     *trouble
	SignedOut   bool
	// Of the second step.
	Challenge   string
	Secret, URI string
	QR          template.HTML
	// Codes are the recovery codes, shown once.
	Codes []string
}

func (p *Portal) signInPage(v *visit) error {
	query := v.r.URL.Query()
	data := signInData{Next: safeNext(query.Get("next")), SignedOut: query.Get("done") == "signed-out"}
	return p.show(v, http.StatusOK, "signin.html", v.words.T("signin.title"), data)
}

// notLetIn returns a refused sign-in in words; what is no refusal goes on as an error.
func (v *visit) notLetIn(err error) (*trouble, error) {
	if portal.KindOf(err) == remit.KindUnauthenticated {
		return v.trouble(err), nil
	}
	return v.refused(err)
}

// signIn checks the password and asks for the second factor.
func (p *Portal) signIn(v *visit) error {
	data := signInData{Next: safeNext(v.r.PostFormValue("next")), Email: strings.TrimSpace(v.r.PostFormValue("email"))}
	answer, err := p.staff.SignIn(v.read(), &v1.SignInRequest{
		Email: data.Email, Password: v.r.PostFormValue("password"), Client: portal.ClientAddress(v.r),
	})
	if err != nil {
		if data.Trouble, err = v.notLetIn(err); err != nil {
			return err
		}
		return p.show(v, data.Trouble.Status, "signin.html", v.words.T("signin.title"), data)
	}
	data.Challenge = answer.GetChallenge()
	data.Secret, data.URI = answer.GetEnrollment().GetSecret(), answer.GetEnrollment().GetUri()
	return p.codePage(v, http.StatusOK, data)
}

func (p *Portal) codePage(v *visit, status int, data signInData) error {
	if data.URI != "" {
		var err error
		if data.QR, err = portal.QRCode(data.URI, v.words.T("signin.qr")); err != nil {
			return err
		}
	}
	return p.show(v, status, "code.html", v.words.T("signin.confirm"), data)
}

// signInCode checks the second factor and opens the session.
func (p *Portal) signInCode(v *visit) error {
	data := signInData{
		Next: safeNext(v.r.PostFormValue("next")), Challenge: v.r.PostFormValue("challenge"),
		Secret: v.r.PostFormValue("secret"), URI: v.r.PostFormValue("uri"),
	}
	answer, err := p.staff.CompleteSignIn(v.read(), &v1.CompleteSignInRequest{Challenge: data.Challenge, Code: typedCode(v), Client: portal.ClientAddress(v.r)})
	if err != nil {
		if data.Trouble, err = v.notLetIn(err); err != nil {
			return err
		}
		return p.codePage(v, data.Trouble.Status, data)
	}
	p.remember(v, answer.GetToken())
	if codes := answer.GetRecoveryCodes(); len(codes) > 0 {
		data.Codes = codes
		return p.show(v, http.StatusOK, "recovery.html", v.words.T("recovery.title"), data)
	}
	return v.redirect(data.Next, "")
}

// typedCode is the second factor as it was typed, in the digits of any script.
func typedCode(v *visit) string {
	return plainDigits(strings.Join(strings.Fields(v.r.PostFormValue("code")), ""))
}

// signOut ends the session, here and in the API.
func (p *Portal) signOut(v *visit) error {
	if _, err := p.staff.SignOut(v.act(), &v1.SignOutRequest{}); err != nil {
		return err
	}
	p.remember(v, "")
	return v.redirect(home+"/sign-in", "signed-out")
}

// accountData is a person's own page.
type accountData struct {
	Session *v1.Session
	// First says that the password must be changed before anything else.
	First   bool
	Trouble *trouble
	Unequal bool
}

// homePage leads to where the person works.
func (p *Portal) homePage(v *visit) error {
	if v.stand.GetOutlet() == nil && v.isAdmin() {
		return v.redirect(home+"/people", "")
	}
	return v.redirect(home+"/pay", "")
}

func (p *Portal) accountPage(v *visit) error { return p.showAccount(v, http.StatusOK, accountData{}) }

func (p *Portal) showAccount(v *visit, status int, data accountData) error {
	data.Session, data.First = v.session, v.session.GetMustChangePassword()
	return p.show(v, status, "account.html", v.words.T("account.title"), data)
}

func (p *Portal) changePassword(v *visit) error {
	if v.r.PostFormValue("next") != v.r.PostFormValue("again") {
		return p.showAccount(v, http.StatusUnprocessableEntity, accountData{Unequal: true})
	}
	_, err := p.staff.ChangePassword(v.act(), &v1.ChangePasswordRequest{Current: v.r.PostFormValue("current"), Next: v.r.PostFormValue("next")})
	if err != nil {
		t, err := v.notLetIn(err)
		if err != nil {
			return err
		}
		return p.showAccount(v, t.Status, accountData{Trouble: t})
	}
	return v.redirect(home+"/account", "password")
}
