package bytecode

import "slices"

// atBlockEnd reports whether the current token ends a block; until ends only the block of a repeat.
func (c *checker) atBlockEnd(until bool) bool {
	switch c.tok.kind {
	case tokElse, tokElseif, tokEnd, tokEOF:
		return true
	case tokUntil:
		return until
	}
	return false
}

func (c *checker) statements() {
	for !c.atBlockEnd(true) {
		last := c.tok.kind == tokReturn
		c.statement()
		if last {
			return
		}
	}
}

func (c *checker) blockOf() {
	c.enterBlock(false)
	c.statements()
	c.leaveBlock()
}

func (c *checker) statement() {
	line := c.line
	c.enterLevel()
	switch c.tok.kind {
	case ';':
		c.next()
	case tokIf:
		c.ifStatement(line)
	case tokWhile:
		c.whileStatement(line)
	case tokDo:
		c.next()
		c.blockOf()
		c.requireClosing(tokEnd, tokDo, line)
	case tokFor:
		c.forStatement(line)
	case tokRepeat:
		c.repeatStatement(line)
	case tokFunction:
		c.functionStatement(line)
	case tokLocal:
		c.next()
		if c.accepts(tokFunction) {
			c.localFunction()
		} else {
			c.localStatement()
		}
	case tokDoubleColon:
		c.next()
		c.labelStatement(c.requireName(), line)
	case tokReturn:
		c.next()
		c.returnStatement()
	case tokBreak, tokGoto:
		c.gotoStatement(1)
	default:
		c.expressionStatement()
	}
	c.fn.free = c.fn.active
	c.leaveLevel()
}

func (c *checker) ifStatement(line int) {
	escapes := 0 // jumps from the ends of the branches to the end of the statement
	for branch := true; branch; branch = c.tok.kind == tokElseif {
		if c.thenBlock() && (c.tok.kind == tokElse || c.tok.kind == tokElseif) {
			escapes++
			c.checkJumps(escapes)
		}
	}
	if c.accepts(tokElse) {
		c.blockOf()
	}
	c.requireClosing(tokEnd, tokIf, line)
}

// thenBlock reads a condition and its block, and reports whether the block needs a jump to the end of the if.
func (c *checker) thenBlock() bool {
	c.next()
	condition := c.expression()
	c.require(tokThen)
	if c.tok.kind == tokGoto || c.tok.kind == tokBreak {
		condition = c.continueIfFalse(condition) // jumps right to the label
		c.enterBlock(false)
		c.gotoStatement(condition.ifTrue)
		c.emptyStatements()
		if c.atBlockEnd(false) {
			c.leaveBlock()
			return false
		}
	} else {
		c.continueIfTrue(condition)
		c.enterBlock(false)
	}
	c.statements()
	c.leaveBlock()
	return true
}

func (c *checker) condition() {
	e := c.expression()
	if e.kind == nilExpr {
		e.kind = falseExpr
	}
	c.continueIfTrue(e)
}

func (c *checker) whileStatement(line int) {
	c.next()
	c.condition()
	c.enterBlock(true)
	c.require(tokDo)
	c.blockOf()
	c.requireClosing(tokEnd, tokWhile, line)
	c.leaveBlock()
}

func (c *checker) repeatStatement(line int) {
	c.enterBlock(true)
	c.enterBlock(false)
	c.next()
	c.statements()
	c.requireClosing(tokUntil, tokRepeat, line)
	c.condition()
	c.leaveBlock()
	c.leaveBlock()
}

func (c *checker) forStatement(line int) {
	c.enterBlock(true)
	c.next()
	switch name := c.requireName(); c.tok.kind {
	case '=':
		c.numericFor(name)
	case ',', tokIn:
		c.genericFor(name)
	default:
		c.failToken("'=' or 'in' expected")
	}
	c.requireClosing(tokEnd, tokFor, line)
	c.leaveBlock()
}

func (c *checker) numericFor(name string) {
	c.addLocal("(for index)")
	c.addLocal("(for limit)")
	c.addLocal("(for step)")
	c.addLocal(name)
	c.require('=')
	c.inNextRegister(c.expression())
	c.require(',')
	c.inNextRegister(c.expression())
	if c.accepts(',') {
		c.inNextRegister(c.expression())
	} else {
		c.fn.constants.number(1)
		c.reserve(1)
	}
	c.forBody(1)
}

func (c *checker) genericFor(name string) {
	c.addLocal("(for generator)")
	c.addLocal("(for state)")
	c.addLocal("(for control)")
	c.addLocal(name)
	n := 1
	for ; c.accepts(','); n++ {
		c.addLocal(c.requireName())
	}
	c.require(tokIn)
	e, count := c.iterator()
	c.adjust(3, count, e)
	c.checkStack(3) // to call the generator
	c.forBody(n)
}

