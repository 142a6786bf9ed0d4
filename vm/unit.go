package vm

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// unit is what a compiled chunk knows of itself as a whole: its functions, and what a reload needs to compare them
// with those of another version. It is shared, like the prototypes.
type unit struct {
	protos     []*Proto    // in the order of the source; the first one is the main chunk
	tracked    bool        // states remember the variables of its main chunk: the chunk came from a file
	superseded atomic.Bool // in some state, once: closures made of it must look for their successor
	self       weak.Pointer[unit]
	names      names
	bytes      int // about what all its functions take

	once  sync.Once
	infos []functionInfo  // by Proto.index
	cells []variable      // the main chunk's captured variables; a state's module has a cell for each
	fixed map[string]bool // what the main chunk assigns the result of reload.const to: "local X", "X" for a field
}

// functionInfo is what names and compares one function.
type functionInfo struct {
	name string     // "M.f", "on_message", "skynet.start('x')", or ""
	path string     // name, behind those of the enclosing functions
	vars []variable // what each upvalue stands for
	cell []int      // the number of the main chunk's variable behind each upvalue, or -1
	own  [16]byte   // hash of the code without lines and without the functions inside
	deep [16]byte   // hash with the functions inside
}

// MainChunkName is the name of a main chunk among its functions.
const MainChunkName = "main chunk"

// variable identifies the declaration of a local variable in a unit.
type variable struct {
	function int // index of the declaring function; -1: an upvalue of the main chunk
	name     string
	nth      int // of the captured variables of that name in that function
}

func (v variable) known() bool { return v.name != "" }

func newUnit() *unit {
	u := &unit{bytes: int(unsafe.Sizeof(unit{}))}
	u.self = weak.Make(u)
	return u
}

func (u *unit) add(p *Proto) {
	p.unit, p.index = u, len(u.protos)
	u.protos = append(u.protos, p)
}

func (u *unit) main() *Proto { return u.protos[0] }

// info returns the analysis of p, made when it is first asked for.
func (u *unit) info(p *Proto) *functionInfo {
	u.once.Do(u.analyse)
	return &u.infos[p.index]
}

func (u *unit) analyse() {
	u.infos = make([]functionInfo, len(u.protos))
	main := u.main()
	for i, d := range main.upvalues {
		u.infos[0].vars = append(u.infos[0].vars, variable{-1, d.Name, i})
	}
	u.infos[0].path = MainChunkName
	for _, p := range u.protos {
		u.analyseChildren(p)
	}
	for i := range u.protos {
		u.infos[i].cell = make([]int, len(u.infos[i].vars))
		for j, v := range u.infos[i].vars {
			u.infos[i].cell[j] = u.cellOf(v)
		}
	}
	u.fixed = main.fixedPlaces()
	for i := len(u.protos) - 1; i >= 0; i-- {
		u.hash(u.protos[i])
	}
}

func (u *unit) cellOf(v variable) int {
	if v.function != 0 || !v.known() {
		return -1
	}
	for i, c := range u.cells {
		if c == v {
			return i
		}
	}
	u.cells = append(u.cells, v)
	return len(u.cells) - 1
}

// analyseChildren names the functions inside p, and the variables that they capture.
func (u *unit) analyseChildren(p *Proto) {
	created := make([]int, len(p.protos)) // by which instruction
	for pc, i := range p.source.Code {
		if bytecode.OpOf(i) == bytecode.OpClosure {
			created[bytecode.Bx(i)] = pc
		}
	}
	captured := map[int]bool{} // indices in source.Locals
	for k, child := range p.protos {
		for _, d := range child.upvalues {
			if l := p.localAt(d, created[k]); l >= 0 {
				captured[l] = true
			}
		}
	}
	for k, child := range p.protos {
		info := &u.infos[child.index]
		info.name = p.closureName(created[k])
		info.path = info.name
		if info.path == "" {
			info.path = fmt.Sprintf("function <%d>", child.source.LineDefined)
		}
		if p.index != 0 {
			info.path = u.infos[p.index].path + "/" + info.path
		}
		for _, d := range child.upvalues {
			switch {
			case !d.InStack && d.Index < len(u.infos[p.index].vars):
				info.vars = append(info.vars, u.infos[p.index].vars[d.Index])
			default:
				info.vars = append(info.vars, p.declaration(p.localAt(d, created[k]), captured))
			}
		}
	}
}

// localAt returns the index in source.Locals of the variable that an upvalue of a function created at pc captures, or -1.
func (p *Proto) localAt(d bytecode.Upvalue, pc int) int {
	if !d.InStack {
		return -1
	}
	// A local function is in scope of itself, but its variable is alive from the next instruction on only.
	for _, at := range [...]int{pc, pc + 1} {
		if i := p.activeLocal(d.Index, at); i >= 0 && p.source.Locals[i].Name == d.Name {
			return i
		}
	}
	return -1
}

// activeLocal returns the index in source.Locals of the variable in a register at pc, or -1.
func (p *Proto) activeLocal(reg, pc int) int {
	for i, l := range p.source.Locals {
		if l.StartPC > pc {
			break
		}
		if pc < l.EndPC {
			if reg == 0 {
				return i
			}
			reg--
		}
	}
	return -1
}

func (p *Proto) declaration(local int, captured map[int]bool) variable {
	if local < 0 {
		return variable{}
	}
	v := variable{function: p.index, name: p.source.Locals[local].Name}
	for i, l := range p.source.Locals[:local] {
		if captured[i] && l.Name == v.name {
			v.nth++
		}
	}
	return v
}

