package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

func (a *app) listsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "lists", Short: "Show the screening lists in force; exit code 1 when newer ones are not in force", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewListsServiceClient(a.conn).GetLists, &v1.GetListsRequest{})
			if err != nil {
				return err
			}
			return a.showLists(resp)
		},
	}
	c.AddCommand(&cobra.Command{
		Use: "update", Short: "Read the screening lists anew and put them in force", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "lists", v1.NewListsServiceClient(a.conn).UpdateLists, &v1.UpdateListsRequest{})
			if err != nil {
				a.whyNot(c.Context())
				return err
			}
			if a.json {
				return a.showJSON(resp)
			}
			if err := a.table(listRows(resp.GetLists())); err != nil {
				return err
			}
			return a.listsAfter(c.Context())
		},
	})
	return c
}

// listsAfter says what is the matter with the lists after they were read anew. A
// gateway that does not know says nothing, and the update stands.
func (a *app) listsAfter(ctx context.Context) error {
	news, err := call(ctx, a, "", v1.NewListsServiceClient(a.conn).GetLists, &v1.GetListsRequest{})
	switch status.Code(err) {
	case codes.OK:
		return a.showTroubles(news.GetTroubles())
	case codes.FailedPrecondition, codes.PermissionDenied:
		return nil
	default:
		return err
	}
}

// whyNot says on the way to a refusal what the gateway knows of its lists.
func (a *app) whyNot(ctx context.Context) {
	if a.json {
		return
	}
	if news, err := call(ctx, a, "", v1.NewListsServiceClient(a.conn).GetLists, &v1.GetListsRequest{}); err == nil {
		_ = a.showTroubles(news.GetTroubles()) // The refusal is what the command ends with.
	}
}

// showLists shows the lists in force, what changed last, and what is the matter
// with them.
func (a *app) showLists(r *v1.GetListsResponse) error {
	if a.json {
		if err := a.showJSON(r); err != nil {
			return err
		}
		return troubled(r.GetTroubles())
	}
	if err := a.table(listRows(r.GetLists())); err != nil {
		return err
	}
	for _, c := range r.GetChanges() {
		fmt.Fprintf(a.out, "\n%s, %s: %d entries to %d; %d added, %d removed, %d changed", c.GetList(), clock(c.GetAt()), c.GetBefore(), c.GetAfter(),
			c.GetAdded(), c.GetRemoved(), c.GetChanged())
	}
	if len(r.GetChanges()) > 0 {
		fmt.Fprintln(a.out)
	}
	return a.showTroubles(r.GetTroubles())
}

func listRows(lists []*v1.ScreeningList) [][]string {
	rows := [][]string{{"LIST", "VERSION", "ENTRIES", "READ"}}
	for _, l := range lists {
		rows = append(rows, []string{l.GetName(), l.GetVersion(), strconv.Itoa(int(l.GetEntries())), clock(l.GetUpdatedAt())})
	}
	return rows
}

// showTroubles says what is the matter with lists, as the console and the metric
// remit_lists_trouble do.
func (a *app) showTroubles(list []*v1.ListTrouble) error {
	for _, t := range list {
		which := t.GetList()
		if which == "" {
			which = "the lists"
		}
		fmt.Fprintf(a.out, "\n%s: %s: %s (%s)\n", strings.ToUpper(t.GetKind()), which, troubleWords[t.GetKind()], clock(t.GetAt()))
		fmt.Fprintln(a.out, "  "+t.GetMessage())
	}
	return troubled(list)
}

// troubleWords say what a kind of trouble means for screening.
var troubleWords = map[string]string{
	"refused":     "newer files were not taken into use; those before stay in force",
	"unreachable": "newer files could not be fetched; what is in force may be old",
	"doubtful":    "in force, and may not be whole",
}

// troubled ends the command as failed where newer lists are not in force.
func troubled(list []*v1.ListTrouble) error {
	if slices.ContainsFunc(list, func(t *v1.ListTrouble) bool { return t.GetKind() != "doubtful" }) {
		return ended{exitFailed, "newer lists are not in force"}
	}
	return nil
}
