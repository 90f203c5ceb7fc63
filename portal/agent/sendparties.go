package agent

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// once returns the context of an act whose idempotency key follows from what is
// sent: a double click is one act, a corrected form another.
func (v *visit) once(d *draft, step string, content ...string) context.Context {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{d.Get("q.key"), step}, content...), "\x00")))
	return v.caller.Context(v.ctx, "send-"+step+"-"+hex.EncodeToString(sum[:16]))
}

// content is what a step's fields hold, in order, for the key of its act.
func (d *draft) content(prefix string) []string {
	var list []string
	for name, value := range d.values {
		if strings.HasPrefix(name, prefix) {
			list = append(list, name+"="+value)
		}
	}
	slices.Sort(list)
	return list
}

// schema asks what must be known of both parties and the account.
func (p *Portal) schema(v *visit, q *v1.Quote) (*structpb.Struct, error) {
	answer, err := p.cashIn.GetCashInFields(v.read(), &v1.GetCashInFieldsRequest{
		To: q.GetTo(), PayoutMethod: q.GetPayoutMethod(), Amount: q.GetSourceAmount().GetAmount(),
	})
	return answer.GetSchema(), err
}

// ofDocument are the fields of a party that the document's own fields tell, and
// names those that are asked for before all else.
var (
	ofDocument = []string{"document_type", "document_number", "company_name"}
	names      = []string{"given_name", "family_name", "date_of_birth"}
)

// showSender asks who sends: a customer who is known, or a new one.
func (p *Portal) showSender(v *visit, status int, data sendData) error {
	d := data.Draft
	p.begin(v, &data, 2)
	var err error
	if data.Terms, err = p.terms(v, v.words.Code); err != nil {
		return err
	}
	schema, err := p.schema(v, data.Quote)
	if err != nil {
		return err
	}
	defaults := map[string]string{"s.doc.issuer": v.stand.GetOutlet().GetCountry()}
	if d.Get("s.kind") == "new" {
		defaults["s.party.country"] = v.stand.GetOutlet().GetCountry()
	}
	if documents := data.Terms.GetDocuments(); len(documents) > 0 {
		defaults["s.doc.type"] = documents[0].GetType()
	}
	for name, value := range defaults {
		if d.Get(name) == "" {
			d.Set(name, value)
		}
	}
	part := partOf(schema, "originator")
	field := func(name string) ask {
		return v.ask(part, "s.party", name, d.Get("s.party."+name), data.Wrong["s.party."+name])
	}
	if d.Get("s.kind") == "new" {
		for _, name := range names {
			one := field(name)
			one.Required = one.Required || name == "date_of_birth"
			data.Fields = append(data.Fields, one)
		}
	}
	for _, name := range part.order {
		if !slices.Contains(names, name) && !slices.Contains(ofDocument, name) && (part.required[name] || name == "phone") {
			one := field(name)
			// Of a customer who is known it may be on file already.
			one.Required = one.Required && d.Get("s.kind") == "new"
			data.More = append(data.More, one)
		}
	}
	if d.Get("s.id") != "" {
		data.Found = &v1.CashInCustomer{
			Id: d.Get("s.id"), Name: d.Get("s.name"), PhoneEnd: d.Get("s.phoneend"), DocumentType: d.Get("s.ondoc"), DocumentEnd: d.Get("s.docend"),
		}
	}
	data.Carry = d.carry("s.find.", "s.party.", "s.doc.")
	if d.Get("s.kind") == "" {
		data.Carry = d.carry("s.")
	}
	data.Faults = v.faults(data)
	return p.show(v, status, "sender.html", v.words.T("sender.title"), data)
}

