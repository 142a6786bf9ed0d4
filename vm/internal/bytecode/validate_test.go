package bytecode

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

func abc(op Op, a, b, c int) uint32 { return uint32(op) | uint32(a)<<6 | uint32(c)<<14 | uint32(b)<<23 }
func abx(op Op, a, bx int) uint32   { return uint32(op) | uint32(a)<<6 | uint32(bx)<<14 }
func asbx(op Op, a, sbx int) uint32 { return abx(op, a, sbx+maxSBx) }
func ax(op Op, ax int) uint32       { return uint32(op) | uint32(ax)<<6 }

// A function of 4 registers, 2 constants, 1 upvalue and 1 function; k is its last constant as an operand.
const (
	registers = 4
	k         = constBit + 1
	jump0     = maxSBx << 14 // of Jmp: to the next instruction
)

func functionOf(code ...uint32) *Proto {
	return &Proto{
		MaxStack:  registers,
		IsVararg:  true,
		Code:      append(code, abc(OpReturn, 0, 1, 0)),
		Constants: []Constant{"key", 1.0},
		Upvalues:  []Upvalue{{}},
		Protos: []*Proto{{
			MaxStack: 2,
			Code:     []uint32{abc(OpReturn, 0, 1, 0)},
			Upvalues: []Upvalue{{InStack: true, Index: registers - 1}, {Index: 0}},
		}},
	}
}

