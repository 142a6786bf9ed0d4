package vm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Replacement is one chunk that a Patch replaces. Chunks are those of a Compiler.
type Replacement struct {
	Module   string // as package.loaded knows it; "" for a script that is no module
	Old, New *Proto
	Included bool // the code of other replacements loads and runs it, as dofile does
}

// File returns the name of the file that the chunk came from.
func (r *Replacement) File() string { return strings.TrimPrefix(r.New.Source(), "@") }

// Patch is new code for chunks that states have loaded, worked out once and applied to any number of states by
// State.Apply. It may be used from any goroutine.
type Patch struct {
	chunks []chunkPatch

	mu       sync.Mutex
	composed map[[2]*plan]*plan
}

type chunkPatch struct {
	Replacement
	diff    *differ
	plan    *plan
	changes []FunctionChange
}

// NewPatch compares old and new code. The replacements are in the order in which they are to be loaded: what others
// require comes first. A chunk whose code is unchanged may be among them: it is run again because of what it requires.
func NewPatch(replacements []Replacement) *Patch {
	p := &Patch{composed: map[[2]*plan]*plan{}}
	for _, r := range replacements {
		c := chunkPatch{Replacement: r}
		c.diff = compare(r.Old.unit, r.New.unit)
		c.plan = c.diff.plan()
		c.changes = c.diff.changes(c.plan)
		p.chunks = append(p.chunks, c)
	}
	return p
}

// Changes tells what the patch does to the functions of its i-th replacement.
func (p *Patch) Changes(i int) []FunctionChange { return p.chunks[i].changes }

// Replacements returns what NewPatch was given.
func (p *Patch) Replacements() []Replacement {
	list := make([]Replacement, len(p.chunks))
	for i := range p.chunks {
		list[i] = p.chunks[i].Replacement
	}
	return list
}

// NoCode reports whether the code of all chunks is the same but for its lines.
func (p *Patch) NoCode() bool {
	for _, c := range p.chunks {
		for _, f := range c.changes {
			if f.Kind != Same && f.Kind != Moved {
				return false
			}
		}
	}
	return true
}

func (p *Patch) compose(a, b *plan) *plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := [2]*plan{a, b}
	c := p.composed[key]
	if c == nil {
		c = compose(a, b)
		p.composed[key] = c
	}
	return c
}

func (p *Patch) chunk(u *unit) *chunkPatch {
	for i := range p.chunks {
		if p.chunks[i].Old.unit == u {
			return &p.chunks[i]
		}
	}
	return nil
}

// ApplyOptions are the choices of State.Apply.
type ApplyOptions struct {
	Generation int // of the new code, as users count it
	// Args gives what the code of a replacement is called with; nil: the module's name and file.
	Args func(r *Replacement) []Value
	// Stage is called before old code runs again (to learn what it made), before new code runs, and before both are done.
	Stage func(stage Stage)
	// Quiet keeps the new code from printing: it is going to be undone, whether it works or not.
	Quiet bool
	// Turns tells whether a module may become a value of another kind: a function in the place of a table. nil: none may.
	Turns func(r *Replacement) bool
	// Hooks is called when the new code and the state have been merged, while all can still be undone.
	Hooks func(a *Applied) error
}

// Stage is a step of State.Apply.
type Stage uint8

const (
	StageReplay Stage = iota // old code runs; all that it does is undone
	StageLoad                // new code runs; it is undone if it fails
	StageMerge
)

// Conflict is a value that both the program and the new source changed. The program's stays.
type Conflict struct {
	File, Name    string
	Old, Now, New string // what the old source made it, what it is, what the new source makes it
}

func (c Conflict) String() string {
	return fmt.Sprintf("%s: %s was %s, the program made it %s, the new source makes it %s: kept %s",
		c.File, c.Name, c.Old, c.Now, c.New, c.Now)
}

