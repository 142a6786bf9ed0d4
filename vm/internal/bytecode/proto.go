// Package bytecode turns Lua 5.2 source text and precompiled chunks into prototypes that are safe to execute,
// and prototypes into precompiled chunks.
//
// Every prototype that leaves the package, from source or from a chunk, has passed the same validation:
// an interpreter may index registers, constants, upvalues, prototypes and instructions without checking them again.
package bytecode

// Proto is one Lua 5.2 function prototype as the compiler made it. It is immutable once returned.
type Proto struct {
	Source                       string // chunk name with its prefix ("@room.lua", "=stdin") or the source text itself; nested prototypes have it too
	LineDefined, LastLineDefined int    // 0 and 0 for a main chunk
	NumParams, MaxStack          int    // registers 0..MaxStack-1 exist, parameters are the first NumParams
	IsVararg                     bool
	Code                         []uint32 // 5.2 instructions; see Op for the encoding
	Constants                    []Constant
	Protos                       []*Proto
	Upvalues                     []Upvalue
	LineInfo                     []int32 // the line of each instruction, or empty when stripped
	Locals                       []Local // as they come into scope, or empty when stripped
}

// Constant is nil, a bool, a float64 or a string.
type Constant any

// Upvalue says where a closure takes an upvalue from when it is created:
// register Index of the enclosing function, or that function's own upvalue Index.
type Upvalue struct {
	Name    string // "" when stripped
	InStack bool
	Index   int
}

// Local is a local variable that is alive for the instructions StartPC <= pc < EndPC.
type Local struct {
	Name           string
	StartPC, EndPC int
}
