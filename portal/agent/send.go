package agent

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Steps of sending, in their order.
const (
	stepPrice    = "price"
	stepSender   = "sender"
	stepReceiver = "receiver"
	stepCheck    = "check"
	sendSteps    = 4
)

// sendData is what a step of sending shows. What was typed at the other steps
// goes along in hidden fields, so that nothing is lost and nothing is kept here.
type sendData struct {
	Draft   *draft
	Terms   *v1.CashInTerms
	Quote   *v1.Quote
	Trouble *trouble
	// Ended says that the price no longer holds.
	Ended bool
	// Places are the ways of being paid, by country.
	Places []place
	// Open are the outlet's deposits that are not done.
	Open []*v1.Deposit
	// Wrong are messages by the form's fields, and Faults the same as a list.
	Wrong  map[string]string
	Faults []fault
	// Carry are the hidden fields of the page.
	Carry []carried
	// Step is the page's number.
	Step int32
	// Others are all hidden fields, for forms that ask for nothing.
	Others []carried

	// Of who sends and who receives.
	Found   *v1.CashInCustomer
	Fields  []ask
	More    []ask
	Account []ask
	Purpose []option
	Pickup  *pickupChoice
	// Before are whom the customer sent to in this way before.
	Before []*v1.CashInBeneficiary
	// Of the warning.
	Answers map[string]string
	Tongues []option
}

// Steps is how many there are.
func (sendData) Steps() int32 { return sendSteps }

// place is a country with the ways of being paid there.
type place struct {
	Name    string
	Options []option
}

// draft is what was typed so far. Its fields are named by step: q. of the price,
// s. of who sends, r. of who receives, c. of the warning.
type draft struct{ values map[string]string }

var draftSteps = []string{"q.", "s.", "r.", "c."}

// draftOf reads what a form of sending brings along.
func draftOf(v *visit) *draft {
	d := &draft{values: make(map[string]string)}
	_ = v.r.PostFormValue("q.key") // Parses the form; one that cannot be read is empty.
	for name, values := range v.r.PostForm {
		if slices.ContainsFunc(draftSteps, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			d.Set(name, strings.TrimSpace(values[0]))
		}
	}
	if d.Get("q.key") == "" {
		d.Set("q.key", portal.NewFormKey())
	}
	return d
}

// Get returns what was typed into a field.
func (d *draft) Get(name string) string { return d.values[name] }

// Set keeps a value; an empty one goes.
func (d *draft) Set(name, value string) {
	if value == "" {
		delete(d.values, name)
		return
	}
	d.values[name] = value
}

// Drop forgets what starts with a prefix.
func (d *draft) Drop(prefix string) {
	for name := range d.values {
		if strings.HasPrefix(name, prefix) {
			delete(d.values, name)
		}
	}
}

// carried is a hidden field.
type carried struct{ Name, Value string }

