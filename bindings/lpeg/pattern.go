package lpeg

import (
	"math"
	"unicode/utf8"

	"github.com/luahost/luahost/vm"
)

// op tells what a node of a pattern is.
type op uint8

const (
	opTrue     op = iota
	opFalse       // never matches
	opAny         // n bytes
	opText        // text, which isn't empty
	opSet         // one byte of set
	opUTF8        // one code point from n to m
	opBehind      // a, ending here; a has n bytes
	opAnd         // a, without consuming it
	opNot         // not a
	opRepeat      // a, as often as possible
	opSequence    // a b
	opChoice      // a / b
	opRule        // the rule of a grammar that value names
	opGrammar     // rules, from the first on
	opCapture     // a, captured as kind says
	opCmt         // a, then value is called
)

// kind tells what values a capture makes.
type kind uint8

const (
	kindSimple       kind = iota // lpeg.C
	kindPosition                 // lpeg.Cp
	kindConstant                 // lpeg.Cc: value
	kindArgument                 // lpeg.Carg: n
	kindBack                     // lpeg.Cb: value is the name
	kindGroup                    // lpeg.Cg: value is the name, or nil
	kindFold                     // lpeg.Cf: value is the function
	kindAccumulator              // %: value is the function
	kindString                   // / string: value
	kindNumber                   // / number: n
	kindQuery                    // / table: value
	kindFunction                 // / function: value
	kindSubstitution             // lpeg.Cs
	kindTable                    // lpeg.Ct
	kindDynamic                  // a value that lpeg.Cmt made; only while a match runs
	kindClose                    // the end of a capture; only while a match runs
)

// node is a pattern: an immutable tree whose parts other patterns may share.
type node struct {
	op    op
	kind  kind
	props props
	n, m  int
	a, b  *node
	text  string
	value vm.Value // see get
	held  bool
	more  *grammar
}

// get returns the Lua value of a node. Tables, functions and the like are held in a list of one: that is what a reload
// knows of, and puts the program's own table in place of one that new code made.
func (n *node) get() vm.Value {
	if n.held {
		list, _ := n.value.AsTable()
		return list.GetInt(1)
	}
	return n.value
}

// withValue completes a node with a Lua value.
func (n *node) withValue(s *vm.State, v vm.Value) *node {
	switch v.Kind() {
	case vm.KindTable, vm.KindFunction, vm.KindUserdata, vm.KindThread:
		n.value, n.held = s.NewList(v).Value(), true
	default:
		n.value = v
	}
	return n.finish()
}

// grammar is what belongs to the node of a grammar.
type grammar struct {
	rules []rule
	index map[any]int      // of rules, by ruleKey of their names
	props map[*node]*props // of the nodes that refer to rules
}

type rule struct {
	name vm.Value
	body *node
}

// props are what is known of a pattern without a subject. In a tree with references to rules, they hold for the time
// before the grammar is known; the grammar has the true ones.
type props struct {
	first    charset // what comes next where the pattern matches, unless the match is empty and tight says that
	tight    bool    // first holds then, too
	fixed    int     // the length of all matches, or -1
	size     int     // about how many instructions it takes
	depth    int     // of the tree, where rows of sequences and choices count as one level
	nullable bool    // may match without consuming
	nofail   bool    // matches always
	headFail bool    // fails at its first byte, or never
	opaque   bool    // may match whatever follows, which first doesn't tell
	captures bool
	open     bool // refers to a rule of a grammar around it
}

const (
	maxDepth  = 20000   // of a tree
	maxSize   = 4 << 20 // instructions of a program
	maxBehind = 255     // bytes that lpeg.B looks back
)

// finish computes a new node's properties.
func (n *node) finish() *node {
	var a, b *props
	if n.a != nil {
		a = &n.a.props
	}
	if n.b != nil {
		b = &n.b.props
	}
	n.derive(&n.props, a, b)
	p := &n.props
	p.size, p.depth, p.open = 2, 1, n.op == opRule
	for _, child := range []*node{n.a, n.b} {
		if child == nil {
			continue
		}
		c := &child.props
		p.size = min(p.size+c.size, math.MaxInt32)
		depth := c.depth + 1
		if child.op == n.op && (n.op == opSequence || n.op == opChoice) {
			depth--
		}
		p.depth = max(p.depth, depth)
		p.open = p.open || c.open
	}
	return n
}

