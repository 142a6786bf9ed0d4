package vm

import "github.com/luahost/luahost/vm/internal/bytecode"

// HookEvents says what a debug hook is called for (manual section 6.10, debug.sethook).
type HookEvents uint8

const (
	HookCall HookEvents = 1 << iota
	HookReturn
	HookLine
	HookCount
)

// hook is a coroutine's debug hook. While there is one, the interpreter executes trapCode in place of a function's code,
// and so comes here before each instruction; without one it costs nothing.
type hook struct {
	fn     Value
	events HookEvents
	count  int // instructions from one count event to the next
	left   int // instructions until the next count event
	pc     int // behind the instruction that was traced last, in the function that runs
}

// SetHook has f called with the name of an event, and for HookLine with a line, while t runs. It can't yield.
// count is the number of instructions between count events. A nil f, or no events, removes the hook.
func (t *Thread) SetHook(f Value, events HookEvents, count int) {
	switch {
	case !f.IsNil() && events != 0:
		t.hook = &hook{fn: f, events: events, count: count, left: count}
	case t.state.journal != nil:
		t.hook = t.state.journal.hook
	default:
		t.hook = nil
	}
}

// Hook returns what SetHook was given; a nil f means that there is no hook.
func (t *Thread) Hook() (f Value, events HookEvents, count int) {
	if t.hook == nil {
		return Value{}, 0, 0
	}
	return t.hook.fn, t.hook.events, t.hook.count
}

// trapCode is as long as the code and stops the interpreter before each instruction.
func (p *Proto) trapCode() []instr {
	p.trapOnce.Do(func() {
		p.trap = make([]instr, len(p.code))
		for i := range p.trap {
			p.trap[i] = instr(opTrap)
		}
	})
	return p.trap
}

// trap is called before an instruction of f, which f.pc has passed already.
func (t *Thread) trap(f *frame) error {
	h := t.hook
	if h == nil || h.events == 0 {
		return nil
	}
	i := f.proto.source.Code[f.pc-1]
	op := bytecode.OpOf(i)
	if op == bytecode.OpExtraArg || op == bytecode.OpTForLoop {
		return nil // parts of the instruction before
	}
	if t.hooking {
		h.counts() // as in C Lua, the hook's own instructions do count
		return nil
	}
	slot := f.base + f.proto.maxStack
	if usesTop(op, i) {
		slot = max(slot, t.top)
	}
	if err := t.traceInstruction(h, f, slot); err != nil {
		return err
	}
	if op == bytecode.OpReturn && t.hook == h {
		return t.hookReturn(h, f, slot)
	}
	return nil
}

// usesTop reports whether an instruction takes values up to Thread.top, which may lie above the function's registers.
func usesTop(op bytecode.Op, i uint32) bool {
	switch op {
	case bytecode.OpCall, bytecode.OpTailCall, bytecode.OpReturn, bytecode.OpSetList:
		return bytecode.B(i) == 0
	}
	return false
}

// counts counts an instruction and reports whether a count event is due.
func (h *hook) counts() bool {
	if h.events&HookCount == 0 {
		return false
	}
	h.left--
	due := h.left <= 0
	if due {
		h.left = h.count
	}
	return due
}

// traceInstruction raises the count and line events of an instruction.
func (t *Thread) traceInstruction(h *hook, f *frame, slot int) error {
	if h.counts() {
		if err := t.callHook(h, "count", -1, slot); err != nil || t.hook != h {
			return err
		}
		h.pc = f.pc // as in C Lua, where the hook's return sets it: a line event always follows
	}
	if h.events&HookLine == 0 {
		return nil
	}
	before := h.pc
	h.pc = f.pc
	line := f.line()
	// A function begins, a loop goes round, or the line is another one.
	if f.pc == 1 || f.pc <= before || line != f.proto.line(before-1) {
		return t.callHook(h, "line", line, slot)
	}
	return nil
}

// enterHook raises the event of a call that begins.
func (t *Thread) enterHook(f *frame) error {
	h := t.hook
	if h == nil || h.events&HookCall == 0 || t.hooking {
		return nil
	}
	if !f.isLua() {
		return t.callHook(h, "call", -1, t.goCall.top)
	}
	event := "call"
	if f.flags&frameTail != 0 {
		event = "tail call"
	}
	f.pc++ // as everywhere, it has passed the current instruction
	err := t.callHook(h, event, -1, f.base+f.proto.maxStack)
	f.pc--
	return err
}

// leaveHook raises the event of a Go function's return, with n results at first. Those of Lua functions have their
// return instruction trapped.
func (t *Thread) leaveHook(f *frame, first, n int) error {
	h := t.hook
	if h.events == 0 || t.hooking || f.isLua() {
		return nil
	}
	return t.hookReturn(h, f, first+n)
}

// hookReturn raises the event of f's return and goes back to the trace of its caller.
func (t *Thread) hookReturn(h *hook, f *frame, slot int) error {
	if h.events&HookReturn != 0 {
		if err := t.callHook(h, "return", -1, slot); err != nil {
			return err
		}
	}
	if f.prev.isLua() {
		h.pc = f.prev.pc
	}
	return nil
}

// callHook calls the hook on the stack from slot on.
func (t *Thread) callHook(h *hook, event string, line, slot int) error {
	arg := Value{}
	if line >= 0 {
		arg = Int(line)
	}
	t.hooking = true
	_, err := t.callAt(slot, 0, h.fn, String(event), arg)
	t.hooking = false
	return err
}
