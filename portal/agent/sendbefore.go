package agent

import (
	"net/http"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// before lists whom a customer who is known sent to in the way of a quote; none
// where the teller must look the customer up again first.
func (p *Portal) before(v *visit, d *draft, q *v1.Quote) ([]*v1.CashInBeneficiary, error) {
	if d.Get("s.kind") != "known" {
		return nil, nil
	}
	answer, err := p.cashIn.ListCashInBeneficiaries(v.read(), &v1.ListCashInBeneficiariesRequest{
		CustomerId: d.Get("s.id"), To: q.GetTo(), PayoutMethod: q.GetPayoutMethod(),
	})
	if portal.KindOf(err) == remit.KindNotFound {
		return nil, nil
	}
	return answer.GetBeneficiaries(), err
}

// knownReceiver goes on with somebody whom the customer sent to before.
func (p *Portal) knownReceiver(v *visit, data sendData, id string) error {
	d := data.Draft
	list, err := p.before(v, d, d.quote())
	if err != nil {
		return err
	}
	purpose := d.Get("r.purpose")
	for _, one := range list {
		if one.GetId() == id {
			d.Drop("r.")
			d.Set("r.id", id)
			d.Set("r.name", one.GetName())
			d.Set("r.purpose", purpose)
			return p.showCheck(v, http.StatusOK, data)
		}
	}
	return p.showReceiver(v, http.StatusOK, data)
}

// BeforeDetail tells one earlier receiver from another: by operator and the end
// of the account, or where the cash is fetched.
func (w *Words) BeforeDetail(b *v1.CashInBeneficiary, q *v1.Quote) string {
	var parts []string
	if name := proper[b.GetOperator()]; name != "" {
		parts = append(parts, name)
	}
	if detail := b.GetPayoutDetail(); detail != q.GetTo() {
		parts = append(parts, detail)
	}
	return strings.Join(parts, " ")
}
