package module_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/hosttest"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// run calls f with a host that has m, which scripts find in the global m.
func run(t *testing.T, m *module.Module, f func(h *hosttest.Host)) {
	t.Helper()
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Eval(`m = require "m"`)
		f(h)
	}, host.WithModule(m.Module()))
}

type color uint8

type options struct {
	Name     string `lua:"name,required"`
	MaxSize  int    `doc:"in bytes"`
	UserID   *int
	Tags     []string
	Limits   map[string]float64
	Timeout  time.Duration
	Nested   struct{ Deep bool }
	Internal int `lua:"-"`
}

func TestArgumentsAndResults(t *testing.T) {
	m := module.New("m", "").
		Func("int(n)", func(n int) int { return n + 1 }).
		Func("add(a, b)", func(a, b int) int { return a + b }).
		Func("float(x)", func(x float64) float64 { return x / 2 }).
		Func("text(s)", func(s string) string { return s + "!" }).
		Func("bool(b)", func(b bool) bool { return !b }).
		Func("bytes(b)", func(b []byte) []byte { b[0] = 'X'; return b }).
		Func("small(n)", func(n int8) int8 { return n }).
		Func("unsigned(n)", func(n uint16) uint16 { return n }).
		Func("big(n)", func(n uint64) uint64 { return n }).
		Func("color(c)", func(c color) color { return c + 1 }).
		Func("single(x)", func(x float32) float32 { return x }).
		Func("duration(d)", func(d time.Duration) string { return d.String() }).
		Func("half(d)", func(d time.Duration) time.Duration { return d / 2 }).
		Func("year(t)", func(t time.Time) int { return t.UTC().Year() }).
		Func("later(t)", func(t time.Time) time.Time { return t.Add(time.Second / 4) }).
		Func("list(l)", func(l []string) int { return len(l) }).
		Func("reverse(l)", func(l []int) []int {
			for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
				l[i], l[j] = l[j], l[i]
			}
			return l
		}).
		Func("pair(p)", func(p [2]int) [2]int { return [2]int{p[1], p[0]} }).
		Func("map(m)", func(m map[string]int) map[string]int { m["sum"] = m["a"] + m["b"]; return m }).
		Func("any(x)", func(x any) any { return x }).
		Func("kind(x)", func(x any) string { return fmt.Sprintf("%T", x) }).
		Func("options(o)", func(o options) options { o.MaxSize++; return o }).
		Func("maybe(n)", func(n *int) string {
			if n == nil {
				return "none"
			}
			return fmt.Sprint(*n)
		}).
		Func("default(a, b?)", func(a, b string) string { return a + "-" + b }).
		Func("sum(...)", func(n ...float64) (sum float64) {
			for _, x := range n {
				sum += x
			}
			return sum
		}).
		Func("join(sep, ...)", func(sep string, parts ...any) string {
			var texts []string
			for _, x := range parts {
				texts = append(texts, fmt.Sprint(x))
			}
			return strings.Join(texts, sep)
		}).
		Func("three()", func() (int, string, bool) { return 1, "two", true }).
		Func("nothing()", func() {}).
		Func("many(n)", func(n int) module.Results {
			var r module.Results
			for i := range n {
				r = append(r, i+1)
			}
			return r
		}).
		//lint:ignore ST1008 an error in the middle is a result like others
		Func("nils()", func() (*int, []string, map[string]int, any, error, *module.Callback) {
			return nil, nil, nil, nil, nil, nil
		}).
		Func("reader(r)", func(r io.Reader) int { return 0 }).
		Func("raw(x: any) -> x: any", func(c *vm.Call) error { return c.ReturnArgs(1) }).
		Func("value(v)", func(v vm.Value) vm.Value { return v }).
		Func("table(t)", func(t *vm.Table) int { return t.Len() })
	type result = []any
	for _, test := range []struct {
		call string
		want result // nil: an error
		err  string
	}{
		{`m.int(1)`, result{2}, ""},
		{`m.int("41")`, result{42}, ""},
		{`m.int(1.5)`, nil, "bad argument #1 to 'int' (number has no integer representation)"},
		{`m.int(0/0)`, nil, "bad argument #1 to 'int' (number has no integer representation)"},
		{`m.int(2^63)`, nil, "bad argument #1 to 'int' (number has no integer representation)"},
		{`m.int(-2^63)`, result{-9223372036854775807}, ""},
		{`m.int()`, nil, "chunk:1: bad argument #1 to 'int' (number expected, got no value)"},
		{`m.int({})`, nil, "bad argument #1 to 'int' (number expected, got table)"},
		{`m.add(1, nil)`, nil, "bad argument #2 to 'add' (number expected, got nil)"},
		{`m.float(3)`, result{1.5}, ""},
		{`m.text("a\0b")`, result{"a\x00b!"}, ""},
		{`m.text(1.5)`, result{"1.5!"}, ""},
		{`m.text(true)`, nil, "bad argument #1 to 'text' (string expected, got boolean)"},
		{`m.bool(false)`, result{true}, ""},
		{`m.bool(nil)`, nil, "bad argument #1 to 'bool' (boolean expected, got nil)"},
		{`m.bytes("abc")`, result{"Xbc"}, ""},
		{`m.small(127)`, result{127}, ""},
		{`m.small(128)`, nil, "bad argument #1 to 'small' (number is out of range)"},
		{`m.unsigned(-1)`, nil, "bad argument #1 to 'unsigned' (number is out of range)"},
		{`m.big(2^63)`, result{uint64(1 << 63)}, ""},
		{`m.big(2^64)`, nil, "out of range"},
		{`m.big(math.huge)`, nil, "number has no integer representation"},
		{`m.color(7)`, result{8}, ""},
		{`m.single(0.5)`, result{0.5}, ""},
		{`m.duration(1.5)`, result{"1.5s"}, ""},
		{`m.duration(1e300)`, nil, "out of range"},
		{`m.half(3)`, result{1.5}, ""},
		{`m.year(0)`, result{1970}, ""},
		{`m.later(1000.25)`, result{1000.5}, ""},
		{`m.later(0/0)`, nil, "out of range"},
		{`m.list{"a", "b"}`, result{2}, ""},
		{`m.list{"a", {}}`, nil, "bad argument #1 to 'list' (element 2: string expected, got table)"},
		{`m.list("a")`, nil, "bad argument #1 to 'list' (table expected, got string)"},
		{`m.reverse{1, 2, 3}`, result{[]any{3.0, 2.0, 1.0}}, ""},
		{`m.pair{1, 2}`, result{[]any{2.0, 1.0}}, ""},
		{`m.pair{1}`, nil, "bad argument #1 to 'pair' (2 elements expected, got 1)"},
		{`m.map{a = 1, b = 2}`, result{map[string]any{"a": 1.0, "b": 2.0, "sum": 3.0}}, ""},
		{`m.map{a = {}}`, nil, "bad argument #1 to 'map' (field 'a': number expected, got table)"},
		{`m.map{[{}] = 1}`, nil, "bad argument #1 to 'map' (key table"},
		{`m.any(nil)`, result{nil}, ""},
		{`m.any()`, nil, "bad argument #1 to 'any' (value expected)"},
		{`m.any{1, {x = "y"}}`, result{[]any{1.0, map[string]any{"x": "y"}}}, ""},
		{`m.any{1, x = 2}`, result{map[any]any{1.0: 1.0, "x": 2.0}}, ""},
		{`m.kind(print)`, result{"*module.Callback"}, ""},
		{`m.kind{}`, result{"map[string]interface {}"}, ""},
		{`(function() local t = {} t.t = t return m.any(t) end)()`, nil, "table nests too deep"},
		{`m.any(print) == print`, result{true}, ""},
		{`m.options{name = "x", max_size = 1, user_id = 5, tags = {"a"}, limits = {b = 2}, timeout = 2, nested = {deep = true}}`,
			result{map[string]any{"name": "x", "max_size": 2.0, "user_id": 5.0, "tags": []any{"a"}, "limits": map[string]any{"b": 2.0},
				"timeout": 2.0, "nested": map[string]any{"deep": true}}}, ""},
		{`m.options{}`, nil, "bad argument #1 to 'options' (field 'name' is missing)"},
		{`m.options{name = "x", mxsize = 1}`, nil, "bad argument #1 to 'options' (unknown field 'mxsize')"},
		{`m.options{name = "x", internal = 1}`, nil, "unknown field 'internal'"},
		{`m.options{"x"}`, nil, "unknown field 1"},
		{`m.options{name = "x", tags = {1, false}}`, nil, "(field 'tags': element 2: string expected, got boolean)"},
		{`m.maybe()`, result{"none"}, ""},
		{`m.maybe(nil)`, result{"none"}, ""},
		{`m.maybe(3)`, result{"3"}, ""},
		{`m.maybe{}`, nil, "bad argument #1 to 'maybe' (number expected, got table)"},
		{`m.default("a")`, result{"a-"}, ""},
		{`m.default("a", "b")`, result{"a-b"}, ""},
		{`m.sum()`, result{0}, ""},
		{`m.sum(1, 2, 3)`, result{6}, ""},
		{`m.sum(1, "x")`, nil, "bad argument #2 to 'sum' (number expected, got string)"},
		{`m.join("-", 1, "a", nil)`, result{"1-a-<nil>"}, ""},
		{`m.three()`, result{1, "two", true}, ""},
		{`m.nothing()`, result{}, ""},
		{`m.many(3)`, result{1, 2, 3}, ""},
		{`m.many(0)`, result{}, ""},
		{`m.nils()`, result{nil, map[string]any{}, map[string]any{}, nil, nil, nil}, ""},
		{`m.reader(1)`, nil, "bad argument #1 to 'reader' (Reader expected, got number)"},
		{`m.raw(1, 2)`, result{1, 2}, ""},
		{`m.value("x")`, result{"x"}, ""},
		{`m.table{1, 2}`, result{2}, ""},
	} {
		t.Run(test.call, func(t *testing.T) {
			run(t, m, func(h *hosttest.Host) {
				if test.want == nil {
					h.ExpectError("return "+test.call, test.err)
				} else {
					h.Expect("return "+test.call, test.want...)
				}
			})
		})
	}
}

