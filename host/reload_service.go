package host

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/luahost/luahost/vm"
)

// trial is what a service does while new code is tried in it.
type trial struct {
	stage    vm.Stage
	versions map[string]*version // of files
	required []requirement
	starts   []vm.Value // functions given to Start by new code
	begun    [2][]activity
	declared [2]map[declaration]bool
	opened   []*resource
	never    string // the file that called reload.never
}

// OnTrial reports whether the service loads code that may be undone. What can't be undone must then not be done: see
// Begin and Declare.
func (s *Service) OnTrial() bool { return s.code.trial != nil }

// Quiet reports whether what the code says should not be seen, as it only runs to be compared, or to be undone.
func (s *Service) Quiet() bool { return s.state != nil && s.state.Quiet() }

// Forbid raises an error in the calling Lua code if it runs on trial: doing what would reach other services, or wait.
func (s *Service) Forbid(c *vm.Call, doing string) error {
	if s.code.trial != nil {
		return c.Errorf("%s is not possible at load time during a reload", doing)
	}
	return nil
}

// NotOnTrial makes a Go function raise an error when code on trial calls it: it would wait, or reach beyond the service.
func NotOnTrial(name string, f vm.Func) vm.Func {
	return func(c *vm.Call) error {
		if s := ServiceOf(c); s != nil && s.code.trial != nil {
			return s.Forbid(c, name)
		}
		return f(c)
	}
}

// affected returns the chunks of the service that an operation changes, and those that import them, in the order in
// which they are to be loaded.
func (s *Service) affected(op *operation) []replacement {
	in := map[*chunk]bool{}
	for _, k := range s.code.chunks {
		if v := op.versions[k.file]; v != nil && v.proto != k.proto {
			in[k] = true
		}
	}
	if len(in) == 0 {
		return nil
	}
	for grown := true; grown; {
		grown = false
		for k := range in {
			for _, importer := range s.code.chunks {
				if !in[importer] && imports(importer, k) {
					in[importer] = true
					grown = true
				}
			}
		}
	}
	var list []replacement
	var visit func(k *chunk)
	visit = func(k *chunk) {
		if !in[k] {
			return
		}
		delete(in, k)
		for _, dep := range s.code.chunks {
			if imports(k, dep) {
				visit(dep)
			}
		}
		r := replacement{chunk: k, Replacement: vm.Replacement{Module: k.module, Included: k.included, Old: k.proto, New: k.proto}}
		if v := op.versions[k.file]; v != nil {
			r.New = v.proto
		}
		list = append(list, r)
	}
	for _, k := range s.code.chunks {
		visit(k)
	}
	return list
}

type replacement struct {
	vm.Replacement
	chunk *chunk
}

func (r *replacement) changed() bool { return r.Old != r.New }

func imports(importer, k *chunk) bool {
	for _, file := range k.importers {
		if file == importer.file {
			return true
		}
	}
	return false
}

// tryReload runs the new code in the service's turn. With keep it stays, else it is undone whatever comes of it.
func (s *Service) tryReload(op *operation, keep bool) *vote {
	v := &vote{service: s}
	if s.state == nil || s.exiting {
		return v
	}
	set := s.affected(op)
	if len(set) == 0 {
		return v
	}
	v.concerned = true
	changed := onlyChanged(set)
	if patch := op.patch(bare(changed)); patch.NoCode() {
		if keep {
			s.state.Relocate(patch)
			s.adopt(op, changed, s.code.generation)
		}
		return v
	}
	err := s.apply(op, v, set, keep)
	if err != nil && len(changed) < len(set) && !v.restart {
		// An importer whose own code is unchanged need not be able to run again.
		if second := s.apply(op, v, changed, keep); second == nil {
			v.warnings = append(v.warnings, fmt.Sprintf("what requires the changed files was not run again: %s", firstLine(err.Error())))
			err = nil
		} else {
			err = second
		}
	}
	if err != nil {
		v.err = op.luaError(s, err)
	}
	return v
}

