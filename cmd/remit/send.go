package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/structpb"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// sendFlags say who sends what to whom.
type sendFlags struct {
	quoteFlags
	originator, beneficiary   string
	account                   []string
	tier, source, purpose     string
	reference                 string
	watch                     bool
	timeout                   time.Duration
	customerID, beneficiaryID string
}

func (a *app) sendCommand() *cobra.Command {
	var s sendFlags
	c := &cobra.Command{
		Use: "send", Short: "Quote and send, with demo people where none are named",
		Long: `send makes a quote, an originator, a beneficiary and the remittance. What is not given
is taken from the examples of the corridor's required fields, which suits a sandbox.
With --watch it shows what happens until the remittance ends; the exit code says how.`,
		Example: `  remit send --from US --to PH --amount 200 --payout mobile_money --watch
  remit send --to MX --amount 100 --payout bank --account clabe=032180000118359719 --beneficiary-name "María Elena Santos"
  remit send --to PH --amount 200 --source tok_declined --watch`,
		Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error { return a.send(c.Context(), &s) },
	}
	s.add(c.Flags())
	f := c.Flags()
	f.StringVar(&s.originator, "originator-name", "Alice Walker", "who sends")
	f.StringVar(&s.beneficiary, "beneficiary-name", "Maria Santos", "who receives")
	f.StringArrayVar(&s.account, "account", nil, "a field of the payout account as key=value; repeat for more")
	f.StringVar(&s.tier, "tier", "verified", "KYC tier that is attested for the originator: none, basic, verified or enhanced")
	f.StringVar(&s.source, "source", "tok_ok", "token of the source of the money, such as tok_declined in the sandbox")
	f.StringVar(&s.purpose, "purpose", "family_support", "declared purpose")
	f.StringVar(&s.reference, "reference", "", "your own name for the remittance")
	f.StringVar(&s.customerID, "customer", "", "id of a stored customer who sends, instead of --originator-name")
	f.StringVar(&s.beneficiaryID, "beneficiary", "", "id of a stored beneficiary, instead of --beneficiary-name and --account")
	f.BoolVar(&s.watch, "watch", false, "show what happens until the remittance ends")
	f.DurationVar(&s.timeout, "timeout", 5*time.Minute, "how long to watch")
	return c
}

func (a *app) send(ctx context.Context, s *sendFlags) error {
	account, err := accountOf(s.account)
	if err != nil {
		return err
	}
	quote, err := a.quote(ctx, &s.quoteFlags)
	if err != nil {
		return err
	}
	if !a.json {
		if err := a.showQuote(quote); err != nil {
			return err
		}
	}
	required, err := call(ctx, a, "", v1.NewCorridorServiceClient(a.conn).GetRequiredFields, &v1.GetRequiredFieldsRequest{
		Id: quote.GetCorridor(), PayoutMethod: quote.GetPayoutMethod(), Amount: quote.GetSourceAmount().GetAmount(),
	})
	if err != nil {
		return err
	}
	asked := required.GetSchema()
	if err := a.people(ctx, s, quote, asked, account); err != nil {
		return err
	}
	resp, err := call(ctx, a, "remittance", v1.NewRemittanceServiceClient(a.conn).CreateRemittance, &v1.CreateRemittanceRequest{
		QuoteId: quote.GetId(), CustomerId: s.customerID, BeneficiaryId: s.beneficiaryID,
		Reference: s.reference, Purpose: s.purpose, FundingSource: s.source,
	})
	if err != nil {
		return err
	}
	r := resp.GetRemittance()
	if s.watch {
		return a.watch(ctx, r.GetId(), s.timeout)
	}
	if a.json {
		return a.showJSON(r)
	}
	fmt.Fprintf(a.out, "\nRemittance %s is %s. Follow it with: remit events %s --follow\n", r.GetId(), r.GetState(), r.GetId())
	return nil
}

// people stores the originator and the beneficiary where none are named by id.
func (a *app) people(ctx context.Context, s *sendFlags, quote *v1.Quote, asked *structpb.Struct, account map[string]string) error {
	if s.customerID == "" {
		resp, err := call(ctx, a, "customer", v1.NewCustomerServiceClient(a.conn).CreateCustomer, &v1.CreateCustomerRequest{
			Party: partyFrom(s.originator, quote.GetFrom(), sub(asked, "originator")), KycTier: s.tier,
		})
		if err != nil {
			return err
		}
		s.customerID = resp.GetCustomer().GetId()
	}
	if s.beneficiaryID == "" {
		for name, value := range examples(sub(asked, "account")) {
			if _, given := account[name]; !given {
				account[name] = value
			}
		}
		resp, err := call(ctx, a, "beneficiary", v1.NewBeneficiaryServiceClient(a.conn).CreateBeneficiary, &v1.CreateBeneficiaryRequest{
			Party:        partyFrom(s.beneficiary, quote.GetTo(), sub(asked, "beneficiary")),
			PayoutMethod: quote.GetPayoutMethod(), Account: account,
		})
		if err != nil {
			return err
		}
		s.beneficiaryID = resp.GetBeneficiary().GetId()
	}
	return nil
}

func accountOf(pairs []string) (map[string]string, error) {
	account := make(map[string]string)
	for _, pair := range pairs {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return nil, usagef("--account %q is not key=value, such as phone=+639171234567", pair)
		}
		account[key] = value
	}
	return account, nil
}

// partyFrom is a person with a name, completed by the examples of what the
// corridor asks for.
func partyFrom(name, country string, asked *structpb.Struct) *v1.Party {
	filled := examples(asked)
	words := strings.Fields(name)
	given, family := "", strings.Join(words, " ")
	if len(words) > 1 {
		given, family = strings.Join(words[:len(words)-1], " "), words[len(words)-1]
	}
	return &v1.Party{
		GivenName: given, FamilyName: family, Country: country,
		DateOfBirth: filled["date_of_birth"], Nationality: filled["nationality"],
		AddressLine: filled["address_line"], City: filled["city"], PostalCode: filled["postal_code"],
		Phone: filled["phone"], Email: filled["email"],
		DocumentType: filled["document_type"], DocumentNumber: filled["document_number"],
	}
}

// sub is the part of a JSON Schema that describes one property.
func sub(schema *structpb.Struct, name string) *structpb.Struct {
	return schema.GetFields()["properties"].GetStructValue().GetFields()[name].GetStructValue()
}

// examples are values for everything that a JSON Schema of an object requires:
// its own examples, or the first of what is allowed.
func examples(schema *structpb.Struct) map[string]string {
	required := make(map[string]bool)
	for _, from := range []*structpb.Struct{schema, schema.GetFields()["else"].GetStructValue()} {
		for _, name := range from.GetFields()["required"].GetListValue().GetValues() {
			required[name.GetStringValue()] = true
		}
	}
	filled := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(required)) {
		field := sub(schema, name).GetFields()
		for _, source := range []string{"examples", "enum"} {
			if values := field[source].GetListValue().GetValues(); len(values) > 0 && filled[name] == "" {
				filled[name] = values[0].GetStringValue()
			}
		}
	}
	return filled
}
