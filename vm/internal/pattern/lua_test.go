package pattern

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The tests in this file compare with C Lua 5.2, the reference.

// call is string.<function>(src, pat, extra): extra is the start of find and
// match, and the replacement of gsub.
type call struct {
	function, src, pat string
	from               int
	repl               string
}

// run does one call of a string function and shows what it yields.
func (c call) run(m *Matcher) (string, error) {
	switch c.function {
	case "find":
		return c.find(m, true)
	case "match":
		return c.find(m, false)
	case "gmatch":
		return c.gmatch(m)
	default:
		return c.gsub(m)
	}
}

// runBudget is a second at most.
const runBudget = 1e8

func (c call) String() string {
	return fmt.Sprintf("string.%s(%.200q, %.200q, %d, %q)", c.function, c.src, c.pat, c.from, c.repl)
}

func (c call) find(m *Matcher, positions bool) (string, error) {
	plain := positions && NoSpecials(c.pat)
	budget := int64(runBudget)
	start, end, ok, err := m.Find(c.src, c.pat, c.from, plain, &budget)
	if !ok || err != nil {
		return "nil;", err
	}
	if !positions {
		return results(m, m.NumResults())
	}
	captures, err := results(m, m.NumCaptures())
	return fmt.Sprintf("%d;%d;%s", start+1, end, captures), err
}

func results(m *Matcher, n int) (string, error) {
	var b strings.Builder
	for i := range n {
		start, end, position, err := m.Capture(i)
		switch {
		case err != nil:
			return "", err
		case position:
			fmt.Fprintf(&b, "%d;", start+1)
		default:
			fmt.Fprintf(&b, "%q;", luaQuoted(m.src[start:end]))
		}
	}
	return b.String(), nil
}

// luaQuoted leaves nothing in s that %q of Go and Lua write differently.
func luaQuoted(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "<%02x>", c)
		}
	}
	return b.String()
}

func (c call) gmatch(m *Matcher) (string, error) {
	var b strings.Builder
	budget := int64(runBudget)
	m.Init(c.src, c.pat, &budget)
	for from := 0; from <= len(c.src); {
		start, end, ok, err := m.Search(from)
		if !ok || err != nil {
			return b.String(), err
		}
		captures, err := results(m, m.NumResults())
		if err != nil {
			return "", err
		}
		b.WriteString(captures + "|")
		if from = end; start == end {
			from++
		}
	}
	return b.String(), nil
}

func (c call) gsub(m *Matcher) (string, error) {
	pat, anchored := Anchor(c.pat)
	budget := int64(runBudget)
	m.Init(c.src, pat, &budget)
	var dst []byte
	n, from := 0, 0
	for from <= len(c.src) {
		start, end, ok, err := m.Search(from)
		if anchored {
			start = 0
			end, ok, err = m.Match(0)
		}
		if err != nil {
			return "", err
		}
		if !ok {
			break
		}
		dst = append(dst, c.src[from:start]...)
		if dst, err = m.AppendReplacement(dst, c.repl); err != nil {
			return "", err
		}
		n++
		from = end
		if start == end {
			if end < len(c.src) {
				dst = append(dst, c.src[end])
			}
			from++
		}
		if anchored {
			break
		}
	}
	if from < len(c.src) {
		dst = append(dst, c.src[from:]...)
	}
	return fmt.Sprintf("%q;%d;", luaQuoted(string(dst)), n), nil
}

const luaSide = `
local function show(v)
  if type(v) == "string" then
    v = '"' .. v:gsub("%W", function (c) return ("<%02x>"):format(c:byte()) end) .. '"'
  end
  return tostring(v) .. ";"
end
local function list(...)
  local t = {}
  for i = 1, select("#", ...) do t[i] = show((select(i, ...))) end
  return table.concat(t)
end
local function call(name, src, pat, from, repl)
  if name == "gsub" then return list(src:gsub(pat, repl)) end
  if name ~= "gmatch" then return list(string[name](src, pat, from)) end
  local t = {}
  local next = src:gmatch(pat)
  local r = list(next())
  while r ~= "nil;" and r ~= "" do
    t[#t + 1] = r .. "|"
    r = list(next())
  end
  return table.concat(t)
end
local function try(...)
  local _, s = pcall(call, ...)
  print((s:gsub("^stdin:%d+: ", "")))
end
`

