package bytecode

import "fmt"

// Limits of C Lua 5.2, but for the last.
const (
	maxLocals    = 200 // a function
	maxUpvalues  = 255
	maxFunctions = 1<<18 - 1 // directly in a function
	maxRegisters = 250
	maxLevels    = 200 // of nested statements and expressions

	// baseLevels is what C Lua has spent of maxLevels when a main chunk calls load.
	baseLevels = 2

	// maxJumpsTogether bounds the jumps to one place: go-lua's time for them grows with the cube of their number,
	// to seconds at this bound.
	maxJumpsTogether = 2000
)

// function is the state of a function while it is checked.
type function struct {
	parent      *function
	lineDefined int
	vararg      bool
	inner       int // functions directly in it
	block       *block
	firstLocal  int // in checker.locals
	active      int // local variables in scope; they live in registers 0..active-1
	free        int // first free register
	maxStack    int
	upvalues    []string
	constants   constantSet
}

// block is a block of statements; the places are those of its start.
type block struct {
	outer                 *block
	loop                  bool
	firstLabel, firstGoto int // in checker.labels and checker.gotos
	active                int
}

// label is a label, or a goto or break that waits for its label.
type label struct {
	name   string
	line   int
	active int // local variables in scope there
	jumps  int // that wait, or that have gone to the label
}

const breakName = "break" // the label that break jumps to; no label of a source has this name

func (c *checker) openFunction(line int) *function {
	if c.fn != nil {
		if c.fn.inner++; c.fn.inner > maxFunctions {
			panic(&SyntaxError{Message: fmt.Sprintf("too many functions (limit is %d)", maxFunctions)})
		}
	}
	c.fn = &function{parent: c.fn, lineDefined: line, firstLocal: len(c.locals), maxStack: 2}
	c.enterBlock(false)
	return c.fn
}

func (c *checker) closeFunction() {
	c.leaveBlock()
	c.stacks = append(c.stacks, c.fn.maxStack)
	c.fn = c.fn.parent
}

func (c *checker) enterBlock(loop bool) {
	fn := c.fn
	fn.block = &block{outer: fn.block, loop: loop, firstLabel: len(c.labels), firstGoto: len(c.gotos), active: fn.active}
}

func (c *checker) leaveBlock() {
	fn, b := c.fn, c.fn.block
	if b.loop {
		c.addLabel(breakName, 0)
		c.resolveGotos(&c.labels[len(c.labels)-1])
	}
	fn.block = b.outer
	c.removeLocals(b.active)
	fn.free = fn.active
	c.labels = c.labels[:b.firstLabel]
	if b.outer != nil {
		c.moveGotosOut(b)
	} else if b.firstGoto < len(c.gotos) {
		c.failUndefined(c.gotos[b.firstGoto])
	}
}

// addLocal declares a variable, which comes into scope with activate.
func (c *checker) addLocal(name string) {
	c.limit(len(c.locals)+1-c.fn.firstLocal, maxLocals, "local variables", c.fn)
	c.locals = append(c.locals, name)
}

func (c *checker) activate(n int) { c.fn.active += n }

func (c *checker) removeLocals(active int) {
	c.locals = c.locals[:len(c.locals)-(c.fn.active-active)]
	c.fn.active = active
}

// local returns the register of the variable in scope, or -1.
func (c *checker) local(fn *function, name string) int {
	for i := fn.active - 1; i >= 0; i-- {
		if c.locals[fn.firstLocal+i] == name {
			return i
		}
	}
	return -1
}

// upvalue returns the index of the upvalue of fn that is the variable of an enclosing function, or -1.
func (c *checker) upvalue(fn *function, name string) int {
	for i, known := range fn.upvalues {
		if known == name {
			return i
		}
	}
	if fn.parent == nil || c.local(fn.parent, name) < 0 && c.upvalue(fn.parent, name) < 0 {
		return -1
	}
	return c.addUpvalue(fn, name)
}

func (c *checker) addUpvalue(fn *function, name string) int {
	c.limit(len(fn.upvalues)+1, maxUpvalues, "upvalues", fn)
	fn.upvalues = append(fn.upvalues, name)
	return len(fn.upvalues) - 1
}

// variable resolves a name: to a local variable, an upvalue, or a field of _ENV.
func (c *checker) variable(name string) expr {
	const environment = "_ENV"
	if e, ok := c.resolve(name); ok {
		return e
	}
	e, _ := c.resolve(environment)
	return c.indexed(e, c.stringConstant(name))
}

func (c *checker) resolve(name string) (expr, bool) {
	if r := c.local(c.fn, name); r >= 0 {
		return expr{kind: localExpr, register: r}, true
	}
	if i := c.upvalue(c.fn, name); i >= 0 {
		return expr{kind: upvalueExpr, register: i}, true
	}
	return expr{}, false
}

// addGoto notes a goto or a break, which goes to a label of the block that is known already or waits for one.
func (c *checker) addGoto(g label) {
	c.gotos = append(c.gotos, g)
	c.resolveGoto(len(c.gotos) - 1)
}

func (c *checker) addLabel(name string, line int) {
	c.labels = append(c.labels, label{name: name, line: line, active: c.fn.active})
}

func (c *checker) checkRepeated(name string) {
	for _, l := range c.labels[c.fn.block.firstLabel:] {
		if l.name == name {
			c.failSemantic(fmt.Sprintf("label '%s' already defined on line %d", name, l.line))
		}
	}
}

// resolveGoto sends goto i to its label if the block has that.
func (c *checker) resolveGoto(i int) bool {
	for j := c.fn.block.firstLabel; j < len(c.labels); j++ {
		if c.labels[j].name == c.gotos[i].name {
			c.closeGoto(i, &c.labels[j])
			return true
		}
	}
	return false
}

// resolveGotos sends the block's waiting gotos to a label of the block.
func (c *checker) resolveGotos(l *label) {
	for i := c.fn.block.firstGoto; i < len(c.gotos); {
		if c.gotos[i].name == l.name {
			c.closeGoto(i, l)
		} else {
			i++
		}
	}
}

func (c *checker) closeGoto(i int, l *label) {
	g := c.gotos[i]
	if g.active < l.active {
		c.failSemantic(fmt.Sprintf("<goto %s> at line %d jumps into the scope of local '%s'",
			g.name, g.line, c.locals[c.fn.firstLocal+g.active]))
	}
	l.jumps += g.jumps
	c.checkJumps(l.jumps)
	c.gotos = append(c.gotos[:i], c.gotos[i+1:]...)
}

// moveGotosOut hands the waiting gotos of a block that has ended to the block around it.
func (c *checker) moveGotosOut(b *block) {
	for i := b.firstGoto; i < len(c.gotos); {
		c.gotos[i].active = min(c.gotos[i].active, b.active)
		if !c.resolveGoto(i) {
			i++
		}
	}
}

func (c *checker) failUndefined(g label) {
	if g.name == breakName {
		c.failSemantic(fmt.Sprintf("<break> at line %d not inside a loop", g.line))
	}
	c.failSemantic(fmt.Sprintf("no visible label '%s' for <goto> at line %d", g.name, g.line))
}
