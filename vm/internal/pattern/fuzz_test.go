package pattern

import (
	"fmt"
	"testing"
)

// oracle matches a pattern in the plainest way: straight from its text, one
// recursion an item, no knowledge of what follows.
type oracle struct {
	src, pat string
	steps    int
	captures []span
	kinds    []captureKind
}

// Panics of the oracle.
type (
	patternError string
	gaveUp       struct{}
)

func (o *oracle) match(p, s, depth int) int {
	if depth == maxDepth {
		panic(patternError("pattern too complex"))
	}
	if o.steps--; o.steps < 0 {
		panic(gaveUp{})
	}
	if p == len(o.pat) {
		return s
	}
	rest := o.pat[p:]
	switch {
	case rest[0] == '(':
		return o.open(p, s, depth)
	case rest[0] == ')':
		n := len(o.captures) - 1
		for n >= 0 && o.kinds[n] != kindOpen {
			n--
		}
		if n < 0 {
			panic(patternError("invalid pattern capture"))
		}
		o.captures[n].end, o.kinds[n] = s, kindClosed
		end := o.match(p+1, s, depth+1)
		if end < 0 {
			o.kinds[n] = kindOpen
		}
		return end
	case rest == "$":
		if s == len(o.src) {
			return s
		}
		return -1
	case len(rest) > 1 && rest[0] == '%' && rest[1] == 'b':
		if len(rest) < 4 {
			panic(patternError("malformed pattern (missing arguments to '%b')"))
		}
		if s = o.balance(s, rest[2], rest[3]); s < 0 {
			return -1
		}
		return o.match(p+4, s, depth)
	case len(rest) > 1 && rest[0] == '%' && rest[1] == 'f':
		if len(rest) < 3 || rest[2] != '[' {
			panic(patternError("missing '[' after '%f' in pattern"))
		}
		end := o.classEnd(p + 2)
		around := "\x00" + o.src + "\x00"
		if o.inClass(p+2, end, around[s]) || !o.inClass(p+2, end, around[s+1]) {
			return -1
		}
		return o.match(end, s, depth)
	case len(rest) > 1 && rest[0] == '%' && rest[1] >= '0' && rest[1] <= '9':
		n := int(rest[1]) - '1'
		if n < 0 || n >= len(o.captures) || o.kinds[n] == kindOpen {
			panic(patternError(fmt.Sprint("invalid capture index %", n+1)))
		}
		c := o.captures[n]
		if o.kinds[n] == kindPosition || len(o.src)-s < c.end-c.start || o.src[s:s+c.end-c.start] != o.src[c.start:c.end] {
			return -1
		}
		return o.match(p+2, s+c.end-c.start, depth)
	}
	return o.repeat(p, s, depth)
}

func (o *oracle) open(p, s, depth int) int {
	n := len(o.captures)
	if n == MaxCaptures {
		panic(patternError("too many captures"))
	}
	kind, next := kindOpen, p+1
	if next < len(o.pat) && o.pat[next] == ')' {
		kind, next = kindPosition, p+2
	}
	o.captures, o.kinds = append(o.captures, span{s, s}), append(o.kinds, kind)
	end := o.match(next, s, depth+1)
	if end < 0 {
		o.captures, o.kinds = o.captures[:n], o.kinds[:n]
	}
	return end
}

func (o *oracle) repeat(p, s, depth int) int {
	end := o.classEnd(p)
	least, most, lazy := 1, 1, false
	next := end + 1
	switch suffix := (o.pat + "\x00")[end]; suffix {
	case '?':
		least = 0
	case '*':
		least, most = 0, len(o.src)
	case '+':
		most = len(o.src)
	case '-':
		least, most, lazy = 0, len(o.src), true
	default:
		next = end
	}
	run := 0
	for run < most && s+run < len(o.src) && o.inClass(p, end, o.src[s+run]) {
		run++
	}
	if run < least {
		return -1
	}
	if least == 1 && most == 1 {
		return o.match(next, s+1, depth)
	}
	if run == 0 {
		return o.match(next, s, depth)
	}
	for i := range run - least + 1 {
		n := run - i
		if lazy {
			n = i
		}
		deeper := 1
		if most == 1 && n == 0 {
			deeper = 0 // C Lua goes on without recursion when '?' takes nothing
		}
		if e := o.match(next, s+n, depth+deeper); e >= 0 {
			return e
		}
	}
	return -1
}

func (o *oracle) balance(s int, open, close byte) int {
	if s == len(o.src) || o.src[s] != open {
		return -1
	}
	level := 1
	for s++; s < len(o.src); s++ {
		if o.src[s] == close {
			level--
		} else if o.src[s] == open {
			level++
		}
		if level == 0 {
			return s + 1
		}
	}
	return -1
}

