package lpeg_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/luahost/luahost/vm"
)

// BenchmarkJSON runs the matches of testdata/bench/json.lua, a grammar of JSON over 95 KB of text. lua5.2 runs the same file.
func BenchmarkJSON(b *testing.B) {
	source, err := os.ReadFile("testdata/bench/json.lua")
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	s, end := newState(b, &out)
	defer end()
	s.SetBudget(0, noDeadline)
	s.Globals().SetString("quiet", vm.Bool(true))
	if err := run(s, "@json.lua", string(source)); err != nil {
		b.Fatal(err)
	}
	size, _ := s.Globals().GetString("size").AsNumber()
	work, _ := s.Globals().GetString("work").AsTable()
	for _, name := range []string{"recognize", "strings", "tree", "words"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Main().Call(work.GetString(name)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
