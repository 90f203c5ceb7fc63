package sandbox_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/sandbox"
)

// A payout is submitted; its reply is lost, so it is looked up, and that is
// how the caller learns that the money went out, once.
func Example() {
	company, err := bank.New(bank.Options{APIKey: "key"})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(company.Handler())
	defer server.Close()
	provider, err := sandbox.New(sandbox.Options{BaseURL: server.URL, APIKey: "key"})
	if err != nil {
		fmt.Println(err)
		return
	}
	payout := ramps.Instruction{
		Order: ramps.Order{
			ID: "rmp_01kk3n5v7ne2t8xq4d0w9f6b1c", Direction: ramps.PayOut, Provider: sandbox.Name,
			Method: string(remit.PayoutBank), Country: "PH", Amount: remit.NewMoney(remit.MustFiat("PHP"), 1_122_100),
		},
		Party: remit.Party{GivenName: "Maria", FamilyName: "Santos"},
		// 0004 is the magic end of a number whose reply is lost.
		Account: map[string]string{"account_number": "001234560004"},
	}
	ctx := context.Background()
	fmt.Println("submit:", provider.Submit(ctx, payout).Status)
	fmt.Println("lookup:", provider.Lookup(ctx, payout.Order).Status)
	fmt.Println("submit:", provider.Submit(ctx, payout).Status)
	fmt.Println("movements:", len(company.Movements(string(payout.Order.ID))))
	// Output:
	// submit: unknown
	// lookup: succeeded
	// submit: succeeded
	// movements: 1
}
