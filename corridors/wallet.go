package corridors

import (
	"bytes"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"math/big"
	"strings"

	"filippo.io/edwards25519"
)

// checkWallet checks an address by the rules of its network.
func checkWallet(network, address string) error {
	switch network {
	case "stellar":
		_, err := checkStellar(address)
		return err
	case "solana":
		return checkSolana(address)
	default:
		return nil // The enumeration of networks has already refused it.
	}
}

// checkWalletMemo checks that a memo may go with an address: a muxed address
// names the one for whom the payment is by itself (SEP-23).
func checkWalletMemo(network, address string) error {
	if muxed, err := checkStellar(address); network == "stellar" && err == nil && muxed {
		return errors.New("is not for an address that starts with M, which names its owner already; leave it out")
	}
	return nil
}

// Kinds of Stellar addresses by their first byte (SEP-23).
const (
	stellarAccount = 6 << 3
	stellarMuxed   = 12 << 3
)

// checkStellar checks an account (G…) or a muxed one (M…) by SEP-23: base32 of a
// version byte, the key, with M the account's number, and a CRC-16. It reports
// whether the address is muxed.
func checkStellar(address string) (muxed bool, err error) {
	const key, number, sum = 32, 8, 2
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	raw, err := encoding.DecodeString(address)
	muxed = err == nil && len(raw) == 1+key+number+sum && raw[0] == stellarMuxed
	account := err == nil && len(raw) == 1+key+sum && raw[0] == stellarAccount
	// Unused bits at the end must be zero: one account has one address.
	if (!muxed && !account) || encoding.EncodeToString(raw) != address {
		return false, errors.New("is not a Stellar account, 56 characters that start with G or 69 that start with M")
	}
	body := raw[:len(raw)-sum]
	if binary.LittleEndian.Uint16(raw[len(body):]) != crc16(body) {
		return false, errors.New("has a wrong checksum")
	}
	return muxed, nil
}

// crc16 is CRC-16/XMODEM.
func crc16(data []byte) uint16 {
	const polynomial = 0x1021
	var crc uint16
	for _, b := range data {
		crc ^= uint16(b) << 8
		for range 8 {
			carry := crc&0x8000 != 0
			crc <<= 1
			if carry {
				crc ^= polynomial
			}
		}
	}
	return crc
}

// checkSolana checks that base58 gives the 32 bytes of a key that somebody can
// hold: a point of the curve. Addresses off it belong to programs and to token
// accounts, and what is sent there might never be got out again.
func checkSolana(address string) error {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	wrong := errors.New("is not a Solana address, 32 to 44 characters of base58")
	if len(address) < 32 || len(address) > 44 {
		return wrong
	}
	value, base := new(big.Int), big.NewInt(int64(len(alphabet)))
	for _, r := range address {
		digit := strings.IndexRune(alphabet, r)
		if digit < 0 {
			return wrong
		}
		value.Mul(value, base).Add(value, big.NewInt(int64(digit)))
	}
	zeros := len(address) - len(strings.TrimLeft(address, "1"))
	if zeros+(value.BitLen()+7)/8 != 32 {
		return wrong
	}
	key := value.FillBytes(make([]byte, 32))
	if _, err := new(edwards25519.Point).SetBytes(key); err != nil || bytes.Equal(key, make([]byte, 32)) {
		return errors.New("is not a wallet's address: it belongs to a program or a token account")
	}
	return nil
}
