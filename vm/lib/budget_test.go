package lib

import (
	"strings"
	"testing"
	"time"

	"github.com/luahost/luahost/vm"
)

// What one instruction or call does with much data counts as work, so that a deadline is not missed by the time of
// thousands of them. A program that fails here runs for minutes.
func TestWorkCounts(t *testing.T) {
	t.Parallel()
	for name, program := range map[string]string{
		"string ==":        `local a, b = ("x"):rep(2e7), ("x"):rep(2e7) while a == b do end`,
		"string <":         `local a, b = ("x"):rep(2e7), ("x"):rep(2e7) while not (a < b) do end`,
		"table key":        `local t, a = {}, ("x"):rep(2e7) while true do t[a] = 1 end`,
		"tonumber":         `local a = ("1"):rep(2e7) while true do tonumber(a) end`,
		"coercion":         `local a = ("1"):rep(2e7) while true do local x = a + 1 end`,
		"concatenation":    `local s = ("x"):rep(2e7) while true do local t = s .. "y" end`,
		"collectgarbage":   `local t = {} for i = 1, 1e5 do t[i] = {} end while true do collectgarbage() end`,
		"weak mode":        `local t = {} for i = 1, 1e5 do t[i] = i end local m, n = {__mode = "k"}, {} while true do setmetatable(t, m) setmetatable(t, n) end`,
		"unpack":           `local t = {} for i = 1, 2e5 do t[i] = i end while true do local n = select("#", table.unpack(t)) end`,
		"byte":             `local s = ("x"):rep(2e5) while true do local n = select("#", s:byte(1, -1)) end`,
		"variable args":    `local t = {} for i = 1, 2e5 do t[i] = i end local function f(...) while true do math.max(...) end end f(table.unpack(t))`,
		"resume":           `local t = {} for i = 1, 2e5 do t[i] = 65 end local function f(...) local co = coroutine.wrap(function(...) while true do coroutine.yield(...) end end) while true do co(...) end end f(table.unpack(t))`,
		"results":          `local t = {} for i = 1, 2e5 do t[i] = i end local function f(n) if n == 0 then return table.unpack(t) end return n, f(n - 1) end while true do f(5e4) end`,
		"load":             `local s, i = ("x=1 "):rep(1e4), 0 while true do i = i + 1 load(s .. i) end`,
		"dump":             `local f = load(("x=1 "):rep(1e5)) while true do string.dump(f) end`,
		"package.path":     `package.path = ("?;"):rep(1e4) while true do pcall(require, "nope") end`,
		"traceback":        `local function f(n) if n == 0 then while true do debug.traceback("x") end end return 1 + f(n - 1) end f(1e5)`,
		"levels":           `local function f(n) if n == 0 then while true do debug.getinfo(99000) end end return 1 + f(n - 1) end f(1e5)`,
		"date":             `while true do os.date(("%c"):rep(1e5)) end`,
		"nested":           `local function f() coroutine.wrap(function() pcall(f) while true do end end)() end while true do pcall(f) end`,
		"handler":          `xpcall(function() while true do end end, function() while true do end end)`,
		"failing handler":  `while true do xpcall(error, function() while true do xpcall(error, function() while true do end end) end end) end`,
		"hook":             "debug.sethook(function() while true do pcall(error) end end, 'l')\nlocal x = 1",
		"metamethod":       `local t = setmetatable({}, {__index = function() while true do end end}) while true do pcall(function() return t.x end) end`,
		"comparison":       `local mt = {} mt.__lt = function() while true do end end while true do pcall(table.sort, {setmetatable({}, mt), setmetatable({}, mt)}) end`,
		"__tostring":       `while true do pcall(tostring, setmetatable({}, {__tostring = function() while true do end end})) end`,
		"reader":           `while true do pcall(load, function() while true do end end) end`,
		"endless chunk":    `while true do pcall(load, function() return " " end) end`,
		"loader":           `package.preload.x = function() while true do end end while true do pcall(require, "x") end`,
		"gc":               `setmetatable({}, {__gc = function() while true do end end}) while true do pcall(collectgarbage) end`,
		"gc at checkpoint": `local function make() setmetatable({}, {__gc = function() make() while true do end end}) end make() while true do pcall(function() local t = {} end) end`,
	} {
		s := vm.NewState(vm.Options{})
		New(Options{}).Open(s)
		s.SetMemoryLimit(1 << 30)
		f, err := s.Load(program, "=work", "t", s.Globals().Value())
		if err != nil {
			t.Fatal(name, err)
		}
		s.SetBudget(0, time.Now().Add(20*time.Millisecond))
		thread := s.NewThread(f)
		if _, outcome := thread.Resume(); outcome != vm.Failed || !thread.Failure().Fatal() {
			t.Errorf("%s: outcome %v, %v", name, outcome, thread.Failure())
		}
	}
}

