package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// watcher shows the events of one remittance as they happen.
type watcher struct {
	*app
	id      string
	after   int32
	started time.Time
	// shown are the facts about the settlement and pickup that were shown once.
	hash, code string
	caseID     string
	last       *v1.Event
}

// watch shows what happens to a remittance until it ends, or the time is over.
// The error tells the exit code of any end but completed.
func (a *app) watch(ctx context.Context, id string, timeout time.Duration) error {
	w := &watcher{app: a, id: id}
	watchCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if !a.json {
		fmt.Fprintf(a.out, "\n%s\n%s\n", id, eventHead)
	}
	pause := firstPause
	for {
		before := w.after
		err := w.stream(watchCtx)
		if err == nil || watchCtx.Err() != nil {
			break
		}
		switch status.Code(unwrapStatus(err)) {
		case codes.Unavailable:
		case codes.Canceled, codes.DeadlineExceeded: // The gateway saw the time end before this clock did.
		default:
			return err
		}
		if w.after > before {
			pause = firstPause
		}
		if wait(watchCtx, pause) != nil {
			break
		}
		pause = min(2*pause, 5*time.Second)
	}
	if ctx.Err() != nil {
		return ended{exitNotEnded, "not watched any more"}
	}
	return w.finish(ctx)
}

// stream shows events until the stream ends.
func (w *watcher) stream(ctx context.Context) error {
	s, err := v1.NewRemittanceServiceClient(w.conn).WatchRemittance(w.withHeaders(ctx, ""),
		&v1.WatchRemittanceRequest{Id: w.id, After: w.after})
	if err != nil {
		return err
	}
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.show(ctx, m.GetEvent()); err != nil {
			return err
		}
	}
}

// show writes one event, and what it brought to light.
func (w *watcher) show(ctx context.Context, e *v1.Event) error {
	w.after, w.last = e.GetNumber(), e
	if w.json {
		return w.showJSONLine(e)
	}
	if w.started.IsZero() {
		w.started = e.GetAt().AsTime()
	}
	w.line(e)
	if e.GetType() == eventClaimable {
		for _, line := range claimLines(e) {
			fmt.Fprintln(w.out, "                   "+line)
		}
	}
	switch remit.State(e.GetState()) {
	case remit.StateSettling, remit.StateSettled, remit.StateReadyForPickup, remit.StateInReview:
		r, err := w.detail(ctx)
		if err != nil {
			return err
		}
		w.showFinds(r)
	default:
	}
	return nil
}

// eventClaimable is the event of money that waits on chain for a wallet.
const eventClaimable = "remittance.claimable"

// claimLines say what the beneficiary is to do about money that waits on chain.
func claimLines(e *v1.Event) []string {
	return []string{
		"the wallet cannot hold the coin yet: it opens a trustline and claims the balance",
		e.GetFacts()["claim"],
		"until " + e.GetFacts()["until"] + " for sure; what is not claimed is taken back and refunded",
	}
}

// waitsForClaim reports whether the money waits on chain for the beneficiary's
// own wallet to claim it.
func waitsForClaim(r *v1.Remittance) bool { return r.GetSettlement().GetClaim().GetStatus() == "open" }

// claimRow says what became of money that was left on chain.
func claimRow(c *v1.SettlementClaim) []string {
	switch c.GetStatus() {
	case "open":
		return []string{"Claim", "waits for the wallet until " + clock(c.GetClaimableUntil()) + ": " + c.GetId()}
	case "reclaimed":
		return []string{"Claim", "taken back by the treasury: " + c.GetHash()}
	default:
		return []string{"Claim", c.GetStatus() + " by the wallet: " + c.GetHash()}
	}
}

// eventHead heads the lines of events.
const eventHead = "    #       after  what happened            funds"

// unshownFacts are ids and hashes that lines leave out: --json has them all, and
// the hash of a transaction is shown where it can be looked up.
var unshownFacts = []string{"attempt", "claim", "hash", "order", "order_id", "received_asset"}

