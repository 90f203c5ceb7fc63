package compliance_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

var update = flag.Bool("update", false, "write the generated part of docs/cases.md anew")

// staff are the people of the table of acts.
var staff = map[string]compliance.Person{
	"analyst": {Actor: compliance.Actor{ID: "stf_analyst", Name: "analyst"}, Works: true},
	"officer": {Actor: compliance.Actor{ID: "stf_officer", Name: "officer"}, Works: true, Decides: true},
	"mlro":    {Actor: compliance.Actor{ID: "stf_mlro", Name: "mlro"}, Works: true, Decides: true, Blocks: true},
	"auditor": {Actor: compliance.Actor{ID: "stf_auditor", Name: "auditor"}},
}

var roles = []string{"analyst", "officer", "mlro", "auditor"}

// fileIn makes a case with a hit that stands somewhere.
func fileIn(t *testing.T, status compliance.CaseStatus) *compliance.Case {
	t.Helper()
	c := &compliance.Case{ID: "cas_x", Status: compliance.CaseOpen, RemittanceID: "rem_x", CustomerID: "cus_x", OpenedAt: noon}
	c.Add(compliance.NewAlert{
		Key: "k", Kind: compliance.CaseKindGate, Gate: compliance.GateRelease, Outcome: compliance.OutcomeReview,
		Hits: []compliance.Hit{{Key: "h", Role: compliance.RoleOriginator}},
	}, compliance.ServiceLevels{}, noon)
	first := compliance.Person{Actor: compliance.Actor{ID: "stf_first", Name: "first"}, Works: true, Decides: true, Blocks: true}
	decide := func(p compliance.Person, decision compliance.CaseStatus) {
		v := compliance.Verdict{Decision: decision, Note: "so it is"}
		if decision == compliance.CaseUnblocked {
			v.Licence = "L-1"
		}
		if err := c.Decide(p, v, compliance.ServiceLevels{}, noon); err != nil {
			t.Fatal(err)
		}
	}
	switch status {
	case compliance.CaseWaiting:
		if err := c.Ask(first, "who?", time.Hour, noon); err != nil {
			t.Fatal(err)
		}
	case compliance.CasePending:
		decide(first, compliance.CaseApproved)
	case compliance.CaseApproved:
		decide(first, compliance.CaseApproved)
		decide(staff["officer"], compliance.CaseApproved)
	case compliance.CaseRejected:
		decide(first, compliance.CaseRejected)
	case compliance.CaseBlocked, compliance.CaseUnblocked:
		decide(first, compliance.CaseBlocked)
		c.MoneyBlocked = true
		if status == compliance.CaseUnblocked {
			decide(first, compliance.CaseUnblocked)
			decide(staff["mlro"], compliance.CaseUnblocked)
		}
	default:
	}
	if c.Status != status {
		t.Fatalf("the case is %s, want %s", c.Status, status)
	}
	return c
}

// statuses lists where a case can stand.
var statuses = []compliance.CaseStatus{
	compliance.CaseOpen, compliance.CaseWaiting, compliance.CasePending, compliance.CaseApproved, compliance.CaseRejected,
	compliance.CaseBlocked, compliance.CaseUnblocked,
}

// table says who may do what, by where a case with a hit stands.
func table(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| act |")
	for _, status := range statuses {
		fmt.Fprintf(&b, " %s |", status)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(statuses)) + "\n")
	row := func(act compliance.Act, who func(c *compliance.Case, role string) bool) {
		fmt.Fprintf(&b, "| `%s` |", act)
		for _, status := range statuses {
			c := fileIn(t, status)
			c.PayoutOut = act == compliance.ActFreeze
			if act == compliance.ActPutBack && !status.Decided() {
				c.Lock = compliance.Lock{By: staff["officer"].Actor, Until: noon.Add(time.Minute)}
			}
			var may []string
			for _, role := range roles {
				if who(c, role) {
					may = append(may, role)
				}
			}
			if act == compliance.ActPutBack && len(may) > 0 {
				may = []string{"who holds it"}
			}
			fmt.Fprintf(&b, " %s |", strings.Join(may, ", "))
		}
		b.WriteString("\n")
	}
	for _, act := range compliance.Acts() {
		row(act, func(c *compliance.Case, role string) bool { return c.Check(act, staff[role], noon) == nil })
	}
	return b.String()
}

