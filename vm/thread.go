package vm

import "unsafe"

// Status is what a coroutine is doing.
type Status uint8

const (
	StatusSuspended Status = iota // not started, or in a yield
	StatusRunning
	StatusNormal // it resumed another one
	StatusDead
)

// String returns the word that coroutine.status gives.
func (s Status) String() string { return [...]string{"suspended", "running", "normal", "dead"}[s] }

const (
	initialStack = 24
	spareSlots   = 8       // above each frame's registers and arguments, for the call of a metamethod and for first results
	maxStack     = 1000000 // slots; as C Lua's LUAI_MAXSTACK
	errorStack   = 10000   // more slots for the handling of a stack overflow
	maxGoDepth   = 200     // nested calls from Go into Lua, and coroutines that resume coroutines; pcalls in pcalls too
)

// Thread is a coroutine: a stack of values and a list of frames, both on the heap.
type Thread struct {
	state     *State
	stack     []Value
	ci        *frame // that runs, or is suspended
	root      frame  // below the first function
	open      *upvalue
	top       int     // behind the last value of an open result list
	goCall    Call    // the Go function that runs on this stack
	parent    *Thread // that resumed it
	leaf      *Thread // of a task's first coroutine: the one to go on with
	status    Status
	started   bool
	borrows   uint8 // how often a task may yet begin on a stack that others have used
	hooking   bool  // the hook runs: it is not hooked itself
	goCalls   int   // calls from Go into Lua on this stack: it can't yield while there are any
	protected int   // calls of pcall and xpcall on this stack
	failure   *Error
	hook      *hook
}

// frame is an active function. Frames form a list that is used again and again.
type frame struct {
	prev, next *frame
	cl         *closure       // nil in a frame of a Go function
	proto      *Proto         // the body that cl had when the call began
	ups        unsafe.Pointer // the upvalues of that body
	fn         *GoFunction
	k          Func     // continues a Go function after a call that it asked for
	made       *closure // the function that it has made last, if that shares its variables
	slot       int      // of the function; results go there
	base       int      // of register 0, or of a Go function's first argument
	pc         int      // of the next instruction
	results    int      // wanted; -1 for all
	extra      int      // variable arguments; they are below base
	flags      frameFlags
	operand    int32 // the right one of a concatenation that waits for a metamethod
}

const frameWork = 16 // bytes that a look at a frame is counted as

const frameSize = int(unsafe.Sizeof(frame{}))

type frameFlags uint16

const (
	frameGo        frameFlags = 1 << iota
	frameFresh                // entered from Go: its return ends that run of the interpreter
	frameBottom               // the first function of a coroutine
	frameMeta                 // a metamethod: its result finishes the caller's instruction
	frameNegate               // the result of __lt stands for that of __le, swapped
	frameProtected            // pcall, xpcall
	frameHandler              // xpcall: the handler is in the slot below the called function
	frameResume               // coroutine.resume
	frameWrap                 // a function of coroutine.wrap
	frameTail                 // entered by a tail call
	frameShield               // a finalizer: its errors are no business of a message handler below it
)

// frameReturn are the flags that make a return more than going on in the caller.
const frameReturn = frameFresh | frameBottom | frameMeta

func (s *State) newThread(stack int) *Thread {
	s.charge(threadSize)
	t := &Thread{state: s, stack: make([]Value, stack)}
	t.root.flags = frameGo
	t.ci = &t.root
	t.goCall.thread = t
	if s.journal != nil {
		t.hook = s.journal.hook
		s.journal.threads = append(s.journal.threads, t)
	}
	return t
}

const threadSize = 1000 // about: with its first stack

// NewThread makes a coroutine that will run f.
func (s *State) NewThread(f Value) *Thread {
	t := s.newThread(initialStack)
	t.stack[0] = f
	return t
}

// Value returns t as a Lua value.
func (t *Thread) Value() Value { return threadValue(t) }

// Status returns what the coroutine is doing.
func (t *Thread) Status() Status { return t.status }

// State returns the state that t belongs to.
func (t *Thread) State() *State { return t.state }

// Failure returns the error that ended t, or nil.
func (t *Thread) Failure() *Error { return t.failure }

func (t *Thread) newFrame(prev *frame) *frame {
	t.state.charge(frameSize)
	f := &frame{prev: prev}
	prev.next = f
	return f
}

// reserve makes sure that the stack has slots up to n.
func (t *Thread) reserve(n int) error {
	if n <= len(t.stack) {
		return nil
	}
	return t.grow(n)
}

