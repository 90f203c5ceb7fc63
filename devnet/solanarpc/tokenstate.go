package solanarpc

import (
	"github.com/gagliardetto/solana-go"
)

// Offsets in the data of a token account and of a mint.
const (
	tokOwnerAt        = 32
	tokAmountAt       = 64
	tokDelegateAt     = 72
	tokStateAt        = 108
	tokDelegatedAt    = 121
	tokCloseAt        = 129
	mintAuthorityAt   = 0
	mintSupplyAt      = 36
	mintDecimalsAt    = 44
	mintInitAt        = 45
	mintFreezeAt      = 46
	stateInitialized  = 1
	stateFrozen       = 2
	extImmutableOwner = 7
)

// tokenView reads and writes the fields of a token account or a mint.
type tokenView struct{ *loaded }

// readTokenAccount checks that the data is an initialized token account.
func readTokenAccount(a *loaded) (tokenView, *ixError) {
	n := len(a.data)
	if n != tokenAccountSize && (n <= tokenAccountSize || a.data[accountTypeOffset] != 2) {
		return tokenView{}, errInvalidAccountData
	}
	if a.data[tokStateAt] == 0 {
		return tokenView{}, errUninitialized
	}
	return tokenView{a}, nil
}

// readMint checks that the data is an initialized mint.
func readMint(a *loaded) (tokenView, *ixError) {
	if n := len(a.data); n != mintSize && (n <= tokenAccountSize || a.data[accountTypeOffset] != 1) {
		return tokenView{}, errInvalidAccountData
	}
	if a.data[mintInitAt] == 0 {
		return tokenView{}, errUninitialized
	}
	return tokenView{a}, nil
}

func (t tokenView) mint() solana.PublicKey { return solana.PublicKeyFromBytes(t.data[:32]) }

func (t tokenView) owner() solana.PublicKey {
	return solana.PublicKeyFromBytes(t.data[tokOwnerAt : tokOwnerAt+32])
}

func (t tokenView) amount() uint64 { return t.u64(tokAmountAt) }

func (t tokenView) supply() uint64 { return t.u64(mintSupplyAt) }

func (t tokenView) decimals() byte { return t.data[mintDecimalsAt] }

func (t tokenView) frozen() bool { return t.data[tokStateAt] == stateFrozen }

func (t tokenView) immutableOwner() bool {
	return t.extension(extImmutableOwner) != 0
}

func (t tokenView) u64(at int) uint64 { return le.Uint64(t.data[at:]) }

func (t tokenView) set(at int, n uint64) { le.PutUint64(t.edit()[at:], n) }

// option reads an optional key: a four-byte flag, then the key.
func (t tokenView) option(at int) (solana.PublicKey, bool) {
	if le.Uint32(t.data[at:]) != 1 {
		return solana.PublicKey{}, false
	}
	return solana.PublicKeyFromBytes(t.data[at+4 : at+36]), true
}

func (t tokenView) setOption(at int, key *solana.PublicKey) {
	d := t.edit()
	clear(d[at : at+36])
	if key != nil {
		d[at] = 1
		copy(d[at+4:], key[:])
	}
}

// isTokenProgram says whether an account belongs to one of the token programs.
func isTokenProgram(owner solana.PublicKey) bool { return owner == tokenProgram || owner == token2022 }

// tokenAccountOf reads a stored account as a token account.
func tokenAccountOf(a *account) (tokenView, bool) {
	if a == nil || !isTokenProgram(a.owner) {
		return tokenView{}, false
	}
	t, err := readTokenAccount(&loaded{account: *a})
	return t, err == nil
}

// mintOf reads a stored account as a mint.
func mintOf(a *account) (tokenView, bool) {
	if a == nil || !isTokenProgram(a.owner) {
		return tokenView{}, false
	}
	t, err := readMint(&loaded{account: *a})
	return t, err == nil
}

// unitsOfExtension is about what each extension of a mint adds to a transfer.
const unitsOfExtension = 370

// tokenUnits is about what a cluster charges for an instruction.
func tokenUnits(program solana.PublicKey, kind byte) uint64 {
	table := splUnits
	if program == token2022 {
		table = t22Units
	}
	if n, ok := table[kind]; ok {
		return n
	}
	return 100
}

var (
	splUnits = map[byte]uint64{
		tokTransfer: 76, tokTransferChecked: 105, tokMintTo: 119, tokMintToChecked: 160, tokInitAccount3: 235, tokInitMint2: 210,
		tokGetAccountDataSize: 183, tokInitImmutableOwner: 40, tokBurn: 124, tokBurnChecked: 126, tokFreeze: 143, tokThaw: 143,
		tokApprove: 126, tokApproveChecked: 163, tokRevoke: 108, tokSetAuthority: 125, tokClose: 118, tokInitAccount: 150,
	}
	t22Units = map[byte]uint64{
		tokTransfer: 1_864, tokTransferChecked: 2_030, tokMintTo: 1_288, tokMintToChecked: 1_400, tokInitAccount3: 1_565, tokInitMint2: 1_278,
		tokGetAccountDataSize: 1_204, tokInitImmutableOwner: 700, tokBurn: 1_440, tokBurnChecked: 1_440, tokFreeze: 1_153, tokThaw: 1_153,
		tokApprove: 1_184, tokApproveChecked: 1_469, tokRevoke: 864, tokSetAuthority: 1_000, tokClose: 1_349, tokInitAccount: 1_600, tokInitMint: 1_390,
		tokFee: 2_600, tokPausable: 1_192, tokDefaultState: 1_300, tokHook: 1_300, tokInitCloseAuthority: 1_200, tokInitPermanentDelegate: 1_200,
		tokInitNonTransferable: 1_200, tokReallocate: 4_700, tokMemoTransfer: 1_200,
	}
)
