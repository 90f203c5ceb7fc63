package signer_test

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stellar/go-stellar-sdk/network"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
)

const passphrase = network.TestNetworkPassphrase

func seed(b byte) []byte { return []byte(strings.Repeat(string(rune('a'+b)), ed25519.SeedSize)) }

// pub is the public key of a seed.
func pub(b byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(seed(b)).Public().(ed25519.PublicKey)
}

func stellarAddress(t testing.TB, b byte) string {
	t.Helper()
	a, err := signer.StellarAddress(pub(b))
	if err != nil {
		t.Fatalf("address: %v", err)
	}
	return a
}

var mint = solana.PublicKeyFromBytes(pub(9))

func setup(t testing.TB) *signer.Keyring {
	t.Helper()
	k, err := signer.NewKeyring(map[string][]byte{"treasury": seed(0), "channel": seed(1)})
	if err != nil {
		t.Fatalf("new keyring: %v", err)
	}
	k.SetPolicy(signer.Policy{StellarPassphrase: passphrase, StellarAssets: map[remit.Asset]string{remit.USDCStellar: "USDC:" + stellarAddress(t, 8)},
		SolanaMints: map[remit.Asset]string{remit.USDCSolana: mint.String()}})
	return k
}

func order(rail remit.Rail, id, destination string, minor int64) settlement.Order {
	asset := remit.USDCStellar
	if rail == remit.RailSolana {
		asset = remit.USDCSolana
	}
	return settlement.Order{
		ID: remit.OrderID(id), Rail: rail, Amount: remit.NewMoney(asset, minor), Destination: destination, Release: "dec_1",
	}
}

// check signs and compares with what is wanted: a part of the refusal, or none.
func check(t *testing.T, r settlement.SignRequest, key ed25519.PublicKey, refusal string) {
	t.Helper()
	checkBy(t, setup(t), r, key, refusal)
}

func checkBy(t *testing.T, k *signer.Keyring, r settlement.SignRequest, key ed25519.PublicKey, refusal string) {
	t.Helper()
	got, err := k.Sign(context.Background(), r)
	if refusal == "" {
		if err != nil || !ed25519.Verify(key, r.Payload, got) {
			t.Errorf("sign: %v, want a good signature", err)
		}
		return
	}
	if remit.KindOf(err) != remit.KindForbidden || !strings.Contains(err.Error(), refusal) || got != nil {
		t.Errorf("sign: %v, want it forbidden because %q", err, refusal)
	}
}

// solanaTx is a transaction as the rail builds it, open to change.
type solanaTx struct {
	orders []settlement.Order
	ixs    []solana.Instruction
	payer  solana.PublicKey
	key    string
	// message changes the bytes; payload what is asked to be signed.
	message func([]byte) []byte
	payload func([]byte) []byte
}

var treasury = solana.PublicKeyFromBytes(pub(0))

func ata(wallet solana.PublicKey) solana.PublicKey {
	a, _, err := solana.FindAssociatedTokenAddress(wallet, mint)
	if err != nil {
		panic(err)
	}
	return a
}

func transfer(to solana.PublicKey, amount uint64, change ...func([]byte, solana.AccountMetaSlice)) solana.Instruction {
	data := append(binary.LittleEndian.AppendUint64([]byte{12}, amount), 6)
	metas := solana.AccountMetaSlice{solana.Meta(ata(treasury)).WRITE(), solana.Meta(mint), solana.Meta(to).WRITE(), solana.Meta(treasury).SIGNER()}
	for _, f := range change {
		f(data, metas)
	}
	return solana.NewInstruction(solana.TokenProgramID, metas, data)
}

func open(wallet, mint solana.PublicKey) solana.Instruction {
	return solana.NewInstruction(solana.SPLAssociatedTokenAccountProgramID, solana.AccountMetaSlice{
		solana.Meta(treasury).WRITE().SIGNER(), solana.Meta(ata(wallet)).WRITE(), solana.Meta(wallet), solana.Meta(mint),
		solana.Meta(solana.SystemProgramID), solana.Meta(solana.TokenProgramID),
	}, []byte{1})
}

func budget(limit uint32, price uint64) []solana.Instruction {
	return []solana.Instruction{
		solana.NewInstruction(solana.ComputeBudget, nil, binary.LittleEndian.AppendUint32([]byte{2}, limit)),
		solana.NewInstruction(solana.ComputeBudget, nil, binary.LittleEndian.AppendUint64([]byte{3}, price)),
	}
}

