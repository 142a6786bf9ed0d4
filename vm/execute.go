package vm

import (
	"math"
	"unsafe"
)

// execute is the interpreter's loop. It runs Lua functions without recursion: a call pushes a frame and goes on at
// reload, a return pops one; so do the calls of metamethods, pcall, and the switches between coroutines.
//
// A Go function is called at callGo. What it returns (results, an error, or the wish for a call, a yield, a resume)
// decides where to go on.
func (s *State) execute(e entry) error {
	var (
		t    = e.thread
		f    *frame
		p    *Proto
		err  error
		code unsafe.Pointer // of the instructions
		regs unsafe.Pointer // of register 0
		k    unsafe.Pointer // of the constants
		pc   int

		// A call about to happen, or results about to be delivered.
		slot, args, results int
		flags               frameFlags
		cl                  *closure
		fn                  *GoFunction
		first, n            int
		u                   unwound
	)
	s.current = t

begin:
	f = t.ci
	if e.raise != nil {
		err = e.raise
		e.raise = nil
		goto raise
	}
	if e.goOn {
		first, n = t.goCall.base, e.args
		if f.k != nil {
			goto resumeGo
		}
		goto deliver
	}
	slot, args, results, flags = e.slot, e.args, -1, e.flags
	goto call

reload:
	p = f.proto
	regs = unsafe.Add(values(t.stack), f.base*valueSize)
	k = values(p.constants)
	code = instructions(p.code)
	if t.hook != nil {
		code = instructions(p.trapCode())
	}
	pc = f.pc

	for {
		i := fetch(code, pc)
		pc++
	again:
		switch i.op() {
		case opMove:
			*regA(regs, i) = *regB(regs, i)

		case opLoadK:
			*regA(regs, i) = *at(k, i.wide())

		case opLoadBool:
			*regA(regs, i) = Bool(i.b() != 0)
			pc += i.c()

		case opLoadNil:
			ra := regA(regs, i)
			for j := i.b(); j >= 0; j-- {
				*ra = Value{}
				ra = after(ra, 1)
			}

		case opGetUpval:
			*regA(regs, i) = *upvalueAt(f.ups, i.b()).v

		case opSetUpval:
			*upvalueAt(f.ups, i.b()).v = *regA(regs, i)

		case opGetGlobal:
			env := *upvalueAt(f.ups, i.b()).v
			key := regC(k, i)
			if env.is(tagTable) {
				tab := env.table()
				if tab.first != nil {
					if nd := tab.node(i.hash()); nd.key == *key && !nd.val.IsNil() {
						*regA(regs, i) = nd.val
						continue
					}
				}
				v := tab.getString(*key, p.hashes[i.c()])
				if tab.meta == nil || !v.IsNil() {
					*regA(regs, i) = v
					continue
				}
			}
			f.pc = pc
			v, h, e := t.index(env, *key)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, v, *key)
				goto meta
			}
			*regA(regs, i) = v

		case opGetField:
			rb := regB(regs, i)
			key := regC(k, i)
			if rb.is(tagTable) {
				tab := rb.table()
				if tab.first != nil {
					if nd := tab.node(i.hash()); nd.key == *key && !nd.val.IsNil() {
						*regA(regs, i) = nd.val
						continue
					}
				}
				if v, done := tab.field(*key, p.hashes[i.c()]); done {
					*regA(regs, i) = v
					continue
				}
			}
			f.pc = pc
			v, h, e := t.index(*rb, *key)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, v, *key)
				goto meta
			}
			*regA(regs, i) = v

		case opSelf:
			ra := regA(regs, i)
			rb := *regB(regs, i)
			key := regC(k, i)
			*after(ra, 1) = rb
			var tab *Table
			if rb.is(tagTable) {
				tab = rb.table()
			} else if rb.isString() {
				tab = plainIndex(s.metas[KindString])
			}
			if tab != nil {
				if tab.first != nil {
					if nd := tab.node(i.hash()); nd.key == *key && !nd.val.IsNil() {
						*ra = nd.val
						continue
					}
				}
				if v, done := tab.field(*key, p.hashes[i.c()]); done {
					*ra = v
					continue
				}
			}
			{
				f.pc = pc
				v, h, e := t.index(rb, *key)
				if e != nil {
					err = e
					goto raise
				}
				if !h.IsNil() {
					slot, args = t.stage(f, h, v, *key)
					goto meta
				}
				*ra = v
			}

		case opGetTable:
			rb := regB(regs, i)
			rc := regC(regs, i)
			if rb.is(tagTable) {
				tab := rb.table()
				var v Value
				if rc.isNumber() {
					x := rc.number()
					j := int(x)
					if float64(j) == x && uint(j-1) < uint(len(tab.arr)) {
						v = tab.arr[j-1]
					} else {
						v = tab.getNumber(*rc)
					}
				} else {
					v = tab.Get(*rc)
				}
				if tab.meta == nil || !v.IsNil() {
					*regA(regs, i) = v
					continue
				}
			}
			f.pc = pc
			v, h, e := t.index(*rb, *rc)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, v, *rc)
				goto meta
			}
			*regA(regs, i) = v

		case opGetInt:
			rb := regB(regs, i)
			if rb.is(tagTable) {
				tab := rb.table()
				j := i.c()
				var v Value
				if uint(j-1) < uint(len(tab.arr)) {
					v = tab.arr[j-1]
				} else {
					v = tab.getNumber(Int(j))
				}
				if tab.meta == nil || !v.IsNil() {
					*regA(regs, i) = v
					continue
				}
			}
			f.pc = pc
			v, h, e := t.index(*rb, Int(i.c()))
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, v, Int(i.c()))
				goto meta
			}
			*regA(regs, i) = v

		case opGetTabUp, opGetConst, opSelfX:
			key := *rkC(regs, k, i)
			var obj Value
			switch i.op() {
			case opGetTabUp:
				obj = *upvalueAt(f.ups, i.b()).v
			case opSelfX:
				obj = *regB(regs, i)
				*after(regA(regs, i), 1) = obj
			default:
				obj = *regB(regs, i)
			}
			f.pc = pc
			v, h, e := t.index(obj, key)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, v, key)
				goto meta
			}
			*regA(regs, i) = v

		case opSetGlobal, opSetTabUp, opSetConst:
			var obj Value
			if i.op() == opSetConst {
				obj = *regA(regs, i)
			} else {
				obj = *upvalueAt(f.ups, i.a()).v
			}
			key, val := *rkB(regs, k, i), *rkC(regs, k, i)
			f.pc = pc
			o, h, e := t.setIndex(obj, key, val)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stageSet(f, h, o, key, val)
				goto metaSet
			}

		case opSetField, opSetFieldK:
			ra := regA(regs, i)
			key := regB(k, i)
			from := regs
			if i.op() == opSetFieldK {
				from = k
			}
			val := regC(from, i)
			if ra.is(tagTable) {
				tab := ra.table()
				if tab.first != nil && tab.flags&(tableShared|tableMeta|tableLayered) == 0 {
					if nd := tab.node(i.hash()); nd.key == *key && !nd.val.IsNil() {
						nd.val = *val
						continue
					}
				}
			}
			f.pc = pc
			o, h, e := t.setField(*ra, *key, p.hashes[i.b()], *val)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stageSet(f, h, o, *key, *val)
				goto metaSet
			}

		case opSetTable:
			ra := regA(regs, i)
			key := regB(regs, i)
			val := rkC(regs, k, i)
			if ra.is(tagTable) && key.isNumber() {
				tab := ra.table()
				x := key.number()
				j := int(x)
				if float64(j) == x && !val.IsNil() {
					if uint(j-1) < uint(len(tab.arr)) {
						if tab.meta == nil || !tab.arr[j-1].IsNil() {
							tab.arr[j-1] = *val
							continue
						}
					} else if j == len(tab.arr)+1 && j <= cap(tab.arr) && tab.meta == nil && tab.flags&(tableIntKeys|tableWeak) == 0 {
						tab.arr = tab.arr[:j]
						tab.arr[j-1] = *val
						continue
					}
				}
			}
			f.pc = pc
			o, h, e := t.setIndex(*ra, *key, *val)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stageSet(f, h, o, *key, *val)
				goto metaSet
			}

		case opSetInt:
			ra := regA(regs, i)
			j := i.b()
			val := rkC(regs, k, i)
			if ra.is(tagTable) && !val.IsNil() {
				tab := ra.table()
				if uint(j-1) < uint(len(tab.arr)) && (tab.meta == nil || !tab.arr[j-1].IsNil()) {
					tab.arr[j-1] = *val
					continue
				}
			}
			f.pc = pc
			o, h, e := t.setIndex(*ra, Int(j), *val)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stageSet(f, h, o, Int(j), *val)
				goto metaSet
			}

		case opNewTable:
			*regA(regs, i) = tableValue(s.NewTable(i.b(), i.c()))

		case opAddRR:
			rb, rc := regB(regs, i), regC(regs, i)
			if rb.isNumber() && rc.isNumber() {
				regA(regs, i).setNumber(rb.number() + rc.number())
				continue
			}
			goto arith

		case opAddRK:
			rb := regB(regs, i)
			if rb.isNumber() {
				regA(regs, i).setNumber(rb.number() + regC(k, i).number())
				continue
			}
			goto arith

		case opAddKR:
			rc := regC(regs, i)
			if rc.isNumber() {
				regA(regs, i).setNumber(regB(k, i).number() + rc.number())
				continue
			}
			goto arith

		case opSubRR:
			rb, rc := regB(regs, i), regC(regs, i)
			if rb.isNumber() && rc.isNumber() {
				regA(regs, i).setNumber(rb.number() - rc.number())
				continue
			}
			goto arith

		case opSubRK:
			rb := regB(regs, i)
			if rb.isNumber() {
				regA(regs, i).setNumber(rb.number() - regC(k, i).number())
				continue
			}
			goto arith

		case opSubKR:
			rc := regC(regs, i)
			if rc.isNumber() {
				regA(regs, i).setNumber(regB(k, i).number() - rc.number())
				continue
			}
			goto arith

		case opMulRR:
			rb, rc := regB(regs, i), regC(regs, i)
			if rb.isNumber() && rc.isNumber() {
				regA(regs, i).setNumber(rb.number() * rc.number())
				continue
			}
			goto arith

		case opMulRK:
			rb := regB(regs, i)
			if rb.isNumber() {
				regA(regs, i).setNumber(rb.number() * regC(k, i).number())
				continue
			}
			goto arith

		case opMulKR:
			rc := regC(regs, i)
			if rc.isNumber() {
				regA(regs, i).setNumber(regB(k, i).number() * rc.number())
				continue
			}
			goto arith

		case opDivRR:
			rb, rc := regB(regs, i), regC(regs, i)
			if rb.isNumber() && rc.isNumber() {
				regA(regs, i).setNumber(rb.number() / rc.number())
				continue
			}
			goto arith

		case opDivRK:
			rb := regB(regs, i)
			if rb.isNumber() {
				regA(regs, i).setNumber(rb.number() / regC(k, i).number())
				continue
			}
			goto arith

		case opDivKR:
			rc := regC(regs, i)
			if rc.isNumber() {
				regA(regs, i).setNumber(regB(k, i).number() / rc.number())
				continue
			}
			goto arith

		case opModRR:
			rb, rc := regB(regs, i), regC(regs, i)
			if rb.isNumber() && rc.isNumber() {
				regA(regs, i).setNumber(modulo(rb.number(), rc.number()))
				continue
			}
			goto arith

		case opModRK:
			rb := regB(regs, i)
			if rb.isNumber() {
				regA(regs, i).setNumber(modulo(rb.number(), regC(k, i).number()))
				continue
			}
			goto arith

		case opArith:
			rb, rc := rkB(regs, k, i), rkC(regs, k, i)
			if rb.isNumber() && rc.isNumber() {
				regA(regs, i).setNumber(arithmetic(p.event(pc-1), rb.number(), rc.number()))
				continue
			}
			goto arith

		case opUnm:
			rb := regB(regs, i)
			if rb.isNumber() {
				regA(regs, i).setNumber(-rb.number())
				continue
			}
			f.pc = pc
			v, h, e := t.arith(eventUnm, *rb, *rb)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, *rb, *rb)
				goto meta
			}
			*regA(regs, i) = v

		case opNot:
			*regA(regs, i) = Bool(regB(regs, i).isFalsy())

		case opLen:
			rb := regB(regs, i)
			if rb.is(tagTable) && rb.table().meta == nil && rb.table().flags&tableHoles == 0 {
				regA(regs, i).setNumber(float64(len(rb.table().arr)))
				continue
			}
			f.pc = pc
			v, h, e := t.length(*rb)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, *rb, *rb)
				goto meta
			}
			*regA(regs, i) = v

		case opConcat:
			f.pc = pc
			h, e := t.concat(f, i.b(), i.c())
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, *at(regs, int(f.operand)-1), *at(regs, int(f.operand)))
				goto meta
			}
			*regA(regs, i) = *regB(regs, i)

		case opJmp:
			w := i.wide()
			pc += w
			if w < 0 {
				if s.steps--; s.steps < 0 {
					f.pc = pc
					goto checkpoint
				}
			}

		case opJmpClose:
			t.closeUpvalues(f.base + i.a() - 1)
			pc += i.wide()
			if i.wide() < 0 {
				if s.steps--; s.steps < 0 {
					f.pc = pc
					goto checkpoint
				}
			}

		case opEqRR:
			rb, rc := regB(regs, i), regC(regs, i)
			var res bool
			if rb.isNumber() && rc.isNumber() {
				res = rb.number() == rc.number()
			} else if *rb == *rc {
				res = true
			} else if s.equal(*rb, *rc) {
				res = true
			} else if h := t.equalEvent(*rb, *rc); !h.IsNil() {
				f.pc = pc
				slot, args = t.stage(f, h, *rb, *rc)
				goto meta
			}
			if res == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opEqRK:
			rb, kc := regB(regs, i), regC(k, i)
			var res bool
			if rb.isNumber() && kc.isNumber() {
				res = rb.number() == kc.number()
			} else {
				res = *rb == *kc || s.equal(*rb, *kc)
			}
			if res == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opLtRR:
			rb, rc := regB(regs, i), regC(regs, i)
			if !rb.isNumber() || !rc.isNumber() {
				goto compare
			}
			if (rb.number() < rc.number()) == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opLtRK:
			rb := regB(regs, i)
			if !rb.isNumber() {
				goto compare
			}
			if (rb.number() < regC(k, i).number()) == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opLtKR:
			rc := regC(regs, i)
			if !rc.isNumber() {
				goto compare
			}
			if (regB(k, i).number() < rc.number()) == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opLeRR:
			rb, rc := regB(regs, i), regC(regs, i)
			if !rb.isNumber() || !rc.isNumber() {
				goto compare
			}
			if (rb.number() <= rc.number()) == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opLeRK:
			rb := regB(regs, i)
			if !rb.isNumber() {
				goto compare
			}
			if (rb.number() <= regC(k, i).number()) == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opLeKR:
			rc := regC(regs, i)
			if !rc.isNumber() {
				goto compare
			}
			if (regB(k, i).number() <= rc.number()) == (i.a() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opEqX:
			rb, rc := p.operands(regs, k, pc-1)
			res := s.equal(rb, rc)
			if !res {
				if h := t.equalEvent(rb, rc); !h.IsNil() {
					f.pc = pc
					slot, args = t.stage(f, h, rb, rc)
					goto meta
				}
			}
			if res != (i.a() != 0) {
				pc++
			}

		case opLtX, opLeX:
			goto compare

		case opTest:
			if regA(regs, i).isFalsy() != (i.c() != 0) {
				pc += i.d()
				if i.d() < 0 {
					if s.steps--; s.steps < 0 {
						pc++
						f.pc = pc
						goto checkpoint
					}
				}
			}
			pc++

		case opTestX:
			if regA(regs, i).isFalsy() == (i.c() != 0) {
				pc++
			}

		case opTestSet:
			rb := regB(regs, i)
			if rb.isFalsy() != (i.c() != 0) {
				*regA(regs, i) = *rb
				pc += i.d()
			}
			pc++

		case opTestSetX:
			rb := regB(regs, i)
			if rb.isFalsy() != (i.c() != 0) {
				*regA(regs, i) = *rb
			} else {
				pc++
			}

		case opCall:
			slot = f.base + i.a()
			args = i.b() - 1
			results = i.c() - 1
			flags = 0
			if args < 0 {
				args = t.top - slot - 1
			}
			f.pc = pc
			if ra := regA(regs, i); ra.is(tagLua) {
				cl = ra.closure()
				goto callLua
			} else if ra.is(tagGo) {
				fn = ra.goFunction()
				goto callGo
			}
			goto call

		case opTailCall:
			slot = f.base + i.a()
			args = i.b() - 1
			if args < 0 {
				args = t.top - slot - 1
			}
			f.pc = pc
			results = -1
			flags = 0
			if ra := regA(regs, i); !ra.is(tagLua) {
				if !ra.is(tagGo) {
					if err = t.callMeta(slot, args); err != nil {
						goto raise
					}
					args++
				}
				if !t.stack[slot].is(tagLua) {
					goto call // the RETURN that follows passes the results on
				}
			}
			if t.open != nil {
				t.closeUpvalues(f.base)
			}
			cl = t.stack[slot].closure()
			copy(t.stack[f.slot:], t.stack[slot:slot+args+1])
			slot = f.slot
			results = f.results
			flags = f.flags | frameTail
			f = f.prev
			goto callLua

		case opReturn0:
			if t.open != nil {
				t.closeUpvalues(f.base)
			}
			if f.flags&frameReturn == 0 && f.prev.flags&frameGo == 0 && f.results <= 0 {
				if f.results < 0 {
					t.top = f.slot
				}
				f = f.prev
				t.ci = f
				goto reload
			}
			first, n = f.base, 0
			goto deliver

		case opReturn1:
			if t.open != nil {
				t.closeUpvalues(f.base)
			}
			if f.flags&frameReturn == 0 && f.prev.flags&frameGo == 0 && f.results == 1 {
				t.stack[f.slot] = *regA(regs, i)
				f = f.prev
				t.ci = f
				goto reload
			}
			first, n = f.base+i.a(), 1
			goto deliver

		case opReturn:
			if t.open != nil {
				t.closeUpvalues(f.base)
			}
			first = f.base + i.a()
			n = i.b() - 1
			if n < 0 {
				n = t.top - first
			}
			goto deliver

		case opForPrep:
			ra := regA(regs, i)
			limit, step := after(ra, 1), after(ra, 2)
			if !ra.isNumber() || !limit.isNumber() || !step.isNumber() {
				f.pc = pc
				if e := t.forNumbers(ra, limit, step); e != nil {
					err = e
					goto raise
				}
			}
			ra.setNumber(ra.number() - step.number())
			pc += i.wide()

		case opForLoop:
			ra := regA(regs, i)
			step := after(ra, 2).number()
			x := ra.number() + step
			limit := after(ra, 1).number()
			if step > 0 {
				if !(x <= limit) {
					continue
				}
			} else if !(limit <= x) {
				continue
			}
			pc += i.wide()
			ra.setNumber(x) // it may not be a number any more: debug.setlocal, or a chunk that no compiler has made
			after(ra, 3).setNumber(x)
			if s.steps--; s.steps < 0 {
				f.pc = pc
				goto checkpoint
			}

		case opTForCall:
			ra := regA(regs, i)
			if ra.is(tagGo) && t.hook == nil { // a hook is told of the call
				if id := ra.goFunction().id; id != builtinNone && after(ra, 1).is(tagTable) {
					tab := after(ra, 1).table()
					if id == builtinNext && tab.flags&tableWeak == 0 {
						kv, vv, e := tab.Next(*after(ra, 2))
						if e == nil {
							*after(ra, 3) = kv
							*after(ra, 4) = vv
							for j := 3; j <= i.c(); j++ {
								*after(ra, 2+j) = Value{}
							}
							continue
						}
					} else if id == builtinIpairs && after(ra, 2).isNumber() {
						j := int(after(ra, 2).number())
						if uint(j) < uint(len(tab.arr)) {
							if v := tab.arr[j]; !v.IsNil() {
								after(ra, 3).setNumber(float64(j + 1))
								*after(ra, 4) = v
								for j := 3; j <= i.c(); j++ {
									*after(ra, 2+j) = Value{}
								}
								continue
							}
						}
					}
				}
			}
			*after(ra, 5) = *after(ra, 2)
			*after(ra, 4) = *after(ra, 1)
			*after(ra, 3) = *ra
			slot, args, results, flags = f.base+i.a()+3, 2, i.c(), 0
			f.pc = pc
			goto call

		case opTForLoop:
			ra := regA(regs, i)
			if v := after(ra, 1); !v.IsNil() {
				*ra = *v
				pc += i.wide()
				if s.steps--; s.steps < 0 {
					f.pc = pc
					goto checkpoint
				}
			}

		case opSetList:
			ra := f.base + i.a()
			c := i.b()
			if c == 0 {
				c = t.top - ra - 1
			}
			if !t.stack[ra].is(tagTable) { // see opForLoop
				f.pc = pc
				err = t.errorf("attempt to index a %s value", s.typeName(t.stack[ra]))
				goto raise
			}
			t.stack[ra].table().setList(i.wide(), t.stack[ra+1:ra+1+c])

		case opClosure:
			*regA(regs, i) = luaValue(t.closure(f, i.wide()))

		case opVararg:
			want := i.b() - 1
			ra := f.base + i.a()
			if want < 0 {
				want = f.extra
				if need := ra + want + spareSlots; need > len(t.stack) {
					f.pc = pc
					if e := t.grow(need); e != nil {
						err = e
						goto raise
					}
					regs = unsafe.Add(values(t.stack), f.base*valueSize)
				}
				t.top = ra + want
			}
			have := min(want, f.extra)
			s.work(have * valueSize)
			copy(t.stack[ra:ra+have], t.stack[f.base-f.extra:])
			for j := have; j < want; j++ {
				t.stack[ra+j] = Value{}
			}

		case opTrap:
			f.pc = pc
			if s.journal != nil {
				s.trapped(f)
			}
			if e := t.trap(f); e != nil {
				err = e
				goto raise
			}
			regs = unsafe.Add(values(t.stack), f.base*valueSize)
			i = fetch(instructions(p.code), pc-1)
			goto again
		}
		continue

	arith:
		{
			rb, rc := p.operands(regs, k, pc-1)
			f.pc = pc
			v, h, e := t.arith(p.event(pc-1), rb, rc)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				slot, args = t.stage(f, h, rb, rc)
				goto meta
			}
			*regA(regs, i) = v
			continue
		}

	compare:
		{
			rb, rc := p.operands(regs, k, pc-1)
			f.pc = pc
			res, h, swapped, e := t.compare(p.event(pc-1), rb, rc)
			if e != nil {
				err = e
				goto raise
			}
			if !h.IsNil() {
				if swapped {
					slot, args = t.stage(f, h, rc, rb)
					results, flags = 1, frameMeta|frameNegate
					goto call
				}
				slot, args = t.stage(f, h, rb, rc)
				goto meta
			}
			t.jumpIf(f, res)
			pc = f.pc
			if s.steps < 0 {
				goto inside
			}
			continue
		}
	}

