package compliance

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
)

// Explain screens the parties of a case anew and returns what is found now, by
// the hits' keys: a key that is missing belongs to a pair that has changed since.
// The explanations hold the parties' own words, for whoever may see the parties;
// they are not to be stored. Either party may be nil. Errors: those of the screener.
func Explain(ctx context.Context, screener Screener, c *remit.Customer, b *remit.Beneficiary) (map[string]Hit, error) {
	var queries []ScreenQuery
	if c != nil {
		queries = append(queries, originatorQuery(*c))
	}
	if b != nil {
		queries = append(queries, beneficiaryQuery(*b))
	}
	found := make(map[string]Hit)
	if len(queries) == 0 {
		return found, nil
	}
	screened, err := screener.Screen(ctx, queries...)
	if err != nil {
		return nil, fmt.Errorf("screen the parties anew: %w", err)
	}
	for _, hit := range screened.Hits {
		found[hit.Key] = hit
	}
	return found, nil
}