// Every combination of the fast path must behave as reflection does.
func TestFastFunctions(t *testing.T) {
	failed := errors.New("failed")
	m := module.New("m", "").
		Func("i0()", func() int { return 1 }).
		Func("f0()", func() (float64, error) { return 0, failed }).
		Func("s1(a)", func(a bool) string { return fmt.Sprint(a) }).
		Func("e1(a?)", func(a string) error {
			if a == "" {
				return failed
			}
			return nil
		}).
		Func("b2(a, b)", func(a string, b float64) bool { return float64(len(a)) > b }).
		Func("n2(a, b?)", func(a float64, b int) {}).
		Func("i2(a, b)", func(a string, b bool) (int, error) {
			if b {
				return 0, module.ArgError(2, "%s", "no")
			}
			return len(a), nil
		}).
		Func("s2(a, b)", func(a int, b string) (string, error) { return strings.Repeat(b, a), nil }).
		Func("service(s?)", func(s *host.Service, text string) string { return s.Name() + text }).
		Func("service2(a, b)", func(s *host.Service, a, b int) (int, error) {
			return a*b + s.Host().Clock().Now().Day() - s.Host().Clock().Now().Day(), nil
		})
	run(t, m, func(h *hosttest.Host) {
		h.Expect(`return m.i0()`, 1)
		h.ExpectError(`m.f0()`, "chunk:1: failed")
		h.Expect(`return m.s1(true)`, "true")
		h.ExpectError(`m.e1()`, "chunk:1: failed")
		h.Expect(`return m.e1("x")`)
		h.Expect(`return m.b2("abc", 2.5)`, true)
		h.Expect(`return m.n2(1)`)
		h.ExpectError(`m.n2(1, "x")`, "bad argument #2 to 'n2' (number expected, got string)")
		h.Expect(`return m.i2("abc", false)`, 3)
		h.ExpectError(`m.i2("abc", true)`, "bad argument #2 to 'i2' (no)")
		h.Expect(`return m.s2(2, "ab")`, "abab")
		h.Expect(`return m.service("!")`, "test!")
		h.Expect(`return m.service2(6, 7)`, 42)
	})
}

