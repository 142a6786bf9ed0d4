// Package multicast implements skynet.multicast.core: packages that many services receive without copies.
//
// A package is known by a number, which scripts have as a light userdata. It lives until as many services as bind was
// told have closed it.
package multicast

import (
	"encoding/binary"
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module.
func Modules() []host.Module {
	return module.New("skynet.multicast.core", "Packages for the module skynet.multicast: a message that many services get without a copy for each. A message is a light userdata and its size, as skynet.pack makes it.").
		Func("pack(msg?: lightuserdata|string, size?: integer) -> package: lightuserdata, size: integer", pack,
			"Makes a package of a message, which it takes, or a text. The result is a message that stands for the package.").
		Func("packremote(msg?: lightuserdata|string, size?: integer) -> package: lightuserdata, size: integer", pack, "Is pack.").
		Func("unpack(msg: lightuserdata, size: integer) -> package: number, msg: lightuserdata, size: integer", unpack,
			"Returns a package and its content.").
		Func("bind(package: lightuserdata|number, n: integer) -> package: number", bind, "Says that n services will close the package.").
		Func("close(package: lightuserdata|number)", closePackage, "Tells that a service is done with the package. It ends with the last one.").
		Func("remote(package: lightuserdata|number) -> msg: lightuserdata, size: integer", remote, "Returns the content of a package, and ends it.").
		Func("nextid(id: integer) -> id: integer", nextID, "Returns the next number of a channel. Its lowest byte, the node's harbor id, stays.").
		Modules("multicast.core")
}

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

func nextID(c *vm.Call) error {
	return c.Return(vm.Number(float64(uint32(c.CheckInt(1)) + 256)))
}
