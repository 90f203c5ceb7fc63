// Command temporald runs a Temporal server for development and tests: one
// process, one SQLite file, loopback only.
//
// `remitd dev` and the end-to-end tests start it as a child process, so that a
// laptop needs nothing installed. It is a module of its own because the server
// would triple the gateway's binary and pins older versions of libraries that
// the gateway shares. Production runs a real Temporal cluster instead.
//
// Promises:
//
//   - Stdout carries exactly one line, "ready address=HOST:PORT", written once
//     the frontend answers and the namespace can be used. Logs go to stderr.
//   - Killed at any moment with -9, it resumes every workflow from its file.
//   - With --exit-with-parent it stops when its standard input ends, so a
//     parent that was killed leaves no orphan behind.
//   - Two instances on two files run side by side; two on one file do not.
package main
