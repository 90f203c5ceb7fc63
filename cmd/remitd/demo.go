package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// demo sends one remittance with the client that stands beside this program,
// as a user would, and lets it show the timeline.
func (d *dev) demo(ctx context.Context) {
	self, err := os.Executable()
	if err != nil {
		d.log.Error("demo remittance", "err", err)
		return
	}
	client := filepath.Join(filepath.Dir(self), "remit")
	if _, err := os.Stat(client); err != nil {
		fmt.Fprintf(d.out, "  The demo remittance needs the client at %s: make build\n", client)
		return
	}
	command := exec.CommandContext(ctx, client, "send", "--from", "US", "--to", "PH", "--amount", "200",
		"--payout", "mobile_money", "--rail", "auto", "--watch")
	command.Env = append(os.Environ(), "REMIT_GRPC="+d.grpcAddress, "REMIT_API_KEY="+d.secrets.DemoAPIKey)
	command.Stdout, command.Stderr = d.out, d.out
	if err := command.Run(); err != nil && ctx.Err() == nil {
		fmt.Fprintf(d.out, "  The demo remittance did not complete: %v\n", err)
	}
}
