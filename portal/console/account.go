package console

import (
	"net/http"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// accountData is a person's own page.
type accountData struct {
	Session *v1.Session
	// First says that the password must be changed before anything else.
	First   bool
	Problem *portal.Problem
}

// homePage leads to the first page that the person's role works on, and says there
// what was done.
func (c *Console) homePage(v *visit) error {
	first := home + "/account"
	switch {
	case v.may(permCasesRead):
		first = home + "/cases"
	case v.may(permAgentsRead):
		first = networkHome
	}
	done := v.r.URL.Query().Get("done")
	if doneNotice(done) == nil {
		done = ""
	}
	return v.redirect(first, done)
}

func (c *Console) helpPage(v *visit) error {
	return c.show(v, http.StatusOK, "help.html", c.page(v, "Help", nil))
}

func (c *Console) accountPage(v *visit) error { return c.showAccount(v, http.StatusOK, nil) }

func (c *Console) showAccount(v *visit, status int, problem *portal.Problem) error {
	data := accountData{Session: v.session, First: v.session.GetMustChangePassword(), Problem: problem}
	return c.show(v, status, "account.html", c.page(v, "Your account", data))
}

func (c *Console) changePassword(v *visit) error {
	if v.r.PostFormValue("next") != v.r.PostFormValue("again") {
		return c.showAccount(v, http.StatusUnprocessableEntity, &portal.Problem{
			Fields: map[string]string{"again": "The two are not the same. Write the new password twice."},
		})
	}
	_, err := c.staff.ChangePassword(v.act(), &v1.ChangePasswordRequest{Current: v.r.PostFormValue("current"), Next: v.r.PostFormValue("next")})
	if err != nil {
		problem, err := refusal(err, v.caller.RequestID)
		if err != nil {
			return err
		}
		if len(problem.Fields) == 0 {
			field := "current"
			if problem.Reason == "PASSWORD_WEAK" {
				field = "next"
			}
			problem.Fields = map[string]string{field: problem.Detail}
		}
		return c.showAccount(v, problem.Status, problem)
	}
	target := home + "/account"
	if v.session.GetMustChangePassword() {
		target = home
	}
	return v.redirect(target, "password")
}

func (c *Console) passkeyRegister(v *visit) error {
	a, err := readPasskey(v)
	if err != nil {
		return v.told(err)
	}
	answer, err := c.staff.BeginPasskeyRegistration(v.act(), &v1.BeginPasskeyRegistrationRequest{Name: a.Name})
	if err != nil {
		return v.told(err)
	}
	return sendJSON(v.w, http.StatusOK, map[string]string{"challenge": answer.GetChallenge(), "options": answer.GetOptionsJson()})
}

func (c *Console) passkeyRegisterComplete(v *visit) error {
	a, err := readPasskey(v)
	if err != nil {
		return v.told(err)
	}
	_, err = c.staff.CompletePasskeyRegistration(v.act(), &v1.CompletePasskeyRegistrationRequest{Challenge: a.Challenge, ResponseJson: a.Response})
	if err != nil {
		return v.told(err)
	}
	return sendJSON(v.w, http.StatusOK, map[string]string{"next": home + "/account?done=passkey"})
}

func (c *Console) passkeyRemove(v *visit) error {
	if _, err := c.staff.RemovePasskey(v.act(), &v1.RemovePasskeyRequest{PasskeyId: v.r.PostFormValue("passkey")}); err != nil {
		return err
	}
	return v.redirect(home+"/account", "passkey-removed")
}
