package compliance

import (
	"slices"
	"time"

	"github.com/openremit/remit"
)

// Role is what a member of staff does for the tenant. Their permissions follow
// from it.
type Role string

// The roles.
const (
	// RoleAnalyst works on cases and decides none.
	RoleAnalyst Role = "analyst"
	// RoleOfficer decides cases, as the first or the second person.
	RoleOfficer Role = "officer"
	// RoleMLRO is the reporting officer, who also blocks money, manages people
	// and reads the audit trail.
	RoleMLRO Role = "mlro"
	// RoleAuditor reads cases and the audit trail and changes nothing.
	RoleAuditor Role = "auditor"
	// RoleTreasurer runs the floats of the counters: gives and takes back cash, and
	// keeps an outlet or agent from working. They make no outlet and no person
	// there, so that nobody can ask for what they give, and read no customer.
	RoleTreasurer Role = "treasurer"
	// RoleTeller, RoleManager and RoleAgentAdmin work at the counters of an agent
	// and see nothing else; whom they act as there is bound to their account.
	RoleTeller     Role = "teller"
	RoleManager    Role = "manager"
	RoleAgentAdmin Role = "agent_admin"
)

// Roles lists every role.
func Roles() []Role {
	return []Role{RoleAnalyst, RoleOfficer, RoleMLRO, RoleAuditor, RoleTreasurer, RoleTeller, RoleManager, RoleAgentAdmin}
}

// Valid reports whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Permission is one thing that a member of staff may do. The API's scopes have
// the same names.
type Permission string

// The permissions.
const (
	PermitSession     Permission = "session"
	PermitRead        Permission = "read"
	PermitCasesRead   Permission = "cases.read"
	PermitCasesWork   Permission = "cases.work"
	PermitCasesDecide Permission = "cases.decide"
	PermitCasesBlock  Permission = "cases.block"
	PermitAuditRead   Permission = "audit.read"
	PermitStaffManage Permission = "staff.manage"
	PermitListsUpdate Permission = "lists.update"
	PermitCounter     Permission = "counter"
	// PermitAgentsRead sees the network of counters and its books, PermitAgentsSuspend
	// keeps its parts from working, PermitFloatsManage gives and takes back float and
	// books commissions paid.
	PermitAgentsRead    Permission = "agents.read"
	PermitAgentsSuspend Permission = "agents.suspend"
	PermitFloatsManage  Permission = "floats.manage"
)

// rolePermissions says what a role may do beyond what every role may. An
// auditor writes nothing.
var rolePermissions = map[Role][]Permission{
	RoleAnalyst: {PermitCasesRead, PermitCasesWork},
	RoleOfficer: {PermitCasesRead, PermitCasesWork, PermitCasesDecide},
	RoleMLRO: {
		PermitCasesRead, PermitCasesWork, PermitCasesDecide, PermitCasesBlock,
		PermitAuditRead, PermitStaffManage, PermitListsUpdate,
	},
	RoleAuditor:   {PermitCasesRead, PermitAuditRead, PermitAgentsRead},
	RoleTreasurer: {PermitAgentsRead, PermitAgentsSuspend, PermitFloatsManage},
}

// atCounters are the roles of people who work for an agent, not for the tenant:
// they may act at counters and read nothing of the tenant's.
var atCounters = []Role{RoleTeller, RoleManager, RoleAgentAdmin}

// Permissions returns what a role may do; nothing for an unknown role.
func (r Role) Permissions() []Permission {
	if slices.Contains(atCounters, r) {
		return []Permission{PermitSession, PermitCounter}
	}
	own, known := rolePermissions[r]
	if !known {
		return nil
	}
	if r == RoleTreasurer {
		return append([]Permission{PermitSession}, own...)
	}
	return append([]Permission{PermitSession, PermitRead}, own...)
}

// ActorKind says what acts.
type ActorKind string

// The kinds of actors.
const (
	// ActorStaff is a person who signed in.
	ActorStaff ActorKind = "staff"
	// ActorKey is a program with an API key.
	ActorKey ActorKind = "key"
	// ActorGateway is the gateway itself, and whoever is not known yet.
	ActorGateway ActorKind = "gateway"
)

// Actor is who acts. Two acts are of the same person when their actors' ids are
// equal; names change and may be shared.
type Actor struct {
	Kind ActorKind
	// ID is the person's stf_… or the key's key_…; empty for the gateway.
	ID string
	// Name is for people to read.
	Name string
}

// Staff is a member of staff of a tenant.
type Staff struct {
	ID        remit.StaffID
	TenantID  remit.TenantID
	Name      string
	Email     string
	Role      Role
	Suspended bool
	HasTOTP   bool
	// MustChangePassword is set while the password is one that another person
	// has seen.
	MustChangePassword bool
	Passkeys           []Passkey
	CreatedAt          time.Time
	// LastSignInAt is zero for never, LockedUntil for not locked.
	LastSignInAt time.Time
	LockedUntil  time.Time
}

// Actor returns the person as who acts.
func (s Staff) Actor() Actor { return Actor{Kind: ActorStaff, ID: string(s.ID), Name: s.Name} }

// Passkey is a key of a person's device.
type Passkey struct {
	// ID names it to people: psk_….
	ID string
	// CredentialID is the device's name of it.
	CredentialID []byte
	// Name is what the person calls it.
	Name string
	// Credential is the credential as the API stores it, SignCount the counter
	// of its last use.
	Credential []byte
	SignCount  uint32
	CreatedAt  time.Time
	// LastUsedAt is zero for never.
	LastUsedAt time.Time
}

// The limits of a session.
const (
	// SessionIdle ends a session that makes no call for so long.
	SessionIdle = 30 * time.Minute
	// SessionLife is how long a session lasts at most.
	SessionLife = 12 * time.Hour
	// SessionTouch is how often a call at most is noted on its session.
	SessionTouch = time.Minute
	// ChallengeLife is how long the second step of a sign-in may take.
	ChallengeLife = 5 * time.Minute
	// OneTimePasswordLife is how long the password of a first sign-in holds.
	OneTimePasswordLife = 72 * time.Hour
)

// Session is a person's stay.
type Session struct {
	ID    remit.SessionID
	Staff Staff
	// TenantName is the company's.
	TenantName string
	// Method is how the person signed in: totp, recovery, passkey or oidc.
	Method    string
	StartedAt time.Time
	// SeenAt is the last noted call, up to SessionTouch ago.
	SeenAt time.Time
	// ExpiresAt is when it ends at the latest.
	ExpiresAt time.Time
}

// Over reports whether the session has ended by time at a moment.
func (s Session) Over(now time.Time) bool {
	return !now.Before(s.ExpiresAt) || !now.Before(s.SeenAt.Add(SessionIdle))
}

// Permissions returns what the person may do in the session: only look after
// the session itself while the password must be changed.
func (s Session) Permissions() []Permission {
	if s.Staff.MustChangePassword {
		return []Permission{PermitSession}
	}
	return s.Staff.Role.Permissions()
}

// The delays after wrong tries.
const (
	freeTries = 4
	firstLock = 30 * time.Second
	// maxLock bounds how long somebody who only guesses can keep a person out.
	maxLock = 15 * time.Minute
)

// LockFor returns for how long an account is locked after its nth wrong try in
// a row: not at first, then twice as long each time, up to a quarter of an hour.
func LockFor(wrongTries int) time.Duration {
	if wrongTries <= freeTries {
		return 0
	}
	lock := firstLock
	for range wrongTries - freeTries - 1 {
		if lock *= 2; lock >= maxLock {
			return maxLock
		}
	}
	return lock
}
