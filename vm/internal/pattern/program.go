package pattern

import (
	"fmt"
	"math"
	"strings"
)

// program is a compiled pattern: items in the order in which they match. A Lua
// pattern has no alternatives and repeats only single bytes, so whatever gets to
// an item has passed all items before it. Hence the checks of captures, which C
// Lua makes while it matches, can be made here.
type program struct {
	pat      string
	items    []item
	sets     []set // the sets that items point to; earlier arrays stay valid as it grows
	captures int
	kinds    [MaxCaptures]captureKind
	err      error // what the item opError reports

	// What a match starts with: prefix, or if that is empty a byte of first,
	// or possibly nothing if mayBeEmpty.
	prefix     string
	first      set
	anyFirst   bool // first holds all bytes
	mayBeEmpty bool
}

type captureKind byte

const (
	kindOpen captureKind = iota
	kindClosed
	kindPosition
)

type opcode byte

const (
	opEnd       opcode = iota // the end of the pattern
	opError                   // a malformed item
	opByte                    // the byte item.c
	opText                    // pat[lo:hi]
	opAny                     // any byte
	opSet                     // a byte of item.set
	opOptional                // set, at most once
	opStar                    // set, as often as possible
	opPlus                    // the same, at least once
	opLazy                    // set, as seldom as possible
	opOpen                    // start of capture lo
	opClose                   // end of capture lo
	opPosition                // position capture lo
	opTail                    // the end of the subject
	opBalance                 // text balanced in c and d
	opFrontier                // change from outside set to inside
	opReference               // what capture lo holds
)

// item is one step of a program.
type item struct {
	op     opcode
	c, d   byte
	lo, hi int32
	set    *set

	// For the repetitions. A final one needs no second choice, because what
	// follows can't fail, or can't match where another choice would end. A sure
	// one is followed by what can't fail.
	scan        scanner
	final, sure bool
	seek        bool // an opLazy over any bytes up to what must be the byte d
	followEnd   bool // what follows may match at the subject's end
	follow      *set // what follows needs a byte of this set, unless nil
}

// scanner says how a repetition finds the end of a run.
type scanner byte

const (
	scanSet   scanner = iota // test each byte
	scanAll                  // set has all bytes: to the end of the subject
	scanUntil                // set has all bytes but c
)

// maxItems bounds the memory that a program takes, which is about a hundred bytes
// an item at most. C Lua has no such limit; only patterns made by a program get
// there.
const maxItems = 1 << 14

// compile makes p the program of pat, reusing its memory.
func (p *program) compile(pat string) {
	p.pat, p.items, p.sets, p.captures, p.err = pat, p.items[:0], p.sets[:0], 0, nil
	for i := 0; i < len(pat) && p.err == nil; {
		if len(p.items) == maxItems || len(pat) > math.MaxInt32 {
			p.fail(ErrTooComplex)
			break
		}
		i = p.item(i)
	}
	if p.err == nil {
		p.add(item{op: opEnd})
	}
	p.link()
}

func (p *program) add(it item) {
	p.items = append(p.items, it)
}

func (p *program) addSet(s set) *set {
	p.sets = append(p.sets, s)
	return &p.sets[len(p.sets)-1]
}

// fail ends the program with an item that reports err.
func (p *program) fail(err error) int {
	p.err = err
	p.add(item{op: opError})
	return len(p.pat)
}

// at returns pat[i], or 0 past the end.
func (p *program) at(i int) byte {
	if i < len(p.pat) {
		return p.pat[i]
	}
	return 0
}

// item compiles the item at pat[i:] and returns where the next one starts.
func (p *program) item(i int) int {
	switch c := p.pat[i]; {
	case c == '(':
		return p.open(i)
	case c == ')':
		return p.close(i)
	case c == '$' && i+1 == len(p.pat):
		p.add(item{op: opTail})
		return i + 1
	case c == '%':
		switch d := p.at(i + 1); {
		case d == 'b':
			if i+3 >= len(p.pat) {
				return p.fail(ErrBalance)
			}
			p.add(item{op: opBalance, c: p.pat[i+2], d: p.pat[i+3]})
			return i + 4
		case d == 'f':
			return p.frontier(i + 2)
		case d-'0' <= 9:
			return p.reference(i)
		}
	}
	return p.single(i)
}

func (p *program) open(i int) int {
	if p.captures == MaxCaptures {
		return p.fail(ErrTooManyCaptures)
	}
	n := p.captures
	p.captures++
	if p.at(i+1) == ')' {
		p.kinds[n] = kindPosition
		p.add(item{op: opPosition, lo: int32(n)})
		return i + 2
	}
	p.kinds[n] = kindOpen
	p.add(item{op: opOpen, lo: int32(n)})
	return i + 1
}

func (p *program) close(i int) int {
	for n := p.captures - 1; n >= 0; n-- {
		if p.kinds[n] == kindOpen {
			p.kinds[n] = kindClosed
			p.add(item{op: opClose, lo: int32(n)})
			return i + 1
		}
	}
	return p.fail(ErrPatternCapture)
}

func (p *program) reference(i int) int {
	n := int(p.pat[i+1]) - '1'
	if n < 0 || n >= p.captures || p.kinds[n] == kindOpen {
		return p.fail(fmt.Errorf("%w %%%d", ErrCaptureIndex, n+1))
	}
	p.add(item{op: opReference, lo: int32(n)})
	return i + 2
}

func (p *program) frontier(i int) int {
	if p.at(i) != '[' {
		return p.fail(ErrFrontier)
	}
	end, ok := p.bracketEnd(i)
	if !ok {
		return p.fail(ErrMissingBracket)
	}
	p.add(item{op: opFrontier, set: p.bracket(i, end)})
	return end
}

