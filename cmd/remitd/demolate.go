package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// demoListFiles hold the demo's own list: a wallet, as the sample of OFAC's list
// has none on the chains that payments travel on.
//
//go:embed demolist
var demoListFiles embed.FS

// demoWallet is the listed wallet of the demo.
const demoWallet = "GDHBT2VE4UTH4JNTFA3R57NWLIA2APE72SOLWJCB7VBBOKBT53NKCF5O"

// demoIndex is the sample that comes with the gateway, with the demo's own list.
func demoIndex() (*screening.Index, error) {
	folder, err := fs.Sub(demoListFiles, "demolist")
	if err != nil {
		return nil, fmt.Errorf("open the demo's list: %w", err)
	}
	own, err := list.Read(folder)
	if err != nil {
		return nil, fmt.Errorf("read the demo's list: %w", err)
	}
	return screening.Sample(own)
}

// sampled is what a development gateway screens by while it has no lists.
func (d *dev) sampled() (*screening.Index, error) {
	if d.noDemo {
		return screening.Sample()
	}
	return demoIndex()
}

// earlier is the clock of hours ago, by which an alert was raised that nobody saw to.
type earlier struct{ by time.Duration }

// Now returns what the time was.
func (e earlier) Now() time.Time { return remit.SystemClock{}.Now().Add(-e.by) }

// lateCase is about a customer who is like somebody listed, found long ago.
type lateCase struct {
	name  string
	party remit.Party
	ago   time.Duration
	// decided by two persons, after the time was up.
	decided bool
}

// demoLate are late: one waits, one was decided too late.
func demoLate() []lateCase {
	return []lateCase{
		{name: "late", ago: 9 * time.Hour, party: remit.Party{
			GivenName: "Hugo Armando", FamilyName: "Carvajal", DateOfBirth: "1961-04-10", Country: "CO", Nationality: "CO", City: "Barranquilla",
			AddressLine: "Calle 72 # 54-11", PostalCode: "080001", Phone: "+573009876543", DocumentType: "passport", DocumentNumber: "AV302918",
		}},
		{name: "decided late", ago: 31 * time.Hour, decided: true, party: remit.Party{
			GivenName: "Ayman", FamilyName: "Joumaa", DateOfBirth: "1977-06-15", Country: "SA", Nationality: "SA", City: "Jeddah",
			AddressLine: "8 Palestine Street", PostalCode: "23326", Phone: "+966509876543", DocumentType: "passport", DocumentNumber: "K5520931",
		}},
	}
}

// makeLate makes the demo's late cases that are not there: customer and alert as a
// gateway of then would have made them, the decisions as two officers make them now.
func (d *dev) makeLate(ctx context.Context, desk *demoDesk) error {
	index, err := demoIndex()
	if err != nil {
		return err
	}
	for _, c := range demoLate() {
		id, err := d.raiseLate(ctx, c, index)
		if err != nil {
			return fmt.Errorf("raise the alert that is %s: %w", c.name, err)
		}
		if id == "" || !c.decided {
			continue
		}
		if err := desk.decide(ctx, desk.key, id, "approved", "Born in another year than the entry, and in another country."); err != nil {
			return err
		}
		if err := desk.decide(ctx, desk.second, id, "approved", "I agree: the passport says so."); err != nil {
			return err
		}
	}
	return nil
}

// raiseLate raises an alert about a customer by the clock of then, and returns its
// case; nothing where the customer is there already.
func (d *dev) raiseLate(ctx context.Context, c lateCase, index *screening.Index) (id string, err error) {
	then, err := openStore(ctx, gatewayOptions{dir: d.dir, database: d.database, secrets: d.secrets, log: d.log}, earlier{c.ago})
	if err != nil {
		return "", err
	}
	defer func() {
		if closing := then.Close(); err == nil {
			err = closing
		}
	}()
	customer := demoID[remit.CustomerID](remit.PrefixCustomer, c.name)
	if _, err := then.Customer(ctx, demoTenant, customer); remit.KindOf(err) != remit.KindNotFound {
		return "", err
	}
	found, err := index.Screen(ctx, lateQuery(c, customer))
	if err != nil {
		return "", fmt.Errorf("screen: %w", err)
	}
	made, err := then.RaiseAlert(ctx, compliance.NewAlert{
		Key: "demo/" + c.name, TenantID: demoTenant, CustomerID: customer, Kind: compliance.CaseKindRescreen,
		Reasons: []remit.Reason{remit.ReasonSanctionsHit}, Hits: found.Hits,
	})
	if err != nil {
		return "", err
	}
	// Now the rescreener sees the customer too: it finds the same, in the same case.
	err = then.CreateCustomer(ctx, remit.Customer{ID: customer, TenantID: demoTenant, Tier: remit.TierVerified, Party: c.party})
	return string(made.ID), err
}

func lateQuery(c lateCase, customer remit.CustomerID) compliance.ScreenQuery {
	return compliance.ScreenQuery{
		Role: compliance.RoleOriginator, PartyID: string(customer), Kind: compliance.PartyPerson, DateOfBirth: c.party.DateOfBirth,
		Names: []string{c.party.GivenName + " " + c.party.FamilyName}, Countries: []remit.Country{c.party.Country},
	}
}
