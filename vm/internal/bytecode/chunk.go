package bytecode

// The precompiled chunks of C Lua 5.2 (lundump.h): a header, then the main function. A function is its lines and
// sizes, code, constants, inner functions and upvalues, then what strip removes: source, lines and names.
// Counts are ints; a string is its size_t length with a terminating zero counted, then that; 0 is no string.

const (
	signature      = "\x1bLua"
	version        = 0x52
	officialFormat = 0
	littleEndian   = 1
	intSize        = 4
	wordSize       = 8 // size_t; 4 is read too
	opcodeSize     = 4
	numberSize     = 8
	floatNumbers   = 0
	tail           = "\x19\x93\r\n\x1a\n" // to catch conversions of line ends
)

// headerOf returns the header of a chunk of which size_t has the given size.
func headerOf(wordSize byte) string {
	return signature + string([]byte{
		version, officialFormat, littleEndian, intSize, wordSize, opcodeSize, numberSize, floatNumbers,
	}) + tail
}

// The types of constants.
const (
	nilConstant    = 0
	boolConstant   = 1
	numberConstant = 3
	stringConstant = 4
)

const (
	// maxDepth bounds how deep functions stand in functions; the compiler's own limit is below it.
	maxDepth = 200

	// minFunctionSize is what the shortest function takes in a chunk, in bytes.
	minFunctionSize = 2*intSize + 3 + 7*intSize + 4
)
