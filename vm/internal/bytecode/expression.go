package bytecode

// binaryPriority is how strongly an operator binds on its left and on its right; 0 for a token that is none.
func binaryPriority(op tokenKind) (left, right int) {
	switch op {
	case tokOr:
		return 1, 1
	case tokAnd:
		return 2, 2
	case tokEq, tokNe, '<', tokLe, '>', tokGe:
		return 3, 3
	case tokConcat:
		return 5, 4
	case '+', '-':
		return 6, 6
	case '*', '/', '%':
		return 7, 7
	case '^':
		return 10, 9
	}
	return 0, 0
}

const unaryPriority = 8

func (c *checker) expression() expr { return c.operators(0) }

// expressions reads a list; all but the last get registers.
func (c *checker) expressions() (last expr, n int) {
	last, n = c.expression(), 1
	for ; c.accepts(','); n++ {
		c.inNextRegister(last)
		last = c.expression()
	}
	return last, n
}

// operators reads operands and the operators that bind more strongly than limit.
func (c *checker) operators(limit int) expr {
	c.enterLevel()
	var e expr
	switch op := c.tok.kind; op {
	case tokNot, '-', '#':
		c.next()
		e = c.unary(op, c.operators(unaryPriority))
	default:
		e = c.simple()
	}
	for {
		op := c.tok.kind
		left, right := binaryPriority(op)
		if left <= limit {
			break
		}
		c.next()
		e = c.leftOperand(op, e)
		e = c.binary(op, e, c.operators(right))
	}
	c.leaveLevel()
	return e
}

func (c *checker) simple() expr {
	var e expr
	switch c.tok.kind {
	case tokNumber:
		e = expr{kind: numberExpr, number: c.tok.n, compiled: c.tok.n}
	case tokString:
		e = c.stringConstant(c.tok.s)
	case tokNil:
		e.kind = nilExpr
	case tokTrue:
		e.kind = trueExpr
	case tokFalse:
		e.kind = falseExpr
	case tokDots:
		if !c.fn.vararg {
			c.failToken("cannot use '...' outside a vararg function")
		}
		e.kind = varargExpr
	case '{':
		return c.constructor()
	case tokFunction:
		c.next()
		return c.body(false, c.line)
	default:
		return c.suffixed()
	}
	c.next()
	return e
}

func (c *checker) primary() expr {
	switch c.tok.kind {
	case tokName:
		return c.variable(c.requireName())
	case '(':
		line := c.line
		c.next()
		e := c.expression()
		c.requireClosing(')', '(', line)
		return c.value(e)
	}
	c.failToken("unexpected symbol")
	return expr{}
}

func (c *checker) suffixed() expr {
	line := c.line
	e := c.primary()
	for {
		switch c.tok.kind {
		case '.':
			e = c.field(e)
		case '[':
			e = c.inRegisterOrUpvalue(e)
			e = c.indexed(e, c.key())
		case ':':
			c.next()
			e = c.method(e, c.requireNameConstant())
			e = c.arguments(e, line)
		case '(', tokString, '{':
			e = c.arguments(c.inNextRegister(e), line)
		default:
			return e
		}
	}
}

// field reads .name or :name.
func (c *checker) field(e expr) expr {
	e = c.inRegisterOrUpvalue(e)
	c.next()
	return c.indexed(e, c.requireNameConstant())
}

// key reads [expression].
func (c *checker) key() expr {
	c.next()
	e := c.valueNoJumps(c.expression())
	c.require(']')
	return e
}

func (c *checker) arguments(f expr, line int) expr {
	var last expr
	switch c.tok.kind {
	case '(':
		c.next()
		if c.tok.kind != ')' {
			last, _ = c.expressions()
			c.setMulti(last)
		}
		c.requireClosing(')', '(', line)
	case '{':
		last = c.constructor()
	case tokString:
		last = c.stringConstant(c.tok.s)
		c.next()
	default:
		c.failToken("function arguments expected")
	}
	if last.kind != voidExpr && !last.isMulti() {
		c.inNextRegister(last)
	}
	return c.call(f)
}

func (c *checker) constructor() expr {
	line := c.line
	table := c.inNextRegister(expr{kind: pendingExpr})
	pending := 0 // array items in registers
	var item expr
	c.require('{')
	for c.tok.kind != '}' {
		if item.kind != voidExpr {
			c.inNextRegister(item)
			item = expr{}
			if pending == FieldsPerFlush {
				c.fn.free = table.register + 1
				pending = 0
			}
		}
		if c.tok.kind == '[' || c.tok.kind == tokName && c.peek() == '=' {
			c.recordField()
		} else {
			item = c.expression()
			pending++
		}
		if !c.accepts(',') && !c.accepts(';') {
			break
		}
	}
	c.requireClosing('}', '{', line)
	if item.isMulti() {
		c.setMulti(item)
	} else if item.kind != voidExpr {
		c.inNextRegister(item)
	}
	c.fn.free = table.register + 1
	return table
}

// recordField reads name = expression or [expression] = expression.
func (c *checker) recordField() {
	free := c.fn.free
	var key expr
	if c.tok.kind == tokName {
		key = c.requireNameConstant()
	} else {
		key = c.key()
	}
	c.require('=')
	c.operand(key)
	c.operand(c.expression())
	c.fn.free = free
}

// body reads a function behind its name; the closure goes to a register.
func (c *checker) body(method bool, line int) expr {
	fn := c.openFunction(line)
	c.require('(')
	if method {
		c.addLocal("self")
		c.activate(1)
	}
	c.parameters()
	c.require(')')
	c.statements()
	c.requireClosing(tokEnd, tokFunction, line)
	// The closure is the enclosing function's; C Lua makes it before it ends the inner one.
	c.fn = fn.parent
	closure := c.inNextRegister(expr{kind: pendingExpr})
	c.fn = fn
	c.closeFunction()
	return closure
}

func (c *checker) parameters() {
	n := 0
	if c.tok.kind != ')' {
		for more := true; more; more = !c.fn.vararg && c.accepts(',') {
			switch c.tok.kind {
			case tokName:
				c.addLocal(c.requireName())
				n++
			case tokDots:
				c.next()
				c.fn.vararg = true
			default:
				c.failToken("<name> or '...' expected")
			}
		}
	}
	c.activate(n)
	c.reserve(c.fn.active)
}
