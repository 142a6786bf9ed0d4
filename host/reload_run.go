package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luahost/luahost/vm"
)

// operation is one reload on its way: it collects what changed, has every service try it, and then apply it.
type operation struct {
	host       *Host
	options    ReloadOptions
	report     *Reload
	generation int
	started    time.Time
	versions   map[string]*version // of changed files
	linesOnly  bool
	reached    map[*Service]bool // services that have applied the new code
	restarts   []*Service        // that can't take it while they run
	kept       bool              // it is the code of services that start from now on

	mu      sync.Mutex
	patches map[string]*vm.Patch
	pauses  time.Duration // the worst
}

// version is new content of a file.
type version struct {
	text, oldText, disk string
	proto, old          *vm.Proto
}

func newOperation(h *Host, o ReloadOptions) *operation {
	o.setDefaults()
	o.Strict = o.Strict || h.options.strict
	return &operation{
		host: h, options: o, started: time.Now(), generation: h.Generation() + 1,
		report:   &Reload{Reason: o.reason, Cause: o.cause, DryRun: o.DryRun, Generation: h.Generation(), Result: ReloadUnchanged, Files: []FileChange{}},
		versions: map[string]*version{}, patches: map[string]*vm.Patch{},
	}
}

func (op *operation) run(ctx context.Context) {
	defer func() { op.report.Seconds = time.Since(op.started).Seconds() }()
	if only := op.options.only; only != 0 && only != op.host.Generation() {
		return
	}
	op.collect()
	if len(op.report.Errors) > 0 {
		op.report.Result = ReloadRejected
		return
	}
	if len(op.versions) == 0 {
		return
	}
	op.begins()
	if op.options.Barrier && !op.options.DryRun {
		op.together(ctx)
	} else {
		op.rolling(ctx)
	}
	op.finish()
	if op.kept {
		op.catchUp(ctx)
		op.probation()
		for _, s := range op.restarts { // now that what they start with is the new code
			s.restart()
		}
	}
	op.report.Pause = op.pauses.Seconds()
}

