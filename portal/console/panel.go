package console

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// panelInput is what a person has chosen and written in the decision panel.
type panelInput struct {
	// Act is what they are about to do, empty while nothing is chosen.
	Act string
	// Note is the reason, the note or the question.
	Note           string
	Hours, Licence string
	// Seen is the number of the last event that they saw.
	Seen int64
	// Said is what they said of single hits, by key.
	Said map[string]string
}

// panel is where a case is decided.
type panel struct {
	panelInput
	// Acts are what may be done now, each with its key.
	Acts []panelAct
	// Chosen is the act that is about to be done; nil while nothing is chosen.
	Chosen *chosenAct
	// Hits are judged one by one where the act says so.
	Hits []panelHit
	// LastEvent is the number of the newest event of the case.
	LastEvent int64
	// Waits says why nothing can be decided now; empty where something can.
	Waits string
	// Take says that the case must be taken first.
	Take bool
}

// panelAct is one thing that may be done.
type panelAct struct {
	Name, Key, Text, Href string
	// Weight is primary for the acts that decide.
	Decides bool
	Current bool
}

// panelHit is a hit with what is said of it.
type panelHit struct {
	*v1.Hit
	Said string
}

// chosenAct asks once, with the facts, before it is done.
type chosenAct struct {
	Title string
	// Happens says what follows, sentence by sentence.
	Happens []string
	// Label, Hint and Button are of the form; Look is the button's class.
	Label, Hint, Button, Look string
	// Judge says that hits may be judged one by one.
	Judge bool
	// Licence and Deadline say that the form asks for those.
	Licence, Deadline bool
	// Second says that another person must agree.
	Second bool
}

// panelOrder is the order of acts with their keys and, of those that decide, the mark.
var panelOrder = []panelAct{
	{Name: "approve", Key: "a", Decides: true}, {Name: "reject", Key: "r", Decides: true}, {Name: "block", Key: "b", Decides: true},
	{Name: "unblock", Key: "u", Decides: true}, {Name: "return", Key: "d", Decides: true},
	{Name: "freeze", Key: "f"}, {Name: "request_information", Key: "i"}, {Name: "escalate", Key: "e"}, {Name: "note", Key: "n"},
}

func newPanel(f *caseFile, in panelInput, hit string) panel {
	allowed := f.Case.GetAllowedActs()
	p := panel{panelInput: in}
	for _, e := range f.Case.GetHistory() {
		p.LastEvent = max(p.LastEvent, int64(e.GetNumber()))
	}
	for _, a := range panelOrder {
		if !slices.Contains(allowed, a.Name) {
			continue
		}
		query := url.Values{"do": {a.Name}}
		if hit != "" {
			query.Set("hit", hit)
		}
		a.Text, a.Href, a.Current = actText(a.Name, f), casePath(f.Case.GetId())+"?"+query.Encode()+"#decide", a.Name == in.Act
		p.Acts = append(p.Acts, a)
	}
	if slices.Contains(allowed, in.Act) {
		p.Chosen = choose(f, in.Act)
	}
	if p.Chosen != nil && p.Chosen.Judge {
		for _, h := range f.Case.GetHits() {
			said, ok := in.Said[h.GetKey()]
			if !ok && in.Act == "block" {
				said = "true_match"
			}
			p.Hits = append(p.Hits, panelHit{h, said})
		}
	}
	p.Take = slices.Contains(allowed, "take") && !f.Case.GetLock().GetMine()
	p.Waits = waits(f, allowed)
	return p
}

func actText(name string, f *caseFile) string {
	if name == "approve" && f.Case.GetProposal() != nil {
		return "Agree"
	}
	return orSame(actWords, name)
}

// waits says why a person can decide nothing of an undecided case now.
func waits(f *caseFile, allowed []string) string {
	decides := slices.ContainsFunc(panelOrder, func(a panelAct) bool { return a.Decides && slices.Contains(allowed, a.Name) })
	switch {
	case decides || f.Decided():
		return ""
	case f.Case.GetProposal() != nil:
		return fmt.Sprintf("%s proposed this. Another person must agree.", f.Case.GetProposal().GetBy())
	case f.Case.GetLock() != nil && !f.Case.GetLock().GetMine():
		return fmt.Sprintf("%s works on this case.", f.Case.GetLock().GetBy())
	case f.Case.GetInbox() == "mlro" && slices.Contains(allowed, "take"):
		return "The MLRO decides this case first."
	case slices.Contains(allowed, "take"):
		return "Take the case to decide it."
	default:
		return "You can read this case. Deciding it is for another role."
	}
}

