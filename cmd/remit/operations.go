package main

import (
	"fmt"

	"github.com/spf13/cobra"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

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