func onlyChanged(set []replacement) (list []replacement) {
	for _, r := range set {
		if r.changed() {
			list = append(list, r)
		}
	}
	return list
}

func bare(set []replacement) []vm.Replacement {
	list := make([]vm.Replacement, len(set))
	for i, r := range set {
		list[i] = r.Replacement
	}
	return list
}

// apply loads a set of chunks, on trial or to stay.
func (s *Service) apply(op *operation, v *vote, set []replacement, keep bool) error {
	t := &trial{versions: op.versions}
	s.code.trial = t
	deadline := time.Now().Add(op.options.LoadTime)
	s.state.SetBudget(0, deadline)
	patch := op.patch(bare(set))
	defer func() {
		s.code.trial = nil
		s.state.SetBudget(0, time.Time{})
		s.host.limits.begin(s.state)
	}()
	var findings vote
	a, err := s.state.Apply(patch, vm.ApplyOptions{
		Generation: op.generation,
		Quiet:      !keep,
		Args:       s.chunkArgs,
		Stage: func(stage vm.Stage) {
			t.enter(stage)
		},
		Turns: func(r *vm.Replacement) bool { return s.importersChange(op, r) },
		Hooks: func(a *vm.Applied) error {
			if t.never != "" {
				return &vm.RestartError{Reason: t.never + " asks for a restart of the service (reload.never): use --restart"}
			}
			return s.runHooks(op, a, set, &findings)
		},
	})
	if err != nil {
		t.closeOpened()
		if v.restart = op.options.Restart && errors.As(err, new(*vm.RestartError)); v.restart {
			return nil
		}
		return tooLong(err, deadline, op.options.LoadTime)
	}
	v.warnings = append(findings.warnings, a.Warnings...)
	for _, c := range a.Conflicts {
		v.conflicts = append(v.conflicts, c.String())
	}
	for _, c := range a.Stuck {
		v.stuck = append(v.stuck, c.String())
	}
	v.advice = t.advice(a)
	if !keep {
		a.Undo()
		t.closeOpened()
		return nil
	}
	pending := s.pendingActivities(a, t)
	a.Keep()
	s.keepResources(t)
	s.adopt(op, set, op.generation)
	s.forgetImports(set)
	for _, r := range t.required {
		s.note(r)
	}
	s.code.conflicts, s.code.advice = v.conflicts, append(s.code.advice, v.advice...)
	s.code.trial = nil
	for _, f := range pending {
		f()
	}
	return nil
}

// importersChange reports whether the reload changes all files that require a module.
func (s *Service) importersChange(op *operation, r *vm.Replacement) bool {
	k := s.code.find(r.Module)
	if k == nil || len(k.importers) == 0 {
		return false
	}
	for _, file := range k.importers {
		if op.versions[file] == nil {
			return false
		}
	}
	return true
}

// enter begins a stage of the trial: what it has noted of the same stage before counts no more.
func (t *trial) enter(stage vm.Stage) {
	t.stage = stage
	switch stage {
	case vm.StageReplay:
		t.begun[0], t.declared[0] = nil, nil
	case vm.StageLoad:
		t.begun[1], t.declared[1], t.starts, t.required = nil, nil, nil, nil
	}
}

// forgetImports drops which other files those of a set required, as they have been loaded again. What they require of
// each other is not told anew: the trial itself answers that.
func (s *Service) forgetImports(set []replacement) {
	in := func(file string) bool {
		return slices.ContainsFunc(set, func(r replacement) bool { return r.chunk.file == file })
	}
	for _, k := range s.code.chunks {
		if !in(k.file) {
			k.importers = slices.DeleteFunc(k.importers, in)
		}
	}
}

// adopt notes which code the service runs now.
func (s *Service) adopt(op *operation, set []replacement, generation int) {
	s.code.adopted = op.started
	s.code.previous = map[*chunk]*vm.Proto{}
	for _, r := range set {
		s.code.previous[r.chunk] = r.Old
		r.chunk.proto = r.New
	}
	s.code.before = s.code.generation
	s.code.generation = generation
}

