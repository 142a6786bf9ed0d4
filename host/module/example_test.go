package module_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// runScript runs source in a service that has the modules.
func runScript(source string, modules ...host.Module) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "example.lua")
	source = `require "skynet".start(function() ` + source + "\nend)"
	if err := os.WriteFile(script, []byte(source), 0o600); err != nil {
		log.Fatal(err)
	}
	h, err := host.New(host.WithModule(append(skynet.Modules(), modules...)...))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := h.Start(ctx, script); err != nil {
		log.Fatal(err)
	}
	if err := h.Close(ctx); err != nil {
		log.Fatal(err)
	}
}

func greet() host.Module {
	return module.New("greet", "Greets people.").
		Func("hello(name, times?) -> greeting", hello, "Returns a greeting.", "times: how often, once when absent").
		Const("version", "1.0").
		Module()
}

func hello(name string, times int) (string, error) {
	if name == "" {
		return "", module.ArgError(1, "nobody to greet")
	}
	return strings.Repeat("hello, ", max(times, 1)) + name, nil
}

// Go functions are exported as they are. Their errors name the argument, and the line of the script.
func Example() {
	runScript(`
		local greet = require "greet"
		print(greet.hello("Ann"))
		print(greet.hello("Bob", 2))
		print(pcall(greet.hello, 12, {}))
		print(select(2, pcall(function() greet.hello("") end)):match("example.lua.*"))`, greet())
	// Output:
	// hello, Ann
	// hello, hello, Bob
	// false	bad argument #2 to 'greet.hello' (number expected, got table)
	// example.lua:6: bad argument #1 to 'hello' (nobody to greet)
}

// Tables become structs, slices and maps, and these become tables.
func ExampleModule_Func() {
	type Options struct {
		Separator string
		MaxWords  int `lua:"max" doc:"0 for all"`
	}
	m := module.New("text", "Works with texts.").
		Func("words(text, options?) -> words", func(text string, o Options) []string {
			if o.Separator == "" {
				o.Separator = " "
			}
			words := strings.Split(text, o.Separator)
			if o.MaxWords > 0 && len(words) > o.MaxWords {
				words = words[:o.MaxWords]
			}
			return words
		}, "Splits a text.").
		Func("count(text) -> counts", func(text string) map[string]int {
			counts := map[string]int{}
			for _, word := range strings.Fields(text) {
				counts[word]++
			}
			return counts
		}, "Counts the words of a text.")
	runScript(`
		local text = require "text"
		print(table.concat(text.words("a b c"), "+"))
		print(table.concat(text.words("a,b,c", {separator = ",", max = 2}), "+"))
		print(text.count("to be or not to be").be)
		print(select(2, pcall(text.words, "a", {seperator = ","})))`, m.Module())
	// Output:
	// a+b+c
	// a+b
	// 2
	// bad argument #2 to 'text.words' (unknown field 'seperator')
}

// A function with a context waits without stopping the service: other messages are handled meanwhile.
func ExampleModule_Func_waiting() {
	m := module.New("slow", "Takes its time.").
		Func("double(n) -> n", func(ctx context.Context, n int) (int, error) {
			select {
			case <-time.After(time.Millisecond):
				return 2 * n, nil
			case <-ctx.Done(): // the service has ended
				return 0, ctx.Err()
			}
		}, "Returns twice n, a little later.")
	runScript(`print(require "slow".double(21))`, m.Module())
	// Output: 42
}

// Counter counts.
type Counter struct{ n int }

// Add adds n.
func (c *Counter) Add(n int) *Counter { c.n += n; return c }

// Value returns the count.
func (c *Counter) Value() int { return c.n }

// SetValue sets the count.
func (c *Counter) SetValue(n int) { c.n = n }

// Scripts hold pointers to Go values as objects, with methods, properties and metamethods.
func ExampleType() {
	m := module.New("counter", "Counters.").
		Func("new(start?) -> counter", func(start int) *Counter { return &Counter{start} }, "Makes a counter.")
	module.Type[Counter](m, "counter", "Counts.").
		Method("add(n) -> counter", (*Counter).Add, "Adds n.").
		Property("value", (*Counter).Value, (*Counter).SetValue, "the count").
		Meta("__add(a, b) -> sum", func(a, b *Counter) *Counter { return &Counter{a.n + b.n} }).
		OnClose(func(c *Counter) { fmt.Println("closed", c.n) })
	runScript(`
		local counter = require "counter"
		local c = counter.new(1)
		print(c:add(2):add(3).value)
		c.value = 10
		print(c.value)
		print(pcall(c.add, 5))`, m.Module())
	// Unordered output:
	// 6
	// 10
	// false	bad argument #1 to 'counter.add' (counter expected, got number)
	// closed 10
}

