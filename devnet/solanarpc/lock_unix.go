//go:build unix

package solanarpc

import (
	"os"
	"syscall"
)

// lockFile keeps a second node from writing the same journal. The lock goes
// with the process, however that ends.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
