package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// refusal is one wrong request and what must be said about it.
type refusal struct {
	name, path, body string
	want
}

// with replaces one piece of a body that is otherwise right.
func with(body, old, replacement string) string {
	if !strings.Contains(body, old) {
		panic("no " + old + " in " + body)
	}
	return strings.Replace(body, old, replacement, 1)
}

func quoteRefusals() []refusal {
	q := func(name, old, replacement, reason, field string) refusal {
		return refusal{name, "/v1/quotes", with(quoteBody, old, replacement), want{reason: reason, field: field}}
	}
	return []refusal{
		q("from missing", `"from":"US",`, ``, "FIELD_REQUIRED", "from"),
		q("from empty", `"from":"US"`, `"from":""`, "FIELD_REQUIRED", "from"),
		q("from null", `"from":"US"`, `"from":null`, "FIELD_REQUIRED", "from"),
		q("from a number", `"from":"US"`, `"from":1`, "FIELD_INVALID", "from"),
		q("from an object", `"from":"US"`, `"from":{}`, "FIELD_INVALID", "from"),
		q("from too long", `"from":"US"`, `"from":"USA"`, "FIELD_INVALID", "from"),
		q("from no country", `"from":"US"`, `"from":"XX"`, "UNKNOWN_COUNTRY", "from"),
		q("from in small letters", `"from":"US"`, `"from":"us"`, "UNKNOWN_COUNTRY", "from"),
		q("from not served", `"from":"US"`, `"from":"AQ"`, "UNKNOWN_COUNTRY", "from"),
		q("from has a control character", `"from":"US"`, `"from":"\u0000U"`, "FIELD_INVALID", "from"),
		q("to missing", `"to":"PH",`, ``, "FIELD_REQUIRED", "to"),
		q("to no country", `"to":"PH"`, `"to":"ZZ"`, "UNKNOWN_COUNTRY", "to"),
		q("to no corridor", `"to":"PH"`, `"to":"VN"`, "UNKNOWN_CORRIDOR", "to"),
		q("to a list", `"to":"PH"`, `"to":["PH"]`, "FIELD_INVALID", "to"),
		q("funding missing", `"funding_method":"card",`, ``, "FIELD_REQUIRED", "funding_method"),
		q("funding unknown", `"funding_method":"card"`, `"funding_method":"gold"`, "METHOD_NOT_OFFERED", "funding_method"),
		q("funding true", `"funding_method":"card"`, `"funding_method":true`, "FIELD_INVALID", "funding_method"),
		q("payout missing", `"payout_method":"mobile_money",`, ``, "FIELD_REQUIRED", "payout_method"),
		q("payout unknown", `"payout_method":"mobile_money"`, `"payout_method":"pigeon"`, "METHOD_NOT_OFFERED", "payout_method"),
		q("rail unknown", `"from":"US"`, `"from":"US","rail":"bitcoin"`, "RAIL_NOT_OFFERED", "rail"),
		q("rail a number", `"from":"US"`, `"from":"US","rail":7`, "FIELD_INVALID", "rail"),
		q("target currency unknown", `"from":"US"`, `"from":"US","target_currency":"EUR"`, "UNKNOWN_CURRENCY", "target_currency"),
		q("no amount", `"source_amount":{"currency":"USD","amount":"200"}`, `"rail":"auto"`, "FIELD_REQUIRED", "source_amount"),
		q("two amounts", `"from":"US"`, `"from":"US","target_amount":{"currency":"PHP","amount":"100"}`, "FIELD_INVALID", "target_amount"),
		q("amount no object", `{"currency":"USD","amount":"200"}`, `"200"`, "FIELD_INVALID", "source_amount"),
		q("amount a number", `"amount":"200"`, `"amount":200`, "FIELD_INVALID", "source_amount.amount"),
		q("amount missing", `,"amount":"200"`, ``, "FIELD_REQUIRED", "source_amount.amount"),
		q("amount empty", `"amount":"200"`, `"amount":""`, "FIELD_REQUIRED", "source_amount.amount"),
		q("amount zero", `"amount":"200"`, `"amount":"0.00"`, "AMOUNT_NOT_POSITIVE", "source_amount.amount"),
		q("amount negative", `"amount":"200"`, `"amount":"-200"`, "AMOUNT_MALFORMED", "source_amount.amount"),
		q("amount with plus", `"amount":"200"`, `"amount":"+200"`, "AMOUNT_MALFORMED", "source_amount.amount"),
		q("amount with exponent", `"amount":"200"`, `"amount":"2e2"`, "AMOUNT_MALFORMED", "source_amount.amount"),
		q("amount with separator", `"amount":"200"`, `"amount":"1,200"`, "AMOUNT_MALFORMED", "source_amount.amount"),
		q("amount with space", `"amount":"200"`, `"amount":" 200"`, "AMOUNT_MALFORMED", "source_amount.amount"),
		q("amount with too many decimals", `"amount":"200"`, `"amount":"200.005"`, "AMOUNT_MALFORMED", "source_amount.amount"),
		q("amount with too many digits", `"amount":"200"`, `"amount":"99999999999999999999"`, "AMOUNT_MALFORMED", "source_amount.amount"),
		q("amount absurdly long", `"amount":"200"`, `"amount":"`+strings.Repeat("9", 500)+`"`, "FIELD_INVALID", "source_amount.amount"),
		q("amount below the minimum", `"amount":"200"`, `"amount":"0.01"`, "AMOUNT_BELOW_MINIMUM", "source_amount.amount"),
		q("amount above the maximum", `"amount":"200"`, `"amount":"3000"`, "AMOUNT_ABOVE_MAXIMUM", "source_amount.amount"),
		q("currency missing", `"currency":"USD",`, ``, "FIELD_REQUIRED", "source_amount.currency"),
		q("currency unknown", `"currency":"USD"`, `"currency":"XXX"`, "UNKNOWN_CURRENCY", "source_amount.currency"),
		q("currency of another country", `"currency":"USD"`, `"currency":"EUR"`, "UNKNOWN_CURRENCY", "source_amount.currency"),
		q("currency in small letters", `"currency":"USD"`, `"currency":"usd"`, "UNKNOWN_CURRENCY", "source_amount.currency"),
		q("target with too many decimals", `"source_amount":{"currency":"USD","amount":"200"}`, `"target_amount":{"currency":"PHP","amount":"1.001"}`, "AMOUNT_MALFORMED", "target_amount.amount"),
		q("target in another currency", `"source_amount":{"currency":"USD","amount":"200"}`, `"target_amount":{"currency":"EUR","amount":"100"}`, "UNKNOWN_CURRENCY", "target_amount.currency"),
		q("unknown field", `"from":"US"`, `"from":"US","form":"US"`, "FIELD_UNKNOWN", "form"),
		q("field of another style", `"from":"US"`, `"from":"US","fundingMethod":"card"`, "FIELD_UNKNOWN", "fundingMethod"),
		q("unknown field within", `"currency":"USD"`, `"currency":"USD","cents":1`, "FIELD_UNKNOWN", "source_amount.cents"),
		q("field given twice", `"from":"US"`, `"from":"US","from":"GB"`, "BODY_MALFORMED", ""),
		q("broken JSON", `"from":"US",`, `"from":"US"`, "BODY_MALFORMED", ""),
		{"cut off", "/v1/quotes", quoteBody[:40], want{reason: "BODY_MALFORMED"}},
		{"no object", "/v1/quotes", `[]`, want{reason: "FIELD_INVALID", field: "body"}},
		{"two objects", "/v1/quotes", `{} {}`, want{reason: "BODY_MALFORMED"}},
		{"no UTF-8", "/v1/quotes", with(quoteBody, "US", "\xff\xfe"), want{reason: "FIELD_INVALID", field: "from"}},
		{"empty body", "/v1/quotes", ``, want{reason: "FIELD_REQUIRED", field: "from"}},
		{"empty object", "/v1/quotes", `{}`, want{reason: "FIELD_REQUIRED", field: "payout_method"}},
	}
}

