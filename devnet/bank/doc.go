// Package bank is a stand-in for a payment company that runs on a laptop: it
// collects money by bank debit and card, and pays it out to bank accounts, to
// mobile money and as cash, in any ISO 4217 currency the gateway knows. It is
// the counterpart of the provider "sandbox".
//
// The main types are [Bank], the company, [Fault], the ways in which it can be
// told to misbehave, and [Books], its own record of what money moved.
//
// What holds at any time:
//
//   - An order takes effect at most once, whatever the caller repeats: the same
//     reference with the same body gets the same order, with another body 409.
//   - No answer is given before what it says is synced to the journal, when
//     there is one: a bank that is killed resumes where its callers think it is.
//   - A pay-in is refunded at most once over, across all its refunds.
//   - Callbacks are repeated until they are answered with 2xx, also after a restart.
//
// # Interface
//
// Requests carry "Authorization: Bearer KEY". Amounts are integers in minor
// units. Refusals are application/problem+json with a stable "code".
//
//	POST /v1/orders                      order a pay-in, payout or refund: 201, repeated 200
//	GET  /v1/orders/{reference}          what became of it; 404 order_unknown if never seen
//	POST /v1/orders/{reference}/cancel   withdraw it if still possible; answers the order as it is then.
//	                                     An unknown reference is canceled in advance and never accepted
//	POST /v1/orders/{reference}/collect  {"pickup_code"}: hand out cash; 403 pickup_code_wrong
//	POST /v1/accounts:validate           200 {"valid":true} or 422 with the fields that are wrong
//	GET  /v1/books                       every movement and the totals per currency; ?reference= for one order
//	GET  /_orders                        all orders, oldest first (admin)
//	POST /_orders/{reference}/finish     {"outcome":"succeed|fail|return"}: end or return an order now (admin)
//	GET, POST, DELETE /_fault            the faults in force, add one, clear all (admin)
//
// An order is
//
//	{"reference":"rmp_…", "direction":"pay_in|pay_out|refund", "method":"bank_debit|card|bank|mobile_money|cash",
//	 "country":"PH", "amount":{"currency":"PHP","minor":1234500}, "refund_of":"rmp_…",
//	 "party":{"name":"…","phone":"…","country":"PH"}, "account":{"account_number":"…"}, "pickup_code":"…"}
//
// and its answer
//
//	{"reference":"rmp_…", "id":"bnk_…", "direction":"pay_out", "amount":{…}, "status":"accepted|succeeded|failed|canceled",
//	 "code":"account_closed", "detail":"…", "received":{…}, "version":2, "created_at":"…", "updated_at":"…"}
//
// Every change after the answer to the submission is told to the callback URL
// as {"type":"order.updated","order":{…}}, signed by Standard Webhooks.
//
// # Magic values
//
// A payout or bank debit misbehaves by the last four digits of its account
// number or phone (for cash, the beneficiary's phone); a pay-in by the token of
// its source, account["token"]. Everything else goes well.
//
//	digits  token                    what happens
//	0001    tok_declined             failed in the answer: account_closed; source_declined
//	0002    tok_insufficient_funds   failed in the answer: account_unknown; insufficient_funds
//	0003    tok_hang                 no answer until the order is looked up; then it goes on
//	0004    tok_lost_reply           it takes effect, the connection breaks before the answer
//	0005    tok_callback_twice       accepted, then succeeded with the same callback twice
//	0006    tok_rejected_later       accepted, then failed: payout_rejected; source_declined
//	0007    tok_charged_back         succeeded, then failed: the money comes back
//	0008    tok_callback_reordered   accepted, then succeeded; the callback of "accepted" comes last
//	0009    tok_pending              accepted until canceled or finished by hand
//	0010                             accounts:validate refuses it: name_mismatch
//	0011                             accounts:validate refuses it: account_unknown
//	        tok_short, tok_over      succeeds with a tenth too little, too much
//	        tok_refund_declined      succeeds; its refunds fail: refund_declined
//	        tok_refund_pending       succeeds; its refunds stay accepted until finished by hand
//
// Example:
//
//	b, err := bank.New(bank.Options{APIKey: key, CallbackURL: url, CallbackSecret: secret, StatePath: "bank.journal"})
//	if err != nil {
//		return err
//	}
//	defer b.Close()
//	go b.Run(ctx)
//	return http.Serve(listener, b.Handler())
//
// Not like a real company: it has no limits, no opening hours and all the
// money in the world. It has no place in production.
package bank
