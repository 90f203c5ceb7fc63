package agent

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

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
	// stand is where the person works; nil before signing in, and for who works
	// at no counter.
	stand *v1.CounterStand
	words *Words
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

// manages reports whether the person approves what tellers may not do alone.
func (v *visit) manages() bool {
	role := v.stand.GetTeller().GetRole()
	return role == "manager" || role == "agent_admin"
}

func (p *Portal) visit(w http.ResponseWriter, r *http.Request, ctx context.Context) *visit {
	most := int64(portal.MaxFormBytes)
	if strings.HasPrefix(r.URL.Path, home+"/pay/") && strings.HasSuffix(r.URL.Path, "/reserve") {
		most = maxPhotoForm
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	return &visit{w: w, r: r, ctx: ctx, caller: portal.Caller{RequestID: portal.RequestID(r.Context()), Device: deviceOf(r)}, words: p.languages.of(r, "")}
}

// public answers a page that needs no session.
func (p *Portal) public(h func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), portal.WriteTimeout)
		defer cancel()
		v := p.visit(w, r, ctx)
		if err := h(v); err != nil {
			p.fail(v, err)
		}
	}
}

// signedIn answers a page for a person with a session; without one it leads to
// signing in.
func (p *Portal) signedIn(timeout time.Duration, h func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		v := p.visit(w, r, ctx)
		if err := p.enter(v); err != nil {
			p.fail(v, err)
			return
		}
		if v.session == nil {
			return
		}
		if err := h(v); err != nil {
			p.fail(v, err)
		}
	}
}

// enter finds the session and where its person works. Where there is none it
// leads to signing in and leaves v.session nil.
func (p *Portal) enter(v *visit) error {
	cookie, err := v.r.Cookie(sessionCookie)
	if err != nil || cookie.Value == "" {
		p.toSignIn(v)
		return nil //nolint:nilerr // No cookie is no session.
	}
	v.caller.Token = cookie.Value
	answer, err := p.staff.GetSession(v.read(), &v1.GetSessionRequest{})
	if err != nil {
		if portal.KindOf(err) == remit.KindUnauthenticated {
			p.toSignIn(v)
			return nil
		}
		return err
	}
	if answer.GetSession().GetMustChangePassword() {
		v.session = answer.GetSession()
		if !passwordPath(v.r.URL.Path) {
			v.session = nil
			http.Redirect(v.w, v.r, home+"/account", http.StatusSeeOther)
		}
		return nil
	}
	stand, err := p.counter.GetStand(v.read(), &v1.GetStandRequest{})
	if err != nil {
		if portal.ProblemOf(err, "").Reason == string(remit.ReasonCounterSuspended) {
			p.remember(v, "")
		}
		return err
	}
	v.session, v.stand = answer.GetSession(), stand.GetStand()
	v.words = p.languages.of(v.r, v.stand.GetOutlet().GetCountry()).in(v.stand.GetOutlet().GetTimeZone())
	if !p.mayUse(v) {
		v.session = nil
	}
	return nil
}

func passwordPath(path string) bool {
	return path == home+"/account" || path == home+"/account/password" || path == home+"/sign-out"
}

// toSignIn leads to the sign-in page and back afterwards.
func (p *Portal) toSignIn(v *visit) {
	p.remember(v, "")
	target := home + "/sign-in"
	if v.r.Method == http.MethodGet && v.r.URL.Path != home && v.r.URL.Path != home+"/" {
		target += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
}

// remember sets the session's cookie, or takes it away when there is no token.
// It goes when the browser does, and the API ends the session earlier.
func (p *Portal) remember(v *visit, token string) {
	cookie := &http.Cookie{Name: sessionCookie, Value: token, Path: home, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: portal.Secured(v.r)}
	if token == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(v.w, cookie)
}

// safeNext is where to go after signing in: a page of the portal, whatever was asked.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, home+"/") || strings.ContainsAny(next, "\\\r\n") {
		return home + "/pay"
	}
	return u.RequestURI()
}

