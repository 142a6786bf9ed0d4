package pattern

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// matches lists what string.match yields: the captures, each ended by ";".
// Position captures are numbers, the others are quoted.
var matches = []struct{ src, pat, want string }{
	{"", "", `"";`},
	{"abc", "", `"";`},
	{"abc", "b", `"b";`},
	{"abc", "x", "nil;"},
	{"abc", "abcd", "nil;"},
	{"aXb", ".", `"a";`},
	{"", ".", "nil;"},

	{"a1 _-Z", "%a", `"a";`},
	{"a1 _-Z", "%A", `"1";`},
	{"a1 -Z", "%d", `"1";`},
	{"a1 -Z", "%D+$", `"<20><2d>Z";`},
	{"a1 -Z", "%p", `"<2d>";`},
	{"a1 -Z", "%u", `"Z";`},
	{"a1 -Z", "%l%w%s", `"a1<20>";`},
	{"a1 -Z", "%W+", `"<20><2d>";`},
	{"fgF0", "%x+", `"f";`},
	{"\t\n\v\f\r \x00", "%s+", `"<09><0a><0b><0c><0d><20>";`},
	{" \x7f!~\x80", "%g+", `"<21><7e>";`},
	{"a\x00\x1f\x7f\x80", "%c+", `"<00><1f><7f>";`},
	{"a\x00b", "%z", `"<00>";`},
	{"\x80\xff", "[%a%d%p%s%c%u%l%x%g]", "nil;"},
	{"\x80\xff", "%W%W", `"<80><ff>";`},
	{"a.b", "%.", `"<2e>";`},
	{"a%b", "%%", `"<25>";`},
	{"q", "%q", `"q";`},

	{"x-y]^", "[]]", `"<5d>";`},
	{"x-y]^", "[^]x]", `"<2d>";`},
	{"x-y]^", "[a-]", `"<2d>";`},
	{"x-y]^", "[-a]", `"<2d>";`},
	{"x-y]^", "[y^]+", `"y";`},
	{"x-y]^", "[%]^]+", `"<5d><5e>";`},
	{"hello", "[^a-k]+", `"llo";`},
	{"hello", "[z-a]", "nil;"},
	{"%]1", "[0-%%]", `"<5d>";`}, // the escape left over takes the ']'
	{"b-%", "[%a-z]+", `"b<2d>";`},
	{"0x1F", "[0-9a-fA-FxX]+", `"0x1F";`},
	{"\x7f\x80\xfe\xff", "[\x80-\xff]+", `"<80><fe><ff>";`},
	{"a\x00b", "[\x00]b", `"<00>b";`},
	{"a\x00b", "[^\x00]+", `"a";`},
	{"abc", "[%W%w]+", `"abc";`},

	{"aaab", "a*", `"aaa";`},
	{"baaa", "a*", `"";`},
	{"baaa", "a+", `"aaa";`},
	{"aaab", "a-b", `"aaab";`},
	{"aaab", "a-", `"";`},
	{"aaab", "a?a?b", `"aab";`},
	{"ab", "a?b?c?", `"ab";`},
	{"<a><b>", "<.->", `"<3c>a<3e>";`},
	{"<a><b>", "<.*>", `"<3c>a<3e><3c>b<3e>";`},
	{"aab", "a+ab", `"aab";`},
	{"ab", "a+ab", "nil;"},
	{"aXbXc", "^(.*)X(.-)$", `"aXb";"c";`},
	{"a,b,,c", "^([^,]*),([^,]*),([^,]*),(.*)$", `"a";"b";"";"c";`},
	{"* +", "^[*] [+]$", `"<2a><20><2b>";`},
	{"*a", "*a", `"<2a>a";`},
	{"(a)*", "%b()*", `"<28>a<29><2a>";`},

	{"abab", "^ab$", "nil;"},
	{"ab", "^ab$", `"ab";`},
	{"a$b", "a$b", `"a<24>b";`},
	{"a$", "a$$", `"a<24>";`},
	{"a$$", "$*$", `"<24><24>";`},
	{"a^b", "a^b", `"a<5e>b";`},
	{"^", "^^", `"<5e>";`},
	{"", "^$", `"";`},

	{"hello", "()ll()", "3;5;"},
	{"hello", "(h)(.)(%l+)", `"h";"e";"llo";`},
	{"hello", "((h)(e))", `"he";"h";"e";`},
	{"hello", "()", "1;"},
	{"hello", "()$", "6;"},
	{"key = value", "(%w+)%s*=%s*(%w+)", `"key";"value";`},
	{" trim me  ", "^%s*(.-)%s*$", `"trim<20>me";`},

	{`say "it's"`, `(["'])(.-)%1`, `"<22>";"it<27>s";`},
	{"abcabc", "(abc)%1", `"abc";`},
	{"abcabd", "(abc)%1", "nil;"},
	{"aa", "(a*)%1", `"a";`},
	{"aa", "()%1", "nil;"},
	{"a1a1", "(%a)(%d)%1%2", `"a";"1";`},

	{"f(a(b)c)d", "%b()", `"<28>a<28>b<29>c<29>";`},
	{"f(a(b c)d", "%b()", `"<28>b<20>c<29>";`},
	{"((", "%b()", "nil;"},
	{"xaax", "%bxx", `"xaax";`},
	{"\x00a\x01", "%b\x00\x01", `"<00>a<01>";`},
	{"a", "%b\x00a", "nil;"},

	{"THE (quick) fox", "%f[%a]%a+%f[%A]", `"THE";`},
	{"THE (quick) fox", "%f[%l]%a+", `"quick";`},
	{"abc", "%f[%z]", `"";`},
	{"abc", "c%f[\x00]", `"c";`},
	{"a\x00", "%f[%z]%z", `"<00>";`},
	{"\x00", "%f[^\x00]", "nil;"},

	// A malformed item counts only when the match gets to it.
	{"b", "a[", "nil;"},
	{"b", "a%", "nil;"},
	{"b", "a%9", "nil;"},
	{"b", "a)", "nil;"},
	{"b", "^a%f", "nil;"},
	{"", "a*b[", "nil;"},
}

