package bytecode

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/luahost/luahost/vm/internal/number"
)

// lexer splits a source into tokens exactly as C Lua 5.2 does (manual section 3.1), and words errors as C Lua does.
type lexer struct {
	source string
	name   string // of the chunk, for messages
	pos    int
	line   int
	last   token // the token scanned last
}

// Classes of bytes. C Lua's own table is ASCII whatever the locale.
const (
	alphaByte = 1 << iota // a letter or _
	digitByte
	hexByte
	spaceByte
)

var byteClass = func() (class [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		class[c] = alphaByte
		class[c-'a'+'A'] = alphaByte
	}
	for c := 'a'; c <= 'f'; c++ {
		class[c] |= hexByte
		class[c-'a'+'A'] |= hexByte
	}
	for c := '0'; c <= '9'; c++ {
		class[c] = digitByte | hexByte
	}
	for _, c := range " \t\n\v\f\r" {
		class[c] = spaceByte
	}
	class['_'] = alphaByte
	return class
}()

func is(c byte, class uint8) bool { return byteClass[c]&class != 0 }

func isNewline(c byte) bool { return c == '\n' || c == '\r' }

// at returns the byte at position i, and false behind the end.
func (l *lexer) at(i int) (byte, bool) {
	if i < len(l.source) {
		return l.source[i], true
	}
	return 0, false
}

// follows reports whether c is the byte at the position.
func (l *lexer) follows(c byte) bool { return l.pos < len(l.source) && l.source[l.pos] == c }

// accept steps over the byte at the position if it is one of set.
func (l *lexer) accept(set string) bool {
	c, ok := l.at(l.pos)
	ok = ok && strings.IndexByte(set, c) >= 0
	if ok {
		l.pos++
	}
	return ok
}

// newline steps over a line end: \n, \r, \r\n or \n\r.
func (l *lexer) newline() {
	first := l.source[l.pos]
	l.pos++
	if c, ok := l.at(l.pos); ok && isNewline(c) && c != first {
		l.pos++
	}
	l.line++
}

// fail raises a message at the current line; near is the quoted token, or empty for none.
func (l *lexer) fail(message, near string) {
	message = fmt.Sprintf("%s:%d: %s", ChunkID(l.name), l.line, message)
	if near != "" {
		message += " near " + near
	}
	panic(&SyntaxError{Message: message})
}

// quote shows text as C does, which takes it to end at the first zero.
func quote(text string) string {
	text, _, _ = strings.Cut(text, "\x00")
	return "'" + text + "'"
}

// scan returns the next token.
func (l *lexer) scan() token {
	l.skipBlanks()
	l.last = token{start: l.pos}
	l.last.kind = l.scanKind(&l.last)
	l.last.end, l.last.line = l.pos, l.line
	return l.last
}

// skipBlanks steps over white space and comments.
func (l *lexer) skipBlanks() {
	for l.pos < len(l.source) {
		switch c := l.source[l.pos]; {
		case isNewline(c):
			l.newline()
		case is(c, spaceByte):
			l.pos++
		case strings.HasPrefix(l.source[l.pos:], "--"):
			l.pos += 2
			l.skipComment()
		default:
			return
		}
	}
}

func (l *lexer) skipComment() {
	if l.follows('[') {
		start := l.pos
		if level, ok := l.longOpening(); ok {
			l.longText(level, "unfinished long comment")
			return
		}
		l.pos = start
	}
	if n := strings.IndexAny(l.source[l.pos:], "\r\n"); n >= 0 {
		l.pos += n
	} else {
		l.pos = len(l.source)
	}
}