func partyRefusals() []refusal {
	c := func(name, old, replacement, reason, field string) refusal {
		return refusal{"customer: " + name, "/v1/customers", with(customerBody, old, replacement), want{reason: reason, field: field}}
	}
	b := func(name, old, replacement, reason, field string) refusal {
		return refusal{"beneficiary: " + name, "/v1/beneficiaries", with(beneficiaryBody, old, replacement), want{reason: reason, field: field}}
	}
	return []refusal{
		{"customer: no party", "/v1/customers", `{"kyc_tier":"basic"}`, want{reason: "FIELD_REQUIRED", field: "party"}},
		c("tier missing", `"kyc_tier":"verified",`, ``, "FIELD_REQUIRED", "kyc_tier"),
		c("tier unknown", `"verified"`, `"royal"`, "FIELD_INVALID", "kyc_tier"),
		c("tier a number", `"verified"`, `2`, "FIELD_INVALID", "kyc_tier"),
		c("country missing", `,"country":"US"`, ``, "FIELD_REQUIRED", "party.country"),
		c("country no country", `"country":"US"`, `"country":"QQ"`, "UNKNOWN_COUNTRY", "party.country"),
		c("no names", `"given_name":"Alice","family_name":"Walker",`, ``, "FIELD_REQUIRED", "party.given_name"),
		c("name too long", `"Alice"`, `"`+strings.Repeat("a", 101)+`"`, "FIELD_INVALID", "party.given_name"),
		c("name with a line break", `"Alice"`, `"Al\nice"`, "FIELD_INVALID", "party.given_name"),
		c("person and company", `"country":"US"`, `"country":"US","company_name":"Acme"`, "FIELD_INVALID", ""),
		c("name of ten thousand letters", `"Alice"`, `"`+strings.Repeat("a", 10_000)+`"`, "FIELD_INVALID", "party.given_name"),
		c("name with a space of no width", `"Alice"`, `"Al\u200bice"`, "FIELD_INVALID", "party.given_name"),
		c("name with a joiner that its script has no need of", `"Alice"`, `"Al\u200cice"`, "FIELD_INVALID", "party.given_name"),
		c("name with a joiner before nothing", `"Alice"`, `"\u0639\u0644\u06cc\u200c"`, "FIELD_INVALID", "party.given_name"),
		c("name with two joiners", `"Alice"`, `"\u0639\u0644\u06cc\u200c\u200c\u0631\u0636\u0627"`, "FIELD_INVALID", "party.given_name"),
		c("name that turns around", `"Alice"`, `"\u202eecilA"`, "FIELD_INVALID", "party.given_name"),
		c("name of nothing to see", `"Alice"`, `"\u3164"`, "FIELD_INVALID", "party.given_name"),
		c("born in the future", `1988-04-12`, `2099-04-12`, "FIELD_INVALID", "party.date_of_birth"),
		c("born no date", `1988-04-12`, `12/04/1988`, "FIELD_INVALID", "party.date_of_birth"),
		c("born on no day", `1988-04-12`, `1988-02-31`, "FIELD_INVALID", "party.date_of_birth"),
		c("document of no kind", `"country":"US"`, `"country":"US","document_type":"library card","document_number":"123456"`, "FIELD_INVALID", "party.document_type"),
		c("email of no form", `"country":"US"`, `"country":"US","email":"at home"`, "FIELD_INVALID", "party.email"),
		c("phone of no form", `"country":"US"`, `"country":"US","phone":"12"`, "FIELD_INVALID", "party.phone"),
		c("reference too long", `"alice"`, `"`+strings.Repeat("r", 101)+`"`, "FIELD_INVALID", "reference"),
		c("unknown field", `"country":"US"`, `"country":"US","nickname":"Al"`, "FIELD_UNKNOWN", "party.nickname"),
		b("no account", `,"account":{"operator":"gcash","phone":"+639171234567"}`, ``, "FIELD_REQUIRED", "account.operator"),
		b("method missing", `"payout_method":"mobile_money",`, ``, "FIELD_REQUIRED", "payout_method"),
		b("method unknown", `"mobile_money"`, `"pigeon"`, "METHOD_NOT_OFFERED", "payout_method"),
		b("country not served", `"country":"PH"`, `"country":"FR"`, "UNKNOWN_COUNTRY", "party.country"),
		b("operator unknown", `"gcash"`, `"nobody"`, "FIELD_INVALID", "account.operator"),
		b("phone of another country", `+639171234567`, `+12125550142`, "FIELD_INVALID", "account.phone"),
		b("field of another method", `"operator":"gcash"`, `"operator":"gcash","iban":"X"`, "FIELD_UNKNOWN", "account.iban"),
		b("account value a number", `"gcash"`, `1`, "FIELD_INVALID", "account.operator"),
		c("name with half a surrogate pair", `"Alice"`, `"\ud800"`, "FIELD_INVALID", "party.given_name"),
		c("name that is no UTF-8", `"Alice"`, "\"Al\xffice\"", "FIELD_INVALID", "party.given_name"),
		b("account value null", `"gcash"`, `null`, "FIELD_INVALID", "account.operator"),
		b("account value no UTF-8", `"gcash"`, "\"g\xff\"", "FIELD_INVALID", "account.operator"),
		b("account name no UTF-8", `"operator"`, "\"o\xff\"", "FIELD_INVALID", "account"),
		b("account a list", `{"operator":"gcash","phone":"+639171234567"}`, `[]`, "FIELD_INVALID", "account"),
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	g := setup(t)
	body := g.remittanceBody()
	before := g.rows()
	cases := append(quoteRefusals(), partyRefusals()...)
	for _, field := range []string{"quote_id", "customer_id", "beneficiary_id"} {
		id := body[strings.Index(body, field)+len(field)+3:][:30]
		unknown := with(id, id[len(id)-4:], "0000")
		cases = append(cases,
			refusal{field + " missing", "/v1/remittances", with(body, id, ""), want{reason: "FIELD_REQUIRED", field: field}},
			refusal{field + " malformed", "/v1/remittances", with(body, id, "nonsense"), want{reason: "ID_MALFORMED", field: field}},
			refusal{field + " of another kind", "/v1/remittances", with(body, id, "rem"+id[3:]), want{reason: "ID_MALFORMED", field: field}},
			refusal{field + " a number", "/v1/remittances", with(body, `"`+id+`"`, "5"), want{reason: "FIELD_INVALID", field: field}},
			refusal{field + " unknown", "/v1/remittances", with(body, id, unknown), want{status: 404, reason: "NOT_FOUND", field: field}},
		)
	}
	cases = append(cases,
		refusal{"reference too long", "/v1/remittances", with(body, "inv-1", strings.Repeat("r", 101)), want{reason: "FIELD_INVALID", field: "reference"}},
		refusal{"purpose too long", "/v1/remittances", with(body, "family_support", strings.Repeat("p", 101)), want{reason: "FIELD_INVALID", field: "purpose"}},
		refusal{"source too long", "/v1/remittances", with(body, "tok_ok", strings.Repeat("s", 141)), want{reason: "FIELD_INVALID", field: "funding_source"}},
		refusal{"cancel malformed id", "/v1/remittances/xyz:cancel", "", want{reason: "ID_MALFORMED", field: "id"}},
		refusal{"cancel unknown id", "/v1/remittances/rem_01k9zc7v4ye3t8m5q2w6x0b1nd:cancel", "", want{status: 404, reason: "NOT_FOUND"}},
		refusal{"case without note", "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd:decide", `{"decision":"approved"}`, want{reason: "FIELD_REQUIRED", field: "note"}},
		refusal{"case decided otherwise", "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd:decide", `{"decision":"perhaps","note":"because"}`, want{reason: "FIELD_INVALID", field: "decision"}},
		refusal{"case unknown", "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd:decide", `{"decision":"approved","note":"because"}`, want{status: 404, reason: "NOT_FOUND"}},
		refusal{"list with nothing in it", "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd:decide", `{"decision":"approved","note":"because","hits":[null]}`, want{reason: "FIELD_INVALID", field: "hits.0"}},
		refusal{"list with a control character", "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd:decide", `{"decision":"approved","note":"because","hits":[{"key":"a\u0000b","disposition":"false_positive"}]}`, want{reason: "FIELD_INVALID", field: "hits.0.key"}},
		refusal{"document that is no base64", "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd/attachments", `{"name":"a.txt","content":"%"}`, want{reason: "FIELD_INVALID", field: "content"}},
		refusal{"document that is a number", "/v1/cases/cas_01k9zc7v4ye3t8m5q2w6x0b1nd/attachments", `{"name":"a.txt","content":1}`, want{reason: "FIELD_INVALID", field: "content"}},
		refusal{"place that is no number", "/v1/outlets", `{"latitude":"north"}`, want{reason: "FIELD_INVALID", field: "latitude"}},
		refusal{"place beyond numbers", "/v1/outlets", `{"latitude":1e400}`, want{reason: "FIELD_INVALID", field: "latitude"}},
		refusal{"act on bytes", "/v1/cases/%ff:take", `{}`, want{reason: "FIELD_INVALID", field: "id"}},
		refusal{"lists that cannot be updated", "/v1/lists:update", `{}`, want{status: 409, reason: "UNAVAILABLE"}},
	)
	for _, c := range cases {
		a := g.call("POST", c.path, c.body)
		if g.refused(a, c.want); t.Failed() {
			t.Fatalf("%s: %s", c.name, a.body)
		}
	}
	if after := g.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("something was written: %v, before %v", after, before)
	}
}

