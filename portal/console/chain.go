package console

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Statuses of a settlement leg.
const (
	legSettled = "settled"
	legFailed  = "failed"
)

// chainLeg is one try to pay on a chain.
type chainLeg struct {
	Number int
	Rail   string
	Amount string
	// Status is settled, failed, or what the payment in force is in.
	Status, Why string
	Hash, Href  string
	At          *timestamppb.Timestamp
}

// chainView is what a remittance has on chains, and the proof of it.
type chainView struct {
	Legs []chainLeg
	// Leg is the payment in force; nil while there is none.
	Leg *v1.SettlementLeg
	// Proof is nil while the payment is not final. Wrong says what of it does not
	// hold, and is empty where all does.
	Proof *v1.SettlementProof
	Wrong string
}

// chainOf gathers the tries to pay on a chain from what happened, and checks the proof.
func chainOf(f *caseFile) *chainView {
	view := &chainView{Leg: f.Remittance.GetSettlement(), Proof: f.Proof}
	for _, e := range f.Events {
		facts := e.GetFacts()
		switch e.GetType() {
		case "remittance.settling":
			view.Legs = append(view.Legs, chainLeg{
				Number: len(view.Legs) + 1, Rail: facts["rail"], Amount: portal.AmountText(facts["amount"]), At: e.GetAt(), Hash: facts["hash"],
			})
		case "settlement.submitted", "remittance.settled", "settlement.failed":
			if len(view.Legs) == 0 {
				continue
			}
			leg := &view.Legs[len(view.Legs)-1]
			leg.At = e.GetAt()
			if facts["hash"] != "" {
				leg.Hash = facts["hash"]
			}
			switch e.GetType() {
			case "remittance.settled":
				leg.Status = legSettled
			case "settlement.failed":
				leg.Status, leg.Why = legFailed, reasonWord(e.GetReason())
			}
		}
	}
	if n := len(view.Legs); n > 0 && view.Leg != nil {
		last := &view.Legs[n-1]
		if last.Status == "" {
			last.Status = view.Leg.GetStatus()
		}
		if last.Hash == "" || last.Hash == view.Leg.GetHash() {
			last.Hash, last.Href = view.Leg.GetHash(), webAddress(view.Leg.GetExplorerUrl())
		}
	}
	if len(view.Legs) == 0 {
		return nil
	}
	if view.Proof != nil {
		if err := checkProof(view.Proof); err != nil {
			view.Wrong = err.Error()
		} else if view.Proof.GetTransactionHash() != view.Leg.GetHash() {
			view.Wrong = "the proof names another transaction than the payment"
		}
	}
	return view
}

// legWord shows how a try to pay stands.
func legWord(status string) portal.Word {
	switch status {
	case legSettled:
		return portal.Word{Text: "Final on chain", Tone: portal.ToneGood}
	case legFailed:
		return portal.Word{Text: "Known to have failed", Tone: portal.ToneBad}
	default:
		return portal.Word{Text: "Under way", Tone: portal.ToneActive}
	}
}

// readProof reads the proof of a payment that is final, which many cases are about
// before there is one.
func (c *Console) readProof(v *visit, f *caseFile) error {
	if f.Remittance.GetSettlement().GetStatus() != legSettled {
		return nil
	}
	answer, err := c.remittances.GetSettlementProof(v.read(), &v1.GetSettlementProofRequest{RemittanceId: f.Remittance.GetId()})
	if portal.KindOf(err) == remit.KindPrecondition {
		return nil
	}
	f.Proof = answer.GetProof()
	return ignoreMissing(err)
}

// caseProof sends the proof as `remit settlement verify` reads it.
func (c *Console) caseProof(v *visit) error {
	answer, err := c.cases.GetCase(v.read(), &v1.GetCaseRequest{Id: v.r.PathValue("id")})
	if err != nil {
		return err
	}
	id := answer.GetCase().GetRemittanceId()
	if id == "" {
		return portal.Missing(v.caller.RequestID)
	}
	proof, err := c.remittances.GetSettlementProof(v.read(), &v1.GetSettlementProofRequest{RemittanceId: id})
	if err != nil {
		return err
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true, Multiline: true, Indent: "  "}.Marshal(proof.GetProof())
	if err != nil {
		return fmt.Errorf("encode a proof: %w", err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="proof-`+id+`.json"`)
	v.w.WriteHeader(http.StatusOK)
	v.w.Write(append(text, '\n')) //nolint:errcheck // The browser hung up; there is nobody to tell.
	return nil
}

// Domains of hashes and bounds of a proof.
const (
	leafPrefix   = 0
	nodePrefix   = 1
	maxProofPath = 64
)

// checkProof makes the leaf's hash of what was paid, follows the path and compares
// its end with the root, and the root with the memo. It trusts nothing that the API
// concluded. The error says what does not fit.
func checkProof(p *v1.SettlementProof) error {
	leaf := p.GetLeaf()
	if amount, err := strconv.ParseInt(leaf.GetAmountMinor(), 10, 64); err != nil || amount < 1 {
		return fmt.Errorf("the leaf's amount %q is no positive number", leaf.GetAmountMinor())
	}
	h := sha256.New()
	h.Write([]byte{leafPrefix})
	for _, part := range []string{leaf.GetOrderId(), leaf.GetRemittanceId(), leaf.GetAsset(), leaf.GetAmountMinor(), leaf.GetDestination()} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	at := h.Sum(nil)
	switch {
	case leaf.GetRemittanceId() != p.GetRemittanceId():
		return errors.New("the leaf is of another remittance")
	case p.GetLeafHash() != hex.EncodeToString(at):
		return fmt.Errorf("what was paid makes the hash %x, not the leaf's", at)
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
	for _, step := range p.GetPath() {
		other, err := hex.DecodeString(step.GetHash())
		if err != nil || len(other) != sha256.Size {
			return errors.New("a step of the path is no hash")
		}
		left, right := at, other
		if step.GetLeft() {
			left, right = other, at
		}
		sum := sha256.Sum256(append(append([]byte{nodePrefix}, left...), right...))
		at = sum[:]
	}
	if p.GetRoot() != hex.EncodeToString(at) {
		return errors.New("the path does not lead to the root")
	}
	return nil
}
