package vm

import (
	"math"
	"unsafe"
)

// Kind is the type of a Lua value (manual section 2.1).
type Kind uint8

const (
	KindNil Kind = iota
	KindBoolean
	KindLightUserdata
	KindNumber
	KindString
	KindTable
	KindFunction
	KindUserdata
	KindThread
)

var kindNames = [...]string{"nil", "boolean", "userdata", "number", "string", "table", "function", "userdata", "thread"}

// String returns the name that Lua's type function gives.
func (k Kind) String() string { return kindNames[k] }

// The engine needs a system of 64 bits: lengths, and numbers that are integers, are ints. Others stop here.
const _ uint = 1 << 63

// Value is one Lua value in 16 bytes. The zero Value is nil.
//
// A number has p == numberTag and its IEEE 754 bits in n. For all other values the top byte of n is the tag;
// p points to the object, or to the bytes of a string, whose length is in the low bits of n.
// The garbage collector sees p alone, so n never holds an address.
type Value struct {
	p unsafe.Pointer
	n uint64
}

const (
	tagShift = 56

	tagFalse    = 1 << tagShift
	tagTrue     = 2 << tagShift
	tagLight    = 3 << tagShift
	tagString   = 4 << tagShift
	tagTable    = 5 << tagShift
	tagLua      = 6 << tagShift
	tagGo       = 7 << tagShift
	tagUserdata = 8 << tagShift
	tagThread   = 9 << tagShift
	tagLazy     = 10 << tagShift // a field of a Library whose value each state makes for itself; never in Lua's hands

	payloadMask = 1<<tagShift - 1
)

var tagKinds = [...]Kind{KindNil, KindBoolean, KindBoolean, KindLightUserdata, KindString, KindTable, KindFunction, KindFunction, KindUserdata, KindThread}

// numberMark is never read: its address marks numbers.
var numberMark byte

var numberTag = unsafe.Pointer(&numberMark)

// Nil is Lua's nil, the zero Value.
func Nil() Value { return Value{} }

// Bool returns b as a Lua boolean.
func Bool(b bool) Value {
	if b {
		return Value{n: tagTrue}
	}
	return Value{n: tagFalse}
}

// Number returns f as a Lua number.
func Number(f float64) Value { return Value{unsafe.Pointer(&numberMark), math.Float64bits(f)} }

// Int returns i as a Lua number; beyond 2^53 it is rounded.
func Int(i int) Value { return Number(float64(i)) }

// String returns s as a Lua string, sharing its bytes.
func String(s string) Value {
	return Value{unsafe.Pointer(unsafe.StringData(s)), tagString | uint64(len(s))}
}

// Bytes returns a copy of b as a Lua string.
func Bytes(b []byte) Value { return String(string(b)) }

// LightUserdata returns an opaque number of at most 56 bits, equal to others of the same bits only.
func LightUserdata(bits uint64) Value { return Value{n: tagLight | bits&payloadMask} }

func tableValue(t *Table) Value         { return Value{unsafe.Pointer(t), tagTable} }
func luaValue(f *closure) Value         { return Value{unsafe.Pointer(f), tagLua} }
func goValue(f *GoFunction) Value       { return Value{unsafe.Pointer(f), tagGo} }
func userdataValue(u *Userdata) Value   { return Value{unsafe.Pointer(u), tagUserdata} }
func threadValue(t *Thread) Value       { return Value{unsafe.Pointer(t), tagThread} }
func (v Value) isNumber() bool          { return v.p == unsafe.Pointer(&numberMark) }
func (v Value) is(tag uint64) bool      { return v.n == tag && v.p != unsafe.Pointer(&numberMark) }
func (v Value) isString() bool          { return v.n>>tagShift == tagString>>tagShift && !v.isNumber() }
func (v Value) number() float64         { return math.Float64frombits(v.n) }
func (v Value) str() string             { return unsafe.String((*byte)(v.p), int(v.n&payloadMask)) }
func (v Value) table() *Table           { return (*Table)(v.p) }
func (v Value) closure() *closure       { return (*closure)(v.p) }
func (v Value) goFunction() *GoFunction { return (*GoFunction)(v.p) }
func (v Value) userdata() *Userdata     { return (*Userdata)(v.p) }
func (v Value) thread() *Thread         { return (*Thread)(v.p) }
func (v Value) isFalsy() bool           { return v.p == nil && v.n <= tagFalse }

