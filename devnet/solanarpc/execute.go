package solanarpc

import (
	"encoding/base64"
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// view is the state a transaction reads; a missing account is nil.
type view func(solana.PublicKey) *account

// outcome is what running a transaction came to.
type outcome struct {
	err       *txError
	fee       uint64
	units     uint64
	logs      []string
	inner     []innerGroup
	accounts  []*account // after it, one per key of the message, nil where none is left
	before    []*account
	transfers []Transfer
	returned  *returnData
}

// returnData is what the last program to say something said.
type returnData struct {
	program solana.PublicKey
	data    []byte
}

// innerGroup are the instructions that programs called under a top-level one.
type innerGroup struct {
	index int
	list  []innerInstruction
}

type innerInstruction struct {
	instruction
	depth int
}

// runtime executes one transaction.
type runtime struct {
	tx        *transaction
	slot      uint64
	accts     []*loaded
	logs      []string
	units     uint64 // left
	inner     []innerGroup
	top       int
	transfers []Transfer
	returned  *returnData
}

// charge runs the checks that come before execution and takes the fee. What
// it refuses leaves no trace on the chain.
func charge(tx *transaction, state view, slot uint64) (*runtime, budget, *txError) {
	b, err := readBudget(tx)
	if err != nil {
		return nil, b, err
	}
	if len(tx.keys) > maxLocks {
		return nil, b, refused(txTooManyLocks)
	}
	rt := &runtime{tx: tx, slot: slot, units: b.limit, accts: make([]*loaded, len(tx.keys))}
	seen := make(map[solana.PublicKey]bool, len(tx.keys))
	for i, k := range tx.keys {
		if seen[k] {
			return nil, b, refused(txLoadedTwice)
		}
		seen[k], rt.accts[i] = true, load(k, state(k))
	}
	payer := rt.accts[0]
	switch {
	case payer.lamports == 0:
		return nil, b, refused(txAccountNotFound)
	case payer.owner != systemProgram || len(payer.data) != 0:
		return nil, b, refused(txFeeAccount)
	case payer.lamports < b.fee:
		return nil, b, refused(txFeeFunds)
	}
	before := payer.account
	payer.lamports -= b.fee
	if rentRefused(&before, &payer.account) {
		return nil, b, &txError{name: txRent, index: 0}
	}
	for _, ix := range tx.ixs {
		if !rt.accts[ix.program].executable {
			return nil, b, refused(txInvalidProgram)
		}
	}
	return rt, b, nil
}

// maxLocks is the most accounts of a transaction.
const maxLocks = 64

// execute runs a transaction, with its lookups resolved, on a state in a slot,
// without changing that state.
func execute(tx *transaction, state view, slot uint64) *outcome {
	rt, b, refusal := charge(tx, state, slot)
	if refusal != nil {
		return &outcome{err: refusal}
	}
	out := &outcome{fee: b.fee, before: make([]*account, len(tx.keys)), accounts: make([]*account, len(tx.keys))}
	for i, k := range tx.keys {
		out.before[i] = state(k)
	}
	paid := rt.accts[0].account
	out.err = rt.run(out.before)
	out.units, out.logs, out.inner, out.returned = b.limit-rt.units, rt.logs, rt.inner, rt.returned
	if out.err != nil {
		out.err.applied = true
		copy(out.accounts, out.before)
		out.accounts[0] = (&loaded{account: paid}).settled()
		return out
	}
	out.transfers = rt.transfers
	for i, a := range rt.accts {
		if out.accounts[i] = a.settled(); !tx.writable(i) {
			out.accounts[i] = out.before[i]
		}
	}
	return out
}

// run executes the instructions in order and judges rent at the end.
func (rt *runtime) run(before []*account) *txError {
	for i, ix := range rt.tx.ixs {
		rt.top = i
		metas := make([]meta, len(ix.accounts))
		for j, a := range ix.accounts {
			metas[j] = meta{index: a, signer: rt.tx.signer(a), writable: rt.tx.writable(a)}
		}
		if err := rt.invoke(ix.program, metas, ix.data, 1); err != nil {
			return &txError{name: txInstruction, index: i, ix: err}
		}
	}
	for i, a := range rt.accts {
		if !rt.tx.writable(i) {
			continue
		}
		was := before[i]
		if was == nil {
			was = &account{owner: systemProgram}
		}
		if rentRefused(was, &a.account) {
			return &txError{name: txRent, index: i}
		}
	}
	return nil
}

// rentRefused says whether an account may not go from one state to the other:
// it may be gone, rent exempt, or as poor as it already was, but no poorer kind.
func rentRefused(was, is *account) bool {
	if is.lamports == 0 || is.rentExempt() {
		return false
	}
	stayedPoor := was.lamports > 0 && !was.rentExempt() && len(was.data) == len(is.data) && is.lamports <= was.lamports
	return !stayedPoor
}

// meta is an account as an instruction was given it.
type meta struct {
	index            int
	signer, writable bool
}

// invocation is one running instruction.
type invocation struct {
	rt      *runtime
	program solana.PublicKey
	metas   []meta
	data    []byte
	depth   int
}

func (v *invocation) acct(i int) *loaded { return v.rt.accts[v.metas[i].index] }

func (v *invocation) key(i int) solana.PublicKey { return v.acct(i).key }

func (v *invocation) signed(i int) bool { return v.metas[i].signer }

// need answers an error when fewer than n accounts were given.
func (v *invocation) need(n int) *ixError {
	if len(v.metas) < n {
		return errNotEnoughKeys
	}
	return nil
}

func (v *invocation) log(format string, args ...any) {
	v.rt.logs = append(v.rt.logs, "Program log: "+fmt.Sprintf(format, args...))
}

// use consumes compute units. On a cluster a program that runs out fails with
// either of the two errors, by where in its code that happens; which one cannot
// be told here.
func (v *invocation) use(n uint64) *ixError {
	if v.rt.units < n {
		v.rt.units = 0
		if builtinBudgets[v.program] {
			return errUnits
		}
		return errIncomplete
	}
	v.rt.units -= n
	return nil
}

// invoke runs one program, writes its log frame and holds it to the rules of
// the runtime: read-only accounts stay as they are, lamports are conserved.
func (rt *runtime) invoke(program int, metas []meta, data []byte, depth int) *ixError {
	id := rt.accts[program].key
	v := &invocation{rt: rt, program: id, metas: metas, data: data, depth: depth}
	rt.logs = append(rt.logs, fmt.Sprintf("Program %s invoke [%d]", id, depth))
	had := rt.units
	rt.returned = nil
	guard := newGuard(v)
	err := v.dispatch()
	if err == nil {
		err = guard.check(v)
	}
	if err != nil && err.name == "" && isTokenProgram(id) {
		v.log("Error: %s", tokenErrorWords[err.code])
	}
	if !builtinBudgets[id] {
		rt.logs = append(rt.logs, fmt.Sprintf("Program %s consumed %d of %d compute units", id, had-rt.units, had))
	}
	if r := rt.returned; err == nil && r != nil && r.program == id {
		rt.logs = append(rt.logs, fmt.Sprintf("Program return: %s %s", id, base64.StdEncoding.EncodeToString(r.data)))
	}
	if err != nil {
		rt.logs = append(rt.logs, fmt.Sprintf("Program %s failed: %v", id, err))
		return err
	}
	rt.logs = append(rt.logs, fmt.Sprintf("Program %s success", id))
	return nil
}

// dispatch picks the program.
func (v *invocation) dispatch() *ixError {
	switch v.program {
	case systemProgram:
		return v.system()
	case budgetProgram:
		return v.use(unitsOfBuiltin)
	case tokenProgram, token2022:
		return v.token()
	case ataProgram:
		return v.ata()
	case memoV1, memoV2:
		return v.memo()
	case tableProgram:
		return v.table()
	default:
		return errUnsupportedProgram
	}
}

// call invokes another program from inside this one. Accounts keep the rights
// this instruction has on them, and signedBy adds a program's own signature.
func (v *invocation) call(program solana.PublicKey, metas []meta, data []byte, signedBy ...solana.PublicKey) *ixError {
	at := -1
	for i, a := range v.rt.accts {
		if a.key == program {
			at = i
		}
	}
	if at < 0 {
		return errMissingAccount
	}
	accounts := make([]int, len(metas))
	for i := range metas {
		accounts[i] = metas[i].index
		for _, k := range signedBy {
			metas[i].signer = metas[i].signer || v.rt.accts[metas[i].index].key == k
		}
	}
	rt := v.rt
	if n := len(rt.inner); n == 0 || rt.inner[n-1].index != rt.top {
		rt.inner = append(rt.inner, innerGroup{index: rt.top})
	}
	group := &rt.inner[len(rt.inner)-1]
	group.list = append(group.list, innerInstruction{instruction: instruction{program: at, accounts: accounts, data: data}, depth: v.depth + 1})
	return rt.invoke(at, metas, data, v.depth+1)
}

// guard remembers the accounts of an instruction as they were.
type guard []account

func newGuard(v *invocation) guard {
	g := make(guard, len(v.metas))
	for i := range v.metas {
		a := v.acct(i)
		g[i] = a.account
		a.ownsData = false // the bytes remembered here must not change
	}
	return g
}

// check compares them with what the instruction left.
func (g guard) check(v *invocation) *ixError {
	for i, m := range v.metas {
		was, is := &g[i], &v.acct(i).account
		foreign := was.owner != v.program && v.depth == 1
		switch {
		case !m.writable && was.lamports != is.lamports:
			return errReadonlyLamports
		case !m.writable && (was.owner != is.owner || len(was.data) != len(is.data) || string(was.data) != string(is.data)):
			return errReadonlyData
		case foreign && !builtinBudgets[v.program] && v.program != ataProgram && v.program != tableProgram && string(was.data) != string(is.data):
			return errExternalData
		}
	}
	return nil
}
