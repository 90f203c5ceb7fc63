package horizon

import (
	"crypto/ed25519"
	"crypto/sha256"
	"strconv"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// level is the threshold an operation asks of its source account.
type level int

const (
	levelLow level = iota + 1
	levelMedium
	levelHigh
)

// maxWeight caps a signer's weight, as the protocol does.
const maxWeight = 255

// checker matches the signatures of one envelope with the signers of accounts, and knows at the end whether each
// signature was needed for something.
type checker struct {
	tx   *transaction
	hash [32]byte
	sigs []xdr.DecoratedSignature
	used []bool
}

func newChecker(tx *transaction, hash [32]byte, sigs []xdr.DecoratedSignature) *checker {
	return &checker{tx: tx, hash: hash, sigs: sigs, used: make([]bool, len(sigs))}
}

// account says whether the signatures reach the account's threshold. It stops at the first that suffice, so one more
// than needed stays unused, even if its signer is a good one.
func (c *checker) account(a *account, lvl level) bool {
	signers := make([]signer, 0, len(a.signers)+1)
	if a.thresholds[0] > 0 {
		signers = append(signers, signer{key: masterKey(a.id), weight: uint32(a.thresholds[0])})
	}
	signers = append(signers, a.signers...)
	return c.weigh(signers, uint32(a.thresholds[lvl]))
}

// missing checks for an account that does not exist: its own key has to have signed.
func (c *checker) missing(id string) bool {
	return c.weigh([]signer{{key: masterKey(id), weight: 1}}, 0)
}

func (c *checker) weigh(signers []signer, needed uint32) bool {
	var total uint32
	for i, s := range signers {
		if s.key.Type != xdr.SignerKeyTypeSignerKeyTypePreAuthTx || [32]byte(*s.key.PreAuthTx) != c.hash {
			continue
		}
		signers = append(signers[:i:i], signers[i+1:]...)
		if total += min(s.weight, maxWeight); total >= needed {
			return true
		}
		break
	}
	for i, sig := range c.sigs {
		for j, s := range signers {
			if !c.matches(i, sig, s.key) {
				continue
			}
			c.used[i] = true
			if total += min(s.weight, maxWeight); total >= needed {
				return true
			}
			signers = append(signers[:j:j], signers[j+1:]...)
			break
		}
	}
	return false
}

func (c *checker) allUsed() bool {
	for _, u := range c.used {
		if !u {
			return false
		}
	}
	return true
}

// matches says whether the signature is the signer's. The answer of the costly kind is kept with the transaction.
func (c *checker) matches(i int, sig xdr.DecoratedSignature, key xdr.SignerKey) bool {
	switch key.Type {
	case xdr.SignerKeyTypeSignerKeyTypeEd25519:
		return c.ed25519(i, sig, key.Ed25519[:], c.hash[:], [4]byte(key.Ed25519[28:]))
	case xdr.SignerKeyTypeSignerKeyTypeHashX:
		return sha256.Sum256(sig.Signature) == [32]byte(*key.HashX)
	case xdr.SignerKeyTypeSignerKeyTypeEd25519SignedPayload:
		p := key.Ed25519SignedPayload
		hint := xdr.NewDecoratedSignatureForPayload(nil, [4]byte(p.Ed25519[28:]), p.Payload).Hint
		return c.ed25519(i, sig, p.Ed25519[:], p.Payload, hint)
	default:
		return false
	}
}

func (c *checker) ed25519(i int, sig xdr.DecoratedSignature, key, message []byte, hint [4]byte) bool {
	if [4]byte(sig.Hint) != hint || len(sig.Signature) != ed25519.SignatureSize {
		return false
	}
	if c.tx.trusted {
		return true
	}
	memo := strconv.Itoa(i) + string(key) + string(message)
	good, known := c.tx.verified[memo]
	if !known {
		good = ed25519.Verify(key, message, sig.Signature)
		c.tx.verified[memo] = good
	}
	return good
}

func masterKey(id string) xdr.SignerKey {
	var key xdr.SignerKey
	if err := key.SetAddress(id); err != nil {
		panic("horizon: account id that is no address: " + id)
	}
	return key
}

// neededLevel is the threshold an operation asks for.
func neededLevel(op xdr.Operation) level {
	switch op.Body.Type {
	case xdr.OperationTypeAllowTrust, xdr.OperationTypeSetTrustLineFlags, xdr.OperationTypeBumpSequence,
		xdr.OperationTypeInflation, xdr.OperationTypeClaimClaimableBalance:
		return levelLow
	case xdr.OperationTypeAccountMerge:
		return levelHigh
	case xdr.OperationTypeSetOptions:
		o := op.Body.SetOptionsOp
		if o.MasterWeight != nil || o.LowThreshold != nil || o.MedThreshold != nil || o.HighThreshold != nil || o.Signer != nil {
			return levelHigh
		}
	}
	return levelMedium
}

// rootKey is the account that holds all lumens at genesis; its seed is the network's id.
func rootKey(passphrase string) *keypair.Full { return keypair.Root(passphrase) }
