package agent

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// denominations are the notes and coins of currencies, highest first. A
// currency that is not here is counted as one sum.
var denominations = map[string][]string{
	"PHP": {"1000", "500", "200", "100", "50", "20", "10", "5", "1", "0.25"},
	"MXN": {"1000", "500", "200", "100", "50", "20", "10", "5", "2", "1", "0.50"},
	"COP": {"100000", "50000", "20000", "10000", "5000", "2000", "1000", "500", "200", "100", "50"},
	"GTQ": {"200", "100", "50", "20", "10", "5", "1", "0.50", "0.25"},
	"INR": {"500", "200", "100", "50", "20", "10", "5", "2", "1"},
	"KES": {"1000", "500", "200", "100", "50", "40", "20", "10", "5", "1"},
	"NGN": {"1000", "500", "200", "100", "50", "20", "10", "5"},
	"GHS": {"200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10"},
	"BDT": {"1000", "500", "200", "100", "50", "20", "10", "5", "2", "1"},
	"PKR": {"5000", "1000", "500", "100", "75", "50", "20", "10", "5", "2", "1"},
	"USD": {"100", "50", "20", "10", "5", "1", "0.25", "0.10", "0.05", "0.01"},
	"EUR": {"200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10", "0.05", "0.02", "0.01"},
}

// countRow is one value in a count.
type countRow struct {
	Value, Pieces string
	Wrong         bool
	// Subtotal is empty while nothing was counted.
	Subtotal *v1.Money
}

// countOf is the count of one currency as it was typed.
type countOf struct {
	Currency string
	Rows     []countRow
	// Loose is what was not counted by pieces.
	Loose string
	Wrong bool
	Total *v1.Money
}

// countForm reads the count of the outlet's currencies from a form; before one
// is sent all is empty.
func countForm(v *visit) (form []countOf, counts []*v1.CashCount, good bool) {
	good = true
	for _, code := range v.stand.GetOutlet().GetCurrencies() {
		one, count := readCount(v, code)
		form, counts = append(form, one), append(counts, count)
		good = good && !one.Wrong
	}
	return form, counts, good
}

func readCount(v *visit, code string) (countOf, *v1.CashCount) {
	one, count := countOf{Currency: code}, &v1.CashCount{Currency: code}
	asset, err := remit.Fiat(code)
	if err != nil {
		one.Wrong = true
		return one, count
	}
	sum := int64(0)
	add := func(unit string, pieces int64) (*v1.Money, bool) {
		value, err := remit.ParseMoney(asset, unit)
		const most = 1 << 52
		if err != nil || pieces < 0 || pieces > 1_000_000 || value.Minor*pieces > most-sum {
			return nil, false
		}
		sum += value.Minor * pieces
		return moneyOf(remit.NewMoney(asset, value.Minor*pieces)), true
	}
	for _, unit := range denominations[code] {
		row := countRow{Value: unit, Pieces: strings.TrimSpace(v.r.PostFormValue("pieces/" + code + "/" + unit))}
		if row.Pieces != "" {
			n, err := strconv.ParseInt(plainDigits(row.Pieces), 10, 64)
			ok := err == nil
			if ok {
				row.Subtotal, ok = add(unit, n)
			}
			row.Wrong = !ok
			one.Wrong = one.Wrong || !ok
			if ok && n > 0 {
				count.Pieces = append(count.Pieces, &v1.CashPieces{Value: unit, Count: n})
			}
		}
		one.Rows = append(one.Rows, row)
	}
	if one.Loose = strings.TrimSpace(v.r.PostFormValue("loose/" + code)); one.Loose != "" {
		// A sum that is not counted by pieces leaves no pieces to tell.
		_, ok := add(plainAmount(one.Loose), 1)
		one.Wrong = one.Wrong || !ok
		count.Pieces = nil
	}
	one.Total = moneyOf(remit.NewMoney(asset, sum))
	count.Total = one.Total.GetAmount()
	return one, count
}

// moneyOf writes an amount as the API does.
func moneyOf(m remit.Money) *v1.Money {
	return &v1.Money{Currency: m.Asset.Code, Amount: m.Decimal()}
}

