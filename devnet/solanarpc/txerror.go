package solanarpc

import (
	"encoding/json"
	"fmt"
)

// ixError is why an instruction failed: a name every program shares, or a
// program's own number.
type ixError struct {
	name string // empty for a custom error
	code uint32
}

func (e *ixError) Error() string {
	if e.name == "" {
		return fmt.Sprintf("custom program error: 0x%x", e.code)
	}
	return words(e.name)
}

// MarshalJSON writes "Name" or {"Custom": n}.
func (e *ixError) MarshalJSON() ([]byte, error) {
	if e.name == "" {
		return json.Marshal(map[string]uint32{"Custom": e.code})
	}
	return json.Marshal(e.name)
}

func custom(code uint32) *ixError { return &ixError{code: code} }

// The instruction errors that programs here give.
var (
	errInvalidArgument    = &ixError{name: "InvalidArgument"}
	errInvalidData        = &ixError{name: "InvalidInstructionData"}
	errInvalidAccountData = &ixError{name: "InvalidAccountData"}
	errIncorrectProgramID = &ixError{name: "IncorrectProgramId"}
	errMissingSignature   = &ixError{name: "MissingRequiredSignature"}
	errUninitialized      = &ixError{name: "UninitializedAccount"}
	errNotEnoughKeys      = &ixError{name: "NotEnoughAccountKeys"}
	errInvalidSeeds       = &ixError{name: "InvalidSeeds"}
	errIllegalOwner       = &ixError{name: "IllegalOwner"}
	errOverflow           = &ixError{name: "ArithmeticOverflow"}
	errReadonlyLamports   = &ixError{name: "ReadonlyLamportChange"}
	errReadonlyData       = &ixError{name: "ReadonlyDataModified"}
	errExternalData       = &ixError{name: "ExternalAccountDataModified"}
	errExternalSpend      = &ixError{name: "ExternalAccountLamportSpend"}
	errModifiedProgram    = &ixError{name: "ModifiedProgramId"}
	errUnits              = &ixError{name: "ComputationalBudgetExceeded"}
	errIncomplete         = &ixError{name: "ProgramFailedToComplete"}
	errPrivilege          = &ixError{name: "PrivilegeEscalation"}
	errUnsupportedProgram = &ixError{name: "UnsupportedProgramId"}
	errMissingAccount     = &ixError{name: "MissingAccount"}
	errAccountOwner       = &ixError{name: "InvalidAccountOwner"}
	errIncorrectAuthority = &ixError{name: "IncorrectAuthority"}
	errImmutable          = &ixError{name: "Immutable"}
)

// txError is why a transaction failed or was refused.
type txError struct {
	name    string
	index   int      // instruction or account, for the names that carry one
	ix      *ixError // for InstructionError
	applied bool     // it landed: the fee is gone and there is a record
}

// The refusals that carry nothing but their name.
const (
	txAccountNotFound   = "AccountNotFound"
	txFeeFunds          = "InsufficientFundsForFee"
	txFeeAccount        = "InvalidAccountForFee"
	txAlreadyProcessed  = "AlreadyProcessed"
	txBlockhashNotFound = "BlockhashNotFound"
	txSignatureFailure  = "SignatureFailure"
	txInvalidProgram    = "InvalidProgramForExecution"
	txRent              = "InsufficientFundsForRent"
	txInstruction       = "InstructionError"
	txDuplicate         = "DuplicateInstruction"
	txLoadedTwice       = "AccountLoadedTwice"
	txDataSizeLimit     = "InvalidLoadedAccountsDataSizeLimit"
	txTooManyLocks      = "TooManyAccountLocks"
	txTableNotFound     = "AddressLookupTableNotFound"
	txTableOwner        = "InvalidAddressLookupTableOwner"
	txTableData         = "InvalidAddressLookupTableData"
	txTableIndex        = "InvalidAddressLookupTableIndex"
)

func refused(name string) *txError { return &txError{name: name} }

