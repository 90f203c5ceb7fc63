package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

func (a *app) casesCommand() *cobra.Command {
	var req v1.ListCasesRequest
	list := func(c *cobra.Command, _ []string) error { return a.listCases(c.Context(), &req) }
	c := &cobra.Command{
		Use: "cases", Aliases: []string{"case"}, Short: "List, work on and decide compliance cases", Args: exactly(0, ""), RunE: list,
		Long: `List, work on and decide compliance cases.

Releasing a hit and returning blocked money need two persons: the first one's
decision makes the case pending, and the same decision by another one, with a key
of their own, completes it. On a development gateway --second acts with the key
of a second officer.`,
		Example: `  remit cases take-next --inbox sanctions
  remit cases approve cas_01k9zc7v4ye3t8m5q2w6x0b1nd --note "born thirty years later, see passport"
  remit cases approve cas_01k9zc7v4ye3t8m5q2w6x0b1nd --note "agreed" --second`,
	}
	c.PersistentFlags().BoolVar(&a.second, "second", false, "act as the development gateway's second officer")
	lister := &cobra.Command{Use: "list", Short: "List cases, newest or soonest due first", Args: exactly(0, ""), RunE: list}
	for _, k := range []*cobra.Command{c, lister} {
		f := k.Flags()
		f.StringVar(&req.Status, "status", "", "open, waiting, pending, undecided, approved, rejected, blocked or unblocked; all when absent")
		f.StringVar(&req.Inbox, "inbox", "", "sanctions, review, operations or mlro; all when absent")
		f.StringVar(&req.Order, "order", "", "newest, or due for the soonest due first")
		f.StringVar(&req.Holder, "holder", "", "mine or nobody; all when absent")
		f.StringVar(&req.RemittanceId, "remittance", "", "only those about this remittance")
	}
	c.AddCommand(lister, a.showCaseCommand(), a.takeNextCommand(), a.takeCommand(), a.putBackCommand(),
		a.writeCommand("note", "note", "Write a note into the file", func(ctx context.Context, id, text string) (*v1.Case, error) {
			resp, err := call(ctx, a, "note", v1.NewCaseServiceClient(a.conn).AddCaseNote, &v1.AddCaseNoteRequest{Id: id, Text: text})
			return resp.GetCase(), err
		}),
		a.writeCommand("escalate", "note", "Hand the case to the reporting officer", func(ctx context.Context, id, text string) (*v1.Case, error) {
			resp, err := call(ctx, a, "escalate", v1.NewCaseServiceClient(a.conn).EscalateCase, &v1.EscalateCaseRequest{Id: id, Note: text})
			return resp.GetCase(), err
		}),
		a.writeCommand("return", "note", "Send a pending case back to be worked on", func(ctx context.Context, id, text string) (*v1.Case, error) {
			resp, err := call(ctx, a, "return", v1.NewCaseServiceClient(a.conn).ReturnCase, &v1.ReturnCaseRequest{Id: id, Note: text})
			return resp.GetCase(), err
		}),
		a.askCommand(), a.answerCommand(), a.attachCommand(),
		a.decideCommand("approve", "approved", "Let the remittance go on; a second person must agree where there are hits"),
		a.decideCommand("reject", "rejected", "Refuse the remittance; what was paid goes back"),
		a.decideCommand("block", "blocked", "Keep the money of a true match"),
		a.decideCommand("unblock", "unblocked", "Return blocked money by licence; a second person must agree"))
	return c
}

func (a *app) listCases(ctx context.Context, req *v1.ListCasesRequest) error {
	if err := a.connect(); err != nil {
		return err
	}
	req.PageSize = 100
	resp, err := call(ctx, a, "", v1.NewCaseServiceClient(a.conn).ListCases, req)
	if err != nil {
		return err
	}
	if a.json {
		return a.showJSON(resp)
	}
	rows := [][]string{{"CASE", "STATUS", "INBOX", "KIND", "REMITTANCE", "REASONS", "HITS", "DUE", "CLOCK", "HELD BY"}}
	for _, k := range resp.GetCases() {
		rows = append(rows, []string{
			k.GetId(), k.GetStatus(), k.GetInbox(), k.GetKind(), orDash(k.GetRemittanceId()), strings.Join(k.GetReasons(), " "),
			strconv.Itoa(len(k.GetHits())), clock(k.GetDueAt()), orDash(k.GetClock().GetStanding()), orDash(k.GetLock().GetBy()),
		})
	}
	if len(rows) == 1 {
		fmt.Fprintln(a.out, "No cases.")
		return nil
	}
	return a.table(rows)
}

func (a *app) showCaseCommand() *cobra.Command {
	return a.caseCommand("show ID", "Show a case with its hits and history", func(ctx context.Context, id string) (*v1.Case, error) {
		resp, err := call(ctx, a, "", v1.NewCaseServiceClient(a.conn).GetCase, &v1.GetCaseRequest{Id: id})
		return resp.GetCase(), err
	})
}

func (a *app) takeCommand() *cobra.Command {
	return a.caseCommand("take ID", "Lock a case for half an hour, or for longer", func(ctx context.Context, id string) (*v1.Case, error) {
		resp, err := call(ctx, a, "take", v1.NewCaseServiceClient(a.conn).TakeCase, &v1.TakeCaseRequest{Id: id})
		return resp.GetCase(), err
	})
}

func (a *app) putBackCommand() *cobra.Command {
	return a.caseCommand("put-back ID", "Give up the lock of a case", func(ctx context.Context, id string) (*v1.Case, error) {
		resp, err := call(ctx, a, "put-back", v1.NewCaseServiceClient(a.conn).PutBackCase, &v1.PutBackCaseRequest{Id: id})
		return resp.GetCase(), err
	})
}

