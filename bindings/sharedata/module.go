package sharedata

import (
	"slices"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the module skynet.sharedata.core, on which the library's modules are built.
func Modules() []host.Module {
	return module.New("skynet.sharedata.core", "Tables that the services of a host share without copies. The modules skynet.sharedata, skynet.sharetable and skynet.datasheet are built on it.").
		Func("new(name: string, table: table)", put, "Shares the values of a table: readers of the name see them from now on.").
		Func("delete(name: string) -> existed: boolean", remove, "Ends the sharing of a name.").
		Func("query(name: string) -> proxy: table", query, "Returns a table through which the values of a name are read: always the newest ones.").
		Func("copy(name: string, ...: any) -> value: any", copyTree, "Returns the value at a path of keys; a table is a copy.").
		Func("fill(name: string, table: table)", fill, "Puts copies of the values into a table.").
		Func("names() -> names: string[]", names, "Returns the names, in order.").
		Modules()
}

type storeKey struct{}

func storeIn(c *vm.Call) *store {
	return host.ServiceOf(c).Host().Local(storeKey{}, func() any { return &store{entries: map[string]*entry{}} }).(*store)
}

func put(c *vm.Call) error {
	tree, err := NewTree(c.CheckTable(2))
	if err != nil {
		return c.Errorf("sharedata %s: %v", c.CheckString(1), err)
	}
	storeIn(c).put(c.CheckString(1), tree)
	return nil
}

func remove(c *vm.Call) error { return c.Return(vm.Bool(storeIn(c).remove(c.CheckString(1)))) }

func names(c *vm.Call) error {
	list := storeIn(c).names()
	slices.Sort(list)
	t := c.State().NewTable(len(list), 0)
	for i, name := range list {
		t.SetInt(i+1, vm.String(name))
	}
	return c.Return(t.Value())
}

func found(c *vm.Call) (*entry, *Tree, error) {
	name := c.CheckString(1)
	if e := storeIn(c).find(name); e != nil {
		if t := e.tree.Load(); t != nil {
			return e, t, nil
		}
	}
	return nil, nil, c.Errorf("call failed: there is no shared data %s", name)
}

func copyTree(c *vm.Call) error {
	_, tree, err := found(c)
	if err != nil {
		return err
	}
	v := value{tree: tree}
	for _, k := range c.Args()[1:] {
		if v.tree == nil {
			return c.Return(vm.Nil())
		}
		v, _ = v.tree.get(k)
	}
	if v.tree != nil {
		v.scalar = v.tree.copyTo(c.State()).Value()
	}
	return c.Return(v.scalar)
}

func fill(c *vm.Call) error {
	_, tree, err := found(c)
	if err == nil {
		tree.fill(c.State(), c.CheckTable(2))
	}
	return err
}

// proxy is a table, in a service, through which it reads a tree.
type proxy struct {
	entry  *entry
	parent *proxy // nil for the root
	key    vm.Value
	tree   *Tree // that it stood for at the last access
	index  map[key]int
	inner  map[vm.Value]*vm.Table // proxies of the trees in it
}

// current returns the tree that the proxy stands for now, nil when there is none any more.
func (p *proxy) current() *Tree {
	var t *Tree
	if p.parent == nil {
		t = p.entry.tree.Load()
	} else if outer := p.parent.current(); outer != nil {
		v, _ := outer.get(p.key)
		t = v.tree
	}
	if t != p.tree {
		p.tree, p.index = t, nil
	}
	return t
}

// proxies are what a service has of the module.
type proxies struct {
	meta  *vm.Table
	roots map[*entry]*vm.Table
}

type proxiesKey struct{}

func proxiesIn(c *vm.Call) *proxies {
	svc := host.ServiceOf(c)
	return svc.Local(proxiesKey{}, func() any {
		s := svc.State()
		p := &proxies{meta: s.NewTable(0, 5), roots: map[*entry]*vm.Table{}}
		for name, f := range map[string]vm.Func{
			"__index": index, "__len": length, "__pairs": pairs, "__ipairs": ipairs, "__newindex": readOnly,
		} {
			p.meta.SetString(name, vm.Function(name, f))
		}
		return p
	}).(*proxies)
}

const selfField = "__obj"

func (all *proxies) wrap(s *vm.State, p *proxy) *vm.Table {
	t := s.NewTable(0, 1)
	t.SetString(selfField, vm.NewUserdata(p, nil).Value())
	s.SetMetatable(t, all.meta)
	return t
}

func query(c *vm.Call) error {
	e, _, err := found(c)
	if err != nil {
		return err
	}
	all := proxiesIn(c)
	t := all.roots[e]
	if t == nil {
		t = all.wrap(c.State(), &proxy{entry: e})
		all.roots[e] = t
	}
	return c.Return(t.Value())
}

// self returns the proxy at argument 1, and its tree.
func self(c *vm.Call) (*proxy, *Tree, error) {
	u, _ := c.CheckTable(1).GetString(selfField).AsUserdata()
	if u != nil {
		if p, ok := u.Data.(*proxy); ok {
			if t := p.current(); t != nil {
				return p, t, nil
			}
			return nil, nil, c.Errorf("the shared data %s, or this part of it, was deleted", p.entry.name)
		}
	}
	return nil, nil, c.TypeError(1, "shared data")
}

// lua returns a value of p's tree as scripts see it.
func (p *proxy) lua(c *vm.Call, k vm.Value, v value) vm.Value {
	if v.tree == nil {
		return v.scalar
	}
	if t := p.inner[k]; t != nil {
		return t.Value()
	}
	if p.inner == nil {
		p.inner = map[vm.Value]*vm.Table{}
	}
	t := proxiesIn(c).wrap(c.State(), &proxy{entry: p.entry, parent: p, key: k})
	p.inner[k] = t
	return t.Value()
}

func index(c *vm.Call) error {
	p, t, err := self(c)
	if err != nil {
		return err
	}
	v, ok := t.get(c.Arg(2))
	if !ok {
		return c.Return(vm.Nil())
	}
	return c.Return(p.lua(c, c.Arg(2), v))
}

func length(c *vm.Call) error {
	_, t, err := self(c)
	if err != nil {
		return err
	}
	return c.Return(vm.Int(len(t.list)))
}

func pairs(c *vm.Call) error {
	c.Push(vm.Function("next", next), c.Arg(1), vm.Nil())
	return nil
}

func next(c *vm.Call) error {
	p, t, err := self(c)
	if err != nil {
		return err
	}
	if p.index == nil {
		p.index = make(map[key]int, len(t.keys))
		for i, k := range t.keys {
			p.index[k] = i
		}
	}
	k, v, ok := t.next(c.Arg(2), p.index)
	if !ok {
		return c.Return(vm.Nil())
	}
	c.Push(k, p.lua(c, k, v))
	return nil
}

func ipairs(c *vm.Call) error {
	c.Push(vm.Function("ipairs", func(c *vm.Call) error {
		p, t, err := self(c)
		if err != nil {
			return err
		}
		i := c.CheckInt(2) + 1
		if i > len(t.list) {
			return c.Return(vm.Nil())
		}
		k := vm.Int(i)
		c.Push(k, p.lua(c, k, t.list[i-1]))
		return nil
	}), c.Arg(1), vm.Int(0))
	return nil
}

func readOnly(c *vm.Call) error { return c.Errorf("shared data can't be written to") }
