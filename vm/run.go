package vm

// entry says how a run of the interpreter begins.
type entry struct {
	thread *Thread
	slot   int // of a function to call, with args behind it
	args   int
	flags  frameFlags
	goOn   bool  // go on after the Go function that suspended thread, with args as its results
	raise  error // handle an error that a panic brought
}

// enter starts or continues a task's coroutine.
func (s *State) enter(t *Thread, args []Value) error {
	if s.goDepth >= maxGoDepth {
		return t.errorf("C stack overflow")
	}
	e := entry{thread: t, args: len(args), flags: frameBottom}
	if t.started {
		t.goCall.base = t.ci.base
		t.goCall.top = t.ci.base
		t.goCall.results = 0
		t.goCall.Push(args...)
		e.goOn = true
	} else {
		if len(t.stack) < initialStack {
			t.prepare()
		}
		if err := t.reserve(len(args) + 1 + spareSlots); err != nil {
			return err
		}
		t.started = true
		copy(t.stack[1:], args)
	}
	t.status = StatusRunning
	return s.run(e)
}

// run executes until what the entry began has returned, failed, or been suspended.
func (s *State) run(e entry) error {
	s.goDepth++
	err, panicked := s.guard(e)
	for panicked {
		err, panicked = s.guard(entry{thread: s.current, raise: err})
	}
	if s.goDepth--; s.goDepth == 0 {
		s.front = front{}
	}
	return err
}

// guard turns a panic of a Go function into an error.
func (s *State) guard(e entry) (err error, panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			err, panicked = Recovered(r), true
		}
	}()
	return s.execute(e), false
}

// unwound is where to go on after an error.
type unwound struct {
	err   error // the run ends with it
	call  bool  // a continuation gets the results as its arguments
	first int
	n     int
}

// unwind hands an error to the nearest pcall, xpcall or coroutine.resume, and ends the run when there is none.
// It leaves s.current and its frame as those to go on with.
func (s *State) unwind(err error) unwound {
	t := s.current
	e := t.asError(err)
	if !e.fatal {
		e = s.handle(t, e)
	}
	for {
		f := t.ci
		for ; f != &t.root; f = f.prev {
			if f.flags&frameProtected != 0 && !e.fatal {
				s.probation.failed(t, f)
				return t.caught(f, e)
			}
			if f.flags&frameFresh != 0 {
				if e.Traceback == "" {
					e.Traceback = t.errorTraceback()
				}
				s.probation.failed(t, f.prev)
				t.closeUpvalues(f.slot)
				t.ci = f.prev
				return unwound{err: e}
			}
		}
		s.probation.failed(t, &t.root)
		t.status, t.failure = StatusDead, e
		parent := t.parent
		if parent == nil {
			if e.Traceback == "" {
				e.Traceback = t.errorTraceback()
			}
			return unwound{err: e}
		}
		s.backTo(parent, t)
		if f := parent.ci; f.flags&frameResume != 0 && !e.fatal {
			return parent.deliverError(f, e)
		}
		if text, ok := e.Value.AsString(); ok && !e.fatal {
			e = &Error{Value: String(parent.where(1) + text), Cause: e.Cause, Traceback: e.Traceback}
		}
		t = parent
		if !e.fatal {
			e = s.handle(t, e)
		}
	}
}

// refuse returns the error of a run whose first call can't begin.
func (s *State) refuse(err error) error {
	t := s.current
	e := t.asError(err)
	if !e.fatal {
		e = s.handle(t, e)
	}
	if e.Traceback == "" {
		e.Traceback = t.errorTraceback()
	}
	return e
}

// handle calls the message handler of the nearest xpcall, before the stack is unwound; once for an error, though that
// passes Go functions on its way. An error in the handler is handled by it again, as in C Lua, until that goes too deep.
func (s *State) handle(t *Thread, e *Error) *Error {
	if e.handled {
		return e
	}
	for f := t.ci; f != &t.root && f.flags&frameShield == 0; f = f.prev {
		if f.flags&frameProtected == 0 {
			continue
		}
		if f.flags&frameHandler == 0 {
			return e
		}
		results, err := t.callHandler(t.stack[f.base], e.Value)
		if err != nil {
			return err.(*Error)
		}
		e = &Error{Cause: e.Cause, Traceback: e.Traceback, handled: true}
		if len(results) > 0 {
			e.Value = results[0]
		}
		return e
	}
	return e
}

