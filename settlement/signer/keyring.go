package signer

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync"

	"github.com/gagliardetto/solana-go"
	"github.com/stellar/go-stellar-sdk/strkey"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Policy says what a keyring signs for. A rail whose network is not named is
// not signed for, except for Solana, where the message itself names no network:
// its blockhash binds it.
type Policy struct {
	// StellarPassphrase names the Stellar network.
	StellarPassphrase string
	// StellarAssets are the assets paid there, each as CODE:ISSUER; SolanaMints
	// the tokens paid on Solana, each by its mint. What is not named is not paid.
	StellarAssets, SolanaMints map[remit.Asset]string
	// SolanaFees bounds what a mint may take of a transfer on top of what is
	// ordered, in basis points of that; nothing where it is not named.
	SolanaFees map[remit.Asset]int64
	// SolanaTables are the lookup tables that messages may refer to. Without one
	// only messages that name all their accounts are signed.
	SolanaTables []TablePin
	// StellarFeeSources are the accounts that may pay for a fee bump besides
	// those that its transaction uses.
	StellarFeeSources []string
	// StellarSwaps are the destinations that may be paid through Stellar's market
	// in another asset than is ordered.
	StellarSwaps map[string]StellarSwap
	// StellarReclaim is the least time, in seconds, for which a destination alone
	// may claim what is left to it; zero is a day.
	StellarReclaim int64
}

// TablePin is what a signer knows of a lookup table: its first entries, by their
// hash. They cannot change on chain, so that what is shown with a request can be
// held against the hash; entries after them are not signed for.
type TablePin struct {
	Address string
	Entries int
	Hash    settlement.Hash
}

// Pin is the pin of a table as it is now. Whoever calls it answers for the
// entries being what the chain holds, at finalized.
func Pin(t settlement.LookupTable) TablePin {
	return TablePin{Address: t.Address, Entries: len(t.Entries), Hash: t.Hash(len(t.Entries))}
}

// StellarSwap is what a destination takes, and for how much at least.
type StellarSwap struct {
	// Asset is what arrives, as CODE:ISSUER.
	Asset string
	// Least is how many units of it must arrive for 10,000 units sent.
	Least int64
}

// Keyring is a settlement.Signer that holds its keys in memory. It is safe for
// concurrent use.
type Keyring struct {
	mu     sync.RWMutex
	policy Policy
	// byName and byAddress find keys; an address is in its rail's own form.
	byName    map[string]ed25519.PrivateKey
	byAddress map[string]ed25519.PrivateKey
	// save keeps a new key before it is used; nil keeps it in memory only.
	save func(seeds map[string][]byte) error
}

var _ settlement.Signer = (*Keyring)(nil)

// NewKeyring makes a keyring of 32-byte seeds by name. It signs for nothing
// until SetPolicy says what for.
func NewKeyring(seeds map[string][]byte) (*Keyring, error) {
	k := &Keyring{byName: make(map[string]ed25519.PrivateKey), byAddress: make(map[string]ed25519.PrivateKey)}
	for name, seed := range seeds {
		if len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("seed of key %q has %d bytes, want %d", name, len(seed), ed25519.SeedSize)
		}
		if err := k.add(name, ed25519.NewKeyFromSeed(seed)); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// SetPolicy says what the keyring signs for from now on.
func (k *Keyring) SetPolicy(p Policy) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.policy = p
}

// Ensure returns the public key of a name, and makes the key when there is none
// yet; a keyring from a file stores it first.
func (k *Keyring) Ensure(name string) (ed25519.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.byName[name]; ok {
		return public(key), nil
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("draw key %q: %w", name, err)
	}
	if k.save != nil {
		seeds := map[string][]byte{name: key.Seed()}
		for n, have := range k.byName {
			seeds[n] = have.Seed()
		}
		if err := k.save(seeds); err != nil {
			return nil, fmt.Errorf("store key %q: %w", name, err)
		}
	}
	if err := k.add(name, key); err != nil {
		return nil, err
	}
	return public(key), nil
}

// add puts a key in. The lock is held, or nobody else has the keyring yet.
func (k *Keyring) add(name string, key ed25519.PrivateKey) error {
	stellar, err := StellarAddress(public(key))
	if err != nil {
		return fmt.Errorf("address of key %q: %w", name, err)
	}
	k.byName[name] = key
	k.byAddress[stellar] = key
	k.byAddress[SolanaAddress(public(key))] = key
	return nil
}