func TestSolana(t *testing.T) {
	t.Parallel()
	a, b := solana.PublicKeyFromBytes(pub(2)), solana.PublicKeyFromBytes(pub(3))
	two := []settlement.Order{order(remit.RailSolana, "ord_1", a.String(), 5), order(remit.RailSolana, "ord_2", b.String(), 7)}
	for _, test := range []struct {
		name    string
		change  func(x *solanaTx)
		refusal string
	}{
		{"pays its orders", func(*solanaTx) {}, ""},
		{"opens an account without orders", func(x *solanaTx) { x.orders, x.ixs = nil, []solana.Instruction{open(b, mint)} }, ""},
		{"pays a token account itself", func(x *solanaTx) {
			x.orders = []settlement.Order{order(remit.RailSolana, "ord_1", ata(b).String(), 7)}
			x.ixs = []solana.Instruction{transfer(ata(b), 7)}
		}, ""},
		{"without decision", func(x *solanaTx) { x.orders[1].Release = "" }, "not released"},
		{"order twice", func(x *solanaTx) { x.orders[1] = x.orders[0] }, "twice"},
		{"order of another rail", func(x *solanaTx) { x.orders[1].Rail = remit.RailStellar }, "rail"},
		{"order in another asset", func(x *solanaTx) { x.orders[1].Amount.Asset = remit.USDCStellar }, "is not ordered"},
		{"unpaid order", func(x *solanaTx) { x.ixs = x.ixs[:len(x.ixs)-1] }, "is not paid"},
		{"paid twice", func(x *solanaTx) { x.ixs = append(x.ixs, transfer(ata(b), 7)) }, "not ordered"},
		{"more than ordered", func(x *solanaTx) { x.ixs[len(x.ixs)-1] = transfer(ata(b), 8) }, "not ordered"},
		{"to somebody else", func(x *solanaTx) { x.ixs[len(x.ixs)-1] = transfer(ata(mint), 7) }, "not ordered"},
		{"money without orders", func(x *solanaTx) { x.orders = nil }, "not ordered"},
		{"transfer without orders", func(x *solanaTx) { x.orders, x.ixs = nil, []solana.Instruction{transfer(ata(b), 7)} }, "not ordered"},
		{"other decimals", func(x *solanaTx) {
			x.ixs[len(x.ixs)-1] = transfer(ata(b), 7, func(d []byte, _ solana.AccountMetaSlice) { d[9] = 9 })
		}, "another token"},
		{"other mint", func(x *solanaTx) {
			x.ixs[len(x.ixs)-1] = transfer(ata(b), 7, func(_ []byte, m solana.AccountMetaSlice) { m[1] = solana.Meta(a) })
		}, "another token"},
		{"unchecked transfer", func(x *solanaTx) {
			x.ixs[len(x.ixs)-1] = transfer(ata(b), 7, func(d []byte, _ solana.AccountMetaSlice) { d[0] = 3 })
		}, "not a checked transfer"},
		{"approves", func(x *solanaTx) {
			x.ixs[len(x.ixs)-1] = transfer(ata(b), 7, func(d []byte, _ solana.AccountMetaSlice) { d[0] = 13 })
		}, "not a checked transfer"},
		{"pays lamports", func(x *solanaTx) {
			x.ixs = append(x.ixs, solana.NewInstruction(solana.SystemProgramID, solana.AccountMetaSlice{
				solana.Meta(treasury).WRITE().SIGNER(), solana.Meta(a).WRITE(),
			}, append([]byte{2, 0, 0, 0}, make([]byte, 8)...)))
		}, "program"},
		{"opens for a stranger", func(x *solanaTx) { x.ixs = append(x.ixs, open(mint, mint)) }, "which no order names"},
		{"opens for another token", func(x *solanaTx) { x.ixs = append(x.ixs, open(b, a)) }, "another token"},
		{"opens by another program", func(x *solanaTx) {
			ix := open(b, mint)
			ix.Accounts()[5] = solana.Meta(solana.VoteProgramID)
			x.ixs = append(x.ixs, ix)
		}, "other programs"},
		{"dear priority", func(x *solanaTx) { x.ixs = append(budget(1_400_000, 10_000_000), x.ixs[2:]...) }, "priority"},
		{"dear priority without limit", func(x *solanaTx) { x.ixs = append(budget(1, 10_000_000)[1:], x.ixs[2:]...) }, "priority"},
		{"other payer", func(x *solanaTx) { x.payer = a }, "only signer"},
		{"other payload", func(x *solanaTx) { x.payload = func(b []byte) []byte { return append([]byte{1}, b...) } }, "not the transaction shown"},
		{"bytes behind", func(x *solanaTx) { x.message = func(b []byte) []byte { return append(b, 0) } }, "more than one reading"},
		{"cut short", func(x *solanaTx) { x.message = func(b []byte) []byte { return b[:len(b)-9] } }, "refuses"},
		{"version 0 without lookups", func(x *solanaTx) {
			x.message = func(b []byte) []byte { return append(append([]byte{0x80}, b...), 0) }
		}, ""},
		{"version 0 cut short", func(x *solanaTx) { x.message = func(b []byte) []byte { return append([]byte{0x80}, b...) } }, "not readable"},
		{"version 1", func(x *solanaTx) { x.message = func(b []byte) []byte { return append(append([]byte{0x81}, b...), 0) } }, "legacy"},
		{"takes a program from nowhere", func(x *solanaTx) {
			x.message = func(b []byte) []byte { b[len(b)-17] = 200; return b }
		}, "from nowhere"},
		{"empty", func(x *solanaTx) { x.message = func([]byte) []byte { return nil } }, "legacy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			x := &solanaTx{orders: append([]settlement.Order(nil), two...), payer: treasury, key: treasury.String()}
			x.ixs = append(budget(50_000, 1_000), open(a, mint), transfer(ata(a), 5), transfer(ata(b), 7))
			test.change(x)
			tx, err := solana.NewTransaction(x.ixs, solana.Hash{1}, solana.TransactionPayer(x.payer))
			if err != nil {
				t.Fatalf("build: %v", err)
			}
			message, err := tx.Message.MarshalBinary()
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			if x.message != nil {
				message = x.message(message)
			}
			payload := message
			if x.payload != nil {
				payload = x.payload(message)
			}
			check(t, settlement.SignRequest{
				Rail: remit.RailSolana, Key: x.key, Payload: payload, Transaction: message, Batch: settlement.Batch{Orders: x.orders},
			}, pub(0), test.refusal)
		})
	}
}