// choose states an act with what follows from it.
func choose(f *caseFile, act string) *chosenAct {
	source, target := portal.Amount(f.Remittance.GetSourceAmount()), portal.Amount(f.Remittance.GetTargetAmount())
	to, from := orThe(f.BeneficiaryName(), "the beneficiary"), orThe(f.Originator(), "the originator")
	moves := f.Moves() && (f.Waits() || f.Frozen() || act != "approve")
	hits := len(f.Case.GetHits())
	reason := chosenAct{Label: "Reason", Hint: "Kept for the auditor: what did you compare, and what tells them apart or makes them one?"}
	switch act {
	case "approve":
		return chooseApprove(f, reason, hits, moves, target, to)
	case "reject":
		reason.Title, reason.Button, reason.Look, reason.Judge = "Reject this remittance?", "Reject the remittance", "danger", hits > 0
		switch {
		case !moves:
			reason.Title, reason.Button, reason.Happens = "Close the case as rejected?", "Reject", []string{"The case ends as rejected." + standsStill(f)}
		case !f.Waits():
			reason.Happens = []string{"The payout is withdrawn first. If it was paid meanwhile, it stays paid.", "Else the remittance ends, which cannot be undone, and " + source + " goes back to " + from + " by the way it came."}
			reason.Button = "Reject and refund " + source + " to " + from
		case f.Out():
			reason.Happens = []string{"The payout stays withdrawn and the remittance ends. That cannot be undone.", source + " goes back to " + from + " by the way it came."}
			reason.Button = "Reject and refund " + source + " to " + from
		case f.Held():
			reason.Happens = []string{"The remittance ends, and that cannot be undone.", source + " goes back to " + from + " by the way it came."}
			reason.Button = "Reject and refund " + source + " to " + from
		default:
			reason.Happens = []string{"The remittance ends, and that cannot be undone.", "No money has come in, so there is none to return."}
		}
	case "block":
		reason.Title, reason.Look, reason.Judge = "A true match: block?", "halt", hits > 0
		reason.Happens = []string{"No money has come in: the remittance ends as rejected, and that cannot be undone."}
		reason.Button = "Block: end the remittance"
		if f.Held() {
			reason.Happens = []string{source + " from " + from + " goes to the blocked account and is kept there. It is reported and never returned, except by licence."}
			reason.Button = "Block and keep " + source
		}
		if moves && !f.Waits() {
			reason.Happens = append([]string{"The payout is withdrawn first. If it was paid meanwhile, it stays paid."}, reason.Happens...)
		}
		if !moves {
			reason.Happens, reason.Button = []string{"The party is recorded as the listed one." + standsStill(f)}, "Record a true match"
		}
	case "unblock":
		reason.Title, reason.Look, reason.Licence, reason.Second = "Return blocked money by licence?", "primary", true, true
		reason.Happens = []string{source + " leaves the blocked account and goes back to " + from + ".", "A second person must agree before anything moves."}
		reason.Button = "Propose to return " + source + " to " + from
		if f.Case.GetProposal() != nil {
			reason.Happens = []string{source + " leaves the blocked account and goes back to " + from + " at once."}
			reason.Button, reason.Second = "Agree: return "+source+" to "+from, false
		}
	default:
		return chooseTalk(f, act)
	}
	return &reason
}

// standsStill says that a decision moves no money, where there is some to move.
func standsStill(f *caseFile) string {
	switch {
	case f.Remittance == nil:
		return ""
	case !f.Operational() && !f.Over():
		return " Nothing was stopped: the money goes on as it stands."
	case f.Over():
		return " The money has arrived: nothing moves by it."
	default:
		return " Nothing moves by it: the money goes on as it stands."
	}
}