// derive computes what follows from the properties of the parts.
func (n *node) derive(p, a, b *props) {
	p.tight = true
	switch n.op {
	case opTrue:
		p.nullable, p.nofail, p.tight = true, true, false
	case opFalse:
		p.headFail = true
	case opAny:
		p.first, p.fixed, p.headFail = fullSet, n.n, n.n == 1
	case opText:
		p.first, p.fixed, p.headFail = setOf(n.text[:1]), len(n.text), len(n.text) == 1
	case opSet:
		p.fixed, p.headFail = 1, true // first is the set
	case opUTF8:
		p.first, p.fixed = utf8Heads(n.n, n.m), utf8Length(n.n, n.m)
	case opBehind:
		p.nullable, p.tight = true, false
	case opAnd:
		p.nullable, p.nofail = true, a.nofail
		p.first, p.tight, p.opaque = a.first, a.tight, a.opaque
	case opNot:
		s, single := n.a.asSet()
		p.nullable, p.tight = true, single
		if single {
			p.first = fullSet.minus(s)
		}
	case opRepeat:
		p.first, p.fixed, p.nullable, p.nofail, p.tight = a.first, -1, true, true, false
		p.opaque, p.captures = a.opaque, a.captures
	case opSequence:
		p.first, p.opaque = a.first, a.opaque
		if !a.tight {
			p.first, p.opaque, p.tight = a.first.union(b.first), a.opaque || b.opaque, b.tight
		}
		p.fixed = addFixed(a.fixed, b.fixed)
		p.nullable, p.nofail = a.nullable && b.nullable, a.nofail && b.nofail
		p.headFail = a.headFail && b.nofail
		p.captures = a.captures || b.captures
	case opChoice:
		p.first, p.opaque = a.first.union(b.first), a.opaque || b.opaque
		p.fixed, p.tight = -1, a.tight && b.tight
		if a.fixed == b.fixed {
			p.fixed = a.fixed
		}
		p.nullable, p.nofail = a.nullable || b.nullable, a.nofail || b.nofail
		p.headFail = a.headFail && b.headFail
		p.captures = a.captures || b.captures
	case opRule:
		p.fixed = -1
	case opCapture:
		deep := *a
		deep.captures = true
		p.take(&deep)
	case opCmt:
		deep := *a
		deep.captures, deep.nofail, deep.headFail, deep.opaque = true, false, false, a.opaque || a.nullable
		p.take(&deep)
	}
}

// take makes p the properties q, as far as derive tells them.
func (p *props) take(q *props) {
	p.first, p.tight, p.fixed, p.nullable, p.nofail = q.first, q.tight, q.fixed, q.nullable, q.nofail
	p.headFail, p.opaque, p.captures = q.headFail, q.opaque, q.captures
}

func addFixed(a, b int) int {
	if a < 0 || b < 0 || a+b > math.MaxInt32 {
		return -1
	}
	return a + b
}

// before returns what a match of a pattern begins with when follow comes behind it.
func (p *props) before(follow charset) charset {
	switch {
	case p.opaque:
		return fullSet
	case !p.tight:
		return p.first.union(follow)
	}
	return p.first
}

// Patterns that have one form only, and simple identities, which keep programs short.

var (
	nodeTrue  = (&node{op: opTrue}).finish()
	nodeFalse = (&node{op: opFalse}).finish()
)

func anyOf(n int) *node {
	if n == 0 {
		return nodeTrue
	}
	return (&node{op: opAny, n: n}).finish()
}

func text(s string) *node {
	if s == "" {
		return nodeTrue
	}
	return (&node{op: opText, text: s}).finish()
}

func set(s charset) *node {
	switch s.size() {
	case 0:
		return nodeFalse
	case 1:
		return text(string([]byte{s.first()}))
	case 256:
		return anyOf(1)
	}
	return (&node{op: opSet, props: props{first: s}}).finish()
}

// utf8Range matches one code point from low to high.
func utf8Range(low, high int) *node {
	if high < utf8.RuneSelf {
		return set(rangeOf(byte(low), byte(high)))
	}
	return (&node{op: opUTF8, n: low, m: high}).finish()
}

// asSet returns the set of a pattern that matches single bytes.
func (n *node) asSet() (charset, bool) {
	if n.op == opSet || n.op == opText && len(n.text) == 1 || n.op == opAny && n.n == 1 {
		return n.props.first, true
	}
	return charset{}, false
}

