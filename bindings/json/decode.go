package json

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/luahost/luahost/vm"
)

// decoder reads one JSON text (RFC 8259) in one pass, straight into Lua values.
type decoder struct {
	state *vm.State
	text  string
	pos   int
	depth int
	want  string // what is expected next, for errors
	rules decodeRules

	held    int // bytes of values that Lua doesn't hold yet
	counted int // held at which they are counted again

	values  []vm.Value // of the containers that are open
	texts   slab
	scratch []byte           // of a string with escapes
	keys    [keyCache]string // of objects, that come again and again
}

// decodeRules are what module json and module cjson do differently.
type decodeRules struct {
	maxDepth int
	null     vm.Value
	arrays   *vm.Table // the metatable of arrays, or nil
	lax      bool      // as lua-cjson: control characters in strings, and numbers as strtod takes them
	invalid  bool      // and hexadecimal numbers, infinities, NaN
}

const keyCache = 64 // a power of two

// syntaxError tells where a JSON text goes wrong. The modules word it.
type syntaxError struct {
	expected string
	found    token
	pos      int // of found, from 0
	depth    int // of too many nested containers, which end before pos; or 0
}

func (e *syntaxError) Error() string {
	if e.depth > 0 {
		return fmt.Sprintf("byte %d: more than %d nested arrays and objects", e.pos, e.depth-1)
	}
	return fmt.Sprintf("byte %d: expected %s, found %s", e.pos+1, e.expected, e.found)
}

// token is what is found in the text.
type token string

const (
	tokObjectBegin token = "'{'"
	tokObjectEnd   token = "'}'"
	tokArrayBegin  token = "'['"
	tokArrayEnd    token = "']'"
	tokString      token = "a string"
	tokNumber      token = "a number"
	tokBoolean     token = "a boolean"
	tokNull        token = "null"
	tokColon       token = "':'"
	tokComma       token = "','"
	tokEnd         token = "the end"

	badToken   token = "an invalid token"
	badString  token = "an unfinished string"
	badControl token = "a control character in a string"
	badEscape  token = "an invalid escape"
	badUnicode token = "an invalid \\u escape"
	badNumber  token = "an invalid number"
	badRange   token = "a number that is too large"
)

const (
	wantValue     = "a value"
	wantKey       = "a string as the key"
	wantColon     = "':'"
	wantObjectEnd = "',' or '}'"
	wantArrayEnd  = "',' or ']'"
	wantEnd       = "the end"
)

// fail is what the decoder panics with; decode recovers it.
type fail struct{ err error }

// bad ends the decoding.
func (d *decoder) bad(found token, pos int) {
	panic(fail{&syntaxError{expected: d.want, found: found, pos: pos}})
}

func (d *decoder) decode() (v vm.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(fail)
			if !ok {
				panic(r)
			}
			err = f.err
		}
	}()
	if err := d.state.Spend(int64(len(d.text) / bytesPerStep)); err != nil {
		return v, err
	}
	d.texts.whole = len(d.text) <= shareLimit
	v = d.value(d.next())
	if c := d.next(); c != 0 || d.pos < len(d.text) && !d.rules.lax {
		d.unexpected(wantEnd)
	}
	return v, nil
}

// bytesPerStep is how many bytes are read or written for one step of a budget.
const bytesPerStep = 64

