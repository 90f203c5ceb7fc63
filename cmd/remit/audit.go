package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Show, prove and export the audit trail"}
	c.AddCommand(a.auditListCommand(), a.auditVerifyCommand(), a.auditExportCommand())
	return c
}

// auditFilter is what of the trail is asked for.
type auditFilter struct{ actor, act, subject, from, until string }

func (f *auditFilter) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.actor, "actor", "", "only records of this person or key: stf_… or key_…")
	c.Flags().StringVar(&f.act, "act", "", "only acts that start with this, such as case")
	c.Flags().StringVar(&f.subject, "subject", "", "only records about this id, such as cas_…")
	c.Flags().StringVar(&f.from, "from", "", "only records from this day or moment on: 2026-11-20 or 2026-11-20T17:00:00Z")
	c.Flags().StringVar(&f.until, "until", "", "only records before this day or moment")
}

func (f *auditFilter) request() (*v1.ListAuditRecordsRequest, error) {
	req := &v1.ListAuditRecordsRequest{ActorId: f.actor, Act: f.act, Subject: f.subject}
	var err error
	if req.From, err = moment("from", f.from); err != nil {
		return nil, err
	}
	req.Until, err = moment("until", f.until)
	return req, err
}

// moment reads a day, which begins at midnight UTC, or a moment; nil for none.
func moment(flag, text string) (*timestamppb.Timestamp, error) {
	if text == "" {
		return nil, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if at, err := time.Parse(layout, text); err == nil {
			return timestamppb.New(at), nil
		}
	}
	return nil, usagef("--%s %q is neither a day such as 2026-11-20 nor a moment such as 2026-11-20T17:00:00Z", flag, text)
}

func (a *app) auditListCommand() *cobra.Command {
	var f auditFilter
	var limit int32
	c := &cobra.Command{
		Use: "list", Short: "List records of the trail, newest first", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			req, err := f.request()
			if err != nil {
				return err
			}
			if err := a.connect(); err != nil {
				return err
			}
			req.PageSize = limit
			resp, err := call(c.Context(), a, "", v1.NewAuditServiceClient(a.conn).ListAuditRecords, req)
			if err != nil {
				return err
			}
			if a.json {
				return a.showJSON(resp)
			}
			if len(resp.GetRecords()) == 0 {
				fmt.Fprintln(a.out, "No records.")
				return nil
			}
			rows := [][]string{{"NUMBER", "AT", "PHASE", "ACTOR", "ACT", "SUBJECT", "OUTCOME", "REASON", "FACTS"}}
			for _, r := range resp.GetRecords() {
				rows = append(rows, []string{
					strconv.FormatInt(r.GetNumber(), 10), clock(r.GetAt()), r.GetPhase(), r.GetActor(), r.GetAct(), orDash(r.GetSubject()),
					orDash(r.GetOutcome()), orDash(r.GetReason()), factsText(r.GetFacts()),
				})
			}
			return a.table(rows)
		},
	}
	f.flags(c)
	c.Flags().Int32Var(&limit, "limit", 50, "how many records at most, 1 to 500")
	return c
}

// factsText writes facts as JSON, by name; nothing for none.
func factsText(facts map[string]string) string {
	if len(facts) == 0 {
		return ""
	}
	text, err := json.Marshal(facts)
	if err != nil {
		return "" // Texts can always be written.
	}
	return string(text)
}

func (a *app) auditVerifyCommand() *cobra.Command {
	var expect string
	c := &cobra.Command{
		Use: "verify", Short: "Walk the whole trail and check it; exit code 1 when anything is wrong", Args: exactly(0, ""),
		Long: `verify has the gateway walk the whole trail: numbers without gaps, the hash of each record, its link to the one before.

It prints the last record as NUMBER:HASH. Keep that where the gateway's operators cannot change it: given again with
--expect it proves that nothing up to there was rewritten since, even by someone who made all hashes anew.`,
		RunE: func(c *cobra.Command, _ []string) error {
			number, hash, err := parseHead(expect)
			if err != nil {
				return err
			}
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewAuditServiceClient(a.conn).VerifyAudit, &v1.VerifyAuditRequest{})
			if err != nil {
				return err
			}
			if expect != "" {
				if err := a.expectHead(c.Context(), resp, number, hash); err != nil {
					return err
				}
			}
			if err := a.showAuditReport(resp); err != nil {
				return err
			}
			if !resp.GetClean() {
				return ended{exitFailed, "not proven"}
			}
			return nil
		},
	}
	c.Flags().StringVar(&expect, "expect", "", "a NUMBER:HASH that verify printed before")
	return c
}

// parseHead reads NUMBER:HASH; zero for none.
func parseHead(text string) (number int64, hash string, err error) {
	if text == "" {
		return 0, "", nil
	}
	const hashLength = 64
	before, hash, found := strings.Cut(text, ":")
	number, err = strconv.ParseInt(before, 10, 64)
	if err != nil || !found || number < 1 || len(hash) != hashLength || strings.Trim(hash, "0123456789abcdef") != "" {
		return 0, "", usagef("--expect %q is not NUMBER:HASH as verify prints it", text)
	}
	return number, hash, nil
}

