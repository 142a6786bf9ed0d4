package bytecode

import (
	"fmt"
	"strings"
	"testing"
)

// numbered returns format with 1 to n, joined.
func numbered(n int, format, separator string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(format, "%d", fmt.Sprint(i+1))
	}
	return strings.Join(items, separator)
}

// limitTests are sources at and beyond the limits of the compiler, too long to stand in a file.
var limitTests = []struct{ name, source, message string }{
	{"parentheses", nested("return ", "(", "1", ")", 196), ""},
	{"one more", nested("return ", "(", "1", ")", 197), "x:1: too many C levels (limit is 200) in main function near '1'"},
	{"many more", nested("return ", "(", "1", ")", 100_000), "x:1: too many C levels (limit is 200) in main function near '('"},
	{"blocks", nested("", "do\n", "", "end\n", 198), ""},
	{"one block more", nested("", "do\n", "", "end\n", 199), "x:199: too many C levels (limit is 200) in main function near 'do'"},
	{"tables", nested("x = ", "{", "", "}", 197), ""},
	{"one table more", nested("x = ", "{", "", "}", 198), "x:1: too many C levels (limit is 200) in main function near '{'"},
	{"name in tables", nested("x = ", "{", "a . b", "}", 197), "x:1: too many C levels (limit is 200) in main function near '.'"},
	{"peeked name", nested("x = ", "{", "a 'b'", "}", 197), "x:1: too many C levels (limit is 200) in main function near ''b''"},
	{"peeked symbol", nested("x = ", "{", "a", "}", 197), "x:1: too many C levels (limit is 200) in main function near ''"},
	{"functions", nested("return ", "function() return ", "1", " end", 98), ""},
	{"more functions", nested("return ", "function()\nreturn ", "1", " end", 99), "x:100: too many C levels (limit is 200) in function at line 99 near 'return'"},
	{"unary", "return " + strings.Repeat("- ", 196) + "x", ""},
	{"one more unary", "return " + strings.Repeat("not ", 197) + "x", "x:1: too many C levels (limit is 200) in main function near 'x'"},
	{"concatenation", "return " + strings.Repeat("a..", 196) + "a", ""},
	{"more concatenation", "return " + strings.Repeat("a..", 197) + "a", "x:1: too many C levels (limit is 200) in main function near 'a'"},
	{"flat operators", "return " + strings.Repeat("a+", 10_000) + "a", ""},
	{"targets", "a" + strings.Repeat(",a", 197) + " = 1", ""},
	{"more targets", "a" + strings.Repeat(",a", 198) + " = 1", "x:1: too many C levels (limit is 200) in main function near '='"},

	{"locals", numbered(200, "local a%d", "\n"), ""},
	{"one local more", numbered(201, "local a%d", "\n"), "x:201: too many local variables (limit is 200) in main function near <eof>"},
	{"parameters", "function f(" + numbered(201, "a%d", ",") + ") end", "x:1: too many local variables (limit is 200) in function at line 1 near ')'"},
	{"self", "function t:f(" + numbered(200, "a%d", ",") + ") end", "x:1: too many local variables (limit is 200) in function at line 1 near ')'"},
	{"loop variables", "for " + numbered(198, "a%d", ",") + " in x do end", "x:1: too many local variables (limit is 200) in main function near 'in'"},
	{"hidden variables", numbered(198, "local a%d", "\n") + "\nfor i = 1, 2 do end", "x:199: too many local variables (limit is 200) in main function near '='"},
	{"locals of blocks", strings.Repeat("do local a, b, c end ", 1000), ""},
	{"upvalues", upvalues(254), ""},
	{"one upvalue more", upvalues(255), "x:4: too many upvalues (limit is 255) in function at line 4 near '='"},
	{"constants", "x = {" + numbered(300, "%d.5", ",") + "} y, z, w = 'a', nil, true", ""},
	{"constants beyond Bx", "x = {" + numbered(1<<18+10, "%d.5", ",") + "} y.z = 1.25 f('a', 7)", ""},
	{"list beyond C", "x = {" + strings.Repeat("a,", 50*520) + "f()}", ""},

	{"arguments", "f(" + strings.Repeat("a,", 247) + "a)", ""},
	{"more arguments", "f(" + strings.Repeat("a,\n", 248) + "b)", "x:249: function or expression too complex near <eof>"},
	{"many more arguments", "f(" + strings.Repeat("a,", 1000) + "a)", "x:1: function or expression too complex near 'a'"},
	{"results", "return " + strings.Repeat("a,", 300) + "a", "x:1: function or expression too complex near 'a'"},
	{"locals and a call", "local " + numbered(200, "a%d", ",") + "\nreturn f(" + strings.Repeat("1,", 50) + "1)", "x:2: function or expression too complex near '1'"},
	{"locals and tables", "local " + numbered(200, "a%d", ",") + "\nreturn " + strings.Repeat("{1,", 50) + strings.Repeat("}", 50), "x:2: function or expression too complex near '{'"},
	{"locals and a loop", "local " + numbered(196, "a%d", ",") + "\nfor a in f(" + strings.Repeat("1,", 60) + "2) do end", "x:2: function or expression too complex near '1'"},
	{"constants in registers", "x = {" + numbered(300, "%d.5", ",") + "} f(" + strings.Repeat("1,", 245) + "a.b + c.d, g(1000, 1001))", "x:1: function or expression too complex near ')'"},

	{"jump", "while a do " + strings.Repeat("x = 1 ", 131000) + "end", ""},
	{"long jump", "while a do " + strings.Repeat("x = 1 ", 131100) + "\nend y = 2", "x:2: control structure too long near 'end'"},
	{"long jump at name", "repeat " + strings.Repeat("x = 1 ", 131100) + "\nuntil y 'z' foo = 1", "x:2: control structure too long near 'foo'"},
	{"long jump at end", "if a then " + strings.Repeat("x = 1 ", 131100) + "\nend", "x:2: control structure too long near <eof>"},
	{"long jump at string", "goto a; " + strings.Repeat("x = 1 ", 131100) + "\n::a:: ('\\65'):f()", "x:2: control structure too long near '('"},
	{"many functions", strings.Repeat("x = function() end ", 1<<18), "too many functions (limit is 262143)"},
}

