package socket

import (
	"net"
	"strconv"
	"strings"

	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// address returns host and port of arguments i and i+1, or of "host:port" and "[host]:port" in argument i alone.
func address(c *vm.Call, i int) (host string, port int, err error) {
	text := c.CheckString(i)
	if !c.Arg(i + 1).IsNil() {
		return text, c.CheckInt(i + 1), nil
	}
	bad := c.Errorf("Invalid address %s.", text)
	rest := text
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if host, rest, ok = strings.Cut(inner, "]"); !ok {
			return "", 0, bad
		}
	}
	before, digits, ok := strings.Cut(rest, ":")
	if !ok {
		return "", 0, bad
	}
	if host == "" {
		host = before
	}
	if port, err = strconv.Atoi(digits); err != nil {
		return "", 0, bad
	}
	return host, port, nil
}

// listen(host, port [, backlog]): the system decides on the length of the queue of clients.
func listen(c *vm.Call) error {
	p := poolIn(c)
	host, port, err := address(c, 1)
	if err != nil {
		return err
	}
	e, err := p.listen(host, port)
	if err != nil {
		return c.Errorf("Listen error: %v", err)
	}
	host, port = e.socket.(*sockets.Listener).Address()
	c.Push(vm.Int(e.id), vm.String(host), vm.Int(port))
	return nil
}

// listen opens a listener. One that code opens when it is loaded lives as long as the code does so, over all reloads.
func (p *pool) listen(host string, port int) (*entry, error) {
	open := func() (any, error) {
		l, err := p.set.Listen(p.owner, host, port)
		if err != nil {
			return nil, err
		}
		e := p.add(l)
		e.listener, e.connected = true, false
		return e, nil
	}
	if !p.service.AtLoad() {
		e, err := open()
		if err != nil {
			return nil, err
		}
		return e.(*entry), nil
	}
	e, err := p.service.Declare("socket.listen", net.JoinHostPort(host, strconv.Itoa(port)), open, func(e any) {
		e.(*entry).socket.Close()
		e.(*entry).forget()
	})
	if err != nil {
		return nil, err
	}
	return e.(*entry), nil
}

// start(id [, accept])
func start(c *vm.Call) error {
	p, id := poolIn(c), c.CheckInt(1)
	if p.service.OnTrial() {
		return p.startOnTrial(c, id)
	}
	if _, ok := p.onClose[id]; ok {
		return c.Errorf("socket has onclose callback")
	}
	if old := p.entries[id]; old != nil && !old.listening() {
		return c.Errorf("socket is not closed")
	}
	s := p.set.Get(id)
	_, listener := s.(*sockets.Listener)
	if listener {
		c.CheckFunction(2)
	} else if s == nil {
		return fail(c, sockets.ErrInvalid)
	}
	e := p.add(s)
	e.listener, e.callback = listener, c.Arg(2)
	return e.start(c)
}

// startOnTrial is start while code is reloaded: a listener that runs gets its new function, one that is new is started
// when the reload is kept.
func (p *pool) startOnTrial(c *vm.Call, id int) error {
	e := p.entries[id]
	if e == nil || !e.listener {
		return p.service.Forbid(c, "socket.start")
	}
	f := c.CheckFunction(2)
	if !e.callback.IsNil() {
		c.State().Assign(&e.callback, f)
		return c.Return(vm.Int(id))
	}
	p.service.Begin("socket.start", func(values []vm.Value) {
		e.callback = values[0]
		if err := e.socket.Start(p.owner, e); err != nil {
			e.logf("socket: start error: %v", err)
			p.remove(e)
		}
	}, f)
	return c.Return(vm.Int(id))
}

// start lets the socket run, and returns its number to the script.
func (e *entry) start(c *vm.Call) error {
	if err := e.socket.Start(e.pool.owner, e); err != nil {
		e.pool.remove(e)
		return fail(c, err)
	}
	return c.Return(vm.Int(e.id))
}

// fail returns nil and the reason to the script.
func fail(c *vm.Call, err error) error {
	c.Push(vm.Nil(), vm.String(sockets.Reason(err)))
	return nil
}

// open(host, port)
func open(c *vm.Call) error {
	p := poolIn(c)
	host, port, err := address(c, 1)
	if err != nil {
		return err
	}
	return await(c, p.service, func(done func(*sockets.Stream, error)) {
		p.set.Dial(p.owner, host, port, done)
	}, func(s *sockets.Stream) { s.Close() }, func(c *vm.Call, s *sockets.Stream, err error) error {
		if err != nil {
			return fail(c, err)
		}
		return p.add(s).start(c)
	})
}

// await suspends the running task until begin's work calls done; then k gets the outcome. What nobody waits for any
// more is thrown away.
func await[T any](c *vm.Call, svc *host.Service, begin func(done func(T, error)), discard func(T), k func(*vm.Call, T, error) error) error {
	if !svc.CanWait(c) {
		return svc.Suspend(c, 0, nil)
	}
	type outcome struct {
		value T
		err   error
	}
	session := svc.NewSession()
	begin(func(v T, err error) {
		if !svc.Deliver(session, outcome{v, err}) && err == nil && discard != nil {
			discard(v)
		}
	})
	return svc.Wait(c, session, func(c *vm.Call, r host.Reply) error {
		o := r.Message.Value.(outcome)
		return k(c, o.value, o.err)
	})
}

// bind(fd)
func bind(c *vm.Call) error {
	p := poolIn(c)
	return attach(c, p, func() (*sockets.Stream, error) { return p.set.Bind(p.owner, c.CheckInt(1)) })
}

// stdin()
func stdin(c *vm.Call) error {
	p := poolIn(c)
	return attach(c, p, func() (*sockets.Stream, error) { return p.set.Stdin(p.owner) })
}

func attach(c *vm.Call, p *pool, make func() (*sockets.Stream, error)) error {
	s, err := make()
	if err != nil {
		return fail(c, err)
	}
	return p.add(s).start(c)
}
