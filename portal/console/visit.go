package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// visit is one request for a page or an act, with who makes it.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context //nolint:containedctx // It is the request's, bounded, and lives as long as the visit.
	caller  portal.Caller
	session *v1.Session
}

// read returns the context of a call that changes nothing.
func (v *visit) read() context.Context { return v.caller.Context(v.ctx, "") }

// act returns the context of an act, with the idempotency key of its form.
func (v *visit) act() context.Context {
	key := v.r.PostFormValue("key")
	if key == "" {
		key = portal.NewFormKey()
	}
	return v.caller.Context(v.ctx, key)
}

// may reports whether the person has one of some permissions, such as
// "staff.manage|audit.read".
func (v *visit) may(permissions string) bool {
	return slices.ContainsFunc(strings.Split(permissions, "|"), func(p string) bool {
		return slices.Contains(v.session.GetPermissions(), p)
	})
}

// public answers a page that needs no session.
func (c *Console) public(h func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), portal.WriteTimeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, portal.MaxFormBytes)
		v := &visit{w: w, r: r, ctx: ctx, caller: portal.Caller{RequestID: portal.RequestID(r.Context())}}
		if err := h(v); err != nil {
			c.fail(v, err)
		}
	}
}

// signedIn answers a page for a person with a session and a permission; without
// a session it leads to signing in.
func (c *Console) signedIn(permission string, timeout time.Duration, h func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		tooLong := bound(w, r)
		v := &visit{w: w, r: r, ctx: ctx, caller: portal.Caller{RequestID: portal.RequestID(r.Context())}}
		if err := c.enter(v, permission); err != nil {
			c.fail(v, err)
			return
		}
		if v.session == nil {
			return
		}
		if tooLong != nil {
			c.fail(v, tooLong)
			return
		}
		if err := h(v); err != nil {
			c.fail(v, err)
		}
	}
}

// enter finds the session. Where there is none it leads to signing in and
// leaves v.session nil. Errors: a problem for a missing permission.
func (c *Console) enter(v *visit, permission string) error {
	cookie, err := v.r.Cookie(sessionCookie)
	if err != nil || cookie.Value == "" {
		c.toSignIn(v)
		return nil //nolint:nilerr // No cookie is no session.
	}
	v.caller.Token = cookie.Value
	answer, err := c.staff.GetSession(v.read(), &v1.GetSessionRequest{})
	if err != nil {
		if portal.KindOf(err) == remit.KindUnauthenticated {
			c.toSignIn(v)
			return nil
		}
		return err
	}
	session := answer.GetSession()
	if session.GetMustChangePassword() && !passwordPath(v.r.URL.Path) {
		http.Redirect(v.w, v.r, home+"/account?first=1", http.StatusSeeOther)
		return nil
	}
	v.session = session
	if permission != "" && !v.may(permission) {
		return portal.Problem{
			Status: http.StatusForbidden, Title: "Your role may not do this", Reason: string(remit.ReasonForbidden), RequestID: v.caller.RequestID,
			Detail: fmt.Sprintf("You are signed in as %s. This page is for a role that has more to do with it. If it should be yours, ask your MLRO.", roleWord(session.GetStaff().GetRole())),
		}
	}
	return nil
}

func passwordPath(p string) bool {
	return p == home+"/account" || p == home+"/account/password" || p == home+"/sign-out"
}

// toSignIn leads to the sign-in page and back afterwards.
func (c *Console) toSignIn(v *visit) {
	c.forget(v)
	target := home + "/sign-in"
	if v.r.Method == http.MethodGet && v.r.URL.Path != home && v.r.URL.Path != home+"/" {
		target += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
}

// remember sets the session's cookie; it goes when the browser does, and the
// API ends the session earlier.
func (c *Console) remember(v *visit, token string) {
	http.SetCookie(v.w, &http.Cookie{
		Name: sessionCookie, Value: token, Path: home, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: portal.Secured(v.r),
	})
}

func (c *Console) forget(v *visit) {
	http.SetCookie(v.w, &http.Cookie{
		Name: sessionCookie, Path: home, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: portal.Secured(v.r), MaxAge: -1,
	})
}

// safeNext is where to go after signing in: a page of the console, whatever was asked.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, home+"/") || strings.HasPrefix(u.Path, home+"/sign-") || path.Clean(u.Path) != u.Path ||
		strings.ContainsAny(next, "\\\r\n") {
		return home
	}
	return u.RequestURI()
}

// setTheme keeps the choice of light, dark or the system's in a cookie.
func (c *Console) setTheme(v *visit) error {
	theme := v.r.PostFormValue("theme")
	cookie := &http.Cookie{Name: themeCookie, Value: theme, Path: home, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: portal.Secured(v.r), MaxAge: int(themeAge.Seconds())}
	if theme != "light" && theme != "dark" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	http.SetCookie(v.w, cookie)
	back := v.r.PostFormValue("back")
	if !strings.HasPrefix(back, home+"/sign-in") {
		back = safeNext(back)
	}
	http.Redirect(v.w, v.r, back, http.StatusSeeOther)
	return nil
}