// eventLine writes an event on one line: a change of state by the state's name,
// a fact in between by its own, set in.
func (a *app) eventLine(since time.Duration, e *v1.Event) string {
	what := e.GetState()
	if e.GetType() != "remittance."+e.GetState() {
		what = "  " + e.GetType()
	}
	var facts []string
	if e.GetReason() != "" {
		facts = append(facts, e.GetReason())
	}
	for _, name := range slices.Sorted(maps.Keys(e.GetFacts())) {
		if slices.Contains(unshownFacts, name) {
			continue
		}
		value := e.GetFacts()[name]
		if asset := e.GetFacts()[name+"_asset"]; asset != "" {
			value = asset + " " + value
		}
		facts = append(facts, name+" "+value)
	}
	line := fmt.Sprintf("  %3d  %7.2f s  %-24s %-13s %s", e.GetNumber(), since.Seconds(), what, e.GetFunds(), strings.Join(facts, ", "))
	return strings.TrimRight(line, " ")
}

func (w *watcher) line(e *v1.Event) {
	fmt.Fprintln(w.out, w.eventLine(e.GetAt().AsTime().Sub(w.started), e))
}

// showFinds writes once what the remittance shows beside its events.
func (w *watcher) showFinds(r *v1.Remittance) {
	note := func(format string, args ...any) { fmt.Fprintf(w.out, "                   "+format+"\n", args...) }
	if s := r.GetSettlement(); s.GetHash() != "" && s.GetHash() != w.hash {
		w.hash = s.GetHash()
		note("%s on %s: %s", money(s.GetAmount()), s.GetRail(), s.GetHash())
		if s.GetExplorerUrl() != "" {
			note("look it up: %s", s.GetExplorerUrl())
		}
	}
	if code := r.GetPickupCode(); code != "" && code != w.code {
		w.code = code
		note("pickup code: %s", code)
	}
	if id := r.GetCaseId(); id != "" && id != w.caseID {
		w.caseID = id
		note("a person must decide: remit cases show %s", id)
		note("then: remit cases approve %s --note …, or: remit cases reject %s --note …", id, id)
	}
}

func (w *watcher) detail(ctx context.Context) (*v1.Remittance, error) {
	resp, err := call(ctx, w.app, "", v1.NewRemittanceServiceClient(w.conn).GetRemittance, &v1.GetRemittanceRequest{Id: w.id})
	if err != nil {
		return nil, err
	}
	return resp.GetRemittance(), nil
}

// finish writes how the remittance stands at the end of the watch.
func (w *watcher) finish(ctx context.Context) error {
	r, err := w.detail(ctx)
	if err != nil {
		return err
	}
	if w.json {
		if err := w.showJSONLine(r); err != nil {
			return err
		}
		return endOf(r)
	}
	w.showFinds(r)
	fmt.Fprintln(w.out)
	switch remit.State(r.GetState()) {
	case remit.StateCompleted:
		took := time.Duration(0)
		if w.last != nil {
			took = w.last.GetAt().AsTime().Sub(r.GetCreatedAt().AsTime())
		}
		fmt.Fprintf(w.out, "completed in %.1f s: %s paid, %s in fees, %s received\n", took.Seconds(),
			money(r.GetSourceAmount()), money(r.GetFeesTotal()), money(r.GetTargetAmount()))
		if w.hash != "" {
			fmt.Fprintf(w.out, "transaction %s\n", w.hash)
		}
	case remit.StateRefunded:
		fmt.Fprintf(w.out, "refunded (%s): %s went back to the originator\n", orDash(r.GetReason()), money(r.GetSourceAmount()))
	default:
		fmt.Fprintf(w.out, "%s (%s), funds %s\n", r.GetState(), orDash(r.GetReason()), r.GetFunds())
		switch state := remit.State(r.GetState()); {
		case state == remit.StateInReview:
			fmt.Fprintf(w.out, "It waits for the decision of case %s.\n", r.GetCaseId())
		case waitsForClaim(r):
			fmt.Fprintf(w.out, "It waits for the wallet to claim the money. Follow it with: remit events %s --follow\n", w.id)
		case !state.Ended():
			fmt.Fprintf(w.out, "It goes on by itself. Follow it with: remit events %s --follow\n", w.id)
		}
	}
	return endOf(r)
}

// endOf is nil for a completed remittance and tells the exit code of any other.
func endOf(r *v1.Remittance) error {
	switch state := remit.State(r.GetState()); state {
	case remit.StateCompleted:
		return nil
	case remit.StateRejected, remit.StateCanceled, remit.StateExpired:
		return ended{exitNotStarted, r.GetState()}
	case remit.StateRefunded:
		return ended{exitRefunded, r.GetState()}
	case remit.StateBlocked:
		return ended{exitBlocked, r.GetState()}
	default:
		return ended{exitNotEnded, r.GetState()}
	}
}