func TestMatches(t *testing.T) {
	m := new(Matcher)
	for _, tt := range matches {
		c := call{function: "match", src: tt.src, pat: tt.pat}
		if got, err := c.run(m); err != nil || got != tt.want {
			t.Errorf("%v = %s, %v; want %s", c, got, err, tt.want)
		}
	}
}

func TestMatchesAgainstLua(t *testing.T) {
	var calls []call
	for _, tt := range matches {
		for _, f := range []string{"find", "match", "gmatch", "gsub"} {
			calls = append(calls, call{function: f, src: tt.src, pat: tt.pat, repl: "<%0>"})
		}
	}
	for _, tt := range malformed {
		for _, f := range []string{"find", "match", "gmatch", "gsub"} {
			calls = append(calls, call{function: f, src: tt.src, pat: tt.pat, repl: "<%1>"})
		}
	}
	compare(t, calls)
}

// malformed lists patterns that are errors.
var malformed = []struct{ src, pat, want string }{
	{"a", "%", "malformed pattern (ends with '%')"},
	{"a", "a%", "malformed pattern (ends with '%')"},
	{"a", "[", "malformed pattern (missing ']')"},
	{"a", "[]", "malformed pattern (missing ']')"},
	{"a", "[^]", "malformed pattern (missing ']')"},
	{"a", "[a", "malformed pattern (missing ']')"},
	{"a", "[a%", "malformed pattern (missing ']')"},
	{"a", "[a%]", "malformed pattern (missing ']')"},
	{"a", "%f", "missing '[' after '%f' in pattern"},
	{"a", "%fa", "missing '[' after '%f' in pattern"},
	{"a", "%f[a", "malformed pattern (missing ']')"},
	{"a", "%b", "malformed pattern (missing arguments to '%b')"},
	{"a", "%b(", "malformed pattern (missing arguments to '%b')"},
	{"a", "(a", "unfinished capture"},
	{"a", "((a)", "unfinished capture"},
	{"a", "a*)", "invalid pattern capture"},
	{"a", "(a))", "invalid pattern capture"},
	{"a", "%0", "invalid capture index %0"},
	{"a", "%1", "invalid capture index %1"},
	{"a", "(%1)", "invalid capture index %1"},
	{"a", "(a)%2", "invalid capture index %2"},
	{"a", strings.Repeat("()", 33), "too many captures"},
	{strings.Repeat("a", 300), strings.Repeat("a?", 300), "pattern too complex"},
	// The byte that is missing comes after the item that is too deep.
	{strings.Repeat("a", 198) + "xx", strings.Repeat("a?", 198) + "[bx]*(b", "pattern too complex"},
	{strings.Repeat("a", 198) + "xx", strings.Repeat("a?", 198) + "[bx]-(b", "pattern too complex"},
	{strings.Repeat("a", 135) + "xx", strings.Repeat("a?", 135) + "[bx]*" + strings.Repeat("(", 32) + "y?" + strings.Repeat(")", 32) + "b", "pattern too complex"},
}

