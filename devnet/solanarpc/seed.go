package solanarpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	ata "github.com/gagliardetto/solana-go/programs/associated-token-account"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
)

const (
	airdropUnits    = 10_000
	maxAirdropLimit = 1_000_000
)

// ErrSeed is wrapped by what the seeding helpers answer when the chain refuses them.
var ErrSeed = errors.New("seed transaction was refused")

// FaucetAddress is the account that pays for airdrops and seeding.
func (s *Server) FaucetAddress() solana.PublicKey { return s.chain.faucet().PublicKey() }

// GenesisHash names the chain; it stays the same as long as the journal does.
func (s *Server) GenesisHash() solana.Hash { return s.chain.genesisHash() }

// Slot is the number of the newest slot.
func (s *Server) Slot() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.chain.head().slot
}

// sendAirdrop queues an ordinary transfer from the faucet.
func (s *Server) sendAirdrop(to solana.PublicKey, lamports uint64) (solana.Signature, error) {
	return s.submit(nil, system.NewTransferInstruction(lamports, s.FaucetAddress(), to).Build())
}

// submit signs instructions with the faucet and the given keys and queues them.
// The faucet pays. A different unit limit each time makes equal requests differ.
func (s *Server) submit(keys []solana.PrivateKey, ixs ...solana.Instruction) (solana.Signature, error) {
	s.mu.Lock()
	hash := s.chain.head().hash
	s.drops = (s.drops + 1) % maxAirdropLimit
	n := s.drops
	s.mu.Unlock()
	limit := computebudget.NewSetComputeUnitLimitInstruction(uint32(airdropUnits*len(ixs)*2 + n)).Build()
	tx, err := solana.NewTransaction(append([]solana.Instruction{limit}, ixs...), hash, solana.TransactionPayer(s.FaucetAddress()))
	if err != nil {
		return solana.Signature{}, fmt.Errorf("build seed transaction: %w", err)
	}
	keys = append([]solana.PrivateKey{s.chain.faucet()}, keys...)
	if _, err := tx.Sign(func(want solana.PublicKey) *solana.PrivateKey {
		for i := range keys {
			if keys[i].PublicKey() == want {
				return &keys[i]
			}
		}
		return nil
	}); err != nil {
		return solana.Signature{}, fmt.Errorf("sign seed transaction: %w", err)
	}
	raw, err := tx.MarshalBinary()
	if err != nil {
		return solana.Signature{}, fmt.Errorf("encode seed transaction: %w", err)
	}
	parsed, err := parseTransaction(raw)
	if err != nil {
		return solana.Signature{}, fmt.Errorf("check seed transaction: %w", err)
	}
	return parsed.id(), s.enqueue(parsed, Faults{})
}

