package corridors_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

// complete is a person of whom everything is known.
var complete = remit.Party{
	GivenName: "María Elena", FamilyName: "Dela Cruz-Santos", DateOfBirth: "1990-12-31", Nationality: "PH", Country: "US",
	AddressLine: "350 Fifth Avenue, Apt. 4/B", City: "New York", PostalCode: "10118", Phone: "+12125550142", Email: "maria@example.com",
	DocumentType: "passport", DocumentNumber: "P1234567A",
}

// example is the account of the data files' own examples.
func example(p corridors.CountryPayout) map[string]string {
	account := make(map[string]string)
	for _, f := range p.Account {
		account[f.Name] = f.Example
		if len(f.Values) > 0 {
			account[f.Name] = f.Values[0]
		}
	}
	return account
}

func wrong(list []remit.FieldError) string {
	var texts []string
	for _, f := range list {
		texts = append(texts, f.Field+" "+string(f.Reason))
	}
	return strings.Join(texts, "; ")
}

// Every schema there is compiles, and the data files' own examples satisfy it.
func TestEverySchemaTakesItsOwnExamples(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	everyWay(q.Catalogue, func(c corridors.Corridor, in corridors.FundingOption, out corridors.PayoutOption) {
		country, err := q.Catalogue.Country(c.To)
		if err != nil {
			t.Fatal(err)
		}
		rule, _ := country.Payout(out.Method)
		sender, err := q.Catalogue.Country(c.From)
		if err != nil {
			t.Fatal(err)
		}
		amounts := []remit.Money{{}, in.Min, in.Max}
		for _, threshold := range sender.Thresholds {
			amounts = append(amounts, threshold.From)
		}
		for _, amount := range amounts {
			schema, err := q.Catalogue.RequiredFields(c.ID, out.Method, amount)
			if err != nil || !json.Valid(schema) {
				t.Fatalf("%s %s: %v", c.ID, out.Method, err)
			}
			list, err := q.Catalogue.ValidateRemittance(c.ID, out.Method, amount, complete, complete, example(rule))
			if err != nil || len(list) > 0 {
				t.Errorf("%s %s %s: %v, %v", c.ID, out.Method, amount, list, err)
			}
		}
		if list := q.Catalogue.ValidateBeneficiary(c.To, out.Method, complete, example(rule)); len(list) > 0 {
			t.Errorf("%s %s: %v", c.To, out.Method, list)
		}
	})
}

func TestThresholdsAskForMore(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	usd := remit.MustFiat("USD")
	plain := remit.Party{GivenName: "Ana", FamilyName: "Reyes", DateOfBirth: "1985-02-03", Country: "US"}
	account := map[string]string{"bank_code": "BOPIPHMM", "account_number": "1234567890"}
	for _, tt := range []struct {
		minor int64
		want  string
	}{
		{299_999, ""},
		{300_000, "beneficiary.country FIELD_REQUIRED; originator.address_line FIELD_REQUIRED; originator.city FIELD_REQUIRED; " +
			"originator.document_number FIELD_REQUIRED; originator.document_type FIELD_REQUIRED; originator.postal_code FIELD_REQUIRED"},
	} {
		list, err := q.Catalogue.ValidateRemittance("US-PH", remit.PayoutBank, remit.NewMoney(usd, tt.minor), plain, remit.Party{GivenName: "Jo", FamilyName: "Cruz"}, account)
		if err != nil || wrong(list) != tt.want {
			t.Errorf("%d: got %q, %v", tt.minor, wrong(list), err)
		}
	}
	company := remit.Party{CompanyName: "Acme Trading Ltd.", Country: "US", AddressLine: "1 Main St", City: "Austin", PostalCode: "73301"}
	list, err := q.Catalogue.ValidateRemittance("US-PH", remit.PayoutBank, remit.NewMoney(usd, 300_000), company, complete, account)
	if err != nil || len(list) > 0 {
		t.Errorf("a company has no passport: %v, %v", list, err)
	}
	_, err = q.Catalogue.RequiredFields("US-PH", remit.PayoutBank, remit.NewMoney(remit.MustFiat("PHP"), 1))
	if got := strings.Join(fields(err), ""); got != "amount UNKNOWN_CURRENCY" {
		t.Errorf("amount in pesos: %v", err)
	}
	_, err = q.Catalogue.RequiredFields("US-PH", remit.PayoutWallet, remit.Money{})
	if got := strings.Join(fields(err), ""); got != "payout METHOD_NOT_OFFERED" {
		t.Errorf("wallet: %v", err)
	}
	if _, err = q.Catalogue.RequiredFields("XX-PH", remit.PayoutBank, remit.Money{}); remit.ReasonOf(err) != remit.ReasonUnknownCorridor {
		t.Errorf("no corridor: %v", err)
	}
}

