// Package counter pays cash at our own counters: agents, their outlets, the
// tellers who work there, the drawers that hold the cash, and the floats it
// comes from.
//
// The main types are [Provider], which is ramps.Provider for payouts in cash
// whose counterpart is our own counters; [Service], every act at a counter; and
// the plain values that both work on: [Agent], [Outlet], [Teller], [Pickup],
// [Drawer] and [TopUp]. They are kept by a [Store], whose [Tx] is one
// transaction: what an act reads, decides and writes happens whole or not at
// all, and acts on one pickup happen one after the other, whichever process or
// counter they come from.
//
// What holds at any time, whatever crashes or comes twice:
//
//   - A pickup is paid once. The transaction that pays it also takes the cash
//     out of the teller's drawer, answers the payout order and accrues the
//     agent's commission.
//   - Cash leaves the drawer after [Service.Confirm] has answered. What was
//     withdrawn, stopped or changed before that is not paid, reserved or not;
//     what was paid can not be withdrawn any more.
//   - Every act names what it makes, so that repeating it after a lost answer
//     gives the same answer and has no second effect.
//   - A pickup is only found by its code together with the beneficiary's name.
//     Nothing but a keyed hash of the code is stored.
//   - A drawer and a float are never below zero: the ledger refuses.
package counter
