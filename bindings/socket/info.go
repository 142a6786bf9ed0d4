package socket

import (
	"github.com/luahost/luahost/bindings/internal/sockets"
	"github.com/luahost/luahost/vm"
)

// netstat()
func netstat(c *vm.Call) error {
	list := c.State().NewTable(0, 0)
	for i, info := range poolIn(c).set.Infos() {
		list.SetInt(i+1, describe(c.State(), info).Value())
	}
	return c.Return(list.Value())
}

func describe(s *vm.State, i sockets.Info) *vm.Table {
	t := s.NewTable(0, 12)
	t.SetString("id", vm.Int(i.ID))
	t.SetString("address", vm.Int(int(i.Owner)))
	t.SetString("type", vm.String(i.Type))
	t.SetString("rtime", vm.Int(int(i.Read.Last())))
	if i.Local != "" {
		t.SetString("sock", vm.String(i.Local))
	}
	if i.Type == "LISTEN" {
		t.SetString("accept", vm.Int(int(i.Read.Count())))
		return t
	}
	t.SetString("read", vm.Int(int(i.Read.Count())))
	t.SetString("write", vm.Int(int(i.Written.Count())))
	t.SetString("wtime", vm.Int(int(i.Written.Last())))
	t.SetString("wbuffer", vm.Int(i.Unsent))
	t.SetString("reading", vm.Bool(i.Reading))
	t.SetString("writing", vm.Bool(i.Writing))
	if i.Peer != "" {
		t.SetString("peer", vm.String(i.Peer))
	}
	return t
}

// resolve(host)
func resolve(c *vm.Call) error {
	p, name := poolIn(c), c.CheckString(1)
	return await(c, p.service, func(done func([]string, error)) {
		p.set.Resolve(p.service.Context(), name, done)
	}, nil, func(c *vm.Call, addresses []string, err error) error {
		if err != nil {
			return c.Errorf("%s: %s", name, sockets.Reason(err))
		}
		list := c.State().NewTable(len(addresses), 0)
		for i, a := range addresses {
			list.SetInt(i+1, vm.String(a))
		}
		return c.Return(list.Value())
	})
}
