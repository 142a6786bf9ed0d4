package bytecode

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator writes random programs: most are legal, many of no sense.
type generator struct {
	rand  *rand.Rand
	text  strings.Builder
	depth int
}

func randomProgram(seed uint64) string {
	g := &generator{rand: rand.New(rand.NewPCG(seed, 52))}
	for g.text.Len() < 200 {
		g.statements()
	}
	g.block()
	return g.text.String()
}

// mutatedProgram is a random program of which some tokens are missing, doubled or in each other's place.
func mutatedProgram(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 53))
	words := strings.SplitAfter(randomProgram(seed), " ")
	for range 1 + r.IntN(3) {
		i, j := r.IntN(len(words)), r.IntN(len(words))
		switch r.IntN(4) {
		case 0:
			words[i] = ""
		case 1:
			words[i] += words[i]
		case 2:
			words[i], words[j] = words[j], words[i]
		case 3:
			words[i] = randomToken(r)
		}
	}
	return strings.Join(words, "")
}

// crowdedProgram is a random expression where few registers are left, and perhaps few constants that operands can name.
func crowdedProgram(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 54))
	g := &generator{rand: r}
	locals := 170 + r.IntN(27)
	g.write("local", numbered(locals, "l%d", ","))
	if r.IntN(3) == 0 {
		g.write("local t = {", numbered(200+r.IntN(60), "%d.25", ","), "}")
	}
	g.write("f(", strings.Repeat("x,", 248-locals-r.IntN(17)), func() { g.list(g.expression) }, ")")
	return g.text.String()
}

func randomToken(r *rand.Rand) string {
	tokens := []string{
		"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
		"repeat", "return", "then", "true", "until", "while", "+", "-", "*", "/", "%", "^", "#", "==", "~=", "<=", ">=", "<", ">",
		"=", "(", ")", "{", "}", "[", "]", "::", ";", ":", ",", ".", "..", "...", "\n", "'", `"`, "[[", "]]", "[=", "--", "--[[", "~",
		"!", "0x", "1e", "3..", `'\q'`, `"\400"`, `'\x1'`, "'a\\\nb'", "\x00", "\xe9", "name", "12",
	}
	return tokens[r.IntN(len(tokens))] + " "
}

func (g *generator) write(words ...any) {
	for _, w := range words {
		switch w := w.(type) {
		case string:
			g.text.WriteString(w)
			g.text.WriteByte(' ')
		case func():
			w()
		}
	}
	if g.rand.IntN(12) == 0 {
		g.text.WriteByte('\n')
	}
}

// one calls one of the functions: of the first ones only, which end soon, in a text that is deep or long.
func (g *generator) one(choices ...func()) {
	n := len(choices)
	if g.depth > 6 || g.text.Len() > 4000 {
		n = min(n, 4)
	}
	g.depth++
	choices[g.rand.IntN(n)]()
	g.depth--
}

func (g *generator) list(item func()) {
	item()
	for g.rand.IntN(3) == 0 {
		g.write(",", item)
	}
}

func (g *generator) name() {
	names := []string{"a", "b", "c", "d", "e", "x", "self", "_ENV", "print", "t"}
	g.write(names[g.rand.IntN(len(names))])
}

func (g *generator) block() {
	g.statements()
	if g.rand.IntN(5) == 0 {
		g.one(func() { g.write("return") }, func() { g.write("return", func() { g.list(g.expression) }) },
			func() { g.write("return", g.call) }, func() { g.write("return", g.call, ";") })
	}
}

func (g *generator) statement() {
	g.one(
		func() { g.write("local", func() { g.list(g.name) }, "=", func() { g.list(g.expression) }) },
		func() { g.write(func() { g.list(g.variable) }, "=", func() { g.list(g.expression) }) },
		g.call,
		func() { g.write("local", func() { g.list(g.name) }) },
		func() { g.write("do", g.block, "end") },
		func() { g.write("while", g.expression, "do", g.loopBody, "end") },
		func() { g.write("repeat", g.loopBody, "until", g.expression) },
		g.ifStatement,
		func() {
			g.write("for", g.name, "=", g.expression, ",", g.expression)
			if g.rand.IntN(2) == 0 {
				g.write(",", g.expression)
			}
			g.write("do", g.loopBody, "end")
		},
		func() {
			g.write("for", func() { g.list(g.name) }, "in", g.expression, ",", g.expression, "do", g.loopBody, "end")
		},
		func() { g.write("local function", g.name, g.functionBody) },
		func() { g.write("function", g.functionName, g.functionBody) },
		g.gotoBlock,
		func() { g.write(";") },
	)
}