checkpoint: // between two statements
	s.tidy(t.liveSlot())
	s.standStill()
	f.pc++ // an error is one of the statement that comes
	if err = s.checkpoint(t); err != nil {
		goto raise
	}
	f.pc--
	goto reload

inside: // an expression
	if err = s.checkpoint(t); err != nil {
		goto raise
	}
	goto reload

metaSet:
	results, flags = 0, frameMeta
	goto call

meta:
	results, flags = 1, frameMeta
	goto call

	// call calls the value at slot, whatever it is.
call:
	switch v := t.stack[slot]; {
	case v.is(tagLua):
		cl = v.closure()
		goto callLua
	case v.is(tagGo):
		fn = v.goFunction()
		goto callGo
	default:
		if err = t.callMeta(slot, args); err != nil {
			goto refused
		}
		args++
		goto call
	}

callLua:
	if cl.generation != s.generation {
		s.upgrade(cl)
	}
	{
		p = cl.proto
		base := slot + 1
		if need := base + args + p.maxStack + p.numParams + spareSlots; need > len(t.stack) {
			if err = t.grow(need); err != nil {
				goto refused
			}
		}
		nf := f.next
		if nf == nil {
			nf = t.newFrame(f)
		}
		if p.special != 0 {
			base = t.enterSpecial(nf, p, slot, args)
		} else if args < p.numParams {
			for j := args; j < p.numParams; j++ {
				t.stack[base+j] = Value{}
			}
		}
		if ups := cl.ups(); nf.cl != cl || nf.proto != p || nf.ups != ups {
			nf.cl, nf.proto, nf.ups = cl, p, ups // often they stand there already: that spares write barriers
		}
		nf.slot = slot
		nf.base = base
		nf.pc = 0
		nf.results = results
		nf.flags = flags
		f = nf
		t.ci = nf
		if s.steps--; s.steps < 0 || t.hook != nil {
			if err = t.enterHook(f); err != nil {
				goto raise
			}
			if s.steps < 0 {
				goto checkpoint
			}
		}
	}
	goto reload

