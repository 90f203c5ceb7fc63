package api

import "github.com/openremit/remit"

// startStep is one step of the quick start.
type startStep struct{ Title, Text, Code string }

// named is a name with what it means.
type named struct{ Name, Text string }

var quickStart = []startStep{
	{"1. Quote", "A firm offer: every fee, the rate, what arrives and until when it holds.",
		`curl "$REMIT/v1/quotes" -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
  -H "Idempotency-Key: $(uuidgen)" \
  -d '{"from": "US", "to": "PH", "funding_method": "card", "payout_method": "mobile_money",
       "source_amount": {"currency": "USD", "amount": "200"}}'`},
	{"2. Who sends", "An originator with the KYC tier that you attest. Ask GET /v1/corridors/US-PH/required-fields?payout_method=mobile_money for what must be known.",
		`curl "$REMIT/v1/customers" -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
  -H "Idempotency-Key: $(uuidgen)" \
  -d '{"party": {"given_name": "Alice", "family_name": "Walker", "date_of_birth": "1988-04-12", "country": "US"},
       "kyc_tier": "verified"}'`},
	{"3. Who receives", "A beneficiary with the account to pay to. POST /v1/beneficiaries:validate says all that is wrong without storing anything.",
		`curl "$REMIT/v1/beneficiaries" -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
  -H "Idempotency-Key: $(uuidgen)" \
  -d '{"party": {"given_name": "Maria", "family_name": "Santos", "country": "PH"},
       "payout_method": "mobile_money", "account": {"operator": "gcash", "phone": "+639171234567"}}'`},
	{"4. Send", "Keep the idempotency key of this one before sending: with it, a lost answer never becomes a second payment.",
		`curl "$REMIT/v1/remittances" -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
  -H "Idempotency-Key: $YOUR_KEY" \
  -d '{"quote_id": "qte_…", "customer_id": "cus_…", "beneficiary_id": "ben_…", "funding_source": "tok_ok"}'`},
}

var scopeTexts = []named{
	{string(ScopeRead), "see the tenant's own things"},
	{string(ScopeWrite), "quote, and create and cancel the tenant's own things"},
	{string(ScopeReview), "see and decide the tenant's cases"},
	{string(ScopeCounter), "act at counters as the tellers that the call names; with agent=agt_… beside it at one agent's only"},
	{string(ScopeAgentsManage), "keep agents, outlets and tellers, decide top-ups, see every outlet's books"},
	{string(ScopeAgentsRead), "see agents, outlets, their people and every outlet's books"},
	{string(ScopeAgentsSuspend), "suspend agents, outlets and people there, and lift it"},
	{string(ScopeFloatsManage), "decide top-ups and returns of float, collect float, book commissions paid"},
	{string(ScopeOperate), "see every balance, verify the ledger and the audit trail, update the screening lists"},
	{string(ScopeCasesRead), "see cases and who they are about"},
	{string(ScopeCasesWork), "take cases, write notes, ask for information"},
	{string(ScopeCasesDecide), "approve and reject cases, as the first or the second person"},
	{string(ScopeCasesBlock), "block money, and return it by licence"},
	{string(ScopeAuditRead), "read and verify the tenant's audit trail"},
	{string(ScopeStaffManage), "add, change, suspend and reset people"},
	{string(ScopeListsRefresh), "read the screening lists anew"},
}

// reasonText says what a reason means and what to do.
type reasonText struct {
	kind   remit.Kind
	reason remit.Reason
	text   string
}

