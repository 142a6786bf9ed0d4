package host

import (
	"fmt"

	"github.com/luahost/luahost/vm"
)

// Task is one activity of a service: a message's handler, a fork, a timeout. It runs until it waits for something;
// then the service's other tasks run, one at a time.
type Task struct {
	service *Service
	thread  *vm.Thread
	session int    // of the request that it must answer, 0 when there is none
	source  Handle // that the request came from
	pending bool   // the request is not answered yet
	reply   Reply
	end     func(outcome vm.Outcome) // called when the task has ended
}

// Reply is what a waiting task is resumed with.
type Reply struct {
	Message Message
	OK      bool // false: the peer failed or died, or the wait was broken
	Broken  bool // by Service.Wakeup
}

// Thread returns the task's coroutine.
func (t *Task) Thread() *vm.Thread { return t.thread }

// Session returns the session and the source of the request that the task handles; 0 and 0 when there is none.
func (t *Task) Session() (int, Handle) { return t.session, t.source }

// taskPool is how many coroutines of finished tasks a service keeps for its next ones.
const taskPool = 2

func (s *Service) newTask(f vm.Value) *Task {
	if n := len(s.spare); n > 0 {
		t := s.spare[n-1]
		s.spare = s.spare[:n-1]
		th := t.thread
		th.Reset(f)
		*t = Task{service: s, thread: th}
		s.tasks[th] = t
		return t
	}
	t := &Task{service: s, thread: s.state.NewThread(f)}
	s.tasks[t.thread] = t
	return t
}

// Go starts a task that runs f at once. It must be called in the service's turn, outside of any task.
func (s *Service) Go(f vm.Value, args ...vm.Value) { s.resume(s.newTask(f), args...) }

// Handle starts a task at once that handles the request m.
func (s *Service) Handle(m Message, f vm.Value, args ...vm.Value) {
	t := s.newTask(f)
	t.session, t.source, t.pending = m.Session, m.Source, true
	s.resume(t, args...)
}

// Fork queues a task that runs after the current message's handler, in the order of the calls.
func (s *Service) Fork(f vm.Value, args ...vm.Value) *Task {
	t := s.newTask(f)
	s.forks = append(s.forks, fork{t, append([]vm.Value(nil), args...)})
	return t
}

type fork struct {
	task *Task // nil: only go on with wakeups
	args []vm.Value
}

// resume runs a task until it waits or ends, and then whoever was woken meanwhile.
func (s *Service) resume(t *Task, args ...vm.Value) {
	s.step(t, args...)
	s.wakeNext()
}

// step runs a task until it waits or ends.
func (s *Service) step(t *Task, args ...vm.Value) {
	prev := s.current
	s.current = t
	_, outcome := t.thread.Resume(args...)
	s.current = prev
	switch outcome {
	case vm.Done:
		s.finish(t)
	case vm.Failed:
		s.fail(t, t.thread.Failure())
	case vm.Yielded:
		t.thread.Kill()
		s.fail(t, vm.NewError(vm.String("attempt to yield from outside a coroutine")))
	}
}

func (s *Service) finish(t *Task) {
	delete(s.tasks, t.thread)
	if t.pending && t.session != 0 {
		s.host.Logf(s.handle, "Maybe forgot response session %d from %s", t.session, t.source)
	}
	if t.end != nil {
		t.end(vm.Done)
	}
	if len(s.spare) < taskPool {
		s.spare = append(s.spare, t)
	}
}

// fail ends a task that raised an error: whoever waits for its answer gets an error, the log gets a traceback.
func (s *Service) fail(t *Task, err *vm.Error) {
	delete(s.tasks, t.thread)
	if t.pending && t.session != 0 {
		s.host.send(Message{Type: TypeError, Source: s.handle, Session: t.session}, t.source)
	}
	t.pending = false
	if s.exiting {
		return
	}
	text := s.describe(err)
	if t.end != nil {
		s.failure = text
		t.end(vm.Failed)
		return
	}
	s.errors = append(s.errors, text)
	s.forks = append(s.forks, fork{})
}

// describe words an error for the log.
func (s *Service) describe(err *vm.Error) string {
	text := s.ToString(err.Value)
	if err.Traceback != "" {
		text += "\n" + err.Traceback
	}
	return text
}