func public(key ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(key[ed25519.SeedSize:])
}

// StellarAddress is a key's address on Stellar, G….
func StellarAddress(key ed25519.PublicKey) (string, error) {
	a, err := strkey.Encode(strkey.VersionByteAccountID, key)
	if err != nil {
		return "", fmt.Errorf("encode stellar address: %w", err)
	}
	return a, nil
}

// SolanaAddress is a key's address on Solana, in base58.
func SolanaAddress(key ed25519.PublicKey) string { return solana.PublicKeyFromBytes(key).String() }

// Sign implements settlement.Signer: it signs what its policy allows.
func (k *Keyring) Sign(_ context.Context, r settlement.SignRequest) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.byAddress[r.Key]
	if !ok {
		return nil, remit.NotFound("key", r.Key)
	}
	owed, err := debtsOf(r)
	if err != nil {
		return nil, err
	}
	switch r.Rail {
	case remit.RailStellar:
		err = k.policy.judgeStellar(r, owed, func(address string) bool { return k.byAddress[address] != nil })
	case remit.RailSolana:
		err = k.policy.judgeSolana(r, owed)
	case remit.RailAuto:
		err = refuse("no rail was chosen")
	default:
		err = refuse("rail %q is not known", r.Rail)
	}
	if err != nil {
		return nil, err
	}
	if err := owed.allPaid(); err != nil {
		return nil, err
	}
	return ed25519.Sign(key, r.Payload), nil
}

// debt is what orders ask to be paid to one destination in one amount.
type debt struct {
	destination string
	amount      remit.Money
}

// debts counts the payments that are not made yet by the transaction at hand.
type debts map[debt]int

// debtsOf checks the orders of a request and sums up what they come to.
func debtsOf(r settlement.SignRequest) (debts, error) {
	seen := make(map[remit.OrderID]bool)
	for _, o := range r.Batch.Orders {
		switch {
		case o.Release == "":
			return nil, refuse("order %s was not released by any decision", o.ID)
		case o.Rail != r.Rail:
			return nil, refuse("order %s is for rail %q", o.ID, o.Rail)
		case seen[o.ID]:
			return nil, refuse("order %s is there twice", o.ID)
		case !o.Amount.IsPositive():
			return nil, refuse("order %s pays %s", o.ID, o.Amount)
		case o.Reclaims != "" && (o.Claim.ID == "" || len(r.Batch.Orders) != 1 || r.Batch.Mode == settlement.ModeNetted):
			return nil, refuse("order %s takes back, and does not name what, or is not alone", o.ID)
		}
		seen[o.ID] = true
	}
	payments, err := r.Batch.Payments()
	if err != nil {
		return nil, refuse("the orders cannot share a payment")
	}
	owed := make(debts)
	for _, p := range payments {
		if o := p.Orders[0]; o.Reclaims != "" {
			// It pays nobody: no payment to its destination is owed.
			owed[debt{takenBack(o.Claim.ID), o.Amount}]++
			continue
		}
		owed[debt{p.Destination, p.Amount}]++
	}
	return owed, nil
}

// takenBack stands for the treasury as the destination of what is taken back, in
// no address's form.
func takenBack(claim string) string { return "take back " + claim }

// pay takes a payment off what is owed, or refuses it.
func (d debts) pay(destination string, amount remit.Money) error {
	key := debt{destination, amount}
	if d[key] == 0 {
		return refuse("a payment of %s to %s is not ordered", amount, destination)
	}
	d[key]--
	return nil
}

// named finds the asset whose name on its network is given.
func named(assets map[remit.Asset]string, name string) (remit.Asset, bool) {
	for a, n := range assets {
		if n == name {
			return a, true
		}
	}
	return remit.Asset{}, false
}

// allPaid refuses a transaction that leaves an order unpaid.
func (d debts) allPaid() error {
	for key, n := range d {
		if n > 0 {
			return refuse("an order of %s to %s is not paid", key.amount, key.destination)
		}
	}
	return nil
}

func refuse(format string, args ...any) error {
	return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "the signer refuses: "+format, args...)
}