// MarshalJSON writes the shapes that clients match on.
func (e *txError) MarshalJSON() ([]byte, error) {
	switch e.name {
	case txInstruction:
		return json.Marshal(map[string]any{e.name: []any{e.index, e.ix}})
	case txRent:
		return json.Marshal(map[string]any{e.name: map[string]int{"account_index": e.index}})
	case txDuplicate:
		return json.Marshal(map[string]int{e.name: e.index})
	default:
		return json.Marshal(e.name)
	}
}

func (e *txError) Error() string {
	switch e.name {
	case txInstruction:
		return fmt.Sprintf("Error processing Instruction %d: %v", e.index, e.ix)
	case txRent:
		return fmt.Sprintf("Transaction results in an account (%d) with insufficient funds for rent", e.index)
	case txDuplicate:
		return fmt.Sprintf("Transaction contains a duplicate instruction (%d) that is not allowed", e.index)
	default:
		return words(e.name)
	}
}

// words is a node's sentence for an error's name, or the name itself.
func words(name string) string {
	if s, ok := sentences[name]; ok {
		return s
	}
	return name
}

var sentences = map[string]string{
	txAccountNotFound:             "Attempt to debit an account but found no record of a prior credit.",
	txFeeFunds:                    "Insufficient funds for fee",
	txFeeAccount:                  "This account may not be used to pay transaction fees",
	txAlreadyProcessed:            "This transaction has already been processed",
	txBlockhashNotFound:           "Blockhash not found",
	txSignatureFailure:            "Transaction did not pass signature verification",
	txInvalidProgram:              "This program may not be used for executing instructions",
	txLoadedTwice:                 "Account loaded twice",
	txTooManyLocks:                "Transaction locked too many accounts",
	txTableNotFound:               "Transaction loads an address table account that doesn't exist",
	txTableOwner:                  "Transaction loads an address table account with an invalid owner",
	txTableData:                   "Transaction loads an address table account with invalid data",
	txTableIndex:                  "Transaction address table lookup uses an invalid index",
	"IncorrectAuthority":          "Incorrect authority provided",
	"InvalidAccountOwner":         "Invalid account owner",
	"InvalidArgument":             "invalid program argument",
	"InvalidInstructionData":      "invalid instruction data",
	"InvalidAccountData":          "invalid account data for instruction",
	"AccountDataTooSmall":         "account data too small for instruction",
	"InsufficientFunds":           "insufficient funds for instruction",
	"IncorrectProgramId":          "incorrect program id for instruction",
	"MissingRequiredSignature":    "missing required signature for instruction",
	"UninitializedAccount":        "instruction requires an initialized account",
	"NotEnoughAccountKeys":        "insufficient account keys for instruction",
	"MissingAccount":              "An account required by the instruction is missing",
	"InvalidSeeds":                "Provided seeds do not result in a valid address",
	"ComputationalBudgetExceeded": "Computational budget exceeded",
	"PrivilegeEscalation":         "Cross-program invocation with unauthorized signer or writable account",
	"ProgramFailedToComplete":     "Program failed to complete",
	"ArithmeticOverflow":          "Program arithmetic overflowed",
	"IllegalOwner":                "Provided owner is not allowed",
	"ExternalAccountLamportSpend": "instruction spent from the balance of an account it does not own",
	"ExternalAccountDataModified": "instruction modified data of an account it does not own",
	"ReadonlyDataModified":        "instruction modified data of a read-only account",
	"ReadonlyLamportChange":       "instruction changed the balance of a read-only account",
	"UnsupportedProgramId":        "Unsupported program id",
}

// tokenErrorWords are the sentences that the token programs log for their own errors.
var tokenErrorWords = map[uint32]string{
	0: "Lamport balance below rent-exempt threshold", 1: "insufficient funds", 2: "Invalid Mint", 3: "Account not associated with this Mint",
	4: "owner does not match", 5: "the total supply of this token is fixed", 6: "account or token already in use",
	11: "Non-native account can only be closed if its balance is zero", 12: "Invalid instruction", 13: "Invalid account state for operation",
	14: "Operation overflowed", 15: "Account does not support specified authority type", 16: "This token mint cannot freeze accounts",
	17: "Account is frozen", 18: "The provided decimals value different from the Mint decimals", 34: "The owner authority cannot be changed",
}
