package lpeg

import (
	"strings"

	"github.com/luahost/luahost/vm"
)

// maxNesting is how deep captures may be in one another. C LPeg allows 200.
const maxNesting = 10000

// Captures are evaluated after the match, from the first mark to the last. m.next is the mark that comes next;
// values go to the end of m.values.

// results evaluates all captures.
func (m *machine) results() error {
	m.next, m.values = 0, m.values[:0]
	for m.next < len(m.captures) {
		if _, err := m.evaluate(0); err != nil {
			return err
		}
	}
	return nil
}

// add appends a value.
func (m *machine) add(v vm.Value) error {
	if len(m.values) == cap(m.values) {
		if err := m.call.State().Reserve(cap(m.values) * valueSize); err != nil {
			return err
		}
	}
	m.values = append(m.values, v)
	return nil
}

// evaluate appends the values of the next capture and returns how many there are. first is where the values begin
// that an accumulator may change.
func (m *machine) evaluate(first int) (int, error) {
	k := &m.captures[m.next]
	if err := m.enter(); err != nil {
		return 0, err
	}
	before := len(m.values)
	err := m.capture(k, first)
	m.leave()
	return len(m.values) - before, err
}

// enter counts a capture, and how deep it is.
func (m *machine) enter() error {
	if m.depth >= maxNesting {
		return m.call.Errorf("subcapture nesting too deep")
	}
	m.depth++
	if *m.steps--; *m.steps < 0 {
		return m.spend()
	}
	return nil
}

func (m *machine) leave() { m.depth-- }

func (m *machine) capture(k *mark, first int) (err error) {
	if k.kind == kindDynamic {
		m.skip()
		return m.add(m.dynamic[k.index])
	}
	n := m.node(k)
	switch k.kind {
	case kindSimple:
		err = m.simple()
	case kindPosition:
		err = m.add(vm.Int(int(k.pos) + 1))
		m.skip()
	case kindConstant:
		err = m.add(n.get())
		m.skip()
	case kindArgument:
		if n.n > m.call.NArgs()-fixedArguments {
			return m.call.Errorf("reference to absent extra argument #%d", n.n)
		}
		err = m.add(m.call.Arg(fixedArguments + n.n))
		m.skip()
	case kindBack:
		err = m.back(n.get())
	case kindGroup:
		if n != nil && !n.get().IsNil() {
			m.skip() // for lpeg.Cb and lpeg.Ct
			return nil
		}
		_, err = m.nested(false)
	case kindFold:
		err = m.fold(n.get())
	case kindAccumulator:
		err = m.accumulate(n.get(), first)
	case kindString:
		err = m.replacement()
	case kindNumber:
		err = m.selectOne(n.n)
	case kindQuery:
		err = m.query(n.get())
	case kindFunction:
		err = m.function(n.get())
	case kindSubstitution:
		err = m.substitution()
	case kindTable:
		err = m.table()
	}
	return err
}

// skip goes past the next capture and all in it.
func (m *machine) skip() {
	for open := 0; ; {
		k := &m.captures[m.next]
		m.next++
		switch {
		case k.kind == kindClose:
			open--
		case k.length < 0:
			open++
		}
		if open == 0 {
			return
		}
	}
}

func (m *machine) closed() bool { return m.captures[m.next].kind == kindClose }

// piece returns a part of the subject. What is small beside a large subject is copied, so as not to hold all of it; short
// ones into chunks, which spares allocations.
func (m *machine) piece(from, to int32) (vm.Value, error) {
	s, length := m.subject[from:to], int(to-from)
	switch {
	case len(m.subject) <= largeSubject || length >= len(m.subject)/smallPiece:
		return vm.String(s), nil
	case length > chunkSize/smallPiece:
		return m.call.State().NewString(strings.Clone(s)), nil
	case len(m.chunk)+length > cap(m.chunk):
		if err := m.call.State().Reserve(chunkSize); err != nil {
			return vm.Nil(), err
		}
		m.chunk = make([]byte, 0, chunkSize)
	}
	start := len(m.chunk)
	m.chunk = append(m.chunk, s...)
	return vm.TakeBytes(m.chunk[start:len(m.chunk):len(m.chunk)]), nil
}

const (
	largeSubject = 1 << 10
	smallPiece   = 8
	chunkSize    = 2 << 10
)

// addPiece appends a part of the subject.
func (m *machine) addPiece(from, to int32) error {
	v, err := m.piece(from, to)
	if err != nil {
		return err
	}
	return m.add(v)
}

