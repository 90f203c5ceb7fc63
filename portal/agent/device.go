package agent

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// deviceCookie holds the secret by which a device is known; deviceAge is how
// long, in seconds.
const (
	deviceCookie = "remit_device"
	deviceAge    = 5 * 365 * 24 * 60 * 60
)

// deviceOf is the secret of the device that a request comes from.
func deviceOf(r *http.Request) string {
	if cookie, err := r.Cookie(deviceCookie); err == nil {
		return cookie.Value
	}
	return ""
}

// mayUse leads whoever may not work on this device to the page that says so, and
// reports whether the visit may go on.
func (p *Portal) mayUse(v *visit) bool {
	device, path := v.stand.GetDevice(), v.r.URL.Path
	if device == "" || device == "bound" || passwordPath(path) || path == home+"/device" || strings.HasPrefix(path, home+"/approve") {
		return true
	}
	http.Redirect(v.w, v.r, home+"/device", http.StatusSeeOther)
	return false
}

// deviceData is what this device is to the person.
type deviceData struct {
	// State is as in CounterStand.device.
	State, Name, Key string
	Trouble          *trouble
	Approve          *approveData
}

func (p *Portal) devicePage(v *visit) error { return p.showDevice(v, http.StatusOK, nil, nil) }

// showDevice tells that this device may not be used yet, and how it may.
func (p *Portal) showDevice(v *visit, status int, t *trouble, approve *approveData) error {
	data := deviceData{State: v.stand.GetDevice(), Key: portal.NewFormKey(), Trouble: t, Approve: approve, Name: v.r.PostFormValue("name")}
	if data.State == "" || data.State == "bound" {
		return v.redirect(home, "")
	}
	if data.State == "waiting" && approve == nil {
		asked, err := p.askedDevice(v)
		if err != nil {
			return err
		}
		data.Approve = &approveData{Kind: "device", ID: asked.GetId(), Reservation: v.stand.GetTeller().GetId(), Back: home + "/device", Key: portal.NewFormKey()}
		data.Name = asked.GetName()
	}
	return p.show(v, status, "device.html", v.words.T("device.title"), data)
}

// askedDevice is the device that waits: asking again for it answers the same.
func (p *Portal) askedDevice(v *visit) (*v1.CounterDevice, error) {
	answer, err := p.people.AskDevice(v.caller.Context(v.ctx, portal.NewFormKey()), &v1.AskDeviceRequest{Name: "-"})
	return answer.GetDevice(), err
}

// askDevice gives this device a secret of its own, and asks a manager to bind it.
func (p *Portal) askDevice(v *visit) error {
	if v.caller.Device == "" {
		v.caller.Device = "dvc_" + rand.Text() + rand.Text()
		http.SetCookie(v.w, &http.Cookie{
			Name: deviceCookie, Value: v.caller.Device, Path: home, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: portal.Secured(v.r), MaxAge: deviceAge,
		})
	}
	_, err := p.people.AskDevice(v.act(), &v1.AskDeviceRequest{Name: strings.TrimSpace(v.r.PostFormValue("name"))})
	if err == nil {
		return v.redirect(home+"/device", "")
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	if t.Reason == string(remit.ReasonDeviceNotBound) {
		t = nil // The page says it itself.
	}
	return p.showDevice(v, http.StatusForbidden, t, nil)
}