func TestValidCode(t *testing.T) {
	jmp := uint32(OpJmp) | jump0
	for name, code := range map[string][]uint32{
		"move":                  {abc(OpMove, 3, 3, 0)},
		"loadk":                 {abx(OpLoadK, 3, 1)},
		"loadkx":                {abc(OpLoadKX, 3, 0, 0), ax(OpExtraArg, 1)},
		"loadbool":              {abc(OpLoadBool, 3, 1, 0), abc(OpLoadBool, 0, 0, 1), abc(OpMove, 0, 0, 0)},
		"loadnil":               {abc(OpLoadNil, 0, 3, 0)},
		"upvalues":              {abc(OpGetUpval, 3, 0, 0), abc(OpSetUpval, 3, 0, 0), abc(OpGetTabUp, 3, 0, k), abc(OpSetTabUp, 0, k, 3)},
		"tables":                {abc(OpNewTable, 3, 255, 255), abc(OpGetTable, 3, 3, k), abc(OpSetTable, 3, 3, k), abc(OpSelf, 2, 3, k)},
		"arithmetic":            {abc(OpAdd, 3, k, 3), abc(OpPow, 3, 3, k), abc(OpUnm, 3, 3, 0), abc(OpConcat, 3, 0, 3)},
		"jumps":                 {asbx(OpJmp, registers, 0), asbx(OpJmp, 0, -2)},
		"tests":                 {abc(OpEq, 1, k, 3), jmp, abc(OpTest, 3, 0, 1), jmp, abc(OpTestSet, 3, 3, 1), jmp},
		"calls":                 {abc(OpCall, 0, 4, 5), abc(OpCall, 3, 1, 1), abc(OpCall, 3, 1, 0), abc(OpCall, 2, 0, 0), abc(OpReturn, 2, 0, 0)},
		"tail call":             {abc(OpTailCall, 1, 3, 0), abc(OpReturn, 1, 0, 0)},
		"open tail call":        {abc(OpVararg, 2, 0, 0), abc(OpTailCall, 1, 0, 0), abc(OpReturn, 1, 0, 0)},
		"numeric for":           {asbx(OpForPrep, 0, 1), abc(OpMove, 0, 0, 0), asbx(OpForLoop, 0, -2)},
		"generic for, wide":     {asbx(OpJmp, 0, 0), abc(OpTForCall, 0, 0, 1), asbx(OpTForLoop, 2, -2)},
		"lists":                 {abc(OpSetList, 0, 3, 1), abc(OpVararg, 1, 0, 0), abc(OpSetList, 0, 0, 1), abc(OpSetList, 2, 1, 0), ax(OpExtraArg, 600)},
		"open list, large":      {abc(OpVararg, 1, 0, 0), abc(OpSetList, 0, 0, 0), ax(OpExtraArg, 600)},
		"closure and arguments": {abx(OpClosure, 3, 0), abc(OpVararg, 1, 4, 0), abc(OpVararg, 3, 1, 0)},
	} {
		p := functionOf(code...)
		if name == "generic for, wide" {
			p.MaxStack = 6
		}
		if err := validate(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		walk(t, p)
	}
}

func TestInvalidCode(t *testing.T) {
	jmp := uint32(OpJmp) | jump0
	const k = k + 1 // one too many
	for name, test := range map[string]struct {
		err  error
		code []uint32
	}{
		"opcode":                      {errOpcode, []uint32{40}},
		"move to":                     {errRegister, []uint32{abc(OpMove, 4, 0, 0)}},
		"move from":                   {errRegister, []uint32{abc(OpMove, 0, 4, 0)}},
		"move from constant":          {errRegister, []uint32{abc(OpMove, 0, constBit, 0)}},
		"loadk to":                    {errRegister, []uint32{abx(OpLoadK, 4, 0)}},
		"loadk from":                  {errConstant, []uint32{abx(OpLoadK, 0, 2)}},
		"loadkx alone":                {errExtraArg, []uint32{abc(OpLoadKX, 0, 0, 0)}},
		"loadkx to":                   {errRegister, []uint32{abc(OpLoadKX, 4, 0, 0), ax(OpExtraArg, 0)}},
		"loadkx from":                 {errConstant, []uint32{abc(OpLoadKX, 0, 0, 0), ax(OpExtraArg, 2)}},
		"extra argument alone":        {errExtraArg, []uint32{ax(OpExtraArg, 0)}},
		"extra argument behind move":  {errExtraArg, []uint32{abc(OpMove, 0, 0, 0), ax(OpExtraArg, 0)}},
		"jump to extra argument":      {errTarget, []uint32{asbx(OpJmp, 0, 1), abc(OpLoadKX, 0, 0, 0), ax(OpExtraArg, 0)}},
		"loadbool to":                 {errRegister, []uint32{abc(OpLoadBool, 4, 0, 0)}},
		"loadbool skips end":          {errTarget, []uint32{abc(OpLoadBool, 0, 0, 1)}},
		"loadnil":                     {errRegister, []uint32{abc(OpLoadNil, 1, 3, 0)}},
		"getupval to":                 {errRegister, []uint32{abc(OpGetUpval, 4, 0, 0)}},
		"getupval from":               {errUpvalue, []uint32{abc(OpGetUpval, 0, 1, 0)}},
		"setupval":                    {errUpvalue, []uint32{abc(OpSetUpval, 0, 1, 0)}},
		"gettabup from":               {errUpvalue, []uint32{abc(OpGetTabUp, 0, 1, 0)}},
		"gettabup key":                {errConstant, []uint32{abc(OpGetTabUp, 0, 0, k)}},
		"settabup to":                 {errUpvalue, []uint32{abc(OpSetTabUp, 1, 0, 0)}},
		"settabup key":                {errRegister, []uint32{abc(OpSetTabUp, 0, 4, 0)}},
		"settabup value":              {errConstant, []uint32{abc(OpSetTabUp, 0, 0, k)}},
		"gettable from":               {errRegister, []uint32{abc(OpGetTable, 0, constBit, 0)}},
		"gettable key":                {errConstant, []uint32{abc(OpGetTable, 0, 0, k)}},
		"settable to":                 {errRegister, []uint32{abc(OpSetTable, 4, 0, 0)}},
		"settable key":                {errConstant, []uint32{abc(OpSetTable, 0, k, 0)}},
		"settable value":              {errRegister, []uint32{abc(OpSetTable, 0, 0, 4)}},
		"newtable":                    {errRegister, []uint32{abc(OpNewTable, 4, 0, 0)}},
		"newtable size":               {errOperand, []uint32{abc(OpNewTable, 0, 256, 0)}},
		"self to":                     {errRegister, []uint32{abc(OpSelf, 3, 0, 0)}},
		"self from":                   {errRegister, []uint32{abc(OpSelf, 0, 4, 0)}},
		"self key":                    {errConstant, []uint32{abc(OpSelf, 0, 0, k)}},
		"add to":                      {errRegister, []uint32{abc(OpAdd, 4, 0, 0)}},
		"add left":                    {errConstant, []uint32{abc(OpAdd, 0, k, 0)}},
		"add right":                   {errRegister, []uint32{abc(OpAdd, 0, 0, 4)}},
		"length":                      {errRegister, []uint32{abc(OpLen, 0, 4, 0)}},
		"concat from":                 {errRegister, []uint32{abc(OpConcat, 0, 1, 4)}},
		"concat of one":               {errOperand, []uint32{abc(OpConcat, 0, 1, 1)}},
		"jump behind":                 {errTarget, []uint32{asbx(OpJmp, 0, 1)}},
		"jump before":                 {errTarget, []uint32{asbx(OpJmp, 0, -2)}},
		"jump closes":                 {errRegister, []uint32{asbx(OpJmp, registers+1, 0)}},
		"eq alone":                    {errTest, []uint32{abc(OpEq, 0, 0, 0)}},
		"lt operand":                  {errConstant, []uint32{abc(OpLt, 0, k, 0), jmp}},
		"test":                        {errRegister, []uint32{abc(OpTest, 4, 0, 0), jmp}},
		"test alone":                  {errTest, []uint32{abc(OpTest, 0, 0, 0)}},
		"testset to":                  {errRegister, []uint32{abc(OpTestSet, 4, 0, 0), jmp}},
		"testset from":                {errRegister, []uint32{abc(OpTestSet, 0, 4, 0), jmp}},
		"call arguments":              {errRegister, []uint32{abc(OpCall, 1, 4, 1)}},
		"call results":                {errRegister, []uint32{abc(OpCall, 1, 1, 5)}},
		"call of nothing":             {errRegister, []uint32{abc(OpCall, 4, 1, 1)}},
		"open arguments":              {errOpenTop, []uint32{abc(OpCall, 0, 0, 1)}},
		"open arguments behind call":  {errOpenTop, []uint32{abc(OpCall, 1, 1, 1), abc(OpCall, 0, 0, 1)}},
		"open results":                {errOpenTop, []uint32{abc(OpCall, 0, 1, 0)}},
		"open results, then move":     {errOpenTop, []uint32{abc(OpCall, 0, 1, 0), abc(OpMove, 0, 0, 0), abc(OpReturn, 0, 0, 0)}},
		"open call from above":        {errOpenTop, []uint32{abc(OpCall, 1, 1, 0), abc(OpCall, 1, 0, 1)}},
		"open return from above":      {errOpenTop, []uint32{abc(OpCall, 1, 1, 0), abc(OpReturn, 2, 0, 0)}},
		"open list from above":        {errOpenTop, []uint32{abc(OpVararg, 1, 0, 0), abc(OpSetList, 1, 0, 1)}},
		"jump to open return":         {errTarget, []uint32{asbx(OpJmp, 0, 1), abc(OpCall, 0, 1, 0), abc(OpReturn, 0, 0, 0)}},
		"skip to open return":         {errTarget, []uint32{abc(OpLoadBool, 0, 0, 1), abc(OpVararg, 0, 0, 0), abc(OpReturn, 0, 0, 0)}},
		"tail call alone":             {errOpenTop, []uint32{abc(OpTailCall, 0, 1, 0)}},
		"tail call, other return":     {errOpenTop, []uint32{abc(OpTailCall, 1, 1, 0), abc(OpReturn, 0, 0, 0)}},
		"tail call, call":             {errOpenTop, []uint32{abc(OpTailCall, 1, 1, 0), abc(OpCall, 0, 0, 1)}},
		"tail call arguments":         {errRegister, []uint32{abc(OpTailCall, 1, 4, 0), abc(OpReturn, 1, 0, 0)}},
		"return":                      {errRegister, []uint32{abc(OpReturn, 1, 5, 0)}},
		"numeric for registers":       {errRegister, []uint32{asbx(OpForPrep, 1, 0), asbx(OpForLoop, 1, -1)}},
		"for loop alone":              {errLoop, []uint32{abc(OpMove, 0, 0, 0), asbx(OpForLoop, 0, -1)}},
		"for loop at the start":       {errLoop, []uint32{asbx(OpForLoop, 0, -1)}},
		"for loop to far":             {errLoop, []uint32{asbx(OpForLoop, 0, 9)}},
		"for prep alone":              {errLoop, []uint32{asbx(OpForPrep, 0, 0), abc(OpMove, 0, 0, 0)}},
		"for prep to far":             {errLoop, []uint32{asbx(OpForPrep, 0, 9)}},
		"for registers differ":        {errLoop, []uint32{asbx(OpForPrep, 0, 0), asbx(OpForLoop, 1, -1)}},
		"two for preps":               {errLoop, []uint32{asbx(OpForPrep, 0, 1), asbx(OpForPrep, 0, 0), asbx(OpForLoop, 0, -1)}},
		"generic for registers":       {errRegister, []uint32{abc(OpTForCall, 0, 0, 1), asbx(OpTForLoop, 2, 0)}},
		"generic for alone":           {errLoop, []uint32{abc(OpTForCall, 0, 0, 1)}},
		"generic for loop alone":      {errLoop, []uint32{asbx(OpTForLoop, 0, 0)}},
		"setlist":                     {errRegister, []uint32{abc(OpSetList, 1, 3, 1)}},
		"setlist, extra argument":     {errExtraArg, []uint32{abc(OpSetList, 0, 1, 0)}},
		"setlist, extra argument 0":   {errOperand, []uint32{abc(OpSetList, 0, 1, 0), ax(OpExtraArg, 0)}},
		"setlist and extra argument":  {errExtraArg, []uint32{abc(OpSetList, 0, 1, 1), ax(OpExtraArg, 1)}},
		"closure of":                  {errFunction, []uint32{abx(OpClosure, 0, 1)}},
		"closure to":                  {errRegister, []uint32{abx(OpClosure, 4, 0)}},
		"arguments":                   {errRegister, []uint32{abc(OpVararg, 1, 5, 0)}},
		"open arguments before a nop": {errOpenTop, []uint32{abc(OpVararg, 0, 0, 0)}},
	} {
		p := functionOf(test.code...)
		if name == "generic for alone" || name == "generic for loop alone" {
			p.MaxStack = 6
		}
		if err := validate(p); !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", name, err, test.err)
		}
	}
}