func TestErrors(t *testing.T) {
	cause := errors.New("disk is full")
	m := module.New("m", "").
		Func("fail()", func() error { return cause }).
		Func("wrapped()", func() (int, error) { return 0, fmt.Errorf("saving: %w", module.ArgError(1, "no %s", "file")) }).
		Func("soft(n)", module.ReturnErrors(func(n int) (int, error) {
			if n == 0 {
				return 0, cause
			}
			return n, nil
		})).
		Func("check(n)", module.ReturnErrors(func(n int) error {
			if n == 0 {
				return cause
			}
			if n < 0 {
				return module.ArgError(1, "negative")
			}
			return nil
		})).
		Func("panics()", func() { panic("oops") }).
		//lint:ignore SA5000 the panic is what is tested
		Func("nilmap()", func() { var m map[string]int; m["x"] = 1 }).
		Func("object() -> x: table", func(c *vm.Call) error { return vm.NewError(c.State().NewTable(0, 0).Value()) })
	run(t, m, func(h *hosttest.Host) {
		h.ExpectError(`m.fail()`, "chunk:1: disk is full")
		h.ExpectError(`m.wrapped()`, "chunk:1: bad argument #1 to 'wrapped' (no file)")
		h.Expect(`return m.soft(3)`, 3)
		h.Expect(`return m.soft(0)`, nil, "disk is full")
		h.Expect(`return m.check(1)`, true)
		h.Expect(`return m.check(0)`, nil, "disk is full")
		h.ExpectError(`m.check(-1)`, "bad argument #1 to 'check' (negative)")
		h.ExpectError(`m.panics()`, "oops")
		h.ExpectError(`m.nilmap()`, "assignment to entry in nil map")
		h.Expect(`local ok, e = pcall(m.object) return ok, type(e)`, false, "table")
	})
}

