// Package tcpread reads from TCP sockets, and tells whether that has taken all that has come.
//
// A poller that tells of arrivals, not of what is there, need not be followed by a read that finds nothing, if the read
// before it is known to have taken all. That it got less than it asked for is no proof: the peer's end may have come in the
// same moment as its last bytes, and nothing would tell of it again.
package tcpread

import "github.com/luahost/luahost/internal/nonblock"

// State is what a socket's reader needs between reads.
type State struct {
	tells   bool // the system says what is left
	control [24]byte
	message nonblock.Message
}
