//go:build !unix

package nonblock

// Message has nothing to keep here.
type Message struct{}
