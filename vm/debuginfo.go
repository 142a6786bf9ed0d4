package vm

import (
	"fmt"
	"strings"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// This file finds names for values in messages and tracebacks, from the code that loaded them, as C Lua does.

// localName returns the name of the n-th active local variable (from 1) at an instruction, or "".
func (p *Proto) localName(n, pc int) string {
	for _, l := range p.source.Locals {
		if l.StartPC > pc {
			break
		}
		if pc < l.EndPC {
			if n--; n == 0 {
				return l.Name
			}
		}
	}
	return ""
}

// liveRegisters returns how many registers are local variables at an instruction; all of them, if that was stripped.
func (p *Proto) liveRegisters(pc int) (n int) {
	if len(p.source.LineInfo) == 0 {
		return p.maxStack
	}
	for _, l := range p.source.Locals {
		if l.StartPC > pc {
			break
		}
		if pc < l.EndPC {
			n++
		}
	}
	return n
}

func (p *Proto) upvalueName(i int) string {
	if i < len(p.upvalues) && p.upvalues[i].Name != "" {
		return p.upvalues[i].Name
	}
	return "?"
}

// constantName returns the string that an RK operand names, or "?".
func (p *Proto) constantName(pc, rk int) string {
	if bytecode.IsK(rk) {
		if s, ok := p.constants[bytecode.KIndex(rk)].AsString(); ok {
			return s
		}
	} else if what, name := p.registerName(pc, rk); what == "constant" {
		return name
	}
	return "?"
}

// registerName tells where the value of a register at pc came from: what ("local", "global", "field", "upvalue",
// "constant", "method", or "" when unknown) and under which name.
func (p *Proto) registerName(pc, reg int) (what, name string) {
	if name = p.localName(reg+1, pc); name != "" {
		return "local", name
	}
	pc = p.setter(pc, reg)
	if pc < 0 {
		return "", ""
	}
	i := p.source.Code[pc]
	switch op := bytecode.OpOf(i); op {
	case bytecode.OpMove:
		if bytecode.B(i) < bytecode.A(i) {
			return p.registerName(pc, bytecode.B(i))
		}
	case bytecode.OpGetTabUp, bytecode.OpGetTable:
		table := ""
		if op == bytecode.OpGetTabUp {
			table = p.upvalueName(bytecode.B(i))
		} else {
			table = p.localName(bytecode.B(i)+1, pc)
		}
		what = "field"
		if table == "_ENV" {
			what = "global"
		}
		return what, p.constantName(pc, bytecode.C(i))
	case bytecode.OpGetUpval:
		return "upvalue", p.upvalueName(bytecode.B(i))
	case bytecode.OpLoadK, bytecode.OpLoadKX:
		k := bytecode.Bx(i)
		if op == bytecode.OpLoadKX {
			k = bytecode.Ax(p.source.Code[pc+1])
		}
		if s, ok := p.constants[k].AsString(); ok {
			return "constant", s
		}
	case bytecode.OpSelf:
		return "method", p.constantName(pc, bytecode.C(i))
	}
	return "", ""
}

// setter returns the last instruction before lastPC that certainly set reg, or -1.
func (p *Proto) setter(lastPC, reg int) int {
	found, target := -1, 0 // instructions before target may have been jumped over
	for pc := 0; pc < lastPC; pc++ {
		i := p.source.Code[pc]
		a := bytecode.A(i)
		sets := false
		switch op := bytecode.OpOf(i); op {
		case bytecode.OpLoadNil:
			sets = a <= reg && reg <= a+bytecode.B(i)
		case bytecode.OpTForCall:
			sets = reg >= a+2
		case bytecode.OpCall, bytecode.OpTailCall:
			sets = reg >= a
		case bytecode.OpJmp:
			if dest := pc + 1 + bytecode.SBx(i); pc < dest && dest <= lastPC && dest > target {
				target = dest
			}
		case bytecode.OpTest:
			sets = reg == a
		case bytecode.OpSelf:
			sets = reg == a || reg == a+1
		case bytecode.OpSetTabUp, bytecode.OpSetUpval, bytecode.OpSetTable, bytecode.OpEq, bytecode.OpLt, bytecode.OpLe,
			bytecode.OpReturn, bytecode.OpSetList, bytecode.OpExtraArg, bytecode.OpTForLoop:
			sets = op == bytecode.OpTForLoop && reg == a
		default:
			sets = reg == a
		}
		if sets {
			if found = pc; pc < target {
				found = -1
			}
		}
	}
	return found
}

// calledName tells by what name the function of f was called, and what kind of name that is.
func (t *Thread) calledName(f *frame) (name, what string) {
	if f == &t.root || f.flags&(frameTail|frameBottom) != 0 {
		return "", ""
	}
	caller := f.prev // the interpreter itself may call for it: a hook or message handler is named after its instruction
	if caller == &t.root || !caller.isLua() {
		return "", ""
	}
	p, pc := caller.proto, caller.pc-1
	i := p.source.Code[pc]
	switch op := bytecode.OpOf(i); op {
	case bytecode.OpCall, bytecode.OpTailCall:
		what, name = p.registerName(pc, bytecode.A(i))
		return name, what
	case bytecode.OpTForCall:
		return "for iterator", "for iterator"
	case bytecode.OpSelf, bytecode.OpGetTabUp, bytecode.OpGetTable:
		return "__index", "metamethod"
	case bytecode.OpSetTabUp, bytecode.OpSetTable:
		return "__newindex", "metamethod"
	case bytecode.OpEq:
		return "__eq", "metamethod"
	case bytecode.OpLen:
		return "__len", "metamethod"
	case bytecode.OpConcat:
		return "__concat", "metamethod"
	default:
		if e := opEvents[op]; e != eventIndex {
			return eventKeys[e].name.str(), "metamethod"
		}
	}
	return "", ""
}

func (f *frame) functionName() string {
	if f.flags&frameGo != 0 && f.fn != nil {
		return f.fn.name
	}
	return "?"
}

// An operand of the instruction that failed, for its name in the message.
type operandPlace uint8

const (
	operandNone operandPlace = iota
	operandA
	operandB
	operandC
)

// variable describes an operand of the running instruction: " (local 'x')", or "".
func (t *Thread) variable(place operandPlace, upvalue bool) string {
	f := t.ci
	if !f.isLua() || place == operandNone {
		return ""
	}
	i := f.proto.source.Code[f.pc-1]
	operand := [...]int{operandA: bytecode.A(i), operandB: bytecode.B(i), operandC: bytecode.C(i)}[place]
	if upvalue {
		return fmt.Sprintf(" (upvalue '%s')", f.proto.upvalueName(operand))
	}
	if bytecode.IsK(operand) && place != operandA {
		return ""
	}
	return f.proto.variable(f.pc-1, operand)
}

func (p *Proto) variable(pc, reg int) string {
	if what, name := p.registerName(pc, reg); what != "" {
		return fmt.Sprintf(" (%s '%s')", what, name)
	}
	return ""
}

func (t *Thread) typeError(v Value, operation, variable string) error {
	if variable != "" {
		// " (local 'x')" becomes "local 'x' (a nil value)".
		return t.errorf("attempt to %s %s (a %s value)", operation, strings.Trim(variable, " ()"), t.state.typeName(v))
	}
	return t.errorf("attempt to %s a %s value", operation, t.state.typeName(v))
}

// indexError tells of a value that can't be indexed; direct is false when it came from an __index chain.
func (t *Thread) indexError(v Value, direct bool) error {
	variable := ""
	if f := t.ci; direct && f.isLua() {
		switch bytecode.OpOf(f.proto.source.Code[f.pc-1]) {
		case bytecode.OpGetTabUp:
			variable = t.variable(operandB, true)
		case bytecode.OpSetTabUp:
			variable = t.variable(operandA, true)
		case bytecode.OpSetTable:
			variable = t.variable(operandA, false)
		case bytecode.OpGetTable, bytecode.OpSelf:
			variable = t.variable(operandB, false)
		}
	}
	return t.typeError(v, "index", variable)
}

func (t *Thread) arithError(a, b Value) error {
	v, place := b, operandC
	if _, ok := ToNumber(a); !ok {
		v, place = a, operandB
	}
	if f := t.ci; f.isLua() {
		if f.proto.event(f.pc-1) == eventIndex {
			place = operandNone
		}
	}
	return t.typeError(v, "perform arithmetic on", t.variable(place, false))
}

func (t *Thread) concatError(a, b Value, right int) error {
	v, reg := a, right-1
	if concatenable(a) {
		v, reg = b, right
	}
	variable := ""
	if f := t.ci; f.isLua() {
		variable = f.proto.variable(f.pc-1, reg)
	}
	return t.typeError(v, "concatenate", variable)
}

func (t *Thread) compareError(a, b Value) error {
	x, y := t.state.typeName(a), t.state.typeName(b)
	if x == y {
		return t.errorf("attempt to compare two %s values", x)
	}
	return t.errorf("attempt to compare %s with %s", x, y)
}

func (t *Thread) callError(v Value, slot int) error {
	variable := ""
	if f := t.ci; f.isLua() {
		switch bytecode.OpOf(f.proto.source.Code[f.pc-1]) {
		case bytecode.OpCall, bytecode.OpTailCall:
			variable = f.proto.variable(f.pc-1, slot-f.base)
		}
	}
	return t.typeError(v, "call", variable)
}

// The levels that a long traceback shows, as C Lua's does: those below firstLevels, and the last ones.
const (
	firstLevels = 11
	lastLevels  = 11
)

// Traceback describes the stack from a level on, as debug.traceback does: message, "stack traceback:" and a line a function.
func (t *Thread) Traceback(message string, level int) string {
	if message != "" {
		message += "\n"
	}
	return message + traceback(t, t.frameAt(level), level, t.levels())
}

// errorTraceback is what a message handler that is debug.traceback would see of an error in the running function.
func (t *Thread) errorTraceback() string { return traceback(t, t.frameAt(0), 1, t.levels()+1) }

// traceback describes the functions from f on, which is at a level of so many.
func traceback(t *Thread, f *frame, level, levels int) string {
	t.state.work(levels * frameWork)
	var b strings.Builder
	b.WriteString("stack traceback:")
	for ; f != nil && f != &t.root; f = f.prev {
		if level == firstLevels && levels > firstLevels+lastLevels+1 {
			b.WriteString("\n\t...")
			for ; level < levels-lastLevels; level++ {
				f = f.prev
			}
		}
		level++
		b.WriteString(t.describe(f))
		if f.flags&frameTail != 0 {
			b.WriteString("\n\t(...tail calls...)")
		}
	}
	return b.String()
}

func (t *Thread) levels() (n int) {
	for f := t.ci; f != &t.root; f = f.prev {
		n++
	}
	return n
}

// describe returns a line of a traceback.
func (t *Thread) describe(f *frame) string {
	where, otherwise := "[C]", "?"
	if f.isLua() {
		p := f.proto
		id := bytecode.ChunkID(p.source.Source)
		where, otherwise = id, fmt.Sprintf("function <%s:%d>", id, p.source.LineDefined)
		if line := f.line(); line > 0 {
			where += fmt.Sprintf(":%d", line)
		}
		if g := t.state.generationOf(p); g > 0 {
			where += fmt.Sprintf("@g%d", g)
		}
		if p.source.LineDefined == 0 {
			otherwise = "main chunk"
		}
	} else if g := t.state.globalName(goValue(f.fn)); g != "" {
		otherwise = "function '" + g + "'"
	}
	if name, kind := t.calledName(f); kind != "" {
		otherwise = "function '" + name + "'"
	}
	return "\n\t" + where + ": in " + otherwise
}

// globalName finds a function among the loaded modules: "string.rep", "print".
func (s *State) globalName(f Value) string {
	loaded, ok := s.registry.GetString("_LOADED").AsTable()
	if !ok {
		return ""
	}
	found := ""
	for _, mod := range sortedModules(loaded) {
		m, ok := loaded.GetString(mod).AsTable()
		if !ok {
			continue
		}
		for k, v, _ := m.Next(Value{}); !k.IsNil(); k, v, _ = m.Next(k) {
			if name, ok := k.AsString(); ok && RawEqual(v, f) {
				if mod == "_G" {
					return name
				}
				if found == "" {
					found = mod + "." + name
				}
			}
		}
	}
	return found
}
