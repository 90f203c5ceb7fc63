package stellar

import (
	"context"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
)

// Account reads an account as the rail sees it, with the ledger whose state it is.
func (r *Rail) Account(ctx context.Context, address string) (protocol.Account, uint32, error) {
	return r.account(ctx, address)
}
