package host

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"
	"weak"

	"github.com/luahost/luahost/vm"
)

// Task is one activity of a service: a message's handler, a fork, a timeout. It runs until it waits for something;
// then the service's other tasks run, one at a time.
type Task struct {
	service    *Service
	thread     *vm.Thread
	f          vm.Value // that it runs
	prev, next *Task    // in the service's list

	session int    // of the request that it must answer, 0 when there is none
	source  Handle // that the request came from
	pending bool   // the request is not answered yet

	timeout bool  // it has not begun, and gets what skynet gives the function of a timeout
	reply   Reply // that it is resumed with
	k       func(c *vm.Call, r Reply) error
	asleep  bool // in WaitToken, for token
	token   token

	measured bool          // Measure was called
	ran      time.Duration // in earlier steps since then
	since    time.Time     // of this step

	main bool                     // it runs the script itself, which can't wait
	end  func(outcome vm.Outcome) // called when the task has ended

	onDeath func(*Task)

	self   weak.Pointer[Task] // for Service.spare
	tracer Tracer
}

// Tracer is told what happens to a task: "resume" when it goes on after a wait, and at last "end" or "error".
type Tracer interface {
	Trace(event string)
}

// SetTracer has t told what happens to the task from now on; nil ends that.
func (t *Task) SetTracer(tracer Tracer) { t.tracer = tracer }

// Tracer returns who is told what happens to the task, or nil.
func (t *Task) Tracer() Tracer { return t.tracer }

func (t *Task) trace(event string) {
	if t.tracer != nil {
		t.tracer.Trace(event)
	}
}

// Reply is what a waiting task is resumed with.
type Reply struct {
	Message Message
	OK      bool // false: the peer failed or died, or the wait was broken
	Broken  bool // by Service.Wakeup; Message.Session is that of the wait
}

// Thread returns the task's coroutine.
func (t *Task) Thread() *vm.Thread { return t.thread }

// Session returns the session and the source of the request that the task handles; 0 and 0 when there is none.
func (t *Task) Session() (int, Handle) { return t.session, t.source }

// Pending reports whether the task handles a message whose request, if it is one, nobody has answered yet.
func (t *Task) Pending() bool { return t.pending }

// OnDeath has f called, in the service's turn, if the task ends by an error or is killed: what it has in use is nobody's
// then. A later call replaces f; nothing is called when the service ends.
func (t *Task) OnDeath(f func(*Task)) { t.onDeath = f }

func (t *Task) died() {
	if f := t.onDeath; f != nil {
		t.onDeath = nil
		f(t)
	}
}

// Main reports whether the task runs the script itself, before skynet.start's function.
func (t *Task) Main() bool { return t.main }

// Measure returns how long the task has run since the first call, without the time that it waited. It is called
// in the task, or while it waits.
func (t *Task) Measure() time.Duration {
	switch {
	case !t.measured:
		t.measured, t.since = true, time.Now()
		return 0
	case t.service.current == t:
		return t.ran + time.Since(t.since)
	}
	return t.ran
}

func (s *Service) newTask(f vm.Value) *Task {
	t := s.spare.Value()
	if t != nil {
		s.spare = weak.Pointer[Task]{}
		t.thread.Reset(f)
		*t = Task{service: s, thread: t.thread, f: f, self: t.self}
	} else {
		t = &Task{service: s, thread: s.state.NewTask(f), f: f}
	}
	s.link(t)
	return t
}

// link adds a task to the service's list.
func (s *Service) link(t *Task) {
	t.next = s.tasks
	if t.next != nil {
		t.next.prev = t
	}
	s.tasks = t
}

// drop takes a task out of the service's list.
func (s *Service) drop(t *Task) {
	if t.next != nil {
		t.next.prev = t.prev
	}
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		s.tasks = t.next
	}
	t.prev, t.next = nil, nil
}

// Go starts a task that runs f at once. It must be called in the service's turn, outside of any task.
func (s *Service) Go(f vm.Value, args ...vm.Value) { s.resume(s.newTask(f), args...) }

// Run starts a task that runs f at once, as Go does. When the task has ended, now or later, end is called in the
// service's turn; if it failed, Failure tells why, and it is up to end to report that. end is not called when the
// service ends before the task does.
func (s *Service) Run(f vm.Value, end func(outcome vm.Outcome), args ...vm.Value) {
	t := s.newTask(f)
	t.end = end
	s.resume(t, args...)
}

// Failure returns the error, with its traceback, of the task that failed last. It is for the end function of Run.
func (s *Service) Failure() string { return s.failure }

// Handle starts a task at once that handles the request m.
func (s *Service) Handle(m Message, f vm.Value, args ...vm.Value) { s.HandleTraced(m, nil, f, args...) }

