package json

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/luahost/luahost/vm"
)

// encoder writes Lua values as one JSON text.
type encoder struct {
	state    *vm.State
	rules    encodeRules
	buf      []byte
	reserved int // bytes that buf may have before more are asked for
	depth    int
	keys     []string // of objects whose keys are sorted
}

// encodeRules are what module json and module cjson do differently, or what their settings say.
type encodeRules struct {
	maxDepth  int
	precision int    // significant digits of numbers; 0 for as many as it takes
	indent    string // of each level; "" for everything on one line
	sorted    bool   // keys of objects
	lax       bool   // as lua-cjson: any bytes in strings, objects of mixed keys

	escapeSlash   bool // and DEL
	emptyIsArray  bool // of tables that nothing says otherwise of
	sparseConvert bool // sparse arrays become objects instead of errors
	sparseRatio   int  // holes that an array may have for each element; 0 for any
	sparseSafe    int  // elements up to which an array is never sparse
	invalid       invalidNumbers

	arrays      *vm.Table // the metatables that tell arrays
	emptyArrays *vm.Table // if they are empty
}

// invalidNumbers tells what becomes of infinities and NaN.
type invalidNumbers uint8

const (
	invalidError invalidNumbers = iota
	invalidAsIs
	invalidNull
)

// emptyArray is a value that is always encoded as [].
var emptyArray = vm.LightUserdata(1)

// encodeError tells which value can't be encoded.
type encodeError struct {
	what   string // the kind of value
	reason string
	path   string // ".list[3].name"
	depth  int    // of too many nested tables, or 0
}

const (
	reasonType   = "type not supported"
	reasonKey    = "table key must be a number or string"
	reasonMixed  = "it has both elements and fields"
	reasonSparse = "excessively sparse array"
	reasonNaN    = "must not be NaN or Inf"
	reasonUTF8   = "it is not UTF-8"
)

func (e *encodeError) Error() string {
	what := e.what
	if e.depth > 0 {
		return fmt.Sprintf("cannot encode value%s: more than %d nested tables", short(e.path), e.depth-1)
	}
	return fmt.Sprintf("cannot encode %s value%s: %s", what, short(e.path), e.reason)
}

// short keeps the path of a value in a cycle readable.
func short(path string) string {
	const shown = 60
	if len(path) > shown {
		path = path[:shown] + "..."
	}
	if path != "" {
		path = " at " + path
	}
	return path
}

// encode appends v to the buffer.
func (e *encoder) encode(v vm.Value) error {
	switch v.Kind() {
	case vm.KindNil:
		e.buf = append(e.buf, "null"...)
	case vm.KindBoolean:
		e.buf = strconv.AppendBool(e.buf, v.Truthy())
	case vm.KindNumber:
		f, _ := v.AsNumber()
		return e.number(f)
	case vm.KindString:
		s, _ := v.AsString()
		return e.string(s)
	case vm.KindTable:
		t, _ := v.AsTable()
		return e.table(t)
	case vm.KindLightUserdata:
		switch v {
		case null:
			e.buf = append(e.buf, "null"...)
			return nil
		case emptyArray:
			e.buf = append(e.buf, "[]"...)
			return nil
		}
		fallthrough
	default:
		return &encodeError{what: v.Kind().String(), reason: reasonType}
	}
	return nil
}

func (e *encoder) number(f float64) error {
	if i := int64(f); float64(i) == f && i > -1e14 && i < 1e14 && (i != 0 || !math.Signbit(f)) && e.rules.precision != 1 {
		if p := e.rules.precision; p == 0 || p >= 14 {
			e.buf = strconv.AppendInt(e.buf, i, 10)
			return nil
		}
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch e.rules.invalid {
		case invalidError:
			return &encodeError{what: "number", reason: reasonNaN}
		case invalidNull:
			e.buf = append(e.buf, "null"...)
			return nil
		}
		e.buf = append(e.buf, vm.Text(vm.Number(f))...)
		return nil
	}
	if p := e.rules.precision; p > 0 {
		e.buf = strconv.AppendFloat(e.buf, f, 'g', p, 64)
		return nil
	}
	e.shortest(f)
	return nil
}

