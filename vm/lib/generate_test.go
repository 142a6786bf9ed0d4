package lib_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// FuzzPrograms makes a program from each seed and compares what it prints here and under C Lua 5.2.
func FuzzPrograms(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	cLua, err := exec.LookPath("lua5.2")
	if err != nil {
		f.Skip("lua5.2 is not installed")
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		source := newGenerator(seed).program()
		got := runProgram(t, "generated", source)
		want, ok := pipeToCLua(t, cLua, source)
		if !ok {
			t.Skip("C Lua took too long")
		}
		if d := cmp.Diff(addresses.ReplaceAllString(want, "$1"), addresses.ReplaceAllString(got, "$1")); d != "" {
			t.Errorf("output differs (- C Lua, + here):\n%s\nseed %d:\n%s", d, seed, source)
		}
	})
}

var addresses = regexp.MustCompile(`\b(table|function|thread): (builtin: )?0x[0-9a-f]+`)

func pipeToCLua(t *testing.T, cLua, source string) (out string, ok bool) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, cLua, "-e", "local s = io.read('*a') io.input(io.tmpfile()) local f = assert(load(s, '@generated.lua')) f()")
	cmd.Stdin = strings.NewReader(source)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if ctx.Err() != nil {
		return "", false
	}
	if err != nil {
		line, _, _ := strings.Cut(stderr.String(), "\n")
		return string(b) + "error: " + strings.TrimPrefix(line, "lua5.2: ") + "\n", true
	}
	return string(b), true
}

// generator writes programs that end, print no integers from 1e14 to 2^53 (C Lua prints those with an exponent), print no addresses, and mostly run into errors only inside of pcall.
type generator struct {
	*rand.Rand
	out    strings.Builder
	locals []string
	names  int
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
}

const preamble = `local function show(...)
  local n = select("#", ...)
  for i = 1, n do
    local v = select(i, ...)
    local kind = type(v)
    if kind == "table" then io.write("table#", #v) elseif kind == "function" or kind == "thread" then io.write(kind) else io.write(tostring(v)) end
    io.write(i < n and "\t" or "\n")
  end
end
local function try(f, ...) show(pcall(f, ...)) end
local V = {} V.__index = function(t, k) return k end
V.__add = function(a, b) return "add" end V.__concat = function(a, b) return "cat" end V.__eq = function() return true end
V.__lt = function() return true end V.__le = function() return false end V.__len = function() return 7 end V.__call = function(self, ...) return select("#", ...) end
V.__unm = function() return "unm" end V.__newindex = function(t, k, v) rawset(t, k, "set") end
local function new() return setmetatable({}, V) end
`

func (g *generator) program() string {
	g.out.WriteString(preamble)
	for range 6 + g.IntN(10) {
		g.statement(1)
	}
	return g.out.String()
}

func (g *generator) line(depth int, format string, args ...any) {
	g.out.WriteString(strings.Repeat("  ", depth-1))
	fmt.Fprintf(&g.out, format, args...)
	g.out.WriteByte('\n')
}