func TestValidateBeneficiary(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	someone := remit.Party{GivenName: "Jo", FamilyName: "Cruz"}
	const muxed = "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAE2JUG6"
	for _, tt := range []struct {
		name    string
		country remit.Country
		method  remit.PayoutMethod
		account map[string]string
		want    string
	}{
		{"CLABE", "MX", "bank", map[string]string{"clabe": "002010077777777771"}, ""},
		{"CLABE with spaces", "MX", "bank", map[string]string{"clabe": " 002 010 07777777777 1"}, ""},
		{"CLABE with a wrong check digit", "MX", "bank", map[string]string{"clabe": "002010077777777772"}, "account.clabe FIELD_INVALID"},
		{"CLABE with digits swapped", "MX", "bank", map[string]string{"clabe": "002100077777777771"}, "account.clabe FIELD_INVALID"},
		{"CLABE too short", "MX", "bank", map[string]string{"clabe": "00201007777777777"}, "account.clabe FIELD_INVALID"},
		{"CLABE of other digits", "MX", "bank", map[string]string{"clabe": "٠٠٢٠١٠٠٧٧٧٧٧٧٧٧٧٧١"}, "account.clabe FIELD_INVALID"},
		{"IBAN", "PK", "bank", map[string]string{"iban": "pk36 scbl 0000 0011 2345 6702"}, ""},
		{"IBAN with a wrong check", "PK", "bank", map[string]string{"iban": "PK36SCBL0000001123456703"}, "account.iban FIELD_INVALID"},
		{"IBAN of another country", "PK", "bank", map[string]string{"iban": "DE89370400440532013000"}, "account.iban FIELD_INVALID"},
		{"German IBAN", "DE", "bank", map[string]string{"iban": "DE89 3704 0044 0532 0130 00"}, ""},
		{"NUBAN", "NG", "bank", map[string]string{"bank_code": "011", "account_number": "0000014579"}, ""},
		{"NUBAN of another bank", "NG", "bank", map[string]string{"bank_code": "058", "account_number": "0000014579"}, "account.account_number FIELD_INVALID"},
		{"account of a fintech", "NG", "bank", map[string]string{"bank_code": "999992", "account_number": "8031234567"}, ""},
		{"sort code", "GB", "bank", map[string]string{"sort_code": "20-04-15", "account_number": "31926819"}, ""},
		{"IFSC", "IN", "bank", map[string]string{"ifsc": "sbin0000691", "account_number": "30012345678"}, ""},
		{"IFSC without its zero", "IN", "bank", map[string]string{"ifsc": "SBIN1000691", "account_number": "30012345678"}, "account.ifsc FIELD_INVALID"},
		{"M-PESA", "KE", "mobile_money", map[string]string{"operator": "mpesa", "phone": "0712 345 678"}, ""},
		{"a landline", "KE", "mobile_money", map[string]string{"operator": "mpesa", "phone": "+254202123456"}, "account.phone FIELD_INVALID"},
		{"a phone elsewhere", "KE", "mobile_money", map[string]string{"operator": "mpesa", "phone": "+639171234567"}, "account.phone FIELD_INVALID"},
		{"an operator elsewhere", "KE", "mobile_money", map[string]string{"operator": "gcash", "phone": "+254712345678"}, "account.operator FIELD_INVALID"},
		{"nothing", "KE", "mobile_money", nil, "account.operator FIELD_REQUIRED; account.phone FIELD_REQUIRED"},
		{"unknown field", "KE", "mobile_money", map[string]string{"operator": "mpesa", "phone": "+254712345678", "iban": "x"}, "account.iban FIELD_UNKNOWN"},
		{"empty is left out", "PH", "cash", map[string]string{"network": ""}, ""},
		{"too long", "PH", "bank", map[string]string{"bank_code": "BOPIPHMM", "account_number": strings.Repeat("1", 10_000)}, "account.account_number FIELD_INVALID"},
		{"Stellar wallet", "CO", "wallet", map[string]string{"network": "stellar", "address": "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"}, ""},
		{"Stellar wallet, wrong checksum", "CO", "wallet", map[string]string{"network": "stellar", "address": "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA"}, "account.address FIELD_INVALID"},
		{"Solana wallet", "CO", "wallet", map[string]string{"network": "solana", "address": "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"}, ""},
		{"Stellar wallet, muxed", "CO", "wallet", map[string]string{"network": "stellar", "address": muxed}, ""},
		{"Stellar wallet, muxed and a memo", "CO", "wallet", map[string]string{"network": "stellar", "address": muxed, "memo": "104552"}, "account.memo FIELD_INVALID"},
		{"Stellar wallet and a memo", "CO", "wallet", map[string]string{"network": "stellar", "address": "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "memo": "104552"}, ""},
		{"Stellar wallet, memo too long", "CO", "wallet", map[string]string{"network": "stellar", "address": muxed, "memo": strings.Repeat("1", 29)}, "account.memo FIELD_INVALID"},
		{"Stellar wallet, muxed with a wrong checksum", "CO", "wallet", map[string]string{"network": "stellar", "address": muxed[:68] + "7"}, "account.address FIELD_INVALID"},
		{"Stellar wallet, muxed and cut short", "CO", "wallet", map[string]string{"network": "stellar", "address": muxed[:68]}, "account.address FIELD_INVALID"},
		{"Stellar wallet in small letters", "CO", "wallet", map[string]string{"network": "stellar", "address": strings.ToLower(muxed)}, "account.address FIELD_INVALID"},
		{"Solana token account", "CO", "wallet", map[string]string{"network": "solana", "address": "HwpBSwuyVKJi7d9kqqNexc54MS9i4BEDKDVDLeUVjZm8"}, "account.address FIELD_INVALID"},
		{"Solana system program", "CO", "wallet", map[string]string{"network": "solana", "address": strings.Repeat("1", 32)}, "account.address FIELD_INVALID"},
		{"Solana wallet and a memo", "CO", "wallet", map[string]string{"network": "solana", "address": "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM", "memo": "104552"}, ""},
		{"wallet on no network", "CO", "wallet", map[string]string{"network": "tron", "address": "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"}, "account.network FIELD_INVALID"},
		{"wallet on the wrong network", "CO", "wallet", map[string]string{"network": "stellar", "address": "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"}, "account.address FIELD_INVALID"},
		{"method", "KE", "cash", nil, "method METHOD_NOT_OFFERED"},
		{"country", "XX", "cash", nil, "party.country UNKNOWN_COUNTRY"},
	} {
		party := someone
		if tt.country == "CO" {
			party = complete
		}
		if got := wrong(q.Catalogue.ValidateBeneficiary(tt.country, tt.method, party, tt.account)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	many := make(map[string]string)
	for i := range 100 {
		many[strings.Repeat("x", i+1)] = "1"
	}
	if got := wrong(q.Catalogue.ValidateBeneficiary("MX", "bank", someone, many)); got != "account FIELD_INVALID" {
		t.Errorf("many fields: %q", got)
	}
}

func TestValidateParty(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	for _, tt := range []struct {
		name  string
		party remit.Party
		want  string
	}{
		{"complete", complete, ""},
		{"nothing", remit.Party{}, "party.country FIELD_REQUIRED; party.date_of_birth FIELD_REQUIRED; party.family_name FIELD_REQUIRED; party.given_name FIELD_REQUIRED"},
		{"company", remit.Party{CompanyName: "3M & Co. (UK)", Country: "GB"}, ""},
		{"company and person", remit.Party{CompanyName: "Acme", GivenName: "Osama", Country: "GB"}, "party.given_name FIELD_INVALID"},
		{"one name where that is rare", remit.Party{GivenName: "Prince", Country: "US", DateOfBirth: "1958-06-07"}, "party.family_name FIELD_REQUIRED"},
		{"one name where that is common", remit.Party{GivenName: "Suharto", Country: "ID", DateOfBirth: "1958-06-07"}, ""},
		{"one name abroad", remit.Party{FamilyName: "Sukarno", Country: "SG", Nationality: "ID", DateOfBirth: "1958-06-07"}, ""},
		{"no name where one is enough", remit.Party{Country: "ID", DateOfBirth: "1958-06-07"}, "party.family_name FIELD_REQUIRED"},
		{"other scripts", remit.Party{GivenName: "Nguyễn Văn", FamilyName: "田中", Country: "JP", DateOfBirth: "1958-06-07"}, ""},
		{"lower case and spaces", remit.Party{GivenName: "  Ana   María ", FamilyName: "O’Neill", Country: " us", DateOfBirth: "1958-06-07", Phone: "(212) 555-0142"}, ""},
		{"markup", remit.Party{GivenName: "<script>", FamilyName: "x", Country: "US", DateOfBirth: "1958-06-07"}, "party.given_name FIELD_INVALID"},
		{"control characters", remit.Party{GivenName: "A\x00na", FamilyName: "x", Country: "US", DateOfBirth: "1958-06-07"}, "party.given_name FIELD_INVALID"},
		{"broken text", remit.Party{GivenName: "A\xff", FamilyName: "x", Country: "US", DateOfBirth: "1958-06-07"}, "party.given_name FIELD_INVALID"},
		{"no such day", remit.Party{GivenName: "A", FamilyName: "B", Country: "US", DateOfBirth: "1990-02-30"}, "party.date_of_birth FIELD_INVALID"},
		{"long ago", remit.Party{GivenName: "A", FamilyName: "B", Country: "US", DateOfBirth: "0190-02-28"}, "party.date_of_birth FIELD_INVALID"},
		{"no such country", remit.Party{GivenName: "A", FamilyName: "B", Country: "QQ", DateOfBirth: "1990-02-28"}, "party.country FIELD_INVALID"},
		{"number without type", remit.Party{GivenName: "A", FamilyName: "B", Country: "US", DateOfBirth: "1990-02-28", DocumentNumber: "X12345"}, "party.document_type FIELD_REQUIRED"},
		{"all at once", remit.Party{GivenName: "A", FamilyName: "B", Country: "USA", DateOfBirth: "31.12.1990", Phone: "12", Email: "x@y", DocumentType: "library card"},
			"party.country FIELD_INVALID; party.date_of_birth FIELD_INVALID; party.document_number FIELD_REQUIRED; party.document_type FIELD_INVALID; party.email FIELD_INVALID; party.phone FIELD_INVALID"},
	} {
		list := q.Catalogue.ValidateOriginator(tt.party)
		if got := wrong(list); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What is personal is in no message: messages go into logs.
func TestMessagesQuoteNothing(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	const secret = "zq9secret"
	party := remit.Party{GivenName: secret + "<", FamilyName: secret + "<", DateOfBirth: secret, Country: remit.Country(secret), Nationality: remit.Country(secret),
		AddressLine: secret + "<", City: secret + "<", PostalCode: secret + "<", Phone: secret, Email: secret, DocumentType: secret, DocumentNumber: secret + "<"}
	list := q.Catalogue.ValidateOriginator(party)
	list = append(list, q.Catalogue.ValidateBeneficiary("MX", "bank", party, map[string]string{"clabe": secret})...)
	list = append(list, q.Catalogue.ValidateBeneficiary("KE", "mobile_money", party, map[string]string{"phone": secret, "operator": secret})...)
	if len(list) < 20 {
		t.Errorf("only %d wrong: %s", len(list), wrong(list))
	}
	for _, f := range list {
		if strings.Contains(strings.ToLower(f.Message), secret) || f.Message == "" {
			t.Errorf("%s: %s", f.Field, f.Message)
		}
	}
}

func TestNormaliseBeneficiary(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	party, account := q.Catalogue.NormaliseBeneficiary("PH", remit.PayoutMobileMoney,
		remit.Party{GivenName: " Jo  Ann ", FamilyName: "Cruz", Phone: "0917 123 4567"}, map[string]string{"operator": "GCash ", "phone": "(0917) 123-4567", "x": ""})
	if party.GivenName != "Jo Ann" || party.Phone != "+639171234567" || !maps.Equal(account, map[string]string{"operator": "gcash", "phone": "+639171234567"}) {
		t.Errorf("got %q, %q, %v", party.GivenName, party.Phone, account)
	}
}

// TestWalletAddressesKeepTheirCase: a Solana address in capitals is a good
// address too, of nobody.
func TestWalletAddressesKeepTheirCase(t *testing.T) {
	t.Parallel()
	q, _ := setup(t)
	const address = "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"
	for _, country := range []remit.Country{"NG", "CO"} {
		_, account := q.Catalogue.NormaliseBeneficiary(country, remit.PayoutWallet, remit.Party{},
			map[string]string{"network": "Solana", "address": " " + address + "\n", "memo": "Ab-1"})
		if want := map[string]string{"network": "solana", "address": address, "memo": "Ab-1"}; !maps.Equal(account, want) {
			t.Errorf("%s: %v, want %v", country, account, want)
		}
	}
}

func FuzzValidateBeneficiary(f *testing.F) {
	q, _ := setup(f)
	list := q.Catalogue.Countries()
	list = slices.DeleteFunc(list, func(c corridors.Country) bool { return len(c.Payouts) == 0 })
	f.Add(uint8(0), uint8(0), "clabe", "002010077777777771", "phone", "0917 123 4567", "María")
	f.Add(uint8(5), uint8(1), "iban", "PK36SCBL0000001123456702", "network", "stellar", "O'Neill")
	f.Fuzz(func(t *testing.T, which, way uint8, name1, value1, name2, value2, person string) {
		country := list[int(which)%len(list)]
		rule := country.Payouts[int(way)%len(country.Payouts)]
		account := map[string]string{name1: value1, name2: value2}
		party := remit.Party{GivenName: person, FamilyName: value1, Phone: value2, Country: country.Code}
		once, onceAccount := q.Catalogue.NormaliseBeneficiary(country.Code, rule.Method, party, account)
		twice, twiceAccount := q.Catalogue.NormaliseBeneficiary(country.Code, rule.Method, once, onceAccount)
		if once != twice || !maps.Equal(onceAccount, twiceAccount) {
			t.Errorf("normalised %+v %v, then %+v %v", once, onceAccount, twice, twiceAccount)
		}
		wrongs := q.Catalogue.ValidateBeneficiary(country.Code, rule.Method, party, account)
		for _, w := range wrongs {
			if w.Message == "" || w.Reason == "" || w.Reason == remit.ReasonInternal {
				t.Errorf("%+v", w)
			}
		}
		if len(wrongs) > 0 {
			return
		}
		for name, text := range onceAccount {
			if !slices.ContainsFunc(rule.Account, func(f corridors.Field) bool { return f.Name == name && len(text) <= 4*f.MaxLength }) {
				t.Errorf("passed %q of %d bytes", name, len(text))
			}
		}
	})
}
func BenchmarkValidateBeneficiary(b *testing.B) {
	q, _ := setup(b)
	account := map[string]string{"operator": "gcash", "phone": "0917 123 4567"}
	for b.Loop() {
		if list := q.Catalogue.ValidateBeneficiary("PH", "mobile_money", complete, account); len(list) > 0 {
			b.Fatal(list)
		}
	}
}
