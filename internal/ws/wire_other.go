//go:build !unix

package ws

import "github.com/luahost/luahost/internal/tcpread"

// canTry tells that there are no writes here that return at once: the queue takes all.
const canTry = false

func (w *wire) try(uintptr) bool { return true }

func tryRead(*tcpread.State, uintptr, []byte) (n int, drained bool, err error) {
	return 0, false, errNotYet
}

func shutdown(uintptr) {}
