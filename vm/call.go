package vm

import (
	"fmt"
	"math"

	"github.com/luahost/luahost/vm/internal/number"
)

// Call is one call of a Go function: its arguments, its results, and what it may ask of the state.
// It is valid until the function returns.
type Call struct {
	thread  *Thread
	base    int // of the first argument in the stack
	args    int
	top     int // behind the last pushed value
	results int // pushed by Push

	slot   int // of the function of a call that was asked for
	nargs  int
	resume *Thread // the coroutine that was asked for
}

// State returns the state that the function was called in.
func (c *Call) State() *State { return c.thread.state }

// Thread returns the coroutine that the function was called in.
func (c *Call) Thread() *Thread { return c.thread }

// NArgs returns the number of arguments.
func (c *Call) NArgs() int { return c.args }

// Arg returns argument i, from 1; nil when there are fewer.
func (c *Call) Arg(i int) Value {
	if uint(i-1) < uint(c.args) {
		return c.thread.stack[c.base+i-1]
	}
	return Value{}
}

// Args returns the arguments in place: they are valid until the next push or call.
func (c *Call) Args() []Value { return c.thread.stack[c.base : c.base+c.args] }

// Push adds results.
func (c *Call) Push(values ...Value) {
	t := c.thread
	if n := c.top + len(values) + spareSlots; n > len(t.stack) {
		if err := t.grow(n); err != nil {
			panic(err)
		}
	}
	copy(t.stack[c.top:], values)
	c.top += len(values)
	c.results += len(values)
}

// Return adds one result; it ends a function that has only that: return c.Return(v).
func (c *Call) Return(v Value) error {
	t := c.thread
	if c.top >= len(t.stack)-spareSlots {
		if err := t.grow(c.top + spareSlots); err != nil {
			return err
		}
	}
	t.stack[c.top] = v
	c.top++
	c.results++
	return nil
}

// Extend adds n results, which the caller fills in before the next push or call. It returns false when the stack
// has no room for them.
func (c *Call) Extend(n int) (results []Value, ok bool) {
	t := c.thread
	if need := c.top + n + spareSlots; need > len(t.stack) || need < 0 {
		if uint(need) > maxStack || t.grow(need) != nil {
			return nil, false
		}
	}
	t.state.work(n * valueSize)
	results = t.stack[c.top : c.top+n]
	c.top += n
	c.results += n
	return results, true
}

// ReturnArgs makes the arguments from i on the results, in place.
func (c *Call) ReturnArgs(i int) error {
	c.results = max(0, c.args-i+1)
	c.top = c.base + c.args
	return nil
}

// Results returns what has been pushed, in place.
func (c *Call) Results() []Value { return c.thread.stack[c.top-c.results : c.top] }

// Call calls f from Go and waits for it; it returns results in place: they are valid until the next push or call.
// f can't yield or suspend.
func (c *Call) Call(f Value, args ...Value) ([]Value, error) { return c.thread.callFromGo(f, args) }

// Call calls f on t's stack and waits for it. The results are valid until t runs again. f can't yield or suspend.
func (t *Thread) Call(f Value, args ...Value) ([]Value, error) {
	prev := t.state.current
	t.state.current = t
	results, err := t.callFromGo(f, args)
	t.state.current = prev
	return results, err
}

// Index reads obj[key] as Lua code does; like Call, it waits for the metamethods that it calls.
func (c *Call) Index(obj, key Value) (Value, error) {
	v, h, err := c.thread.index(obj, key)
	if err != nil || h.IsNil() {
		return v, err
	}
	return firstResult(c.Call(h, v, key))
}

// SetIndex does obj[key] = v as Lua code does; like Call, it waits for the metamethods that it calls.
func (c *Call) SetIndex(obj, key, v Value) error {
	o, h, err := c.thread.setIndex(obj, key, v)
	if err != nil || h.IsNil() {
		return err
	}
	_, err = c.Call(h, o, key, v)
	return err
}

// Less decides a < b as Lua code does; like Call, it waits for the metamethods that it calls.
func (c *Call) Less(a, b Value) (bool, error) {
	less, h, _, err := c.thread.compare(eventLt, a, b)
	if err != nil || h.IsNil() {
		return less, err
	}
	v, err := firstResult(c.Call(h, a, b))
	return v.Truthy(), err
}

func firstResult(results []Value, err error) (Value, error) {
	if err != nil || len(results) == 0 {
		return Value{}, err
	}
	return results[0], nil
}

func (t *Thread) callFromGo(f Value, args []Value) ([]Value, error) {
	return t.callAt(t.freeSlot(), 0, f, args...)
}

