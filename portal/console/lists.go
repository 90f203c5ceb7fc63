package console

import (
	"net/http"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// listsData is what the page of lists shows.
type listsData struct {
	Lists     []*v1.ScreeningList
	Entries   int64
	Troubles  []*v1.ListTrouble
	Changes   []*v1.ListChange
	MayUpdate bool
	Problem   *portal.Problem
}

func (c *Console) listsPage(v *visit) error { return c.showLists(v, http.StatusOK, nil) }

func (c *Console) showLists(v *visit, status int, problem *portal.Problem) error {
	answer, err := c.lists.GetLists(v.read(), &v1.GetListsRequest{})
	if err != nil {
		return err
	}
	data := listsData{Lists: answer.GetLists(), Troubles: answer.GetTroubles(), Changes: answer.GetChanges(), MayUpdate: v.may(permListsUpdate), Problem: problem}
	for _, l := range data.Lists {
		data.Entries += int64(l.GetEntries())
	}
	return c.show(v, status, "lists.html", c.page(v, "Screening lists", data))
}

func (c *Console) updateLists(v *visit) error {
	if _, err := c.lists.UpdateLists(v.act(), &v1.UpdateListsRequest{}); err != nil {
		p := portal.ProblemOf(err, v.caller.RequestID)
		return c.showLists(v, p.Status, &p)
	}
	return v.redirect(home+"/lists", "lists")
}

// policyData is what the page of the policy shows.
type policyData struct {
	Hash     string
	Packages []policyPackage
	Tests    []*v1.PolicyTest
	Failed   int
	Files    []*v1.PolicyFile
}

type policyPackage struct {
	Name  string
	Rules []*v1.PolicyRule
}

func (c *Console) policyPage(v *visit) error {
	policy, err := c.policyInForce(v.read())
	if err != nil {
		return err
	}
	data := policyData{Hash: policy.GetHash(), Tests: policy.GetTests(), Files: policy.GetFiles()}
	for _, rule := range policy.GetRules() {
		if n := len(data.Packages); n == 0 || data.Packages[n-1].Name != rule.GetPackage() {
			data.Packages = append(data.Packages, policyPackage{Name: rule.GetPackage()})
		}
		last := &data.Packages[len(data.Packages)-1]
		last.Rules = append(last.Rules, rule)
	}
	for _, t := range data.Tests {
		if !t.GetPassed() {
			data.Failed++
		}
	}
	return c.show(v, http.StatusOK, "policy.html", c.page(v, "Policy in force", data))
}
