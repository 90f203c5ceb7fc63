package agent

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// depositData is cash that a customer brings, and where it stands.
type depositData struct {
	Deposit *v1.Deposit
	All     *v1.GetDepositResponse
	Quote   *v1.Quote
	Trouble *trouble
	Approve *approveData
	// Waits says that a manager must approve first; Sure asks once before taking.
	Waits, Sure bool
	// Soon says that the page asks again by itself.
	Soon bool
	// Cash is what the customer gave, counted if the teller noted it.
	Cash []countOf
	// Received, Change and Short are what came of the count; nil for none.
	Received, Change, Short *v1.Money
	// Code is what the receiver fetches the cash with, and QR the same drawn.
	Code, RefundCode string
	QR               template.HTML
	CanCancel        bool
	Paper            string
	Papers, Copies   []string
}

// Detail is which account is paid, or where cash is fetched; empty where the
// country says it all.
func (d depositData) Detail() string {
	if detail := d.All.GetPayoutDetail(); detail != d.Quote.GetTo() {
		return detail
	}
	return ""
}

// again is after how many seconds a page that waits for the gateway is fetched anew.
const again = "1"

// depositPage shows where a deposit stands, to the tellers of its outlet.
func (p *Portal) depositPage(v *visit) error {
	return p.showDeposit(v, http.StatusOK, v.r.PathValue("id"), depositData{Sure: v.r.URL.Query().Get("sure") != ""})
}

func (p *Portal) showDeposit(v *visit, status int, id string, data depositData) error {
	answer, err := p.cashIn.GetDeposit(v.read(), &v1.GetDepositRequest{DepositId: id})
	if err != nil {
		if data.Trouble == nil {
			return err
		}
		p.problemPage(v, data.Trouble)
		return nil
	}
	d := answer.GetDeposit()
	data.All, data.Deposit, data.Quote = answer, d, answer.GetQuote()
	data.Papers, data.Copies, data.Paper = papers, []string{"customer", "outlet"}, papers[0]
	if asked := v.r.URL.Query().Get("paper"); slices.Contains(papers, asked) {
		data.Paper = asked
	}
	title := "dep.checking"
	switch d.GetState() {
	case "checking":
		data.Soon = true
	case "not_now":
		title = "dep.notnow"
	case "waiting":
		title = "dep.take"
		data.Waits = len(d.GetNeeds()) > 0 && d.GetApprovedBy() == ""
		if data.Waits && data.Approve == nil {
			data.Approve = &approveData{Kind: "deposit", ID: id, Back: home + "/send/" + id, Key: portal.NewFormKey()}
		}
		if data.Cash == nil {
			one, _ := readCount(v, d.GetAmount().GetCurrency())
			data.Cash = []countOf{one}
		}
	case "taken":
		title = "dep.taken"
		data.Code, data.RefundCode = answer.GetPickupCode(), answer.GetRefundCode()
		back := strings.HasPrefix(d.GetProgress(), "refund")
		data.CanCancel = !back && d.GetProgress() != "delivered" && d.GetCancelUntil().AsTime().After(p.clock.Now())
		data.Soon = d.GetProgress() == "refunding" || d.GetProgress() == "sending" && data.Quote.GetPayoutMethod() == "cash"
		if data.Code != "" {
			if data.QR, err = portal.QRCode(strings.ReplaceAll(data.Code, "-", ""), v.words.T("slip.codeqr")); err != nil {
				return err
			}
		}
	case "canceled":
		title = "dep.canceled"
	case "expired":
		title = "dep.expired"
	}
	if data.Soon && status == http.StatusOK && v.r.URL.Query().Get("still") == "" {
		v.w.Header().Set("Refresh", again) // Works without script; ?still=1 is the page at rest.
	}
	return p.show(v, status, "deposit.html", v.words.T(title), data)
}

// counted works the change out of what the customer gave. Nothing noted is the
// amount itself.
func (p *Portal) counted(v *visit, amount *v1.Money, data *depositData) (received, change *v1.CashCount) {
	one, count := readCount(v, amount.GetCurrency())
	data.Cash = []countOf{one}
	asset, err := remit.Fiat(amount.GetCurrency())
	if err != nil || one.Wrong {
		data.Trouble = v.miscounted()
		return nil, nil
	}
	given, err1 := remit.ParseMoney(asset, count.GetTotal())
	due, err2 := remit.ParseMoney(asset, amount.GetAmount())
	if err1 != nil || err2 != nil || given.Minor == 0 {
		return nil, nil
	}
	data.Received = moneyOf(given)
	if given.Minor < due.Minor {
		data.Short = moneyOf(remit.NewMoney(asset, due.Minor-given.Minor))
		return nil, nil
	}
	data.Change = moneyOf(remit.NewMoney(asset, given.Minor-due.Minor))
	return count, &v1.CashCount{Currency: amount.GetCurrency(), Total: data.Change.GetAmount()}
}

// countDeposit shows the change before the cash is taken.
func (p *Portal) countDeposit(v *visit) error {
	id := v.r.PathValue("id")
	answer, err := p.cashIn.GetDeposit(v.read(), &v1.GetDepositRequest{DepositId: id})
	if err != nil {
		return err
	}
	data := depositData{}
	received, _ := p.counted(v, answer.GetDeposit().GetAmount(), &data)
	data.Sure = received != nil
	status := http.StatusOK
	if data.Trouble != nil {
		status = data.Trouble.Status
	}
	return p.showDeposit(v, status, id, data)
}

// takeDeposit records that the cash was taken. Whatever comes of it, the page
// then shows the true state, so that a lost answer is safe to ask for again.
func (p *Portal) takeDeposit(v *visit) error {
	id := v.r.PathValue("id")
	answer, err := p.cashIn.GetDeposit(v.read(), &v1.GetDepositRequest{DepositId: id})
	if err != nil {
		return err
	}
	var data depositData
	request := &v1.TakeDepositRequest{DepositId: id}
	request.Received, request.Change = p.counted(v, answer.GetDeposit().GetAmount(), &data)
	if data.Trouble != nil || data.Short != nil {
		return p.showDeposit(v, http.StatusUnprocessableEntity, id, data)
	}
	_, err = p.cashIn.TakeDeposit(v.act(), request)
	return p.stands(v, id, "took", err)
}

// cancelDeposit undoes a deposit, before or after its cash was taken.
func (p *Portal) cancelDeposit(v *visit) error {
	id := v.r.PathValue("id")
	answer, err := p.cashIn.CancelDeposit(v.act(), &v1.CancelDepositRequest{DepositId: id})
	done := "refund"
	if answer.GetDeposit().GetState() == "canceled" {
		done = "nothing"
	}
	return p.stands(v, id, done, err)
}

// stands shows where a deposit stands after an act.
func (p *Portal) stands(v *visit, id, done string, err error) error {
	if err == nil {
		return v.redirect(home+"/send/"+id, done)
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	if t.Reason == string(remit.ReasonIdempotencyBusy) {
		return v.redirect(home+"/send/"+id, "") // The same click is being answered.
	}
	return p.showDeposit(v, t.Status, id, depositData{Trouble: t})
}
