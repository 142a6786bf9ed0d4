package bytecode

import (
	"math"

	"github.com/luahost/luahost/vm/internal/libm"
)

// This file follows which registers C Lua's code generator takes for an expression, and which constants:
// go-lua does not stop at the 250 registers that instructions can name in C Lua.

type exprKind uint8

const (
	voidExpr exprKind = iota // no value
	nilExpr
	trueExpr
	falseExpr
	constantExpr // a string
	numberExpr
	registerExpr // a value in its register
	localExpr
	upvalueExpr
	indexedExpr
	jumpExpr    // a comparison: its value is where it jumps to
	pendingExpr // an instruction whose target register is still open
	callExpr
	varargExpr
)

// pendingOp is the instruction of a pendingExpr, where that matters.
type pendingOp uint8

const (
	anyOp pendingOp = iota
	notOp
	concatOp
)

// expr describes an expression whose value may not be in a register yet.
type expr struct {
	kind     exprKind
	op       pendingOp
	upTable  bool    // indexedExpr: the table is an upvalue
	register int     // registerExpr, localExpr; callExpr: of the function; indexedExpr: of the table; or an upvalue's index
	index    int     // constantExpr: of the constant; indexedExpr: of the key, a register or a constant
	number   float64 // numberExpr
	compiled float64 // numberExpr: the number that go-lua makes of it
	ifTrue   int     // how many jumps leave it when it is true,
	ifFalse  int     // and when it is false
}

const (
	noRegister   = -1 // a constant that an instruction can name, in place of a register
	maxConstants = constBit
)

func (e expr) hasJumps() bool  { return e.ifTrue != 0 || e.ifFalse != 0 }
func (e expr) isNumeral() bool { return e.kind == numberExpr && !e.hasJumps() }
func (e expr) isMulti() bool   { return e.kind == callExpr || e.kind == varargExpr }
func (e expr) isVariable() bool {
	return e.kind == localExpr || e.kind == upvalueExpr || e.kind == indexedExpr
}

// constantSet numbers the constants of a function, up to those that an instruction can name: the rest, which can be many
// in tables of data, share the number maxConstants.
type constantSet struct {
	strings           map[string]int
	numbers           map[uint64]int
	hasNil            bool
	hasTrue, hasFalse bool
	count             int // of numbers in use
}

func (k *constantSet) string(s string) int {
	if i, ok := k.strings[s]; ok {
		return i
	}
	if k.strings == nil {
		k.strings = make(map[string]int)
	}
	i := k.add()
	if i < maxConstants {
		k.strings[s] = i
	}
	return i
}

func (k *constantSet) number(n float64) int {
	if i, ok := k.numbers[math.Float64bits(n)]; ok && !math.IsNaN(n) {
		return i
	}
	if k.numbers == nil {
		k.numbers = make(map[uint64]int)
	}
	i := k.add()
	if i < maxConstants {
		k.numbers[math.Float64bits(n)] = i
	}
	return i
}

func (k *constantSet) flag(seen *bool) {
	if !*seen {
		*seen = true
		k.add()
	}
}

// add returns the next number.
func (k *constantSet) add() int {
	if k.count == maxConstants {
		return maxConstants
	}
	k.count++
	return k.count - 1
}

func (c *checker) stringConstant(s string) expr {
	return expr{kind: constantExpr, index: c.fn.constants.string(s)}
}

// checkStack makes room for n more registers.
func (c *checker) checkStack(n int) {
	if n += c.fn.free; n > c.fn.maxStack {
		if n >= maxRegisters {
			c.failToken("function or expression too complex")
		}
		c.fn.maxStack = n
	}
}

func (c *checker) reserve(n int) {
	c.checkStack(n)
	c.fn.free += n
}

// release frees a register, unless it is a variable's.
func (c *checker) release(r int) {
	if r >= c.fn.active {
		c.fn.free--
	}
}

func (c *checker) releaseExpr(e expr) {
	if e.kind == registerExpr {
		c.release(e.register)
	}
}

// value turns a variable, call or vararg into a single value.
func (c *checker) value(e expr) expr {
	switch e.kind {
	case localExpr, callExpr:
		e.kind = registerExpr
	case upvalueExpr, varargExpr:
		e.kind, e.op = pendingExpr, anyOp
	case indexedExpr:
		c.release(e.index)
		if !e.upTable {
			c.release(e.register)
		}
		e.kind, e.op = pendingExpr, anyOp
	}
	return e
}