func TestQuoteUse(t *testing.T) {
	t.Parallel()
	g := setup(t)
	used := g.remittanceBody()
	g.call("POST", "/v1/remittances", used).ok(t)
	g.refused(g.call("POST", "/v1/remittances", used), want{status: 409, reason: "QUOTE_USED"})

	theirs := g.callAs(g.other, freshKey(), "POST", "/v1/quotes", quoteBody).ok(t).text("id")
	body := g.remittanceBody()
	own := body[strings.Index(body, "qte_"):][:30]
	g.refused(g.call("POST", "/v1/remittances", with(body, own, theirs)), want{status: 404, reason: "NOT_FOUND", field: "quote_id"})

	bank := g.call("POST", "/v1/quotes", with(quoteBody, "mobile_money", "bank")).ok(t).text("id")
	g.refused(g.call("POST", "/v1/remittances", with(body, own, bank)), want{reason: "QUOTE_MISMATCH", field: "beneficiary_id"})

	// From USD 3,000 on more must be known of who sends.
	large := g.call("POST", "/v1/quotes", strings.NewReplacer(`"card"`, `"bank_debit"`, "mobile_money", "bank", `"200"`, `"4000"`).Replace(quoteBody)).ok(t).text("id")
	account := g.call("POST", "/v1/beneficiaries", `{"party":{"given_name":"Maria","family_name":"Santos","country":"PH"},
		"payout_method":"bank","account":{"bank_code":"BOPIPHMM","account_number":"1234567899"}}`).ok(t).text("id")
	maria := body[strings.Index(body, "ben_"):][:30]
	g.refused(g.call("POST", "/v1/remittances", with(with(body, own, large), maria, account)), want{reason: "FIELD_REQUIRED", field: "customer.party.address_line"})

	before := g.rows()
	g.clock.Advance(24 * time.Hour)
	g.refused(g.call("POST", "/v1/remittances", body), want{status: 409, reason: "QUOTE_EXPIRED"})
	if after := g.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("something was written: %v, before %v", after, before)
	}
}

