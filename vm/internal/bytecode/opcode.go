package bytecode

// Op is a Lua 5.2 opcode. An instruction has the opcode in bits 0-5, A in 6-13, C in 14-22 and B in 23-31;
// Bx is C and B together, SBx is Bx less 131071, Ax is all bits above the opcode.
type Op uint8

// The opcodes, in the order of C Lua 5.2. R is a register, K a constant, U an upvalue, P a prototype;
// RK(x) is K(x-256) from 256 on, else R(x).
const (
	OpMove     Op = iota // R(A) := R(B)
	OpLoadK              // R(A) := K(Bx)
	OpLoadKX             // R(A) := K(Ax of the ExtraArg that follows)
	OpLoadBool           // R(A) := B ~= 0; if C ~= 0 then pc++
	OpLoadNil            // R(A), ..., R(A+B) := nil
	OpGetUpval           // R(A) := U(B)
	OpGetTabUp           // R(A) := U(B)[RK(C)]
	OpGetTable           // R(A) := R(B)[RK(C)]
	OpSetTabUp           // U(A)[RK(B)] := RK(C)
	OpSetUpval           // U(B) := R(A)
	OpSetTable           // R(A)[RK(B)] := RK(C)
	OpNewTable           // R(A) := {}; B and C, 0 to 255, are hints at its sizes: a "floating point byte" xxxxxyyy is yyy, or (8+yyy) << (xxxxx-1) if xxxxx > 0
	OpSelf               // R(A+1) := R(B); R(A) := R(B)[RK(C)]
	OpAdd                // R(A) := RK(B) + RK(C)
	OpSub                // R(A) := RK(B) - RK(C)
	OpMul                // R(A) := RK(B) * RK(C)
	OpDiv                // R(A) := RK(B) / RK(C)
	OpMod                // R(A) := RK(B) % RK(C)
	OpPow                // R(A) := RK(B) ^ RK(C)
	OpUnm                // R(A) := -R(B)
	OpNot                // R(A) := not R(B)
	OpLen                // R(A) := #R(B)
	OpConcat             // R(A) := R(B) .. ... .. R(C)
	OpJmp                // pc += SBx; if A ~= 0 then close the upvalues of registers >= A-1
	OpEq                 // if (RK(B) == RK(C)) ~= (A ~= 0) then pc++
	OpLt                 // if (RK(B) < RK(C)) ~= (A ~= 0) then pc++
	OpLe                 // if (RK(B) <= RK(C)) ~= (A ~= 0) then pc++
	OpTest               // if truth(R(A)) ~= (C ~= 0) then pc++
	OpTestSet            // if truth(R(B)) == (C ~= 0) then R(A) := R(B) else pc++
	OpCall               // R(A), ..., R(A+C-2) := R(A)(R(A+1), ..., R(A+B-1)); B = 0: arguments up to top; C = 0: sets top
	OpTailCall           // return R(A)(R(A+1), ..., R(A+B-1)); B = 0: arguments up to top
	OpReturn             // return R(A), ..., R(A+B-2); B = 0: results up to top
	OpForLoop            // R(A) += R(A+2); if R(A) has not passed R(A+1) then pc += SBx, R(A+3) := R(A)
	OpForPrep            // R(A) -= R(A+2); pc += SBx
	OpTForCall           // R(A+3), ..., R(A+2+C) := R(A)(R(A+1), R(A+2))
	OpTForLoop           // if R(A+1) ~= nil then R(A) := R(A+1), pc += SBx
	OpSetList            // R(A)[(C-1)*50+i] := R(A+i), 1 <= i <= B; B = 0: up to top; C = 0: C is the Ax of the ExtraArg that follows
	OpClosure            // R(A) := closure(P(Bx))
	OpVararg             // R(A), ..., R(A+B-2) := the extra arguments; B = 0: all of them, sets top
	OpExtraArg           // Ax belongs to the instruction before
)

const (
	opCount  = int(OpExtraArg) + 1
	opMask   = 1<<6 - 1
	maxSBx   = 1<<17 - 1 // SBx is Bx less this
	constBit = 1 << 8    // in B and C: the operand is a constant

	// FieldsPerFlush is how many array items one OpSetList stores.
	FieldsPerFlush = 50
)

// OpOf returns the opcode bits of i. They name an opcode in every instruction of a validated prototype.
func OpOf(i uint32) Op { return Op(i & opMask) }

// A returns operand A, 0 to 255.
func A(i uint32) int { return int(i >> 6 & 0xff) }

// B returns operand B, 0 to 511.
func B(i uint32) int { return int(i >> 23) }

// C returns operand C, 0 to 511.
func C(i uint32) int { return int(i >> 14 & 0x1ff) }

// Bx returns operand Bx, 0 to 262143.
func Bx(i uint32) int { return int(i >> 14) }

// SBx returns operand sBx, -131071 to 131072.
func SBx(i uint32) int { return int(i>>14) - maxSBx }

// Ax returns operand Ax, 0 to 67108863.
func Ax(i uint32) int { return int(i >> 6) }

// IsK reports whether the RK operand names a constant.
func IsK(rk int) bool { return rk&constBit != 0 }

// KIndex returns the index of the constant that the RK operand names.
func KIndex(rk int) int { return rk &^ constBit }

var opNames = [opCount]string{
	"MOVE", "LOADK", "LOADKX", "LOADBOOL", "LOADNIL", "GETUPVAL", "GETTABUP", "GETTABLE", "SETTABUP", "SETUPVAL",
	"SETTABLE", "NEWTABLE", "SELF", "ADD", "SUB", "MUL", "DIV", "MOD", "POW", "UNM", "NOT", "LEN", "CONCAT", "JMP",
	"EQ", "LT", "LE", "TEST", "TESTSET", "CALL", "TAILCALL", "RETURN", "FORLOOP", "FORPREP", "TFORCALL", "TFORLOOP",
	"SETLIST", "CLOSURE", "VARARG", "EXTRAARG",
}

// String returns the name that luac -l prints.
func (op Op) String() string {
	if int(op) < opCount {
		return opNames[op]
	}
	return "UNKNOWN"
}
