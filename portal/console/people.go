package console

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// peopleData is what the page of people shows.
type peopleData struct {
	Staff     []*v1.Staff
	Me        string
	MayManage bool
	Problem   *portal.Problem
	// Name, Email and Role are what was written into the form.
	Name, Email, Role string
	// Welcome is a person with the password of their next sign-in, shown once.
	Welcome  *v1.Staff
	Password string
}

func (c *Console) peoplePage(v *visit) error { return c.showPeople(v, http.StatusOK, peopleData{}) }

func (c *Console) showPeople(v *visit, status int, data peopleData) error {
	answer, err := c.staff.ListStaff(v.read(), &v1.ListStaffRequest{})
	if err != nil {
		return err
	}
	data.Staff, data.Me, data.MayManage = answer.GetStaff(), v.session.GetStaff().GetId(), v.may(permStaffManage)
	page := c.page(v, "People", data)
	page.Path = home + "/people"
	return c.show(v, status, "people.html", page)
}

func (c *Console) addPerson(v *visit) error {
	data := peopleData{
		Name: strings.TrimSpace(v.r.PostFormValue("name")), Email: strings.TrimSpace(v.r.PostFormValue("email")), Role: v.r.PostFormValue("role"),
	}
	answer, err := c.staff.CreateStaff(v.act(), &v1.CreateStaffRequest{Name: data.Name, Email: data.Email, Role: data.Role})
	if err != nil {
		if data.Problem, err = refusal(err, v.caller.RequestID); err != nil {
			return err
		}
		return c.showPeople(v, data.Problem.Status, data)
	}
	return c.showPeople(v, http.StatusOK, peopleData{Welcome: answer.GetStaff(), Password: answer.GetOneTimePassword()})
}

func (c *Console) changePerson(v *visit) error {
	id := v.r.PathValue("id")
	var err error
	var done string
	switch v.r.PathValue("act") {
	case "role":
		done = "role"
		_, err = c.staff.UpdateStaff(v.act(), &v1.UpdateStaffRequest{Id: id, Role: v.r.PostFormValue("role")})
	case "suspend":
		done = "suspended"
		_, err = c.staff.UpdateStaff(v.act(), &v1.UpdateStaffRequest{Id: id, Suspended: proto.Bool(true)})
	case "resume":
		done = "resumed"
		_, err = c.staff.UpdateStaff(v.act(), &v1.UpdateStaffRequest{Id: id, Suspended: proto.Bool(false)})
	case "reset":
		var answer *v1.ResetStaffResponse
		answer, err = c.staff.ResetStaff(v.act(), &v1.ResetStaffRequest{Id: id})
		if err == nil {
			return c.showPeople(v, http.StatusOK, peopleData{Welcome: answer.GetStaff(), Password: answer.GetOneTimePassword()})
		}
	default:
		return portal.Missing(v.caller.RequestID)
	}
	if err != nil {
		problem, err := refusal(err, v.caller.RequestID)
		if err != nil {
			return err
		}
		return c.showPeople(v, problem.Status, peopleData{Problem: problem})
	}
	return v.redirect(home+"/people", done)
}
