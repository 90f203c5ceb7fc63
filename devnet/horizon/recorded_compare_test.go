package horizon_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// varies are the keys whose values differ from run to run or from network to network; only that they are there, and
// what kind of value they have, is compared.
var varies = regexp.MustCompile(`_xdr$|^(hash|id|paging_token|prev_hash|ledger|signatures|created_at|closed_at|max_time|` +
	`source_account_sequence|min_account_sequence|sequence|sequence_ledger|sequence_time|last_modified_ledger|last_modified_time|` +
	`transaction_hash|fee_pool|header_xdr|successful_transaction_count|operation_count_of_ledger|last_ledger|` +
	`ledger_capacity_usage|horizon_version|core_version|ingest_latest_ledger|history_latest_ledger|` +
	`history_latest_ledger_closed_at|history_elder_ledger|core_latest_ledger|supported_protocol_version|balance_id)$`)

var numbers = regexp.MustCompile(`[0-9a-f]{64,72}|\b\d{2,}\b`)

func (c *replay) compare(where string, step recordedStep, got answered) {
	c.t.Helper()
	want := step.Answer
	if got.status != want.Status || got.contentType != want.ContentType {
		c.t.Errorf("%s: got %d %s, want %d %s\n%s", where, got.status, got.contentType, want.Status, want.ContentType, got.body)
		return
	}
	if want.BodyText != "" {
		c.compareEvents(where, string(got.body), want.BodyText)
		return
	}
	var g, w any
	if err := json.Unmarshal(got.body, &g); err != nil {
		c.t.Errorf("%s: body is no JSON: %v: %s", where, err, got.body)
		return
	}
	if err := json.Unmarshal(want.Body, &w); err != nil {
		c.t.Fatal(err)
	}
	c.same(where, "", g, w)
	if step.Result != nil {
		c.compareResult(where, step, g)
	}
}

// same compares two JSON values, without what varies.
func (c *replay) same(where, path string, got, want any) {
	c.t.Helper()
	key := path[strings.LastIndex(path, "/")+1:]
	if g, ok := got.(map[string]any); ok {
		w, _ := want.(map[string]any)
		gotKeys, wantKeys := slices.Sorted(maps.Keys(g)), slices.Sorted(maps.Keys(w))
		if !slices.Equal(gotKeys, wantKeys) {
			c.t.Errorf("%s%s: got keys %v, want %v", where, path, gotKeys, wantKeys)
			return
		}
		for _, k := range gotKeys {
			if k == "friendbot" { // a service of its own there, a path here
				continue
			}
			c.same(where, path+"/"+k, g[k], w[k])
		}
		return
	}
	g, ok := got.([]any)
	if w, both := want.([]any); ok && both && key != "signatures" {
		if len(g) != len(w) {
			c.t.Errorf("%s%s: got %d entries, want %d", where, path, len(g), len(w))
			return
		}
		for i := range g {
			c.same(where, fmt.Sprintf("%s/%d", path, i), g[i], w[i])
		}
		return
	}
	if varies.MatchString(key) || strings.Contains(path, "/_embedded/records/0/operation_count") || c.rec.ID == "get-ledger-last" && strings.HasSuffix(key, "_count") {
		if reflect.TypeOf(got) != reflect.TypeOf(want) {
			c.t.Errorf("%s%s: got %T, want %T", where, path, got, want)
		}
		return
	}
	if key == "href" {
		got, want = shape(got), shape(want)
	}
	if !reflect.DeepEqual(got, want) {
		c.t.Errorf("%s%s: got %v, want %v", where, path, got, want)
	}
}

// shape is a link without its host, its numbers and its hashes.
func shape(href any) any {
	text, _ := href.(string)
	if _, rest, ok := strings.Cut(text, "://"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		text = "/" + rest
	}
	return numbers.ReplaceAllString(text, "N")
}

var codeNames = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func codeName(code xdr.TransactionResultCode) string {
	text := strings.TrimPrefix(code.String(), "TransactionResultCode")
	return strings.ToLower(codeNames.ReplaceAllString(text, "${1}_$2"))
}

// compareResult compares what the result XDR says.
func (c *replay) compareResult(where string, step recordedStep, body any) {
	c.t.Helper()
	fields, _ := body.(map[string]any)
	text, ok := fields["result_xdr"].(string)
	if !ok {
		text, ok = fields["error_result_xdr"].(string)
	}
	if extras, is := fields["extras"].(map[string]any); is && !ok {
		text, _ = extras["result_xdr"].(string)
	}
	var r xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(text, &r); err != nil {
		c.t.Errorf("%s: decode result: %v", where, err)
		return
	}
	inner := ""
	if r.Result.InnerResultPair != nil {
		inner = codeName(r.Result.InnerResultPair.Result.Result.Code)
	}
	if got := codeName(r.Result.Code); got != step.Result.Code || inner != step.Result.Inner || int64(r.FeeCharged) != step.Result.Fee {
		c.t.Errorf("%s: got result %s (%s) fee %d, want %s (%s) fee %d", where, got, inner, r.FeeCharged,
			step.Result.Code, step.Result.Inner, step.Result.Fee)
	}
}

// compareEvents compares event streams, event by event.
func (c *replay) compareEvents(where, got, want string) {
	c.t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(g) != len(w) {
		c.t.Errorf("%s: got %d lines, want %d:\n%s", where, len(g), len(w), got)
		return
	}
	for i := range g {
		var gv, wv any
		gd, isData := strings.CutPrefix(g[i], "data: {")
		wd, _ := strings.CutPrefix(w[i], "data: {")
		if isData && json.Unmarshal([]byte("{"+gd), &gv) == nil && json.Unmarshal([]byte("{"+wd), &wv) == nil {
			c.same(where, fmt.Sprintf("/line %d", i), gv, wv)
			continue
		}
		if gs, ws := shape(g[i]), shape(w[i]); gs != ws {
			c.t.Errorf("%s: line %d: got %q, want %q", where, i, gs, ws)
		}
	}
}

// compareAfter compares what the case did to its actors.
func (c *replay) compareAfter(before, after map[string]*protocol.Account) {
	c.t.Helper()
	for name, want := range c.rec.After {
		b, a := before[name], after[name]
		if want.Exists != nil {
			got := change{Before: fmt.Sprint(b != nil), After: fmt.Sprint(a != nil)}
			if got != *want.Exists {
				c.t.Errorf("%s exists: got %v, want %v", name, got, *want.Exists)
			}
		}
		if want.Advanced != nil && (a == nil || b == nil || a.Sequence-b.Sequence != *want.Advanced) {
			c.t.Errorf("%s: sequence did not advance by %d", name, *want.Advanced)
		}
		for asset, amounts := range want.Balances {
			if got := (change{Before: held(b, asset), After: held(a, asset)}); got != amounts {
				c.t.Errorf("%s %s: got %v, want %v", name, asset, got, amounts)
			}
		}
	}
}

func held(a *protocol.Account, code string) string {
	if a == nil {
		return ""
	}
	for _, b := range a.Balances {
		if b.Code == code || code == "native" && b.Type == "native" {
			return b.Balance
		}
	}
	return ""
}
