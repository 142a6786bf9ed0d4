//go:build !unix

package ws

// canTry tells that there are no writes here that return at once: the queue takes all.
const canTry = false

func (w *wire) try(uintptr) bool { return true }

func tryRead(int, []byte) (int, error) { return 0, errNotYet }

func shutdown(uintptr) {}