func TestInvalidFunctions(t *testing.T) {
	nop := abc(OpMove, 0, 0, 0)
	for name, test := range map[string]struct {
		err  error
		edit func(p *Proto)
	}{
		"no code":             {errEnd, func(p *Proto) { p.Code = nil }},
		"no return":           {errEnd, func(p *Proto) { p.Code = []uint32{nop} }},
		"registers":           {errSizes, func(p *Proto) { p.MaxStack = 251 }},
		"no registers":        {errRegister, func(p *Proto) { p.MaxStack = 0 }},
		"parameters":          {errSizes, func(p *Proto) { p.NumParams = registers + 1 }},
		"upvalues":            {errSizes, func(p *Proto) { p.Upvalues = make([]Upvalue, 256) }},
		"line":                {errSourceLines, func(p *Proto) { p.LineDefined = -1 }},
		"lines":               {errLines, func(p *Proto) { p.LineInfo = []int32{1} }},
		"vararg":              {errVararg, func(p *Proto) { p.IsVararg = false }},
		"variable ends":       {errVariables, func(p *Proto) { p.Locals = []Local{{"a", 0, 4}} }},
		"variable starts":     {errVariables, func(p *Proto) { p.Locals = []Local{{"a", -1, 0}} }},
		"variables":           {errVariables, func(p *Proto) { p.Locals = make5Locals() }},
		"upvalue of register": {errUpvalueSource, func(p *Proto) { p.Protos[0].Upvalues[0].Index = registers }},
		"upvalue of upvalue":  {errUpvalueSource, func(p *Proto) { p.Protos[0].Upvalues[1].Index = 1 }},
		"inner function":      {errEnd, func(p *Proto) { p.Protos[0].Code = nil }},
	} {
		p := functionOf(abc(OpVararg, 0, 2, 0), nop)
		if err := validate(p); err != nil {
			t.Fatal(err)
		}
		test.edit(p)
		if err := validate(p); !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", name, err, test.err)
		}
	}
}

