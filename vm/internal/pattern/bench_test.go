package pattern

import (
	"math"
	"strings"
	"testing"
)

var words = strings.Repeat("The quick brown fox, jumps over 13 lazy dogs; ", 20)

// Single calls, as a script makes them: find, capture, next one.
func BenchmarkMatch(b *testing.B) {
	for _, bb := range []struct{ name, src, pat string }{
		{"literal", words + "needle", "needle"},
		{"number", "12345", "^%d+$"},
		{"assignment", "  content-length = 1234", "^%s*([%w-]+)%s*=%s*(.-)%s*$"},
		{"trim", "   some text with blanks   ", "^%s*(.-)%s*$"},
		{"date", "on 2024-05-17 at noon", "(%d+)-(%d+)-(%d+)"},
		{"path", "/usr/share/lua/5.2/socket/http.lua", "^(.-)([^/]*)%.(%w+)$"},
		{"balance", "f(a(b)c(d))", "%b()"},
		{"frontier", "one THE two", "%f[%a]%u+%f[%A]"},
		{"reference", `say "it's" now`, `(["'])(.-)%1`},
		{"none", words, "%d%d%d"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			m := new(Matcher)
			budget := int64(math.MaxInt64)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, _, err := m.Find(bb.src, bb.pat, 0, false, &budget); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// All matches in a text of about a kilobyte.
func BenchmarkAll(b *testing.B) {
	for _, pat := range []string{"%a+", "[^,; ]+", "(%w+) (%w+)", "o", ".", "%s*", "b.-x", "[aeiou]", "fox"} {
		b.Run(pat, func(b *testing.B) {
			m := new(Matcher)
			b.ReportAllocs()
			for b.Loop() {
				m.Init(words, pat, nil)
				for from := 0; from <= len(words); {
					start, end, ok, _ := m.Search(from)
					if !ok {
						break
					}
					if from = end; start == end {
						from++
					}
				}
			}
		})
	}
}

func BenchmarkBacktrack(b *testing.B) {
	for _, bb := range []struct{ name, src, pat string }{
		{"greedy", strings.Repeat("a", 200), "a*b"},
		{"greedy3", strings.Repeat("a", 60), ".*.*.*b"},
		{"lazy", strings.Repeat("ab", 100), "a.-a.-c"},
		{"optional", strings.Repeat("a", 16), strings.Repeat("a?", 16) + strings.Repeat("a", 16)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			m := new(Matcher)
			for b.Loop() {
				m.Find(bb.src, bb.pat, 0, false, nil)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, pat := range []string{"%d+", "^%s*([%w-]+)%s*=%s*(.-)%s*$", "[a-zA-Z_][a-zA-Z0-9_]*"} {
		b.Run(pat, func(b *testing.B) {
			p := new(program)
			b.ReportAllocs()
			for b.Loop() {
				p.compile(pat)
			}
		})
	}
}

func BenchmarkReplacement(b *testing.B) {
	m := new(Matcher)
	m.Find("key=value", "(%w+)=(%w+)", 0, false, nil)
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		m.AppendReplacement(buf, "%2 = <%1>")
	}
}