// valueNoJumps is value, in a register if jumps leave the expression.
func (c *checker) valueNoJumps(e expr) expr {
	if e.hasJumps() {
		return c.inAnyRegister(e)
	}
	return c.value(e)
}

// into puts the value into register r, but for the jumps of the expression.
func (c *checker) into(e expr, r int) expr {
	switch e = c.value(e); e.kind {
	case voidExpr, jumpExpr:
		return e
	case numberExpr:
		c.fn.constants.number(e.number)
	}
	e.kind, e.register = registerExpr, r
	return e
}

// settle puts the value into register r, jumps and all.
func (c *checker) settle(e expr, r int) expr {
	c.into(e, r)
	return expr{kind: registerExpr, register: r}
}

func (c *checker) inNextRegister(e expr) expr {
	e = c.value(e)
	c.releaseExpr(e)
	c.reserve(1)
	return c.settle(e, c.fn.free-1)
}

func (c *checker) inAnyRegister(e expr) expr {
	if e = c.value(e); e.kind == registerExpr {
		if !e.hasJumps() {
			return e
		}
		if e.register >= c.fn.active {
			return c.settle(e, e.register)
		}
	}
	return c.inNextRegister(e)
}

func (c *checker) inRegisterOrUpvalue(e expr) expr {
	if e.kind != upvalueExpr || e.hasJumps() {
		e = c.inAnyRegister(e)
	}
	return e
}

// operand makes the value one that an instruction can name, and returns its register,
// or noRegister if it is one of the first constants.
func (c *checker) operand(e expr) (expr, int) {
	const lastIndex = maxConstants - 1
	k := &c.fn.constants
	e = c.valueNoJumps(e)
	switch {
	case e.kind == nilExpr && k.count <= lastIndex:
		k.flag(&k.hasNil)
	case e.kind == trueExpr && k.count <= lastIndex:
		k.flag(&k.hasTrue)
	case e.kind == falseExpr && k.count <= lastIndex:
		k.flag(&k.hasFalse)
	case e.kind == numberExpr && k.number(e.number) <= lastIndex:
	case e.kind == constantExpr && e.index <= lastIndex:
	default:
		e = c.inAnyRegister(e)
		return e, e.register
	}
	e.kind, e.index = constantExpr, 0
	return e, noRegister
}

// indexed is the element of a table; the table is in a register or an upvalue.
func (c *checker) indexed(table, key expr) expr {
	_, index := c.operand(key)
	return expr{kind: indexedExpr, upTable: table.kind == upvalueExpr, register: table.register, index: index}
}

// method is the function and the receiver of a method call, in two registers.
func (c *checker) method(receiver, name expr) expr {
	receiver = c.inAnyRegister(receiver)
	c.releaseExpr(receiver)
	e := expr{kind: registerExpr, register: c.fn.free}
	c.reserve(2)
	name, _ = c.operand(name)
	c.releaseExpr(name)
	return e
}

// call is the call of the function in a register with the arguments above it.
func (c *checker) call(f expr) expr {
	c.fn.free = f.register + 1
	return expr{kind: callExpr, register: f.register}
}

// setMulti leaves the number of values of a call or vararg open, or fixes it at other than one.
func (c *checker) setMulti(e expr) {
	if e.kind == varargExpr {
		c.reserve(1)
	}
}

func (c *checker) store(variable, e expr) {
	switch variable.kind {
	case localExpr:
		c.releaseExpr(e)
		c.settle(e, variable.register)
		return
	case upvalueExpr:
		e = c.inAnyRegister(e)
	case indexedExpr:
		e, _ = c.operand(e)
	}
	c.releaseExpr(e)
}

// jumpOn ends with a jump that depends on the value.
func (c *checker) jumpOn(e expr) expr {
	if e.kind == pendingExpr && e.op == notOp {
		return e // the operand of not is tested
	}
	if e.kind != registerExpr {
		c.reserve(1)
		e = c.into(e, c.fn.free-1)
	}
	c.releaseExpr(e)
	return e
}

// continueIfTrue jumps away if e is false.
func (c *checker) continueIfTrue(e expr) expr {
	switch e = c.value(e); e.kind {
	case constantExpr, numberExpr, trueExpr:
	case jumpExpr:
		e.ifFalse++
	default:
		e = c.jumpOn(e)
		e.ifFalse++
	}
	e.ifTrue = 0
	c.checkJumps(e.ifFalse)
	return e
}