func sequence(a, b *node) *node {
	switch {
	case a.op == opFalse || b.op == opTrue:
		return a
	case a.op == opTrue:
		return b
	case a.op == opText && b.op == opText && len(a.text)+len(b.text) <= maxBehind:
		return text(a.text + b.text)
	}
	return (&node{op: opSequence, a: a, b: b}).finish()
}

func choice(a, b *node) *node {
	if a.props.nofail || b.op == opFalse {
		return a
	}
	if a.op == opFalse {
		return b
	}
	if s, ok := a.asSet(); ok {
		if t, ok := b.asSet(); ok {
			return set(s.union(t))
		}
	}
	return (&node{op: opChoice, a: a, b: b}).finish()
}

// difference matches b where a doesn't match.
func difference(b, a *node) *node {
	if s, ok := b.asSet(); ok {
		if t, ok := a.asSet(); ok {
			return set(s.minus(t))
		}
	}
	return sequence(not(a), b)
}

func not(a *node) *node { return (&node{op: opNot, a: a}).finish() }

func and(a *node) *node { return (&node{op: opAnd, a: a}).finish() }

func behind(a *node) *node { return (&node{op: opBehind, a: a, n: a.props.fixed}).finish() }

func repeat(a *node) *node { return (&node{op: opRepeat, a: a}).finish() }

func reference(name vm.Value) *node { return (&node{op: opRule, value: name}).finish() }

// capture makes a capture that has a number or nothing beside its pattern.
func capture(k kind, a *node, n int) *node {
	return (&node{op: opCapture, kind: k, a: a, n: n}).finish()
}

func captureWith(s *vm.State, k kind, a *node, value vm.Value) *node {
	return (&node{op: opCapture, kind: k, a: a}).withValue(s, value)
}

func fold(s *vm.State, a *node, f vm.Value) *node { return captureWith(s, kindFold, a, f) }

func accumulator(s *vm.State, a *node, f vm.Value) *node {
	return captureWith(s, kindAccumulator, a, f)
}

func matchTime(s *vm.State, a *node, f vm.Value) *node {
	return (&node{op: opCmt, a: a}).withValue(s, f)
}

// atLeast matches a n times or more.
func atLeast(a *node, n int) *node {
	p := repeat(a)
	for range n {
		p = sequence(a, p)
	}
	return p
}

// atMost matches a n times at most.
func atMost(a *node, n int) *node {
	p := nodeTrue
	for range n {
		p = choice(sequence(a, p), nodeTrue)
	}
	return p
}

// utf8Length returns how many bytes the code points from low to high take, or -1 where that differs.
func utf8Length(low, high int) int {
	if n := codeLength(low); n == codeLength(high) {
		return n
	}
	return -1
}

func codeLength(c int) int {
	switch {
	case c < 0x80:
		return 1
	case c < 0x800:
		return 2
	case c < 0x10000:
		return 3
	}
	return 4
}

func utf8Heads(low, high int) charset { return rangeOf(codeHead(low), codeHead(high)) }

// codeHead returns the first byte of a code point, surrogates included.
func codeHead(c int) byte {
	switch codeLength(c) {
	case 1:
		return byte(c)
	case 2:
		return 0xc0 | byte(c>>6)
	case 3:
		return 0xe0 | byte(c>>12)
	}
	return 0xf0 | byte(c>>18)
}

// decode returns the code point at the start of s and its length; the length is 0 where there is none.
func decode(s string) (code, length int) {
	if s == "" {
		return 0, 0
	}
	switch c := s[0]; {
	case c < 0x80:
		return int(c), 1
	case c < 0xc0:
		return 0, 0
	case c < 0xe0:
		code, length = int(c&0x1f), 2
	case c < 0xf0:
		code, length = int(c&0x0f), 3
	case c < 0xf8:
		code, length = int(c&0x07), 4
	default:
		return 0, 0
	}
	if len(s) < length {
		return 0, 0
	}
	for i := 1; i < length; i++ {
		if s[i]&0xc0 != 0x80 {
			return 0, 0
		}
		code = code<<6 | int(s[i]&0x3f)
	}
	if codeLength(code) != length || code > utf8.MaxRune {
		return 0, 0 // longer than need be
	}
	return code, length
}
