package vm

import (
	"strings"

	"github.com/luahost/luahost/vm/internal/bytecode"
	"github.com/luahost/luahost/vm/internal/libm"
	"github.com/luahost/luahost/vm/internal/number"
)

// event is an operation that a metamethod can take over (manual section 2.4).
type event uint8

const (
	eventIndex event = iota // the first eight have a bit in Table.absent
	eventNewIndex
	eventGC
	eventMode
	eventLen
	eventEq
	eventCall
	eventMetatable
	eventAdd
	eventSub
	eventMul
	eventDiv
	eventMod
	eventPow
	eventUnm
	eventLt
	eventLe
	eventConcat
	eventCount
)

type eventKey struct {
	name Value
	hash uint32
}

var eventNames names

var eventKeys = func() (keys [eventCount]eventKey) {
	for i, name := range [eventCount]string{"__index", "__newindex", "__gc", "__mode", "__len", "__eq", "__call", "__metatable",
		"__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__lt", "__le", "__concat"} {
		keys[i] = eventKey{String(eventNames.canonical(name)), hashString(name)}
	}
	return keys
}()

// metamethod returns m's handler of an event, and remembers when one of the frequent ones is missing.
func metamethod(m *Table, e event) Value {
	if m == nil || e < 8 && m.absent&(1<<e) != 0 {
		return Value{}
	}
	v := m.getString(eventKeys[e].name, eventKeys[e].hash)
	if v.IsNil() && e < 8 {
		m.absent |= 1 << e
	}
	return v
}

func (s *State) event(v Value, e event) Value { return metamethod(s.Metatable(v), e) }

// Metamethod returns the handler that v's metatable has under name ("__tostring"), or nil.
func (s *State) Metamethod(v Value, name string) Value {
	if m := s.Metatable(v); m != nil {
		return m.GetString(name)
	}
	return Value{}
}

// plainIndex returns the __index of m if that is a table.
func plainIndex(m *Table) *Table {
	if m == nil {
		return nil
	}
	if r := m.role; r != nil && r.known {
		return r.index
	}
	return m.findIndex()
}

func (m *Table) findIndex() *Table {
	r := m.takeRole()
	m.flags |= tableMeta
	r.index, r.known = nil, true
	if v := metamethod(m, eventIndex); v.is(tagTable) {
		r.index = v.table()
	}
	return r.index
}

const maxMetaLoop = 100

// index reads obj[key]. When a function has to do it, it is returned in h, and v is the object to call it for.
func (t *Thread) index(obj, key Value) (v, h Value, err error) {
	for i := 0; i < maxMetaLoop; i++ {
		if obj.is(tagTable) {
			tab := obj.table()
			v = tab.Get(key)
			if !v.IsNil() || tab.meta == nil {
				return v, Value{}, nil
			}
			if h = metamethod(tab.meta, eventIndex); h.IsNil() {
				return Value{}, Value{}, nil
			}
		} else if h = t.state.event(obj, eventIndex); h.IsNil() {
			return Value{}, Value{}, t.indexError(obj, i == 0)
		}
		if h.IsFunction() {
			return obj, h, nil
		}
		obj = h
	}
	return Value{}, Value{}, t.errorf("loop in gettable")
}

// setIndex stores obj[key] = val. When a function has to do it, it is returned in h, and o is the object to call it for.
func (t *Thread) setIndex(obj, key, val Value) (o, h Value, err error) {
	for i := 0; i < maxMetaLoop; i++ {
		if obj.is(tagTable) {
			tab := obj.table()
			if tab.meta == nil || !tab.Get(key).IsNil() {
				return Value{}, Value{}, t.rawSet(tab, key, val)
			}
			if h = metamethod(tab.meta, eventNewIndex); h.IsNil() {
				return Value{}, Value{}, t.rawSet(tab, key, val)
			}
		} else if h = t.state.event(obj, eventNewIndex); h.IsNil() {
			return Value{}, Value{}, t.indexError(obj, i == 0)
		}
		if h.IsFunction() {
			return obj, h, nil
		}
		obj = h
	}
	return Value{}, Value{}, t.errorf("loop in settable")
}

func (t *Thread) setField(obj, key Value, hash uint32, val Value) (o, h Value, err error) {
	if obj.is(tagTable) {
		if tab := obj.table(); tab.meta == nil {
			tab.setString(key, hash, val)
			return
		}
	}
	return t.setIndex(obj, key, val)
}

