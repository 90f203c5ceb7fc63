package solana

import (
	"strconv"

	"github.com/openremit/remit"
)

func named(layer Layer, v Verdict, names ...string) []Rule {
	out := make([]Rule, len(names))
	for i, n := range names {
		out[i] = at(layer, n, n, v)
	}
	return out
}

// join makes one table of parts.
func join(parts ...[]Rule) (out []Rule) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// each changes every rule of a part.
func each(part []Rule, change func(Rule) Rule) []Rule {
	for i := range part {
		part[i] = change(part[i])
	}
	return part
}

func failing(reason remit.Reason) func(Rule) Rule {
	return func(r Rule) Rule { return r.fails(reason) }
}

// transactionRules sort errors of whole transactions. All but the known failures
// keep it out of any block: they are refusals of one node at one time.
var transactionRules = join(
	// The chain has it.
	named(LayerTransaction, LookUp, "AlreadyProcessed"),
	// It has expired, or the node is behind and does not know what it needs yet.
	each(named(LayerTransaction, LookUp, "BlockhashNotFound", "AccountNotFound", "AddressLookupTableNotFound", "InvalidAddressLookupTableIndex"), Rule.other),
	// The block was full, or the node busy.
	each(named(LayerTransaction, Resend, "AccountInUse", "ClusterMaintenance", "WouldExceedMaxBlockCostLimit", "WouldExceedMaxAccountCostLimit",
		"WouldExceedAccountDataBlockLimit", "WouldExceedMaxVoteCostLimit", "WouldExceedAccountDataTotalLimit", "ResanitizationNeeded",
		"ProgramExecutionTemporarilyRestricted", "ProgramCacheHitMaxLimit", "CommitCancelled"), Rule.other),
	// It was executed and its fee taken. An error within an instruction is sorted by that.
	named(LayerTransaction, KnownFailed, "InstructionError", "InsufficientFundsForRent", "MaxLoadedAccountsDataSizeExceeded", "UnbalancedTransaction"),
	// The treasury cannot pay the fee, or the transaction is not one.
	named(LayerTransaction, Person, "InsufficientFundsForFee", "InvalidAccountForFee", "AccountLoadedTwice", "ProgramAccountNotFound",
		"CallChainTooDeep", "MissingSignatureForFee", "InvalidAccountIndex", "SignatureFailure", "InvalidProgramForExecution",
		"SanitizeFailure", "AccountBorrowOutstanding", "UnsupportedVersion", "InvalidWritableAccount", "TooManyAccountLocks",
		"InvalidAddressLookupTableOwner", "InvalidAddressLookupTableData", "InvalidRentPayingAccount", "DuplicateInstruction",
		"InvalidLoadedAccountsDataSizeLimit"),
)

// instructionRules sort what instructions fail with, in a finalized block.
var instructionRules = join(
	// Preparing anew sees what was wrong: the account was closed since, or the
	// limit was short, or lamports for the rent.
	named(LayerInstruction, KnownFailed, "InvalidAccountData", "UninitializedAccount", "ComputationalBudgetExceeded",
		"ProgramFailedToComplete", "InsufficientFunds"),
	each(named(LayerInstruction, KnownFailed, "IllegalOwner", "InvalidSeeds", "IncorrectProgramId"), failing(remit.ReasonDestinationInvalid)),
	each(named(LayerInstruction, Person, "GenericError", "InvalidArgument", "InvalidInstructionData", "AccountDataTooSmall",
		"MissingRequiredSignature", "AccountAlreadyInitialized", "UnbalancedInstruction", "ModifiedProgramId", "ExternalAccountLamportSpend",
		"ExternalAccountDataModified", "ReadonlyLamportChange", "ReadonlyDataModified", "DuplicateAccountIndex", "ExecutableModified",
		"RentEpochModified", "NotEnoughAccountKeys", "AccountDataSizeChanged", "AccountNotExecutable", "AccountBorrowFailed",
		"AccountBorrowOutstanding", "DuplicateAccountOutOfSync", "InvalidError", "ExecutableDataModified", "ExecutableLamportChange",
		"ExecutableAccountNotRentExempt", "UnsupportedProgramId", "CallDepth", "MissingAccount", "ReentrancyNotAllowed", "MaxSeedLengthExceeded",
		"InvalidRealloc", "PrivilegeEscalation", "ProgramEnvironmentSetupFailure", "ProgramFailedToCompile", "Immutable", "IncorrectAuthority",
		"BorshIoError", "AccountNotRentExempt", "InvalidAccountOwner", "ArithmeticOverflow", "UnsupportedSysvar",
		"MaxAccountsDataAllocationsExceeded", "MaxAccountsExceeded", "MaxInstructionTraceLengthExceeded",
		"BuiltinProgramsMustConsumeComputeUnits"), failing(remit.ReasonSettlementFailed)),
)