// collect finds the files whose content differs from the code that runs, and compiles them. Each file is read once.
func (op *operation) collect() {
	c := op.host.code
	c.mu.Lock()
	known := make(map[string]*source, len(c.files))
	for path, s := range c.files {
		known[path] = s
	}
	c.mu.Unlock()
	paths := make([]string, 0, len(known))
	for path := range known {
		if op.wanted(path) {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	for _, path := range paths {
		op.collectFile(path, known[path])
	}
	op.linesOnly = len(op.versions) > 0
	for _, path := range paths {
		if v := op.versions[path]; v != nil {
			op.describe(path, v)
		}
	}
}

func (op *operation) collectFile(path string, running *source) {
	saved, err := op.host.code.disk.read(path)
	text, replaced := op.options.texts[path]
	switch {
	case replaced:
	case op.options.texts != nil:
		return
	case err != nil:
		if !os.IsNotExist(err) {
			op.report.Warnings = append(op.report.Warnings, fmt.Sprintf("%s: %v: its code keeps running", path, err))
		}
		return // a module of the library has no file; a deleted file's code keeps running
	default:
		text = saved
		if op.options.auto && running.held == contentHash(text) {
			return
		}
	}
	p, err := op.host.compiler.CompileFile(text, path)
	if err != nil {
		op.report.Errors = append(op.report.Errors, syntaxError(err, path, text))
		return
	}
	v := &version{text: text, oldText: running.text, disk: saved, proto: p, old: running.proto}
	if running.partial != nil && p == running.proto {
		v.oldText, v.old = running.partial.text, running.partial.proto
	}
	if p != v.old || running.partial != nil || op.options.Service != "" {
		op.versions[path] = v
	}
}

// wanted tells whether a file is among those that the reload was asked for.
func (op *operation) wanted(path string) bool {
	if len(op.options.Modules) == 0 {
		return true
	}
	for _, m := range op.options.Modules {
		if fileIs(path, m) {
			return true
		}
	}
	return false
}

// fileIs tells whether a name stands for a file: its path, a service's name, or a module's.
func fileIs(path, name string) bool {
	if filepath.Clean(path) == filepath.Clean(name) {
		return true
	}
	trimmed := strings.TrimSuffix(strings.TrimSuffix(filepath.ToSlash(path), ".lua"), "/init")
	wanted := strings.ReplaceAll(strings.TrimSuffix(name, ".lua"), ".", "/")
	return trimmed == wanted || strings.HasSuffix(trimmed, "/"+wanted)
}

// describe fills the report's entry of a file.
func (op *operation) describe(path string, v *version) {
	patch := vm.NewPatch([]vm.Replacement{{Old: v.old, New: v.proto}})
	if !patch.NoCode() {
		op.linesOnly = false
	}
	f := FileChange{Module: op.host.moduleName(path), File: path, Hash: contentHash(v.text), Functions: []FunctionChange{}}
	for _, c := range patch.Changes(0) {
		if c.Kind != vm.Same {
			f.Functions = append(f.Functions, FunctionChange{c.Function, string(c.Kind), c.NewLine, c.OldLine})
		}
	}
	f.Diff = lineDiff(v.oldText, v.text)
	op.report.Files = append(op.report.Files, f)
}

// moduleName names a file as services know it: by a module's or a service's name.
func (h *Host) moduleName(path string) string {
	h.code.mu.Lock()
	defer h.code.mu.Unlock()
	if name := h.code.modules[path]; name != "" {
		return name
	}
	return serviceName(path)
}

// vote is what one service makes of the new code.
type vote struct {
	service   *Service
	concerned bool
	err       *ReloadError
	warnings  []string
	conflicts []string
	stuck     []string
	advice    []string
	restart   bool
	busy      string
	late      bool
	held      <-chan struct{} // closed when the service has paused
}

// each has f called in the turn of all services, and waits for them. When no service has come to it for as long as
// allowed, those that are left vote late, and f isn't called any more.
func (op *operation) each(ctx context.Context, services []*Service, wait time.Duration, f func(*Service) *vote) []*vote {
	type pending struct{ decided atomic.Bool }
	votes := make([]*vote, len(services))
	waits := make([]*pending, len(services))
	progress := make(chan struct{}, 1)
	var done sync.WaitGroup
	for i, s := range services {
		p := &pending{}
		waits[i] = p
		done.Add(1)
		posted := s.Post(func(s *Service) {
			if p.decided.CompareAndSwap(false, true) {
				defer done.Done()
				start := time.Now()
				votes[i] = f(s)
				op.paused(time.Since(start))
				select {
				case progress <- struct{}{}:
				default:
				}
			}
		})
		if !posted && p.decided.CompareAndSwap(false, true) {
			done.Done() // the service is gone
		}
	}
	all := make(chan struct{})
	go func() {
		done.Wait()
		close(all)
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	gone := op.gone(services, func(i int) bool { return waits[i].decided.CompareAndSwap(false, true) }, done.Done)
	defer gone()
	for waiting := true; waiting; {
		select {
		case <-all:
			return votes
		case <-progress:
			timer.Reset(wait)
		case <-timer.C:
			waiting = false
		case <-ctx.Done():
			waiting = false
		}
	}
	for i, s := range services {
		if waits[i].decided.CompareAndSwap(false, true) {
			v := &vote{service: s, late: true}
			votes[i] = v
			go func() {
				v.busy = s.position()
				done.Done()
			}()
		}
	}
	<-all
	return votes
}

// gone watches for services that end before they vote. The result ends that.
func (op *operation) gone(services []*Service, decide func(i int) bool, done func()) (stop func()) {
	var stops []func() bool
	for i, s := range services {
		stops = append(stops, context.AfterFunc(s.Context(), func() {
			if decide(i) {
				done()
			}
		}))
	}
	return func() {
		for _, f := range stops {
			f()
		}
	}
}

func (op *operation) paused(d time.Duration) {
	op.mu.Lock()
	op.pauses = max(op.pauses, d)
	op.mu.Unlock()
}

// services returns those that the reload may concern.
func (op *operation) services() []*Service {
	all := op.host.Services()
	if want := op.options.Service; want != "" {
		all = slices.DeleteFunc(all, func(s *Service) bool {
			return s.name != want && s.handle.String() != want && strings.TrimPrefix(s.handle.String(), ":") != want
		})
		if len(all) == 0 {
			op.report.Errors = append(op.report.Errors, ReloadError{Message: "no service " + want})
		}
	}
	return all
}

// rolling lets every service try the new code, and when all can take it, has each apply it at its next message.
func (op *operation) rolling(ctx context.Context) {
	services := op.services()
	start := time.Now()
	votes := op.each(ctx, services, op.options.Wait, func(s *Service) *vote { return s.tryReload(op, false) })
	op.report.Prepare = time.Since(start).Seconds()
	concerned := op.count(votes)
	if op.rejected() || op.options.DryRun {
		op.report.Services = len(concerned)
		return
	}
	start = time.Now()
	op.clearFindings()
	votes = op.each(ctx, concerned, 10*time.Second, func(s *Service) *vote { return s.tryReload(op, true) })
	op.report.Commit = time.Since(start).Seconds()
	op.conclude(ctx, votes)
}

// together pauses all services, has them apply the new code, and lets them go on.
func (op *operation) together(ctx context.Context) {
	services := op.services()
	start := time.Now()
	votes := op.each(ctx, services, op.options.Wait, func(s *Service) *vote {
		if len(s.affected(op)) == 0 {
			return &vote{service: s}
		}
		return &vote{service: s, concerned: true, held: s.box.hold()}
	})
	op.report.Prepare = time.Since(start).Seconds()
	concerned := op.count(votes)
	for _, v := range votes {
		if v != nil && v.held != nil {
			<-v.held
		}
	}
	defer func() {
		for _, s := range concerned {
			s.release()
		}
		op.paused(time.Since(start))
	}()
	if op.rejected() {
		return
	}
	begun := time.Now()
	votes = nil
	for _, s := range concerned {
		v := s.tryReload(op, true)
		votes = append(votes, v)
		if v.err != nil {
			break
		}
	}
	op.report.Commit = time.Since(begun).Seconds()
	op.concludeHeld(votes)
}

func (op *operation) rejected() bool { return len(op.report.Errors) > 0 }

// count adds votes up and returns the services that the reload concerns.
func (op *operation) count(votes []*vote) []*Service {
	var concerned []*Service
	for _, v := range votes {
		if v == nil {
			continue
		}
		if v.concerned {
			concerned = append(concerned, v.service)
		}
		op.add(v)
	}
	return concerned
}

// add puts what a service found into the report, once.
func (op *operation) add(v *vote) {
	r := op.report
	note := func(list *[]string, more []string) {
		for _, text := range more {
			if !slices.Contains(*list, text) {
				*list = append(*list, text)
			}
		}
	}
	note(&r.Warnings, v.warnings)
	note(&r.Conflicts, v.conflicts)
	note(&r.Stuck, v.stuck)
	note(&r.Advice, v.advice)
	e := v.err
	if v.late {
		where := v.busy
		if where == "" {
			where = "Go code, or waits for a processor"
		}
		e = &ReloadError{Message: fmt.Sprintf("service %s (%s) is busy in %s", v.service.handle, v.service.name, where)}
		e.File, e.Line = splitPosition(where)
	}
	if e == nil {
		return
	}
	for _, other := range r.Errors {
		if other.Message == e.Message && other.File == e.File && other.Line == e.Line {
			return
		}
	}
	r.Errors = append(r.Errors, *e)
}

func (op *operation) clearFindings() {
	op.report.Conflicts, op.report.Stuck, op.report.Warnings, op.report.Advice = nil, nil, nil, nil
}

// conclude looks at how the services got on with the new code; if one could not, all get their old code back.
func (op *operation) conclude(ctx context.Context, votes []*vote) {
	var done []*Service
	for _, v := range votes {
		if v != nil && v.concerned && v.err == nil && !v.late {
			done = append(done, v.service)
		}
	}
	op.count(votes)
	if op.rejected() {
		op.report.Result = ReloadRolledBack
		op.each(ctx, done, 10*time.Second, func(s *Service) *vote { return s.takeBack(op) })
		return
	}
	op.reach(done)
	op.noteRestarts(votes)
}

func (op *operation) concludeHeld(votes []*vote) {
	op.count(votes)
	if op.rejected() {
		for _, v := range votes {
			if v.err == nil {
				v.service.takeBack(op)
			}
		}
		return
	}
	var done []*Service
	for _, v := range votes {
		done = append(done, v.service)
	}
	op.reach(done)
	op.noteRestarts(votes)
}

// reach notes services that have applied the new code.
func (op *operation) reach(services []*Service) {
	if op.reached == nil {
		op.reached = map[*Service]bool{}
	}
	for _, s := range services {
		op.reached[s] = true
	}
	op.report.Services = len(op.reached)
}

// catchUp has services apply the new code that were not asked before, as they started, or required a changed file, while
// the others made up their minds: they may have loaded the old code until it was replaced for all that start.
func (op *operation) catchUp(ctx context.Context) {
	rest := slices.DeleteFunc(op.services(), func(s *Service) bool { return op.reached[s] })
	apply := func(s *Service) *vote { return s.tryReload(op, true) }
	tell := func(v *vote) {
		op.host.Logf(v.service.handle, "reload: %s keeps the old code that it has just loaded: %s", v.service.name, v.err.Message)
	}
	var late []*Service
	for _, v := range op.each(ctx, rest, op.options.Wait, apply) {
		switch {
		case v == nil:
		case v.late:
			v.service.Post(func(s *Service) {
				if v := apply(s); v.err != nil {
					tell(v)
				}
			})
		case v.err != nil:
			tell(v)
		case v.concerned:
			late = append(late, v.service)
		}
	}
	op.reach(late)
}

func (op *operation) noteRestarts(votes []*vote) {
	for _, v := range votes {
		if v != nil && v.restart {
			op.restarts = append(op.restarts, v.service)
		}
	}
	op.report.Restarted = len(op.restarts)
}

// finish sets the result and, when the code is new, the generation.
func (op *operation) finish() {
	r := op.report
	switch {
	case r.Result == ReloadRolledBack:
	case op.rejected():
		r.Result = ReloadRejected
		r.Services = 0
	case op.linesOnly:
		r.Result = ReloadUnchanged
		if !op.options.DryRun {
			op.host.code.relocate(op)
			op.kept = true
		}
	case op.options.DryRun:
		r.Result = ReloadOK
	default:
		r.Result = ReloadOK
		r.Generation = op.generation
		r.Seconds = time.Since(op.started).Seconds()
		op.host.code.commit(op)
		op.kept = true
	}
}

// patch returns the patch for a set of replacements; services with the same code share it.
func (op *operation) patch(rs []vm.Replacement) *vm.Patch {
	var key strings.Builder
	for _, r := range rs {
		fmt.Fprintf(&key, "%s %p %p\n", r.Module, r.Old, r.New)
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	p := op.patches[key.String()]
	if p == nil {
		p = vm.NewPatch(rs)
		op.patches[key.String()] = p
	}
	return p
}

// locateTime is how long a service that is busy in Lua code may take to say where. Many programs may want the processor.
const locateTime = time.Second

// position tells where a service is busy, as "room.lua:12", or "" when it is not in Lua code.
func (s *Service) position() string {
	s.stateMu.Lock()
	state := s.state
	s.stateMu.Unlock()
	if state == nil {
		return ""
	}
	found := make(chan string, 1)
	state.Locate(func(position string) { found <- strings.TrimSuffix(position, ": ") })
	select {
	case p := <-found:
		return p
	case <-time.After(locateTime):
		return ""
	}
}