func TestMalformed(t *testing.T) {
	m := new(Matcher)
	for _, tt := range malformed {
		c := call{function: "match", src: tt.src, pat: tt.pat}
		if got, err := c.run(m); err == nil || err.Error() != tt.want {
			t.Errorf("%v = %s, %v; want the error %s", c, got, err, tt.want)
		}
	}
}

func TestDepth(t *testing.T) {
	m := new(Matcher)
	for n, want := range map[int]error{1: nil, 199: nil, 200: ErrTooComplex, 100000: ErrTooComplex} {
		m.Init(strings.Repeat("a", n), strings.Repeat("a?", n), nil)
		if end, _, err := m.Match(0); err != want || err == nil && end != n {
			t.Errorf("%d repetitions: %d, %v; want the error %v", n, end, err, want)
		}
	}
}

// TestLongPattern goes past the bound of a compiled pattern's size.
func TestLongPattern(t *testing.T) {
	m := new(Matcher)
	for _, tt := range []struct {
		pat string
		err error
	}{
		{strings.Repeat(".", maxItems-1), nil},
		{strings.Repeat(".", maxItems+1), ErrTooComplex},
		{strings.Repeat("x", 100*maxItems), nil}, // plain text is one item
		{strings.Repeat("%x", maxItems+1), nil},  // fails before
	} {
		m.Init(strings.Repeat("x", maxItems*2), tt.pat, nil)
		if _, _, err := m.Match(0); err != tt.err {
			t.Errorf("pattern of %d bytes: %v, want %v", len(tt.pat), err, tt.err)
		}
	}
}

func TestReplacement(t *testing.T) {
	for _, tt := range []struct {
		pat, repl, want string
		err             error
	}{
		{"b", "", "", nil},
		{"b", "plain", "plain", nil},
		{"b", "%0%0", "bb", nil},
		{"b", "<%1>", "<b>", nil},
		{"b", "%%1", "%1", nil},
		{"b", "100%%", "100%", nil},
		{"(a)(b)", "%2%1%0", "baab", nil},
		{"()(b)()", "%1%2%3", "2b3", nil},
		{"b", "%2", "", ErrCaptureIndex},
		{"(b)", "x%2", "", ErrCaptureIndex},
		{"b", "%", "", ErrReplacement},
		{"b", "x%", "", ErrReplacement},
		{"b", "%x", "", ErrReplacement},
		{"b", "%\x00", "", ErrReplacement},
		{"(b", "%0", "b", nil},
		{"(b", "%1", "", ErrUnfinished},
	} {
		m := new(Matcher)
		if _, _, ok, err := m.Find("abc", tt.pat, 0, false, nil); !ok || err != nil {
			t.Fatalf("Find(abc, %q) = %v, %v", tt.pat, ok, err)
		}
		got, err := m.AppendReplacement([]byte(">"), tt.repl)
		if err != tt.err || err == nil && string(got) != ">"+tt.want {
			t.Errorf("%q for %q = %q, %v; want %q, %v", tt.repl, tt.pat, got, err, ">"+tt.want, tt.err)
		}
	}
}

func TestFindPlain(t *testing.T) {
	m := new(Matcher)
	for _, tt := range []struct {
		src, text  string
		from       int
		start, end int // -1: none
	}{
		{"a.b", ".", 0, 1, 2},
		{"a.b", ".", 2, -1, -1},
		{"a.b", "", 3, 3, 3},
		{"aXbX", "X", 2, 3, 4},
	} {
		start, end, ok, err := m.Find(tt.src, tt.text, tt.from, true, nil)
		if !ok {
			start, end = -1, -1
		}
		if err != nil || start != tt.start || end != tt.end {
			t.Errorf("Find(%q, %q, %d, plain) = %d, %d, %v", tt.src, tt.text, tt.from, start, end, err)
		}
	}
	if n := m.NumCaptures(); n != 0 {
		t.Errorf("a plain search has %d captures", n)
	}
	if start, end, _, err := m.Capture(0); start != 3 || end != 4 || err != nil {
		t.Errorf("the whole match is %d, %d, %v", start, end, err)
	}
}

