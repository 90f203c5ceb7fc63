package api

import (
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Limits of the border.
const (
	// MaxBodyBytes is the largest request that is read.
	MaxBodyBytes = 1 << 20
	// MaxWait is the longest that a request waits for an event.
	MaxWait = 30 * time.Second
	// maxMessage is the largest gRPC message: that of a document or photo. All other
	// requests are bounded by MaxBodyBytes.
	maxMessage = compliance.MaxDocumentBytes + 64<<10
	// maxAttachmentBody is a document in base64, with what is around it in JSON.
	maxAttachmentBody = compliance.MaxDocumentBytes/3*4 + 64<<10

	unaryTimeout  = 15 * time.Second
	pollTimeout   = MaxWait + 5*time.Second
	listsTimeout  = 2 * time.Minute
	verifyTimeout = 10 * time.Minute
)

// rule says who may make a call and how it is made.
type rule struct {
	// anyOf lists the scopes of which the caller needs one.
	anyOf []Scope
	// public lets everyone call: signing in, and asking whether we live.
	public bool
	// answer makes an empty answer of a write, for the stored one to be read
	// into; nil for reads. Only writes need an idempotency key.
	answer func() proto.Message
	// timeout bounds a unary call; zero for streams.
	timeout time.Duration
}

// read, write and the like are the rules that several calls share.
func read(anyOf ...Scope) rule { return rule{anyOf: anyOf, timeout: unaryTimeout} }

func poll() rule { return rule{anyOf: []Scope{ScopeRead}, timeout: pollTimeout} }

func write(scope Scope, answer func() proto.Message) rule {
	return rule{anyOf: []Scope{scope}, answer: answer, timeout: unaryTimeout}
}

// work is a write on cases, which a key with ScopeReview may make as well.
func work(scope Scope, answer func() proto.Message) rule {
	return rule{anyOf: []Scope{ScopeReview, scope}, answer: answer, timeout: unaryTimeout}
}

// manage is a write on people of an agent, by the operator's key or who manages them.
func manage(answer func() proto.Message) rule {
	return rule{anyOf: []Scope{ScopeAgentsManage, ScopeCounter}, answer: answer, timeout: unaryTimeout}
}

// fund is a write on floats, by the treasury or the operator's key.
func fund(answer func() proto.Message) rule {
	return rule{anyOf: []Scope{ScopeFloatsManage, ScopeAgentsManage}, answer: answer, timeout: unaryTimeout}
}

// rules has a row for every call; one that is not in it is refused.
var rules = map[string]rule{
	v1.CorridorService_ListCorridors_FullMethodName:     read(ScopeRead),
	v1.CorridorService_GetCorridor_FullMethodName:       read(ScopeRead),
	v1.CorridorService_GetRequiredFields_FullMethodName: read(ScopeRead),

	v1.QuoteService_CreateQuote_FullMethodName: write(ScopeWrite, func() proto.Message { return new(v1.CreateQuoteResponse) }),
	v1.QuoteService_GetQuote_FullMethodName:    read(ScopeRead),

	v1.CustomerService_CreateCustomer_FullMethodName: write(ScopeWrite, func() proto.Message { return new(v1.CreateCustomerResponse) }),
	v1.CustomerService_UpdateCustomer_FullMethodName: write(ScopeWrite, func() proto.Message { return new(v1.UpdateCustomerResponse) }),
	v1.CustomerService_GetCustomer_FullMethodName:    read(ScopeRead),
	v1.CustomerService_ListCustomers_FullMethodName:  read(ScopeRead),

	v1.BeneficiaryService_CreateBeneficiary_FullMethodName:   write(ScopeWrite, func() proto.Message { return new(v1.CreateBeneficiaryResponse) }),
	v1.BeneficiaryService_UpdateBeneficiary_FullMethodName:   write(ScopeWrite, func() proto.Message { return new(v1.UpdateBeneficiaryResponse) }),
	v1.BeneficiaryService_GetBeneficiary_FullMethodName:      read(ScopeRead),
	v1.BeneficiaryService_ListBeneficiaries_FullMethodName:   read(ScopeRead),
	v1.BeneficiaryService_ValidateBeneficiary_FullMethodName: read(ScopeRead, ScopeWrite),

	v1.RemittanceService_CreateRemittance_FullMethodName:     write(ScopeWrite, func() proto.Message { return new(v1.CreateRemittanceResponse) }),
	v1.RemittanceService_CancelRemittance_FullMethodName:     write(ScopeWrite, func() proto.Message { return new(v1.CancelRemittanceResponse) }),
	v1.RemittanceService_GetRemittance_FullMethodName:        read(ScopeRead),
	v1.RemittanceService_ListRemittances_FullMethodName:      read(ScopeRead),
	v1.RemittanceService_GetSettlementProof_FullMethodName:   read(ScopeRead),
	v1.RemittanceService_ListRemittanceEvents_FullMethodName: poll(),
	v1.RemittanceService_ListEvents_FullMethodName:           poll(),
	v1.RemittanceService_WatchRemittance_FullMethodName:      {anyOf: []Scope{ScopeRead}},

	v1.CaseService_ListCases_FullMethodName:                read(ScopeReview, ScopeCasesRead),
	v1.CaseService_GetCase_FullMethodName:                  read(ScopeReview, ScopeCasesRead),
	v1.CaseService_GetCaseAttachment_FullMethodName:        read(ScopeReview, ScopeCasesRead),
	v1.CaseService_GetCaseGraph_FullMethodName:             read(ScopeReview, ScopeCasesRead),
	v1.CaseService_GetCaseStatistics_FullMethodName:        read(ScopeReview, ScopeCasesRead),
	v1.CaseService_TakeNextCase_FullMethodName:             work(ScopeCasesWork, func() proto.Message { return new(v1.TakeNextCaseResponse) }),
	v1.CaseService_TakeCase_FullMethodName:                 work(ScopeCasesWork, func() proto.Message { return new(v1.TakeCaseResponse) }),
	v1.CaseService_PutBackCase_FullMethodName:              work(ScopeCasesWork, func() proto.Message { return new(v1.PutBackCaseResponse) }),
	v1.CaseService_AddCaseNote_FullMethodName:              work(ScopeCasesWork, func() proto.Message { return new(v1.AddCaseNoteResponse) }),
	v1.CaseService_AddCaseAttachment_FullMethodName:        work(ScopeCasesWork, func() proto.Message { return new(v1.AddCaseAttachmentResponse) }),
	v1.CaseService_EscalateCase_FullMethodName:             work(ScopeCasesWork, func() proto.Message { return new(v1.EscalateCaseResponse) }),
	v1.CaseService_RequestInformation_FullMethodName:       work(ScopeCasesWork, func() proto.Message { return new(v1.RequestInformationResponse) }),
	v1.CaseService_DecideCase_FullMethodName:               work(ScopeCasesDecide, func() proto.Message { return new(v1.DecideCaseResponse) }),
	v1.CaseService_ReturnCase_FullMethodName:               work(ScopeCasesDecide, func() proto.Message { return new(v1.ReturnCaseResponse) }),
	v1.CaseService_AnswerInformationRequest_FullMethodName: write(ScopeWrite, func() proto.Message { return new(v1.AnswerInformationRequestResponse) }),

	v1.StaffService_SignIn_FullMethodName:                      {public: true, timeout: unaryTimeout},
	v1.StaffService_CompleteSignIn_FullMethodName:              {public: true, timeout: unaryTimeout},
	v1.StaffService_BeginPasskeySignIn_FullMethodName:          {public: true, timeout: unaryTimeout},
	v1.StaffService_CompletePasskeySignIn_FullMethodName:       {public: true, timeout: unaryTimeout},
	v1.StaffService_BeginOIDCSignIn_FullMethodName:             {public: true, timeout: unaryTimeout},
	v1.StaffService_CompleteOIDCSignIn_FullMethodName:          {public: true, timeout: unaryTimeout},
	v1.StaffService_SignOut_FullMethodName:                     read(ScopeSession),
	v1.StaffService_GetSession_FullMethodName:                  read(ScopeSession),
	v1.StaffService_ChangePassword_FullMethodName:              read(ScopeSession),
	v1.StaffService_BeginPasskeyRegistration_FullMethodName:    read(ScopeSession),
	v1.StaffService_CompletePasskeyRegistration_FullMethodName: read(ScopeSession),
	v1.StaffService_RemovePasskey_FullMethodName:               read(ScopeSession),
	v1.StaffService_ListStaff_FullMethodName:                   read(ScopeStaffManage, ScopeAuditRead),
	v1.StaffService_CreateStaff_FullMethodName:                 write(ScopeStaffManage, func() proto.Message { return new(v1.CreateStaffResponse) }),
	v1.StaffService_UpdateStaff_FullMethodName:                 write(ScopeStaffManage, func() proto.Message { return new(v1.UpdateStaffResponse) }),
	v1.StaffService_ResetStaff_FullMethodName:                  write(ScopeStaffManage, func() proto.Message { return new(v1.ResetStaffResponse) }),

	v1.AgentService_CreateAgent_FullMethodName:            write(ScopeAgentsManage, func() proto.Message { return new(v1.CreateAgentResponse) }),
	v1.AgentService_UpdateAgent_FullMethodName:            write(ScopeAgentsManage, func() proto.Message { return new(v1.UpdateAgentResponse) }),
	v1.AgentService_CreateOutlet_FullMethodName:           write(ScopeAgentsManage, func() proto.Message { return new(v1.CreateOutletResponse) }),
	v1.AgentService_UpdateOutlet_FullMethodName:           write(ScopeAgentsManage, func() proto.Message { return new(v1.UpdateOutletResponse) }),
	v1.AgentService_CreateTeller_FullMethodName:           write(ScopeAgentsManage, func() proto.Message { return new(v1.CreateTellerResponse) }),
	v1.AgentService_UpdateTeller_FullMethodName:           write(ScopeAgentsManage, func() proto.Message { return new(v1.UpdateTellerResponse) }),
	v1.AgentService_DecideTopUp_FullMethodName:            fund(func() proto.Message { return new(v1.DecideTopUpResponse) }),
	v1.AgentService_PayCommission_FullMethodName:          fund(func() proto.Message { return new(v1.PayCommissionResponse) }),
	v1.AgentService_ListAgents_FullMethodName:             read(ScopeAgentsManage, ScopeAgentsRead),
	v1.AgentService_ListOutlets_FullMethodName:            read(ScopeAgentsManage, ScopeAgentsRead),
	v1.AgentService_ListTellers_FullMethodName:            read(ScopeAgentsManage, ScopeAgentsRead),
	v1.AgentService_FindOutlets_FullMethodName:            read(ScopeRead, ScopeCounter, ScopeAgentsManage, ScopeAgentsRead),
	v1.AgentService_GetFloat_FullMethodName:               read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.AgentService_ListTopUps_FullMethodName:             read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.AgentService_GetDayReport_FullMethodName:           read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.AgentService_GetCommissionStatement_FullMethodName: read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),

	v1.CounterService_ReservePickup_FullMethodName:     write(ScopeCounter, func() proto.Message { return new(v1.ReservePickupResponse) }),
	v1.CounterService_ApprovePickup_FullMethodName:     write(ScopeCounter, func() proto.Message { return new(v1.ApprovePickupResponse) }),
	v1.CounterService_ConfirmPickup_FullMethodName:     write(ScopeCounter, func() proto.Message { return new(v1.ConfirmPickupResponse) }),
	v1.CounterService_ReleasePickup_FullMethodName:     write(ScopeCounter, func() proto.Message { return new(v1.ReleasePickupResponse) }),
	v1.CounterService_OpenDrawer_FullMethodName:        write(ScopeCounter, func() proto.Message { return new(v1.OpenDrawerResponse) }),
	v1.CounterService_MoveCash_FullMethodName:          write(ScopeCounter, func() proto.Message { return new(v1.MoveCashResponse) }),
	v1.CounterService_CloseDrawer_FullMethodName:       write(ScopeCounter, func() proto.Message { return new(v1.CloseDrawerResponse) }),
	v1.CounterService_DecideDrawer_FullMethodName:      write(ScopeCounter, func() proto.Message { return new(v1.DecideDrawerResponse) }),
	v1.CounterService_TakeOverDrawer_FullMethodName:    write(ScopeCounter, func() proto.Message { return new(v1.TakeOverDrawerResponse) }),
	v1.CounterService_RequestTopUp_FullMethodName:      write(ScopeCounter, func() proto.Message { return new(v1.RequestTopUpResponse) }),
	v1.CounterService_FindPickup_FullMethodName:        read(ScopeCounter),
	v1.CounterService_GetStand_FullMethodName:          read(ScopeCounter),
	v1.CounterService_GetPickup_FullMethodName:         read(ScopeCounter),
	v1.CounterService_GetPickupEvidence_FullMethodName: read(ScopeCounter, ScopeCasesDecide, ScopeReview),
	v1.CounterService_GetDrawer_FullMethodName:         read(ScopeCounter),

	v1.PeopleService_GetInvitation_FullMethodName:    {public: true, timeout: unaryTimeout},
	v1.PeopleService_BeginJoin_FullMethodName:        {public: true, timeout: unaryTimeout},
	v1.PeopleService_CompleteJoin_FullMethodName:     {public: true, timeout: unaryTimeout},
	v1.PeopleService_InviteTeller_FullMethodName:     manage(func() proto.Message { return new(v1.InviteTellerResponse) }),
	v1.PeopleService_RenewInvitation_FullMethodName:  manage(func() proto.Message { return new(v1.RenewInvitationResponse) }),
	v1.PeopleService_RevokeInvitation_FullMethodName: manage(func() proto.Message { return new(v1.RevokeInvitationResponse) }),
	v1.PeopleService_SetTellerWork_FullMethodName:    manage(func() proto.Message { return new(v1.SetTellerWorkResponse) }),
	v1.PeopleService_SetTellerLimits_FullMethodName:  manage(func() proto.Message { return new(v1.SetTellerLimitsResponse) }),
	v1.PeopleService_SetOutletHours_FullMethodName:   manage(func() proto.Message { return new(v1.SetOutletHoursResponse) }),
	v1.PeopleService_SetSuspension_FullMethodName: {
		anyOf: []Scope{ScopeAgentsManage, ScopeCounter, ScopeAgentsSuspend}, timeout: unaryTimeout,
		answer: func() proto.Message { return new(v1.SetSuspensionResponse) },
	},
	v1.PeopleService_SetDeviceBinding_FullMethodName:   manage(func() proto.Message { return new(v1.SetDeviceBindingResponse) }),
	v1.PeopleService_DecideDevice_FullMethodName:       manage(func() proto.Message { return new(v1.DecideDeviceResponse) }),
	v1.PeopleService_AskDevice_FullMethodName:          write(ScopeCounter, func() proto.Message { return new(v1.AskDeviceResponse) }),
	v1.PeopleService_GetTeller_FullMethodName:          read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.PeopleService_ListPeople_FullMethodName:         read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.PeopleService_ListManagedOutlets_FullMethodName: read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.PeopleService_ListMyDay_FullMethodName:          read(ScopeCounter),
	v1.PeopleService_ListApprovals_FullMethodName:      read(ScopeCounter),
	v1.PeopleService_ListHandovers_FullMethodName:      read(ScopeCounter),

	v1.CashInService_CreateCashInQuote_FullMethodName:       write(ScopeCounter, func() proto.Message { return new(v1.CreateCashInQuoteResponse) }),
	v1.CashInService_SaveCashInCustomer_FullMethodName:      write(ScopeCounter, func() proto.Message { return new(v1.SaveCashInCustomerResponse) }),
	v1.CashInService_CreateCashInBeneficiary_FullMethodName: write(ScopeCounter, func() proto.Message { return new(v1.CreateCashInBeneficiaryResponse) }),
	v1.CashInService_CreateDeposit_FullMethodName:           write(ScopeCounter, func() proto.Message { return new(v1.CreateDepositResponse) }),
	v1.CashInService_ApproveDeposit_FullMethodName:          write(ScopeCounter, func() proto.Message { return new(v1.ApproveDepositResponse) }),
	v1.CashInService_TakeDeposit_FullMethodName:             write(ScopeCounter, func() proto.Message { return new(v1.TakeDepositResponse) }),
	v1.CashInService_CancelDeposit_FullMethodName:           write(ScopeCounter, func() proto.Message { return new(v1.CancelDepositResponse) }),
	v1.CashInService_FindCashInCustomer_FullMethodName:      read(ScopeCounter),
	v1.CashInService_ListCashInBeneficiaries_FullMethodName: read(ScopeCounter),
	v1.CashInService_GetCashInTerms_FullMethodName:          read(ScopeCounter),
	v1.CashInService_GetCashInFields_FullMethodName:         read(ScopeCounter),
	v1.CashInService_GetDeposit_FullMethodName:              read(ScopeCounter),
	v1.CashInService_ListDeposits_FullMethodName:            read(ScopeCounter),

	v1.AuditService_ListAuditRecords_FullMethodName: read(ScopeAuditRead, ScopeOperate),
	v1.AuditService_VerifyAudit_FullMethodName:      {anyOf: []Scope{ScopeAuditRead, ScopeOperate}, timeout: verifyTimeout},

	v1.TreasuryService_ListBalances_FullMethodName: read(ScopeRead, ScopeOperate),
	v1.LedgerService_VerifyLedger_FullMethodName:   {anyOf: []Scope{ScopeOperate}, timeout: verifyTimeout},
	v1.PolicyService_GetPolicy_FullMethodName:      read(ScopeReview, ScopeCasesRead, ScopeOperate),
	v1.ListsService_GetLists_FullMethodName:        read(ScopeReview, ScopeCasesRead, ScopeOperate),
	v1.ListsService_UpdateLists_FullMethodName: {
		anyOf: []Scope{ScopeOperate, ScopeListsRefresh}, timeout: listsTimeout,
		answer: func() proto.Message { return new(v1.UpdateListsResponse) },
	},

	v1.StatementService_GetSettlementStatement_FullMethodName:    read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.StatementService_ExportSettlementStatement_FullMethodName: read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.StatementService_ListStatementMovements_FullMethodName:    read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.StatementService_GetDayBook_FullMethodName:                read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.StatementService_ListFloats_FullMethodName:                read(ScopeAgentsManage, ScopeAgentsRead),

	v1.NetworkService_GetNetwork_FullMethodName:        read(ScopeAgentsManage, ScopeAgentsRead),
	v1.NetworkService_GetNetworkOutlet_FullMethodName:  read(ScopeAgentsManage, ScopeAgentsRead),
	v1.NetworkService_ListFloatReturns_FullMethodName:  read(ScopeAgentsManage, ScopeCounter, ScopeAgentsRead),
	v1.NetworkService_OfferFloat_FullMethodName:        write(ScopeCounter, func() proto.Message { return new(v1.OfferFloatResponse) }),
	v1.NetworkService_DecideFloatReturn_FullMethodName: fund(func() proto.Message { return new(v1.DecideFloatReturnResponse) }),
	v1.NetworkService_CollectFloat_FullMethodName:      fund(func() proto.Message { return new(v1.CollectFloatResponse) }),

	v1.SuspicionService_ReportSuspicion_FullMethodName: write(ScopeCounter, func() proto.Message { return new(v1.ReportSuspicionResponse) }),
	v1.SuspicionService_ListSuspicions_FullMethodName:  read(ScopeCounter),
	v1.SuspicionService_OrderFreeze_FullMethodName:     work(ScopeCasesDecide, func() proto.Message { return new(v1.OrderFreezeResponse) }),

	grpc_health_v1.Health_Check_FullMethodName: {public: true, timeout: unaryTimeout},
	grpc_health_v1.Health_List_FullMethodName:  {public: true, timeout: unaryTimeout},
	grpc_health_v1.Health_Watch_FullMethodName: {public: true},
}
