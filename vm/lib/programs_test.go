package lib_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/luahost/luahost/internal/golden"
	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

var update = flag.Bool("update", false, "write the .out files from what the programs print here")

// programs is where the Lua programs are, each NAME.lua with what it prints in NAME.out.
const programs = "../../testdata/lua"

// A program prints what NAME.out says, here and under C Lua 5.2 where that is installed; a program whose first line
// begins with "-- luahost only" is not for C Lua.
func TestPrograms(t *testing.T) {
	files, err := filepath.Glob(programs + "/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	cLua, err := exec.LookPath("lua5.2")
	if err != nil {
		t.Log("lua5.2 is not installed: its output is not compared")
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".lua")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runProgram(t, name, string(source))
			golden.Check(t, strings.TrimSuffix(file, ".lua")+".out", got, *update)
			if cLua != "" && !strings.HasPrefix(string(source), "-- luahost only") {
				if d := cmp.Diff(runCLua(t, cLua, name+".lua"), plainNames(got)); d != "" {
					t.Errorf("output differs (- C Lua, + here):\n%s", d)
				}
			}
		})
	}
}

const programTime = 2 * time.Minute // for one program; only a broken one takes it

// runProgram returns what a program prints; an error that ends it is printed as a last line.
func runProgram(t *testing.T, name, source string) string {
	var out bytes.Buffer
	l := lib.New(lib.Options{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out})
	s := vm.NewState(vm.Options{Alone: true})
	l.Open(s)
	s.SetBudget(0, time.Now().Add(programTime))
	f, err := s.Load(source, "@"+name+".lua", "bt", s.Globals().Value())
	if err == nil {
		main := vm.Function("main", func(c *vm.Call) error { return c.TailCall(f) })
		_, err = s.Main().Call(main)
	}
	s.Close()
	if closeErr := l.Close(); closeErr != nil {
		t.Error(closeErr)
	}
	if err != nil {
		out.WriteString("error: " + err.Error() + "\n")
	}
	return out.String()
}

// luacPrograms are run as luac5.2 compiles them: what the code does, and how it tells of its errors.
var luacPrograms = []string{
	"co_wrap_errors", "core_goto", "core_upvalue_loops", "core_varargs", "debug_getinfo", "debug_hook_lines", "debug_locals",
	"debug_upvalues", "error_arithmetic_names", "error_call_names", "error_index_names", "error_levels", "meta_index_loop",
	"numbers_operators", "stmt_for_words", "table_sort_errors", "traceback_nested",
}

func TestLuacPrograms(t *testing.T) {
	luac, err := exec.LookPath("luac5.2")
	if err != nil {
		t.Skip("luac5.2 is not installed")
	}
	cLua, err := exec.LookPath("lua5.2")
	if err != nil {
		t.Skip("lua5.2 is not installed")
	}
	for _, name := range luacPrograms {
		for _, options := range [][]string{{}, {"-s"}} {
			t.Run(strings.Join(append(options, name), " "), func(t *testing.T) {
				t.Parallel()
				compiled := filepath.Join(t.TempDir(), "luac.out")
				cmd := exec.Command(luac, append(options, "-o", compiled, name+".lua")...)
				cmd.Dir = programs
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				chunk, err := os.ReadFile(compiled)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(runCLua(t, cLua, compiled), plainNames(runProgram(t, name, string(chunk)))); d != "" {
					t.Errorf("output differs (- C Lua, + here):\n%s", d)
				}
			})
		}
	}
}

func runCLua(t *testing.T, cLua, file string) string {
	ctx, cancel := context.WithTimeout(t.Context(), programTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, cLua, file)
	cmd.Dir = programs
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		line, _, _ := strings.Cut(stderr.String(), "\n")
		_, message, _ := strings.Cut(line, ": ")
		return plainNames(string(out)) + "error: " + message + "\n"
	}
	return plainNames(string(out))
}

// plainNames makes up for C Lua's finding a global function under the one or the other of its names, as the hash of the
// day has it: in _G or _G._G, and some have two names, so that load can be _G.loadstring.
func plainNames(out string) string {
	out = strings.ReplaceAll(out, "to '_G.", "to '")
	return strings.NewReplacer("to 'loadstring'", "to 'load'", "to 'table.unpack'", "to 'unpack'").Replace(out)
}