func TestCaptureIndex(t *testing.T) {
	m := new(Matcher)
	m.Find("abc", "(a)()", 0, false, nil)
	if m.NumCaptures() != 2 || m.NumResults() != 2 {
		t.Errorf("%d captures, %d results; want 2, 2", m.NumCaptures(), m.NumResults())
	}
	if start, end, position, err := m.Capture(1); start != 1 || end != 1 || !position || err != nil {
		t.Errorf("Capture(1) = %d, %d, %v, %v", start, end, position, err)
	}
	if _, _, _, err := m.Capture(2); err != ErrCaptureIndex {
		t.Errorf("Capture(2): %v", err)
	}
	m.Find("abc", "b", 0, false, nil)
	if m.NumCaptures() != 0 || m.NumResults() != 1 {
		t.Errorf("%d captures, %d results; want 0, 1", m.NumCaptures(), m.NumResults())
	}
}

func TestNoSpecials(t *testing.T) {
	for _, c := range "^$*+?.([%-" {
		if pat := "a" + string(c) + "b"; NoSpecials(pat) {
			t.Errorf("%q has no specials", pat)
		}
	}
	for _, pat := range []string{"", "abc", "a)]b", "\x00\xff"} {
		if !NoSpecials(pat) {
			t.Errorf("%q has specials", pat)
		}
	}
}

// costly lists matches that take far longer than a script may, or very long.
var costly = []struct{ src, pat string }{
	{strings.Repeat("a", 40), strings.Repeat("a?", 40) + strings.Repeat("a", 40) + "b"},
	{strings.Repeat("a", 40), strings.Repeat("a?", 40) + strings.Repeat("[ab]", 40) + "$"},
	{strings.Repeat("a", 10000), "a*a*a*a*b"},
	{strings.Repeat("a", 10000), ".-.-.-.-b"},
	{strings.Repeat("ab", 10000), ".-a.-b.-a.-b.-c"},
	{strings.Repeat("ab", 10000), "^(.+)(.+)%1%2(.+)%3$"},
	{strings.Repeat("a", 1<<20), "[a]*b"},
	{strings.Repeat("a", 1<<20), "a-b"},
	{strings.Repeat("(", 1<<20), "%b()"},
	{strings.Repeat("a", 1<<20), "(a*)%1b"},
	{strings.Repeat("a", 1<<20), "b?" + strings.Repeat("a", 1<<19) + "c"},
}

func TestBudget(t *testing.T) {
	m := new(Matcher)
	for _, tt := range costly {
		budget := int64(1e6)
		_, _, ok, err := m.Find(tt.src, tt.pat, 0, false, &budget)
		if ok || err != ErrBudget {
			t.Errorf("Find(%.20q, %.40q) = %v, %v; want %v", tt.src, tt.pat, ok, err, ErrBudget)
		}
		if budget >= 0 || budget < -int64(len(tt.src)+len(tt.pat)) {
			t.Errorf("Find(%.20q, %.40q) leaves a budget of %d", tt.src, tt.pat, budget)
		}
	}
	budget := int64(10)
	if _, _, _, err := m.Find(strings.Repeat("a", 1000), "b", 0, true, &budget); err != ErrBudget {
		t.Errorf("a plain search: %v", err)
	}
	if _, _, _, err := m.Find("aaa", "a", 0, false, &budget); err != ErrBudget {
		t.Errorf("a match without budget left: %v", err)
	}
}

// TestCharges says that each kind of long work is charged.
func TestCharges(t *testing.T) {
	const size = 1 << 16
	as, ab := strings.Repeat("a", size), strings.Repeat("ab", size)
	m := new(Matcher)
	for _, tt := range []struct {
		src, pat string
		plain    bool
		least    int64
	}{
		{as, "z", false, size / 4},
		{as, "%d", false, size / 4},
		{as, "z", true, size / 4},
		{as + "z", "z", true, size / 4},
		{as, "^" + as, false, size / 32},
		{as, "^[ab]*", false, size / 4},
		{as, "^a+x", false, size / 4},
		{as + "\n", "^[ab]*x", false, size / 4},
		{"x" + as, "^.*x", false, size / 4},
		{ab, "^.*a$", false, size / 4},
		{as, "^.-z", false, size / 4},
		{ab, "^.-bz", false, size},
		{as, "^[ab]-z", false, size / 4},
		{"(" + as, "^%b()", false, size / 4},
		{as + "x" + as, "^(a*)x%1", false, size/4 + size/32},
		{as + "b" + strings.Repeat("c", size), "^[abc]*b.?a", false, size},
		{strings.Repeat("a", 100), "^a*" + strings.Repeat("[ab]", 50) + "$", false, 51 * 51 / 2},
		{"", "^" + strings.Repeat("z?", 100) + "x", false, 300},
	} {
		budget := int64(math.MaxInt64)
		if _, _, _, err := m.Find(tt.src, tt.pat, 0, tt.plain, &budget); err != nil {
			t.Errorf("Find(%.9q, %.9q): %v", tt.src, tt.pat, err)
		}
		if used := math.MaxInt64 - budget; used < tt.least {
			t.Errorf("Find(%.9q, %.9q, %v) takes %d steps, want %d at least", tt.src, tt.pat, tt.plain, used, tt.least)
		}
	}
}