// Applied is new code in a state, with what the state keeps merged into it. It must be ended by Keep or Undo before
// the state runs anything else.
type Applied struct {
	state     *State
	patch     *Patch
	options   ApplyOptions
	journal   *journal
	thread    *Thread
	replaced  map[string]*loadedModule
	Conflicts []Conflict
	Warnings  []string
	Stuck     []StuckClosure
	merger    *merger
}

// RestartError is the error of new code that a running program can't take: it needs a new start.
type RestartError struct{ Reason string }

func (e *RestartError) Error() string { return e.Reason }

// StuckClosure is a function that keeps its old code, as its closure lacks a variable that the new code needs.
type StuckClosure struct {
	Function, File string
	Line           int
	Needs          string
}

func (s StuckClosure) String() string {
	return fmt.Sprintf("%s:%d needs '%s'", s.File, s.Line, s.Needs)
}

type loadedModule struct {
	live, replay, fresh Value
	previous            *Table // fields and variables before the merge
}

// Apply loads the patch's new code on trial. The error is that of the new code, or of a hook, and the state is then as
// it was before. It must be called while no code of the state is running.
func (s *State) Apply(p *Patch, o ApplyOptions) (*Applied, error) {
	if s.journal != nil {
		return nil, fmt.Errorf("the state is being reloaded already")
	}
	a := &Applied{state: s, patch: p, options: o, replaced: map[string]*loadedModule{}}
	for _, c := range p.chunks {
		a.replaced[c.Module] = &loadedModule{live: s.loaded().GetString(c.Module)}
	}
	defer func() { s.quiet = false }()
	m, err := a.run()
	if err == nil && len(a.Conflicts) > 0 {
		// What differs from one run of the old code to the next is no change of the source.
		first := a.Conflicts
		a.Conflicts, a.Warnings = nil, nil
		s.undoAll(a.journal)
		if m, err = a.run(); err == nil {
			a.Conflicts = slices.DeleteFunc(a.Conflicts, func(c Conflict) bool {
				return !slices.ContainsFunc(first, func(f Conflict) bool { return f.File == c.File && f.Name == c.Name && f.Old == c.Old })
			})
		}
	}
	if err != nil {
		return nil, err
	}
	a.merger = m
	a.install(m)
	if o.Hooks != nil {
		if err := o.Hooks(a); err != nil {
			a.Undo()
			return nil, err
		}
	}
	return a, nil
}

// run runs the old code and then the new, and merges. After an error nothing is left of it.
func (a *Applied) run() (*merger, error) {
	s := a.state
	a.stage(StageReplay)
	s.quiet = true
	before := a.load(false)
	places := before.places()
	s.undoAll(before.journal)
	s.quiet = a.options.Quiet

	a.stage(StageLoad)
	after := a.load(true)
	a.journal, a.thread = after.journal, after.thread
	if after.err != nil {
		s.undoAll(after.journal)
		return nil, after.err
	}
	a.stage(StageMerge)
	m := newMerger(a, before, after)
	if err := m.merge(places); err != nil {
		s.undoAll(after.journal)
		return nil, err
	}
	return m, nil
}

func (a *Applied) stage(stage Stage) {
	if a.options.Stage != nil {
		a.options.Stage(stage)
	}
}

// Keep makes the new code the state's code.
func (a *Applied) Keep() {
	a.state.keep(a.journal)
	a.drop()
}

// Undo makes the state what it was before Apply.
func (a *Applied) Undo() {
	a.state.undoAll(a.journal)
	a.state.generation += 2 // closures that were stamped meanwhile look again
	a.drop()
}

func (a *Applied) drop() { a.journal, a.thread, a.replaced, a.merger = nil, nil, nil, nil }

// Call calls f, as a part of what is on trial.
func (a *Applied) Call(f Value, args ...Value) ([]Value, error) {
	return a.state.callOnTrial(a.thread, f, args)
}