// ToString converts v as Lua's tostring does; it calls __tostring.
func (s *Service) ToString(v vm.Value) string {
	if h := s.state.Metamethod(v, "__tostring"); !h.IsNil() {
		r, err := s.state.Main().Call(h, v)
		if err != nil {
			return err.Error()
		}
		if len(r) > 0 {
			if text, ok := vm.ToString(r[0]); ok {
				return text
			}
		}
		return fmt.Sprintf("(error object is a %s value)", v.Kind())
	}
	return vm.Text(v)
}

// Current returns the task that runs, or nil.
func (s *Service) Current() *Task { return s.current }

// Wait suspends the running task until a response for session comes; then k gets it. A Go function ends with it:
//
//	session := svc.NewSession()
//	...
//	return svc.Wait(c, session, func(c *vm.Call, r host.Reply) error { ... })
func (s *Service) Wait(c *vm.Call, session int, k func(c *vm.Call, r Reply) error) error {
	t := s.current
	if t == nil || !c.CanSuspend() {
		return c.Errorf("attempt to yield across a Go-call boundary")
	}
	s.sessions[session] = t
	return c.Suspend(func(c *vm.Call) error { return k(c, t.reply) })
}

// WaitToken is Wait for a session that Wakeup(token) may break off.
func (s *Service) WaitToken(c *vm.Call, session int, token vm.Value, k func(c *vm.Call, r Reply) error) error {
	key := tokenKey(token)
	if _, taken := s.sleepers[key]; taken {
		return c.Errorf("token duplicative")
	}
	err := s.Wait(c, session, func(c *vm.Call, r Reply) error {
		delete(s.sleepers, key)
		return k(c, r)
	})
	if s.sessions[session] == s.current && s.current != nil {
		s.sleepers[key] = session
	}
	return err
}

// Wakeup breaks off the wait for token: that task goes on when the running one waits or ends.
// It reports whether anybody waited.
func (s *Service) Wakeup(token vm.Value) bool {
	key := tokenKey(token)
	if _, ok := s.sleepers[key]; !ok {
		return false
	}
	s.wakeups = append(s.wakeups, key)
	return true
}

// tokenKey makes a map key that is equal for equal Lua values.
func tokenKey(v vm.Value) any {
	if text, ok := v.AsString(); ok {
		return text
	}
	if f, ok := v.AsNumber(); ok {
		return f
	}
	return v
}

// broken stands in Service.sessions for a task that was woken before its response came.
var broken = &Task{}

// wakeNext resumes tasks that were woken, and then those whose peers failed, until none is left or one fails.
func (s *Service) wakeNext() {
	for failed := len(s.errors); len(s.errors) == failed && !s.exiting; {
		switch {
		case len(s.wakeups) > 0:
			key := s.wakeups[0]
			s.wakeups = s.wakeups[1:]
			session, ok := s.sleepers[key]
			if !ok {
				continue
			}
			t := s.sessions[session]
			if t == nil || t == broken {
				continue
			}
			s.sessions[session] = broken
			t.reply = Reply{Broken: true}
			s.step(t)
		case len(s.failed) > 0:
			session := s.failed[0]
			s.failed = s.failed[1:]
			if t := s.sessions[session]; t != nil && t != broken {
				delete(s.sessions, session)
				t.reply = Reply{}
				s.step(t)
			}
		default:
			return
		}
	}
}

// respond resumes the task that waits for a session.
func (s *Service) respond(m Message) {
	t := s.sessions[m.Session]
	delete(s.sessions, m.Session)
	switch t {
	case nil:
		s.unknownResponse(m)
	case broken:
	default:
		t.reply = Reply{Message: m, OK: true}
		s.resume(t)
	}
}

// peerFailed takes an error message: of one call, or (session 0) of a service that is gone.
func (s *Service) peerFailed(m Message) {
	if m.Session == 0 {
		for session, peer := range s.watching {
			if peer == m.Source {
				s.failed = append(s.failed, session)
			}
		}
	} else if _, ok := s.sessions[m.Session]; ok {
		s.failed = append(s.failed, m.Session)
	}
	s.wakeNext()
}
