package lpeg

import (
	"errors"

	"github.com/luahost/luahost/vm"
)

// code is what an instruction does.
type code uint8

const (
	codeEnd      code = iota // the match is complete
	codeAny                  // n bytes
	codeText                 // the bytes of text
	codeChar                 // the byte char
	codeSet                  // a byte of set
	codeUTF8                 // a code point from n to target
	codeSpan                 // all bytes of set that come
	codeTestAny              // go to target where no byte is left
	codeTestChar             // go to target unless char comes
	codeTestSet              // go to target unless a byte of set comes
	codeBack                 // n bytes back
	codeChoice               // on failure go on at target from here
	codeJump                 // go to target
	codeCall                 // run the rule at target
	codeReturn               // from a rule
	codeCommit               // forget the last choice, go to target
	codeProgress             // renew the last choice, go to target
	codeRewind               // forget the last choice but go back to its place, go to target
	codeGiveUp               // forget the last choice, fail
	codeFail                 // fail
	codeOpen                 // begin the capture of node
	codeClose                // end a capture
	codeFull                 // capture of node: the last n bytes
	codeCallback             // end a capture, and call what it holds
)

// instruction is one step of the matching machine.
type instruction struct {
	code   code
	char   byte
	n      int32
	target int32
	set    *charset
	text   string
	node   *node // of a capture
}

const instructionSize = 48

// program is a compiled pattern.
type program []instruction

var errTooBig = errors.New("pattern too big")

// compile makes a program of a pattern without open references.
func compile(n *node) program {
	c := &compiler{sets: map[charset]*charset{}}
	c.pattern(n, fullSet)
	c.emit(instruction{code: codeEnd})
	c.shorten()
	return c.code
}

type compiler struct {
	code    program
	grammar *grammar
	starts  []int32  // of the grammar's rules
	calls   [][2]int // instructions that call rules, and these
	sets    map[charset]*charset
}

func (c *compiler) emit(i instruction) int {
	c.code = append(c.code, i)
	return len(c.code) - 1
}

func (c *compiler) here() int32 { return int32(len(c.code)) }

// land makes the instruction at i go to here.
func (c *compiler) land(i int) {
	if i >= 0 {
		c.code[i].target = c.here()
	}
}

func (c *compiler) share(s charset) *charset {
	if p := c.sets[s]; p != nil {
		return p
	}
	c.sets[s] = &s
	return &s
}

func (c *compiler) props(n *node) *props {
	if n.props.open {
		return c.grammar.of(n)
	}
	return &n.props
}

// pattern compiles n. What comes behind it in the subject, if the whole is to match, begins with a byte of follow, or
// nothing is known of it: then follow is full.
func (c *compiler) pattern(n *node, follow charset) {
	switch n.op {
	case opFalse:
		c.emit(instruction{code: codeFail})
	case opAny:
		c.emit(instruction{code: codeAny, n: int32(n.n)})
	case opText:
		if len(n.text) == 1 {
			c.emit(instruction{code: codeChar, char: n.text[0]})
		} else {
			c.emit(instruction{code: codeText, text: n.text})
		}
	case opSet:
		c.emit(instruction{code: codeSet, set: c.share(n.props.first)})
	case opUTF8:
		c.emit(instruction{code: codeUTF8, n: int32(n.n), target: int32(n.m)})
	case opBehind:
		c.emit(instruction{code: codeBack, n: int32(n.n)})
		c.pattern(n.a, fullSet)
	case opAnd:
		c.and(n)
	case opNot:
		c.not(n)
	case opRepeat:
		c.repeat(n.a, follow)
	case opSequence:
		c.sequence(n, follow)
	case opChoice:
		c.choice(n, follow)
	case opRule:
		c.calls = append(c.calls, [2]int{c.emit(instruction{code: codeCall}), c.grammar.index[ruleKey(n.value)]})
	case opGrammar:
		c.rules(n)
	case opCapture:
		c.capture(n, follow)
	case opCmt:
		c.emit(instruction{code: codeOpen, node: n})
		c.pattern(n.a, fullSet)
		c.emit(instruction{code: codeCallback, node: n})
	}
}

func (c *compiler) and(n *node) {
	p := c.props(n.a)
	if p.fixed >= 0 && p.fixed <= maxBehind && !p.captures && !p.open {
		c.pattern(n.a, fullSet)
		if p.fixed > 0 {
			c.emit(instruction{code: codeBack, n: int32(p.fixed)})
		}
		return
	}
	try := c.emit(instruction{code: codeChoice})
	c.pattern(n.a, fullSet)
	rewind := c.emit(instruction{code: codeRewind})
	c.land(try)
	c.emit(instruction{code: codeFail})
	c.land(rewind)
}

func (c *compiler) not(n *node) {
	p := c.props(n.a)
	test := c.test(p)
	if _, single := n.a.asSet(); single {
		c.emit(instruction{code: codeFail})
		c.land(test)
		return
	}
	try := c.emit(instruction{code: codeChoice})
	c.pattern(n.a, fullSet)
	c.emit(instruction{code: codeGiveUp})
	c.land(try)
	c.land(test)
}

// test emits an instruction that goes elsewhere if p can't match here. It returns its place, or -1 where the next byte
// doesn't tell.
func (c *compiler) test(p *props) int {
	if p.nullable || p.opaque {
		return -1
	}
	return c.testSet(p.first)
}

func (c *compiler) testSet(s charset) int {
	switch s.size() {
	case 256:
		return c.emit(instruction{code: codeTestAny})
	case 1:
		return c.emit(instruction{code: codeTestChar, char: s.first()})
	}
	return c.emit(instruction{code: codeTestSet, set: c.share(s)})
}

