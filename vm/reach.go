package vm

import (
	"runtime"
	"slices"
	"unsafe"
)

// measure walks over all that the state holds and sets its memory to what it finds.
func (s *State) measure() {
	m := s.reach()
	s.memory.used, s.memory.measured = m.bytes, m.bytes
}

// reach walks over all that the state holds.
func (s *State) reach() *measurement {
	m := &measurement{seen: addressSet{}}
	m.table(s.globals)
	m.table(s.registry)
	for _, t := range s.metas {
		m.table(t)
	}
	m.thread(s.main)
	for t := s.current; t != nil; t = t.parent {
		m.thread(t)
	}
	if s.roots != nil {
		s.roots(m.thread)
	}
	m.walk()
	return m
}

// measurement sums up the sizes of objects. Strings are counted at each place that holds them when short, once when long.
type measurement struct {
	seen  addressSet
	todo  []Value
	bytes int64
	inner []innerFunctions // of the closures that keep some
	weak  []*weakContent   // with weak values
}

func (m *measurement) walk() {
	for len(m.todo) > 0 {
		v := m.todo[len(m.todo)-1]
		m.todo = m.todo[:len(m.todo)-1]
		m.object(v)
	}
}

const longString = 64

func (m *measurement) value(v Value) {
	switch {
	case v.isString():
		n := len(v.str())
		if n > longString && !m.seen.add(v.p) {
			return
		}
		m.bytes += int64(n)
	case v.collectable():
		if m.seen.add(v.p) {
			m.todo = append(m.todo, v)
		}
	}
}

func (m *measurement) table(t *Table) {
	if t != nil {
		m.value(t.Value())
	}
}

func (m *measurement) thread(t *Thread) {
	if t != nil {
		m.value(t.Value())
	}
}

func (m *measurement) object(v Value) {
	switch {
	case v.is(tagTable):
		m.tableContent(v.table())
	case v.is(tagLua):
		c := v.closure()
		m.bytes += int64(closureSize + 8*len(c.proto.upvalues))
		if u := c.proto.unit; !u.tracked && m.seen.add(unsafe.Pointer(u)) { // that of a file is everybody's
			m.bytes += int64(u.bytes)
		}
		if c.more != nil {
			m.bytes += 8 * int64(len(c.more.inner))
			m.inner = append(m.inner, c.more.inner)
		}
		for _, u := range c.upvals() {
			if u != nil && m.seen.add(unsafe.Pointer(u)) {
				m.bytes += int64(upvalueSize)
				m.value(*u.v)
			}
		}
	case v.is(tagGo):
		m.value(v.goFunction().holds)
	case v.is(tagUserdata):
		u := v.userdata()
		m.bytes += int64(unsafe.Sizeof(*u))
		m.table(u.meta)
		m.value(u.user)
	case v.is(tagThread):
		t := v.thread()
		m.bytes += threadSize + int64(len(t.stack)-initialStack)*valueSize
		for f := t.root.next; f != nil; f = f.next {
			m.bytes += int64(frameSize)
		}
		for _, v := range t.stack {
			m.value(v)
		}
		if t.hook != nil {
			m.value(t.hook.fn)
		}
	}
}

func (m *measurement) tableContent(t *Table) {
	m.bytes += int64(t.bytes())
	m.table(t.meta)
	for _, v := range t.arr {
		m.value(v)
	}
	if t.flags&tableShared != 0 {
		return
	}
	nodes := t.nodes()
	for i := range nodes {
		m.value(nodes[i].key)
		m.value(nodes[i].val)
	}
	if w := t.weakContent(); w != nil {
		if w.values {
			m.weak = append(m.weak, w)
		}
		m.bytes += int64(len(w.entries) * w.entryBytes())
		for i := range w.entries {
			if e := &w.entries[i]; !w.keys {
				m.value(e.key.get())
			} else if !w.values {
				m.value(e.get())
			}
		}
	}
}

// pruneInner forgets the functions kept for a next call that nothing else holds.
func (m *measurement) pruneInner() {
	for _, list := range m.inner {
		for i, inner := range list {
			if inner != nil && !m.has(luaValue(inner)) {
				list[i] = nil
			}
		}
	}
}

// findCycles makes the tables due that have a __gc and can be reached from nothing but garbage: themselves, for instance.
// Go's collector finds no such cycles. A state whose values Go code holds on to, too, can't tell them.
func (s *State) findCycles() {
	if !s.alone || s.goDepth > 1 {
		return
	}
	f := &s.finalizers
	var live *measurement
	for _, w := range f.watched {
		t := w.table.Value()
		if t == nil {
			continue // it is gone, or due
		}
		if live == nil {
			live = s.reach()
		}
		if !live.has(t.Value()) {
			runtime.SetFinalizer(t, nil)
			f.unreachable(dueTable{t, w.order})
		}
	}
}

// dropWeak takes from weak values what can be reached only from tables about to be finalized (manual section 2.5.2).
func (s *State) dropWeak() {
	f := &s.finalizers
	f.mu.Lock()
	due := slices.Clone(f.due)
	f.mu.Unlock()
	if len(due) == 0 {
		return
	}
	live := s.reach()
	dead := &measurement{seen: addressSet{}}
	for _, d := range due {
		dead.table(d.table)
	}
	dead.walk()
	for _, w := range slices.Concat(live.weak, dead.weak) {
		w.drop(func(v Value) bool { return dead.has(v) && !live.has(v) })
	}
}

// drop clears the entries with such values.
func (w *weakContent) drop(dead func(Value) bool) {
	for i := range w.entries {
		if e := &w.entries[i]; dead(e.get()) {
			e.value = weakRef{}
		}
	}
}

func (m *measurement) has(v Value) bool {
	return v.collectable() && m.seen.has(v.p)
}
