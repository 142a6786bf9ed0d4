package lpeg

import (
	"math"
	"slices"
	"strings"

	"github.com/luahost/luahost/vm"
)

// machine is one match: a program that runs over a subject, with a stack of what to go back to and a list of the
// captures so far.
type machine struct {
	call     *vm.Call
	subject  string
	code     program
	whole    vm.Value // the subject as Lua sees it
	limit    int      // of stack
	steps    *int64
	stack    []entry
	captures []mark
	dynamic  []vm.Value // made by lpeg.Cmt

	values []vm.Value // of captures that are being evaluated
	chunk  []byte     // for copies of short pieces of the subject
	next   int        // the capture that is evaluated next
	depth  int        // of captures in one another
}

// entry is a choice, to go back to, or the return of a rule.
type entry struct {
	pc, pos           int // pos is noChoice for a return
	captures, dynamic int
}

const noChoice = -1

// mark is where a capture begins or ends. It has no pointers, so that long lists cost the collector nothing.
type mark struct {
	pos, length int32 // the length is that of a capture that is complete in one mark; else -1
	index       int32 // of the instruction that made it, or of a value in dynamic; or noNode
	kind        kind
}

// noNode is the index of the group around the values of lpeg.Cmt.
const noNode = -1

// node returns the capture that made a mark, or nil.
func (m *machine) node(k *mark) *node {
	if k.index == noNode {
		return nil
	}
	return m.code[k.index].node
}

const (
	entrySize = 32
	markSize  = 16
	valueSize = 16
	spanStep  = 6 // a run of 1<<spanStep bytes counts as a step of the budget
)

// run matches from pos on, and returns where the match ends, or -1.
func (m *machine) run(pos int) (int, error) {
	s, p := m.subject, m.code
	pc := 0
	for {
		in := &p[pc]
		pc++
		switch in.code {
		case codeEnd:
			return pos, nil
		case codeAny:
			if len(s)-pos >= int(in.n) {
				pos += int(in.n)
				continue
			}
		case codeChar:
			if pos < len(s) && s[pos] == in.char {
				pos++
				continue
			}
		case codeText:
			if strings.HasPrefix(s[pos:], in.text) {
				pos += len(in.text)
				continue
			}
		case codeSet:
			if pos < len(s) && in.set.has(s[pos]) {
				pos++
				continue
			}
		case codeUTF8:
			if code, n := decode(s[pos:]); n > 0 && code >= int(in.n) && code <= int(in.target) {
				pos += n
				continue
			}
		case codeSpan:
			from := pos
			for pos < len(s) && in.set.has(s[pos]) {
				pos++
			}
			*m.steps -= int64(pos-from) >> spanStep
			continue
		case codeTestAny:
			if pos >= len(s) {
				pc = int(in.target)
			}
			continue
		case codeTestChar:
			if pos >= len(s) || s[pos] != in.char {
				pc = int(in.target)
			}
			continue
		case codeTestSet:
			if pos >= len(s) || !in.set.has(s[pos]) {
				pc = int(in.target)
			}
			continue
		case codeBack:
			if pos >= int(in.n) {
				pos -= int(in.n)
				continue
			}
		case codeChoice:
			if err := m.push(entry{int(in.target), pos, len(m.captures), len(m.dynamic)}); err != nil {
				return 0, err
			}
			continue
		case codeCall:
			if err := m.push(entry{pc: pc, pos: noChoice}); err != nil {
				return 0, err
			}
			pc = int(in.target)
			continue
		case codeReturn:
			top := len(m.stack) - 1
			pc = m.stack[top].pc
			m.stack = m.stack[:top]
			continue
		case codeJump:
			pc = int(in.target)
			if *m.steps--; *m.steps < 0 {
				if err := m.spend(); err != nil {
					return 0, err
				}
			}
			continue
		case codeCommit:
			m.stack = m.stack[:len(m.stack)-1]
			pc = int(in.target)
			continue
		case codeProgress:
			top := &m.stack[len(m.stack)-1]
			top.pos, top.captures, top.dynamic = pos, len(m.captures), len(m.dynamic)
			pc = int(in.target)
			if *m.steps--; *m.steps < 0 {
				if err := m.spend(); err != nil {
					return 0, err
				}
			}
			continue
		case codeRewind:
			top := m.stack[len(m.stack)-1]
			m.stack = m.stack[:len(m.stack)-1]
			pos = top.pos
			m.forget(top)
			pc = int(in.target)
			continue
		case codeGiveUp:
			m.stack = m.stack[:len(m.stack)-1]
		case codeFail:
		case codeOpen:
			if err := m.mark(mark{pos: int32(pos), length: -1, index: int32(pc - 1), kind: in.node.kind}); err != nil {
				return 0, err
			}
			continue
		case codeClose:
			// A capture with none in it becomes one mark: no choice inside it is left that could go back between the two.
			if last := &m.captures[len(m.captures)-1]; last.length < 0 {
				last.length = int32(pos) - last.pos
				continue
			}
			if err := m.mark(mark{pos: int32(pos), kind: kindClose}); err != nil {
				return 0, err
			}
			continue
		case codeFull:
			if err := m.mark(mark{pos: int32(pos) - in.n, length: in.n, index: int32(pc - 1), kind: in.node.kind}); err != nil {
				return 0, err
			}
			continue
		case codeCallback:
			to, err := m.callback(pos)
			if err != nil {
				return 0, err
			}
			if to >= 0 {
				pos = to
				continue
			}
		}
		// What didn't go on has failed: back to the last choice.
		top := len(m.stack) - 1
		for top >= 0 && m.stack[top].pos == noChoice {
			top--
		}
		if top < 0 {
			m.stack = m.stack[:0]
			return -1, nil
		}
		e := m.stack[top]
		m.stack = m.stack[:top]
		pc, pos = e.pc, e.pos
		m.forget(e)
		if *m.steps--; *m.steps < 0 {
			if err := m.spend(); err != nil {
				return 0, err
			}
		}
	}
}

