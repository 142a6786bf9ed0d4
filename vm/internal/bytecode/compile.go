package bytecode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	lua "github.com/Shopify/go-lua"
)

// Compile translates Lua 5.2 source text. The chunk name has C Lua's prefix: "@room.lua" is a file, "=stdin" a name,
// and anything else the source text itself. A source that is not legal, or beyond C Lua's limits, is a *SyntaxError
// with C Lua's message. A precompiled chunk is not source text, nor is a first line with #: see SkipFirstLine.
func Compile(source, chunkname string) (*Proto, error) {
	c, err := check(source, chunkname)
	if err != nil {
		return nil, err
	}
	chunk, err := compileText(bytes.NewReader(c.text))
	if err != nil {
		return nil, c.compileError(err)
	}
	p, err := readChunk(chunk, chunkname)
	if err != nil {
		return nil, err
	}
	c.finish(p, chunkname)
	if err := validate(p); err != nil {
		return nil, c.compileError(err)
	}
	return p, nil
}

// compileText has go-lua compile a text that the checker has written out.
func compileText(text io.Reader) (chunk []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	l := lua.NewState()
	// A short name, because the chunk repeats it for every function.
	if err := l.Load(text, "@", "t"); err != nil {
		if message, ok := l.ToString(-1); ok {
			return nil, errors.New(message)
		}
		return nil, err
	}
	var dump bytes.Buffer
	err = l.Dump(&dump)
	return dump.Bytes(), err
}

// finish mends a prototype that go-lua has compiled, and those in it: the source is the real one, and the instruction
// that loads a constant beyond the reach of Bx gets its opcode, for which go-lua writes LoadK's; powers of constants
// are exact, and long strings are there.
func (c *checker) finish(p *Proto, source string) {
	p.Source = source
	for i, k := range p.Constants {
		switch k := k.(type) {
		case float64:
			if mended, ok := c.mended[math.Float64bits(k)]; ok {
				p.Constants[i] = mended
			}
		case string:
			if text, ok := c.texts[k]; ok {
				p.Constants[i] = text
			}
		}
	}
	for pc := 1; pc < len(p.Code); pc++ {
		if before := &p.Code[pc-1]; OpOf(p.Code[pc]) == OpExtraArg && OpOf(*before) == OpLoadK {
			*before = *before&^opMask | uint32(OpLoadKX)
		}
	}
	for _, inner := range p.Protos {
		c.finish(inner, source)
	}
}

// compileError words an error of go-lua about a text that the checker has passed.
func (c *checker) compileError(err error) *SyntaxError {
	const tooLong = "control structure too long" // the one limit that shows only in the code
	if strings.Contains(err.Error(), tooLong) {
		return c.errorAtToken(c.tokensRead(), tooLong)
	}
	return &SyntaxError{Message: fmt.Sprintf("%s: cannot compile: %v", ChunkID(c.name), err)}
}

// tokensRead has go-lua compile the text once more, and counts the tokens that it reads before its error.
func (c *checker) tokensRead() (n int) {
	text := &countingReader{text: append(c.text, "\n\n"...)} // the scanner stands one byte behind its token
	compileText(text)
	read := lexer{source: string(text.text[:text.n])}
	for read.scan().kind != tokEOF {
		n++
	}
	if text.n == len(text.text) {
		n++ // the end itself
	}
	return n
}

// countingReader hands out a text byte by byte, so that its reader holds none that it has not used.
type countingReader struct {
	text []byte
	n    int // bytes read
}

func (r *countingReader) Read(p []byte) (int, error) {
	if r.n == len(r.text) {
		return 0, io.EOF
	}
	p[0] = r.text[r.n]
	r.n++
	return 1, nil
}

// errorAtToken is an error whose message names the token of the source that the number counts up to.
func (c *checker) errorAtToken(n int, message string) (err *SyntaxError) {
	defer func() { err = recover().(*SyntaxError) }()
	l := lexer{source: c.source, name: c.name, line: 1}
	for range n {
		l.scan()
	}
	l.fail(message, l.near(l.last.kind))
	return nil
}

// SkipFirstLine returns the text of a script file without a byte order mark and without a first line that starts with #,
// as C Lua's luaL_loadfile reads it. The line end stays, so that lines keep their numbers.
func SkipFirstLine(file string) string {
	file = strings.TrimPrefix(file, "\uFEFF")
	if strings.HasPrefix(file, "#") {
		end := strings.IndexByte(file, '\n')
		if end < 0 {
			end = len(file)
		}
		if rest := file[min(end+1, len(file)):]; strings.HasPrefix(rest, signature[:1]) {
			return rest // a binary chunk has no lines
		}
		return file[end:]
	}
	return file
}
