package vm

// This file is what the library debug is made of: the functions that run, what they are, and their variables.

// Frame is a function that runs, or waits, on a coroutine's stack. It is valid until that function returns.
type Frame struct {
	t *Thread
	f *frame
}

// Frame returns the function at a level of t's stack; 0 is the one that runs, or was suspended, 1 its caller.
func (t *Thread) Frame(level int) (Frame, bool) {
	if level < 0 {
		return Frame{}, false
	}
	f := t.frameAt(level)
	return Frame{t, f}, f != nil
}

// Function returns the function.
func (f Frame) Function() Value {
	if f.f.isLua() {
		return luaValue(f.f.cl)
	}
	return goValue(f.f.fn)
}

// Line returns the line that is executed, or -1 where there is none.
func (f Frame) Line() int { return f.f.line() }

// MainChunk returns the chunk name ("@main.lua") if the function is a main chunk, else "".
func (f Frame) MainChunk() string {
	if f.f.isLua() && f.f.proto.parent == nil {
		return f.f.proto.Source()
	}
	return ""
}

// IsTailCall reports whether the function was called by a tail call: its caller has left the stack.
func (f Frame) IsTailCall() bool { return f.f.flags&frameTail != 0 }

// Name returns by what name the function was called, and of what kind the name is: "global", "local", "method",
// "field", "upvalue", "metamethod", "for iterator", or "" when it is unknown.
func (f Frame) Name() (name, kind string) { return f.t.calledName(f.f) }

// Local returns the n-th local variable, from 1: first those with a name, in the order of their declaration, then
// temporary values. Negative numbers are variable arguments. The name is "" when there is no such variable.
func (f Frame) Local(n int) (name string, v Value) {
	name, slot := f.local(n)
	if name == "" {
		return "", Value{}
	}
	return name, f.t.stack[slot]
}

// SetLocal stores v in a variable that Local would return.
func (f Frame) SetLocal(n int, v Value) (name string) {
	name, slot := f.local(n)
	if name != "" {
		f.t.stack[slot] = v
	}
	return name
}

func (f Frame) local(n int) (name string, slot int) {
	if f.f.isLua() {
		if n < 0 {
			if -n > f.f.extra || !f.f.proto.isVararg {
				return "", 0
			}
			return "(*vararg)", f.f.base - f.f.extra - n - 1
		}
		name = f.f.proto.localName(n, f.f.pc-1)
	}
	slot = f.f.base + n - 1
	if name == "" {
		if n <= 0 || slot >= f.end() {
			return "", 0
		}
		name = "(*temporary)"
	}
	return name, slot
}

// end returns the slot behind the function's values.
func (f Frame) end() int {
	switch {
	case f.f != f.t.ci:
		return f.f.next.slot
	case f.f.isLua():
		return f.f.base + f.f.proto.maxStack
	}
	return f.t.goCall.top
}

// FunctionInfo describes a function (manual section 4.9, lua_Debug).
type FunctionInfo struct {
	Source                       string  // chunk name: "@room.lua", "=stdin", the text itself; "=[C]" for a Go function
	ShortSource                  string  // Source as messages show it
	What                         string  // "Lua", "main", or "C" for a Go function
	LineDefined, LastLineDefined int     // -1 for a Go function
	Lines                        []int32 // of each instruction; nil for a Go function
	Upvalues, Params             int
	IsVararg                     bool
}

// Inspect describes the code that runs, which a reload may have replaced in the function meanwhile.
func (f Frame) Inspect() FunctionInfo {
	if f.f.isLua() {
		return f.f.proto.inspect()
	}
	return goFunctionInfo
}

// Inspect describes a function.
func (s *State) Inspect(f Value) FunctionInfo {
	if f.is(tagLua) {
		return s.newest(f.closure()).proto.inspect()
	}
	return goFunctionInfo
}

var goFunctionInfo = FunctionInfo{
	Source: "=[C]", ShortSource: "[C]", What: "C", LineDefined: -1, LastLineDefined: -1, IsVararg: true,
}

func (p *Proto) inspect() FunctionInfo {
	info := FunctionInfo{
		Source:          p.source.Source,
		What:            "Lua",
		LineDefined:     p.source.LineDefined,
		LastLineDefined: p.source.LastLineDefined,
		Lines:           p.source.LineInfo,
		Upvalues:        len(p.upvalues),
		Params:          p.numParams,
		IsVararg:        p.isVararg,
	}
	info.ShortSource = chunkID(info.Source)
	if info.LineDefined == 0 {
		info.What = "main"
	}
	return info
}

// ParameterName returns the name of a Lua function's n-th parameter, from 1, or "".
func (s *State) ParameterName(f Value, n int) string {
	if !f.is(tagLua) {
		return ""
	}
	return s.newest(f.closure()).proto.localName(n, 0)
}

// Upvalue returns the n-th variable, from 1, that a function has from outside. Its name is "" when the code was stripped,
// and in a Go function, whose one variable is what FunctionHolding was given. ok is false when there is no such variable.
func (s *State) Upvalue(f Value, n int) (name string, v Value, ok bool) {
	if f.is(tagGo) && n == 1 {
		v = f.goFunction().holds
		return "", v, !v.IsNil()
	}
	c := s.withUpvalue(f, n)
	if c == nil {
		return "", Value{}, false
	}
	return c.proto.upvalues[n-1].Name, *c.upvals()[n-1].v, true
}

// SetUpvalue stores v in a variable of a Lua function that Upvalue would return.
func (s *State) SetUpvalue(f Value, n int, v Value) (name string, ok bool) {
	c := s.withUpvalue(f, n)
	if c == nil {
		return "", false
	}
	if s.journal != nil {
		s.journal.upvalueWrite(c.upvals()[n-1])
	}
	*c.upvals()[n-1].v = v
	return c.proto.upvalues[n-1].Name, true
}

// UpvalueID returns a light userdata that is the same for two upvalues when they are one variable.
func (s *State) UpvalueID(f Value, n int) (id Value, ok bool) {
	if _, _, ok := s.Upvalue(f, n); ok && f.is(tagGo) {
		return LightUserdata(uint64(f.address())), true
	}
	c := s.withUpvalue(f, n)
	if c == nil {
		return Value{}, false
	}
	return c.upvals()[n-1].id(), true
}

// JoinUpvalues makes the n-th upvalue of f the variable that is the m-th one of g. It reports whether both exist.
func (s *State) JoinUpvalues(f Value, n int, g Value, m int) bool {
	c, d := s.withUpvalue(f, n), s.withUpvalue(g, m)
	if c == nil || d == nil {
		return false
	}
	if s.journal != nil {
		s.journal.closureWrite(c)
	}
	c.upvals()[n-1] = d.upvals()[m-1]
	return true
}

func (s *State) withUpvalue(f Value, n int) *closure {
	if !f.is(tagLua) {
		return nil
	}
	if c := s.newest(f.closure()); n >= 1 && n <= len(c.proto.upvalues) {
		return c
	}
	return nil
}