// next skips white space and returns the byte that follows, without taking it; 0 at the end.
func (d *decoder) next() byte {
	for d.pos < len(d.text) {
		switch c := d.text[d.pos]; c {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// value reads a value that begins with c.
func (d *decoder) value(c byte) vm.Value {
	d.want = wantValue
	switch c {
	case '"':
		s := d.string()
		d.hold(len(s))
		return d.state.NewString(s)
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return d.number()
	case 't':
		if d.word("true") {
			return vm.Bool(true)
		}
	case 'f':
		if d.word("false") {
			return vm.Bool(false)
		}
	case 'n':
		if d.word("null") {
			return d.rules.null
		}
	}
	if d.rules.invalid && d.isInvalidNumber() {
		return d.number()
	}
	d.unexpected(wantValue)
	return vm.Nil()
}

func (d *decoder) word(w string) bool {
	if !strings.HasPrefix(d.text[d.pos:], w) {
		return false
	}
	d.pos += len(w)
	return true
}

func (d *decoder) enter() {
	d.pos++
	if d.depth++; d.depth > d.rules.maxDepth {
		panic(fail{&syntaxError{depth: d.depth, pos: d.pos}})
	}
}

func (d *decoder) array() vm.Value {
	d.enter()
	first := len(d.values)
	if c := d.next(); c == ']' {
		d.pos++
	} else {
		for {
			d.values = append(d.values, d.value(c))
			if c = d.next(); c == ']' {
				d.pos++
				break
			}
			if c != ',' {
				d.unexpected(wantArrayEnd)
			}
			d.pos++
			c = d.next()
		}
	}
	d.depth--
	list := d.values[first:]
	d.hold(tableBytes + elementBytes*len(list))
	t := d.state.NewTable(len(list), 0)
	if len(list) > 0 {
		t.SetList(list)
	}
	if d.rules.arrays != nil {
		d.state.SetMetatable(t, d.rules.arrays)
	}
	d.drop(first)
	return t.Value()
}

func (d *decoder) object() vm.Value {
	d.enter()
	first := len(d.values)
	if c := d.next(); c == '}' {
		d.pos++
	} else {
		for {
			if c != '"' {
				d.unexpected(wantKey)
			}
			d.want = wantKey
			key := vm.String(d.key())
			if d.next() != ':' {
				d.unexpected(wantColon)
			}
			d.pos++
			v := d.value(d.next())
			d.values = append(d.values, key, v)
			if c = d.next(); c == '}' {
				d.pos++
				break
			}
			if c != ',' {
				d.unexpected(wantObjectEnd)
			}
			d.pos++
			c = d.next()
		}
	}
	d.depth--
	pairs := d.values[first:]
	d.hold(tableBytes + fieldBytes*len(pairs)/2)
	t := d.state.NewTable(0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, _ := pairs[i].AsString()
		t.SetString(key, pairs[i+1])
	}
	d.drop(first)
	return t.Value()
}

// The sizes of values, about.
const (
	tableBytes   = 80
	elementBytes = 16
	fieldBytes   = 60
	firstCount   = 64 << 10
)

// hold counts what the state can't know to be in use when it measures its memory: it looks at what Lua holds.
func (d *decoder) hold(bytes int) {
	if d.held += bytes; d.held > d.counted {
		d.counted = 2 * d.held
		if err := d.state.Reserve(d.held); err != nil {
			panic(fail{err})
		}
	}
}

// drop forgets the values of a container that is complete, and counts the work.
func (d *decoder) drop(first int) {
	if err := d.state.Spend(int64(len(d.values) - first + 1)); err != nil {
		panic(fail{err})
	}
	d.values = d.values[:first]
}

// key reads a string that is likely to come again.
func (d *decoder) key() string {
	start := d.pos + 1
	end := start
	hash := uint32(0)
	for ; end < len(d.text); end++ {
		c := d.text[end]
		if c == '"' {
			break
		}
		if c < ' ' || c == '\\' {
			return d.string()
		}
		hash = hash*31 + uint32(c)
	}
	if end == len(d.text) {
		return d.string()
	}
	d.pos = end + 1
	text := d.text[start:end]
	if d.texts.whole {
		return text
	}
	known := &d.keys[(hash^hash>>8)%keyCache]
	if *known != text {
		*known = d.texts.copy(text)
	}
	return *known
}

// string reads a string.
func (d *decoder) string() string {
	start := d.pos + 1
	for i := start; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			d.pos = i + 1
			return d.texts.copy(d.text[start:i])
		case c == '\\':
			return d.escaped(start, i)
		case c < ' ' && (!d.rules.lax || c == 0):
			d.badStringAt(i)
		}
	}
	d.bad(badString, len(d.text))
	return ""
}

func (d *decoder) badStringAt(i int) {
	found := badControl
	if d.rules.lax {
		found = badString
	}
	d.bad(found, i)
}

// escaped reads the rest of a string from its first escape on.
func (d *decoder) escaped(start, i int) string {
	b := append(d.scratch[:0], d.text[start:i]...)
	for i < len(d.text) {
		switch c := d.text[i]; {
		case c == '"':
			d.pos = i + 1
			if cap(b) <= keptBuffer {
				d.scratch = b
			}
			return string(b)
		case c == '\\':
			b, i = d.escape(b, i)
		case c < ' ' && (!d.rules.lax || c == 0):
			d.badStringAt(i)
		default:
			first := i
			for i++; i < len(d.text) && d.text[i] >= ' ' && d.text[i] != '"' && d.text[i] != '\\'; {
				i++
			}
			b = append(b, d.text[first:i]...)
		}
	}
	d.bad(badString, len(d.text))
	return ""
}

// escape appends what the escape at i stands for, and returns where the text goes on.
func (d *decoder) escape(b []byte, i int) ([]byte, int) {
	if i+1 >= len(d.text) {
		d.bad(badEscape, i)
	}
	switch c := d.text[i+1]; c {
	case '"', '\\', '/':
		return append(b, c), i + 2
	case 'b':
		return append(b, '\b'), i + 2
	case 'f':
		return append(b, '\f'), i + 2
	case 'n':
		return append(b, '\n'), i + 2
	case 'r':
		return append(b, '\r'), i + 2
	case 't':
		return append(b, '\t'), i + 2
	case 'u':
		return d.unicode(b, i)
	}
	d.bad(badEscape, i)
	return nil, 0
}

// unicode appends the character of a \u escape, which may need a second one (RFC 8259, section 7). A half of a
// surrogate pair alone becomes U+FFFD, as in encoding/json; lua-cjson refuses it.
func (d *decoder) unicode(b []byte, i int) ([]byte, int) {
	r := d.hex4(i + 2)
	if r < 0 {
		d.bad(badUnicode, i)
	}
	next := i + 6
	if r >= 0xd800 && r < 0xe000 {
		low := rune(-1)
		if r < 0xdc00 && strings.HasPrefix(d.text[next:], `\u`) {
			low = d.hex4(next + 2)
		}
		switch {
		case low >= 0xdc00 && low < 0xe000:
			r, next = (r-0xd800)<<10|(low-0xdc00)+0x10000, next+6
		case d.rules.lax:
			d.bad(badUnicode, i)
		default:
			r = utf8.RuneError
		}
	}
	return utf8.AppendRune(b, r), next
}

// hex4 reads four hexadecimal digits, or returns -1.
func (d *decoder) hex4(i int) rune {
	if i+4 > len(d.text) {
		return -1
	}
	n, err := strconv.ParseUint(d.text[i:i+4], 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// number reads a number.
func (d *decoder) number() vm.Value {
	start := d.pos
	i, digits, integer := start, 0, 0
	text := d.text
	if text[i] == '-' {
		i++
	}
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		integer = integer*10 + int(text[i]-'0')
		digits++
	}
	zero := digits > 1 && text[i-digits] == '0'
	if i == len(text) || text[i] != '.' && text[i]|0x20 != 'e' && text[i]|0x20 != 'x' {
		if digits > 0 && digits <= 15 && !zero { // an integer, exactly
			d.pos = i
			if text[start] == '-' {
				return vm.Number(-float64(integer))
			}
			return vm.Number(float64(integer))
		}
	}
	end, ok := scanNumber(text, start)
	if !ok || d.rules.lax {
		return d.laxNumber()
	}
	f, _ := vm.ToNumber(vm.String(text[start:end]))
	if math.IsInf(f, 0) {
		d.bad(badRange, start)
	}
	d.pos = end
	return vm.Number(f)
}

// scanNumber returns the end of the number at i; ok is false when it breaks the grammar of RFC 8259, section 6.
func scanNumber(text string, i int) (end int, ok bool) {
	digits := func() bool {
		first := i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		return i > first
	}
	if i < len(text) && text[i] == '-' {
		i++
	}
	if first := i; !digits() || text[first] == '0' && i > first+1 {
		return i, false
	}
	if i < len(text) && text[i] == '.' {
		if i++; !digits() {
			return i, false
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		if i++; i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if !digits() {
			return i, false
		}
	}
	return i, true
}

// laxNumber reads a number as C's strtod does, or fails.
func (d *decoder) laxNumber() vm.Value {
	if !d.rules.lax || !d.rules.invalid && d.isInvalidNumber() {
		d.bad(badNumber, d.pos)
	}
	f, n := strtod(d.text[d.pos:])
	if n == 0 {
		d.bad(badNumber, d.pos)
	}
	d.pos += n
	return vm.Number(f)
}

// isInvalidNumber tells whether what begins at pos is a number to strtod, but none of JSON: a sign in front, digits
// behind a zero, hexadecimal digits, an infinity, NaN.
func (d *decoder) isInvalidNumber() bool {
	rest := d.text[d.pos:]
	if strings.HasPrefix(rest, "+") {
		return true
	}
	rest = strings.TrimPrefix(rest, "-")
	if len(rest) > 1 && rest[0] == '0' {
		return rest[1]|0x20 == 'x' || rest[1]-'0' <= 9
	}
	return hasWord(rest, "inf") || hasWord(rest, "nan")
}

// hasWord tells whether text begins with a word, in whatever case.
func hasWord(text, word string) bool {
	return len(text) >= len(word) && strings.EqualFold(text[:len(word)], word)
}

// strtod reads a number as C does, and returns how many bytes it took.
func strtod(text string) (f float64, n int) {
	negative := false
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		n = 1
	}
	rest := text[n:]
	switch {
	case hasWord(rest, "infinity"):
		f, n = math.Inf(1), n+8
	case hasWord(rest, "inf"):
		f, n = math.Inf(1), n+3
	case hasWord(rest, "nan"):
		f, n = math.NaN(), n+3
	default:
		end := numberEnd(rest)
		if end == 0 {
			return 0, 0
		}
		f, _ = vm.ToNumber(vm.String(rest[:end]))
		n += end
	}
	if negative {
		f = math.Copysign(f, -1)
	}
	return f, n
}

// numberEnd returns the length of the decimal or hexadecimal number that text begins with, or 0.
func numberEnd(text string) int {
	if hasWord(text, "0x") {
		if end := digitsEnd(text, 2, isHex, 'p'); end > 0 {
			return end
		}
		return 1 // the zero
	}
	return digitsEnd(text, 0, isDigit, 'e')
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f' }

// digitsEnd returns the end of digits, perhaps with a point, and an exponent if that is complete; 0 without digits.
func digitsEnd(text string, i int, digit func(byte) bool, exponent byte) int {
	digits, point := 0, false
	for ; i < len(text); i++ {
		if digit(text[i]) {
			digits++
		} else if text[i] == '.' && !point {
			point = true
		} else {
			break
		}
	}
	if digits == 0 {
		return 0
	}
	if i < len(text) && text[i]|0x20 == exponent {
		e := i + 1
		if e < len(text) && (text[e] == '+' || text[e] == '-') {
			e++
		}
		for first := e; e < len(text) && isDigit(text[e]); e++ {
			i = max(e, first) + 1
		}
	}
	return i
}

// unexpected reports what is at pos instead of what was expected.
func (d *decoder) unexpected(expected string) {
	d.want = expected
	d.next()
	start := d.pos
	d.bad(d.token(), start)
}

// token names what begins at pos.
func (d *decoder) token() token {
	if d.pos >= len(d.text) {
		return tokEnd
	}
	switch d.text[d.pos] {
	case '{':
		return tokObjectBegin
	case '}':
		return tokObjectEnd
	case '[':
		return tokArrayBegin
	case ']':
		return tokArrayEnd
	case ':':
		return tokColon
	case ',':
		return tokComma
	case 0:
		if d.rules.lax {
			return tokEnd
		}
	case '"':
		d.string()
		return tokString
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		d.number()
		return tokNumber
	}
	switch rest := d.text[d.pos:]; {
	case strings.HasPrefix(rest, "true"), strings.HasPrefix(rest, "false"):
		return tokBoolean
	case strings.HasPrefix(rest, "null"):
		return tokNull
	case d.rules.invalid && d.isInvalidNumber():
		return tokNumber
	}
	return badToken
}

// slab copies short strings into chunks that many share, so that each costs no allocation and holds on to little.
type slab struct {
	whole bool // the text is short: its strings share it
	chunk []byte
}

const (
	shareLimit = 4 << 10 // bytes of a text that its strings may hold on to
	chunkSize  = 2 << 10
)

func (s *slab) copy(text string) string {
	if s.whole {
		return text
	}
	if len(text) > chunkSize/8 {
		return strings.Clone(text)
	}
	if len(text) > cap(s.chunk)-len(s.chunk) {
		s.chunk = make([]byte, 0, chunkSize)
	}
	start := len(s.chunk)
	s.chunk = append(s.chunk, text...)
	str, _ := vm.TakeBytes(s.chunk[start:]).AsString()
	return str
}
