package host

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/luahost/luahost/vm"
)

// Service is an actor: a Lua state, a mailbox, and tasks of which one runs at a time.
//
// Its methods, but for those documented otherwise, are called in the service's turn only: from Go functions that
// its Lua code calls, and from functions given to Post.
type Service struct {
	host     *Host
	handle   Handle
	blocks   int32  // guarded by the host's blocks
	name     string // by which it was started
	script   string // as it was launched: a name or a file
	file     string // that the script was read from
	args     []string
	box      mailbox
	worker   *worker // that has the turn, if a worker has it
	state    *vm.State
	stateMu  sync.Mutex // guards the pointer against interrupt, and what belongs to ctx
	ctx      context.Context
	cancel   context.CancelFunc
	over     bool // ctx is, or would be
	isFile   bool // script is a file
	opened   bool // a module written in Go
	killed   atomic.Bool
	named    atomic.Bool  // it was given a name
	endless  atomic.Bool  // a message took very long; see Endless
	busy     atomic.Int64 // nanoseconds spent on messages
	began    time.Time    // of the turn
	messages atomic.Pointer[messageLog]
	used     atomic.Int64 // bytes of Lua values; see Memory
	reported int64        // bytes that must be exceeded for the next report of them; 0: none was made

	code     loadedCode
	receiver Receiver
	unknown  func(Message)
	filter   func(Message) (Message, bool)
	inits    []vm.Value // run before the function given to Start
	cleanups []func()
	local    []localValue

	current  *Task
	tasks    *Task              // a list of all
	spare    weak.Pointer[Task] // that has ended: its coroutine serves the next one, unless a garbage collection comes first
	sessions map[int]waiter
	sleepers map[token]int // the sessions of waits that may be broken off
	wakeups  []token
	failed   []int // sessions whose peer failed
	forks    []fork
	forked   int // of them have run
	session  int // the last one given out

	responses   map[*Response]struct{} // requests to be answered later
	errors      []string               // of the message being handled
	failure     string                 // of the task that failed last, if it has an end of its own
	orphanSince atomic.Int64           // 0: it is none
	resources   []Resources
	startTask   *Task // that runs what Start was given
	starting    bool  // Start was called
	startFailed bool
	bereaved    bool // a task died of an error
	exiting     bool
	quiet       bool     // whoever started it reports a failure to start
	message     Message  // being handled
	block       vm.Value // of message, if there is one
	scratch     []byte   // see Pack
	values      []vm.Value

	launched  func(h Handle, err error) // told once whether the start went well
	successor func()                    // starts the service that takes this one's place, when this one has ended
}

type localValue struct{ key, value any }

// Receiver handles messages other than responses and errors; the skynet binding is one.
type Receiver interface {
	Receive(s *Service, m Message)
}

// Host returns the service's host. It may be called from any goroutine.
func (s *Service) Host() *Host { return s.host }

// Address returns the service's address. It may be called from any goroutine.
func (s *Service) Address() Handle { return s.handle }

// Name returns the name that the service was started by. It may be called from any goroutine.
func (s *Service) Name() string { return s.name }

// Args returns what followed the name. It may be called from any goroutine.
func (s *Service) Args() []string { return s.args }

// State returns the service's Lua state.
func (s *Service) State() *vm.State { return s.state }

// Context ends when the service ends. It may be called from any goroutine.
func (s *Service) Context() context.Context {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	if s.ctx == nil {
		s.ctx, s.cancel = context.WithCancel(context.Background())
		if s.over {
			s.cancel()
		}
	}
	return s.ctx
}

func (s *Service) endContext() {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	s.over = true
	if s.cancel != nil {
		s.cancel()
	}
}

// Message returns the message being handled.
func (s *Service) Message() Message { return s.message }

// SetReceiver decides who handles the service's messages.
func (s *Service) SetReceiver(r Receiver) { s.receiver = r }

// SetFilter has f decide what each message is handled as, answers and errors included, but not what Post and Deliver bring; ok is
// false for one that is not to be handled.
func (s *Service) SetFilter(f func(m Message) (handled Message, ok bool)) { s.filter = f }

