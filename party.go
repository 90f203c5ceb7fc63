package remit

import (
	"log/slog"
	"time"
)

// Country is an ISO 3166-1 alpha-2 code in capitals.
type Country string

// Valid reports whether the code has the right form; whether the gateway
// serves the country is the corridors' business.
func (c Country) Valid() bool {
	return len(c) == 2 && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z'
}

// Party is a person's or company's identity as given. It is personal data:
// encrypted where stored, and never in a log, a metric, a memo or a history.
type Party struct {
	// GivenName and FamilyName are a person's names; CompanyName is a company's.
	GivenName   string `json:"given_name,omitempty"`
	FamilyName  string `json:"family_name,omitempty"`
	CompanyName string `json:"company_name,omitempty"`
	// DateOfBirth is YYYY-MM-DD.
	DateOfBirth string  `json:"date_of_birth,omitempty"`
	Nationality Country `json:"nationality,omitempty"`
	Country     Country `json:"country,omitempty"`
	AddressLine string  `json:"address_line,omitempty"`
	City        string  `json:"city,omitempty"`
	PostalCode  string  `json:"postal_code,omitempty"`
	Phone       string  `json:"phone,omitempty"`
	Email       string  `json:"email,omitempty"`
	// DocumentType is passport, national_id or driving_licence.
	DocumentType   string `json:"document_type,omitempty"`
	DocumentNumber string `json:"document_number,omitempty"`
}

// Name is the full name as given.
func (p Party) Name() string {
	switch {
	case p.CompanyName != "":
		return p.CompanyName
	case p.GivenName == "":
		return p.FamilyName
	case p.FamilyName == "":
		return p.GivenName
	}
	return p.GivenName + " " + p.FamilyName
}

// LogValue keeps a party out of logs whoever logs it.
func (p Party) LogValue() slog.Value { return slog.StringValue("[personal data]") }

// KYCTier is how well a customer is known; limits grow with it. Zero means
// not identified, and nothing may be sent.
type KYCTier int

// The tiers: documentation in compliance/policy says what each allows.
const (
	TierNone KYCTier = iota
	TierBasic
	TierVerified
	TierEnhanced
)

// Customer is an originator known to a tenant.
type Customer struct {
	ID       CustomerID
	TenantID TenantID
	Party    Party
	Tier     KYCTier
	// Reference is the tenant's own name for the customer.
	Reference string
	CreatedAt time.Time
	// Version counts the states of the customer, 1 as created; UpdatedAt is when
	// the present one began, zero as created.
	Version   int64
	UpdatedAt time.Time
}

// PayoutMethod is how the beneficiary receives the money.
type PayoutMethod string

// The payout methods.
const (
	PayoutBank        PayoutMethod = "bank"
	PayoutMobileMoney PayoutMethod = "mobile_money"
	PayoutCash        PayoutMethod = "cash"
	PayoutWallet      PayoutMethod = "wallet"
)

// ProviderWallet stands where an off-ramp is named for payouts to beneficiaries'
// own wallets, which none is needed for: the payment on chain is the payout.
const ProviderWallet = "wallet"

// FundingMethod is how the originator's money comes in.
type FundingMethod string

// The funding methods.
const (
	FundingBankDebit FundingMethod = "bank_debit"
	FundingCard      FundingMethod = "card"
	// FundingBalance draws on the tenant's prefunded balance.
	FundingBalance FundingMethod = "balance"
	// FundingCash is cash brought to a counter.
	FundingCash FundingMethod = "cash"
)

// Beneficiary is who receives, and where.
type Beneficiary struct {
	ID       BeneficiaryID
	TenantID TenantID
	Party    Party
	Method   PayoutMethod
	// Account holds the fields that the corridor's schema asks for, such as
	// "bank_code" and "account_number", "phone" and "operator", or "address".
	Account   map[string]string
	CreatedAt time.Time
	// Version and UpdatedAt are as those of a customer.
	Version   int64
	UpdatedAt time.Time
}