// TestBorder goes through what is refused before any service sees it.
func TestBorder(t *testing.T) {
	t.Parallel()
	g := setup(t)
	before := g.rows()
	big := with(quoteBody, "US", strings.Repeat("U", 1<<20))
	g.refused(g.call("POST", "/v1/quotes", big), want{status: 413, reason: "BODY_TOO_LARGE"})
	for path, w := range map[string]want{
		"/v1/nothing":         {status: 404, reason: "PATH_UNKNOWN"},
		"/v1/":                {status: 404, reason: "PATH_UNKNOWN"},
		"/elsewhere":          {status: 404, reason: "PATH_UNKNOWN"},
		"/v1/quotes/":         {reason: "FIELD_REQUIRED", field: "id"},
		"/v1/quotes/nonsense": {reason: "ID_MALFORMED", field: "id"},
		"/v1/quotes/qte_01k9zc7v4ye3t8m5q2w6x0b1nd":                           {status: 404, reason: "NOT_FOUND"},
		"/v1/customers/cus_01k9zc7v4ye3t8m5q2w6x0b1nd":                        {status: 404, reason: "NOT_FOUND"},
		"/v1/corridors/XX-YY":                                                 {status: 404, reason: "UNKNOWN_CORRIDOR"},
		"/v1/corridors?form=US":                                               {reason: "FIELD_UNKNOWN", field: "form"},
		"/v1/corridors?from=US&from=GB":                                       {reason: "FIELD_INVALID", field: "from"},
		"/v1/corridors/US-PH/required-fields":                                 {reason: "FIELD_REQUIRED", field: "payout_method"},
		"/v1/corridors/US-PH/required-fields?id=GB-IN":                        {reason: "FIELD_UNKNOWN", field: "id"},
		"/v1/corridors/US-PH/required-fields?payout_method=gold":              {reason: "METHOD_NOT_OFFERED", field: "payout_method"},
		"/v1/corridors/US-PH/required-fields?payout_method=bank&amount=1.001": {reason: "AMOUNT_MALFORMED", field: "amount"},
		// Bytes that are no text name their field too, wherever they stand.
		"/v1/quotes/%ff":                        {reason: "FIELD_INVALID", field: "id"},
		"/v1/corridors/%c3%28":                  {reason: "FIELD_INVALID", field: "id"},
		"/v1/customers?page_token=%ff":          {reason: "FIELD_INVALID", field: "page_token"},
		"/v1/audit?from=%ff":                    {reason: "FIELD_INVALID", field: "from"},
		"/v1/remittances?reference=a%ed%a0%80":  {reason: "FIELD_INVALID", field: "reference"},
		"/v1/customers?page_size=abc":           {reason: "FIELD_INVALID", field: "page_size"},
		"/v1/customers?page_size=101":           {reason: "FIELD_INVALID", field: "page_size"},
		"/v1/customers?page_size=-1":            {reason: "FIELD_INVALID", field: "page_size"},
		"/v1/customers?page_token=qte_x":        {reason: "ID_MALFORMED", field: "page_token"},
		"/v1/remittances?state=lost":            {reason: "FIELD_INVALID", field: "state"},
		"/v1/remittances?customer_id=7":         {reason: "ID_MALFORMED", field: "customer_id"},
		"/v1/cases?status=forgotten":            {reason: "FIELD_INVALID", field: "status"},
		"/v1/events?wait_seconds=31":            {reason: "FIELD_INVALID", field: "wait_seconds"},
		"/v1/events?after=-1":                   {reason: "FIELD_INVALID", field: "after"},
		"/v1/events?after=99999999999999999999": {reason: "FIELD_INVALID", field: "after"},
	} {
		a := g.call("GET", path, "")
		if g.refused(a, w); t.Failed() {
			t.Fatalf("GET %s: %s", path, a.body)
		}
	}
	for path, method := range map[string]string{"/v1/quotes": "GET", "/v1/corridors": "DELETE", "/v1/customers": "PUT", "/v1/ledger:verify": "GET"} {
		a := g.call(method, path, "")
		if g.refused(a, want{status: 405, reason: "METHOD_NOT_ALLOWED"}); a.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow header", method, path)
		}
	}
	header := http.Header{"Authorization": {"Bearer " + g.key}, "Idempotency-Key": {freshKey()}}
	g.refused(g.callWith("POST", "/v1/quotes", quoteBody, header.Clone()), want{status: 415, reason: "MEDIA_TYPE_UNSUPPORTED"})
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	g.refused(g.callWith("POST", "/v1/quotes", "from=US", header.Clone()), want{status: 415, reason: "MEDIA_TYPE_UNSUPPORTED"})
	g.refused(g.callAs(g.key, "", "POST", "/v1/quotes", quoteBody), want{reason: "IDEMPOTENCY_KEY_REQUIRED", field: "Idempotency-Key"})
	g.refused(g.callAs(g.key, strings.Repeat("k", 256), "POST", "/v1/quotes", quoteBody), want{reason: "IDEMPOTENCY_KEY_MALFORMED", field: "Idempotency-Key"})
	g.refused(g.callAs(g.key, "schlüssel", "POST", "/v1/quotes", quoteBody), want{reason: "IDEMPOTENCY_KEY_MALFORMED", field: "Idempotency-Key"})
	if after := g.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("something was written: %v, before %v", after, before)
	}
}