// OnExit calls f when the service ends, the last registered first.
func (s *Service) OnExit(f func()) { s.cleanups = append(s.cleanups, f) }

// Local returns what a binding keeps for the service, made by init at the first call. Keys are as in context.WithValue.
func (s *Service) Local(key any, init func() any) any {
	for i := range s.local {
		if s.local[i].key == key {
			return s.local[i].value
		}
	}
	v := init()
	s.local = append(s.local, localValue{key, v})
	return v
}

// ServiceOf returns the service whose code calls a Go function, or nil in a state that is not a service's.
func ServiceOf(c *vm.Call) *Service {
	s, _ := c.State().Host.(*Service)
	return s
}

// Stat tells how many messages wait and were handled, and how long the service has been at work in all.
// It may be called from any goroutine.
func (s *Service) Stat() (waiting int, handled uint64, busy time.Duration) {
	waiting, handled = s.box.counts()
	return waiting, handled, time.Duration(s.busy.Load())
}

// Elapsed returns how long the service has been at work without a break.
func (s *Service) Elapsed() time.Duration {
	if s.host.options.unprofiled {
		return 0
	}
	return time.Since(s.began)
}

// Starting returns the task that runs the function given to Start, or nil.
func (s *Service) Starting() *Task { return s.startTask }

// Endless reports whether a message has taken suspiciously long since the last call. It may be called from any goroutine.
func (s *Service) Endless() bool { return s.endless.Swap(false) }

const lastSession = 1<<31 - 1

// NewSession returns a session number, unused in this service: from 1 on, again from 1 after 2^31-1.
func (s *Service) NewSession() int {
	for {
		if s.session++; s.session > lastSession {
			s.session = 1
		}
		if _, used := s.sessions[s.session]; !used {
			return s.session
		}
	}
}

// Getting into the service's turn.

// Post has f called in the service's turn. It may be called from any goroutine, and is the only way for Go code
// to get into a service. It reports false when the service is gone; one that ends before its turn comes does not call f.
func (s *Service) Post(f func(*Service)) bool { return s.push(Message{run: f}, nil) }

// Rest has the service give back, in its turn, memory that its tasks needed for what they did before they began to wait. It may
// be called from any goroutine, best when nothing has happened for a while.
func (s *Service) Rest() { s.Post((*Service).trimTasks) }

func (s *Service) trimTasks() {
	for t := s.tasks; t != nil; t = t.next {
		t.thread.Trim()
	}
}

// Deliver answers a session from Go: the task that waits for it gets value as Reply.Message.Value.
// It may be called from any goroutine.
func (s *Service) Deliver(session int, value any) bool {
	return s.push(Message{Type: TypeResponse, Session: session, Value: value}, nil)
}

// push queues a message; by is the worker that runs the sender, or nil.
func (s *Service) push(m Message, by *worker) bool {
	ok, wake := s.box.push(m)
	if wake {
		if by != nil {
			by.keep(s)
		} else {
			s.host.scheduler.push(s)
		}
	}
	return ok
}

// Enter calls f in the service's turn on the caller's goroutine, if nobody has the turn and no message waits.
// Otherwise it reports false, and the caller uses Post.
func (s *Service) Enter(f func(*Service)) bool {
	if !s.box.tryEnter() {
		return false
	}
	s.worker, s.began = nil, time.Now()
	s.dispatch(Message{run: f})
	if s.box.leave() {
		s.host.scheduler.push(s)
	}
	return true
}

// runTurn handles messages until there is none, or others should have a go.
func (s *Service) runTurn(w *worker) {
	if !s.box.begin() {
		return
	}
	s.worker, s.began = w, w.now
	for n := 0; ; n++ {
		if n == quantum {
			if w.others() {
				s.account()
				if s.box.leave() {
					s.host.scheduler.push(s)
				}
				return
			}
			n = 0
		}
		m, overload, ok := s.box.pop()
		if !ok {
			s.account()
			if s.box.rest() {
				return
			}
			continue
		}
		if overload > 0 {
			s.host.Logf(s.handle, "error: May overload, message queue length = %d", overload)
		}
		w.begins(m.Source, s.handle)
		s.dispatch(m)
	}
}

