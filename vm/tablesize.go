package vm

import "github.com/luahost/luahost/vm/internal/bytecode"

// A table that is made empty and then filled, as that of a module or an object, would grow again and again. The code tells
// how far: which fields it stores while the table is in its register.

const (
	foreseenFields = 256  // at most; the room for more is made when they are there
	foreseenCode   = 2000 // instructions that are looked at
)

// fieldsAhead returns how many fields of constant names the code behind the OpNewTable at pc gives the table. It is a guess:
// a branch may not be taken, and other functions may add some.
func (t translator) fieldsAhead(pc int) int {
	start, r := pc, bytecode.A(t.code[pc])
	var names map[int]struct{}
	for pc++; pc < len(t.code) && pc-start < foreseenCode && len(names) < foreseenFields; pc++ {
		i := t.code[pc]
		op, a := bytecode.OpOf(i), bytecode.A(i)
		switch {
		case op == bytecode.OpSetTable && a == r && t.isString(bytecode.B(i)):
			if names == nil {
				names = map[int]struct{}{}
			}
			names[bytecode.B(i)] = struct{}{}
		case op == bytecode.OpCall && a == r-1 && bytecode.C(i) == 2 && t.isSetMetatable(start-1, a):
			r = a // returns its first argument
		case jumpsBack(op, i) || overwrites(op, a, bytecode.B(i), r):
			return len(names)
		}
	}
	return len(names)
}

// isSetMetatable reports whether the instruction at pc loads the function setmetatable into a register.
func (t translator) isSetMetatable(pc, register int) bool {
	if pc < 0 || bytecode.A(t.code[pc]) != register {
		return false
	}
	switch i := t.code[pc]; bytecode.OpOf(i) {
	case bytecode.OpGetTabUp:
		return t.isString(bytecode.C(i)) && t.k[bytecode.KIndex(bytecode.C(i))].str() == "setmetatable"
	case bytecode.OpGetUpval:
		return bytecode.B(i) < len(t.upvalues) && t.upvalues[bytecode.B(i)].Name == "setmetatable"
	}
	return false
}

func jumpsBack(op bytecode.Op, i uint32) bool {
	switch op {
	case bytecode.OpJmp, bytecode.OpForLoop, bytecode.OpTForLoop:
		return bytecode.SBx(i) < 0
	}
	return false
}

// overwrites reports whether an instruction may store another value in the register r.
func overwrites(op bytecode.Op, a, b, r int) bool {
	switch op {
	case bytecode.OpSetTabUp, bytecode.OpSetUpval, bytecode.OpSetTable, bytecode.OpSetList, bytecode.OpJmp, bytecode.OpEq,
		bytecode.OpLt, bytecode.OpLe, bytecode.OpTest, bytecode.OpReturn, bytecode.OpExtraArg:
		return false
	case bytecode.OpLoadNil:
		return a <= r && r <= a+b
	case bytecode.OpSelf:
		return a == r || a+1 == r
	case bytecode.OpCall, bytecode.OpTailCall, bytecode.OpVararg, bytecode.OpForPrep, bytecode.OpForLoop, bytecode.OpTForCall,
		bytecode.OpTForLoop:
		return a <= r
	}
	return a == r
}
