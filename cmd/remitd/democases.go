package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// The demo's cases are made as an operator and two officers would make them: by
// the API, one remittance after the other, while the gateway runs. What was made
// at an earlier start is left as it is.

const (
	// demoPatience is how long a demo remittance may take to its case.
	demoPatience = 60 * time.Second
	// demoLook is how often it is looked at.
	demoLook = 50 * time.Millisecond
)

// demoCase is one remittance of the demo and what is done about it.
type demoCase struct {
	// reference finds it again at the next start.
	reference             string
	from, to              string
	currency, amount      string
	tier, funding, source string
	payout                string
	originator            *v1.Party
	beneficiary           *v1.Party
	// account replaces fields of an account that would do for anybody.
	account map[string]string
	// times is how often it is sent, if more than once.
	times int
	// then acts on the remittance, or on its case once it has one.
	then func(ctx context.Context, d *demoDesk, r *v1.Remittance) error
}

// demoDesk is the API as the demo's people use it.
type demoDesk struct {
	conn        *grpc.ClientConn
	key, second string
	// wallet is an account on Stellar that takes what is paid.
	wallet string
}

// demoCases makes those of the demo's cases that are not there.
func (d *dev) demoCases(ctx context.Context) {
	conn, err := grpc.NewClient(d.grpcAddress, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		d.log.Error("make the demo's cases", "err", err)
		return
	}
	defer func() {
		if err := conn.Close(); err != nil {
			d.log.Error("close the demo's connection", "err", err)
		}
	}()
	desk := &demoDesk{conn: conn, key: d.secrets.DemoAPIKey, second: d.secrets.secondAPIKey(), wallet: d.counterparts.wallet[remit.RailStellar]}
	if err := d.makeLate(ctx, desk); err != nil && ctx.Err() == nil {
		d.log.Warn("the late cases of the demo were not made", "err", err)
	}
	for _, c := range append(demoPickups(), demoCaseList()...) {
		if err := desk.make(ctx, c); err != nil && ctx.Err() == nil {
			d.log.Warn("a case of the demo was not made", "reference", c.reference, "err", err)
		}
	}
}

// ctx carries a key, and an idempotency key: a demo that is interrupted is found
// again by its references.
func (d *demoDesk) ctx(ctx context.Context, key string) context.Context {
	return metadata.NewOutgoingContext(ctx, metadata.Pairs("authorization", "Bearer "+key, "idempotency-key", rand.Text()))
}

func (d *demoDesk) make(ctx context.Context, c demoCase) error {
	me := d.ctx(ctx, d.key)
	known, err := v1.NewRemittanceServiceClient(d.conn).ListRemittances(me, &v1.ListRemittancesRequest{Reference: c.reference, PageSize: 1})
	if err != nil {
		return fmt.Errorf("look for it: %w", err)
	}
	if len(known.GetRemittances()) > 0 {
		return nil
	}
	customer, err := v1.NewCustomerServiceClient(d.conn).CreateCustomer(me, &v1.CreateCustomerRequest{
		Party: c.originator, KycTier: c.tier, Reference: c.reference,
	})
	if err != nil {
		return fmt.Errorf("make the customer: %w", err)
	}
	account, err := d.account(ctx, c)
	if err != nil {
		return err
	}
	beneficiary, err := v1.NewBeneficiaryServiceClient(d.conn).CreateBeneficiary(d.ctx(ctx, d.key), &v1.CreateBeneficiaryRequest{
		Party: c.beneficiary, PayoutMethod: c.payout, Account: account,
	})
	if err != nil {
		return fmt.Errorf("make the beneficiary: %w", err)
	}
	var last *v1.Remittance
	for range max(c.times, 1) {
		if last, err = d.send(ctx, c, customer.GetCustomer().GetId(), beneficiary.GetBeneficiary().GetId()); err != nil {
			return err
		}
		if c.times > 1 { // One after the other: a gate counts all that are there.
			_, err := d.until(ctx, last.GetId(), "decided", func(r *v1.Remittance) bool { return r.GetState() != "created" })
			if err != nil {
				return err
			}
		}
	}
	if c.then == nil {
		return nil
	}
	return c.then(ctx, d, last)
}