// make5Locals is one variable more than there are registers, all in scope at instruction 1.
func make5Locals() []Local {
	return []Local{{"a", 0, 2}, {"b", 0, 2}, {"c", 1, 3}, {"d", 1, 3}, {"e", 1, 2}}
}

// Code in which some instructions are others is either refused or safe.
func TestMutatedCode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	accepted, refused := 0, 0
	for _, chunk := range realChunks(t) {
		p, err := Load(chunk, "=x")
		if err != nil {
			t.Fatal(err)
		}
		each(p, func(p *Proto) {
			good := p.Code
			for range 2000 {
				p.Code = slices.Clone(good)
				for range 1 + r.IntN(2) {
					p.Code[r.IntN(len(good))] = randomInstruction(r, p)
				}
				if validate(p) != nil {
					refused++
					continue
				}
				accepted++
				walk(t, p)
			}
			p.Code = good
		})
	}
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
}

// randomInstruction has operands that are often in range.
func randomInstruction(r *rand.Rand, p *Proto) uint32 {
	operand := func() int { return r.IntN(p.MaxStack+1) | r.IntN(8)/7*constBit }
	op := Op(r.IntN(opCount))
	switch op {
	case OpJmp, OpForLoop, OpForPrep, OpTForLoop:
		return asbx(op, r.IntN(p.MaxStack), r.IntN(2*len(p.Code))-len(p.Code))
	case OpExtraArg:
		return ax(op, r.IntN(3))
	case OpLoadK, OpClosure:
		return abx(op, r.IntN(p.MaxStack), r.IntN(len(p.Constants)+2))
	}
	return abc(op, r.IntN(p.MaxStack), operand(), operand())
}