func (g *generator) ifStatement() {
	g.write("if", g.expression, "then", g.block)
	for g.rand.IntN(3) == 0 {
		g.write("elseif", g.expression, "then", g.block)
	}
	if g.rand.IntN(2) == 0 {
		g.write("else", g.block)
	}
	g.write("end")
}

func (g *generator) loopBody() {
	g.statements()
	if g.rand.IntN(2) == 0 {
		g.write("if", g.expression, "then")
		g.one(func() { g.write("break") }, func() { g.write("break ;") }, func() { g.write(g.call, "break") })
		if g.rand.IntN(3) == 0 {
			g.write("else", g.block)
		}
		g.write("end")
	}
	g.block()
}

// statements are without a return at their end.
func (g *generator) statements() {
	for range g.rand.IntN(3) {
		g.statement()
	}
}

func (g *generator) gotoBlock() {
	label := fmt.Sprint("l", g.rand.IntN(4))
	g.write("do", g.statements)
	g.one(
		func() { g.write("goto", label, g.statements, "::", label, "::") },
		func() { g.write("::", label, "::", g.statements, "if", g.expression, "then goto", label, "end") },
		func() { g.write("if", g.expression, "then goto", label, "end do", g.statements, "end ::", label, "::") },
		func() {
			g.write("while", g.expression, "do", g.statements, "goto", label, "end ::", label, "::", g.statements)
		},
	)
	g.write("end")
}

func (g *generator) functionName() {
	g.name()
	for g.rand.IntN(3) == 0 {
		g.write(".", g.name)
	}
	if g.rand.IntN(3) == 0 {
		g.write(":", g.name)
	}
}

func (g *generator) functionBody() {
	g.write("(")
	g.one(func() {}, func() { g.list(g.name) }, func() { g.write("...") }, func() { g.write(func() { g.list(g.name) }, ", ...") })
	g.write(")", g.block, "end")
}

func (g *generator) variable() {
	g.one(g.name, g.name, func() { g.write(g.prefix, ".", g.name) }, func() { g.write(g.prefix, "[", g.expression, "]") })
}

func (g *generator) prefix() {
	g.one(g.name, g.name, g.variable, g.variable, g.call, func() { g.write("(", g.expression, ")") })
}

func (g *generator) call() {
	g.write(g.prefix)
	if g.rand.IntN(3) == 0 {
		g.write(":", g.name)
	}
	g.one(
		func() { g.write("(", ")") },
		func() { g.write("(", func() { g.list(g.expression) }, ")") },
		func() { g.write(`"text"`) },
		func() { g.write("(", g.expression, ")") },
		g.table,
	)
}

func (g *generator) table() {
	g.write("{")
	for range g.rand.IntN(4) {
		g.one(
			g.expression,
			func() { g.write(g.name, "=", g.expression) },
			func() { g.write("[", g.expression, "]", "=", g.expression) },
			g.call,
		)
		g.write([]string{",", ";"}[g.rand.IntN(2)])
	}
	if g.rand.IntN(4) == 0 {
		g.list(g.expression)
	}
	g.write("}")
}

func (g *generator) expression() {
	g.one(
		g.name,
		g.constant,
		g.constant,
		g.variable,
		g.call,
		func() { g.write(g.expression, g.operator, g.expression) },
		func() { g.write(g.expression, g.operator, g.expression) },
		func() { g.write("(", g.expression, g.operator, g.expression, ")") },
		func() { g.write([]string{"not", "-", "#", "- -"}[g.rand.IntN(4)], g.expression) },
		func() { g.write("(", g.expression, ")") },
		g.table,
		func() { g.write("function", g.functionBody) },
		func() { g.write("...") },
	)
}

func (g *generator) operator() {
	operators := []string{"+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "and", "or"}
	g.write(operators[g.rand.IntN(len(operators))])
}

func (g *generator) constant() {
	constants := []string{
		"nil", "true", "false", "0", "1", "2", "0.5", "1e300", "0x10", "1e-3", "7", `"s"`, `''`, `"a\nb"`, "'\\200\\z \\x41'", "[[x\ny]]", "[==[\n]]]==]",
	}
	g.write(constants[g.rand.IntN(len(constants))])
}
