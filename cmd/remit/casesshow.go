package main

import (
	"fmt"
	"strings"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// showCase shows all that there is to know of a case.
func (a *app) showCase(k *v1.Case) error {
	if a.json {
		return a.showJSON(k)
	}
	rows := [][]string{
		{"Case", fmt.Sprintf("%s (version %d)", k.GetId(), k.GetVersion())}, {"Status", k.GetStatus() + ", in the inbox " + k.GetInbox()},
		{"Kind", strings.TrimSpace(k.GetKind() + " " + k.GetGate())}, {"Remittance", orDash(k.GetRemittanceId())},
		{"Parties", strings.TrimSpace(k.GetCustomerId() + " " + k.GetBeneficiaryId())},
		{"Reasons", strings.Join(k.GetReasons(), " ")}, {"Opened", clock(k.GetOpenedAt())},
		{"Due", strings.TrimSpace(clock(k.GetDueAt()) + " " + k.GetClock().GetStanding())},
	}
	if l := k.GetLock(); l != nil {
		rows = append(rows, []string{"Held by", l.GetBy() + " until " + clock(l.GetUntil())})
	}
	if p := k.GetProposal(); p != nil {
		rows = append(rows, []string{"Proposed", fmt.Sprintf("%s by %s at %s", p.GetDecision(), p.GetBy(), clock(p.GetAt()))}, []string{"Note", p.GetNote()})
	}
	if q := k.GetInformationRequest(); q != nil {
		rows = append(rows, []string{"Asked", q.GetQuestion() + " (until " + clock(q.GetDeadline()) + ")"})
	}
	if k.GetDecidedAt() != nil {
		by := k.GetDecidedBy()
		if k.GetProposedBy() != "" {
			by = k.GetProposedBy() + " and " + by
		}
		rows = append(rows, []string{"Decided", clock(k.GetDecidedAt()) + " by " + by}, []string{"Note", k.GetNote()})
	}
	rows = append(rows, []string{"You may", strings.Join(k.GetAllowedActs(), ", ")})
	for _, h := range k.GetHits() {
		rows = append(rows, hitRows(h)...)
	}
	for _, d := range k.GetAttachments() {
		rows = append(rows, []string{"Document", fmt.Sprintf("%s %s, %s, %d bytes, by %s", d.GetId(), d.GetName(), d.GetMediaType(), d.GetSizeBytes(), d.GetBy())})
	}
	for _, e := range k.GetHistory() {
		line := fmt.Sprintf("%s %s by %s", clock(e.GetAt()), strings.ReplaceAll(e.GetKind(), "_", " "), e.GetBy())
		if e.GetText() != "" {
			line += ": " + strings.ReplaceAll(e.GetText(), "\n", " ")
		}
		rows = append(rows, []string{fmt.Sprintf("%d.", e.GetNumber()), line})
	}
	for _, e := range k.GetEarlier() {
		rows = append(rows, []string{"Earlier", fmt.Sprintf("%s %s, %s by %s", e.GetId(), e.GetKind(), e.GetStatus(), orDash(e.GetDecidedBy()))})
	}
	return a.table(rows)
}

func hitRows(h *v1.Hit) [][]string {
	rows := [][]string{{"Hit", fmt.Sprintf("%s resembles %q on %s (%s), %d.%02d%%", h.GetRole(), h.GetEntryName(), h.GetList(), h.GetEntryId(),
		h.GetScoreBasisPoints()/100, h.GetScoreBasisPoints()%100)}}
	if h.GetDisposition() != "" {
		rows = append(rows, []string{"", strings.ReplaceAll(h.GetDisposition(), "_", " ")})
	}
	for _, why := range h.GetWhy() {
		rows = append(rows, []string{"", why})
	}
	return rows
}
