package remit

import "time"

// CorridorID names a corridor by its countries: "US-PH".
type CorridorID string

// NewCorridorID names the corridor between two countries.
func NewCorridorID(from, to Country) CorridorID { return CorridorID(string(from) + "-" + string(to)) }

// Rail is a chain that carries the settlement asset.
type Rail string

// The rails, and the choice that leaves it to the gateway.
const (
	RailStellar Rail = "stellar"
	RailSolana  Rail = "solana"
	RailAuto    Rail = "auto"
)

// SettlementMode is how remittances share payments and transactions on chain.
// The zero value counts as [SettlementBatched].
type SettlementMode string

// The settlement modes.
const (
	// SettlementSingle: a transaction for each remittance.
	SettlementSingle SettlementMode = "single"
	// SettlementBatched: a payment for each remittance, many in one transaction.
	SettlementBatched SettlementMode = "batched"
	// SettlementNetted: one payment, alone in its transaction, for all
	// remittances of one destination and asset that gathered within a window.
	SettlementNetted SettlementMode = "netted"
)

// FeeKind says who a fee line is for.
type FeeKind string

// The kinds of fee lines.
const (
	FeeOurs     FeeKind = "service"
	FeePartner  FeeKind = "partner"
	FeeNetwork  FeeKind = "network"
	FeeFXMargin FeeKind = "fx_margin"
	FeeTax      FeeKind = "tax"
)

// FeeLine is one line of what a quote costs, in the source currency.
type FeeLine struct {
	Kind        FeeKind `json:"kind"`
	Description string  `json:"description"`
	Amount      Money   `json:"amount"`
	// IncludedInRate marks the FX margin: it is shown as a line and taken
	// through the rate, not added to what the originator pays.
	IncludedInRate bool `json:"included_in_rate"`
}

// Quote is a firm, priced, expiring offer.
//
// SourceTotal = Principal + the fee lines that are not included in the rate.
// Principal = CostOfSettlement + the FX margin line.
// Target = Principal × Rate, rounded down.
type Quote struct {
	ID       QuoteID       `json:"id"`
	TenantID TenantID      `json:"tenant_id"`
	Corridor CorridorID    `json:"corridor"`
	From     Country       `json:"from"`
	To       Country       `json:"to"`
	Funding  FundingMethod `json:"funding"`
	Payout   PayoutMethod  `json:"payout"`
	// Rail is the caller's wish: stellar, solana or auto.
	Rail Rail `json:"rail"`
	// SourceTotal is what the originator pays, fees included.
	SourceTotal Money `json:"source_total"`
	// Principal is what is converted.
	Principal Money     `json:"principal"`
	Fees      []FeeLine `json:"fees"`
	// Rate is what the customer gets, Mid what the market says.
	Rate    Rate      `json:"rate"`
	Mid     Rate      `json:"mid"`
	MidAsOf time.Time `json:"mid_as_of"`
	// Target is what the beneficiary receives.
	Target Money `json:"target"`
	// Settlement is what crosses, in the corridor's coin; see [Coin].
	Settlement Money `json:"settlement"`
	// CostOfSettlement is Settlement in the source currency, rounded up.
	CostOfSettlement Money `json:"cost_of_settlement"`
	// PayoutProvider and FundingProvider are the first in the corridor's order;
	// of a payout to the beneficiary's own wallet the former is [ProviderWallet].
	FundingProvider string `json:"funding_provider"`
	PayoutProvider  string `json:"payout_provider"`
	// SettlementMode is how the payment on chain travels; unspecified in quotes of
	// before there was a choice. A netted one may wait SettlementWindowSeconds for
	// others, which Delivery includes.
	SettlementMode          SettlementMode `json:"settlement_mode,omitempty"`
	SettlementWindowSeconds int64          `json:"settlement_window_seconds,omitempty"`
	// Delivery is when the money should arrive after funding: p50 and p95 in seconds.
	DeliveryP50Seconds int64     `json:"delivery_p50_seconds"`
	DeliveryP95Seconds int64     `json:"delivery_p95_seconds"`
	CreatedAt          time.Time `json:"created_at"`
	ExpiresAt          time.Time `json:"expires_at"`
	// RemittanceID is the remittance that used the quote, empty while unused.
	RemittanceID RemittanceID `json:"remittance_id,omitempty"`
}
