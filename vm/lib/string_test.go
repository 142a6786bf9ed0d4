package lib

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/luahost/luahost/vm"
)

// callNamed calls a library function of a new state, within limits, and returns its results as text.
func callNamed(library, name string, args ...vm.Value) (string, error) {
	s := vm.NewState(vm.Options{})
	New(Options{}).Open(s)
	s.SetBudget(1e6, time.Time{})
	s.SetMemoryLimit(64 << 20)
	t, _ := s.Globals().GetString(library).AsTable()
	results, err := s.Main().Call(t.GetString(name), args...)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, v := range results {
		text, _ := vm.ToString(v)
		fmt.Fprintf(&b, "%s:%q ", v.Kind(), text)
	}
	return b.String(), nil
}

// noPanic fails on errors that tell of a panic in Go.
func noPanic(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "panic") {
		t.Fatal(err)
	}
}

func FuzzFormat(f *testing.F) {
	for _, format := range []string{
		"%d", "%5.2s|%-8q", "%+.3f%%", "%a %A", "%#x%#o", "%c%c", "%099.99e", "%", "%10", "%.", "% +-#0d", "%i%u", "%s%s%s%s", "\x00%s",
	} {
		f.Add(format, 3.75, "text\x00\n")
		f.Add(format, math.Inf(-1), "")
	}
	f.Fuzz(func(t *testing.T, format string, x float64, s string) {
		_, err := callNamed("string", "format", vm.String(format), vm.Number(x), vm.String(s), vm.Number(-x), vm.Bool(true), vm.Nil())
		noPanic(t, err)
	})
}

