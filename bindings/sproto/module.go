package sproto

import (
	"sync"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the modules sproto.core and sprotoparser, for services.
func Modules() []host.Module { return []host.Module{newCore().Module(), newParser().Module()} }

// Openers returns what makes each module in a state.
func Openers() map[string]func(*vm.State) vm.Value {
	return map[string]func(*vm.State) vm.Value{
		"sproto.core":  func(s *vm.State) vm.Value { return newCore().Table(s).Value() },
		"sprotoparser": func(s *vm.State) vm.Value { return newParser().Table(s).Value() },
	}
}

func newCore() *module.Module {
	return module.New("sproto.core", "The encoding of sproto, on which the module sproto is built. A message is a light userdata and its size, as skynet.pack makes it.").
		Func("newproto(binary: lightuserdata|string, size?: integer) -> schema: userdata?", newProto, "Reads the binary form of a schema.").
		Func("deleteproto(schema: userdata)", func(*vm.Call) error { return nil }, "Does nothing: schemas end by themselves.").
		Func("dumpproto(schema: userdata) -> text: string", dumpProto, "Returns a description of a schema.").
		Func("querytype(schema: userdata, name: string) -> type: userdata?", queryType, "Returns a type of a schema.").
		Func("protocol(schema: userdata, name: string|integer) -> tag: integer|string|nil, request: userdata?, response: userdata|true|nil", protocol,
			"Returns the tag of a protocol's name, or the name of its tag, and the types of request and response; true stands for a response without content.").
		Func("encode(type: userdata, value: table) -> text: string", encode, "Encodes a table.").
		Func("decode(type: userdata, text: lightuserdata|string, ...: any) -> value: table, size: integer", decode,
			"Decodes a text, or a message and its size, and returns how many bytes that were. A table that follows is filled instead of a new one.").
		Func("default(type: userdata) -> value: table", defaults, "Returns a table with the default values of a type.").
		Func("pack(text: lightuserdata|string, size?: integer) -> packed: string", pack, "Packs zero bytes.").
		Func("unpack(packed: lightuserdata|string, size?: integer) -> text: string", unpack, "Is the inverse of pack.").
		Func("saveproto(schema: userdata, slot?: integer)", saveProto, "Keeps a schema for all services.", "slot: from 0 to 15").
		Func("loadproto(slot?: integer) -> schema: userdata", loadProto, "Returns the schema of a slot.")
}

func newParser() *module.Module {
	return module.New("sprotoparser", "Reads sproto schemas in text form.").
		Func("parse(text: string, name?: string) -> binary: string", parse, "Returns the binary form of a schema.", "name: of the text, for messages").
		Func("dump(binary: string)", dump, "Prints a description of a schema in binary form.")
}

// schema returns the schema of argument i.
func schema(c *vm.Call, i int) (*Schema, error) { return userdata[*Schema](c, i, "sproto schema") }

// typeOf returns the type of argument i.
func typeOf(c *vm.Call, i int) (*Type, error) { return userdata[*Type](c, i, "sproto type") }

func userdata[T any](c *vm.Call, i int, what string) (v T, err error) {
	u, ok := c.Arg(i).AsUserdata()
	if ok {
		v, ok = u.Data.(T)
	}
	if !ok {
		return v, c.TypeError(i, what)
	}
	return v, nil
}

// content returns the bytes of a string, or of a message and its size, at argument i.
func content(c *vm.Call, i int) ([]byte, error) {
	if c.Arg(i).Kind() == vm.KindLightUserdata {
		if svc := host.ServiceOf(c); svc != nil {
			if b, ok := svc.Host().Block(c.Arg(i)); ok {
				return b[:min(max(c.OptInt(i+1, len(b)), 0), len(b))], nil
			}
		}
		return nil, c.TypeError(i, "string or message")
	}
	return vm.StringBytes(c.CheckString(i)), nil
}

func wrap(c *vm.Call, v any) error { return c.Return(vm.NewUserdata(v, nil).Value()) }

func newProto(c *vm.Call) error {
	b, err := content(c, 1)
	if err != nil {
		return err
	}
	s, err := Load(b)
	if err != nil {
		return c.Return(vm.Nil())
	}
	return wrap(c, s)
}

func dumpProto(c *vm.Call) error {
	s, err := schema(c, 1)
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(s.String()))
}