func (o *oracle) classEnd(p int) int {
	text := o.pat[p:]
	switch {
	case text == "%":
		panic(patternError("malformed pattern (ends with '%')"))
	case text[0] == '%':
		return p + 2
	case text[0] != '[':
		return p + 1
	}
	i := 1
	if i < len(text) && text[i] == '^' {
		i++
	}
	for first := i; i < len(text); i++ {
		if text[i] == ']' && i > first {
			return p + i + 1
		}
		if text[i] == '%' {
			i++
		}
	}
	panic(patternError("malformed pattern (missing ']')"))
}

func (o *oracle) inClass(p, end int, c byte) bool {
	class := o.pat[p:end]
	switch class[0] {
	case '.':
		return true
	case '%':
		return inLetterClass(class[1], c)
	case '[':
		members := class[1 : len(class)-1]
		if members[0] == '^' {
			return !inMembers(members[1:], c)
		}
		return inMembers(members, c)
	}
	return class[0] == c
}

func inMembers(members string, c byte) bool {
	for len(members) > 0 {
		n := 1
		switch {
		case members == "%": // after a range that ends in '%': C Lua takes the ']'
			return c == ']'
		case members[0] == '%':
			if n = 2; inLetterClass(members[1], c) {
				return true
			}
		case len(members) > 2 && members[1] == '-':
			if n = 3; members[0] <= c && c <= members[2] {
				return true
			}
		case members[0] == c:
			return true
		}
		members = members[n:]
	}
	return false
}

func inLetterClass(letter, c byte) bool {
	lower := c >= 'a' && c <= 'z'
	upper := c >= 'A' && c <= 'Z'
	digit := c >= '0' && c <= '9'
	graph := c > ' ' && c < 0x7f
	in := false
	switch letter | 0x20 {
	case 'a':
		in = lower || upper
	case 'c':
		in = c < ' ' || c == 0x7f
	case 'd':
		in = digit
	case 'g':
		in = graph
	case 'l':
		in = lower
	case 'p':
		in = graph && !lower && !upper && !digit
	case 's':
		in = c == ' ' || c >= '\t' && c <= '\r'
	case 'u':
		in = upper
	case 'w':
		in = lower || upper || digit
	case 'x':
		in = digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
	case 'z':
		in = c == 0
	default:
		return letter == c
	}
	return in == (letter >= 'a')
}

// find is string.find with captures as m.Capture returns them. ok is false if
// it takes too long.
func (o *oracle) find(from int) (result string, ok bool) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case patternError:
			result, ok = string(e), true
		case gaveUp:
			result, ok = "", false
		default:
			panic(e)
		}
	}()
	pat, anchored := Anchor(o.pat)
	o.pat = pat
	for s := from; s <= len(o.src); s++ {
		o.captures, o.kinds = nil, nil
		if end := o.match(0, s, 0); end >= 0 {
			result = fmt.Sprint(s, end)
			for i, c := range o.captures {
				switch o.kinds[i] {
				case kindOpen:
					return result + " unfinished capture", true
				case kindPosition:
					c.end = c.start
				}
				result += fmt.Sprint(" ", c.start, c.end, o.kinds[i] == kindPosition)
			}
			return result, true
		}
		if anchored {
			break
		}
	}
	return "none", true
}

func FuzzFind(f *testing.F) {
	for _, tt := range matches {
		f.Add(tt.src, tt.pat, 0)
		f.Add(tt.src, tt.pat, len(tt.src)/2)
	}
	for _, tt := range malformed {
		f.Add(tt.src, tt.pat, 0)
	}
	m := new(Matcher)
	f.Fuzz(func(t *testing.T, src, pat string, from int) {
		if from < 0 || from > len(src) {
			return
		}
		o := oracle{src: src, pat: pat, steps: 20000}
		want, ok := o.find(from)
		budget := int64(1000000)
		got := findResult(m, src, pat, from, &budget)
		if ok && got != want && got != ErrBudget.Error() { // the oracle counts other steps
			t.Errorf("Find(%q, %q, %d) = %s, want %s", src, pat, from, got, want)
		}
	})
}

func findResult(m *Matcher, src, pat string, from int, budget *int64) string {
	start, end, ok, err := m.Find(src, pat, from, false, budget)
	switch {
	case err != nil:
		return err.Error()
	case !ok:
		return "none"
	}
	result := fmt.Sprint(start, end)
	for i := range m.NumCaptures() {
		start, end, position, err := m.Capture(i)
		if err != nil {
			return result + " " + err.Error()
		}
		result += fmt.Sprint(" ", start, end, position)
	}
	return result
}

func FuzzReplacement(f *testing.F) {
	for _, repl := range []string{"", "x", "%0", "%1%2", "%%", "%", "%a", "a%9"} {
		f.Add(repl)
	}
	m := new(Matcher)
	f.Fuzz(func(t *testing.T, repl string) {
		m.Find("key=value", "(%w+)=()", 0, false, nil)
		m.AppendReplacement(nil, repl)
	})
}
