package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// showError explains an error and names what mends it.
func (a *app) showError(err error) {
	st, fromGateway := status.FromError(unwrapStatus(err))
	if !fromGateway {
		fmt.Fprintf(a.errOut, "remit: %v\n", err)
		return
	}
	var info *errdetails.ErrorInfo
	for _, d := range st.Details() {
		if i, ok := d.(*errdetails.ErrorInfo); ok {
			info = i
		}
	}
	if info == nil && st.Code() == codes.Unavailable {
		fmt.Fprintf(a.errOut, "remit: no gateway answers at %s; start it with `remitd dev`, or set REMIT_GRPC and REMIT_API_KEY to one that runs\n", a.address)
		return
	}
	fmt.Fprintf(a.errOut, "remit: %s", st.Message())
	if info != nil {
		fmt.Fprintf(a.errOut, " (%s)", info.GetReason())
	}
	fmt.Fprintln(a.errOut)
	for _, d := range st.Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				if v.GetDescription() != st.Message() {
					fmt.Fprintf(a.errOut, "  %s: %s\n", v.GetField(), v.GetDescription())
				}
			}
		}
	}
	switch info.GetMetadata()["what_to_do"] {
	case "retry":
		again := ""
		if a.idempotencyKey != "" {
			again = " with --idempotency-key " + a.idempotencyKey
		}
		fmt.Fprintf(a.errOut, "  Try again later%s.\n", again)
	case "contact":
		fmt.Fprintf(a.errOut, "  Ask the operator and quote request id %s.\n", info.GetMetadata()["request_id"])
	}
}

// unwrapStatus finds the error that carries a gRPC status, under any wrapping.
func unwrapStatus(err error) error {
	var carrier interface {
		error
		GRPCStatus() *status.Status
	}
	if errors.As(err, &carrier) {
		return carrier
	}
	return err
}

// showJSON writes a message as indented JSON, by the names of the contract.
func (a *app) showJSON(m proto.Message) error {
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	fmt.Fprintln(a.out, indented.String())
	return nil
}

// showJSONLine writes a message as JSON on one line.
func (a *app) showJSONLine(m proto.Message) error {
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	fmt.Fprintln(a.out, line.String())
	return nil
}

// table writes rows in columns, the first row as their heads.
func (a *app) table(rows [][]string) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// money writes an amount for people: "PHP 11,220.50".
func money(m *v1.Money) string {
	if m == nil {
		return "—"
	}
	whole, fraction, hasFraction := strings.Cut(m.GetAmount(), ".")
	sign := ""
	if digits, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", digits
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	code, _, _ := strings.Cut(m.GetCurrency(), "_") // USDC_STELLAR reads USDC: the line names the rail.
	return code + " " + sign + whole
}

// clock writes a moment in local time.
func clock(t *timestamppb.Timestamp) string {
	if t == nil {
		return "—"
	}
	return t.AsTime().Local().Format("2006-01-02 15:04:05")
}

// span writes how long something takes, in words.
func span(seconds int32) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", seconds)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	default:
		return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
	}
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
