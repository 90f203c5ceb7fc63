// Package sim lives through thousands of remittances on a clock of its own,
// with everything going wrong that can, and then compares all books.
//
// What runs is the product: the store on SQLite, the steps of the workflow, the
// ramp desk with the sandbox provider against the stand-in bank over HTTP, and
// the settlement engines. Only the chains are simulated here (they close when
// the simulation says so), and the story is told by a scheduler instead of a
// Temporal server, in the order of workflows/story.go.
//
// What goes wrong, by a seeded dice: commits that fail before or after their
// effect, processes that restart, networks that lose requests and answers,
// notices and callbacks that come late, twice, old or never, rails that are
// down, drop, land late or fail a batch for one order, treasuries that run
// short, declined pay-ins, wrong amounts, rejected payouts, refused refunds,
// changes of mind, reviews that a person decides either way.
//
//	go test ./internal/sim -run TestSimulation -sim.n 5000 -sim.seed 7
//
// A seed that fails prints itself; the same seed and number give the same run.
package sim
