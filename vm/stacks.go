package vm

import "sync"

// Stacks keeps the stacks and frames of coroutines that have ended for those of tasks that begin, in whatever state: a
// short task makes none. The zero value is ready for use.
type Stacks struct {
	mu     sync.Mutex
	spares [maxSpares]spareStack
	count  int
}

// spareStack is cleared: a state sees nothing of another one.
type spareStack struct {
	values []Value
	frames *frame // a list; the first has no prev
}

const (
	maxSpares      = 32
	maxSpareStack  = 256 // slots
	maxSpareFrames = 16
)

func (k *Stacks) get() (spareStack, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.count == 0 {
		return spareStack{}, false
	}
	k.count--
	spare := k.spares[k.count]
	k.spares[k.count] = spareStack{}
	return spare, true
}

// put takes over a stack and frames that nobody refers to any more.
func (k *Stacks) put(values []Value, frames *frame) {
	if k == nil || len(values) < initialStack || len(values) > maxSpareStack {
		return
	}
	spare := spareStack{values, clearFrames(frames)}
	clear(values)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.count < maxSpares {
		k.spares[k.count] = spare
		k.count++
	}
}

// clearFrames makes frames forget what they were used for, and cuts a long list.
func clearFrames(first *frame) *frame {
	n := 1
	for f := first; f != nil; f = f.next {
		if n == maxSpareFrames {
			f.next = nil
		}
		*f = frame{prev: f.prev, next: f.next}
		n++
	}
	if first != nil {
		first.prev = nil
	}
	return first
}

// NewTask makes a coroutine that will run f as a task's first one: see Thread.Resume. It gets its stack when it begins: that
// may be long after.
func (s *State) NewTask(f Value) *Thread {
	t := s.newThread(1)
	t.stack[0] = f
	t.borrows = 2
	return t
}

// prepare gives a task that begins its stack. At first that is one which other tasks have used, and later, after Release, one
// of its own: a service whose tasks are short shall keep a small one.
func (t *Thread) prepare() {
	f := t.stack[0]
	if t.borrows == 0 || !t.borrow() {
		t.stack = make([]Value, initialStack)
	} else {
		t.borrows--
	}
	t.stack[0] = f
}

// Release gives the stack of a task's coroutine whose function has returned to other tasks. Its next function gets another
// one: see Reset.
func (t *Thread) Release() {
	stack, frames := t.stack, t.root.next
	t.stack, t.root.next = nil, nil
	t.ci, t.top = &t.root, 0
	t.status = StatusDead
	t.state.stacks.put(stack, frames)
}

// Reset makes a task's coroutine whose function returned ready to run f, with the stack that it has.
func (t *Thread) Reset(f Value) {
	if t.stack == nil {
		t.stack = make([]Value, 1)
	} else {
		clear(t.stack)
	}
	t.stack[0] = f
	t.ci, t.top, t.protected = &t.root, 0, 0
	t.status, t.started, t.failure = StatusSuspended, false, nil
}

// borrow gives t a stack and frames that another task has used, if there are some.
func (t *Thread) borrow() bool {
	if t.state.stacks == nil {
		return false
	}
	spare, ok := t.state.stacks.get()
	if !ok {
		return false
	}
	t.state.charge((len(spare.values) - initialStack) * valueSize)
	t.stack, t.root.next = spare.values, spare.frames
	if spare.frames != nil {
		spare.frames.prev = &t.root
	}
	return true
}

// Trim makes a task that waits, maybe for long, give back what it doesn't need for that. It must be called in the state's
// turn.
func (t *Thread) Trim() {
	if leaf := t.leaf; leaf != nil {
		leaf.trim()
		leaf.ci.next = nil
	}
}

// trim gives a coroutine that waits a stack of the size that it needs, if the one that it has is much larger: what it has
// done may have gone deep.
func (t *Thread) trim() {
	need := t.freeSlot() + spareSlots
	for f := t.ci; f != nil; f = f.prev { // any of them may have more registers than those above it
		need = max(need, f.end())
	}
	if need > len(t.stack)/4*3 {
		return
	}
	old, frames := t.stack, t.ci.next
	t.resize(need)
	t.ci.next = nil
	t.state.stacks.put(old, frames)
}
