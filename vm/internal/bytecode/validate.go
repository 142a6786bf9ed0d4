package bytecode

import (
	"errors"
	"fmt"
)

// validate checks that an interpreter can execute p and the functions in it without checking operands:
//   - registers, constants, upvalues and functions that instructions name exist, ranges of registers included;
//   - every instruction is followed by one, and jumps arrive at one: the last is a Return;
//   - a test is followed by its Jmp, a LoadKX and a SetList without C by their ExtraArg, and nothing else leads to an ExtraArg;
//   - an instruction that leaves the top open (Call C = 0, Vararg B = 0, TailCall) is followed by one that takes values up to the top,
//     from at or below where the former puts them; nothing else leads to the latter;
//   - a loop's ForPrep and ForLoop lead to each other and name the same registers, a TForLoop stands behind its TForCall;
//   - variables in scope fit into the registers.
//
// It does not follow values: a register may hold anything when an instruction reads it.
func validate(p *Proto) error {
	v := &validator{proto: p, targets: make([]bool, len(p.Code))}
	if err := v.function(); err != nil {
		return fmt.Errorf("function at line %d: %w", p.LineDefined, err)
	}
	for _, inner := range p.Protos {
		if err := validateUpvalues(inner, p); err != nil {
			return fmt.Errorf("function at line %d: %w", inner.LineDefined, err)
		}
		if err := validate(inner); err != nil {
			return err
		}
	}
	return nil
}

// validateUpvalues checks where the upvalues of a function come from when it is created.
func validateUpvalues(p, enclosing *Proto) error {
	for i, u := range p.Upvalues {
		if u.InStack && u.Index >= enclosing.MaxStack || !u.InStack && u.Index >= len(enclosing.Upvalues) {
			return fmt.Errorf("upvalue %d: %w", i, errUpvalueSource)
		}
	}
	return nil
}

type validator struct {
	proto   *Proto
	targets []bool // by pc: something leads to it other than the instruction before
}

var (
	errRegister    = errors.New("register out of range")
	errConstant    = errors.New("constant out of range")
	errUpvalue     = errors.New("upvalue out of range")
	errFunction    = errors.New("function out of range")
	errTarget      = errors.New("jump out of the code")
	errOpcode      = errors.New("unknown opcode")
	errOperand     = errors.New("operand out of range")
	errTest        = errors.New("test without jump")
	errExtraArg    = errors.New("ExtraArg out of place")
	errOpenTop     = errors.New("number of values left open")
	errLoop        = errors.New("broken for loop")
	errVararg      = errors.New("vararg outside a vararg function")
	errEnd         = errors.New("code does not end with a return")
	errSizes       = errors.New("sizes out of range")
	errVariables   = errors.New("local variables out of range")
	errLines       = errors.New("lines do not match the code")
	errSourceLines = errors.New("negative line")

	errUpvalueSource = errors.New("register or upvalue of the enclosing function out of range")
)

func (v *validator) function() error {
	p := v.proto
	switch {
	case p.MaxStack > maxRegisters || p.NumParams > p.MaxStack || len(p.Upvalues) > maxUpvalues:
		return errSizes
	case p.LineDefined < 0 || p.LastLineDefined < 0:
		return errSourceLines
	case len(p.LineInfo) != 0 && len(p.LineInfo) != len(p.Code):
		return errLines
	case len(p.Code) == 0 || OpOf(p.Code[len(p.Code)-1]) != OpReturn:
		return errEnd
	}
	for pc := range p.Code {
		if err := v.instruction(pc); err != nil {
			return fmt.Errorf("instruction %d: %w", pc, err)
		}
	}
	for pc, i := range p.Code {
		if v.targets[pc] && (takesOpen(i) || OpOf(i) == OpExtraArg || OpOf(i) == OpTForLoop) {
			return fmt.Errorf("instruction %d: %w", pc, errTarget)
		}
	}
	return v.locals()
}

