package console

import (
	"html/template"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// templateFunctions are what the console's templates may use beside the shared ones.
func templateFunctions() template.FuncMap {
	return template.FuncMap{
		"role":        roleWord,
		"inbox":       func(name string) string { return orSame(inboxWords, name) },
		"caseKind":    func(kind string) string { return orSame(kindWords, kind) },
		"status":      caseStatus,
		"reason":      reasonWord,
		"standing":    standing,
		"funds":       func(name string) string { return orSame(fundsWords, name) },
		"gate":        func(gate string) string { return orSame(gateWords, gate) },
		"method":      func(name string) string { return orSame(methodWords, name) },
		"list":        listName,
		"listTrouble": listTrouble,
		"listChangeCut": func(c *v1.ListChange) bool {
			return int(c.GetAdded()+c.GetRemoved()+c.GetChanged()) > len(c.GetEntries())
		},
		"capital":   capital,
		"category":  func(name string) string { return capital(orSame(categoryWords, name)) },
		"evidence":  func(kind string) string { return orSame(evidenceWords, kind) },
		"act":       func(name string) string { return orSame(actWords, name) },
		"country":   countryName,
		"purpose":   func(name string) string { return strings.ReplaceAll(name, "_", " ") },
		"int64":     func(n int32) int64 { return int64(n) },
		"pairs":     pairs,
		"testWords": testWords,
		"size":      fileSize,
		"legWord":   legWord,
		"step1":     func(i int) int { return i + 1 },
		"step":      portal.Step,
		"scoreBar": func(score, threshold int32) template.HTML {
			return portal.ScoreBar(score, threshold, "Score "+portal.Percent(score)+" of 100")
		},
		"eventWord":    caseEventWord,
		"eventTone":    caseEventTone,
		"outletState":  outletState,
		"move":         func(kind string) string { return orSame(moveWords, kind) },
		"suspended":    func(reason string) string { return orSame(suspensionWords, reason) },
		"requestState": func(r requestView) portal.Word { return requestState(r.State, r.Return()) },
		"exportStyle":  func() template.CSS { return template.CSS(exportStyle) },
	}
}

func orSame(words map[string]string, name string) string {
	if w, ok := words[name]; ok {
		return w
	}
	return strings.ReplaceAll(name, "_", " ")
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

var (
	roleWords   = map[string]string{"analyst": "Analyst", "officer": "Officer", "mlro": "MLRO", "auditor": "Auditor", "treasurer": "Treasurer", "teller": "Teller", "manager": "Manager", "agent_admin": "Agent admin"}
	inboxWords  = map[string]string{"sanctions": "Sanctions", "review": "Review", "operations": "Operations", "mlro": "MLRO"}
	gateWords   = map[string]string{"intake": "before money is taken", "release": "before money leaves"}
	fundsWords  = map[string]string{"none": "not taken", "in_transit": "on chain", "with_partner": "with the partner"}
	methodWords = map[string]string{"mobile_money": "mobile money", "bank": "bank deposit", "cash": "cash pickup", "wallet": "wallet", "bank_debit": "bank debit", "card": "card", "balance": "prefunded balance"}
	kindWords   = map[string]string{
		"gate": "Remittance stopped", "rescreen": "Matched after a change", "refund_stuck": "Refund does not go through",
		"provider_dispute": "Provider contradicts itself", "report": "Report to file",
		"suspicion": "Suspicion reported at a counter",
	}
	reasonWords = map[string]string{
		"SANCTIONS_HIT": "A name is like a listed one", "SANCTIONS_TRUE_MATCH": "A true match with a listed party", "REVIEW_REJECTED": "A person rejected it", "REVIEW_APPROVED": "A person approved it", "RETURNED_BY_LICENCE": "Returned by licence",
		"SCREENING_UNAVAILABLE": "Screening was not available", "POLICY_UNDECIDED": "The policy gave no answer",
		"COUNTRY_HIGH_RISK": "A high-risk country is involved", "COUNTRY_EMBARGOED": "An embargoed country is involved",
		"KYC_REQUIRED": "The customer is not identified", "KYC_LIMIT_EXCEEDED": "Over the limit of the customer's tier",
		"KYC_LIMITS_UNKNOWN": "No limits are known for this currency or tier", "VELOCITY_EXCEEDED": "Unusually many remittances",
		"SUSPICION_REPORTED": "Somebody at a counter reported a suspicion", "UNDER_REVIEW": "A person looks at it",
		"REFUND_STUCK": "The refund does not go through", "PROVIDER_REJECTED": "The provider refused it",
		"FUNDING_AMOUNT_MISMATCH": "The pay-in is not what was ordered", "NAME_MISMATCH": "The account is in another name",
	}
	actWords = map[string]string{
		"approve": "Approve", "reject": "Reject", "block": "Block", "unblock": "Unblock", "return": "Disagree",
		"escalate": "Escalate", "request_information": "Ask", "note": "Note", "attach": "Attach",
		"take": "Take", "put_back": "Put back", "freeze": "Freeze",
	}
)

func roleWord(role string) string { return orSame(roleWords, role) }

// reasonWord says a reason in words; one that is not known is told as it is.
func reasonWord(reason string) string {
	if w, ok := reasonWords[reason]; ok {
		return w
	}
	return capital(strings.ToLower(strings.ReplaceAll(reason, "_", " ")))
}

// caseStatus is the word of where a case stands.
func caseStatus(status string) portal.Word {
	switch status {
	case "open":
		return portal.Word{Text: "Open", Tone: portal.ToneAttention}
	case "waiting":
		return portal.Word{Text: "Waiting for an answer", Tone: portal.ToneStopped}
	case "pending":
		return portal.Word{Text: "Second person needed", Tone: portal.ToneActive}
	case "approved":
		return portal.Word{Text: "Approved", Tone: portal.ToneGood}
	case "rejected":
		return portal.Word{Text: "Rejected", Tone: portal.ToneBad}
	case "blocked":
		return portal.Word{Text: "Blocked", Tone: portal.ToneBlocked}
	case "unblocked":
		return portal.Word{Text: "Returned by licence", Tone: portal.ToneQuiet}
	}
	return portal.Word{Text: status, Tone: portal.ToneQuiet}
}

// standing is the word of a case's clock, with the time that is left.
func standing(clock *v1.CaseClock, left string) portal.Word {
	switch clock.GetStanding() {
	case "good":
		return portal.Word{Text: left + " left", Tone: portal.ToneGood}
	case "attention":
		return portal.Word{Text: left + " left", Tone: portal.ToneAttention}
	case "late":
		return portal.Word{Text: "Late by " + left, Tone: portal.ToneBad}
	case "stopped":
		return portal.Word{Text: "Clock stopped", Tone: portal.ToneStopped}
	}
	return portal.Word{Text: "Decided", Tone: portal.ToneQuiet}
}

// listName writes a list's name as its publisher does.
func listName(name string) string {
	if w, ok := map[string]string{ // The loaders name lists with hyphens, feeds with underscores.
		"ofac_sdn": "OFAC SDN", "ofac_consolidated": "OFAC Consolidated", "un_consolidated": "UN Consolidated", "eu_fsf": "EU FSF",
		"uk_sanctions": "UK Sanctions", "uk_sanctions_list": "UK Sanctions", "opensanctions": "OpenSanctions",
	}[strings.ReplaceAll(name, "-", "_")]; ok {
		return w
	}
	if own, ok := strings.CutPrefix(name, "own-"); ok {
		return "own list “" + own + "”"
	}
	return name
}

// listTrouble says what is the matter with lists.
func listTrouble(t *v1.ListTrouble) string {
	which := "A newer " + listName(t.GetList())
	switch t.GetKind() {
	case "refused":
		if t.GetList() == "" {
			return "Newer lists were refused: those before stay in force"
		}
		return which + " was refused: the one before stays in force"
	case "unreachable":
		return which + " could not be fetched: what is in force may be old"
	default:
		if t.GetList() == "" {
			return "The lists in force are not whole"
		}
		return listName(t.GetList()) + " is in force and may not be whole"
	}
}

// doneNotice says what an act did.
func doneNotice(done string) *portal.Notice {
	text, ok := map[string]string{
		"nothing": "Nothing waits that you could take: every case is held by somebody or already decided.", "taken": "The case is yours for half an hour.", "put-back": "The case is back in the queue.", "note": "The note is in the file.",
		"document": "The document is in the file.", "escalated": "The case is in the MLRO's inbox.",
		"asked":    "The question was sent. The clock stands still until it is answered.",
		"proposed": "Your proposal waits for a second person.", "decided": "Decided. What follows is under way.",
		"frozen":   "The payout is to be withdrawn. Whether it was paid before shows below, once the counter or provider has answered.",
		"returned": "The case is back to be worked on; the proposal stays in the file.",
		"password": "Your password is changed. Other sessions of yours have ended.", "passkey": "The passkey can be used from now on.",
		"passkey-removed": "The passkey is removed.", "lists": "The lists were read anew.",
		"role": "The role is changed.", "suspended": "They cannot sign in any more; their sessions have ended.", "resumed": "They may sign in again.",
	}[done]
	if !ok {
		text, ok = networkDone[done]
	}
	if !ok {
		return nil
	}
	tone := portal.ToneGood
	if done == "proposed" || done == "asked" || done == "frozen" || done == "nothing" || strings.HasSuffix(done, "-before") {
		tone = portal.ToneAttention
	}
	return &portal.Notice{Tone: tone, Text: text}
}

// countryName writes a country's name for its two letters.
func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.English.Regions().Name(region); name != "" {
		return name
	}
	return code
}

// caseEventWords say what happened to a case.
var caseEventWords = map[string]string{
	"opened": "Opened", "alert": "New alert", "taken": "Taken", "put_back": "Put back", "note": "Note", "attachment": "Document", "escalated": "Escalated",
	"information_requested": "Question to the tenant", "answered": "Answer", "proposed": "Proposed", "returned": "Sent back", "decided": "Decided", "lapsed": "Lapsed",
	"reported": "Reported at a counter", "freeze_ordered": "Payout to be withdrawn",
}

// categoryWords say what a report from a counter is about.
var categoryWords = map[string]string{
	"identity": "identity or document", "behaviour": "behaviour", "source_of_funds": "origin of the money", "structuring": "split or repeated amounts",
	"third_party": "acting for somebody else", "fraud_victim": "may be a victim of fraud", "staff": "somebody who works there", "other": "something else",
}

// evidenceWords name what counters take of a payment.
var evidenceWords = map[string]string{"photo": "Photo of the document", "signature": "Signature"}

// caseEventWord says what happened, with the decision or the document's name.
func caseEventWord(e *v1.CaseEvent) string {
	word := capital(orSame(caseEventWords, e.GetKind()))
	facts := e.GetFacts()
	switch e.GetKind() {
	case "proposed", "decided":
		if decision := facts["decision"]; decision != "" {
			word += ": " + strings.ToLower(caseStatus(decision).Text)
		}
	case "escalated":
		word += " to the MLRO"
	case "reported":
		word += ": " + orSame(categoryWords, facts["category"])
	}
	return word
}

// caseEventTone is the tone of what happened to a case.
func caseEventTone(e *v1.CaseEvent) string {
	switch e.GetKind() {
	case "opened", "alert", "lapsed", "reported":
		return string(portal.ToneAttention)
	case "decided":
		return string(caseStatus(e.GetFacts()["decision"]).Tone)
	case "proposed", "escalated", "freeze_ordered":
		return string(portal.ToneActive)
	case "information_requested":
		return string(portal.ToneStopped)
	}
	return string(portal.ToneQuiet)
}

// choice is one option of a list.
type choice struct{ Name, Text string }

// pairs joins names and texts, both separated by commas.
func pairs(names, texts string) []choice {
	n, t := strings.Split(names, ","), strings.Split(texts, ",")
	out := make([]choice, min(len(n), len(t)))
	for i := range out {
		out[i] = choice{n[i], t[i]}
	}
	return out
}

// fileSize writes a number of bytes as people say it.
func fileSize(n int64) string {
	switch {
	case n < 1<<10:
		return portal.Number(n) + " bytes"
	case n < 1<<20:
		return portal.Number((n+512)>>10) + " KiB"
	}
	tenths := (n*10 + 1<<19) >> 20
	return portal.Number(tenths/10) + "." + portal.Number(tenths%10) + " MiB"
}

// testWords writes the name of a policy's test as the sentence that it is.
func testWords(name string) string {
	_, words, found := strings.Cut(name, ".test_")
	if !found {
		return name
	}
	return capital(strings.ReplaceAll(words, "_", " "))
}
