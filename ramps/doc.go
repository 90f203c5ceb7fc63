// Package ramps moves fiat in and out through providers.
//
// The main types are [Provider], which an adapter in a folder below implements
// for one company; [Order], one stored instruction to it; and [Desk], the
// engine that carries stored orders to providers and their answers back. The
// orders are kept by a [Store]; callbacks come in through [CallbackHandler].
//
// What holds at any time, whatever crashes:
//
//   - An order has one reference, its id, however often it is sent.
//   - It is marked as sent before its first byte leaves, and once marked it is
//     sent again only after the provider says that it has never seen it.
//   - Silence, a timeout or an open breaker never fails an order: it is looked
//     up until the provider says how it ended.
//   - A callback is answered with 2xx only after what it says is stored.
//
// Example:
//
//	desk, err := ramps.NewDesk(ramps.DeskOptions{Store: store, Providers: providers, Clock: clock, Logger: log})
//	if err != nil {
//		return err
//	}
//	mux.Handle("/callbacks/", ramps.CallbackHandler(providers, store, desk))
//	return desk.Run(ctx)
package ramps
