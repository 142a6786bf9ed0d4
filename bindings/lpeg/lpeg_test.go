package lpeg_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/luahost/luahost/bindings/lpeg"
	"github.com/luahost/luahost/internal/golden"
	"github.com/luahost/luahost/lualib"
	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

var (
	update = flag.Bool("update", false, "write the .out files from what the programs print here")
	seed   = flag.Uint64("seed", 1, "of the random patterns")
)

var noDeadline time.Time

// A program prints what NAME.out says, here and with C LPeg where that is installed; a program whose first line begins
// with "-- luahost only" is not for C LPeg.
func TestPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	peer := exec.Command("lua5.2", "-e", `require "lpeg" require "re"`).Run() == nil
	if !peer {
		t.Log("lua5.2 with lua-lpeg is not installed: its output is not compared")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runProgram(t, file, string(source))
			golden.Check(t, strings.TrimSuffix(file, ".lua")+".out", got, *update)
			if peer && !bytes.HasPrefix(source, []byte("-- luahost only")) {
				out, err := exec.Command("lua5.2", file).CombinedOutput()
				if d := cmp.Diff(string(out), got); d != "" || err != nil {
					t.Errorf("output differs (- C LPeg, + here): %v\n%s", err, d)
				}
			}
		})
	}
}

// runProgram returns what a program prints; an error that ends it is printed as a last line.
func runProgram(t *testing.T, file, source string) string {
	var out bytes.Buffer
	s, end := newState(t, &out)
	err := run(s, "@"+filepath.ToSlash(file), source)
	end() // which writes what is in buffers
	if err != nil {
		out.WriteString("error: " + err.Error() + "\n")
	}
	return out.String()
}

// newState makes a state with the libraries, lpeg and re.
func newState(t testing.TB, out *bytes.Buffer) (s *vm.State, end func()) {
	l := lib.New(lib.Options{Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Modules: lualib.FS})
	s = vm.NewState(vm.Options{Alone: true})
	l.Open(s)
	packages, _ := s.Globals().GetString("package").AsTable()
	packages.SetString("path", vm.String(""))
	preload, _ := packages.GetString("preload").AsTable()
	for name, open := range lpeg.Openers() {
		preload.SetString(name, vm.Function("open "+name, func(c *vm.Call) error { return c.Return(open(s)) }))
	}
	s.SetBudget(0, time.Now().Add(time.Minute))
	return s, func() {
		s.Close()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func run(s *vm.State, name, source string) error {
	f, err := s.Load(source, name, "t", s.Globals().Value())
	if err == nil {
		_, err = s.Main().Call(vm.Function("main", func(c *vm.Call) error { return c.TailCall(f) }))
	}
	return err
}

// A pattern that goes back for ever ends with the budget of its message.
func TestInterrupted(t *testing.T) {
	var out bytes.Buffer
	s, end := newState(t, &out)
	slow := `
		local lpeg = require "lpeg"
		local P, V = lpeg.P, lpeg.V
		pcall(lpeg.match, P { (P "a" * V(1) + P "a" * V(1)) * P "c" + P "b" }, ("a"):rep(60))
		print "not reached"`
	s.SetBudget(1e6, time.Time{})
	err := run(s, "@slow.lua", slow)
	end()
	if err == nil || !strings.Contains(err.Error(), "slow.lua:4") || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, out.String())
	}
}

// Stacks, captures and programs count as the state's memory.
func TestMemory(t *testing.T) {
	for name, source := range map[string]string{
		"stack":     `lpeg.setmaxstack(4e6) local p = lpeg.P { "a" * lpeg.V(1) * "b" + "c" } return p:match(("a"):rep(3e6))`,
		"captures":  `return (lpeg.P(1) * lpeg.Cp()) ^ 0 * false + "a", ((lpeg.P(1) * lpeg.Cp()) ^ 0):match(("a"):rep(3e6))`,
		"power":     `return (lpeg.P "a" * lpeg.P "b" ^ -1) ^ 200000`,
		"doubling":  `local p = lpeg.P "a" + "b" * lpeg.C "c" for _ = 1, 60 do p = p * p end return p:match "a"`,
		"text":      `local p = lpeg.Cs((lpeg.P(1) / ("x"):rep(1000)) ^ 0) return p:match(("a"):rep(1e5))`,
		"dynamic":   `return (lpeg.Cmt(1, function(_, i) return i, {} end) ^ 0):match(("a"):rep(1e6))`,
		"too large": `return lpeg.P "ab" ^ 1e9`,
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			s, end := newState(t, &out)
			defer end()
			s.SetMemoryLimit(16 << 20)
			err := run(s, "@memory.lua", `local lpeg = require "lpeg" `+source)
			if err == nil || !strings.Contains(err.Error(), "not enough memory") && !strings.Contains(err.Error(), "too big") {
				t.Errorf("error %v", err)
			}
		})
	}
}
