package vm

import (
	"slices"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// journal records what is written while new code is loaded, so that all of it can be undone,
// and what is made, so that references in it can be corrected.
//
// Tables tell of writes by themselves (Table.owner.journal). The interpreter's short cuts don't: while a journal is
// kept, the threads that run have a hook that asks for no event, which makes the interpreter stop before each
// instruction (see State.trapped); normal operation pays nothing for it.
type journal struct {
	writes   []write
	tables   []*Table
	closures []*closure
	threads  []*Thread
	units    map[*unit]*module
	watched  []*Table // have __gc, which counts only when the journal is kept
	hook     *hook
}

// write is one change: of a table's field or metatable, of an upvalue, or of anything else.
type write struct {
	table *Table
	key   Value
	old   Value
	cell  *upvalue
	meta  bool   // old is the metatable of table
	ref   *Value // a variable of Go code
	undo  func()
}

func (s *State) newJournal() *journal {
	return &journal{units: map[*unit]*module{}, hook: &hook{}}
}

func (j *journal) tableWrite(t *Table, key, old Value) {
	if t.flags&tableNew == 0 {
		j.writes = append(j.writes, write{table: t, key: key, old: old})
	}
}

func (j *journal) metatableWrite(t *Table) {
	if t.flags&tableNew != 0 {
		return
	}
	w := write{table: t, meta: true}
	if t.meta != nil {
		w.old = t.meta.Value()
	}
	j.writes = append(j.writes, w)
}

func (j *journal) upvalueWrite(u *upvalue) {
	j.writes = append(j.writes, write{cell: u, old: *u.v})
}

// closureWrite is called before the body of c is replaced, or a variable of it by another one.
func (j *journal) closureWrite(c *closure) {
	saved, upvals := *c, slices.Clone(c.upvals())
	j.onUndo(func() {
		*c = saved
		copy(c.upvals(), upvals)
	})
}

func (j *journal) onUndo(f func()) { j.writes = append(j.writes, write{undo: f}) }

// owns reports whether t was made while the journal was kept.
func (j *journal) owns(t *Thread) bool {
	for _, other := range j.threads {
		if t == other {
			return true
		}
	}
	return false
}

// trapped is called before each instruction while there is a journal. It notes what the instruction is about to write
// if the interpreter does that without the help of a Table method.
func (s *State) trapped(f *frame) {
	i := f.proto.code[f.pc-1]
	switch i.op() {
	case opSetUpval:
		s.journal.upvalueWrite(upvalueAt(f.ups, i.b()))
	case opSetField, opSetFieldK, opSetTable, opSetInt:
		t := s.current
		obj := t.stack[f.base+i.a()]
		if !obj.is(tagTable) {
			return
		}
		src := f.proto.source.Code[f.pc-1]
		key := Value{}
		if rk := bytecode.B(src); bytecode.IsK(rk) {
			key = f.proto.constants[bytecode.KIndex(rk)]
		} else {
			key = t.stack[f.base+rk]
		}
		if key.IsNil() || key.isNumber() && key.number() != key.number() {
			return
		}
		tab := obj.table()
		s.journal.tableWrite(tab, key, tab.Get(key))
	}
}

// Assign stores v in a variable of Go code that holds a Lua value: a handler that scripts set. Where that is done by
// code on trial, it can be undone, and a function or table of new code gives way to the one that it is a new version of.
func (s *State) Assign(variable *Value, v Value) {
	if s.journal != nil {
		s.journal.writes = append(s.journal.writes, write{ref: variable, old: *variable})
	}
	*variable = v
}

// OnUndo has f called if what is being loaded now is undone (see Apply). Go functions that change what is not Lua's
// call it first. It does nothing in normal operation.
func (s *State) OnUndo(f func()) {
	if s.journal != nil {
		s.journal.onUndo(f)
	}
}

// Loading reports whether the state runs new code on trial: what it does now may be undone.
func (s *State) Loading() bool { return s.journal != nil }

// Quiet reports whether what runs now will be undone whatever it does: it should not be seen.
func (s *State) Quiet() bool { return s.quiet }

// mark returns a point that undoTo goes back to.
func (j *journal) mark() int { return len(j.writes) }

// undoTo takes back all writes since the mark, the last one first.
func (s *State) undoTo(j *journal, mark int) {
	active := s.journal
	s.journal = nil
	for i := len(j.writes) - 1; i >= mark; i-- {
		j.writes[i].revert()
	}
	j.writes = j.writes[:mark]
	s.journal = active
}

func (w *write) revert() {
	switch {
	case w.undo != nil:
		w.undo()
	case w.cell != nil:
		*w.cell.v = w.old
	case w.ref != nil:
		*w.ref = w.old
	case w.meta:
		w.table.meta = nil
		if m, ok := w.old.AsTable(); ok {
			w.table.meta = m
		}
		w.table.setMode(metamethod(w.table.meta, eventMode))
	default:
		_ = w.table.Set(w.key, w.old)
	}
}

// undoAll ends the journal and takes back everything.
func (s *State) undoAll(j *journal) {
	s.undoTo(j, 0)
	s.journal = nil
}

// keep ends the journal; what was written stays.
func (s *State) keep(j *journal) {
	s.journal = nil
	for _, t := range j.tables {
		t.flags &^= tableNew
	}
	for _, t := range j.threads {
		if t.hook == j.hook {
			t.hook = nil
		}
	}
	for _, t := range j.watched {
		s.finalizers.watch(t)
	}
}
