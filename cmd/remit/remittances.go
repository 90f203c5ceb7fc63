package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

func (a *app) getCommand() *cobra.Command {
	return &cobra.Command{
		Use: "get ID", Short: "Show a remittance: what has happened and where the money is", Args: exactly(1, "the id of a remittance"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewRemittanceServiceClient(a.conn).GetRemittance, &v1.GetRemittanceRequest{Id: args[0]})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp.GetRemittance())
			}
			return a.showRemittance(resp.GetRemittance())
		},
	}
}

func (a *app) showRemittance(r *v1.Remittance) error {
	rows := [][]string{
		{"Remittance", r.GetId()},
		{"State", r.GetState() + " since " + clock(r.GetSince())},
		{"Funds", r.GetFunds()},
		{"Reason", orDash(r.GetReason())},
		{"Reference", orDash(r.GetReference())},
		{"Corridor", r.GetCorridor() + ", " + r.GetFundingMethod() + " to " + r.GetPayoutMethod()},
		{"Sender pays", money(r.GetSourceAmount()) + ", of which fees " + money(r.GetFeesTotal())},
		{"Rate", fmt.Sprintf("1 %s = %s %s (1 %s = %s %s)", r.GetRate().GetBase(), r.GetRate().GetValue(), r.GetRate().GetQuote(),
			r.GetRate().GetQuote(), r.GetRate().GetInverse(), r.GetRate().GetBase())},
		{"To receive", money(r.GetTargetAmount())},
	}
	leg := func(name string, l *v1.RampLeg) {
		if l != nil {
			rows = append(rows, []string{name, strings.TrimSpace(fmt.Sprintf("%s %s by %s, %s %s", money(l.GetAmount()), l.GetStatus(),
				l.GetProvider(), orDash(l.GetProviderReference()), l.GetReason()))})
		}
	}
	leg("Pay-in", r.GetFunding())
	if s := r.GetSettlement(); s != nil {
		rows = append(rows, []string{"Settlement", strings.TrimSpace(fmt.Sprintf("%s %s on %s, %s %s", money(s.GetAmount()), s.GetStatus(), s.GetRail(), s.GetMode(), s.GetReason()))})
		if s.GetHash() != "" {
			rows = append(rows, []string{"", s.GetHash()}, []string{"", s.GetExplorerUrl()})
		}
	}
	if c := r.GetSettlement().GetClaim(); c != nil {
		rows = append(rows, claimRow(c))
	}
	leg("Payout", r.GetPayout())
	leg("Refund", r.GetRefund())
	if r.GetPickupCode() != "" {
		rows = append(rows, []string{"Pickup code", r.GetPickupCode()})
	}
	if r.GetCaseId() != "" {
		rows = append(rows, []string{"Case", r.GetCaseId()})
	}
	rows = append(rows, []string{"Created", clock(r.GetCreatedAt())})
	return a.table(rows)
}

func (a *app) listCommand() *cobra.Command {
	var state, customer, reference, token string
	var limit int32
	c := &cobra.Command{
		Use: "list", Short: "List remittances, newest first", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewRemittanceServiceClient(a.conn).ListRemittances, &v1.ListRemittancesRequest{
				State: state, CustomerId: customer, Reference: reference, PageSize: limit, PageToken: token,
			})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp)
			}
			rows := [][]string{{"REMITTANCE", "STATE", "FUNDS", "CORRIDOR", "SENT", "TO RECEIVE", "CREATED", "REASON"}}
			for _, r := range resp.GetRemittances() {
				rows = append(rows, []string{r.GetId(), r.GetState(), r.GetFunds(), r.GetCorridor(), money(r.GetSourceAmount()),
					money(r.GetTargetAmount()), clock(r.GetCreatedAt()), orDash(r.GetReason())})
			}
			if len(rows) == 1 {
				fmt.Fprintln(a.out, "No remittances. Send one with: remit send --to PH --amount 200 --watch")
				return nil
			}
			if err := a.table(rows); err != nil {
				return err
			}
			if next := resp.GetNextPageToken(); next != "" {
				fmt.Fprintf(a.out, "More: remit list --after %s\n", next)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&state, "state", "", "only those in this state")
	f.StringVar(&customer, "customer", "", "only those of this customer")
	f.StringVar(&reference, "reference", "", "only those with this reference")
	f.StringVar(&token, "after", "", "go on after this id")
	f.Int32Var(&limit, "limit", 20, "how many, at most 100")
	return c
}

func (a *app) eventsCommand() *cobra.Command {
	var follow bool
	var timeout time.Duration
	c := &cobra.Command{
		Use: "events ID", Short: "Show what happened to a remittance, and with --follow what happens", Args: exactly(1, "the id of a remittance"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			if follow {
				return a.watch(c.Context(), args[0], timeout)
			}
			return a.events(c, args[0])
		},
	}
	c.Flags().BoolVar(&follow, "follow", false, "go on until the remittance ends; the exit code says how")
	c.Flags().DurationVar(&timeout, "timeout", time.Hour, "how long to follow")
	return c
}

func (a *app) events(c *cobra.Command, id string) error {
	var after int32
	var started time.Time
	for {
		resp, err := call(c.Context(), a, "", v1.NewRemittanceServiceClient(a.conn).ListRemittanceEvents,
			&v1.ListRemittanceEventsRequest{Id: id, After: after})
		if err != nil {
			return err
		}
		if len(resp.GetEvents()) == 0 {
			return nil
		}
		for _, e := range resp.GetEvents() {
			after = e.GetNumber()
			if a.json {
				if err := a.showJSONLine(e); err != nil {
					return err
				}
				continue
			}
			if started.IsZero() {
				started = e.GetAt().AsTime()
				fmt.Fprintf(a.out, "%s, from %s\n%s\n", id, clock(e.GetAt()), eventHead)
			}
			fmt.Fprintln(a.out, a.eventLine(e.GetAt().AsTime().Sub(started), e))
		}
	}
}

func (a *app) cancelCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cancel ID", Short: "Ask that a remittance be undone; granted until the settlement begins", Args: exactly(1, "the id of a remittance"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "cancel", v1.NewRemittanceServiceClient(a.conn).CancelRemittance, &v1.CancelRemittanceRequest{Id: args[0]})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp.GetRemittance())
			}
			fmt.Fprintf(a.out, "Asked. It is %s now; see how it ends with: remit events %s --follow\n", resp.GetRemittance().GetState(), args[0])
			return nil
		},
	}
}