// locals checks the variables in scope: variable number n of those in scope is in register n.
func (v *validator) locals() error {
	p := v.proto
	if len(p.Locals) == 0 {
		return nil
	}
	change := make([]int32, len(p.Code)+1) // by pc: how many come into scope there
	for _, l := range p.Locals {
		if l.StartPC < 0 || l.StartPC > len(p.Code) || l.EndPC < 0 || l.EndPC > len(p.Code) {
			return errVariables
		}
		if l.StartPC < l.EndPC { // C Lua's compiler can write others
			change[l.StartPC]++
			change[l.EndPC]--
		}
	}
	inScope := int32(0)
	for _, n := range change {
		if inScope += n; int(inScope) > p.MaxStack {
			return errVariables
		}
	}
	return nil
}

func (v *validator) instruction(pc int) error {
	i := v.proto.Code[pc]
	op := OpOf(i)
	if int(op) >= opCount {
		return errOpcode
	}
	if pc > 0 && leavesOpen(v.proto.Code[pc-1]) != takesOpen(i) || pc == 0 && takesOpen(i) {
		return errOpenTop
	}
	a, b, c := A(i), B(i), C(i)
	switch op {
	case OpMove, OpUnm, OpNot, OpLen:
		return v.registers(a, b)
	case OpLoadK:
		return first(v.registers(a), v.constant(Bx(i)))
	case OpLoadKX:
		ax, err := v.extraArg(pc)
		return first(err, v.registers(a), v.constant(ax))
	case OpLoadBool:
		if c != 0 {
			return first(v.registers(a), v.target(pc, 1))
		}
		return v.registers(a)
	case OpLoadNil:
		return v.span(a, b+1)
	case OpGetUpval, OpSetUpval:
		return first(v.registers(a), v.upvalue(b))
	case OpGetTabUp:
		return first(v.registers(a), v.upvalue(b), v.operands(c))
	case OpSetTabUp:
		return first(v.upvalue(a), v.operands(b, c))
	case OpGetTable:
		return first(v.registers(a, b), v.operands(c))
	case OpSetTable, OpAdd, OpSub, OpMul, OpDiv, OpMod, OpPow:
		return first(v.registers(a), v.operands(b, c))
	case OpNewTable:
		if b > 0xff || c > 0xff {
			return errOperand
		}
		return v.registers(a)
	case OpSelf:
		return first(v.span(a, 2), v.registers(b), v.operands(c))
	case OpConcat:
		if b >= c {
			return errOperand
		}
		return v.registers(a, b, c)
	case OpJmp:
		if a > v.proto.MaxStack {
			return errRegister
		}
		return v.target(pc, SBx(i))
	case OpEq, OpLt, OpLe:
		return first(v.operands(b, c), v.test(pc))
	case OpTest:
		return first(v.registers(a), v.test(pc))
	case OpTestSet:
		return first(v.registers(a, b), v.test(pc))
	case OpCall:
		return first(v.span(a, max(b, c-1, 1)), v.openFrom(pc, a+1))
	case OpTailCall:
		return first(v.span(a, max(b, 1)), v.openFrom(pc, a+1), v.tailCall(pc))
	case OpReturn:
		return first(v.span(a, max(b-1, 1)), v.openFrom(pc, a))
	case OpForPrep:
		return first(v.span(a, 4), v.numericFor(pc, pc+1+SBx(i)))
	case OpForLoop:
		return first(v.span(a, 4), v.numericFor(pc+SBx(i), pc))
	case OpTForCall:
		return first(v.span(a, 3+max(c, 3)), v.genericFor(pc))
	case OpTForLoop:
		if pc == 0 || OpOf(v.proto.Code[pc-1]) != OpTForCall {
			return errLoop
		}
		return first(v.span(a, 2), v.target(pc, SBx(i)))
	case OpSetList:
		return first(v.span(a, b+1), v.openFrom(pc, a+1), v.setList(pc))
	case OpClosure:
		if Bx(i) >= len(v.proto.Protos) {
			return errFunction
		}
		return v.registers(a)
	case OpVararg:
		if !v.proto.IsVararg {
			return errVararg
		}
		return v.span(a, max(b-1, 1))
	}
	return v.extraArgOwner(pc)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *validator) registers(rs ...int) error {
	for _, r := range rs {
		if r >= v.proto.MaxStack {
			return errRegister
		}
	}
	return nil
}

