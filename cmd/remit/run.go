package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// The exit codes; see doc.go.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitNotStarted
	exitRefunded
	exitBlocked
	exitNotEnded
)

// ended is the error of a remittance that ended otherwise than completed, or
// has not ended: it carries the exit code and has been shown already.
type ended struct {
	code  int
	state string
}

// Error names the state.
func (e ended) Error() string { return "the remittance is " + e.state }

// usageError is a mistake on the command line.
type usageError struct{ err error }

// Error says what is wrong.
func (e usageError) Error() string { return e.err.Error() }

// Unwrap returns the mistake.
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) int {
	a := &app{getenv: getenv, out: out, errOut: errOut}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if a.conn != nil {
		err = errors.Join(err, a.conn.Close())
	}
	var end ended
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &end):
		return end.code
	case errors.As(err, &usage):
		fmt.Fprintf(errOut, "remit: %v\nSee remit --help.\n", err)
		return exitUsage
	}
	a.showError(err)
	return exitFailed
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "remit",
		Short: "Send money across borders through a Remit gateway",
		Long: `remit quotes, sends and follows remittances, decides cases and looks after the treasury.

It finds the gateway by --grpc and --api-key, else by REMIT_GRPC and REMIT_API_KEY,
else by the .dev/demo.json that "remitd dev" writes in this folder or one above.

Exit codes: 0 done or completed, 1 refused or not reached, 2 wrong command line,
3 rejected, canceled or expired, 4 refunded, 5 blocked, 6 not ended in time.`,
		Example: `  remit quote --from US --to PH --amount 200 --payout mobile_money
  remit send --from US --to PH --amount 200 --payout mobile_money --watch
  remit events rem_01k9zc7v4ye3t8m5q2w6x0b1nd --follow`,
		SilenceUsage: true, SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	f := root.PersistentFlags()
	f.StringVar(&a.address, "grpc", "", "address of the gateway's gRPC port, such as 127.0.0.1:9090")
	f.StringVar(&a.key, "api-key", "", "API key (better set in REMIT_API_KEY: flags show in process lists)")
	f.BoolVar(&a.plaintext, "plaintext", false, "speak to a gateway on another machine without TLS")
	f.BoolVar(&a.json, "json", false, "write the answer as JSON")
	f.StringVar(&a.idempotencyKey, "idempotency-key", "", "key of the writes of this command; give it again to repeat a command whose answer was lost")
	root.AddCommand(a.corridorsCommand(), a.quoteCommand(), a.sendCommand(), a.getCommand(), a.listCommand(), a.eventsCommand(),
		a.cancelCommand(), a.casesCommand(), a.balancesCommand(), a.ledgerCommand(), a.settlementCommand(), a.listsCommand(), a.auditCommand(), a.screenCommand())
	return root
}

// exactly is cobra.ExactArgs as a mistake on the command line.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			if n == 0 {
				return usagef("%s takes no arguments, got %q", c.CommandPath(), args)
			}
			return usagef("%s takes %s", c.CommandPath(), what)
		}
		return nil
	}
}