// spend asks the state whether its budget allows to go on.
func (m *machine) spend() error { return m.call.State().Spend(0) }

func (m *machine) push(e entry) error {
	if *m.steps--; *m.steps < 0 {
		if err := m.spend(); err != nil {
			return err
		}
	}
	if len(m.stack) == cap(m.stack) {
		if err := m.call.State().Reserve(cap(m.stack) * entrySize); err != nil {
			return err
		}
	}
	if len(m.stack) >= m.limit {
		return m.call.Errorf("backtrack stack overflow (current limit is %d)", m.limit)
	}
	m.stack = append(m.stack, e)
	return nil
}

// forget drops the captures since a choice.
func (m *machine) forget(e entry) {
	m.captures = m.captures[:e.captures]
	clear(m.dynamic[e.dynamic:])
	m.dynamic = m.dynamic[:e.dynamic]
}

func (m *machine) mark(k mark) error {
	if len(m.captures) == cap(m.captures) {
		more := max(cap(m.captures), 32)
		if err := m.call.State().Reserve(more * markSize); err != nil {
			return err
		}
		m.captures = slices.Grow(m.captures, more)
	}
	m.captures = append(m.captures, k)
	return nil
}

// callback ends the innermost open capture, which lpeg.Cmt made: its function decides where the match goes on, and
// what values are captured. It returns -1 where the match fails.
func (m *machine) callback(pos int) (int, error) {
	begin := m.openMark(len(m.captures))
	f := m.node(&m.captures[begin]).get()
	if err := m.mark(mark{pos: int32(pos), kind: kindClose}); err != nil {
		return 0, err
	}
	m.values = append(m.values[:0], m.whole, vm.Int(pos+1))
	m.next = begin
	if _, err := m.nested(false); err != nil {
		return 0, err
	}
	results, err := m.call.Call(f, m.values...)
	if err != nil {
		return 0, err
	}
	at := int(m.captures[begin].pos)
	m.captures = m.captures[:begin]
	m.values = m.values[:0]
	if len(results) == 0 || !results[0].Truthy() {
		return -1, nil
	}
	to, err := m.continuation(results[0], pos)
	if err != nil {
		return 0, err
	}
	return to, m.addDynamic(results[1:], at, to)
}

// continuation returns where a match goes on by the first result of a function.
func (m *machine) continuation(v vm.Value, pos int) (int, error) {
	if _, ok := v.AsBool(); ok {
		return pos, nil
	}
	f, ok := v.AsNumber()
	if !ok || f != math.Trunc(f) || f < float64(pos+1) || f > float64(len(m.subject)+1) {
		return 0, m.call.Errorf("invalid position returned by match-time capture")
	}
	return int(f) - 1, nil
}

// addDynamic captures the further results of a function, as a group.
func (m *machine) addDynamic(results []vm.Value, from, to int) error {
	if len(results) == 0 {
		return nil
	}
	if err := m.call.State().Reserve(len(results) * valueSize); err != nil {
		return err
	}
	err := m.mark(mark{pos: int32(from), length: -1, index: noNode, kind: kindGroup})
	for _, v := range results {
		if err == nil {
			err = m.mark(mark{pos: int32(to), kind: kindDynamic, index: int32(len(m.dynamic))})
		}
		m.dynamic = append(m.dynamic, v)
	}
	if err == nil {
		err = m.mark(mark{pos: int32(to), kind: kindClose})
	}
	return err
}

// openMark returns the innermost mark before end that is open there.
func (m *machine) openMark(end int) int {
	closed := 0
	for i := end - 1; ; i-- {
		*m.steps--
		switch k := &m.captures[i]; {
		case k.kind == kindClose:
			closed++
		case k.length >= 0:
		case closed == 0:
			return i
		default:
			closed--
		}
	}
}
