package main

import (
	"context"
	"fmt"
	"os"

	"github.com/openremit/remit/compliance/policy"
)

// openPolicy takes the policy of a folder, or the one that comes with the
// gateway where none is named. Errors: a policy that cannot be used, or whose own
// tests do not hold.
func openPolicy(ctx context.Context, dir string) (*policy.Policy, error) {
	folder := policy.Shipped()
	if dir != "" {
		folder = os.DirFS(dir)
		if err := policy.Check(ctx, folder); err != nil {
			return nil, fmt.Errorf("the policy of %s is not taken into use: %w", dir, err)
		}
	}
	rules, err := policy.Load(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("compile policy: %w", err)
	}
	return rules, nil
}
