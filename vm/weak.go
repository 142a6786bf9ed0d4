package vm

import (
	"slices"
	"strings"
	"unsafe"
	"weak"
)

// weakContent is the content of a table whose keys or values are weak (manual section 2.5.2): Go's garbage collector
// does not see those, and empties their entries when nothing else holds them.
//
// Where keys are weak and values strong, and the key is a table, the key itself holds the value (ephemeron): so a value
// that refers to its key does not keep it. With keys of other kinds it does, for they have no place for it.
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
	held       weak.Pointer[ephemeron] // has the value, when the key holds it
}

// entryBytes is about what one entry takes: with its place in the index, and what Go keeps for its weak pointers.
func (w *weakContent) entryBytes() int {
	const (
		entry = int(unsafe.Sizeof(weakEntry{})+unsafe.Sizeof(weakKey{})) + 72
		held  = int(unsafe.Sizeof(ephemeron{})+unsafe.Sizeof(tableRole{})) + 40
	)
	if w.keys && !w.values {
		return entry + held
	}
	return entry
}

// ephemeron is a value that a weak table has under a key, held by that key.
type ephemeron struct {
	value Value
	table weak.Pointer[weakContent]
}

// get returns the entry's value, nil when it is gone.
func (e *weakEntry) get() Value {
	if e.held == (weak.Pointer[ephemeron]{}) {
		return e.value.get()
	}
	if h := e.held.Value(); h != nil {
		return h.value
	}
	return Value{}
}

// set stores v in the entry of key.
func (w *weakContent) set(e *weakEntry, key, v Value) {
	if w.values || !w.keys || !key.is(tagTable) || !v.collectable() {
		w.release(e, key)
		e.value = weakRefOf(v, w.values)
		return
	}
	if h := e.held.Value(); h != nil {
		h.value = v
		return
	}
	h := &ephemeron{value: v, table: weak.Make(w)}
	key.table().takeRole().hold(h)
	e.value, e.held = weakRef{}, weak.Make(h)
}

// release makes the key let go of the value.
func (w *weakContent) release(e *weakEntry, key Value) {
	if h := e.held.Value(); h != nil && key.is(tagTable) {
		r := key.table().takeRole()
		if i := slices.Index(r.held, h); i >= 0 {
			r.held = slices.Delete(r.held, i, i+1)
		}
	}
	e.held = weak.Pointer[ephemeron]{}
}

// hold adds an ephemeron to those of the key, less those of weak tables that are gone.
func (r *tableRole) hold(h *ephemeron) {
	if len(r.held) == cap(r.held) {
		r.held = slices.DeleteFunc(r.held, func(h *ephemeron) bool { return h.table.Value() == nil })
	}
	r.held = append(r.held, h)
}

// weakRef is a value, held weakly when it is an object and weak is asked for.
type weakRef struct {
	v Value // without its pointer when that is in p
	p weak.Pointer[byte]
}

// collectable reports whether weak tables drop v: strings count as plain values.
func (v Value) collectable() bool {
	return v.is(tagTable) || v.is(tagLua) || v.is(tagUserdata) || v.is(tagThread) || v.is(tagGo)
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
	t.owner.work(len(fields) * nodeSize)
	t.arr, t.lastFree = nil, 0
	t.leave(t.nodes())
	t.setNodes(nil)
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
	t.owner.weakFinds.any = true
	return w.entries[i].get()
}

func (t *Table) weakSet(key, v Value) {
	w := t.role.weak
	id := weakKeyOf(key)
	if i, ok := w.index[id]; ok {
		e := &w.entries[i]
		if e.key.get().IsNil() { // another object at the address of one that is gone
			*e = weakEntry{id: id, key: weakRefOf(key, w.keys)}
		}
		w.set(e, key, v)
		return
	}
	if v.IsNil() {
		return
	}
	if len(w.entries) >= w.sweepAt {
		w.sweep()
	}
	t.owner.charge(w.entryBytes())
	w.index[id] = len(w.entries)
	w.entries = append(w.entries, weakEntry{id: id, key: weakRefOf(key, w.keys)})
	w.set(&w.entries[len(w.entries)-1], key, v)
}

// sweep drops the entries whose key or value is gone. It runs only when a new key is stored, so that a traversal that
// clears fields is not disturbed.
func (w *weakContent) sweep() {
	live := w.entries[:0]
	clear(w.index)
	for i := range w.entries {
		e := w.entries[i]
		if e.key.get().IsNil() || e.get().IsNil() {
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
		if k, v = e.key.get(), e.get(); !k.IsNil() && !v.IsNil() {
			t.owner.weakFinds.any = true
			return k, v, nil
		}
	}
	return Value{}, Value{}, nil
}