// maxHandlers is how many errors of message handlers may wait for the handling of an error of their handling.
const maxHandlers = 10

func errorInHandler() *Error { return &Error{Value: String("error in error handling"), handled: true} }

// callHandler calls a message handler. Its error is one that has been handled in turn.
func (t *Thread) callHandler(h, v Value) ([]Value, error) {
	s := t.state
	if s.handlers >= maxHandlers {
		return nil, errorInHandler()
	}
	s.handlers++
	results, err := t.callFromGo(h, []Value{v})
	s.handlers--
	return results, err
}

// caught ends everything above the frame f of a protected call and makes (false, error) its results.
func (t *Thread) caught(f *frame, e *Error) unwound {
	t.closeUpvalues(f.slot)
	t.ci = f
	t.protected--
	t.shrink(f)
	return t.deliverError(f, e)
}

func (t *Thread) deliverError(f *frame, e *Error) unwound {
	t.stack[f.slot] = Bool(false)
	t.stack[f.slot+1] = e.Value
	t.top = f.slot + 2
	return unwound{call: f.k != nil, first: f.slot, n: 2}
}

// backTo makes parent the running coroutine again after child yielded, returned or failed.
func (s *State) backTo(parent, child *Thread) {
	child.parent = nil
	parent.status = StatusRunning
	s.current = parent
	s.resumes--
}

// switchTo makes co run, resumed by t, with the n values at first on t's stack.
func (s *State) switchTo(t, co *Thread, first, n int) (entry, error) {
	if co.status != StatusSuspended {
		return entry{}, &Error{Value: String("cannot resume " + resumable(co) + " coroutine")}
	}
	if s.goDepth+s.resumes >= maxGoDepth {
		return entry{}, &Error{Value: String("C stack overflow")}
	}
	if s.journal != nil && !s.journal.owns(co) {
		return entry{}, &Error{Value: String("cannot resume a coroutine of the running program while code is being reloaded")}
	}
	e := entry{thread: co, args: n, flags: frameBottom}
	args := t.stack[first : first+n]
	s.work(n * valueSize)
	if co.started {
		co.goCall.base = co.ci.base
		co.goCall.top = co.ci.base
		co.goCall.results = 0
		co.goCall.Push(args...)
		e.goOn = true
	} else {
		if err := co.reserve(n + 1 + spareSlots); err != nil {
			return entry{}, err
		}
		copy(co.stack[1:], args)
		co.started = true
	}
	s.resumes++
	co.parent = t
	t.status, co.status = StatusNormal, StatusRunning
	s.current = co
	return e, nil
}

// resumable words why a coroutine can't be resumed.
func resumable(co *Thread) string {
	if co.status == StatusDead {
		return "dead"
	}
	return "non-suspended"
}

// handOver puts the n values at first on child's stack into parent, as results of the call that resumed child.
func (t *Thread) handOver(child *Thread, first, n int) unwound {
	f := t.ci
	if err := t.reserve(f.slot + n + 1 + spareSlots); err != nil {
		return unwound{err: err}
	}
	to := f.slot
	if f.flags&frameResume != 0 {
		t.stack[to] = Bool(true)
		to++
	}
	copy(t.stack[to:], child.stack[first:first+n])
	t.top = to + n
	return unwound{call: f.k != nil, first: f.slot, n: to + n - f.slot}
}

// shiftVarargs moves the fixed parameters of a vararg function above its other arguments; it returns the new base.
func (t *Thread) shiftVarargs(slot, args, params int) int {
	base := slot + 1 + args
	stack := t.stack
	for i := 0; i < params; i++ {
		if i < args {
			stack[base+i] = stack[slot+1+i]
			stack[slot+1+i] = Value{}
		} else {
			stack[base+i] = Value{}
		}
	}
	return base
}
