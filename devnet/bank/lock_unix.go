//go:build unix

package bank

import (
	"os"
	"syscall"
)

// lockFile keeps a second bank from writing the same journal. The lock goes
// with the process, however that ends.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