func (c *compiler) repeat(body *node, follow charset) {
	if s, ok := body.asSet(); ok {
		c.emit(instruction{code: codeSpan, set: c.share(s)})
		return
	}
	p := c.props(body)
	inner := p.first.union(follow) // another turn, or what follows
	if p.opaque {
		inner = fullSet
	}
	test := c.test(p)
	if test >= 0 && (p.headFail || p.first.disjoint(follow)) {
		c.pattern(body, inner)
		c.emit(instruction{code: codeJump, target: int32(test)})
		c.land(test)
		return
	}
	try := c.emit(instruction{code: codeChoice})
	start := c.here()
	c.pattern(body, inner)
	c.emit(instruction{code: codeProgress, target: start})
	c.land(try)
	c.land(test)
}

// flatten returns the parts of a row of sequences or choices.
func flatten(n *node) (parts []*node) {
	for stack := []*node{n}; len(stack) > 0; {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if top.op == n.op {
			stack = append(stack, top.b, top.a)
		} else {
			parts = append(parts, top)
		}
	}
	return parts
}

func (c *compiler) sequence(n *node, follow charset) {
	parts := flatten(n)
	follows := make([]charset, len(parts))
	for i := len(parts) - 1; i >= 0; i-- {
		follows[i] = follow
		follow = c.props(parts[i]).before(follow)
	}
	for i, p := range parts {
		c.pattern(p, follows[i])
	}
}

func (c *compiler) choice(n *node, follow charset) {
	parts := flatten(n)
	others := make([]charset, len(parts)) // what the alternatives behind one begin with
	for i, rest := len(parts)-1, (charset{}); i >= 0; i-- {
		others[i] = rest
		rest = rest.union(c.props(parts[i]).before(follow))
	}
	var ends []int
	for i, part := range parts[:len(parts)-1] {
		p := c.props(part)
		test := c.test(p)
		sure := test >= 0 && (p.headFail || p.first.disjoint(others[i]))
		if sure {
			c.pattern(part, follow)
			ends = append(ends, c.emit(instruction{code: codeJump}))
		} else {
			try := c.emit(instruction{code: codeChoice})
			c.pattern(part, follow)
			ends = append(ends, c.emit(instruction{code: codeCommit}))
			c.land(try)
		}
		c.land(test)
	}
	c.pattern(parts[len(parts)-1], follow)
	for _, end := range ends {
		c.land(end)
	}
}

func (c *compiler) rules(n *node) {
	grammar, starts, calls := c.grammar, c.starts, c.calls
	c.grammar, c.starts, c.calls = n.more, make([]int32, len(n.more.rules)), nil
	c.calls = append(c.calls, [2]int{c.emit(instruction{code: codeCall}), 0})
	end := c.emit(instruction{code: codeJump})
	for i, r := range n.more.rules {
		c.starts[i] = c.here()
		c.pattern(r.body, fullSet)
		c.emit(instruction{code: codeReturn})
	}
	for _, call := range c.calls {
		c.code[call[0]].target = c.starts[call[1]]
	}
	c.land(end)
	c.grammar, c.starts, c.calls = grammar, starts, calls
}

func (c *compiler) capture(n *node, follow charset) {
	p := c.props(n.a)
	if p.fixed >= 0 && !p.captures && !p.open {
		c.pattern(n.a, follow)
		c.emit(instruction{code: codeFull, node: n, n: int32(p.fixed)})
		return
	}
	c.emit(instruction{code: codeOpen, node: n})
	c.pattern(n.a, follow)
	c.emit(instruction{code: codeClose})
}

// shorten leads jumps to where they end, and makes jumps of calls that a return follows.
func (c *compiler) shorten() {
	for i := range c.code {
		in := &c.code[i]
		switch in.code {
		case codeTestAny, codeTestChar, codeTestSet, codeChoice, codeCall, codeCommit, codeProgress, codeRewind:
			in.target = c.final(in.target)
		case codeJump:
			in.target = c.final(in.target)
			switch next := c.code[in.target]; next.code {
			case codeReturn, codeFail, codeEnd:
				*in = next
			case codeCommit, codeProgress, codeRewind:
				next.target = c.final(next.target)
				*in = next
			}
		}
		if in.code == codeCall && c.code[c.final(int32(i+1))].code == codeReturn {
			in.code = codeJump
		}
	}
}

// final follows jumps.
func (c *compiler) final(at int32) int32 {
	for range 100 { // a loop of nothing but jumps can't be, but costs nothing to bear with
		if c.code[at].code != codeJump {
			break
		}
		at = c.code[at].target
	}
	return at
}

// program returns the compiled form of a pattern, which is made at its first match.
func (p *pattern) program(c *vm.Call) (program, error) {
	if p.compiled != nil {
		return p.compiled, nil
	}
	n := p.root
	if n.props.open {
		return nil, c.Errorf("rule '%s' used outside a grammar", nameOf(openRule(n)))
	}
	if n.props.size > maxSize {
		return nil, c.Errorf("%v", errTooBig)
	}
	if err := c.State().Reserve(n.props.size * instructionSize); err != nil {
		return nil, err
	}
	p.compiled = compile(n)
	return p.compiled, nil
}

// openRule returns the name of a rule that n refers to without a grammar.
func openRule(n *node) vm.Value {
	for n.op != opRule {
		if n.a.props.open {
			n = n.a
		} else {
			n = n.b
		}
	}
	return n.value
}