// A module that can't work is an error of host.New, which says where and what.
func TestBadModules(t *testing.T) {
	type secret struct{}
	for _, test := range []struct {
		name string
		make func(m *module.Module)
		want string
	}{
		{"no name", func(m *module.Module) { m.Func("f", func() {}) }, `module m: signature "f": want name(params) -> results`},
		{"count", func(m *module.Module) { m.Func("f(a, b)", func(a int) {}) }, "module m: m.f: the signature has 2 parameters, the function 1"},
		{"results", func(m *module.Module) { m.Func("f() -> a, b", func() int { return 0 }) }, "m.f: the signature has 2 results, the function 1"},
		{"channel", func(m *module.Module) { m.Func("f(c)", func(c chan int) {}) }, "m.f: parameter c: Lua has nothing like a chan int"},
		{"inner channel", func(m *module.Module) { m.Func("f(c)", func(c []struct{ C chan int }) {}) }, "parameter c: field c: Lua has nothing like a chan int"},
		{"no function", func(m *module.Module) { m.Func("f()", 3) }, "m.f: a int is no function"},
		{"nil", func(m *module.Module) { m.Func("f()", nil) }, "m.f: no function is given"},
		{"raw types", func(m *module.Module) { m.Func("f(a)", func(c *vm.Call) error { return nil }) }, "m.f: its signature has no type for a"},
		{"variadic", func(m *module.Module) { m.Func("f(a)", func(a ...int) {}) }, "m.f: parameter a: ... stands for the variadic parameter"},
		{"doc", func(m *module.Module) { m.Func("f(a)", func(a int) {}, "f", "b: what") }, `m.f: documentation "b: what" begins with no parameter's`},
		{"same name", func(m *module.Module) { m.Func("f()", func() {}).Func("f()", func() {}) }, "module m: two fields are named f"},
		{"constant", func(m *module.Module) { m.Const("c", []int{1}) }, "module m: constant c: a []int can't be shared"},
		{"soft", func(m *module.Module) { m.Func("f()", module.ReturnErrors(func() {})) }, "ReturnErrors is for functions whose last result is an error"},
		{"callback in background", func(m *module.Module) {
			m.Func("f(g)", func(ctx context.Context, g func()) {})
		}, "m.f: parameter g: a function with a context takes callbacks as *module.Callback"},
		{"method without self", func(m *module.Module) {
			module.Type[secret](m, "secret", "").Method("f()", func(int) {})
		}, "secret:f: its first argument is no *module_test.secret"},
		{"two types", func(m *module.Module) {
			module.Type[secret](m, "a", "")
			module.Type[secret](m, "b", "")
		}, "type b is declared twice"},
		{"method and property", func(m *module.Module) {
			module.Type[secret](m, "a", "").Method("x()", func(*secret) {}).Property("x", func(*secret) int { return 0 }, nil)
		}, "a has two fields named x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := module.New("m", "")
			test.make(m)
			h, err := host.New(host.WithModule(m.Module()), host.WithOutput(io.Discard))
			if err == nil {
				_ = h.Close(context.Background())
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
		})
	}
}

