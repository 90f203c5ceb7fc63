package solana

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// payee is a payment with the token account that it is paid into.
type payee struct {
	settlement.Payment
	wallet solana.PublicKey
	// account is the token account; create says that it must be opened first.
	account solana.PublicKey
	create  bool
	// alone says that the transfer must follow its memo directly.
	alone bool
}

// judge sorts orders into those that can be paid as the chain stands and those
// that never can. It also answers what the treasury holds.
func (r *Rail) judge(ctx context.Context, batch settlement.Batch) (list []payee, held uint64, rejected map[remit.OrderID]remit.Reason, err error) {
	rejected = make(map[remit.OrderID]remit.Reason)
	good := settlement.Batch{Mode: batch.Mode}
	for _, o := range batch.Orders {
		if _, reason := r.readOrder(o); reason != "" {
			rejected[o.ID] = reason
			continue
		}
		good.Orders = append(good.Orders, o)
	}
	payments, err := good.Payments()
	if err != nil {
		return nil, 0, nil, fmt.Errorf("prepare transaction: %w", err)
	}
	keys := []solana.PublicKey{r.source}
	for _, p := range payments {
		wallet, _ := r.readOrder(p.Orders[0])
		account, err := tokenAddress(wallet, r.mint, r.program)
		if err != nil {
			reject(rejected, p, remit.ReasonDestinationInvalid)
			continue
		}
		list = append(list, payee{Payment: p, wallet: wallet, account: account})
		keys = append(keys, wallet, account)
	}
	if len(list) == 0 {
		return nil, 0, rejected, nil
	}
	found, err := r.accounts(ctx, "read destinations", keys...)
	if err != nil {
		return nil, 0, nil, err
	}
	source, ok := readTokenAccount(found[0], r.program)
	if !ok || source.frozen {
		return nil, 0, nil, remit.Errorf(remit.KindUnavailable, remit.ReasonTreasuryShort,
			"the treasury's token account %s does not exist or is frozen", r.source)
	}
	payable := list[:0]
	for i, p := range list {
		if !r.place(&p, found[1+2*i], found[2+2*i]) {
			reject(rejected, p.Payment, remit.ReasonDestinationInvalid)
			continue
		}
		payable = append(payable, p)
	}
	return payable, source.amount, rejected, nil
}

// reject notes that the orders of a payment can never be paid.
func reject(rejected map[remit.OrderID]remit.Reason, p settlement.Payment, why remit.Reason) {
	for _, o := range p.Orders {
		rejected[o.ID] = why
	}
}

// readOrder checks what can be known of an order without the chain: the wallet,
// or why it can never be paid.
func (r *Rail) readOrder(o settlement.Order) (solana.PublicKey, remit.Reason) {
	if o.Amount.Asset != r.asset() {
		return solana.PublicKey{}, remit.ReasonRailNotOffered
	}
	if !o.Amount.IsPositive() {
		return solana.PublicKey{}, remit.ReasonAmountNotPositive
	}
	if len(o.Memo) > maxMemo || !utf8.ValidString(o.Memo) {
		return solana.PublicKey{}, remit.ReasonFieldInvalid
	}
	wallet, err := solana.PublicKeyFromBase58(o.Destination)
	if err != nil || wallet == r.treasury || wallet == r.source || wallet == r.mint || wallet.IsZero() {
		return solana.PublicKey{}, remit.ReasonDestinationInvalid
	}
	return wallet, ""
}

// place decides which token account an order is paid into, and whether it can
// receive. A destination may be a wallet or a token account of the mint. An
// account is opened only for an ordinary wallet: what is opened for a program's
// address or for another token account might never be got out again.
func (r *Rail) place(p *payee, destination, associated *rpc.Account) bool {
	if direct, ok := readTokenAccount(destination, r.program); ok {
		p.account, p.alone = p.wallet, direct.wantsMemo
		return direct.mint == r.mint && !direct.frozen
	}
	if have, ok := readTokenAccount(associated, r.program); ok {
		p.alone = have.wantsMemo
		return have.mint == r.mint && have.owner == p.wallet && !have.frozen
	}
	// A missing account may hold lamports that somebody sent: it can be opened.
	if associated != nil && associated.Owner != solana.SystemProgramID {
		return false
	}
	p.create = true
	ordinary := destination == nil || (destination.Owner == solana.SystemProgramID && !destination.Executable)
	return ordinary && p.wallet.IsOnCurve()
}

// affordable keeps the orders, oldest first, that the treasury can pay together.
// A destination that wants a memo of its own goes alone, as the first.
func affordable(list []payee, held uint64) []payee {
	var out []payee
	for _, p := range list {
		amount := uint64(p.Amount.Minor)
		if amount > held || (p.alone && len(out) > 0) {
			continue
		}
		held -= amount
		out = append(out, p)
		if p.alone || len(out) == MaxBatch {
			break
		}
	}
	return out
}
