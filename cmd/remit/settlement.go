package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/settlement"
)

const (
	// maxProofBytes bounds a file that is said to be a proof.
	maxProofBytes = 1 << 20
	// maxProofPath is more steps than any tree has.
	maxProofPath = 64
)

func (a *app) settlementCommand() *cobra.Command {
	c := &cobra.Command{Use: "settlement", Short: "Prove what was paid on chain"}
	c.AddCommand(&cobra.Command{
		Use: "proof ID", Short: "Show and check what proves that a transaction paid for a remittance",
		Long: `proof fetches the proof of a settled remittance and checks it here: it makes the leaf's
hash of what was paid, follows the path and compares the end with the root, which is the
transaction's memo. Compare that memo, and the payment, with the transaction on chain.

Exit code 1 when the remittance is not settled yet or the proof is wrong.`,
		Example: "  remit settlement proof rem_01k9zc7v4ye3t8m5q2w6x0b1nd --json > proof.json", Args: exactly(1, "the id of a remittance"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			resp, err := call(c.Context(), a, "", v1.NewRemittanceServiceClient(a.conn).GetSettlementProof,
				&v1.GetSettlementProofRequest{RemittanceId: args[0]})
			if err != nil {
				return err
			}
			return a.judgeProof(resp.GetProof())
		},
	}, &cobra.Command{
		Use: "verify FILE", Short: "Check a proof that somebody sent, without a gateway",
		Long: `verify checks a proof as "remit settlement proof ID --json" writes it and the API answers
it. It needs no gateway and no key.`,
		Example: "  remit settlement verify proof.json", Args: exactly(1, "a file that holds a proof"),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := readProof(args[0])
			if err != nil {
				return err
			}
			return a.judgeProof(p)
		},
	})
	return c
}

// readProof reads a proof from a file.
func readProof(path string) (*v1.SettlementProof, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, usagef("read the proof: %w", err)
	}
	if info.Size() > maxProofBytes {
		return nil, usagef("%s is larger than %d bytes, which no proof is", path, maxProofBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("read the proof: %w", err)
	}
	var p v1.SettlementProof
	// A later gateway may say more; what is checked is known.
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, &p); err != nil {
		return nil, usagef("%s is no proof in JSON: %w", path, err)
	}
	return &p, nil
}

// judgeProof shows a proof and what checking it comes to.
func (a *app) judgeProof(p *v1.SettlementProof) error {
	wrong := checkProof(p)
	if a.json {
		if err := a.showJSON(p); err != nil {
			return err
		}
	} else if err := a.showProof(p); err != nil {
		return err
	}
	if wrong != nil {
		fmt.Fprintf(a.errOut, "remit: NOT PROVEN: %v\n", wrong)
		return ended{exitFailed, "not proven"}
	}
	if a.json {
		return nil
	}
	if p.GetAlone() {
		fmt.Fprintln(a.out, "\nalone: the transaction paid this remittance only, and its memo is its own; there is nothing to follow")
	} else {
		fmt.Fprintln(a.out, "\nproven: what was paid leads to the root, and the root is the memo")
	}
	fmt.Fprintf(a.out, "Now compare on %s: transaction %s has the memo and the payment above.\n", p.GetRail(), p.GetTransactionHash())
	return nil
}

func (a *app) showProof(p *v1.SettlementProof) error {
	leaf := p.GetLeaf()
	rows := [][]string{
		{"Remittance", p.GetRemittanceId()},
		{"Transaction", p.GetTransactionHash() + " on " + p.GetRail() + ", " + p.GetMode()},
	}
	if p.GetExplorerUrl() != "" {
		rows = append(rows, []string{"", p.GetExplorerUrl()})
	}
	rows = append(rows,
		[]string{"Memo", orDash(p.GetMemo()) + " (" + p.GetMemoType() + ")"},
		[]string{"Payment", money(p.GetPayment()) + " to " + leaf.GetDestination()},
		[]string{"Leaf", "order_id      " + leaf.GetOrderId()}, []string{"", "remittance_id " + leaf.GetRemittanceId()},
		[]string{"", "asset         " + leaf.GetAsset()}, []string{"", "amount_minor  " + leaf.GetAmountMinor()},
		[]string{"", "destination   " + leaf.GetDestination()},
		[]string{"Leaf hash", p.GetLeafHash()})
	for i, step := range p.GetPath() {
		side := "right"
		if step.GetLeft() {
			side = "left "
		}
		rows = append(rows, []string{"Step " + strconv.Itoa(i+1), side + " " + step.GetHash()})
	}
	if p.GetRoot() != "" {
		rows = append(rows, []string{"Root", p.GetRoot()})
	}
	return a.table(rows)
}

// checkProof makes the leaf's hash of its fields, follows the path, and compares
// the end with the root and the root with the memo. It errs with what does not fit.
func checkProof(p *v1.SettlementProof) error {
	amount, err := strconv.ParseInt(p.GetLeaf().GetAmountMinor(), 10, 64)
	if err != nil || amount < 1 {
		return fmt.Errorf("the leaf's amount %q is no positive number", p.GetLeaf().GetAmountMinor())
	}
	asset, err := remit.ParseAsset(p.GetLeaf().GetAsset())
	if err != nil {
		return fmt.Errorf("the leaf's asset: %w", err)
	}
	proof := settlement.Proof{Leaf: settlement.Leaf(settlement.Order{
		ID: remit.OrderID(p.GetLeaf().GetOrderId()), RemittanceID: remit.RemittanceID(p.GetLeaf().GetRemittanceId()),
		Amount: remit.NewMoney(asset, amount), Destination: p.GetLeaf().GetDestination(),
	})}
	switch {
	case p.GetLeaf().GetRemittanceId() != p.GetRemittanceId():
		return errors.New("the leaf is of another remittance")
	case p.GetLeafHash() != proof.Leaf.String():
		return fmt.Errorf("the leaf's fields make the hash %s", proof.Leaf)
	case p.GetTransactionHash() == "":
		return errors.New("it names no transaction")
	case p.GetAlone():
		if len(p.GetPath()) > 0 || p.GetRoot() != "" {
			return errors.New("a remittance that travelled alone has no path and no root")
		}
		return nil
	case p.GetMemo() != p.GetRoot():
		return errors.New("the memo is not the root")
	case len(p.GetPath()) > maxProofPath:
		return fmt.Errorf("the path has more than %d steps", maxProofPath)
	}
	if proof.Root, err = settlement.ParseHash(p.GetRoot()); err != nil {
		return fmt.Errorf("the root: %w", err)
	}
	for _, step := range p.GetPath() {
		hash, err := settlement.ParseHash(step.GetHash())
		if err != nil {
			return fmt.Errorf("the path: %w", err)
		}
		proof.Path = append(proof.Path, settlement.ProofStep{Hash: hash, Left: step.GetLeft()})
	}
	return proof.Verify()
}