// findCustomer looks a returning customer up. Whatever does not fit sounds the same.
func (p *Portal) findCustomer(v *visit) error {
	data := sendData{Draft: draftOf(v)}
	d := data.Draft
	if d.quote() == nil {
		return v.redirect(home+"/send", "")
	}
	answer, err := p.cashIn.FindCashInCustomer(v.read(), &v1.FindCashInCustomerRequest{
		Phone: plainPhone(d.Get("s.find.phone")), DocumentNumber: plainDigits(d.Get("s.find.number")), Name: d.Get("s.find.name"), DateOfBirth: plainDigits(d.Get("s.find.born")),
	})
	if err != nil {
		if data.Trouble, err = v.refused(err); err != nil {
			return err
		}
		data.Wrong = make(map[string]string)
		for api, name := range map[string]string{"phone": "s.find.phone", "document_number": "s.find.number", "name": "s.find.name", "date_of_birth": "s.find.born"} {
			if data.Trouble.Field(api) != "" {
				data.Wrong[name] = v.words.T("wrong.field")
			}
		}
		return p.showSender(v, data.Trouble.Status, data)
	}
	c := answer.GetCustomer()
	born, number := d.Get("s.find.born"), d.Get("s.find.number")
	d.Drop("s.")
	d.setCustomer(c, "known")
	d.Set("s.doc.birth_date", born)
	d.Set("s.doc.number", number)
	d.Set("s.doc.name", c.GetName())
	d.Set("s.doc.type", c.GetDocumentType())
	return p.showSender(v, http.StatusOK, data)
}

func (d *draft) setCustomer(c *v1.CashInCustomer, kind string) {
	d.Set("s.kind", kind)
	d.Set("s.id", c.GetId())
	d.Set("s.name", c.GetName())
	d.Set("s.phoneend", c.GetPhoneEnd())
	d.Set("s.ondoc", c.GetDocumentType())
	d.Set("s.docend", c.GetDocumentEnd())
	d.Set("s.version", strconv.FormatInt(c.GetVersion(), 10))
}

// plainPhone reads a phone number as people type it.
func plainPhone(text string) string {
	text = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "\u00a0", "").Replace(plainDigits(text))
	if rest, found := strings.CutPrefix(text, "00"); found {
		return "+" + rest
	}
	return text
}

// party reads a party's fields from a form.
func (d *draft) party(prefix string) *v1.Party {
	get := func(name string) string { return d.Get(prefix + name) }
	return &v1.Party{
		GivenName: get("given_name"), FamilyName: get("family_name"), DateOfBirth: plainDigits(get("date_of_birth")),
		Nationality: strings.ToUpper(get("nationality")), Country: strings.ToUpper(get("country")), AddressLine: get("address_line"), City: get("city"),
		PostalCode: get("postal_code"), Phone: plainPhone(get("phone")), Email: get("email"),
		DocumentType: get("document_type"), DocumentNumber: plainDigits(get("document_number")),
	}
}

// document reads what is on the sender's document. Of a new customer name and
// birth date are written down once.
func (d *draft) document() *v1.IdentityDocument {
	get := func(name string) string { return d.Get("s.doc." + name) }
	doc := &v1.IdentityDocument{
		Type: get("type"), Number: plainDigits(get("number")), Issuer: strings.ToUpper(get("issuer")), Expires: plainDigits(get("expires")),
		BirthDate: plainDigits(get("birth_date")), Name: get("name"),
	}
	if d.Get("s.kind") == "new" {
		doc.BirthDate = plainDigits(d.Get("s.party.date_of_birth"))
		doc.Name = strings.TrimSpace(d.Get("s.party.given_name") + " " + d.Get("s.party.family_name"))
	}
	return doc
}

