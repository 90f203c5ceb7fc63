package corridors_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

func Example() {
	catalogue, err := corridors.Load()
	if err != nil {
		log.Fatal(err)
	}
	clock := remit.NewFakeClock(time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC))
	rates, err := corridors.LoadTableRates(clock)
	if err != nil {
		log.Fatal(err)
	}
	quoter := corridors.Quoter{Catalogue: catalogue, Rates: rates, Clock: clock}
	quote, err := quoter.Quote(context.Background(), corridors.Request{
		From: "AE", To: "IN", SourceAmount: "1000",
		Funding: remit.FundingBankDebit, Payout: remit.PayoutBank,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("The originator pays", quote.SourceTotal)
	for _, line := range quote.Fees {
		fmt.Printf("  %-9s %s (%s)\n", line.Kind, line.Amount, line.Description)
	}
	fmt.Println("At", quote.Rate.Decimal(4), "the beneficiary receives", quote.Target)
	// Output:
	// The originator pays AED 1000.00
	//   service   AED 10.00 (Service fee)
	//   partner   AED 1.00 (IMPS credit)
	//   tax       AED 0.55 (VAT 5% on fees)
	//   fx_margin AED 5.43 (Exchange margin of 0.55% against the mid rate)
	// At 24.1672 the beneficiary receives INR 23888.09
}

func ExampleCatalogue_ValidateBeneficiary() {
	catalogue, err := corridors.Load()
	if err != nil {
		log.Fatal(err)
	}
	wrong := catalogue.ValidateBeneficiary("MX", remit.PayoutBank,
		remit.Party{GivenName: "Luz"}, map[string]string{"clabe": "002010077777777772"})
	for _, f := range wrong {
		fmt.Printf("%s: %s\n", f.Field, f.Message)
	}
	// Output:
	// account.clabe: CLABE has a wrong check digit; compare it with the statement; it must be 18 digits, the last of which is a check digit, such as 002010077777777771
	// party.family_name: family_name is missing; write the family name as on the identity document, in letters, such as Santos
}
