package bank

import (
	"slices"
	"strings"
)

// magic names a way in which one order goes, asked for by its data.
type magic string

const (
	magicNone           magic = ""
	magicClosed         magic = "account_closed"
	magicUnknown        magic = "account_unknown"
	magicDeclined       magic = "source_declined"
	magicInsufficient   magic = "insufficient_funds"
	magicHang           magic = "hang"
	magicLostReply      magic = "lost_reply"
	magicTwice          magic = "callback_twice"
	magicRejectLater    magic = "reject_later"
	magicReturn         magic = "return"
	magicReorder        magic = "callback_reordered"
	magicPending        magic = "pending"
	magicNameMismatch   magic = "name_mismatch"
	magicNoAccount      magic = "no_account"
	magicShort          magic = "short"
	magicOver           magic = "over"
	magicRefundDeclined magic = "refund_declined"
	magicRefundPending  magic = "refund_pending"
)

// byDigits maps the last four digits of an account number or phone.
var byDigits = map[string]magic{
	"0001": magicClosed, "0002": magicUnknown, "0003": magicHang, "0004": magicLostReply, "0005": magicTwice,
	"0006": magicRejectLater, "0007": magicReturn, "0008": magicReorder, "0009": magicPending, "0010": magicNameMismatch,
	"0011": magicNoAccount,
}

// byToken maps the token of a pay-in's source.
var byToken = map[string]magic{
	"tok_declined": magicDeclined, "tok_insufficient_funds": magicInsufficient, "tok_hang": magicHang,
	"tok_lost_reply": magicLostReply, "tok_callback_twice": magicTwice, "tok_rejected_later": magicRejectLater,
	"tok_charged_back": magicReturn, "tok_callback_reordered": magicReorder, "tok_pending": magicPending,
	"tok_short": magicShort, "tok_over": magicOver,
	"tok_refund_declined": magicRefundDeclined, "tok_refund_pending": magicRefundPending,
}

// notNumbers are parts of names of account fields whose digits mean something
// else than who receives the money.
var notNumbers = []string{"code", "branch", "routing", "operator", "network", "token", "source", "name", "type", "city", "address"}

// minMagicDigits keeps short numbers, such as a branch's, from being magic.
const minMagicDigits = 6

// magicOf reads how an order is asked to go.
func magicOf(direction string, p Party, account map[string]string) magic {
	if direction == DirectionPayIn {
		for _, key := range []string{"token", "source"} {
			if m, ok := byToken[account[key]]; ok {
				return m
			}
		}
	}
	keys := make([]string, 0, len(account))
	for key := range account {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	numbers := 0
	for _, key := range keys {
		if slices.ContainsFunc(notNumbers, func(part string) bool { return strings.Contains(strings.ToLower(key), part) }) {
			continue
		}
		numbers++
		if m := magicNumber(account[key]); m != magicNone {
			return m
		}
	}
	if direction == DirectionPayOut && numbers == 0 {
		return magicNumber(p.Phone)
	}
	return magicNone
}

func magicNumber(value string) magic {
	var digits []byte
	for i := range len(value) {
		if value[i] >= '0' && value[i] <= '9' {
			digits = append(digits, value[i])
		}
	}
	if len(digits) < minMagicDigits {
		return magicNone
	}
	return byDigits[string(digits[len(digits)-4:])]
}

// refusal is the code with which an order fails in the answer, or "".
func (m magic) refusal(direction string) (code, detail string) {
	switch {
	case m == magicClosed && direction == DirectionPayIn, m == magicDeclined:
		return "source_declined", "the source of the money was declined"
	case m == magicInsufficient, m == magicUnknown && direction == DirectionPayIn:
		return "insufficient_funds", "the source of the money does not hold enough"
	case m == magicClosed:
		return "account_closed", "the account is closed"
	case m == magicUnknown:
		return "account_unknown", "there is no such account"
	case m == magicRefundDeclined && direction == DirectionRefund:
		return "refund_declined", "the source does not take money back"
	}
	return "", ""
}

// late is the code with which an accepted order fails.
func late(direction string) (code, detail string) {
	if direction == DirectionPayIn {
		return "source_declined", "the source was declined after all"
	}
	return "payout_rejected", "the receiving side rejected it"
}

// ofRefund is how a refund goes of a pay-in that went by m.
func (m magic) ofRefund() magic {
	switch m {
	case magicRefundDeclined:
		return magicRefundDeclined
	case magicRefundPending:
		return magicPending
	default:
		return magicNone
	}
}

// received is what comes in on a pay-in of the amount.
func (m magic) received(a Amount) Amount {
	tenth := max(a.Minor/10, 1)
	switch m {
	case magicShort:
		a.Minor -= tenth
	case magicOver:
		a.Minor += tenth
	default:
	}
	return a
}