// closureName finds out what the closure made at pc is called, from where the next instructions put it:
// a local variable, a field, a global, or an argument of a call.
func (p *Proto) closureName(pc int) string {
	reg := bytecode.A(p.source.Code[pc])
	for _, l := range p.source.Locals {
		if l.StartPC == pc+1 && p.localName(reg+1, pc+1) == l.Name {
			return l.Name
		}
	}
	if pc+1 >= len(p.source.Code) {
		return ""
	}
	i := p.source.Code[pc+1]
	switch op := bytecode.OpOf(i); {
	case op == bytecode.OpSetTable && bytecode.C(i) == reg:
		return p.placeName(pc+1, bytecode.A(i)) + keyName(p, pc+1, bytecode.B(i))
	case op == bytecode.OpSetTabUp && bytecode.C(i) == reg:
		if table := p.upvalueName(bytecode.A(i)); table != "_ENV" {
			return table + keyName(p, pc+1, bytecode.B(i))
		}
		return p.constantName(pc+1, bytecode.B(i))
	case op == bytecode.OpSetUpval && bytecode.A(i) == reg:
		return p.upvalueName(bytecode.B(i))
	case op == bytecode.OpReturn && bytecode.A(i) == reg:
		return "return"
	}
	return p.argumentName(pc, reg)
}

func (p *Proto) placeName(pc, reg int) string {
	what, name := p.registerName(pc, reg)
	if what == "" || name == "?" {
		return ""
	}
	return name
}

func keyName(p *Proto, pc, rk int) string {
	if bytecode.IsK(rk) {
		switch k := p.constants[bytecode.KIndex(rk)]; k.Kind() {
		case KindString:
			return "." + k.str()
		default:
			return "[" + Text(k) + "]"
		}
	}
	if _, name := p.registerName(pc, rk); name != "" {
		return "[" + name + "]"
	}
	return "[]"
}

// argumentName words a closure that is passed to a function, with the strings passed before it: "skynet.dispatch('lua')".
func (p *Proto) argumentName(pc, reg int) string {
	var strs []string
	for at := pc + 1; at < len(p.source.Code); at++ {
		i := p.source.Code[at]
		switch bytecode.OpOf(i) {
		case bytecode.OpJmp, bytecode.OpReturn:
			return ""
		case bytecode.OpCall, bytecode.OpTailCall:
			f := bytecode.A(i)
			if f >= reg {
				continue
			}
			if n := bytecode.B(i); n != 0 && reg >= f+n {
				return ""
			}
			for r := f + 1; r < reg; r++ {
				if set := p.setter(pc, r); set >= 0 && bytecode.OpOf(p.source.Code[set]) == bytecode.OpLoadK {
					if k := p.constants[bytecode.Bx(p.source.Code[set])]; k.isString() {
						strs = append(strs, "'"+k.str()+"'")
					}
				}
			}
			name := p.placeName(at, f)
			if name == "" {
				name = "call"
			}
			return fmt.Sprintf("%s(%s)#%d", name, strings.Join(strs, ","), reg-f)
		}
	}
	return ""
}

// fixedPlaces names the variables and fields that a main chunk assigns what a function named const returns:
// the source decides on them, whatever the program does.
func (p *Proto) fixedPlaces() map[string]bool {
	fixed := map[string]bool{}
	for pc, i := range p.source.Code {
		if op := bytecode.OpOf(i); op != bytecode.OpCall || bytecode.C(i) != 2 || pc+1 >= len(p.source.Code) {
			continue
		}
		reg := bytecode.A(i)
		if _, name := p.registerName(pc, reg); name != "const" {
			continue
		}
		if l := p.activeLocal(reg, pc+1); l >= 0 && p.source.Locals[l].StartPC == pc+1 {
			fixed["local "+p.source.Locals[l].Name] = true
			continue
		}
		switch next := p.source.Code[pc+1]; bytecode.OpOf(next) {
		case bytecode.OpSetTable:
			if bytecode.C(next) == reg {
				fixed[p.constantName(pc+1, bytecode.B(next))] = true
			}
		case bytecode.OpSetTabUp:
			if bytecode.C(next) == reg {
				fixed["global "+p.constantName(pc+1, bytecode.B(next))] = true
			}
		}
	}
	return fixed
}

// hash fills in the hashes of p; those of the functions inside it are there already.
func (u *unit) hash(p *Proto) {
	info := &u.infos[p.index]
	var b []byte
	num := func(n int) { b = binary.AppendVarint(b, int64(n)) }
	str := func(s string) { num(len(s)); b = append(b, s...) }
	num(p.numParams)
	if p.isVararg {
		num(1)
	} else {
		num(0)
	}
	num(len(p.source.Code))
	for _, i := range p.source.Code {
		b = binary.LittleEndian.AppendUint32(b, i)
	}
	for _, k := range p.constants {
		num(int(k.Kind()))
		switch k.Kind() {
		case KindString:
			str(k.str())
		case KindNumber:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(k.number()))
		case KindBoolean:
			str(Text(k))
		}
	}
	for _, v := range info.vars {
		str(v.name)
		num(v.nth)
		num(min(v.function, 0))
	}
	sum := sha256.Sum256(b)
	copy(info.own[:], sum[:])
	for _, child := range p.protos {
		b = append(b, u.infos[child.index].deep[:]...)
	}
	sum = sha256.Sum256(b)
	copy(info.deep[:], sum[:])
}

// assigns reports whether a function inside the main chunk assigns to the main chunk's variable of that number.
func (u *unit) assigns(number int) bool {
	for _, p := range u.protos[1:] {
		info := u.info(p)
		for _, i := range p.source.Code {
			if bytecode.OpOf(i) == bytecode.OpSetUpval && info.cell[bytecode.B(i)] == number {
				return true
			}
		}
	}
	return false
}
