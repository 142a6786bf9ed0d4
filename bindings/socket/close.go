package socket

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// close(id)
func closeSocket(c *vm.Call) error {
	p := poolIn(c)
	e := p.entries[c.CheckInt(1)]
	if e == nil || e.closer != 0 {
		return nil
	}
	e.socket.Close()
	e.connected = false
	if e.reader == 0 || !p.service.CanWait(c) {
		e.wakeLater()
		e.forget()
		return nil
	}
	e.closer = p.service.NewSession()
	e.wakeLater()
	return p.service.Wait(c, e.closer, func(*vm.Call, host.Reply) error {
		e.forget()
		return nil
	})
}

// forget removes a socket that the script has closed.
func (e *entry) forget() {
	p := e.pool
	p.remove(e)
	if e.reader == 0 {
		e.unread.drop()
	}
	if f, ok := p.onClose[e.id]; ok {
		delete(p.onClose, e.id)
		p.service.Fork(f, vm.Int(e.id))
	}
}

// shutdown(id)
func shutdown(c *vm.Call) error {
	if e := poolIn(c).entries[c.CheckInt(1)]; e != nil {
		e.socket.Shutdown()
	}
	return nil
}

// close_fd(id)
func closeFD(c *vm.Call) error {
	p, id := poolIn(c), c.CheckInt(1)
	if p.entries[id] != nil {
		return vm.NewError(vm.String("Use socket.close instead"))
	}
	if s := p.set.Get(id); s != nil {
		s.Close()
	}
	return nil
}

// abandon(id)
func abandon(c *vm.Call) error {
	p := poolIn(c)
	e := p.entries[c.CheckInt(1)]
	if e == nil {
		return nil
	}
	e.socket.Abandon(p.owner)
	e.connected = false
	delete(p.onClose, e.id)
	e.wakeLater()
	p.remove(e)
	return nil
}

// onclose(id, f)
func onClose(c *vm.Call) error {
	p, id := poolIn(c), c.CheckInt(1)
	if c.Arg(2).IsNil() {
		delete(p.onClose, id)
		return nil
	}
	if p.onClose == nil {
		p.onClose = map[int]vm.Value{}
	}
	p.onClose[id] = c.CheckFunction(2)
	return nil
}

// invalid(id)
func invalid(c *vm.Call) error {
	return c.Return(vm.Bool(poolIn(c).entries[c.CheckInt(1)] == nil))
}

// disconnected(id): nothing when the service has not started the socket.
func disconnected(c *vm.Call) error {
	if e := poolIn(c).entries[c.CheckInt(1)]; e != nil {
		return c.Return(vm.Bool(!e.connected))
	}
	return nil
}