// HandleTraced is Handle for a task whose tracer is set.
func (s *Service) HandleTraced(m Message, tracer Tracer, f vm.Value, args ...vm.Value) {
	t := s.newTask(f)
	t.tracer = tracer
	t.session, t.source, t.pending = m.Session, m.Source, true
	s.resume(t, args...)
}

// Fork queues a task that runs after the current message's handler, in the order of the calls.
func (s *Service) Fork(f vm.Value, args ...vm.Value) *Task {
	if s.code.trial != nil {
		return s.taskOnTrial("fork", f, args, func(t *Task, args []vm.Value) { s.forks = append(s.forks, fork{t, args}) })
	}
	t := s.newTask(f)
	s.forks = append(s.forks, fork{t, slices.Clone(args)})
	return t
}

type fork struct {
	task *Task // nil: only go on with wakeups
	args []vm.Value
}

// Timeout has a task run f when ticks hundredths of a second have passed; f gets the arguments that skynet gives it:
// true, a null pointer, 0, and the session.
func (s *Service) Timeout(ticks int64, f vm.Value) *Task {
	if s.code.trial != nil {
		return s.taskOnTrial("timeout", f, nil, func(t *Task, _ []vm.Value) {
			t.timeout = true
			session := s.NewSession()
			s.wait(session, waiter{task: t})
			s.After(ticks, session)
		})
	}
	t := s.newTask(f)
	t.timeout = true
	session := s.NewSession()
	s.wait(session, waiter{task: t})
	s.After(ticks, session)
	return t
}

// runForks runs the tasks that were forked while a message was handled, and those that they fork.
// It reports false when a panic stopped it.
func (s *Service) runForks() (done bool) {
	defer s.recovered()
	for s.forked < len(s.forks) && !s.exiting {
		f := s.forks[s.forked]
		s.forks[s.forked] = fork{}
		s.forked++
		if f.task == nil {
			s.wakeNext()
		} else {
			s.resume(f.task, f.args...)
		}
	}
	s.forks, s.forked = s.forks[:0], 0
	if cap(s.forks) > keptRing {
		s.forks = nil
	}
	return true
}

// resume runs a task until it waits or ends, and then whoever was woken meanwhile.
func (s *Service) resume(t *Task, args ...vm.Value) {
	if s.step(t, args...) {
		s.wakeNext()
	}
}

// step runs a task until it waits or ends. It reports false when the task failed, after which the tasks that were woken
// have to wait for the next fork, as in skynet.
func (s *Service) step(t *Task, args ...vm.Value) bool {
	prev := s.current
	s.current = t
	if t.measured {
		t.since = time.Now()
	}
	_, outcome := t.thread.Resume(args...)
	if t.measured {
		t.ran += time.Since(t.since)
	}
	s.current = prev
	switch outcome {
	case vm.Done:
		s.finish(t)
	case vm.Failed:
		s.fail(t, t.thread.Failure())
		return false
	case vm.Yielded:
		err := &vm.Error{
			Value:     vm.String("attempt to yield from outside a coroutine"),
			Traceback: t.thread.Traceback("", 0),
		}
		t.thread.Kill()
		s.fail(t, err)
		return false
	}
	return true
}

func (s *Service) finish(t *Task) {
	s.drop(t)
	if t.pending && t.session != 0 {
		f := s.state.Inspect(t.f)
		s.host.Logf(s.handle, "Maybe forgot response session %d from %s : %s:%d", t.session, t.source, f.Source, f.LineDefined)
	}
	t.trace("end")
	if t.end != nil {
		t.end(vm.Done)
	}
	if !t.thread.Small() {
		t.thread.Release()
	}
	if !s.exiting {
		t.f = vm.Value{}
		if t.self == (weak.Pointer[Task]{}) {
			t.self = weak.Make(t)
		}
		s.spare = t.self
	}
}