func themeOf(r *http.Request) string {
	cookie, err := r.Cookie(themeCookie)
	if err != nil || cookie.Value != "light" && cookie.Value != "dark" {
		return ""
	}
	return cookie.Value
}

// page makes the frame of a page.
func (c *Console) page(v *visit, title string, data any) portal.Page {
	p := portal.Page{
		Title: title, Portal: "Compliance", Home: home, Theme: themeOf(v.r), Path: v.r.URL.RequestURI(),
		RequestID: v.caller.RequestID, Data: data,
	}
	if v.r.Method != http.MethodGet {
		p.Path = home
	}
	if s := v.session; s != nil {
		if !v.may(permCasesRead) && v.may(permFloatsManage) {
			p.Portal = "Treasury"
		}
		p.Who = &portal.Who{
			Name: s.GetStaff().GetName(), Role: roleWord(s.GetStaff().GetRole()), Tenant: s.GetTenantName(),
			Account: home + "/account", SignOut: home + "/sign-out",
		}
		if !s.GetMustChangePassword() {
			p.Links = v.links()
		}
		p.Notice = doneNotice(v.r.URL.Query().Get("done"))
	}
	return p
}

// links are the pages that the person may see.
func (v *visit) links() []portal.Link {
	all := []struct{ path, text, permission string }{
		{"/cases", "Queue", permCasesRead},
		{"/dashboard", "Figures", permCasesRead},
		{"/lists", "Lists", permCasesRead},
		{"/policy", "Policy", permCasesRead},
		{"/network", "Network", permAgentsRead},
		{"/audit", "Audit", permAuditRead},
		{"/people", "People", permStaffManage + "|" + permAuditRead},
	}
	var links []portal.Link
	for _, l := range all {
		if v.may(l.permission) {
			links = append(links, portal.Link{Href: home + l.path, Text: l.text, Current: strings.HasPrefix(v.r.URL.Path, home+l.path)})
		}
	}
	return links
}

// show renders a page and sends it.
func (c *Console) show(v *visit, status int, name string, page portal.Page) error {
	text, err := c.pages.Render(name, "layout.html", page)
	if err != nil {
		return err
	}
	portal.WriteHTML(v.w, v.r, status, text)
	return nil
}

// fail ends a visit with a page that says what is wrong and what to do.
func (c *Console) fail(v *visit, err error) {
	if portal.KindOf(err) == remit.KindUnauthenticated && v.caller.Token != "" {
		c.toSignIn(v)
		return
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = portal.Problem{
			Status: http.StatusRequestEntityTooLarge, Title: "That is too large", Reason: string(remit.ReasonBodyTooLarge), RequestID: v.caller.RequestID,
			Detail: "What you wrote is too long. Nothing was stored. Write less, or put it into the file as a document.",
		}
		if tooLarge.Limit > portal.MaxFormBytes {
			err = portal.Problem{
				Status: http.StatusRequestEntityTooLarge, Title: "That is too large", Reason: string(remit.ReasonBodyTooLarge), RequestID: v.caller.RequestID,
				Detail: "A document may have 5 MiB. Nothing was stored; send a smaller one.",
			}
		}
	}
	p := portal.ProblemOf(err, v.caller.RequestID)
	if p.Status >= http.StatusInternalServerError {
		c.log.ErrorContext(v.ctx, "page not made", "request_id", v.caller.RequestID, "path", v.r.Pattern, "error", err.Error())
	}
	c.problemPage(v, p)
}

// refuse is fail for what the shell refuses.
func (c *Console) refuse(w http.ResponseWriter, r *http.Request, p portal.Problem) {
	c.problemPage(&visit{w: w, r: r, ctx: r.Context(), caller: portal.Caller{RequestID: p.RequestID}}, p)
}

func (c *Console) problemPage(v *visit, p portal.Problem) {
	page := c.page(v, p.Title, p)
	page.Notice = nil
	page.Narrow = v.session == nil
	if err := c.show(v, p.Status, "problem.html", page); err != nil {
		c.log.ErrorContext(v.ctx, "problem page not made", "request_id", p.RequestID, "error", err.Error())
		http.Error(v.w, p.Title+". Quote "+p.RequestID+".", p.Status)
	}
}

// sendJSON answers the script.
func sendJSON(w http.ResponseWriter, status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text) //nolint:errcheck // The browser hung up; there is nobody to tell.
	return nil
}

// redirect leads to a page after an act, which then says what was done.
func (v *visit) redirect(target, done string) error {
	if done != "" {
		separator := "?"
		if strings.Contains(target, "?") {
			separator = "&"
		}
		target += separator + "done=" + done
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
	return nil
}
