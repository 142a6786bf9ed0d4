// Package socket implements the Lua module skynet.socket, and its older name socket.
//
// A socket is a number, counted from 1 over the whole host. Scripts call
//
//	listen(host, port [, backlog])   id, address, port; or listen("host:port")
//	start(id [, accept])             id | nil, error: takes the socket over; accept(id, "ip:port") gets each client
//	open(host, port)                 id | nil, error; or open("host:port")
//	read(id [, n])                   n bytes, or those that are there | false, the rest
//	readline(id [, separator])       the line without separator ("\n") | false, the rest
//	readall(id)                      all until the peer ends | false when it has and nothing is left
//	block(id)                        waits for bytes: true | false when the peer has ended
//	write(id, data [, size])         true | false: a string, number, list of strings, or buffer of skynet.pack
//	lwrite(id, data [, size])        the same behind all that waits to be sent
//	close(id)                        ends it when all is sent, and waits for a coroutine that reads it
//	shutdown(id)                     ends it at once; close(id) is still to be called
//	close_fd(id)                     closes a socket that this service did not start
//	abandon(id)                      forgets it, so that another service can start it
//	pause(id)                        stops reading until the next read waits
//	limit(id, n)                     closes it when more than n bytes are unread
//	invalid(id), disconnected(id)
//	warning(id, f)                   f(id, kilobytes) when much waits to be sent, and with 0 when nothing does
//	onclose(id, f)                   f(id) when it ends
//	header(bytes)                    the number in 1 to 4 bytes, big-endian
//	bind(fd), stdin()                id of a descriptor of the process, of the standard input
//	udp(f [, host, port])            id; f(data, from) gets each datagram
//	udp_listen(host, port, f), udp_dial(host, port, f), udp_connect(id, host, port [, f])
//	sendto(id, from, data), udp_address(from)
//	netstat(), resolve(host)
//
// What reads, waits without stopping the service's other tasks; one coroutine at a time may read a socket.
// A service's sockets are closed when it ends; and one whose peer has ended is, when the task that read it dies of an error.
package socket

import (
	"bytes"
	"errors"
	"net"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under both of its names.
func Modules() []host.Module {
	open := func(s *host.Service) (vm.Value, error) { return poolOf(s).module(), nil }
	return []host.Module{{Name: "skynet.socket", Open: open}, {Name: "socket", Open: open}}
}

var library = vm.NewLibrary("socket", []*vm.GoFunction{
	vm.NewFunction("socket.listen", listen),
	vm.NewFunction("socket.start", start),
	vm.NewFunction("socket.open", open),
	vm.NewFunction("socket.bind", bind),
	vm.NewFunction("socket.stdin", stdin),
	vm.NewFunction("socket.read", read),
	vm.NewFunction("socket.readline", readline),
	vm.NewFunction("socket.readall", readall),
	vm.NewFunction("socket.block", block),
	vm.NewFunction("socket.write", write),
	vm.NewFunction("socket.lwrite", lwrite),
	vm.NewFunction("socket.close", closeSocket),
	vm.NewFunction("socket.shutdown", shutdown),
	vm.NewFunction("socket.close_fd", closeFD),
	vm.NewFunction("socket.abandon", abandon),
	vm.NewFunction("socket.pause", pause),
	vm.NewFunction("socket.limit", limit),
	vm.NewFunction("socket.invalid", invalid),
	vm.NewFunction("socket.disconnected", disconnected),
	vm.NewFunction("socket.warning", warning),
	vm.NewFunction("socket.onclose", onClose),
	vm.NewFunction("socket.header", header),
	vm.NewFunction("socket.udp", udp),
	vm.NewFunction("socket.udp_listen", udpListen),
	vm.NewFunction("socket.udp_dial", udpDial),
	vm.NewFunction("socket.udp_connect", udpConnect),
	vm.NewFunction("socket.sendto", sendTo),
	vm.NewFunction("socket.udp_address", udpAddress),
	vm.NewFunction("socket.netstat", netstat),
	vm.NewFunction("socket.resolve", resolve),
}, nil)

// pool is the sockets that a service has started.
type pool struct {
	service *host.Service
	set     *sockets.Set
	owner   *sockets.Owner
	entries map[int]*entry
	onClose map[int]vm.Value
	table   *vm.Table // the module
}

type poolKey struct{}

func poolOf(s *host.Service) *pool {
	return s.Local(poolKey{}, func() any {
		set := sockets.Of(s.Host())
		return &pool{service: s, set: set, owner: set.Owner(s), entries: map[int]*entry{}}
	}).(*pool)
}

func (p *pool) module() vm.Value {
	if p.table == nil {
		p.table = p.service.State().Open(library)
	}
	return p.table.Value()
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