// iterator reads the expressions of a generic for. go-lua compiles no more than three: of more,
// it gets the third and those behind it as one, ({third, others})[1].
func (c *checker) iterator() (last expr, n int) {
	last, n = c.expression(), 1
	third := 0 // where in the text
	for ; c.accepts(','); n++ {
		if n == 2 {
			third = len(c.text)
		}
		c.inNextRegister(last)
		last = c.expression()
	}
	if n > 3 {
		c.text = slices.Insert(c.text, third, []byte(" ({")...)
		c.text = append(c.text, " })[1]"...)
	}
	return last, n
}

func (c *checker) forBody(n int) {
	c.activate(3)
	c.require(tokDo)
	c.enterBlock(false)
	c.activate(n)
	c.reserve(n)
	c.blockOf()
	c.leaveBlock()
}

func (c *checker) functionStatement(line int) {
	c.next()
	e := c.variable(c.requireName())
	for c.tok.kind == '.' {
		e = c.field(e)
	}
	method := c.tok.kind == ':'
	if method {
		e = c.field(e)
	}
	c.store(e, c.body(method, line))
}

func (c *checker) localFunction() {
	c.addLocal(c.requireName())
	c.activate(1)
	c.body(false, c.line)
}

func (c *checker) localStatement() {
	n := 0
	for more := true; more; more = c.accepts(',') {
		c.addLocal(c.requireName())
		n++
	}
	var e expr
	count := 0
	if c.accepts('=') {
		e, count = c.expressions()
	}
	c.adjust(n, count, e)
	c.activate(n)
}

func (c *checker) labelStatement(name string, line int) {
	c.checkRepeated(name)
	c.require(tokDoubleColon)
	c.addLabel(name, line)
	i := len(c.labels) - 1
	c.emptyStatements()
	if c.atBlockEnd(false) {
		c.labels[i].active = c.fn.block.active // a label at the end of a block is outside its variables' scope
	}
	c.resolveGotos(&c.labels[i])
}

func (c *checker) emptyStatements() {
	for c.tok.kind == ';' || c.tok.kind == tokDoubleColon {
		c.statement()
	}
}

// gotoStatement reads a goto or break, which takes some jumps.
func (c *checker) gotoStatement(jumps int) {
	line := c.line
	name := breakName
	if c.accepts(tokGoto) {
		name = c.requireName()
	} else {
		c.next()
	}
	c.addGoto(label{name: name, line: line, active: c.fn.active, jumps: jumps})
}

func (c *checker) returnStatement() {
	if !c.atBlockEnd(true) && c.tok.kind != ';' {
		e, n := c.expressions()
		switch {
		case e.isMulti():
			c.setMulti(e)
		case n == 1:
			c.inAnyRegister(e)
		default:
			c.inNextRegister(e)
		}
	}
	c.accepts(';')
}

func (c *checker) expressionStatement() {
	e := c.suffixed()
	if c.tok.kind == '=' || c.tok.kind == ',' {
		c.assignment(&target{expr: e}, 1)
	} else if e.kind != callExpr {
		c.failToken("syntax error")
	}
}

// target is a variable on the left of an assignment.
type target struct {
	expr
	previous *target
}

func (c *checker) assignment(t *target, n int) {
	if !t.isVariable() {
		c.failToken("syntax error")
	}
	if c.accepts(',') {
		e := c.suffixed()
		if e.kind == localExpr || e.kind == upvalueExpr {
			c.keepOld(t, e)
		}
		c.limitLevels(n + c.level)
		c.assignment(&target{expr: e, previous: t}, n+1)
	} else {
		c.require('=')
		e, count := c.expressions()
		if count == n {
			if e.isMulti() {
				e = c.value(e)
			}
			c.store(t.expr, e)
			return
		}
		c.adjust(n, count, e)
		c.fn.free -= max(0, count-n)
	}
	c.store(t.expr, expr{kind: registerExpr, register: c.fn.free - 1})
}

// keepOld copies a variable that is assigned to, when a target to its left uses it as table or key.
func (c *checker) keepOld(t *target, e expr) {
	copied := c.fn.free
	conflict := false
	for ; t != nil; t = t.previous {
		if t.kind != indexedExpr {
			continue
		}
		if t.register == e.register && t.upTable == (e.kind == upvalueExpr) {
			conflict = true
			t.register, t.upTable = copied, false
		}
		if e.kind == localExpr && t.index == e.register {
			conflict = true
			t.index = copied
		}
	}
	if conflict {
		c.reserve(1)
	}
}

// adjust makes a list of count expressions, e the last, one of n values.
func (c *checker) adjust(n, count int, e expr) {
	missing := n - count
	if e.isMulti() {
		missing = max(0, missing+1)
		c.setMulti(e)
		c.reserve(max(0, missing-1))
		return
	}
	if e.kind != voidExpr {
		c.inNextRegister(e)
	}
	c.reserve(max(0, missing))
}