callGo:
	{
		nf := f.next
		if nf == nil {
			nf = t.newFrame(f)
		}
		if nf.fn != fn {
			nf.fn = fn
		}
		if nf.k != nil {
			nf.k = nil
		}
		nf.slot = slot
		nf.base = slot + 1
		nf.results = results
		nf.flags = flags | frameGo
		t.ci = nf
		top := slot + 1 + args
		if top+spareSlots > len(t.stack) {
			if err = t.grow(top + spareSlots); err != nil {
				goto raise
			}
		}
		c := &t.goCall
		c.base, c.args, c.top, c.results = slot+1, args, top, 0
		if t.hook != nil {
			if err = t.enterHook(nf); err != nil {
				goto raise
			}
		}
		err = fn.fn(c)
	}

	// returned goes on after a Go function, or a continuation of one, came back with err.
returned:
	f = t.ci
	if err != nil {
		wish, ok := err.(request)
		if !ok {
			goto raise
		}
		switch wish {
		case errCall:
			slot, args, results, flags = t.goCall.slot, t.goCall.nargs, -1, 0
			goto call
		case errYielded:
			goto yield
		case errResume:
			first, n = t.goCall.top-t.goCall.results, t.goCall.results
			co := t.goCall.resume
			e, err = s.switchTo(t, co, first, n)
			if err == nil {
				t = co
				goto begin
			}
			if f.flags&frameResume == 0 {
				err = &Error{Value: String(t.where(1) + err.Error())}
				goto raise
			}
			u = t.deliverError(f, err.(*Error))
			first, n = u.first, u.n
			goto deliver
		case errSuspended:
			if s.goDepth > 1 {
				err = NewError(String(errBoundary.Error()))
				goto raise
			}
			t.status = StatusNormal // nobody but the host may resume it
			return errSuspended
		}
		goto raise
	}
	first, n = t.goCall.top-t.goCall.results, t.goCall.results

	// deliver ends the frame f, whose results are the n values at first.