func TestDuplicateModules(t *testing.T) {
	a, b := module.New("a", ""), module.New("b", "")
	if _, err := host.New(host.WithModule(a.Module()), host.WithModule(b.Modules("a")...)); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("got %v", err)
	}
}

// One module under several names is one table in a service, and services have tables of their own.
func TestNames(t *testing.T) {
	m := module.New("m", "").Const("pi", 3).Const("name", "x").Const("yes", true).Func("f()", func() {})
	hosttest.Run(t, func(h *hosttest.Host) {
		h.Expect(`return require "m" == require "other", require "m".pi, require "m".name, require "m".yes`, true, 3, "x", true)
		h.Eval(`require "m".pi = 4`)
		h.StartScript(`assert(require "m".pi == 3) assert(type(require "m".f) == "function")`)
	}, host.WithModule(m.Modules("other")...))
}

type account struct {
	owner   string
	balance int
	closed  *[]string
}

func (a *account) Deposit(n int) error {
	if n <= 0 {
		return module.ArgError(1, "must be positive")
	}
	a.balance += n
	return nil
}

func (a *account) Owner() string { return a.owner }

func (a *account) close() { *a.closed = append(*a.closed, a.owner) }

func accounts(closed *[]string) *module.Module {
	m := module.New("m", "")
	shared := &account{owner: "shared", closed: closed}
	m.Func("open(owner)", func(owner string) *account { return &account{owner: owner, closed: closed} })
	m.Func("shared()", func() *account { return shared })
	m.Func("none()", func() *account { return nil })
	m.Func("list()", func() []*account { return []*account{shared, {owner: "b", closed: closed}} })
	m.Func("move(from, to, n)", func(from, to *account, n int) { from.balance -= n; to.balance += n })
	m.Func("owner(a?)", func(a *account) string {
		if a == nil {
			return "nobody"
		}
		return a.owner
	})
	m.Func("natural(x)", func(x any) string { return x.(*account).owner })
	module.Type[account](m, "account", "Money.").
		Method("deposit(n)", (*account).Deposit).
		Method("owner()", (*account).Owner).
		Method("audit()", func(a *account, ctx context.Context) (int, error) { return a.balance, ctx.Err() }).
		Property("balance", func(a *account) int { return a.balance }, nil).
		Property("name", (*account).Owner, func(a *account, name string) error {
			if name == "" {
				return module.ArgError(1, "empty")
			}
			a.owner = name
			return nil
		}).
		Meta("__add(a, b)", func(a, b *account) *account {
			return &account{owner: a.owner + "&" + b.owner, balance: a.balance + b.balance, closed: closed}
		}).
		Meta("__len(a)", func(a *account) int { return a.balance }).
		Meta("__lt(a, b)", func(a, b *account) bool { return a.balance < b.balance }).
		Meta("__call(a, x)", func(a *account, x string) string { return a.owner + " got " + x }).
		OnClose((*account).close)
	return m
}