// Try calls f and undoes all that it did.
func (a *Applied) Try(f Value, args ...Value) ([]Value, error) {
	mark := a.journal.mark()
	results, err := a.Call(f, args...)
	results = append([]Value(nil), results...)
	a.state.undoTo(a.journal, mark)
	return results, err
}

// Module returns what require gives for a module of the patch, and a table of the fields and local variables that the
// module had before.
func (a *Applied) Module(name string) (now Value, previous *Table) {
	r := a.replaced[name]
	return a.state.loaded().GetString(name), r.previous
}

// Versions reports whether a value that the old code made when it ran again, and one that the new code made, are two
// versions of one thing. It is for use before Keep or Undo.
func (a *Applied) Versions(old, fresh Value) bool { return a.merger.versions(old, fresh) }

// Translate returns the program's own table or function where v is a new version of it, else v.
// It is for use before Keep or Undo.
func (a *Applied) Translate(v Value) Value { return a.merger.translate(v) }

// ChangeOf tells what the patch does to the function that a closure of the new code has, and the file of that.
func (a *Applied) ChangeOf(f Value) (c FunctionChange, file string, ok bool) {
	if !f.is(tagLua) {
		return FunctionChange{}, "", false
	}
	p := f.closure().proto
	for i := range a.patch.chunks {
		if k := &a.patch.chunks[i]; k.New.unit == p.unit {
			return k.changes[p.index], k.File(), true
		}
	}
	return FunctionChange{}, "", false
}

// callOnTrial calls f; it can't suspend.
func (s *State) callOnTrial(t *Thread, f Value, args []Value) ([]Value, error) {
	s.goDepth++
	defer func() { s.goDepth-- }()
	return t.Call(f, args...)
}

func (s *State) registryTable(name string) *Table {
	t, ok := s.registry.GetString(name).AsTable()
	if !ok {
		t = s.NewTable(0, 0)
		s.registry.SetString(name, t.Value())
	}
	return t
}

// Module returns what require gave for a module, or nil.
func (s *State) Module(name string) Value { return s.loaded().GetString(name) }

func (s *State) loaded() *Table { return s.registryTable("_LOADED") }

// trial is one run of a patch's chunks.
type trial struct {
	state   *State
	journal *journal
	thread  *Thread
	results map[string]Value
	err     error
}

// load runs the old or the new chunks of a patch, with a journal.
func (a *Applied) load(fresh bool) *trial {
	s := a.state
	loaded, preload := s.loaded(), s.registryTable("_PRELOAD")
	s.journal = s.newJournal()
	if fresh {
		defer s.suspendForwards(a.patch)()
	}
	t := &trial{state: s, journal: s.journal, thread: s.newThread(initialStack), results: map[string]Value{}}
	for i := range a.patch.chunks {
		if c := &a.patch.chunks[i]; c.Module != "" {
			loaded.SetString(c.Module, Value{})
			preload.SetString(c.Module, Function(c.Module, func(call *Call) error {
				return call.TailCall(a.main(c, fresh), a.args(c)...)
			}))
		}
	}
	for i := range a.patch.chunks {
		c := &a.patch.chunks[i]
		if v := loaded.GetString(c.Module); c.Included || c.Module != "" && v.Truthy() {
			continue // required by another one
		}
		results, err := s.callOnTrial(t.thread, a.main(c, fresh), a.args(c))
		if err != nil {
			t.err = &LoadError{File: chunkID(c.New.source.Source), Err: s.described(t, err)}
			break
		}
		if c.Module != "" {
			if len(results) > 0 && !results[0].IsNil() {
				loaded.SetString(c.Module, results[0])
			} else if loaded.GetString(c.Module).IsNil() {
				loaded.SetString(c.Module, Bool(true))
			}
		}
	}
	for i := range a.patch.chunks {
		if name := a.patch.chunks[i].Module; name != "" {
			t.results[name] = loaded.GetString(name)
			preload.SetString(name, Value{})
		}
	}
	return t
}

// LoadError is an error that the main chunk of a file raised, while Apply loaded it.
type LoadError struct {
	File string
	Err  error
}

