package corridors

// The shapes of the data files. Amounts are decimal texts in major units, times
// of day are HH:MM. Unknown keys are refused.

type countryFile struct {
	Code       string            `yaml:"code"`
	Name       string            `yaml:"name"`
	Currency   string            `yaml:"currency"`
	TimeZone   string            `yaml:"time_zone"`
	Weekend    []string          `yaml:"weekend"`
	Mononyms   bool              `yaml:"mononyms"`
	Funding    []string          `yaml:"funding"`
	Payout     []payoutRuleFile  `yaml:"payout"`
	Thresholds []thresholdFile   `yaml:"thresholds"`
	Holidays   map[string]string `yaml:"holidays"`
}

type coinFile struct {
	Code      string   `yaml:"code"`
	Name      string   `yaml:"name"`
	Reference string   `yaml:"reference"`
	Rails     []string `yaml:"rails"`
}

type payoutRuleFile struct {
	Method      string      `yaml:"method"`
	Hours       string      `yaml:"hours"`
	Beneficiary []string    `yaml:"beneficiary"`
	Account     []fieldFile `yaml:"account"`
}

type fieldFile struct {
	Name        string   `yaml:"name"`
	Title       string   `yaml:"title"`
	Description string   `yaml:"description"`
	Pattern     string   `yaml:"pattern"`
	Values      []string `yaml:"values"`
	MinLength   int      `yaml:"min_length"`
	MaxLength   int      `yaml:"max_length"`
	Check       string   `yaml:"check"`
	Example     string   `yaml:"example"`
	Optional    bool     `yaml:"optional"`
}

type thresholdFile struct {
	From        string   `yaml:"from"`
	Originator  []string `yaml:"originator"`
	Beneficiary []string `yaml:"beneficiary"`
}

type corridorFile struct {
	From                string         `yaml:"from"`
	To                  string         `yaml:"to"`
	Currency            string         `yaml:"currency"`
	FXMarginBasisPoints int64          `yaml:"fx_margin_basis_points"`
	QuoteSeconds        int64          `yaml:"quote_seconds"`
	Rails               []string       `yaml:"rails"`
	FundingProviders    []string       `yaml:"funding_providers"`
	PayoutProviders     []string       `yaml:"payout_providers"`
	Coin                string         `yaml:"coin"`
	Settlement          settlementFile `yaml:"settlement"`
	Fees                []feeFile      `yaml:"fees"`
	Funding             []optionFile   `yaml:"funding"`
	Payout              []optionFile   `yaml:"payout"`
}

// settlementFile says how payments travel: mode is single, batched (also when
// absent) or netted, and window, with netted only, a duration such as 10m.
type settlementFile struct {
	Mode   string `yaml:"mode"`
	Window string `yaml:"window"`
}

type optionFile struct {
	Method              string       `yaml:"method"`
	Currency            string       `yaml:"currency"`
	Min                 string       `yaml:"min"`
	Max                 string       `yaml:"max"`
	WholeUnits          bool         `yaml:"whole_units"`
	FXMarginBasisPoints *int64       `yaml:"fx_margin_basis_points"`
	Fees                []feeFile    `yaml:"fees"`
	Delivery            deliveryFile `yaml:"delivery_seconds"`
}

type deliveryFile struct {
	P50 int64 `yaml:"p50"`
	P95 int64 `yaml:"p95"`
}

type feeFile struct {
	Kind        string `yaml:"kind"`
	Description string `yaml:"description"`
	Fixed       string `yaml:"fixed"`
	BasisPoints int64  `yaml:"basis_points"`
	Of          string `yaml:"of"`
}
