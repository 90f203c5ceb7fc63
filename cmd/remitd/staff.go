package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// demoPerson is a member of the demo tenant's staff, with all that signs them in.
type demoPerson struct {
	ID       remit.StaffID   `json:"id"`
	Name     string          `json:"name"`
	Role     compliance.Role `json:"role"`
	Email    string          `json:"email"`
	Password string          `json:"password"`
	// TOTPSecret is what an authenticator app is set up with; TOTPURI is the same
	// for a QR code.
	TOTPSecret string `json:"totp_secret"`
	TOTPURI    string `json:"totp_uri"`

	secret []byte
}

// demoStaff are the people of the demo tenant: two officers, since one person
// cannot release a hit alone. Their credentials follow from the installation's
// secrets, the same at every start.
func (s secrets) demoStaff() []demoPerson {
	people := []demoPerson{
		{Name: "Ada Analyst", Role: compliance.RoleAnalyst, Email: "analyst@demo.example"},
		{Name: "Olive Officer", Role: compliance.RoleOfficer, Email: "officer@demo.example"},
		{Name: "Otto Officer", Role: compliance.RoleOfficer, Email: "officer2@demo.example"},
		{Name: "Mira MLRO", Role: compliance.RoleMLRO, Email: "mlro@demo.example"},
		{Name: "Aldo Auditor", Role: compliance.RoleAuditor, Email: "auditor@demo.example"},
		{Name: "Tilda Treasurer", Role: compliance.RoleTreasurer, Email: "treasurer@demo.example"},
		{Name: "Tomas Teller", Role: compliance.RoleTeller, Email: "teller@demo.example"},
		{Name: "Maria Manager", Role: compliance.RoleManager, Email: "manager@demo.example"},
		{Name: "Carla Cashier", Role: compliance.RoleTeller, Email: "cashier@demo.example"},
		{Name: "Sam Supervisor", Role: compliance.RoleManager, Email: "supervisor@demo.example"},
	}
	derive := func(what, email string) []byte {
		mac := hmac.New(sha256.New, []byte(s.DemoAPIKey))
		mac.Write([]byte("demo staff\x00" + what + "\x00" + email))
		return mac.Sum(nil)
	}
	const secretBytes, passwordBytes = 20, 10
	for i := range people {
		p := &people[i]
		p.ID = remit.DeriveID[remit.StaffID](remit.PrefixStaff, time.Unix(0, 0), "demo/"+p.Email)
		password := strings.ToLower(base32.StdEncoding.EncodeToString(derive("password", p.Email)[:passwordBytes]))
		p.Password = password[:4] + "-" + password[4:8] + "-" + password[8:12] + "-" + password[12:]
		p.secret = derive("totp", p.Email)[:secretBytes]
		p.TOTPSecret, p.TOTPURI = compliance.TOTPSecretText(p.secret), compliance.TOTPURI(p.secret, staffIssuer, p.Email)
	}
	return people
}

// staffIssuer is the name that authenticator apps show for a development gateway.
const staffIssuer = "Remit dev"

// localOrigin is where browsers on this machine find the pages. They make
// passkeys for localhost, not for 127.0.0.1.
func localOrigin(l net.Listener) string {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return ""
	}
	return "http://localhost:" + port
}

// staffFile keeps the credentials of the demo tenant's people, for their owner.
const staffFile = "staff.json"

// seedStaff makes the demo tenant's people and writes who they are to
// staff.json. Repeating it is harmless; who changed their password keeps it.
func (d *dev) seedStaff(ctx context.Context) error {
	people := d.secrets.demoStaff()
	known, err := d.gateway.store.Staff(ctx, demoTenant)
	if err != nil {
		return fmt.Errorf("read the demo staff: %w", err)
	}
	there := make(map[remit.StaffID]bool)
	for _, one := range known {
		there[one.ID] = true
	}
	for _, p := range people {
		if there[p.ID] {
			continue
		}
		_, err := d.gateway.store.CreateStaff(ctx, api.NewStaff{
			ID: p.ID, TenantID: demoTenant, Name: p.Name, Email: p.Email, Role: p.Role,
			PasswordHash: compliance.HashPassword(p.Password, compliance.DefaultPasswordCost), TOTPSecret: p.secret,
		})
		if err != nil {
			return fmt.Errorf("make %s: %w", p.Email, err)
		}
		// Whoever is made without anybody's asking stands in the trail as well.
		_, err = d.gateway.store.AppendAudit(ctx, compliance.AuditEntry{
			TenantID: demoTenant, Phase: compliance.AuditFact, Actor: compliance.Actor{Kind: compliance.ActorGateway, Name: "remitd dev"},
			Act: "staff.create", Subject: string(p.ID), Outcome: compliance.AuditDone, Facts: map[string]string{"role": string(p.Role)},
		})
		if err != nil {
			return fmt.Errorf("record %s: %w", p.Email, err)
		}
	}
	text, err := json.MarshalIndent(people, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", staffFile, err)
	}
	if err := writeFileAtomic(filepath.Join(d.dir, staffFile), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", staffFile, err)
	}
	return nil
}