// continueIfFalse jumps away if e is true.
func (c *checker) continueIfFalse(e expr) expr {
	switch e = c.value(e); e.kind {
	case nilExpr, falseExpr:
	case jumpExpr:
		e.ifTrue++
	default:
		e = c.jumpOn(e)
		e.ifTrue++
	}
	e.ifFalse = 0
	c.checkJumps(e.ifTrue)
	return e
}

func (c *checker) not(e expr) expr {
	switch e = c.value(e); e.kind {
	case nilExpr, falseExpr:
		e.kind = trueExpr
	case constantExpr, numberExpr, trueExpr:
		e.kind = falseExpr
	case pendingExpr, registerExpr:
		if e.kind == pendingExpr {
			c.reserve(1)
			e = c.into(e, c.fn.free-1)
		}
		c.releaseExpr(e)
		e.kind, e.op = pendingExpr, notOp
	}
	e.ifTrue, e.ifFalse = e.ifFalse, e.ifTrue
	return e
}

func (c *checker) unary(op tokenKind, e expr) expr {
	switch {
	case op == tokNot:
		return c.not(e)
	case op == '-' && e.isNumeral():
		e.number, e.compiled = -e.number, -e.compiled
		return e
	}
	c.releaseExpr(c.inAnyRegister(e))
	return expr{kind: pendingExpr}
}

// leftOperand prepares the left operand before the right one is read.
func (c *checker) leftOperand(op tokenKind, e expr) expr {
	switch op {
	case tokAnd:
		return c.continueIfTrue(e)
	case tokOr:
		return c.continueIfFalse(e)
	case tokConcat:
		return c.inNextRegister(e)
	case '+', '-', '*', '/', '%', '^':
		if e.isNumeral() {
			return e
		}
	}
	e, _ = c.operand(e)
	return e
}

func (c *checker) binary(op tokenKind, left, right expr) expr {
	switch op {
	case tokAnd:
		right = c.value(right)
		right.ifFalse += left.ifFalse
		c.checkJumps(right.ifFalse)
		return right
	case tokOr:
		right = c.value(right)
		right.ifTrue += left.ifTrue
		c.checkJumps(right.ifTrue)
		return right
	case tokConcat:
		return c.concat(left, right)
	case '+', '-', '*', '/', '%', '^':
		return c.arithmetic(op, left, right)
	}
	left, _ = c.operand(left)
	right, _ = c.operand(right)
	c.releaseExpr(right)
	c.releaseExpr(left)
	return expr{kind: jumpExpr}
}

func (c *checker) concat(left, right expr) expr {
	right = c.valueNoJumps(right)
	if right.kind != pendingExpr || right.op != concatOp {
		right = c.inNextRegister(right)
		c.releaseExpr(right)
	}
	c.releaseExpr(left)
	return expr{kind: pendingExpr, op: concatOp}
}

func (c *checker) arithmetic(op tokenKind, left, right expr) expr {
	if left.isNumeral() && right.isNumeral() && (right.number != 0 || op != '/' && op != '%') {
		left.number = fold(op, left.number, right.number)
		left.compiled = goLuaFold(op, left.compiled, right.compiled)
		c.mend(left.compiled, left.number)
		return left
	}
	right, _ = c.operand(right)
	left, _ = c.operand(left)
	c.releaseExpr(right)
	c.releaseExpr(left)
	return expr{kind: pendingExpr}
}

func fold(op tokenKind, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	case '%':
		return a - float64(math.Floor(a/b)*b)
	}
	return libm.Pow(a, b)
}

// goLuaFold is what go-lua computes: its powers may be off by more than the last place, and some processors round
// less in the midst of its %.
func goLuaFold(op tokenKind, a, b float64) float64 {
	switch {
	case op == '%':
		return a - math.Floor(a/b)*b
	case op != '^':
		return fold(op, a, b)
	case a == 10 && float64(int(b)) == b:
		return math.Pow10(int(b))
	}
	return math.Pow(a, b)
}

// mend notes what a constant of go-lua's should be.
func (c *checker) mend(compiled, number float64) {
	if math.Float64bits(compiled) == math.Float64bits(number) {
		return
	}
	if c.mended == nil {
		c.mended = make(map[uint64]float64)
	}
	c.mended[math.Float64bits(compiled)] = number
}