// TestBudgetOfPlainWork says that what is linear is charged so.
func TestBudgetOfPlainWork(t *testing.T) {
	const size = 100000
	m := new(Matcher)
	for _, tt := range []struct{ src, pat string }{
		{strings.Repeat("a", size), "b"},
		{strings.Repeat("a", size), "%d"},
		{strings.Repeat("a", size), "a*$"},
		{strings.Repeat("a", size), "^a-$"},
		{strings.Repeat("a", size), "^.-b"},
		{strings.Repeat("a", size), "x?%d-b"},
		{strings.Repeat("a", size), "x?%bxy"},
		{strings.Repeat("a ", size/2), "(%a)%s(%d)"},
		{"(" + strings.Repeat("a", size) + ")", "%b()"},
	} {
		budget := int64(math.MaxInt64)
		if _, _, _, err := m.Find(tt.src, tt.pat, 0, false, &budget); err != nil {
			t.Errorf("Find(%.9q, %q): %v", tt.src, tt.pat, err)
		}
		if used := math.MaxInt64 - budget; used > 4*size {
			t.Errorf("Find(%.9q, %q) takes %d steps for %d bytes", tt.src, tt.pat, used, size)
		}
	}
}

func TestCheckpoint(t *testing.T) {
	src, pat := strings.Repeat("a", 300), "a*a*b"
	stop := errors.New("stop")
	var budget int64
	calls, limit := 0, math.MaxInt
	m := new(Matcher)
	m.Checkpoint = func() error {
		if budget >= 0 {
			t.Error("a checkpoint with budget left")
		}
		if calls++; calls == limit {
			return stop
		}
		budget += 1000
		return nil
	}
	if _, _, ok, err := m.Find(src, pat, 0, false, &budget); ok || err != nil || calls < 10 {
		t.Errorf("refilled %d times: %v, %v", calls, ok, err)
	}
	calls, limit = 0, 3
	if _, _, ok, err := m.Find(src, pat, 0, false, &budget); ok || err != stop || calls != 3 {
		t.Errorf("stopped at checkpoint %d: %v, %v", calls, ok, err)
	}
	if _, _, ok, err := m.Find("aab", pat, 0, false, &budget); !ok || err != nil {
		t.Errorf("after an error: %v, %v", ok, err)
	}
}

// TestManyPatterns uses more patterns than are kept compiled.
func TestManyPatterns(t *testing.T) {
	m := new(Matcher)
	for round := range 3 {
		for i := range 200 {
			text := fmt.Sprint(i, "x")
			pat := fmt.Sprintf("([%d%%w])%s%%d*(x)$", i%10, text[1:len(text)-1])
			if i%50 == 0 {
				pat = strings.Repeat("y?", maxCached) + pat
			}
			if _, end, ok, err := m.Find(text, pat, 0, false, nil); !ok || err != nil || end != len(text) {
				t.Fatalf("round %d: Find(%q, %.60q) = %d, %v, %v", round, text, pat, end, ok, err)
			}
		}
	}
	if _, _, ok, _ := m.Find("z", "^y", 0, false, nil); ok {
		t.Error("z matches ^y")
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	m := new(Matcher)
	var budget int64 = math.MaxInt64
	buf := make([]byte, 0, 100)
	patterns := []string{"(%w+)%s*=%s*(.-)%s*$", "^.*a.*e.-u", "[a-z]+", "%f[%w]v", "no", "%b=e"}
	work := func() {
		for _, pat := range patterns {
			if _, _, ok, _ := m.Find("key = value ", pat, 0, false, &budget); ok {
				m.AppendReplacement(buf, "%0%1")
			}
		}
		m.Reset()
	}
	if n := testing.AllocsPerRun(100, work); n != 0 {
		t.Errorf("%v allocations a round", n)
	}
}
