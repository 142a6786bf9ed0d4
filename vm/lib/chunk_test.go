package lib

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/luahost/luahost/vm"
)

// harmless are the names that a chunk of any content may use.
var harmless = []string{
	"assert", "coroutine", "debug", "error", "getmetatable", "ipairs", "math", "next", "pairs", "pcall", "rawequal", "rawget",
	"rawlen", "rawset", "select", "setmetatable", "string", "table", "tonumber", "tostring", "type", "unpack", "xpcall",
}

// executeChunk loads and runs a binary chunk of any content within a budget. What is neither refused nor safe ends the test.
func executeChunk(t testing.TB, chunk string) (loaded bool) {
	s := vm.NewState(vm.Options{})
	l := New(Options{})
	l.Open(s)
	env := s.NewTable(0, len(harmless))
	for _, name := range harmless {
		env.SetString(name, s.Globals().GetString(name))
	}
	env.SetString("print", vm.Function("print", func(*vm.Call) error { return nil }))
	s.SetMemoryLimit(8 << 20)
	f, err := s.Load(chunk, "=chunk", "b", env.Value())
	if err != nil {
		return false
	}
	s.SetBudget(50_000, time.Now().Add(5*time.Second))
	begin := time.Now()
	s.NewThread(f).Resume()
	if took := time.Since(begin); took > 2*time.Minute {
		t.Errorf("the budget stopped it after %v only", took)
	}
	s.Close()
	return true
}

// chunkSeeds are programs, compiled.
func chunkSeeds(t testing.TB) (chunks []string) {
	names := []string{
		"co_across", "core_closures", "core_goto", "core_metamethods", "core_upvalue_loops", "core_varargs", "dump_roundtrip",
		"error_arithmetic_names", "meta_all", "stmt_loops", "string_gsub_function", "table_constructors", "traceback_nested",
	}
	s := vm.NewState(vm.Options{})
	New(Options{}).Open(s)
	s.Globals().SetString("chunk", vm.Nil())
	for i, name := range names {
		source, err := os.ReadFile(filepath.Join("../../testdata/lua", name+".lua"))
		if err != nil {
			t.Fatal(err)
		}
		s.Globals().SetString("source", vm.String(string(source)))
		s.Globals().SetString("strip", vm.Bool(i%2 == 1))
		dump, err := s.Load(`return string.dump(load(source, "=chunk"), strip)`, "=dump", "t", s.Globals().Value())
		if err != nil {
			t.Fatal(err)
		}
		results, err := s.Main().Call(dump)
		if err != nil {
			t.Fatal(err)
		}
		chunk, _ := results[0].AsString()
		chunks = append(chunks, chunk)
	}
	return chunks
}

// mutate changes some bytes, or the length.
func mutate(r *rand.Rand, chunk string) string {
	b := []byte(chunk)
	for range 1 + r.IntN(3) {
		const header = 18
		i := header + r.IntN(len(b)-header)
		switch r.IntN(5) {
		case 0:
			b[i] = byte(r.IntN(256))
		case 1:
			b[i] ^= 1 << r.IntN(8)
		case 2:
			b[i] += byte(r.IntN(5) - 2)
		case 3:
			copy(b[i:], b[header+r.IntN(len(b)-header):][:min(4, len(b)-i)])
		case 4:
			if r.IntN(20) == 0 {
				b = b[:i+1]
			}
		}
	}
	return string(b)
}

// A corrupted chunk is refused, or does something, within its budget.
func TestMutatedChunks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 2))
	seeds := chunkSeeds(t)
	refused, executed := 0, 0
	for range 3000 {
		if executeChunk(t, mutate(r, seeds[r.IntN(len(seeds))])) {
			executed++
		} else {
			refused++
		}
	}
	if refused < 100 || executed < 100 {
		t.Errorf("%d refused, %d executed", refused, executed)
	}
}

func FuzzExecute(f *testing.F) {
	for _, chunk := range chunkSeeds(f) {
		f.Add([]byte(chunk))
	}
	f.Fuzz(func(t *testing.T, chunk []byte) { executeChunk(t, string(chunk)) })
}
