package console

import "github.com/openremit/remit/portal"

// networkDone says what an act of the treasury did.
var networkDone = map[string]string{
	"float-given":           "Given: the outlet's float holds it now.",
	"float-given-before":    "This was given before, by somebody else or in another window. It was not given again.",
	"float-received":        "Received: the outlet's float does not hold it any more.",
	"float-received-before": "This was booked before, by somebody else or in another window. It was not booked again.",
	"float-refused":         "Refused. Who asked reads your reason.",
	"float-refused-before":  "This was refused before, by somebody else or in another window.",
	"float-collected":       "Booked: the outlet's float does not hold it any more.",
	"commission-paid":       "Booked: the agent is owed that much less.",
	"network-suspend":       "Suspended: nobody works there any more, and their sessions have ended.",
	"network-reinstate":     "They may work again.",
}

var (
	moveWords = map[string]string{
		"top_up": "Float given", "float_return": "Float taken back", "to_drawer": "Into a drawer", "from_drawer": "Back from a drawer", "payout": "Paid out",
		"cash_in": "Cash taken in", "refund": "Given back to a customer", "over": "Counted over", "short": "Counted short", "handover": "Handed over",
		"commission": "Commission earned", "commission_paid": "Commission paid",
	}
	suspensionWords = map[string]string{
		"left": "left the network", "conduct": "conduct", "cash": "cash is missing", "security": "security", "other": "another reason",
	}
)

// outletState is the word of whether an outlet works now.
func outletState(state string) portal.Word {
	switch state {
	case "open":
		return portal.Word{Text: "Open", Tone: portal.ToneGood}
	case "suspended":
		return portal.Word{Text: "Suspended", Tone: portal.ToneBlocked}
	default:
		return portal.Word{Text: "Closed now", Tone: portal.ToneQuiet}
	}
}

// requestState is the word of where a request stands.
func requestState(state string, back bool) portal.Word {
	switch {
	case state == "requested":
		return portal.Word{Text: "Waits", Tone: portal.ToneAttention}
	case state == "refused":
		return portal.Word{Text: "Refused", Tone: portal.ToneBad}
	case back:
		return portal.Word{Text: "Received", Tone: portal.ToneGood}
	default:
		return portal.Word{Text: "Given", Tone: portal.ToneGood}
	}
}