// setLook keeps the choice of language and theme in cookies.
func (p *Portal) setLook(v *visit) error {
	keep := func(name, value string, known bool) {
		cookie := &http.Cookie{Name: name, Value: value, Path: home, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: portal.Secured(v.r), MaxAge: int(lookAge.Seconds())}
		if !known {
			cookie.Value, cookie.MaxAge = "", -1
		}
		http.SetCookie(v.w, cookie)
	}
	if err := v.r.ParseForm(); err != nil {
		return portal.Problem{Status: http.StatusBadRequest, Reason: string(remit.ReasonBodyMalformed), RequestID: v.caller.RequestID}
	}
	if code := v.r.PostForm.Get("language"); v.r.PostForm.Has("language") {
		keep(languageCookie, code, p.languages.texts[code] != nil)
	}
	if theme := v.r.PostForm.Get("theme"); v.r.PostForm.Has("theme") {
		keep(themeCookie, theme, theme == "light" || theme == "dark")
	}
	http.Redirect(v.w, v.r, safeNext(v.r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

func themeOf(r *http.Request) string {
	cookie, err := r.Cookie(themeCookie)
	if err != nil || cookie.Value != "light" && cookie.Value != "dark" {
		return ""
	}
	return cookie.Value
}

// frame is what stands around a page's own content.
type frame struct {
	portal.Page
	*Words
	Stand     *v1.CounterStand
	Languages []choice
	Manager   bool
	// Here is the page that the answer to a form belongs to, empty for a page
	// that has an address of its own.
	Here string
}

// choice is a language in the reader's choice.
type choice struct {
	Code, Name string
	Current    bool
}

// show renders a page and sends it.
func (p *Portal) show(v *visit, status int, name, title string, data any) error {
	f := frame{
		Page: portal.Page{
			Title: title, Portal: v.words.T("portal"), Home: home, Theme: themeOf(v.r), Path: v.r.URL.RequestURI(), RequestID: v.caller.RequestID,
			Narrow: v.session == nil, Data: data,
		},
		Words: v.words, Stand: v.stand, Manager: v.manages(),
	}
	if v.r.Method != http.MethodGet {
		f.Path = v.comeBack()
		f.Here = f.Path
	}
	for _, code := range Languages {
		f.Languages = append(f.Languages, choice{code, p.languages.texts[code]["language.name"], code == v.words.Code})
	}
	if v.session != nil {
		f.Who = &portal.Who{
			Name: v.session.GetStaff().GetName(), Role: v.roleWord(), Tenant: v.session.GetTenantName(), Account: home + "/account", SignOut: home + "/sign-out",
		}
		if done := v.r.URL.Query().Get("done"); done != "" && v.words.Has("done."+done) {
			f.Notice = &portal.Notice{Tone: portal.ToneGood, Text: v.words.T("done." + done)}
		}
		if f.Notice == nil {
			f.Notice = p.trainingNotice(v)
		}
		if v.stand != nil {
			f.Links = v.links()
		}
	}
	text, err := p.pages.Render(name, "frame", f)
	if err != nil {
		return err
	}
	portal.WriteHTML(v.w, v.r, status, text)
	return nil
}

// comeBack is the page to which an act belongs, for those who change the
// language on its answer.
func (v *visit) comeBack() string {
	path := v.r.URL.Path
	switch {
	case v.session == nil && strings.HasPrefix(path, home+"/join"):
		return home + "/join"
	case v.session == nil:
		return home + "/sign-in"
	case strings.HasPrefix(path, home+"/pay/") && v.r.PathValue("id") != "" && !strings.HasSuffix(path, "/reserve"):
		return home + "/pay/" + v.r.PathValue("id")
	case strings.HasPrefix(path, home+"/send/") && v.r.PathValue("id") != "":
		return home + "/send/" + v.r.PathValue("id")
	case strings.HasPrefix(path, home+"/send"):
		return home + "/send"
	case strings.HasPrefix(path, home+"/drawer"):
		return home + "/drawer"
	case strings.HasPrefix(path, home+"/people"), strings.HasPrefix(path, home+"/outlets"), strings.HasPrefix(path, home+"/approvals"):
		return home + "/people"
	case strings.HasPrefix(path, home+"/device"):
		return home + "/device"
	case strings.HasPrefix(path, home+"/approve"):
		return safeNext(v.r.PostFormValue("back"))
	default:
		return home + "/pay"
	}
}

func (v *visit) roleWord() string {
	if role := v.stand.GetTeller().GetRole(); role != "" {
		return v.words.T("role." + role)
	}
	return ""
}

// links are the pages that the person may see.
func (v *visit) links() []portal.Link {
	all := []struct{ path, key string }{{"/pay", "nav.pay"}, {"/send", "nav.send"}, {"/drawer", "nav.drawer"}, {"/mine", "nav.mine"}}
	if v.manages() {
		all = append(all, struct{ path, key string }{"/day", "nav.day"}, struct{ path, key string }{"/statement", "nav.statement"},
			struct{ path, key string }{"/people", "nav.people"})
	}
	if v.stand.GetOutlet() == nil {
		all = all[len(all)-2:] // Who manages an agent works at no counter.
	}
	var links []portal.Link
	for _, l := range all {
		links = append(links, portal.Link{Href: home + l.path, Text: v.words.T(l.key), Current: strings.HasPrefix(v.r.URL.Path, home+l.path)})
	}
	return links
}

// trouble is a refusal in the reader's language.
type trouble struct {
	portal.Problem
	// Words is what to say; Call is whom to call, where that is the way on.
	Words, Call string
	Tone        portal.Tone
}

// quiet are the reasons that are nobody's mistake: told in amber, not red.
var quiet = map[remit.Reason]bool{
	remit.ReasonPickupNotPayable: true, remit.ReasonPickupReserved: true, remit.ReasonPickupElsewhere: true, remit.ReasonPickupChanged: true,
	remit.ReasonReservationLapsed: true, remit.ReasonApprovalNeeded: true, remit.ReasonDrawerNotOpen: true, remit.ReasonDrawerShort: true,
	remit.ReasonFloatShort: true, remit.ReasonOutletClosed: true, remit.ReasonCounterLocked: true, remit.ReasonPickupExpired: true,
	remit.ReasonQuoteExpired: true, remit.ReasonDepositNotNow: true, remit.ReasonDepositTaken: true, remit.ReasonDepositExpired: true,
	remit.ReasonDepositCanceled: true, remit.ReasonCustomerNotFound: true,
}

// trouble puts an API's refusal into words. What has none of its own here is
// told as the API says it.
func (v *visit) trouble(err error) *trouble {
	t := &trouble{Problem: portal.ProblemOf(err, v.caller.RequestID), Tone: portal.ToneBad}
	t.Words = t.Detail
	if key := "reason." + t.Reason; v.words.Has(key) {
		t.Words = v.words.T(key)
	} else if t.Status >= http.StatusInternalServerError {
		t.Words = v.words.T("reason.broken")
	} else if len(t.Fields) > 0 {
		t.Words = v.words.T("reason.fields")
	}
	if len(t.Fields) > 1 {
		t.Words = v.words.T("reason.fields")
	}
	if quiet[remit.Reason(t.Reason)] {
		t.Tone = portal.ToneAttention
	}
	if r := remit.Reason(t.Reason); r == remit.ReasonPickupNotPayable || r == remit.ReasonNameMismatch || r == remit.ReasonPickupPaid {
		t.Call = v.stand.GetAgent().GetPhone()
	}
	if wait := waitOf(err); wait > 0 {
		t.Words = v.words.T("reason.COUNTER_LOCKED", "minutes", v.words.Number(int64((wait+time.Minute-1)/time.Minute)))
	}
	for field, reason := range fieldReasons(err) {
		for _, key := range []string{"wrong." + field + "." + reason, "wrong." + field} {
			if v.words.Has(key) {
				t.Fields[field] = v.words.T(key)
				break
			}
		}
	}
	return t
}

// waitOf is how long the API asks to wait, zero for not at all.
func waitOf(err error) time.Duration {
	for _, d := range status.Convert(err).Details() {
		if retry, is := d.(*errdetails.RetryInfo); is && portal.KindOf(err) == remit.KindLimited {
			return retry.GetRetryDelay().AsDuration()
		}
	}
	return 0
}

// fieldReasons are the reasons of wrong fields by their paths.
func fieldReasons(err error) map[string]string {
	out := make(map[string]string)
	for _, d := range status.Convert(err).Details() {
		if bad, is := d.(*errdetails.BadRequest); is {
			for _, f := range bad.GetFieldViolations() {
				out[f.GetField()] = f.GetReason()
			}
		}
	}
	return out
}

// refused returns an act's refusal in words; what is no refusal goes on as an error.
func (v *visit) refused(err error) (*trouble, error) {
	switch portal.KindOf(err) {
	case remit.KindInvalid, remit.KindForbidden, remit.KindPrecondition, remit.KindLimited, remit.KindNotFound, remit.KindConflict, remit.KindUnavailable:
		return v.trouble(err), nil
	default:
		return nil, err
	}
}

// fail ends a visit with a page that says what is wrong and what to do.
func (p *Portal) fail(v *visit, err error) {
	if portal.KindOf(err) == remit.KindUnauthenticated && v.caller.Token != "" {
		p.toSignIn(v)
		return
	}
	t := v.trouble(err)
	if t.Status >= http.StatusInternalServerError {
		p.log.ErrorContext(v.ctx, "page not made", "request_id", v.caller.RequestID, "path", v.r.Pattern, "error", err.Error())
	}
	p.problemPage(v, t)
}

// refuse is fail for what the shell refuses.
func (p *Portal) refuse(w http.ResponseWriter, r *http.Request, problem portal.Problem) {
	v := &visit{w: w, r: r, ctx: r.Context(), caller: portal.Caller{RequestID: problem.RequestID}, words: p.languages.of(r, "")}
	p.problemPage(v, v.trouble(problem))
}

func (p *Portal) problemPage(v *visit, t *trouble) {
	title := v.words.T("problem.title")
	if key := "problem." + t.Reason; v.words.Has(key) {
		title = v.words.T(key)
	}
	if err := p.show(v, t.Status, "problem.html", title, t); err != nil {
		p.log.ErrorContext(v.ctx, "problem page not made", "request_id", t.RequestID, "error", err.Error())
		http.Error(v.w, title+" "+t.RequestID, t.Status)
	}
}

// redirect leads to a page after an act, which then says what was done.
func (v *visit) redirect(path, done string) error {
	if done != "" {
		path += "?done=" + done
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}