// saveSender stores who sends, and goes on to who receives.
func (p *Portal) saveSender(v *visit) error {
	data := sendData{Draft: draftOf(v)}
	d := data.Draft
	if d.quote() == nil || d.Get("s.kind") == "" {
		return v.redirect(home+"/send", "")
	}
	typed := d.content("s.party.")
	if d.Get("s.kind") == "known" && len(typed) == 0 {
		return p.pastSender(v, data) // Nothing is added to the file; the document is recorded with the deposit.
	}
	version, _ := strconv.ParseInt(d.Get("s.version"), 10, 64) //nolint:errcheck // The API refuses a wrong one.
	party, document := d.party("s.party."), d.document()
	content := append(typed, d.content("s.doc.")...)
	answer, problem := p.cashIn.SaveCashInCustomer(v.once(d, stepSender, append(content, d.Get("s.id"), d.Get("s.version"))...), &v1.SaveCashInCustomerRequest{
		CustomerId: d.Get("s.id"), Version: version, Party: party, Identity: document,
	})
	if problem != nil {
		var err error
		if data.Trouble, err = v.refused(problem); err != nil {
			return err
		}
		data.Wrong = v.wrongParties(data.Trouble, problem, d, "s.party.")
		if data.Trouble.Reason == string(remit.ReasonPartyChanged) {
			d.Drop("s.")
		}
		return p.showSender(v, data.Trouble.Status, data)
	}
	d.setCustomer(answer.GetCustomer(), d.Get("s.kind"))
	return p.pastSender(v, data)
}

// pastSender goes on to who receives, or to the check where that is known.
func (p *Portal) pastSender(v *visit, data sendData) error {
	if data.Draft.Get("r.id") != "" {
		return p.showCheck(v, http.StatusOK, data)
	}
	return p.showReceiver(v, http.StatusOK, data)
}

// wrongParties puts what the API finds wrong beside the form's own fields.
// party is where the fields of a request's one party stand.
func (v *visit) wrongParties(t *trouble, err error, d *draft, party string) map[string]string {
	wrong := make(map[string]string)
	reasons := fieldReasons(err)
	for path, message := range t.Fields {
		name := formField(path, d, party)
		if reasons[path] == string(remit.ReasonFieldRequired) {
			message = v.words.T("wrong.required")
		} else if key := strings.Replace(path, "identity.", "wrong.sender.", 1); key != path && v.words.Has(key) {
			message = v.words.T(key)
		} else if !v.words.Has("wrong."+path) && !v.words.Has("wrong."+path+"."+reasons[path]) {
			message = v.words.T("wrong.field")
		}
		wrong[name] = message
	}
	return wrong
}

// formField is the form's field of a path in the API.
func formField(path string, d *draft, party string) string {
	first, rest, _ := strings.Cut(path, ".")
	switch first {
	case "identity":
		if d.Get("s.kind") == "new" && rest == "birth_date" {
			return "s.party.date_of_birth"
		}
		if d.Get("s.kind") == "new" && rest == "name" {
			return "s.party.given_name"
		}
		return "s.doc." + rest
	case "party":
		return party + rest
	case "originator", "customer":
		return "s.party." + strings.TrimPrefix(rest, "party.")
	case "beneficiary":
		return "r.party." + strings.TrimPrefix(strings.TrimPrefix(rest, "party."), "account.")
	case "account":
		return "r.account." + rest
	default:
		return path
	}
}

// purposes are what money may be for.
var purposes = []string{"family_support", "education", "medical", "gift", "housing", "goods", "savings", "other"}

// pickupChoice is where cash may be fetched.
type pickupChoice struct {
	Chosen  string
	City    string
	Agents  []option
	Outlets []*v1.FoundOutlet
	// Asked says that outlets were looked for.
	Asked bool
}

// showReceiver asks who receives, and where.
func (p *Portal) showReceiver(v *visit, status int, data sendData) error {
	d := data.Draft
	p.begin(v, &data, 3)
	schema, err := p.schema(v, data.Quote)
	if err != nil {
		return err
	}
	part := partOf(schema, "beneficiary")
	for _, name := range part.order {
		if slices.Contains(names[:2], name) || part.required[name] && name != "country" {
			one := v.ask(part, "r.party", name, d.Get("r.party."+name), data.Wrong["r.party."+name])
			data.Fields = append(data.Fields, one)
		}
	}
	account := partOf(schema, "account")
	for _, name := range account.order {
		if name == "pickup_agent" || name == "pickup_outlet" {
			continue
		}
		data.Account = append(data.Account, v.ask(account, "r.account", name, d.Get("r.account."+name), data.Wrong["r.account."+name]))
	}
	if account.fields["pickup_outlet"] != nil {
		if data.Pickup, err = p.outlets(v, d, data.Quote); err != nil {
			return err
		}
	}
	for _, one := range purposes {
		data.Purpose = append(data.Purpose, option{Value: one, Text: v.words.T("purpose." + one), Chosen: one == cmp.Or(d.Get("r.purpose"), purposes[0])})
	}
	if data.Before, err = p.before(v, d, data.Quote); err != nil {
		return err
	}
	data.Carry = d.carry("r.")
	data.Faults = v.faults(data)
	return p.show(v, status, "receiver.html", v.words.T("receiver.title"), data)
}

