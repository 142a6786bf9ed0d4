package vm

import (
	"sort"

	"github.com/luahost/luahost/vm/internal/bytecode"
)

// GlobalUse is a place where code reads a global variable.
type GlobalUse struct {
	Name     string
	Line     int
	Function string
}

// Globals returns the global variables that a chunk reads, in the order of their lines, and the names of those that it
// assigns to. Only plain names are seen, not _G[name].
func (p *Proto) Globals() (reads []GlobalUse, writes map[string]bool) {
	writes = map[string]bool{}
	for _, f := range p.unit.protos {
		for pc, i := range f.source.Code {
			switch op := bytecode.OpOf(i); op {
			case bytecode.OpGetTabUp:
				if f.upvalueName(bytecode.B(i)) == "_ENV" && f.isGlobalTable(bytecode.B(i)) {
					if name, ok := f.constantString(bytecode.C(i)); ok {
						reads = append(reads, GlobalUse{name, f.line(pc), f.unit.info(f).path})
					}
				}
			case bytecode.OpSetTabUp:
				if f.upvalueName(bytecode.A(i)) == "_ENV" {
					if name, ok := f.constantString(bytecode.B(i)); ok {
						writes[name] = true
					}
				}
			}
		}
	}
	sort.SliceStable(reads, func(i, j int) bool { return reads[i].Line < reads[j].Line })
	return reads, writes
}

// isGlobalTable reports whether an upvalue named _ENV is that of the chunk and not a local variable of that name.
func (p *Proto) isGlobalTable(upvalue int) bool { return p.unit.info(p).vars[upvalue].function < 0 }

func (p *Proto) constantString(rk int) (string, bool) {
	if !bytecode.IsK(rk) {
		return "", false
	}
	return p.constants[bytecode.KIndex(rk)].AsString()
}
