package lib

import (
	"strings"
	"sync"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/internal/number"
	"github.com/luahost/luahost/vm/internal/pattern"
)

// matching has the functions that use patterns, and the matchers that they borrow. All states share it.
type matching struct{ pool sync.Pool }

// matcher is borrowed for one call, and spends the steps of the state that borrowed it.
type matcher struct {
	pattern.Matcher
	state  *vm.State
	buffer textBuffer // of gsub
}

func newMatching() *matching {
	m := &matching{}
	m.pool.New = func() any {
		b := &matcher{}
		b.Checkpoint = func() error { return b.state.Spend(0) }
		return b
	}
	return m
}

func (m *matching) borrow(s *vm.State) *matcher {
	b := m.pool.Get().(*matcher)
	b.state, b.buffer.state = s, s
	return b
}

// maxBuffer is the largest buffer that stays with a matcher while nobody uses it.
const maxBuffer = 64 << 10

func (m *matching) giveBack(b *matcher) {
	b.Reset()
	b.state, b.buffer.state = nil, nil
	if b.buffer.bytes = b.buffer.bytes[:0]; cap(b.buffer.bytes) > maxBuffer {
		b.buffer.bytes = nil
	}
	m.pool.Put(b)
}

func (m *matching) find(c *vm.Call) error {
	s, pat := c.CheckString(1), c.CheckString(2)
	from, ok := searchStart(c, len(s))
	if !ok {
		return c.Return(vm.Nil())
	}
	if c.Arg(4).Truthy() || pattern.NoSpecials(pat) {
		return findPlain(c, s, pat, from)
	}
	b := m.borrow(c.State())
	start, end, found, err := b.Find(s, pat, from, false, c.State().Steps())
	if found && err == nil {
		c.Push(vm.Int(start+1), vm.Int(end))
		err = b.returnCaptures(c, s, b.NumCaptures())
	}
	m.giveBack(b)
	if !found && err == nil {
		return c.Return(vm.Nil())
	}
	return err
}

func (m *matching) match(c *vm.Call) error {
	s, pat := c.CheckString(1), c.CheckString(2)
	from, ok := searchStart(c, len(s))
	if !ok {
		return c.Return(vm.Nil())
	}
	b := m.borrow(c.State())
	_, _, found, err := b.Find(s, pat, from, false, c.State().Steps())
	if found && err == nil {
		err = b.returnCaptures(c, s, b.NumResults())
	}
	m.giveBack(b)
	if !found && err == nil {
		return c.Return(vm.Nil())
	}
	return err
}

// searchStart returns where a search begins by its third argument; ok is false behind the end of the subject.
func searchStart(c *vm.Call, length int) (from int, ok bool) {
	from = optInt(c, 3, 1)
	if from < 0 {
		from += length + 1
	}
	from = max(from, 1)
	return from - 1, from <= length+1
}

func findPlain(c *vm.Call, s, text string, from int) error {
	i := strings.Index(s[from:], text)
	if i < 0 {
		if err := work(c.State(), len(s)-from); err != nil {
			return err
		}
		return c.Return(vm.Nil())
	}
	if err := work(c.State(), i); err != nil {
		return err
	}
	c.Push(vm.Int(from+i+1), vm.Int(from+i+len(text)))
	return nil
}

// capture returns a capture of the last match as a Lua value.
func (b *matcher) capture(s string, i int) (vm.Value, error) {
	start, end, position, err := b.Capture(i)
	if err != nil {
		return vm.Nil(), err
	}
	if position {
		return vm.Int(start + 1), nil
	}
	return piece(b.state, s, start, end), nil
}

func (b *matcher) returnCaptures(c *vm.Call, s string, n int) error {
	for i := range n {
		v, err := b.capture(s, i)
		if err != nil {
			return err
		}
		if err := c.Return(v); err != nil {
			return err
		}
	}
	return nil
}

// matches is the iterator that gmatch makes.
type matches struct {
	m      *matching
	s, pat string
	from   int
}

const matchesSize = 128 // bytes of an iterator, about

func (m *matching) gmatch(c *vm.Call) error {
	it := &matches{m: m, s: c.CheckString(1), pat: c.CheckString(2)}
	if err := c.State().Reserve(matchesSize); err != nil {
		return err
	}
	return c.Return(vm.FunctionHolding("gmatch", it.next, c.Arg(1)))
}

func (it *matches) next(c *vm.Call) error {
	if it.from > len(it.s) {
		return nil
	}
	b := it.m.borrow(c.State())
	b.Init(it.s, it.pat, c.State().Steps())
	start, end, found, err := b.Search(it.from)
	switch {
	case err != nil:
	case found:
		it.from = max(end, start+1) // past an empty match
		err = b.returnCaptures(c, it.s, b.NumResults())
	default:
		it.from = len(it.s) + 1
	}
	it.m.giveBack(b)
	return err
}