func TestObjects(t *testing.T) {
	var closed []string
	run(t, accounts(&closed), func(h *hosttest.Host) {
		h.Eval(`a, b = m.open("ann"), m.open("bob")`)
		h.Eval(`a:deposit(10)`)
		h.Expect(`return a.balance, #a, a:owner(), a.name, b < a, a("mail")`, 10, 10, "ann", "ann", true, "ann got mail")
		h.Expect(`m.move(a, b, 3) return a.balance, b.balance`, 7, 3)
		h.Expect(`local c = a + b return c.name, c.balance`, "ann&bob", 10)
		h.Expect(`a.name = "eve" return m.natural(a)`, "eve")
		h.Expect(`return a == a, a == b, m.shared() == m.shared(), m.list()[1] == m.shared()`, true, false, true, true)
		h.Expect(`local t = {[m.shared()] = 1} return t[m.shared()]`, 1)
		h.Expect(`return m.none(), m.owner(), m.owner(b)`, nil, "nobody", "bob")
		h.Expect(`return a:audit()`, 7)
		h.Expect(`return getmetatable(a), type(a), tostring(a):match("^account: 0x%x+$") ~= nil`, "m.account", "userdata", true)
		h.ExpectError(`a:deposit(-1)`, "chunk:1: bad argument #1 to 'deposit' (must be positive)")
		h.ExpectError(`a:deposit({})`, "chunk:1: bad argument #1 to 'deposit' (number expected, got table)")
		h.ExpectError(`a.deposit(1)`, "bad argument #1 to 'deposit' (account expected, got number)")
		h.ExpectError(`m.move(a, io.stdout, 1)`, "bad argument #2 to 'move' (account expected, got userdata)")
		h.ExpectError(`m.owner(1)`, "bad argument #1 to 'owner' (account expected, got number)")
		h.ExpectError(`a.balance = 1`, "chunk:1: field 'balance' of account is read-only")
		h.ExpectError(`a.x = 1`, "chunk:1: account has no field 'x'")
		h.ExpectError(`a.name = ""`, "chunk:1: bad value for field 'name' (empty)")
		h.ExpectError(`a.name = {}`, "chunk:1: bad value for field 'name' (string expected, got table)")
		h.ExpectError(`return a + 1`, "bad argument #2 to '__add' (account expected, got number)")
		h.Expect(`return a.nothing`, nil)
	})
	if len(closed) != 5 {
		t.Errorf("closed %v", closed)
	}
}

// An object that a service has lost is closed when it is given another one.
func TestLostObjects(t *testing.T) {
	var closed []string
	h := hosttest.New(t, host.WithModule(accounts(&closed).Module()))
	h.Eval(`m = require "m" for i = 1, 10 do m.open("lost") end kept = m.open("kept")`)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		runtime.GC()
		time.Sleep(time.Millisecond)
		h.Eval(`m.open("new")`)
		lost := 0
		h.Do(func(*host.Service) {
			for _, name := range closed {
				if name == "kept" {
					t.Fatal("an object in use was closed")
				}
				if name == "lost" {
					lost++
				}
			}
		})
		if lost >= 9 {
			h.Expect(`return kept.name`, "kept")
			return
		}
	}
	t.Error("lost objects were not closed")
}