// plainAmount reads an amount as people type it: digits of any script, spaces
// between groups, a point or comma before one or two decimals.
func plainAmount(text string) string {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "٬", "", "٫", ".").Replace(plainDigits(text))
	if at := strings.LastIndexAny(text, ".,"); at >= 0 {
		whole := strings.NewReplacer(".", "", ",", "").Replace(text[:at])
		if len(text)-at-1 == 3 && strings.Count(text, text[at:at+1]) >= 1 {
			return whole + text[at+1:] // 20.000 and 20,000 are groups.
		}
		return whole + "." + text[at+1:]
	}
	return text
}

// drawerData is the teller's drawer.
type drawerData struct {
	// Drawer is nil when none is open.
	Drawer  *v1.CashDrawer
	Form    []countOf
	Trouble *trouble
	// Counted says that the form was added up and may be sent; Sum is in words
	// for the button.
	Counted       bool
	Sum           string
	Key           string
	Note          string
	Approve       *approveData
	Differs, Mine bool
	Currencies    []string
	Amount        string
	// Offers are drawers that others hand to the reader; Next is to whom the
	// reader's own is handed, of Colleagues.
	Offers     []*v1.OfferedDrawer
	Colleagues []*v1.Colleague
	Next       string
}

// NextName is to whom the drawer is handed over.
func (d drawerData) NextName() string {
	for _, c := range d.Colleagues {
		if c.GetTellerId() == d.Drawer.GetNextTellerId() {
			return c.GetName()
		}
	}
	return "–"
}

// drawerPage shows the open drawer, or the form to open one.
func (p *Portal) drawerPage(v *visit) error {
	return p.showDrawer(v, http.StatusOK, v.r.PathValue("id"), nil, nil)
}

func (p *Portal) showDrawer(v *visit, status int, id string, t *trouble, approve *approveData) error {
	data := drawerData{Trouble: t, Key: portal.NewFormKey(), Currencies: v.stand.GetOutlet().GetCurrencies()}
	answer, err := p.counter.GetDrawer(v.read(), &v1.GetDrawerRequest{DrawerId: id})
	switch {
	case err == nil:
		data.Drawer = answer.GetDrawer()
	case id == "" && portal.KindOf(err) == remit.KindPrecondition:
		data.Form, _, _ = countForm(v)
	default:
		return err
	}
	handed, err := p.handovers(v)
	if err != nil {
		return err
	}
	data.Offers, data.Colleagues = handed.GetOffers(), handed.GetColleagues()
	data.Mine = data.Drawer.GetTellerId() == v.stand.GetTeller().GetId()
	for _, d := range data.Drawer.GetDifferences() {
		data.Differs = data.Differs || strings.Trim(d.GetOver().GetAmount(), "-0.") != ""
	}
	if d := data.Drawer; d.GetState() == "counted" {
		data.Approve = &approveData{Kind: "drawer", ID: d.GetId(), Back: home + "/drawer/" + d.GetId(), Key: portal.NewFormKey()}
		if approve != nil {
			data.Approve = approve
		}
	}
	return p.show(v, status, "drawer.html", v.words.T("drawer.title"), data)
}

// sums writes what was counted of each currency.
func (v *visit) sums(form []countOf) string {
	var all []string
	for _, one := range form {
		all = append(all, v.words.Money(one.Total))
	}
	return strings.Join(all, " + ")
}

// openDrawer adds a count up first, and opens the drawer when the sum was seen.
func (p *Portal) openDrawer(v *visit) error {
	form, counts, good := countForm(v)
	data := drawerData{Form: form, Key: v.r.PostFormValue("key"), Counted: good, Sum: v.sums(form), Currencies: v.stand.GetOutlet().GetCurrencies()}
	if !good {
		data.Trouble = v.miscounted()
		return p.show(v, data.Trouble.Status, "drawer.html", v.words.T("drawer.title"), data)
	}
	if v.r.PostFormValue("seen") != totals(counts) {
		return p.show(v, http.StatusOK, "drawer.html", v.words.T("drawer.title"), data)
	}
	_, err := p.counter.OpenDrawer(v.act(), &v1.OpenDrawerRequest{Counts: counts})
	if err == nil {
		return v.redirect(home+"/drawer", "opened")
	}
	if data.Trouble, err = v.refused(err); err != nil {
		return err
	}
	if data.Trouble.Reason == string(remit.ReasonDrawerOpen) {
		return p.showDrawer(v, data.Trouble.Status, "", data.Trouble, nil)
	}
	data.Counted, data.Key = false, portal.NewFormKey()
	return p.show(v, data.Trouble.Status, "drawer.html", v.words.T("drawer.title"), data)
}