func queryType(c *vm.Call) error {
	s, err := schema(c, 1)
	if err != nil {
		return err
	}
	if t := s.Type(c.CheckString(2)); t != nil {
		return wrap(c, t)
	}
	return c.Return(vm.Nil())
}

func protocol(c *vm.Call) error {
	s, err := schema(c, 1)
	if err != nil {
		return err
	}
	var p *Protocol
	var other vm.Value
	if name, ok := c.Arg(2).AsString(); ok {
		if p = s.Protocol(name); p != nil {
			other = vm.Int(p.Tag)
		}
	} else if p = s.ProtocolOf(c.CheckInt(2)); p != nil {
		other = vm.String(p.Name)
	}
	if p == nil {
		return nil
	}
	typ := func(t *Type) vm.Value {
		if t == nil {
			return vm.Nil()
		}
		return vm.NewUserdata(t, nil).Value()
	}
	response := typ(p.Response)
	if p.Response == nil && p.Confirm {
		response = vm.Bool(true)
	}
	c.Push(other, typ(p.Request), response)
	return nil
}

func encode(c *vm.Call) error {
	t, err := typeOf(c, 1)
	if err != nil {
		return err
	}
	c.CheckTable(2)
	b, err := Encode(c, t, c.Arg(2))
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(b)))
}

func decode(c *vm.Call) error {
	t, err := typeOf(c, 1)
	if err != nil {
		return err
	}
	b, err := content(c, 2)
	if err != nil {
		return err
	}
	at := 3
	if c.Arg(2).Kind() == vm.KindLightUserdata {
		at = 4
	}
	into, ok := c.Arg(at).AsTable()
	if !ok {
		into = c.State().NewTable(0, len(t.Fields))
	}
	size, err := Decode(c.State(), t, b, into)
	if err != nil {
		return c.Errorf("decode %s: %v", t.Name, err)
	}
	c.Push(into.Value(), vm.Int(size))
	return nil
}

func defaults(c *vm.Call) error {
	t, err := typeOf(c, 1)
	if err != nil {
		return err
	}
	return c.Return(Default(c.State(), t).Value())
}

func pack(c *vm.Call) error {
	b, err := content(c, 1)
	if err == nil {
		err = c.State().Reserve(len(b) + len(b)/8 + 16)
	}
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(Pack(b))))
}

func unpack(c *vm.Call) error {
	b, err := content(c, 1)
	if err == nil {
		err = c.State().Reserve(8 * len(b))
	}
	if err != nil {
		return err
	}
	out, err := Unpack(b)
	if err != nil {
		return err
	}
	return c.Return(c.State().NewString(string(out)))
}

// slots keeps schemas for all services.
type slots struct {
	mu      sync.Mutex
	schemas [16]*Schema
}

type slotsKey struct{}

func slotsIn(c *vm.Call) (*slots, error) {
	svc := host.ServiceOf(c)
	if svc == nil {
		return nil, c.Errorf("schemas are shared between services only")
	}
	return svc.Host().Local(slotsKey{}, func() any { return &slots{} }).(*slots), nil
}

func slot(c *vm.Call, i int) (*slots, int, error) {
	s, err := slotsIn(c)
	if err != nil {
		return nil, 0, err
	}
	index := c.OptInt(i, 0)
	if index < 0 || index >= len(s.schemas) {
		return nil, 0, c.Errorf("Invalid global slot index %d", index)
	}
	return s, index, nil
}

func saveProto(c *vm.Call) error {
	p, err := schema(c, 1)
	if err != nil {
		return err
	}
	s, i, err := slot(c, 2)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schemas[i] = p
	return nil
}

func loadProto(c *vm.Call) error {
	s, i, err := slot(c, 1)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.schemas[i] == nil {
		return c.Errorf("nil sproto at index %d", i)
	}
	return wrap(c, s.schemas[i])
}

func parse(c *vm.Call) error {
	s, err := Parse(c.CheckString(1), c.OptString(2, "=text"))
	if err != nil {
		return c.Errorf("%v", err)
	}
	return c.Return(c.State().NewString(string(s.Binary())))
}

func dump(c *vm.Call) error {
	s, err := Load(vm.StringBytes(c.CheckString(1)))
	if err != nil {
		return err
	}
	return c.TailCall(c.State().Globals().GetString("print"), c.State().NewString(s.String()))
}
