// Package stm implements skynet.stm: a value that one service replaces and others read, always whole.
package stm

import (
	"sync"
	"sync/atomic"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	return []host.Module{{Name: "skynet.stm", Open: open}, {Name: "stm", Open: open}}
}

// object is what writer and readers share.
type object struct {
	data atomic.Pointer[[]byte] // nil when the writer has ended
}

type writer struct{ object *object }

type reader struct {
	object *object
	last   *[]byte // that was read
}

// objects are those that are on their way from a writer to a reader, by number.
type objects struct {
	mu   sync.Mutex
	last uint64
	sent map[uint64]*object
}

type objectsKey struct{}

func objectsIn(c *vm.Call) *objects {
	return host.ServiceOf(c).Host().Local(objectsKey{}, func() any {
		return &objects{sent: map[uint64]*object{}}
	}).(*objects)
}

// metatables are those of a service's objects.
type metatables struct{ writer, reader *vm.Table }

type metatablesKey struct{}

func metatablesOf(s *host.Service) *metatables {
	return s.Local(metatablesKey{}, func() any {
		m := &metatables{s.State().NewTable(0, 1), s.State().NewTable(0, 1)}
		m.writer.SetString("__call", vm.Function("stm.update", update))
		m.reader.SetString("__call", vm.Function("stm.read", read))
		return m
	}).(*metatables)
}

func open(s *host.Service) (vm.Value, error) { return s.State().Open(library).Value(), nil }

var library = vm.NewLibrary("stm", []*vm.GoFunction{
	vm.NewFunction("stm.new", create),
	vm.NewFunction("stm.copy", send),
	vm.NewFunction("stm.newcopy", receive),
}, nil)

// content returns the bytes of a string, or message and size, which is taken.
func content(c *vm.Call, i int) ([]byte, error) {
	if c.Arg(i).Kind() == vm.KindLightUserdata {
		b, ok := host.ServiceOf(c).Host().TakeBlock(c.Arg(i))
		if !ok {
			return nil, c.TypeError(i, "message")
		}
		return b[:min(max(c.OptInt(i+1, len(b)), 0), len(b))], nil
	}
	return []byte(c.CheckString(i)), nil
}

// new(msg, size): an object; object(msg, size) replaces its content.
func create(c *vm.Call) error {
	b, err := content(c, 1)
	if err != nil {
		return err
	}
	s := host.ServiceOf(c)
	w := &writer{&object{}}
	w.object.data.Store(&b)
	s.OnExit(func() { w.object.data.Store(nil) })
	return c.Return(vm.NewUserdata(w, metatablesOf(s).writer).Value())
}

// self returns the Go value of the object at argument 1.
func self[T any](c *vm.Call) (v T, err error) {
	u, ok := c.Arg(1).AsUserdata()
	if ok {
		v, ok = u.Data.(T)
	}
	if !ok {
		return v, c.TypeError(1, "stm object")
	}
	return v, nil
}

func update(c *vm.Call) error {
	w, err := self[*writer](c)
	if err != nil {
		return err
	}
	b, err := content(c, 2)
	if err == nil {
		w.object.data.Store(&b)
	}
	return err
}

// copy(object): what a reader in another service is made of, once.
func send(c *vm.Call) error {
	w, err := self[*writer](c)
	if err != nil {
		return err
	}
	all := objectsIn(c)
	all.mu.Lock()
	defer all.mu.Unlock()
	all.last++
	all.sent[all.last] = w.object
	return c.Return(vm.LightUserdata(all.last))
}

// newcopy(copy): a reader; reader(f, ...) calls f(msg, size, ...) if the content is new and returns true and f's results,
// else false.
func receive(c *vm.Call) error {
	n, ok := c.Arg(1).AsLightUserdata()
	if !ok {
		return c.TypeError(1, "copy of an stm object")
	}
	all := objectsIn(c)
	all.mu.Lock()
	o := all.sent[n]
	delete(all.sent, n)
	all.mu.Unlock()
	if o == nil {
		return c.Errorf("the copy of an stm object is used already")
	}
	return c.Return(vm.NewUserdata(&reader{object: o}, metatablesOf(host.ServiceOf(c)).reader).Value())
}

func read(c *vm.Call) error {
	r, err := self[*reader](c)
	if err != nil {
		return err
	}
	f := c.CheckFunction(2)
	b := r.object.data.Load()
	if b == nil || b == r.last {
		return c.Return(vm.Bool(false))
	}
	r.last = b
	svc := host.ServiceOf(c)
	args := append([]vm.Value{svc.NewBlock(*b), vm.Int(len(*b))}, c.Args()[2:]...)
	return c.CallThen(func(c *vm.Call) error {
		svc.Host().TakeBlock(args[0])
		results := append([]vm.Value{vm.Bool(true)}, c.Args()...)
		c.Push(results...)
		return nil
	}, f, args...)
}