func (t *Thread) rawSet(tab *Table, key, val Value) error {
	if err := tab.Set(key, val); err != nil {
		return t.errorf("%s", err)
	}
	return nil
}

// arith computes an operation on operands that are not both numbers. When a metamethod has to do it, that is h.
func (t *Thread) arith(e event, a, b Value) (v, h Value, err error) {
	t.state.workOn(a)
	t.state.workOn(b)
	x, ok1 := ToNumber(a)
	y, ok2 := ToNumber(b)
	if ok1 && ok2 {
		return Number(arithmetic(e, x, y)), Value{}, nil
	}
	if h = t.state.event(a, e); h.IsNil() {
		h = t.state.event(b, e)
	}
	if h.IsNil() {
		return Value{}, Value{}, t.arithError(a, b)
	}
	return Value{}, h, nil
}

func arithmetic(e event, a, b float64) float64 {
	switch e {
	case eventAdd:
		return a + b
	case eventSub:
		return a - b
	case eventMul:
		return a * b
	case eventDiv:
		return a / b
	case eventMod:
		return modulo(a, b)
	case eventPow:
		return libm.Pow(a, b)
	}
	return -a
}

func (t *Thread) length(v Value) (n, h Value, err error) {
	if v.isString() {
		return Int(len(v.str())), Value{}, nil
	}
	if h = t.state.event(v, eventLen); !h.IsNil() {
		return Value{}, h, nil
	}
	if v.is(tagTable) {
		return Int(v.table().Len()), Value{}, nil
	}
	return Value{}, Value{}, t.typeError(v, "get length of", t.variable(operandB, false))
}

// compare decides a < b or a <= b. When a metamethod has to do it, that is h; swapped tells that it is __lt,
// to be called with the operands exchanged and its result inverted.
func (t *Thread) compare(e event, a, b Value) (res bool, h Value, swapped bool, err error) {
	switch {
	case a.isNumber() && b.isNumber():
		if e == eventLt {
			return a.number() < b.number(), Value{}, false, nil
		}
		return a.number() <= b.number(), Value{}, false, nil
	case a.isString() && b.isString():
		t.state.workOn(a)
		if e == eventLt {
			return a.str() < b.str(), Value{}, false, nil
		}
		return a.str() <= b.str(), Value{}, false, nil
	}
	if h = t.state.binaryEvent(a, b, e); !h.IsNil() {
		return false, h, false, nil
	}
	if e == eventLe {
		if h = t.state.binaryEvent(b, a, eventLt); !h.IsNil() {
			return false, h, true, nil
		}
	}
	return false, Value{}, false, t.compareError(a, b)
}

func (s *State) binaryEvent(a, b Value, e event) Value {
	if h := s.event(a, e); !h.IsNil() {
		return h
	}
	return s.event(b, e)
}

// callMeta puts the __call of the value at slot below it and its args, as the function to call in its place.
func (t *Thread) callMeta(slot, args int) error {
	v := t.stack[slot]
	h := t.state.event(v, eventCall)
	if !h.IsFunction() {
		return t.callError(v, slot)
	}
	if err := t.reserve(slot + args + 2 + spareSlots); err != nil {
		return err
	}
	copy(t.stack[slot+1:], t.stack[slot:slot+1+args])
	t.stack[slot] = h
	return nil
}

// equalEvent returns the __eq that both operands share, if they are tables or userdata.
func (t *Thread) equalEvent(a, b Value) Value {
	if a.n != b.n || !(a.is(tagTable) && b.is(tagTable)) && !(a.is(tagUserdata) && b.is(tagUserdata)) {
		return Value{}
	}
	h := t.state.event(a, eventEq)
	if h.IsNil() || !RawEqual(h, t.state.event(b, eventEq)) {
		return Value{}
	}
	return h
}

// concat joins registers first to last, from the right, and leaves the result in the first.
// When it comes to a pair that needs a metamethod, that is h, and f.operand names the pair's right register.
func (t *Thread) concat(f *frame, first, last int) (h Value, err error) {
	for last > first {
		r := t.stack[f.base+first : f.base+last+1]
		right := len(r) - 1
		if !concatenable(r[right]) || !concatenable(r[right-1]) {
			if h = t.state.binaryEvent(r[right-1], r[right], eventConcat); h.IsNil() {
				return Value{}, t.concatError(r[right-1], r[right], last)
			}
			f.operand = int32(last)
			return h, nil
		}
		left := right - 1
		for left > 0 && concatenable(r[left-1]) {
			left--
		}
		v, err := t.join(r[left:])
		if err != nil {
			return Value{}, err
		}
		r[left] = v
		last = first + left
	}
	return Value{}, nil
}