// totals is what a count came to, so that a changed count is shown again first.
func totals(counts []*v1.CashCount) string {
	var out []string
	for _, c := range counts {
		out = append(out, c.GetCurrency()+" "+c.GetTotal())
	}
	return strings.Join(out, "+")
}

// Seen is what the form sends once its sum was shown.
func (d drawerData) Seen() string {
	var out []string
	for _, one := range d.Form {
		out = append(out, one.Currency+" "+one.Total.GetAmount())
	}
	return strings.Join(out, "+")
}

func (v *visit) miscounted() *trouble {
	return &trouble{Words: v.words.T("drawer.miscounted"), Tone: portal.ToneBad, Problem: portal.Problem{Status: http.StatusUnprocessableEntity, RequestID: v.caller.RequestID}}
}

// moveCash takes cash from the outlet's float, or puts it back.
func (p *Portal) moveCash(v *visit) error {
	typed := v.r.PostFormValue("amount")
	_, err := p.counter.MoveCash(v.act(), &v1.MoveCashRequest{
		Kind: v.r.PostFormValue("kind"), Amount: &v1.Money{Currency: v.r.PostFormValue("currency"), Amount: plainAmount(typed)},
	})
	if err == nil {
		return v.redirect(home+"/drawer", "moved")
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	return p.showDrawer(v, t.Status, "", t, nil)
}

// closePage asks for the blind count: what the drawer should hold is not told.
func (p *Portal) closePage(v *visit) error {
	answer, err := p.counter.GetDrawer(v.read(), &v1.GetDrawerRequest{})
	if err != nil {
		return v.redirect(home+"/drawer", "")
	}
	form, _, _ := countForm(v)
	return p.showClose(v, http.StatusOK, drawerData{Drawer: answer.GetDrawer(), Form: form, Key: portal.NewFormKey()})
}

func (p *Portal) showClose(v *visit, status int, data drawerData) error {
	handed, err := p.handovers(v)
	if err != nil {
		return err
	}
	data.Colleagues = handed.GetColleagues()
	return p.show(v, status, "close.html", v.words.T("close.title"), data)
}

// closeDrawer adds the blind count up first, and ends the drawer by it when the
// sum was seen.
func (p *Portal) closeDrawer(v *visit) error {
	form, counts, good := countForm(v)
	id := v.r.PostFormValue("drawer")
	data := drawerData{
		Drawer: &v1.CashDrawer{Id: id}, Form: form, Key: v.r.PostFormValue("key"), Note: portal.Prose(v.r.PostFormValue("note")), Counted: good, Sum: v.sums(form),
		Next: v.r.PostFormValue("next"),
	}
	if !good {
		data.Trouble = v.miscounted()
		return p.showClose(v, data.Trouble.Status, data)
	}
	if v.r.PostFormValue("seen") != totals(counts) {
		return p.showClose(v, http.StatusOK, data)
	}
	answer, err := p.counter.CloseDrawer(v.act(), &v1.CloseDrawerRequest{DrawerId: id, Counts: counts, Note: data.Note, NextTellerId: data.Next})
	if err == nil {
		done := "counted"
		if answer.GetDrawer().GetState() == "offered" {
			done = "offered"
		}
		if answer.GetDrawer().GetState() == "closed" {
			done = "closed"
		}
		return v.redirect(fmt.Sprintf("%s/drawer/%s", home, id), done)
	}
	t, err := v.refused(err)
	if err != nil {
		return err
	}
	return p.showDrawer(v, t.Status, id, t, nil)
}