func nested(before, opening, inside, closing string, n int) string {
	return before + strings.Repeat(opening, n) + inside + strings.Repeat(closing, n)
}

// upvalues is a function in a function that uses n variables of the functions around it, and _ENV.
func upvalues(n int) string {
	return "local " + numbered(150, "a%d", ",") + "\nfunction f()\nlocal " + numbered(150, "b%d", ",") +
		"\nfunction g() x = 1 " + numbered(n-150, "b%d = 1 ", "") + numbered(150, "a%d = 1 ", "") + "end end"
}

func TestLimits(t *testing.T) {
	for _, test := range limitTests {
		_, err := Compile(test.source, "=x")
		if got := messageOf(t, err); got != test.message {
			t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.message)
		}
	}
}

func TestLimitsAreCLuas(t *testing.T) {
	var snippets []snippet
	for _, test := range limitTests {
		snippets = append(snippets, snippet{"=x", test.source})
	}
	for i, v := range cLua(t, snippets) {
		message, _, _ := strings.Cut(v.message, "\nstack traceback:")
		if want := limitTests[i].message; message != want {
			t.Errorf("%s: the test has %q, C Lua %q", limitTests[i].name, want, message)
		}
	}
}

// Legal in C Lua, but too much for go-lua, whose time for it grows with the cube of the number of jumps.
func TestTooManyJumpsTogether(t *testing.T) {
	for name, source := range map[string]func(n int) string{
		"elseif":   func(n int) string { return "if a then\n" + strings.Repeat("elseif b then c()\n", n) + "end" },
		"or":       func(n int) string { return "x = " + strings.Repeat("a or ", n) + "b" },
		"and":      func(n int) string { return "x = " + strings.Repeat("a == b and ", n) + "b" },
		"break":    func(n int) string { return "while x do " + strings.Repeat("if a then break end ", n) + "end" },
		"continue": func(n int) string { return "while x do " + strings.Repeat("do goto c end ", n) + "::c:: end" },
		"goto":     func(n int) string { return strings.Repeat("if a or b then goto c end ", n/2) + "::c::" },
	} {
		if _, err := Compile(source(300), "=x"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_, err := Compile(source(maxJumpsTogether+10), "=x")
		if got := messageOf(t, err); !strings.Contains(got, ": control structure too long near ") {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