func concatenable(v Value) bool { return v.isString() || v.isNumber() }

func (t *Thread) join(values []Value) (Value, error) {
	if len(values) == 2 {
		if values[1].n == tagString && values[0].isString() {
			return values[0], nil
		}
		if values[0].n == tagString && values[1].isString() {
			return values[1], nil
		}
	}
	size := 0
	for i := range values {
		v := &values[i]
		if v.isNumber() {
			*v = String(number.Format(v.number()))
		}
		size += len(v.str())
	}
	if t.state.front.at != nil {
		if v, ok := t.state.joinInFront(values, size); ok {
			return v, nil
		}
	}
	if err := t.state.Reserve(size); err != nil {
		return Value{}, err
	}
	if len(values) == 2 {
		return String(values[0].str() + values[1].str()), nil
	}
	var b strings.Builder
	b.Grow(size)
	for _, v := range values {
		b.WriteString(v.str())
	}
	return String(b.String()), nil
}

// forNumbers converts the control values of a numeric for.
func (t *Thread) forNumbers(init, limit, step *Value) error {
	for _, c := range []struct {
		v    *Value
		name string
	}{{init, "initial value"}, {limit, "limit"}, {step, "step"}} {
		x, ok := ToNumber(*c.v)
		if !ok {
			return t.errorf("'for' %s must be a number", c.name)
		}
		c.v.setNumber(x)
	}
	return nil
}

// stage puts a metamethod and its operands above f's registers.
func (t *Thread) stage(f *frame, h, a, b Value) (slot, args int) {
	slot = f.base + f.proto.maxStack
	t.stack[slot], t.stack[slot+1], t.stack[slot+2] = h, a, b
	return slot, 2
}

func (t *Thread) stageSet(f *frame, h, obj, key, val Value) (slot, args int) {
	slot, _ = t.stage(f, h, obj, key)
	t.stack[slot+3] = val
	return slot, 3
}

// finish does what is left of f's instruction after a metamethod gave v. A concatenation may come to need another one: h.
func (t *Thread) finish(f *frame, v Value, flags frameFlags) (h Value, err error) {
	i := f.proto.code[f.pc-1]
	switch op := bytecode.OpOf(f.proto.source.Code[f.pc-1]); op {
	case bytecode.OpEq, bytecode.OpLt, bytecode.OpLe:
		t.jumpIf(f, v.Truthy() != (flags&frameNegate != 0))
	case bytecode.OpConcat:
		t.stack[f.base+int(f.operand)-1] = v
		if h, err = t.concat(f, i.b(), int(f.operand)-1); err != nil || !h.IsNil() {
			return h, err
		}
		t.stack[f.base+i.a()] = t.stack[f.base+i.b()]
	case bytecode.OpSetTabUp, bytecode.OpSetTable:
	default:
		t.stack[f.base+i.a()] = v
	}
	return Value{}, nil
}

// jumpIf does the second half of a comparison.
func (t *Thread) jumpIf(f *frame, res bool) {
	i := f.proto.code[f.pc-1]
	if res != (i.a() != 0) {
		f.pc++
		return
	}
	switch i.op() {
	case opEqX, opLtX, opLeX:
	default:
		if f.pc += 1 + i.d(); i.d() < 0 {
			t.state.steps--
		}
	}
}

// opEvents are the events of the arithmetic and comparison instructions; the others have eventIndex, the zero.
var opEvents = [...]event{
	bytecode.OpAdd: eventAdd, bytecode.OpSub: eventSub, bytecode.OpMul: eventMul, bytecode.OpDiv: eventDiv,
	bytecode.OpMod: eventMod, bytecode.OpPow: eventPow, bytecode.OpUnm: eventUnm, bytecode.OpLt: eventLt, bytecode.OpLe: eventLe,
	bytecode.OpExtraArg: eventIndex,
}

// event returns the event of the arithmetic or comparison at pc.
func (p *Proto) event(pc int) event { return opEvents[bytecode.OpOf(p.source.Code[pc])] }