// TestActsDocument keeps the table in docs/cases.md true.
func TestActsDocument(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../docs/cases.md", "<!-- acts: go test ./compliance -run TestActsDocument -update -->\n", "<!-- end of acts -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table of acts", path)
	}
	want := before + begin + "\n" + table(t) + "\n" + end + after
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s does not say who may do what; run go test ./compliance -run TestActsDocument -update\n%s", path, table(t))
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNobodyDecidesAlone tries every way in which one person might let money go.
func TestNobodyDecidesAlone(t *testing.T) {
	t.Parallel()
	one := staff["mlro"]
	renamed := one
	renamed.Name = "somebody else"
	for _, decision := range []compliance.CaseStatus{compliance.CaseApproved, compliance.CaseUnblocked} {
		c := fileIn(t, compliance.CaseOpen)
		if decision == compliance.CaseUnblocked {
			c = fileIn(t, compliance.CaseBlocked)
		}
		for _, p := range []compliance.Person{one, one, renamed} {
			if err := c.Decide(p, compliance.Verdict{Decision: decision, Note: "again", Licence: map[bool]string{true: "L-1"}[decision == compliance.CaseUnblocked]},
				compliance.ServiceLevels{}, noon); err != nil {
				t.Fatal(err)
			}
			if c.Status != compliance.CasePending {
				t.Fatalf("one person made it %s", c.Status)
			}
		}
		if err := c.Return(renamed, "no", 0, noon); remit.ReasonOf(err) != remit.ReasonSecondPerson {
			t.Errorf("return of one's own proposal: %v", err)
		}
		if err := c.Take(renamed, noon); remit.ReasonOf(err) != remit.ReasonSecondPerson {
			t.Errorf("take of one's own proposal: %v", err)
		}
	}
	noHits := &compliance.Case{ID: "cas_x", Status: compliance.CaseOpen, RemittanceID: "rem_x"}
	noHits.Add(compliance.NewAlert{Kind: compliance.CaseKindGate}, compliance.ServiceLevels{}, noon)
	if err := noHits.Decide(staff["officer"], compliance.Verdict{Decision: compliance.CaseApproved, Note: "fine"}, compliance.ServiceLevels{}, noon); err != nil ||
		noHits.Status != compliance.CaseApproved || noHits.Inbox != compliance.InboxReview {
		t.Errorf("without hits: %s, %v", noHits.Status, err)
	}
	escalated := fileIn(t, compliance.CaseOpen)
	if err := escalated.Escalate(staff["analyst"], "big", compliance.ServiceLevels{}, noon); err != nil {
		t.Fatal(err)
	}
	approve := compliance.Verdict{Decision: compliance.CaseApproved, Note: "fine"}
	if err := escalated.Decide(staff["officer"], approve, compliance.ServiceLevels{}, noon); remit.KindOf(err) != remit.KindForbidden {
		t.Errorf("an officer decided first what was escalated: %v", err)
	}
	for i, role := range []string{"mlro", "officer"} {
		if err := escalated.Decide(staff[role], approve, compliance.ServiceLevels{}, noon); err != nil || (i == 1) != (escalated.Status == compliance.CaseApproved) {
			t.Errorf("%s: the case is %s, %v", role, escalated.Status, err)
		}
	}
	if err := fileIn(t, compliance.CaseOpen).Decide(staff["analyst"], compliance.Verdict{Decision: compliance.CaseRejected, Note: "no"}, compliance.ServiceLevels{}, noon); remit.KindOf(err) != remit.KindForbidden {
		t.Errorf("an analyst decided: %v", err)
	}
}