// stellarTx is a transaction as the rail builds it, open to change.
type stellarTx struct {
	orders  []settlement.Order
	ops     []txnbuild.Operation
	fee     int64
	bounds  txnbuild.TimeBounds
	network string
}

func TestStellar(t *testing.T) {
	t.Parallel()
	dest, usdc := stellarAddress(t, 2), txnbuild.CreditAsset{Code: "USDC", Issuer: stellarAddress(t, 8)}
	pay := func(amount string, asset txnbuild.Asset) txnbuild.Operation {
		return &txnbuild.Payment{Destination: dest, Amount: amount, Asset: asset, SourceAccount: stellarAddress(t, 0)}
	}
	for _, test := range []struct {
		name    string
		change  func(x *stellarTx)
		refusal string
	}{
		{"pays its order", func(*stellarTx) {}, ""},
		{"opens an account without orders", func(x *stellarTx) {
			x.orders, x.ops = nil, []txnbuild.Operation{&txnbuild.CreateAccount{Destination: dest, Amount: "10"}}
		}, ""},
		{"tops up an account of its own", func(x *stellarTx) {
			x.orders, x.ops = nil, []txnbuild.Operation{topUp(stellarAddress(t, 1), "25")}
		}, ""},
		{"tops up richly", func(x *stellarTx) {
			x.orders, x.ops = nil, []txnbuild.Operation{topUp(stellarAddress(t, 1), "25.0000001")}
		}, "tops up by"},
		{"tops up a stranger", func(x *stellarTx) {
			x.orders, x.ops = nil, []txnbuild.Operation{topUp(stellarAddress(t, 5), "1")}
		}, "somebody else"},
		{"opens a trustline without orders", func(x *stellarTx) {
			x.orders, x.ops = nil, []txnbuild.Operation{&txnbuild.ChangeTrust{Line: txnbuild.ChangeTrustAssetWrapper{Asset: usdc}}}
		}, ""},
		{"without decision", func(x *stellarTx) { x.orders[0].Release = "" }, "not released"},
		{"without orders", func(x *stellarTx) { x.orders = nil }, "there is no order"},
		{"other amount", func(x *stellarTx) { x.ops[0] = pay("0.0000008", usdc) }, "not ordered"},
		{"other asset", func(x *stellarTx) {
			x.ops[0] = pay("0.0000007", txnbuild.CreditAsset{Code: "USDT", Issuer: usdc.Issuer})
		}, "another asset"},
		{"lumens", func(x *stellarTx) { x.ops[0] = pay("0.0000007", txnbuild.NativeAsset{}) }, "another asset"},
		{"twice", func(x *stellarTx) { x.ops = append(x.ops, x.ops[0]) }, "not ordered"},
		{"merges the account", func(x *stellarTx) { x.ops = append(x.ops, &txnbuild.AccountMerge{Destination: dest}) }, "not a payment"},
		{"opens richly", func(x *stellarTx) {
			x.orders, x.ops = nil, []txnbuild.Operation{&txnbuild.CreateAccount{Destination: dest, Amount: "1000"}}
		}, "there is no order"},
		{"dear", func(x *stellarTx) { x.fee = 10_000_000 }, "stroops"},
		{"never expires", func(x *stellarTx) { x.bounds = txnbuild.NewInfiniteTimeout() }, "never expires"},
		{"other network", func(x *stellarTx) { x.network = network.PublicNetworkPassphrase }, "configured network"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			x := &stellarTx{
				orders: []settlement.Order{order(remit.RailStellar, "ord_1", dest, 7)}, ops: []txnbuild.Operation{pay("0.0000007", usdc)},
				fee: 100, bounds: txnbuild.NewTimebounds(0, 2_000_000_000), network: passphrase,
			}
			test.change(x)
			tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
				SourceAccount: &txnbuild.SimpleAccount{AccountID: stellarAddress(t, 1), Sequence: 1}, IncrementSequenceNum: true,
				Operations: x.ops, BaseFee: x.fee, Preconditions: txnbuild.Preconditions{TimeBounds: x.bounds},
			})
			if err != nil {
				t.Fatalf("build: %v", err)
			}
			hash, err := tx.Hash(x.network)
			if err != nil {
				t.Fatalf("hash: %v", err)
			}
			envelope, err := tx.Base64()
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			for key, address := range map[byte]string{0: stellarAddress(t, 0), 1: stellarAddress(t, 1)} {
				check(t, settlement.SignRequest{
					Rail: remit.RailStellar, Key: address, Payload: hash[:], Transaction: []byte(envelope), Batch: settlement.Batch{Orders: x.orders},
				}, pub(key), test.refusal)
			}
		})
	}
}

