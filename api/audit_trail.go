package api

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// auditUnary writes an act into the trail: the intent before it is tried, the
// result after. An act whose intent cannot be written is not tried; one whose
// result cannot be written is answered all the same, and its intent without a
// result shows the gap.
func (s *Server) auditUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	r, ok := audited[info.FullMethod]
	if !ok || r.look && callOf(ctx).session == nil {
		return handler(ctx, req)
	}
	e := s.auditEntry(ctx, r, req)
	if r.look {
		e.Phase, e.Outcome = compliance.AuditFact, compliance.AuditDone
	}
	number, err := s.store.AppendAudit(ctx, e)
	if err != nil {
		return nil, remit.Wrap(err, remit.KindUnavailable, remit.ReasonUnavailable,
			"this cannot be written into the audit trail now, so it was not done; try again")
	}
	if r.look {
		return handler(ctx, req)
	}
	e.Phase, e.Intent, e.Outcome = compliance.AuditResult, number, compliance.AuditFailed
	e.Reason = remit.ReasonInternal
	// A panic passes through here and is recorded as failed.
	defer func() {
		keepCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
		defer cancel()
		if _, err := s.store.AppendAudit(keepCtx, e); err != nil {
			s.log.ErrorContext(ctx, "write the result of an act into the audit trail", "request_id", callOf(ctx).requestID,
				"intent", number, "error", err.Error())
		}
	}()
	within := &auditTold{act: r.act}
	resp, err = handler(context.WithValue(ctx, auditToldKey{}, within), req)
	e.Outcome, e.Reason = outcomeOf(err)
	if err == nil {
		e = within.add(toldBy(e, r, resp))
	}
	return resp, err
}

// auditRefused writes that a caller tried what they may not do.
func (s *Server) auditRefused(ctx context.Context, method string, req any, refused error) {
	r, ok := audited[method]
	if !ok || remit.KindOf(refused) != remit.KindForbidden {
		return
	}
	e := s.auditEntry(ctx, r, req)
	e.Phase, e.Outcome, e.Reason = compliance.AuditFact, compliance.AuditRefused, remit.ReasonOf(refused)
	if _, err := s.store.AppendAudit(ctx, e); err != nil {
		// The act is refused whether or not that can be written.
		s.log.ErrorContext(ctx, "write a refusal into the audit trail", "request_id", callOf(ctx).requestID, "error", err.Error())
	}
}

// outcomeOf sorts how a call ended. After an error of ours it is not known
// whether the act took effect.
func outcomeOf(err error) (compliance.AuditOutcome, remit.Reason) {
	if err == nil {
		return compliance.AuditDone, ""
	}
	e := public(err)
	if e.Kind == remit.KindInternal || e.Kind == remit.KindUnavailable {
		return compliance.AuditFailed, e.Reason
	}
	return compliance.AuditRefused, e.Reason
}

// auditEntry is the intent of a call.
func (s *Server) auditEntry(ctx context.Context, r auditRule, req any) compliance.AuditEntry {
	c := callOf(ctx)
	e := compliance.AuditEntry{
		TenantID: c.caller.TenantID, Phase: compliance.AuditIntent, Actor: actorOf(c.caller), Act: r.act, RequestID: c.requestID,
	}
	message, ok := req.(proto.Message)
	if !ok {
		return e
	}
	if r.self {
		e.Subject = e.Actor.ID
	} else if r.subject != "" {
		e.Subject, _ = auditValue(message.ProtoReflect(), r.subject)
	}
	e.Facts = auditFacts(nil, message, r.facts)
	return e
}

// toldBy adds to a result what the answer told.
func toldBy(e compliance.AuditEntry, r auditRule, resp any) compliance.AuditEntry {
	message, ok := resp.(proto.Message)
	if !ok {
		return e
	}
	if r.made != "" {
		e.Subject, _ = auditValue(message.ProtoReflect(), r.made)
	}
	e.Facts = auditFacts(e.Facts, message, r.told)
	return e
}

// auditFacts adds the fields of a message that are set.
func auditFacts(facts map[string]string, message proto.Message, paths []string) map[string]string {
	out := make(map[string]string, len(facts)+len(paths))
	for name, value := range facts {
		out[name] = value
	}
	for _, path := range paths {
		if value, ok := auditValue(message.ProtoReflect(), path); ok {
			out[path[strings.LastIndexByte(path, '.')+1:]] = value
		}
	}
	return out
}

// maxAuditValue bounds what of a request goes into the trail.
const maxAuditValue = 64

// auditValue reads a field by its path, such as case.id. What has not the form
// of an id, a number or a code is not taken over: the trail is kept for years
// and holds nothing that people wrote.
func auditValue(m protoreflect.Message, path string) (string, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	fd := m.Descriptor().Fields().ByName(protoreflect.Name(name))
	if fd == nil || fd.IsList() || fd.IsMap() || deeper != (fd.Message() != nil) {
		return "", false
	}
	if deeper {
		if !m.Has(fd) {
			return "", false
		}
		return auditValue(m.Get(fd).Message(), rest)
	}
	// A boolean of an answer says something when it is false, too; an optional
	// field that is absent says nothing.
	if !m.Has(fd) && (fd.HasPresence() || fd.Kind() != protoreflect.BoolKind) {
		return "", false
	}
	text := m.Get(fd).String()
	if len(text) > maxAuditValue || strings.ContainsFunc(text, func(r rune) bool { return !auditRune(r) }) {
		return "malformed", true
	}
	return text, true
}

func auditRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '.' || r == '-' || r == ':'
}