// walk steps through all code of p that can be reached as an interpreter does, and reads and writes what that would,
// without a check: an index out of range ends the test.
func walk(t testing.TB, p *Proto) {
	registers := make([]bool, p.MaxStack)
	constants := make([]bool, len(p.Constants))
	touch := func(from, n int) {
		for r := from; r < from+n; r++ {
			registers[r] = true
		}
	}
	rk := func(x int) {
		if IsK(x) {
			constants[KIndex(x)] = true
		} else {
			registers[x] = true
		}
	}
	upvalue := func(i int) { _ = p.Upvalues[i] }
	const closed = -1
	seen := make([]bool, len(p.Code))
	type place struct{ pc, top int } // top: where the values that are left open start
	pending := []place{{0, closed}}
	for len(pending) > 0 {
		at := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		i := p.Code[at.pc]
		// What takes open values runs only behind what leaves them, so it is enough to come by once.
		if seen[at.pc] {
			continue
		}
		seen[at.pc] = true
		a, b, c := A(i), B(i), C(i)
		next := place{at.pc + 1, closed}
		values := func(from, count int) { // count of values from a register on; negative: up to the top
			if count >= 0 {
				touch(from, count)
			} else if at.top == closed || at.top < from {
				t.Fatalf("instruction %d takes values from %d on, open are those from %d on", at.pc, from, at.top)
			}
		}
		goTo := func(pc int) { pending = append(pending, place{pc, closed}) }
		switch op := OpOf(i); op {
		case OpMove, OpUnm, OpNot, OpLen:
			touch(a, 1)
			touch(b, 1)
		case OpLoadK:
			touch(a, 1)
			constants[Bx(i)] = true
		case OpLoadKX:
			touch(a, 1)
			constants[Ax(p.Code[at.pc+1])] = true
			next.pc++
		case OpLoadBool:
			touch(a, 1)
			if c != 0 {
				next.pc++
			}
		case OpLoadNil:
			touch(a, b+1)
		case OpGetUpval, OpSetUpval:
			touch(a, 1)
			upvalue(b)
		case OpGetTabUp:
			touch(a, 1)
			upvalue(b)
			rk(c)
		case OpSetTabUp:
			upvalue(a)
			rk(b)
			rk(c)
		case OpGetTable, OpSelf:
			touch(a, 1)
			touch(b, 1)
			rk(c)
			if op == OpSelf {
				touch(a, 2)
			}
		case OpSetTable, OpAdd, OpSub, OpMul, OpDiv, OpMod, OpPow:
			touch(a, 1)
			rk(b)
			rk(c)
		case OpNewTable:
			touch(a, 1)
		case OpConcat:
			touch(a, 1)
			touch(b, c-b+1)
		case OpJmp:
			if a > 0 {
				_ = registers[a-1:]
			}
			next.pc += SBx(i)
		case OpEq, OpLt, OpLe, OpTest, OpTestSet:
			switch op {
			case OpTest:
				touch(a, 1)
			case OpTestSet:
				touch(a, 1)
				touch(b, 1)
			default:
				rk(b)
				rk(c)
			}
			if OpOf(p.Code[next.pc]) != OpJmp {
				t.Fatalf("test at %d without a jump", at.pc)
			}
			goTo(next.pc + 1)
		case OpCall:
			touch(a, 1)
			values(a+1, b-1)
			if c == 0 {
				next.top = a
			} else {
				touch(a, c-1)
			}
		case OpTailCall:
			touch(a, 1)
			values(a+1, b-1)
			next.top = a
		case OpReturn:
			touch(a, 1)
			values(a, b-1)
			continue
		case OpForPrep:
			touch(a, 4)
			next.pc += SBx(i)
		case OpForLoop:
			touch(a, 4)
			goTo(next.pc + SBx(i))
		case OpTForCall:
			touch(a, 6)
			touch(a+3, c)
		case OpTForLoop:
			touch(a, 2)
			goTo(next.pc + SBx(i))
		case OpSetList:
			touch(a, 1)
			values(a+1, b)
			if b == 0 {
				values(a+1, -1)
			}
			if c == 0 {
				_ = Ax(p.Code[next.pc])
				next.pc++
			}
		case OpClosure:
			touch(a, 1)
			for _, u := range p.Protos[Bx(i)].Upvalues {
				if u.InStack {
					registers[u.Index] = true
				} else {
					upvalue(u.Index)
				}
			}
		case OpVararg:
			if b == 0 {
				touch(a, 1)
				next.top = a
			} else {
				touch(a, b-1)
			}
		default:
			t.Fatalf("%v at %d is executed", op, at.pc)
		}
		pending = append(pending, next)
	}
}
