package sockets

import (
	"net"
	"net/netip"
	"strconv"

	"github.com/luahost/luahost/host"
)

// Info describes a socket.
type Info struct {
	ID      int
	Owner   host.Handle
	Type    string  // LISTEN, TCP, UDP, BIND, or CLOSING while what was written is being sent
	Peer    string  // address of the other end, or ""
	Local   string  // address of this end, or ""
	Read    traffic // bytes; clients of a listener
	Written traffic // bytes
	Unsent  int     // bytes that wait
	Reading bool    // not paused
	Writing bool    // bytes wait
}

// Count returns how much there was.
func (t traffic) Count() int64 { return t.bytes }

// Last returns when there was something last, as Host.Now counts; 0 when there was nothing.
func (t traffic) Last() int64 { return t.last }

// addressText words an address as skynet does: "ip:port", without brackets also for IPv6.
func addressText(a net.Addr) string {
	switch a := a.(type) {
	case nil:
		return ""
	case *net.TCPAddr:
		return addressPortText(a.AddrPort())
	case *net.UDPAddr:
		return addressPortText(a.AddrPort())
	}
	return a.String()
}

func addressPortText(a netip.AddrPort) string {
	return a.Addr().Unmap().String() + ":" + strconv.Itoa(int(a.Port()))
}
