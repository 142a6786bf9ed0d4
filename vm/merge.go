package vm

import (
	"fmt"
	"strings"
)

// merger joins what new code made when it was loaded with what the program made of the old code's.
//
// Three values of each place decide: what old code makes of it (it has just been run again to learn that), what it is
// now, and what new code makes of it. A place is a local variable of a main chunk, a field of what the chunk returned,
// or anything else that the chunk wrote to. Tables and functions of the program keep their identity: merger finds which
// of the new ones they correspond to, and replaces those wherever new code put them.
type merger struct {
	*Applied
	before, after *trial
	places        map[placeKey]*place // that old code wrote to

	tables    map[*Table]*Table     // new -> the program's
	replays   map[*Table]*Table     // made by old code just now -> the program's
	closures  map[*closure]*closure // new -> the program's
	replayed  map[*closure]*closure
	cells     map[*upvalue]*upvalue
	functions []*closure // of the program, found on the way
	stepOf    map[*closure]*step

	modules []*module // of the new units
	stores  []store
	later   []func() // fields whose keys are objects
	chunk   *chunkPatch
	inUse   bool // compare a value that the program may have filled tables of
	budget  int  // how many more values deep comparisons may look at
}

// store is a decision that is carried out when all correspondences are known.
type store struct {
	table *Table
	key   Value
	cell  *upvalue
	ref   *Value
	meta  bool
	value Value
}

// placeKey identifies something that existed before a trial.
type placeKey struct {
	table *Table
	cell  *upvalue
	ref   *Value
	meta  bool
	key   weakKey
}

type place struct {
	placeKey
	key           Value
	before, after Value
}

// compareLimit bounds how many values are compared to find out whether a table was changed.
const compareLimit = 10000

func newMerger(a *Applied, before, after *trial) *merger {
	return &merger{
		Applied: a, before: before, after: after,
		tables: map[*Table]*Table{}, replays: map[*Table]*Table{}, cells: map[*upvalue]*upvalue{},
		closures: map[*closure]*closure{}, replayed: map[*closure]*closure{}, stepOf: map[*closure]*step{},
	}
}