func (e *LoadError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *LoadError) Unwrap() error { return e.Err }

// described makes an error of the text of one whose object has __tostring.
func (s *State) described(t *trial, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	h := s.Metamethod(e.Value, "__tostring")
	if h.IsNil() {
		return err
	}
	results, failed := s.callOnTrial(t.thread, h, []Value{e.Value})
	if failed != nil || len(results) == 0 || results[0].Kind() != KindString {
		return err
	}
	return &Error{Value: results[0], Cause: err}
}

// suspendForwards lets the patch's new code run although it may have been replaced before, as it was when this is a
// rollback. The result ends that.
func (s *State) suspendForwards(p *Patch) (restore func()) {
	all := s.forwards
	rest := forwards{}
	for key, fw := range all {
		rest[key] = fw
	}
	for i := range p.chunks {
		if c := &p.chunks[i]; c.Old != c.New {
			delete(rest, c.New.unit.self)
		}
	}
	if len(rest) == len(all) {
		return func() {}
	}
	s.forwards = rest
	s.generation++
	return func() {
		s.forwards = all
		s.generation++
	}
}

func (a *Applied) main(c *chunkPatch, fresh bool) Value {
	p := c.Old
	if fresh {
		p = c.New
	}
	env := a.state.globals.Value()
	if m := a.state.units[c.Old.unit]; m != nil && m.env != nil {
		env = *m.env.v
	}
	return a.state.NewFunction(p, env)
}

func (a *Applied) args(c *chunkPatch) []Value {
	if a.options.Args != nil {
		return a.options.Args(&c.Replacement)
	}
	return []Value{String(c.Module), String(c.File())}
}

// install makes the new code the successor of the old.
func (a *Applied) install(m *merger) {
	s, j := a.state, a.journal
	units, forwards, generation := s.units, s.forwards, s.generation
	next := make(map[*unit]*module, len(units))
	for u, mod := range units {
		next[u] = mod
	}
	for u, mod := range j.units {
		if _, ok := next[u]; !ok {
			next[u] = mod
		}
	}
	for i := range a.patch.chunks {
		c := &a.patch.chunks[i]
		if c.Old.unit == c.New.unit {
			next[c.New.unit] = m.modules[i]
			continue
		}
		delete(next, c.Old.unit)
		next[c.New.unit] = m.modules[i]
		s.forward(c.Old.unit, c.plan, m.generationOf(i), a.patch)
	}
	j.onUndo(func() { s.units, s.forwards, s.generation = units, forwards, generation })
	s.units = next
	s.generation++
	for _, c := range m.functions {
		s.newest(c)
		if step := m.stepOf[c]; step != nil && c.proto != step.to {
			a.stuck(c, step)
		}
	}
}

func (a *Applied) stuck(c *closure, s *step) {
	a.Stuck = append(a.Stuck, StuckClosure{
		Function: c.proto.unit.info(c.proto).path,
		File:     chunkID(c.proto.Source()),
		Line:     c.proto.source.LineDefined,
		Needs:    s.stuck(),
	})
}

// Relocate makes new code that differs in nothing but its lines the state's code, without running it.
func (s *State) Relocate(p *Patch) {
	for i := range p.chunks {
		c := &p.chunks[i]
		if c.Old.unit == c.New.unit {
			continue
		}
		m := s.units[c.Old.unit]
		if m == nil {
			m = &module{cells: make([]*upvalue, len(c.Old.unit.cells))}
		}
		moved := *m
		moved.cells = make([]*upvalue, len(c.plan.cellOf))
		for n, o := range c.plan.cellOf {
			if o >= 0 {
				moved.cells[n] = m.cells[o]
			}
		}
		s.forward(c.Old.unit, c.plan, m.generation, p)
		delete(s.units, c.Old.unit)
		if s.units == nil {
			s.units = map[*unit]*module{}
		}
		s.units[c.New.unit] = &moved
	}
	s.generation++
}
