package solanarpc

import (
	"bytes"
	"math"

	"github.com/gagliardetto/solana-go"
)

// Addresses the node knows by heart.
var (
	systemProgram  = solana.SystemProgramID
	tokenProgram   = solana.TokenProgramID
	token2022      = solana.Token2022ProgramID
	ataProgram     = solana.SPLAssociatedTokenAccountProgramID
	tableProgram   = solana.AddressLookupTableProgramID
	budgetProgram  = solana.MustPublicKeyFromBase58("ComputeBudget111111111111111111111111111111")
	memoV2         = solana.MustPublicKeyFromBase58("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
	memoV1         = solana.MustPublicKeyFromBase58("Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo")
	nativeLoader   = solana.MustPublicKeyFromBase58("NativeLoader1111111111111111111111111111111")
	bpfLoader      = solana.MustPublicKeyFromBase58("BPFLoader2111111111111111111111111111111111")
	sysvarOwner    = solana.MustPublicKeyFromBase58("Sysvar1111111111111111111111111111111111111")
	rentSysvar     = solana.SysVarRentPubkey
	builtinBudgets = map[solana.PublicKey]bool{systemProgram: true, budgetProgram: true}
)

// Sizes and prices fixed by the cluster.
const (
	maxPacket         = 1232
	lamportsPerSig    = 5000
	rentPerByte       = 6960 // two years of rent: accounts below it are refused
	accountOverhead   = 128
	maxAccountSpace   = 10 << 20
	mintSize          = 82
	tokenAccountSize  = 165
	token2022ATASize  = 170 // with the immutable-owner extension
	accountTypeOffset = 165
)

// account is one account's state. A stored account is never changed in place:
// whoever changes it works on a copy, so readers need no lock on its bytes.
type account struct {
	lamports   uint64
	owner      solana.PublicKey
	data       []byte
	executable bool
}

// rentExemptMinimum is the balance below which an account of that size is refused.
func rentExemptMinimum(size int) uint64 { return uint64(size+accountOverhead) * rentPerByte }

func (a *account) rentExempt() bool { return a.lamports >= rentExemptMinimum(len(a.data)) }

// loaded is an account as one transaction works on it.
type loaded struct {
	key solana.PublicKey
	account
	ownsData bool
}

// load makes a working copy; a missing account is an empty one of the System program.
func load(key solana.PublicKey, a *account) *loaded {
	if a == nil {
		return &loaded{key: key, account: account{owner: systemProgram}}
	}
	return &loaded{key: key, account: *a}
}

// edit gives bytes that may be written.
func (l *loaded) edit() []byte {
	if !l.ownsData {
		l.data, l.ownsData = bytes.Clone(l.data), true
	}
	return l.data
}

// resize replaces the data with n zero bytes.
func (l *loaded) resize(n int) { l.data, l.ownsData = make([]byte, n), true }

// settled is what the chain stores of it: nothing at all once it has no lamports.
func (l *loaded) settled() *account {
	if l.lamports == 0 {
		return nil
	}
	a := l.account
	return &a
}

// programBalances are what the program accounts hold on a cluster, where their
// code is larger than the few bytes that stand in for it here.
var programBalances = map[solana.PublicKey]uint64{
	tableProgram: 1_141_440, tokenProgram: 1_141_440, token2022: 1_141_440, ataProgram: 731_913_600, memoV2: 16_926_720, memoV1: 121_159_680,
}

// genesisAccounts are the accounts that exist before the first transaction.
func genesisAccounts(faucet solana.PublicKey, lamports uint64) map[solana.PublicKey]*account {
	out := map[solana.PublicKey]*account{faucet: {lamports: lamports, owner: systemProgram}}
	for _, p := range []solana.PublicKey{systemProgram, budgetProgram} {
		out[p] = &account{lamports: 1, owner: nativeLoader, data: []byte("native"), executable: true}
	}
	code := []byte("stand-in for a program of the cluster")
	for p, balance := range programBalances {
		out[p] = &account{lamports: balance, owner: bpfLoader, data: code, executable: true}
	}
	rent := make([]byte, 17)
	le.PutUint64(rent, rentPerByte/2)
	le.PutUint64(rent[8:], math.Float64bits(2))
	rent[16] = 50
	out[rentSysvar] = &account{lamports: 1, owner: sysvarOwner, data: rent}
	return out
}
