package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// codeCommand shows what the demo's people sign in with, now: nobody wants to set
// an authenticator app up to look at a development gateway.
func codeCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:     "code [EMAIL]",
		Short:   "Show the password and the present code of the demo's staff, for signing in to a development gateway",
		Example: "  remitd code officer@demo.example",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := readSecrets(filepath.Join(dir, "secrets.json"))
			if err != nil {
				return err
			}
			now, shown := remit.SystemClock{}.Now(), 0
			for _, p := range s.demoStaff() {
				if len(args) == 1 && p.Email != args[0] {
					continue
				}
				shown++
				fmt.Fprintf(c.OutOrStdout(), "%-22s %-12s password %s   code %s\n",
					p.Email, p.Role, p.Password, compliance.TOTPCode(p.secret, compliance.TOTPStep(now)))
			}
			if shown == 0 {
				return remit.Invalid("email", remit.ReasonNotFound, "%q is not among the demo's staff; leave it out to see all", args[0])
			}
			const period = 30 * time.Second
			fmt.Fprintf(c.OutOrStdout(), "The codes hold for another %d seconds; each opens one session.\n", int((period-now.Sub(now.Truncate(period)))/time.Second))
			return nil
		},
	}
	c.Flags().StringVar(&dir, "data", ".dev", "the development gateway's data folder")
	return c
}