// A chunk whose compilation needs more than there is is refused before it begins.
func TestLoadMemory(t *testing.T) {
	s := vm.NewState(vm.Options{})
	New(Options{}).Open(s)
	s.SetMemoryLimit(64 << 20)
	f, err := s.Load(`return load("return {" .. ("1,"):rep(5e6) .. "}"), load("return {" .. ("1,"):rep(1e3) .. "}")`,
		"=load", "t", s.Globals().Value())
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Main().Call(f)
	if err != nil || !results[0].IsNil() || !results[1].IsFunction() {
		t.Errorf("%v, %v", results, err)
	}
}

// A reader that never ends is refused when its pieces together are more than the cap, whatever they are alone.
func TestLoadMemoryOfPieces(t *testing.T) {
	s := vm.NewState(vm.Options{})
	New(Options{}).Open(s)
	s.SetMemoryLimit(8 << 20)
	f, err := s.Load(`local read, piece = 0, ("x"):rep(1e5)
		local f, message = load(function() read = read + 1 return read < 1000 and piece or nil end)
		return message, read`, "=load", "t", s.Globals().Value())
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Main().Call(f)
	if err != nil || len(results) != 2 {
		t.Fatalf("%v, %v", results, err)
	}
	if n, _ := results[1].AsNumber(); vm.Text(results[0]) != "not enough memory" || n > 100 {
		t.Errorf("%v after %v pieces", vm.Text(results[0]), n)
	}
}

// An interrupt that comes while a finalizer runs ends more than that finalizer.
func TestInterruptInFinalizer(t *testing.T) {
	s := vm.NewState(vm.Options{})
	New(Options{}).Open(s)
	s.Globals().SetString("interrupt", vm.Function("interrupt", func(c *vm.Call) error {
		c.State().Interrupt("stop")
		return nil
	}))
	f, err := s.Load(`setmetatable({}, {__gc = function() interrupt() while true do end end})
		pcall(collectgarbage)
		return "went on"`, "=gc", "t", s.Globals().Value())
	if err != nil {
		t.Fatal(err)
	}
	thread := s.NewThread(f)
	if results, outcome := thread.Resume(); outcome != vm.Failed || !thread.Failure().Fatal() {
		t.Errorf("outcome %v, results %v", outcome, results)
	}
}

// endless is text without an end.
type endless byte

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(e)
	}
	return len(b), nil
}

// What collects text of unknown length, or keeps code, is refused memory beyond the limit.
func TestMemoryLimitOfTexts(t *testing.T) {
	t.Parallel()
	for name, program := range map[string]string{
		"line":   `io.read "*l"`,
		"number": `io.read "*n"`,
		"all":    `io.read "*a"`,
		"chars":  `io.read(1e9)`,
		"lines":  `for l in io.lines() do end`,
		"pieces": `local _, e = load(function() return "x = 1 " end) error(e, 0)`,
		"chunks": `local t = {} for i = 1, 1e6 do t[i] = assert(load("return " .. i)) end`,
	} {
		s := vm.NewState(vm.Options{})
		New(Options{Stdin: endless('1')}).Open(s)
		f, err := s.Load(program, "=limit", "t", s.Globals().Value())
		if err != nil {
			t.Fatal(name, err)
		}
		s.SetMemoryLimit(1 << 20)
		s.SetBudget(0, time.Now().Add(time.Minute))
		_, err = s.Main().Call(f)
		if err == nil || !strings.HasSuffix(err.Error(), "not enough memory") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
