package vm

import (
	"strings"
	"unsafe"
	"weak"
)

// weakContent is the content of a table whose keys or values are weak (manual section 2.5.2): Go's garbage collector
// does not see those, and empties their entries when nothing else holds them.
//
// A value that holds its own key keeps the entry alive: Go has no ephemerons.
type weakContent struct {
	keys, values bool
	index        map[weakKey]int
	entries      []weakEntry
	sweepAt      int // the number of entries at which dead ones are looked for
}

// weakKey finds an entry: by the address of an object, or by a plain value.
type weakKey struct {
	tag  uint64
	bits uint64
	text string
}

type weakEntry struct {
	id         weakKey
	key, value weakRef
}

// weakRef is a value, held weakly when it is an object and weak is asked for.
type weakRef struct {
	v Value // without its pointer when that is in p
	p weak.Pointer[byte]
}

// collectable reports whether weak tables drop v: strings count as plain values, and Go functions live for ever.
func (v Value) collectable() bool {
	return v.is(tagTable) || v.is(tagLua) || v.is(tagUserdata) || v.is(tagThread)
}

// weakRefOf relies on every collectable value's p being the start of a heap object of its own.
func weakRefOf(v Value, asWeak bool) weakRef {
	if !asWeak || !v.collectable() {
		return weakRef{v: v}
	}
	return weakRef{v: Value{n: v.n}, p: weak.Make((*byte)(v.p))}
}

// get returns nil when the object is gone.
func (r *weakRef) get() Value {
	if r.p == (weak.Pointer[byte]{}) {
		return r.v
	}
	p := r.p.Value()
	if p == nil {
		return Value{}
	}
	return Value{unsafe.Pointer(p), r.v.n}
}

func weakKeyOf(v Value) weakKey {
	switch {
	case v.isNumber():
		return weakKey{tag: tagString >> 1, bits: v.n}
	case v.isString():
		return weakKey{tag: tagString, text: v.str()}
	}
	return weakKey{tag: v.n, bits: uint64(v.address())}
}

// setMode makes the table weak, or strong again, as __mode says.
func (t *Table) setMode(mode Value) {
	text, _ := mode.AsString()
	keys, values := strings.Contains(text, "k"), strings.Contains(text, "v")
	old := t.weakContent()
	if !keys && !values && old == nil || old != nil && old.keys == keys && old.values == values {
		return
	}
	var fields []Value
	for k, v, _ := t.Next(Value{}); !k.IsNil(); k, v, _ = t.Next(k) {
		fields = append(fields, k, v)
	}
	t.arr, t.nodes, t.lastFree = nil, nil, 0
	t.flags &^= tableShared | tableIntKeys | tableWeak
	if old != nil {
		t.role.weak = nil
	}
	if keys || values {
		t.flags |= tableWeak
		t.takeRole().weak = &weakContent{keys: keys, values: values, index: map[weakKey]int{}, sweepAt: 16}
	}
	for i := 0; i < len(fields); i += 2 {
		_ = t.Set(fields[i], fields[i+1])
	}
}

func (t *Table) weakContent() *weakContent {
	if t.role == nil {
		return nil
	}
	return t.role.weak
}

func (t *Table) takeRole() *tableRole {
	if t.role == nil {
		t.role = &tableRole{}
	}
	return t.role
}

func (t *Table) weakGet(key Value) Value {
	if t.flags&tableWeak == 0 {
		return Value{}
	}
	w := t.role.weak
	i, ok := w.index[weakKeyOf(key)]
	if !ok || w.entries[i].key.get().IsNil() {
		return Value{}
	}
	return w.entries[i].value.get()
}

func (t *Table) weakSet(key, v Value) {
	w := t.role.weak
	id := weakKeyOf(key)
	if i, ok := w.index[id]; ok {
		e := &w.entries[i]
		e.value = weakRefOf(v, w.values)
		if e.key.get().IsNil() { // another object at the address of one that is gone
			e.key = weakRefOf(key, w.keys)
		}
		return
	}
	if v.IsNil() {
		return
	}
	if len(w.entries) >= w.sweepAt {
		w.sweep()
	}
	t.owner.charge(int(unsafe.Sizeof(weakEntry{})) + nodeSize)
	w.index[id] = len(w.entries)
	w.entries = append(w.entries, weakEntry{id, weakRefOf(key, w.keys), weakRefOf(v, w.values)})
}

// sweep drops the entries whose key or value is gone. It runs only when a new key is stored, so that a traversal that
// clears fields is not disturbed.
func (w *weakContent) sweep() {
	live := w.entries[:0]
	clear(w.index)
	for i := range w.entries {
		e := w.entries[i]
		if e.key.get().IsNil() || e.value.get().IsNil() {
			continue
		}
		w.index[e.id] = len(live)
		live = append(live, e)
	}
	clear(w.entries[len(live):])
	w.entries = live
	w.sweepAt = max(16, 2*len(live))
}

func (t *Table) weakLen() int {
	n := 0
	for !t.weakGet(Int(n + 1)).IsNil() {
		n++
	}
	return n
}

func (t *Table) weakNext(key Value) (k, v Value, err error) {
	w := t.role.weak
	i := 0
	if !key.IsNil() {
		at, ok := w.index[weakKeyOf(key)]
		if !ok {
			return Value{}, Value{}, errNextKey
		}
		i = at + 1
	}
	for ; i < len(w.entries); i++ {
		e := &w.entries[i]
		if k, v = e.key.get(), e.value.get(); !k.IsNil() && !v.IsNil() {
			return k, v, nil
		}
	}
	return Value{}, Value{}, nil
}
