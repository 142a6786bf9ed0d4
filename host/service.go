package host

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/luahost/luahost/vm"
)

// Service is an actor: a Lua state, a mailbox, and tasks of which one runs at a time.
//
// Its methods, but for those documented otherwise, are called in the service's turn only: from Go functions that
// its Lua code calls, and from functions given to Post.
type Service struct {
	host    *Host
	handle  Handle
	name    string // of the script
	file    string // that the script was read from
	args    []string
	box     mailbox
	state   *vm.State
	stateMu sync.Mutex // guards the pointer against interrupt
	ctx     context.Context
	cancel  context.CancelFunc

	receiver Receiver
	cleanups []func()
	local    map[any]any

	current  *Task
	tasks    map[*vm.Thread]*Task
	spare    []*Task
	sessions map[int]*Task  // who waits for which response
	watching map[int]Handle // the service that each call went to
	sleepers map[any]int    // token -> session
	wakeups  []any
	failed   []int // sessions whose peer failed
	forks    []fork
	session  int
	errors   []string // of the message being handled
	failure  string   // of the task that failed last, if it has an end of its own
	starting bool     // skynet.start was called
	exiting  bool
	message  Message // being handled

	launched func(h Handle, err error) // told once whether the start went well
}

// Receiver handles messages other than responses and errors; the skynet binding is one.
type Receiver interface {
	Receive(s *Service, m Message)
}

// Host returns the service's host. It may be called from any goroutine.
func (s *Service) Host() *Host { return s.host }

// Handle returns the service's address. It may be called from any goroutine.
func (s *Service) Address() Handle { return s.handle }

// Name returns the name that the service was started by. It may be called from any goroutine.
func (s *Service) Name() string { return s.name }

// Args returns what followed the name.
func (s *Service) Args() []string { return s.args }

// State returns the service's Lua state.
func (s *Service) State() *vm.State { return s.state }

// Context ends when the service ends. It may be called from any goroutine.
func (s *Service) Context() context.Context { return s.ctx }

// Message returns the message being handled.
func (s *Service) Message() Message { return s.message }

// SetReceiver decides who handles the service's messages.
func (s *Service) SetReceiver(r Receiver) { s.receiver = r }

// OnExit calls f when the service ends, the last registered first.
func (s *Service) OnExit(f func()) { s.cleanups = append(s.cleanups, f) }

// Local returns what a binding keeps for the service, made by init at the first call. Keys are as in context.WithValue.
func (s *Service) Local(key any, init func() any) any {
	v, ok := s.local[key]
	if !ok {
		v = init()
		s.local[key] = v
	}
	return v
}

// ServiceOf returns the service whose code calls a Go function, or nil in a state that is not a service's.
func ServiceOf(c *vm.Call) *Service {
	s, _ := c.State().Host.(*Service)
	return s
}

// NewSession returns a session number, unused in this service: from 1 on, again from 1 after 2^31-1.
func (s *Service) NewSession() int {
	for {
		s.session++
		if s.session <= 0 || s.session > 1<<31-1 {
			s.session = 1
		}
		if _, used := s.sessions[s.session]; !used {
			return s.session
		}
	}
}

// Post has f called in the service's turn. It may be called from any goroutine, and is the only way for Go code
// to get into a service. It reports false when the service is gone.
func (s *Service) Post(f func(*Service)) bool { return s.push(Message{run: f}) }

// Deliver answers a session from Go: the task that waits for it gets value as Reply.Message.Value.
// It may be called from any goroutine.
func (s *Service) Deliver(session int, value any) bool {
	return s.push(Message{Type: TypeResponse, Session: session, Value: value})
}

func (s *Service) push(m Message) bool {
	ok, wake := s.box.push(m)
	if wake {
		s.host.scheduler.push(s)
	}
	return ok
}

// Enter calls f in the service's turn on the caller's goroutine, if nobody has the turn and no message waits.
// Otherwise it reports false, and the caller uses Post.
func (s *Service) Enter(f func(*Service)) bool {
	if !s.box.tryEnter() {
		return false
	}
	s.dispatch(Message{run: f})
	if s.box.leave() {
		s.host.scheduler.push(s)
	}
	return true
}

// runTurn handles messages until there is none, or others should have a go.
func (s *Service) runTurn() {
	if n := s.box.overloaded(); n > 0 {
		s.host.Logf(s.handle, "May overload, message queue length = %d", n)
	}
	for range quantum {
		m, ok := s.box.pop()
		if !ok {
			return
		}
		s.dispatch(m)
	}
	if s.box.leave() {
		s.host.scheduler.push(s)
	}
}