// callAt calls f on the stack from slot on, where nothing is that is still needed.
func (t *Thread) callAt(slot int, flags frameFlags, f Value, args ...Value) ([]Value, error) {
	s := t.state
	if s.goDepth+s.resumes >= maxGoDepth {
		return nil, t.errorf("C stack overflow")
	}
	if err := t.reserve(slot + len(args) + 1 + spareSlots); err != nil {
		return nil, err
	}
	t.stack[slot] = f
	copy(t.stack[slot+1:], args)
	saved, top := t.goCall, t.top
	if t.ci == &t.root {
		t.protected = 0
	}
	t.goCalls++
	err := s.run(entry{thread: t, slot: slot, args: len(args), flags: flags | frameFresh})
	t.goCalls--
	end := t.top
	t.goCall, t.top = saved, top
	if err != nil {
		return nil, err
	}
	return t.stack[slot:end], nil
}

// freeSlot returns where on the stack a call from Go may begin.
func (t *Thread) freeSlot() int {
	switch f := t.ci; {
	case f == &t.root:
		return 1
	case f.flags&frameGo != 0:
		return t.goCall.top
	default:
		return f.base + f.proto.maxStack
	}
}

// Ahead: what a Go function returns to make the interpreter do something before, or instead of, going on.

// TailCall makes f's results those of the function: return c.TailCall(f, args...). f may yield and suspend.
func (c *Call) TailCall(f Value, args ...Value) error { return c.ask(nil, 0, f, args) }

// CallThen calls f; then k runs with f's results as its arguments, and its results are those of the function.
// f may yield and suspend.
func (c *Call) CallThen(k Func, f Value, args ...Value) error { return c.ask(k, 0, f, args) }

// ProtectedCall is CallThen with pcall's rules: k (or, when k is nil, the caller) gets true and f's results,
// or false and the error value.
func (c *Call) ProtectedCall(k Func, f Value, args ...Value) error {
	return c.ask(k, frameProtected, f, args)
}

func (c *Call) ask(k Func, flags frameFlags, f Value, args []Value) error {
	t := c.thread
	c.slot, c.nargs = c.top, len(args)
	if flags != 0 {
		c.slot++ // room for the true that goes before the results
	}
	if err := t.reserve(c.slot + len(args) + 1 + spareSlots); err != nil {
		return err
	}
	t.stack[c.slot] = f
	copy(t.stack[c.slot+1:], args)
	t.ci.k = k
	if flags != 0 {
		return c.protect(flags)
	}
	return errCall
}

// protect makes the frame one that errors are handed to.
func (c *Call) protect(flags frameFlags) error {
	t := c.thread
	t.ci.flags |= flags
	t.protected++
	if t.protected > maxGoDepth {
		return NewError(String("C stack overflow")) // the first that the frame is handed
	}
	return errCall
}

// PCall implements pcall: the first argument is called with the others.
func (c *Call) PCall() error {
	c.slot, c.nargs = c.base, c.args-1
	return c.protect(frameProtected)
}

// XPCall implements xpcall: the first argument is called with those from the third on; the second handles an error
// before the stack is unwound.
func (c *Call) XPCall() error {
	args := c.Args()
	args[0], args[1] = args[1], args[0] // the handler stays below the function
	c.slot, c.nargs = c.base+1, c.args-2
	return c.protect(frameProtected | frameHandler)
}

// Yield suspends the running coroutine; whoever resumes it gets the arguments from i on.
// What the next resume is given becomes the function's results, or the arguments of k.
func (c *Call) Yield(k Func, i int) error {
	c.ReturnArgs(i)
	c.thread.ci.k = k
	return errYielded
}

// Suspend suspends the whole task, from whatever coroutine: its host goes on with it by Thread.Resume,
// whose arguments become the function's results, or the arguments of k.
func (c *Call) Suspend(k Func) error {
	c.thread.ci.k = k
	return errSuspended
}

// CanSuspend tells whether Suspend is possible here: no Go function that called back into Lua is waiting below.
func (c *Call) CanSuspend() bool { return c.thread.state.goDepth <= 1 }

// CanYield tells whether Yield is possible here.
func (c *Call) CanYield() bool { return c.thread.parent != nil && c.thread.goCalls == 0 }

// ResumeThread lets co run with the arguments from i on. With wrap false the results are those of coroutine.resume,
// else those of a function made by coroutine.wrap.
func (c *Call) ResumeThread(co *Thread, i int, wrap bool) error {
	c.ReturnArgs(i)
	if wrap {
		c.thread.ci.flags |= frameWrap
	} else {
		c.thread.ci.flags |= frameResume
	}
	c.resume = co
	return errResume
}

// Arguments.