// notes is what the module of the next example keeps for a service.
type notes struct {
	service *host.Service
	list    []string
}

func (n *notes) add(text string) int {
	n.list = append(n.list, text)
	return len(n.list)
}

// A module may keep something for each service. Functions that have it as a parameter get it.
func ExampleInstance() {
	m := module.New("notes", "Notes of a service.")
	module.Instance(m, func(s *host.Service) (*notes, error) {
		n := &notes{service: s}
		s.OnExit(func() { fmt.Println(s.Name(), "had", len(n.list), "notes") })
		return n, nil
	})
	m.Func("add(text) -> n", (*notes).add, "Adds a note, and returns how many there are.")
	runScript(`
		local notes = require "notes"
		notes.add("one")
		print(notes.add("two"))`, m.Module())
	// Unordered output:
	// 2
	// example had 2 notes
}

// A parameter of a Go function type is called at once. A Callback can be kept, and called from any goroutine.
func ExampleCallback() {
	var asked sync.WaitGroup
	m := module.New("calls", "Calls back.").
		Func("each(list, f)", func(list []string, f func(string) error) error {
			for _, x := range list {
				if err := f(x); err != nil {
					return err
				}
			}
			return nil
		}, "Calls f for each element.").
		Func("later(f)", func(f *module.Callback) {
			asked.Go(func() {
				answers, err := f.Ask(context.Background(), "question")
				fmt.Println(answers, err)
			})
		}, "Calls f from another goroutine.").
		Func("wait()", func(context.Context) { asked.Wait() }, "Waits for what later has begun.")
	runScript(`
		local calls = require "calls"
		calls.each({"a", "b"}, print)
		print(pcall(calls.each, {"a"}, function(x) error("no " .. x, 0) end))
		calls.later(function(x) return x .. "?", 42 end)
		calls.wait()`, m.Module())
	// Unordered output:
	// a
	// b
	// false	no a
	// [question? 42] <nil>
}

// A function that gets the call as the engine sees it costs least. Its signature tells the types.
func ExampleUnpack() {
	m := module.New("raw", "").
		Func("sum(first: number, ...: number) -> sum: number", func(c *vm.Call) error {
			sum := 0.0
			for i := range c.NArgs() {
				sum += c.CheckNumber(i + 1)
			}
			return c.Return(vm.Number(sum))
		}).
		Func("repeated(text: string, n?: integer) -> text: string", func(c *vm.Call) error {
			var text string
			n := 2
			if err := module.Unpack(c, &text, module.Optional(&n)); err != nil {
				return err
			}
			return module.Push(c, strings.Repeat(text, n))
		})
	runScript(`
		local raw = require "raw"
		print(raw.sum(1, 2, 3.5))
		print(raw.repeated("ab"), raw.repeated("ab", 3))`, m.Module())
	// Output:
	// 6.5
	// abab	ababab
}

// Some functions had better return nil and a message than raise an error, as io.open does.
func ExampleReturnErrors() {
	read := func(name string) (string, error) {
		if name != "motd" {
			return "", errors.New(name + ": no such file")
		}
		return "welcome", nil
	}
	m := module.New("files", "").
		Func("read(name) -> text, err", module.ReturnErrors(read))
	runScript(`
		local files = require "files"
		print(files.read("motd"))
		print(files.read("nowhere"))`, m.Module())
	// Output:
	// welcome
	// nil	nowhere: no such file
}

// What modules declare becomes files for editors, and pages for people.
func ExampleDeclarations() {
	declared := module.Declarations(greet())
	fmt.Println(declared["greet"].Functions[0].Usage())
	stub := declared["greet"].Stub()
	_, function, _ := strings.Cut(stub, "---Returns")
	function, _, _ = strings.Cut(function, "\n\n")
	fmt.Println("---Returns" + function)
	pages := decl.Pages(declared)
	_, _ = io.WriteString(io.Discard, pages["greet.md"])
	// Output:
	// hello(name [, times]) -> greeting
	// ---Returns a greeting.
	// ---@param name string
	// ---@param times? integer how often, once when absent
	// ---@return string greeting
	// function greet.hello(name, times) end
}
