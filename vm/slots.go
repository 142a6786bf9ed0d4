package vm

import (
	"unsafe"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// The functions of this file index registers, constants, upvalues and instructions without bounds checks.
//
// They rely on what package bytecode validates before a Proto exists: register operands are below MaxStack,
// constant and upvalue indices exist, jumps stay inside the code; and on what a call does before a frame runs:
// the stack has MaxStack slots above the frame's base, and spareSlots more. A regs pointer is taken anew from
// the stack after everything that may have moved it.

func regA(base unsafe.Pointer, i instr) *Value {
	return (*Value)(unsafe.Add(base, uintptr(i>>4&0xff0)))
}
func regB(base unsafe.Pointer, i instr) *Value {
	return (*Value)(unsafe.Add(base, uintptr(i>>12&0xffff0)))
}
func regC(base unsafe.Pointer, i instr) *Value {
	return (*Value)(unsafe.Add(base, uintptr(i>>28&0xffff0)))
}

// rkB and rkC return a register or, as the instruction says, a constant. The pointer is made only of what the
// operand is meant for: the index of a constant may lie far outside of the stack.
func rkB(regs, k unsafe.Pointer, i instr) *Value {
	if i.d()&constB != 0 {
		regs = k
	}
	return regB(regs, i)
}

func rkC(regs, k unsafe.Pointer, i instr) *Value {
	if i.d()&constC != 0 {
		regs = k
	}
	return regC(regs, i)
}

// after returns the slot n slots behind v.
func after(v *Value, n int) *Value { return (*Value)(unsafe.Add(unsafe.Pointer(v), n*valueSize)) }

func at(base unsafe.Pointer, i int) *Value { return (*Value)(unsafe.Add(base, i*valueSize)) }

func values(v []Value) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(v)) }

func fetch(code unsafe.Pointer, pc int) instr {
	return *(*instr)(unsafe.Add(code, pc*8))
}

func instructions(code []instr) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(code)) }

func upvalueAt(ups unsafe.Pointer, i int) *upvalue {
	return *(**upvalue)(unsafe.Add(ups, i*8))
}

// ups returns the closure's upvalues for upvalueAt. One without any has room for one all the same, so that the address is
// inside its allocation.
func (c *closure) ups() unsafe.Pointer {
	if c.moved {
		return unsafe.Pointer(unsafe.SliceData(c.more.upvals))
	}
	return unsafe.Add(unsafe.Pointer(c), unsafe.Sizeof(closure{}))
}

// setNumber stores f, sparing the garbage collector's write barrier where a number stood before.
func (v *Value) setNumber(f float64) {
	if v.p != numberTag {
		v.p = numberTag
	}
	v.n = floatBits(f)
}

func floatBits(f float64) uint64 { return *(*uint64)(unsafe.Pointer(&f)) }

// operands returns RK(B) and RK(C) of the instruction at pc.
func (p *Proto) operands(regs, k unsafe.Pointer, pc int) (b, c Value) {
	i := p.source.Code[pc]
	pick := func(rk int) Value {
		if bytecode.IsK(rk) {
			return *at(k, bytecode.KIndex(rk))
		}
		return *at(regs, rk)
	}
	return pick(bytecode.B(i)), pick(bytecode.C(i))
}

// id identifies a variable; see State.UpvalueID.
func (u *upvalue) id() Value { return LightUserdata(uint64(uintptr(unsafe.Pointer(u)))) }