// What is packed and unpacked again is the same.
func FuzzPack(f *testing.F) {
	for _, format := range []string{
		"i4", "<I3>i7", "!8 b d", "s1 z c5", "f d n", "x Xi4 b", "!4 Xd j", "I16", "c0", "!", "X", "s16 i16", "bBhHlLjJT",
	} {
		f.Add(format, 42.0, "data")
		f.Add(format, -1.5, "\x00\xff")
		f.Add(format, 0x1p53, "")
	}
	f.Fuzz(func(t *testing.T, format string, x float64, s string) {
		args := []vm.Value{vm.String(format)}
		for _, letter := range format {
			switch letter {
			case 's', 'z', 'c':
				args = append(args, vm.String(s))
			default:
				args = append(args, vm.Number(x))
			}
		}
		_, err := callNamed("string", "unpack", vm.String(format), vm.String(s))
		noPanic(t, err)
		_, err = callNamed("string", "packsize", vm.String(format))
		noPanic(t, err)
		state := vm.NewState(vm.Options{})
		New(Options{}).Open(state)
		state.SetMemoryLimit(64 << 20)
		library, _ := state.Globals().GetString("string").AsTable()
		packed, err := state.Main().Call(library.GetString("pack"), args...)
		if err != nil {
			noPanic(t, err)
			return
		}
		data := packed[0]
		values, err := state.Main().Call(library.GetString("unpack"), vm.String(format), data)
		if err != nil {
			noPanic(t, err)
			t.Fatalf("unpack(%q): %v", format, err)
		}
		again := append([]vm.Value{vm.String(format)}, values[:len(values)-1]...)
		packedAgain, err := state.Main().Call(library.GetString("pack"), again...)
		if err != nil {
			t.Fatalf("pack(%q) of what unpack returned: %v", format, err)
		}
		if x == x && !vm.RawEqual(data, packedAgain[0]) {
			first, _ := data.AsString()
			second, _ := packedAgain[0].AsString()
			t.Fatalf("pack(%q): %q, then %q", format, first, second)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add("<!4 i2 s1 z d", "\x01\x00\x03abcdef\x00\x00\x00\x00", 1.0)
	f.Add("s8", "\xff\xff\xff\xff\xff\xff\xff\xff", -3.0)
	f.Add(">I16 c3", strings.Repeat("\x00", 16)+"abc", 2.0)
	f.Fuzz(func(t *testing.T, format, data string, at float64) {
		_, err := callNamed("string", "unpack", vm.String(format), vm.String(data), vm.Number(at))
		noPanic(t, err)
	})
}

// compareWithC runs a program under C Lua and here and compares the lines that it prints.
func compareWithC(t *testing.T, interpreter, program string) {
	t.Helper()
	path, err := exec.LookPath(interpreter)
	if err != nil {
		t.Skip(interpreter + " is not installed")
	}
	command := exec.Command(path, "-")
	command.Stdin = strings.NewReader(program)
	want, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %.500s", err, want)
	}
	var out strings.Builder
	l := New(Options{Stdout: &out})
	s := vm.NewState(vm.Options{})
	l.Open(s)
	f, err := s.Load(program, "=stdin", "t", s.Globals().Value())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Main().Call(f); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(out.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d: got %q, want %q; in\n%s", i+1, got[min(i, len(got)-1)], line, strings.Split(program, "\n")[i+1])
		}
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func TestFormatAgainstCLua(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var program strings.Builder
	program.WriteString("local function show(...) print((select(2, pcall(string.format, ...)):gsub('%c', '?'))) end\n")
	for range 3000 {
		format := "%"
		for range r.IntN(3) {
			format += pick(r, "-", "+", " ", "#", "0")
		}
		format += pick(r, "", "", "1", "5", "12", "30")
		format += pick(r, "", "", ".", ".0", ".3", ".15")
		format += pick(r, "d", "i", "u", "o", "x", "X", "e", "E", "f", "g", "G", "a", "A", "c", "s", "q")
		arg := pick(r, "0", "1", "-1", "3.75", "-0.1", "255", "1e10", "1e100", "-1e-5", "123456789", "1/0", "-1/0", "'12'", "'x'", "''", "'a longer text'", "nil", "true", "2^53", "0.5", "1e15")
		if strings.HasSuffix(format, "q") && !strings.HasPrefix(arg, "'") {
			arg = "'quoted'"
		}
		if strings.HasSuffix(format, "c") {
			arg = "67"
		}
		if strings.HasSuffix(format, "s") && (arg == "1e15" || arg == "2^53" || arg == "1e10") {
			arg = "7"
		}
		fmt.Fprintf(&program, "show(%q, %s)\n", format, arg)
	}
	compareWithC(t, "lua5.2", program.String())
}

func TestPackAgainstCLua(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var program strings.Builder
	program.WriteString("local function show(f, ...) local t = table.pack(pcall(string.pack, f, ...)) local s = t[2] if t[1] then print((s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)), string.unpack(f, s)) else print((s:gsub('got nil', 'got no value'))) end end\n")
	for range 2000 {
		var format strings.Builder
		var args []string
		for range 1 + r.IntN(4) {
			format.WriteString(pick(r, "", "", "<", ">", "=", "!", "!4", "!2", " "))
			switch option := pick(r, "b", "B", "h", "H", "i", "I", "i3", "I5", "i7", "i8", "i16", "I12", "d", "n", "f", "z", "s1", "s2", "c4", "x", "Xi4", "Xd", "j", "T", "i0", "c"); option {
			case "z", "s1", "s2", "c4", "c":
				format.WriteString(option)
				args = append(args, pick(r, "''", "'abc'", "'longer'", "12"))
			case "x", "Xi4", "Xd":
				format.WriteString(option)
			case "d", "n", "f":
				format.WriteString(option)
				args = append(args, pick(r, "0.5", "-1.25", "1.5e-3", "-0.1"))
			default:
				format.WriteString(option)
				args = append(args, pick(r, "0", "1", "100", "127", "128", "255", "-1", "-128", "1000", "65535", "-40000", "123456789", "1.5", "'7'"))
			}
		}
		fmt.Fprintf(&program, "show(%q%s)\n", format.String(), strings.Join(append([]string{""}, args...), ", "))
	}
	compareWithC(t, "lua5.4", program.String())
}

// Budgets end what library functions do for long, and no pcall stops that.
func TestLibrariesObeyBudgets(t *testing.T) {
	for name, program := range map[string]string{
		"rep":             `for i = 1, 1e9 do local s = ("x"):rep(1e6) end`,
		"upper":           `local s = ("x"):rep(1e6) while true do s:upper() end`,
		"find":            `local s = ("a"):rep(1e5) .. "b" while true do s:find(".-.-.-.-c") end`,
		"find plain":      `local s = ("a"):rep(1e6) while true do s:find("b", 1, true) end`,
		"gsub":            `local s = ("a"):rep(1e6) while true do s:gsub("a", "b") end`,
		"gsub callback":   `("a"):rep(1e6):gsub("a", function() while true do end end)`,
		"gmatch":          `while true do for _ in ("a b "):rep(1000):gmatch("%a") do end end`,
		"format":          `local s = ("x"):rep(1e6) while true do ("%s%q"):format(s, s) end`,
		"concat":          `local t = {} for i = 1, 1e4 do t[i] = "abc" end while true do table.concat(t) end`,
		"sort":            `local t = {} while true do for i = 1, 1e4 do t[i] = -i % 7 end table.sort(t) end`,
		"sort comparator": `local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function(a, b) while true do end end)`,
		"insert":          `local t = {} while true do table.insert(t, 1, 1) end`,
		"move":            `table.move({}, 1, 2^50, 2)`,
		"maxn":            `local t = {} for i = 1, 1e4 do t[i] = i end while true do table.maxn(t) end`,
		"utf8":            `local s = ("x"):rep(1e6) while true do utf8.len(s) end`,
		"pack":            `local s = ("x"):rep(1e6) while true do string.pack("s4", s) end`,
	} {
		t.Run(name, func(t *testing.T) {
			s := vm.NewState(vm.Options{})
			New(Options{}).Open(s)
			s.SetBudget(2e5, time.Time{})
			f, err := s.Load("while true do pcall(function() "+program+" end) end", "=budget", "t", s.Globals().Value())
			if err != nil {
				t.Fatal(err)
			}
			thread := s.NewThread(f)
			if _, outcome := thread.Resume(); outcome != vm.Failed || !thread.Failure().Fatal() {
				t.Fatalf("it was not stopped: %v", thread.Failure())
			}
		})
	}
}

// A memory limit stops what would grow without bounds.
func TestLibrariesObeyMemoryLimits(t *testing.T) {
	for name, program := range map[string]string{
		"rep":         `local s = ("x"):rep(1e8)`,
		"rep sep":     `local s = ("x"):rep(1e7, ("y"):rep(100))`,
		"gsub":        `local s = ("x"):rep(1e6):gsub("x", ("y"):rep(1000))`,
		"gsub %0":     `local s = ("x"):rep(1e6):gsub(".*", ("%0"):rep(1000))`,
		"gsub table":  `local s = ("x"):rep(1e6):gsub("x", {x = ("y"):rep(1000)})`,
		"format":      `local s = ("x"):rep(1e7) s = ("%s%s%s%s%s%s%s%s"):format(s, s, s, s, s, s, s, s)`,
		"concat":      `local t, s = {}, ("x"):rep(1e6) for i = 1, 100 do t[i] = s end local r = table.concat(t)`,
		"pack":        `local s = string.pack("c1000000000", "")`,
		"upper":       `local s = ("x"):rep(2e7):upper():lower():upper()`,
		"table pack":  `local t = {} for i = 1, 1e6 do t[i] = table.pack(i, i, i, i, i, i, i, i) end`,
		"many gmatch": `local t = {} for i = 1, 1e7 do t[i] = ("x"):gmatch("x") end`,
	} {
		t.Run(name, func(t *testing.T) {
			s := vm.NewState(vm.Options{})
			New(Options{}).Open(s)
			s.SetMemoryLimit(16 << 20)
			f, err := s.Load(program, "=memory", "t", s.Globals().Value())
			if err != nil {
				t.Fatal(err)
			}
			thread := s.NewThread(f)
			if _, outcome := thread.Resume(); outcome != vm.Failed || !strings.Contains(thread.Failure().Error(), "not enough memory") {
				t.Fatalf("it went on: %v", thread.Failure())
			}
		})
	}
}

// States that run at once share the library, and with it the matchers.
func TestStatesRunAtOnce(t *testing.T) {
	l := New(Options{})
	const program = `
		for i = 1, 200 do
			local s = ("%s=%d;"):format(name, i):rep(5)
			local n = 0
			for k, v in s:gmatch("(%w+)=(%d+)") do
				assert(k == name and v + 0 == i)
				n = n + select(2, k:gsub("%w", function(c) return (c:gsub(".", "%0%0")) end))
			end
			assert(n == 5 * #name, n)
			assert(s:find(name .. "=", 1, true) == 1 and s:match("^(%w+)") == name)
		end`
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s := vm.NewState(vm.Options{})
			l.Open(s)
			s.Globals().SetString("name", vm.String(fmt.Sprintf("state%d", i)))
			f, err := s.Load(program, "=program", "t", s.Globals().Value())
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Main().Call(f); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
