package api

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// StaffAccount is a member of staff with what signing in needs.
type StaffAccount struct {
	compliance.Staff
	// PasswordHash is compliance.HashPassword's; PasswordUntil is when a password
	// that must be changed lapses.
	PasswordHash  string
	PasswordUntil time.Time
	// TOTPSecret is nil while no authenticator is set up; TOTPStep is the last
	// step whose code was taken.
	TOTPSecret []byte
	TOTPStep   int64
}

// NewStaff is a person to be added.
type NewStaff struct {
	ID       remit.StaffID
	TenantID remit.TenantID
	Name     string
	Email    string
	Role     compliance.Role
	// PasswordHash is of the password of the first sign-in, which must then be
	// changed; MustChangePassword false leaves it as it is.
	PasswordHash       string
	MustChangePassword bool
	// TOTPSecret sets the authenticator up at once; nil at the first sign-in.
	TOTPSecret []byte
}

// StaffChange changes a person; what is nil stays.
type StaffChange struct {
	Role      *compliance.Role
	Suspended *bool
}

// ChallengeKind says what a challenge is for.
type ChallengeKind string

// The kinds of challenges.
const (
	ChallengeTOTP                ChallengeKind = "totp"
	ChallengePasskey             ChallengeKind = "passkey"
	ChallengePasskeyRegistration ChallengeKind = "passkey_registration"
	ChallengeOIDC                ChallengeKind = "oidc"
	ChallengeJoin                ChallengeKind = "join"
)

// StaffChallenge is the first half of a sign-in that waits for the second.
type StaffChallenge struct {
	// Hash is the SHA-256 of what the caller was given.
	Hash [32]byte
	Kind ChallengeKind
	// StaffID is empty while it is not known who signs in.
	StaffID remit.StaffID
	// Secret is what must be remembered until the answer; it is stored sealed.
	Secret []byte
	// Client is where the call came from.
	Client    string
	ExpiresAt time.Time
}

// SignedIn is a sign-in whose factors were checked. The store checks once more,
// in one transaction, that nothing of it was used before.
type SignedIn struct {
	StaffID   remit.StaffID
	SessionID remit.SessionID
	TokenHash [32]byte
	// Challenge is the hash of the challenge, which ends with this.
	Challenge [32]byte
	// Method is totp, recovery, passkey or oidc.
	Method string
	// TOTPStep is the step of the code, for the method totp.
	TOTPStep int64
	// NewTOTPSecret and NewRecovery set an authenticator up; nil otherwise.
	NewTOTPSecret []byte
	NewRecovery   [][32]byte
	// Recovery is the hash of the code, for the method recovery.
	Recovery [32]byte
	// Passkey is the one that was used, with its new counter, for the method
	// passkey; SignCountBefore is the counter that it must still have.
	Passkey         *compliance.Passkey
	SignCountBefore uint32
	// Join, of who takes an invitation, uses it up and sets the password.
	Join *Joining
	// Audit is written with it.
	Audit compliance.AuditEntry
}

// StaffStore keeps people and their sessions.
type StaffStore interface {
	InvitationStore
	// StaffByEmail, StaffByID and StaffByCredential return an account of any
	// tenant, suspended ones too. Errors: not_found.
	StaffByEmail(ctx context.Context, email string) (StaffAccount, error)
	StaffByID(ctx context.Context, id remit.StaffID) (StaffAccount, error)
	StaffByCredential(ctx context.Context, credentialID []byte) (StaffAccount, error)
	// Staff lists a tenant's people by name.
	Staff(ctx context.Context, tenant remit.TenantID) ([]compliance.Staff, error)
	// CreateStaff adds a person; the same id again with the same content is no
	// error. Errors: conflict when the address is in use.
	CreateStaff(ctx context.Context, n NewStaff) (compliance.Staff, error)
	// ChangeStaff changes a person and ends their sessions. Errors: not_found;
	// precondition with ReasonStateConflict when no active MLRO would be left.
	ChangeStaff(ctx context.Context, tenant remit.TenantID, id remit.StaffID, change StaffChange) (compliance.Staff, error)
	// ResetStaff takes a person's second factors, locks and sessions away and
	// sets a password that must be changed. Errors: not_found.
	ResetStaff(ctx context.Context, tenant remit.TenantID, id remit.StaffID, passwordHash string) (compliance.Staff, error)
	// ChangePassword replaces the password whose hash was before, and ends the
	// person's other sessions and pending sign-ins. Errors: conflict when the
	// password is another meanwhile.
	ChangePassword(ctx context.Context, id remit.StaffID, before, after string, keep remit.SessionID) error

	// CreateChallenge stores a challenge. For a person who is suspended or
	// locked it refuses: precondition.
	CreateChallenge(ctx context.Context, c StaffChallenge) error
	// Challenge returns a challenge that has not lapsed. Errors: not_found.
	Challenge(ctx context.Context, hash [32]byte) (StaffChallenge, error)
	// SignInFailed counts a wrong try of a person, locks the account if there
	// were many, and writes both into the trail.
	SignInFailed(ctx context.Context, id remit.StaffID, e compliance.AuditEntry) error
	// OpenSession opens the session of a sign-in. Errors: precondition with
	// ReasonSignInRefused when its challenge or code was used, or the person is
	// suspended or locked.
	OpenSession(ctx context.Context, n SignedIn) (compliance.Session, error)
	// SessionByTokenHash returns the session whose token has the hash, over or
	// not; its person comes without address and passkeys. Errors: not_found.
	SessionByTokenHash(ctx context.Context, hash [32]byte) (compliance.Session, error)
	// TouchSession notes a call on a session.
	TouchSession(ctx context.Context, id remit.SessionID, at time.Time) error
	// EndSession ends a session. One that has ended is no error.
	EndSession(ctx context.Context, id remit.SessionID) error

	// AddPasskey stores a passkey and ends its challenge. Errors: precondition
	// with ReasonSignInRefused when the challenge was used; conflict when the
	// credential is known.
	AddPasskey(ctx context.Context, id remit.StaffID, challenge [32]byte, p compliance.Passkey) error
	// RemovePasskey removes one of a person's passkeys. Errors: not_found.
	RemovePasskey(ctx context.Context, id remit.StaffID, passkey string) error
}

// AuditFilter narrows a list of audit records; zero fields do not filter.
type AuditFilter struct {
	// ActorID and Subject must be equal; the act must start with Act.
	ActorID, Act, Subject string
	// From and Until bound the time: at or after, and before.
	From, Until time.Time
	// Before is the number below which the page starts, 0 for the newest.
	Before int64
	// Limit is how many at most.
	Limit int
}

// AuditStore keeps the audit trail.
type AuditStore interface {
	// AppendAudit writes one record and returns its number.
	AppendAudit(ctx context.Context, e compliance.AuditEntry) (int64, error)
	// AuditRecords returns records of a tenant, newest first; of all when the
	// tenant is empty.
	AuditRecords(ctx context.Context, tenant remit.TenantID, f AuditFilter) ([]compliance.AuditRecord, error)
	// VerifyAudit walks the whole trail. Findings are in the report, not an error.
	VerifyAudit(ctx context.Context) (compliance.AuditReport, error)
}
