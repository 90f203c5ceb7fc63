//go:build !unix

package main

import "os"

// lockDatabase is a convenience for development; where the system has no
// flock, the port is the only guard.
func lockDatabase(string) (unlock func(), err error) { return func() {}, nil }

func processExists(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