// caseCommand does something with one case and shows it.
func (a *app) caseCommand(use, short string, do func(ctx context.Context, id string) (*v1.Case, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: exactly(1, "the id of a case"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			k, err := do(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.showCase(k)
		},
	}
}

func (a *app) takeNextCommand() *cobra.Command {
	var req v1.TakeNextCaseRequest
	c := &cobra.Command{
		Use: "take-next", Short: "Take the most urgent case that nobody works on", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "take-next", v1.NewCaseServiceClient(a.conn).TakeNextCase, &req)
			if err != nil {
				return err
			}
			return a.showCase(resp.GetCase())
		},
	}
	c.Flags().StringVar(&req.Inbox, "inbox", "", "sanctions, review, operations or mlro; any when absent")
	return c
}

// writeCommand does something with one case that needs a text, and shows it.
func (a *app) writeCommand(verb, flag, short string, do func(ctx context.Context, id, text string) (*v1.Case, error)) *cobra.Command {
	var text string
	c := a.caseCommand(verb+" ID --"+flag+" …", short, func(ctx context.Context, id string) (*v1.Case, error) { return do(ctx, id, text) })
	c.PreRunE = func(*cobra.Command, []string) error {
		if text == "" {
			return usagef("write it with --%s", flag)
		}
		return nil
	}
	c.Flags().StringVar(&text, flag, "", "the text; it is kept for the auditor")
	return c
}

func (a *app) askCommand() *cobra.Command {
	var hours int32
	c := a.writeCommand("ask", "question", "Ask the tenant's system; it must not tell what is suspected",
		func(ctx context.Context, id, text string) (*v1.Case, error) {
			resp, err := call(ctx, a, "ask", v1.NewCaseServiceClient(a.conn).RequestInformation,
				&v1.RequestInformationRequest{Id: id, Question: text, DeadlineHours: hours})
			return resp.GetCase(), err
		})
	c.Flags().Int32Var(&hours, "hours", 0, "how many hours there are to answer, 1 to 720; 72 when absent")
	return c
}

func (a *app) answerCommand() *cobra.Command {
	var text string
	c := &cobra.Command{
		Use: "answer REMITTANCE --answer …", Short: "Answer the question about a remittance, as its tenant", Args: exactly(1, "the id of a remittance"),
		RunE: func(c *cobra.Command, args []string) error {
			if text == "" {
				return usagef("write it with --answer")
			}
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "answer", v1.NewCaseServiceClient(a.conn).AnswerInformationRequest,
				&v1.AnswerInformationRequestRequest{RemittanceId: args[0], Answer: text})
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp)
			}
			fmt.Fprintf(a.out, "Answered at %s.\n", clock(resp.GetAnsweredAt()))
			return nil
		},
	}
	c.Flags().StringVar(&text, "answer", "", "the answer")
	return c
}

func (a *app) attachCommand() *cobra.Command {
	var file string
	c := a.caseCommand("attach ID --file …", "Put a PDF, JPEG, PNG or plain text into the file", func(ctx context.Context, id string) (*v1.Case, error) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, usageError{err}
		}
		resp, err := call(ctx, a, "attach", v1.NewCaseServiceClient(a.conn).AddCaseAttachment,
			&v1.AddCaseAttachmentRequest{Id: id, Name: filepath.Base(file), Content: content})
		return resp.GetCase(), err
	})
	c.PreRunE = func(*cobra.Command, []string) error {
		if file == "" {
			return usagef("name it with --file")
		}
		return nil
	}
	c.Flags().StringVar(&file, "file", "", "the document, at most 5 MiB")
	return c
}

func (a *app) decideCommand(verb, decision, short string) *cobra.Command {
	req := v1.DecideCaseRequest{Decision: decision}
	c := &cobra.Command{
		Use: verb + " ID --note …", Short: short, Args: exactly(1, "the id of a case"),
		RunE: func(c *cobra.Command, args []string) error {
			if req.Note == "" {
				return usagef("say why with --note; it is kept for the auditor")
			}
			if err := a.connect(); err != nil {
				return err
			}
			req.Id = args[0]
			resp, err := call(c.Context(), a, verb, v1.NewCaseServiceClient(a.conn).DecideCase, &req)
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp.GetCase())
			}
			a.tellDecision(resp.GetCase())
			return nil
		},
	}
	c.Flags().StringVar(&req.Note, "note", "", "why, in 3 to 2,000 characters")
	c.Flags().Int64Var(&req.Version, "version", 0, "the version of the case that was looked at; another one is refused")
	if decision == "unblocked" {
		c.Flags().StringVar(&req.Licence, "licence", "", "the licence or authority's letter that allows it")
	}
	return c
}

func (a *app) tellDecision(k *v1.Case) {
	if k.GetStatus() == "pending" {
		fmt.Fprintf(a.out, "%s is pending: another person must agree that it is %s.\n", k.GetId(), k.GetProposal().GetDecision())
		return
	}
	fmt.Fprintf(a.out, "%s is %s by %s", k.GetId(), k.GetStatus(), k.GetDecidedBy())
	if k.GetProposedBy() != "" {
		fmt.Fprintf(a.out, ", proposed by %s", k.GetProposedBy())
	}
	if k.GetRemittanceId() != "" {
		fmt.Fprintf(a.out, "; its remittance %s goes on accordingly", k.GetRemittanceId())
	}
	fmt.Fprintln(a.out, ".")
}
