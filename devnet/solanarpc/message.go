package solanarpc

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"
)

var le = binary.LittleEndian

// instruction is a compiled instruction: indexes into the message's keys.
type instruction struct {
	program  int
	accounts []int
	data     []byte
}

// transaction is a decoded and sanitized transaction.
type transaction struct {
	raw        []byte
	sigs       []solana.Signature
	msgAt      int // where the signed message starts in raw
	hashAt     int // where the blockhash starts in raw
	v0         bool
	required   int // signatures
	readSigned int
	readOther  int
	keys       []solana.PublicKey
	blockhash  solana.Hash
	ixs        []instruction
	lookups    []lookup
	// static is how many of the keys the message holds itself; after them come
	// those that were looked up, loadedWritable of them writable.
	static, loadedWritable int
	verified               bool
	budget                 budget // filled by the first check of it
}

// maxKeys is the most keys that an instruction can refer to.
const maxKeys = 256

var (
	errShort    = errors.New("failed to deserialize solana_transaction::versioned::VersionedTransaction: io error: unexpected end of file")
	errSanitize = errors.New("invalid transaction: Transaction failed to sanitize accounts offsets correctly")
	errVersion  = errors.New("failed to deserialize: invalid transaction version")
	errTrailing = errors.New("invalid transaction: trailing bytes")
)

// wire reads the compact encoding; the first fault sticks.
type wire struct {
	b   []byte
	pos int
	err error
}

func (w *wire) take(n int) []byte {
	if w.err != nil || n < 0 || w.pos+n > len(w.b) {
		if w.err == nil {
			w.err = errShort
		}
		return make([]byte, min(max(n, 0), 64))
	}
	w.pos += n
	return w.b[w.pos-n : w.pos]
}

func (w *wire) u8() int { return int(w.take(1)[0]) }

func (w *wire) length() int {
	v := 0
	for i := range 3 {
		c := w.u8()
		v |= (c & 127) << (7 * i)
		if c&128 == 0 || w.err != nil {
			return v
		}
	}
	w.err = errors.New("failed to deserialize: bad short vec")
	return 0
}

// count is a length that cannot exceed what is left, so that nothing huge is allocated.
func (w *wire) count(size int) int {
	n := w.length()
	if w.err == nil && n*size > len(w.b)-w.pos {
		w.err = errShort
	}
	if w.err != nil {
		return 0
	}
	return n
}

func (w *wire) indexes() []int {
	out := make([]int, w.count(1))
	for i := range out {
		out[i] = w.u8()
	}
	return out
}

// parseTransaction decodes and sanitizes a transaction as it came over the wire.
func parseTransaction(raw []byte) (*transaction, error) {
	if len(raw) > maxPacket {
		return nil, fmt.Errorf("decoded solana_transaction::versioned::VersionedTransaction too large: %d bytes (max: %d bytes)", len(raw), maxPacket)
	}
	w := &wire{b: raw}
	sigs := make([]solana.Signature, w.count(64))
	for i := range sigs {
		copy(sigs[i][:], w.take(64))
	}
	if w.err != nil {
		return nil, w.err
	}
	tx, err := parseMessage(raw[w.pos:])
	if err != nil {
		return nil, err
	}
	if len(sigs) != tx.required {
		return nil, errSanitize
	}
	tx.raw, tx.sigs, tx.msgAt = raw, sigs, w.pos
	tx.hashAt += w.pos
	return tx, nil
}

// parseMessage decodes a message without its signatures.
func parseMessage(b []byte) (*transaction, error) {
	w, tx := &wire{b: b}, &transaction{}
	if len(b) > 0 && b[0]&128 != 0 {
		if tx.v0 = true; w.u8()&127 != 0 {
			return nil, errVersion
		}
	}
	tx.required, tx.readSigned, tx.readOther = w.u8(), w.u8(), w.u8()
	tx.keys = make([]solana.PublicKey, w.count(32))
	for i := range tx.keys {
		copy(tx.keys[i][:], w.take(32))
	}
	tx.hashAt = w.pos
	copy(tx.blockhash[:], w.take(32))
	tx.ixs = make([]instruction, w.count(3))
	for i := range tx.ixs {
		tx.ixs[i] = instruction{program: w.u8(), accounts: w.indexes()}
		tx.ixs[i].data = w.take(w.count(1))
	}
	tx.static = len(tx.keys)
	if tx.v0 {
		tx.lookups = make([]lookup, w.count(34))
		for i := range tx.lookups {
			copy(tx.lookups[i].table[:], w.take(32))
			tx.lookups[i].writable, tx.lookups[i].readonly = w.indexes(), w.indexes()
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	if w.pos != len(b) {
		return nil, errTrailing
	}
	return tx, tx.sanitize()
}

func (t *transaction) sanitize() error {
	n, all := len(t.keys), len(t.keys)
	for _, l := range t.lookups {
		if len(l.writable)+len(l.readonly) == 0 {
			return errSanitize
		}
		all += len(l.writable) + len(l.readonly)
	}
	if all > maxKeys {
		return errSanitize
	}
	if t.required == 0 || t.required+t.readOther > n || t.readSigned >= t.required {
		return errSanitize
	}
	for _, ix := range t.ixs {
		if ix.program == 0 || ix.program >= n {
			return errSanitize
		}
		for _, a := range ix.accounts {
			if a >= all {
				return errSanitize
			}
		}
	}
	seen := make(map[solana.PublicKey]bool, n)
	for _, k := range t.keys {
		if seen[k] && !t.v0 {
			return errSanitize
		}
		seen[k] = true
	}
	return nil
}

func (t *transaction) signer(i int) bool { return i < t.required }

func (t *transaction) writable(i int) bool {
	if i < t.required {
		return i < t.required-t.readSigned
	}
	if i >= t.static {
		return i-t.static < t.loadedWritable
	}
	return i < t.static-t.readOther
}

func (t *transaction) id() solana.Signature { return t.sigs[0] }

// verify checks every signature, once.
func (t *transaction) verify() bool {
	for i := 0; i < len(t.sigs) && !t.verified; i++ {
		if !ed25519.Verify(t.keys[i][:], t.raw[t.msgAt:], t.sigs[i][:]) {
			return false
		}
	}
	t.verified = true
	return true
}

// memos are the texts of its memo instructions, in order; what is no text is
// left out.
func (t *transaction) memos() []string {
	var out []string
	for _, ix := range t.memoInstructions() {
		if utf8.Valid(ix.data) {
			out = append(out, string(ix.data))
		}
	}
	return out
}

func (t *transaction) memoInstructions() []instruction {
	var out []instruction
	for _, ix := range t.ixs {
		if p := t.keys[ix.program]; p == memoV1 || p == memoV2 {
			out = append(out, ix)
		}
	}
	return out
}

// memoField is how getSignaturesForAddress shows memos, or nil.
func (t *transaction) memoField() *string {
	var shown []string
	for _, ix := range t.memoInstructions() {
		text := "(unparseable)"
		if utf8.Valid(ix.data) {
			text = string(ix.data)
		}
		shown = append(shown, fmt.Sprintf("[%d] %s", len(ix.data), text))
	}
	if len(shown) == 0 {
		return nil
	}
	s := strings.Join(shown, "; ")
	return &s
}