func TestSuspendingFunctions(t *testing.T) {
	ended := make(chan string, 10)
	m := module.New("m", "").
		Func("fetch(name, n) -> text", func(ctx context.Context, name string, n int) (string, error) {
			select {
			case <-time.After(time.Duration(n) * time.Second):
			case <-ctx.Done():
				ended <- name
				return "", ctx.Err()
			}
			if name == "" {
				return "", module.ArgError(1, "no name")
			}
			return name + " done", nil
		}).
		Func("soft()", module.ReturnErrors(func(context.Context) (string, error) { return "", io.EOF })).
		Func("panics()", func(context.Context) { panic("oops") }).
		Func("goexit()", func(context.Context) { runtime.Goexit() }).
		Func("sleep(d)", func(ctx context.Context, d time.Duration) { time.Sleep(d) })
	run(t, m, func(h *hosttest.Host) {
		h.Expect(`return m.fetch("a", 1)`, "a done")
		h.Expect(`return coroutine.wrap(function() return m.fetch("b", 1) end)()`, "b done")
		h.Expect(`return pcall(m.fetch, "c", 1)`, true, "c done")
		h.ExpectError(`m.fetch("", 0)`, "chunk:1: bad argument #1 to 'fetch' (no name)")
		h.ExpectError(`m.fetch("x", "y")`, "chunk:1: bad argument #2 to 'fetch' (number expected, got string)")
		h.Expect(`return m.soft()`, nil, "EOF")
		h.ExpectError(`m.panics()`, "oops")
		h.ExpectError(`m.goexit()`, "Goexit")
		h.ExpectError(`table.sort({1, 2}, function() m.sleep(1) end)`, "attempt to yield across a Go-call boundary")

		// Others go on meanwhile.
		slow := h.Go(`x = "before" x = m.fetch("slow", 3600)`)
		h.Expect(`return x`, "before")
		if slow.Done() {
			t.Error("slow did not wait")
		}
		h.Advance(time.Hour)
		h.Expect(`return x`, "slow done")

		// The context ends with the service.
		a := h.StartScript(`m = require "m" coroutine.wrap(function() end)()`)
		h.Service(a).Post(func(s *host.Service) {
			f, _ := s.State().Load(`m.fetch("ended", 3600)`, "=c", "t", s.State().Globals().Value())
			s.Go(f)
			s.Kill()
		})
		if got := <-ended; got != "ended" {
			t.Error(got)
		}
	})
}

type counter struct {
	n       int
	service *host.Service
	ended   *atomic.Int64
}

func TestInstance(t *testing.T) {
	var ended atomic.Int64 // two services end, perhaps at once
	m := module.New("m", "")
	module.Instance(m, func(s *host.Service) (*counter, error) {
		if s.Name() == "broken" {
			return nil, errors.New("no counter here")
		}
		c := &counter{service: s, ended: &ended}
		s.OnExit(func() { ended.Add(int64(c.n)) })
		return c, nil
	})
	m.Func("add(n)", func(c *counter, n int) int { c.n += n; return c.n })
	m.Func("both(n, text)", func(c *counter, s *host.Service, n int, text []string) bool { return c.service == s && n == len(text) })
	m.OnOpen(func(s *host.Service, t *vm.Table) error {
		t.SetString("name", vm.String(s.Name()))
		return nil
	}).Field("name", "string")
	run(t, m, func(h *hosttest.Host) {
		h.Expect(`return m.add(1), m.add(2), m.name`, 1, 3, "test")
		h.Expect(`return m.both(1, {"x"})`, true)
		h.StartScript(`assert(require("m").add(10) == 10)`)
		h.Expect(`return m.add(0)`, 3)
	})
	if n := ended.Load(); n != 13 {
		t.Errorf("ended is %d", n)
	}
}