// Kind returns the type of v.
func (v Value) Kind() Kind {
	if v.isNumber() {
		return KindNumber
	}
	return tagKinds[v.n>>tagShift]
}

// IsNil reports whether v is nil.
func (v Value) IsNil() bool { return v.p == nil && v.n == 0 }

// Truthy reports whether v counts as true: all but nil and false do.
func (v Value) Truthy() bool { return !v.isFalsy() }

// AsBool returns a boolean; ok is false for any other kind.
func (v Value) AsBool() (b, ok bool) {
	return v.n == tagTrue && v.p == nil, v.p == nil && (v.n == tagTrue || v.n == tagFalse)
}

// AsNumber returns a number; strings are not converted (see ToNumber).
func (v Value) AsNumber() (float64, bool) {
	if v.isNumber() {
		return v.number(), true
	}
	return 0, false
}

// AsString returns a string; numbers are not converted (see ToString).
func (v Value) AsString() (string, bool) {
	if v.isString() {
		return v.str(), true
	}
	return "", false
}

// AsTable returns a table, or nil and false.
func (v Value) AsTable() (*Table, bool) {
	if v.is(tagTable) {
		return v.table(), true
	}
	return nil, false
}

// AsUserdata returns a full userdata, or nil and false.
func (v Value) AsUserdata() (*Userdata, bool) {
	if v.is(tagUserdata) {
		return v.userdata(), true
	}
	return nil, false
}

// AsThread returns a coroutine, or nil and false.
func (v Value) AsThread() (*Thread, bool) {
	if v.is(tagThread) {
		return v.thread(), true
	}
	return nil, false
}

// AsGoFunction returns a function made in Go, or nil and false.
func (v Value) AsGoFunction() (*GoFunction, bool) {
	if v.is(tagGo) {
		return v.goFunction(), true
	}
	return nil, false
}

// AsLightUserdata returns the bits of a light userdata.
func (v Value) AsLightUserdata() (uint64, bool) {
	if v.n>>tagShift == tagLight>>tagShift && !v.isNumber() {
		return v.n & payloadMask, true
	}
	return 0, false
}

// IsFunction reports whether v is a function, made in Lua or in Go.
func (v Value) IsFunction() bool { return v.is(tagLua) || v.is(tagGo) }

// IsLuaFunction reports whether v is a function made in Lua.
func (v Value) IsLuaFunction() bool { return v.is(tagLua) }

// RawEqual compares without metamethods, as Lua's rawequal does.
func RawEqual(a, b Value) bool {
	if a.isNumber() && b.isNumber() {
		return a.number() == b.number()
	}
	if a == b {
		return true
	}
	return a.n == b.n && a.isString() && b.isString() && a.str() == b.str()
}

func (s *State) equal(a, b Value) bool {
	if a.n == b.n {
		s.workOn(a) // of strings, those that are as long are compared
	}
	return RawEqual(a, b)
}

// address identifies an object in tostring's "table: 0x..." and as a table key.
func (v Value) address() uintptr { return uintptr(v.p) }

// Userdata is a Go value in Lua's hands. Its metatable decides what Lua may do with it.
type Userdata struct {
	Data any
	meta *Table
	user Value
}

// Description is Data of a userdata that never changes, and says what it was made of: a compiled pattern, say. A reload
// replaces it where new code makes another. Other userdata, such as files, are kept.
type Description interface {
	// Same reports whether other, the Data of a userdata with the same metatable, says the same; same compares Lua values in them.
	Same(other any, same func(a, b Value) bool) bool
}

// Metatable returns the userdata's metatable, or nil.
func (u *Userdata) Metatable() *Table { return u.meta }

// SetMetatable replaces the metatable; nil removes it.
func (u *Userdata) SetMetatable(m *Table) { u.meta = m }

// Value returns u as a Lua value.
func (u *Userdata) Value() Value { return userdataValue(u) }

// UserValue returns the Lua value tied to u (debug.getuservalue).
func (u *Userdata) UserValue() Value { return u.user }

// SetUserValue ties a Lua value to u.
func (u *Userdata) SetUserValue(v Value) { u.user = v }

// NewUserdata wraps a Go value.
func NewUserdata(data any, meta *Table) *Userdata { return &Userdata{Data: data, meta: meta} }