// shortest appends the shortest text that reads back as f, with an exponent where JavaScript writes one.
func (e *encoder) shortest(f float64) {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	e.buf = strconv.AppendFloat(e.buf, f, format, -1, 64)
	if n := len(e.buf); format == 'e' && n >= 4 && e.buf[n-4] == 'e' && e.buf[n-3] == '-' && e.buf[n-2] == '0' {
		e.buf[n-2] = e.buf[n-1] // e-09 becomes e-9
		e.buf = e.buf[:n-1]
	}
}

// escapes holds what stands for a byte in a string: 0 for the byte itself, 'u' for \u00xx, else the letter behind \.
var escapes = func() (t [256]byte) {
	for c := range ' ' {
		t[c] = 'u'
	}
	for c, letter := range map[byte]byte{'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'} {
		t[c] = letter
	}
	return t
}()

func (e *encoder) string(s string) error {
	if !e.rules.lax && !utf8.ValidString(s) {
		return &encodeError{what: "string", reason: reasonUTF8}
	}
	if err := e.reserve(len(s)); err != nil {
		return err
	}
	b := append(e.buf, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := escapes[c]
		if e.rules.escapeSlash && (c == '/' || c == 0x7f) {
			if letter = c; c == 0x7f {
				letter = 'u'
			}
		}
		if letter == 0 {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		if letter == 'u' {
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			b = append(b, '\\', letter)
		}
	}
	b = append(b, s[start:]...)
	e.buf = append(b, '"')
	return nil
}

// reserve makes room for more bytes, and counts that as memory of the state, and as work.
func (e *encoder) reserve(more int) error {
	need := len(e.buf) + more
	if need <= e.reserved {
		return nil
	}
	old := e.reserved
	e.reserved = max(need, 2*old, 4<<10)
	if err := e.state.Reserve(e.reserved); err != nil {
		return err
	}
	e.buf = slices.Grow(e.buf, e.reserved-len(e.buf))
	return e.state.Spend(int64((e.reserved - old) / bytesPerStep))
}

func (e *encoder) table(t *vm.Table) error {
	e.depth++
	if e.depth > e.rules.maxDepth {
		return &encodeError{depth: e.depth}
	}
	n, isArray, err := e.shape(t)
	if err != nil {
		return err
	}
	if err := e.state.Spend(1); err != nil {
		return err
	}
	if err := e.reserve(2); err != nil {
		return err
	}
	if isArray {
		err = e.array(t, n)
	} else {
		err = e.object(t)
	}
	e.depth--
	return err
}

// shape tells arrays, of n elements, from objects.
func (e *encoder) shape(t *vm.Table) (n int, isArray bool, err error) {
	meta := t.Metatable()
	if meta != nil && meta == e.rules.arrays {
		return t.Len(), true, nil
	}
	array := t.Array()
	n, items := len(array), len(array)
	fields, others := 0, 0
	badKey := vm.Nil()
	for k := range t.Fields {
		fields++
		f, isNumber := k.AsNumber()
		if i := int(f); isNumber && i > 0 && float64(i) == f && i < math.MaxInt32 {
			n = max(n, i)
			items++
			continue
		}
		others++
		if !isNumber && k.Kind() != vm.KindString {
			badKey = k
		}
	}
	switch {
	case !badKey.IsNil():
		return 0, false, &encodeError{what: badKey.Kind().String(), reason: reasonKey}
	case items+others == 0:
		return 0, e.rules.emptyIsArray || meta != nil && meta == e.rules.emptyArrays, nil
	case others > 0:
		if items > 0 && !e.rules.lax {
			return 0, false, &encodeError{what: "table", reason: reasonMixed}
		}
		return 0, false, nil
	}
	return e.sparse(array, n, items)
}

// sparse decides about a table whose keys are positive integers.
func (e *encoder) sparse(array []vm.Value, n, items int) (int, bool, error) {
	if n <= e.rules.sparseSafe || e.rules.sparseRatio == 0 {
		return n, true, nil
	}
	for _, v := range array {
		if v.IsNil() {
			items--
		}
	}
	switch {
	case n <= items*e.rules.sparseRatio:
		return n, true, nil
	case e.rules.sparseConvert:
		return 0, false, nil
	}
	return 0, false, &encodeError{what: "table", reason: reasonSparse}
}

func (e *encoder) array(t *vm.Table, n int) error {
	e.buf = append(e.buf, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			e.buf = append(e.buf, ',')
		}
		e.line()
		if err := e.encode(t.GetInt(i)); err != nil {
			return at(err, "["+strconv.Itoa(i)+"]")
		}
		if i&63 == 0 {
			if err := e.state.Spend(64); err != nil {
				return err
			}
			if err := e.reserve(0); err != nil {
				return err
			}
		}
	}
	if n > 0 {
		e.endLine()
	}
	e.buf = append(e.buf, ']')
	return nil
}

