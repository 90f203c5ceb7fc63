package horizon

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// friendbotLumens is what friendbot gives to a new account.
const friendbotLumens = "10000"

// ErrRefused is wrapped by the seeding helpers when the network does not take their transaction, or takes it and it
// fails. The text names the result codes.
var ErrRefused = errors.New("transaction refused")

// Root is the key of the account that holds all lumens at genesis, derived from the passphrase as on every network.
func (s *Server) Root() *keypair.Full { return rootKey(s.opt.NetworkPassphrase) }

// HasAccount says whether the account exists.
func (s *Server) HasAccount(id string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.state.account(id) != nil
}

// CreateAccount creates an account with lumens from the root account.
func (s *Server) CreateAccount(ctx context.Context, id, lumens string) error {
	_, err := s.Apply(ctx, s.Root(), nil, &txnbuild.CreateAccount{Destination: id, Amount: lumens})
	return err
}

// Fund pays lumens from the root account.
func (s *Server) Fund(ctx context.Context, id, lumens string) error {
	_, err := s.Apply(ctx, s.Root(), nil, &txnbuild.Payment{Destination: id, Amount: lumens, Asset: txnbuild.NativeAsset{}})
	return err
}

// Trust opens the holder's trustline for an asset, without a limit.
func (s *Server) Trust(ctx context.Context, holder *keypair.Full, code, issuer string) error {
	asset, err := txnbuild.CreditAsset{Code: code, Issuer: issuer}.ToChangeTrustAsset()
	if err != nil {
		return fmt.Errorf("horizon: %w", err)
	}
	_, err = s.Apply(ctx, holder, nil, &txnbuild.ChangeTrust{Line: asset})
	return err
}

// Issue pays an issuer's own asset to a holder, which makes it.
func (s *Server) Issue(ctx context.Context, issuer *keypair.Full, code, holder, amount string) error {
	_, err := s.Apply(ctx, issuer, nil, &txnbuild.Payment{Destination: holder, Amount: amount,
		Asset: txnbuild.CreditAsset{Code: code, Issuer: issuer.Address()}})
	return err
}

// Apply sends a transaction of the source account, signed by it and by others where they are needed, and closes a
// ledger with it at once. It returns the transaction's hash. The source must have nothing pending.
func (s *Server) Apply(ctx context.Context, source *keypair.Full, others []*keypair.Full, ops ...txnbuild.Operation) (string, error) {
	s.seeding.Lock()
	defer s.seeding.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.mu.RLock()
	a := s.state.account(source.Address())
	var account txnbuild.SimpleAccount
	if a != nil {
		account = txnbuild.NewSimpleAccount(a.id, a.seq)
	}
	s.mu.RUnlock()
	if a == nil {
		return "", fmt.Errorf("horizon: source %s: %w: tx_no_source_account", source.Address(), ErrRefused)
	}
	built, err := txnbuild.NewTransaction(txnbuild.TransactionParams{SourceAccount: &account, IncrementSequenceNum: true,
		BaseFee: s.opt.BaseFee, Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewInfiniteTimeout()}, Operations: ops})
	if err != nil {
		return "", fmt.Errorf("horizon: build transaction: %w", err)
	}
	if built, err = built.Sign(s.opt.NetworkPassphrase, append(others, source)...); err != nil {
		return "", fmt.Errorf("horizon: sign transaction: %w", err)
	}
	envelope, err := built.Base64()
	if err != nil {
		return "", fmt.Errorf("horizon: encode transaction: %w", err)
	}
	return s.applyEnvelope(envelope)
}

func (s *Server) applyEnvelope(envelope string) (string, error) {
	tx, err := parseTransaction(envelope, s.opt.NetworkPassphrase)
	if err != nil {
		return "", fmt.Errorf("horizon: %w", err)
	}
	s.mu.Lock()
	status, v := s.enqueue(tx, true)
	s.mu.Unlock()
	if status != stellarcore.TXStatusPending {
		return "", fmt.Errorf("horizon: %w: %s %+v", ErrRefused, status, resultNames(v.result(tx)))
	}
	if err := s.CloseLedger(); err != nil {
		return "", err
	}
	s.mu.RLock()
	rec := s.history.byHash[tx.id()]
	s.mu.RUnlock()
	if rec == nil {
		return "", fmt.Errorf("horizon: %w: not in the ledger", ErrRefused)
	}
	if !rec.successful {
		var result xdr.TransactionResult
		if err := xdr.SafeUnmarshalBase64(rec.result, &result); err != nil {
			return "", fmt.Errorf("horizon: decode result: %w", err)
		}
		return "", fmt.Errorf("horizon: %w: %+v", ErrRefused, resultNames(result))
	}
	return tx.id(), nil
}

// friendbot gives lumens to a new account.
func (s *Server) friendbot(w http.ResponseWriter, r *http.Request) error {
	id := r.FormValue("addr")
	if _, err := keypair.ParseAddress(id); err != nil {
		return badField("addr", "invalid address")
	}
	if s.HasAccount(id) {
		return badRequest("account already funded to starting balance")
	}
	hash, err := s.Apply(r.Context(), s.Root(), nil, &txnbuild.CreateAccount{Destination: id, Amount: friendbotLumens})
	if err != nil {
		return err
	}
	s.mu.RLock()
	rec := s.history.byHash[hash]
	s.mu.RUnlock()
	writeJSON(w, http.StatusOK, typeHAL, s.renderTransaction(links(r), rec, hash))
	return nil
}
