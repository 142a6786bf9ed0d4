package host

import (
	"fmt"

	"github.com/luahost/luahost/vm"
)

// What code does when it is loaded, beside defining things, has been done once when a reload runs it again. Bindings
// tell of it by Begin and Declare: then only what is new is done, and what is gone is ended.

// activity is something that code began when it was loaded: a fork, a timer.
type activity struct {
	kind   string
	values []vm.Value // the function that it runs, and that one's arguments
	start  func(values []vm.Value)
}

// Begin calls start(values), which begins an activity that calls the function values[0], once or repeatedly. While code
// is reloaded, start is called when the reload is kept, and only if the old code did not begin the same; the values are
// then those that correspond in the program. kind tells activities apart: "timeout".
func (s *Service) Begin(kind string, start func(values []vm.Value), values ...vm.Value) {
	t := s.code.trial
	if t == nil {
		start(values)
		return
	}
	i := 1
	if t.stage == vm.StageReplay {
		i = 0
	}
	t.begun[i] = append(t.begun[i], activity{kind, values, start})
}

// taskOnTrial is Begin for what is a task of its own.
func (s *Service) taskOnTrial(kind string, f vm.Value, args []vm.Value, start func(t *Task, args []vm.Value)) *Task {
	t := &Task{service: s, thread: s.state.NewThread(f)}
	s.Begin(kind, func(values []vm.Value) {
		s.link(t)
		start(t, values[1:])
	}, append([]vm.Value{f}, args...)...)
	return t
}

// startOnTrial is Start while code is reloaded: the service has started already.
func (s *Service) startOnTrial(f vm.Value) bool {
	t := s.code.trial
	if t != nil && t.stage != vm.StageReplay {
		t.starts = append(t.starts, f)
	}
	return t != nil
}

// pendingActivities returns what starts the activities that only new code begins.
func (s *Service) pendingActivities(a *vm.Applied, t *trial) (list []func()) {
	taken := make([]bool, len(t.begun[0]))
next:
	for _, fresh := range t.begun[1] {
		for i, old := range t.begun[0] {
			if !taken[i] && old.kind == fresh.kind && a.Versions(old.values[0], fresh.values[0]) {
				taken[i] = true
				continue next
			}
		}
		values := make([]vm.Value, len(fresh.values))
		for i, v := range fresh.values {
			values[i] = a.Translate(v)
		}
		list = append(list, func() { fresh.start(values) })
	}
	return list
}

// declaration identifies a resource of a service.
type declaration struct{ kind, key string }

// resource is something that lives as long as code declares it: a listener.
type resource struct {
	declaration
	value any
	close func(value any)
}

// Declare returns the service's resource of a kind and key ("listen", ":8080"), which open makes when there is none.
// While code is reloaded, a resource that both the old and the new code declare goes on as it is; a new one is opened
// at once, so that its failure rejects the reload; one that the new code does not declare is closed when that is kept.
func (s *Service) Declare(kind, key string, open func() (any, error), close func(value any)) (any, error) {
	d := declaration{kind, key}
	t := s.code.trial
	r := s.code.declared[d]
	switch {
	case t == nil:
		value, err := open()
		if err == nil {
			s.declare(&resource{d, value, close})
		}
		return value, err
	case t.stage == vm.StageReplay:
		t.mark(0, d)
		if r == nil {
			return nil, fmt.Errorf("%s %s is not open", kind, key)
		}
		return r.value, nil
	}
	t.mark(1, d)
	if r != nil {
		return r.value, nil
	}
	for _, o := range t.opened {
		if o.declaration == d {
			return o.value, nil
		}
	}
	value, err := open()
	if err == nil {
		t.opened = append(t.opened, &resource{d, value, close})
	}
	return value, err
}

// AtLoad reports whether the code that runs is being loaded: the script of the service, or new code on trial.
func (s *Service) AtLoad() bool { return s.code.trial != nil || s.current != nil && s.current.main }

// Retract forgets a resource that was closed otherwise.
func (s *Service) Retract(kind, key string) { delete(s.code.declared, declaration{kind, key}) }

func (s *Service) declare(r *resource) {
	if s.code.declared == nil {
		s.code.declared = map[declaration]*resource{}
	}
	s.code.declared[r.declaration] = r
}

func (t *trial) mark(i int, d declaration) {
	if t.declared[i] == nil {
		t.declared[i] = map[declaration]bool{}
	}
	t.declared[i][d] = true
}

// closeOpened closes what code on trial has opened.
func (t *trial) closeOpened() {
	for _, r := range t.opened {
		r.close(r.value)
	}
	t.opened = nil
}

// keepResources makes what new code opened the service's, and closes what it does not declare any more.
func (s *Service) keepResources(t *trial) {
	for d := range t.declared[0] {
		if r := s.code.declared[d]; r != nil && !t.declared[1][d] {
			delete(s.code.declared, d)
			r.close(r.value)
		}
	}
	for _, r := range t.opened {
		s.declare(r)
	}
	t.opened = nil
}