func orThe(name, role string) string {
	if name == "" {
		return role
	}
	return name
}

func chooseApprove(f *caseFile, a chosenAct, hits int, moves bool, target, to string) *chosenAct {
	a.Title, a.Look = "Approve?", "primary"
	if !moves {
		a.Title = "Close the case as approved?"
	}
	follows := "The case ends as approved." + standsStill(f)
	a.Button = "Approve"
	if moves {
		follows = "The remittance goes on: " + target + " to " + to + "."
		if f.Out() {
			follows = "The payout is ordered anew: " + target + " to " + to + "."
		}
		a.Button = "Approve " + target + " to " + to
	}
	judged := "1 hit is a false positive. It is remembered until the party or the list entry changes."
	if hits > 1 {
		judged = strconv.Itoa(hits) + " hits are false positives. They are remembered until the party or a list entry changes."
	}
	switch proposal := f.Case.GetProposal(); {
	case proposal != nil:
		a.Title = "Agree with " + proposal.GetBy() + "?"
		a.Happens = []string{follows}
		if hits > 0 {
			a.Happens = append(a.Happens, judged)
		}
		if moves {
			a.Happens[0] += " It starts at once."
		}
		a.Button = "Agree"
		if moves {
			a.Button = "Agree: send " + target + " to " + to
		}
		a.Hint = "Kept for the auditor, beside the first person's."
	case hits > 0 || f.Frozen():
		a.Second = true
		a.Happens = []string{"A second person must agree before anything moves. Then: " + lowerFirst(follows)}
		if hits > 0 {
			a.Happens = append([]string{judged}, a.Happens...)
		}
		a.Button = "Propose to approve"
		if moves {
			a.Button = "Propose " + target + " to " + to
		}
	default:
		a.Happens = []string{follows}
		if moves {
			a.Happens[0] += " It starts at once."
		}
	}
	return &a
}

// chooseFreeze states what a freeze does, here and at the counter.
func chooseFreeze(f *caseFile) *chosenAct {
	target, to := portal.Amount(f.Remittance.GetTargetAmount()), orThe(f.BeneficiaryName(), "the beneficiary")
	return &chosenAct{
		Title: "Freeze the payout?", Label: "Reason", Hint: "Kept for the auditor: why must it not wait for the decision?",
		Button: "Freeze " + target + " to " + to, Look: "halt",
		Happens: []string{
			target + " to " + to + " is withdrawn and waits for the decision. What was paid before is paid.",
			"Who fetches it hears that it cannot be paid now, and nothing of why.",
			"Approving then takes two persons and orders the payout anew; rejecting refunds " + portal.Amount(f.Remittance.GetSourceAmount()) + " to " + orThe(f.Originator(), "the originator") + ".",
		},
	}
}

// chooseTalk states the acts that decide nothing.
func chooseTalk(f *caseFile, act string) *chosenAct {
	switch act {
	case "freeze":
		return chooseFreeze(f)
	case "return":
		return &chosenAct{
			Title: "Disagree?", Label: "Reason", Hint: "What should be looked at again?", Button: "Send back to be worked on", Look: "primary",
			Happens: []string{f.Case.GetProposal().GetBy() + "'s proposal is not carried out. It stays in the file."},
		}
	case "request_information":
		return &chosenAct{
			Title: "Ask the tenant", Label: "Question", Hint: "The tenant, and perhaps the originator, reads this. Do not tell what is suspected.",
			Button: "Send the question", Look: "primary", Deadline: true, Happens: []string{"The clock of the case stands still until the answer or the deadline."},
		}
	case "escalate":
		return &chosenAct{
			Title: "Escalate to the MLRO?", Label: "Reason", Hint: "Why the MLRO should decide.", Button: "Escalate", Look: "primary",
			Happens: []string{"The case leaves this inbox for the MLRO's."},
		}
	case "note":
		return &chosenAct{Title: "Note for the file", Label: "Note", Hint: "A note is never changed or removed.", Button: "Add the note", Look: "primary"}
	}
	return nil
}

func lowerFirst(text string) string {
	if text == "" {
		return ""
	}
	return string(text[0]|0x20) + text[1:]
}
