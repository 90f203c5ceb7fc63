package console

import (
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// timelineRow is one fact of a remittance's history, in words.
type timelineRow struct {
	Tone  portal.Tone
	What  string
	Money string
	// Who acted, where the facts say: a provider or a rail.
	Who string
	At  *timestamppb.Timestamp
	// Detail is a hash or a reference; Href where it can be looked up.
	Detail, Href string
	Why          string
}

// eventWords say what happened, by the type of the event.
var eventWords = map[string]string{
	"remittance.created": "Created from a firm quote", "remittance.awaiting_funds": "Pay-in ordered", "remittance.in_review": "Stopped for a person",
	"remittance.review_approved": "A person approved it", "remittance.funded": "The originator's money is in", "remittance.settling": "Payment on chain begins",
	"settlement.submitted": "Payment on chain sent", "settlement.failed": "Payment on chain is known to have failed", "remittance.settled": "Final on chain",
	"remittance.paying_out": "Payout ordered", "remittance.ready_for_pickup": "Cash waits at the counter", "remittance.completed": "The beneficiary has it",
	"remittance.refunding": "Refund ordered", "remittance.refunded": "The originator has it back", "remittance.rejected": "Rejected before money moved",
	"remittance.blocked": "Kept in the blocked account", "remittance.canceled": "Canceled", "remittance.expired": "The money did not come in time",
	"remittance.waiting": "Waits", "payout.withdrawing": "The payout is to be withdrawn", "payout.not_stopped": "Paid before it could be withdrawn",
	"payout.recalling": "Recalled: the payout is to be withdrawn", "case.approved": "The case was approved", "case.rejected": "The case was rejected", "case.blocked": "The case was blocked",
	"case.unblocked": "Returned by licence", "case.information_answered": "The tenant answered", "refund.refused": "The provider refused the refund", "funding.withdrawing": "Pay-in is being withdrawn",
	"case.information_requested": "The tenant was asked a question", "case.answered": "The tenant answered",
}

func timeline(f *caseFile) []timelineRow {
	rows := make([]timelineRow, 0, len(f.Events))
	var before string
	for _, e := range f.Events {
		facts := e.GetFacts()
		row := timelineRow{Tone: portal.ToneQuiet, What: eventWords[e.GetType()], At: e.GetAt(), Money: portal.AmountText(facts["amount"])}
		if row.What == "" {
			row.What = capital(strings.NewReplacer(".", " ", "_", " ").Replace(e.GetType()))
		}
		if e.GetState() != before {
			row.Tone = portal.RemittanceState(e.GetState()).Tone
		}
		before = e.GetState()
		row.Who = facts["provider"]
		if rail := facts["rail"]; rail != "" {
			row.Who = capital(rail)
		}
		if e.GetReason() != "" {
			row.Why = reasonWord(e.GetReason())
		}
		switch {
		case facts["hash"] != "":
			row.Detail = facts["hash"]
			if s := f.Remittance.GetSettlement(); s.GetHash() == row.Detail {
				row.Href = webAddress(s.GetExplorerUrl())
			}
		case facts["provider_reference"] != "":
			row.Detail = facts["provider_reference"]
		}
		rows = append(rows, row)
	}
	return rows
}

// webAddress lets addresses of the web through and nothing else.
func webAddress(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}

// station is a place where the money can be.
type station struct {
	Name string
	// Here says that it is there now, Passed that it was.
	Here, Passed bool
	// Money is what is there; Note what kind of place it is now.
	Money, Note string
	Tone        portal.Tone
}

// stations draws the way of the money, with where it is.
func stations(r *v1.Remittance) []station {
	if r == nil {
		return nil
	}
	way := []station{{Name: "Originator"}, {Name: "Held by us"}, {Name: "On chain"}, {Name: "Partner"}, {Name: "Beneficiary"}}
	if r.GetPayoutMethod() == string(remit.PayoutWallet) {
		way = []station{{Name: "Originator"}, {Name: "Held by us"}, {Name: "On chain"}, {Name: "Beneficiary"}}
	}
	here, tone, note := 0, portal.ToneActive, ""
	source, target := portal.Amount(r.GetSourceAmount()), portal.Amount(r.GetTargetAmount())
	money := source
	switch remit.Funds(r.GetFunds()) {
	case remit.FundsHeld:
		here = 1
	case remit.FundsInTransit:
		here = 2
		money = portal.Amount(r.GetSettlement().GetAmount())
	case remit.FundsWithPartner:
		here, money = min(3, len(way)-1), target
	case remit.FundsPaid:
		here, tone, money = len(way)-1, portal.ToneGood, target
	case remit.FundsReturned:
		tone, note = portal.ToneQuiet, "has it back"
	case remit.FundsBlocked:
		here, tone, note = 1, portal.ToneBlocked, "blocked account"
	case remit.FundsNone:
		tone, note, money = portal.ToneQuiet, "nothing has moved", ""
	}
	for i := range way {
		way[i].Passed = i < here
	}
	way[here].Here, way[here].Money, way[here].Tone, way[here].Note = true, money, tone, note
	return way
}
