//go:build unix

package control

import (
	"os"
	"syscall"
)

// owned reports whether a file belongs to the user of this process.
func owned(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}