// tokenErrors are the names of the token programs' errors, by number; those from
// 20 on are Token-2022's alone.
var tokenErrors = []string{
	"NotRentExempt", "InsufficientFunds", "InvalidMint", "MintMismatch", "OwnerMismatch", "FixedSupply", "AlreadyInUse",
	"InvalidNumberOfProvidedSigners", "InvalidNumberOfRequiredSigners", "UninitializedState", "NativeNotSupported",
	"NonNativeHasBalance", "InvalidInstruction", "InvalidState", "Overflow", "AuthorityTypeNotSupported", "MintCannotFreeze",
	"AccountFrozen", "MintDecimalsMismatch", "NonNativeNotSupported", "ExtensionTypeMismatch", "ExtensionBaseMismatch",
	"ExtensionAlreadyInitialized", "ConfidentialTransferAccountHasBalance", "ConfidentialTransferAccountNotApproved",
	"ConfidentialTransferDepositsAndTransfersDisabled", "ConfidentialTransferElGamalPubkeyMismatch",
	"ConfidentialTransferBalanceMismatch", "MintHasSupply", "NoAuthorityExists", "TransferFeeExceedsMaximum", "MintRequiredForTransfer",
	"FeeMismatch", "FeeParametersMismatch", "ImmutableOwner", "AccountHasWithheldTransferFees", "NoMemo", "NonTransferable",
	"NonTransferableNeedsImmutableOwnership", "MaximumPendingBalanceCreditCounterExceeded", "MaximumDepositAmountExceeded",
	"CpiGuardSettingsLocked", "CpiGuardTransferBlocked", "CpiGuardBurnBlocked", "CpiGuardCloseAccountBlocked", "CpiGuardApproveBlocked",
	"CpiGuardSetAuthorityBlocked", "CpiGuardOwnerChangeBlocked", "ExtensionNotFound", "NonConfidentialTransfersDisabled",
	"ConfidentialTransferFeeAccountHasWithheldFee", "InvalidExtensionCombination", "InvalidLengthForAlloc", "AccountDecryption",
	"ProofGeneration", "InvalidProofInstructionOffset", "HarvestToMintDisabled", "SplitProofContextStateAccountsNotSupported",
	"NotEnoughProofContextStateAccounts", "MalformedCiphertext", "CiphertextArithmeticFailed", "PedersenCommitmentMismatch",
	"RangeProofLengthMismatch", "IllegalBitLength", "FeeCalculation", "IllegalMintBurnConversion", "InvalidScale", "MintPaused",
	"PendingBalanceNonZero",
}

// The token programs' errors that the rail knows what to do about.
const (
	tokenInsufficientFunds = 1
	tokenInvalidMint       = 2
	tokenMintMismatch      = 3
	tokenFrozen            = 17
	tokenFeeMismatch       = 32
	tokenNoMemo            = 36
	tokenPlainDisabled     = 49
	tokenPaused            = 67
)

// tokenRules sort the errors of the token programs, in a finalized block.
var tokenRules = func() []Rule {
	out := make([]Rule, len(tokenErrors))
	for n, name := range tokenErrors {
		r := at(LayerToken, strconv.Itoa(n), name, Person).fails(remit.ReasonSettlementFailed)
		switch n {
		case tokenInsufficientFunds, tokenFeeMismatch, tokenPaused: // seen, and waited for or put right
			r.Verdict, r.Reason = KnownFailed, ""
		case tokenInvalidMint, tokenMintMismatch, tokenFrozen, tokenNoMemo, tokenPlainDisabled: // the destination's
			r.Verdict, r.Reason = KnownFailed, remit.ReasonDestinationInvalid
		}
		out[n] = r
	}
	return out
}()