deliver:
	if t.hook != nil {
		if err = t.leaveHook(f, first, n); err != nil {
			goto raise
		}
	}
	if n > manyResults {
		if err = s.deliverWork(t, n); err != nil {
			goto raise
		}
	}
	slot = f.slot
	{
		want := f.results
		stack := t.stack
		if want < 0 {
			want = n
			t.top = slot + n
		}
		for j := 0; j < want; j++ {
			if j < n {
				stack[slot+j] = stack[first+j]
			} else {
				stack[slot+j] = Value{}
			}
		}
	}
	flags = f.flags
	f = f.prev
	t.ci = f
	if flags&frameReturn == 0 && f.flags&frameGo == 0 {
		goto reload
	}
	switch {
	case flags&frameFresh != 0:
		return nil
	case flags&frameBottom != 0:
		goto finished
	case flags&frameMeta != 0:
		h, e := t.finish(f, t.stack[slot], flags)
		if e != nil {
			err = e
			goto raise
		}
		if !h.IsNil() {
			j := f.base + int(f.operand)
			slot, args = t.stage(f, h, t.stack[j-1], t.stack[j])
			goto meta
		}
		if s.steps < 0 {
			goto inside
		}
		goto reload
	}
	// f is a Go function that asked for the call.
	first, n = slot, t.top-slot
	if f.flags&frameProtected != 0 {
		if s.steps < 0 && s.overLimit(0) {
			err = s.outOfMemory() // what was allocated inside is the error of the call
			goto raise
		}
		t.protected--
		first--
		n++
		t.stack[first] = Bool(true)
	}
	if f.k == nil {
		goto deliver
	}

	// resumeGo calls the continuation of the Go function of frame f with the n values at first.
