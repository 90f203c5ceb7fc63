package solana

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
)

// mintState is what a mint's account says of how it may be paid now.
type mintState struct {
	// paused says that nothing moves until the issuer resumes it.
	paused bool
	// frozenAtFirst says that an account is frozen when it is opened.
	frozenAtFirst bool
	// older and newer are the fees; newer holds from its epoch on.
	older, newer mintFee
}

// mintFee is what a mint takes of a transfer.
type mintFee struct {
	epoch, most uint64
	basisPoints uint16
}

// errRefused is wrapped by what keeps a coin from being paid at all.
var errRefused = errors.New("the coin cannot be paid")

func refuseCoin(format string, args ...any) error {
	return fmt.Errorf("%w: %w", errRefused, fmt.Errorf(format, args...))
}

// readMint reads the mint of a token. It errs, with errRefused, when the account
// is not the mint that was configured or has what the rail cannot or may not
// pay with.
func (t *token) readMint(a *rpc.Account) (mintState, error) {
	var s mintState
	if a == nil || a.Data == nil {
		return s, refuseCoin("there is no account %s", t.mint)
	}
	if a.Owner != t.program {
		return s, refuseCoin("%s belongs to program %s, not to %s", t.mint, a.Owner, t.program)
	}
	data := a.Data.GetBinary()
	isMint := len(data) == mintSize || (len(data) > kindAt && data[kindAt] == kindMint)
	if !isMint || data[initializedAt] != 1 {
		return s, refuseCoin("%s is no mint", t.mint)
	}
	if data[decimalsAt] != t.asset.Scale {
		return s, refuseCoin("%s has %d decimals, want %d", t.mint, data[decimalsAt], t.asset.Scale)
	}
	for kind, value := range extensions(data) {
		if err := t.readExtension(&s, kind, value); err != nil {
			return s, err
		}
	}
	return s, nil
}

// readExtension respects one extension of the mint or refuses it.
func (t *token) readExtension(s *mintState, kind uint16, value []byte) error {
	switch kind {
	case extTransferFee:
		if len(value) < feeConfigSize {
			return refuseCoin("its transfer fee is not readable")
		}
		s.older, s.newer = readFee(value[olderFeeAt:]), readFee(value[newerFeeAt:])
		if t.maxFee == 0 && (s.older.basisPoints != 0 || s.newer.basisPoints != 0) {
			return refuseCoin("it takes a fee from transfers, for which no bound is configured")
		}
	case extTransferHook:
		if len(value) < 64 || solana.PublicKeyFromBytes(value[32:64]) != (solana.PublicKey{}) {
			return refuseCoin("its transfer hook needs accounts that the rail does not give")
		}
	case extPausable:
		if len(value) < pausableSize {
			return refuseCoin("its pause is not readable")
		}
		s.paused = value[pausableSize-1] != 0
	case extDefaultState:
		if len(value) < 1 {
			return refuseCoin("its default state of accounts is not readable")
		}
		s.frozenAtFirst = value[0] == stateFrozen
	case extNonTransferable:
		return refuseCoin("it cannot be transferred")
	case extMetadataPointer, extMetadata, extGroupPointer, extGroup, extMemberPointer, extMember:
	default:
		p, known := powers[kind]
		switch {
		case !known:
			return refuseCoin("it has an extension of kind %d, which the rail does not know", kind)
		case !t.accept[p]:
			return refuseCoin("its issuer has the power %s, which is not accepted", p)
		}
	}
	return nil
}

func readFee(b []byte) mintFee {
	return mintFee{epoch: binary.LittleEndian.Uint64(b), most: binary.LittleEndian.Uint64(b[8:]), basisPoints: binary.LittleEndian.Uint16(b[16:])}
}

// fee is what the mint takes in an epoch.
func (s mintState) fee(epoch uint64) mintFee {
	if epoch >= s.newer.epoch {
		return s.newer
	}
	return s.older
}

// of is what is taken of a transfer, rounded up, as the program rounds it.
func (f mintFee) of(amount uint64) uint64 {
	if f.basisPoints == 0 {
		return 0
	}
	raw := new(big.Int).Mul(new(big.Int).SetUint64(amount), big.NewInt(int64(f.basisPoints)))
	raw.Add(raw, big.NewInt(wholeBasisPoints-1)).Quo(raw, big.NewInt(wholeBasisPoints))
	if !raw.IsUint64() || raw.Uint64() > f.most {
		return f.most
	}
	return raw.Uint64()
}

// above is the least amount of which net is left after the fee, and that fee.
// It is not ok where no amount within int64 leaves just net.
func (f mintFee) above(net uint64) (gross, fee uint64, ok bool) {
	if f.basisPoints == 0 || net == 0 {
		return net, 0, true
	}
	var candidates []uint64
	if f.basisPoints < wholeBasisPoints {
		// Rounded up: a fee that is rounded up leaves one less below.
		left := big.NewInt(wholeBasisPoints - int64(f.basisPoints))
		raw := new(big.Int).Mul(new(big.Int).SetUint64(net), big.NewInt(wholeBasisPoints))
		raw.Add(raw, new(big.Int).Sub(left, big.NewInt(1))).Quo(raw, left)
		if raw.IsInt64() {
			candidates = append(candidates, raw.Uint64())
		}
	}
	if f.most <= math.MaxInt64 && net <= math.MaxInt64-f.most {
		candidates = append(candidates, net+f.most)
	}
	for _, gross := range candidates {
		if fee := f.of(gross); gross-fee == net {
			return gross, fee, true
		}
	}
	return 0, 0, false
}

// within says whether a fee keeps to the token's bound for an amount, rounded down.
func (t *token) within(fee, amount uint64) bool {
	bound := new(big.Int).Mul(new(big.Int).SetUint64(amount), big.NewInt(t.maxFee))
	return new(big.Int).SetUint64(fee).Cmp(bound.Quo(bound, big.NewInt(wholeBasisPoints))) <= 0
}

// epoch asks which epoch it is, if any of the mints is about to change its fee.
func (r *Rail) epoch(ctx context.Context, states map[*token]mintState) (uint64, error) {
	changes := false
	for _, s := range states {
		changes = changes || s.older.most != s.newer.most || s.older.basisPoints != s.newer.basisPoints
	}
	if !changes {
		return math.MaxUint64, nil
	}
	info, err := ask(ctx, r, "read epoch", func(ctx context.Context, n *node) (*rpc.GetEpochInfoResult, error) {
		return n.GetEpochInfo(ctx, r.commitment)
	})
	if err != nil {
		return 0, err
	}
	return info.Epoch, nil
}
