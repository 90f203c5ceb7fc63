package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// graphReads bounds how many of each kind of neighbours are read.
const graphReads = 200

// noAccount stands for the account of who has none, such as with cash.
const noAccount = "-"

// accountHash is the keyed hash by which equal accounts of a tenant are found
// without opening any: who does not have the tenant's key cannot try accounts.
func (s *Store) accountHash(ctx context.Context, tenant remit.TenantID, method remit.PayoutMethod, account map[string]string) (string, error) {
	if len(account) == 0 {
		return noAccount, nil
	}
	key, err := s.tenantKey(ctx, tenant)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(account) // Keys of maps are written in order.
	if err != nil {
		return "", fmt.Errorf("hash an account: %w", err)
	}
	own := hmac.New(sha256.New, key)
	own.Write([]byte("account hash"))
	mac := hmac.New(sha256.New, own.Sum(nil))
	mac.Write([]byte(string(method) + "\x00"))
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// CaseGraph returns who and what is linked with a case, nearest first, at most
// so many nodes: its parties, its remittance, the list entries of its hits, what
// the parties sent and received, who else is paid to the same accounts, and
// other cases about the parties. Errors: not_found.
func (s *Store) CaseGraph(ctx context.Context, tenant remit.TenantID, id remit.CaseID, most int) (compliance.Graph, error) {
	c, err := s.caseOf(ctx, id)
	if err != nil {
		return compliance.Graph{}, err
	}
	if c.TenantID != tenant {
		return compliance.Graph{}, remit.NotFound("case", string(id))
	}
	g := &compliance.Graph{}
	nearCase(g, c)
	remittances, err := s.remittances(ctx, ` WHERE r.tenant_id = $1 AND (r.id = $2 OR (r.customer_id = $3 AND $3 <> '') OR (r.beneficiary_id = $4 AND $4 <> ''))
		ORDER BY r.id DESC LIMIT $5`, string(tenant), string(c.RemittanceID), string(c.CustomerID), string(c.BeneficiaryID), int64(graphReads))
	if err != nil {
		return compliance.Graph{}, err
	}
	if err := s.addAccounts(ctx, g, tenant, []remit.BeneficiaryID{c.BeneficiaryID}, true); err != nil {
		return compliance.Graph{}, err
	}
	var others []remit.BeneficiaryID
	for _, r := range remittances {
		g.Add(compliance.GraphNode{ID: string(r.ID), Kind: compliance.NodeRemittance})
		g.Add(compliance.GraphNode{ID: string(r.CustomerID), Kind: compliance.NodeCustomer})
		g.Add(compliance.GraphNode{ID: string(r.BeneficiaryID), Kind: compliance.NodeBeneficiary})
		g.Link(string(r.CustomerID), string(r.ID), compliance.EdgeSent)
		g.Link(string(r.BeneficiaryID), string(r.ID), compliance.EdgeReceived)
		others = append(others, r.BeneficiaryID)
	}
	if err := s.addAccounts(ctx, g, tenant, others, false); err != nil {
		return compliance.Graph{}, err
	}
	cases, err := s.CasesAbout(ctx, tenant, c.CustomerID, c.BeneficiaryID, c.ID, graphReads)
	if err != nil {
		return compliance.Graph{}, err
	}
	for _, other := range cases {
		g.Add(compliance.GraphNode{ID: string(other.ID), Kind: compliance.NodeCase, Label: other.Kind, Status: string(other.Status)})
		for _, party := range []string{string(other.CustomerID), string(other.BeneficiaryID)} {
			g.Link(string(other.ID), party, compliance.EdgeAbout)
		}
	}
	g.Cut(most)
	return *g, s.label(ctx, g, tenant, remittances)
}

// nearCase adds what the case itself names.
func nearCase(g *compliance.Graph, c compliance.Case) {
	own := string(c.ID)
	g.Add(compliance.GraphNode{ID: own, Kind: compliance.NodeCase, Label: c.Kind, Status: string(c.Status)})
	g.Add(compliance.GraphNode{ID: string(c.CustomerID), Kind: compliance.NodeCustomer})
	g.Add(compliance.GraphNode{ID: string(c.BeneficiaryID), Kind: compliance.NodeBeneficiary})
	g.Add(compliance.GraphNode{ID: string(c.RemittanceID), Kind: compliance.NodeRemittance})
	for _, id := range []string{string(c.CustomerID), string(c.BeneficiaryID), string(c.RemittanceID)} {
		g.Link(own, id, compliance.EdgeAbout)
	}
	for _, h := range c.Hits {
		entry := h.List + "/" + h.EntryID
		g.Add(compliance.GraphNode{ID: entry, Kind: compliance.NodeEntry, Label: h.EntryName, Status: h.Programs})
		party := string(c.CustomerID)
		if h.Role == compliance.RoleBeneficiary {
			party = string(c.BeneficiaryID)
		}
		g.Link(party, entry, compliance.EdgeHit)
	}
}

// addAccounts adds the accounts of beneficiaries with who else is paid there;
// alone says whether an account that nobody shares is worth a node.
func (s *Store) addAccounts(ctx context.Context, g *compliance.Graph, tenant remit.TenantID, of []remit.BeneficiaryID, alone bool) error {
	if len(of) == 0 {
		return nil
	}
	args := padded(of)
	text := `SELECT own.id, own.account_hash, other.id FROM beneficiaries own
		JOIN beneficiaries other ON other.tenant_id = own.tenant_id AND other.account_hash = own.account_hash
		WHERE own.id IN (` + inList(1, len(args)) + ") AND own.account_hash NOT IN ('', '-') AND other.account_hash NOT IN ('', '-')" +
		fmt.Sprintf(" AND own.tenant_id = $%d ORDER BY own.id, other.id LIMIT %d", len(args)+1, graphReads)
	type pair struct{ own, hash, other string }
	var found []pair
	err := s.query(ctx, "find shared accounts", text, append(args, string(tenant)), func(row scanner) error {
		var p pair
		err := row.Scan(&p.own, &p.hash, &p.other)
		found = append(found, p)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range found {
		if !alone && p.own == p.other {
			continue
		}
		account := accountNode(p.hash)
		g.Add(compliance.GraphNode{ID: account, Kind: compliance.NodeAccount})
		g.Link(p.own, account, compliance.EdgePaidTo)
		if p.other != p.own {
			g.Add(compliance.GraphNode{ID: p.other, Kind: compliance.NodeBeneficiary})
			g.Link(p.other, account, compliance.EdgeShares)
		}
	}
	return nil
}

// accountNode names an account by what tells nothing; no account has no name.
func accountNode(hash string) string {
	const enough = 16
	if len(hash) < enough {
		return ""
	}
	return "account/" + hash[:enough]
}

// label writes on the nodes that are kept what they are.
func (s *Store) label(ctx context.Context, g *compliance.Graph, tenant remit.TenantID, remittances []remit.Remittance) error {
	ids := make(map[string][]string)
	place := make(map[string]int)
	for i, n := range g.Nodes {
		ids[n.Kind] = append(ids[n.Kind], n.ID)
		place[n.ID] = i
	}
	for _, r := range remittances {
		if i, kept := place[string(r.ID)]; kept {
			g.Nodes[i].Label, g.Nodes[i].Status = r.Quote.SourceTotal.String(), string(r.State)
		}
	}
	if list := ids[compliance.NodeCustomer]; len(list) > 0 {
		args := padded(list)
		customers, err := s.customers(ctx, fmt.Sprintf(" WHERE c.id IN (%s) AND c.tenant_id = $%d", inList(1, len(args)), len(args)+1), append(args, string(tenant))...)
		if err != nil {
			return err
		}
		for _, c := range customers {
			g.Nodes[place[string(c.ID)]].Label = c.Party.Name()
		}
	}
	if list := ids[compliance.NodeBeneficiary]; len(list) > 0 {
		args := padded(list)
		beneficiaries, err := s.beneficiaries(ctx, fmt.Sprintf(" WHERE b.id IN (%s) AND b.tenant_id = $%d", inList(1, len(args)), len(args)+1), append(args, string(tenant))...)
		if err != nil {
			return err
		}
		for _, b := range beneficiaries {
			g.Nodes[place[string(b.ID)]].Label = b.Party.Name()
			hash, err := s.accountHash(ctx, tenant, b.Method, b.Account)
			if err != nil {
				return err
			}
			if i, kept := place[accountNode(hash)]; kept {
				g.Nodes[i].Label = maskedAccount(b)
			}
		}
	}
	return nil
}

// maskedAccount shows the end of an account, as a person would say it.
func maskedAccount(b remit.Beneficiary) string {
	for _, field := range []string{"account_number", "iban", "clabe", "phone", "address"} {
		if text := b.Account[field]; text != "" {
			const shown = 4
			if len(text) <= shown {
				return string(b.Method) + " …"
			}
			return string(b.Method) + " …" + text[len(text)-shown:]
		}
	}
	return string(b.Method)
}
