package socket

import (
	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/vm"
)

// udp(f [, host, port])
func udp(c *vm.Call) error {
	return packets(c, 1, func(p *pool) (*sockets.Packets, error) {
		return p.set.ListenPackets(p.owner, c.OptString(2, ""), c.OptInt(3, 0))
	})
}

// udp_listen(host, port, f)
func udpListen(c *vm.Call) error {
	return packets(c, 3, func(p *pool) (*sockets.Packets, error) {
		return p.set.ListenPackets(p.owner, c.CheckString(1), c.CheckInt(2))
	})
}

// udp_dial(host, port, f)
func udpDial(c *vm.Call) error {
	return packets(c, 3, func(p *pool) (*sockets.Packets, error) {
		return p.set.DialPackets(p.owner, c.CheckString(1), c.CheckInt(2))
	})
}

func packets(c *vm.Call, callback int, make func(*pool) (*sockets.Packets, error)) error {
	p := poolIn(c)
	s, err := make(p)
	if err != nil {
		return c.Errorf("udp init failed: %s", sockets.Reason(err))
	}
	e := p.add(s)
	e.udp, e.callback = true, c.Arg(callback)
	return e.start(c)
}

// udp_connect(id, host, port [, f])
func udpConnect(c *vm.Call) error {
	p := poolIn(c)
	s, ok := find(c).(*sockets.Packets)
	if !ok {
		return errAssertion()
	}
	if err := s.Connect(c.CheckString(2), c.CheckInt(3)); err != nil {
		return c.Errorf("udp connect failed: %s", sockets.Reason(err))
	}
	e := p.entries[s.ID()]
	if e != nil {
		if f := c.Arg(4); !f.IsNil() {
			e.callback = f
		}
		return nil
	}
	e = p.add(s)
	e.udp, e.callback = true, c.Arg(4)
	return s.Start(p.owner, e)
}

// sendto(id, from, data)
func sendTo(c *vm.Call) error {
	s, ok := find(c).(*sockets.Packets)
	to, valid := sockets.DecodeAddress(c.CheckString(2))
	data, err := bytesOf(c, 3)
	if err != nil {
		return err
	}
	return c.Return(vm.Bool(ok && valid && s.SendTo(data, to)))
}