// ArgError makes the error of a bad argument i: "bad argument #i to 'name' (message)".
func (c *Call) ArgError(i int, message string) error {
	name, what := c.thread.calledName(c.thread.ci)
	if what == "method" {
		i--
		if i == 0 {
			return c.Errorf("calling '%s' on bad self (%s)", name, message)
		}
	}
	if name == "" {
		name = c.thread.ci.functionName()
	}
	return c.Errorf("bad argument #%d to '%s' (%s)", i, name, message)
}

// TypeError makes the error of an argument of the wrong type.
func (c *Call) TypeError(i int, expected string) error {
	got := "no value"
	if i <= c.args {
		got = c.State().typeName(c.Arg(i))
	}
	return c.ArgError(i, fmt.Sprintf("%s expected, got %s", expected, got))
}

func (s *State) typeName(v Value) string { return v.Kind().String() }

// Errorf makes an error whose message begins with the position of the code that called the function.
func (c *Call) Errorf(format string, args ...any) error {
	return &Error{Value: String(c.Where(1) + fmt.Sprintf(format, args...))}
}

// The functions that follow check an argument, and convert numbers and strings as Lua does. They panic with the
// error of a bad argument, which the interpreter turns into a Lua error; deferred functions run.

// CheckAny requires that argument i is there, be it nil.
func (c *Call) CheckAny(i int) Value {
	if i > c.args {
		panic(c.ArgError(i, "value expected"))
	}
	return c.Arg(i)
}

// CheckNumber returns a number, or a string that looks like one.
func (c *Call) CheckNumber(i int) float64 {
	v := c.Arg(i)
	if v.isNumber() {
		return v.number()
	}
	f, ok := ToNumber(v)
	if !ok {
		panic(c.TypeError(i, "number"))
	}
	return f
}

// CheckInt returns a number truncated to an integer, as luaL_checkinteger does in 5.2; outside of int64 it is clamped.
func (c *Call) CheckInt(i int) int { return truncate(c.CheckNumber(i)) }

func truncate(f float64) int {
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	case f != f:
		return math.MinInt64
	}
	return int(f)
}

// CheckString returns a string, or a number as its text.
func (c *Call) CheckString(i int) string {
	v := c.Arg(i)
	if v.isString() {
		return v.str()
	}
	if v.isNumber() {
		return number.Format(v.number())
	}
	panic(c.TypeError(i, "string"))
}

// CheckTable returns a table.
func (c *Call) CheckTable(i int) *Table {
	if t, ok := c.Arg(i).AsTable(); ok {
		return t
	}
	panic(c.TypeError(i, "table"))
}

// CheckFunction returns a function, made in Lua or in Go.
func (c *Call) CheckFunction(i int) Value {
	if v := c.Arg(i); v.IsFunction() {
		return v
	}
	panic(c.TypeError(i, "function"))
}

// CheckThread returns a coroutine.
func (c *Call) CheckThread(i int) *Thread {
	if t, ok := c.Arg(i).AsThread(); ok {
		return t
	}
	panic(c.ArgError(i, "coroutine expected"))
}

// OptNumber returns def when argument i is absent or nil.
func (c *Call) OptNumber(i int, def float64) float64 {
	if c.Arg(i).IsNil() {
		return def
	}
	return c.CheckNumber(i)
}

// OptInt returns def when argument i is absent or nil.
func (c *Call) OptInt(i, def int) int {
	if c.Arg(i).IsNil() {
		return def
	}
	return c.CheckInt(i)
}

// OptString returns def when argument i is absent or nil.
func (c *Call) OptString(i int, def string) string {
	if c.Arg(i).IsNil() {
		return def
	}
	return c.CheckString(i)
}

// ToNumber converts as arithmetic does: numbers, and strings that look like one.
func ToNumber(v Value) (float64, bool) {
	if v.isNumber() {
		return v.number(), true
	}
	if v.isString() {
		return number.Parse(v.str())
	}
	return 0, false
}

// ToString converts as concatenation does: strings, and numbers as their text.
func ToString(v Value) (string, bool) {
	if v.isString() {
		return v.str(), true
	}
	if v.isNumber() {
		return number.Format(v.number()), true
	}
	return "", false
}

// Text returns what tostring makes of v when it has no __tostring.
func Text(v Value) string {
	switch v.Kind() {
	case KindNil:
		return "nil"
	case KindBoolean:
		if v.Truthy() {
			return "true"
		}
		return "false"
	case KindNumber, KindString:
		s, _ := ToString(v)
		return s
	case KindLightUserdata:
		return fmt.Sprintf("userdata: 0x%014x", v.n&payloadMask)
	}
	return fmt.Sprintf("%s: 0x%014x", v.Kind(), v.address())
}