func (m *matching) gsub(c *vm.Call) error {
	s, pat := c.CheckString(1), c.CheckString(2)
	limit := optInt(c, 4, -1)
	if limit < 0 { // C Lua takes it for a large unsigned number
		limit = len(s) + 1
	}
	r := replacement{value: c.Arg(3)}
	switch r.kind = r.value.Kind(); r.kind {
	case vm.KindNumber, vm.KindString:
		r.text, _ = vm.ToString(r.value)
		r.refs = strings.Count(r.text, "%")
	case vm.KindTable, vm.KindFunction:
	default:
		return c.ArgError(3, "string/function/table expected")
	}
	b := m.borrow(c.State())
	count, err := b.substitute(c, s, pat, &r, limit)
	result := vm.String(s)
	if count > 0 && err == nil {
		result, err = b.result()
	}
	m.giveBack(b)
	if err != nil {
		return err
	}
	c.Push(result, vm.Int(count))
	return nil
}

// replacement is what gsub puts in the place of a match.
type replacement struct {
	kind  vm.Kind
	value vm.Value
	text  string // when it is a string or a number
	refs  int    // at most so many captures stand in text
}

// substitute leaves s with up to limit matches replaced in the buffer, and counts them.
func (b *matcher) substitute(c *vm.Call, s, pat string, r *replacement, limit int) (count int, err error) {
	pat, anchored := pattern.Anchor(pat)
	b.Init(s, pat, b.state.Steps())
	copied := 0 // of s
	for from := 0; count < limit && from <= len(s); {
		var start, end int
		var found bool
		if anchored {
			end, found, err = b.Match(0)
		} else {
			start, end, found, err = b.Search(from)
		}
		if err != nil {
			return 0, err
		}
		if !found {
			break
		}
		count++
		if err := b.buffer.append(s[copied:start]); err != nil {
			return 0, err
		}
		if err := b.replace(c, s, start, end, r); err != nil {
			return 0, err
		}
		copied = end
		from = max(end, start+1) // past an empty match
		if anchored {
			break
		}
	}
	if count == 0 {
		return 0, nil
	}
	return count, b.buffer.append(s[copied:])
}

// replace appends what stands for the match s[start:end].
func (b *matcher) replace(c *vm.Call, s string, start, end int, r *replacement) error {
	var v vm.Value
	var err error
	switch r.kind {
	case vm.KindTable:
		if v, err = b.capture(s, 0); err == nil {
			v, err = c.Index(r.value, v)
		}
	case vm.KindFunction:
		v, err = b.callback(c, s, r.value)
	default:
		return b.expand(r, end-start)
	}
	if err != nil {
		return err
	}
	switch v.Kind() {
	case vm.KindString:
		text, _ := v.AsString()
		return b.buffer.append(text)
	case vm.KindNumber:
		f, _ := v.AsNumber()
		var digits [32]byte
		return b.buffer.append(string(number.Append(digits[:0], f)))
	}
	if v.Truthy() {
		return c.Errorf("invalid replacement value (a %s)", v.Kind())
	}
	return b.buffer.append(s[start:end])
}

// callback calls a function with the captures.
func (b *matcher) callback(c *vm.Call, s string, f vm.Value) (vm.Value, error) {
	var captures [pattern.MaxCaptures]vm.Value
	n := b.NumResults()
	for i := range n {
		v, err := b.capture(s, i)
		if err != nil {
			return vm.Nil(), err
		}
		captures[i] = v
	}
	results, err := c.Call(f, captures[:n]...)
	if err != nil || len(results) == 0 {
		return vm.Nil(), err
	}
	return results[0], nil
}

// positionDigits is the length of a position capture as text, at most.
const positionDigits = 20

// expand appends a replacement string with the captures of a match of the given length.
func (b *matcher) expand(r *replacement, length int) (err error) {
	if r.refs == 0 {
		return b.buffer.append(r.text)
	}
	if err := b.buffer.makeRoom(len(r.text) + r.refs*max(length, positionDigits)); err != nil {
		return err
	}
	b.buffer.bytes, err = b.AppendReplacement(b.buffer.bytes, r.text)
	return err
}

// result returns what is in the buffer, which serves again if it is small.
func (b *matcher) result() (vm.Value, error) {
	n := len(b.buffer.bytes)
	if err := reserve(b.state, n); err != nil {
		return vm.Nil(), err
	}
	if n <= maxBuffer {
		return vm.Bytes(b.buffer.bytes), nil
	}
	defer func() { b.buffer.bytes = nil }()
	return b.buffer.take(), nil
}