func (l *lexer) scanKind(t *token) tokenKind {
	c, ok := l.at(l.pos)
	if !ok {
		return tokEOF
	}
	if is(c, alphaByte) {
		for l.pos++; l.pos < len(l.source) && is(l.source[l.pos], alphaByte|digitByte); l.pos++ {
		}
		t.s = l.source[t.start:l.pos]
		return reserved(t.s)
	}
	if is(c, digitByte) {
		t.n = l.number()
		return tokNumber
	}
	switch c {
	case '"', '\'':
		t.s = l.quotedString()
		return tokString
	case '[':
		level, ok := l.longOpening()
		if ok {
			t.s = l.longText(level, "unfinished long string")
			return tokString
		}
		if level > 0 {
			l.fail("invalid long string delimiter", quote(l.source[t.start:l.pos]))
		}
		return '['
	}
	l.pos++
	switch c {
	case '=':
		return l.either('=', tokEq, '=')
	case '<':
		return l.either('=', tokLe, '<')
	case '>':
		return l.either('=', tokGe, '>')
	case '~':
		return l.either('=', tokNe, '~')
	case ':':
		return l.either(':', tokDoubleColon, ':')
	case '.':
		if l.accept(".") {
			return l.either('.', tokDots, tokConcat)
		}
		if c, ok := l.at(l.pos); ok && is(c, digitByte) {
			t.n = l.number()
			return tokNumber
		}
	}
	return tokenKind(c)
}

// either returns long and steps over c if that follows, else short.
func (l *lexer) either(c byte, long, short tokenKind) tokenKind {
	if l.follows(c) {
		l.pos++
		return long
	}
	return short
}

// longOpening steps over [==[ and returns the number of its =. Without a second [ it
// stands behind the last =, and reports false.
func (l *lexer) longOpening() (level int, ok bool) {
	for l.pos++; l.follows('='); l.pos++ {
		level++
	}
	if l.follows('[') {
		l.pos++
		return level, true
	}
	return level, false
}

// longText steps over the text behind a long opening and the closing bracket of the same level,
// and returns the text with every line end as \n.
func (l *lexer) longText(level int, unfinished string) string {
	if c, ok := l.at(l.pos); ok && isNewline(c) {
		l.newline()
	}
	closing := "]" + strings.Repeat("=", level) + "]"
	n := strings.Index(l.source[l.pos:], closing)
	end := l.pos + n
	if n < 0 {
		end = len(l.source)
	}
	text := l.lines(end)
	if n < 0 {
		l.fail(unfinished, tokEOF.text())
	}
	l.pos += len(closing)
	return text
}

// lines steps to end, and returns the text up to it with every line end as \n.
func (l *lexer) lines(end int) string {
	start := l.pos
	if strings.IndexByte(l.source[start:end], '\r') < 0 {
		l.line += strings.Count(l.source[start:end], "\n")
		l.pos = end
		return l.source[start:end]
	}
	var text strings.Builder
	for l.pos < end {
		n := strings.IndexAny(l.source[l.pos:end], "\r\n")
		if n < 0 {
			n = end - l.pos
		}
		text.WriteString(l.source[l.pos : l.pos+n])
		if l.pos += n; l.pos < end {
			text.WriteByte('\n')
			l.newline()
		}
	}
	return text.String()
}

// number steps over a numeral, of which a leading dot may be behind the position already.
func (l *lexer) number() float64 {
	start, first := l.last.start, l.source[l.pos]
	exponent := "Ee"
	l.pos++
	if first == '0' && l.accept("Xx") {
		exponent = "Pp"
	}
	for {
		if l.accept(exponent) {
			l.accept("+-")
		}
		if c, ok := l.at(l.pos); !ok || c != '.' && !is(c, hexByte) {
			break
		}
		l.pos++
	}
	n, ok := number.Parse(l.source[start:l.pos])
	if !ok {
		l.fail("malformed number", quote(l.source[start:l.pos]))
	}
	return n
}

// quotedString steps over a string in quotes and returns its value.
func (l *lexer) quotedString() string {
	delimiter := l.source[l.pos]
	l.pos++
	start := l.pos
	for ; l.pos < len(l.source); l.pos++ {
		switch c := l.source[l.pos]; {
		case c == delimiter:
			l.pos++
			return l.source[start : l.pos-1]
		case c == '\\':
			return l.escapedString(delimiter, start)
		case isNewline(c):
			l.fail("unfinished string", quote(l.source[start-1:l.pos]))
		}
	}
	l.fail("unfinished string", tokEOF.text())
	return ""
}

