package solana

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// payee is a payment with the token account that it is paid into.
type payee struct {
	settlement.Payment
	token  *token
	wallet solana.PublicKey
	// account is the token account; create says that it must be opened first.
	account solana.PublicKey
	create  bool
	// funded says that the account to be opened holds lamports already.
	funded bool
	// alone says that the transfer must follow its memo directly.
	alone bool
	// gross leaves the treasury, fee of which the mint takes where takesFee.
	gross, fee uint64
	takesFee   bool
}

// judged is what Prepare knows of a batch from the chain.
type judged struct {
	// list are the payments that can be made as the chain stands.
	list []payee
	// held is what the treasury holds of each token of the list.
	held     map[*token]uint64
	rejected map[remit.OrderID]remit.Reason
	// waiting is why orders that are neither in list nor rejected cannot be paid now.
	waiting error
}

// judge sorts orders into those that can be paid as the chain stands, those
// that never can, and those that must wait.
func (r *Rail) judge(ctx context.Context, batch settlement.Batch) (*judged, error) {
	j := &judged{rejected: make(map[remit.OrderID]remit.Reason), held: make(map[*token]uint64)}
	good := settlement.Batch{Mode: batch.Mode}
	for _, o := range batch.Orders {
		if _, reason := r.readOrder(o); reason != "" {
			j.rejected[o.ID] = reason
			continue
		}
		good.Orders = append(good.Orders, o)
	}
	payments, err := good.Payments()
	if err != nil {
		return nil, fmt.Errorf("prepare transaction: %w", err)
	}
	var used []*token
	var keys []solana.PublicKey
	for _, p := range payments {
		t := r.tokenOf(p.Amount.Asset)
		wallet, _ := r.readOrder(p.Orders[0])
		account, err := tokenAddress(wallet, t.mint, t.program)
		if err != nil {
			reject(j.rejected, p, remit.ReasonDestinationInvalid)
			continue
		}
		if !slices.Contains(used, t) {
			used = append(used, t)
		}
		j.list = append(j.list, payee{Payment: p, token: t, wallet: wallet, account: account})
		keys = append(keys, wallet, account)
	}
	if len(j.list) == 0 {
		return j, nil
	}
	for _, t := range used {
		keys = append(keys, t.source, t.mint)
	}
	found, err := r.accounts(ctx, "read destinations", keys...)
	if err != nil {
		return nil, err
	}
	destinations := 2 * len(j.list)
	states, err := r.judgeTokens(ctx, used, found[destinations:], j)
	if err != nil {
		return nil, err
	}
	payable := j.list[:0]
	for i, p := range j.list {
		now := states[p.token]
		why := remit.ReasonRailNotOffered
		if !now.refused {
			why = p.place(now, found[2*i], found[2*i+1])
		}
		switch {
		case why != "":
			reject(j.rejected, p.Payment, why)
		case !now.waits:
			payable = append(payable, p)
		}
	}
	j.list = payable
	return j, nil
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
	t := r.tokenOf(o.Amount.Asset)
	if t == nil {
		return solana.PublicKey{}, remit.ReasonRailNotOffered
	}
	if !o.Amount.IsPositive() {
		return solana.PublicKey{}, remit.ReasonAmountNotPositive
	}
	if len(o.Memo) > maxMemo || !utf8.ValidString(o.Memo) {
		return solana.PublicKey{}, remit.ReasonFieldInvalid
	}
	wallet, err := solana.PublicKeyFromBase58(o.Destination)
	if err != nil || wallet == r.treasury || wallet == t.source || wallet == t.mint || wallet.IsZero() {
		return solana.PublicKey{}, remit.ReasonDestinationInvalid
	}
	return wallet, ""
}

// place decides which token account a payment goes into and what leaves the
// treasury for it, or why it can never be made. A destination may be a wallet
// or a token account of the mint. An account is opened only for an ordinary
// wallet: what is opened for a program's address or for another token account
// might never be got out again.
func (p *payee) place(now standing, destination, associated *rpc.Account) remit.Reason {
	t, net := p.token, uint64(p.Amount.Minor)
	var ok bool
	if p.gross, p.fee, ok = now.takes.above(net); !ok {
		return remit.ReasonAmountAboveMaximum
	}
	if p.takesFee = now.takes.basisPoints != 0; p.takesFee && !t.within(p.fee, net) {
		return remit.ReasonRailNotOffered
	}
	if direct, ok := readTokenAccount(destination, t.program); ok {
		p.account, p.alone = p.wallet, direct.wantsMemo
		return reasonUnless(direct.mint == t.mint && direct.receives())
	}
	if have, ok := readTokenAccount(associated, t.program); ok {
		p.alone = have.wantsMemo
		return reasonUnless(have.mint == t.mint && have.owner == p.wallet && have.receives())
	}
	// A missing account may hold lamports that somebody sent: it can be opened.
	if (associated != nil && associated.Owner != solana.SystemProgramID) || now.frozenAtFirst {
		return remit.ReasonDestinationInvalid
	}
	p.create, p.funded = true, associated != nil
	ordinary := destination == nil || (destination.Owner == solana.SystemProgramID && !destination.Executable)
	return reasonUnless(ordinary && p.wallet.IsOnCurve())
}

func (a tokenAccount) receives() bool { return !a.frozen && !a.hiddenOnly }

func reasonUnless(good bool) remit.Reason {
	if good {
		return ""
	}
	return remit.ReasonDestinationInvalid
}

// affordable keeps the orders, oldest first, that the treasury can pay together.
// A destination that wants a memo of its own goes alone, as the first.
func affordable(list []payee, held map[*token]uint64) []payee {
	left := maps.Clone(held)
	var out []payee
	for _, p := range list {
		if p.gross > left[p.token] || (p.alone && len(out) > 0) {
			continue
		}
		left[p.token] -= p.gross
		out = append(out, p)
		if p.alone || len(out) == MaxBatch {
			break
		}
	}
	return out
}