resumeGo:
	{
		cont := f.k
		f.k = nil
		f.flags &^= frameProtected | frameHandler | frameResume | frameWrap
		if top := first + n + spareSlots; top > len(t.stack) {
			if err = t.grow(top); err != nil {
				goto raise
			}
		}
		c := &t.goCall
		c.base, c.args, c.top, c.results = first, n, first+n, 0
		err = cont(c)
	}
	goto returned

	// finished ends the coroutine t: its results are on its stack from slot on.
finished:
	t.status = StatusDead
	if t.parent == nil {
		return nil
	}
	{
		child := t
		t = t.parent
		s.backTo(t, child)
		u = t.handOver(child, slot, child.top-slot)
		child.stack, child.root.next = nil, nil
	}
	goto unwound

	// yield gives the results of the running Go function to whoever resumed t.
yield:
	if t == s.main || t.parent == nil && t.goCalls == 0 && s.goDepth > 1 {
		err = NewError(String(errOutside.Error()))
		goto raise
	}
	if t.goCalls > 0 {
		err = NewError(String(errBoundary.Error()))
		goto raise
	}
	if t.parent == nil {
		t.status = StatusSuspended
		t.top = t.goCall.top
		return errYielded
	}
	{
		child := t
		child.status = StatusSuspended
		t = t.parent
		s.backTo(t, child)
		u = t.handOver(child, child.goCall.top-child.goCall.results, child.goCall.results)
	}
	goto unwound

	// refused is where a call ends that can't begin. It has no frame that unwinding could stop at.
refused:
	if flags&frameFresh != 0 {
		return s.refuse(err)
	}

raise:
	u = s.unwind(err)
	t = s.current
	if u.err != nil {
		return u.err
	}

unwound:
	if u.err != nil {
		err = u.err
		goto raise
	}
	f = t.ci
	first, n = u.first, u.n
	if u.call {
		goto resumeGo
	}
	goto deliver
}

func modulo(a, b float64) float64 { return a - float64(math.Floor(a/b)*b) }
