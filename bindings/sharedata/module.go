package sharedata

import (
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
	t := c.State().NewTable(len(list), 0)
	for i, name := range list {
		t.SetInt(i+1, vm.String(name))
	}
	return c.Return(t.Value())
}

func found(c *vm.Call) (*entry, *Tree, error) {
	name := c.CheckString(1)
	e := storeIn(c).find(name)
	if e == nil {
		return nil, nil, c.Errorf("call failed: there is no shared data %s", name)
	}
	t, _ := e.current()
	return e, t, nil
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

// root is where a service begins to read an entry.
type root struct {
	entry   *entry
	version int
	proxy   *proxy
}

// proxy is a table, in a service, through which it reads a tree.
type proxy struct {
	root   *root
	parent *proxy // nil for the root's own
	key    vm.Value
	tree   *Tree
	lost   bool // an update has left it out
	index  map[key]int
	inner  map[vm.Value]*proxy // that stand for the trees in it
	table  *vm.Table
}

// update goes over to another version, unless a newer one is in use already.
func (r *root) update(t *Tree, version int) {
	if version > r.version {
		r.version = version
		r.proxy.update(t)
	}
}

func (p *proxy) update(t *Tree) {
	p.tree, p.index = t, nil
	for k, inner := range p.inner {
		if v, _ := t.get(k); v.tree != nil {
			inner.update(v.tree)
		} else {
			inner.lost = true
			delete(p.inner, k)
		}
	}
}

// path returns the keys that lead to the proxy, each behind a dot.
func (p *proxy) path() string {
	if p.parent == nil {
		return ""
	}
	return p.parent.path() + "." + vm.Text(p.key)
}

// gone reports whether an update has left out the proxy, or what it is part of.
func (p *proxy) gone() bool {
	for ; p != nil; p = p.parent {
		if p.lost {
			return true
		}
	}
	return false
}

// proxies are what a service has of the module.
type proxies struct {
	service *host.Service
	meta    *vm.Table
	roots   map[*entry]*root
}

type proxiesKey struct{}

func proxiesIn(c *vm.Call) *proxies {
	svc := host.ServiceOf(c)
	return svc.Local(proxiesKey{}, func() any {
		s := svc.State()
		p := &proxies{service: svc, meta: s.NewTable(0, 5), roots: map[*entry]*root{}}
		for name, f := range map[string]vm.Func{
			"__index": index, "__len": length, "__pairs": pairs, "__ipairs": ipairs, "__newindex": readOnly,
		} {
			p.meta.SetString(name, vm.Function(name, f))
		}
		svc.OnExit(p.end)
		return p
	}).(*proxies)
}

func (all *proxies) end() {
	for e := range all.roots {
		e.dropReader(all.service)
	}
}

const selfField = "__obj"

func (all *proxies) wrap(s *vm.State, p *proxy) {
	p.table = s.NewTable(0, 1)
	p.table.SetString(selfField, vm.NewUserdata(p, nil).Value())
	s.SetMetatable(p.table, all.meta)
}

func query(c *vm.Call) error {
	e, _, err := found(c)
	if err != nil {
		return err
	}
	all := proxiesIn(c)
	r := all.roots[e]
	if r == nil {
		r = &root{entry: e}
		r.proxy = &proxy{root: r}
		all.wrap(c.State(), r.proxy)
		e.addReader(all.service, r)
		r.update(e.current())
		all.roots[e] = r
	}
	return c.Return(r.proxy.table.Value())
}

// self returns the proxy at argument 1, and its tree, the newest one.
func self(c *vm.Call) (*proxy, *Tree, error) {
	u, _ := c.CheckTable(1).GetString(selfField).AsUserdata()
	if u == nil {
		return nil, nil, c.TypeError(1, "shared data")
	}
	p, ok := u.Data.(*proxy)
	if !ok {
		return nil, nil, c.TypeError(1, "shared data")
	}
	p.root.update(p.root.entry.current())
	if p.gone() {
		return nil, nil, c.Errorf("The key [%s] doesn't exist after update", p.path())
	}
	return p, p.tree, nil
}

// lua returns a value of p's tree as scripts see it.
func (p *proxy) lua(c *vm.Call, k vm.Value, v value) vm.Value {
	if v.tree == nil {
		return v.scalar
	}
	inner := p.inner[k]
	if inner == nil {
		if p.inner == nil {
			p.inner = map[vm.Value]*proxy{}
		}
		inner = &proxy{root: p.root, parent: p, key: k, tree: v.tree}
		proxiesIn(c).wrap(c.State(), inner)
		p.inner[k] = inner
	}
	return inner.table.Value()
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