// account notes what a turn has taken.
func (s *Service) account() {
	now := time.Now()
	if !s.host.options.unprofiled {
		s.busy.Add(int64(now.Sub(s.began)))
	}
	s.began = now
	s.worker.now = now
	if s.state != nil {
		used := s.state.Memory()
		s.used.Store(used)
		if used > max(s.reported, memoryReport) {
			s.reportMemory()
		}
	}
}

// memoryReport is from which memory on, in bytes, the log tells of a service's; each line doubles it, as in skynet.
const memoryReport = 32 << 20

func (s *Service) reportMemory() {
	used := s.state.Count()
	s.used.Store(used)
	s.reported = max(s.reported, memoryReport)
	if used <= s.reported {
		return
	}
	s.host.Logf(s.handle, "Memory warning %.2f M", float64(used)/(1<<20))
	for s.reported < used {
		s.reported *= 2
	}
}

// Memory returns the bytes of the service's Lua values, as counted at the end of its last turn.
// It may be called from any goroutine.
func (s *Service) Memory() int64 { return s.used.Load() }

// dispatch handles one message, and then the tasks that were forked meanwhile.
func (s *Service) dispatch(m Message) {
	if s.killed.Load() {
		s.retire(m)
		return
	}
	s.message = m
	if l := s.messages.Load(); l != nil && m.run == nil {
		l.handled(m)
	}
	s.host.limits.begin(s.state)
	s.receive(m)
	for !s.runForks() {
	}
	if len(s.errors) > 0 {
		s.logErrors(m)
	}
	s.message = Message{}
	s.endBlock()
	s.settle()
	if s.code.probation != nil {
		s.observe()
	}
	if s.exiting || s.killed.Load() {
		s.retire(Message{})
	}
}

func (s *Service) receive(m Message) {
	defer s.recovered()
	if s.filter != nil && m.run == nil && m.Value == nil {
		var ok bool
		if m, ok = s.filter(m); !ok {
			return
		}
		s.message = m
		s.endBlock()
	}
	switch {
	case m.run != nil:
		m.run(s)
	case m.Type == TypeResponse:
		s.respond(m)
	case m.Type == TypeError:
		s.peerFailed(m)
	case s.receiver != nil:
		s.receiver.Receive(s, m)
	default:
		s.Refuse(m)
	}
}

// recovered reports a panic of Go code that was called in the turn, but not from Lua.
func (s *Service) recovered() {
	if r := recover(); r != nil {
		s.current = nil
		s.errors = append(s.errors, fmt.Sprintf("panic in a Go function: %v\n%s", r, debug.Stack()))
	}
}

func (s *Service) logErrors(m Message) {
	s.host.Logf(s.handle, "lua call [%x to :%x : %d msgsz = %d] error : \x1b[31m%s\x1b[0m",
		uint32(m.Source), uint32(s.handle), m.Session, len(m.Data), strings.Join(s.errors, "\n"))
	s.errors = nil
}