// refusalTexts has a row for every reason of a refused request.
var refusalTexts = []reasonText{
	{remit.KindInvalid, remit.ReasonFieldRequired, "A field is missing; write it."},
	{remit.KindInvalid, remit.ReasonFieldUnknown, "There is no such field or parameter; mind the spelling."},
	{remit.KindInvalid, remit.ReasonFieldInvalid, "A field has the wrong type, form or length; its message says what to write."},
	{remit.KindInvalid, remit.ReasonIDMalformed, "This is no id, or one of another kind of thing."},
	{remit.KindInvalid, remit.ReasonBodyMalformed, "The body is not JSON or breaks off; the detail says where."},
	{remit.KindInvalid, remit.ReasonBodyTooLarge, "The body is larger than the limit; send less."},
	{remit.KindInvalid, reasonMediaType, "Send JSON with the header Content-Type: application/json."},
	{remit.KindInvalid, reasonMethodNotAllowed, "The path does not take this method; the header Allow lists those it takes."},
	{remit.KindNotFound, reasonPathUnknown, "There is no such path."},
	{remit.KindInvalid, remit.ReasonAmountMalformed, "Write digits with at most as many decimals as the currency has, such as 200.05."},
	{remit.KindInvalid, remit.ReasonAmountNotPositive, "Nothing cannot be sent; write a positive amount."},
	{remit.KindInvalid, remit.ReasonAmountBelowMinimum, "Less than the method carries; the message names the limits."},
	{remit.KindInvalid, remit.ReasonAmountAboveMaximum, "More than the method carries at once; the message names the limits."},
	{remit.KindInvalid, remit.ReasonUnknownCurrency, "Not an ISO 4217 code in capitals, or not one that the corridor takes."},
	{remit.KindInvalid, remit.ReasonUnknownCountry, "Not an ISO 3166-1 alpha-2 code in capitals, or a country that is not served."},
	{remit.KindInvalid, remit.ReasonUnknownCorridor, "Nothing is sent between these countries; GET /v1/corridors lists what is."},
	{remit.KindInvalid, remit.ReasonMethodNotOffered, "The corridor has no such method; the message lists those it has."},
	{remit.KindInvalid, remit.ReasonRailNotOffered, "The corridor has no such rail; write auto to leave the choice to us."},
	{remit.KindPrecondition, remit.ReasonQuoteExpired, "The quote no longer holds; make a new one."},
	{remit.KindConflict, remit.ReasonQuoteUsed, "A remittance has used this quote; make a new one."},
	{remit.KindInvalid, remit.ReasonQuoteMismatch, "The beneficiary is not paid in the country and by the method that was quoted."},
	{remit.KindUnavailable, remit.ReasonRateUnavailable, "There is no fresh market rate; try again later."},
	{remit.KindInvalid, remit.ReasonIdempotencyMissing, "A write needs the header Idempotency-Key."},
	{remit.KindInvalid, remit.ReasonIdempotencyMalformed, "The key is not 1 to 255 printable ASCII characters."},
	{remit.KindConflict, remit.ReasonIdempotencyReused, "The key belongs to another request; take a new key for a new request."},
	{remit.KindConflict, remit.ReasonIdempotencyBusy, "The same request is under way; send it again in a moment."},
	{remit.KindUnauthenticated, remit.ReasonUnauthenticated, "There is no key, or it is unknown, expired or revoked."},
	{remit.KindForbidden, remit.ReasonForbidden, "The key lacks a scope that the call needs."},
	{remit.KindNotFound, remit.ReasonNotFound, "There is no such thing among those that your key may see."},
	{remit.KindConflict, remit.ReasonStateConflict, "Something else happened first; read it again."},
	{remit.KindPrecondition, remit.ReasonNotCancelable, "The remittance has ended, or its settlement has begun and it is not to be fetched in cash."},
	{remit.KindPrecondition, remit.ReasonNotSettled, "The payment on chain is not final yet, or there is none; ask again once the remittance is settled."},
	{remit.KindConflict, remit.ReasonCaseDecided, "Somebody decided the case otherwise; read it again."},
	{remit.KindConflict, remit.ReasonPartyChanged, "The customer or beneficiary changed since it was read; read it again and make the change on its present version."},
	{remit.KindPrecondition, remit.ReasonPartyInUse, "A remittance is on its way to the account; change it afterwards, or make another beneficiary."},
	{remit.KindConflict, remit.ReasonCaseChanged, "The case changed since it was read; read it again and decide on what it says now."},
	{remit.KindConflict, remit.ReasonCaseLocked, "Another person works on the case; wait until it is put back or the lock ends."},
	{remit.KindPrecondition, remit.ReasonCaseNotPending, "The case does not stand where this can be done; read it again."},
	{remit.KindForbidden, remit.ReasonSecondPerson, "Another person must agree; nobody is the second person of their own proposal."},
	{remit.KindInvalid, remit.ReasonAttachmentRefused, "The document is too large, empty, or not what it may be: PDF, JPEG, PNG or plain text."},
	{remit.KindPrecondition, remit.ReasonNothingAsked, "No question about this remittance waits for an answer."},
	{remit.KindUnauthenticated, remit.ReasonSignInRefused, "The sign-in was refused; check what was entered, or wait and try again."},
	{remit.KindInvalid, remit.ReasonPasswordWeak, "Choose a longer or less common password."},
	{remit.KindForbidden, remit.ReasonOwnAccount, "Nobody changes or resets their own account; another person must."},
	{remit.KindInvalid, remit.ReasonCodeMalformed, "This is no pickup code; the message says what is wrong with it."},
	{remit.KindNotFound, remit.ReasonPickupNotFound, "No payment fits the code and the name together; check both."},
	{remit.KindPrecondition, remit.ReasonPickupNotPayable, "The payment cannot be paid now; give no cash and call whom the message names."},
	{remit.KindConflict, remit.ReasonPickupPaid, "The payment was paid already; give no cash."},
	{remit.KindConflict, remit.ReasonPickupReserved, "Another counter is paying it; wait until it is released or the reservation ends."},
	{remit.KindPrecondition, remit.ReasonPickupElsewhere, "The payment is not paid at this counter; the message says where."},
	{remit.KindConflict, remit.ReasonPickupChanged, "The payment changed while it was at the counter; look it up again."},
	{remit.KindConflict, remit.ReasonReservationLapsed, "The reservation ended or was another; look the payment up and reserve it again."},
	{remit.KindPrecondition, remit.ReasonApprovalNeeded, "A manager must approve first."},
	{remit.KindLimited, remit.ReasonCounterLocked, "Too many tries; wait as long as the answer says."},
	{remit.KindPrecondition, remit.ReasonCounterLimit, "More than the outlet pays out; send the customer to a larger one."},
	{remit.KindInvalid, remit.ReasonPhotoNeeded, "Here this amount is paid only with a photo of the document; send one with the reservation."},
	{remit.KindInvalid, remit.ReasonPhotoTooLarge, "The photo has more than 5 MiB or 25 megapixels; send a smaller one."},
	{remit.KindInvalid, remit.ReasonPhotoTooSmall, "Nothing can be read on the photo; send a larger one."},
	{remit.KindInvalid, remit.ReasonProofNeeded, "The beneficiary must confirm first, in one of the ways that the payment lists as proofs."},
	{remit.KindInvalid, remit.ReasonSignatureInvalid, "The signature cannot be read or is too little; have it drawn again."},
	{remit.KindForbidden, remit.ReasonCounterSuspended, "The agent, outlet or person is suspended; ask the operator."},
	{remit.KindForbidden, remit.ReasonTrainingExpired, "The teller's training has expired; renew it."},
	{remit.KindPrecondition, remit.ReasonOutletClosed, "The outlet is closed now."},
	{remit.KindForbidden, remit.ReasonOutsideHours, "The teller does not work at this hour."},
	{remit.KindForbidden, remit.ReasonDeviceNotBound, "The teller works on another device; use that one or have this one bound."},
	{remit.KindInvalid, remit.ReasonDeviceClock, "The device's clock is wrong; set it."},
	{remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "The outlet does not hold this currency."},
	{remit.KindInvalid, remit.ReasonDocumentExpired, "The document has expired; ask for a valid one."},
	{remit.KindInvalid, remit.ReasonDocumentRefused, "This document is not accepted here; the message says which are."},
	{remit.KindInvalid, remit.ReasonBirthDateInvalid, "The birth date is in the future, impossible, another than is known, or the person is too young."},
	{remit.KindPrecondition, remit.ReasonDrawerNotOpen, "Open the drawer first."},
	{remit.KindConflict, remit.ReasonDrawerOpen, "A drawer is open already; close it first."},
	{remit.KindPrecondition, remit.ReasonDrawerShort, "The drawer does not hold enough; take cash from the outlet's float."},
	{remit.KindPrecondition, remit.ReasonFloatNeeded, "So much cannot leave the outlet's float: it holds less, or payments that tellers hold need it."},
	{remit.KindPrecondition, remit.ReasonFloatShort, "The outlet's float does not hold enough; ask for a top-up."},
	{remit.KindInvalid, remit.ReasonCountMismatch, "The counted pieces do not add up, or two counts differ; count again."},
	{remit.KindNotFound, remit.ReasonInvitationUnknown, "There is no such invitation; ask who invited you for another."},
	{remit.KindPrecondition, remit.ReasonInvitationUsed, "The invitation was used already; sign in, or ask for another."},
	{remit.KindPrecondition, remit.ReasonInvitationExpired, "The invitation has expired; ask for another."},
	{remit.KindPrecondition, remit.ReasonInvitationRevoked, "The invitation was taken back or replaced; ask for another."},
	{remit.KindInvalid, remit.ReasonLimitAboveCeiling, "More than the operator lets the outlet pay out; the message says how much that is."},
	{remit.KindInvalid, remit.ReasonWarningMissing, "Show the customer the warning in force and write down every answer."},
	{remit.KindInvalid, remit.ReasonDisclosureMissing, "The customer must be shown and accept every disclosure in force first."},
	{remit.KindNotFound, remit.ReasonCustomerNotFound, "No one customer fits, or the teller did not look the customer up within half an hour."},
	{remit.KindPrecondition, remit.ReasonDepositNotNow, "The cash cannot be taken now; take none, try later or call whom the message names."},
	{remit.KindConflict, remit.ReasonDepositTaken, "The cash was taken already, by another teller; take none."},
	{remit.KindPrecondition, remit.ReasonDepositExpired, "The quote's time was up before the cash was taken; take none and quote again."},
	{remit.KindPrecondition, remit.ReasonDepositCanceled, "The deposit was canceled; take no cash."},
	{remit.KindLimited, remit.ReasonRateLimited, "Too many calls; wait as long as Retry-After says."},
	{remit.KindUnavailable, remit.ReasonUnavailable, "Not possible right now and nothing was decided; send the same request with the same key again."},
	{remit.KindUnavailable, reasonCanceled, "The connection was closed before the answer; send the same request with the same key again."},
	{remit.KindInternal, remit.ReasonInternal, "Our fault. Quote the request id."},
}