// escapedString goes on with a string that began at start, at its first escape sequence.
func (l *lexer) escapedString(delimiter byte, start int) string {
	value := append([]byte(nil), l.source[start:l.pos]...)
	for l.pos < len(l.source) {
		c := l.source[l.pos]
		if isNewline(c) {
			l.fail("unfinished string", quote(string(delimiter)+string(value)))
		}
		l.pos++
		switch c {
		case delimiter:
			return string(value)
		case '\\':
			value = l.escape(value)
		default:
			value = append(value, c)
		}
	}
	l.fail("unfinished string", tokEOF.text())
	return ""
}

// escape appends to value what the escape sequence at the position, behind its backslash, stands for.
func (l *lexer) escape(value []byte) []byte {
	c, ok := l.at(l.pos)
	if !ok {
		return value // the string is unfinished
	}
	if i := strings.IndexByte(`abfnrtv\"'`, c); i >= 0 {
		l.pos++
		return append(value, "\a\b\f\n\r\t\v\\\"'"[i])
	}
	switch {
	case isNewline(c):
		l.newline()
		return append(value, '\n')
	case c == 'x':
		return append(value, l.hexEscape())
	case c == 'z':
		l.pos++
		for c, ok := l.at(l.pos); ok && is(c, spaceByte); c, ok = l.at(l.pos) {
			if isNewline(c) {
				l.newline()
			} else {
				l.pos++
			}
		}
		return value
	case is(c, digitByte):
		return append(value, l.decimalEscape())
	}
	l.failEscape("invalid escape sequence", l.pos+1)
	return nil
}

func (l *lexer) hexEscape() byte {
	start := l.pos + 1
	for i := start; i < start+2; i++ {
		if c, ok := l.at(i); !ok || !is(c, hexByte) {
			l.failEscape("hexadecimal digit expected", i+1)
		}
	}
	l.pos = start + 2
	n, _ := strconv.ParseUint(l.source[start:l.pos], 16, 8)
	return byte(n)
}

func (l *lexer) decimalEscape() byte {
	n, end := 0, l.pos
	for c, ok := l.at(end); ok && is(c, digitByte) && end < l.pos+3; c, ok = l.at(end) {
		n = n*10 + int(c-'0')
		end++
	}
	if n > math.MaxUint8 {
		l.failEscape("decimal escape too large", end)
	}
	l.pos = end
	return byte(n)
}

// failEscape raises a message about the escape sequence from the position, behind its backslash, to end.
func (l *lexer) failEscape(message string, end int) {
	l.fail(message, quote(`\`+l.source[l.pos:min(end, len(l.source))]))
}

// buffer returns what C Lua's scanner has in its buffer behind the token scanned last: that, and not the
// token a message is about, is what C Lua shows where it shows a name, a number or a string.
func (l *lexer) buffer() string {
	text := l.source[l.last.start:l.last.end]
	switch l.last.kind {
	case tokName, tokNumber, tokConcat, tokDots, '.', '[':
		return text
	case tokString:
		opening := 1
		if text[0] == '[' {
			opening = strings.IndexByte(text[1:], '[') + 2
		}
		return text[:opening] + l.last.s + text[len(text)-opening:]
	}
	if l.last.kind >= tokAnd && l.last.kind <= tokWhile {
		return text
	}
	return ""
}

// near shows a token in a message.
func (l *lexer) near(k tokenKind) string {
	switch {
	case k == tokName || k == tokString || k == tokNumber:
		return quote(l.buffer())
	case k == 0:
		return "" // C Lua takes a zero byte for "no token"
	}
	return k.display()
}

// display is how messages show a kind of token.
func (k tokenKind) display() string {
	switch {
	case k >= tokEOF:
		return k.text()
	case k < tokAnd && (k < ' ' || k > '~'):
		return fmt.Sprintf("char(%d)", k)
	}
	return "'" + k.text() + "'"
}