// land submits and makes one block, so that the effect is there on return.
func (s *Server) land(ctx context.Context, keys []solana.PrivateKey, ixs ...solana.Instruction) (solana.Signature, error) {
	if err := ctx.Err(); err != nil {
		return solana.Signature{}, fmt.Errorf("seed: %w", err)
	}
	sig, err := s.submit(keys, ixs...)
	if err != nil {
		return sig, err
	}
	if err := s.Advance(1); err != nil {
		return sig, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.chain.records[sig]
	switch {
	case r == nil:
		return sig, fmt.Errorf("%w: %s did not land", ErrSeed, sig)
	case r.out.err != nil:
		return sig, fmt.Errorf("%w: %w", ErrSeed, r.out.err)
	}
	return sig, nil
}

// Airdrop gives lamports from the faucet and makes a block.
func (s *Server) Airdrop(ctx context.Context, to solana.PublicKey, lamports uint64) (solana.Signature, error) {
	return s.land(ctx, nil, system.NewTransferInstruction(lamports, s.FaucetAddress(), to).Build())
}

// Mint describes a token to create.
type Mint struct {
	Key             solana.PrivateKey // of the mint's own address; empty draws one
	Authority       solana.PublicKey  // who may issue
	FreezeAuthority solana.PublicKey  // who may freeze; zero is nobody
	Decimals        uint8
	Token2022       bool // belongs to Token-2022 instead of SPL Token
	// Extensions are those of a Token-2022 mint, in the order in which they are initialized.
	Extensions []MintExtension
}

// MintExtension is an extension of a Token-2022 mint: its size in bytes, and the
// data of the instruction that initializes it.
type MintExtension struct {
	Size int
	Init []byte
}

// CreateMint creates a token and makes a block. A mint that exists already with
// the same authority, decimals and program is left as it is, so that seeding
// can be repeated on a chain that was kept.
func (s *Server) CreateMint(ctx context.Context, m Mint) (solana.PublicKey, error) {
	if len(m.Key) == 0 {
		key, err := solana.NewRandomPrivateKey()
		if err != nil {
			return solana.PublicKey{}, fmt.Errorf("draw mint key: %w", err)
		}
		m.Key = key
	}
	address, program := m.Key.PublicKey(), tokenProgram
	if m.Token2022 {
		program = token2022
	}
	if a := s.headAccount(address); a != nil {
		have, ok := mintOf(a)
		if !ok {
			return address, fmt.Errorf("%w: %s is no mint", ErrSeed, address)
		}
		if authority, _ := have.option(mintAuthorityAt); authority != m.Authority || have.decimals() != m.Decimals || a.owner != program {
			return address, fmt.Errorf("%w: mint %s exists and differs", ErrSeed, address)
		}
		return address, nil
	}
	data := append([]byte{tokInitMint2, m.Decimals}, m.Authority[:]...)
	if m.FreezeAuthority.IsZero() {
		data = append(data, 0)
	} else {
		data = append(append(data, 1), m.FreezeAuthority[:]...)
	}
	size := mintSize
	if len(m.Extensions) > 0 {
		size = accountTypeOffset + 1
	}
	instructions := make([]solana.Instruction, 1, 2+len(m.Extensions))
	for _, e := range m.Extensions {
		size += extensionHead + e.Size
		instructions = append(instructions, solana.NewInstruction(program, solana.AccountMetaSlice{solana.Meta(address).WRITE()}, e.Init))
	}
	instructions[0] = system.NewCreateAccountInstruction(rentExemptMinimum(size), uint64(size), program, s.FaucetAddress(), address).Build()
	instructions = append(instructions, solana.NewInstruction(program, solana.AccountMetaSlice{solana.Meta(address).WRITE()}, data))
	_, err := s.land(ctx, []solana.PrivateKey{m.Key}, instructions...)
	return address, err
}

// MintTo issues tokens to a wallet's associated account, creating that when it
// is missing, and makes a block. It answers the token account.
func (s *Server) MintTo(ctx context.Context, mint solana.PublicKey, authority solana.PrivateKey, wallet solana.PublicKey, amount uint64) (solana.PublicKey, error) {
	a := s.headAccount(mint)
	if _, ok := mintOf(a); !ok {
		return solana.PublicKey{}, fmt.Errorf("%w: %s is no mint", ErrSeed, mint)
	}
	account, err := TokenAddress(wallet, mint, a.owner)
	if err != nil {
		return account, err
	}
	open := ata.NewCreateIdempotentInstructionWithTokenProgram(s.FaucetAddress(), wallet, mint, a.owner).Build()
	issue := token.NewMintToInstruction(amount, mint, account, authority.PublicKey(), nil).Build()
	data, err := issue.Data()
	if err != nil {
		return account, fmt.Errorf("encode issue: %w", err)
	}
	_, err = s.land(ctx, []solana.PrivateKey{authority}, open, solana.NewInstruction(a.owner, issue.Accounts(), data))
	return account, err
}

// TokenAddress is the associated token account of a wallet, under SPL Token or Token-2022.
func TokenAddress(wallet, mint, program solana.PublicKey) (solana.PublicKey, error) {
	a, _, err := solana.FindProgramAddress([][]byte{wallet[:], program[:], mint[:]}, ataProgram)
	if err != nil {
		return a, fmt.Errorf("derive token account: %w", err)
	}
	return a, nil
}

// headAccount is an account in the newest block.
func (s *Server) headAccount(key solana.PublicKey) *account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.chain.at(key, s.chain.head().slot)
}