func TestWithoutPolicy(t *testing.T) {
	t.Parallel()
	k, err := signer.NewKeyring(map[string][]byte{"treasury": seed(0)})
	if err != nil {
		t.Fatalf("new keyring: %v", err)
	}
	_, err = k.Sign(t.Context(), settlement.SignRequest{Rail: remit.RailStellar, Key: stellarAddress(t, 0)})
	if remit.KindOf(err) != remit.KindForbidden {
		t.Errorf("sign without a policy: %v, want forbidden", err)
	}
	_, err = k.Sign(t.Context(), settlement.SignRequest{Rail: remit.RailStellar, Key: stellarAddress(t, 5)})
	if remit.KindOf(err) != remit.KindNotFound {
		t.Errorf("sign with a strange key: %v, want not found", err)
	}
	if _, err := signer.NewKeyring(map[string][]byte{"short": seed(0)[:31]}); err == nil {
		t.Error("a seed of 31 bytes was taken")
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	k, err := signer.OpenFile(path)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	first, err := k.Ensure("treasury")
	if err != nil {
		t.Fatalf("ensure: %v", err)
	}
	if _, err := k.Ensure("channel"); err != nil {
		t.Fatalf("ensure: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v, want mode 0600", info.Mode(), err)
	}
	if k, err = signer.OpenFile(path); err != nil {
		t.Fatalf("open again: %v", err)
	}
	again, err := k.Ensure("treasury")
	if err != nil || !again.Equal(first) {
		t.Errorf("the key after opening again is %x (%v), want %x", again, err, first)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := signer.OpenFile(path); err == nil {
		t.Error("a key file that a group can read was opened")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "[]", `{"a":"zz"}`, `{"a":"00"}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := signer.OpenFile(path); err == nil {
			t.Errorf("a key file of %q was opened", text)
		}
	}
}

func topUp(to, lumens string) txnbuild.Operation {
	return &txnbuild.Payment{Destination: to, Amount: lumens, Asset: txnbuild.NativeAsset{}}
}

// TestClaim signs what an order leaves for its destination to claim.
func TestClaim(t *testing.T) {
	t.Parallel()
	treasury, wallet, stranger := stellarAddress(t, 0), stellarAddress(t, 2), stellarAddress(t, 5)
	after := func(seconds int64) *xdr.ClaimPredicate {
		p := txnbuild.NotPredicate(txnbuild.BeforeRelativeTimePredicate(seconds))
		return &p
	}
	now := txnbuild.BeforeRelativeTimePredicate(1_000_000)
	good := []txnbuild.Claimant{txnbuild.NewClaimant(wallet, nil), txnbuild.NewClaimant(treasury, after(86_400))}
	for _, test := range []struct {
		name      string
		claimants []txnbuild.Claimant
		amount    string
		payer     string
		change    func(o *settlement.Order)
		refusal   string
	}{
		{"as ordered", good, "0.0000005", treasury, func(*settlement.Order) {}, ""},
		{"not allowed", good, "0.0000005", treasury, func(o *settlement.Order) { o.Claimable = false }, "which no order allows"},
		{"more", good, "0.0000006", treasury, func(*settlement.Order) {}, "which no order allows"},
		{"another destination", good, "0.0000005", treasury, func(o *settlement.Order) { o.Destination = stranger }, "which no order allows"},
		{"no payer", good, "0.0000005", "", func(*settlement.Order) {}, "other claimants"},
		{"nobody to take it back", good[:1], "0.0000005", treasury, func(*settlement.Order) {}, "other claimants"},
		{"a stranger claims", []txnbuild.Claimant{good[0], txnbuild.NewClaimant(stranger, after(86_400))}, "0.0000005", treasury,
			func(*settlement.Order) {}, "who does not pay it"},
		{"a third claims", append(good[:2:2], txnbuild.NewClaimant(stranger, nil)), "0.0000005", treasury, func(*settlement.Order) {}, "other claimants"},
		{"back at once", []txnbuild.Claimant{good[0], txnbuild.NewClaimant(treasury, nil)}, "0.0000005", treasury, func(*settlement.Order) {}, "taken back within"},
		{"back too soon", []txnbuild.Claimant{good[0], txnbuild.NewClaimant(treasury, after(86_399))}, "0.0000005", treasury,
			func(*settlement.Order) {}, "taken back within"},
		{"back only at first", []txnbuild.Claimant{good[0], txnbuild.NewClaimant(treasury, &now)}, "0.0000005", treasury,
			func(*settlement.Order) {}, "taken back within"},
		{"claimed only later", []txnbuild.Claimant{txnbuild.NewClaimant(wallet, after(5)), good[1]}, "0.0000005", treasury,
			func(*settlement.Order) {}, "at any time"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := order(remit.RailStellar, "ord_1", wallet, 5)
			o.Claimable = true
			test.change(&o)
			tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
				SourceAccount: &txnbuild.SimpleAccount{AccountID: stellarAddress(t, 1), Sequence: 1}, IncrementSequenceNum: true, BaseFee: 100,
				Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, 99)},
				Operations: []txnbuild.Operation{&txnbuild.CreateClaimableBalance{
					Amount: test.amount, Asset: txnbuild.CreditAsset{Code: "USDC", Issuer: stellarAddress(t, 8)},
					Destinations: test.claimants, SourceAccount: test.payer,
				}},
			})
			if err != nil {
				t.Fatalf("build: %v", err)
			}
			hash, err := tx.Hash(passphrase)
			if err != nil {
				t.Fatalf("hash: %v", err)
			}
			envelope, err := tx.Base64()
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			check(t, settlement.SignRequest{Rail: remit.RailStellar, Key: treasury, Payload: hash[:], Transaction: []byte(envelope),
				Batch: settlement.Batch{Orders: []settlement.Order{o}}}, pub(0), test.refusal)
		})
	}
}

// TestTakeBack signs to claim what an order takes back, for a key that is held.
func TestTakeBack(t *testing.T) {
	t.Parallel()
	treasury, wallet, stranger := stellarAddress(t, 0), stellarAddress(t, 2), stellarAddress(t, 5)
	id, other := "00000000"+strings.Repeat("ab", 32), "00000000"+strings.Repeat("cd", 32)
	claim := func(id, payee string) []txnbuild.Operation {
		return []txnbuild.Operation{&txnbuild.ClaimClaimableBalance{BalanceID: id, SourceAccount: payee}}
	}
	usdc := txnbuild.CreditAsset{Code: "USDC", Issuer: stellarAddress(t, 8)}
	pay := &txnbuild.Payment{Destination: wallet, Amount: "0.0000005", Asset: usdc, SourceAccount: treasury}
	for _, test := range []struct {
		name    string
		ops     []txnbuild.Operation
		change  func(o *settlement.Order)
		refusal string
	}{
		{"as recorded", claim(id, treasury), func(*settlement.Order) {}, ""},
		{"another balance", claim(other, treasury), func(*settlement.Order) {}, "which no order takes back"},
		{"for a stranger", claim(id, stranger), func(*settlement.Order) {}, "somebody else"},
		{"for who knows whom", claim(id, ""), func(*settlement.Order) {}, "for whom"},
		{"twice", append(claim(id, treasury), claim(id, treasury)...), func(*settlement.Order) {}, "not ordered"},
		{"an order that pays", claim(id, treasury), func(o *settlement.Order) { o.Reclaims = "" }, "which no order takes back"},
		{"no balance named", claim(id, treasury), func(o *settlement.Order) { o.Claim.ID = "" }, "does not name what"},
		{"a payment instead", []txnbuild.Operation{pay}, func(*settlement.Order) {}, "not ordered"},
		{"a payment beside", append(claim(id, treasury), pay), func(*settlement.Order) {}, "not ordered"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := order(remit.RailStellar, "ord_2", wallet, 5)
			o.Reclaims, o.Claim.ID = "ord_1", id
			test.change(&o)
			tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
				SourceAccount: &txnbuild.SimpleAccount{AccountID: stellarAddress(t, 1), Sequence: 1}, IncrementSequenceNum: true, BaseFee: 100,
				Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, 99)}, Operations: test.ops,
			})
			if err != nil {
				t.Fatalf("build: %v", err)
			}
			hash, err := tx.Hash(passphrase)
			if err != nil {
				t.Fatalf("hash: %v", err)
			}
			envelope, err := tx.Base64()
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			check(t, settlement.SignRequest{Rail: remit.RailStellar, Key: treasury, Payload: hash[:], Transaction: []byte(envelope),
				Batch: settlement.Batch{Orders: []settlement.Order{o}}}, pub(0), test.refusal)
		})
	}
}

// TestSwap signs what goes through the market as the policy allows.
func TestSwap(t *testing.T) {
	t.Parallel()
	treasury, partner, stranger := stellarAddress(t, 0), stellarAddress(t, 2), stellarAddress(t, 5)
	usdc := txnbuild.CreditAsset{Code: "USDC", Issuer: stellarAddress(t, 8)}
	eurc := txnbuild.CreditAsset{Code: "EURC", Issuer: stellarAddress(t, 7)}
	for _, test := range []struct {
		name    string
		op      txnbuild.PathPaymentStrictSend
		refusal string
	}{
		{"as ordered", txnbuild.PathPaymentStrictSend{SendAsset: usdc, SendAmount: "1", DestAsset: eurc, DestMin: "0.8", Destination: partner}, ""},
		{"for too little", txnbuild.PathPaymentStrictSend{SendAsset: usdc, SendAmount: "1", DestAsset: eurc, DestMin: "0.7999999", Destination: partner}, "must"},
		{"more", txnbuild.PathPaymentStrictSend{SendAsset: usdc, SendAmount: "1.1", DestAsset: eurc, DestMin: "1", Destination: partner}, "not ordered"},
		{"another asset arrives", txnbuild.PathPaymentStrictSend{SendAsset: usdc, SendAmount: "1", DestAsset: usdc, DestMin: "1", Destination: partner}, "not known to take"},
		{"lumens arrive", txnbuild.PathPaymentStrictSend{SendAsset: usdc, SendAmount: "1", DestAsset: txnbuild.NativeAsset{}, DestMin: "1", Destination: partner}, "not known to take"},
		{"another asset is sent", txnbuild.PathPaymentStrictSend{SendAsset: eurc, SendAmount: "1", DestAsset: eurc, DestMin: "1", Destination: partner}, "sends another"},
		{"to somebody else", txnbuild.PathPaymentStrictSend{SendAsset: usdc, SendAmount: "1", DestAsset: eurc, DestMin: "1", Destination: stranger}, "not known to take"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			op := test.op
			op.SourceAccount = treasury
			tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
				SourceAccount: &txnbuild.SimpleAccount{AccountID: stellarAddress(t, 1), Sequence: 1}, IncrementSequenceNum: true, BaseFee: 100,
				Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, 99)}, Operations: []txnbuild.Operation{&op},
			})
			if err != nil {
				t.Fatalf("build: %v", err)
			}
			hash, err := tx.Hash(passphrase)
			if err != nil {
				t.Fatalf("hash: %v", err)
			}
			envelope, err := tx.Base64()
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			k := setup(t)
			k.SetPolicy(signer.Policy{StellarPassphrase: passphrase, StellarAssets: map[remit.Asset]string{remit.USDCStellar: "USDC:" + usdc.Issuer},
				StellarSwaps: map[string]signer.StellarSwap{partner: {Asset: "EURC:" + eurc.Issuer, Least: 8_000}}})
			_, err = k.Sign(t.Context(), settlement.SignRequest{Rail: remit.RailStellar, Key: treasury, Payload: hash[:], Transaction: []byte(envelope),
				Batch: settlement.Batch{Orders: []settlement.Order{order(remit.RailStellar, "ord_1", partner, 1_0000000)}}})
			if test.refusal == "" && err != nil || test.refusal != "" && (remit.KindOf(err) != remit.KindForbidden || !strings.Contains(err.Error(), test.refusal)) {
				t.Errorf("got %v, want %q", err, test.refusal)
			}
		})
	}
}

// TestFeeBump signs an envelope that offers more for a payment that it would sign.
func TestFeeBump(t *testing.T) {
	t.Parallel()
	channel, treasury, stranger := stellarAddress(t, 1), stellarAddress(t, 0), stellarAddress(t, 4)
	for _, test := range []struct {
		name, payer, key string
		bid, minor       int64
		orders           bool
		refusal          string
	}{
		{"paid by the channel", channel, channel, 1000, 5, true, ""},
		{"paid by the treasury", treasury, treasury, 1_000_000, 5, true, ""},
		{"dear", channel, channel, 1_000_001, 5, true, "bids"},
		{"paid by a stranger", stranger, stranger, 1000, 5, true, "no part in"},
		{"signed by another", treasury, channel, 1000, 5, true, "not who signs"},
		{"around another payment", channel, channel, 1000, 6, true, "not ordered"},
		{"around housekeeping", channel, channel, 1000, 5, false, "no order"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inner, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
				SourceAccount: &txnbuild.SimpleAccount{AccountID: channel, Sequence: 1}, IncrementSequenceNum: true, BaseFee: 100,
				Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimebounds(0, 99)},
				Operations: []txnbuild.Operation{&txnbuild.Payment{
					Destination: stellarAddress(t, 2), Amount: remit.NewMoney(remit.USDCStellar, test.minor).Decimal(),
					Asset: txnbuild.CreditAsset{Code: "USDC", Issuer: stellarAddress(t, 8)}, SourceAccount: treasury,
				}},
			})
			if err != nil {
				t.Fatalf("build: %v", err)
			}
			bump, err := txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{Inner: inner, FeeAccount: test.payer, BaseFee: test.bid})
			if err != nil {
				t.Fatalf("wrap: %v", err)
			}
			hash, err := bump.Hash(passphrase)
			if err != nil {
				t.Fatalf("hash: %v", err)
			}
			envelope, err := bump.Base64()
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			r := settlement.SignRequest{Rail: remit.RailStellar, Key: test.key, Payload: hash[:], Transaction: []byte(envelope)}
			if test.orders {
				r.Batch.Orders = []settlement.Order{order(remit.RailStellar, "ord_1", stellarAddress(t, 2), 5)}
			}
			k, err := signer.NewKeyring(map[string][]byte{"treasury": seed(0), "channel": seed(1), "stranger": seed(4)})
			if err != nil {
				t.Fatalf("new keyring: %v", err)
			}
			k.SetPolicy(signer.Policy{StellarPassphrase: passphrase, StellarAssets: map[remit.Asset]string{remit.USDCStellar: "USDC:" + stellarAddress(t, 8)}})
			_, err = k.Sign(t.Context(), r)
			if test.refusal == "" && err != nil || test.refusal != "" && (remit.KindOf(err) != remit.KindForbidden || !strings.Contains(err.Error(), test.refusal)) {
				t.Errorf("got %v, want %q", err, test.refusal)
			}
		})
	}
}