func (d *demoDesk) send(ctx context.Context, c demoCase, customer, beneficiary string) (*v1.Remittance, error) {
	quote, err := v1.NewQuoteServiceClient(d.conn).CreateQuote(d.ctx(ctx, d.key), &v1.CreateQuoteRequest{
		From: c.from, To: c.to, FundingMethod: c.funding, PayoutMethod: c.payout,
		SourceAmount: &v1.Money{Currency: c.currency, Amount: c.amount},
	})
	if err != nil {
		return nil, fmt.Errorf("make the quote: %w", err)
	}
	sent, err := v1.NewRemittanceServiceClient(d.conn).CreateRemittance(d.ctx(ctx, d.key), &v1.CreateRemittanceRequest{
		QuoteId: quote.GetQuote().GetId(), CustomerId: customer, BeneficiaryId: beneficiary, Reference: c.reference,
		Purpose: "family_support", FundingSource: c.source,
	})
	if err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	return sent.GetRemittance(), nil
}

// account fills the fields that the corridor asks for with its own examples.
func (d *demoDesk) account(ctx context.Context, c demoCase) (map[string]string, error) {
	asked, err := v1.NewCorridorServiceClient(d.conn).GetRequiredFields(d.ctx(ctx, d.key), &v1.GetRequiredFieldsRequest{
		Id: c.from + "-" + c.to, PayoutMethod: c.payout, Amount: c.amount,
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the account's fields: %w", err)
	}
	schema := member(member(asked.GetSchema(), "properties"), "account")
	account := make(map[string]string)
	for _, name := range schema.GetFields()["required"].GetListValue().GetValues() {
		field := member(member(schema, "properties"), name.GetStringValue())
		for _, from := range []string{"examples", "enum"} {
			if values := field.GetFields()[from].GetListValue().GetValues(); len(values) > 0 {
				account[name.GetStringValue()] = values[0].GetStringValue()
				break
			}
		}
	}
	if c.payout == string(remit.PayoutWallet) {
		account["address"] = d.wallet
	}
	for name, value := range c.account {
		account[name] = value
	}
	return account, nil
}

func member(s *structpb.Struct, name string) *structpb.Struct {
	return s.GetFields()[name].GetStructValue()
}

// until waits until a remittance satisfies a condition, and returns it.
func (d *demoDesk) until(ctx context.Context, id, what string, holds func(*v1.Remittance) bool) (*v1.Remittance, error) {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	ticker := time.NewTicker(demoLook)
	defer ticker.Stop()
	for {
		got, err := v1.NewRemittanceServiceClient(d.conn).GetRemittance(d.ctx(ctx, d.key), &v1.GetRemittanceRequest{Id: id})
		if err == nil && holds(got.GetRemittance()) {
			return got.GetRemittance(), nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait until it is %s: %w", what, ctx.Err())
		case <-ticker.C:
		}
	}
}

// caseOf waits for the case that a remittance waits for.
func (d *demoDesk) caseOf(ctx context.Context, r *v1.Remittance) (string, error) {
	got, err := d.until(ctx, r.GetId(), "in review", func(r *v1.Remittance) bool { return r.GetState() == "in_review" && r.GetCaseId() != "" })
	return got.GetCaseId(), err
}

// decide has an officer decide a case.
func (d *demoDesk) decide(ctx context.Context, key, id, decision, note string) error {
	_, err := v1.NewCaseServiceClient(d.conn).DecideCase(d.ctx(ctx, key), &v1.DecideCaseRequest{Id: id, Decision: decision, Note: note})
	if err != nil {
		return fmt.Errorf("decide as %s: %w", decision, err)
	}
	return nil
}