// carry lists the fields that a page does not ask for itself.
func (d *draft) carry(shown ...string) []carried {
	var list []carried
	for name, value := range d.values {
		if !slices.ContainsFunc(shown, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			list = append(list, carried{name, value})
		}
	}
	slices.SortFunc(list, func(a, b carried) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// quote is the price that was offered, for showing; nil for none.
func (d *draft) quote() *v1.Quote {
	text, err := base64.RawURLEncoding.DecodeString(d.Get("q.quote"))
	q := new(v1.Quote)
	if err != nil || len(text) == 0 || proto.Unmarshal(text, q) != nil {
		return nil
	}
	return q
}

func (d *draft) setQuote(q *v1.Quote) error {
	text, err := proto.Marshal(q)
	if err != nil {
		return err
	}
	d.Set("q.quote", base64.RawURLEncoding.EncodeToString(text))
	return nil
}

// terms is what this outlet takes cash for, in a language.
func (p *Portal) terms(v *visit, language string) (*v1.CashInTerms, error) {
	answer, err := p.cashIn.GetCashInTerms(v.read(), &v1.GetCashInTermsRequest{Language: language})
	return answer.GetTerms(), err
}

// sendPage asks where to and how much, and lists what was begun.
func (p *Portal) sendPage(v *visit) error {
	if v.stand.GetOutlet() == nil {
		return p.show(v, http.StatusOK, "admin.html", v.words.T("admin.title"), nil)
	}
	return p.showSend(v, http.StatusOK, sendData{Draft: draftOf(v)})
}

func (p *Portal) showSend(v *visit, status int, data sendData) error {
	var err error
	if data.Terms, err = p.terms(v, v.words.Code); err != nil {
		return err
	}
	chosen := data.Draft.Get("q.to")
	for _, c := range data.Terms.GetCorridors() {
		one := place{Name: v.words.CountryName(c.GetTo())}
		for _, o := range c.GetPayoutMethods() {
			value := c.GetTo() + " " + o.GetMethod() + " " + o.GetMinimum().GetCurrency()
			text := v.words.T("method."+o.GetMethod()) + " · " + o.GetMinimum().GetCurrency()
			one.Options = append(one.Options, option{Value: value, Text: text, Chosen: value == chosen})
		}
		data.Places = append(data.Places, one)
	}
	slices.SortFunc(data.Places, func(a, b place) int { return strings.Compare(a.Name, b.Name) })
	open, err := p.cashIn.ListDeposits(v.read(), &v1.ListDepositsRequest{})
	if err != nil {
		return err
	}
	data.Open, data.Step = open.GetDeposits(), 1
	data.Carry = data.Draft.carry("q.to", "q.amount", "q.side", "q.quote")
	data.Faults = v.faults(data)
	return p.show(v, status, "send.html", v.words.T("send.title"), data)
}

// price makes a firm offer and shows it.
func (p *Portal) price(v *visit) error {
	data := sendData{Draft: draftOf(v), Wrong: make(map[string]string)}
	d := data.Draft
	where := strings.Fields(d.Get("q.to"))
	amount := plainAmount(d.Get("q.amount"))
	if len(where) != 3 {
		data.Wrong["q.to"] = v.words.T("wrong.choose")
	}
	if amount == "" || strings.Trim(amount, "0123456789.") != "" || strings.Trim(amount, "0.") == "" {
		data.Wrong["q.amount"] = v.words.T("wrong.amount", "example", v.words.Amount("200.00"))
	}
	if len(data.Wrong) > 0 {
		data.Trouble = v.misfilled()
		return p.showSend(v, data.Trouble.Status, data)
	}
	terms, err := p.terms(v, v.words.Code)
	if err != nil {
		return err
	}
	request := &v1.CreateCashInQuoteRequest{To: where[0], PayoutMethod: where[1], TargetCurrency: where[2]}
	if d.Get("q.side") == "gets" {
		request.TargetAmount = &v1.Money{Currency: where[2], Amount: amount}
	} else {
		request.SourceAmount = &v1.Money{Currency: terms.GetCurrency(), Amount: amount}
	}
	// A double click is one price; asking again after it ended is another.
	again := ""
	if old := d.quote(); old != nil {
		again = old.GetId()
	}
	answer, err := p.cashIn.CreateCashInQuote(v.once(d, stepPrice, d.Get("q.to"), amount, d.Get("q.side"), again), request)
	if err != nil {
		if data.Trouble, err = v.refused(err); err != nil {
			return err
		}
		for name := range data.Trouble.Fields {
			if strings.Contains(name, "amount") {
				data.Wrong["q.amount"] = p.limits(v, terms, d, where)
			} else {
				data.Wrong["q.to"] = v.words.T("wrong.choose")
			}
		}
		return p.showSend(v, data.Trouble.Status, data)
	}
	quote := answer.GetQuote()
	if old := d.quote(); old != nil && (old.GetTo() != quote.GetTo() || old.GetPayoutMethod() != quote.GetPayoutMethod()) {
		d.Set("r.id", "") // Another way of being paid asks for other fields.
		for name := range d.values {
			if strings.HasPrefix(name, "r.account.") || strings.HasPrefix(name, "r.where") {
				d.Set(name, "")
			}
		}
	}
	if err := d.setQuote(quote); err != nil {
		return err
	}
	return p.showPrice(v, data)
}

// limits says between which amounts a way of being paid is.
func (p *Portal) limits(v *visit, terms *v1.CashInTerms, d *draft, where []string) string {
	for _, c := range terms.GetCorridors() {
		if c.GetTo() != where[0] {
			continue
		}
		if d.Get("q.side") != "gets" {
			for _, f := range c.GetFundingMethods() {
				if f.GetMethod() == "cash" {
					return v.words.T("wrong.range", "least", v.words.Money(f.GetMinimum()), "most", v.words.Money(f.GetMaximum()))
				}
			}
		}
		for _, o := range c.GetPayoutMethods() {
			if o.GetMethod() == where[1] && o.GetMinimum().GetCurrency() == where[2] {
				return v.words.T("wrong.range", "least", v.words.Money(o.GetMinimum()), "most", v.words.Money(o.GetMaximum()))
			}
		}
	}
	return v.words.T("wrong.source_amount")
}

func (p *Portal) showPrice(v *visit, data sendData) error {
	data.Quote, data.Carry, data.Step = data.Draft.quote(), data.Draft.carry(), 1
	return p.show(v, http.StatusOK, "price.html", v.words.T("price.title"), data)
}

// step shows a step that was asked for, as far as what it needs is there.
func (p *Portal) step(v *visit) error {
	d := draftOf(v)
	if d.quote() == nil {
		return v.redirect(home+"/send", "")
	}
	data := sendData{Draft: d}
	switch wanted := v.r.PostFormValue("go"); {
	case wanted == "amount":
		return p.showSend(v, http.StatusOK, data)
	case wanted == stepPrice:
		return p.showPrice(v, data)
	case wanted == stepSender || d.Get("s.id") == "":
		switch v.r.PostFormValue("who") {
		case "new":
			d.Drop("s.")
			d.Set("s.kind", "new")
		case "another":
			d.Drop("s.")
		}
		return p.showSender(v, http.StatusOK, data)
	case wanted == stepReceiver || d.Get("r.id") == "":
		return p.showReceiver(v, http.StatusOK, data)
	default:
		return p.showCheck(v, http.StatusOK, data)
	}
}

// begin makes what every step after the price shows.
func (p *Portal) begin(v *visit, data *sendData, step int32) {
	data.Quote, data.Step, data.Others = data.Draft.quote(), step, data.Draft.carry()
	data.Ended = !data.Quote.GetExpiresAt().AsTime().After(p.clock.Now())
	if data.Wrong == nil {
		data.Wrong = make(map[string]string)
	}
}

// misfilled is the trouble of a form whose fields say what is wrong.
func (v *visit) misfilled() *trouble {
	return &trouble{
		Words: v.words.T("reason.fields"), Tone: portal.ToneBad,
		Problem: portal.Problem{Status: http.StatusUnprocessableEntity, RequestID: v.caller.RequestID, Fields: map[string]string{}},
	}
}

// Arrives writes how long a delivery takes.
func (w *Words) Arrives(seconds int32) string {
	switch took := time.Duration(seconds) * time.Second; {
	case took <= 90*time.Minute:
		return w.T("span.minutes", "count", w.Number(int64((took+time.Minute-1)/time.Minute)))
	case took <= 36*time.Hour:
		return w.T("span.hours", "count", w.Number(int64((took+time.Hour-1)/time.Hour)))
	default:
		return w.T("span.days", "count", w.Number(int64((took+24*time.Hour-1)/(24*time.Hour))))
	}
}