// standingTexts has a row for every reason of a remittance.
var standingTexts = []reasonText{
	{reason: remit.ReasonKYCRequired, text: "The customer is not identified well enough to send."},
	{reason: remit.ReasonKYCLimitExceeded, text: "The amount is above what the customer's KYC tier allows."},
	{reason: remit.ReasonVelocityExceeded, text: "The customer sent too much or too often in a short time."},
	{reason: remit.ReasonSanctionsHit, text: "A name resembles one on a sanctions list; a person is looking at it."},
	{reason: remit.ReasonSanctionsMatch, text: "A party is on a sanctions list."},
	{reason: remit.ReasonScreeningDown, text: "The parties could not be screened, so the money waits."},
	{reason: remit.ReasonPolicyUndecided, text: "The policy could not decide, so a person does."},
	{reason: remit.ReasonReviewApproved, text: "A person let it pass."},
	{reason: remit.ReasonReviewRejected, text: "A person refused it."},
	{reason: remit.ReasonUnderReview, text: "A person looks at it before it goes on."},
	{reason: remit.ReasonSuspicion, text: "Somebody at a counter reported a suspicion; in cases only."},
	{reason: remit.ReasonLicensed, text: "Blocked money goes back by licence of the authority."},
	{reason: remit.ReasonFundingDeclined, text: "The pay-in was declined."},
	{reason: remit.ReasonFundingExpired, text: "The money did not come in time."},
	{reason: remit.ReasonFundingMismatch, text: "Another amount came in than was quoted."},
	{reason: remit.ReasonInsufficientBalance, text: "The prefunded balance does not cover it."},
	{reason: remit.ReasonInsufficientFunds, text: "The source of the money does not hold enough."},
	{reason: remit.ReasonTreasuryShort, text: "The treasury is short; it goes on when it is filled up."},
	{reason: remit.ReasonRailUnavailable, text: "The rail is not usable now; another is tried where the quote allows."},
	{reason: remit.ReasonCoinPaused, text: "The settlement coin is off its peg, or nobody can say; it goes on when the coin is sound again."},
	{reason: remit.ReasonSettlementFailed, text: "The payment on chain is known to have failed."},
	{reason: remit.ReasonSettlementUnknown, text: "The outcome on chain is not known yet; it is being looked up."},
	{reason: remit.ReasonDestinationInvalid, text: "The destination on chain cannot receive the payment."},
	{reason: remit.ReasonNotClaimed, text: "The beneficiary's wallet did not claim the money that was left on chain for it; it was taken back and refunded."},
	{reason: remit.ReasonClaimGone, text: "Nothing is left to take back on chain: it was claimed, and the remittance completes once the chain shows by whom."},
	{reason: remit.ReasonPayoutRejected, text: "The payout provider refused it."},
	{reason: remit.ReasonAccountClosed, text: "The beneficiary's account is closed."},
	{reason: remit.ReasonAccountUnknown, text: "There is no such account."},
	{reason: remit.ReasonNameMismatch, text: "The account belongs to another name."},
	{reason: remit.ReasonProviderUnavailable, text: "The provider is not reachable; it is asked again."},
	{reason: remit.ReasonProviderRejected, text: "The provider refused the order."},
	{reason: remit.ReasonRefundStuck, text: "The refund does not go through; an operator is looking at it."},
	{reason: remit.ReasonCanceledByCaller, text: "You canceled it."},
	{reason: remit.ReasonPickupExpired, text: "The cash was not fetched in time."},
	{reason: remit.ReasonPayoutNotStopped, text: "The payout was to be withdrawn because a party matched a list, and took place before the provider could."},
}

