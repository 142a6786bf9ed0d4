package bytecode

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// checker reads a chunk as C Lua 5.2's parser does, and raises what that raises, in its words. A chunk that
// passes is legal, within C Lua's limits, and written out again, each token on the line where it was,
// in a form that leaves go-lua's scanner nothing to get wrong: names and symbols, decimal numbers, strings in quotes.
type checker struct {
	lexer
	tok     token // the current token
	ahead   token // the one behind it, if peeked
	peeked  bool
	fn      *function
	level   int
	locals  []string           // declared, of the current function and those around it
	labels  []label            // visible
	gotos   []label            // waiting for their labels
	stacks  []int              // MaxStack of the functions that have ended
	text    []byte             // the chunk written out
	outLine int                // the line that text has reached
	mended  map[uint64]float64 // what constants should be that go-lua computes, by their bits
	texts   map[string]string  // long strings, for which text has short names, by these
	names   map[string]string  // of the long strings
}

// check returns the chunk written out.
func check(source, name string) (c *checker, err error) {
	defer func() {
		if r := recover(); r != nil {
			syntaxError, ok := r.(*SyntaxError)
			if !ok {
				panic(r)
			}
			c, err = nil, syntaxError
		}
	}()
	c = &checker{
		lexer:   lexer{source: source, name: name, line: 1},
		text:    make([]byte, 0, len(source)+len(source)/8+16),
		outLine: 1,
		level:   baseLevels,
	}
	c.chunk()
	return c, nil
}

// next steps to the next token and writes out the current one.
func (c *checker) next() {
	c.write(&c.tok)
	if c.peeked {
		c.tok, c.peeked = c.ahead, false
	} else {
		c.tok = c.scan()
	}
}

func (c *checker) peek() tokenKind {
	c.ahead, c.peeked = c.scan(), true
	return c.ahead.kind
}

func (c *checker) write(t *token) {
	if t.line > c.outLine {
		for ; c.outLine < t.line; c.outLine++ {
			c.text = append(c.text, '\n')
		}
	} else {
		c.text = append(c.text, ' ')
	}
	switch t.kind {
	case tokNumber:
		c.text = appendNumber(c.text, t.n)
	case tokString:
		c.text = appendString(c.text, c.shorten(t.s))
	default:
		c.text = append(c.text, c.source[t.start:t.end]...)
	}
}

// appendNumber writes a number that is not negative.
func appendNumber(text []byte, n float64) []byte {
	if math.IsInf(n, 0) {
		return append(text, "0x1p9999"...)
	}
	return strconv.AppendFloat(text, n, 'g', -1, 64)
}

// longText is the length from which on a string is spared go-lua's scanner, which takes it byte by byte, and Dump's copies.
const longText = 64

// shorten returns what go-lua gets for a string: if it is long, a name that no other string has.
func (c *checker) shorten(s string) string {
	const prefix = "\x00text "
	if len(s) < longText && !strings.HasPrefix(s, prefix) {
		return s
	}
	name, ok := c.names[s]
	if !ok {
		if c.names == nil {
			c.names, c.texts = make(map[string]string), make(map[string]string)
		}
		name = prefix + strconv.Itoa(len(c.names))
		c.names[s] = name
		c.texts[name] = strings.Clone(s)
	}
	return name
}

func appendString(text []byte, s string) []byte {
	text = append(text, '"')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			text = append(text, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		} else {
			text = append(text, c)
		}
	}
	return append(text, '"')
}

// failToken raises a message that names the current token.
func (c *checker) failToken(message string) { c.fail(message, c.near(c.tok.kind)) }

// failSemantic raises a message that names no token.
func (c *checker) failSemantic(message string) { c.fail(message, "") }

func (c *checker) limit(n, limit int, what string, fn *function) {
	if n <= limit {
		return
	}
	where := "main function"
	if fn.lineDefined != 0 {
		where = fmt.Sprintf("function at line %d", fn.lineDefined)
	}
	c.failToken(fmt.Sprintf("too many %s (limit is %d) in %s", what, limit, where))
}

func (c *checker) limitLevels(n int) { c.limit(n, maxLevels, "C levels", c.fn) }

func (c *checker) enterLevel() {
	c.level++
	c.limitLevels(c.level)
}

func (c *checker) leaveLevel() { c.level-- }

func (c *checker) checkJumps(n int) {
	if n > maxJumpsTogether {
		c.failToken("control structure too long")
	}
}

func (c *checker) accepts(k tokenKind) bool {
	if c.tok.kind != k {
		return false
	}
	c.next()
	return true
}

func (c *checker) expect(k tokenKind) {
	if c.tok.kind != k {
		c.failToken(k.display() + " expected")
	}
}

func (c *checker) require(k tokenKind) {
	c.expect(k)
	c.next()
}

// requireClosing requires what closes the opening token of a line.
func (c *checker) requireClosing(k, opening tokenKind, line int) {
	if c.tok.kind != k && line != c.line {
		c.failToken(fmt.Sprintf("%s expected (to close %s at line %d)", k.display(), opening.display(), line))
	}
	c.require(k)
}

func (c *checker) requireName() string {
	c.expect(tokName)
	name := c.tok.s
	c.next()
	return name
}

func (c *checker) requireNameConstant() expr { return c.stringConstant(c.requireName()) }

func (c *checker) chunk() {
	c.openFunction(0)
	c.fn.vararg = true
	c.addUpvalue(c.fn, "_ENV")
	c.tok = c.scan()
	c.statements()
	c.expect(tokEOF)
	c.closeFunction()
}