// nested appends the values of the captures in the next one. The whole match goes behind them if there are none, or
// in front of them if whole is set.
func (m *machine) nested(whole bool) (int, error) {
	k := m.captures[m.next]
	m.next++
	if k.length >= 0 {
		return 1, m.addPiece(k.pos, k.pos+k.length)
	}
	first := len(m.values)
	if whole {
		if err := m.add(vm.Nil()); err != nil {
			return 0, err
		}
	}
	inner := len(m.values)
	for !m.closed() {
		if _, err := m.evaluate(inner); err != nil {
			return 0, err
		}
	}
	end := m.captures[m.next].pos
	m.next++
	var err error
	switch {
	case whole:
		m.values[first], err = m.piece(k.pos, end)
	case len(m.values) == first:
		err = m.addPiece(k.pos, end)
	}
	return len(m.values) - first, err
}

func (m *machine) simple() error {
	_, err := m.nested(true)
	return err
}

// one appends the first value of the next capture alone.
func (m *machine) one() error {
	first := len(m.values)
	_, err := m.nested(false)
	if err == nil {
		m.values = m.values[:first+1]
	}
	return err
}

func (m *machine) selectOne(n int) error {
	if n == 0 {
		m.skip()
		return nil
	}
	first := len(m.values)
	count, err := m.nested(false)
	if err != nil {
		return err
	}
	if count < n {
		return m.call.Errorf("no capture '%d'", n)
	}
	m.values[first] = m.values[first+n-1]
	m.values = m.values[:first+1]
	return nil
}

func (m *machine) query(table vm.Value) error {
	first := len(m.values)
	if err := m.one(); err != nil {
		return err
	}
	v, err := m.call.Index(table, m.values[first])
	m.values = m.values[:first]
	if err != nil || v.IsNil() {
		return err
	}
	return m.add(v)
}

func (m *machine) function(f vm.Value) error {
	first := len(m.values)
	if _, err := m.nested(false); err != nil {
		return err
	}
	return m.apply(f, first, -1)
}

// apply replaces the values from first on by what f returns for them: want values, or all if want is negative.
func (m *machine) apply(f vm.Value, first, want int) error {
	results, err := m.call.Call(f, m.values[first:]...)
	m.values = m.values[:first]
	if err != nil {
		return err
	}
	if want >= 0 {
		results = results[:min(want, len(results))]
	}
	for _, v := range results {
		if err := m.add(v); err != nil {
			return err
		}
	}
	for len(m.values) < first+want {
		m.values = append(m.values, vm.Nil())
	}
	return nil
}

func (m *machine) fold(f vm.Value) error {
	k := m.captures[m.next]
	m.next++
	first := len(m.values)
	if k.length < 0 && !m.closed() {
		if _, err := m.evaluate(first); err != nil {
			return err
		}
	}
	if len(m.values) == first {
		return m.call.Errorf("no initial value for fold capture")
	}
	m.values = m.values[:first+1]
	for !m.closed() {
		if _, err := m.evaluate(first + 1); err != nil {
			return err
		}
		if err := m.apply(f, first, 1); err != nil {
			return err
		}
	}
	m.next++
	return nil
}

// accumulate replaces the last value by what f makes of it and the captures in this one.
func (m *machine) accumulate(f vm.Value, first int) error {
	last := len(m.values) - 1
	if last < first {
		return m.call.Errorf("no initial value for accumulator capture")
	}
	if _, err := m.nested(false); err != nil {
		return err
	}
	return m.apply(f, last, 1)
}

// back appends the values of the last group of a name before the next capture.
func (m *machine) back(name vm.Value) error {
	at := m.next
	m.skip()
	after := m.next
	group, ok := m.findGroup(name, at)
	if !ok {
		return m.call.Errorf("back reference '%s' not found", nameOf(name))
	}
	m.next = group
	_, err := m.nested(false)
	m.next = after
	return err
}

// findGroup looks for the last complete group of a name before at, outermost ones only.
func (m *machine) findGroup(name vm.Value, at int) (int, bool) {
	for i := at - 1; i >= 0; i-- {
		*m.steps--
		k := &m.captures[i]
		switch {
		case k.kind == kindClose:
			i = m.openMark(i)
			k = &m.captures[i]
		case k.length < 0:
			continue // a capture around this place
		}
		if k.kind == kindGroup && k.index != noNode && vm.RawEqual(m.node(k).get(), name) {
			return i, true
		}
	}
	return 0, false
}

func (m *machine) table() error {
	k := m.captures[m.next]
	m.next++
	t := m.call.State().NewTable(0, 0)
	if k.length >= 0 {
		return m.add(t.Value())
	}
	first := len(m.values)
	for !m.closed() {
		if k := &m.captures[m.next]; k.kind == kindGroup && k.index != noNode && !m.node(k).get().IsNil() {
			name, at := m.node(k).get(), len(m.values)
			if err := m.one(); err != nil {
				return err
			}
			v := m.values[at]
			m.values = m.values[:at]
			if err := t.Set(name, v); err != nil {
				return err
			}
			continue
		}
		if _, err := m.evaluate(first); err != nil {
			return err
		}
	}
	m.next++
	if err := m.call.State().Reserve((len(m.values) - first) * valueSize); err != nil {
		return err
	}
	t.SetList(m.values[first:])
	m.values = m.values[:first]
	return m.add(t.Value())
}

