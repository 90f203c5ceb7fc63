// Package testenv runs the real gateway for tests and benchmarks: it builds
// remitd, starts `remitd dev` on a folder of its own with free ports, connects
// to it, and ends it gently or as a crash does.
package testenv