// takeBack gives the service the code that it had before an operation that failed elsewhere.
func (s *Service) takeBack(op *operation) *vote {
	v := &vote{service: s}
	if s.state == nil || s.exiting || s.code.adopted != op.started {
		return v
	}
	var set []replacement
	for _, k := range s.code.chunks {
		if old := s.code.previous[k]; old != nil && old != k.proto {
			set = append(set, replacement{vm.Replacement{Module: k.module, Included: k.included, Old: k.proto, New: old}, k})
		}
	}
	generation := s.code.before
	if len(set) > 0 {
		back := &operation{host: op.host, options: op.options, generation: generation, versions: map[string]*version{},
			patches: map[string]*vm.Patch{}, report: &Reload{}}
		for path, v := range op.versions {
			back.versions[path] = &version{text: v.oldText, oldText: v.text, proto: v.old, old: v.proto}
		}
		if err := s.apply(back, v, set, true); err != nil {
			s.host.Logf(s.handle, "reload: the old code could not be brought back: %v", err)
		}
	}
	return v
}

// chunkArgs gives what the code of a file is called with.
func (s *Service) chunkArgs(r *vm.Replacement) []vm.Value {
	if r.Module != "" {
		return []vm.Value{vm.String(r.Module), vm.String(r.File())}
	}
	args := make([]vm.Value, len(s.args))
	for i, a := range s.args {
		args[i] = vm.String(a)
	}
	return args
}

// advice names what new code has changed in functions that have run and will not run again.
func (t *trial) advice(a *vm.Applied) (list []string) {
	for _, f := range t.starts {
		if c, file, ok := a.ChangeOf(f); ok && c.Kind == vm.Changed {
			list = append(list, fmt.Sprintf("%s:%d: the start function has changed, but has run already: its own statements take effect when the service is started again",
				file, c.NewLine))
		}
	}
	return list
}

// runHooks looks at the new code while it can still be undone, and calls the hooks that modules define.
func (s *Service) runHooks(op *operation, a *vm.Applied, set []replacement, v *vote) error {
	for _, r := range onlyChanged(set) {
		if err := s.lint(op, r, v); err != nil {
			return err
		}
	}
	for _, r := range set {
		if r.Module == "" {
			continue
		}
		now, previous := a.Module(r.Module)
		m, ok := now.AsTable()
		if !ok {
			continue
		}
		if err := s.moduleHooks(op, a, m, previous, set); err != nil {
			return err
		}
	}
	return nil
}

// moduleHooks calls __migrate, __reload and __check of a module.
func (s *Service) moduleHooks(op *operation, a *vm.Applied, m, previous *vm.Table, set []replacement) error {
	if previous != nil {
		if err := s.migrate(a, m, previous); err != nil {
			return err
		}
		if f := m.GetString("__reload"); f.IsFunction() {
			if _, err := a.Call(f, previous.Value(), m.Value(), s.reloadInfo(op, set)); err != nil {
				return err
			}
		}
	}
	if f := m.GetString("__check"); f.IsFunction() {
		r, err := a.Try(f, m.Value())
		if err != nil {
			return err
		}
		if len(r) > 0 && !r[0].IsNil() && !r[0].Truthy() {
			message := "__check said no"
			if len(r) > 1 {
				message += ": " + vm.Text(r[1])
			}
			return fmt.Errorf("%s", message)
		}
	}
	return nil
}

