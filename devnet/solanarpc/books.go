package solanarpc

import (
	"strings"

	"github.com/gagliardetto/solana-go"
)

// Transfer is one movement of tokens that landed. Its JSON is what the books
// endpoint answers.
type Transfer struct {
	Sequence         int              `json:"sequence"` // from 1, without gaps
	Signature        solana.Signature `json:"signature"`
	Slot             uint64           `json:"slot"`
	BlockTime        int64            `json:"block_time"`
	Instruction      int              `json:"instruction"` // index in the transaction
	Source           solana.PublicKey `json:"source"`
	SourceOwner      solana.PublicKey `json:"source_owner"`
	Destination      solana.PublicKey `json:"destination"`
	DestinationOwner solana.PublicKey `json:"destination_owner"`
	Authority        solana.PublicKey `json:"authority"`
	Mint             solana.PublicKey `json:"mint"`
	Amount           uint64           `json:"amount,string"` // in the mint's smallest unit
	Fee              uint64           `json:"fee,string"`    // what of it the mint took
	Memo             string           `json:"memo"`          // all memos of the transaction, joined by "; "
	Finalized        bool             `json:"finalized"`
}

// enterBooks appends the transfers of a transaction that succeeded.
func (c *chain) enterBooks(r *record) {
	memo := strings.Join(r.tx.memos(), "; ")
	for _, t := range r.out.transfers {
		t.Sequence, t.Signature, t.Slot, t.BlockTime, t.Memo = len(c.books)+1, r.tx.id(), r.slot, r.time, memo
		c.books = append(c.books, t)
	}
	r.out.transfers = nil
}

// Books lists the token transfers that landed, in order, from the one after
// the given sequence number; 0 lists all. Transfers inside failed transactions
// did not happen and are not listed; issuing and burning are not transfers.
func (s *Server) Books(after int) []Transfer {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if after < 0 || after >= len(s.chain.books) {
		return []Transfer{}
	}
	out := append([]Transfer(nil), s.chain.books[after:]...)
	final := s.chain.bank(s.chain.depth).slot
	for i := range out {
		out[i].Finalized = out[i].Slot <= final
	}
	return out
}

// tokenBalance is a line of a transaction's pre or post token balances.
type tokenBalance struct {
	AccountIndex  int              `json:"accountIndex"`
	Mint          solana.PublicKey `json:"mint"`
	Owner         solana.PublicKey `json:"owner"`
	ProgramID     solana.PublicKey `json:"programId"`
	UITokenAmount uiAmount         `json:"uiTokenAmount"`
}

// tokenBalances lists the token accounts among a transaction's accounts.
func tokenBalances(tx *transaction, accounts []*account, state view) []tokenBalance {
	out := []tokenBalance{}
	for i, a := range accounts {
		t, ok := tokenAccountOf(a)
		if !ok {
			continue
		}
		mint := t.mint()
		m, ok := mintOf(state(mint))
		for j, k := range tx.keys {
			if k == mint && accounts[j] != nil {
				m, ok = mintOf(accounts[j])
			}
		}
		if ok {
			out = append(out, tokenBalance{i, mint, t.owner(), a.owner, newUIAmount(t.amount(), m.decimals())})
		}
	}
	return out
}