func (e *encoder) object(t *vm.Table) (err error) {
	if e.rules.sorted {
		return e.sortedObject(t)
	}
	e.buf = append(e.buf, '{')
	first := true
	for i, v := range t.Array() {
		if !v.IsNil() && err == nil {
			err = e.field(vm.Int(i+1), v, &first)
		}
	}
	if err != nil {
		return err
	}
	for k, v := range t.Fields {
		if err = e.field(k, v, &first); err != nil {
			return err
		}
	}
	if !first {
		e.endLine()
	}
	e.buf = append(e.buf, '}')
	return nil
}

func (e *encoder) field(k, v vm.Value, first *bool) error {
	if !*first {
		e.buf = append(e.buf, ',')
	}
	*first = false
	e.line()
	if err := e.key(k); err != nil {
		return at(err, "a key")
	}
	e.buf = append(e.buf, ':')
	if e.rules.indent != "" {
		e.buf = append(e.buf, ' ')
	}
	if err := e.encode(v); err != nil {
		return at(err, "."+vm.Text(k))
	}
	return e.state.Spend(1)
}

func (e *encoder) key(k vm.Value) error {
	if s, ok := k.AsString(); ok {
		return e.string(s)
	}
	e.buf = append(e.buf, '"')
	f, _ := k.AsNumber()
	err := e.number(f)
	e.buf = append(e.buf, '"')
	return err
}

// sortedObject writes an object in the order of its keys' text.
func (e *encoder) sortedObject(t *vm.Table) error {
	first := len(e.keys)
	fields := map[string]vm.Value{}
	add := func(k, v vm.Value) {
		name, _ := vm.ToString(k)
		fields[name] = v
		e.keys = append(e.keys, name)
	}
	for i, v := range t.Array() {
		if !v.IsNil() {
			add(vm.Int(i+1), v)
		}
	}
	for k, v := range t.Fields {
		add(k, v)
	}
	keys := e.keys[first:]
	slices.Sort(keys)
	e.buf = append(e.buf, '{')
	isFirst := true
	for _, k := range keys {
		if err := e.field(vm.String(k), fields[k], &isFirst); err != nil {
			return err
		}
	}
	if !isFirst {
		e.endLine()
	}
	e.buf = append(e.buf, '}')
	e.keys = e.keys[:first]
	return nil
}

func (e *encoder) line() {
	if e.rules.indent != "" {
		e.newLine(e.depth)
	}
}

func (e *encoder) endLine() {
	if e.rules.indent != "" {
		e.newLine(e.depth - 1)
	}
}

func (e *encoder) newLine(depth int) {
	e.buf = append(e.buf, '\n')
	for range depth {
		e.buf = append(e.buf, e.rules.indent...)
	}
}

// at puts a step in front of the path of a value that can't be encoded.
func at(err error, step string) error {
	if e, ok := err.(*encodeError); ok && len(e.path) < 1000 {
		e.path = step + e.path
	}
	return err
}
