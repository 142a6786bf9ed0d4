// Package stm implements skynet.stm: a value that one service replaces and others read, always whole.
package stm

import (
	"sync"
	"sync/atomic"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module under its two names.
func Modules() []host.Module {
	m := module.New("skynet.stm", "Values that one service writes and others read without messages. Content is a text, or a message and its size, as skynet.pack makes it.")
	t := &types{
		writers: module.Type[writer](m, "writer", "Replaces the shared content. It ends with the service that made it."),
		readers: module.Type[reader](m, "reader", "Reads the shared content."),
	}
	t.writers.Meta("__call(object: skynet.stm.writer, msg: lightuserdata|string, size?: integer)", t.update, "Replaces the content.")
	t.readers.Meta("__call(object: skynet.stm.reader, f: function, ...: any) -> new: boolean, ...: any", t.read,
		"Calls f(msg, size, ...) if the content is new, and returns true and f's results; else false.")
	return m.
		Func("new(msg: lightuserdata|string, size?: integer) -> object: skynet.stm.writer", t.create, "Makes an object with some content.").
		Func("copy(object: skynet.stm.writer) -> copy: lightuserdata", t.send, "Returns what a reader in another service is made of, once.").
		Func("newcopy(copy: lightuserdata) -> object: skynet.stm.reader", t.receive, "Makes a reader of what copy returned.").
		Modules("stm")
}

// types are those of the objects that scripts see.
type types struct {
	writers *module.TypeOf[writer]
	readers *module.TypeOf[reader]
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

func (t *types) create(c *vm.Call) error {
	b, err := content(c, 1)
	if err != nil {
		return err
	}
	s := host.ServiceOf(c)
	w := &writer{&object{}}
	w.object.data.Store(&b)
	s.OnExit(func() { w.object.data.Store(nil) })
	return push(c, t.writers, w)
}

func push[T any](c *vm.Call, t *module.TypeOf[T], object *T) error {
	v, err := t.Value(c.State(), object)
	if err != nil {
		return err
	}
	return c.Return(v)
}

func (t *types) update(c *vm.Call) error {
	w := t.writers.Arg(c, 1)
	b, err := content(c, 2)
	if err == nil {
		w.object.data.Store(&b)
	}
	return err
}

func (t *types) send(c *vm.Call) error {
	w := t.writers.Arg(c, 1)
	all := objectsIn(c)
	all.mu.Lock()
	defer all.mu.Unlock()
	all.last++
	all.sent[all.last] = w.object
	return c.Return(vm.LightUserdata(all.last))
}

func (t *types) receive(c *vm.Call) error {
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
	return push(c, t.readers, &reader{object: o})
}

func (t *types) read(c *vm.Call) error {
	r := t.readers.Arg(c, 1)
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