// compare runs the calls here and with lua5.2.
func compare(t *testing.T, calls []call) {
	t.Helper()
	path, err := exec.LookPath("lua5.2")
	if err != nil {
		t.Skip("lua5.2, the reference implementation, is not installed (Debian package lua5.2)")
	}
	var script strings.Builder
	script.WriteString(luaSide)
	for _, c := range calls {
		fmt.Fprintf(&script, "try(%q, %s, %s, %d, %s)\n", c.function, literal(c.src), literal(c.pat), c.from+1, literal(c.repl))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-")
	cmd.Stdin = strings.NewReader(script.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("lua5.2: %v\n%.2000s", err, out)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(calls) {
		t.Fatalf("lua5.2 printed %d lines, want %d", len(lines), len(calls))
	}
	m := new(Matcher)
	failed := 0
	for i, want := range lines {
		got, err := calls[i].run(m)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%v:\n got %.300s\nwant %.300s", calls[i], got, want)
			if failed++; failed == 20 {
				t.FailNow()
			}
		}
	}
}

func literal(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		fmt.Fprintf(&b, "\\%03d", s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// generator makes patterns and subjects that have something to do with each other.
type generator struct{ *rand.Rand }

func (g generator) pick(parts ...string) string { return parts[g.IntN(len(parts))] }

func (g generator) byteOf(s string) byte { return s[g.IntN(len(s))] }

func (g generator) subject() string {
	var b strings.Builder
	if g.IntN(4) == 0 {
		for range g.IntN(12) {
			b.WriteString(g.pick("key", "=", " ", ",", "42", "(", ")", "value", "\n", "-1.5e3", "[x]", "a_b", "\x00", "\xff", "%"))
		}
		return b.String()
	}
	for range g.IntN(14) {
		b.WriteByte(g.byteOf("aaabbcA1 ().-]\x00\x80"))
	}
	return b.String()
}

func (g generator) pattern() string {
	if g.IntN(12) == 0 { // anything, mostly malformed
		var b strings.Builder
		for range g.IntN(9) {
			b.WriteByte(g.byteOf("ab%%[]^$().*+-?fb12\x00w"))
		}
		return b.String()
	}
	var b strings.Builder
	open := 0
	if g.IntN(6) == 0 {
		b.WriteByte('^')
	}
	for range 1 + g.IntN(6) {
		switch g.IntN(20) {
		case 0, 1, 2:
			b.WriteByte('(')
			open++
		case 3:
			b.WriteString("()")
		case 4:
			b.WriteString(g.pick("%b()", "%bab", "%baa", "%b\x00a"))
		case 5:
			b.WriteString("%f" + g.class())
		case 6:
			b.WriteString(g.pick("%1", "%1", "%2", "%0", ")", "%b", "["))
		default:
			b.WriteString(g.single() + g.pick("", "", "", "*", "+", "-", "?"))
		}
		if open > 0 && g.IntN(2) == 0 {
			b.WriteByte(')')
			open--
		}
	}
	for ; open > 0 && g.IntN(30) > 0; open-- {
		b.WriteByte(')')
	}
	if g.IntN(5) == 0 {
		b.WriteByte('$')
	}
	return b.String()
}

func (g generator) single() string {
	if g.IntN(4) == 0 {
		return g.class()
	}
	return g.pick("a", "b", "aa", "ab", "abc", ".", ".", "%a", "%d", "%s", "%w", "%W", "%S", "%.", "%(", "%%",
		"%z", "\x00", "\x80", "%g", "%x", "%p", "%c", "%C", "%l", "%u", "%q", "$", "^", "]", "-")
}

func (g generator) class() string {
	var b strings.Builder
	b.WriteString(g.pick("[", "[", "[^"))
	for range 1 + g.IntN(3) {
		b.WriteString(g.pick("a", "b", "a-c", "%w", "%s", "0-9", "]", "-", "%]", "^", "%a-z", "\x00", "\x7f-\xff", "a-", "-c", "%", ".", "c-a", "("))
	}
	b.WriteByte(']')
	return b.String()
}

func (g generator) call() call {
	c := call{function: g.pick("find", "match", "gmatch", "gsub"), src: g.subject(), pat: g.pattern()}
	c.from = g.IntN(len(c.src) + 1)
	c.repl = g.pick("", "x", "<%0>", "%1", "%2%1", "%%", "[%1]", "%", "%a", "%9")
	return c
}

func TestAgainstLua(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(1, 2))}
	calls := make([]call, 40000)
	for i := range calls {
		calls[i] = g.call()
	}
	compare(t, calls)
}

// TestDepthAgainstLua nests near the limit of C Lua's matcher. Each repetition has
// a byte of its own, lest a failure takes exponential time.
func TestDepthAgainstLua(t *testing.T) {
	var bytes []byte
	for c := 1; c < 256; c++ {
		if c < ' ' || c >= 0x80 || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			bytes = append(bytes, byte(c))
		}
	}
	g := generator{rand.New(rand.NewPCG(3, 4))}
	calls := make([]call, 4000)
	for i := range calls {
		var src, pat strings.Builder
		suffixes := g.pick("?", "*", "+", "-", "?*", "?*+-")
		for _, c := range bytes[:len(bytes)-g.IntN(45)] {
			if pat.WriteByte(c); g.IntN(50) > 0 {
				pat.WriteByte(g.byteOf(suffixes))
			}
			if src.WriteByte(c); g.IntN(20) == 0 {
				src.WriteByte(c)
			}
		}
		for range g.IntN(45) {
			pat.WriteString(g.pick("(", "()", "(", "(b)", "b?", "c*"))
		}
		pat.WriteString(g.pick("", ".-", ".*", "[ab]*", "."))
		pat.WriteString(strings.Repeat(")", g.IntN(20)))
		pat.WriteString(g.pick("", "", "b", "$", "c"))
		src.WriteString(g.pick("", "b", "c", "bbbb", "abab"))
		calls[i] = call{function: g.pick("find", "match", "gsub"), src: src.String(), pat: pat.String()}
	}
	compare(t, calls)
}