func TestCallbacks(t *testing.T) {
	var kept *module.Callback
	m := module.New("m", "").
		Func("each(n, f)", func(n int, f func(int) error) error {
			for i := range n {
				if err := f(i + 1); err != nil {
					return fmt.Errorf("stopped: %w", err)
				}
			}
			return nil
		}).
		Func("map(l, f)", func(l []string, f func(string) string) []string {
			for i := range l {
				l[i] = f(l[i])
			}
			return l
		}).
		Func("reduce(l, f)", func(l []float64, f func(a, b float64) float64) (sum float64) {
			for _, x := range l {
				sum = f(sum, x)
			}
			return sum
		}).
		Func("general(f)", func(f func(map[string]int, ...any) ([]int, string, error)) ([]int, string, error) {
			return f(map[string]int{"a": 1}, "x", 2.5)
		}).
		Func("keep(f)", func(f *module.Callback) { kept = f }).
		Func("now(...)", func(args ...any) (module.Results, error) { return kept.Call(args...) }).
		Func("ask(x)", func(ctx context.Context, x string) (any, error) {
			r, err := kept.Ask(ctx, x)
			if err != nil {
				return nil, err
			}
			return r[0], nil
		}).
		Func("adder(n)", func(n int) func(int) int { return func(m int) int { return n + m } }).
		Func("words(s)", func(s string) func() *string {
			words := strings.Fields(s)
			return func() *string {
				if len(words) == 0 {
					return nil
				}
				w := words[0]
				words = words[1:]
				return &w
			}
		}).
		Func("same(f)", func(f *module.Callback) *module.Callback { return f })
	run(t, m, func(h *hosttest.Host) {
		h.Expect(`local s = 0 m.each(4, function(i) s = s + i end) return s`, 10)
		h.ExpectError(`m.each(4, function(i) error("at " .. i) end)`, "chunk:1: at 1")
		h.ExpectError(`m.each(4, 5)`, "bad argument #2 to 'each' (function expected, got number)")
		h.Expect(`return m.map({"a", "b"}, string.upper)`, []any{"A", "B"})
		h.ExpectError(`m.map({"a"}, function() return {} end)`, "bad result #1 of a callback (string expected, got table)")
		h.ExpectError(`m.map({"a"}, function() error("inside") end)`, "chunk:1: inside")
		h.Expect(`return pcall(m.map, {"a"}, function() error({}, 0) end) == false`, true)
		h.Expect(`return m.reduce({1, 2, 3}, function(a, b) return a + b end)`, 6)
		h.Expect(`return m.general(function(t, ...) return {t.a, select("#", ...), (select(2, ...)) * 2}, "ok" end)`, []any{1.0, 2.0, 5.0}, "ok")
		h.ExpectError(`m.general(function() return {} end)`, "bad result #2 of a callback (string expected, got nil)")
		h.ExpectError(`m.general(error)`, "")

		h.Eval(`m.keep(function(...) return select("#", ...), ... end)`)
		h.Expect(`return m.now(1, "x", nil)`, 3, 1, "x", nil)
		h.Eval(`m.keep(function() coroutine.yield() end)`)
		h.ExpectError(`m.now()`, "attempt to yield")
		h.Eval(`m.keep(function(x) if x == "bad" then error("bad!") end m.ask2 = x return x .. "?" end)`)
		h.Expect(`return m.ask("a")`, "a?")
		h.ExpectError(`m.ask("bad")`, "chunk:1: bad!")
		if !kept.Post("posted") {
			t.Error("not posted")
		}
		h.Advance(0)
		h.Expect(`return m.ask2`, "posted")
		kept.Post("bad")
		h.Advance(0)
		if !strings.Contains(h.Output(), "chunk:1: bad!") {
			t.Errorf("the log has no error: %s", h.Output())
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		h.Expect(`return m.adder(3)(4)`, 7)
		h.ExpectError(`m.adder(3)("x")`, "bad argument #1 to")
		h.Expect(`local n = 0 for w in m.words("a b c") do n = n + 1 end return n`, 3)
		h.Expect(`return m.same(print) == print`, true)

		h.Service(kept.Service().Address()).Kill()
		h.Advance(0)
		if _, err := kept.Ask(ctx, 1); !errors.Is(err, module.ErrEnded) {
			t.Errorf("got %v", err)
		}
		if kept.Post() {
			t.Error("posted to a service that has ended")
		}
	})
}
