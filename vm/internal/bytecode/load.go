package bytecode

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Load reads a precompiled chunk: Dump's, or that of luac5.2 or string.dump on a little-endian machine with 4-byte ints
// and doubles. The chunk name is that of a source, and shown in errors; a *SyntaxError is C Lua's
// ("room.luac: truncated precompiled chunk"), and says what is wrong with code that is not safe to execute.
// The main function may have any number of upvalues; what those refer to is up to the caller.
func Load(chunk []byte, chunkname string) (*Proto, error) {
	p, err := readChunk(chunk, chunkname)
	if err != nil {
		return nil, err
	}
	if err := validate(p); err != nil {
		return nil, chunkError(chunkname, fmt.Sprintf("corrupted precompiled chunk (%v)", err))
	}
	return p, nil
}

func chunkError(chunkname, problem string) *SyntaxError {
	switch {
	case strings.HasPrefix(chunkname, "@"), strings.HasPrefix(chunkname, "="):
		chunkname = chunkname[1:]
	case strings.HasPrefix(chunkname, signature[:1]):
		chunkname = "binary string"
	}
	chunkname, _, _ = strings.Cut(chunkname, "\x00")
	return &SyntaxError{Message: chunkname + ": " + problem}
}

// reader takes a chunk apart. Its methods panic with a *SyntaxError.
type reader struct {
	chunk    []byte // what is left
	name     string
	wordSize int
	strings  map[string]string // read so far: names come again and again
}

// readChunk returns the prototypes of a chunk. They are complete but not validated.
func readChunk(chunk []byte, chunkname string) (p *Proto, err error) {
	defer func() {
		if e := recover(); e != nil {
			syntaxError, ok := e.(*SyntaxError)
			if !ok {
				panic(e)
			}
			p, err = nil, syntaxError
		}
	}()
	r := &reader{chunk: chunk, name: chunkname, strings: make(map[string]string)}
	r.header()
	p = r.function(1)
	setSource(p, "=?")
	return p, nil
}

func (r *reader) fail(why string) { panic(chunkError(r.name, why+" precompiled chunk")) }

// take returns the next n bytes.
func (r *reader) take(n int) []byte {
	if n > len(r.chunk) {
		r.fail("truncated")
	}
	taken := r.chunk[:n]
	r.chunk = r.chunk[n:]
	return taken
}

func (r *reader) byte() int { return int(r.take(1)[0]) }

func (r *reader) bool() bool { return r.byte() != 0 }

func (r *reader) int() int { return int(int32(binary.LittleEndian.Uint32(r.take(intSize)))) }

func (r *reader) float() float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(r.take(numberSize)))
}

// count reads how many items of at least size bytes follow.
func (r *reader) count(size int) int {
	n := r.int()
	if n < 0 {
		r.fail("corrupted")
	}
	if n > len(r.chunk)/size {
		r.fail("truncated")
	}
	return n
}

// maxName is the longest string that may be a name.
const maxName = 40

func (r *reader) string() string {
	var n uint64
	if r.wordSize == 4 {
		n = uint64(binary.LittleEndian.Uint32(r.take(4)))
	} else {
		n = binary.LittleEndian.Uint64(r.take(8))
	}
	if n == 0 {
		return ""
	}
	if n > uint64(len(r.chunk)) {
		r.fail("truncated")
	}
	text := r.take(int(n))[:n-1]
	if len(text) > maxName {
		return string(text)
	}
	s, ok := r.strings[string(text)]
	if !ok {
		s = string(text)
		r.strings[s] = s
	}
	return s
}

func (r *reader) header() {
	header := string(r.take(len(headerOf(0))))
	for _, size := range []byte{4, 8} {
		if header == headerOf(size) {
			r.wordSize = int(size)
			return
		}
	}
	good := headerOf(wordSize)
	switch {
	case !strings.HasPrefix(header, signature):
		r.fail("not a")
	case !strings.HasPrefix(header, good[:len(signature)+2]):
		r.fail("version mismatch in")
	case !strings.HasPrefix(header, good[:len(good)-len(tail)]):
		r.fail("incompatible")
	}
	r.fail("corrupted")
}

// function reads a function, the main one being at depth 1.
func (r *reader) function(depth int) *Proto {
	if depth > maxDepth {
		r.fail("corrupted")
	}
	p := &Proto{LineDefined: r.int(), LastLineDefined: r.int()}
	p.NumParams, p.IsVararg, p.MaxStack = r.byte(), r.bool(), r.byte()
	p.Code = make([]uint32, r.count(opcodeSize))
	code := r.take(len(p.Code) * opcodeSize)
	for i := range p.Code {
		p.Code[i] = binary.LittleEndian.Uint32(code[i*opcodeSize:])
	}
	p.Constants = make([]Constant, r.count(1))
	for i := range p.Constants {
		p.Constants[i] = r.constant()
	}
	p.Protos = make([]*Proto, r.count(minFunctionSize))
	for i := range p.Protos {
		p.Protos[i] = r.function(depth + 1)
	}
	p.Upvalues = make([]Upvalue, r.count(2))
	for i := range p.Upvalues {
		p.Upvalues[i] = Upvalue{InStack: r.bool(), Index: r.byte()}
	}
	r.debugInfo(p)
	return p
}

func (r *reader) constant() Constant {
	switch r.byte() {
	case nilConstant:
		return nil
	case boolConstant:
		return r.bool()
	case numberConstant:
		return r.float()
	case stringConstant:
		return r.string()
	}
	r.fail("corrupted")
	return nil
}

func (r *reader) debugInfo(p *Proto) {
	p.Source = r.string()
	p.LineInfo = make([]int32, r.count(intSize))
	for i := range p.LineInfo {
		p.LineInfo[i] = int32(r.int())
	}
	p.Locals = make([]Local, r.count(r.wordSize+2*intSize))
	for i := range p.Locals {
		p.Locals[i] = Local{Name: r.string(), StartPC: r.int(), EndPC: r.int()}
	}
	names := r.count(r.wordSize)
	if names > len(p.Upvalues) {
		r.fail("corrupted")
	}
	for i := range names {
		p.Upvalues[i].Name = r.string()
	}
}

// setSource gives a source to a function that has none, and that function's to those in it.
func setSource(p *Proto, source string) {
	if p.Source == "" {
		p.Source = source
	}
	for _, inner := range p.Protos {
		setSource(inner, p.Source)
	}
}