// outlets finds where the cash may be fetched.
func (p *Portal) outlets(v *visit, d *draft, q *v1.Quote) (*pickupChoice, error) {
	choice := &pickupChoice{Chosen: cmp.Or(d.Get("r.where"), "any"), City: d.Get("r.wherecity")}
	choice.Asked = choice.City != ""
	answer, err := p.agents.FindOutlets(v.read(), &v1.FindOutletsRequest{
		Country: q.GetTo(), City: choice.City, Currency: q.GetTargetAmount().GetCurrency(), Amount: q.GetTargetAmount().GetAmount(), Limit: 12,
	})
	if err != nil {
		t, err := v.refused(err)
		if err != nil {
			return nil, err
		}
		_ = t // No outlet is known then: the cash is fetched anywhere.
		return choice, nil
	}
	choice.Outlets = answer.GetOutlets()
	for _, o := range choice.Outlets {
		value := "agent " + o.GetAgentId()
		if !slices.ContainsFunc(choice.Agents, func(one option) bool { return one.Value == value }) {
			choice.Agents = append(choice.Agents, option{Value: value, Text: v.words.T("where.agent", "agent", o.GetAgentName()), Chosen: value == choice.Chosen})
		}
	}
	return choice, nil
}

// saveReceiver stores who receives, and goes on to the warning.
func (p *Portal) saveReceiver(v *visit) error {
	data := sendData{Draft: draftOf(v)}
	d := data.Draft
	q := d.quote()
	if q == nil || d.Get("s.id") == "" {
		return v.redirect(home+"/send", "")
	}
	if v.r.PostFormValue("find") != "" {
		return p.showReceiver(v, http.StatusOK, data)
	}
	if id := v.r.PostFormValue("known"); id != "" {
		return p.knownReceiver(v, data, id)
	}
	party := d.party("r.party.")
	party.Country = q.GetTo()
	account := make(map[string]string)
	for name, value := range d.values {
		if field, is := strings.CutPrefix(name, "r.account."); is {
			account[field] = accountValue(field, value)
		}
	}
	switch kind, id, _ := strings.Cut(d.Get("r.where"), " "); kind {
	case "agent":
		account["pickup_agent"] = id
	case "outlet":
		account["pickup_outlet"] = id
	}
	d.Set("r.id", "")
	answer, problem := p.cashIn.CreateCashInBeneficiary(v.once(d, stepReceiver, append(d.content("r."), q.GetTo(), q.GetPayoutMethod())...), &v1.CreateCashInBeneficiaryRequest{
		Party: party, PayoutMethod: q.GetPayoutMethod(), Account: account,
	})
	if problem != nil {
		var err error
		if data.Trouble, err = v.refused(problem); err != nil {
			return err
		}
		data.Wrong = v.wrongParties(data.Trouble, problem, d, "r.party.")
		return p.showReceiver(v, data.Trouble.Status, data)
	}
	d.Set("r.id", answer.GetBeneficiaryId())
	d.Set("r.name", answer.GetName())
	return p.showCheck(v, http.StatusOK, data)
}

// accountValue is an account's field as it is sent: what people type with spaces
// or in other digits is made plain.
func accountValue(field, value string) string {
	switch field {
	case "phone":
		return plainPhone(value)
	case "iban", "clabe", "ifsc", "account_number", "bank_code", "branch_code", "sort_code":
		return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(plainDigits(value)))
	default:
		return value
	}
}
