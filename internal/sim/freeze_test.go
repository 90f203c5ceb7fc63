package sim_test

import "github.com/openremit/remit"

// frozen counts what became of payouts that were to be withdrawn.
type frozen struct {
	// withdrawn are those that the provider withdrew, of which again were ordered
	// anew, refunded and blocked; notStopped those that it paid before.
	withdrawn, again, refunded, blocked, notStopped int
	waiting                                         remit.RemittanceID
}

// count counts an event of a remittance; events come in their order.
func (f *frozen) count(r remit.Remittance, e remit.Event) {
	if e.Number == 1 {
		f.waiting = ""
	}
	switch e.Type {
	case "remittance.in_review":
		if e.Funds == remit.FundsWithPartner {
			f.withdrawn++
			f.waiting = r.ID
		}
		return
	case "remittance.paying_out":
		if f.waiting == r.ID {
			f.again++
		}
	case "remittance.refunding":
		if f.waiting == r.ID {
			f.refunded++
		}
	case "remittance.blocked":
		if f.waiting == r.ID {
			f.blocked++
		}
	case "payout.not_stopped":
		f.notStopped++
		return
	default:
		return
	}
	f.waiting = ""
}