// places lists what existed before the trial and was written to, with the values before and now.
func (t *trial) places() []*place {
	var list []*place
	seen := map[placeKey]bool{}
	for _, w := range t.journal.writes {
		k := placeKey{table: w.table, cell: w.cell, meta: w.meta, ref: w.ref}
		if w.undo != nil {
			continue
		}
		if w.table != nil && !w.meta {
			k.key = weakKeyOf(w.key)
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		list = append(list, &place{placeKey: k, key: w.key, before: w.old, after: w.now()})
	}
	return list
}

func (w *write) now() Value {
	switch {
	case w.cell != nil:
		return *w.cell.v
	case w.ref != nil:
		return *w.ref
	case w.meta:
		return metaValue(w.table)
	}
	return w.table.Get(w.key)
}

func metaValue(t *Table) Value {
	if t.meta == nil {
		return Value{}
	}
	return t.meta.Value()
}

func (m *merger) merge(replayed []*place) error {
	m.places = map[placeKey]*place{}
	for _, p := range replayed {
		m.places[p.placeKey] = p
	}
	if m.before.err != nil {
		m.Warnings = append(m.Warnings, fmt.Sprintf("the old code can't be run again to compare (%s): the program's values are kept",
			firstLine(m.before.err.Error())))
	}
	fresh := m.after.places()
	if err := m.results(); err != nil {
		return err
	}
	for i := range m.patch.chunks {
		m.chunk = &m.patch.chunks[i]
		m.modules = append(m.modules, m.variables())
	}
	m.chunk = nil
	m.elsewhere(replayed, fresh)
	for len(m.later) > 0 {
		f := m.later[0]
		m.later = m.later[1:]
		f()
	}
	m.rewire()
	for _, st := range m.stores {
		m.put(st)
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// results merges what the chunks returned.
func (m *merger) results() error {
	loaded := m.state.loaded()
	for i := range m.patch.chunks {
		c := &m.patch.chunks[i]
		if c.Module == "" {
			continue
		}
		m.chunk = c
		r := m.replaced[c.Module]
		r.replay, r.fresh = m.before.results[c.Module], m.after.results[c.Module]
		if r.live.IsNil() {
			continue
		}
		r.previous = m.previous(c, r.live)
		if oldKind, newKind := r.live.Kind(), r.fresh.Kind(); oldKind != newKind && (oldKind == KindTable || newKind == KindTable) {
			if m.options.Turns == nil || !m.options.Turns(&c.Replacement) {
				return &RestartError{fmt.Sprintf("%s: the module was a %s and is a %s now: change all files that require it too, or restart the services that use it",
					c.File(), oldKind, newKind)}
			}
			m.turn(r)
			m.stores = append(m.stores, store{table: loaded, key: String(c.Module), value: r.fresh})
			continue
		}
		m.stores = append(m.stores, store{table: loaded, key: String(c.Module), value: m.value("the module's value", r.live, r.replay, r.fresh)})
	}
	return nil
}

// turn makes the value that old code gives a module count as the program's, which gives way to the new one.
func (m *merger) turn(r *loadedModule) {
	switch {
	case r.live.is(tagTable) && r.replay.is(tagTable):
		m.replays[r.replay.table()] = r.live.table()
	case r.live.is(tagLua) && r.replay.is(tagLua):
		m.replayed[r.replay.closure()] = r.live.closure()
	}
}

// previous makes a table of a module's fields and variables, for hooks.
func (m *merger) previous(c *chunkPatch, live Value) *Table {
	fresh, ok := m.after.results[c.Module].AsTable()
	if !ok || fresh.GetString("__reload").IsNil() && fresh.GetString("__migrate").IsNil() {
		return nil
	}
	view := m.state.NewTable(0, 0)
	if mod := m.state.units[c.Old.unit]; mod != nil {
		for i, cell := range mod.cells {
			if cell != nil && cell != manyCells {
				view.SetString(c.Old.unit.cells[i].name, *cell.v)
			}
		}
	}
	if t, ok := live.AsTable(); ok {
		for k, v, _ := t.Next(Value{}); !k.IsNil(); k, v, _ = t.Next(k) {
			_ = view.Set(k, v)
		}
	}
	return view
}

// variables merges the local variables of a main chunk and returns the record of the new one.
func (m *merger) variables() *module {
	c := m.chunk
	live, replay, fresh := m.state.units[c.Old.unit], m.before.journal.units[c.Old.unit], m.after.journal.units[c.New.unit]
	if fresh == nil {
		fresh = &module{cells: make([]*upvalue, len(c.New.unit.cells))}
	}
	if live == nil {
		live = &module{cells: make([]*upvalue, len(c.Old.unit.cells))}
	}
	next := &module{cells: make([]*upvalue, len(c.New.unit.cells)), generation: m.generationFor(c, live), retired: map[variable]*upvalue{}}
	next.env = live.env
	if live.env != nil && fresh.env != nil {
		m.cells[fresh.env] = live.env
	} else {
		next.env = fresh.env
	}
	for v, cell := range live.retired {
		next.retired[v] = cell
	}
	taken := map[int]bool{}
	for n, v := range c.New.unit.cells {
		o := c.plan.cellOf[n]
		cell := fresh.cells[n]
		switch {
		case o >= 0 && live.cells[o] != nil && live.cells[o] != manyCells && cell != manyCells:
			taken[o] = true
			next.cells[n] = live.cells[o]
			if cell != nil {
				m.cells[cell] = live.cells[o]
				m.variable(v.name, live.cells[o], replayCell(replay, o), cell)
			}
		case cell != nil && cell != manyCells && next.retired[v] != nil:
			old := next.retired[v]
			delete(next.retired, v)
			m.cells[cell] = old
			m.stores = append(m.stores, store{cell: old, value: *cell.v})
			next.cells[n] = old
		default:
			next.cells[n] = cell
		}
	}
	for o, v := range c.Old.unit.cells {
		if cell := live.cells[o]; !taken[o] && cell != nil && cell != manyCells {
			next.retired[v] = cell
		}
	}
	return next
}

func (m *merger) generationFor(c *chunkPatch, live *module) int {
	if c.Old.unit == c.New.unit {
		return live.generation
	}
	return m.options.Generation
}

// generationOf returns the generation of the i-th chunk's old code.
func (m *merger) generationOf(i int) int {
	if live := m.state.units[m.patch.chunks[i].Old.unit]; live != nil {
		return live.generation
	}
	return 0
}

func replayCell(m *module, n int) *upvalue {
	if m == nil || m.cells[n] == manyCells {
		return nil
	}
	return m.cells[n]
}

func (m *merger) variable(name string, live, replay, fresh *upvalue) {
	before := *fresh.v
	if replay != nil {
		before = *replay.v
	} else if !m.assigned(m.chunk.New.unit, fresh) {
		before = *live.v // a constant: the source decides
	}
	v := m.value("local "+name, *live.v, before, *fresh.v)
	m.stores = append(m.stores, store{cell: live, value: v})
}

// assigned reports whether a function other than the main chunk assigns to the variable of a cell.
func (m *merger) assigned(u *unit, cell *upvalue) bool {
	mod := m.after.journal.units[u]
	for number, c := range mod.cells {
		if c == cell {
			return u.assigns(number)
		}
	}
	return true
}

// value decides on one place.
func (m *merger) value(name string, live, old, fresh Value) Value {
	switch {
	case live.is(tagTable) && old.is(tagTable) && fresh.is(tagTable):
		m.table(name, live.table(), old.table(), fresh.table())
		return live
	case live.is(tagLua) && fresh.is(tagLua) && m.samePlace(live, old, fresh):
		return live
	case m.chunk != nil && m.chunk.New.unit.fixed[name]:
		return fresh
	case m.equal(old, fresh), m.equal(live, fresh):
		return live // the source says what it said: also of a file, a coroutine and the like, which is made anew each time
	case m.unchanged(live, old):
		return fresh
	}
	if m.chunk == nil || m.chunk.Old != m.chunk.New {
		m.conflict(name, live, old, fresh)
	}
	return live
}

// samePlace decides whether live is the function that old code put in a place, and fresh a version of it;
// the program's function is then the one to keep.
func (m *merger) samePlace(live, old, fresh Value) bool {
	l, f := m.state.newest(live.closure()), fresh.closure()
	lived := l.proto
	if old.is(tagLua) {
		if o := old.closure(); o.proto == lived {
			m.replayed[o] = l
		} else if m.before.err == nil {
			return false
		}
	} else if m.before.err == nil {
		return false
	}
	step := m.stepFrom(lived)
	switch {
	case step != nil && step.to == f.proto:
		m.stepOf[l] = step
	case lived == f.proto:
	default:
		return false
	}
	if m.closures[f] == l {
		return true
	}
	m.closures[f] = l
	m.functions = append(m.functions, l)
	m.captured(l, old, f, step)
	return true
}

// captured merges the variables that a function of the program, and its new version, have of enclosing functions.
// Those of the main chunk are merged by themselves, but for those that exist more than once, as in a loop.
func (m *merger) captured(live *closure, old Value, fresh *closure, step *step) {
	for i, v := range fresh.proto.unit.info(fresh.proto).vars {
		cell := fresh.upvals()[i]
		if _, known := m.cells[cell]; known || v.function < 0 || v.function == 0 && m.isSingle(fresh.proto, i) {
			continue
		}
		from := i
		if step != nil {
			from = step.sources[i]
		}
		if from < 0 {
			continue
		}
		now := live.upvals()[from]
		m.cells[cell] = now
		if old.is(tagLua) && old.closure().proto == live.proto {
			value := m.value("local "+v.name, *now.v, *old.closure().upvals()[from].v, *cell.v)
			m.stores = append(m.stores, store{cell: now, value: value})
		}
	}
}

// isSingle reports whether upvalue i of p, a variable of the new main chunk, exists once.
func (m *merger) isSingle(p *Proto, i int) bool {
	mod := m.after.journal.units[p.unit]
	return mod == nil || mod.cells[p.unit.info(p).cell[i]] != manyCells
}

// stepFrom returns what the patch makes of a function, or nil when the patch is not about its chunk.
func (m *merger) stepFrom(p *Proto) *step {
	if c := m.patch.chunk(p.unit); c != nil {
		return &c.plan.steps[p.index]
	}
	return nil
}

// conflict reports a place where the program's value wins over a change of the source.
func (m *merger) conflict(name string, live, old, fresh Value) {
	file := ""
	if m.chunk != nil {
		file = m.chunk.File()
	}
	m.Conflicts = append(m.Conflicts, Conflict{file, name, short(old), short(live), short(fresh)})
}

func short(v Value) string {
	if v.isString() {
		text := v.str()
		if len(text) > 40 {
			text = text[:40] + "..."
		}
		return fmt.Sprintf("%q", text)
	}
	if v.is(tagTable) || v.IsFunction() {
		return "a " + v.Kind().String()
	}
	return Text(v)
}

// table merges the fields of a table, which keeps its identity.
func (m *merger) table(name string, live, old, fresh *Table) {
	if _, done := m.tables[fresh]; done || live == fresh {
		return
	}
	m.tables[fresh], m.replays[old] = live, live
	m.metatable(name, live, old, fresh)
	m.array(name, live, old, fresh)
	for k, v, _ := fresh.Next(Value{}); !k.IsNil(); k, v, _ = fresh.Next(k) {
		if inArray(k, live, old, fresh) {
			continue
		}
		if object(k) {
			m.objectField(name, live, old, k, v)
			continue
		}
		m.field(name, live, k, old.Get(k), v)
	}
	for k, v, _ := old.Next(Value{}); !k.IsNil(); k, v, _ = old.Next(k) {
		switch {
		case inArray(k, live, old, fresh):
		case object(k):
			m.removedObject(live, k, v)
		case fresh.Get(k).IsNil():
			m.field(name, live, k, v, Value{})
		}
	}
}

func object(k Value) bool { return k.is(tagTable) || k.is(tagLua) }

func inArray(k Value, tables ...*Table) bool {
	if !k.isNumber() {
		return false
	}
	i, ok := arrayIndex(k)
	if !ok {
		return false
	}
	for _, t := range tables {
		if i <= t.Len() {
			return true
		}
	}
	return false
}

func (m *merger) field(name string, live *Table, k, old, fresh Value) {
	now := live.Get(k)
	path := name + "." + Text(k)
	if name == "the module's value" {
		path = Text(k)
	}
	if v := m.value(path, now, old, fresh); v != now {
		m.stores = append(m.stores, store{table: live, key: k, value: v})
	}
}

// objectField merges a field whose key is a table or a function: it waits until all of them are known.
func (m *merger) objectField(name string, live, old *Table, k, fresh Value) {
	m.later = append(m.later, func() {
		key := m.translate(k)
		before := Value{}
		for ok, ov, _ := old.Next(Value{}); !ok.IsNil(); ok, ov, _ = old.Next(ok) {
			if object(ok) && m.original(ok) == key {
				before = ov
			}
		}
		m.stores = append(m.stores, store{table: live, key: key, value: m.value(name+"[]", live.Get(key), before, fresh)})
	})
}

func (m *merger) removedObject(live *Table, k, old Value) {
	m.later = append(m.later, func() {
		key := m.original(k)
		if key == k {
			return
		}
		for _, st := range m.stores {
			if st.table == live && RawEqual(st.key, key) {
				return
			}
		}
		if now := live.Get(key); m.equal(now, old) {
			m.stores = append(m.stores, store{table: live, key: key})
		}
	})
}

// array merges the elements 1..#t. A list is one value, unless the program left its length and order as they were.
func (m *merger) array(name string, live, old, fresh *Table) {
	n := live.Len()
	if n == 0 && old.Len() == 0 && fresh.Len() == 0 {
		return
	}
	if n == old.Len() && m.sameElements(live, old) || m.before.err != nil && n == fresh.Len() {
		for i := 1; i <= max(n, fresh.Len()); i++ {
			m.field(name, live, Int(i), old.GetInt(i), fresh.GetInt(i))
		}
		return
	}
	if old.Len() == fresh.Len() && m.sameElements(old, fresh) || n == fresh.Len() && m.sameElements(live, fresh) {
		return
	}
	if m.chunk == nil || m.chunk.Old != m.chunk.New {
		m.conflict(name, String(fmt.Sprintf("a list of %d", n)), String(fmt.Sprintf("a list of %d", old.Len())),
			String(fmt.Sprintf("a list of %d", fresh.Len())))
	}
}

// sameElements compares lists of one length; tables in them count as equal, as they are merged by themselves.
func (m *merger) sameElements(a, b *Table) bool {
	for i := 1; i <= a.Len(); i++ {
		x, y := a.GetInt(i), b.GetInt(i)
		if x.is(tagTable) && y.is(tagTable) {
			continue
		}
		if !m.equal(x, y) {
			return false
		}
	}
	return true
}

func (m *merger) metatable(name string, live, old, fresh *Table) {
	now := metaValue(live)
	v := m.value(name+"'s metatable", now, metaValue(old), metaValue(fresh))
	if v != now {
		m.stores = append(m.stores, store{table: live, meta: true, value: v})
	}
}

// unchanged reports whether the program has left a value as old code makes it.
func (m *merger) unchanged(live, old Value) bool {
	m.inUse = true
	defer func() { m.inUse = false }()
	return m.equal(live, old)
}

// equal reports whether two values, of which at most one is the program's, mean the same.
func (m *merger) equal(a, b Value) bool {
	m.budget = compareLimit
	return m.same(a, b, map[[2]*Table]bool{})
}

func (m *merger) same(a, b Value, seen map[[2]*Table]bool) bool {
	if m.budget--; m.budget < 0 {
		return false
	}
	a, b = m.original(m.translate(a)), m.original(m.translate(b))
	switch {
	case RawEqual(a, b):
		return true
	case a.isNumber() && b.isNumber():
		return a.number() != a.number() && b.number() != b.number()
	case a.is(tagGo) && b.is(tagGo):
		return a.goFunction().name == b.goFunction().name
	case a.is(tagLua) && b.is(tagLua):
		return m.sameFunction(a.closure(), b.closure())
	case a.is(tagTable) && b.is(tagTable):
		x, y := a.table(), b.table()
		if seen[[2]*Table{x, y}] {
			return true
		}
		seen[[2]*Table{x, y}] = true
		return m.sameFields(x, y, seen) && m.same(metaValue(x), metaValue(y), seen)
	case a.is(tagUserdata) && b.is(tagUserdata):
		return m.sameUserdata(a.userdata(), b.userdata(), seen)
	}
	return a.is(tagThread) && b.is(tagThread)
}

func (m *merger) sameUserdata(a, b *Userdata, seen map[[2]*Table]bool) bool {
	if a.meta != b.meta {
		return false
	}
	d, ok := a.Data.(Description)
	return !ok || d.Same(b.Data, func(x, y Value) bool {
		return m.inUse && x.is(tagTable) && y.is(tagTable) || m.same(x, y, seen)
	})
}

func (m *merger) sameFields(x, y *Table, seen map[[2]*Table]bool) bool {
	fields := 0
	for k, v, _ := x.Next(Value{}); !k.IsNil(); k, v, _ = x.Next(k) {
		fields++
		if !object(k) && !m.same(v, y.Get(k), seen) {
			return false
		}
	}
	for k, _, _ := y.Next(Value{}); !k.IsNil(); k, _, _ = y.Next(k) {
		if fields--; fields < 0 {
			return false
		}
	}
	return fields == 0
}

// sameFunction reports whether two closures have the same code, perhaps in two versions of a file.
func (m *merger) sameFunction(a, b *closure) bool {
	if a.proto == b.proto {
		return true
	}
	for _, pair := range [2][2]*closure{{a, b}, {b, a}} {
		x, y := pair[0].proto, pair[1].proto
		if step := m.stepFrom(x); step != nil && step.to == y && x.unit.info(x).deep == y.unit.info(y).deep {
			return true
		}
	}
	return false
}

// translate returns the program's object in the place of a new one that corresponds to it.
func (m *merger) translate(v Value) Value {
	if v.is(tagTable) {
		if t, ok := m.tables[v.table()]; ok {
			return t.Value()
		}
	}
	if v.is(tagLua) {
		if c, ok := m.closures[v.closure()]; ok {
			return luaValue(c)
		}
	}
	return v
}

// original returns the program's object in the place of one that old code made again.
func (m *merger) original(v Value) Value {
	if v.is(tagTable) {
		if t, ok := m.replays[v.table()]; ok {
			return t.Value()
		}
	}
	if v.is(tagLua) {
		if c, ok := m.replayed[v.closure()]; ok {
			return luaValue(c)
		}
	}
	return v
}

// elsewhere merges what the chunks wrote to that is neither theirs nor what they returned: globals, tables and
// variables of other modules, metatables.
func (m *merger) elsewhere(replayed, fresh []*place) {
	loaded, preload := m.state.loaded(), m.state.registryTable("_PRELOAD")
	appended := map[*Table]*appends{}
	var order []*Table
	list := func(t *Table) *appends {
		a := appended[t]
		if a == nil {
			a = &appends{}
			appended[t] = a
			order = append(order, t)
		}
		return a
	}
	written := map[placeKey]bool{}
	for _, p := range fresh {
		written[p.placeKey] = true
		if p.table == preload || p.table == loaded && m.isModule(p.key) {
			continue
		}
		if p.isElement() && p.before.IsNil() {
			a := list(p.table)
			a.fresh = append(a.fresh, p)
			continue
		}
		old := p.before
		if q := m.places[p.placeKey]; q != nil {
			old = q.after
		} else if m.before.err != nil {
			old = p.after
		}
		m.decide(p, old, p.after)
	}
	for _, p := range replayed {
		switch {
		case written[p.placeKey] && !(p.isElement() && p.before.IsNil()), p.table == preload, p.table == loaded && m.isModule(p.key), p.cell != nil:
		case p.isElement() && p.before.IsNil():
			a := list(p.table)
			a.replayed = append(a.replayed, p)
		case m.isLibrary(p.table):
			m.Warnings = append(m.Warnings, fmt.Sprintf("the new code does not set %s any more; it stays as it is", Text(p.key)))
		default:
			m.decide(p, p.after, Value{})
		}
	}
	for _, t := range order {
		m.appendTo(t, appended[t])
	}
}

// appends are what old and new code put behind the end of a list that is not theirs.
type appends struct{ replayed, fresh []*place }

func (p *place) isElement() bool {
	if p.table == nil || p.meta || !p.key.isNumber() {
		return false
	}
	_, ok := arrayIndex(p.key)
	return ok
}

// appendTo adds to a list what new code adds and old code did not: the latter has been in it since the old code was loaded.
func (m *merger) appendTo(t *Table, a *appends) {
	var added []Value
	for _, p := range a.fresh {
		known := false
		for i, q := range a.replayed {
			if q != nil && m.versions(q.after, p.after) {
				a.replayed[i] = nil
				known = true
				break
			}
		}
		if !known {
			added = append(added, p.after)
		}
	}
	for i := len(a.fresh) - 1; i >= 0; i-- {
		m.stores = append(m.stores, store{table: t, key: a.fresh[i].key})
	}
	first := t.Len() + 1
	for _, p := range a.fresh {
		if i, _ := arrayIndex(p.key); i < first {
			first = i
		}
	}
	for i, v := range added {
		m.stores = append(m.stores, store{table: t, key: Int(first + i), value: v})
	}
}

// versions reports whether two values are an old and a new version of one thing.
func (m *merger) versions(old, fresh Value) bool {
	if old.is(tagLua) && fresh.is(tagLua) {
		if step := m.stepFrom(old.closure().proto); step != nil {
			return step.to == fresh.closure().proto
		}
	}
	return m.equal(old, fresh)
}

func (m *merger) decide(p *place, old, fresh Value) {
	name := "an upvalue"
	switch {
	case p.ref != nil:
		name = "a handler"
	case p.meta:
		name = "a metatable"
	case p.table == m.state.globals:
		name = "global " + Text(p.key)
	case p.table != nil:
		name = "field " + Text(p.key)
	}
	st := store{table: p.table, key: p.key, cell: p.cell, ref: p.ref, meta: p.meta}
	st.value = m.value(name, p.before, old, fresh)
	m.stores = append(m.stores, st)
}

func (m *merger) isModule(name Value) bool {
	text, ok := name.AsString()
	_, known := m.replaced[text]
	return ok && known
}

// isLibrary reports whether t is a table of the standard libraries, whose own fields must not be deleted.
func (m *merger) isLibrary(t *Table) bool {
	for _, name := range [...]string{"string", "table", "math", "io", "os", "debug", "coroutine", "bit32", "package", "utf8"} {
		if m.state.loaded().GetString(name) == t.Value() {
			return true
		}
	}
	return false
}

// rewire puts the program's tables, functions and variables in the place of new ones that correspond to them,
// in all that new code made.
func (m *merger) rewire() {
	j := m.journal
	for _, t := range j.tables {
		if _, gone := m.tables[t]; !gone {
			m.rewireTable(t)
		}
	}
	seen := map[*upvalue]bool{}
	for _, c := range j.closures {
		for i, u := range c.upvals() {
			if live, ok := m.cells[u]; ok {
				c.upvals()[i] = live
				continue
			}
			if !seen[u] {
				seen[u] = true
				if v := m.translate(*u.v); v != *u.v {
					j.upvalueWrite(u)
					*u.v = v
				}
			}
		}
	}
	for _, t := range j.threads {
		for i, v := range t.stack {
			t.stack[i] = m.translate(v)
		}
	}
}

func (m *merger) rewireTable(t *Table) {
	var fields []Value
	for k, v, _ := t.Next(Value{}); !k.IsNil(); k, v, _ = t.Next(k) {
		if m.translate(k) != k || m.translate(v) != v {
			fields = append(fields, k, v)
		}
	}
	for i := 0; i < len(fields); i += 2 {
		if k := m.translate(fields[i]); k != fields[i] {
			_ = t.Set(fields[i], Value{})
			fields[i] = k
		}
		_ = t.Set(fields[i], m.translate(fields[i+1]))
	}
	if t.meta != nil {
		if meta, ok := m.tables[t.meta]; ok {
			m.state.SetMetatable(t, meta)
		}
	}
}

// put carries out a decision.
func (m *merger) put(st store) {
	v := m.translate(st.value)
	switch {
	case st.cell != nil:
		if *st.cell.v != v {
			m.journal.upvalueWrite(st.cell)
			*st.cell.v = v
		}
	case st.ref != nil:
		if *st.ref != v {
			m.state.Assign(st.ref, v)
		}
	case st.meta:
		if metaValue(st.table) != v {
			meta, _ := v.AsTable()
			m.state.SetMetatable(st.table, meta)
		}
	default:
		if now := st.table.Get(st.key); now != v {
			_ = st.table.Set(st.key, v)
		}
	}
}
