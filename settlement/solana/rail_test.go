package solana_test

import (
	"os"
	"testing"

	sdk "github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement/settlementtest"
)

// programs are the token programs by name.
var programs = map[string]sdk.PublicKey{"spl-token": sdk.TokenProgramID, "token-2022": sdk.Token2022ProgramID}

func TestRail(t *testing.T) {
	t.Parallel()
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settlementtest.Run(t, func(t *testing.T) *settlementtest.Harness {
				t.Parallel()
				return newStandIn(t, program).harness(t)
			})
		})
	}
}

// TestRailOfCoinThatCharges runs the suite on a coin that takes a fee of each
// transfer: the treasury is poorer by what arrived and by what was charged.
func TestRailOfCoinThatCharges(t *testing.T) {
	t.Parallel()
	settlementtest.Run(t, func(t *testing.T) *settlementtest.Harness {
		t.Parallel()
		c := newStandIn(t, sdk.TokenProgramID)
		p := c.newExtended(t, remit.USDCSolana, takesFee(c.treasury.PublicKey(), 100, 120))
		p.maxFee = 150
		p.advance(t, finalAfter+1)
		return p.harness(t)
	})
}

// TestRailOnRealVM runs the suite on a server over the real virtual machine,
// one test after another: they share its clock.
func TestRailOnRealVM(t *testing.T) {
	url := os.Getenv("REMIT_SVM_RPC")
	if url == "" {
		t.Skip("REMIT_SVM_RPC does not name a server over the real virtual machine")
	}
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			settlementtest.Run(t, func(t *testing.T) *settlementtest.Harness {
				return seed(t, url, remit.NewFakeClock(start), program, realVMFaults).harness(t)
			})
		})
	}
}