func (g *generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

func (g *generator) fresh() string {
	g.names++
	return fmt.Sprintf("v%d", g.names)
}

// block writes statements with a scope of their own.
func (g *generator) block(depth int) {
	known := len(g.locals)
	for range 1 + g.IntN(3) {
		g.statement(depth)
	}
	g.locals = g.locals[:known]
}

func (g *generator) statement(depth int) {
	kind := g.IntN(14)
	if depth > 4 {
		kind = g.IntN(5)
	}
	switch kind {
	case 0, 1:
		name, value := g.fresh(), g.expression(0)
		g.line(depth, "local %s = %s", name, value)
		g.locals = append(g.locals, name)
	case 2:
		if len(g.locals) > 0 {
			g.line(depth, "%s = %s", g.local(), g.expression(0))
		}
	case 3:
		g.line(depth, "show(%s, %s)", g.expression(0), g.expression(0))
	case 4:
		g.line(depth, "try(function(...) return %s end, %s)", g.risky(), g.expression(0))
	case 5:
		g.line(depth, "if %s then", g.expression(0))
		g.block(depth + 1)
		if g.IntN(2) == 0 {
			g.line(depth, "else")
			g.block(depth + 1)
		}
		g.line(depth, "end")
	case 6:
		name := g.fresh()
		g.line(depth, "for %s = %d, %d, %s do", name, g.IntN(4), g.IntN(6), g.pick("1", "2", "-1", "0.5"))
		g.inner(depth, name)
	case 7:
		k, v := g.fresh(), g.fresh()
		g.line(depth, "for %s, %s in ipairs({%s, %s, %s}) do", k, v, g.expression(1), g.expression(1), g.expression(1))
		g.inner(depth, k, v)
	case 8:
		name := g.fresh()
		g.line(depth, "local %s = 0", name)
		g.line(depth, "%s %s = %s + 1", g.pick("while "+name+" < 3 do", "repeat"), name, name)
		if strings.Contains(g.last(), "repeat") {
			g.block(depth + 1)
			g.line(depth, "until %s >= 3 or %s", name, g.expression(1))
		} else {
			g.block(depth + 1)
			g.line(depth, "end")
		}
	case 9:
		name, p := g.fresh(), g.fresh()
		g.line(depth, "local function %s(%s, ...)", name, p)
		known := len(g.locals)
		g.locals = append(g.locals, p)
		g.block(depth + 1)
		g.line(depth+1, "return %s, ...", g.expression(0))
		g.locals = g.locals[:known]
		g.line(depth, "end")
		g.line(depth, "try(%s, %s, %s)", name, g.expression(1), g.expression(1))
	case 10:
		name := g.fresh()
		g.line(depth, "local %s = coroutine.wrap(function(...) local x = coroutine.yield(%s) %s return x, ... end)", name,
			g.expression(1), g.pick("", "error(x, 0)", "pcall(function() x = coroutine.yield(x) end)"))
		g.line(depth, "try(%s, %s) try(%s, %s) try(%s, 1) try(%s, 2)", name, g.expression(1), name, g.expression(1), name, name)
	case 11:
		t := g.fresh()
		g.line(depth, "local %s = {%s or 0, %s or 0, x = %s, [%s] = %s}", t, g.expression(1), g.expression(1), g.expression(1), g.pick("3", "'y'", "2.5", "true"), g.expression(1))
		g.line(depth, "try(function() %s.x = %s %s[#%s + 1] = %s or 0 return %s.x, #%s, %s[1], %s.none end)", t, g.expression(1), t, t, g.expression(1), t, t, t, t)
	case 12:
		g.line(depth, "do")
		g.block(depth + 1)
		g.line(depth, "end")
	case 13:
		label := "l" + g.fresh()
		g.line(depth, "for i = 1, 3 do if i == 2 then goto %s end show(i, %s) ::%s:: end", label, g.expression(1), label)
	}
}

// last returns the line written last.
func (g *generator) last() string {
	text := strings.TrimSuffix(g.out.String(), "\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}

func (g *generator) inner(depth int, names ...string) {
	known := len(g.locals)
	g.locals = append(g.locals, names...)
	g.block(depth + 1)
	g.locals = g.locals[:known]
	g.line(depth, "end")
}

func (g *generator) local() string { return g.locals[g.IntN(len(g.locals))] }

func (g *generator) literal() string {
	return g.pick("nil", "true", "false", "0", "1", "-1", "2", "3.5", "1e13", "1e100", "-0.25", "10", "255", "'abc'", "''", "'10'", "'0x1f'", "'a,b,c'",
		"'hello world'", "'%d+'", "\"\\1z\"", "{}", "{1, 2, 3}", "{n = 1}", "new()", "math.huge", "-math.huge")
}

// expression never raises an error: its operations are of safe operands.
func (g *generator) expression(depth int) string {
	if depth > 2 {
		return g.literal()
	}
	switch g.IntN(9) {
	case 0, 1:
		if len(g.locals) > 0 {
			return g.local()
		}
		return g.literal()
	case 2, 3:
		return g.literal()
	case 4:
		return fmt.Sprintf("(%s %s %s)", g.expression(depth+1), g.pick("and", "or"), g.expression(depth+1))
	case 5:
		return fmt.Sprintf("(%s %s %s)", g.number(), g.pick("+", "-", "*", "/", "%", "^"), g.number())
	case 6:
		return fmt.Sprintf("(%s == %s)", g.expression(depth+1), g.expression(depth+1))
	case 7:
		return fmt.Sprintf("(%s .. %s)", g.pick("'x'", "1", "2.5", "'a b'"), g.pick("'y'", "10", "-3", "''"))
	}
	return "not " + g.expression(depth+1)
}

func (g *generator) number() string {
	return g.pick("0", "1", "2", "-7", "10", "3.25", "'5'", "1e10", "0.1", "-0.5", "(2^30)", "'0x10'", "100")
}

// risky may raise an error.
func (g *generator) risky() string {
	a, b, c := g.expression(1), g.expression(1), g.expression(1)
	switch g.IntN(22) {
	case 0:
		return fmt.Sprintf("(%s) %s (%s)", a, g.pick("+", "-", "*", "/", "%", "^", "..", "<", "<=", ">", ">=", "==", "~="), b)
	case 1:
		return fmt.Sprintf("(%s)[%s]", a, b)
	case 2:
		return fmt.Sprintf("(%s).%s", a, g.pick("x", "len", "n"))
	case 3:
		return fmt.Sprintf("(%s)(%s)", a, b)
	case 4:
		return fmt.Sprintf("(%s):%s(%s)", a, g.pick("rep", "upper", "byte", "find", "sub", "none"), g.small())
	case 5:
		return fmt.Sprintf("#(%s), -(%s)", a, b)
	case 6:
		return fmt.Sprintf("string.%s(%s, %s, %s)", g.pick("find", "match", "gsub", "sub", "byte", "rep"), g.text(a), g.text(b), g.small())
	case 7:
		return fmt.Sprintf("string.format(%s, %s, %s)", g.pick("'%d %s'", "'%5.2f|%-5s'", "'%g %i'", "'%s'", "'%10.3s|'", "'%y'", "'%'"), a, b)
	case 8:
		return fmt.Sprintf("tonumber(%s, %s), tostring(%s)", a, g.pick("nil", "2", "10", "16", "36", "1", "37"), g.pick("1", "nil", "'x'", "1e13", "2^63"))
	case 9:
		return fmt.Sprintf("table.concat({%s, %s, %s}, %s)", a, b, c, g.pick("','", "''", "1", "nil", "{}"))
	case 10:
		return fmt.Sprintf("select(%s, %s, %s)", g.small(), b, c)
	case 11:
		return fmt.Sprintf("math.%s(%s, %s)", g.pick("floor", "ceil", "max", "min", "fmod", "abs", "modf", "sqrt", "frexp"), a, b)
	case 12:
		return fmt.Sprintf("bit32.%s(%s, %s)", g.pick("band", "bor", "bxor", "lshift", "rshift", "arshift", "lrotate", "extract", "bnot", "btest"), g.small(), g.small())
	case 13:
		return fmt.Sprintf("table.unpack(%s, %s, %s)", a, g.small(), g.small())
	case 14:
		return fmt.Sprintf("pcall(error, %s, %s)", a, g.pick("nil", "0", "1", "2"))
	case 15:
		return fmt.Sprintf("setmetatable(%s, %s)", a, b)
	case 16:
		return fmt.Sprintf("rawlen(%s), rawequal(%s, %s)", a, b, c)
	case 17:
		return fmt.Sprintf("assert(%s, %s)", a, g.pick("'message'", "nil", "42"))
	case 18:
		return fmt.Sprintf("load(%s)", g.pick("'return 1 +'", "'x ='", "'for'", "'return ...'", "'goto x'", "'break'", "'local a <'", "'\"abc'", "'return 0x'"))
	case 19:
		t := g.pick("{3, 1, 2}", "{'b', 'a'}", "{1, 'x'}", "{5}")
		return fmt.Sprintf("(function() local t = %s %s return table.concat(t, ' ') end)()", t,
			g.pick("table.sort(t)", "table.insert(t, 9)", "table.insert(t, 1, 0)", "table.remove(t)", "table.remove(t, 1)", "table.sort(t, function(a, b) return a > b end)", "table.insert(t, 9, 9)"))
	case 20:
		return "..., select('#', ...)"
	}
	return fmt.Sprintf("xpcall(function() return (%s).y end, function(m) return 'handled: ' .. tostring(type(m) == 'string' and m) end)", a)
}

func (g *generator) text(other string) string {
	return g.pick("'hello world'", "'l+'", "'(h)(.)'", "'%w*'", "'[a-f]'", "''", "'^h'", "'%'", "'.-o'", other)
}

// small is an argument that C converts to an integer, which it leaves undefined for large numbers.
func (g *generator) small() string {
	return g.pick("1", "-1", "2", "0", "3", "31", "'2'", "1.5", "nil", "'x'", "{}", "true")
}