// Fault logs an error of the message being handled that was not raised in a task, as skynet logs those.
func (s *Service) Fault(format string, args ...any) {
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

// SetUnknownResponse decides what becomes of responses that nobody waits for; the log tells of them when f is nil.
func (s *Service) SetUnknownResponse(f func(m Message)) { s.unknown = f }

func (s *Service) unknownResponse(m Message) {
	if s.unknown != nil {
		s.unknown(m)
		return
	}
	s.host.Logf(s.handle, "Response message : %s", m.Data)
	s.Fault("Unknown session : %d from %x", m.Session, uint32(m.Source))
}

// Messages to others.

// Send sends a message to another service. It reports false when there is none at that address.
func (s *Service) Send(to Handle, m Message) bool {
	if m.Source == 0 {
		m.Source = s.handle
	}
	return s.host.deliver(to, m, s.worker)
}

// Refuse tells who sent a message, if it is a request, that it will not be answered.
func (s *Service) Refuse(m Message) {
	if m.asks() {
		s.Send(m.Source, Message{Type: TypeError, Session: m.Session})
	}
}

// Call sends a request and suspends the running task until the answer is there, or the peer has failed.
func (s *Service) Call(c *vm.Call, to Handle, m Message, k func(c *vm.Call, r Reply) error) error {
	if err := s.CheckWait(c); err != nil {
		return err
	}
	m.Session = s.NewSession()
	if !s.Send(to, m) {
		return c.Errorf("call to invalid address %s", to)
	}
	return s.WaitPeer(c, to, m.Session, k)
}

// WaitPeer is Wait for the answer to a request that was sent to a service: its failure or death ends the wait.
func (s *Service) WaitPeer(c *vm.Call, peer Handle, session int, k func(c *vm.Call, r Reply) error) error {
	if err := s.CheckWait(c); err != nil {
		return err
	}
	return s.suspend(c, session, waiter{task: s.current, peer: peer, request: true}, k)
}

// Respond answers the request that the running task handles. sent is false when the request asked for no answer,
// or whoever asked is gone; ok is false when the task has no request, or has answered it.
func (s *Service) Respond(data []byte) (sent, ok bool) {
	session, source, ok := s.TakeRequest()
	if !ok || session == 0 {
		return false, ok
	}
	return s.Send(source, Message{Type: TypeResponse, Session: session, Data: data}), true
}

// TakeRequest makes the running task's request somebody else's to answer (skynet.ignoreret).
func (s *Service) TakeRequest() (session int, source Handle, ok bool) {
	t := s.current
	if t == nil || !t.pending {
		return 0, 0, false
	}
	t.pending = false
	return t.session, t.source, true
}

// The end.

// Exit ends the service when the running task stops; a Go function ends with it: return svc.Exit(c).
func (s *Service) Exit(c *vm.Call) error {
	s.host.LogKill(s.handle, s.handle)
	s.exiting = true
	if c.CanSuspend() && s.current != nil {
		return c.Suspend(nil)
	}
	return vm.NewFatal("service exits")
}

// Kill ends the service after the message that it handles; its messages that wait are not handled.
// It may be called from any goroutine.
func (s *Service) Kill() {
	if s.killed.CompareAndSwap(false, true) {
		s.host.forget(s)
		s.Post(func(*Service) {})
	}
}

// retire ends the service: callers get errors, Go resources are released, the state is dropped.
// The message is one that was taken out of the mailbox and not handled.
func (s *Service) retire(m Message) {
	s.exiting = true
	rest := s.box.close()
	s.host.forget(s)
	s.endContext()
	s.Refuse(m)
	for _, m := range rest {
		s.Refuse(m)
	}
	for t := s.tasks; t != nil; t = t.next {
		if t.pending && t.session != 0 {
			s.Send(t.source, Message{Type: TypeError, Session: t.session})
		}
	}
	for r := range s.responses {
		r.Fail()
	}
	told := map[Handle]bool{}
	for _, w := range s.sessions {
		if w.f != nil {
			w.f(Reply{})
		}
		if w.request && !told[w.peer] {
			told[w.peer] = true
			s.Send(w.peer, Message{Type: TypeError})
		}
	}
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanUp(s.cleanups[i])
	}
	if s.state != nil {
		s.host.limits.begin(s.state)
		s.state.Close()
	}
	s.swapMessageLog(nil)
	s.started(ErrKilled)
	s.host.blocks.release(s)
	s.stateMu.Lock()
	s.state = nil
	s.stateMu.Unlock()
	s.tasks, s.sessions, s.sleepers, s.wakeups, s.forks, s.responses = nil, nil, nil, nil, nil, nil
	s.local, s.cleanups, s.receiver, s.current, s.scratch, s.values = nil, nil, nil, nil, nil, nil
	if s.successor != nil {
		s.successor()
	}
	s.host.ended(s)
}

func (s *Service) cleanUp(f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.host.Logf(s.handle, "panic at the service's end: %v\n%s", r, debug.Stack())
		}
	}()
	f()
}