// textBuilder puts a string together and counts its memory.
type textBuilder struct {
	state *vm.State
	bytes []byte
}

func (b *textBuilder) add(s string) error {
	if len(b.bytes)+len(s) > cap(b.bytes) {
		if err := b.state.Reserve(cap(b.bytes) + len(s)); err != nil {
			return err
		}
	}
	b.bytes = append(b.bytes, s...)
	return nil
}

func (m *machine) substitution() error {
	b := textBuilder{state: m.call.State()}
	if err := m.substitute(&b); err != nil {
		return err
	}
	return m.add(vm.TakeBytes(b.bytes))
}

// substitute appends the next capture's match, with the captures in it replaced by their values.
func (m *machine) substitute(b *textBuilder) error {
	k := m.captures[m.next]
	m.next++
	if k.length >= 0 {
		return b.add(m.subject[k.pos : k.pos+k.length])
	}
	from := k.pos
	for !m.closed() {
		start := m.next
		at := m.captures[start].pos
		if err := b.add(m.subject[from:at]); err != nil {
			return err
		}
		replaced, err := m.addText(b, "replacement")
		if err != nil {
			return err
		}
		if replaced {
			from = m.endOf(m.next - 1)
		} else {
			from = at
		}
	}
	end := m.captures[m.next].pos
	m.next++
	return b.add(m.subject[from:end])
}

// endOf returns where the capture whose last mark is at i ends.
func (m *machine) endOf(i int) int32 {
	k := &m.captures[i]
	if k.kind == kindClose {
		return k.pos
	}
	return k.pos + k.length
}

// addText appends the first value of the next capture; it reports false if there is none.
func (m *machine) addText(b *textBuilder, what string) (bool, error) {
	if kind := m.captures[m.next].kind; kind == kindString || kind == kindSubstitution {
		if err := m.enter(); err != nil {
			return false, err
		}
		defer m.leave()
		if kind == kindString {
			return true, m.expand(b)
		}
		return true, m.substitute(b)
	}
	first := len(m.values)
	n, err := m.evaluate(first)
	if err != nil || n == 0 {
		return false, err
	}
	v := m.values[first]
	m.values = m.values[:first]
	s, ok := vm.ToString(v)
	if !ok {
		return false, m.call.Errorf("invalid %s value (a %s)", what, v.Kind())
	}
	return true, b.add(s)
}

func (m *machine) replacement() error {
	b := textBuilder{state: m.call.State()}
	if err := m.expand(&b); err != nil {
		return err
	}
	return m.add(vm.TakeBytes(b.bytes))
}

// part is what %0 to %9 in a replacement string stand for: a text, or the first value of a capture.
type part struct {
	from, to int32
	capture  int // its first mark; -1 for a text
}

// expand appends the next capture's replacement string, with %0 to %9 replaced.
func (m *machine) expand(b *textBuilder) error {
	format, _ := m.node(&m.captures[m.next]).get().AsString()
	var parts [10]part
	n := m.collect(&parts, 0)
	after := m.next
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' || i+1 == len(format) {
			if err := b.add(format[i : i+1]); err != nil {
				return err
			}
			continue
		}
		i++
		if c = format[i]; c < '0' || c > '9' {
			if err := b.add(format[i : i+1]); err != nil {
				return err
			}
			continue
		}
		l := int(c - '0')
		if l >= n {
			return m.call.Errorf("invalid capture index (%d)", l)
		}
		if parts[l].capture < 0 {
			if err := b.add(m.subject[parts[l].from:parts[l].to]); err != nil {
				return err
			}
			continue
		}
		m.next = parts[l].capture
		some, err := m.addText(b, "capture")
		if err != nil {
			return err
		}
		if !some {
			return m.call.Errorf("no values in capture index %d", l)
		}
	}
	m.next = after
	return nil
}

// collect lists the next capture and those in it, of which the first ten count; simple captures count with what is in
// them.
func (m *machine) collect(parts *[10]part, n int) int {
	k := m.captures[m.next]
	self := n
	parts[self] = part{from: k.pos, to: k.pos + k.length, capture: -1}
	n++
	m.next++
	if k.length >= 0 {
		return n
	}
	for !m.closed() {
		switch {
		case n >= len(parts):
			m.skip()
		case m.captures[m.next].kind == kindSimple:
			n = m.collect(parts, n)
		default:
			parts[n] = part{capture: m.next}
			n++
			m.skip()
		}
	}
	parts[self].to = m.captures[m.next].pos
	m.next++
	return n
}
