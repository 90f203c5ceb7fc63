package compliance

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/openremit/remit"
)

// AuditPhase says when in an act a record was written.
type AuditPhase string

// The phases.
const (
	// AuditIntent is written before an act is tried.
	AuditIntent AuditPhase = "intent"
	// AuditResult is written after it.
	AuditResult AuditPhase = "result"
	// AuditFact is what needs no intent: a refused sign-in, a look at a file.
	AuditFact AuditPhase = "fact"
)

// AuditOutcome is how an act ended.
type AuditOutcome string

// The outcomes.
const (
	// AuditDone: it took effect.
	AuditDone AuditOutcome = "done"
	// AuditRefused: it was not allowed or not possible, and has no effect.
	AuditRefused AuditOutcome = "refused"
	// AuditFailed: something broke; whether it took effect is not known.
	AuditFailed AuditOutcome = "failed"
)

// AuditEntry is what is to be written into the trail.
type AuditEntry struct {
	// TenantID is empty for what belongs to no tenant.
	TenantID remit.TenantID
	Phase    AuditPhase
	// Intent is the number of a result's intent, 0 otherwise.
	Intent int64
	Actor  Actor
	// Act names what was done, such as case.decide.
	Act string
	// Subject is the id of what it was about, or empty.
	Subject string
	Outcome AuditOutcome
	Reason  remit.Reason
	// Facts are small and never personal data.
	Facts     map[string]string
	RequestID string
}

// AuditHash is the SHA-256 of a record.
type AuditHash [sha256.Size]byte

// String writes the hash in hex.
func (h AuditHash) String() string { return hex.EncodeToString(h[:]) }

// AuditRecord is one record of the trail.
type AuditRecord struct {
	AuditEntry
	// Number is 1, 2, 3… without gaps.
	Number int64
	At     time.Time
	// Prev is the hash of the record before, zero for the first.
	Prev AuditHash
	Hash AuditHash
}

// auditVersion starts what is hashed, so that another form of it could follow.
const auditVersion = "remit audit record v1"

// ChainAudit makes the record that follows the one with a number and hash. The
// time is cut to microseconds, as it is stored.
func ChainAudit(lastNumber int64, lastHash AuditHash, e AuditEntry, at time.Time) AuditRecord {
	r := AuditRecord{AuditEntry: e, Number: lastNumber + 1, At: at.UTC().Truncate(time.Microsecond), Prev: lastHash}
	r.Hash = r.computed()
	return r
}

// computed is the hash that the record should have: over the version, the hash
// before, and every field, each text preceded by its length and the facts by
// their count, in the order of their names.
func (r AuditRecord) computed() AuditHash {
	var b []byte
	number := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) }
	text := func(s string) {
		number(int64(len(s)))
		b = append(b, s...)
	}
	text(auditVersion)
	b = append(b, r.Prev[:]...)
	number(r.Number)
	number(r.At.UnixMicro())
	number(r.Intent)
	for _, s := range []string{
		string(r.TenantID), string(r.Phase), string(r.Actor.Kind), r.Actor.ID, r.Actor.Name, r.Act, r.Subject,
		string(r.Outcome), string(r.Reason), r.RequestID,
	} {
		text(s)
	}
	number(int64(len(r.Facts)))
	for _, name := range slices.Sorted(maps.Keys(r.Facts)) {
		text(name)
		text(r.Facts[name])
	}
	return sha256.Sum256(b)
}

// AuditReport is what a walk of the trail found.
type AuditReport struct {
	// Records is how many were walked, Head the hash of the last.
	Records int64
	Head    AuditHash
	// Findings say what is wrong, by numbers of records only.
	Findings []string
}

// Clean reports whether nothing is wrong.
func (r AuditReport) Clean() bool { return len(r.Findings) == 0 }

// maxAuditFindings bounds the findings that are listed.
const maxAuditFindings = 100

// AuditVerifier checks records one by one, in the order of their numbers, in
// constant memory.
type AuditVerifier struct {
	report  AuditReport
	number  int64
	skipped int
}

// Add checks the next record.
func (v *AuditVerifier) Add(r AuditRecord) {
	if r.Number != v.number+1 {
		v.Finding("after record %d comes %d: records are missing or were added", v.number, r.Number)
	}
	if r.Prev != v.report.Head {
		v.Finding("record %d does not follow from the one before", r.Number)
	}
	if r.Hash != r.computed() {
		v.Finding("record %d was changed: its hash does not match its content", r.Number)
	}
	if bad := r.Phase == AuditResult && (r.Intent < 1 || r.Intent >= r.Number) || r.Phase != AuditResult && r.Intent != 0; bad {
		v.Finding("record %d names record %d as its intent", r.Number, r.Intent)
	}
	v.report.Records++
	v.number, v.report.Head = r.Number, r.Hash
}

// Finding adds something that is wrong.
func (v *AuditVerifier) Finding(format string, args ...any) {
	if len(v.report.Findings) >= maxAuditFindings {
		v.skipped++
		return
	}
	v.report.Findings = append(v.report.Findings, fmt.Sprintf(format, args...))
}

// Ends checks that the trail ends with the record that was kept as the last.
func (v *AuditVerifier) Ends(number int64, hash AuditHash) {
	if number != v.number || hash != v.report.Head {
		v.Finding("the trail ends with record %d, the last one written was %d: records are missing, were added or changed", v.number, number)
	}
}

// Report returns what was found.
func (v *AuditVerifier) Report() AuditReport {
	out := v.report
	if v.skipped > 0 {
		out.Findings = append(slices.Clone(out.Findings), fmt.Sprintf("%d more findings are not listed", v.skipped))
	}
	return out
}
