package agent

import (
	"slices"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Need says what a manager must approve of a payout: to the teller, or to the
// manager where who is wait.
func (w *Words) Need(who, need string) string {
	for _, key := range []string{who + "." + need, "needs." + need} {
		if w.Has(key) {
			return w.T(key)
		}
	}
	return w.T("needs.other")
}

// TakeNeed is Need of cash that is taken in, whose limits have words of their own.
func (w *Words) TakeNeed(who, need string) string {
	switch need {
	case "payout_limit":
		need = "deposit_limit"
	case "day_limit":
		need = "deposit_day"
	}
	return w.Need(who, need)
}

// takesToApprove are deposits of the reader's outlet that wait for a manager.
func (p *Portal) takesToApprove(v *visit) ([]*v1.Deposit, error) {
	if v.stand.GetOutlet() == nil {
		return nil, nil
	}
	answer, err := p.cashIn.ListDeposits(v.read(), &v1.ListDepositsRequest{})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(answer.GetDeposits(), func(d *v1.Deposit) bool {
		return d.GetState() != "waiting" || len(d.GetNeeds()) == 0 || d.GetApprovedBy() != ""
	}), nil
}
