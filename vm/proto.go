package vm

import (
	"math"
	"slices"
	"sync"
	"unique"
	"unsafe"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// Proto is the compiled code of one function. It is immutable and may be shared by all states of a process.
type Proto struct {
	code      []instr // one for each instruction of source.Code, and a guard behind them
	constants []Value
	hashes    []uint32 // of the constants that are strings
	protos    []*Proto
	upvalues  []bytecode.Upvalue
	numParams int
	maxStack  int
	isVararg  bool
	special   uint8 // calls need more than to clear missing arguments
	parent    *Proto
	// None of its upvalues is a variable of the function that makes it: that makes the same one each time.
	independent bool
	unit        *unit           // the chunk that it is a part of
	index       int             // in unit.protos
	source      *bytecode.Proto // for messages, debug information and string.dump
	trapOnce    sync.Once
	trap        []instr // see trapCode
}

// internLimit is the longest constant that is made canonical, so that equal names share one address.
const internLimit = 40

// nameConstants is how many constants of a function may be names. The rest are data, since instructions that
// access fields reach the first 256 only.
const nameConstants = 1 << 10

// names keeps the names of a chunk or a library canonical: equal names have one address as long as somebody keeps them.
type names []unique.Handle[string]

func (n *names) canonical(s string) string {
	if len(s) > internLimit {
		return s
	}
	h := unique.Make(s)
	*n = append(*n, h)
	return h.Value()
}

// newProto translates a validated prototype, and those inside it, into the form that the interpreter executes.
func newProto(b *bytecode.Proto, parent *Proto) *Proto {
	p := &Proto{
		constants: make([]Value, len(b.Constants)),
		hashes:    make([]uint32, len(b.Constants)),
		protos:    make([]*Proto, len(b.Protos)),
		upvalues:  b.Upvalues,
		numParams: b.NumParams,
		maxStack:  b.MaxStack,
		isVararg:  b.IsVararg,
		parent:    parent,
		source:    b,
	}
	if p.isVararg {
		p.special = specialVararg
	}
	if parent == nil {
		newUnit().add(p)
	} else {
		parent.unit.add(p)
	}
	p.independent = !slices.ContainsFunc(b.Upvalues, func(u bytecode.Upvalue) bool { return u.InStack })
	for i, c := range b.Constants {
		switch c := c.(type) {
		case bool:
			p.constants[i] = Bool(c)
		case float64:
			p.constants[i] = Number(c)
		case string:
			if i < nameConstants {
				c = p.unit.names.canonical(c)
			}
			p.constants[i] = String(c)
			p.hashes[i] = hashString(c)
		}
	}
	p.code = translate(b, p.constants)
	p.unit.bytes += p.bytes()
	for i, sub := range b.Protos {
		p.protos[i] = newProto(sub, p)
	}
	return p
}

// bytes is about what the function takes, but for those inside it.
func (p *Proto) bytes() int {
	const (
		protos       = int(unsafe.Sizeof(Proto{}) + unsafe.Sizeof(bytecode.Proto{}))
		instruction  = int(unsafe.Sizeof(instr(0))) + 8 // with the original one, and its line
		constantSize = valueSize + int(unsafe.Sizeof(bytecode.Constant(nil))) + 4 + 8
		local        = int(unsafe.Sizeof(bytecode.Local{}))
		upvalue      = int(unsafe.Sizeof(bytecode.Upvalue{}))
	)
	b := p.source
	n := protos + len(p.code)*instruction + len(b.Constants)*constantSize + len(b.Locals)*local + len(b.Upvalues)*upvalue
	for _, c := range b.Constants {
		if s, ok := c.(string); ok {
			n += len(s)
		}
	}
	return n
}

// Source returns the chunk name as load was given it ("@room.lua", "=stdin", or the text itself).
func (p *Proto) Source() string { return p.source.Source }

// LineDefined returns the line where the function begins; 0 for a main chunk.
func (p *Proto) LineDefined() int { return p.source.LineDefined }

// instr is one instruction: op in bits 0-7, A in 8-15, B in 16-31, C in 32-47, D (signed) in 48-63.
// Field names have a part of their hash there instead. Instructions with a long operand have it, signed, in bits 32-63 (wide).
// Instruction n stands for instruction n of the source prototype, so both share jumps, lines and names.
type instr uint64

func (i instr) op() opcode { return opcode(i & 0xff) }
func (i instr) a() int     { return int(i >> 8 & 0xff) }
func (i instr) b() int     { return int(i >> 16 & 0xffff) }
func (i instr) c() int     { return int(i >> 32 & 0xffff) }
func (i instr) d() int     { return int(int64(i) >> 48) }
func (i instr) hash() int  { return int(i >> 48) }
func (i instr) wide() int  { return int(int64(i) >> 32) }

func abcd(op opcode, a, b, c, d int) instr {
	return instr(op) | instr(a)<<8 | instr(b)<<16 | instr(c)<<32 | instr(uint16(d))<<48
}

func abWide(op opcode, a, b, w int) instr {
	return instr(op) | instr(a)<<8 | instr(b)<<16 | instr(uint32(int32(w)))<<32
}

// opcode is an instruction of the interpreter: those of Lua 5.2, specialised by the kinds of their operands.
// R is a register, K a constant, RK one of both, told by D: bit 0 for B, bit 1 for C.
// A comparison is fused with the jump that follows it, whose distance is D; with suffix X it is not.
type opcode uint8

const (
	opNop opcode = iota
	opMove
	opLoadK // wide: constant
	opLoadBool
	opLoadNil
	opGetUpval
	opSetUpval
	opGetGlobal // R(A) = U(B)[K(C)], K(C) a string
	opGetTabUp  // R(A) = U(B)[RK(C)]
	opSetGlobal // U(A)[K(B)] = RK(C), K(B) a string
	opSetTabUp  // U(A)[RK(B)] = RK(C)
	opGetTable  // R(A) = R(B)[R(C)]
	opGetField  // R(A) = R(B)[K(C)], K(C) a string
	opGetInt    // R(A) = R(B)[C]
	opGetConst  // R(A) = R(B)[K(C)]
	opSetTable  // R(A)[R(B)] = RK(C)
	opSetField  // R(A)[K(B)] = R(C), K(B) a string
	opSetFieldK // R(A)[K(B)] = K(C), K(B) a string
	opSetInt    // R(A)[B] = RK(C)
	opSetConst  // R(A)[K(B)] = RK(C)
	opNewTable
	opSelf  // R(A+1) = R(B); R(A) = R(B)[K(C)], K(C) a string
	opSelfX // the same with RK(C)
	opAddRR
	opAddRK
	opAddKR
	opSubRR
	opSubRK
	opSubKR
	opMulRR
	opMulRK
	opMulKR
	opDivRR
	opDivRK
	opDivKR
	opModRR
	opModRK
	opArith // RK(B) and RK(C), by the operation of the source instruction
	opUnm
	opNot
	opLen
	opConcat
	opJmp
	opJmpClose
	opEqRR
	opEqRK
	opEqX
	opLtRR
	opLtRK
	opLtKR
	opLtX
	opLeRR
	opLeRK
	opLeKR
	opLeX
	opTest
	opTestX
	opTestSet
	opTestSetX
	opCall
	opTailCall
	opReturn0
	opReturn1
	opReturn
	opForPrep
	opForLoop
	opTForCall
	opTForLoop
	opSetList // wide: first index
	opClosure
	opVararg
	opTrap
)

const (
	constB = 1 << iota // D of an instruction with RK operands
	constC
)

// translate decodes 5.2 instructions into specialised ones, one for one.
func translate(b *bytecode.Proto, k []Value) []instr {
	code := make([]instr, len(b.Code)+1)
	t := translator{b.Code, k, b.Upvalues}
	for pc := range b.Code {
		code[pc] = t.instruction(pc)
	}
	code[len(b.Code)] = abcd(opReturn0, 0, 0, 0, 0) // keeps the address behind the last instruction inside the slice
	return code
}

type translator struct {
	code     []uint32
	k        []Value
	upvalues []bytecode.Upvalue
}

var plainOps = map[bytecode.Op]opcode{
	bytecode.OpMove: opMove, bytecode.OpLoadNil: opLoadNil,
	bytecode.OpGetUpval: opGetUpval, bytecode.OpSetUpval: opSetUpval,
	bytecode.OpUnm: opUnm, bytecode.OpNot: opNot, bytecode.OpLen: opLen, bytecode.OpConcat: opConcat,
	bytecode.OpCall: opCall, bytecode.OpTailCall: opTailCall, bytecode.OpTForCall: opTForCall, bytecode.OpVararg: opVararg,
}

func (t translator) instruction(pc int) instr {
	i := t.code[pc]
	op, a, b, c := bytecode.OpOf(i), bytecode.A(i), bytecode.B(i), bytecode.C(i)
	if plain, ok := plainOps[op]; ok {
		return abcd(plain, a, b, c, 0)
	}
	switch op {
	case bytecode.OpLoadBool:
		return abcd(opLoadBool, a, b, min(c, 1), 0) // C is how many instructions to skip
	case bytecode.OpLoadK:
		return abWide(opLoadK, a, 0, bytecode.Bx(i))
	case bytecode.OpLoadKX:
		return abWide(opLoadK, a, 0, bytecode.Ax(t.code[pc+1]))
	case bytecode.OpGetTabUp, bytecode.OpGetTable, bytecode.OpSelf:
		return t.get(op, a, b, c)
	case bytecode.OpSetTabUp, bytecode.OpSetTable:
		return t.set(op, a, b, c)
	case bytecode.OpNewTable:
		fields := max(floatByte(c), t.fieldsAhead(pc))
		return abcd(opNewTable, a, min(floatByte(b), 1<<15), min(fields, 1<<15), 0)
	case bytecode.OpAdd, bytecode.OpSub, bytecode.OpMul, bytecode.OpDiv, bytecode.OpMod, bytecode.OpPow:
		return t.arith(op, a, b, c)
	case bytecode.OpJmp:
		if a != 0 {
			return abWide(opJmpClose, a, 0, bytecode.SBx(i))
		}
		return abWide(opJmp, 0, 0, bytecode.SBx(i))
	case bytecode.OpEq, bytecode.OpLt, bytecode.OpLe:
		return t.compare(pc, op, a, b, c)
	case bytecode.OpTest:
		return t.fuse(pc, abcd(opTest, a, b, c, 0), abcd(opTestX, a, b, c, 0))
	case bytecode.OpTestSet:
		return t.fuse(pc, abcd(opTestSet, a, b, c, 0), abcd(opTestSetX, a, b, c, 0))
	case bytecode.OpReturn:
		switch b {
		case 1:
			return abcd(opReturn0, a, 0, 0, 0)
		case 2:
			return abcd(opReturn1, a, 0, 0, 0)
		}
		return abcd(opReturn, a, b, 0, 0)
	case bytecode.OpForPrep:
		return abWide(opForPrep, a, 0, bytecode.SBx(i))
	case bytecode.OpForLoop:
		return abWide(opForLoop, a, 0, bytecode.SBx(i))
	case bytecode.OpTForLoop:
		return abWide(opTForLoop, a, 0, bytecode.SBx(i))
	case bytecode.OpSetList:
		if c == 0 {
			c = bytecode.Ax(t.code[pc+1])
		}
		return abWide(opSetList, a, b, (c-1)*bytecode.FieldsPerFlush+1)
	case bytecode.OpClosure:
		return abWide(opClosure, a, 0, bytecode.Bx(i))
	}
	return abcd(opNop, 0, 0, 0, 0) // OpExtraArg: read by the instruction before
}

func (t translator) isString(rk int) bool {
	return bytecode.IsK(rk) && t.k[bytecode.KIndex(rk)].isString()
}

func (t translator) isNumber(rk int) bool {
	return bytecode.IsK(rk) && t.k[bytecode.KIndex(rk)].isNumber()
}

// smallIndex returns the constant as an array index that fits an operand.
func (t translator) smallIndex(rk int) (int, bool) {
	if !t.isNumber(rk) {
		return 0, false
	}
	i, ok := arrayIndex(t.k[bytecode.KIndex(rk)])
	return i, ok && i <= math.MaxUint16
}

// shortHash returns as much of a string constant's hash as an operand holds: enough for the first probe of most tables.
func (t translator) shortHash(rk int) int {
	return int(int16(hashString(t.k[bytecode.KIndex(rk)].str())))
}

func operand(rk int) int {
	if bytecode.IsK(rk) {
		return bytecode.KIndex(rk)
	}
	return rk
}

func constBits(b, c int) int {
	d := 0
	if bytecode.IsK(b) {
		d |= constB
	}
	if bytecode.IsK(c) {
		d |= constC
	}
	return d
}

func (t translator) get(op bytecode.Op, a, b, c int) instr {
	d := constBits(0, c)
	switch op {
	case bytecode.OpGetTabUp:
		if t.isString(c) {
			return abcd(opGetGlobal, a, b, operand(c), t.shortHash(c))
		}
		return abcd(opGetTabUp, a, b, operand(c), d)
	case bytecode.OpSelf:
		if t.isString(c) {
			return abcd(opSelf, a, b, operand(c), t.shortHash(c))
		}
		return abcd(opSelfX, a, b, operand(c), d)
	}
	if t.isString(c) {
		return abcd(opGetField, a, b, operand(c), t.shortHash(c))
	}
	if n, ok := t.smallIndex(c); ok {
		return abcd(opGetInt, a, b, n, 0)
	}
	if d != 0 {
		return abcd(opGetConst, a, b, operand(c), d)
	}
	return abcd(opGetTable, a, b, c, 0)
}

func (t translator) set(op bytecode.Op, a, b, c int) instr {
	d := constBits(b, c)
	if op == bytecode.OpSetTabUp {
		if t.isString(b) {
			return abcd(opSetGlobal, a, operand(b), operand(c), d)
		}
		return abcd(opSetTabUp, a, operand(b), operand(c), d)
	}
	if t.isString(b) {
		set := opSetField
		if bytecode.IsK(c) {
			set = opSetFieldK
		}
		return abcd(set, a, operand(b), operand(c), t.shortHash(b))
	}
	if n, ok := t.smallIndex(b); ok {
		return abcd(opSetInt, a, n, operand(c), d)
	}
	if d&constB != 0 {
		return abcd(opSetConst, a, operand(b), operand(c), d)
	}
	return abcd(opSetTable, a, b, operand(c), d)
}

func (t translator) arith(op bytecode.Op, a, b, c int) instr {
	d := constBits(b, c)
	rr, ok := fastArith[op]
	switch {
	case ok && d == 0:
		return abcd(rr, a, b, c, 0)
	case ok && d == constC && t.isNumber(c):
		return abcd(rr+1, a, b, operand(c), 0)
	case ok && d == constB && t.isNumber(b) && op != bytecode.OpMod:
		return abcd(rr+2, a, operand(b), c, 0)
	}
	return abcd(opArith, a, operand(b), operand(c), d)
}

// fastArith has the first of each operation's instructions: with two registers; then with a constant on the right,
// and on the left.
var fastArith = map[bytecode.Op]opcode{
	bytecode.OpAdd: opAddRR, bytecode.OpSub: opSubRR, bytecode.OpMul: opMulRR, bytecode.OpDiv: opDivRR, bytecode.OpMod: opModRR,
}

func (t translator) compare(pc int, op bytecode.Op, a, b, c int) instr {
	if op == bytecode.OpEq && bytecode.IsK(b) && !bytecode.IsK(c) {
		b, c = c, b
	}
	d := constBits(b, c)
	var rr, x opcode
	switch op {
	case bytecode.OpEq:
		rr, x = opEqRR, opEqX
	case bytecode.OpLt:
		rr, x = opLtRR, opLtX
	default:
		rr, x = opLeRR, opLeX
	}
	plain := abcd(x, a, operand(b), operand(c), d)
	switch {
	case d == 0:
		return t.fuse(pc, abcd(rr, a, b, c, 0), plain)
	case d == constC && (op == bytecode.OpEq || t.isNumber(c)):
		return t.fuse(pc, abcd(rr+1, a, b, operand(c), 0), plain)
	case d == constB && op != bytecode.OpEq && t.isNumber(b):
		return t.fuse(pc, abcd(rr+2, a, operand(b), c, 0), plain)
	}
	return plain
}

// fuse puts the distance of the jump that follows a test into the test, unless the jump does more than that.
func (t translator) fuse(pc int, fused, plain instr) instr {
	j := t.code[pc+1]
	if d := bytecode.SBx(j); bytecode.A(j) == 0 && d >= math.MinInt16 && d <= math.MaxInt16 {
		return fused | instr(uint16(d))<<48
	}
	return plain
}

// floatByte decodes the size operands of OpNewTable: (8+m)*2^(e-1), eeeeemmm in binary.
func floatByte(x int) int {
	if e := x >> 3 & 0x1f; e != 0 {
		return (x&7 + 8) << (e - 1)
	}
	return x
}
