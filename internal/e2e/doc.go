// Package e2e holds the end-to-end tests: the real remitd binary with the real
// Temporal server, both stand-in chains and the sandbox bank as a user starts
// them, driven over gRPC, broken on purpose, killed, and checked book against book.
package e2e