// TestCaseClock watches the clock of a case run, stand and run out.
func TestCaseClock(t *testing.T) {
	t.Parallel()
	c := fileIn(t, compliance.CaseOpen)
	check := func(after time.Duration, standing compliance.CaseStanding, left, stopped time.Duration) {
		t.Helper()
		s, l, st := c.Clock(noon.Add(after))
		if s != standing || l != left || st != stopped {
			t.Errorf("after %s: got %s with %s left, stopped for %s; want %s, %s, %s", after, s, l, st, standing, left, stopped)
		}
	}
	check(0, compliance.StandingGood, 4*time.Hour, 0)
	check(3*time.Hour, compliance.StandingGood, time.Hour, 0)
	check(3*time.Hour+time.Second, compliance.StandingAttention, time.Hour-time.Second, 0)
	check(4*time.Hour, compliance.StandingLate, 0, 0)
	if err := c.Ask(staff["officer"], "who?", 48*time.Hour, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	check(20*time.Hour, compliance.StandingStopped, 3*time.Hour, 19*time.Hour)
	if err := c.Escalate(staff["officer"], "big", compliance.ServiceLevels{MLRO: 2 * time.Hour}, noon.Add(21*time.Hour)); err != nil {
		t.Fatal(err)
	}
	check(30*time.Hour, compliance.StandingStopped, 2*time.Hour, 29*time.Hour)
	if c.Lapse(noon.Add(48 * time.Hour)) {
		t.Error("the question lapsed before its deadline")
	}
	if !c.Lapse(noon.Add(100*time.Hour)) || c.Lapse(noon.Add(100*time.Hour)) {
		t.Error("the question did not lapse once")
	}
	check(50*time.Hour, compliance.StandingGood, time.Hour, 48*time.Hour)
}

// pictures are whole small pictures.
func pictures(t *testing.T) (jpg, pngs []byte) {
	t.Helper()
	var j, p bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	if err := jpeg.Encode(&j, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, m); err != nil {
		t.Fatal(err)
	}
	return j.Bytes(), p.Bytes()
}

// TestDocuments takes what is what its name says, and refuses the rest.
func TestDocuments(t *testing.T) {
	t.Parallel()
	jpg, pngs := pictures(t)
	pdf := []byte("%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n")
	zip := "PK\x05\x06" + strings.Repeat("\x00", 18)
	join := func(parts ...any) []byte { return []byte(fmt.Sprintf(strings.Repeat("%s", len(parts)), parts...)) }
	for name, tt := range map[string]struct {
		file    string
		content []byte
		want    string
		as      string
	}{
		"pdf": {"a.pdf", pdf, "application/pdf", "a.pdf"}, "jpeg": {"a.JPG", jpg, "image/jpeg", "a.JPG"}, "png": {"a.png", pngs, "image/png", "a.png"},
		"text": {"a.txt", []byte("Müller wohnt hier.\n"), "text/plain", "a.txt"}, "no ending": {"passport", jpg, "image/jpeg", "passport.jpg"},
		"folders": {`..\..\etc/pass wd.txt`, []byte("x y"), "text/plain", "pass wd.txt"}, "no name": {"...", []byte("x"), "text/plain", "document.txt"},
		"turned name": {"exe\u202efdp.txt\x00", []byte("x"), "text/plain", "exefdp.txt"}, "quotes": {`a"b<c>.txt`, []byte("x"), "text/plain", "abc.txt"},
		"program named pdf": {"a.pdf", []byte("MZ\x90\x00\x03\x00\x00\x00"), "", ""}, "elf": {"a.txt", []byte("\x7fELF\x02\x01\x01"), "", ""},
		"html": {"a.txt", []byte("<!DOCTYPE html><p>hi"), "", ""}, "html later": {"a.txt", []byte("hello\n<ScRiPt>alert(1)</script>"), "", ""},
		"svg": {"a.txt", []byte(`hello <svg onload="x">`), "", ""}, "svg named png": {"a.png", []byte(`<svg xmlns="x">`), "", ""},
		"script": {"a.txt", []byte("#!/bin/sh\nrm -rf"), "", ""}, "not utf-8": {"a.txt", []byte("caf\xe9"), "", ""}, "control": {"a.txt", []byte("a\x1b[31mb"), "", ""},
		"zip": {"a.pdf", []byte("PK\x03\x04rest"), "", ""}, "gif": {"a.png", []byte("GIF89a"), "", ""}, "empty": {"a.txt", nil, "", ""},
		"pdf named jpg": {"a.jpg", pdf, "", ""}, "jpeg named exe": {"a.jpg.exe", jpg, "", ""}, "pdf without end": {"a.pdf", []byte("%PDF-1.7\nbody"), "", ""},
		"pdf and more": {"a.pdf", join(pdf, "MZ program"), "", ""}, "pdf and zip": {"a.pdf", join(pdf, zip), "", ""},
		"pdf in a zip's comment": {"a.pdf", join("%PDF-1.7\n", "PK\x05\x06", strings.Repeat("\x00", 16), "\x06\x00", "%%EOF\n"), "", ""},
		"jpeg and more":          {"a.jpg", join(jpg, "<html>"), "", ""}, "jpeg cut": {"a.jpg", jpg[:len(jpg)-2], "", ""}, "jpeg head only": {"a.jpg", []byte("\xff\xd8\xff\xe0\xff\xd9"), "", ""},
		"png and more": {"a.png", join(pngs, "<html>"), "", ""}, "png cut": {"a.png", pngs[:len(pngs)-8], "", ""}, "png and zip": {"a.png", join(pngs, zip), "", ""},
		"too large": {"a.txt", bytes.Repeat([]byte("x"), compliance.MaxDocumentBytes+1), "", ""}, "long name": {strings.Repeat("x", 201) + ".txt", []byte("x"), "", ""},
	} {
		doc, err := compliance.ReadDocument("doc_x", tt.file, tt.content)
		if tt.want == "" {
			if remit.ReasonOf(err) != remit.ReasonAttachmentRefused || remit.KindOf(err) != remit.KindInvalid {
				t.Errorf("%s: got %q as %s, %v; want it refused", name, doc.Name, doc.MediaType, err)
			}
			continue
		}
		if err != nil || doc.MediaType != tt.want || doc.Name != tt.as || doc.Size != int64(len(tt.content)) || len(doc.SHA256) != 64 {
			t.Errorf("%s: got %q as %s, %v; want %q as %s", name, doc.Name, doc.MediaType, err, tt.as, tt.want)
		}
	}
}

// FuzzDocuments: whatever comes, it is refused, or named after what it is.
func FuzzDocuments(f *testing.F) {
	f.Add("a.pdf", []byte("%PDF-1.7\n%%EOF"))
	f.Add("a.txt", []byte("hello"))
	f.Add("a.png", []byte("\x89PNG\x0d\x0a\x1a\x0a\x00\x00\xff\xff"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		doc, err := compliance.ReadDocument("doc_x", name, content)
		if err != nil {
			if remit.ReasonOf(err) != remit.ReasonAttachmentRefused {
				t.Fatal(err)
			}
			return
		}
		if strings.ContainsAny(doc.Name, "/\\\x00\n") || doc.Name == "" || !slices.Contains([]string{"application/pdf", "image/jpeg", "image/png", "text/plain"}, doc.MediaType) {
			t.Fatalf("took %q as %s", doc.Name, doc.MediaType)
		}
	})
}

// TestRejectedIntoBlocked returns by licence what a rejection blocked, as it did
// in earlier releases: by two persons, and to being rejected where the second
// one disagrees. It hid because only what is decided as blocked was asked about.
func TestRejectedIntoBlocked(t *testing.T) {
	t.Parallel()
	licence := compliance.Verdict{Decision: compliance.CaseUnblocked, Note: "the authority agreed", Licence: "L-1"}
	mlro, other := staff["mlro"], staff["mlro"]
	other.ID = "stf_other"
	c := fileIn(t, compliance.CaseRejected)
	c.Kind, c.Gate = compliance.CaseKindGate, compliance.GateRelease
	if err := c.Decide(mlro, licence, compliance.ServiceLevels{}, noon); remit.ReasonOf(err) != remit.ReasonCaseNotPending {
		t.Fatalf("while no money is blocked: %v", err)
	}
	c.MoneyBlocked = true
	if err := c.Decide(staff["officer"], licence, compliance.ServiceLevels{}, noon); remit.ReasonOf(err) != remit.ReasonForbidden {
		t.Fatalf("by an officer: %v", err)
	}
	for _, end := range []compliance.CaseStatus{compliance.CaseRejected, compliance.CaseUnblocked} {
		if err := c.Decide(mlro, licence, compliance.ServiceLevels{}, noon); err != nil || c.Status != compliance.CasePending {
			t.Fatalf("proposed: %s, %v", c.Status, err)
		}
		var err error
		if end == compliance.CaseRejected {
			err = c.Return(other, "the licence is for another", 0, noon)
		} else {
			err = c.Decide(other, licence, compliance.ServiceLevels{}, noon)
		}
		if err != nil || c.Status != end {
			t.Fatalf("the case is %s, %v; want %s", c.Status, err, end)
		}
	}
	intake := fileIn(t, compliance.CaseRejected)
	intake.Kind, intake.Gate, intake.MoneyBlocked = compliance.CaseKindGate, compliance.GateIntake, true
	if err := intake.Decide(mlro, licence, compliance.ServiceLevels{}, noon); remit.ReasonOf(err) != remit.ReasonCaseNotPending {
		t.Errorf("a rejection at intake: %v", err)
	}
}