// fail ends a task that raised an error: whoever waits for its answer gets an error, the log gets a traceback.
func (s *Service) fail(t *Task, err *vm.Error) {
	s.drop(t)
	t.trace("error")
	if t.pending && t.session != 0 {
		s.Send(t.source, Message{Type: TypeError, Session: t.session})
	}
	t.pending = false
	if err.Fatal() {
		s.host.limits.begin(s.state) // the other tasks of this message shall not suffer for it
	}
	if s.exiting {
		return
	}
	t.died()
	text := s.describe(err)
	if t.end != nil {
		s.failure = text
		t.end(vm.Failed)
		return
	}
	s.bereaved = true
	if p := s.code.probation; p != nil {
		line := firstLine(text)
		p.last.Store(&line)
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
	h := s.state.Metamethod(v, "__tostring")
	if h.IsNil() || v.Kind() == vm.KindString {
		return vm.Text(v)
	}
	r, err := s.state.Current().Call(h, v)
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

// Current returns the task that runs, or nil.
func (s *Service) Current() *Task { return s.current }

// Waiting.

// waiter is who waits for a response. The zero waiter is one whose task was woken, or ended, before the response came.
type waiter struct {
	task    *Task
	f       func(Reply) // Go code that waits instead of a task
	request bool        // was sent: errors end the wait
	peer    Handle      // that it went to; 0 when it went to a name that nobody had
}

func (s *Service) wait(session int, w waiter) {
	if s.sessions == nil {
		s.sessions = map[int]waiter{}
	}
	s.sessions[session] = w
}

// CheckWait returns the error of a Go function that can't wait, or nil: see CanWait.
func (s *Service) CheckWait(c *vm.Call) error {
	switch t := s.current; {
	case t == nil || t.main:
		return c.Errorf("attempt to yield from outside a coroutine")
	case !c.CanSuspend():
		return c.Errorf("attempt to yield across a Go-call boundary")
	}
	return nil
}

// CanWait tells whether Wait is possible here: in a task other than the script itself, where no Go function that called
// back into Lua waits below.
func (s *Service) CanWait(c *vm.Call) bool {
	t := s.current
	return t != nil && !t.main && c.CanSuspend()
}

// Wait suspends the running task until a response for session comes; then k gets it. A Go function ends with it:
//
//	session := svc.NewSession()
//	...
//	return svc.Wait(c, session, func(c *vm.Call, r host.Reply) error { ... })
func (s *Service) Wait(c *vm.Call, session int, k func(c *vm.Call, r Reply) error) error {
	if err := s.CheckWait(c); err != nil {
		return err
	}
	return s.suspend(c, session, waiter{task: s.current}, k)
}

func (s *Service) suspend(c *vm.Call, session int, w waiter, k func(c *vm.Call, r Reply) error) error {
	s.wait(session, w)
	w.task.k = k
	return c.Suspend(replied)
}

// replied goes on in a Go function that ended with Wait.
func replied(c *vm.Call) error {
	s := ServiceOf(c)
	t := s.current
	if t.asleep {
		delete(s.sleepers, t.token)
		t.asleep, t.token = false, token{}
	}
	k, r := t.k, t.reply
	t.k, t.reply = nil, Reply{}
	return k(c, r)
}

// Suspend is Wait without a look at the reply: k only gets to know that it came.
func (s *Service) Suspend(c *vm.Call, session int, k vm.Func) error {
	if err := s.CheckWait(c); err != nil {
		return err
	}
	s.wait(session, waiter{task: s.current})
	return c.Suspend(k)
}

// Await has f called in the service's turn when a response for session comes: Wait for Go code.
// f is called when the service ends, at the latest.
func (s *Service) Await(session int, f func(Reply)) { s.wait(session, waiter{f: f}) }

// AwaitPeer is WaitPeer for Go code. f is called when the service ends, at the latest.
func (s *Service) AwaitPeer(peer Handle, session int, f func(Reply)) {
	s.wait(session, waiter{f: f, peer: peer, request: true})
}

// Forget drops who waits for a session whose response will not come.
func (s *Service) Forget(session int) { delete(s.sessions, session) }

// Ignore drops who waits for a session, and the response when it comes.
func (s *Service) Ignore(session int) {
	if _, ok := s.sessions[session]; ok {
		s.sessions[session] = waiter{}
	}
}

// token identifies a wait that may be broken off. Equal Lua values make equal tokens.
type token struct {
	value vm.Value
	text  string
}

func tokenOf(v vm.Value) token {
	if text, ok := v.AsString(); ok {
		return token{text: text}
	}
	if f, ok := v.AsNumber(); ok {
		return token{value: vm.Number(f + 0)} // -0 equals 0
	}
	return token{value: v}
}

// WaitToken is Wait for a session that Wakeup(token) may break off.
func (s *Service) WaitToken(c *vm.Call, session int, v vm.Value, k func(c *vm.Call, r Reply) error) error {
	if err := s.CheckWait(c); err != nil {
		return err
	}
	key := tokenOf(v)
	if _, taken := s.sleepers[key]; taken {
		return c.Errorf("token duplicative")
	}
	if s.sleepers == nil {
		s.sleepers = map[token]int{}
	}
	s.sleepers[key] = session
	t := s.current
	t.asleep, t.token = true, key
	return s.suspend(c, session, waiter{task: t}, k)
}

// Sleep suspends the running task for ticks hundredths of a second, or until Wakeup(token).
func (s *Service) Sleep(c *vm.Call, ticks int64, v vm.Value, k func(c *vm.Call, r Reply) error) error {
	session := s.NewSession()
	err := s.WaitToken(c, session, v, k)
	if t := s.current; t != nil && s.sessions[session].task == t {
		s.After(ticks, session)
	}
	return err
}

// Wakeup breaks off the wait for a token: that task goes on when the running one waits or ends.
// It reports whether anybody waited.
func (s *Service) Wakeup(v vm.Value) bool {
	key := tokenOf(v)
	if _, ok := s.sleepers[key]; !ok {
		return false
	}
	s.wakeups = append(s.wakeups, key)
	return true
}

// wakeNext resumes tasks that were woken, and then those whose peers failed, until none is left or one fails.
func (s *Service) wakeNext() {
	for !s.exiting {
		switch {
		case len(s.wakeups) > 0:
			key := s.wakeups[0]
			s.wakeups = slices.Delete(s.wakeups, 0, 1)
			session, ok := s.sleepers[key]
			if !ok {
				continue
			}
			t := s.sessions[session].task
			if t == nil {
				continue
			}
			t.trace("resume")
			s.sessions[session] = waiter{}
			t.reply = Reply{Broken: true, Message: Message{Session: session}}
			if !s.step(t) {
				return
			}
		case len(s.failed) > 0:
			session := s.failed[0]
			s.failed = slices.Delete(s.failed, 0, 1)
			w := s.sessions[session]
			delete(s.sessions, session)
			if !s.deliver(w, Reply{Message: Message{Session: session}}) {
				return
			}
		default:
			return
		}
	}
}

// deliver gives a reply to who waits for it. It reports false when a task failed on it.
func (s *Service) deliver(w waiter, r Reply) bool {
	switch t := w.task; {
	case w.f != nil:
		w.f(r)
	case t == nil:
	case t.timeout:
		t.timeout = false
		return s.step(t, vm.Bool(true), vm.LightUserdata(0), vm.Int(0), vm.Int(r.Message.Session))
	default:
		t.reply = r
		return s.step(t)
	}
	return true
}

// respond resumes whoever waits for a session.
func (s *Service) respond(m Message) {
	w, ok := s.sessions[m.Session]
	if !ok {
		s.unknownResponse(m)
		return
	}
	delete(s.sessions, m.Session)
	if w.task != nil {
		w.task.trace("resume")
	}
	if s.deliver(w, Reply{Message: m, OK: true}) {
		s.wakeNext()
	}
}

// Answer is Deliver for who has the service's turn, outside of any task: the task that waits for session goes on
// at once, until it waits again or ends.
func (s *Service) Answer(session int, value any) {
	s.respond(Message{Type: TypeResponse, Session: session, Value: value})
}

// peerFailed takes an error message: of one request, or (session 0) of a service that is gone.
func (s *Service) peerFailed(m Message) {
	if m.Session == 0 {
		s.peerGone(m.Source)
	} else if w, ok := s.sessions[m.Session]; ok {
		if w.request {
			s.failed = append(s.failed, m.Session)
		} else if w.task == nil && w.f == nil {
			delete(s.sessions, m.Session)
		}
	}
	s.wakeNext()
}

// peerGone ends the calls to a service, and forgets its requests that are to be answered later.
func (s *Service) peerGone(peer Handle) {
	for r := range s.responses {
		if r.source == peer {
			delete(s.responses, r)
		}
	}
	for _, session := range slices.Sorted(maps.Keys(s.sessions)) {
		if w := s.sessions[session]; w.request && w.peer == peer {
			s.failed = append(s.failed, session)
		}
	}
}

// Disconnect treats a service as gone: this service's calls to it fail, as by skynet.term.
func (s *Service) Disconnect(peer Handle) {
	s.peerGone(peer)
	s.forks = append(s.forks, fork{})
}

// Tasks yields the tasks that wait, by their sessions in ascending order; a session whose response nobody waits for
// any more has no task.
func (s *Service) Tasks() iter.Seq2[int, *Task] {
	return func(yield func(int, *Task) bool) {
		for _, session := range slices.Sorted(maps.Keys(s.sessions)) {
			if !yield(session, s.sessions[session].task) {
				return
			}
		}
	}
}

// KillTask ends a task that waits, or was forked and has not begun. It reports whether there was one.
func (s *Service) KillTask(th *vm.Thread) bool {
	for i := s.forked; i < len(s.forks); i++ {
		if t := s.forks[i].task; t != nil && t.thread == th {
			s.forks = slices.Delete(s.forks, i, i+1)
			s.drop(t)
			return true
		}
	}
	for session, t := range s.Tasks() {
		if t == nil || t.thread != th {
			continue
		}
		if t.pending && t.session != 0 {
			s.Send(t.source, Message{Type: TypeError, Session: t.session})
		}
		for key, sleeping := range s.sleepers {
			if sleeping == session {
				delete(s.sleepers, key)
			}
		}
		s.sessions[session] = waiter{}
		s.drop(t)
		th.Kill()
		t.died()
		return true
	}
	return false
}