// single compiles a single-byte item with its suffix.
func (p *program) single(i int) int {
	it := item{op: opSet}
	end := i + 1
	switch c := p.pat[i]; c {
	case '.':
		it.op, it.set = opAny, &all
	case '[':
		var ok bool
		if end, ok = p.bracketEnd(i); !ok {
			return p.fail(ErrMissingBracket)
		}
		it.set = p.bracket(i, end)
	case '%':
		if end == len(p.pat) {
			return p.fail(ErrEndsWithPercent)
		}
		c = p.pat[end]
		if it.set = classes[c]; it.set == nil {
			it.op, it.c, it.set = opByte, c, &singles[c]
		}
		end++
	default:
		it.op, it.c, it.set = opByte, c, &singles[c]
	}
	switch p.at(end) {
	case '?':
		it.op = opOptional
	case '*':
		it.op = opStar
	case '+':
		it.op = opPlus
	case '-':
		it.op = opLazy
	default:
		if it.op != opByte || !p.extendText(end) {
			it.lo, it.hi = int32(end-1), int32(end)
			p.add(it)
		}
		return end
	}
	it.scan, it.c = scannerOf(it.set)
	p.add(it)
	return end + 1
}

// extendText appends the plain byte that ends at end to the text before it, if
// they are next to each other in the pattern.
func (p *program) extendText(end int) bool {
	if len(p.items) == 0 {
		return false
	}
	last := &p.items[len(p.items)-1]
	if last.op != opByte && last.op != opText || int(last.hi) != end-1 {
		return false
	}
	last.op = opText
	last.hi = int32(end)
	return true
}

func scannerOf(s *set) (scan scanner, until byte) {
	others := *s
	others.invert()
	switch others.size() {
	case 0:
		return scanAll, 0
	case 1:
		return scanUntil, others.least()
	}
	return scanSet, 0
}

// bracketEnd returns where the set that starts at pat[i], a '[', ends.
func (p *program) bracketEnd(i int) (end int, ok bool) {
	i++
	if p.at(i) == '^' {
		i++
	}
	for first := true; i < len(p.pat); first = false {
		switch {
		case p.pat[i] == ']' && !first:
			return i + 1, true
		case p.pat[i] == '%':
			i++ // skip an escape, like "%]"
		}
		i++
	}
	return 0, false
}

// bracket makes the set written in pat[i:end], brackets included.
func (p *program) bracket(i, end int) *set {
	var s set
	inverted := p.pat[i+1] == '^'
	if inverted {
		i++
	}
	last := end - 1 // the ']'
	for i++; i < last; i++ {
		switch c := p.pat[i]; {
		case c == '%':
			i++ // to the ']' at worst, after a range that ends in '%'
			if class := classes[p.pat[i]]; class != nil {
				s.union(class)
			} else {
				s.add(p.pat[i])
			}
		case p.pat[i+1] == '-' && i+2 < last:
			s.addRange(c, p.pat[i+2])
			i += 2
		default:
			s.add(c)
		}
	}
	if inverted {
		s.invert()
	}
	return p.addSet(s)
}

// link computes, from the last item to the first, what may follow each item, for
// the repetitions and for the search of the first one.
func (p *program) link() {
	var needs set // the bytes that the rest can start with
	var atEnd, sure bool
	for i := len(p.items) - 1; i >= 0; i-- {
		it := &p.items[i]
		switch it.op {
		case opEnd:
			needs, atEnd, sure = all, true, true
		case opError, opFrontier, opReference:
			needs, atEnd, sure = all, true, false
		case opTail:
			needs, atEnd, sure = set{}, true, false
		case opByte, opAny, opSet:
			needs, atEnd, sure = *it.set, false, false
		case opText:
			needs, atEnd, sure = singles[p.pat[it.lo]], false, false
		case opBalance:
			needs, atEnd, sure = singles[it.c], false, false
		case opOptional, opStar, opPlus, opLazy:
			p.linkRepeat(it, &needs, atEnd, sure)
			if it.op == opPlus {
				needs, atEnd, sure = *it.set, false, false
			} else {
				needs.union(it.set)
			}
		}
	}
	p.first, p.anyFirst, p.mayBeEmpty = needs, needs == all, atEnd
	p.prefix = ""
	for i := range p.items {
		if it := &p.items[i]; it.op == opByte || it.op == opText {
			p.prefix = p.pat[it.lo:it.hi]
		} else if it.op == opOpen || it.op == opPosition {
			continue
		}
		break
	}
}

func (p *program) linkRepeat(it *item, needs *set, atEnd, sure bool) {
	disjoint := it.set.disjoint(needs)
	it.final, it.sure, it.followEnd = disjoint || sure, sure, atEnd
	if disjoint && it.op == opLazy {
		it.op = opStar // it can stop only where its run ends
	}
	if it.final || *needs == all {
		return
	}
	it.follow = p.addSet(*needs)
	if it.op == opLazy && it.scan == scanAll && !atEnd && needs.size() == 1 {
		it.seek, it.d = true, needs.least()
	}
}

// candidate returns the first place at or after i where a match could start,
// more than len(src) if there is none.
func (p *program) candidate(src string, i int) int {
	switch {
	case len(p.prefix) > 1:
		if n := strings.Index(src[i:], p.prefix); n >= 0 {
			return i + n
		}
		return len(src) + 1
	case len(p.prefix) == 1:
		if n := strings.IndexByte(src[i:], p.prefix[0]); n >= 0 {
			return i + n
		}
		return len(src) + 1
	case p.anyFirst:
	default:
		for uint(i) < uint(len(src)) && !p.first.has(src[i]) {
			i++
		}
	}
	if i == len(src) && !p.mayBeEmpty {
		i++
	}
	return i
}
