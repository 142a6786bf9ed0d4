// Package socket implements the Lua module skynet.socket, and its older name socket. What they offer is declared in
// module.go.
package socket

import (
	"bytes"
	"errors"
	"net"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// pool is the sockets that a service has started.
type pool struct {
	service *host.Service
	set     *sockets.Set
	owner   *sockets.Owner
	entries map[int]*entry
	onClose map[int]vm.Value
}

type poolKey struct{}

func poolOf(s *host.Service) *pool {
	return s.Local(poolKey{}, func() any {
		set := sockets.Of(s.Host())
		return &pool{service: s, set: set, owner: set.Owner(s), entries: map[int]*entry{}}
	}).(*pool)
}

// poolIn returns the pool of the service that calls.
func poolIn(c *vm.Call) *pool { return poolOf(host.ServiceOf(c)) }

// Take gives the connection of a socket away: to a binding that speaks a protocol by itself. The socket may have been
// started by s or by nobody yet; its number is not used again. early is what was read from the connection already.
// It must be called in the service's turn.
func Take(s *host.Service, id int) (conn net.Conn, early []byte, err error) {
	p := poolOf(s)
	stream, ok := p.set.Get(id).(*sockets.Stream)
	if !ok {
		return nil, nil, sockets.ErrInvalid
	}
	e := p.entries[id]
	if e != nil && e.reader != 0 {
		return nil, nil, errors.New("a coroutine reads the socket")
	}
	conn, early, err = stream.Take()
	if err == nil && e != nil {
		early = append(bytes.Clone(e.unread.data), early...)
		e.unread.drop()
		p.remove(e)
		delete(p.onClose, id)
	}
	return conn, early, err
}

// errAssertion is what Lua's assert raises without a message.
func errAssertion() error { return vm.NewError(vm.String("assertion failed!")) }

// started returns the entry of argument 1, which the service must have started.
func started(c *vm.Call) (*entry, error) {
	if e := poolIn(c).entries[c.CheckInt(1)]; e != nil {
		return e, nil
	}
	return nil, errAssertion()
}

// find returns the socket of argument 1, whoever has started it, or nil.
func find(c *vm.Call) sockets.Socket {
	p, id := poolIn(c), c.CheckInt(1)
	if e := p.entries[id]; e != nil {
		return e.socket
	}
	return p.set.Get(id)
}