// migrate runs the steps from the module's former __version to the new one.
func (s *Service) migrate(a *vm.Applied, m, previous *vm.Table) error {
	steps, ok := m.GetString("__migrate").AsTable()
	if !ok {
		return nil
	}
	from, _ := previous.GetString("__version").AsNumber()
	to, _ := m.GetString("__version").AsNumber()
	for n := int(from) + 1; n <= int(to); n++ {
		if f := steps.GetInt(n); f.IsFunction() {
			if _, err := a.Call(f, m.Value(), previous.Value()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) reloadInfo(op *operation, set []replacement) vm.Value {
	info := s.state.NewTable(0, 4)
	info.SetString("gen", vm.Int(op.generation))
	info.SetString("from", vm.Int(s.code.generation))
	info.SetString("reason", vm.String(op.options.reason))
	changed := s.state.NewTable(0, 0)
	for _, r := range onlyChanged(set) {
		name := r.Module
		if name == "" {
			name = s.name
		}
		changed.SetInt(changed.Len()+1, vm.String(name))
	}
	info.SetString("changed", changed.Value())
	return info.Value()
}

// lint finds globals that new code reads, old code did not, and nothing defines.
func (s *Service) lint(op *operation, r replacement, v *vote) error {
	g := s.state.Globals()
	if meta := g.Metatable(); meta != nil && !meta.GetString("__index").IsNil() {
		return nil
	}
	known := map[string]bool{}
	before, _ := r.Old.Globals()
	for _, use := range before {
		known[use.Name] = true
	}
	for _, k := range s.code.chunks {
		_, writes := k.proto.Globals()
		for name := range writes {
			known[name] = true
		}
	}
	reads, writes := r.New.Globals()
	for _, use := range reads {
		if known[use.Name] || writes[use.Name] || !g.GetString(use.Name).IsNil() {
			continue
		}
		known[use.Name] = true
		text := fmt.Sprintf("reads global '%s', which nothing defines", use.Name)
		if op.options.Strict {
			return &lintError{r.File(), use.Line, text}
		}
		v.warnings = append(v.warnings, fmt.Sprintf("%s:%d: %s", r.File(), use.Line, text))
	}
	return nil
}

type lintError struct {
	file    string
	line    int
	message string
}

func (e *lintError) Error() string { return fmt.Sprintf("%s:%d: %s", e.file, e.line, e.message) }

// restart ends the service, and starts its script again with the arguments it was given. The new service has another
// address; names and listening sockets are free when it starts.
func (s *Service) restart() {
	s.Post(func(s *Service) {
		if s.exiting || s.state == nil {
			return
		}
		s.dispose()
		s.exiting = true
		s.successor = func() {
			_, err := s.host.launch(s.script, s.isFile, s.args, false, func(Handle, error) {})
			if err != nil && err != ErrClosed {
				s.host.Logf(s.handle, "reload: %s could not be started again: %v", s.name, err)
			}
		}
	})
}

// dispose calls __dispose of the service's modules.
func (s *Service) dispose() {
	for _, k := range s.code.chunks {
		m, ok := s.state.Module(k.module).AsTable()
		if !ok {
			continue
		}
		if f := m.GetString("__dispose"); f.IsFunction() {
			if _, err := s.state.Main().Call(f); err != nil {
				s.host.Logf(s.handle, "reload: __dispose of %s: %s", k.module, firstLine(err.Error()))
			}
		}
	}
}

// tooLong says what the engine calls a deadline.
func tooLong(err error, deadline time.Time, most time.Duration) error {
	var e *vm.Error
	if errors.As(err, &e) && e.Fatal() && time.Now().After(deadline) {
		return errors.New(strings.Replace(e.Error(), "deadline exceeded", fmt.Sprintf("loading takes longer than %v", most), 1))
	}
	return err
}

// luaError makes a report's entry of an error that new code raised.
func (op *operation) luaError(s *Service, err error) *ReloadError {
	text := placed(err.Error())
	e := &ReloadError{Service: fmt.Sprintf("%s %s", s.handle, s.name), Message: text}
	if file, line := splitPosition(text); line > 0 {
		e.File, e.Line = file, line
		e.Message = strings.TrimPrefix(strings.TrimPrefix(text, fmt.Sprintf("%s:%d:", file, line)), " ")
	} else if load := new(vm.LoadError); errors.As(err, &load) {
		e.File = load.File
	}
	op.quote(e)
	return e
}
