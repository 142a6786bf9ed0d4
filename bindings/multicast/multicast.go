// Package multicast implements skynet.multicast.core: packages that many services receive without copies.
//
// A package is known by a number, which scripts have as a light userdata. It lives until as many services as bind was
// told have closed it.
package multicast

import (
	"encoding/binary"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module.
func Modules() []host.Module {
	return []host.Module{{Name: "skynet.multicast.core", Open: func(s *host.Service) (vm.Value, error) {
		return s.State().Open(library).Value(), nil
	}}}
}

var library = vm.NewLibrary("multicast.core", []*vm.GoFunction{
	vm.NewFunction("multicast.pack", pack),
	vm.NewFunction("multicast.packremote", pack),
	vm.NewFunction("multicast.unpack", unpack),
	vm.NewFunction("multicast.bind", bind),
	vm.NewFunction("multicast.close", closePackage),
	vm.NewFunction("multicast.remote", remote),
	vm.NewFunction("multicast.nextid", nextID),
}, nil)

// packages are those of a host.
type packages struct {
	mu   sync.Mutex
	last uint64
	live map[uint64]*content
}

type content struct {
	data       []byte
	references int
}

type packagesKey struct{}

func packagesOf(h *host.Host) *packages {
	return h.Local(packagesKey{}, func() any { return &packages{live: map[uint64]*content{}} }).(*packages)
}

// referenceSize is the size of a package's number, as services pass it on.
const referenceSize = 8

// pack(msg, size) or pack(text): the package and the size of its number. It takes the message.
func pack(c *vm.Call) error {
	h := host.ServiceOf(c).Host()
	var data []byte
	if c.Arg(1).Kind() == vm.KindLightUserdata {
		b, ok := h.TakeBlock(c.Arg(1))
		if !ok {
			return c.TypeError(1, "message")
		}
		data = b[:min(max(c.OptInt(2, len(b)), 0), len(b))]
	} else if !c.Arg(1).IsNil() {
		data = []byte(c.CheckString(1))
	}
	p := packagesOf(h)
	p.mu.Lock()
	p.last++
	n := p.last
	p.live[n] = &content{data: data}
	p.mu.Unlock()
	reference := binary.LittleEndian.AppendUint64(nil, n)
	c.Push(host.ServiceOf(c).NewBlock(reference), vm.Int(referenceSize))
	return nil
}

// number returns which package argument 1 stands for.
func number(c *vm.Call) (uint64, error) {
	if b, ok := host.ServiceOf(c).Host().Block(c.Arg(1)); ok && len(b) == referenceSize {
		return binary.LittleEndian.Uint64(b), nil
	}
	if n, ok := c.Arg(1).AsNumber(); ok && n > 0 {
		return uint64(n), nil
	}
	return 0, c.Errorf("Invalid multicast package")
}

func (p *packages) find(n uint64) *content {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.live[n]
}

// unpack(msg, size): the package, and its content as a message and its size.
func unpack(c *vm.Call) error {
	n, err := number(c)
	if err != nil {
		return err
	}
	svc := host.ServiceOf(c)
	k := packagesOf(svc.Host()).find(n)
	if k == nil {
		return c.Errorf("Invalid multicast package")
	}
	c.Push(vm.Number(float64(n)), svc.NewBlock(k.data), vm.Int(len(k.data)))
	return nil
}

// bind(package, n): n services will close it.
func bind(c *vm.Call) error {
	n, err := number(c)
	if err != nil {
		return err
	}
	p := packagesOf(host.ServiceOf(c).Host())
	p.mu.Lock()
	if k := p.live[n]; k != nil {
		k.references += c.CheckInt(2)
	}
	p.mu.Unlock()
	host.ServiceOf(c).Host().TakeBlock(c.Arg(1))
	return c.Return(vm.Number(float64(n)))
}

// close(package)
func closePackage(c *vm.Call) error {
	n, err := number(c)
	if err != nil {
		return err
	}
	p := packagesOf(host.ServiceOf(c).Host())
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.live[n]; k != nil {
		if k.references--; k.references <= 0 {
			delete(p.live, n)
		}
	}
	return nil
}

// remote(package): its content, as a message and a size; the package ends.
func remote(c *vm.Call) error {
	n, err := number(c)
	if err != nil {
		return err
	}
	svc := host.ServiceOf(c)
	p := packagesOf(svc.Host())
	p.mu.Lock()
	k := p.live[n]
	delete(p.live, n)
	p.mu.Unlock()
	if k == nil {
		return c.Errorf("Invalid multicast package")
	}
	svc.Host().TakeBlock(c.Arg(1))
	c.Push(svc.NewBlock(k.data), vm.Int(len(k.data)))
	return nil
}

// nextid(id): the next number of a channel; its lowest byte, the node's harbor id, stays.
func nextID(c *vm.Call) error {
	return c.Return(vm.Number(float64(uint32(c.CheckInt(1)) + 256)))
}