func (t *Thread) grow(n int) error {
	if n > maxStack {
		if len(t.stack) > maxStack {
			return errorInHandler() // not even that of the overflow has room
		}
		t.resize(maxStack + errorStack)
		return t.errorf("stack overflow")
	}
	size := max(2*len(t.stack), n+spareSlots)
	if len(t.stack) < maxStack {
		size = min(size, max(n, maxStack))
	}
	t.state.charge((size - len(t.stack)) * valueSize)
	t.resize(size)
	return nil
}

func (t *Thread) resize(size int) {
	stack := make([]Value, size)
	copy(stack, t.stack)
	t.stack = stack
	for u := t.open; u != nil; u = u.next() {
		u.v = &stack[u.index()]
	}
}

// shrink gives back the memory of a deep recursion that an error has ended; f is the frame that goes on.
func (t *Thread) shrink(f *frame) {
	if len(t.stack) < 10000 {
		return
	}
	f.next = nil
	if 2*f.end() >= len(t.stack)/2 && len(t.stack) <= maxStack {
		return // not worth a look at all frames
	}
	used := 0
	for g := f; g != nil; g = g.prev { // any of them may have more registers than those above it
		used = max(used, g.end())
	}
	size := 2*used + spareSlots
	if size < len(t.stack)/2 {
		t.resize(size)
	} else if len(t.stack) > maxStack && used <= maxStack {
		t.resize(maxStack) // the next overflow is the first again
	}
}

// end returns the slot behind what a frame needs of the stack; of a Go function, behind what it has.
func (f *frame) end() int {
	if f.isLua() {
		return f.base + f.proto.maxStack + spareSlots
	}
	return f.base + spareSlots
}

// findUpvalue returns the open upvalue of a stack slot, making it when there is none.
func (t *Thread) findUpvalue(index int) *upvalue {
	var above *upvalue
	next := t.open
	for next != nil && next.index() >= index {
		if next.index() == index {
			return next
		}
		above, next = next, next.next()
	}
	t.state.charge(upvalueSize)
	u := newOpenUpvalue(&t.stack[index], index, next)
	if above == nil {
		t.open = u
	} else {
		above.setNext(u)
	}
	return u
}

const upvalueSize = int(unsafe.Sizeof(upvalue{}))

// closeUpvalues gives the variables at index and above a life of their own.
func (t *Thread) closeUpvalues(index int) {
	for t.open != nil && t.open.index() >= index {
		u := t.open
		t.open = u.next()
		u.close()
	}
}

// Task runs.

// Outcome tells why a run of a task came to its end.
type Outcome uint8

const (
	Done      Outcome = iota // the function returned
	Suspended                // a Go function suspended the task (Call.Suspend)
	Yielded                  // the task's first coroutine called coroutine.yield
	Failed                   // an error; see Thread.Failure
)

// Resume starts t with args, or goes on where it was suspended: there, args are what the suspending function,
// or its continuation, gets. It runs until the function returns, fails, or is suspended again.
// The results are on t's stack and valid until t, or another task of the state, runs.
// t must have been made by NewThread, and not be one that Lua code resumes.
func (t *Thread) Resume(args ...Value) ([]Value, Outcome) {
	s := t.state
	leaf := t.leaf
	if leaf == nil {
		if leaf = t; t.status != StatusSuspended {
			t.failure = &Error{Value: String("cannot resume " + resumable(t) + " coroutine")}
			return nil, Failed
		}
	}
	t.leaf = nil
	prev := s.current
	s.current = leaf
	err := s.enter(leaf, args)
	leaf = s.current
	s.current = prev
	switch err {
	case nil:
		return t.stack[t.root.slot:t.top], Done
	case errSuspended:
		t.leaf = leaf
		if len(leaf.stack) <= smallStack {
			leaf.dropStale(leaf.freeSlot()) // a task may wait for long: it should not hold on to what it has done with
		}
		return nil, Suspended
	case errYielded:
		return t.stack[t.top-t.goCall.results : t.top], Yielded
	}
	t.failure = err.(*Error)
	return nil, Failed
}

// Suspended reports whether t waits for its host to resume it.
func (t *Thread) Suspended() bool { return t.leaf != nil }

// Kill ends a suspended coroutine: it will never go on. Its open variables are kept for the closures that share them.
func (t *Thread) Kill() {
	t.closeUpvalues(0)
	t.status, t.failure = StatusDead, nil
	t.stack, t.open, t.leaf = nil, nil, nil
	t.ci = &t.root
	t.root.next = nil
}

// Small reports whether a coroutine that has ended is worth keeping for another function: it has not had to grow much.
func (t *Thread) Small() bool {
	frames := 0
	for f := t.root.next; f != nil; f = f.next {
		frames++
	}
	return len(t.stack) <= smallStack && frames <= smallFrames
}

const (
	smallStack  = 64
	smallFrames = 6
)