// span checks n registers from a on, n at least 1.
func (v *validator) span(a, n int) error { return v.registers(a + n - 1) }

// operands checks operands that are registers or constants.
func (v *validator) operands(rks ...int) error {
	for _, rk := range rks {
		if IsK(rk) && KIndex(rk) >= len(v.proto.Constants) {
			return errConstant
		}
		if !IsK(rk) && rk >= v.proto.MaxStack {
			return errRegister
		}
	}
	return nil
}

func (v *validator) constant(i int) error {
	if i >= len(v.proto.Constants) {
		return errConstant
	}
	return nil
}

func (v *validator) upvalue(i int) error {
	if i >= len(v.proto.Upvalues) {
		return errUpvalue
	}
	return nil
}

// target notes where the instruction at pc leads if it skips offset instructions.
func (v *validator) target(pc, offset int) error {
	pc += 1 + offset
	if pc < 0 || pc >= len(v.proto.Code) {
		return errTarget
	}
	v.targets[pc] = true
	return nil
}

// is reports whether the instruction at pc, which may be outside the code, has the opcode.
func (v *validator) is(pc int, op Op) bool {
	return pc >= 0 && pc < len(v.proto.Code) && OpOf(v.proto.Code[pc]) == op
}

func (v *validator) test(pc int) error {
	if !v.is(pc+1, OpJmp) {
		return errTest
	}
	return nil
}

// extraArg returns the operand of the ExtraArg behind pc.
func (v *validator) extraArg(pc int) (int, error) {
	if !v.is(pc+1, OpExtraArg) {
		return 0, errExtraArg
	}
	return Ax(v.proto.Code[pc+1]), nil
}

// extraArgOwner checks that the ExtraArg at pc belongs to the instruction before.
func (v *validator) extraArgOwner(pc int) error {
	if v.is(pc-1, OpLoadKX) || v.is(pc-1, OpSetList) && C(v.proto.Code[pc-1]) == 0 {
		return nil
	}
	return errExtraArg
}

// leavesOpen reports whether an instruction leaves open how many values it puts on the stack.
func leavesOpen(i uint32) bool {
	switch OpOf(i) {
	case OpCall:
		return C(i) == 0
	case OpVararg:
		return B(i) == 0
	case OpTailCall:
		return true
	}
	return false
}

// takesOpen reports whether an instruction takes all values up to the top.
func takesOpen(i uint32) bool {
	switch OpOf(i) {
	case OpCall, OpTailCall, OpReturn, OpSetList:
		return B(i) == 0
	}
	return false
}

// openFrom checks that the values up to the top that the instruction at pc takes, if it does, start at register a at the earliest:
// those that the instruction before has left.
func (v *validator) openFrom(pc, a int) error {
	if takesOpen(v.proto.Code[pc]) && A(v.proto.Code[pc-1]) < a {
		return errOpenTop
	}
	return nil
}

// tailCall checks that a return of all results follows, which a call of a host function goes on to.
func (v *validator) tailCall(pc int) error {
	if !v.is(pc+1, OpReturn) || A(v.proto.Code[pc+1]) != A(v.proto.Code[pc]) {
		return errOpenTop
	}
	return nil
}

// numericFor checks that a ForPrep and a ForLoop belong to each other.
func (v *validator) numericFor(prep, loop int) error {
	if !v.is(prep, OpForPrep) || !v.is(loop, OpForLoop) {
		return errLoop
	}
	p, l := v.proto.Code[prep], v.proto.Code[loop]
	if A(p) != A(l) || prep+1+SBx(p) != loop || loop+SBx(l) != prep {
		return errLoop
	}
	return first(v.target(prep, SBx(p)), v.target(loop, SBx(l)))
}

func (v *validator) genericFor(pc int) error {
	i := v.proto.Code[pc]
	if C(i) == 0 || !v.is(pc+1, OpTForLoop) || A(v.proto.Code[pc+1]) != A(i)+2 {
		return errLoop
	}
	return nil
}

func (v *validator) setList(pc int) error {
	if C(v.proto.Code[pc]) != 0 {
		return nil
	}
	block, err := v.extraArg(pc)
	if err == nil && block == 0 {
		err = errOperand
	}
	return err
}
