package workflows

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/settlement"
)

// payee is whom a settlement order pays, and how.
type payee struct {
	// wish is the rail that the payment is bound to, or remit.RailAuto.
	wish remit.Rail
	// wallet is the beneficiary's own address on that rail; empty where an
	// off-ramp receives.
	wallet string
	memo   string
	mode   remit.SettlementMode
	window time.Duration
}

// toWallet reports whether the payment on chain is the payout: it goes to the
// beneficiary's own wallet and no off-ramp comes after it.
func toWallet(q remit.Quote) bool { return q.PayoutProvider == remit.ProviderWallet }

// payee reads whom a remittance's settlement pays.
func (s *Steps) payee(ctx context.Context, r remit.Remittance) (payee, error) {
	q := r.Quote
	p := payee{
		wish: q.Rail, memo: memo(r.ID), mode: q.SettlementMode, window: time.Duration(q.SettlementWindowSeconds) * time.Second,
	}
	if !toWallet(q) {
		return p, nil
	}
	subject, err := s.Book.Subject(ctx, r.ID, compliance.GateRelease)
	if err != nil {
		return payee{}, fmt.Errorf("read the beneficiary's wallet: %w", err)
	}
	account := subject.Beneficiary.Account
	p.wish, p.wallet = remit.Rail(account["network"]), account["address"]
	// The memo is the beneficiary's to give: one of ours would tell a custodian of
	// nobody, and hide from the rail that an account which requires one has none.
	if p.memo = account["memo"]; p.memo != "" {
		// A custodial wallet knows its customer by the memo, and a transaction has
		// one memo only.
		p.mode, p.window = settlement.ModeSingle, 0
	}
	return p, nil
}

// walletPaidMoves take a settled remittance to its end: the final payment was
// the payout.
func walletPaidMoves(r remit.Remittance, o settlement.Order) []Move {
	facts := map[string]string{"amount": r.Quote.Target.String(), "method": string(r.Quote.Payout), "provider": remit.ProviderWallet}
	return []Move{{
		Remittance: r.ID, From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner,
		EventType: "remittance.paying_out", Facts: facts,
	}, {
		Remittance: r.ID, From: remit.StatePayingOut, To: remit.StateCompleted, Funds: remit.FundsPaid,
		EventType: "remittance.completed", Entries: settledPayout(r, o),
		Facts: map[string]string{"amount": r.Quote.Target.String(), "provider_reference": o.Hash},
	}}
}