// dispatch handles one message, and then the tasks that were forked meanwhile.
func (s *Service) dispatch(m Message) {
	s.message = m
	s.host.limits.begin(s.state)
	switch {
	case m.run != nil:
		m.run(s)
	case m.Type == TypeResponse:
		s.respond(m)
	case m.Type == TypeError:
		s.peerFailed(m)
	case s.receiver != nil:
		s.receiver.Receive(s, m)
	}
	for len(s.forks) > 0 && !s.exiting {
		f := s.forks[0]
		s.forks = s.forks[1:]
		if f.task == nil {
			s.wakeNext()
		} else {
			s.resume(f.task, f.args...)
		}
	}
	s.forks = nil
	if len(s.errors) > 0 {
		s.logErrors(m)
	}
	s.message = Message{}
	if s.exiting {
		s.retire()
	}
}

func (s *Service) logErrors(m Message) {
	s.host.Logf(s.handle, "lua call [%x to :%x : %d msgsz = %d] error : \x1b[31m%s\x1b[0m",
		uint32(m.Source), uint32(s.handle), m.Session, len(m.Data), strings.Join(s.errors, "\n"))
	s.errors = nil
}

func (s *Service) unknownResponse(m Message) {
	s.errors = append(s.errors, fmt.Sprintf("Unknown session : %d from %x", m.Session, uint32(m.Source)))
}

// Send sends a message to another service. It reports false when there is none at that address.
func (s *Service) Send(to Handle, m Message) bool {
	if m.Source == 0 {
		m.Source = s.handle
	}
	return s.host.send(m, to)
}

// Call sends a request and suspends the running task until the answer is there.
func (s *Service) Call(c *vm.Call, to Handle, m Message, k func(c *vm.Call, r Reply) error) error {
	if s.current == nil || !c.CanSuspend() {
		return c.Errorf("attempt to yield across a Go-call boundary")
	}
	m.Session = s.NewSession()
	session := m.Session
	if !s.Send(to, m) {
		return c.Errorf("call to invalid address %s", to)
	}
	s.watching[session] = to
	return s.Wait(c, session, func(c *vm.Call, r Reply) error {
		delete(s.watching, session)
		return k(c, r)
	})
}

// Respond answers the request that the running task handles. It reports false when the request asked for no answer,
// or whoever asked is gone; ok is false when the task has no request, or has answered it.
func (s *Service) Respond(data []byte) (sent, ok bool) {
	t := s.current
	if t == nil || !t.pending {
		return false, false
	}
	t.pending = false
	if t.session == 0 {
		return false, true
	}
	return s.host.send(Message{Type: TypeResponse, Source: s.handle, Session: t.session, Data: data}, t.source), true
}

// TakeRequest makes the running task's request somebody else's to answer (skynet.response, skynet.ignoreret).
func (s *Service) TakeRequest() (session int, source Handle, ok bool) {
	t := s.current
	if t == nil || !t.pending {
		return 0, 0, false
	}
	t.pending = false
	return t.session, t.source, true
}

// Exit ends the service when the running task stops; a Go function ends with it: return svc.Exit(c).
func (s *Service) Exit(c *vm.Call) error {
	s.exiting = true
	if c.CanSuspend() {
		return c.Suspend(nil)
	}
	return vm.NewFatal("service exits")
}

// retire ends the service: callers get errors, Go resources are released, the state is dropped.
func (s *Service) retire() {
	rest := s.box.close()
	s.host.remove(s)
	s.cancel()
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
	s.cleanups = nil
	for _, t := range s.tasks {
		if t.pending && t.session != 0 {
			s.host.send(Message{Type: TypeError, Source: s.handle, Session: t.session}, t.source)
		}
	}
	told := map[Handle]bool{}
	for _, peer := range s.watching {
		if !told[peer] {
			told[peer] = true
			s.host.send(Message{Type: TypeError, Source: s.handle}, peer)
		}
	}
	for _, m := range rest {
		if m.Session != 0 && m.run == nil && m.Type != TypeResponse && m.Type != TypeError {
			s.host.send(Message{Type: TypeError, Source: s.handle, Session: m.Session}, m.Source)
		}
	}
	s.started(nil)
	s.tasks, s.spare, s.sessions, s.sleepers, s.forks, s.local = nil, nil, nil, nil, nil, nil
	s.stateMu.Lock()
	s.state = nil
	s.stateMu.Unlock()
}

// started tells whoever launched the service how that went; only the first call counts.
func (s *Service) started(err error) {
	if f := s.launched; f != nil {
		s.launched = nil
		h := s.handle
		if s.exiting {
			h = 0
		}
		f(h, err)
	}
}