// expectHead adds a finding unless the record of a number has the hash.
func (a *app) expectHead(ctx context.Context, report *v1.VerifyAuditResponse, number int64, hash string) error {
	resp, err := call(ctx, a, "", v1.NewAuditServiceClient(a.conn).ListAuditRecords,
		&v1.ListAuditRecordsRequest{PageSize: 1, PageToken: strconv.FormatInt(number+1, 10)})
	if err != nil {
		return err
	}
	found := resp.GetRecords()
	switch {
	case number <= report.GetRecords() && (len(found) == 0 || found[0].GetNumber() != number):
		return fmt.Errorf("record %d is not one that this key sees; use a key with the scope operate", number)
	case len(found) == 0 || found[0].GetNumber() != number:
		report.Findings = append(report.Findings, fmt.Sprintf("record %d is gone: the trail has %d records", number, report.GetRecords()))
	case found[0].GetHash() != hash:
		report.Findings = append(report.Findings, fmt.Sprintf("record %d has another hash than it had: the trail was rewritten", number))
	}
	report.Clean = len(report.GetFindings()) == 0
	return nil
}

func (a *app) showAuditReport(r *v1.VerifyAuditResponse) error {
	if a.json {
		return a.showJSON(r)
	}
	if r.GetRecords() > 0 {
		fmt.Fprintf(a.out, "%d records, the last is %d:%s\n", r.GetRecords(), r.GetRecords(), r.GetHead())
	} else {
		fmt.Fprintln(a.out, "0 records")
	}
	for _, finding := range r.GetFindings() {
		fmt.Fprintln(a.out, "WRONG:", finding)
	}
	if r.GetClean() {
		fmt.Fprintln(a.out, "clean: no number is missing, every record has its hash and follows from the one before")
	}
	return nil
}

func (a *app) auditExportCommand() *cobra.Command {
	var f auditFilter
	var format string
	c := &cobra.Command{
		Use: "export --from … --until … --format csv|ndjson", Short: "Write records of the trail, newest first, for other programs", Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			req, err := f.request()
			if err != nil {
				return err
			}
			write, flush, err := auditWriter(format, a.out)
			if err != nil {
				return err
			}
			if err := a.connect(); err != nil {
				return err
			}
			const pageSize = 500
			for req.PageSize = pageSize; ; {
				resp, err := call(c.Context(), a, "", v1.NewAuditServiceClient(a.conn).ListAuditRecords, req)
				if err != nil {
					return err
				}
				for _, r := range resp.GetRecords() {
					if err := write(r); err != nil {
						return fmt.Errorf("write the export: %w", err)
					}
				}
				if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
					break
				}
			}
			if err := flush(); err != nil {
				return fmt.Errorf("write the export: %w", err)
			}
			return nil
		},
	}
	f.flags(c)
	c.Flags().StringVar(&format, "format", "ndjson", "csv, or ndjson: a JSON object a line")
	return c
}

// auditWriter writes records in a format.
func auditWriter(format string, out io.Writer) (write func(*v1.AuditRecord) error, flush func() error, err error) {
	switch format {
	case "ndjson":
		options := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}
		return func(r *v1.AuditRecord) error {
			text, err := options.Marshal(r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(out, "%s\n", text)
			return err
		}, func() error { return nil }, nil
	case "csv":
		w := csv.NewWriter(out)
		header := []string{
			"number", "at", "phase", "intent_number", "actor_kind", "actor_id", "actor", "act", "subject", "outcome", "reason", "facts", "request_id", "hash",
		}
		begun := false
		begin := func() error {
			if begun {
				return nil
			}
			begun = true
			return w.Write(header)
		}
		return func(r *v1.AuditRecord) error {
				if err := begin(); err != nil {
					return err
				}
				return w.Write([]string{
					strconv.FormatInt(r.GetNumber(), 10), r.GetAt().AsTime().Format(time.RFC3339Nano), r.GetPhase(), strconv.FormatInt(r.GetIntentNumber(), 10),
					r.GetActorKind(), r.GetActorId(), cell(r.GetActor()), cell(r.GetAct()), cell(r.GetSubject()), r.GetOutcome(), r.GetReason(),
					factsText(r.GetFacts()), cell(r.GetRequestId()), r.GetHash(),
				})
			}, func() error {
				if err := begin(); err != nil {
					return err
				}
				w.Flush()
				return w.Error()
			}, nil
	}
	return nil, nil, usagef("--format is csv or ndjson, not %q", format)
}

// cell keeps a text from being taken for a formula by a program of sheets, which
// passes over spaces and takes wide signs for narrow ones.
func cell(text string) string {
	if begin := strings.TrimLeft(text, " \u00a0"); begin != "" && strings.ContainsRune("=+-@\t\r\n|＝＋－＠", []rune(begin)[0]) {
		return "'" + text
	}
	return text
}