// sandboxTokens and sandboxDigits are the magic values of the sandbox payment company.
var sandboxTokens = []named{
	{"tok_ok", "the money comes in; so does any other token not listed here"},
	{"tok_declined", "the source declines: canceled, FUNDING_DECLINED"},
	{"tok_insufficient_funds", "the source does not hold enough: canceled"},
	{"tok_short", "a tenth too little comes in: refunded, FUNDING_AMOUNT_MISMATCH"},
	{"tok_over", "a tenth too much comes in"},
	{"tok_pending", "the money never comes by itself: awaiting_funds, may be canceled"},
	{"tok_rejected_later", "accepted first, declined afterwards"},
	{"tok_charged_back", "comes in and is charged back later"},
	{"tok_refund_declined", "comes in; a refund is refused: a case for an operator"},
	{"tok_refund_pending", "comes in; a refund stays on its way"},
	{"tok_hang", "the provider accepts and never reports back"},
	{"tok_lost_reply", "the provider takes the order and its answer is lost: looked up, never sent twice"},
	{"tok_callback_twice", "the provider reports twice"},
	{"tok_callback_reordered", "the provider reports in the wrong order"},
}

var sandboxDigits = []named{
	{"0001", "the account is closed: refunded, ACCOUNT_CLOSED"},
	{"0002", "there is no such account: refunded, ACCOUNT_UNKNOWN"},
	{"0003", "the provider accepts and never reports back"},
	{"0004", "the answer is lost: looked up, never sent twice"},
	{"0005", "the provider reports twice"},
	{"0006", "accepted first, rejected afterwards: refunded, PAYOUT_REJECTED"},
	{"0007", "paid out and returned later"},
	{"0008", "the provider reports in the wrong order"},
	{"0009", "stays on its way"},
	{"0010", "the name check finds another name"},
	{"0011", "the account check finds no such account"},
}
