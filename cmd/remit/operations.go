package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

func (a *app) casesCommand() *cobra.Command {
	var status string
	list := func(c *cobra.Command, _ []string) error {
		if err := a.connect(); err != nil {
			return err
		}
		resp, err := call(c.Context(), a, "", v1.NewCaseServiceClient(a.conn).ListCases, &v1.ListCasesRequest{Status: status, PageSize: 100})
		if err != nil {
			return err
		}
		if a.json {
			return a.showJSON(resp)
		}
		rows := [][]string{{"CASE", "STATUS", "KIND", "REMITTANCE", "REASONS", "HITS", "OPENED", "DUE"}}
		for _, k := range resp.GetCases() {
			rows = append(rows, []string{k.GetId(), k.GetStatus(), k.GetKind(), k.GetRemittanceId(), strings.Join(k.GetReasons(), " "),
				strconv.Itoa(len(k.GetHits())), clock(k.GetOpenedAt()), clock(k.GetDueAt())})
		}
		if len(rows) == 1 {
			fmt.Fprintln(a.out, "No cases.")
			return nil
		}
		return a.table(rows)
	}
	c := &cobra.Command{Use: "cases", Short: "List and decide compliance cases", Args: exactly(0, ""), RunE: list}
	lister := &cobra.Command{Use: "list", Short: "List cases, newest first", Args: exactly(0, ""), RunE: list}
	for _, k := range []*cobra.Command{c, lister} {
		k.Flags().StringVar(&status, "status", "", "open, approved or rejected; all when absent")
	}
	show := &cobra.Command{
		Use: "show ID", Short: "Show a case with its hits", Args: exactly(1, "the id of a case"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewCaseServiceClient(a.conn).GetCase, &v1.GetCaseRequest{Id: args[0]})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp.GetCase())
			}
			return a.showCase(resp.GetCase())
		},
	}
	c.AddCommand(lister, show, a.decideCommand("approve", "approved", "Let the remittance go on"),
		a.decideCommand("reject", "rejected", "Refuse the remittance; what was paid goes back"))
	return c
}

func (a *app) showCase(k *v1.Case) error {
	rows := [][]string{
		{"Case", k.GetId()}, {"Status", k.GetStatus()}, {"Kind", strings.TrimSpace(k.GetKind() + " " + k.GetGate())}, {"Remittance", k.GetRemittanceId()},
		{"Reasons", strings.Join(k.GetReasons(), " ")}, {"Opened", clock(k.GetOpenedAt())}, {"Due", clock(k.GetDueAt())},
	}
	if k.GetDecidedAt() != nil {
		rows = append(rows, []string{"Decided", clock(k.GetDecidedAt()) + " by " + k.GetDecidedBy()}, []string{"Note", k.GetNote()})
	}
	for _, h := range k.GetHits() {
		rows = append(rows, []string{"Hit", fmt.Sprintf("%s resembles %q on %s (%s), %d.%02d%%", h.GetRole(), h.GetEntryName(), h.GetList(), h.GetEntryId(),
			h.GetScoreBasisPoints()/100, h.GetScoreBasisPoints()%100)})
		for _, why := range h.GetWhy() {
			rows = append(rows, []string{"", why})
		}
	}
	return a.table(rows)
}

func (a *app) decideCommand(verb, decision, short string) *cobra.Command {
	var note string
	c := &cobra.Command{
		Use: verb + " ID --note …", Short: short, Args: exactly(1, "the id of a case"),
		RunE: func(c *cobra.Command, args []string) error {
			if note == "" {
				return usagef("say why with --note; it is kept for the auditor")
			}
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, verb, v1.NewCaseServiceClient(a.conn).DecideCase,
				&v1.DecideCaseRequest{Id: args[0], Decision: decision, Note: note})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp.GetCase())
			}
			fmt.Fprintf(a.out, "%s is %s by %s; its remittance %s goes on accordingly.\n", args[0], resp.GetCase().GetStatus(),
				resp.GetCase().GetDecidedBy(), resp.GetCase().GetRemittanceId())
			return nil
		},
	}
	c.Flags().StringVar(&note, "note", "", "why, in 3 to 2,000 characters")
	return c
}

func (a *app) balancesCommand() *cobra.Command {
	var prefix string
	c := &cobra.Command{
		Use: "balances", Short: "Show what the ledger's accounts hold", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewTreasuryServiceClient(a.conn).ListBalances, &v1.ListBalancesRequest{Prefix: prefix})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp)
			}
			return a.table(balanceRows(resp.GetBalances()))
		},
	}
	c.Flags().StringVar(&prefix, "prefix", "", "only accounts whose names start with this, such as treasury/")
	return c
}

func balanceRows(list []*v1.Balance) [][]string {
	rows := [][]string{{"ACCOUNT", "POSTED", "HELD"}}
	for _, b := range list {
		rows = append(rows, []string{b.GetAccount(), money(b.GetPosted()), money(b.GetHeld())})
	}
	return rows
}

func (a *app) ledgerCommand() *cobra.Command {
	c := &cobra.Command{Use: "ledger", Short: "Prove the books"}
	c.AddCommand(&cobra.Command{
		Use: "verify", Short: "Walk the whole journal and check it; exit code 1 when anything is wrong", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewLedgerServiceClient(a.conn).VerifyLedger, &v1.VerifyLedgerRequest{})
			if err != nil {
				return err
			}
			if err := a.showReport(resp); err != nil {
				return err
			}
			if !resp.GetClean() {
				return ended{exitFailed, "not proven"}
			}
			return nil
		},
	})
	return c
}

func (a *app) showReport(r *v1.VerifyLedgerResponse) error {
	if a.json {
		return a.showJSON(r)
	}
	if err := a.table(balanceRows(r.GetBalances())); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\n%d entries, %d postings, head %s\n", r.GetEntries(), r.GetPostings(), orDash(r.GetHead()))
	for _, finding := range r.GetFindings() {
		fmt.Fprintln(a.out, "WRONG:", finding)
	}
	if r.GetClean() {
		fmt.Fprintln(a.out, "clean: the chain of hashes holds, every asset sums to zero, no guarded account is below its floor")
	}
	return nil
}

func (a *app) listsCommand() *cobra.Command {
	c := &cobra.Command{Use: "lists", Short: "Look after the screening lists"}
	c.AddCommand(&cobra.Command{
		Use: "update", Short: "Read the screening lists anew and put them in force", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "lists", v1.NewListsServiceClient(a.conn).UpdateLists, &v1.UpdateListsRequest{})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp)
			}
			rows := [][]string{{"LIST", "VERSION", "ENTRIES", "READ"}}
			for _, l := range resp.GetLists() {
				rows = append(rows, []string{l.GetName(), l.GetVersion(), strconv.Itoa(int(l.GetEntries())), clock(l.GetUpdatedAt())})
			}
			return a.table(rows)
		},
	})
	return c
}
