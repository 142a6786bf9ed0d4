// Package websocket implements the Lua module http.websocket, on gws, and websocket.core, the native half of the frame
// codec in lualib/websocket. What they offer is declared in module.go; docs/websocket.md is the manual.
package websocket

import (
	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/internal/ws"
	"github.com/luahost/luahost/vm"
)

// pool is the connections and listeners of a service. Only the service's turn touches it.
type pool struct {
	service   *host.Service
	hub       *hub
	sockets   *sockets.Set
	sessions  map[int]*session
	listeners map[int]*listener
	conns     []*ws.Conn // scratch space of broadcast
	incoming  []byte     // the text whose handler runs
}

type poolKey struct{}

func poolOf(s *host.Service) *pool {
	return s.Local(poolKey{}, func() any {
		p := &pool{
			service: s, hub: hubOf(s.Host()), sockets: sockets.Of(s.Host()),
			sessions: map[int]*session{}, listeners: map[int]*listener{},
		}
		s.OnExit(p.exit)
		return p
	}).(*pool)
}

func poolIn(c *vm.Call) *pool { return poolOf(host.ServiceOf(c)) }

// exit closes everything when the service ends; nothing waits for that here.
func (p *pool) exit() {
	for _, l := range p.listeners {
		l.close()
	}
	for _, s := range p.sessions {
		if s.conn != nil {
			s.conn.Close(ws.StatusGoingAway, "service ends")
		}
	}
}

// find returns the connection of argument 1.
func find(c *vm.Call) *session {
	id := c.CheckInt(1)
	s := poolIn(c).sessions[id]
	if s == nil || s.conn == nil {
		panic(c.Errorf("no websocket %d in this service", id))
	}
	return s
}

// opcode decodes "text", the default, or "binary".
func opcode(c *vm.Call, i int) ws.Opcode {
	switch name := c.OptString(i, "text"); name {
	case "text":
		return ws.Text
	case "binary":
		return ws.Binary
	default:
		panic(c.ArgError(i, "'text' or 'binary' expected, got '"+name+"'"))
	}
}

func write(c *vm.Call) error {
	s, data, op := find(c), vm.StringBytes(c.CheckString(2)), opcode(c, 3)
	if s.pool.came(data) {
		return answer(c, 2, s.conn.WriteValid(op, data))
	}
	return answer(c, 2, s.conn.Write(op, data))
}

// came tells that data is the text that is handled, unchanged: it was checked when it came.
func (p *pool) came(data []byte) bool {
	return len(data) > 0 && len(data) == len(p.incoming) && &data[0] == &p.incoming[0]
}

// answer returns whether something was sent. Closing connections and slow peers are part of life; bad data is an error.
func answer(c *vm.Call, data int, err error) error {
	switch err {
	case ws.ErrEncoding, ws.ErrTooBig:
		return c.ArgError(data, err.Error())
	}
	return c.Return(vm.Bool(err == nil))
}

func broadcast(c *vm.Call) error {
	p, ids, data, op := poolIn(c), c.CheckTable(1), c.CheckString(2), opcode(c, 3)
	conns := p.conns[:0]
	for i := 1; ; i++ {
		id, ok := ids.GetInt(i).AsNumber()
		if !ok {
			break
		}
		if s := p.sessions[int(id)]; s != nil && s.conn != nil {
			conns = append(conns, s.conn)
		}
	}
	sent, err := ws.Broadcast(conns, op, vm.StringBytes(data))
	clear(conns)
	p.conns = conns[:0]
	if err != nil {
		return c.ArgError(2, err.Error())
	}
	return c.Return(vm.Int(sent))
}

func ping(c *vm.Call) error {
	s, data := find(c), c.OptString(2, "")
	if len(data) > 125 {
		return c.ArgError(2, "a ping has 125 bytes at most")
	}
	return c.Return(vm.Bool(s.conn.Ping(vm.StringBytes(data)) == nil))
}

func closeConn(c *vm.Call) error {
	p, id := poolIn(c), c.CheckInt(1)
	code, reason := c.OptInt(2, ws.StatusNone), c.OptString(3, "")
	if !c.Arg(2).IsNil() && !ws.ValidStatus(code) {
		return c.ArgError(2, "a close code is 1000 to 1003, 1007 to 1014, or 3000 to 4999")
	}
	if l := p.listeners[id]; l != nil {
		l.close()
		delete(p.listeners, id)
	} else if s := p.sessions[id]; s != nil && s.conn != nil {
		s.conn.Close(code, reason)
		if s.inbox != nil {
			s.forget()
		}
	}
	return nil
}

func addrinfo(c *vm.Call) error { return c.Return(vm.String(find(c).addr)) }

func realIP(c *vm.Call) error {
	if ip := find(c).request.get("x-real-ip"); ip != "" {
		return c.Return(vm.String(ip))
	}
	return c.Return(vm.Nil())
}

func url(c *vm.Call) error { return c.Return(vm.String(find(c).request.url)) }

func header(c *vm.Call) error {
	s := find(c)
	return c.Return(s.request.table(c.State()))
}

func subprotocol(c *vm.Call) error {
	if p := find(c).conn.Subprotocol(); p != "" {
		return c.Return(vm.String(p))
	}
	return c.Return(vm.Nil())
}

func queued(c *vm.Call) error { return c.Return(vm.Int(find(c).conn.Queued())) }

func isClose(c *vm.Call) error {
	s := poolIn(c).sessions[c.CheckInt(1)]
	return c.Return(vm.Bool(s == nil || s.conn == nil || s.conn.Closing()))
}
