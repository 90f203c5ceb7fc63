package horizon

import (
	"encoding/hex"
	"fmt"

	"github.com/stellar/go-stellar-sdk/network"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// transaction is an envelope that was decoded once, with what is asked of it again and again.
type transaction struct {
	env      xdr.TransactionEnvelope
	envelope string // base64 as it came
	hash     [32]byte
	inner    [32]byte // of the transaction inside a fee bump, else the same as hash
	// trusted transactions come from the journal: their signatures were verified before they were written.
	trusted  bool
	verified map[string]bool
}

func parseTransaction(envelope, passphrase string) (*transaction, error) {
	t := &transaction{envelope: envelope, verified: map[string]bool{}}
	if err := xdr.SafeUnmarshalBase64(envelope, &t.env); err != nil {
		return nil, fmt.Errorf("decode envelope: %w", err)
	}
	var err error
	if t.hash, err = network.HashTransactionInEnvelope(t.env, passphrase); err != nil {
		return nil, fmt.Errorf("hash envelope: %w", err)
	}
	t.inner = t.hash
	if t.env.IsFeeBump() {
		if t.inner, err = network.HashTransaction(t.env.FeeBump.Tx.InnerTx.V1.Tx, passphrase); err != nil {
			return nil, fmt.Errorf("hash inner envelope: %w", err)
		}
	}
	return t, nil
}

func (t *transaction) id() string      { return hex.EncodeToString(t.hash[:]) }
func (t *transaction) innerID() string { return hex.EncodeToString(t.inner[:]) }

func (t *transaction) source() string {
	m := t.env.SourceAccount()
	return address(m)
}

// feeSource is the account that pays: the bump's, or the source.
func (t *transaction) feeSource() string {
	if t.env.IsFeeBump() {
		return address(t.env.FeeBumpAccount())
	}
	return t.source()
}

// bid is the most the transaction pays.
func (t *transaction) bid() int64 {
	if t.env.IsFeeBump() {
		return t.env.FeeBumpFee()
	}
	return int64(t.env.Fee())
}

// units is how many times the base fee is due: one for each operation and one for the bump.
func (t *transaction) units() int64 {
	n := int64(len(t.env.Operations()))
	if t.env.IsFeeBump() {
		n++
	}
	return max(n, 1)
}

func (t *transaction) opSource(op xdr.Operation) string {
	if op.SourceAccount != nil {
		return address(*op.SourceAccount)
	}
	return t.source()
}

// address is the G address, also of a muxed account.
func address(m xdr.MuxedAccount) string {
	id := m.ToAccountId()
	return id.Address()
}
