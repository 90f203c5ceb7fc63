package api

import (
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// auditRule says how a call is written into the audit trail.
type auditRule struct {
	// act names what is done.
	act string
	// look marks a call that only looks at people's data: it is one record, and
	// for people only, since programs look all the time.
	look bool
	// subject is the field of the request that names what it is about; self when
	// it is the caller, and made is the path in the answer of what it made.
	subject, made string
	self          bool
	// facts lists fields of the request, told paths in the answer, that are
	// recorded: ids, numbers and closed words only, never what people wrote.
	facts, told []string
}

// audited is a column of the table of rules: calls that are not in it are not
// written into the trail.
var audited = map[string]auditRule{
	v1.CaseService_GetCase_FullMethodName:           {act: "case.view", look: true, subject: "id"},
	v1.CaseService_GetCaseAttachment_FullMethodName: {act: "case.view_attachment", look: true, subject: "id", facts: []string{"attachment_id"}},
	v1.CaseService_GetCaseGraph_FullMethodName:      {act: "case.view_graph", look: true, subject: "id"},
	v1.CustomerService_GetCustomer_FullMethodName:   {act: "customer.view", look: true, subject: "id"},
	v1.BeneficiaryService_GetBeneficiary_FullMethodName: {
		act: "beneficiary.view", look: true, subject: "id",
	},

	// A page of them shows as much of each as a look at one does.
	v1.CustomerService_ListCustomers_FullMethodName:         {act: "customer.list", look: true, facts: []string{"page_size", "page_token"}},
	v1.BeneficiaryService_ListBeneficiaries_FullMethodName:  {act: "beneficiary.list", look: true, facts: []string{"page_size", "page_token"}},
	v1.CashInService_ListCashInBeneficiaries_FullMethodName: {act: "customer.view_beneficiaries", look: true, subject: "customer_id", facts: []string{"teller_id"}},
	v1.CashInService_CreateCashInBeneficiary_FullMethodName: {act: "beneficiary.create", made: "beneficiary_id", facts: []string{"by.teller_id"}},

	v1.CustomerService_UpdateCustomer_FullMethodName:       {act: "customer.update", subject: "id", facts: []string{"version"}},
	v1.BeneficiaryService_UpdateBeneficiary_FullMethodName: {act: "beneficiary.update", subject: "id", facts: []string{"version"}},

	v1.CaseService_TakeNextCase_FullMethodName:             {act: "case.take_next", made: "case.id", facts: []string{"inbox"}},
	v1.CaseService_TakeCase_FullMethodName:                 {act: "case.take", subject: "id"},
	v1.CaseService_PutBackCase_FullMethodName:              {act: "case.put_back", subject: "id"},
	v1.CaseService_AddCaseNote_FullMethodName:              {act: "case.note", subject: "id"},
	v1.CaseService_AddCaseAttachment_FullMethodName:        {act: "case.attach", subject: "id"},
	v1.CaseService_EscalateCase_FullMethodName:             {act: "case.escalate", subject: "id"},
	v1.CaseService_RequestInformation_FullMethodName:       {act: "case.request_information", subject: "id"},
	v1.CaseService_AnswerInformationRequest_FullMethodName: {act: "case.answer", subject: "remittance_id"},
	v1.CaseService_ReturnCase_FullMethodName:               {act: "case.return", subject: "id", facts: []string{"version"}},
	v1.CaseService_DecideCase_FullMethodName: {
		act: "case.decide", subject: "id", facts: []string{"decision", "version"}, told: []string{"case.status"},
	},

	v1.StaffService_CreateStaff_FullMethodName:                 {act: "staff.create", made: "staff.id", facts: []string{"role"}},
	v1.StaffService_UpdateStaff_FullMethodName:                 {act: "staff.update", subject: "id", facts: []string{"role", "suspended"}},
	v1.StaffService_ResetStaff_FullMethodName:                  {act: "staff.reset", subject: "id"},
	v1.StaffService_ChangePassword_FullMethodName:              {act: "staff.change_password", self: true},
	v1.StaffService_CompletePasskeyRegistration_FullMethodName: {act: "staff.add_passkey", self: true},
	v1.StaffService_RemovePasskey_FullMethodName:               {act: "staff.remove_passkey", self: true, facts: []string{"passkey_id"}},

	v1.PeopleService_InviteTeller_FullMethodName:     {act: "teller.invite", made: "person.teller.id", facts: []string{"outlet_id", "role"}},
	v1.PeopleService_RenewInvitation_FullMethodName:  {act: "teller.renew_invitation", subject: "teller_id", facts: []string{"anew"}},
	v1.PeopleService_RevokeInvitation_FullMethodName: {act: "teller.revoke_invitation", subject: "teller_id"},

	// What is done at counters shows and takes down who is paid, so looks are acts
	// there: of people, and of the keys of agents' own programs. The acts are
	// named as the counter service names what it tells of them, see CounterAudit.
	v1.CounterService_FindPickup_FullMethodName:        {act: "pickup.find", made: "found.pickup.id", facts: []string{"by.teller_id"}},
	v1.CounterService_GetPickup_FullMethodName:         {act: "pickup.view", subject: "pickup_id", facts: []string{"teller_id"}},
	v1.CounterService_GetPickupEvidence_FullMethodName: {act: "pickup.view_evidence", subject: "pickup_id", facts: []string{"teller_id", "kind"}},
	v1.CounterService_ReservePickup_FullMethodName:     {act: "pickup.reserve", subject: "pickup_id", facts: []string{"by.teller_id"}},
	v1.CounterService_ApprovePickup_FullMethodName:     {act: "pickup.approve", subject: "pickup_id", facts: []string{"by.teller_id", "reservation_id"}},
	v1.CounterService_ConfirmPickup_FullMethodName:     {act: "pickup.pay", subject: "pickup_id", facts: []string{"by.teller_id", "reservation_id"}},
	v1.CounterService_ReleasePickup_FullMethodName:     {act: "pickup.release", subject: "pickup_id", facts: []string{"by.teller_id", "reservation_id"}},
	v1.CounterService_OpenDrawer_FullMethodName:        {act: "drawer.open", made: "drawer.id", facts: []string{"by.teller_id"}},
	v1.CounterService_MoveCash_FullMethodName:          {act: "drawer.move", made: "drawer.id", facts: []string{"by.teller_id", "kind"}},
	v1.CounterService_CloseDrawer_FullMethodName:       {act: "drawer.count", subject: "drawer_id", facts: []string{"by.teller_id", "next_teller_id"}},
	v1.CounterService_DecideDrawer_FullMethodName:      {act: "drawer.decide", subject: "drawer_id", facts: []string{"by.teller_id", "approve"}},
	v1.CounterService_TakeOverDrawer_FullMethodName:    {act: "drawer.take_over", subject: "drawer_id", facts: []string{"by.teller_id"}},
	v1.CounterService_RequestTopUp_FullMethodName:      {act: "float.request", made: "top_up.id", facts: []string{"by.teller_id", "outlet_id"}},

	v1.AgentService_CreateAgent_FullMethodName:   {act: "agent.put", made: "agent.id", facts: []string{"suspended"}},
	v1.AgentService_UpdateAgent_FullMethodName:   {act: "agent.put", subject: "id", facts: []string{"suspended"}},
	v1.AgentService_CreateOutlet_FullMethodName:  {act: "outlet.put", made: "outlet.id", facts: []string{"agent_id"}},
	v1.AgentService_UpdateOutlet_FullMethodName:  {act: "outlet.put", subject: "id"},
	v1.AgentService_CreateTeller_FullMethodName:  {act: "teller.put", made: "teller.id", facts: []string{"outlet_id", "agent_id", "staff_id", "role", "suspended"}},
	v1.AgentService_UpdateTeller_FullMethodName:  {act: "teller.put", subject: "id", facts: []string{"staff_id", "role", "suspended"}},
	v1.AgentService_DecideTopUp_FullMethodName:   {act: "float.decide", subject: "id", facts: []string{"approve"}},
	v1.AgentService_PayCommission_FullMethodName: {act: "commission.pay", subject: "agent_id"},

	v1.NetworkService_OfferFloat_FullMethodName:        {act: "float.offer", made: "float_return.id", facts: []string{"by.teller_id", "outlet_id"}},
	v1.NetworkService_DecideFloatReturn_FullMethodName: {act: "float.decide_return", subject: "id", facts: []string{"approve"}},
	v1.NetworkService_CollectFloat_FullMethodName:      {act: "float.collect", made: "float_return.id", facts: []string{"outlet_id", "handed_over_by"}},

	v1.SuspicionService_ReportSuspicion_FullMethodName: {act: "suspicion.report", made: "report.id", facts: []string{"by.teller_id"}},
	v1.SuspicionService_OrderFreeze_FullMethodName:     {act: "case.freeze", subject: "id"},

	v1.AuditService_VerifyAudit_FullMethodName:   {act: "audit.verify", told: []string{"clean", "records"}},
	v1.LedgerService_VerifyLedger_FullMethodName: {act: "ledger.verify", told: []string{"clean", "entries"}},
	v1.ListsService_UpdateLists_FullMethodName:   {act: "lists.update"},
}
